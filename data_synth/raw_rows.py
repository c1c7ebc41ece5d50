"""Rows of parquet files that may hold anything.

Files are read by row group, so that damage costs a group and not the file, and a batch whose texts
are no text is taken apart row by row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_synth.checks import Fault
from data_synth.images import Severity
from data_synth.problem import Problem
from data_synth.storage.reader import open_parquet
from data_synth.storage.schema import RowError, from_row, readable_columns

BATCH_ROWS = 100
# What Arrow raises on damaged, unreadable or oversized files.
_READ_ERRORS = (pa.ArrowException, OSError, MemoryError, ValueError, IndexError, KeyError)


@dataclass(frozen=True, kw_only=True, slots=True)
class RawRow:
    """A row as far as it can be read."""

    number: int
    problem: Problem | None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RawBatch:
    """Some rows of a file, or what is wrong with it."""

    rows: tuple[RawRow, ...] = ()
    table: pa.RecordBatch | None = None
    """The same rows with all their columns."""
    faults: tuple[tuple[int | None, Fault], ...] = ()


def read_raw(path: Path) -> Iterator[RawBatch]:
    """Read a file as far as possible; never raises because of what it holds."""
    try:
        file = open_parquet(path)
        schema, metadata = file.schema_arrow, file.metadata
        group_rows = [metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
        columns, wrong = readable_columns(schema)
    except _READ_ERRORS as error:
        yield RawBatch(faults=((None, _error("unreadable", "", str(error)[:400])),))
        return
    with file:
        if wrong:
            found = [_error("schema", name, f"{name!r} {text}") for name, text in wrong.items()]
            yield RawBatch(faults=tuple((None, fault) for fault in found))
        start = 0
        for group, num_rows in enumerate(group_rows):
            yield from _read_group(file, group, start, columns if not wrong else None)
            start += max(0, num_rows)


def _read_group(
    file: pq.ParquetFile, group: int, start: int, columns: list[str] | None
) -> Iterator[RawBatch]:
    """The batches of a row group; `columns` None: the file's columns are not those of a problem."""
    number = start
    batches = file.iter_batches(batch_size=BATCH_ROWS, row_groups=[group])
    while True:
        try:
            table = next(batches, None)
            if table is None:
                return
            table.validate(full=False)
            rows = tuple(_rows(table, number, columns))
        except _READ_ERRORS as error:
            message = f"row group {group} cannot be read from here on: {error}"
            yield RawBatch(faults=((number, _error("damaged", "", message[:400])),))
            return
        yield RawBatch(rows=rows, table=table)
        number += table.num_rows


def _rows(table: pa.RecordBatch, start: int, columns: list[str] | None) -> Iterator[RawRow]:
    if columns is None:
        fault = _error("schema", "", "the file lacks columns of a problem or has others instead")
        for number in range(start, start + table.num_rows):
            yield RawRow(number=number, problem=None, faults=(fault,))
        return
    known = table.select(columns)
    try:
        values: list[dict[str, Any] | None] = list(known.to_pylist())
    except UnicodeDecodeError:
        values = [None] * table.num_rows
    for position, row in enumerate(values):
        number = start + position
        try:
            row = known.slice(position, 1).to_pylist()[0] if row is None else row
            yield RawRow(number=number, problem=from_row(row, check_images=False))
        except RowError as error:
            fault = _error("not_a_problem", error.column, str(error))
            yield RawRow(number=number, problem=None, faults=(fault,))
        except UnicodeError as error:
            fault = _error(
                "not_text", _column_that_is_no_text(known.slice(position, 1)), str(error)
            )
            yield RawRow(number=number, problem=None, faults=(fault,))


def _column_that_is_no_text(row: pa.RecordBatch) -> str:
    for name in row.schema.names:
        try:
            row.column(name).to_pylist()
        except UnicodeError:
            return str(name)
    return ""


def _error(reason: str, column: str, message: str) -> Fault:
    return Fault(severity=Severity.ERROR, reason=reason, column=column, message=message)
