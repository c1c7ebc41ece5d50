"""Small local copies of published sets, in their published schemas."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import datasets
from datasets import Features, Value
from PIL import Image

from data_synth.problem import Modality, Problem
from data_synth.sources import SOURCES

TEXT, TEXTS = Value("string"), datasets.List(Value("string"))


def jpeg(shade: int) -> bytes:
    """A photograph-like file: encoding it again would change its bytes."""
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((24, 16)).point(lambda value: (value + shade) % 256).save(
        buffer, "JPEG", quality=41
    )
    return buffer.getvalue()


def cell(image: bytes) -> dict[str, Any]:
    """An image as published sets hold it."""
    return {"bytes": image, "path": None}


def write(path: Path, rows: Sequence[Mapping[str, Any]], features: Mapping[str, Any]) -> str:
    """Write rows as the parquet file that `push_to_hub` makes; returns its path."""
    columns = {name: [row[name] for row in rows] for name in features}
    path.parent.mkdir(parents=True, exist_ok=True)
    datasets.disable_progress_bars()
    datasets.Dataset.from_dict(columns, features=Features(dict(features))).to_parquet(path)
    return str(path)


def read(name: str, split: str, path: str) -> tuple[list[Problem], dict[str, int]]:
    """All problems of a local copy, and what was skipped."""
    source = SOURCES[name]
    problems = list(source.open(split, path=path))
    return problems, dict(source.skipped)


def real(name: str, **fields: Any) -> Problem:
    """A problem of a photographed set: what does not depend on the row comes from the source."""
    source = SOURCES[name]
    return Problem(
        source=name,
        modality=Modality.REAL,
        licence=source.licence,
        citation=source.citation,
        eval_only=source.eval_only,
        **fields,
    )
