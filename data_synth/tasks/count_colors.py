"""Count the objects of three named colours among distractors."""

import random

from PIL import Image

from data_synth.canvas import COLORS, SHAPES, Grid, Mark, draw_grid
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple, list_words, transcribe

_GRID = (4, 4, 5, 6, 8)
_MAX_COUNT = (3, 4, 5, 7, 12)
_Answer = tuple[int, ...]


class CountColors(Task):
    name = "count_colors"
    summary = "count the objects of three named colours"
    domain = "counting"
    discipline = "perception"
    answer_type = "tuple"
    verifier = "sequence"

    def pose(self, rng: random.Random, level: int) -> Pose:
        colors = rng.sample(sorted(COLORS), 3)
        question = f"Count {list_words(colors)} objects. Answer as {format_tuple(colors)}."
        answers = Product([range(_MAX_COUNT[level] + 1)] * 3)
        return Pose(question=question, answers=answers, params=(tuple(colors), _GRID[level]))

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

    def draw(self, scene: Grid, *, size: int) -> Image.Image:
        return draw_grid(scene, size=size)

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
