"""Find every cell that holds a named object among look-alikes."""

import random
from dataclasses import dataclass

from PIL import Image

from data_synth.canvas import SHAPES, SHAPES_ZH, Grid, Mark, cell_name, draw_grid
from data_synth.style import COLORS, COLORS_ZH, Style
from data_synth.tasks.base import Pose, Task, check, combinations

_Answer = tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    side: int
    """Cells per row and column."""
    num_targets: int
    fill: float
    """Share of the other cells that hold a look-alike."""


class FindCells(Task[Config]):
    name = "find_cells"
    summary = "name the cells that hold a given object"
    domain = "spatial relation"
    discipline = "localisation"
    answer_type = "set"
    verifier = "set"
    ladder = tuple(
        Config(side=side, num_targets=num_targets, fill=fill)
        for side, num_targets, fill in (
            (4, 2, 0.5),
            (4, 3, 0.7),
            (5, 3, 0.7),
            (6, 3, 0.8),
            (8, 3, 0.8),
        )
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        target = Mark(rng.choice(SHAPES), rng.choice(sorted(COLORS)))
        side = config.side
        cells = tuple((column, row) for row in range(side) for column in range(side))
        return Pose(
            questions={
                "en": [
                    f"Which cells hold a {target.color} {target.kind}? Columns are letters from "
                    "the left, rows are numbers from the top. Answer as (a1,b2)."
                ],
                "zh": [
                    f"哪些格子里有{COLORS_ZH[target.color]}色{SHAPES_ZH[target.kind]}？"
                    "列从左起用字母表示，行从上起用数字表示。按 (a1,b2) 的形式回答。"
                ],
            },
            answers=combinations(cells, config.num_targets),
            params=(target, side, config.fill),
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

    def draw(self, scene: Grid, *, size: int, style: Style) -> Image.Image:
        return draw_grid(scene, size=size, style=style)

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
