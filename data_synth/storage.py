"""Problems on disk: parquet that plain `datasets.load_dataset` opens with decoded images.

A file or folder appears whole or not at all: everything is written under a temporary name, synced
and renamed. Memory is bounded on both sides by one row group.
"""

import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, UnidentifiedImageError

from data_synth.problem import Modality, Problem

SHARD_BYTES = 500 * 2**20
_ROW_GROUP_ROWS = 100
_ROW_GROUP_BYTES = 64 * 2**20
_SUFFIX = ".parquet"
_INT64 = range(-(2**63), 2**63)

_IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_INTEGER_COLUMNS = ("difficulty", "seed", "index")
_FIELDS = {column.name: column for column in fields(Problem)}
_TYPES: dict[str, pa.DataType] = {
    **dict.fromkeys(_FIELDS, pa.string()),
    **dict.fromkeys(_INTEGER_COLUMNS, pa.int64()),
    "images": pa.list_(_IMAGE),
}
_REPETITIVE_COLUMNS = [
    name
    for name in _FIELDS
    if name not in ("question", "images", "answer", "reasoning", "text_twin", "id")
]


def _schema() -> pa.Schema:
    """The columns, with the metadata from which `datasets` takes its features."""
    features: dict[str, Any] = {
        name: {"dtype": "int64" if kind == pa.int64() else "string", "_type": "Value"}
        for name, kind in _TYPES.items()
    }
    # Releases before 4.0 only know this name; later ones read it as `List`.
    features["images"] = {"feature": {"_type": "Image"}, "_type": "Sequence"}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    return pa.schema(list(_TYPES.items()), metadata=metadata)


class ProblemWriter:
    """Streams problems to one parquet file, which appears when the block ends without an error.

    Example:
        with ProblemWriter("train.parquet") as writer:
            for problem in problems:
                writer.write(problem)
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.num_bytes = 0
        """Bytes of the images written so far."""
        self._temporary = self.path.with_name(f".{self.path.name}.tmp-{os.getpid()}")
        self._rows: list[dict[str, Any]] = []
        self._buffered_bytes = 0

    def __enter__(self) -> "ProblemWriter":
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(
            self._temporary,
            _schema(),
            compression="none",  # the images are compressed already
            use_dictionary=_REPETITIVE_COLUMNS,
            write_statistics=_REPETITIVE_COLUMNS,
        )
        return self

    def write(self, problem: Problem) -> None:
        """Append a problem; raises ValueError if an integer does not fit 64 bits."""
        for name in _INTEGER_COLUMNS:
            if getattr(problem, name) not in _INT64:
                raise ValueError(
                    f"{name}={getattr(problem, name)} of problem {problem.id} does not fit 64 "
                    "signed bits: choose a smaller one"
                )
        self._rows.append(_to_row(problem))
        size = sum(len(image) for image in problem.images)
        self.num_bytes += size
        self._buffered_bytes += size
        if len(self._rows) >= _ROW_GROUP_ROWS or self._buffered_bytes >= _ROW_GROUP_BYTES:
            self._flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._flush()
            self._writer.close()
            if kind is None:
                _sync(self._temporary)
                os.replace(self._temporary, self.path)
                _sync(self.path.parent)
        finally:
            self._temporary.unlink(missing_ok=True)

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_batch(pa.RecordBatch.from_pylist(self._rows, schema=_schema()))
        self._rows, self._buffered_bytes = [], 0


def write_problems(
    folder: Path | str,
    problems: Iterable[Problem],
    *,
    split: str = "train",
    overwrite: bool = False,
    shard_bytes: int = SHARD_BYTES,
) -> int:
    """Write problems to a folder of shards `SPLIT-00000.parquet`, ...; returns how many.

    The folder is complete or absent. `split` names the files, as `datasets` wants it; each row
    keeps its own.

    Raises:
        ValueError: see `check_output_folder`; or there is no problem to write.
    """
    folder = Path(folder).resolve()
    check_output_folder(folder, overwrite=overwrite, suffixes=(_SUFFIX,))
    staging = folder.with_name(f".{folder.name}.tmp-{os.getpid()}")
    try:
        count = _write_shards(staging, problems, split=split, shard_bytes=shard_bytes)
        if count == 0:
            raise ValueError(f"no problem to write to {folder}: the source is empty")
        if folder.exists():
            outgoing = folder.with_name(f".{folder.name}.old-{os.getpid()}")
            os.replace(folder, outgoing)
            os.replace(staging, folder)
            shutil.rmtree(outgoing)
        else:
            os.replace(staging, folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return count


def check_output_folder(folder: Path, *, overwrite: bool, suffixes: tuple[str, ...]) -> None:
    """Raise ValueError unless `folder` is free, or may be replaced because only we filled it.

    A folder that holds anything but files with the given suffixes is never replaced.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"output folder {folder} is a file: choose another --out")
    entries = sorted(folder.iterdir()) if folder.exists() else []
    if entries and not overwrite:
        raise ValueError(
            f"output folder {folder} is not empty: choose another --out or pass --overwrite"
        )
    for entry in entries:
        if entry.suffix not in suffixes or not entry.is_file():
            raise ValueError(
                f"output folder {folder} holds {entry.name!r}, which was not written by this "
                "command and --overwrite would lose: choose another --out"
            )


