"""The journal of a set that is being written: how far its folder can be trusted."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from data_synth.files import sync

_FORMAT = 1
_VERSIONED = ("mm_rl", "pillow", "pyarrow")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovery:
    """Makes a write resumable.

    Example:
        Recovery(request={"command": "generate", "seed": 3}, resume=True)
    """

    request: Mapping[str, Any]
    """Everything that decides the rows, as JSON values: an unfinished set is only continued by the
    same request."""
    resume: bool = False
    """Go on with an unfinished set; without one, start."""
    commit_seconds: float = 5.0
    """About how much work a crash may cost."""

    def fingerprint(self) -> dict[str, Any]:
        """The request with the versions of the packages that make the bytes."""
        versions = {f"version of {name}": _version(name) for name in _VERSIONED}
        plain: dict[str, Any] = json.loads(json.dumps(dict(self.request)))
        return plain | versions


@dataclass(kw_only=True, slots=True)
class SplitState:
    """What of a split is on disk."""

    shards: int = 0
    """Complete shards."""
    parts: int = 0
    """Files of committed rows of the next shard."""


@dataclass(kw_only=True, slots=True)
class _Content:
    """The file, as JSON."""

    format: int = _FORMAT
    request: dict[str, Any] = field(default_factory=dict)
    rows: int = 0
    splits: dict[str, SplitState] = field(default_factory=dict)
    position: dict[str, Any] = field(default_factory=dict)
    complete: bool = False


class Journal:
    """Counts rows and shards; with a path, notes them there when `commit` is called."""

    def __init__(self, path: Path | None, request: dict[str, Any], *, check: bool = False) -> None:
        self._path = path
        self._request = request
        self.forget()
        if path is not None and path.exists():
            self._load(path, check=check)

    @property
    def is_kept(self) -> bool:
        """Whether there is a file."""
        return self._path is not None

    def forget(self) -> None:
        """Start from nothing."""
        self.rows = 0
        self.committed = 0
        """Rows at the last commit."""
        self.complete = False
        self.position: dict[str, Any] = {}
        """Of the stream, at the last commit."""
        self.splits: dict[str, SplitState] = {}

    def split(self, name: str) -> SplitState:
        """The state of a split, new if it has none."""
        return self.splits.setdefault(name, SplitState())

    def commit(self, position: dict[str, Any]) -> None:
        """Note the present state durably."""
        self.position = position
        self._save()

    def finish(self) -> None:
        """Note that nothing but the renaming is left to do."""
        self.complete = True
        self._save()

    def _save(self) -> None:
        if self._path is None:
            return
        content = _Content(
            request=self._request,
            rows=self.rows,
            splits=self.splits,
            position=self.position,
            complete=self.complete,
        )
        temporary = self._path.with_suffix(".tmp")
        temporary.write_text(json.dumps(asdict(content)), encoding="utf-8")
        sync(temporary)
        os.replace(temporary, self._path)
        sync(self._path.parent)
        self.committed = self.rows

    def _load(self, path: Path, *, check: bool) -> None:
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if values["format"] != _FORMAT:
                raise ValueError(f"format {values['format']} is not {_FORMAT}")
            content = _Content(**values)
            self.splits = {name: SplitState(**state) for name, state in values["splits"].items()}
        except (ValueError, TypeError, KeyError, AttributeError) as error:  # edited or foreign
            raise ValueError(
                f"{path} cannot be read ({error}): remove {path.parent} to start anew"
            ) from error
        if check:
            _check_request(content.request, self._request, path.parent)
        self.rows = self.committed = content.rows
        self.position, self.complete = content.position, content.complete


def _check_request(found: Mapping[str, Any], wanted: Mapping[str, Any], staging: Path) -> None:
    names = sorted(
        name for name in {*found, *wanted} if found.get(name, None) != wanted.get(name, None)
    )
    if names:
        changes = ", ".join(
            f"{name} ({found.get(name)!r}, now {wanted.get(name)!r})" for name in names
        )
        raise ValueError(
            f"the unfinished set in {staging} was made from another request; these differ: "
            f"{changes}: repeat the first command with --resume, or pass --overwrite without it"
        )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "unknown"
