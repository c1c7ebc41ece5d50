"""A pattern with left-right symmetry: name the colours of its hidden cells."""

import random
from dataclasses import dataclass

from PIL import Image

from data_synth.canvas import Grid, Mark, draw_grid
from data_synth.style import COLORS, Style
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple, list_colors_zh

_HIDDEN = Mark("?")
_Answer = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    side: int
    """Cells per row and column, an even number."""
    num_hidden: int
    num_colors: int


class MirrorFill(Task[Config]):
    name = "mirror_fill"
    summary = "complete a mirrored pattern: colours of the hidden cells"
    domain = "geometric pattern"
    discipline = "symmetry"
    answer_type = "sequence"
    verifier = "sequence"
    ladder = tuple(
        Config(side=side, num_hidden=num_hidden, num_colors=num_colors)
        for side, num_hidden, num_colors in (
            (4, 3, 4),
            (4, 4, 4),
            (6, 5, 5),
            (6, 7, 6),
            (8, 9, 6),
        )
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        colors = sorted(COLORS)[: config.num_colors]
        return Pose(
            questions={
                "en": [
                    "The left and right halves mirror each other. "
                    "Answer with the hidden colors in reading order."
                ],
                "zh": [
                    "图案左右对称。按阅读顺序写出被遮住的格子的颜色，用英文颜色词: "
                    f"{list_colors_zh(colors)}。"
                ],
            },
            answers=Product([colors] * config.num_hidden),
            params=(config.side, colors),
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Grid:
        side, colors = pose.params
        half = side // 2
        # At most one cell of a mirrored pair is hidden, so every hidden colour can be seen once.
        pairs = rng.sample(
            [(row, column) for row in range(side) for column in range(half)], len(answer)
        )
        hidden = sorted((row, rng.choice((column, side - 1 - column))) for row, column in pairs)
        pattern = [[rng.choice(colors) for _ in range(half)] for _ in range(side)]
        for (row, column), color in zip(hidden, answer, strict=True):
            pattern[row][min(column, side - 1 - column)] = color
        return [
            [
                _HIDDEN
                if (row, column) in hidden
                else Mark("square", pattern[row][min(column, side - 1 - column)])
                for column in range(side)
            ]
            for row in range(side)
        ]

    def draw(self, scene: Grid, *, size: int, style: Style) -> Image.Image:
        return draw_grid(scene, size=size, style=style)

    def solve(self, pose: Pose, scene: Grid) -> _Answer:
        found = []
        for cells in scene:
            for mark, twin in zip(cells, reversed(cells), strict=True):
                if mark == _HIDDEN:
                    assert twin is not None
                    found.append(twin.color)
        return tuple(found)

    def reason(self, pose: Pose, scene: Grid) -> str:
        rows = []
        for cells in scene:
            words = [mark.kind if mark == _HIDDEN else mark.color for mark in cells if mark]
            hidden = [
                twin for word, twin in zip(words, reversed(words), strict=True) if word == "?"
            ]
            rows.append(f"{' '.join(words)} : {' '.join(hidden) or '-'}.")
        return f"plan: mirror. scan: {' '.join(rows)} {check(self.solve(pose, scene))}"

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)