def read_problems(path: Path | str) -> Iterator[Problem]:
    """Stream the problems of a parquet file, or of a folder's files in the order of their names.

    Columns that a file lacks take the default of `Problem`; columns that `Problem` lacks are left
    out.

    Raises:
        ValueError: nothing to read, a file that is not parquet, a missing or mistyped column (named
            with the file), a row that is no problem (named by its number from 0).
    """
    files = problem_files(path)
    return (problem for file in files for problem in _read_file(file))


def count_problems(path: Path | str) -> int:
    """Number of rows under a path, from the files' footers alone; errors as `read_problems`."""
    return sum(_open(file).metadata.num_rows for file in problem_files(path))


def problem_files(path: Path | str) -> list[Path]:
    """The parquet files that a path stands for."""
    path = Path(path)
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ValueError(f"{path} does not exist: name a parquet file or a folder of them")
    files = sorted(path.glob(f"*{_SUFFIX}"))
    if not files:
        raise ValueError(f"folder {path} holds no {_SUFFIX} file: name the folder that does")
    return files


def _write_shards(
    folder: Path, problems: Iterable[Problem], *, split: str, shard_bytes: int
) -> int:
    count = shard = 0
    remaining = iter(problems)
    problem = next(remaining, None)
    while problem is not None:
        with ProblemWriter(folder / f"{split}-{shard:05d}{_SUFFIX}") as writer:
            while problem is not None and writer.num_bytes < shard_bytes:
                writer.write(problem)
                count += 1
                problem = next(remaining, None)
        shard += 1
    return count


def _to_row(problem: Problem) -> dict[str, Any]:
    row = {name: getattr(problem, name) for name in _FIELDS}
    row["images"] = [{"bytes": image, "path": None} for image in problem.images]
    row["modality"] = problem.modality.value
    return row


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:  # the file is the user's
        raise ValueError(f"{path} is not a readable parquet file: {error}") from error


def _read_rows(file: pq.ParquetFile, columns: list[str], path: Path) -> Iterator[dict[str, Any]]:
    try:
        for batch in file.iter_batches(batch_size=_ROW_GROUP_ROWS, columns=columns):
            yield from batch.to_pylist()
    except (pa.ArrowException, OSError) as error:  # the file is the user's
        raise ValueError(f"{path} is damaged: {error}") from error


def _read_file(path: Path) -> Iterator[Problem]:
    with _open(path) as file:
        columns = _check_schema(file.schema_arrow, path)
        for number, row in enumerate(_read_rows(file, columns, path)):
            try:
                problem = _from_row(row)
            except ValueError as error:  # the rows are the user's
                raise ValueError(f"row {number} of {path}: {error}") from error
            yield problem


def _check_schema(schema: pa.Schema, path: Path) -> list[str]:
    """The columns to read."""
    for name, expected in _TYPES.items():
        if name not in schema.names:
            if _FIELDS[name].default is MISSING:
                raise ValueError(f"column {name!r} is missing from {path}: add it as {expected}")
        elif not _reads_as(schema.field(name).type, expected):
            raise ValueError(
                f"column {name!r} of {path} has type {schema.field(name).type}: make it {expected}"
            )
    return [name for name in _TYPES if name in schema.names]


def _reads_as(found: pa.DataType, expected: pa.DataType) -> bool:
    """Whether values of a type come out as the Python values of the expected one."""
    kinds = pa.types
    if kinds.is_dictionary(found):
        found = found.value_type
    if expected == pa.int64():
        return bool(kinds.is_integer(found))
    if expected == pa.string():
        return bool(kinds.is_string(found) or kinds.is_large_string(found))
    if not (kinds.is_list(found) or kinds.is_large_list(found)):
        return False
    image = found.value_type
    return bool(
        kinds.is_struct(image)
        and image.get_field_index("bytes") >= 0
        and (
            kinds.is_binary(image.field("bytes").type)
            or kinds.is_large_binary(image.field("bytes").type)
        )
    )


def _from_row(row: Mapping[str, Any]) -> Problem:
    values = dict(row)
    for name, value in row.items():
        if value is None and name != "text_twin":
            raise ValueError(f"column {name!r} is null: fill it in")
    values["images"] = tuple(_image_bytes(image) for image in row.get("images", ()))
    if "modality" in row:
        values["modality"] = Modality(row["modality"])
    return Problem(**values)


def _image_bytes(image: Mapping[str, Any] | None) -> bytes:
    if image is None or image["bytes"] is None:
        raise ValueError("an image has no bytes: embed the image file itself, not its path")
    data: bytes = image["bytes"]
    try:
        Image.open(io.BytesIO(data)).close()  # reads the header only
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ValueError(
            f"an image of {len(data)} bytes cannot be decoded ({error}): store a PNG or JPEG file"
        ) from error
    return data


def _sync(path: Path) -> None:
    """Make the content of a file, or the names in a folder, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
