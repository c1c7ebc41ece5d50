"""`Source`: a data set made elsewhere, read as a stream of `Problem` rows.

A subclass names the set and implements `_read`. Rows that cannot become a problem (a choice
question without an open answer, say) are counted by reason in `skipped`; a row that breaks the
published schema is an error, for silence would hide a changed data set.
"""

import importlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from typing import Any

from data_synth.problem import Problem


class Source(ABC):
    """A data set by name. Cheap to construct: packages and files are touched by `open` only.

    Example:
        source = SOURCES["chartqa"]
        problems = list(itertools.islice(source.open("train"), 100))
        print(source.skipped)
    """

    name: str
    """Key in `SOURCES` and `Problem.source`."""
    licence: str
    """SPDX identifier where one exists; every problem carries it."""
    citation: str = ""
    """What to cite; every problem carries it."""
    eval_only: bool = False
    """A benchmark, which the mixer refuses in training."""
    scoring: str
    """The verifier its problems name; a problem may name a narrower one, such as `numeric`."""
    splits: tuple[str, ...] = ("train",)
    """Names that `open` takes, the training split first."""

    def __init__(self) -> None:
        self.skipped: Counter[str] = Counter()
        """Rows left out by the last `open`, by reason; complete once its iterator has ended."""

    def open(
        self,
        split: str,
        *,
        path: str | None = None,
        streaming: bool = True,
        revision: str | None = None,
    ) -> Iterator[Problem]:
        """Stream a split in the order of the set.

        Args:
            split: one of `splits`.
            path: a local file or folder to read in place of the published set.
            streaming: read row by row; False downloads the split first. Sets that ship in a
                package ignore it.
            revision: commit of the published set, so that a later change cannot alter a run.

        Raises:
            ValueError: unknown split, a missing package or set, or, while iterating, a row that
                breaks the schema (named by row and column).
        """
        self.check_split(split)
        self.skipped = Counter()
        return self._read(split, path=path, streaming=streaming, revision=revision)

    def check_split(self, split: str) -> None:
        """Raise ValueError unless `open` takes the split."""
        if split not in self.splits:
            raise ValueError(f"split={split!r} of {self.name}: choose {' or '.join(self.splits)}")

    @abstractmethod
    def _read(
        self, split: str, *, path: str | None, streaming: bool, revision: str | None
    ) -> Iterator[Problem]:
        """Yield the problems of a known split, counting in `skipped` what is left out."""


def import_package(module: str, *, source: str, install: str = "mm_rl[sources]") -> Any:
    """Import an optional package, or raise ValueError saying what to install for `source`."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ValueError(
            f"source {source!r} needs the package {module}: run `pip install '{install}'`"
        ) from error
