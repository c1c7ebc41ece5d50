"""GSM8K and MATH on small files in their published form."""

import json
from pathlib import Path

import pytest

from data_synth.problem import Modality
from data_synth.sources.math_text import Gsm8k, Math, choose_verifier, last_box
from data_synth.verify import check_reference, verify


def write(path: Path, rows: list[dict[str, str]]) -> str:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return str(path)


def test_gsm8k_answers_follow_the_hashes(tmp_path: Path) -> None:
    rows = [
        {"question": "48 clips in April, half in May?", "answer": "48/2=<<48/2=24>>24\n#### 72"},
        {"question": "How much?", "answer": "She has $1,200.\n#### 1,200"},
        {"question": "Broken", "answer": "no end"},
    ]
    source = Gsm8k()
    problems = list(source.open("train", path=write(tmp_path / "train.jsonl", rows)))
    assert [p.answer for p in problems] == ["72", "1,200"]
    assert [p.index for p in problems] == [0, 1]
    assert source.skipped == {"no final answer": 1}
    first = problems[0]
    assert first.question == "48 clips in April, half in May?\nAnswer with a number."
    assert (first.modality, first.verifier, first.licence) == (Modality.TEXT, "numeric", "MIT")
    assert (first.images, first.eval_only) == ((), False)
    assert verify(first.verifier, problems[1].answer, "1200").correct
    assert not verify(first.verifier, first.answer, "72 or 24").correct


def test_the_test_split_is_a_benchmark(tmp_path: Path) -> None:
    rows = [{"question": "q", "answer": "#### 1"}]
    problem = next(Gsm8k().open("test", path=write(tmp_path / "test.jsonl", rows)))
    assert (problem.eval_only, problem.split) == (True, "test")


def test_math_answers_are_read_out_of_the_last_box(tmp_path: Path) -> None:
    def row(solution: str, problem: str = "p") -> dict[str, str]:
        return {"problem": problem, "level": "Level 3", "type": "Algebra", "solution": solution}

    rows = [
        row("So $x=\\boxed{1}$, no: $\\boxed{\\frac{3}{4}}$."),
        row("\\boxed{(1,-2)}"),
        row("\\boxed{\\text{Tuesday}}"),
        row("\\boxed{x^2+1}"),
        row("\\boxed{\\text{(B)}}"),
        row("\\boxed{\\text{even}}"),
        row("\\boxed{3"),
        row("\\boxed{5}", "[asy] draw((0,0)--(1,1)); [/asy]"),
    ]
    source = Math()
    problems = list(source.open("train", path=write(tmp_path / "train.jsonl", rows)))
    assert [(p.answer, p.verifier) for p in problems] == [
        ("\\frac{3}{4}", "numeric"),
        ("(1,-2)", "sequence"),
        ("\\text{Tuesday}", "exact"),
    ]
    assert source.skipped == {
        "answer that cannot be verified exactly": 2,
        "guessable answer": 1,
        "no final answer": 1,
        "figure as a program": 1,
    }
    assert {p.discipline for p in problems} == {"Algebra"}
    for problem in problems:
        check_reference(problem.verifier, problem.answer)
    assert verify("exact", problems[2].answer, "tuesday").correct


@pytest.mark.parametrize(
    ("solution", "expected"),
    [
        ("\\boxed{\\frac{1}{\\sqrt{2}}} end", "\\frac{1}{\\sqrt{2}}"),
        ("\\boxed{a} then \\boxed{ b }", "b"),
        ("\\boxed{{}", None),
        ("\\boxed{}", None),
        ("no box", None),
    ],
)
def test_the_last_box(solution: str, expected: str | None) -> None:
    assert last_box(solution) == expected


@pytest.mark.parametrize(
    ("answer", "verifier"),
    [
        ("72", "numeric"),
        ("-1,234.5", "numeric"),
        ("50\\%", "numeric"),
        ("(1,2,3)", "sequence"),
        ("(0,\\infty)", None),
        ("[1,2]", None),
        ("\\sqrt{2}", None),
        ("x", None),
        ("3\\pi", None),
    ],
)
def test_the_verifier_follows_the_answer(answer: str, verifier: str | None) -> None:
    assert choose_verifier(answer) == verifier


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "train.jsonl", [{"question": "q", "solution": "#### 1"}])
    with pytest.raises(ValueError, match=r"row 0 of gsm8k \(train\) has no column 'answer'"):
        list(Gsm8k().open("train", path=path))
