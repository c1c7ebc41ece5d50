"""Drawing: a lattice of cells with shapes, arrows and glyphs, and plain bars.

Objects sit in the middle of equal cells, so that at 64 pixels and 4x4 cells one object is one
16-pixel patch of the embedded policy, and at 448 pixels the same scene is crisp for a large one.
Shapes are drawn at four times their size and reduced, per object and not per page: that is where
the antialiasing is needed and an order of magnitude cheaper.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

COLORS: dict[str, tuple[int, int, int]] = {
    "red": (214, 39, 40),
    "green": (34, 139, 34),
    "blue": (31, 90, 220),
    "yellow": (240, 190, 0),
    "purple": (140, 60, 190),
    "black": (20, 20, 20),
}
SHAPES = ("circle", "square", "triangle", "diamond", "cross", "star")
ARROWS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
BACKGROUND = (255, 255, 255)
_LINE = (200, 200, 205)
_SUPERSAMPLE = 4
_MARGIN = 0.14  # of a cell, left free on each side of an object


@dataclass(frozen=True, slots=True)
class Mark:
    """What one cell shows."""

    kind: str
    """A name from SHAPES or ARROWS, or one character."""
    color: str = "black"


Grid = Sequence[Sequence[Mark | None]]
"""Rows of cells, top row first; None is an empty cell."""


def cell_name(column: int, row: int) -> str:
    """Spreadsheet-like name: column letter, then row number from 1 at the top."""
    return f"{chr(ord('a') + column)}{row + 1}"


def draw_grid(grid: Grid, *, size: int, lines: bool = True) -> Image.Image:
    """Draw a grid on a square RGB image of `size` pixels."""
    image = Image.new("RGB", (size, size), BACKGROUND)
    num_rows, num_columns = len(grid), len(grid[0])
    edges_x = [round(size * i / num_columns) for i in range(num_columns + 1)]
    edges_y = [round(size * i / num_rows) for i in range(num_rows + 1)]
    if lines:
        pen = ImageDraw.Draw(image)
        for x in edges_x[1:-1]:
            pen.line([(x, 0), (x, size)], fill=_LINE)
        for y in edges_y[1:-1]:
            pen.line([(0, y), (size, y)], fill=_LINE)
    for row, cells in enumerate(grid):
        for column, mark in enumerate(cells):
            if mark is None:
                continue
            width = edges_x[column + 1] - edges_x[column]
            height = edges_y[row + 1] - edges_y[row]
            stamp = _stamp(mark.kind, min(width, height))
            image.paste(COLORS[mark.color], (edges_x[column], edges_y[row]), stamp)
    return image


def draw_bars(values: Sequence[int], *, top: int, size: int) -> Image.Image:
    """Draw one bar per value, each of its own colour, against ticks from 1 to `top`."""
    image = Image.new("RGB", (size, size), BACKGROUND)
    pen = ImageDraw.Draw(image)
    for tick in range(1, top + 1):
        y = size - round(size * tick / top)
        pen.line([(0, y), (size, y)], fill=_LINE)
    width = size / len(values)
    for i, (value, color) in enumerate(zip(values, COLORS.values(), strict=False)):
        if value > 0:
            left, right = round(width * (i + 0.15)), round(width * (i + 0.85))
            pen.rectangle([left, size - round(size * value / top), right, size], fill=color)
    return image


@lru_cache(maxsize=512)
def _stamp(kind: str, cell: int) -> Image.Image:
    """Coverage mask of one object, `cell` pixels square."""
    big = cell * _SUPERSAMPLE
    mask = Image.new("L", (big, big), 0)
    pen = ImageDraw.Draw(mask)
    low, high, mid = big * _MARGIN, big * (1 - _MARGIN), big / 2
    if kind == "circle":
        pen.ellipse([low, low, high, high], fill=255)
    elif kind == "square":
        pen.rectangle([low, low, high, high], fill=255)
    elif kind == "triangle":
        pen.polygon([(mid, low), (high, high), (low, high)], fill=255)
    elif kind == "diamond":
        pen.polygon([(mid, low), (high, mid), (mid, high), (low, mid)], fill=255)
    elif kind == "cross":
        bar = (high - low) / 6
        pen.rectangle([mid - bar, low, mid + bar, high], fill=255)
        pen.rectangle([low, mid - bar, high, mid + bar], fill=255)
    elif kind == "star":
        pen.polygon(_star_points(mid, mid, (high - low) / 2), fill=255)
    elif kind in ARROWS:
        pen.polygon(_arrow_points(kind, mid, (high - low) / 2), fill=255)
    else:
        font = ImageFont.load_default(size=big * 0.8)
        pen.text((mid, mid), kind, font=font, fill=255, anchor="mm", stroke_width=big / 40)
    return mask.reduce(_SUPERSAMPLE)


def _star_points(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    points = []
    for i in range(10):
        reach = radius if i % 2 == 0 else radius * 0.42
        angle = math.pi * i / 5
        points.append((x + reach * math.sin(angle), y - reach * math.cos(angle)))
    return points


def _arrow_points(direction: str, mid: float, reach: float) -> list[tuple[float, float]]:
    """A block arrow around (mid, mid): drawn to the right, then turned."""
    dx, dy = ARROWS[direction]
    outline = [
        (1, 0),
        (0.05, -0.85),
        (0.05, -0.3),
        (-1, -0.3),
        (-1, 0.3),
        (0.05, 0.3),
        (0.05, 0.85),
    ]
    return [(mid + reach * (x * dx - y * dy), mid + reach * (x * dy + y * dx)) for x, y in outline]


def encode_png(image: Image.Image) -> bytes:
    """PNG at the fastest compression level: drawings stay small, and encoding is the bottleneck."""
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()
