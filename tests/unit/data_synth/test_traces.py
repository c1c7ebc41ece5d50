"""Long traces of every task: true, correct in the end, and with nothing false left uncorrected."""

import random
from functools import lru_cache
from itertools import combinations

import pytest

from data_synth.problem import Problem
from data_synth.statements import perturb, recheck
from data_synth.tasks import TASKS, make_problem
from data_synth.tasks.base import NUM_LEVELS
from data_synth.traces import Behaviour, LongTrace, make_trace
from data_synth.verify import PROGRAM, demonstrate, verify
from data_synth.verify.answer import extract_answer, extract_program
from data_synth.verify.program import read_tests

ALL = frozenset(Behaviour)


@lru_cache(maxsize=1024)
def problem_of(name: str, level: int, index: int = 0) -> Problem:
    return make_problem(name, index=index, level=level, image_size=64)


def trace_of(problem: Problem, behaviours: frozenset[Behaviour] = ALL) -> LongTrace:
    trace = make_trace(problem, behaviours=behaviours)
    assert trace is not None
    return trace


def statements_of(problem: Problem) -> list[str]:
    scan = problem.reasoning.split(". scan: ")[1].rsplit(". check: ")[0]
    return scan.split(". ")


def holds(equation: str) -> bool:
    """Python's own opinion on an equation of numbers; a row of digits is a sum."""
    left, right = equation.split(" = ")
    words = left.replace("x", "*").split(" ")
    if all(word.lstrip("-").isdigit() for word in words):
        return sum(map(int, words)) == int(right)
    return abs(eval(" ".join(words), {"__builtins__": {}}) - int(right)) < 1e-9


@pytest.mark.parametrize("name", TASKS)
def test_the_answer_of_a_trace_is_correct(name: str) -> None:
    for level in range(NUM_LEVELS):
        problem = problem_of(name, level)
        text = demonstrate(problem.verifier, trace_of(problem).reasoning, problem.answer)
        if problem.verifier == PROGRAM:
            assert extract_program(text).source == read_tests(problem.answer).solution
        else:
            answer = extract_answer(text).text
            assert verify(problem.verifier, problem.answer, answer).correct


@pytest.mark.parametrize("name", TASKS)
def test_every_task_shows_all_four_behaviours(name: str) -> None:
    for level in range(NUM_LEVELS):
        problem = problem_of(name, level)
        trace = trace_of(problem)
        assert trace.behaviours == ALL
        # At least half as long again: a test, a correction and a second pass.
        assert len(trace.reasoning) > 1.5 * len(problem.reasoning)


@pytest.mark.parametrize("name", TASKS)
def test_the_one_false_step_is_named_and_corrected(name: str) -> None:
    for level in range(NUM_LEVELS):
        problem = problem_of(name, level)
        trace = trace_of(problem)
        assert trace.slip is not None
        wrong, right = trace.slip
        statements = statements_of(problem)
        steps = [step for statement in statements for step in statement.split(", ")]
        assert right in steps
        assert wrong not in steps
        # Outside of the scan nothing false stands unmarked.
        before, correction, after = trace.reasoning.partition(f" wait, not {wrong}: {right}. ")
        assert correction
        scan, _, confirmation = before.replace("verify: ", "test: ").partition(" test: ")
        expected = ". ".join(statements)
        assert any(
            scan.split("scan: ")[1] == f"{expected[:at]}{wrong}{expected[at + len(right) :]}."
            for at in range(len(expected))
            if expected.startswith(right, at)
        )
        confirmed = confirmation.removesuffix(", yes.")
        assert confirmed in steps or holds(confirmed)
        backwards = [
            ". ".join(reversed(statements)),
            ", ".join(reversed(steps)),
            " ".join(reversed(statements[0].split(" "))),
        ]
        again = after.removeprefix("again: ").removeprefix("other way: ").split(". same. ")[0]
        assert again in backwards or again == statements[0]


def test_a_false_calculation_is_false_and_a_confirmation_true() -> None:
    """Python recalculates what `row_sums` and `program_output` traces state."""
    slips = confirmations = 0
    for name in ("row_sums", "program_output", "table_sums", "receipt_change"):
        for index in range(40):
            trace = trace_of(problem_of(name, 3, index))
            assert trace.slip is not None
            wrong, right = (step.split(" = ") for step in trace.slip)
            numbers = [side.split(" ")[0].lstrip("-").isdigit() for side in right]
            if len(right) > 1 and all(numbers[-2:]):
                assert not holds(" = ".join(wrong[-2:]))
                assert holds(" = ".join(right[-2:]))
                slips += 1
            confirmed = trace.reasoning.replace("verify: ", "test: ").split("test: ")[1]
            confirmed = confirmed.split(", yes.")[0]
            if confirmed.count(" = ") == 1 and confirmed.split(" ")[0].isdigit():
                assert holds(confirmed)
                confirmations += 1
    assert slips > 60
    assert confirmations > 60


