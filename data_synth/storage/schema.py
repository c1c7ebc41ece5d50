"""The columns of a row: types, metadata for `datasets`, and `Problem` to row and back."""

import io
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

import pyarrow as pa
from PIL import Image, UnidentifiedImageError

from data_synth.problem import Modality, Problem, Region

SUFFIX = ".parquet"
_INT64 = range(-(2**63), 2**63)

_REGION = pa.struct([("image", pa.int64()), ("text", pa.string()), ("box", pa.list_(pa.int64()))])
_INTEGER_COLUMNS = ("difficulty", "seed", "index")
_FIELDS = {column.name: column for column in fields(Problem)}
COLUMN_TYPES: Mapping[str, pa.DataType] = {
    **dict.fromkeys(_FIELDS, pa.string()),
    **dict.fromkeys(_INTEGER_COLUMNS, pa.int64()),
    "images": pa.list_(pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
    "alternatives": pa.list_(pa.string()),
    "regions": pa.list_(_REGION),
    "eval_only": pa.bool_(),
}
"""Every column as it is written, in order."""
_READABLE_TYPES = {**COLUMN_TYPES, "images": pa.list_(pa.struct([("bytes", pa.binary())]))}
REPETITIVE_COLUMNS = tuple(
    name
    for name, kind in COLUMN_TYPES.items()
    if not pa.types.is_nested(kind)
    and not pa.types.is_boolean(kind)
    and name not in ("question", "answer", "reasoning", "text_twin", "id")
)
"""Columns with few distinct values, for which a dictionary pays."""


def file_schema() -> pa.Schema:
    """The columns, with the metadata from which `datasets` takes its features."""
    features: dict[str, Any] = {name: _feature(kind) for name, kind in COLUMN_TYPES.items()}
    # Releases before 4.0 only know this name; later ones read it as `List`.
    features["images"] = {"feature": {"_type": "Image"}, "_type": "Sequence"}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    return pa.schema(list(COLUMN_TYPES.items()), metadata=metadata)


def _feature(kind: pa.DataType) -> Any:
    """The form of a type that every release of `datasets` reads in the same way."""
    if pa.types.is_list(kind):
        # Not `Sequence`: that turns a list of structs into a struct of lists.
        return [_feature(kind.value_type)]
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind.fields}
    return {"dtype": str(kind), "_type": "Value"}


def to_row(problem: Problem) -> dict[str, Any]:
    """A problem as the row to write; raises ValueError if an integer does not fit 64 bits."""
    row = {name: getattr(problem, name) for name in _FIELDS}
    for name in _INTEGER_COLUMNS:
        if row[name] not in _INT64:
            raise ValueError(
                f"{name}={row[name]} of problem {problem.id} does not fit 64 signed bits: choose "
                "a smaller one"
            )
    row["images"] = [{"bytes": image, "path": None} for image in problem.images]
    row["regions"] = [
        {"image": region.image, "text": region.text, "box": region.box}
        for region in problem.regions
    ]
    row["modality"] = problem.modality.value
    return row


def row_bytes(row: Mapping[str, Any]) -> int:
    """About how much a row takes: its images and its long texts."""
    texts = (row["question"], row["answer"], row["reasoning"], row["text_twin"] or "")
    return (
        sum(len(image["bytes"]) for image in row["images"])
        + sum(map(len, texts))
        + sum(len(region["text"]) + 40 for region in row["regions"])
    )


class RowError(ValueError):
    """A row that is no problem, because of one column."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def from_row(row: Mapping[str, Any], *, check_images: bool = True) -> Problem:
    """The problem of a row; columns left out take their defaults.

    Raises:
        RowError: a null, a value that no problem has, or, if `check_images`, an image whose header
            cannot be read.
    """
    values = dict(row)
    for name, value in row.items():
        if value is None and name != "text_twin":
            raise RowError(name, f"column {name!r} is null: fill it in")
    values["images"] = tuple(
        _image_bytes(image, check=check_images) for image in row.get("images", ())
    )
    values["alternatives"] = tuple(row.get("alternatives", ()))
    if None in values["alternatives"]:
        raise RowError("alternatives", "column 'alternatives' holds a null: leave it out")
    values["regions"] = tuple(_region(region) for region in row.get("regions", ()))
    try:
        values["modality"] = Modality(row.get("modality", _FIELDS["modality"].default))
    except ValueError as error:
        raise RowError("modality", f"{error}: choose one of {', '.join(Modality)}") from error
    return Problem(**values)


def readable_columns(schema: pa.Schema) -> tuple[list[str], dict[str, str]]:
    """The columns of a file that a problem takes, and what is wrong with others, by column."""
    wrong: dict[str, str] = {}
    for name, expected in _READABLE_TYPES.items():
        positions = schema.get_all_field_indices(name)
        if not positions:
            if _FIELDS[name].default is MISSING:
                wrong[name] = f"is missing: add it as {expected}"
        elif len(positions) > 1:
            wrong[name] = f"is there {len(positions)} times: keep one"
        elif not _reads_as(schema.field(name).type, expected):
            wrong[name] = f"has type {schema.field(name).type}: make it {COLUMN_TYPES[name]}"
    present = [name for name in COLUMN_TYPES if name in schema.names and name not in wrong]
    return present, wrong


def _reads_as(found: pa.DataType, expected: pa.DataType) -> bool:
    """Whether values of a type come out as the Python values of the expected one."""
    kinds = pa.types
    if kinds.is_dictionary(found):
        found = found.value_type
    if kinds.is_struct(expected):
        return kinds.is_struct(found) and all(
            found.get_field_index(field.name) >= 0
            and _reads_as(found.field(field.name).type, field.type)
            for field in expected.fields
        )
    if kinds.is_list(expected):
        is_list = kinds.is_list(found) or kinds.is_large_list(found)
        return bool(
            (is_list or kinds.is_fixed_size_list(found))
            and _reads_as(found.value_type, expected.value_type)
        )
    if kinds.is_int64(expected):
        return bool(kinds.is_integer(found))
    if kinds.is_string(expected):
        return bool(kinds.is_string(found) or kinds.is_large_string(found))
    if kinds.is_binary(expected):
        return bool(kinds.is_binary(found) or kinds.is_large_binary(found))
    return bool(found == expected)


def _region(region: Mapping[str, Any] | None) -> Region:
    if region is None or None in region.values() or None in region["box"]:
        raise RowError("regions", "a region holds a null: fill it in or leave the region out")
    if len(region["box"]) != 4:
        raise RowError(
            "regions", f"a region's box is {region['box']}: give left, top, right, bottom"
        )
    left, top, right, bottom = region["box"]
    return Region(image=region["image"], text=region["text"], box=(left, top, right, bottom))


def _image_bytes(image: Mapping[str, Any] | None, *, check: bool) -> bytes:
    if image is None or image["bytes"] is None:
        raise RowError("images", "an image has no bytes: embed the image file itself, not its path")
    data: bytes = image["bytes"]
    if not check:
        return data
    try:
        Image.open(io.BytesIO(data)).close()  # reads the header only
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise RowError(
            "images",
            f"an image of {len(data)} bytes cannot be decoded ({error}): store a PNG or JPEG file",
        ) from error
    return data
