"""Letters at different heights: list them from left to right or from top to bottom."""

import random
from dataclasses import dataclass

from PIL import Image

from data_synth.canvas import Grid, Mark, draw_grid
from data_synth.style import Style
from data_synth.tasks.base import Arrangements, Pose, Task, check, format_tuple, transcribe

_LETTERS = "ABCDEFGH"
_Answer = tuple[str, ...]
_AXES_ZH = {"left to right": "从左到右", "top to bottom": "从上到下"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    side: int
    """Cells per row and column."""
    num_letters: int


class LetterOrder(Task[Config]):
    name = "letter_order"
    summary = "list scattered letters from left to right or from top to bottom"
    domain = "spatial relation"
    discipline = "ordering"
    answer_type = "sequence"
    verifier = "sequence"
    ladder = tuple(
        Config(side=side, num_letters=num_letters)
        for side, num_letters in ((4, 4), (5, 4), (6, 5), (7, 5), (8, 5))
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        axis = rng.choice(list(_AXES_ZH))
        return Pose(
            questions={
                "en": [f"List the letters from {axis}."],
                "zh": [f"{_AXES_ZH[axis]}依次写出图中的字母。"],
            },
            answers=Arrangements(_LETTERS, config.num_letters),
            params=(axis, config.side),
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Grid:
        axis, side = pose.params
        along = sorted(rng.sample(range(side), len(answer)))
        across = rng.sample(range(side), len(answer))
        grid: list[list[Mark | None]] = [[None] * side for _ in range(side)]
        for letter, position, other in zip(answer, along, across, strict=True):
            row, column = (other, position) if axis == "left to right" else (position, other)
            grid[row][column] = Mark(letter)
        return grid

    def draw(self, scene: Grid, *, size: int, style: Style) -> Image.Image:
        return draw_grid(scene, size=size, style=style)

    def solve(self, pose: Pose, scene: Grid) -> _Answer:
        axis, _ = pose.params
        lines = scene if axis == "top to bottom" else list(zip(*scene, strict=True))
        return tuple(mark.kind for line in lines for mark in line if mark is not None)

    def reason(self, pose: Pose, scene: Grid) -> str:
        found = self.solve(pose, scene)
        return f"plan: order. scan: {transcribe(scene, 'kind')}. {check(found)}"

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)
