"""Blocks as rows: measured, broken into lines, drawn; then flowed into columns and pages."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from types import MappingProxyType

from PIL import Image

from data_synth.fonts import han_font
from data_synth.render.blocks import (
    Block,
    Figure,
    PageBreak,
    Panel,
    Paragraph,
    Rule,
    Span,
    TableBlock,
)
from data_synth.render.breaking import InlineLine, PlainLine
from data_synth.render.drawing import draw_line, line_metrics
from data_synth.render.flow import column_width, flow, page_room
from data_synth.render.inline import Typesetter
from data_synth.render.page import Document, PageStyle
from data_synth.render.rows import Row, beside, framed, pasteable
from data_synth.render.tables import table_rows
from data_synth.render.themes import find_theme, readable_ink
from data_synth.style import RGB

_MARKER_GAP = 0.4  # em between a marker and its text
_HEADING_SCALE = 1.05
_ENDLESS = 10.0**6  # pixels


def layout(blocks: Iterable[Block], style: PageStyle | None = None) -> Document:
    """Flow blocks into pages.

    Raises:
        ValueError: nothing to show, more pages than `max_pages` (names what is needed), a character
            that no font draws, text that does not fit the width, or pages of too many pixels.
    """
    style = style or PageStyle()
    blocks = tuple(blocks)
    text = twin_text(blocks)
    maker = RowMaker(style, han=han_font(text))
    width = column_width(style)
    rows = maker.rows(blocks, width, find_theme(style.theme).ink)
    if all(row.is_empty for row in rows):
        raise ValueError("text is empty: pass at least one visible character")
    return Document(
        pages=tuple(flow(rows, style, width)),
        text=text,
        fallbacks=MappingProxyType(dict(maker.typesetter.fallbacks)),
    )


class RowMaker:
    """Makes the rows of blocks, in columns of any width."""

    def __init__(self, style: PageStyle, *, han: str) -> None:
        self.style = style
        self.theme = find_theme(style.theme)
        self.em = max(1, style.pixels(style.font_size))
        self.typesetter = Typesetter(style, self.em, han)

    def rows(self, blocks: Iterable[Block], width: int, ink: RGB) -> list[Row]:
        """The rows of blocks from top to bottom."""
        blocks = list(blocks)
        found: list[Row] = []
        for block, following in zip_longest(blocks, blocks[1:]):
            rows = self._block(block, width, ink)
            if isinstance(block, Paragraph) and _is_heading(block, following):
                for row in rows:
                    row.keeps = True
            found += rows
        return found

    def paragraph(self, paragraph: Paragraph, width: int, ink: RGB) -> list[Row]:
        """The rows of a paragraph, the space after it included."""
        indent = round(paragraph.indent * self.em)
        if paragraph.background is not None:
            ink = readable_ink(paragraph.background, self.theme)
        marker = self._marker(paragraph)
        if marker is not None and marker.width > indent:  # the text stands beside it, not on it
            indent = math.ceil(marker.width + _MARKER_GAP * self.em)
        lines = self.typesetter.lines(paragraph.spans, width - indent, preserve=paragraph.preserve)
        first, other = _Place(width, indent, marker), _Place(width, indent, None)
        rows = [self._line(lines[0], paragraph, first, ink)]
        rows += [self._line(line, paragraph, other, ink) for line in lines[1:]]
        if paragraph.space_after:
            rows.append(Row(round(paragraph.space_after * self.em), is_space=True))
        return rows

    def _block(self, block: Block, width: int, ink: RGB) -> list[Row]:
        if isinstance(block, Paragraph):
            return self.paragraph(block, width, ink)
        if isinstance(block, TableBlock):
            return [*table_rows(self, block, width, ink), self._gap(0.5)]
        if isinstance(block, Figure):
            return self._figure(block, width, ink)
        if isinstance(block, Panel):
            return self._panel(block, width, ink)
        if isinstance(block, Rule):
            thickness = max(1, self.em // 16)
            middle = self.em // 2
            line = (0, middle, width, middle + thickness)
            return [Row(self.em, fills=[(line, self.theme.line)])]
        if isinstance(block, PageBreak):
            return [Row(0, breaks_page=True)]
        return [self._gap(block.height)]

    def _gap(self, height: float) -> Row:
        return Row(round(height * self.em), is_space=True)

    def _panel(self, panel: Panel, width: int, ink: RGB) -> list[Row]:
        padding = max(1, round(panel.padding * self.em))
        if panel.background is not None:
            ink = readable_ink(panel.background, self.theme)
        blocks = list(panel.blocks)
        if panel.title:
            title = Paragraph(spans=(Span(text=panel.title, bold=True, scale=0.9),), align="center")
            blocks.insert(0, title)
        inside = self.rows(blocks, width - 2 * padding, ink)
        while inside and inside[-1].is_space:
            inside.pop()
        rows = framed(
            inside,
            width=width,
            padding=padding,
            background=panel.background,
            border=panel.border,
        )
        return [*rows, self._gap(0.5)]

    def _figure(self, figure: Figure, width: int, ink: RGB) -> list[Row]:
        """The picture and its caption as one row."""
        below: list[Row] = []
        if figure.caption:
            caption = Paragraph(
                spans=(Span(text=figure.caption, scale=0.9),), align="center", space_after=0
            )
            below = [self._gap(0.3), *self.paragraph(caption, width, ink)]
        image = pasteable(figure.image)
        room = page_room(self.style)
        tallest = image.height if room is None else room - sum(row.height for row in below)
        widest = max(1, int(width * figure.max_width))
        factor = min(1.0, widest / image.width, max(1, tallest) / image.height)
        if factor < 1:
            size = (max(1, int(image.width * factor)), max(1, int(image.height * factor)))
            image = image.resize(size, Image.Resampling.LANCZOS)
        free = width - image.width
        left = {"left": 0, "center": free // 2, "right": free}[figure.align]
        rows = [Row(image.height, pictures=[(left, 0, image)]), *below]
        return [beside([(0, rows)], sum(row.height for row in rows)), self._gap(0.5)]

    def _line(
        self, line: InlineLine | PlainLine, paragraph: Paragraph, place: "_Place", ink: RGB
    ) -> Row:
        """One line of text as a row as high as its glyphs need."""
        body = self.typesetter.face(_BODY)
        ascent, descent = line_metrics(line, body)
        if place.marker is not None:
            above, below = line_metrics(place.marker, body)
            ascent, descent = max(ascent, above), max(descent, below)
        row = Row(max(round(self.style.line_height * self.em), ascent + descent))
        baseline = (row.height - ascent - descent) // 2 + ascent
        is_leftwards = line.level % 2 == 1
        if place.marker is not None:  # it hangs before the text, on the side where lines begin
            x = round(place.indent - place.marker.width - _MARKER_GAP * self.em)
            if is_leftwards:
                x = place.width - x - round(place.marker.width)
                x = min(x, place.width - round(place.marker.width))
            draw_line(row, place.marker, x=max(0, x), baseline=baseline, ink=ink)
        align = paragraph.align
        if is_leftwards and align == "left":
            align = "right"
        free = place.width - place.indent - line.width if align != "left" else 0.0
        # Rounded down: rounding up twice would reach into the margin.
        x = max(0, math.floor(free if align == "right" else free / 2))
        if not is_leftwards:
            x += place.indent
        draw_line(row, line, x=x, baseline=baseline, ink=ink)
        self._decorate(row, paragraph, place.width, is_leftwards=is_leftwards)
        return row

    def _decorate(self, row: Row, paragraph: Paragraph, width: int, *, is_leftwards: bool) -> None:
        """What lies behind the line and at its side."""
        if paragraph.background is not None:
            row.fills.insert(0, ((0, 0, width, row.height), paragraph.background))
        if paragraph.left_bar is not None:
            thickness = max(2, self.em // 6)
            left = width - thickness if is_leftwards else 0
            row.fills.append(((left, 0, left + thickness, row.height), paragraph.left_bar))

    def _marker(self, paragraph: Paragraph) -> InlineLine | PlainLine | None:
        if not paragraph.marker:
            return None
        span = Span(text=paragraph.marker, mono=any(span.mono for span in paragraph.spans[:1]))
        return self.typesetter.lines([span], _ENDLESS)[0]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a line stands in its column, in pixels."""

    width: int
    """Of the column."""
    indent: int
    marker: InlineLine | PlainLine | None


