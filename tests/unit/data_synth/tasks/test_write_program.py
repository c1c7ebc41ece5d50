"""Cards of steps: hand-made tests, programs told apart, nothing that blind programs pass."""

import itertools
import subprocess
import sys
from collections import Counter

import pytest

from data_synth import make_problem
from data_synth.tasks import TASKS, make_scene
from data_synth.tasks.write_program import WriteProgram, write_solution
from data_synth.verify.program import read_tests, same_output

TASK = TASKS["write_program"]
assert isinstance(TASK, WriteProgram)
POSES = [make_scene("write_program", index=0, level=level).pose for level in range(5)]
# The numbers of every first test, in an order of our own.
PROBES = sorted(range(-3, 24), key=lambda number: (number * 11) % 27)


def outputs(answer: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    return tuple(test.output for test in read_tests(TASK.format(answer)).tests)


def test_a_card_by_hand() -> None:
    steps = (("above", 3), ("times", 2), ("sort", -1), ("first", 2), ("add", 1))
    card = TASK.build(None, None, steps)  # type: ignore[arg-type]
    assert card == "keep > 3\ntimes 2\nsort down\nfirst 2\nadd 1"
    assert TASK.solve(None, card) == steps  # type: ignore[arg-type]
    tests = read_tests(TASK.format(steps))
    # The probes are -3 to 23 in some order: the two largest, doubled, and one more.
    assert sorted(map(int, tests.tests[0].input.split())) == list(range(-3, 24))
    assert tests.tests[0].output == "47 45\n"
    assert tests.solution == (
        "x = list(map(int, input().split()))\nx = [v for v in x if v > 3]\nx = [v * 2 for v in x]\n"
        "x = sorted(x)[::-1]\nx = x[:2]\nx = [v + 1 for v in x]\nprint(*x)\n"
    )


def test_the_first_test_tells_single_steps_apart() -> None:
    steps = {step for pose in POSES for slot in pose.answers.factors for step in slot}
    printed = {run_trusted(write_solution((step,)), PROBES) for step in steps}
    assert len(printed) == len(steps) == 20 + 19 + 20 + 20 + 8 + 2


def run_trusted(program: str, numbers: list[int]) -> str:
    """Our own trusted solution, executed here."""
    lines: list[str] = []
    scope = {"input": lambda: " ".join(map(str, numbers)), "print": lambda *x: lines.append(str(x))}
    exec(program, scope)
    return "".join(lines)


@pytest.mark.parametrize("level", range(5))
def test_no_single_output_is_common_and_none_is_empty_throughout(level: int) -> None:
    """A program that ignores the card passes for a function that many cards ask for: there is
    none, and no card prints nothing on all tests."""
    seen: Counter[str] = Counter()
    for index in range(400):
        steps = make_scene("write_program", index=index, level=level).answer
        seen[run_trusted(write_solution(steps), PROBES)] += 1
        assert any(output.strip() for output in outputs(steps))
    assert seen.most_common(1)[0][1] <= 0.05 * 400 + 4


def test_the_solution_passes_its_tests_in_a_real_interpreter() -> None:
    for index, level in itertools.product(range(2), range(5)):
        tests = read_tests(make_problem("write_program", index=index, level=level).answer)
        for test in tests.tests[:3]:
            done = subprocess.run(
                [sys.executable, "-I", "-c", tests.solution],
                input=test.input.encode(),
                capture_output=True,
                check=True,
            )
            assert same_output(test.output, done.stdout)
