"""Drawing: a canvas of 1000 by 1000 units, and a lattice of cells with shapes and glyphs.

Everything on a `Canvas` is drawn at a multiple of its size and reduced once at the end. A lattice
(`draw_grid`) pastes masks that are rasterised once per process, which is faster still; its objects
sit in the middle of equal cells, so that at 64 pixels and 4x4 cells one object is one 16-pixel
patch of the embedded policy, and at 448 pixels the same scene is crisp for a large one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from data_synth.fonts import load_font
from data_synth.style import PLAIN, PLAIN_FONT, RGB, Style

SHAPES = ("circle", "square", "triangle", "diamond", "cross", "star")
SHAPES_ZH = {
    "circle": "圆形",
    "square": "正方形",
    "triangle": "三角形",
    "diamond": "菱形",
    "cross": "十字",
    "star": "星形",
}
ARROWS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
UNITS = 1000
"""Width of a canvas in its own units."""
_SUPERSAMPLE = 4
_SMALL = 256  # pixels: below it a canvas is drawn at four times its size, else at twice
_MARGIN = 0.14  # of a cell, left free on each side of an object

Point = tuple[float, float]


class Canvas:
    """A picture under construction, in units of a 1000th of its width; y points down.

    Example:
        canvas = Canvas(448, style)
        canvas.circle(500, 500, 80, fill="red")
        canvas.text(500, 500, "A", size=60)
        image = canvas.image()
    """

    def __init__(self, size: int, style: Style = PLAIN, *, aspect: float = 1.0) -> None:
        """`size` is the width in pixels, `aspect` the height divided by the width."""
        self.style = style
        self.size = (size, max(1, round(size * aspect)))
        self._factor = 4 if size < _SMALL else 2
        self._scale = size * self._factor / UNITS
        self._image = Image.new(
            "RGB", (self.size[0] * self._factor, self.size[1] * self._factor), style.background
        )
        self._pen = ImageDraw.Draw(self._image)

    def color(self, color: str | RGB) -> RGB:
        """RGB of a name in `COLORS`, or of the style's `ink`, `line` or `background`."""
        if not isinstance(color, str):
            return color
        if color in ("ink", "line", "background"):
            return getattr(self.style, color)
        return self.style.palette[color]

    def line(self, points: Sequence[Point], *, color: str | RGB = "ink", width: float = 4) -> None:
        """A line through points, with round joints."""
        self._pen.line(
            self._pixels(points),
            fill=self.color(color),
            width=self._width(width),
            joint="curve",
        )

    def polygon(
        self,
        points: Sequence[Point],
        *,
        fill: str | RGB | None = None,
        outline: str | RGB | None = None,
        width: float = 4,
    ) -> None:
        """A filled and/or outlined polygon."""
        if fill is not None:
            self._pen.polygon(self._pixels(points), fill=self.color(fill))
        if outline is not None:
            self.line([*points, points[0], points[1]], color=outline, width=width)

    def rectangle(
        self,
        box: tuple[float, float, float, float],
        *,
        fill: str | RGB | None = None,
        outline: str | RGB | None = None,
        width: float = 4,
    ) -> None:
        """A rectangle from (left, top, right, bottom)."""
        left, top, right, bottom = box
        self.polygon(
            [(left, top), (right, top), (right, bottom), (left, bottom)],
            fill=fill,
            outline=outline,
            width=width,
        )

    def circle(
        self,
        x: float,
        y: float,
        radius: float,
        *,
        fill: str | RGB | None = None,
        outline: str | RGB | None = None,
        width: float = 4,
    ) -> None:
        """A disc and/or ring around (x, y)."""
        (low, high) = self._pixels([(x - radius, y - radius), (x + radius, y + radius)])
        self._pen.ellipse(
            [low, high],
            fill=None if fill is None else self.color(fill),
            outline=None if outline is None else self.color(outline),
            width=self._width(width),
        )

    def arc(
        self,
        x: float,
        y: float,
        radius: float,
        degrees: tuple[float, float],
        *,
        color: str | RGB = "ink",
        width: float = 4,
    ) -> None:
        """A part of a ring, from one angle clockwise to another; 0 is right, 90 is down."""
        (low, high) = self._pixels([(x - radius, y - radius), (x + radius, y + radius)])
        self._pen.arc([low, high], *degrees, fill=self.color(color), width=self._width(width))

    def arrow(
        self,
        start: Point,
        end: Point,
        *,
        color: str | RGB = "ink",
        width: float = 6,
        head: float = 28,
    ) -> None:
        """A line from `start` to `end` with a filled head of `head` units at the end."""
        (x, y), (tip_x, tip_y) = start, end
        length = math.hypot(tip_x - x, tip_y - y) or 1.0
        dx, dy = (tip_x - x) / length, (tip_y - y) / length
        base = (tip_x - head * dx, tip_y - head * dy)
        half = head * 0.45
        self.line([start, base], color=color, width=width)
        self.polygon(
            [
                end,
                (base[0] - half * dy, base[1] + half * dx),
                (base[0] + half * dy, base[1] - half * dx),
            ],
            fill=color,
        )

    def stamp(
        self, kind: str, x: float, y: float, size: float, *, color: str | RGB = "ink"
    ) -> None:
        """One of `SHAPES` or `ARROWS`, or a character, in a cell of `size` units around (x, y)."""
        cell = max(1, round(size * self._scale))
        left, top = round(x * self._scale - cell / 2), round(y * self._scale - cell / 2)
        self._image.paste(self.color(color), (left, top), _stamp(kind, cell, self.style.font, 1))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        color: str | RGB = "ink",
        anchor: str = "mm",
        halo: bool = False,
    ) -> None:
        """Text of `size` units at (x, y); `anchor` as in Pillow, `halo` clears its surroundings."""
        pixels = max(1, round(size * self._scale))
        where = (round(x * self._scale), round(y * self._scale))
        if halo:
            label = _label(text, self.style.font, pixels, anchor, self._width(6))
            self._paste(label, where, self.style.background)
        self._paste(_label(text, self.style.font, pixels, anchor, 0), where, self.color(color))

    def text_width(self, text: str, *, size: float) -> float:
        """Width of a text in units."""
        font = load_font(self.style.font, max(1, round(size * self._scale)))
        return font.getlength(text) / self._scale

    def image(self) -> Image.Image:
        """The finished RGB picture."""
        return self._image.reduce(self._factor)

    def _paste(self, label: "_Label", where: tuple[int, int], color: RGB) -> None:
        self._image.paste(color, (where[0] + label.left, where[1] + label.top), label.mask)

    def _pixels(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self._scale, y * self._scale) for x, y in points]

    def _width(self, units: float) -> int:
        return max(1, round(units * self.style.stroke * self._scale))


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


