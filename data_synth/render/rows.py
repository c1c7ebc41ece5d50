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
Ink: TypeAlias = tuple[int, int, Sequence[Word], Sequence[int], RGB]
"""Pen position x and baseline y, words, how far right of x each one's pen stands, their colour."""
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
    keeps: bool = False
    """Never the last of a column: what follows stands below it."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see."""
        if self.fills or self.pictures:
            return False
        return all(word.is_blank for _, _, words, _, _ in self.inks for word in words)

    def add(self, other: "Row", x: int, y: int) -> None:
        """Take over another row's content at an offset."""
        self.fills += [(_moved(box, x, y), color) for box, color in other.fills]
        self.pictures += [(left + x, top + y, image) for left, top, image in other.pictures]
        self.inks += [
            (left + x, top + y, words, starts, color)
            for left, top, words, starts, color in other.inks
        ]
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
            for start, baseline, words, offsets, color in row.inks:
                level = _level(color, colored)
                start += left
                baseline += top
                for word, offset in zip(words, offsets, strict=True):
                    x, y = start + offset + word.left, baseline + word.top
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
    """Rows inset by `padding` on a background of their own, which goes on over a full page.

    A page break inside closes the frame and opens another one behind it. The padding is never
    parted from the row beside it.
    """
    parts: list[list[Row]] = [[]]
    breaks: list[Row] = []
    for row in rows:
        if row.breaks_page:
            breaks.append(row)
            parts.append([])
        else:
            parts[-1].append(row)
    found: list[Row] = []
    for number, part in enumerate(parts):
        found += breaks[number - 1 : number]
        if part or len(parts) == 1:
            found += _framed_part(part, width, padding, background, border)
    return found


def _framed_part(
    rows: list[Row], width: int, padding: int, background: RGB | None, border: RGB | None
) -> list[Row]:
    inside = [Row(padding, keeps=True)]
    for row in rows:
        inside.append(Row(row.height, keeps=row.keeps))
        inside[-1].add(row, padding, 0)
    inside[-1].keeps = True
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
    if any(image.mode not in ("L", "LA") for _, _, image in row.pictures):
        return True
    colors = {ink[4] for ink in row.inks}
    colors.update([color for _, color in row.fills])
    return not all(map(is_grey, colors))


def pasteable(image: Image.Image) -> Image.Image:
    """An image as L, LA, RGB or RGBA; whatever its mode says of transparency becomes alpha.

    Raises:
        ValueError: it has no pixels.
    """
    if 0 in image.size:
        raise ValueError(f"an image has size {image.size}: pass one with pixels")
    if "transparency" in image.info or image.mode in ("PA", "La", "RGBa"):
        return image.convert("LA" if image.mode in ("1", "L", "La") else "RGBA")
    if image.mode in ("L", "LA", "RGB", "RGBA"):
        return image
    if image.mode.startswith("I;16"):  # the upper byte: Pillow would cut off above 255
        return image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    return image.convert("L" if image.mode in ("1", "I", "F") else "RGB")
