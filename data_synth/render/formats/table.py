"""Tables from CSV, a JSON list of records, or a data frame."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from data_synth.render.blocks import Block, Span, TableBlock
from data_synth.render.formats.source_text import clean
from data_synth.render.formats.tree import compact
from data_synth.render.formats.values import Value, parse_json

MAX_CELLS = 200_000
_CURRENCIES = "$€£¥₹"
_SIGNS = "+-\u2212"


class DataFrame(Protocol):
    """What is used of a pandas data frame."""

    @property
    def columns(self) -> Any:
        """Names of the columns."""

    def itertuples(self, index: bool = ..., name: str | None = ...) -> Any:
        """The rows as tuples."""


def csv_blocks(text: str, *, delimiter: str = ",", header: bool = True) -> list[Block]:
    """CSV, cells as they are written; columns of numbers are aligned right.

    Raises:
        ValueError: a row with another number of cells than the first (named with its line), or
            quotes that do not match.
    """
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(clean(text), newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if not row:
                continue
            if rows and len(row) != len(rows[0]):
                raise ValueError(
                    f"CSV row {len(rows) + 1} (line {reader.line_num}) has {len(row)} cells, the "
                    f"first row has {len(rows[0])}: make all rows equally long"
                )
            rows.append(row)
    except csv.Error as error:  # the text is the user's
        raise ValueError(f"not valid CSV in line {reader.line_num}: {error}") from error
    return [table_block(rows, header=header)]


def json_table_blocks(text: str) -> list[Block]:
    """A JSON list of records; a cell is empty where a record lacks the key.

    Raises:
        ValueError: not valid JSON, or not a list of objects (names the row).
    """
    return [records_table(parse_json(text))]


def records_table(records: Value) -> TableBlock:
    """Records (mappings from column to value) as a table, columns in the order of appearance."""
    if not isinstance(records, Sequence) or isinstance(records, str) or not records:
        raise ValueError('a table needs a list of records, such as [{"name": "x", "n": 1}]')
    columns: dict[str, None] = {}
    for i, record in enumerate(records):
        if not isinstance(record, Mapping) or not record:
            raise ValueError(f"row {i + 1} of the table is no record: write an object with keys")
        columns.update(dict.fromkeys(record))
    rows = [list(columns)]
    for record in records:
        assert isinstance(record, Mapping)
        rows.append([_cell(record[key]) if key in record else "" for key in columns])
    return table_block(rows)


def frame_blocks(frame: DataFrame) -> list[Block]:
    """A pandas data frame, or anything with its `columns` and `itertuples`; without the index."""
    rows = [[str(name) for name in frame.columns]]
    rows += [[str(cell) for cell in row] for row in frame.itertuples(index=False, name=None)]
    return [table_block(rows)]


def table_block(rows: Sequence[Sequence[str]], *, header: bool = True) -> TableBlock:
    """A table of texts, all rows equally long.

    Raises:
        ValueError: no rows, rows that differ in length (named), or more than `MAX_CELLS` cells.
    """
    if not rows or not rows[0]:
        raise ValueError("the table is empty: pass at least one row with one cell")
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise ValueError(
                f"row {i + 1} has {len(row)} cells, the first row has {len(rows[0])}: make all "
                "rows equally long"
            )
    if len(rows) * len(rows[0]) > MAX_CELLS:
        raise ValueError(
            f"the table has {len(rows) * len(rows[0])} cells: split it, {MAX_CELLS} are allowed"
        )
    body = rows[1:] if header else rows
    aligns = tuple(
        "right" if _is_numeric([row[i].strip() for row in body]) else "left"
        for i in range(len(rows[0]))
    )
    return TableBlock(
        rows=tuple(tuple(_spans(cell) for cell in row) for row in rows),
        header_rows=1 if header else 0,
        align=aligns,
    )


def looks_numeric(text: str) -> bool:
    """Whether a cell is a number: sign, currency, separators, percent and exponent allowed."""
    text = text.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    text = text.lstrip(_SIGNS).lstrip(_CURRENCIES).lstrip(_SIGNS).rstrip("%").rstrip(_CURRENCIES)
    mantissa, _, exponent = text.lower().partition("e")
    if exponent and not exponent.lstrip("+-").isdecimal():
        return False
    digits = mantissa.strip()
    for separator in ",. '_\u00a0\u202f":
        digits = digits.replace(separator, "")
    return digits.isdecimal() and len(mantissa) <= 60


def _is_numeric(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(looks_numeric(cell) for cell in filled)


def _cell(value: Value) -> str:
    return str(value) if isinstance(value, str) else compact(value)


def _spans(cell: str) -> tuple[Span, ...]:
    # A cell is wrapped, not kept line by line.
    text = " ".join(cell.split())
    return (Span(text=text),) if text else ()
