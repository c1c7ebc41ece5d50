"""The funnel: how many problems and cases each step leaves, as JSON and as a page of Markdown."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mm_rl.testgen.cases import CaseStatus
from mm_rl.testgen.options import Thresholds
from mm_rl.testgen.suite import Outcome, SuiteResult

_STEPS = (
    (Outcome.SPECIAL_JUDGE, "no special judge"),
    (Outcome.NO_GENERATOR, "with a generator"),
    (Outcome.FEW_SUBMISSIONS, "with {submissions} submissions"),
    (Outcome.BAD_GENERATOR, "with {needed} inputs or more"),
    (Outcome.FEW_VALID, "with {needed} valid cases or more"),
    (Outcome.CONSTANT, "whose outputs differ"),
    (Outcome.FEW_PASSING, "that {passing} submissions pass"),
    (Outcome.TOO_BIG, "within time and size"),
    (Outcome.MUTANT_PASSED, "that no wrong submission passes"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Funnel:
    """Counts over a run."""

    problems: int
    """Problems read."""
    dropped: dict[str, int]
    """By `Outcome`: problems that left there."""
    kept: int
    """Problems in the set."""
    cases: dict[str, int]
    """By `CaseStatus`: requested cases of all problems that reached the generator."""
    mutants: int
    """Wrong submissions set on a suite."""
    mutants_failed: int
    """Those that fail at least one test of it."""
    rows: tuple[dict[str, Any], ...]
    """By problem: its outcome, counts and detail."""

    def as_json(self) -> dict[str, Any]:
        """All values by name."""
        return asdict(self)


def count_funnel(results: Sequence[SuiteResult]) -> Funnel:
    """Count the results of a run."""
    outcomes = Counter(result.outcome for result in results)
    statuses = Counter(case.status for result in results for case in result.cases)
    verdicts = [index for result in results for index in result.mutants.values()]
    return Funnel(
        problems=len(results),
        dropped={outcome.value: outcomes[outcome] for outcome, _ in _STEPS},
        kept=outcomes[Outcome.KEPT],
        cases={status.value: statuses[status] for status in CaseStatus},
        mutants=len(verdicts),
        mutants_failed=sum(index is not None for index in verdicts),
        rows=tuple(_row(result) for result in results),
    )


def _row(result: SuiteResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "outcome": result.outcome.value,
        "cases": len(result.cases),
        "valid": len(result.cases_with(CaseStatus.VALID)),
        "passing": sum(result.submissions.values()),
        "submissions": len(result.submissions),
        "mutants": len(result.mutants),
        "mutants_failed": sum(index is not None for index in result.mutants.values()),
        "detail": result.detail,
    }


def funnel_page(funnel: Funnel, thresholds: Thresholds) -> str:
    """The report as Markdown."""
    names = {"needed": thresholds.needed, **thresholds.as_json()}
    left = funnel.problems
    steps = [f"| read | {left} | |"]
    for outcome, text in _STEPS:
        if outcome is Outcome.MUTANT_PASSED and not thresholds.require_mutations:
            continue
        lost = funnel.dropped[outcome]
        left -= lost
        steps.append(f"| {text.format(**names)} | {left} | {lost or ''} |")
    cases = [f"| {name.replace('_', ' ')} | {count} |" for name, count in funnel.cases.items()]
    rows = [
        f"| {row['name']} | {row['outcome'].replace('_', ' ')} | {row['valid']}/{row['cases']} | "
        f"{row['passing']}/{row['submissions']} | {row['mutants_failed']}/{row['mutants']} | "
        f"{row['detail'].replace('|', '/')} |"
        for row in funnel.rows
    ]
    return "\n".join(
        [
            "# Test-case generation\n",
            f"{thresholds.cases} cases per problem; a case is valid if {thresholds.agreement} of "
            f"{thresholds.submissions} submissions agree; a problem is kept if it has "
            f"{thresholds.needed} valid cases and {thresholds.passing} submissions pass all of "
            "them.\n",
            "| problems | left | dropped |\n| --- | ---: | ---: |",
            *steps,
            "\n| cases | number |\n| --- | ---: |",
            f"| requested | {sum(funnel.cases.values())} |",
            *cases,
            f"\nMutation score: {funnel.mutants_failed} of {funnel.mutants} wrong submissions fail "
            "at least one test.\n",
            "| problem | outcome | valid cases | submissions passing | wrong ones failing | detail "
            "|\n| --- | --- | ---: | ---: | ---: | --- |",
            *rows,
            "",
        ]
    )
