"""Which dropped problems a report shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_synth.problem import Problem
from mm_rl.curation.base import Drop, Pool
from mm_rl.curation.decisions import Decisions


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A dropped problem to show.

    Example:
        Example(step="duplicates", drop=drop, problem=problem, facts={}, twin=other)
    """

    step: str
    """Name of the filter."""
    drop: Drop
    problem: Problem
    facts: Mapping[str, Any]
    """What filters noted about it."""
    twin: Problem | None
    """The problem that it repeats, if that is a candidate."""


def choose_examples(pool: Pool, decided: Sequence[Decisions], count: int) -> list[Example]:
    """The first `count` problems of each reason of each filter, with their twins."""
    chosen = []
    for each in decided:
        taken: dict[str, int] = {}
        for index, drop in sorted(each.drops.items()):
            taken[drop.reason] = taken.get(drop.reason, 0) + 1
            if taken[drop.reason] <= count:
                chosen.append((each.name, index, drop))
    twins = _find(pool, {drop.twin for _, _, drop in chosen if drop.twin is not None})
    return [
        Example(
            step=step,
            drop=drop,
            problem=pool.problem(index),
            facts=pool.notes.get(index, {}),
            twin=twins.get(drop.twin or ""),
        )
        for step, index, drop in chosen
    ]


def explain_none(summary: Mapping[str, Any]) -> str:
    """Why there are no examples: nothing was dropped, or none are wanted."""
    num_dropped = summary["num_candidates"] - summary["num_kept"]
    if num_dropped == 0:
        return "Nothing was dropped."
    return f"{num_dropped} were dropped; curation.examples=0 shows none of them."


def _find(pool: Pool, ids: set[str]) -> dict[str, Problem]:
    """Problems of the pool by id."""
    found: dict[str, Problem] = {}
    for index in range(len(pool.problems)):
        if len(found) == len(ids):
            break
        problem = pool.problem(index)
        if problem.id in ids:
            found.setdefault(problem.id, problem)
    return found
