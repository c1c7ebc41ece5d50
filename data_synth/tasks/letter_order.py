"""Letters at different heights: list them from left to right or from top to bottom."""

import random

from PIL import Image

from data_synth.canvas import Grid, Mark, draw_grid
from data_synth.tasks.base import Pose, Task, check, format_tuple, permutations, transcribe

_SIDE = (4, 5, 6, 7, 8)
_NUM_LETTERS = (4, 4, 5, 5, 5)
_LETTERS = "ABCDEFGH"
_Answer = tuple[str, ...]


class LetterOrder(Task):
    name = "letter_order"
    summary = "list scattered letters from left to right or from top to bottom"
    domain = "spatial relation"
    discipline = "ordering"
    answer_type = "sequence"
    verifier = "sequence"

    def pose(self, rng: random.Random, level: int) -> Pose:
        axis = rng.choice(("left to right", "top to bottom"))
        return Pose(
            question=f"List the letters from {axis}.",
            answers=permutations(_LETTERS, _NUM_LETTERS[level]),
            params=(axis, _SIDE[level]),
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

    def draw(self, scene: Grid, *, size: int) -> Image.Image:
        return draw_grid(scene, size=size)

    def solve(self, pose: Pose, scene: Grid) -> _Answer:
        axis, _ = pose.params
        lines = scene if axis == "top to bottom" else list(zip(*scene, strict=True))
        return tuple(mark.kind for line in lines for mark in line if mark is not None)

    def reason(self, pose: Pose, scene: Grid) -> str:
        found = self.solve(pose, scene)
        return f"plan: order. scan: {transcribe(scene, 'kind')}. {check(found)}"

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)
