"""Streams problems from parquet files; memory is bounded by one row group."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_synth.problem import Problem
from data_synth.storage.schema import SUFFIX, from_row, readable_columns

_BATCH_ROWS = 100


def read_problems(path: Path | str, *, start: int = 0) -> Iterator[Problem]:
    """Stream the problems of a parquet file, or of a folder's files in the order of their names.

    Columns that a file lacks take the default of `Problem`; columns that `Problem` lacks are left
    out. The first `start` rows are skipped, whole row groups of them unread.

    Raises:
        ValueError: nothing to read, a file that is not parquet, a missing or mistyped column (named
            with the file), a row that is no problem (named by its number from 0).
    """
    return _read_files(problem_files(path), start)


def count_problems(path: Path | str) -> int:
    """Number of rows under a path, from the files' footers alone; errors as `read_problems`."""
    return sum(_num_rows(file) for file in problem_files(path))


def read_ids(path: Path) -> Iterator[str]:
    """The ids in a file that this package wrote, without its images."""
    with open_parquet(path) as file:
        for row in read_rows(file, ["id"], path):
            yield row["id"]


def problem_files(path: Path | str) -> list[Path]:
    """The parquet files that a path stands for."""
    path = Path(path)
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ValueError(f"{path} does not exist: name a parquet file or a folder of them")
    files = sorted(path.glob(f"*{SUFFIX}"))
    if not files:
        raise ValueError(f"folder {path} holds no {SUFFIX} file: name the folder that does")
    return files


def open_parquet(path: Path) -> pq.ParquetFile:
    """Open a file; raises ValueError if it is not readable parquet."""
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:  # the file is the user's
        raise ValueError(f"{path} is not a readable parquet file: {error}") from error


def read_rows(
    file: pq.ParquetFile, columns: list[str] | None, path: Path, *, start: int = 0
) -> Iterator[dict[str, Any]]:
    """The rows from number `start` on; raises ValueError where the file is damaged."""
    try:
        groups, skipped = _groups_from(file, start)
        batches = file.iter_batches(batch_size=_BATCH_ROWS, row_groups=groups, columns=columns)
        for batch in batches if groups else ():
            dropped = min(skipped, batch.num_rows)
            skipped -= dropped
            yield from batch.slice(dropped).to_pylist()
    except (pa.ArrowException, OSError) as error:  # the file is the user's
        raise ValueError(f"{path} is damaged: {error}") from error


def _read_files(files: list[Path], start: int) -> Iterator[Problem]:
    for file in files:
        rows = _num_rows(file) if start else 0
        if start < rows or not start:
            yield from _read_file(file, start)
        start = max(0, start - rows)


def _read_file(path: Path, start: int) -> Iterator[Problem]:
    with open_parquet(path) as file:
        columns, wrong = readable_columns(file.schema_arrow)
        for name, fault in wrong.items():
            raise ValueError(f"column {name!r} of {path} {fault}")
        for number, row in enumerate(read_rows(file, columns, path, start=start), start=start):
            try:
                problem = from_row(row)
            except ValueError as error:  # the rows are the user's
                raise ValueError(f"row {number} of {path}: {error}") from error
            yield problem


def _num_rows(path: Path) -> int:
    with open_parquet(path) as file:
        return int(file.metadata.num_rows)


def _groups_from(file: pq.ParquetFile, start: int) -> tuple[list[int], int]:
    """The row groups that hold rows from `start` on, and how many rows of the first to skip."""
    metadata = file.metadata
    group = 0
    while group < metadata.num_row_groups and start >= metadata.row_group(group).num_rows:
        start -= metadata.row_group(group).num_rows
        group += 1
    return list(range(group, metadata.num_row_groups)), start
