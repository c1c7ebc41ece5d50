"""Inputs of a problem: sizes, seeds, the generator's and the validator's runs, duplicates.

The generator reads one line of JSON, {"seed": 9, "index": 3, "size": "small"}, and prints an input.
CYaRon draws everything from the global `random` module, so a generator that starts with
`random.seed(seed)` is reproducible in every process, with one exception: `String.random_regular`
has a generator of its own that cannot be seeded. It is refused by name, and one input of every size
is made a second time, which finds any other source of chance.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from data_synth.seeding import derive_seed
from mm_rl.sandbox import Executable, Limits, RunResult, RunStatus
from mm_rl.testgen.folder import ProblemFolder

GENERATOR_LIMITS = Limits(cpu_s=10.0, wall_s=30.0, memory_mb=512)
VALIDATOR_LIMITS = Limits(cpu_s=10.0, wall_s=30.0, memory_mb=512)
MAX_INPUT_CHARS = 200_000
UNSEEDED = "random_regular"
_DETAIL_CHARS = 160


class Size(StrEnum):
    """What a generator is asked for, in the order in which a program meets the tests."""

    SMALL = "small"
    """A few elements, such that a person can check the output."""
    EDGE = "edge"
    """Corner cases: smallest and extreme values, ties, degenerate shapes."""
    MEDIUM = "medium"
    """Typical."""
    LARGE = "large"
    """Towards the limits."""
    MAX = "max"
    """The limits, such that slow programs run out of time."""


SHARES = {Size.SMALL: 0.2, Size.EDGE: 0.2, Size.MEDIUM: 0.3, Size.LARGE: 0.2, Size.MAX: 0.1}
"""Part of the cases that has each size."""


class CaseStatus(StrEnum):
    """What became of one requested input; `VALID` and `DISAGREED` are found by the votes."""

    VALID = "valid"
    GENERATOR_FAILED = "generator_failed"
    """Error, timeout, no output, too much output, or output that is no UTF-8."""
    INVALID = "invalid"
    """Refused by the validator."""
    DUPLICATE = "duplicate"
    """Equal to an earlier input, ends of lines aside."""
    DISAGREED = "disagreed"
    """Too few submissions agree on the output."""
    UNVOTED = "unvoted"
    """A usable input of a problem that left the funnel before the votes."""


@dataclass(kw_only=True, slots=True)
class Case:
    """One requested input and what is known of it so far."""

    index: int
    """Position in the request."""
    size: Size
    """What was asked for."""
    seed: int
    """What the generator was told to seed with."""
    input: str = ""
    """Empty if the generator failed."""
    status: CaseStatus = CaseStatus.UNVOTED
    """Where it stands, or was dropped."""
    votes: int = 0
    """Submissions that printed the majority's output."""
    output: str = ""
    """What the majority printed."""
    detail: str = field(default="")
    """For humans: how the generator failed."""


Task = TypeVar("Task")
Result = TypeVar("Result")


class OrderedMap(Protocol):
    """`map` that may work in threads: results in the order of the tasks."""

    def __call__(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], /
    ) -> Iterator[Result]: ...


def case_sizes(cases: int) -> list[Size]:
    """The size of each of `cases` inputs, small to max, by `SHARES` and largest remainders."""
    exact = {size: share * cases for size, share in SHARES.items()}
    counts = {size: int(value + 1e-9) for size, value in exact.items()}
    left = cases - sum(counts.values())
    for size in sorted(SHARES, key=lambda size: counts[size] - exact[size])[:left]:
        counts[size] += 1
    return [size for size, count in counts.items() for _ in range(count)]


def requested_cases(name: str, cases: int, seed: int) -> list[Case]:
    """The requests of a problem; its name, the run's seed and the position decide each seed."""
    return [
        Case(index=index, size=size, seed=derive_seed("testgen", name, seed, index))
        for index, size in enumerate(case_sizes(cases))
    ]


def generator_fault(source: str) -> str:
    """Why a generator cannot be used, before it is run; empty if nothing speaks against it."""
    if UNSEEDED in source:
        return (
            f"generator.py names String.{UNSEEDED}, which ignores random.seed: draw with "
            "String.random instead"
        )
    return ""


def make_inputs(
    folder: ProblemFolder,
    cases: list[Case],
    *,
    generator: Executable,
    validator: Executable | None,
    ordered_map: OrderedMap,
) -> str:
    """Fill in the inputs, and drop those that are invalid or there already.

    Returns why the generator is not reproducible; empty if it is.
    """

    def make(case: Case) -> None:
        result = _ask(generator, case)
        case.detail = _fault(result)
        if case.detail:
            case.status = CaseStatus.GENERATOR_FAILED
            return
        case.input = result.stdout.decode()
        if validator is not None:
            checked = validator.run(case.input.encode(), VALIDATOR_LIMITS)
            if checked.status is not RunStatus.OK:
                case.status = CaseStatus.INVALID

    for _ in ordered_map(make, cases):
        pass
    _drop_duplicates(cases)
    firsts = {case.size: case for case in reversed(cases)}
    for again in ordered_map(lambda case: (case, _ask(generator, case)), firsts.values()):
        case, result = again
        text = "" if _fault(result) else result.stdout.decode()
        if text != case.input:
            return (
                f"generator.py gave two different inputs of size {case.size} for seed {case.seed}: "
                "draw from the module random only, after random.seed(seed)"
            )
    return ""


def _drop_duplicates(cases: Iterable[Case]) -> None:
    seen: set[str] = set()
    for case in cases:
        if case.status is CaseStatus.UNVOTED:
            key = "\n".join(line.rstrip() for line in case.input.rstrip().split("\n"))
            if key in seen:
                case.status = CaseStatus.DUPLICATE
            seen.add(key)


def _ask(generator: Executable, case: Case) -> RunResult:
    request = {"seed": case.seed, "index": case.index, "size": case.size.value}
    return generator.run((json.dumps(request) + "\n").encode(), GENERATOR_LIMITS)


def _fault(result: RunResult) -> str:
    if result.status is not RunStatus.OK:
        last = result.stderr.strip().rpartition("\n")[2]
        return f"{result.status}: {last[:_DETAIL_CHARS]}" if last else str(result.status)
    try:
        text = result.stdout.decode()
    except UnicodeDecodeError:  # untrusted output
        return "its output is no UTF-8"
    if not text.strip() or "\0" in text:
        return "its output is empty or holds a NUL"
    if len(text) > MAX_INPUT_CHARS:
        return f"its output has {len(text)} characters, more than {MAX_INPUT_CHARS}"
    return ""
