"""Blocks flowed into columns and pages."""

from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType

from PIL import Image

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
from data_synth.render.inline import InlineLine, Piece, PlainLine, Typesetter
from data_synth.render.page import (
    MAX_DOCUMENT_PIXELS,
    MAX_PAGE_PIXELS,
    Document,
    Page,
    PageStyle,
    TextLine,
)
from data_synth.render.rows import Row, Sheet, framed
from data_synth.render.tables import table_rows
from data_synth.render.themes import find_theme, readable_ink
from data_synth.style import RGB

_MARKER_GAP = 0.4  # em between a marker and its text


def layout(blocks: Iterable[Block], style: PageStyle | None = None) -> Document:
    """Flow blocks into pages.

    Raises:
        ValueError: nothing to show, more pages than `max_pages` (names what is needed), a character
            that no font draws, text that does not fit the width, or pages of too many pixels.
    """
    style = style or PageStyle()
    blocks = tuple(blocks)
    maker = RowMaker(style)
    width = _column_width(style)
    rows = maker.rows(blocks, width, find_theme(style.theme).ink)
    if all(row.is_empty for row in rows):
        raise ValueError("text is empty: pass at least one visible character")
    return Document(
        pages=tuple(_flow(rows, style, width)),
        text=twin_text(blocks),
        fallbacks=MappingProxyType(dict(maker.typesetter.fallbacks)),
    )


