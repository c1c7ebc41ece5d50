"""Files that appear whole or not at all: write to a temporary name, fsync, rename."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from data_synth.files import sync


def write_atomic(path: Path, data: bytes | str) -> None:
    """Write a file so that a reader, or a kill at any instant, finds the old or the new content."""
    temporary = path.with_name(f".{path.name}.tmp")
    payload = data.encode() if isinstance(data, str) else data
    with open(temporary, "wb") as file:
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync(path.parent)


def write_json(path: Path, value: Any) -> None:
    """`write_atomic` of readable JSON."""
    write_atomic(path, json.dumps(value, indent=2, sort_keys=True) + "\n")


def remove_folder(path: Path) -> None:
    """Delete a folder so that a kill in between leaves no half of it under its name."""
    doomed = path.with_name(f".{path.name}.tmp")
    shutil.rmtree(doomed, ignore_errors=True)
    os.replace(path, doomed)
    shutil.rmtree(doomed)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder that becomes `path`, which must not exist, at the block's end.

    After an error in the block nothing appears.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    yield temporary
    for entry in temporary.rglob("*"):
        if entry.is_file():
            with open(entry, "rb") as file:
                os.fsync(file.fileno())
        else:
            sync(entry)
    sync(temporary)
    os.replace(temporary, path)
    sync(path.parent)
