"""A polygon on a square grid, perhaps with holes: its area and the grid points on its boundary.

The polygon is cut into columns of width one. Every sloping edge then spans one column and meets no
grid point but its ends, so area and boundary points are sums over the column heights, and heights
are drawn to add up to the wanted answer.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import gcd

from PIL import Image

from data_synth.canvas import Canvas
from data_synth.style import Style
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple

_FIRST, _LAST = 50, 950  # edges of the grid on the canvas
_TRIES = 12
_MAX_STEP = 4  # squares between the ends of an edge that spans one column

_Corner = tuple[int, int]
_Ring = tuple[_Corner, ...]
_Answer = tuple[int, int]
_Columns = tuple[list[int], list[int], list[_Ring]]
"""Lower and upper y at each grid line, and the holes."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A polygon with corners (x, y) at grid points, y up."""

    side: int
    """Squares of the grid per row and column."""
    outline: _Ring
    holes: tuple[_Ring, ...]


@dataclass(frozen=True, slots=True)
class _Hole:
    """A shape two or three columns wide that fits into the polygon."""

    ring: _Ring
    """Corners around (0, 0)."""
    area: int
    boundary: int
    spans: tuple[tuple[int, int], ...]
    """Lowest and highest y per grid column, from column -1 on."""


_HOLES = (
    _Hole(((-1, 0), (0, -1), (1, 0), (0, 1)), 2, 4, ((0, 0), (-1, 1), (0, 0))),
    _Hole(((-1, -1), (1, -1), (1, 0), (-1, 0)), 2, 6, ((-1, 0), (-1, 0), (-1, 0))),
    _Hole(((-1, 0), (1, 0), (0, 1)), 1, 4, ((0, 0), (0, 1), (0, 0))),
    _Hole(((-1, 0), (0, -1), (1, 0)), 1, 4, ((0, 0), (-1, 0), (0, 0))),
    _Hole(((-1, -1), (0, -1), (0, 1), (-1, 1)), 2, 6, ((-1, 1), (-1, 1))),
    _Hole(((-1, -1), (0, -1), (1, 1), (0, 1)), 2, 4, ((-1, -1), (-1, 1), (1, 1))),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    side: int
    """Squares of the grid per row and column."""
    areas: tuple[int, int]
    """Least and greatest area."""
    boundaries: tuple[int, int]
    """Least and greatest number of grid points on the boundary, both even."""
    num_holes: int


class PolygonArea(Task[Config]):
    name = "polygon_area"
    summary = "area and boundary points of a polygon on a grid"
    domain = "geometry"
    discipline = "measurement"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = (
        Config(side=5, areas=(7, 17), boundaries=(10, 16), num_holes=0),
        Config(side=7, areas=(10, 29), boundaries=(12, 18), num_holes=0),
        Config(side=8, areas=(16, 36), boundaries=(16, 24), num_holes=1),
        Config(side=10, areas=(24, 56), boundaries=(20, 30), num_holes=1),
        Config(side=12, areas=(36, 80), boundaries=(26, 38), num_holes=2),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        low, high = config.boundaries
        return Pose(
            questions={
                "en": (
                    "Grid squares have side 1. Give the area of the shaded region and the number "
                    "of grid points on its boundary, edges of holes included: (area,points).",
                    "How large is the shaded region, in grid squares, and how many grid points "
                    "(crossings of grid lines) lie on its edges, those of holes included? Answer "
                    "as (area,points).",
                ),
                "zh": (
                    "每个小方格的边长为 1。求阴影部分的面积及其边界（包括洞的边）上的格点数，按 "
                    "(面积,格点数) 作答。",
                    "阴影部分的面积是多少个小方格？它的边上（包括洞的边）有多少个格点？按 "
                    "(面积,格点数) 的形式回答两个数。",
                ),
            },
            answers=Product([range(config.areas[0], config.areas[1] + 1), range(low, high + 1, 2)]),
            params=config,
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Scene:
        config: Config = pose.params
        # Every answer of every level has columns; a few draws are spent on avoiding spikes.
        attempt = 0
        while True:
            attempt += 1
            columns = _sample_columns(rng, config, answer)
            if columns and (attempt >= _TRIES or _steepest(columns) <= _MAX_STEP):
                break
        lower, upper, holes = columns
        ring = [*enumerate(lower), *reversed(list(enumerate(upper)))]
        x_shift = rng.randint(0, config.side + 1 - len(lower))
        flip_x, flip_y, swap = (rng.random() < 0.5 for _ in range(3))

        def placed(corners: Sequence[_Corner]) -> _Ring:
            moved = []
            for x, y in corners:
                x = config.side - x - x_shift if flip_x else x + x_shift
                y = config.side - y if flip_y else y
                moved.append((y, x) if swap else (x, y))
            return _without_straight_corners(moved)

        return Scene(config.side, placed(ring), tuple(placed(hole) for hole in holes))

    def draw(self, scene: Scene, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style)
        cell = (_LAST - _FIRST) / scene.side

        def at(ring: _Ring) -> list[tuple[float, float]]:
            return [(_FIRST + x * cell, _LAST - y * cell) for x, y in ring]

        red, green, blue = style.background
        canvas.polygon(at(scene.outline), fill=(red - 75, green - 40, blue - 5))
        for hole in scene.holes:
            canvas.polygon(at(hole), fill="background")
        for i in range(scene.side + 1):
            step = _FIRST + i * cell
            canvas.line([(step, _FIRST), (step, _LAST)], color="line", width=3)
            canvas.line([(_FIRST, step), (_LAST, step)], color="line", width=3)
        for ring in (scene.outline, *scene.holes):
            canvas.polygon(at(ring), outline="ink", width=8)
        return canvas.image()

    def solve(self, pose: Pose, scene: Scene) -> _Answer:
        """Shoelace formula and greatest common divisors along the edges."""
        twice = _twice_area(scene.outline) - sum(map(_twice_area, scene.holes))
        assert twice % 2 == 0, "the area is whole"
        return twice // 2, sum(_count_boundary(ring) for ring in (scene.outline, *scene.holes))

    def reason(self, pose: Pose, scene: Scene) -> str:
        area, boundary = self.solve(pose, scene)
        steps = []
        for name, ring in zip(
            ("outline", "hole", "hole"), (scene.outline, *scene.holes), strict=False
        ):
            corners = " ".join(f"{x},{y}" for x, y in ring)
            whole = f"{_twice_area(ring)} / 2, points {_count_boundary(ring)}"
            steps.append(f"{name} {corners}: area {whole}.")
        return f"plan: shoelace. scan: {' '.join(steps)} {check([area, boundary])}"

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)


def _sample_columns(rng: random.Random, config: Config, answer: _Answer) -> _Columns | None:
    """Columns that make `answer`; None if this draw cannot be completed."""
    side = config.side
    shapes = rng.sample(_HOLES, config.num_holes)
    area = answer[0] + sum(shape.area for shape in shapes)
    boundary = answer[1] - sum(shape.boundary for shape in shapes)
    # Both chains have one point per column, the two vertical ends the rest.
    widths = [
        width
        for width in range(max(2, 4 * len(shapes)), side + 1)
        if 0 <= boundary - 2 * width <= 2 * side
    ]
    if not widths:
        return None
    width = rng.choice(widths)
    ends = boundary - 2 * width
    first = rng.randint(max(0, ends - side), min(side, ends))
    # Per column: the least height, the highest bottom and the lowest top that clear the holes.
    limits = [(1, side, 0)] * (width + 1)
    limits[0] = limits[-1] = (0, side, 0)
    holes = []
    # Each hole has its own share of the columns, so that they stay apart.
    share = width // max(1, len(shapes))
    for i, shape in enumerate(shapes):
        x = rng.randint(i * share + 2, (i + 1) * share - 2)
        y = rng.randint(2, side - 2)
        holes.append(tuple((x + dx, y + dy) for dx, dy in shape.ring))
        for column, (low, high) in enumerate(shape.spans, start=x - 1):
            limits[column] = (high - low + 2, y + low - 1, y + high + 1)
    least = [limit[0] for limit in limits[1:-1]]
    heights = _compose(rng, area - ends // 2, least, most=side)
    if heights is None:
        return None
    lower: list[int] = []
    upper: list[int] = []
    for (_, low, high), height in zip(limits, (first, *heights, ends - first), strict=True):
        lowest, highest = max(0, high - height), min(low, side - height)
        y = rng.randint(lowest, highest)
        if lower:
            y = min(highest, max(lowest, lower[-1] + rng.randint(-2, 2)))
        lower.append(y)
        upper.append(y + height)
    return lower, upper, holes


def _steepest(columns: _Columns) -> int:
    """The largest step between neighbours in the lower and upper chains."""
    return max(abs(y - next_y) for chain in columns[:2] for y, next_y in pairwise(chain))


def _compose(
    rng: random.Random, total: int, least: Sequence[int], *, most: int
) -> list[int] | None:
    """Random whole numbers near each other with a given sum and bounds; None if there are none."""
    if not sum(least) <= total <= most * len(least):
        return None
    parts: list[int] = []
    needed = sum(least)
    for i, low in enumerate(least):
        rest = len(least) - i - 1
        needed -= low
        part = total // (rest + 1) + rng.randint(-3, 3)
        part = min(max(part, low, total - most * rest), most, total - needed)
        parts.append(part)
        total -= part
    return parts


def _without_straight_corners(corners: Sequence[_Corner]) -> _Ring:
    """The corners at which a closed line turns."""
    ring = [corner for i, corner in enumerate(corners) if corner != corners[i - 1]]
    return tuple(
        (x, y)
        for (last_x, last_y), (x, y), (next_x, next_y) in zip(
            ring[-1:] + ring[:-1], ring, ring[1:] + ring[:1], strict=True
        )
        if (x - last_x) * (next_y - y) != (y - last_y) * (next_x - x)
    )


def _twice_area(ring: _Ring) -> int:
    return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in _edges(ring)))


def _count_boundary(ring: _Ring) -> int:
    return sum(gcd(next_x - x, next_y - y) for (x, y), (next_x, next_y) in _edges(ring))


def _edges(ring: _Ring) -> list[tuple[_Corner, _Corner]]:
    return list(pairwise((*ring, ring[0])))
