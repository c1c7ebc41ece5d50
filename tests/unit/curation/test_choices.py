"""Lettered options, and which choice questions can be asked openly."""

import json
from dataclasses import replace

import pytest

from data_synth.problem import Modality, Problem
from data_synth.sources.hub.adapter import Draft
from data_synth.sources.hub.answers import draft_choice
from data_synth.verify import check_reference, verify
from mm_rl.config.curation import ExcludedConfig
from mm_rl.curation.base import Drop
from mm_rl.curation.choices import find_options, rewrite_choice
from mm_rl.curation.excluded import ExcludedFilter
from tests.unit.curation.conftest import MakePool, number_problem


def choice(question: str, answer: str) -> Problem:
    return Problem(
        question=question, answer=answer, answer_type="string", verifier="exact", source="made_up"
    )


@pytest.mark.parametrize(
    ("text", "stem", "options"),
    [
        ("What is 2+2? (A) 3 (B) 4", "What is 2+2?", {"A": "3", "B": "4"}),
        ("What is 2+2?\nA. 3\nB. 4.5\nC. 5", "What is 2+2?", {"A": "3", "B": "4.5", "C": "5"}),
        ("2 的平方是（ ）A、3 B、4", "2 的平方是（ ）", {"A": "3", "B": "4"}),
        (
            "In (A, B) below?\n(A) x, y\n(B) z\nAnswer with the letter.",
            "In (A, B) below?",
            {"A": "x, y", "B": "z"},
        ),
        ("[A] one [B] two", "", {"A": "one", "B": "two"}),
    ],
)
def test_options_are_read(text: str, stem: str, options: dict[str, str]) -> None:
    found = find_options(text)
    assert found is not None
    assert (found.stem, dict(found.texts)) == (stem, options)


@pytest.mark.parametrize(
    "text",
    [
        "Towns (A), (B) and (C) lie on a line.",
        "Find f(A) and f(B).",
        "(B) comes first (A) second",
        "Only (A) one option",
        "A.M. or B.C.?",
    ],
)
def test_what_are_no_options(text: str) -> None:
    assert find_options(text) is None


@pytest.mark.parametrize(
    ("question", "answer", "opened", "number"),
    [
        ("What is 7 * 8?\n(A) 54\n(B) 56\n(C) 58", "B", "What is 7 * 8?", "56"),
        ("A cube has edge 3. How many faces has it? (A) 4 (B) 6", "(B)", None, "6"),
        ("How many legs has a spider? A. 6 B. 8 C. 10", "8", "How many legs has a spider?", "8"),
        ("3 的平方等于多少？A、6 B、9", "B", "3 的平方等于多少？", "9"),
        (
            "Find the greatest common divisor of 48 and 36. (A) 6 (B) 12",
            "B",
            "Find the greatest common divisor of 48 and 36.",
            "12",
        ),
        (
            "What is the least common multiple of 4 and 6? (A) 12 (B) 24",
            "A",
            "What is the least common multiple of 4 and 6?",
            "12",
        ),
    ],
)
def test_a_number_stands_alone(question: str, answer: str, opened: str | None, number: str) -> None:
    problem = rewrite_choice(choice(question, answer))
    assert problem is not None
    assert (problem.answer, problem.verifier, problem.answer_type) == (number, "numeric", "number")
    assert problem.question.endswith("\nAnswer with a number.")
    if opened is not None:
        assert problem.question == f"{opened}\nAnswer with a number."
    assert find_options(problem.question) is None
    check_reference(problem.verifier, problem.answer)
    assert verify(problem.verifier, problem.answer, f"{number}.0").correct
    assert problem.id != choice(question, answer).id


