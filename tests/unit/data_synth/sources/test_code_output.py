"""Programs and what they print, against a second run by another Python process."""

import ast
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from data_synth.problem import Modality, Problem
from data_synth.sources.code_output import CruxEval, PythonOutput
from data_synth.verify.python_literal import judge


def take(
    count: int, *, split: str = "train", seed: int = 0, level: int | None = None
) -> list[Problem]:
    return list(PythonOutput(seed=seed, size=count, level=level).open(split))


def program_of(problem: Problem) -> str:
    return problem.question.split("\n\n", 1)[1]


def test_another_process_prints_the_answers() -> None:
    problems = take(200)
    script = "import json, sys\nfor p in json.load(sys.stdin): exec(p, {})"
    programs = json.dumps([program_of(problem) for problem in problems])
    run = subprocess.run(
        [sys.executable, "-c", script], input=programs, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == [problem.answer for problem in problems]


def test_the_answer_is_one_tuple_that_a_box_can_hold() -> None:
    for problem in take(500):
        total, word, items = ast.literal_eval(problem.answer)
        assert isinstance(total, int) and isinstance(word, str) and isinstance(items, list)
        assert judge((problem.answer,), problem.answer).correct
        assert "{" not in problem.answer
        assert (problem.modality, problem.images) == (Modality.TEXT, ())


def test_neighbouring_seeds_and_splits_share_no_program() -> None:
    streams = [take(2_000), take(2_000, seed=1), take(500, split="test")]
    ids = [{problem.id for problem in stream} for stream in streams]
    assert [len(each) for each in ids] == [2_000, 2_000, 500]
    assert not ids[0] & ids[1] and not ids[0] & ids[2] and not ids[1] & ids[2]


def test_levels_get_longer_and_answers_stay_unguessable() -> None:
    lengths = []
    for level in range(5):
        problems = take(300, level=level)
        lengths.append(sum(len(p.question.splitlines()) for p in problems) / 300)
        counts = Counter(problem.answer for problem in problems)
        assert counts.most_common(1)[0][1] <= 3
        assert {problem.difficulty for problem in problems} == {level}
    assert lengths == sorted(lengths)
    assert lengths[4] > 2 * lengths[0]


def test_hedged_and_wrong_values_do_not_pay() -> None:
    first, second = take(2)
    for answer in (
        f"{first.answer} or {second.answer}",
        f"maybe {first.answer}",
        f"{first.answer}, {second.answer}",
        f"[{first.answer}, {second.answer}]",
        second.answer,
    ):
        assert not judge((first.answer,), answer).correct


def test_levels_and_sizes_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match=r"level=5 of python-output: choose size >= 1 and level"):
        PythonOutput(level=5)
    with pytest.raises(ValueError, match="size=0"):
        PythonOutput(size=0)


def test_cruxeval_rows(tmp_path: Path) -> None:
    rows = [
        {
            "code": "def f(nums):\n    return [(x, x) for x in nums]",
            "input": "[4, 1]",
            "output": "[(4, 4), (1, 1)]",
            "id": "sample_0",
        },
        {"code": "def f(a):\n    return a", "input": "'{'", "output": "'{'", "id": "sample_1"},
        {"code": "def f(a):\n    return a", "input": "f", "output": "<function f>", "id": "s2"},
    ]
    path = tmp_path / "test.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    source = CruxEval()
    (problem,) = source.open("test", path=str(path))
    assert problem.question == (
        "What does f([4, 1]) return? Answer with a Python literal.\n\n"
        "def f(nums):\n    return [(x, x) for x in nums]"
    )
    assert (problem.answer, problem.verifier) == ("[(4, 4), (1, 1)]", "python_literal")
    assert problem.eval_only
    assert source.skipped == {"output that is no literal, or that no box can hold": 2}
    assert judge((problem.answer,), "[(4,4),(1,1)]").correct
