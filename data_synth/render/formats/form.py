"""Forms and receipts from one record (`data_synth.render.formats.record`)."""

from decimal import Decimal

from data_synth.render.blocks import Block, Panel, Paragraph, Rule, Span, TableBlock
from data_synth.render.formats.colors import palette_of
from data_synth.render.formats.record import Record
from data_synth.render.page import PageStyle

_CHECKED, _UNCHECKED = "\u2612", "\u2610"  # a box with a cross, a box


def form_blocks(record: Record, style: PageStyle) -> list[Block]:
    """A form: a grid of fields, boxes that are ticked or not, a table of items."""
    blocks: list[Block] = []
    if record.title:
        blocks.append(Paragraph(spans=(Span(text=record.title, bold=True, scale=1.4),)))
    blocks += [Paragraph(spans=(Span(text=line),), space_after=0.1) for line in record.lines]
    if record.fields:
        rows = tuple(
            ((Span(text=label, bold=True),), (Span(text=value),) if value else ())
            for label, value in record.fields
        )
        blocks.append(TableBlock(rows=rows, header_rows=0))
    if record.checkboxes:
        boxes = tuple(
            Paragraph(
                spans=(Span(text=f"{_CHECKED if checked else _UNCHECKED} {label}"),),
                space_after=0.2,
            )
            for label, checked in record.checkboxes
        )
        border = palette_of(style).border
        blocks.append(Panel(blocks=boxes, background=None, border=border))
    if record.items:
        blocks.append(_items(record, grid=True))
    if record.note:
        blocks.append(Paragraph(spans=(Span(text=record.note, italic=True),)))
    return _not_empty(blocks)


def receipt_blocks(record: Record, style: PageStyle) -> list[Block]:
    """A till receipt: centred head, items without a grid, totals at the end."""
    blocks: list[Block] = []
    if record.title:
        title = Span(text=record.title, bold=True, scale=1.3, mono=True)
        blocks.append(Paragraph(spans=(title,), align="center", space_after=0.2))
    blocks += [
        Paragraph(spans=(_mono(line),), align="center", space_after=0.1) for line in record.lines
    ]
    for label, value in record.fields:
        blocks.append(Paragraph(spans=(_mono(f"{label}: {value}"),), space_after=0.1))
    if record.items:
        blocks += [Rule(), _items(record, grid=False)]
    for label, checked in record.checkboxes:
        text = f"{_CHECKED if checked else _UNCHECKED} {label}"
        blocks.append(Paragraph(spans=(_mono(text),), space_after=0.1))
    if record.note:
        blocks += [Rule(), Paragraph(spans=(_mono(record.note),), align="center")]
    border = palette_of(style).border
    return [Panel(blocks=tuple(_not_empty(blocks)), background=None, border=border, padding=1.0)]


def _items(record: Record, *, grid: bool) -> TableBlock:
    """The items, and below them the totals in the same columns."""
    mono = not grid
    rows = [("Item", "Qty", "Price", "Amount")]
    for item in record.items:
        whole_cents = item.price == round(item.price, 2)
        price = record.money(item.price) if whole_cents else _plain(item.price)
        rows.append((item.name, _plain(item.quantity), price, record.money(item.amount)))
    rows.append(("Subtotal", "", "", record.money(record.subtotal)))
    if record.discount:
        rows.append(("Discount", "", "", record.money(-record.discount)))
    if record.tax is not None:
        rows.append((f"Tax {_plain(record.tax)}%", "", "", record.money(record.tax_amount)))
    cells = [tuple(_cell(text, mono=mono) for text in row) for row in rows]
    total = ("Total", "", "", record.money(record.total))
    cells.append(tuple(_cell(text, mono=mono, bold=True) for text in total))
    return TableBlock(rows=tuple(cells), align=("left", "right", "right", "right"), grid=grid)


def _cell(text: str, *, mono: bool, bold: bool = False) -> tuple[Span, ...]:
    return (Span(text=text, mono=mono, bold=bold),) if text else ()


def _plain(number: Decimal) -> str:
    """As it was written, without an exponent."""
    return f"{number:f}"


def _mono(text: str) -> Span:
    return Span(text=text, mono=True)


def _not_empty(blocks: list[Block]) -> list[Block]:
    if not blocks:
        raise ValueError("the record shows nothing: give it a title, fields or items")
    return blocks
