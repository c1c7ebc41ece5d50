"""Writes a folder of shards that is complete or absent, and goes on after an interruption.

While it is written, a set lies beside its place in `.NAME.partial`:

    lock            held by the process that writes
    journal.json    the request, and how far the rest of the folder can be trusted
    data/           shards that are complete; becomes the set by one rename
    rows/           committed rows of the shards that are not

Parquet cannot be appended to, so the rows of an unfinished shard are kept twice: in the shard, and
every few seconds in a small synced file of their own, from which a later process rebuilds the shard
byte for byte.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from data_synth.files import sync
from data_synth.problem import Problem
from data_synth.storage.journal import Journal, Recovery
from data_synth.storage.reader import open_parquet, read_ids, read_rows
from data_synth.storage.schema import SUFFIX, row_bytes, to_row
from data_synth.storage.writer import ProblemWriter
from data_synth.stream import Resumable, resumable

SHARD_BYTES = 500 * 2**20
CARD_NAME = "README.md"
SHEET_NAME = "contact_sheet.png"
CARD_MARK = "<!-- made by data_synth -->"
"""Stands in every card, so that no README of somebody else is replaced."""
_JOURNAL_NAME = "journal.json"
_COMMIT_BYTES = 64 * 2**20


def write_problems(
    folder: Path | str,
    problems: Iterable[Problem],
    *,
    split: str | None = "train",
    overwrite: bool = False,
    shard_bytes: int = SHARD_BYTES,
    recovery: Recovery | None = None,
    complete: Callable[[Path], None] | None = None,
) -> int:
    """Write problems to a folder of shards `SPLIT-00000.parquet`, ...; returns how many.

    The folder is complete or absent, and memory is bounded by one row group and one commit. With
    `recovery`, an interrupted call can be repeated with `resume=True` and ends with the same bytes
    as an uninterrupted one; problems that are `Resumable` are then not made a second time.

    Args:
        folder: where the set appears.
        problems: the rows, in order.
        split: names the files, as `datasets` wants it, while each row keeps its own; None sorts
            the rows into files by their own.
        overwrite: replace a set, or an unfinished one.
        shard_bytes: a shard ends after the row that reaches this size.
        recovery: what the set is made from, and whether to go on with an unfinished one.
        complete: adds files, such as a card, to the folder before it appears.

    Raises:
        ValueError: see `check_output_folder`; there is no problem to write; an unfinished set is
            there and may not be continued, or was made from another request; another process is
            writing it.
        OSError: no room on the disk, say; what was committed is kept for `resume`.
    """
    folder = Path(folder).resolve()
    staging = folder.with_name(
        f".{folder.name}.partial" if recovery else f".{folder.name}.tmp-{os.getpid()}"
    )
    with _locked(staging):
        journal = _open_journal(staging, recovery, split=split, shard_bytes=shard_bytes)
        resuming = recovery is not None and recovery.resume
        if journal.rows and not (resuming or overwrite):
            raise ValueError(
                f"{staging} holds {journal.rows} problems of an unfinished set: pass --resume to "
                "go on with it, or --overwrite to start anew"
            )
        if not resuming:
            journal.forget()
        if not journal.complete:
            check_output_folder(folder, overwrite=overwrite, suffixes=(SUFFIX,))
            if journal.rows == 0:
                _remove_all_but(staging, "lock")
            set_writer = _SetWriter(staging, journal, split=split, shard_bytes=shard_bytes)
            _fill(set_writer, resumable(problems), recovery)
            if journal.rows == 0:
                raise ValueError(f"no problem to write to {folder}: the source is empty")
            if complete is not None:
                complete(staging / "data")
            journal.finish()
        _publish(staging, folder)
    return journal.rows


def check_output_folder(folder: Path, *, overwrite: bool, suffixes: tuple[str, ...]) -> None:
    """Raise ValueError unless `folder` is free, or may be replaced because only we filled it.

    A folder that holds anything but files with the given suffixes, and the card that we wrote, is
    never replaced.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"output folder {folder} is a file: choose another --out")
    entries = sorted(folder.iterdir()) if folder.exists() else []
    if entries and not overwrite:
        raise ValueError(
            f"output folder {folder} is not empty: choose another --out or pass --overwrite"
        )
    for entry in entries:
        if not entry.is_file() or not (entry.suffix in suffixes or _is_our_card(entry)):
            raise ValueError(
                f"output folder {folder} holds {entry.name!r}, which was not written by this "
                "command and --overwrite would lose: choose another --out"
            )


def _is_our_card(entry: Path) -> bool:
    if entry.name == SHEET_NAME:
        return True
    return entry.name == CARD_NAME and CARD_MARK in entry.read_text("utf-8", errors="replace")


def _open_journal(
    staging: Path, recovery: Recovery | None, *, split: str | None, shard_bytes: int
) -> Journal:
    if recovery is None:
        return Journal(None, {})
    request = {**recovery.fingerprint(), "split": split, "shard_bytes": shard_bytes}
    return Journal(staging / _JOURNAL_NAME, request, check=recovery.resume)


