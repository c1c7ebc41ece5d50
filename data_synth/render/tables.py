"""Tables: column widths, wrapped cells, grid."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from data_synth.render.blocks import Paragraph, Span, TableBlock
from data_synth.render.rows import Fill, Row, beside
from data_synth.style import RGB

if TYPE_CHECKING:
    from data_synth.render.layout import RowMaker

_PADDING = 0.4  # em beside the text of a cell
_PADDING_ABOVE = 0.15


def table_rows(maker: "RowMaker", table: TableBlock, width: int, ink: RGB) -> list[Row]:
    """One row per row of the table; columns share the width by what their text needs.

    Raises:
        ValueError: more columns than the width has room for.
    """
    padding = max(1, round(_PADDING * maker.em))
    cells = [
        [_header(cell) if number < table.header_rows else cell for cell in row]
        for number, row in enumerate(table.rows)
    ]
    widths = _column_widths(maker, cells, width, padding)
    edges = [sum(widths[:i]) for i in range(len(widths) + 1)]
    above = max(1, round(_PADDING_ABOVE * maker.em))
    rows = []
    for number, row in enumerate(cells):
        stacks = []
        for column, cell in enumerate(row):
            align = table.align[column] if table.align else "left"
            paragraph = Paragraph(spans=cell, align=align, space_after=0)  # type: ignore[arg-type]
            room = widths[column] - 2 * padding
            stacks.append((edges[column] + padding, maker.paragraph(paragraph, room, ink)))
        height = max(sum(line.height for line in stack) for _, stack in stacks) + 2 * above
        combined = beside([(left, [Row(above), *stack]) for left, stack in stacks], height)
        is_last = number == len(cells) - 1
        is_header = number == table.header_rows - 1
        combined.fills += _lines(
            edges, height, maker.theme.line, table, is_first=number == 0, is_last=is_last
        )
        if is_header and not table.grid:
            combined.fills.append(((0, height - 1, edges[-1], height), maker.theme.line))
        rows.append(combined)
    return rows


def _header(cell: tuple[Span, ...]) -> tuple[Span, ...]:
    return tuple(span if span.image is not None else replace(span, bold=True) for span in cell)


def _column_widths(
    maker: "RowMaker", cells: Sequence[Sequence[tuple[Span, ...]]], width: int, padding: int
) -> list[int]:
    """As wide as the text if all fits, else shared between the longest word and that."""
    endless = 10.0**6
    counted = maker.typesetter.fallbacks.copy()
    natural, narrow = [], []
    for column in zip(*cells, strict=True):
        lines = [line for cell in column for line in maker.typesetter.lines(cell, endless)]
        full = [line.width + line.overhang for line in lines]
        words = [extent + line.overhang for line in lines for extent in line.extents()]
        natural.append(int(max(full, default=0)) + 2 + 2 * padding)
        narrow.append(int(max(words, default=0)) + 2 + 2 * padding)
    maker.typesetter.fallbacks = counted  # measuring draws nothing
    if sum(natural) <= width:
        return natural
    if sum(narrow) > width:
        raise ValueError(
            f"a table of {len(natural)} columns needs a width of {sum(narrow)} pixels for its "
            f"longest words, but has {width}: raise width or lower font_size"
        )
    spare = width - sum(narrow)
    wanted = sum(natural) - sum(narrow)
    return [low + (high - low) * spare // wanted for low, high in zip(narrow, natural, strict=True)]


def _lines(
    edges: Sequence[int],
    height: int,
    color: RGB,
    table: TableBlock,
    *,
    is_first: bool,
    is_last: bool,
) -> list[Fill]:
    """The grid around the cells of one row; each row draws its upper edge."""
    if not table.grid:
        return []
    right = edges[-1]
    lines: list[Fill] = [((0, 0, right, 1), color)]
    if is_last:
        lines.append(((0, height - 1, right, height), color))
    lines += [((edge, 0, edge + 1, height), color) for edge in edges[:-1]]
    lines.append(((right - 1, 0, right, height), color))
    return lines
