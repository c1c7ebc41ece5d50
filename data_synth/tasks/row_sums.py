"""Add the digits of every row of a square of digits."""

import random
from dataclasses import dataclass

from PIL import Image

from data_synth.canvas import Grid, Mark, draw_grid
from data_synth.style import Style
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple, transcribe

_Answer = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    side: int
    """Digits per row, and rows."""
    max_digit: int


class RowSums(Task[Config]):
    name = "row_sums"
    summary = "add the digits of every row"
    domain = "arithmetic"
    discipline = "calculation"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = tuple(
        Config(side=side, max_digit=top) for side, top in ((4, 4), (4, 6), (4, 9), (5, 9), (6, 9))
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        side, top = config.side, config.max_digit
        return Pose(
            questions={
                "en": ["Add the digits of each row. Answer as (row 1,row 2,...)."],
                "zh": ["求每一行数字之和，按 (第1行,第2行,...) 回答。"],
            },
            answers=Product([range(side * top + 1)] * side),
            params=(side, top),
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Grid:
        side, top = pose.params
        return [
            [Mark(str(digit)) for digit in _split(rng, total, side=side, top=top)]
            for total in answer
        ]

    def draw(self, scene: Grid, *, size: int, style: Style) -> Image.Image:
        return draw_grid(scene, size=size, style=style)

    def solve(self, pose: Pose, scene: Grid) -> _Answer:
        return tuple(sum(int(mark.kind) for mark in cells if mark is not None) for cells in scene)

    def reason(self, pose: Pose, scene: Grid) -> str:
        sums = self.solve(pose, scene)
        rows = " ".join(
            f"{transcribe([cells], 'kind')} = {total}."
            for cells, total in zip(scene, sums, strict=True)
        )
        return f"plan: add. scan: {rows} {check(sums)}"

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)


def _split(rng: random.Random, total: int, *, side: int, top: int) -> list[int]:
    """Digits in [0, top] that add up to `total`, in random order."""
    digits = []
    for left in range(side - 1, -1, -1):
        low, high = max(0, total - left * top), min(top, total)
        digits.append(rng.randint(low, high))
        total -= digits[-1]
    rng.shuffle(digits)
    return digits
