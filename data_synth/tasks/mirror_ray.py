"""A laser beam in a grid of two-sided diagonal mirrors: where does it leave, after how many turns?

Ports are numbered clockwise around the grid. Mirrors off the beam's way are decoys.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from data_synth.canvas import Canvas
from data_synth.style import Style
from data_synth.tasks.base import Pose, Task, check, format_tuple

_FIRST, _LAST = 120, 880  # edges of the grid on the canvas
_DECOYS = 0.22  # of the cells off the beam
_UP, _RIGHT, _DOWN, _LEFT = (0, -1), (1, 0), (0, 1), (-1, 0)
_NAMES = {_UP: "up", _RIGHT: "right", _DOWN: "down", _LEFT: "left"}

_Cell = tuple[int, int]
_Step = tuple[int, int]
_Answer = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Scene:
    """Mirrors in a square grid; cells are (column, row) from the top left corner."""

    side: int
    entry: int
    """Port at which the beam enters."""
    mirrors: tuple[tuple[_Cell, str], ...]
    r"""Cells with a mirror, `/` or `\`, in reading order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    side: int
    """Cells per row and column."""
    reflections: tuple[int, int]
    """Fewest and most reflections."""


class MirrorRay(Task[Config]):
    name = "mirror_ray"
    summary = "follow a laser beam through mirrors to its exit port"
    domain = "physics"
    discipline = "optics"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = tuple(
        Config(side=side, reflections=reflections)
        for side, reflections in ((5, (1, 4)), (6, (2, 6)), (7, (4, 8)), (8, (5, 9)), (9, (7, 11)))
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        entry = rng.randrange(4 * config.side) + 1
        return Pose(
            questions={
                "en": (
                    f"A laser enters at port {entry}. Mirrors reflect on both sides. At which port "
                    "does the beam leave, and how many times is it reflected? Answer as "
                    "(port,reflections).",
                    f"Follow the beam that enters at port {entry}; every diagonal is a two-sided "
                    "mirror. Give the exit port and the number of reflections: "
                    "(port,reflections).",
                ),
                "zh": (
                    f"激光从 {entry} 号口射入，镜子两面都能反射。光束从几号口射出，一共反射几次？"
                    "按 (出口编号,反射次数) 作答。",
                    f"跟踪从 {entry} 号口射入的光束，每条斜线都是双面镜。写出出口编号和反射次数："
                    "(出口编号,反射次数)。",
                ),
            },
            answers=_feasible(config.side, entry, config.reflections),
            params=(config.side, entry),
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Scene:
        side, entry = pose.params
        route = None
        while route is None:
            route = _sample_route(rng, side, entry, answer)
        mirrors, passed = route
        for row in range(side):
            for column in range(side):
                cell = (column, row)
                if cell not in mirrors and cell not in passed and rng.random() < _DECOYS:
                    mirrors[cell] = rng.choice("/\\")
        return Scene(side, entry, tuple(sorted(mirrors.items(), key=lambda item: item[0][::-1])))

    def draw(self, scene: Scene, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style)
        cell = (_LAST - _FIRST) / scene.side
        for i in range(scene.side + 1):
            at = _FIRST + i * cell
            canvas.line([(at, _FIRST), (at, _LAST)], color="line", width=3)
            canvas.line([(_FIRST, at), (_LAST, at)], color="line", width=3)
        canvas.rectangle((_FIRST, _FIRST, _LAST, _LAST), outline="ink", width=5)
        for (column, row), kind in scene.mirrors:
            x, y = _FIRST + (column + 0.5) * cell, _FIRST + (row + 0.5) * cell
            reach = cell * 0.36
            rise = reach if kind == "/" else -reach
            canvas.line([(x - reach, y + rise), (x + reach, y - rise)], color="blue", width=12)
        for port in range(1, 4 * scene.side + 1):
            (column, row), (dx, dy) = _enter(scene.side, port)
            x = _FIRST + (column + 0.5 - 0.5 * dx) * cell
            y = _FIRST + (row + 0.5 - 0.5 * dy) * cell
            if port == scene.entry:
                canvas.arrow((x - 54 * dx, y - 54 * dy), (x, y), color="red", width=10, head=34)
                canvas.text(x - 84 * dx, y - 80 * dy, str(port), size=44, color="red")
            else:
                canvas.text(x - 38 * dx, y - 38 * dy, str(port), size=40)
        return canvas.image()

    def solve(self, pose: Pose, scene: Scene) -> _Answer:
        """Send a beam in from every port; the one that ends at the entry started at the exit."""
        exits = []
        for port in range(1, 4 * scene.side + 1):
            trail = list(_trace(scene, port))
            if port != scene.entry and trail[-1][0] == scene.entry:
                exits.append((port, len(trail) - 1))
        assert len(exits) == 1, "beams are reversible"
        return exits[0]

    def reason(self, pose: Pose, scene: Scene) -> str:
        trail = list(_trace(scene, scene.entry))
        steps = [
            f"{i} c{column + 1} r{row + 1} {_NAMES[step]}"
            for i, (_, (column, row), step) in enumerate(trail[:-1], start=1)
        ]
        port = trail[-1][0]
        _, (dx, dy) = _enter(scene.side, scene.entry)
        return (
            f"plan: trace. scan: port {scene.entry} {_NAMES[dx, dy]}. {', '.join(steps)}. "
            f"exit {port}. {check([port, len(steps)])}"
        )

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)


def _enter(side: int, port: int) -> tuple[_Cell, _Step]:
    """The first cell of a beam from a port, and its direction."""
    edge, i = divmod(port - 1, side)
    if edge == 0:
        return (i, 0), _DOWN
    if edge == 1:
        return (side - 1, i), _LEFT
    if edge == 2:
        return (side - 1 - i, side - 1), _UP
    return (0, side - 1 - i), _RIGHT


def _port_of(side: int, cell: _Cell, step: _Step) -> int:
    """The port through which a beam leaves from an edge cell."""
    column, row = cell
    if step == _UP:
        return column + 1
    if step == _RIGHT:
        return side + row + 1
    return 3 * side - column if step == _DOWN else 4 * side - row


def _reflect(kind: str, step: _Step) -> _Step:
    dx, dy = step
    return (-dy, -dx) if kind == "/" else (dy, dx)


def _trace(scene: Scene, port: int) -> Iterator[tuple[int, _Cell, _Step]]:
    """(0, mirror, new direction) at every reflection, at last (exit port, last cell, direction)."""
    mirrors = dict(scene.mirrors)
    (x, y), step = _enter(scene.side, port)
    while True:
        if (x, y) in mirrors:
            step = _reflect(mirrors[x, y], step)
            yield 0, (x, y), step
        next_x, next_y = x + step[0], y + step[1]
        if not (0 <= next_x < scene.side and 0 <= next_y < scene.side):
            yield _port_of(scene.side, (x, y), step), (x, y), step
            return
        x, y = next_x, next_y


@lru_cache(maxsize=512)
def _feasible(side: int, entry: int, reflections: tuple[int, int]) -> list[_Answer]:
    """Every (port, count) that some mirrors bring about.

    Each reflection turns between rows and columns, so the exit's edge fixes the parity of the
    count; two reflections cannot lead back into the beam's own row or column.
    """
    (column, row), (dx, _) = _enter(side, entry)
    answers = []
    for port in range(1, 4 * side + 1):
        (exit_column, exit_row), (exit_dx, _) = _enter(side, port)
        turned = (dx == 0) != (exit_dx == 0)
        same_line = not turned and (exit_column == column if dx == 0 else exit_row == row)
        answers += [
            (port, count)
            for count in range(reflections[0], reflections[1] + 1)
            if port != entry and count % 2 == turned and not (same_line and count == 2)
        ]
    return answers


def _sample_route(
    rng: random.Random, side: int, entry: int, answer: _Answer
) -> tuple[dict[_Cell, str], set[_Cell]] | None:
    """Mirrors on a random way and the cells it passes straight; None if it ran into itself."""
    port, count = answer
    goal, inward = _enter(side, port)
    out = (-inward[0], -inward[1])
    mirrors: dict[_Cell, str] = {}
    passed: set[_Cell] = set()
    (x, y), step = _enter(side, entry)
    remaining = count
    while remaining:
        ahead = _ahead(side, (x, y), step, mirrors)
        if remaining == 1:
            # The last turn is in the row or column of the exit.
            line = 1 if out[0] else 0
            choices = [i for i, cell in enumerate(ahead) if cell[line] == goal[line]]
        else:
            choices = [i for i, cell in enumerate(ahead) if cell not in passed]
        if not choices:
            return None
        stop = choices[int(rng.random() * len(choices))]
        passed.update(ahead[:stop])
        x, y = ahead[stop]
        if (x, y) in passed:
            return None
        turns = [out] if remaining == 1 else [(step[1], step[0]), (-step[1], -step[0])]
        turn = turns[int(rng.random() * len(turns))]
        kind = "/" if turn == (-step[1], -step[0]) else "\\"
        if mirrors.setdefault((x, y), kind) != kind:
            return None
        step = turn
        remaining -= 1
        x, y = x + step[0], y + step[1]
    tail = _ahead(side, (x, y), step, mirrors)
    passed.update(tail)
    end = tail[-1] if tail else (x - step[0], y - step[1])
    return (mirrors, passed) if end == goal and not passed & mirrors.keys() else None


def _ahead(side: int, cell: _Cell, step: _Step, mirrors: dict[_Cell, str]) -> list[_Cell]:
    """The cells from `cell` on in one direction, up to the edge or the first mirror."""
    (x, y), (dx, dy) = cell, step
    cells: list[_Cell] = []
    while 0 <= x < side and 0 <= y < side:
        cells.append((x, y))
        if (x, y) in mirrors:
            break
        x, y = x + dx, y + dy
    return cells