def test_behaviours_that_were_not_asked_for_stay_away() -> None:
    problem = problem_of("row_sums", 0)
    for size in range(5):
        for wanted in combinations(sorted(ALL), size):
            trace = trace_of(problem, frozenset(wanted))
            reasoning = trace.reasoning
            assert trace.behaviours == frozenset(wanted)
            assert ("plan:" in reasoning) == (Behaviour.PLANNING in wanted)
            assert ("check:" in reasoning) == (Behaviour.EVALUATION in wanted)
            assert ("wait, not" in reasoning) == (Behaviour.REFLECTION in wanted)
            assert ("same." in reasoning) == (Behaviour.EXPLORATION in wanted)


def test_a_trace_word_by_word() -> None:
    problem = problem_of("row_sums", 0)
    rows = statements_of(problem)
    trace = trace_of(problem, frozenset({Behaviour.PLANNING, Behaviour.EXPLORATION}))
    backwards = ". ".join(reversed(rows))
    answer = problem.answer.strip("()").replace(",", " ")
    expected = [
        f"plan: add. scan: {'. '.join(rows)}. {again}: {backwards}. same. so: {answer}."
        for again in ("again", "other way")
    ]
    assert trace.reasoning in expected


def test_traces_are_the_same_every_time_and_vary_with_the_problem() -> None:
    problems = [problem_of("swap_cups", 2, index) for index in range(8)]
    traces = [trace_of(problem) for problem in problems]
    assert traces == [trace_of(problem) for problem in problems]
    marks = ("test:", "verify:", "again:", "other way:")
    worded = {tuple(mark in trace.reasoning for mark in marks) for trace in traces}
    assert len(worded) >= 3


@pytest.mark.parametrize("reasoning", ["", "The answer is 4.", "plan: add. scan: 1. so: 1."])
def test_a_reasoning_of_another_form_gives_no_trace(reasoning: str) -> None:
    problem = Problem(
        question="?",
        answer="4",
        answer_type="number",
        verifier="number",
        source="s",
        reasoning=reasoning,
    )
    assert make_trace(problem, behaviours=ALL) is None


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("4 4 3 4 = 15", {"4 4 3 4 = 14", "4 4 3 4 = 16"}),
        ("c2 up", {"c2 down", "c2 left", "c2 right"}),
        ("A B mesh 36 x 18 / 36 = 18 ccw", {"A B mesh 36 x 18 / 36 = 18 cw"}),
        ("x x - - : C H E", {"x x - - : C H C", "x x - - : C H H"}),
        ("left 1 star", {"left 2 star"}),
        ("up 0", {"up 1"}),
        ("A (-5,1)", {"A (-5,2)"}),
        ("metal objects : red-cube", None),
        ("- - - - : -", {None}),
    ],
)
def test_a_slip_changes_the_last_thing_read(statement: str, wrong: set[str | None] | None) -> None:
    found = {perturb(statement, random.Random(seed)) for seed in range(60)}
    if wrong is None:  # any other colour
        assert statement not in found
        assert all(f is not None and f.endswith("-cube") for f in found)
        assert len(found) >= 4
    else:
        assert found == wrong


@pytest.mark.parametrize(
    ("statement", "confirmation"),
    [
        ("4 4 3 4 = 15", "4 3 4 4 = 15"),
        ("c = a - 2 = 8 - 2 = 6", "6 + 2 = 8"),
        ("row 2 : 5 + 4 + 1 = 10", "1 + 4 + 5 = 10"),
        ("dates 3 * 19 = 57", "19 * 3 = 57"),
        ("48 x 42 / 36 = 56", "56 x 36 / 42 = 48"),
        ("Jan 7 - 10 = -3", "-3 + 10 = 7"),
        # Nothing to calculate, or nothing true to confirm: as it stands.
        ("a = 8", "a = 8"),
        ("c2 up", "c2 up"),
        ("2 + 2 = 5", "2 + 2 = 5"),
        ("x = 47", "x = 47"),
    ],
)
def test_a_calculation_is_confirmed_by_its_inverse(statement: str, confirmation: str) -> None:
    assert recheck(statement) == confirmation
