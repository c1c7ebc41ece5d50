"""Data files inside installed packages, and splits by what a file describes.

The files are found without importing their package: importing scikit-learn or vega-datasets costs
a second and pulls in pandas, and only the bytes are wanted.
"""

import csv
import gzip
import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from data_synth.seeding import derive_seed

SPLITS = ("train", "test")
_TEST_SHARE = 5  # one entity in five is tested on


def package_file(package: str, *parts: str, source: str) -> Path:
    """Path of a data file of an installed package.

    Raises:
        ValueError: the package is not installed, or has no such file.
    """
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec is not None else None
    if not folders:
        raise ValueError(
            f"source {source!r} needs the package {package}: run `pip install 'mm_rl[sources]'`"
        )
    for folder in folders:
        path = Path(folder, *parts)
        if path.exists():
            return path
    raise ValueError(
        f"the installed package {package} has no {'/'.join(parts)}: source {source!r} needs "
        "another version, run `pip install --upgrade 'mm_rl[sources]'`"
    )


def read_table(path: Path) -> list[dict[str, Any]]:
    """Rows of a CSV file (values are texts) or of a JSON list of objects."""
    lines = read_lines(path)
    if path.suffix == ".json":
        # Numbers stay texts: a float would not print as the table has it.
        rows: list[dict[str, Any]] = json.loads("".join(lines), parse_float=str, parse_int=str)
        return rows
    return list(csv.DictReader(lines))


def read_lines(path: Path) -> list[str]:
    """Lines of a text file, `.gz` or not."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    return text.splitlines()


def entity_split(source: str, entity: str) -> str:
    """`train` or `test` for everything made from one entity, such as a country or a photograph.

    A hash decides, so that an entity keeps its side when others are added.
    """
    return SPLITS[derive_seed("entity_split", source, entity) % _TEST_SHARE == 0]


def refuse_path(source: str, path: str | None) -> None:
    """Sets that are read from a package take no local path."""
    if path is not None:
        raise ValueError(f"path={path!r}: {source} is read from its package, pass no path")


def metadata_fields(source: Any) -> Mapping[str, Any]:
    """The fields of a problem that every problem of a source shares."""
    return {"source": source.name, "licence": source.licence, "citation": source.citation}
