"""A matrix of three by three cells with one missing; every attribute follows a rule along the rows.

The answer is the missing cell's attributes, not a choice among drawn options. Each attribute has
rules of its own (constant, progression, the same three values in every row, sums); `solve` tries
every rule on rows and on columns, and all that fit must agree.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

from PIL import Image

from data_synth.canvas import SHAPES, SHAPES_ZH, Canvas, Point
from data_synth.style import COLORS, COLORS_ZH, Style
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple

_SIZES = ("small", "medium", "large")
_SIZES_ZH = ("小", "中", "大")
_TURNS = ("up", "right", "down", "left")  # clockwise
_TURNS_ZH = ("上", "右", "下", "左")
_SIDE = 320.0  # of a cell, in units
_SCALE = {"small": 0.58, "medium": 0.8, "large": 1.08}
_ATTEMPTS = 20
_Value: TypeAlias = str | int
_Cell: TypeAlias = tuple[_Value, ...]
_Rows: TypeAlias = list[list[int]]
"""Ranks of one attribute's values, row by row."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    max_count: int
    """Most shapes in a cell."""
    progressions: bool
    """Counts, sizes and arrows may go up or down by one along a row."""
    sums: bool = False
    """The third count of a row may be the sum or the difference of the other two."""
    num_extra: int = 0
    """Further attributes: 1 size, 2 size and the direction of an arrow in the corner."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """What one component of a cell can be."""

    name: str
    values: tuple[_Value, ...]
    rules: tuple[str, ...]
    """Rules that `build` chooses from."""
    readings: tuple[str, ...]
    """Rules that a reader may think of; the missing value is the same by all that fit."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Nine cells in reading order."""

    cells: tuple[_Cell | None, ...]
    """Values in the order of the attributes; None is the missing cell, the last."""
    places: tuple[tuple[int, ...], ...]
    """Which of a cell's nine places its shapes take; no rule governs them."""