def _fill(set_writer: "_SetWriter", problems: Resumable, recovery: Recovery | None) -> None:
    """Write all problems, committing now and then."""
    journal = set_writer.journal
    try:
        if journal.rows:
            problems.seek(journal.position, set_writer.restore())
        commit_seconds = recovery.commit_seconds if recovery else float("inf")
        last = time.monotonic()
        for problem in problems:
            set_writer.write(problem)
            due = time.monotonic() - last >= commit_seconds
            if recovery and (due or set_writer.pending_bytes >= _COMMIT_BYTES):
                set_writer.commit(problems.position())
                last = time.monotonic()
        set_writer.finish()
    except OSError as error:
        set_writer.discard()
        if not journal.committed:
            raise
        raise OSError(
            f"{error}; {journal.committed} problems are safe: mend the cause and run the same "
            "command with --resume"
        ) from error
    except BaseException:
        set_writer.discard()
        raise


class _SetWriter:
    """The shards of every split that are open, and what of them is committed."""

    def __init__(
        self, staging: Path, journal: Journal, *, split: str | None, shard_bytes: int
    ) -> None:
        self.journal = journal
        self.pending_bytes = 0
        """Size of the rows that a crash would lose."""
        self._data = staging / "data"
        self._rows = staging / "rows"
        self._split = split
        self._shard_bytes = shard_bytes
        self._writers: dict[str, ProblemWriter] = {}
        self._pending: dict[str, list[dict[str, Any]]] = {}
        self._stale: list[Path] = []
        self._data.mkdir(exist_ok=True)
        self._rows.mkdir(exist_ok=True)

    def write(self, problem: Problem) -> None:
        """Append a problem to its shard."""
        name = self._split or problem.split
        row = to_row(problem)
        writer = self._writers.get(name)
        if writer is not None and writer.num_bytes >= self._shard_bytes:
            self._finish_shard(name)
            writer = None
        if writer is None:
            writer = self._writers[name] = self._open_shard(name)
        writer.write_row(row)
        self.journal.rows += 1
        if self.journal.is_kept:
            self._pending.setdefault(name, []).append(row)
            self.pending_bytes += row_bytes(row)

    def commit(self, position: dict[str, Any]) -> None:
        """Make everything written so far survive this process."""
        for name, rows in self._pending.items():
            state = self.journal.split(name)
            with ProblemWriter(self._part(name, state.shards, state.parts)) as part:
                for row in rows:
                    part.write_row(row)
            state.parts += 1
        self._pending, self.pending_bytes = {}, 0
        self.journal.commit(position)
        for path in self._stale:
            path.unlink()
        self._stale = []

    def restore(self) -> Iterator[str]:
        """Rebuild the open shards from their committed rows; returns the ids of all rows."""
        shards: list[Path] = []
        parts: dict[str, list[Path]] = {}
        for name, state in self.journal.splits.items():
            shards += [self._shard(name, number) for number in range(state.shards)]
            parts[name] = [self._part(name, state.shards, number) for number in range(state.parts)]
        known = [*shards, *chain.from_iterable(parts.values())]
        for path in {*self._data.iterdir(), *self._rows.iterdir()}.difference(known):
            path.unlink()  # left by a process that was killed before it could note them
        for name, paths in parts.items():
            if paths:
                self._rebuild(name, paths)
        return (problem_id for path in known for problem_id in read_ids(path))

    def _rebuild(self, name: str, parts: Sequence[Path]) -> None:
        writer = self._writers[name] = self._open_shard(name)
        for path in parts:
            with open_parquet(path) as file:
                for row in read_rows(file, None, path):
                    writer.write_row(row)

    def finish(self) -> None:
        """Complete the shards that are open."""
        for name in list(self._writers):
            self._finish_shard(name)

    def discard(self) -> None:
        """Give up what is not committed."""
        for writer in self._writers.values():
            writer.discard()

    def _open_shard(self, name: str) -> ProblemWriter:
        writer = ProblemWriter(self._shard(name, self.journal.split(name).shards))
        writer.open()
        return writer

    def _finish_shard(self, name: str) -> None:
        state = self.journal.split(name)
        self._writers.pop(name).finish()
        self._stale += [self._part(name, state.shards, number) for number in range(state.parts)]
        state.shards += 1
        state.parts = 0
        self._pending.pop(name, None)

    def _shard(self, name: str, number: int) -> Path:
        return self._data / f"{name}-{number:05d}{SUFFIX}"

    def _part(self, name: str, shard: int, number: int) -> Path:
        return self._rows / f"{name}-{shard:05d}-{number:05d}{SUFFIX}"


@contextmanager
def _locked(staging: Path) -> Iterator[None]:
    """Create the folder and hold its lock; an end without anything committed removes it."""
    staging.mkdir(parents=True, exist_ok=True)
    with open(staging / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ValueError(
                f"another process is writing {staging}: wait for it or choose another --out"
            ) from error
        try:
            yield
        finally:
            if staging.exists() and not (staging / _JOURNAL_NAME).exists():
                shutil.rmtree(staging)


def _remove_all_but(staging: Path, *kept: str) -> None:
    for entry in staging.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name not in kept:
            entry.unlink()


def _publish(staging: Path, folder: Path) -> None:
    """Put a complete set in its place; may be repeated after a crash at any point."""
    data = staging / "data"
    if data.exists():
        if folder.exists():
            os.replace(folder, staging / "replaced")
        os.replace(data, folder)
        sync(folder.parent)
    _remove_all_but(staging, "lock", _JOURNAL_NAME)
    # The journal last: as long as it is there, this can be repeated.
    shutil.rmtree(staging)