def draw_grid(grid: Grid, *, size: int, style: Style = PLAIN, lines: bool = True) -> Image.Image:
    """Draw a grid on a square RGB image of `size` pixels."""
    image = Image.new("RGB", (size, size), style.background)
    num_rows, num_columns = len(grid), len(grid[0])
    edges_x = [round(size * i / num_columns) for i in range(num_columns + 1)]
    edges_y = [round(size * i / num_rows) for i in range(num_rows + 1)]
    if lines:
        pen = ImageDraw.Draw(image)
        for x in edges_x[1:-1]:
            pen.line([(x, 0), (x, size)], fill=style.line)
        for y in edges_y[1:-1]:
            pen.line([(0, y), (size, y)], fill=style.line)
    for row, cells in enumerate(grid):
        for column, mark in enumerate(cells):
            if mark is None:
                continue
            width = edges_x[column + 1] - edges_x[column]
            height = edges_y[row + 1] - edges_y[row]
            stamp = _stamp(mark.kind, min(width, height), style.font, _SUPERSAMPLE)
            image.paste(style.palette[mark.color], (edges_x[column], edges_y[row]), stamp)
    return image


@dataclass(frozen=True, slots=True)
class _Label:
    """A rasterised text and where its mask lies around the anchor."""

    mask: Image.Image
    left: int
    top: int


@lru_cache(maxsize=4096)
def _label(text: str, font: str, size: int, anchor: str, stroke: int) -> _Label:
    """Labels recur from scene to scene; drawing one anew can cost more than the rest of a scene."""
    face = load_font(font, size)
    box = face.getbbox(text, anchor=anchor, stroke_width=stroke)
    left, top, right, bottom = (round(edge) for edge in box)
    mask = Image.new("L", (max(1, right - left), max(1, bottom - top)), 0)
    ImageDraw.Draw(mask).text(
        (-left, -top), text, font=face, fill=255, anchor=anchor, stroke_width=stroke
    )
    return _Label(mask, left, top)


@lru_cache(maxsize=1024)
def _stamp(kind: str, cell: int, font: str, supersample: int) -> Image.Image:
    """Coverage mask of one object, `cell` pixels square."""
    big = cell * supersample
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
        size = big * 0.8 if font == PLAIN_FONT else big * 0.7
        pen.text(
            (mid, mid),
            kind,
            font=load_font(font, max(1.0, size)),
            fill=255,
            anchor="mm",
            stroke_width=big / 40,
        )
    return mask.reduce(supersample) if supersample > 1 else mask


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