class RavenMatrix(Task[Config]):
    name = "raven_matrix"
    summary = "describe the missing cell of a matrix that follows rules"
    domain = "geometric pattern"
    discipline = "abstract reasoning"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = (
        Config(max_count=4, progressions=False),
        Config(max_count=6, progressions=True),
        Config(max_count=9, progressions=True, sums=True),
        Config(max_count=9, progressions=True, sums=True, num_extra=1),
        Config(max_count=9, progressions=True, sums=True, num_extra=2),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        attributes = name_attributes(config)
        return Pose(
            questions=_questions(attributes),
            answers=Product([attribute.values for attribute in attributes]),
            params=attributes,
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Cell) -> Scene:
        columns = []
        for attribute, value in zip(pose.params, answer, strict=True):
            rows = _follow_a_rule(rng, attribute, attribute.values.index(value))
            columns.append([attribute.values[rank] for row in rows for rank in row])
        cells = list(zip(*columns, strict=True))[:-1]
        return Scene(
            cells=(*cells, None),
            places=tuple(tuple(sorted(rng.sample(range(9), cell[2]))) for cell in cells),
        )

    def draw(self, scene: Scene, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style)
        for place, cell in enumerate(scene.cells):
            row, column = divmod(place, 3)
            left, top = 20 + column * _SIDE, 20 + row * _SIDE
            canvas.rectangle((left, top, left + _SIDE, top + _SIDE), outline="ink", width=5)
            if cell is None:
                canvas.text(left + _SIDE / 2, top + _SIDE / 2, "?", size=170)
            else:
                _draw_cell(canvas, cell, scene.places[place], (left, top))
        return canvas.image()

    def solve(self, pose: Pose, scene: Scene) -> _Cell:
        """Per attribute, every rule that fits the eight cells; all must say the same."""
        answer = []
        for number, attribute in enumerate(pose.params):
            found = readings(attribute, _ranks(attribute, number, scene))
            assert len(found) == 1, (attribute.name, found)
            answer.append(attribute.values[min(found)])
        return tuple(answer)

    def reason(self, pose: Pose, scene: Scene) -> str:
        answer = self.solve(pose, scene)
        steps = []
        for number, attribute in enumerate(pose.params):
            words = ["?" if cell is None else str(cell[number]) for cell in scene.cells]
            rows = " / ".join(" ".join(words[i : i + 3]) for i in (0, 3, 6))
            (rule,) = readings(attribute, _ranks(attribute, number, scene)).values()
            steps.append(f"{attribute.name} {rows} : {rule} : {answer[number]}.")
        return f"plan: find the rule of each attribute. scan: {' '.join(steps)} {check(answer)}"

    def format(self, answer: _Cell) -> str:
        return format_tuple(answer)


@lru_cache(maxsize=16)
def name_attributes(config: Config) -> tuple[Attribute, ...]:
    """The attributes of a level's cells, in the order of the answer."""
    free, steps, sums = ("constant", "same three"), ("step",), ("sum", "difference")
    count_rules = free + (steps if config.progressions else ()) + (sums if config.sums else ())
    counts = tuple(range(1, config.max_count + 1))
    everything = (
        Attribute(name="shape", values=SHAPES, rules=free, readings=free),
        Attribute(name="colour", values=tuple(COLORS), rules=free, readings=free),
        Attribute(name="count", values=counts, rules=count_rules, readings=free + steps + sums),
        Attribute(name="size", values=_SIZES, rules=free + steps, readings=free + steps),
        Attribute(name="arrow", values=_TURNS, rules=(*free, "turn"), readings=(*free, "turn")),
    )
    return everything[: 3 + config.num_extra]


def _ranks(attribute: Attribute, number: int, scene: Scene) -> _Rows:
    """Ranks of an attribute's values by rows, with -1 for the missing cell."""
    ranks = [-1 if cell is None else attribute.values.index(cell[number]) for cell in scene.cells]
    return [ranks[i : i + 3] for i in (0, 3, 6)]


def _questions(attributes: Sequence[Attribute]) -> dict[str, list[str]]:
    form = format_tuple([attribute.name for attribute in attributes])
    words = {"size": ", ".join(_SIZES), "arrow": ", ".join(_TURNS)}
    shapes = "、".join(f"{SHAPES_ZH[shape]} ({shape})" for shape in SHAPES)
    colors = "、".join(f"{COLORS_ZH[color]} ({color})" for color in COLORS)
    lists_zh = [f"形状：{shapes}", f"颜色：{colors}"]
    lists = [f"Shapes: {', '.join(SHAPES)}", f"colours: {', '.join(COLORS)}"]
    for attribute in attributes[3:]:
        lists.append(f"{attribute.name}: {words[attribute.name]}")
        names, label = (_SIZES_ZH, "大小") if attribute.name == "size" else (_TURNS_ZH, "箭头方向")
        pairs = zip(names, attribute.values, strict=True)
        lists_zh.append(f"{label}：{'、'.join(f'{zh} ({en})' for zh, en in pairs)}")
    ask = f"Describe it as {form}. {'; '.join(lists)}."
    ask_zh = f"按 {form} 的形式描述它，各项用英文单词或数字。{'；'.join(lists_zh)}。"
    return {
        "en": [
            f"Every row of the matrix follows the same rules; places inside a cell do not "
            f"matter. Which cell is missing? {ask}",
            f"Complete the pattern: what belongs in the cell with the question mark? "
            f"Only shape, colour and the like count, not the places inside a cell. {ask}",
        ],
        "zh": [
            f"矩阵的每一行都遵循相同的规律，与图形在格中的位置无关。缺少的是哪一格？{ask_zh}",
            f"请补全图案：问号处应当是什么？图形在格中的位置不计。{ask_zh}",
        ],
    }


def _follow_a_rule(rng: random.Random, attribute: Attribute, last: int) -> _Rows:
    """Ranks in three rows by a random rule: the last one as given, and no other fits."""
    total = len(attribute.values)
    for _ in range(_ATTEMPTS):
        rows = _make_rows(rng, rng.choice(attribute.rules), total, last)
        if rows is not None and readings(attribute, rows).keys() == {last}:
            return rows
    # Equal columns: whatever rule the first two obey, it gives the third what they have.
    return [[rank] * 3 for rank in (*rng.sample(range(total), 2), last)]


def _make_rows(rng: random.Random, rule: str, total: int, last: int) -> _Rows | None:
    """Rows that obey a rule and end in `last`; None if this draw cannot."""
    if rule == "constant":
        return [[rank] * 3 for rank in (*rng.sample(range(total), 2), last)]
    if rule == "same three":
        pair = rng.sample([rank for rank in range(total) if rank != last], 2)
        rows = [rng.sample([last, *pair], 3) for _ in range(2)]
        return [*rows, [*pair, last]]
    if rule in ("step", "turn"):
        step = rng.choice((-1, 1))
        starts = [rng.randrange(total), rng.randrange(total), last - 2 * step]
        rows = [[start + step * i for i in range(3)] for start in starts]
        if rule == "turn":
            return [[rank % total for rank in row] for row in rows]
        return rows if all(0 <= rank < total for row in rows for rank in row) else None
    sign = 1 if rule == "sum" else -1
    rows = []
    for count in (rng.randint(1, total), rng.randint(1, total), last + 1):
        first = rng.randint(1, total)
        rows.append([first - 1, sign * (count - first) - 1, count - 1])
    return rows if all(0 <= rank < total for row in rows for rank in row) else None


def readings(attribute: Attribute, rows: _Rows) -> dict[int, str]:
    """Every value of the last cell that some rule gives, with the first such rule.

    The last cell itself is not looked at. Rules may run along rows or along columns.
    """
    found: dict[int, str] = {}
    total = len(attribute.values)
    for lines, along in (
        (rows, "rows"),
        ([list(line) for line in zip(*rows, strict=True)], "columns"),
    ):
        for rule in attribute.readings:
            rank = predict(rule, lines, total)
            if rank is not None and 0 <= rank < total:
                found.setdefault(rank, f"{rule} in {along}")
    return found


def predict(rule: str, lines: _Rows, total: int) -> int | None:
    """What a rule wants at the end of the third line, if the first two lines and a half obey it."""
    (a, b), whole = lines[2][:2], lines[:2]
    if rule == "constant":
        return a if a == b and all(len(set(line)) == 1 for line in whole) else None
    if rule == "same three":
        trio = set(whole[0])
        fits = len(trio) == 3 and set(whole[1]) == trio and a != b and {a, b} < trio
        return (trio - {a, b}).pop() if fits else None
    if rule == "step":
        steps = {y - x for x, y in ((a, b), *(p for line in whole for p in pairwise(line)))}
        return b + steps.pop() if len(steps) == 1 and 0 not in steps else None
    if rule == "turn":
        turns = {
            (y - x) % total for x, y in ((a, b), *(p for line in whole for p in pairwise(line)))
        }
        return (b + turns.pop()) % total if len(turns) == 1 and 0 not in turns else None
    # Ranks count from 0, counts from 1.
    sign = 1 if rule == "sum" else -1
    fits = all(x + 1 + sign * (y + 1) == z + 1 for x, y, z in whole)
    return a + 1 + sign * (b + 1) - 1 if fits else None


def _draw_cell(canvas: Canvas, cell: _Cell, places: Sequence[int], corner: Point) -> None:
    """The shapes of a cell, and its arrow if it has one."""
    shape, color, _, *extra = map(str, cell)
    pitch = 80 if len(extra) > 1 else 92
    margin = 24 if len(extra) > 1 else 22
    size = pitch * 1.1 * _SCALE[extra[0] if extra else "large"]
    for place in places:
        row, column = divmod(place, 3)
        x = corner[0] + margin + (column + 0.5) * pitch
        y = corner[1] + margin + (row + 0.5) * pitch
        canvas.stamp(shape, x, y, size, color=color)
    if len(extra) > 1:
        canvas.stamp(extra[1], corner[0] + 284, corner[1] + 284, 74, color="ink")
