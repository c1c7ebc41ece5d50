"""Benchmarks in their official form: every question, asked as published, scored by its own rule.

As training data a source leaves out what can be guessed (k1.5 section 2.1); a score is comparable
only if nothing is left out. So an official adapter asks choice questions with their choices, and
skips nothing but rows whose answers are not published. All problems are `eval_only`.

One thing differs from the authors' scripts everywhere: the answer must be in the box, and nothing
else in it. Scripts that look for the answer anywhere in a response pay several guesses at once, and
scripts that pick a choice at random where they find none add noise; `Benchmark.rule` says what else
differs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from data_synth.problem import Problem
from data_synth.sources.base import Source
from data_synth.sources.easy_vqa import EasyVqa
from data_synth.sources.hub.benchmarks.livecodebench import LiveCodeBench
from data_synth.sources.hub.benchmarks.text import Aime2024, Aime2025, Math500
from data_synth.sources.hub.benchmarks.vision import (
    OfficialChartQA,
    OfficialDocVQA,
    OfficialGeometry3K,
    OfficialScienceQA,
)
from data_synth.sources.hub.mathvision import MathVision
from data_synth.sources.hub.mathvista import MathVista
from data_synth.sources.hub.mmmu import MMMU


@dataclass(frozen=True, kw_only=True, slots=True)
class Benchmark:
    """A set in its official form.

    Example:
        list(BENCHMARKS["aime-2024"].open(path="copies/aime_2024"))
    """

    source: Source
    split: str
    """The split that results are reported on."""
    rule: str
    """The official scoring rule, and where ours is stricter or more lenient."""

    def open(self, *, split: str | None = None, path: str | None = None) -> Iterator[Problem]:
        """Stream the problems from the hub, or from a local copy.

        Args:
            split: another split than the reported one.
            path: a local file or folder in the published schema.

        Raises:
            ValueError: see `Source.open`.
        """
        return self.source.open(split or self.split, path=path)


_ALL = (
    Benchmark(
        source=MathVista(),
        split="testmini",
        rule="choice: its letter or text (official: any other text counts as the nearest choice); "
        "integer: equal (official: decimals are cut off first); float: equal after rounding to the "
        "precision of the item; list: equal elements",
    ),
    Benchmark(
        source=MathVision(),
        split="test",
        rule="choice: letter or text; open: equal text or equal value (official: equal to two "
        "decimals, also for roots and fractions)",
    ),
    Benchmark(
        source=MMMU(),
        split="validation",
        rule="choice: the letter or its text (official: a random choice where none is found); "
        "open: a number to two decimals, or the text (official: anywhere in the response)",
    ),
    Benchmark(
        source=Math500(),
        split="test",
        rule="equal mathematics (official: equal LaTeX after normalisation; unlike there, 1/4 is "
        "0.25 and 2/8, and a percent sign or a unit that the reference lacks is an error)",
    ),
    Benchmark(
        source=Aime2024(),
        split="train",
        rule="the integer from 0 to 999, leading zeros allowed",
    ),
    Benchmark(
        source=Aime2025(),
        split="train",
        rule="the integer from 0 to 999, leading zeros allowed",
    ),
    Benchmark(
        source=LiveCodeBench(),
        split="test",
        rule="a program that passes every public and private test in 6 s each; outputs equal token "
        "by token, numbers by value (official: also line by line), results of functions by value",
    ),
    Benchmark(
        source=OfficialChartQA(),
        split="test",
        rule="relaxed accuracy: within 5 % of a numeric label, else equal text; a label's "
        "separators of thousands may be left out",
    ),
    Benchmark(
        source=OfficialDocVQA(),
        split="validation",
        rule="ANLS of at least 0.5 (official: the mean of ANLS itself)",
    ),
    Benchmark(
        source=OfficialScienceQA(),
        split="test",
        rule="the letter of the choice or its text (official: a random choice where none is found)",
    ),
    Benchmark(
        source=OfficialGeometry3K(),
        split="test",
        rule="equal mathematics, asked without choices (official: the nearest of four choices, and "
        "a quarter of the unsolved counted as lucky guesses)",
    ),
    Benchmark(source=EasyVqa(), split="test", rule="equal text, letter case ignored"),
)

BENCHMARKS: Mapping[str, Benchmark] = MappingProxyType({item.source.name: item for item in _ALL})
"""Every benchmark with an official form, by the name of its source."""

__all__ = ["BENCHMARKS", "Benchmark"]
