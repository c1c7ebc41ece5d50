"""A Latin square with gaps: every row and column holds each digit once; read the marked gaps.

Clues are taken away only where the cell follows from those that stay (the last digit its row and
column allow, or the only place for a digit), so the square has one completion and needs no guess.
"""

import random
from dataclasses import dataclass

from PIL import Image

from data_synth.canvas import Canvas
from data_synth.style import Style
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple

_NUM_SWITCHES = 6
_FIRST, _LAST = 30, 970  # edges of the square on the canvas

_Rows = tuple[tuple[int, ...], ...]
_Cell = tuple[int, int]
_Answer = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """The square as it is shown."""

    rows: _Rows
    """Digits from 1, 0 where a cell is empty; top row first."""
    marked: tuple[_Cell, ...]
    """(row, column) of the empty cells that are asked for, in reading order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    side: int
    """Cells per row and column."""
    num_marked: int
    num_empty: int
    """Empty cells, the marked ones included; fewer if no more can be taken away."""


class LatinSquare(Task[Config]):
    name = "latin_square"
    summary = "complete a Latin square and read the marked cells"
    domain = "puzzles"
    discipline = "logic"
    answer_type = "sequence"
    verifier = "sequence"
    ladder = (
        Config(side=4, num_marked=3, num_empty=5),
        Config(side=4, num_marked=3, num_empty=9),
        Config(side=5, num_marked=4, num_empty=15),
        Config(side=6, num_marked=5, num_empty=23),
        Config(side=7, num_marked=6, num_empty=33),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        side, count = config.side, config.num_marked
        return Pose(
            questions={
                "en": (
                    f"Each row and each column holds the digits 1 to {side} once. Give the digits "
                    f"of the {count} cells with a question mark, row by row from the top.",
                    f"Fill the square so that no digit from 1 to {side} repeats in a row or "
                    f"column. Which digits belong in the {count} cells marked ?, in reading order?",
                ),
                "zh": (
                    f"每行每列中 1 到 {side} 各出现一次。按从上到下的顺序写出 {count} 个问号格中的"
                    "数字。",
                    f"把方阵填满，使 1 到 {side} 在每行每列中都不重复。按阅读顺序写出标有问号的 "
                    f"{count} 个格子里的数字。",
                ),
            },
            answers=Product([range(1, side + 1)] * count),
            params=config,
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Scene:
        config: Config = pose.params
        side = config.side
        square = _random_square(rng, side)
        # A row holds every digit: whatever the answer is, its cell in that row exists.
        marked = tuple(
            (row, square[row].index(digit))
            for row, digit in zip(sorted(rng.sample(range(side), len(answer))), answer, strict=True)
        )
        others = [(row, column) for row in range(side) for column in range(side)]
        rng.shuffle(others)
        empty = 0
        for row, column in (*marked, *(cell for cell in others if cell not in marked)):
            if empty < config.num_empty and _follows(square, row, column):
                square[row][column] = 0
                empty += 1
        return Scene(tuple(tuple(row) for row in square), marked)

    def draw(self, scene: Scene, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style)
        side = len(scene.rows)
        cell = (_LAST - _FIRST) / side
        for row, column in scene.marked:
            left, top = _FIRST + column * cell, _FIRST + row * cell
            canvas.rectangle((left, top, left + cell, top + cell), fill=_tint(style))
        for i in range(side + 1):
            at = _FIRST + i * cell
            width = 10 if i in (0, side) else 4
            canvas.line([(at, _FIRST), (at, _LAST)], width=width)
            canvas.line([(_FIRST, at), (_LAST, at)], width=width)
        for row, digits in enumerate(scene.rows):
            for column, digit in enumerate(digits):
                asked = (row, column) in scene.marked
                if digit or asked:
                    canvas.text(
                        _FIRST + (column + 0.5) * cell,
                        _FIRST + (row + 0.5) * cell,
                        "?" if asked else str(digit),
                        size=cell * 0.55,
                        color="blue" if asked else "ink",
                    )
        return canvas.image()

    def solve(self, pose: Pose, scene: Scene) -> _Answer:
        """Search all completions; more than one is an error."""
        found = _completions(scene.rows)
        assert len(found) == 1, "the square has one completion"
        return tuple(found[0][row][column] for row, column in scene.marked)

    def reason(self, pose: Pose, scene: Scene) -> str:
        square = [list(row) for row in scene.rows]
        shown = [" ".join(str(digit) if digit else "-" for digit in row) for row in square]
        steps = []
        while any(0 in row for row in square):
            row, column, digit = _next_single(square)
            square[row][column] = digit
            steps.append(f"r{row + 1} c{column + 1} {digit}.")
            if all(square[r][c] for r, c in scene.marked):
                break
        digits = [square[row][column] for row, column in scene.marked]
        return f"plan: fill. scan: {' / '.join(shown)}. {' '.join(steps)} {check(digits)}"

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)


def _tint(style: Style) -> tuple[int, int, int]:
    """The background, a little towards yellow."""
    red, green, blue = style.background
    return red, green - 8, max(0, blue - 70)


def _random_square(rng: random.Random, side: int) -> list[list[int]]:
    """The addition table in random order, mixed further by exchanging row cycles."""
    columns, digits = rng.sample(range(side), side), rng.sample(range(1, side + 1), side)
    square = [
        [digits[(row + column) % side] for column in columns]
        for row in rng.sample(range(side), side)
    ]
    for _ in range(_NUM_SWITCHES):
        _exchange_cycle(*rng.sample(square, 2), start=rng.randrange(side))
    return square


def _exchange_cycle(upper: list[int], lower: list[int], *, start: int) -> None:
    """Swap two rows in the smallest set of columns that holds `start` and the same digits."""
    first, column = upper[start], start
    while True:
        placed = lower[column]
        upper[column], lower[column] = placed, upper[column]
        if placed == first:
            return
        column = next(c for c, digit in enumerate(upper) if digit == placed and c != column)


def _follows(square: list[list[int]], row: int, column: int) -> bool:
    """Whether the digit of a cell could be filled in again if it were taken away."""
    digit, square[row][column] = square[row][column], 0
    single = _is_single(square, row, column, digit)
    square[row][column] = digit
    return single


def _is_single(square: list[list[int]], row: int, column: int, digit: int) -> bool:
    """Whether an empty cell takes no other digit, or no other cell of its line takes `digit`."""
    side = len(square)
    seen = {*square[row], *(cells[column] for cells in square)}
    if len(seen - {0}) == side - 1:
        return True
    in_row = any(
        square[row][c] == 0 and all(cells[c] != digit for cells in square)
        for c in range(side)
        if c != column
    )
    in_column = any(
        square[r][column] == 0 and digit not in square[r] for r in range(side) if r != row
    )
    return not in_row or not in_column


def _next_single(square: list[list[int]]) -> tuple[int, int, int]:
    """The first empty cell in reading order whose digit follows at once."""
    side = len(square)
    for row in range(side):
        for column in range(side):
            if square[row][column]:
                continue
            seen = {*square[row], *(cells[column] for cells in square)}
            for digit in range(1, side + 1):
                if digit not in seen and _is_single(square, row, column, digit):
                    return row, column, digit
    raise AssertionError("no cell follows from the others")


def _completions(square: _Rows) -> list[_Rows]:
    """Up to two completions, by search that branches on the cell with the fewest digits left."""
    side = len(square)
    full = (1 << (side + 1)) - 2
    rows = [full & ~sum(1 << digit for digit in cells if digit) for cells in square]
    columns = [full & ~sum(1 << cells[c] for cells in square if cells[c]) for c in range(side)]
    grid = [list(cells) for cells in square]
    empty = [(r, c) for r in range(side) for c in range(side) if not grid[r][c]]
    found: list[_Rows] = []

    def extend() -> None:
        if not empty:
            found.append(tuple(tuple(cells) for cells in grid))
            return
        cell = min(empty, key=lambda at: (rows[at[0]] & columns[at[1]]).bit_count())
        empty.remove(cell)
        row, column = cell
        choices = rows[row] & columns[column]
        while choices and len(found) < 2:
            bit = choices & -choices
            choices -= bit
            rows[row] -= bit
            columns[column] -= bit
            grid[row][column] = bit.bit_length() - 1
            extend()
            rows[row] += bit
            columns[column] += bit
        empty.append(cell)

    extend()
    return found
