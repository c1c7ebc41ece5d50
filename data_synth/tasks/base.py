"""What a task is: the answer is drawn first, then a scene is built for it.

`pose` fixes the question and lists every answer it can have; the framework draws one of them
uniformly. A task is therefore unguessable by construction: knowing the question text, the best
constant guess is right once in `len(answers)` (`data_synth.guess` tables the bound). `solve` reads
the answer back from the finished scene by another way than the one that built it.
"""

import itertools
import math
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Generic, TypeVar, overload

from PIL import Image

from data_synth.canvas import Grid
from data_synth.render import Page
from data_synth.style import COLORS_ZH, Style

NUM_LEVELS = 5
DEFAULT_IMAGE_SIZE = 448
LANGUAGES = ("en", "zh")
"""Languages every task asks its questions in; answers are written alike in all of them."""

ConfigT = TypeVar("ConfigT")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pose:
    """A question and everything it could be answered with.

    Example:
        Pose(questions={"en": ("Count the red and blue shapes ...",), "zh": (...,)},
             answers=[(0, 0), (0, 1)], params=...)
    """

    questions: Mapping[str, Sequence[str]]
    """Wordings of the one question, by language; all ask for the same."""
    answers: Sequence[Any]
    """Every possible answer given the question text; all are equally likely."""
    params: Any = None
    """What the question and the configuration fixed: sizes, names, colours."""


class Task(ABC, Generic[ConfigT]):
    """A family of problems with a difficulty ladder of `NUM_LEVELS` levels.

    Type parameter: the dataclass that holds the knobs of one level.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    """One line for `data_synth tasks` and the gallery."""
    domain: ClassVar[str]
    discipline: ClassVar[str]
    answer_type: ClassVar[str]
    verifier: ClassVar[str]
    ladder: tuple[ConfigT, ...]
    """The configuration of each level, easiest first."""

    @abstractmethod
    def pose(self, rng: random.Random, config: ConfigT) -> Pose:
        """Choose the question."""

    @abstractmethod
    def build(self, rng: random.Random, pose: Pose, answer: Any) -> Any:
        """Make a scene whose answer is `answer`, everything else random."""

    @abstractmethod
    def draw(self, scene: Any, *, size: int, style: Style) -> Image.Image | Page:
        """Draw the scene `size` pixels wide; a `Page` if it is text, whose lines are then known."""

    @abstractmethod
    def solve(self, pose: Pose, scene: Any) -> Any:
        """Read the answer off the scene alone, independently of `build`."""

    @abstractmethod
    def reason(self, pose: Pose, scene: Any) -> str:
        """A demonstration: plan, scan, check. Every statement in it holds for the scene."""

    def text_twin(self, pose: Pose, scene: Any) -> str | None:
        """For scenes that are rendered text: what the picture says, as text."""
        return None

    @abstractmethod
    def format(self, answer: Any) -> str:
        """The canonical text of an answer, as it belongs inside the box."""


class Product(Sequence[tuple[Any, ...]]):
    """All tuples with one item from each of several lists, without listing them.

    Example:
        Product([range(10)] * 6)[123456] == (1, 2, 3, 4, 5, 6)
    """

    def __init__(self, factors: Sequence[Sequence[Any]]) -> None:
        self.factors = factors

    def __len__(self) -> int:
        return math.prod(len(factor) for factor in self.factors)

    @overload
    def __getitem__(self, index: int) -> tuple[Any, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[tuple[Any, ...]]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        items = []
        for factor in reversed(self.factors):
            index, remainder = divmod(index, len(factor))
            items.append(factor[remainder])
        return tuple(reversed(items))


class Mapped(Sequence[Any]):
    """A sequence seen through a function, item by item.

    Example:
        Mapped(lambda pair: (*pair, "Z"), [("A", "B")])[0] == ("A", "B", "Z")
    """

    def __init__(self, function: Callable[[Any], Any], items: Sequence[Any]) -> None:
        self.function = function
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self.function(item) for item in self.items[index]]
        return self.function(self.items[index])


class Arrangements(Sequence[tuple[Any, ...]]):
    """All ordered choices of `count` different items, without listing them.

    Example:
        Arrangements("ABC", 2)[3] == ("B", "C")
    """

    def __init__(self, items: Sequence[Any], count: int) -> None:
        self._items = items
        self._taken = count

    def __len__(self) -> int:
        return math.perm(len(self._items), self._taken)

    @overload
    def __getitem__(self, index: int) -> tuple[Any, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[tuple[Any, ...]]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        left, chosen = list(self._items), []
        for place in range(self._taken - 1, -1, -1):
            rank, index = divmod(index, math.perm(len(left) - 1, place))
            chosen.append(left.pop(rank))
        return tuple(chosen)


@lru_cache(maxsize=64)
def combinations(items: Sequence[Any], count: int) -> list[tuple[Any, ...]]:
    """All unordered choices of `count` items, listed once per process."""
    return list(itertools.combinations(items, count))


def format_tuple(items: Sequence[Any]) -> str:
    """`(a,b,c)` without spaces."""
    return "(" + ",".join(str(item) for item in items) + ")"


def list_words(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def list_colors_zh(colors: Sequence[str]) -> str:
    """Colour names for a Chinese question, each with the English word that an answer wants."""
    return "、".join(f"{COLORS_ZH[color]}色 ({color})" for color in colors)


def transcribe(grid: Grid, attribute: str) -> str:
    """One word per cell in reading order: the mark's `kind` or `color`, `-` where it is empty."""
    marks = [mark for cells in grid for mark in cells]
    return " ".join("-" if mark is None else str(getattr(mark, attribute)) for mark in marks)


def check(items: Sequence[Any]) -> str:
    """The closing statement of a demonstration: the answer's parts once more, in order."""
    return f"check: {' '.join(str(item) for item in items)}."
