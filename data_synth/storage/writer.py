"""Writes one parquet file of problems, whole or not at all."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from data_synth.files import sync
from data_synth.problem import Problem
from data_synth.storage.schema import REPETITIVE_COLUMNS, file_schema, row_bytes, to_row

_ROW_GROUP_ROWS = 100
_ROW_GROUP_BYTES = 64 * 2**20


class ProblemWriter:
    """Streams problems to one parquet file, which appears when the block ends without an error.

    Memory is bounded by one row group. The same problems give the same bytes.

    Example:
        with ProblemWriter("train.parquet") as writer:
            for problem in problems:
                writer.write(problem)
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.num_bytes = 0
        """About how much was written so far."""
        self._temporary = self.path.with_name(f".{self.path.name}.tmp-{os.getpid()}")
        self._rows: list[Mapping[str, Any]] = []
        self._buffered_bytes = 0

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.finish()
        else:
            self.discard()

    def open(self) -> None:
        """Start the file; as the block's start does."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(
            self._temporary,
            file_schema(),
            compression="none",  # the images are compressed already
            use_dictionary=list(REPETITIVE_COLUMNS),
            write_statistics=list(REPETITIVE_COLUMNS),
        )

    def finish(self) -> None:
        """Make the file appear; as the block's end does."""
        try:
            self._flush()
            self._writer.close()
            sync(self._temporary)
            os.replace(self._temporary, self.path)
            sync(self.path.parent)
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Leave nothing behind; as an error in the block does."""
        # The footer may not fit on the disk either; the first error is the one to report.
        with suppress(OSError, pa.ArrowException):
            self._writer.close()
        self._temporary.unlink(missing_ok=True)

    def write(self, problem: Problem) -> None:
        """Append a problem; raises ValueError if an integer does not fit 64 bits."""
        self.write_row(to_row(problem))

    def write_row(self, row: Mapping[str, Any]) -> None:
        """Append a problem given as its row (`schema.to_row`)."""
        self._rows.append(row)
        size = row_bytes(row)
        self.num_bytes += size
        self._buffered_bytes += size
        if len(self._rows) >= _ROW_GROUP_ROWS or self._buffered_bytes >= _ROW_GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_batch(pa.RecordBatch.from_pylist(self._rows, schema=file_schema()))
        self._rows, self._buffered_bytes = [], 0
