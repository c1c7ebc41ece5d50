"""Count the objects of three named colours among distractors."""

import random
from dataclasses import dataclass

from PIL import Image

from data_synth.canvas import SHAPES, Grid, Mark, draw_grid
from data_synth.style import COLORS, Style
from data_synth.tasks.base import (
    Pose,
    Product,
    Task,
    check,
    format_tuple,
    list_colors_zh,
    list_words,
    transcribe,
)

_Answer = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    side: int
    """Cells per row and column."""
    max_count: int
    """Most objects of one named colour."""


class CountColors(Task[Config]):
    name = "count_colors"
    summary = "count the objects of three named colours"
    domain = "counting"
    discipline = "perception"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = tuple(
        Config(side=side, max_count=max_count)
        for side, max_count in ((4, 3), (4, 4), (5, 5), (6, 7), (8, 12))
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        colors = rng.sample(sorted(COLORS), 3)
        form = format_tuple(colors)
        return Pose(
            questions={
                "en": [f"Count {list_words(colors)} objects. Answer as {form}."],
                "zh": [f"分别数出{list_colors_zh(colors)}物体的个数。按 {form} 的顺序回答。"],
            },
            answers=Product([range(config.max_count + 1)] * 3),
            params=(tuple(colors), config.side),
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Grid:
        colors, side = pose.params
        named = [color for color, count in zip(colors, answer, strict=True) for _ in range(count)]
        free = side * side - len(named)
        others = [color for color in sorted(COLORS) if color not in colors]
        named += [rng.choice(others) for _ in range(rng.randint(0, min(3, free)))]
        marks: list[Mark | None] = [Mark(rng.choice(SHAPES), color) for color in named]
        marks += [None] * (side * side - len(marks))
        rng.shuffle(marks)
        return [marks[row * side : (row + 1) * side] for row in range(side)]

    def draw(self, scene: Grid, *, size: int, style: Style) -> Image.Image:
        return draw_grid(scene, size=size, style=style)

    def solve(self, pose: Pose, scene: Grid) -> _Answer:
        colors, _ = pose.params
        present = [mark.color for cells in scene for mark in cells if mark is not None]
        return tuple(present.count(color) for color in colors)

    def reason(self, pose: Pose, scene: Grid) -> str:
        colors, _ = pose.params
        counts = self.solve(pose, scene)
        tally = " ".join(f"{color} {count}." for color, count in zip(colors, counts, strict=True))
        return f"plan: count. scan: {transcribe(scene, 'color')}. {tally} {check(counts)}"

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)
