"""A square of paper is folded a few times, then punched: where are the holes after unfolding?

Folds go along grid lines, one part onto the rest, and need not halve the paper. What can be asked
is every set of holes that some folds and punches make; the folds are chosen to suit the answer.
"""

import random
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any, TypeAlias, overload

from PIL import Image

from data_synth.canvas import Canvas, cell_name
from data_synth.style import RGB, Style
from data_synth.tasks.base import Pose, Task, check, format_tuple

_SIDES = ("left", "right", "top", "bottom")
_OTHER_HOLES = ("square", "diamond", "triangle")
_PANEL = 490.0
_GRID: RGB = (150, 150, 150)
_WAY_BITS = 24
_Cell: TypeAlias = tuple[int, int]
"""Column and row from 0, row down."""
_Box: TypeAlias = tuple[int, int, int, int]
"""Left, top, right and bottom grid lines of the folded paper."""
_Fold: TypeAlias = tuple[str, int]
"""The side that is folded over, and how many of its columns or rows."""
_Answer: TypeAlias = tuple[_Cell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    side: int
    """Cells per row and column of the paper."""
    num_folds: int
    num_punches: int
    halves: bool = False
    """Every fold halves the paper."""
    min_depth: int = 1
    """Fewest columns or rows folded over at a time."""
    num_others: int = 0
    """Holes of other shapes, which are not asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """The steps, as the panels show them."""

    side: int
    folds: tuple[_Fold, ...]
    punches: tuple[tuple[int, int, str], ...]
    """Column, row (of the unfolded paper) and shape of each hole in the folded paper."""
    paper: RGB


class FoldPunch(Task[Config]):
    name = "fold_punch"
    summary = "find the holes in folded and punched paper after unfolding"
    domain = "spatial relation"
    discipline = "mental folding"
    answer_type = "set"
    verifier = "set"
    ladder = (
        Config(side=4, num_folds=1, num_punches=3, halves=True),
        Config(side=6, num_folds=1, num_punches=3),
        Config(side=6, num_folds=2, num_punches=2, min_depth=2, num_others=2),
        Config(side=6, num_folds=2, num_punches=3, min_depth=2, num_others=3),
        Config(side=8, num_folds=3, num_punches=2, min_depth=2, num_others=3),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        return Pose(questions=_questions(config), answers=HoleSets(config), params=config)

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Scene:
        config: Config = pose.params
        folds, punches = HoleSets(config).make(rng, answer)
        left, top, right, bottom = _boxes(config.side, folds)[-1]
        free = [
            (column, row)
            for row in range(top, bottom)
            for column in range(left, right)
            if (column, row) not in punches
        ]
        others = rng.sample(free, min(len(free), config.num_others))
        holes = [(*cell, "circle") for cell in punches]
        holes += [(*cell, rng.choice(_OTHER_HOLES)) for cell in others]
        red, green, blue = (rng.randint(190, 250) for _ in range(3))
        return Scene(
            side=config.side, folds=folds, punches=tuple(sorted(holes)), paper=(red, green, blue)
        )

    def draw(self, scene: Scene, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style)
        steps = [*range(len(scene.folds) + 1)]
        plain = [None] if len(scene.folds) == 1 else []  # an unfolded sheet as the first panel
        unfold = [None] if len(scene.folds) < 3 else []
        for place, step in enumerate([*plain, *steps, *unfold]):
            row, column = divmod(place, 2)
            corner = (10 + _PANEL * column, 10 + _PANEL * row)
            title = _draw_panel(canvas, scene, step, corner)
            if step is None and place:
                x, y = corner[0] + 260, corner[1] + 255
                canvas.text(x, y, "?", size=200)
                title = "unfolded"
            canvas.text(corner[0] + 260, corner[1] + 468, title, size=36)
        return canvas.image()

    def solve(self, pose: Pose, scene: Scene) -> _Answer:
        """Open the folds from the last to the first; each hole in a flap's shadow doubles."""
        holes = {(column, row) for column, row, kind in scene.punches if kind == "circle"}
        left, top, right, bottom = _boxes(scene.side, scene.folds)[-1]
        assert all(left <= x < right and top <= y < bottom for x, y in holes)
        for added in _unfold(scene, holes):
            holes |= {*added}
        return tuple(sorted(holes, key=lambda cell: (cell[1], cell[0])))

    def reason(self, pose: Pose, scene: Scene) -> str:
        punched = [(column, row) for column, row, kind in scene.punches if kind == "circle"]
        steps = [f"punched {_names(punched)}"]
        holes = {*punched}
        for (side, depth), added in zip(reversed(scene.folds), _unfold(scene, holes), strict=True):
            steps.append(f"unfold {side} {depth} : {_names(added) or '-'}")
            holes |= {*added}
        names = [cell_name(*cell) for cell in self.solve(pose, scene)]
        return f"plan: unfold backwards. scan: {'. '.join(steps)}. {check(names)}"

    def format(self, answer: _Answer) -> str:
        return format_tuple([cell_name(*cell) for cell in answer])


class HoleSets(Sequence[_Answer]):
    """Every different set of holes that folds and punches of a level can make, in a fixed order.

    Sets are kept as bit masks: there are up to 100,000 of them, of up to 24 cells.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._codes, self._masks = _list_ways(config)

    def __len__(self) -> int:
        return len(self._masks)

    @overload
    def __getitem__(self, index: int) -> _Answer: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[_Answer]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return _cells(self._masks[index], self._config.side)

    def make(self, rng: random.Random, answer: _Answer) -> tuple[tuple[_Fold, ...], _Answer]:
        """Random folds and punches that make these holes."""
        side = self._config.side
        mask = sum(1 << (row * side + column) for column, row in answer)
        first = bisect_left(self._codes, mask << _WAY_BITS)
        end = bisect_left(self._codes, (mask + 1) << _WAY_BITS)
        number = self._codes[rng.randrange(first, end)] & ((1 << _WAY_BITS) - 1)
        folds = _fold_lists(self._config)[number]
        stacks = _stacks(side, folds)
        return folds, tuple(sorted(cell for cell, stack in stacks.items() if stack & mask))


@lru_cache(maxsize=16)
def _list_ways(config: Config) -> tuple[list[int], list[int]]:
    """Sorted codes (mask of holes, number of the folds), and the sorted different masks.

    Folds and mask determine the punches, so that a way is its mask and its folds.
    """
    codes = []
    for number, folds in enumerate(_fold_lists(config)):
        stacks = _stacks(config.side, folds).values()
        for chosen in combinations(stacks, config.num_punches):
            codes.append((sum(chosen) << _WAY_BITS) | number)
    codes.sort()
    return codes, sorted({code >> _WAY_BITS for code in codes})


@lru_cache(maxsize=16)
def _fold_lists(config: Config) -> list[tuple[_Fold, ...]]:
    """Every sequence of folds that leaves at least two by two cells."""
    lists: list[tuple[_Fold, ...]] = [()]
    for _ in range(config.num_folds):
        lists = [
            (*folds, fold)
            for folds in lists
            for fold in _next_folds(_boxes(config.side, folds)[-1], config)
        ]
    return lists


def _next_folds(box: _Box, config: Config) -> Iterator[_Fold]:
    for side in _SIDES:
        length = box[2] - box[0] if side in ("left", "right") else box[3] - box[1]
        for depth in range(config.min_depth, length // 2 + 1):
            if length - depth >= 2 and (not config.halves or 2 * depth == length):
                yield side, depth


def _boxes(side: int, folds: Sequence[_Fold]) -> list[_Box]:
    """The outline of the paper before each fold and after the last."""
    boxes = [(0, 0, side, side)]
    for edge, depth in folds:
        left, top, right, bottom = boxes[-1]
        boxes.append(
            {
                "left": (left + depth, top, right, bottom),
                "right": (left, top, right - depth, bottom),
                "top": (left, top + depth, right, bottom),
                "bottom": (left, top, right, bottom - depth),
            }[edge]
        )
    return boxes


def _crease(box: _Box, fold: _Fold) -> int:
    """The grid line that a fold runs along: an x for left and right, a y for top and bottom."""
    side, depth = fold
    place = {"left": 0, "top": 1, "right": 2, "bottom": 3}[side]
    return box[place] + (depth if side in ("left", "top") else -depth)


def _mirror(cell: _Cell, side: str, crease: int) -> _Cell:
    column, row = cell
    if side in ("left", "right"):
        return 2 * crease - 1 - column, row
    return column, 2 * crease - 1 - row


def _inside(cell: _Cell, box: _Box) -> bool:
    return box[0] <= cell[0] < box[2] and box[1] <= cell[1] < box[3]


@lru_cache(maxsize=4096)
def _stacks(side: int, folds: tuple[_Fold, ...]) -> Mapping[_Cell, int]:
    """For each cell of the folded paper, the mask of the cells of the sheet that lie on it.

    Every cell of the sheet is followed through the folds.
    """
    boxes = _boxes(side, folds)
    stacks: dict[_Cell, int] = {}
    for row in range(side):
        for column in range(side):
            cell = (column, row)
            for fold, before, after in zip(folds, boxes[:-1], boxes[1:], strict=True):
                if not _inside(cell, after):
                    cell = _mirror(cell, fold[0], _crease(before, fold))
            stacks[cell] = stacks.get(cell, 0) | 1 << (row * side + column)
    return stacks


def _unfold(scene: Scene, punched: set[_Cell]) -> Iterator[list[_Cell]]:
    """The holes that appear as each fold is opened, the last fold first, in reading order."""
    boxes = _boxes(scene.side, scene.folds)
    holes = set(punched)
    for fold, before, after in zip(reversed(scene.folds), boxes[-2::-1], boxes[:0:-1], strict=True):
        images = {_mirror(cell, fold[0], _crease(before, fold)) for cell in holes}
        added = [cell for cell in images if _inside(cell, before) and not _inside(cell, after)]
        holes |= {*added}
        yield sorted(added, key=lambda cell: (cell[1], cell[0]))


def _cells(mask: int, side: int) -> _Answer:
    """Columns and rows of the bits of a mask, in reading order."""
    return tuple((place % side, place // side) for place in range(side * side) if mask >> place & 1)


def _names(cells: Sequence[_Cell]) -> str:
    return " ".join(cell_name(*cell) for cell in cells)


def _draw_panel(canvas: Canvas, scene: Scene, step: int | None, corner: tuple[float, float]) -> str:
    """The paper before fold `step`, the punched paper, or the whole sheet; returns the title."""
    unit = 360 / scene.side
    x0, y0 = corner[0] + 80, corner[1] + 72
    folds = scene.folds[: step or 0]
    left, top, right, bottom = _boxes(scene.side, folds)[-1]
    canvas.rectangle((x0, y0, x0 + 360, y0 + 360), outline="line", width=3)
    for i in range(scene.side):
        canvas.stamp(chr(ord("a") + i), x0 + (i + 0.5) * unit, y0 - 26, 50)
        canvas.stamp(str(i + 1), x0 - 28, y0 + (i + 0.5) * unit, 50)
    box = (x0 + left * unit, y0 + top * unit, x0 + right * unit, y0 + bottom * unit)
    canvas.rectangle(box, fill=scene.paper)
    for (column, row), stack in _stacks(scene.side, folds).items():
        if stack.bit_count() > 1:  # the more layers, the darker
            shade = max(0.4, 1 - 0.1 * (stack.bit_count() - 1))
            red, green, blue = (round(channel * shade) for channel in scene.paper)
            x, y = x0 + column * unit, y0 + row * unit
            canvas.rectangle((x, y, x + unit, y + unit), fill=(red, green, blue))
    for i in range(left + 1, right):
        ends = [(x0 + i * unit, y0 + top * unit), (x0 + i * unit, y0 + bottom * unit)]
        canvas.line(ends, color=_GRID, width=2)
    for i in range(top + 1, bottom):
        ends = [(x0 + left * unit, y0 + i * unit), (x0 + right * unit, y0 + i * unit)]
        canvas.line(ends, color=_GRID, width=2)
    canvas.rectangle(box, outline="ink", width=5)
    if step is None:
        return "paper"
    if step < len(scene.folds):
        _draw_fold(canvas, box, scene.folds[step], unit)
        return f"fold {step + 1}"
    for column, row, kind in scene.punches:
        x, y = x0 + (column + 0.5) * unit, y0 + (row + 0.5) * unit
        canvas.stamp(kind, x, y, unit * 0.86, color="ink")
        canvas.stamp(kind, x, y, unit * 0.66, color="background")
    return "punch"


def _draw_fold(
    canvas: Canvas, box: tuple[float, float, float, float], fold: _Fold, unit: float
) -> None:
    """The dashed crease and an arrow from the middle of the flap to where it comes to lie."""
    side, depth = fold
    left, top, right, bottom = box
    reach = depth * unit
    upright = side in ("left", "right")
    crease = {
        "left": left + reach,
        "right": right - reach,
        "top": top + reach,
        "bottom": bottom - reach,
    }[side]
    low, high = (top, bottom) if upright else (left, right)
    at = low - 14
    while at < high + 14:
        ends = [(crease, at), (crease, min(at + 20, high + 14))]
        canvas.line(ends if upright else [(y, x) for x, y in ends], color="red", width=7)
        at += 34
    sign = -1 if side in ("left", "top") else 1
    middle = (low + high) / 2
    span = max(reach / 2, 30)
    tail, tip = (crease + sign * span, middle), (crease - sign * (span + 8), middle)
    if not upright:
        tail, tip = (tail[1], tail[0]), (tip[1], tip[0])
    canvas.arrow(tail, tip, color="red", width=9, head=36)


def _questions(config: Config) -> dict[str, list[str]]:
    rule = "Columns are letters from the left, rows are numbers from the top. Answer as (a1,b2)."
    rule_zh = "列从左起用字母表示，行从上起用数字表示。按 (a1,b2) 的形式回答。"
    hole, hole_zh = ("a round hole", "圆孔") if config.num_others else ("a hole", "孔")
    return {
        "en": [
            "The paper is folded along the dashed lines as the arrows show, then punched through "
            f"all layers. Which cells have {hole} once it is unfolded? {rule}",
            "Follow the folding steps; in the end the folded paper is punched. "
            f"List every cell that has {hole} after unfolding. {rule}",
        ],
        "zh": [
            f"纸张按箭头沿虚线折叠，然后打孔穿透所有层。展开后哪些格子里有{hole_zh}？{rule_zh}",
            f"按图中的步骤折纸，最后打孔。写出展开后有{hole_zh}的所有格子。{rule_zh}",
        ],
    }
