"""Find every cell that holds a named object among look-alikes."""

import random

from PIL import Image

from data_synth.canvas import COLORS, SHAPES, Grid, Mark, cell_name, draw_grid
from data_synth.tasks.base import Pose, Task, check, combinations

_SIDE = (4, 4, 5, 6, 8)
_NUM_TARGETS = (2, 3, 3, 3, 3)
_FILL = (0.5, 0.7, 0.7, 0.8, 0.8)
_Answer = tuple[tuple[int, int], ...]


class FindCells(Task):
    name = "find_cells"
    summary = "name the cells that hold a given object"
    domain = "spatial relation"
    discipline = "localisation"
    answer_type = "set"
    verifier = "set"

    def pose(self, rng: random.Random, level: int) -> Pose:
        target = Mark(rng.choice(SHAPES), rng.choice(sorted(COLORS)))
        side = _SIDE[level]
        cells = tuple((column, row) for row in range(side) for column in range(side))
        return Pose(
            question=f"Which cells hold a {target.color} {target.kind}? "
            "Columns are letters from the left, rows are numbers from the top. Answer as (a1,b2).",
            answers=combinations(cells, _NUM_TARGETS[level]),
            params=(target, side, _FILL[level]),
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Grid:
        target, side, fill = pose.params
        grid: list[list[Mark | None]] = [[None] * side for _ in range(side)]
        for row in range(side):
            for column in range(side):
                if (column, row) in answer:
                    grid[row][column] = target
                elif rng.random() < fill:
                    grid[row][column] = _look_alike(rng, target)
        return grid

    def draw(self, scene: Grid, *, size: int) -> Image.Image:
        return draw_grid(scene, size=size)

    def solve(self, pose: Pose, scene: Grid) -> _Answer:
        target, _, _ = pose.params
        return tuple(
            (column, row)
            for row, cells in enumerate(scene)
            for column, mark in enumerate(cells)
            if mark == target
        )

    def reason(self, pose: Pose, scene: Grid) -> str:
        target, side, _ = pose.params
        rows = []
        for row, cells in enumerate(scene):
            names = [cell_name(column, row) for column in range(side) if cells[column] == target]
            marks = " ".join("x" if mark == target else "-" for mark in cells)
            rows.append(f"{marks} : {' '.join(names) or '-'}.")
        found = [cell_name(*cell) for cell in self.solve(pose, scene)]
        return f"plan: find. scan: {' '.join(rows)} {check(found)}"

    def format(self, answer: _Answer) -> str:
        return "(" + ",".join(cell_name(*cell) for cell in answer) + ")"


def _look_alike(rng: random.Random, target: Mark) -> Mark:
    """An object that shares the target's shape, its colour or neither, never both."""
    kinds = [kind for kind in SHAPES if kind != target.kind]
    colors = [color for color in sorted(COLORS) if color != target.color]
    shared = rng.randrange(3)
    return Mark(
        target.kind if shared == 0 else rng.choice(kinds),
        target.color if shared == 1 else rng.choice(colors),
    )
