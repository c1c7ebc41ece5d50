"""Streams of problems that can go on from where another process left off."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Protocol, runtime_checkable

from data_synth.problem import Problem


@runtime_checkable
class Resumable(Protocol):
    """A stream whose place can be noted and found again without making what lies before it."""

    def __iter__(self) -> Iterator[Problem]: ...

    def __next__(self) -> Problem: ...

    def position(self) -> dict[str, Any]:
        """Where the stream stands after the last problem, as JSON; small however long it is."""

    def seek(self, position: Mapping[str, Any], yielded: Iterable[str]) -> None:
        """Go on after a noted position; only for a stream that was not read yet.

        `yielded` are the ids of all problems up to there, in any order.
        """


class IndexedStream(Iterator[Problem]):
    """A stream that starts at any row at little cost.

    Example:
        IndexedStream(lambda start: generate(requests[start:]))
    """

    def __init__(self, open_at: Callable[[int], Iterator[Problem]]) -> None:
        self._open_at = open_at
        self._row = 0
        self._problems: Iterator[Problem] | None = None

    def __next__(self) -> Problem:
        if self._problems is None:
            self._problems = self._open_at(self._row)
        problem = next(self._problems)
        self._row += 1
        return problem

    def position(self) -> dict[str, Any]:
        """The number of rows taken."""
        return {"row": self._row}

    def seek(self, position: Mapping[str, Any], yielded: Iterable[str] = ()) -> None:
        """Go on after a noted position."""
        self._row = position["row"]


def resumable(problems: Iterable[Problem]) -> Resumable:
    """The stream itself if it is resumable, else one that reads again what it must skip."""
    if isinstance(problems, Resumable):
        return problems
    return IndexedStream(lambda start: islice(problems, start, None))
