"""One problem through the steps, in the real sandbox, at the borders of every threshold."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mm_rl.sandbox import Sandbox, SandboxConfig
from mm_rl.testgen.cases import CaseStatus, Size, case_sizes, requested_cases
from mm_rl.testgen.folder import read_problem
from mm_rl.testgen.options import Thresholds
from mm_rl.testgen.suite import Outcome, SuiteResult, draw_submissions, make_suite
from tests.unit.testgen.helpers import GENERATOR, RIGHT, WRONG_FIRST, write_problem

SIX = Thresholds(cases=6)
# Fewer runs, for tests that are about something else than the thresholds.
THREE = Thresholds(cases=6, submissions=3, agreement=2, passing=3)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxConfig(python_packages=["cyaron"])) as made:
        yield made


def suite(
    sandbox: Sandbox, tmp_path: Path, thresholds: Thresholds = THREE, **parts: Any
) -> SuiteResult:
    folder = read_problem(write_problem(tmp_path, **parts))
    return make_suite(folder, sandbox=sandbox, thresholds=thresholds, ordered_map=map)


def statuses(result: SuiteResult) -> Counter[CaseStatus]:
    return Counter(case.status for case in result.cases)


def test_fifty_cases_follow_the_size_ladder() -> None:
    counts = Counter(case_sizes(50))
    assert counts == {
        Size.SMALL: 10, Size.EDGE: 10, Size.MEDIUM: 15, Size.LARGE: 10, Size.MAX: 5
    }  # fmt: skip
    assert case_sizes(50) == sorted(case_sizes(50), key=list(Size).index)
    # 7 cases: 1.4, 1.4, 2.1, 1.4, 0.7; the two left over go to max (0.7) and to the first 0.4.
    assert Counter(case_sizes(7)) == {
        Size.SMALL: 2, Size.EDGE: 1, Size.MEDIUM: 2, Size.LARGE: 1, Size.MAX: 1
    }  # fmt: skip


def test_seeds_are_equal_in_every_process_and_differ_between_cases_problems_and_runs() -> None:
    code = (
        "from mm_rl.testgen.cases import requested_cases\n"
        "print([case.seed for case in requested_cases('larger', 5, 3)])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    here = [case.seed for case in requested_cases("larger", 5, 3)]
    assert outputs == {f"{here}\n".encode()}
    others = [case.seed for case in requested_cases("smaller", 5, 3)]
    later = [case.seed for case in requested_cases("larger", 5, 4)]
    assert len({*here, *others, *later}) == 15


def test_a_good_problem_is_kept_with_the_outputs_of_the_majority(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    shorter = "print(max(int(x) for x in input().split()))"
    result = suite(sandbox, tmp_path, right=[RIGHT + "# " * 9] * 2 + [shorter], wrong=[WRONG_FIRST])
    assert (result.outcome, result.detail) == (Outcome.KEPT, "")
    assert result.tests is not None and len(result.tests.tests) == 6
    for test in result.tests.tests:
        assert int(test.output) == max(map(int, test.input.split()))
    assert result.tests.time_limit_s == 2.0
    assert result.tests.solution == shorter
    assert all(case.votes == 3 for case in result.cases)
    failed = result.mutants["wrong_00.py"]
    assert failed is not None
    numbers = [tuple(map(int, case.input.split())) for case in result.cases]
    assert failed == next(index for index, (a, b) in enumerate(numbers) if a < b)


@pytest.mark.parametrize(
    ("num_wrong", "outcome", "status"),
    [(3, Outcome.FEW_PASSING, CaseStatus.VALID), (4, Outcome.FEW_VALID, CaseStatus.DISAGREED)],
)
def test_seven_of_ten_make_a_case_valid_and_six_do_not(
    sandbox: Sandbox, tmp_path: Path, num_wrong: int, outcome: Outcome, status: CaseStatus
) -> None:
    right = [RIGHT] * (10 - num_wrong) + ["print('no')"] * num_wrong
    result = suite(sandbox, tmp_path, SIX, right=right)
    assert result.outcome is outcome
    assert statuses(result) == {status: 6}
    assert {case.votes for case in result.cases} == {10 - num_wrong}
    assert result.tests is None


@pytest.mark.parametrize(("num_wrong", "outcome"), [(1, "kept"), (2, "few_passing")])
def test_nine_of_ten_must_pass_all_valid_cases(
    sandbox: Sandbox, tmp_path: Path, num_wrong: int, outcome: str
) -> None:
    # Wrong on some cases only: every case still has 8 votes or more.
    right = [RIGHT] * (10 - num_wrong) + [WRONG_FIRST] * num_wrong
    result = suite(sandbox, tmp_path, SIX, right=right)
    assert result.outcome == outcome
    assert statuses(result) == {CaseStatus.VALID: 6}
    assert sum(result.submissions.values()) == 10 - num_wrong
    if num_wrong == 2:
        assert result.detail.endswith("failing: right_08.py, right_09.py")


def test_a_crash_after_the_right_output_is_no_vote(sandbox: Sandbox, tmp_path: Path) -> None:
    right = [RIGHT] * 6 + [RIGHT + "raise SystemExit(1)"] * 4
    result = suite(sandbox, tmp_path, SIX, right=right)
    assert result.outcome is Outcome.FEW_VALID
    assert {case.votes for case in result.cases} == {6}


@pytest.mark.parametrize(
    ("parts", "outcome", "detail"),
    [
        ({"special_judge": True}, Outcome.SPECIAL_JUDGE, "several outputs"),
        ({"generator": None}, Outcome.NO_GENERATOR, "testgen write"),
        ({"right": [RIGHT] * 2}, Outcome.FEW_SUBMISSIONS, "2 can run here, 3 must vote"),
        (
            {"generator": GENERATOR + "# String.random_regular\n"},
            Outcome.BAD_GENERATOR,
            "ignores random.seed",
        ),
        (
            {"generator": GENERATOR.replace('random.seed(request["seed"])', "random.seed()")},
            Outcome.BAD_GENERATOR,
            "two different inputs of size",
        ),
        ({"generator": "1 / 0"}, Outcome.BAD_GENERATOR, "ZeroDivisionError"),
        ({"generator": "print(4, 5)"}, Outcome.BAD_GENERATOR, "1 of 6 inputs usable, 5 needed"),
        ({"generator": "print()"}, Outcome.BAD_GENERATOR, "6 generator failed"),
        ({"validator": "raise SystemExit(1)"}, Outcome.BAD_GENERATOR, "6 invalid"),
        ({"right": ["print('same')"] * 3}, Outcome.CONSTANT, "all outputs are the same"),
    ],
)
def test_each_fault_drops_the_problem_at_its_step(
    sandbox: Sandbox, tmp_path: Path, parts: dict[str, Any], outcome: Outcome, detail: str
) -> None:
    result = suite(sandbox, tmp_path, **{"right": [RIGHT] * 3, **parts})
    assert result.outcome is outcome
    assert detail in result.detail
    assert result.tests is None


def test_the_validator_refuses_single_inputs(sandbox: Sandbox, tmp_path: Path) -> None:
    validator = "a, b = map(int, input().split())\nassert abs(a) < 10**6 and abs(b) < 10**6\n"
    result = suite(
        sandbox, tmp_path, replace(THREE, valid=3), right=[RIGHT] * 3, validator=validator
    )
    assert result.outcome is Outcome.KEPT
    for case in result.cases:
        too_large = max(abs(int(x)) for x in case.input.split()) >= 10**6
        assert (case.status is CaseStatus.INVALID) == too_large
    assert 0 < statuses(result)[CaseStatus.INVALID] <= 3


def test_equal_inputs_are_counted_once_whatever_their_line_ends(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    generator = (
        "import json\nrequest = json.loads(input())\nindex = request['index']\n"
        "print(index // 2, 1, end=' \\n' if index % 2 else '\\n')"
    )
    result = suite(
        sandbox, tmp_path, replace(THREE, valid=3), right=[RIGHT] * 3, generator=generator
    )
    assert result.outcome is Outcome.KEPT
    assert [case.status for case in result.cases[:4]] == [
        CaseStatus.VALID, CaseStatus.DUPLICATE, CaseStatus.VALID, CaseStatus.DUPLICATE
    ]  # fmt: skip
    assert result.tests is not None and len(result.tests.tests) == 3


def test_a_wrong_submission_that_passes_is_reported_or_drops_the_problem(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    parts = {"right": [RIGHT] * 3, "wrong": [RIGHT + "# not wrong", "print(2)"]}
    folder = read_problem(write_problem(tmp_path, **parts))  # type: ignore[arg-type]

    def run(thresholds: Thresholds) -> SuiteResult:
        return make_suite(folder, sandbox=sandbox, thresholds=thresholds, ordered_map=map)

    result = run(THREE)
    assert result.outcome is Outcome.KEPT
    assert result.mutants == {"wrong_00.py": None, "wrong_01.py": 0}
    assert result.detail == "wrong, but passes: wrong_00.py"
    strict = run(replace(THREE, require_mutations=True))
    assert (strict.outcome, strict.tests) == (Outcome.MUTANT_PASSED, None)


def test_the_draw_is_reproducible_covers_all_and_leaves_out_what_cannot_run(
    tmp_path: Path,
) -> None:
    path = write_problem(tmp_path, right=[RIGHT + "#" * n for n in range(12)])
    (path / "solutions" / "right_99.cpp").write_text("int main() {}\n")
    folder = read_problem(path)
    drawn = [
        tuple(one.name for one in draw_submissions(folder, available={"python": ""},
                                                   thresholds=Thresholds(seed=seed)))
        for seed in (*range(30), 0)
    ]  # fmt: skip
    assert drawn[0] == drawn[-1] and len(set(drawn)) > 10
    assert {name for names in drawn for name in names} == {f"right_{n:02d}.py" for n in range(12)}
    with_cpp = [
        draw_submissions(
            folder, available={"python": "", "cpp": ""}, thresholds=Thresholds(seed=seed)
        )
        for seed in range(10)
    ]
    assert any(one.name == "right_99.cpp" for names in with_cpp for one in names)


def test_a_result_carries_seed_and_votes_of_every_case(sandbox: Sandbox, tmp_path: Path) -> None:
    result = suite(sandbox, tmp_path, right=[RIGHT] * 2 + [WRONG_FIRST])
    request = requested_cases("larger", 6, 0)
    assert [case.seed for case in result.cases] == [case.seed for case in request]
    for case in result.cases:
        first, second = map(int, case.input.split())
        assert case.votes == (2 if first < second else 3)
