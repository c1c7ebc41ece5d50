"""Splits by content: no image and no question stands on both sides of train and test.

What is kept apart are the contents that could be learnt by heart. For real and synthetic problems
these are the images, by their decoded pixels, so that a copy in another file format falls on the
same side. Their questions alone are not content: "How many red cells are there?" is asked of
thousands of images and says nothing about any of them. For text problems the content is the
question, and for rendered ones the text twin, since the same text in another font is the same
problem; both are compared without regard to case, spacing and Unicode form.

A hash of the seed and the content decides, so that a problem keeps its side when others are added,
and nothing needs to be remembered while a set streams by. A problem with several images whose
images fall on different sides belongs to none and is dropped and counted.
"""

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from data_synth.images import DEFAULT_LIMITS, ImageLimits, pixel_hash
from data_synth.problem import Modality, Problem
from data_synth.seeding import derive_seed

STRADDLING = "straddling"
"""Counts the problems dropped because their images fall on different sides."""


class Splitter:
    """Assigns problems to splits.

    Example:
        splitter = Splitter({"train": 0.9, "test": 0.1}, seed=3)
        problems = splitter.split(read_problems("data/all"))
    """

    def __init__(
        self,
        fractions: Mapping[str, float],
        *,
        seed: int = 0,
        limits: ImageLimits = DEFAULT_LIMITS,
    ) -> None:
        """Take the shares of contents, not of problems, for each split.

        Raises:
            ValueError: fractions that are not positive or do not sum to 1, or a split whose name
                cannot be that of a file.
        """
        _check(fractions)
        self.counts: Counter[str] = Counter()
        """Problems by split, and those dropped as `STRADDLING`."""
        self._fractions = dict(fractions)
        self._seed = seed
        self._limits = limits

    def split(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """Yield the problems with their new splits, in the same order.

        Raises:
            ValueError: an image that cannot be decoded; names the problem.
        """
        for problem in problems:
            name = self.split_of(problem)
            self.counts[name or STRADDLING] += 1
            if name is not None:
                yield replace(problem, split=name)

    def split_of(self, problem: Problem) -> str | None:
        """The split of a problem, None if its contents fall on different sides."""
        try:
            contents = content_keys(problem, limits=self._limits)
        except ValueError as error:
            raise ValueError(
                f"problem {problem.id} of source {problem.source!r}: {error} (`data_synth "
                "validate --clean` leaves such rows out)"
            ) from error
        names = {self._side(content) for content in contents}
        return names.pop() if len(names) == 1 else None

    def _side(self, content: str) -> str:
        point = derive_seed("content_split", self._seed, content) / 2**64
        for name, fraction in self._fractions.items():
            if point < fraction:
                return name
            point -= fraction
        return name  # rounding left nothing for the last one


def content_keys(problem: Problem, *, limits: ImageLimits = DEFAULT_LIMITS) -> tuple[str, ...]:
    """What must not stand on two sides; see the module's description.

    Raises:
        ImageError: an image that cannot be decoded.
    """
    if problem.modality is Modality.RENDERED and problem.text_twin:
        return (_text_key(problem.text_twin),)
    if problem.images and problem.modality is not Modality.TEXT:
        return tuple(f"image:{pixel_hash(image, limits=limits)}" for image in problem.images)
    return (_text_key(problem.question),)


def parse_fractions(text: str) -> dict[str, float]:
    """Read `train=0.9,validation=0.05,test=0.05`; raises ValueError naming the part."""
    fractions: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        try:
            fraction = float(value)
        except ValueError as error:  # typed by the user
            raise ValueError(f"fraction {part.strip()!r}: write NAME=FRACTION") from error
        if name in fractions:
            raise ValueError(f"split {name!r} has two fractions: give one")
        fractions[name] = fraction
    _check(fractions)
    return fractions


def _text_key(text: str) -> str:
    return "text:" + " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _check(fractions: Mapping[str, float]) -> None:
    for name, fraction in fractions.items():
        if not (name.isidentifier() and name.isascii()):
            raise ValueError(f"split {name!r}: name it by letters, digits and _")
        if not 0 < fraction <= 1:
            raise ValueError(f"fraction {fraction} of split {name!r}: choose one in (0, 1]")
    total = math.fsum(fractions.values())
    if not math.isclose(total, 1, abs_tol=1e-9):
        raise ValueError(f"the fractions sum to {total:g}: make them sum to 1")
