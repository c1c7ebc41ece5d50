"""A maze without loops: which letters lie on the one way from the disc to the star, in order?

Other letters stand in dead ends, so the way has to be found before it can be read.
"""

import random
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from PIL import Image

from data_synth.canvas import Canvas
from data_synth.style import Style
from data_synth.tasks.base import Arrangements, Pose, Task, check, format_tuple

_LETTERS = "ABCDEFGHKLMN"
_FIRST, _LAST = 20, 980  # edges of the maze on the canvas
_STEPS = ((0, -1), (1, 0), (0, 1), (-1, 0))
_NAMES = dict(zip(_STEPS, ("up", "right", "down", "left"), strict=True))

_Cell = tuple[int, int]
_Answer = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """A maze of square cells (column, row) from the top left corner."""

    side: int
    doors: tuple[tuple[_Cell, _Cell], ...]
    """Pairs of neighbouring cells without a wall between them; the smaller cell first."""
    start: _Cell
    goal: _Cell
    letters: tuple[tuple[_Cell, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    side: int
    """Cells per row and column."""
    num_letters: int
    """Letters in the maze."""
    num_passed: int
    """Letters on the way."""


class MazeRoute(Task[Config]):
    name = "maze_route"
    summary = "find the way through a maze and list the letters on it"
    domain = "path"
    discipline = "navigation"
    answer_type = "sequence"
    verifier = "sequence"
    ladder = tuple(
        Config(side=side, num_letters=num_letters, num_passed=num_passed)
        for side, num_letters, num_passed in (
            (5, 6, 3),
            (7, 7, 4),
            (9, 8, 4),
            (12, 10, 5),
            (15, 12, 5),
        )
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        return Pose(
            questions={
                "en": (
                    "Walk from the disc to the star without crossing a wall or going back. List "
                    "the letters that you pass, in order.",
                    "Which letters lie on the only way from the disc to the star? Answer with the "
                    "letters in the order in which they are passed.",
                ),
                "zh": (
                    "从圆点走到星形，不能穿墙，也不走回头路。按顺序写出经过的字母。",
                    "从圆点到星形只有一条路，路上依次经过哪些字母？按经过的顺序回答。",
                ),
            },
            answers=Arrangements(_LETTERS[: config.num_letters], config.num_passed),
            params=config,
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Scene:
        config: Config = pose.params
        side = config.side
        while True:
            parent = _grow(rng, side)
            way = _longest_way(parent)
            aside = [cell for cell in parent if cell not in way]
            others = config.num_letters - len(answer)
            # Nearly every maze has room; a comb-like one has none off the way.
            if len(way) - 2 >= len(answer) and len(aside) >= others:
                break
        if rng.random() < 0.5:
            way.reverse()
        places = sorted(rng.sample(range(1, len(way) - 1), len(answer)))
        letters = [(way[place], letter) for place, letter in zip(places, answer, strict=True)]
        spare = [c for c in _LETTERS[: config.num_letters] if c not in answer]
        letters += list(zip(rng.sample(aside, others), spare, strict=True))
        doors = ((min(cell, other), max(cell, other)) for cell, other in parent.items() if other)
        return Scene(
            side=side,
            doors=tuple(sorted(doors)),
            start=way[0],
            goal=way[-1],
            letters=tuple(sorted(letters)),
        )

    def draw(self, scene: Scene, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style)
        cell = (_LAST - _FIRST) / scene.side
        width = min(12.0, cell * 0.1)
        doors = set(scene.doors)

        def at(index: float) -> float:
            return _FIRST + index * cell

        for row in range(scene.side):
            for column in range(scene.side):
                here = (column, row)
                if column + 1 < scene.side and (here, (column + 1, row)) not in doors:
                    x = at(column + 1)
                    canvas.line([(x, at(row)), (x, at(row + 1))], width=width)
                if row + 1 < scene.side and (here, (column, row + 1)) not in doors:
                    y = at(row + 1)
                    canvas.line([(at(column), y), (at(column + 1), y)], width=width)
        canvas.rectangle((_FIRST, _FIRST, _LAST, _LAST), outline="ink", width=width * 1.3)
        (column, row) = scene.start
        canvas.circle(at(column + 0.5), at(row + 0.5), cell * 0.28, fill="green")
        (column, row) = scene.goal
        canvas.stamp("star", at(column + 0.5), at(row + 0.5), cell * 0.9, color="red")
        for (column, row), letter in scene.letters:
            canvas.text(at(column + 0.5), at(row + 0.5), letter, size=cell * 0.66, color="blue")
        return canvas.image()

    def solve(self, pose: Pose, scene: Scene) -> _Answer:
        """Search by breadth; a maze that is no tree would have more than one way."""
        letters = dict(scene.letters)
        return tuple(letters[cell] for cell in _shortest_way(scene) if cell in letters)

    def reason(self, pose: Pose, scene: Scene) -> str:
        letters = dict(scene.letters)
        way = _shortest_way(scene)
        words: list[str] = []
        last, count = "", 0
        for (x, y), (next_x, next_y) in pairwise(way):
            name = _NAMES[next_x - x, next_y - y]
            if name != last and count:
                words.append(f"{last} {count}")
                count = 0
            last, count = name, count + 1
            if (next_x, next_y) in letters:
                words.append(f"{last} {count} {letters[next_x, next_y]}")
                count = 0
        words.append(f"{last} {count} star" if count else "star")
        passed = [letters[cell] for cell in way if cell in letters]
        return f"plan: walk. scan: {', '.join(words)}. {check(passed)}"

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)


def _grow(rng: random.Random, side: int) -> dict[_Cell, _Cell | None]:
    """A spanning tree by a random depth-first walk: each cell and the one it was entered from."""
    root = (rng.randrange(side), rng.randrange(side))
    parent: dict[_Cell, _Cell | None] = {root: None}
    trail = [root]
    beside = _neighbours(side)
    while trail:
        free = [cell for cell in beside[trail[-1]] if cell not in parent]
        if not free:
            trail.pop()
            continue
        cell = free[int(rng.random() * len(free))]
        parent[cell] = trail[-1]
        trail.append(cell)
    return parent


@lru_cache(maxsize=32)
def _neighbours(side: int) -> dict[_Cell, list[_Cell]]:
    """The cells beside each cell."""
    return {
        (x, y): [(x + dx, y + dy) for dx, dy in _STEPS if 0 <= x + dx < side and 0 <= y + dy < side]
        for x in range(side)
        for y in range(side)
    }


def _longest_way(parent: dict[_Cell, _Cell | None]) -> list[_Cell]:
    """From the cell deepest in the tree to the root: long, since the walk goes deep first."""
    depth: dict[_Cell, int] = {}
    for cell, entered_from in parent.items():
        depth[cell] = 0 if entered_from is None else depth[entered_from] + 1
    way = [max(depth, key=lambda cell: depth[cell])]
    while (before := parent[way[-1]]) is not None:
        way.append(before)
    return way


def _shortest_way(scene: Scene) -> list[_Cell]:
    """The way from start to goal; asserts that the doors make a tree: it is the only one."""
    beside: dict[_Cell, list[_Cell]] = {}
    for one, other in scene.doors:
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    towards_goal = {scene.goal: scene.goal}
    queue = deque([scene.goal])
    while queue:
        cell = queue.popleft()
        for other in beside[cell]:
            if other not in towards_goal:
                towards_goal[other] = cell
                queue.append(other)
    assert len(towards_goal) == scene.side**2 == len(scene.doors) + 1, "the maze is a tree"
    way = [scene.start]
    while way[-1] != scene.goal:
        way.append(towards_goal[way[-1]])
    return way
