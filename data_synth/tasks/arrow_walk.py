"""Follow arrows from cell to cell until the star; every other cell holds an arrow as well."""

import random
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from PIL import Image

from data_synth.canvas import ARROWS, Grid, Mark, cell_name, draw_grid
from data_synth.style import Style
from data_synth.tasks.base import Pose, Task, check, format_tuple

_STAR = Mark("star", "red")
_Cell = tuple[int, int]
_Answer = tuple[_Cell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    side: int
    """Cells per row and column."""
    num_steps: int


class ArrowWalk(Task[Config]):
    name = "arrow_walk"
    summary = "follow arrows from a start cell to the star"
    domain = "path"
    discipline = "navigation"
    answer_type = "sequence"
    verifier = "sequence"
    ladder = tuple(
        Config(side=side, num_steps=num_steps)
        for side, num_steps in ((4, 5), (4, 7), (5, 7), (6, 7), (8, 7))
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        side = config.side
        start = (rng.randrange(side), rng.randrange(side))
        return Pose(
            questions={
                "en": [
                    f"Start at {cell_name(*start)} and follow the arrows to the star. "
                    "Columns are letters from the left, rows are numbers from the top. "
                    "Answer with the cells you pass, the start and the star included."
                ],
                "zh": [
                    f"从 {cell_name(*start)} 出发，沿箭头走到星形。列从左起用字母表示，行从上起用"
                    "数字表示。依次写出经过的格子，包括起点和星形所在的格子。"
                ],
            },
            answers=_simple_paths(side, start, config.num_steps),
            params=(side, start),
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Grid:
        side, _ = pose.params
        grid = [
            [Mark(rng.choice(sorted(ARROWS)), "blue") for _ in range(side)] for _ in range(side)
        ]
        names = {step: name for name, step in ARROWS.items()}
        for (x, y), (next_x, next_y) in pairwise(answer):
            grid[y][x] = Mark(names[next_x - x, next_y - y], "blue")
        x, y = answer[-1]
        grid[y][x] = _STAR
        return grid

    def draw(self, scene: Grid, *, size: int, style: Style) -> Image.Image:
        return draw_grid(scene, size=size, style=style)

    def solve(self, pose: Pose, scene: Grid) -> _Answer:
        """Walk backwards from the star over the arrows that point at each other, to the start."""
        side, start = pose.params
        target = {
            (x, y): (x + ARROWS[mark.kind][0], y + ARROWS[mark.kind][1])
            for y, cells in enumerate(scene)
            for x, mark in enumerate(cells)
            if mark is not None and mark.kind in ARROWS
        }
        (star,) = {(x, y) for x in range(side) for y in range(side)} - target.keys()
        trails: list[_Answer] = [(star,)]
        while trails:
            trail = trails.pop()
            if trail[0] == start:
                return trail
            trails += [
                (cell, *trail)
                for cell, onto in target.items()
                if onto == trail[0] and cell not in trail
            ]
        raise AssertionError("no way leads from the start to the star")

    def reason(self, pose: Pose, scene: Grid) -> str:
        path = self.solve(pose, scene)
        steps = []
        for x, y in path:
            mark = scene[y][x]
            assert mark is not None
            steps.append(f"{cell_name(x, y)} {mark.kind}")
        walked = [cell_name(*cell) for cell in path]
        return f"plan: walk. scan: {', '.join(steps)}. {check(walked)}"

    def format(self, answer: _Answer) -> str:
        return format_tuple([cell_name(*cell) for cell in answer])


@lru_cache(maxsize=256)
def _simple_paths(side: int, start: _Cell, num_steps: int) -> list[_Answer]:
    """Every path of `num_steps` steps on a square board that visits no cell twice."""
    paths: list[_Answer] = [(start,)]
    for _ in range(num_steps):
        paths = [
            (*path, (path[-1][0] + dx, path[-1][1] + dy))
            for path in paths
            for dx, dy in ARROWS.values()
            if 0 <= path[-1][0] + dx < side
            and 0 <= path[-1][1] + dy < side
            and (path[-1][0] + dx, path[-1][1] + dy) not in path
        ]
    return paths
