"""Unit cubes stacked in the far corner of a board, seen from above at an angle: how many are where?

Heights never rise towards the viewer, so that the top of every stack shows and the picture fixes
every height: such piles (plane partitions) and their pictures correspond one to one.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, combinations_with_replacement

from PIL import Image

from data_synth.canvas import Canvas, Point, cell_name
from data_synth.style import RGB, Style
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple, list_words

_PAINTS: tuple[RGB, ...] = ((247, 200, 115), (143, 190, 240), (160, 215, 150), (240, 160, 150))
_COS = 0.866  # of 30 degrees: edges of the cubes in the isometric view
_MOVES = 100
_Cell = tuple[int, int]
"""Column and row from 0; column a is on the left, row 1 is the farthest."""
_Heights = tuple[tuple[int, ...], ...]
_Spot = Callable[[float, float, float], Point]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    side: int
    """Stacks per row and column of the board."""
    height: int
    """Most cubes in a stack."""
    num_asked: int = 0
    """Stacks that the question names; if 0 it asks for the cubes of every row together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Params:
    """What the question and the configuration fixed."""

    config: Config
    asked: tuple[_Cell, ...]
    """The stacks named; none is in front of another, so that their heights are free."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A pile of cubes."""

    heights: _Heights
    """By row (from the back), then column."""
    paints: tuple[tuple[tuple[int, ...], ...], ...]
    """By row and column, the paint of the board and of each cube from the bottom."""