_BODY = Span(text="")


def _is_heading(paragraph: Paragraph, following: Block | None) -> bool:
    """Whether a paragraph must not be parted from what follows it: all of it is large or bold.

    Bold text of body size before more of its kind is text in bold.
    """
    spans = [span for span in paragraph.spans if span.image is not None or span.text.strip()]
    if following is None or not spans:
        return False
    if all(span.scale > _HEADING_SCALE for span in spans):
        return True
    return _is_bold(paragraph) and not (isinstance(following, Paragraph) and _is_bold(following))


def _is_bold(paragraph: Paragraph) -> bool:
    return all(span.bold for span in paragraph.spans if span.text.strip())


def twin_text(blocks: Iterable[Block]) -> str:
    """Everything that blocks show, as plain text."""
    parts = (_twin(block) for block in blocks)
    return "\n".join(part for part in parts if part is not None)


def _twin(block: Block) -> str | None:
    if isinstance(block, Paragraph):
        text = "".join(span.text for span in block.spans)
        return f"{block.marker} {text}" if block.marker else text
    if isinstance(block, TableBlock):
        rows = (
            "\t".join("".join(span.text for span in cell) for cell in row) for row in block.rows
        )
        return "\n".join(rows)
    if isinstance(block, Figure):
        return "\n".join(text for text in (block.text, block.caption) if text)
    if isinstance(block, Panel):
        inside = twin_text(block.blocks)
        return f"{block.title}\n{inside}" if block.title else inside
    return None
