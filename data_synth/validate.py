"""Checks every row of a set and says what is wrong with it, whatever the files hold.

A row is good if no fault of it is an error. Good rows can be written to a new set; bad ones go, as
they are, to a quarantine with the reasons.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa

from data_synth.checks import Fault, check_problem
from data_synth.images import DEFAULT_LIMITS, ImageLimits, Severity
from data_synth.problem import Problem
from data_synth.quarantine import Quarantine
from data_synth.raw_rows import BATCH_ROWS, RawBatch, read_raw
from data_synth.storage import problem_files, write_problems
from data_synth.storage.schema import file_schema, to_row

_EXAMPLES = 3
_ROW_BITS = 40  # of the number that packs a file and a row


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedRow:
    """One row and its faults."""

    number: int
    """Counted from 0 within its file."""
    problem: Problem | None
    """None if the row is no problem at all."""
    faults: tuple[Fault, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it can be used."""
        return self.problem is not None and not any(
            fault.severity is Severity.ERROR for fault in self.faults
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedBatch:
    """Some rows of one file."""

    place: str
    """The file, or the name of the stream."""
    rows: tuple[CheckedRow, ...] = ()
    raw: pa.RecordBatch | None = None
    """The same rows as they are."""
    faults: tuple[tuple[int | None, Fault], ...] = ()
    """Faults of the file: the first row they concern, or None, and what is wrong."""


@dataclass(kw_only=True, slots=True)
class Report:
    """What validation found."""

    rows: int = 0
    good_rows: int = 0
    file_errors: int = 0
    """Errors of files rather than of rows: what they hold may not have been read."""
    counts: Counter[tuple[Severity, str]] = field(default_factory=Counter)
    """Findings by severity and reason."""
    examples: dict[tuple[Severity, str], list[str]] = field(default_factory=dict)
    """The first few of each."""

    @property
    def has_errors(self) -> bool:
        """Whether anything is not to be used."""
        return self.good_rows < self.rows or self.file_errors > 0

    def add(self, place: str, row: int | None, fault: Fault) -> None:
        """Count a finding."""
        key = (fault.severity, fault.reason)
        self.counts[key] += 1
        examples = self.examples.setdefault(key, [])
        if len(examples) < _EXAMPLES:
            at = place if row is None else f"row {row} of {place}"
            examples.append(f"{at}, column {fault.column!r}: {fault.message}")


def check_files(
    path: Path | str, *, limits: ImageLimits = DEFAULT_LIMITS
) -> Iterator[CheckedBatch]:
    """Check a parquet file, or those of a folder; raises ValueError if there is none."""
    for file in problem_files(path):
        for raw in read_raw(file):
            yield _check_raw(str(file), raw, limits)


def check_stream(
    problems: Iterable[Problem], name: str, *, limits: ImageLimits = DEFAULT_LIMITS
) -> Iterator[CheckedBatch]:
    """Check problems that come from elsewhere, such as a published set through its adapter.

    A row that the adapter refuses ends the stream, with a finding that says why.
    """
    remaining = iter(problems)
    start = 0
    while True:
        batch: list[Problem] = []
        fault = None
        try:
            for problem in islice(remaining, BATCH_ROWS):
                batch.append(problem)
        except ValueError as error:  # the set is somebody else's
            fault = Fault(
                severity=Severity.ERROR, reason="schema", column="", message=str(error)[:400]
            )
        yield CheckedBatch(
            place=name,
            rows=tuple(
                CheckedRow(
                    number=number,
                    problem=problem,
                    faults=tuple(check_problem(problem, limits=limits)),
                )
                for number, problem in enumerate(batch, start)
            ),
            raw=pa.RecordBatch.from_pylist(list(map(to_row, batch)), schema=file_schema()),
            faults=() if fault is None else ((start + len(batch), fault),),
        )
        start += len(batch)
        if fault is not None or len(batch) < BATCH_ROWS:
            return


def validate(
    batches: Iterable[CheckedBatch],
    *,
    quarantine: Path | None = None,
    clean: Path | None = None,
    overwrite: bool = False,
    on_rows: Callable[[int], None] = lambda rows: None,
) -> Report:
    """Sum up checked rows, and sort them into two folders if wanted.

    Args:
        batches: from `check_files` or `check_stream`.
        quarantine: a folder for the bad rows and all findings (`Quarantine`).
        clean: a folder for the good rows, as a set in files by split.
        overwrite: replace what an earlier call wrote to these folders.
        on_rows: told the number of rows after each batch.

    Raises:
        ValueError: an output folder that is taken.
    """
    kept = Quarantine(quarantine, overwrite=overwrite) if quarantine else nullcontext()
    with kept as store:
        sorter = _Sorter(store)
        good = sorter.sort(batches, on_rows)
        first = next(good, None)
        if clean is not None and first is not None:
            write_problems(clean, chain([first], good), split=None, overwrite=overwrite)
        for _ in good:
            pass
    return sorter.report


class _Sorter:
    """Counts every finding, keeps bad rows and passes good ones on."""

    def __init__(self, store: Quarantine | None) -> None:
        self.report = Report()
        self._store = store
        self._seen: dict[str, int] = {}
        """File and row of every id, packed into a number."""
        self._places: list[str] = []

    def sort(
        self, batches: Iterable[CheckedBatch], on_rows: Callable[[int], None]
    ) -> Iterator[Problem]:
        """Yield the good problems in their order."""
        for batch in batches:
            if not self._places or self._places[-1] != batch.place:
                self._places.append(batch.place)
            for number, fault in batch.faults:
                self._note(batch.place, number, fault)
                self.report.file_errors += fault.severity is Severity.ERROR
            bad: dict[int, CheckedRow] = {}
            for position, checked in enumerate(batch.rows):
                row = self._with_duplicate(checked)
                for fault in row.faults:
                    self._note(batch.place, row.number, fault)
                self.report.rows += 1
                if row.is_good and row.problem is not None:
                    self.report.good_rows += 1
                    yield row.problem
                else:
                    bad[position] = row
            if self._store is not None and batch.raw is not None and bad:
                self._store.add_rows(
                    batch.place,
                    batch.raw.take(pa.array(bad)),
                    {
                        row.number: ";".join(sorted({fault.reason for fault in row.faults}))
                        for row in bad.values()
                    },
                )
            on_rows(len(batch.rows))

    def _note(self, place: str, row: int | None, fault: Fault) -> None:
        self.report.add(place, row, fault)
        if self._store is not None:
            self._store.add_finding(place, row, fault)

    def _with_duplicate(self, row: CheckedRow) -> CheckedRow:
        if row.problem is None:
            return row
        here = len(self._places) - 1 << _ROW_BITS | row.number
        first = self._seen.setdefault(row.problem.id, here)
        if first == here:
            return row
        file, number = self._places[first >> _ROW_BITS], first % 2**_ROW_BITS
        fault = Fault(
            severity=Severity.ERROR,
            reason="duplicate",
            column="id",
            message=f"row {number} of {file} has the same id: keep one",
        )
        return replace(row, faults=(*row.faults, fault))


def _check_raw(place: str, raw: RawBatch, limits: ImageLimits) -> CheckedBatch:
    rows = []
    for row in raw.rows:
        faults = row.faults
        if row.problem is not None:
            faults = (*faults, *check_problem(row.problem, limits=limits))
        rows.append(CheckedRow(number=row.number, problem=row.problem, faults=faults))
    return CheckedBatch(place=place, rows=tuple(rows), raw=raw.table, faults=raw.faults)