class RowMaker:
    """Makes the rows of blocks, in columns of any width."""

    def __init__(self, style: PageStyle) -> None:
        self.style = style
        self.theme = find_theme(style.theme)
        self.em = max(1, style.pixels(style.font_size))
        self.typesetter = Typesetter(style, self.em)

    def rows(self, blocks: Iterable[Block], width: int, ink: RGB) -> list[Row]:
        """The rows of blocks from top to bottom."""
        return [row for block in blocks for row in self._block(block, width, ink)]

    def paragraph(self, paragraph: Paragraph, width: int, ink: RGB) -> list[Row]:
        """The rows of a paragraph, the space after it included."""
        indent = round(paragraph.indent * self.em)
        if paragraph.background is not None:
            ink = readable_ink(paragraph.background, self.theme)
        lines = self.typesetter.lines(paragraph.spans, width - indent, preserve=paragraph.preserve)
        rows = [
            self._line(line, paragraph, x=indent, width=width - indent, ink=ink) for line in lines
        ]
        if paragraph.marker and rows:
            self._mark(rows[0], paragraph, indent, ink)
        for row in rows:
            if paragraph.background is not None:
                row.fills.insert(0, ((0, 0, width, row.height), paragraph.background))
            if paragraph.left_bar is not None:
                bar = max(2, self.em // 6)
                row.fills.append(((0, 0, bar, row.height), paragraph.left_bar))
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
        image = figure.image
        widest = max(1, int(width * figure.max_width))
        tallest = _page_room(self.style)
        factor = min(1.0, widest / image.width, (tallest or image.height) / image.height)
        if factor < 1:
            size = (max(1, int(image.width * factor)), max(1, int(image.height * factor)))
            image = _plain(image).resize(size, Image.Resampling.LANCZOS)
        free = width - image.width
        left = {"left": 0, "center": free // 2, "right": free}[figure.align]
        rows = [Row(image.height, pictures=[(left, 0, _plain(image))])]
        if figure.caption:
            rows.append(self._gap(0.3))
            caption = Paragraph(spans=(Span(text=figure.caption, scale=0.9),), align="center")
            rows += self.paragraph(caption, width, ink)
        return [*rows, self._gap(0.5)]

    def _line(
        self,
        line: InlineLine | PlainLine,
        paragraph: Paragraph,
        *,
        x: int,
        width: int,
        ink: RGB,
    ) -> Row:
        """One line of text as a row as high as its glyphs need."""
        ascent, descent = self._metrics(line)
        pitch = round(self.style.line_height * self.em)
        row = Row(max(pitch, ascent + descent))
        align = paragraph.align
        if isinstance(line, InlineLine) and line.level % 2 and align == "left":
            align = "right"
        if align != "left":
            free = width - line.width
            x += round(free if align == "right" else free / 2)
        _draw(row, line, x=x, baseline=(row.height - ascent - descent) // 2 + ascent, ink=ink)
        return row

    def _metrics(self, line: InlineLine | PlainLine) -> tuple[int, int]:
        """Ascent and descent of a line: at least those of body text."""
        face = self.typesetter.face(_BODY)
        ascent, descent = face.ascent, face.descent
        if isinstance(line, PlainLine):
            return max(ascent, line.face.ascent), max(descent, line.face.descent)
        for piece in line.pieces:
            if piece.face is not face:
                face = piece.face
                ascent, descent = max(ascent, face.ascent), max(descent, face.descent)
            if isinstance(piece.drawing, Image.Image):
                depth = _depth(piece)
                ascent = max(ascent, piece.drawing.height - depth)
                descent = max(descent, depth)
        return ascent, descent

    def _mark(self, row: Row, paragraph: Paragraph, indent: int, ink: RGB) -> None:
        """Hang the marker to the left of the first line."""
        span = Span(text=paragraph.marker, mono=any(span.mono for span in paragraph.spans[:1]))
        line = self.typesetter.lines([span], 10 * self.em + indent)[0]
        x = max(0, round(indent - line.width - _MARKER_GAP * self.em))
        ascent, descent = self._metrics(line)
        text_lines, row.lines = row.lines, []
        _draw(row, line, x=x, baseline=(row.height - ascent - descent) // 2 + ascent, ink=ink)
        row.lines += text_lines


_BODY = Span(text="")


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


def _draw(row: Row, line: InlineLine | PlainLine, *, x: int, baseline: int, ink: RGB) -> None:
    """Add a line of text to its row."""
    if isinstance(line, PlainLine):
        _draw_plain(row, line, x=x, baseline=baseline, ink=ink)
    elif line.pieces:
        _draw_pieces(row, line, x=x, baseline=baseline, ink=ink)


def _draw_plain(row: Row, line: PlainLine, *, x: int, baseline: int, ink: RGB) -> None:
    words = line.words
    if not words:
        return
    color = line.color or ink
    row.inks += [
        (x + round(offset) + word.left, baseline + word.top, word, color) for word, offset in words
    ]
    (left, *_), (last, _, word, _) = row.inks[0], row.inks[-1]
    top, bottom = baseline - line.face.ascent, baseline + line.face.descent
    if line.face.has_tall_words:
        top = min(top, *(y for _, y, _, _ in row.inks))
        bottom = max(bottom, *(y + word.height for _, y, word, _ in row.inks))
    row.lines.append(TextLine(text=line.text, box=(left, top, last + word.width, bottom)))


def _draw_pieces(row: Row, line: InlineLine, *, x: int, baseline: int, ink: RGB) -> None:
    edges = []
    for piece, offset in line.placed():
        drawing, span = piece.drawing, piece.span
        start = x + round(offset)
        if span.underline or span.strike or span.background is not None:
            _decorate(row, piece, start, baseline, ink)
        if isinstance(drawing, Image.Image):
            width, height = drawing.size
            top = baseline + _depth(piece) - height
            row.pictures.append((start, top, drawing))
            edges.append((start, top, start + width, top + height))
        elif drawing is not None:
            start += drawing.left
            top = baseline + drawing.top
            row.inks.append((start, top, drawing, span.color or ink))
            edges.append((start, top, start + drawing.width, top + drawing.height))
        ascent, descent = piece.face.ascent, piece.face.descent
        edges.append((start, baseline - ascent, start, baseline + descent))
    lefts, tops, rights, bottoms = zip(*edges, strict=True)
    box = (min(lefts), min(tops), max(rights), max(bottoms))
    row.lines.append(TextLine(text=line.text, box=box))


def _decorate(row: Row, piece: Piece, start: int, baseline: int, ink: RGB) -> None:
    """Background of a piece, and lines under and through it."""
    size, span = piece.face.size, piece.span
    thickness = max(1, size // 14)
    end = start + round(piece.advance + 0.5)
    color = span.color or ink
    if span.background is not None:
        row.fills.append(((start, 0, end, row.height), span.background))
    if span.underline:
        y = baseline + max(1, size // 10)
        row.fills.append(((start, y, end, y + thickness), color))
    if span.strike:
        y = baseline - round(0.28 * size)
        row.fills.append(((start, y, end, y + thickness), color))


def _depth(piece: Piece) -> int:
    """Pixels of an inline image below the baseline; an emoji hangs a little."""
    if piece.span.image is not None:
        return piece.span.image_depth
    return round(0.18 * piece.face.size)


def _flow(rows: Sequence[Row], style: PageStyle, column_width: int) -> Iterator[Page]:
    """Fill columns and pages with rows."""
    width, margin = style.pixels(style.width), style.pixels(style.margin)
    theme = find_theme(style.theme)
    room = _page_room(style)
    sheets = [Sheet()]
    column, y = 0, 0
    for row in rows:
        if row.breaks_page:
            if sheets[-1].placed:
                sheets.append(Sheet())
                column, y = 0, 0
            continue
        if room is not None and y + row.height > room and y > 0:
            column, y = column + 1, 0
            if column == style.columns:
                sheets.append(Sheet())
                column = 0
        if room is not None and row.height > room:
            raise ValueError(
                f"a line, table row or figure is {row.height} pixels high, but a page holds "
                f"{room}: raise height above {style.height}, or lower font_size or margin"
            )
        if row.is_space and y == 0:
            continue
        x = margin + column * (column_width + style.pixels(style.column_gap))
        sheets[-1].placed.append((x, margin + y, row))
        y += row.height
    while len(sheets) > 1 and not sheets[-1].placed:
        sheets.pop()
    _check_size(rows, style, len(sheets))
    for sheet in sheets:
        yield sheet.paint(width, _sheet_height(sheet, style), theme)


def _sheet_height(sheet: Sheet, style: PageStyle) -> int:
    if style.height is not None:
        return style.pixels(style.height)
    last = max((y + row.height for _, y, row in sheet.placed if not row.is_space), default=0)
    return last + style.pixels(style.margin)


def _check_size(rows: Sequence[Row], style: PageStyle, num_pages: int) -> None:
    total = sum(row.height for row in rows) - (rows[-1].height if rows[-1].is_space else 0)
    if style.max_pages is not None and num_pages > style.max_pages:
        needed = -(-(total + 2 * style.pixels(style.margin)) * 96 // style.dpi)
        raise ValueError(
            f"text needs {num_pages} pages of height={style.height}, or one of height={needed}, at "
            f"width={style.width}, font_size={style.font_size}, but max_pages is "
            f"{style.max_pages}: raise height, width or max_pages, or lower font_size"
        )
    width = style.pixels(style.width)
    height = style.pixels(style.height) if style.height is not None else total
    if width * height > MAX_PAGE_PIXELS:
        raise ValueError(
            f"a page of {width} x {height} pixels exceeds {MAX_PAGE_PIXELS} pixels: set height to "
            "flow the text over pages, or lower font_size or dpi"
        )
    if width * height * num_pages > MAX_DOCUMENT_PIXELS:
        raise ValueError(
            f"{num_pages} pages of {width} x {height} pixels exceed {MAX_DOCUMENT_PIXELS} pixels: "
            "split the text"
        )


def _page_room(style: PageStyle) -> int | None:
    """Pixels between top and bottom margin, None if a page grows with its content."""
    if style.height is None:
        return None
    return style.pixels(style.height) - 2 * style.pixels(style.margin)


def _column_width(style: PageStyle) -> int:
    if style.columns > 1 and style.height is None:
        raise ValueError(f"columns={style.columns} need a page height: set height")
    inside = style.pixels(style.width) - 2 * style.pixels(style.margin)
    width = (inside - (style.columns - 1) * style.pixels(style.column_gap)) // style.columns
    if width < 1:
        raise ValueError(
            f"columns={style.columns} with column_gap={style.column_gap} leave no room on a page "
            f"of width={style.width}: raise width or lower columns"
        )
    return width


def _plain(image: Image.Image) -> Image.Image:
    """The image in a mode that can be pasted: palettes, CMYK and 16 bits become RGB or RGBA."""
    if image.mode in ("L", "RGB", "RGBA", "LA"):
        return image
    has_alpha = "transparency" in image.info or image.mode in ("PA", "La", "RGBa")
    return image.convert("RGBA" if has_alpha else "RGB")