class BlockTower(Task[Config]):
    name = "block_tower"
    summary = "count the cubes of stacks or rows in an isometric view"
    domain = "spatial relation"
    discipline = "solid geometry"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = (
        Config(side=3, height=4, num_asked=3),
        Config(side=4, height=5, num_asked=3),
        Config(side=4, height=3),
        Config(side=4, height=5),
        Config(side=5, height=4),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        if not config.num_asked:
            return Pose(
                questions=_questions((), config.side),
                answers=_row_totals(config.side, config.height),
                params=Params(config=config, asked=()),
            )
        asked = rng.choice(_free_cells(config.side, config.num_asked))
        return Pose(
            questions=_questions(asked, config.side),
            answers=Product([range(config.height + 1)] * config.num_asked),
            params=Params(config=config, asked=asked),
        )

    def build(self, rng: random.Random, pose: Pose, answer: tuple[int, ...]) -> Scene:
        params: Params = pose.params
        if params.asked:
            fixed = dict(zip(params.asked, answer, strict=True))
            heights = _fill_around(rng, params.config, fixed)
        else:
            heights = _fill_rows(rng, params.config.side, params.config.height, answer)
        return Scene(
            heights=tuple(tuple(row) for row in heights),
            paints=tuple(
                tuple(tuple(rng.choices(range(len(_PAINTS)), k=height + 1)) for height in row)
                for row in heights
            ),
        )

    def draw(self, scene: Scene, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style)
        side, tallest = len(scene.heights), max(map(max, scene.heights))
        unit = min(840 / (2 * side * _COS), 850 / (side + tallest))
        top = 500 - unit * (side - tallest) / 2 - 30

        def spot(x: float, y: float, z: float) -> Point:
            return 500 + (x - y) * _COS * unit, top + ((x + y) / 2 - z) * unit

        for y, row in enumerate(scene.heights):
            for x in range(len(row)):
                _draw_stack(canvas, scene, (x, y), spot)
        for i in range(side):
            canvas.text(*spot(i + 0.5, side + 0.35, 0), chr(ord("a") + i), size=46)
            canvas.text(*spot(side + 0.35, i + 0.5, 0), str(i + 1), size=46)
        return canvas.image()

    def solve(self, pose: Pose, scene: Scene) -> tuple[int, ...]:
        """Rasterise the picture on its lattice of triangles and read the heights back from it."""
        params: Params = pose.params
        heights = _read_heights(_paint_triangles(scene.heights), len(scene.heights))
        if params.asked:
            return tuple(heights[cell] for cell in params.asked)
        side = params.config.side
        return tuple(sum(heights[x, y] for x in range(side)) for y in range(side))

    def reason(self, pose: Pose, scene: Scene) -> str:
        params: Params = pose.params
        answer = self.solve(pose, scene)
        if params.asked:
            steps = [
                f"{cell_name(*cell)} {height}"
                for cell, height in zip(params.asked, answer, strict=True)
            ]
            return f"plan: count each stack. scan: {', '.join(steps)}. {check(answer)}"
        rows = [
            f"row {y + 1} : {' + '.join(map(str, row))} = {sum(row)}."
            for y, row in enumerate(scene.heights)
        ]
        return f"plan: add the stacks of each row. scan: {' '.join(rows)} {check(answer)}"

    def format(self, answer: tuple[int, ...]) -> str:
        return format_tuple(answer)


def _draw_stack(canvas: Canvas, scene: Scene, cell: _Cell, spot: _Spot) -> None:
    """The faces of a stack that show: its top and what rises above its neighbours in front."""
    x, y = cell
    side, height = len(scene.heights), scene.heights[y][x]
    board, *paints = scene.paints[y][x]
    shades = [_shades(paint) for paint in paints] or [_tints(canvas, board)]
    for z in range(height):
        if y + 1 == side or z >= scene.heights[y + 1][x]:
            face = [(x, y + 1, z), (x + 1, y + 1, z), (x + 1, y + 1, z + 1), (x, y + 1, z + 1)]
            canvas.polygon([spot(*p) for p in face], fill=shades[z][1], outline="ink", width=3)
        if x + 1 == side or z >= scene.heights[y][x + 1]:
            face = [(x + 1, y, z), (x + 1, y + 1, z), (x + 1, y + 1, z + 1), (x + 1, y, z + 1)]
            canvas.polygon([spot(*p) for p in face], fill=shades[z][2], outline="ink", width=3)
    face = [(x, y, height), (x + 1, y, height), (x + 1, y + 1, height), (x, y + 1, height)]
    canvas.polygon([spot(*p) for p in face], fill=shades[-1][0], outline="ink", width=3)


def _shades(paint: int) -> tuple[RGB, ...]:
    """The colours of a cube's top, left and right face."""
    red, green, blue = _PAINTS[paint]
    return (
        (red, green, blue),
        (red * 4 // 5, green * 4 // 5, blue * 4 // 5),
        (red * 3 // 5, green * 3 // 5, blue * 3 // 5),
    )


def _tints(canvas: Canvas, paint: int) -> tuple[RGB, ...]:
    """The colour of a free square of the board: between the paper and a paint."""
    paper, (red, green, blue) = canvas.style.background, _PAINTS[paint]
    return (((3 * paper[0] + red) // 4, (3 * paper[1] + green) // 4, (3 * paper[2] + blue) // 4),)


def _questions(asked: Sequence[_Cell], side: int) -> dict[str, list[str]]:
    where = (
        "Columns are the letters on the lower left edge, rows the numbers on the lower right edge."
    )
    where_zh = "左下边的字母表示列，右下边的数字表示行。"
    if asked:
        names = [cell_name(*cell) for cell in asked]
        form = format_tuple(names)
        ask = f"How many cubes are stacked at {list_words(names)}? Answer as {form}."
        ask_zh = f"{'、'.join(names)} 处各叠了多少个方块？按 {form} 的顺序回答。"
    else:
        form = format_tuple([f"row{i + 1}" for i in range(side)])
        ask = f"How many cubes does each row hold, hidden ones included? Answer as {form}."
        ask_zh = f"每一行各有多少个方块（包括看不见的）？按 {form} 的顺序回答。"
    return {
        "en": [
            f"Cubes are stacked on a board, never floating. {where} {ask}",
            f"{where} {ask} Every cube rests on another cube or on the board.",
        ],
        "zh": [
            f"方块叠放在底板上，没有悬空的方块。{where_zh}{ask_zh}",
            f"{where_zh}{ask_zh}每个方块都放在另一个方块或底板上。",
        ],
    }


@lru_cache(maxsize=16)
def _free_cells(side: int, count: int) -> list[tuple[_Cell, ...]]:
    """Sets of cells none of which lies in front of another: farther right means farther back."""
    cells = [(x, y) for x in range(side) for y in range(side)]
    return [
        chosen
        for chosen in combinations(cells, count)
        if all(a[0] < b[0] and a[1] > b[1] for a, b in combinations(chosen, 2))
    ]


@lru_cache(maxsize=8)
def _row_totals(side: int, height: int) -> list[tuple[int, ...]]:
    """Every way the rows' totals can fall from the back to the front."""
    return list(combinations_with_replacement(range(side * height, -1, -1), side))


def _fill_around(rng: random.Random, config: Config, fixed: dict[_Cell, int]) -> list[list[int]]:
    """Random heights that contain the fixed ones and never rise along a row or a column."""
    heights = [[0] * config.side for _ in range(config.side)]
    for y in range(config.side):
        for x in range(config.side):
            low = max((h for (x2, y2), h in fixed.items() if x2 >= x and y2 >= y), default=0)
            high = min(
                heights[y - 1][x] if y else config.height,
                heights[y][x - 1] if x else config.height,
                fixed.get((x, y), config.height),
            )
            heights[y][x] = rng.randint(low, high)
    return heights


def _fill_rows(
    rng: random.Random, side: int, height: int, totals: Sequence[int]
) -> list[list[int]]:
    """Random heights with these totals: even rows, then cubes moved along their row."""
    heights = []
    for total in totals:
        level, rest = divmod(total, side)
        heights.append([level + (x < rest) for x in range(side)])
    for _ in range(_MOVES):
        y = rng.randrange(side)
        right = rng.randrange(1, side)
        left = rng.randrange(right)
        step = rng.choice((-1, 1))
        heights[y][left] += step
        heights[y][right] -= step
        if not _falls(heights, y, left, height) or not _falls(heights, y, right, height):
            heights[y][left] -= step
            heights[y][right] += step
    return heights


def _falls(heights: list[list[int]], y: int, x: int, highest: int) -> bool:
    """Whether a stack is no higher than those behind it and no lower than those before it."""
    here, side = heights[y][x], len(heights)
    behind = min(heights[y - 1][x] if y else highest, heights[y][x - 1] if x else highest)
    before = max(heights[y + 1][x] if y + 1 < side else 0, heights[y][x + 1] if x + 1 < side else 0)
    return before <= here <= behind


_Triangle = tuple[int, int, str]
"""Square of the lattice (x - z, y - z) and its half: r holds the corner (x + 1, y), l the other."""


def _paint_triangles(heights: _Heights) -> dict[_Triangle, tuple[str, int, int]]:
    """What the isometric view shows in each triangle: kind and place of the nearest face.

    Points that differ by a multiple of (1, 1, 1) coincide in the picture, so that it is a function
    of (x - z, y - z). Faces are painted from the back to the front.
    """
    shown: dict[_Triangle, tuple[str, int, int]] = {}
    side = len(heights)
    for x, y in sorted(((x, y) for x in range(side) for y in range(side)), key=sum):
        height = heights[y][x]
        for z in range(height):
            a, b = x - z - 1, y - z
            shown[a, b, "r"] = shown[a + 1, b, "l"] = ("left", a, b)
            a, b = x - z, y - z - 1
            shown[a, b, "l"] = shown[a, b + 1, "r"] = ("right", a, b)
        a, b = x - height, y - height
        shown[a, b, "l"] = shown[a, b, "r"] = ("top", a, b)
    return shown


def _read_heights(shown: dict[_Triangle, tuple[str, int, int]], side: int) -> dict[_Cell, int]:
    """The heights from the whole tops seen: in each vertical strip the stacks follow in order."""
    strips: dict[int, list[int]] = {}
    for (a, b, half), face in shown.items():
        if half == "l" and face[0] == "top" and shown[a, b, "r"] == face:
            strips.setdefault(a - b, []).append(a)
    heights = {}
    for strip in range(1 - side, side):
        cells = [(x, x - strip) for x in range(max(0, strip), side + min(0, strip))]
        for (x, y), a in zip(cells, sorted(strips[strip]), strict=True):
            heights[x, y] = x - a
    assert min(heights.values()) >= 0
    return heights