def test_a_name_stands_alone_where_the_question_asks_for_one() -> None:
    problem = rewrite_choice(choice("What is the capital of Kenya? (A) Nairobi (B) Accra", "A"))
    assert problem is not None
    assert (problem.answer, problem.verifier) == ("Nairobi", "exact")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which of the following is prime?\n(A) 9\n(B) 11", "B"),  # speaks of its options
        ("Estimate 48 * 52. (A) 2500 (B) 3000", "A"),  # right to whom has seen the others
        ("What is the number closest to pi? (A) 3.1 (B) 3.2", "A"),
        ("What is a good title? (A) The dark night (B) A day", "A"),  # many are
        ("What is 7 * 8? (A) 56 (B) 56", "A"),  # the options are not even different
        ("What is 7 * 8? (A) 54 (B) 56", "E"),  # the reference names none
        ("Stairs with 3 steps (A) 6 (B) 7", "A"),  # asks nothing
        ("What is 7 * 8?", "56"),
        # Without the options many numbers answer these, or none.
        ("Find the smallest number. (A) 0.1 (B) 0.01", "B"),
        ("Find the smallest of the 3 numbers. (A) 0.1 (B) 0.01 (C) 1", "B"),
        ("What is the greatest number? (A) 12 (B) 21", "B"),
        ("What is the odd one out? (A) 3 (B) 4 (C) 5", "B"),
        ("What is a prime number? (A) 9 (B) 11", "B"),
        ("What is an even number above 3? (A) 5 (B) 6", "B"),
        ("Find a factor of 36. (A) 5 (B) 6", "B"),
        ("Find the equivalent fraction of 1/2. (A) 2/4 (B) 2/3", "A"),
        ("How many sides can a polygon have? (A) 2 (B) 5", "B"),
        ("求最大的数。（A）3（B）7", "B"),
    ],
)
def test_what_needs_its_options_is_not_opened(question: str, answer: str) -> None:
    assert rewrite_choice(choice(question, answer)) is None


def test_references_with_options_are_read() -> None:
    reference = json.dumps({"answer": "B", "options": {"A": "54", "B": "56"}})
    problem = replace(choice("What is 7 * 8? (A) 54 (B) 56", reference), verifier="choice", id="")
    opened = rewrite_choice(problem)
    assert opened is not None
    assert opened.answer == "56"


def test_choices_as_our_own_sources_write_them_are_read_back() -> None:
    draft = draft_choice("What is 7 * 8?", ["54", "56", "58"], 1, discipline="arithmetic")
    assert isinstance(draft, Draft)
    opened = rewrite_choice(choice(draft.question, draft.answer))
    assert opened is not None
    assert opened.question == "What is 7 * 8?\nAnswer with a number."
    assert opened.answer == "56"


def test_the_filter_replaces_or_drops(make_pool: MakePool) -> None:
    problems = [
        choice("What is 7 * 8? (A) 54 (B) 56 (C) 58", "B"),
        choice("Which of these is a mammal? (A) frog (B) whale", "B"),
        number_problem("How many dots?", "4"),
    ]
    pool = make_pool(problems)
    drops = ExcludedFilter(ExcludedConfig()).apply(pool)
    assert drops == {1: Drop(reason="multiple_choice")}
    assert pool.problem(0).question == "What is 7 * 8?\nAnswer with a number."
    assert pool.problem(0).answer == "56"
    assert pool.problems.tags(0).answer_type == "number"
    assert pool.notes == {0: {"rewritten_from": problems[0].id}}
    assert pool.problem(2) == problems[2]
    kept = make_pool(problems)
    drops = ExcludedFilter(ExcludedConfig(rewrite_choices=False)).apply(kept)
    assert set(drops) == {0, 1}


def test_a_rendered_problem_is_judged_by_the_text_in_its_picture(make_pool: MakePool) -> None:
    def rendered(twin: str, answer: str) -> Problem:
        problem = number_problem("Answer the question in the picture.", answer)
        return replace(problem, text_twin=twin, modality=Modality.RENDERED, id="")

    problems = [
        rendered("What is 7 * 8? (A) 54 (B) 56 (C) 58", "B"),
        rendered("Prove that 2 + 2 = 4.", "4"),
        rendered("What is 7 * 8?", "56"),
    ]
    pool = make_pool(problems)
    drops = ExcludedFilter(ExcludedConfig()).apply(pool)
    assert drops == {0: Drop(reason="multiple_choice"), 1: Drop(reason="proof")}
    assert pool.problem(2) == problems[2]
