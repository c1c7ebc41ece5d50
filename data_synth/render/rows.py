"""Rows: what a page is filled with, and how it is painted.

A row is never split. Blocks become rows, rows flow into columns and pages, and only when a page is
full it is decided whether it needs colours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from PIL import Image, ImageDraw

from data_synth.render.faces import Word
from data_synth.render.page import Page, TextLine
from data_synth.render.themes import Theme, is_grey
from data_synth.style import RGB

Box: TypeAlias = tuple[int, int, int, int]
Ink: TypeAlias = tuple[int, int, Word, RGB]
"""Left and top of a word's mask, the word, its colour."""
Fill: TypeAlias = tuple[Box, RGB]
"""A rectangle, its last two edges exclusive."""
Picture: TypeAlias = tuple[int, int, Image.Image]
"""Left and top of an image, which keeps its transparency."""


@dataclass(slots=True)
class Row:
    """Drawings and lines relative to the row's top left corner; fills lie below everything."""

    height: int
    fills: list[Fill] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    inks: list[Ink] = field(default_factory=list)
    lines: list[TextLine] = field(default_factory=list)
    is_space: bool = False
    """Swallowed at the top of a column."""
    breaks_page: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see."""
        return not (self.fills or self.pictures or self.inks)

    def add(self, other: "Row", x: int, y: int) -> None:
        """Take over another row's content at an offset."""
        self.fills += [(_moved(box, x, y), color) for box, color in other.fills]
        self.pictures += [(left + x, top + y, image) for left, top, image in other.pictures]
        self.inks += [(left + x, top + y, word, color) for left, top, word, color in other.inks]
        self.lines += [replace(line, box=_moved(line.box, x, y)) for line in other.lines]


@dataclass(slots=True)
class Sheet:
    """A page being filled: rows with their places."""

    placed: list[tuple[int, int, Row]] = field(default_factory=list)

    def paint(self, width: int, height: int, theme: Theme) -> Page:
        """The finished page, grey if nothing on it is coloured."""
        rows = [row for _, _, row in self.placed]
        colored = not is_grey(theme.background) or any(map(_is_colored, rows))
        background: RGB | int = theme.background if colored else theme.background[0]
        image = Image.new("RGB" if colored else "L", (width, height), background)
        pen = ImageDraw.Draw(image)
        for left, top, row in self.placed:
            for box, color in row.fills:
                x, y, right, bottom = _moved(box, left, top)
                if right > x and bottom > y:
                    pen.rectangle((x, y, right - 1, bottom - 1), fill=_level(color, colored))
            for x, y, picture in row.pictures:
                mask = picture if picture.mode in ("RGBA", "LA") else None
                image.paste(picture, (left + x, top + y), mask)
        paste = image.im.paste
        for left, top, row in self.placed:
            ink: RGB | None = None
            for x, y, word, color in row.inks:
                if color is not ink:
                    ink, level = color, _level(color, colored)
                x += left
                y += top
                paste(level, (x, y, x + word.width, y + word.height), word.core)
        lines = tuple(
            TextLine(text=line.text, box=_inside(_moved(line.box, left, top), width, height))
            for left, top, row in self.placed
            for line in row.lines
        )
        return Page(image=image, lines=lines)


def framed(
    rows: Iterable[Row], *, width: int, padding: int, background: RGB | None, border: RGB | None
) -> list[Row]:
    """Rows inset by `padding` on a background of their own, which goes on over a page break."""
    inside = [Row(padding)]
    for row in rows:
        if not row.breaks_page:
            inside.append(Row(row.height))
            inside[-1].add(row, padding, 0)
    inside.append(Row(padding))
    for number, row in enumerate(inside):
        behind: list[Fill] = []
        if background is not None:
            behind.append(((0, 0, width, row.height), background))
        if border is not None:
            behind.append(((0, 0, 1, row.height), border))
            behind.append(((width - 1, 0, width, row.height), border))
            if number == 0:
                behind.append(((0, 0, width, 1), border))
            if number == len(inside) - 1:
                behind.append(((0, row.height - 1, width, row.height), border))
        row.fills = behind + row.fills
    return inside


def beside(cells: Sequence[tuple[int, Sequence[Row]]], height: int) -> Row:
    """One row out of stacks of rows that stand side by side, each at its left edge."""
    combined = Row(height)
    for left, rows in cells:
        top = 0
        for row in rows:
            combined.add(row, left, top)
            top += row.height
    return combined


def _moved(box: Box, x: int, y: int) -> Box:
    left, top, right, bottom = box
    return left + x, top + y, right + x, bottom + y


def _inside(box: Box, width: int, height: int) -> Box:
    left, top, right, bottom = box
    return max(0, left), max(0, top), min(width, right), min(height, bottom)


def _level(color: RGB, colored: bool) -> RGB | int:
    return color if colored else color[0]


def _is_colored(row: Row) -> bool:
    if any(image.mode not in ("L", "LA", "1") for _, _, image in row.pictures):
        return True
    colors = {ink[3] for ink in row.inks}
    colors.update(color for _, color in row.fills)
    return not all(map(is_grey, colors))
