"""Long chains of thought made from a problem's own reasoning (k1.5 §2.2).

Every task explains itself as `plan: P. scan: S. S. check: C.`; a long trace says the same with the
four behaviours of a careful solver. Planning is the plan. Evaluation looks at a statement again, by
the inverse calculation where it holds one. Reflection has stated a step of the scan wrongly, says
which one, and corrects it. Exploration goes over the statements another way, back to front, and
finds them in agreement. What a trace ends with is what the reasoning ended with; the one false
statement in it is named and corrected before.

The scan stands where it stands in the short form, and what is new comes behind it: a small policy
reads pictures by the distance between a statement and the patches it is about, so words between
the two would cost it its eyes.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from data_synth.problem import Problem
from data_synth.seeding import derive_rng
from data_synth.statements import perturb, recheck

# How the behaviours are worded; the tagger of `mm_rl.traces.tagging` knows these and many more.
# Terse like the reasoning itself: every word more is one more for a small policy to learn.
# Reflection between two reasonings, of which the first was wrong.
REFLECTIONS = ("wait:", "no, wait:")
_EVALUATIONS = (("test:", "yes"), ("verify:", "yes"))
_EXPLORATIONS = (("again:", "same"), ("other way:", "same"))


class Behaviour(StrEnum):
    """What long chains of thought are to show (k1.5 §2.2)."""

    PLANNING = "planning"
    """Outlines the steps before taking them."""
    EVALUATION = "evaluation"
    """Looks critically at an intermediate step."""
    REFLECTION = "reflection"
    """Notices that something was wrong, and corrects it."""
    EXPLORATION = "exploration"
    """Takes another way to the answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LongTrace:
    """A long reasoning and what was put into it.

    Example:
        make_trace(problem, behaviours=frozenset(Behaviour)).reasoning
    """

    reasoning: str
    behaviours: frozenset[Behaviour]
    """Those of the wanted ones that the reasoning gave room for."""
    slip: tuple[str, str] | None = None
    """Reflection: the step as first stated, wrongly, and as corrected."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reasoning:
    plan: str
    statements: tuple[tuple[str, ...], ...]
    """Statements of the scan in their comma-separated steps."""
    answer: str
    """What the check repeats."""


def make_trace(problem: Problem, *, behaviours: frozenset[Behaviour]) -> LongTrace | None:
    """A long trace of a problem; None if its reasoning has not the form of a task's.

    Args:
        problem: with a `reasoning`.
        behaviours: what the trace is to show.
    """
    parsed = _parse(problem.reasoning)
    if parsed is None:
        return None
    rng = derive_rng("data_synth trace", problem.id, *sorted(behaviours))
    shown = set(behaviours)
    slip = _choose_slip(parsed, rng) if Behaviour.REFLECTION in shown else None
    if slip is None:
        shown.discard(Behaviour.REFLECTION)
    parts = []
    evaluated = Behaviour.EVALUATION in shown
    if Behaviour.PLANNING in shown:
        parts.append(f"plan: {parsed.plan}.")
    parts.append(f"scan: {_scan(parsed, slip)}.")
    if evaluated:
        opening, verdict = rng.choice(_EVALUATIONS)
        step = _choose_true_step(parsed, slip, rng)
        parts.append(f"{opening} {recheck(step)}, {verdict}.")
    if slip is not None:
        parts.append(f"wait, not {slip.wrong}: {slip.right}.")
    if Behaviour.EXPLORATION in shown:
        opening, closing = rng.choice(_EXPLORATIONS)
        parts.append(f"{opening} {_back_to_front(parsed.statements)}. {closing}.")
    parts.append(f"{'check' if evaluated else 'so'}: {parsed.answer}.")
    return LongTrace(
        reasoning=" ".join(parts),
        behaviours=frozenset(shown),
        slip=None if slip is None else (slip.wrong, slip.right),
    )


def _parse(reasoning: str) -> _Reasoning | None:
    head, scan_mark, rest = reasoning.partition(". scan: ")
    scan, check_mark, answer = rest.rpartition(". check: ")
    if not (head.startswith("plan: ") and scan_mark and check_mark and answer.endswith(".")):
        return None
    return _Reasoning(
        plan=head.removeprefix("plan: "),
        statements=tuple(tuple(part.split(", ")) for part in scan.split(". ")),
        answer=answer.removesuffix("."),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Slip:
    statement: int
    step: int
    wrong: str
    right: str


def _choose_slip(parsed: _Reasoning, rng: random.Random) -> _Slip | None:
    """A step and a false form of it that is not another of the reasoning's steps."""
    steps = [
        (s, p, step)
        for s, statement in enumerate(parsed.statements)
        for p, step in enumerate(statement)
    ]
    true = {step for _, _, step in steps}
    rng.shuffle(steps)
    for s, p, step in steps:
        wrong = perturb(step, rng)
        if wrong is not None and wrong not in true:
            return _Slip(statement=s, step=p, wrong=wrong, right=step)
    return None


def _scan(parsed: _Reasoning, slip: _Slip | None) -> str:
    """The statements, one step of them as the slip has it."""
    statements = [list(statement) for statement in parsed.statements]
    if slip is not None:
        statements[slip.statement][slip.step] = slip.wrong
    return ". ".join(", ".join(statement) for statement in statements)


def _choose_true_step(parsed: _Reasoning, slip: _Slip | None, rng: random.Random) -> str:
    """A step that the scan states as it is; the corrected one if there is no other."""
    steps = [
        step
        for s, statement in enumerate(parsed.statements)
        for p, step in enumerate(statement)
        if slip is None or (s, p) != (slip.statement, slip.step)
    ]
    return rng.choice(steps) if steps else parsed.statements[0][0]


def _back_to_front(statements: Sequence[Sequence[str]]) -> str:
    """Statements from the last to the first; those of a single one step by step."""
    if len(statements) > 1:
        return ". ".join(", ".join(statement) for statement in reversed(statements))
    (steps,) = statements
    if len(steps) > 1:
        return ", ".join(reversed(steps))
    words = steps[0].split(" ")
    # A calculation does not read backwards; it is gone through again as it is.
    return steps[0] if {"=", ":"} & set(words) else " ".join(reversed(words))
