"""Where bad rows go: as they are, with the reasons, so that they can be mended or looked into.

findings.jsonl         one line per finding: file, row, column, severity, reason, message
rows-00000.parquet     bad rows of one file with all their columns, and `_file`, `_row`,
                       `_reasons`
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from data_synth.checks import Fault
from data_synth.storage import check_output_folder

FINDINGS_NAME = "findings.jsonl"
_SUFFIXES = (".jsonl", ".parquet")


class Quarantine:
    """Writes the folder, which appears when the block ends without an error."""

    def __init__(self, folder: Path, *, overwrite: bool = False) -> None:
        self._folder = folder.resolve()
        self._staging = self._folder.with_name(f".{self._folder.name}.tmp-{os.getpid()}")
        self._writer: pq.ParquetWriter | None = None
        self._place = ""
        self._schema = pa.schema([])
        self._num_files = 0
        check_output_folder(self._folder, overwrite=overwrite, suffixes=_SUFFIXES)

    def __enter__(self) -> Self:
        self._staging.mkdir(parents=True)
        self._findings = open(self._staging / FINDINGS_NAME, "w", encoding="utf-8")
        return self

    def add_finding(self, place: str, row: int | None, fault: Fault) -> None:
        """Note a finding."""
        line = {
            "file": place,
            "row": row,
            "column": fault.column,
            "severity": fault.severity,
            "reason": fault.reason,
            "message": fault.message,
        }
        self._findings.write(json.dumps(line) + "\n")

    def add_rows(self, place: str, rows: pa.RecordBatch, reasons: Mapping[int, str]) -> None:
        """Keep rows of a file, which come file by file, with their numbers and reasons."""
        schema = rows.schema.remove_metadata()
        for name, kind in (("_file", pa.string()), ("_row", pa.int64()), ("_reasons", pa.string())):
            schema = schema.append(pa.field(name, kind))
        if self._writer is None or place != self._place or schema != self._schema:
            self._close_rows()
            path = self._staging / f"rows-{self._num_files:05d}.parquet"
            self._writer = pq.ParquetWriter(path, schema, compression="zstd")
            self._place, self._schema = place, schema
            self._num_files += 1
        added = [
            pa.array([place] * len(reasons)),
            pa.array(list(reasons)),
            pa.array(list(reasons.values())),
        ]
        self._writer.write_batch(pa.RecordBatch.from_arrays([*rows.columns, *added], schema=schema))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._findings.close()
            self._close_rows()
            if kind is None:
                if self._folder.exists():
                    shutil.rmtree(self._folder)
                os.replace(self._staging, self._folder)
        finally:
            shutil.rmtree(self._staging, ignore_errors=True)

    def _close_rows(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
