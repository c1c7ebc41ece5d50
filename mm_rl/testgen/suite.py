"""One problem through all steps of the recipe: inputs, votes, thresholds, mutation score.

    inputs -> validator -> duplicates -> votes (7 of 10) -> submissions pass (9 of 10) -> suite

Everything a result holds is a function of the folder and the thresholds, with one exception that is
rounded coarsely: the time limit comes from measured CPU time (`votes.TIME_LIMITS_S`).
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum

from data_synth.checks import MAX_TEXT
from data_synth.seeding import derive_rng
from data_synth.verify.program import ProgramTest, ProgramTests, same_output
from mm_rl.sandbox import CompileError, Executable, Limits, Program, RunStatus, Sandbox
from mm_rl.testgen.cases import (
    Case,
    CaseStatus,
    OrderedMap,
    generator_fault,
    make_inputs,
    requested_cases,
)
from mm_rl.testgen.folder import ProblemFolder, Submission, suite_of
from mm_rl.testgen.options import Thresholds
from mm_rl.testgen.votes import (
    TIME_LIMITS_S,
    Majority,
    find_majority,
    passing_submissions,
    time_limit,
)

MAX_REFERENCE_S = 20.0
"""CPU seconds a submission may take while it votes; three times this is the longest time limit."""
_WALL_FACTOR = 3.0


class Outcome(StrEnum):
    """Where a problem left the funnel, in the order of the steps."""

    SPECIAL_JUDGE = "special_judge"
    NO_GENERATOR = "no_generator"
    FEW_SUBMISSIONS = "few_submissions"
    """Too few accepted submissions in languages that can run here."""
    BAD_GENERATOR = "bad_generator"
    """Not reproducible, or too few inputs that exist, are valid and differ."""
    FEW_VALID = "few_valid"
    """Too few cases on whose output the submissions agree."""
    CONSTANT = "constant"
    """All outputs are the same, so that printing it would pass."""
    FEW_PASSING = "few_passing"
    """Too few submissions pass all valid cases."""
    TOO_BIG = "too_big"
    """Needs a longer time limit, or more text, than a problem may have."""
    MUTANT_PASSED = "mutant_passed"
    """A wrong submission passes, where that is ruled out."""
    KEPT = "kept"


@dataclass(kw_only=True, slots=True)
class SuiteResult:
    """What became of one problem."""

    name: str
    """The problem."""
    digest: str
    """Of its folder, so that an edited problem is done again."""
    outcome: Outcome = Outcome.KEPT
    """Where it left the funnel."""
    detail: str = ""
    """One line for humans."""
    cases: list[Case] = field(default_factory=list)
    """All requested cases; none if the problem left before."""
    submissions: dict[str, bool] = field(default_factory=dict)
    """The drawn submissions, and whether each passes all valid cases."""
    mutants: dict[str, int | None] = field(default_factory=dict)
    """By wrong submission: the index of the first case it fails; None if it passes all."""
    tests: ProgramTests | None = None
    """The suite of a kept problem."""

    def leave(self, outcome: Outcome, detail: str) -> "SuiteResult":
        """The same result, left at `outcome`."""
        self.outcome, self.detail = outcome, detail
        return self

    def cases_with(self, status: CaseStatus) -> list[Case]:
        """The cases of one status, in order."""
        return [case for case in self.cases if case.status is status]


def make_suite(
    folder: ProblemFolder, *, sandbox: Sandbox, thresholds: Thresholds, ordered_map: OrderedMap
) -> SuiteResult:
    """Take a problem through all steps.

    Args:
        folder: the problem.
        sandbox: runs everything untrusted; with the package cyaron.
        thresholds: what to keep.
        ordered_map: a `map` that may work in threads.

    Raises:
        ValueError: a wrong submission does not compile.
        SandboxFailure: of the machine, not of a program: nothing is decided.
    """
    result = SuiteResult(name=folder.meta.name, digest=folder.digest)
    if folder.meta.special_judge:
        return result.leave(Outcome.SPECIAL_JUDGE, "several outputs may be right")
    if folder.generator is None:
        return result.leave(Outcome.NO_GENERATOR, "see `python -m mm_rl.testgen write --help`")
    drawn = draw_submissions(folder, available=sandbox.languages(), thresholds=thresholds)
    if len(drawn) < thresholds.submissions:
        return result.leave(
            Outcome.FEW_SUBMISSIONS,
            f"{len(drawn)} can run here, {thresholds.submissions} must vote",
        )
    if fault := generator_fault(folder.generator):
        return result.leave(Outcome.BAD_GENERATOR, fault)
    with ExitStack() as stack:

        def prepare(source: str) -> Executable:
            return stack.enter_context(sandbox.prepare(Program(source=source)))

        result.cases = requested_cases(folder.meta.name, thresholds.cases, thresholds.seed)
        fault = make_inputs(
            folder,
            result.cases,
            generator=prepare(folder.generator),
            validator=prepare(folder.validator) if folder.validator is not None else None,
            ordered_map=ordered_map,
        )
    usable = result.cases_with(CaseStatus.UNVOTED)
    if fault or len(usable) < thresholds.needed:
        return result.leave(Outcome.BAD_GENERATOR, fault or _few_inputs(result, thresholds))
    judged = _Judge(folder=folder, sandbox=sandbox, ordered_map=ordered_map)
    slowest = _vote(result, usable, drawn, judged=judged, thresholds=thresholds)
    if result.outcome is Outcome.KEPT:
        _close(result, folder, slowest=slowest, thresholds=thresholds, judged=judged)
    return result


def draw_submissions(
    folder: ProblemFolder, *, available: dict[str, str], thresholds: Thresholds
) -> list[Submission]:
    """The ground-truth submissions that vote, drawn by a seed of the problem's own, by name."""
    runnable = [one for one in folder.right if one.program.language in available]
    rng = derive_rng("testgen", folder.meta.name, thresholds.seed, "submissions")
    drawn = rng.sample(runnable, min(thresholds.submissions, len(runnable)))
    return sorted(drawn, key=lambda one: one.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judge:
    """Runs submissions on cases."""

    folder: ProblemFolder
    sandbox: Sandbox
    ordered_map: OrderedMap

    def limits(self, cpu_s: float) -> Limits:
        return Limits(
            cpu_s=cpu_s, wall_s=_WALL_FACTOR * cpu_s + 2, memory_mb=self.folder.meta.memory_mb
        )

    def ballots(
        self, drawn: Sequence[Submission], cases: Sequence[Case]
    ) -> list[tuple[Majority, tuple[float, ...]]]:
        """By case: the majority, and the CPU seconds of every submission."""
        limits = self.limits(min(MAX_REFERENCE_S, 3 * self.folder.meta.time_limit_s))
        with ExitStack() as stack:
            voters = [self._prepare(one, stack) for one in drawn]

            def ballot(case: Case) -> tuple[Majority, tuple[float, ...]]:
                data = case.input.encode()
                runs = [voter.run(data, limits) if voter else None for voter in voters]
                outputs = [
                    run.stdout if run is not None and run.status is RunStatus.OK else None
                    for run in runs
                ]
                majority = find_majority(outputs, tolerance=self.folder.meta.tolerance)
                return majority, tuple(run.cpu_s if run is not None else 0.0 for run in runs)

            return list(self.ordered_map(ballot, cases))

    def _prepare(self, submission: Submission, stack: ExitStack) -> Executable | None:
        try:
            return stack.enter_context(self.sandbox.prepare(submission.program))
        except CompileError:  # accepted by another compiler: it has no vote here
            return None

    def first_failed(self, mutant: Submission, tests: ProgramTests) -> int | None:
        """Position of the first test that a submission fails; None if it passes all."""
        limits = self.limits(tests.time_limit_s)
        try:
            executable = self.sandbox.prepare(mutant.program)
        except CompileError as error:
            place = self.folder.path / "solutions" / mutant.name
            raise ValueError(f"{place} does not compile: mend it ({error})") from None
        with executable:
            for position, test in enumerate(tests.tests):
                run = executable.run(test.input.encode(), limits)
                if run.status is not RunStatus.OK or not same_output(
                    test.output, run.stdout, tolerance=tests.tolerance
                ):
                    return position
        return None


def _vote(
    result: SuiteResult,
    usable: Sequence[Case],
    drawn: Sequence[Submission],
    *,
    judged: _Judge,
    thresholds: Thresholds,
) -> float:
    """Fill in outputs and votes; returns the slowest valid run of a passing submission."""
    ballots = judged.ballots(drawn, usable)
    kept: list[tuple[Majority, tuple[float, ...]]] = []
    for case, (majority, seconds) in zip(usable, ballots, strict=True):
        case.votes, case.output = majority.votes, majority.output
        agreed = majority.votes >= thresholds.agreement
        case.status = CaseStatus.VALID if agreed else CaseStatus.DISAGREED
        if agreed:
            kept.append((majority, seconds))
    if len(kept) < thresholds.needed:
        result.leave(
            Outcome.FEW_VALID,
            f"{len(kept)} of {len(usable)} inputs have an output on which {thresholds.agreement} "
            f"of {thresholds.submissions} submissions agree, {thresholds.needed} are needed",
        )
        return 0.0
    passed = passing_submissions([majority for majority, _ in kept])
    result.submissions = {one.name: ok for one, ok in zip(drawn, passed, strict=True)}
    if len({majority.output for majority, _ in kept}) == 1 and len(kept) > 1:
        result.leave(Outcome.CONSTANT, "all outputs are the same")
    elif sum(passed) < thresholds.passing:
        failed = ", ".join(name for name, ok in result.submissions.items() if not ok)
        result.leave(
            Outcome.FEW_PASSING,
            f"{sum(passed)} of {thresholds.submissions} submissions pass, {thresholds.passing} are "
            f"needed; failing: {failed}",
        )
    runs = (pair for _, seconds in kept for pair in zip(seconds, passed, strict=True))
    return max((taken for taken, ok in runs if ok), default=0.0)


def _close(
    result: SuiteResult,
    folder: ProblemFolder,
    *,
    slowest: float,
    thresholds: Thresholds,
    judged: _Judge,
) -> None:
    """Make the suite, and set the wrong submissions on it."""
    limit = time_limit(slowest)
    if limit is None:
        result.leave(Outcome.TOO_BIG, f"would need more than {TIME_LIMITS_S[-1]:g} s per test")
        return
    valid = result.cases_with(CaseStatus.VALID)
    tests = suite_of(
        folder.meta,
        tuple(ProgramTest(input=case.input, output=case.output) for case in valid),
        time_limit_s=limit,
        solution=_demonstration(result, folder),
    )
    size = len(tests.to_json())
    if size > MAX_TEXT:
        result.leave(
            Outcome.TOO_BIG,
            f"its tests take {size} characters, more than {MAX_TEXT}: let the generator make "
            "smaller inputs",
        )
        return
    failed = judged.ordered_map(lambda mutant: judged.first_failed(mutant, tests), folder.wrong)
    for mutant, position in zip(folder.wrong, failed, strict=True):
        result.mutants[mutant.name] = None if position is None else valid[position].index
    passed = [name for name, index in result.mutants.items() if index is None]
    if passed:
        result.detail = f"wrong, but passes: {', '.join(passed)}"
    if passed and thresholds.require_mutations:
        result.outcome = Outcome.MUTANT_PASSED
    else:
        result.tests = tests


def _demonstration(result: SuiteResult, folder: ProblemFolder) -> str:
    """The shortest passing submission in the first language; empty if there is none."""
    sources = [
        one.program.source
        for one in folder.right
        if result.submissions.get(one.name) and one.program.language == folder.meta.languages[0]
    ]
    return min(sources, key=lambda source: (len(source), source), default="")


def _few_inputs(result: SuiteResult, thresholds: Thresholds) -> str:
    """How many inputs were lost to what."""
    lost = Counter(case.status for case in result.cases)
    usable = lost.pop(CaseStatus.UNVOTED, 0)
    losses = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in lost.items())
    detail = next((f" ({case.size}: {case.detail})" for case in result.cases if case.detail), "")
    return (
        f"{usable} of {thresholds.cases} inputs usable, {thresholds.needed} "
        f"needed: {losses}{detail}"
    )
