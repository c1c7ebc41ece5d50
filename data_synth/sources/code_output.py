"""What does this Python program print? Programs of our own, and sets such as CRUXEval.

The programs are drawn from a small grammar (loops, branches, functions, strings, lists, counting),
always end, and are run by Python itself: safe, because no line of them comes from elsewhere. They
print one tuple of several values, which cannot be guessed.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

from data_synth.problem import Modality, Problem
from data_synth.seeding import derive_rng
from data_synth.sources.base import Source
from data_synth.sources.files import SPLITS, entity_split, metadata_fields, refuse_path
from data_synth.sources.hub.rows import Location, Row, open_rows
from data_synth.verify import check_reference
from data_synth.verify.python_literal import NAME as LITERAL
from data_synth.verify.python_literal import judge

DEFAULT_SIZE = 10_000
NUM_LEVELS = 5
_NUM_STEPS = (2, 3, 4, 6, 8)
_MAX_OUTPUT_CHARS = 80
_WORDS = ("lantern", "orchard", "pebble", "violin", "harbour", "mosaic", "thunder", "saddle")
_BUILTINS = {each.__name__: each for each in (range, len, sorted, max, enumerate)}


class PythonOutput(Source):
    """Generated programs as text; `data_synth.render` draws them as pages of code.

    Example:
        next(PythonOutput(seed=1, level=2).open("train")).answer
    """

    name = "python-output"
    licence = "Apache-2.0"
    scoring = LITERAL
    splits = SPLITS

    def __init__(
        self, *, seed: int = 0, size: int = DEFAULT_SIZE, level: int | None = None
    ) -> None:
        """A stream of `size` programs; `level` fixes the difficulty, None takes all in turn."""
        super().__init__()
        if size < 1 or (level is not None and not 0 <= level < NUM_LEVELS):
            raise ValueError(
                f"size={size}, level={level} of {self.name}: choose size >= 1 and level None or "
                f"from 0 to {NUM_LEVELS - 1}"
            )
        self.seed, self.size, self.level = seed, size, level

    def _read(
        self, split: str, *, path: str | None, streaming: bool, revision: str | None
    ) -> Iterator[Problem]:
        refuse_path(self.name, path)
        return self._problems(split)

    def _problems(self, split: str) -> Iterator[Problem]:
        index = draw = 0
        while index < self.size:
            level = index % NUM_LEVELS if self.level is None else self.level
            program = write_program(derive_rng(self.name, self.seed, split, level, draw), level)
            draw += 1
            if entity_split(self.name, program) != split:
                continue
            output = run_program(program)
            if len(output) > _MAX_OUTPUT_CHARS:
                self.skipped["output too long"] += 1
                continue
            yield Problem(
                question=(
                    "What does this Python program print? Answer with the printed tuple.\n\n"
                    f"{program}"
                ),
                answer=output,
                answer_type="tuple",
                verifier=LITERAL,
                modality=Modality.TEXT,
                domain="code",
                discipline="program execution",
                difficulty=level,
                split=split,
                seed=self.seed,
                index=index,
                **metadata_fields(self),
            )
            index += 1


def write_program(rng: random.Random, level: int) -> str:
    """A program of some steps between the definitions and one `print`."""
    start = rng.randint(2, 19)
    items = [rng.randint(-9, 20) for _ in range(rng.randint(4, 6))]
    lines = _function(rng) if level else []
    lines += [f"total = {start}", f"word = {rng.choice(_WORDS)!r}", f"items = {items}"]
    steps = _STEPS if level else _STEPS[:-2]
    for _ in range(_NUM_STEPS[level]):
        lines += rng.choice(steps)(rng)
    return "\n".join([*lines, "print((total, word, items))"])


def run_program(program: str) -> str:
    """What a program of `write_program` prints, without the newline."""
    printed: list[str] = []

    def print_value(value: Any) -> None:
        printed.append(repr(value))

    # Our own grammar, with the few functions it uses and nothing else.
    exec(program, {"__builtins__": {**_BUILTINS, "print": print_value}})
    return "\n".join(printed)


def _function(rng: random.Random) -> list[str]:
    limit, factor, shift = rng.randint(3, 15), rng.randint(2, 4), rng.randint(1, 9)
    return [
        "def step(n, k):",
        f"    if n % {rng.randint(2, 4)} == k % 2:",
        f"        return n * {factor} - {shift}",
        f"    if n > {limit}:",
        f"        return n - k * {rng.randint(2, 5)}",
        f"    return n + {shift}",
        "",
    ]


def _loop(rng: random.Random) -> list[str]:
    first, stride = rng.randint(0, 4), rng.randint(1, 3)
    last = first + stride * rng.randint(3, 5)
    return [
        f"for i in range({first}, {last}, {stride}):",
        f"    if i % {rng.randint(2, 3)} == 0:",
        f"        total += i * {rng.randint(1, 4)}",
        "    else:",
        f"        total -= {rng.randint(1, 6)}",
    ]


def _change_word(rng: random.Random) -> list[str]:
    cut = rng.randint(1, 4)
    letter, other = rng.sample("abdeiorst", 2)
    choices = (
        "word = word[::-1]",
        f"word = word[{cut}:] + word[:{cut}]",
        f"word = word.replace({letter!r}, {other!r})",
        f"word = word[::2] + {other + letter!r}",
        "word = ''.join(sorted(word))",
        f"word = word.upper() if len(word) > {rng.randint(4, 9)} else word + {letter!r}",
    )
    return [rng.choice(choices)]


def _change_items(rng: random.Random) -> list[str]:
    at, number = rng.randint(0, 2), rng.randint(2, 9)
    choices = (
        [f"items[{at}] = items[-1] + {number}"],
        [f"items = [x - {number} for x in items]"],
        [f"items = items[{at + 1}:] + items[:{at + 1}]"],
        ["items.reverse()"],
        [f"items = sorted(items, key=lambda x: (x % {number}, x))"],
        [f"items = [x for x in items if x != {number}] + [total % {number + 3}]"],
    )
    return rng.choice(choices)


def _sum_items(rng: random.Random) -> list[str]:
    return [
        "for x in items:",
        f"    if x % {rng.randint(2, 4)} == {rng.randint(0, 1)}:",
        "        continue",
        f"    total += x // {rng.randint(1, 3)}",
    ]


def _halve(rng: random.Random) -> list[str]:
    limit = rng.randint(12, 40)
    return [f"while total > {limit}:", f"    total = total // 2 - {rng.randint(1, 5)}"]


def _count_letters(rng: random.Random) -> list[str]:
    return [
        "counts = {}",
        "for c in word:",
        "    counts[c] = counts.get(c, 0) + 1",
        f"total += max(counts.values()) * {rng.randint(2, 9)} + len(counts)",
    ]


def _nested(rng: random.Random) -> list[str]:
    return [
        "for i, x in enumerate(items):",
        "    for j in range(i):",
        f"        if (x + j) % {rng.randint(2, 4)} == 1:",
        f"            total += j - {rng.randint(0, 2)}",
        "            break",
    ]


def _call(rng: random.Random) -> list[str]:
    choices = (
        [f"total = step(total, {rng.randint(1, 6)})"],
        [f"items = [step(x, {rng.randint(1, 4)}) for x in items]"],
    )
    return rng.choice(choices)


def _call_in_loop(rng: random.Random) -> list[str]:
    return [f"for k in range({rng.randint(2, 4)}):", "    total = step(total, k) % 97"]


# The last two need the function `step`.
_STEPS: tuple[Callable[[random.Random], list[str]], ...] = (
    _loop,
    _change_word,
    _change_items,
    _sum_items,
    _halve,
    _count_letters,
    _nested,
    _call,
    _call_in_loop,
)


class CruxEval(Source):
    """CRUXEval-O: what a short function returns. `path` reads other sets with these columns.

    Columns: `code` (defines f), `input` (the arguments as written in the call), `output`.
    """

    name = "cruxeval"
    licence = "MIT"
    citation = "Gu et al., CRUXEval, 2024, https://arxiv.org/abs/2401.03065"
    eval_only = True
    scoring = LITERAL
    splits = ("test",)

    def _read(
        self, split: str, *, path: str | None, streaming: bool, revision: str | None
    ) -> Iterator[Problem]:
        location = Location(
            source=self.name,
            repository="cruxeval-org/cruxeval",
            split=split,
            revision=revision,
            path=path,
            streaming=streaming,
        )
        return self._problems(open_rows(location))

    def _problems(self, rows: Iterator[Row]) -> Iterator[Problem]:
        for row in rows:
            output = row.text("output")
            if not _is_verifiable(output):
                self.skipped["output that is no literal, or that no box can hold"] += 1
                continue
            yield Problem(
                question=(
                    f"What does f({row.text('input')}) return? Answer with a Python literal.\n\n"
                    f"{row.text('code')}"
                ),
                answer=output,
                answer_type="string",
                verifier=LITERAL,
                modality=Modality.TEXT,
                domain="code",
                discipline="program execution",
                split=row.split,
                index=row.index,
                eval_only=self.eval_only,
                **metadata_fields(self),
            )


def _is_verifiable(output: str) -> bool:
    try:
        check_reference("exact", output)  # it can be read back out of a box
        return judge((output,), output).correct
    except ValueError:
        return False
