"""What every filter of the curation works on: the pool, and the decision to drop a problem."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from data_synth.problem import Problem
from mm_rl.prompts.prompt_set import PromptSet
from mm_rl.prompts.tags import PromptTags, tag_problem
from mm_rl.run import Run


@dataclass(frozen=True, kw_only=True, slots=True)
class Drop:
    """Why a problem leaves the pool.

    Example:
        Drop(reason="near_text", detail="Jaccard 0.93", twin="9f0c...")
    """

    reason: str
    """A short name in snake_case; the funnel counts by it."""
    detail: str = ""
    """The evidence, for people."""
    twin: str | None = None
    """Id of the problem that this one repeats."""
    review: bool = False
    """Set aside for a person to look at, instead of thrown away."""


WARNING = "WARNING: "
"""Begins a remark that nobody should miss."""


class Pool:
    """The candidate problems, which of them are still in, and what filters found out about them.

    Its length is the number of problems still in; iterating gives their indices, ascending.

    Args:
        problems: all candidates. An index means the same problem from the first filter to the last.
        run: the run that curates: policy, judges, image store, configuration.
    """

    def __init__(self, problems: PromptSet, run: Run) -> None:
        self.problems = _Overlay(problems)
        self.run = run
        self.alive = list(range(len(problems)))
        """Indices still in, ascending."""
        self.notes: dict[int, dict[str, Any]] = {}
        """Facts that filters leave for later ones and for the report, JSON values by name:
        `pass_rate`, `guess_hits`, ..."""
        self.remarks: list[str] = []
        """What the filter at work has to say about its work as a whole."""

    def __len__(self) -> int:
        return len(self.alive)

    def __iter__(self) -> Iterator[int]:
        return iter(self.alive)

    def problem(self, index: int) -> Problem:
        """The problem at an index, as rewritten if a filter replaced it."""
        return self.problems.problem(index)

    def note(self, index: int, **facts: Any) -> None:
        """Add facts about a problem; a fact of the same name is replaced."""
        self.notes.setdefault(index, {}).update(facts)

    def remark(self, text: str) -> None:
        """Say something about the work of the present filter: printed, and part of the report."""
        self.remarks.append(text)

    def replace(self, index: int, problem: Problem) -> None:
        """Put a rewritten problem in the place of one; later filters see the new one only."""
        self.problems.replaced[index] = problem

    @property
    def replaced(self) -> Mapping[int, Problem]:
        """The rewritten problems by index."""
        return self.problems.replaced

    def drop(self, indices: set[int]) -> None:
        """Take problems out."""
        self.alive = [index for index in self.alive if index not in indices]


class Filter(ABC):
    """Looks at the problems still in and says which leave. Deterministic given the pool."""

    name: ClassVar[str]
    """What `curation.filters` calls it."""

    @abstractmethod
    def apply(self, pool: Pool) -> dict[int, Drop]:
        """What leaves, by index; a subset of `pool.alive`, which it does not change itself."""


class _Overlay(PromptSet):
    """A prompt set with some of its problems rewritten."""

    def __init__(self, problems: PromptSet) -> None:
        self._problems = problems
        self.replaced: dict[int, Problem] = {}

    def __len__(self) -> int:
        return len(self._problems)

    def problem(self, index: int) -> Problem:
        if index in self.replaced:
            return self.replaced[index]
        return self._problems.problem(index)

    def tags(self, index: int) -> PromptTags:
        if index in self.replaced:
            return tag_problem(self.replaced[index])
        return self._problems.tags(index)
