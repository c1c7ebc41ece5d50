"""Rows of a published set, from the hub or from local files, with every cell checked.

Images stay the encoded files they were published as: nothing is decoded here.
"""

import ast
import importlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_synth.sources.base import import_package

_BUILDERS = {".parquet": "parquet", ".json": "json", ".jsonl": "json"}
_MAX_LIST_TEXT = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Location:
    """Where the rows of one split are.

    Example:
        Location(source="docvqa", repository="lmms-lab/DocVQA", configs=("DocVQA",),
                 split="validation")
    """

    source: str
    """Name of the source, for messages."""
    repository: str
    configs: tuple[str | None, ...] = (None,)
    """Configurations to read one after the other; None is the only or default one."""
    split: str
    revision: str | None = None
    """Commit of the repository."""
    path: str | None = None
    """A local file or folder to read instead."""
    streaming: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row; a cell that breaks the schema is a ValueError that names the row and the column.

    Example:
        row.text("question"), row.texts("answers"), row.number("latitude")
    """

    source: str
    split: str
    index: int
    """Position in the split, from 0."""
    cells: Mapping[str, Any]
    folder: Path | None = None
    """What image paths are relative to, for rows of local files."""

    def text(self, column: str) -> str:
        """A text, without the blanks around it."""
        value = self._cell(column)
        if not isinstance(value, str):
            raise self.broken(column, "a text")
        return value.strip()

    def optional_text(self, column: str) -> str:
        """A text, empty if the cell is null or the column absent."""
        return "" if self.cells.get(column) is None else self.text(column)

    def texts(self, column: str) -> list[str]:
        """A list of texts, or one written as a Python list; empty for null or an empty text."""
        value = self._cell(column)
        if isinstance(value, str):
            value = self._parse_list(column, value)
        if value is None:
            return []
        if not isinstance(value, Sequence) or not all(isinstance(each, str) for each in value):
            raise self.broken(column, "a list of texts")
        return [each.strip() for each in value]

    def pairs(self, column: str, first: str, second: str) -> list[tuple[str, str]]:
        """A list of records with two texts each, or a record of two lists of equal length."""
        value = self._cell(column)
        if isinstance(value, Mapping):
            firsts, seconds = value.get(first), value.get(second)
            if not isinstance(firsts, Sequence) or not isinstance(seconds, Sequence):
                raise self.broken(column, f"lists {first!r} and {second!r}")
            if len(firsts) != len(seconds):
                raise self.broken(column, f"as many {first!r} as {second!r}")
            pairs = list(zip(firsts, seconds, strict=True))
        elif isinstance(value, Sequence) and all(isinstance(each, Mapping) for each in value):
            pairs = [(each.get(first), each.get(second)) for each in value]
        else:
            raise self.broken(column, f"records of {first!r} and {second!r}")
        if not all(isinstance(text, str) for pair in pairs for text in pair):
            raise self.broken(column, f"texts in {first!r} and {second!r}")
        return [(question.strip(), answer.strip()) for question, answer in pairs]

    def number(self, column: str) -> float:
        """A number, or one written as text."""
        value = self._cell(column)
        try:
            if isinstance(value, (int, float, str)) and not isinstance(value, bool):
                return float(value)
        except ValueError:  # the text of a row is not ours
            pass
        raise self.broken(column, "a number")

    def optional_integer(self, column: str) -> int | None:
        """A whole number, or None if the cell is null or the column absent."""
        if self.cells.get(column) is None:
            return None
        value = self.number(column)
        if value != int(value):
            raise self.broken(column, "a whole number")
        return int(value)

    def flag(self, column: str) -> bool:
        """A boolean."""
        value = self._cell(column)
        if not isinstance(value, bool):
            raise self.broken(column, "true or false")
        return value

    def record(self, column: str) -> "Row":
        """The row inside a cell that holds named values."""
        value = self._cell(column)
        if not isinstance(value, Mapping):
            raise self.broken(column, "named values")
        return Row(source=self.source, split=self.split, index=self.index, cells=value)

    def images(self, column: str) -> list[bytes]:
        """The encoded image or images of a cell; empty if it is null."""
        value = self._cell(column)
        many = isinstance(value, Sequence) and not isinstance(value, (str, bytes))
        return [self._image(column, each) for each in (value if many else [value]) if each]

    def broken(self, column: str, expected: str) -> ValueError:
        """The error for a cell that is not what the published schema says."""
        value = self.cells.get(column)
        return ValueError(
            f"row {self.index} of {self.source} ({self.split}), column {column!r}: expected "
            f"{expected}, found {type(value).__name__} {str(value)[:80]!r}: the schema is not the "
            "published one, pin the revision or correct the file"
        )

    def _cell(self, column: str) -> Any:
        if column not in self.cells:
            raise ValueError(
                f"row {self.index} of {self.source} ({self.split}) has no column {column!r}, only "
                f"{', '.join(self.cells)}: the schema is not the published one, pin the revision "
                "or correct the file"
            )
        return self.cells[column]

    def _parse_list(self, column: str, value: str) -> Any:
        if not value.strip():
            return []
        if len(value) > _MAX_LIST_TEXT:
            raise self.broken(column, f"at most {_MAX_LIST_TEXT} characters")
        try:
            return ast.literal_eval(value.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):  # the text is not ours
            raise self.broken(column, "a list of texts") from None

    def _image(self, column: str, value: Any) -> bytes:
        if isinstance(value, bytes):
            return value
        if isinstance(value, str):
            return self._read_image(column, value)
        if isinstance(value, Mapping):
            if isinstance(value.get("bytes"), bytes):
                return value["bytes"]
            if isinstance(value.get("path"), str):
                return self._read_image(column, value["path"])
        raise self.broken(column, "an encoded image")

    def _read_image(self, column: str, path: str) -> bytes:
        if self.folder is None:
            raise self.broken(column, "the bytes of an image")
        folder = self.folder.resolve()
        file = (folder / path).resolve()
        # A row must not read files that lie elsewhere on this machine.
        if not file.is_relative_to(folder) or not file.is_file():
            raise self.broken(column, f"the path of an image under {folder}")
        return file.read_bytes()


def open_rows(location: Location) -> Iterator[Row]:
    """The rows of a split in order; the files are found and opened before this returns.

    Raises:
        ValueError: `datasets` is not installed, the set cannot be reached, or the path holds no
            file of the split. Reading on can raise it too, for a broken file or connection.
    """
    import_package("datasets", source=location.source)
    if location.path is not None:
        root, builder, files = _find_files(location)
        table = _load(location, builder, data_files={location.split: files})
        return _number_rows(location, [table], folder=root)
    tables = (
        _load(location, location.repository, name=config, revision=location.revision)
        for config in location.configs
    )
    # The first configuration at once, so that an unreachable set fails here.
    return _number_rows(location, itertools.chain([next(tables)], tables), folder=None)


def _find_files(location: Location) -> tuple[Path, str, list[str]]:
    """The folder of a local copy, the builder that reads it and the files of the split."""
    path = Path(location.path or "")
    if path.is_file():
        if path.suffix not in _BUILDERS:
            raise ValueError(
                f"path={location.path!r} of {location.source}: a file must be "
                f"{', '.join(_BUILDERS)}"
            )
        return path.parent, _BUILDERS[path.suffix], [str(path)]
    if not path.is_dir():
        raise ValueError(
            f"path={location.path!r} of {location.source} does not exist: name a file or a folder"
        )
    for suffix, builder in _BUILDERS.items():
        files = [
            str(file)
            for config in location.configs
            for file in sorted(_config_folder(path, config).rglob(f"{location.split}*{suffix}"))
            if _is_of_split(file, location.split)
        ]
        if files:
            return path, builder, list(dict.fromkeys(files))
    raise ValueError(
        f"path={location.path!r} of {location.source} holds no file of split {location.split!r}: "
        f"name it {location.split}.parquet or {location.split}-00000-of-00001.parquet"
    )


def _config_folder(path: Path, config: str | None) -> Path:
    """Where a copy of the repository keeps a configuration; the folder itself otherwise."""
    return path / config if config is not None and (path / config).is_dir() else path


def _is_of_split(file: Path, split: str) -> bool:
    """test-00000-of-00001 and test are of split test; testmini-00000-of-00001 is not."""
    return file.stem.split("-")[0] == split


def _load(location: Location, dataset: str, **options: Any) -> Any:
    """An iterable of rows whose images are not decoded."""
    datasets = importlib.import_module("datasets")
    # A local copy is read in place; without streaming it would be copied into a cache.
    streaming = location.streaming or location.path is not None
    options = {key: value for key, value in options.items() if value is not None}
    try:
        table = datasets.load_dataset(dataset, split=location.split, streaming=streaming, **options)
    except (OSError, ValueError, _library_error()) as error:
        raise _unreadable(location, error) from error
    if not streaming:
        table = table.to_iterable_dataset()
    return table.decode(False) if table.features is not None else table


def _number_rows(
    location: Location, tables: Iterable[Any], *, folder: Path | None
) -> Iterator[Row]:
    numbers = itertools.count()
    for table in tables:
        for cells in _read_table(location, table):
            yield Row(
                source=location.source,
                split=location.split,
                index=next(numbers),
                cells=cells,
                folder=folder,
            )


def _read_table(location: Location, table: Any) -> Iterator[Mapping[str, Any]]:
    try:
        yield from table
    except (OSError, ValueError, _library_error()) as error:
        raise _unreadable(location, error) from error


def _library_error() -> type[Exception]:
    error: type[Exception] = importlib.import_module("datasets.exceptions").DatasetsError
    return error


def _unreadable(location: Location, error: Exception) -> ValueError:
    if location.path is not None:
        return ValueError(f"path={location.path!r} of {location.source} cannot be read: {error}")
    return ValueError(
        f"source {location.source!r} cannot read {location.repository} (split "
        f"{location.split!r}) from the hub: {error}: check the network and the revision, or pass "
        "path=... with a local copy of the set"
    )
