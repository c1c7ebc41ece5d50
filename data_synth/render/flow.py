"""Rows flowed into columns and pages."""

from collections.abc import Iterator, Sequence

from data_synth.render.page import MAX_DOCUMENT_PIXELS, MAX_PAGE_PIXELS, Page, PageStyle
from data_synth.render.rows import Row, Sheet
from data_synth.render.themes import find_theme


def flow(rows: Sequence[Row], style: PageStyle, column_width: int) -> Iterator[Page]:
    """Fill columns and pages with rows.

    Raises:
        ValueError: a row higher than a page, or more pages or pixels than allowed.
    """
    width, margin = style.pixels(style.width), style.pixels(style.margin)
    theme = find_theme(style.theme)
    room = page_room(style)
    sheets = [Sheet()]
    column, y = 0, 0
    for row, together in zip(rows, _heights_together(rows), strict=True):
        if row.breaks_page:
            if sheets[-1].placed:
                sheets.append(Sheet())
                column, y = 0, 0
            continue
        # What cannot stay together on any page is parted where the page ends.
        height = together if room is None or together <= room else row.height
        if room is not None and y + height > room and y > 0:
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


def _heights_together(rows: Sequence[Row]) -> list[int]:
    """Pixels from the top of each row to the end of the first one below that may end a column."""
    heights: list[int] = []
    below = 0
    for row in reversed(rows):
        below = 0 if row.breaks_page else row.height + (below if row.keeps else 0)
        heights.append(below)
    return heights[::-1]


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


def page_room(style: PageStyle) -> int | None:
    """Pixels between top and bottom margin, None if a page grows with its content."""
    if style.height is None:
        return None
    return style.pixels(style.height) - 2 * style.pixels(style.margin)


def column_width(style: PageStyle) -> int:
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
