"""Multiple choice: letters, option texts, and what must not pass for either."""

import itertools

import pytest

from data_synth.verify import Reason
from data_synth.verify.choice import CANONICAL_ANSWERS, VERIFIERS

choice = VERIFIERS["choice"]
WITH_OPTIONS = '{"answer": "B", "options": {"A": "12 cm", "B": "14 cm", "C": "16 cm", "D": "Red"}}'
CYRILLIC_VE = "\u0412"
CYRILLIC_A = "\u0410"
FULL_WIDTH_B = "\uff22"
# fmt: off
RIGHT = {
    "B": [
        "B", "b", "(B)", "[B]", "B.", "B)", "B:", "B\u3001", "选B", "选 B", "答案\uff1aB",
        "答案是B", "故选B", "Answer: B", "The answer is B", "option B", "Option (B)",
        "answer: option B", r"\text{B}", r"\textbf{B}", "**B**", "$B$", FULL_WIDTH_B, r"\text{(B)}",
        " B\n",
    ],
    "ABD": [
        "ABD", "DBA", "A, B, D", "A,B,D", "A B D", "A, B and D", "A、B、D", "A\uff0cB\uff0cD",
        "A;B;D", "A,B和D", "(A), (B), (D)", "(ABD)", "选ABD", "a, b, d", "A & B & D",
    ],
    WITH_OPTIONS: [
        "B", "(B)", "B) 14 cm", "(B) 14 cm", "B. 14 cm", "B: 14 cm", "14 cm", "14  CM.", "B 14 cm",
        "选B: 14 cm", r"\textbf{B} 14 cm", r"\text{(B) }14 cm", "B) 14 cm.",
    ],
    '{"answer": ["A", "D"], "options": ["1", "2", "3", "4"]}': ["AD", "D, A"],
}
WRONG = {
    "B": [
        "A", "A or B", "B or A", "A/B", "A|B", "ABCD", "AB", "BB", "B, B", "B) 12 cm", "12 cm",
        "not B", "B?", "Bad", "answer", "选", "\u24b7", CYRILLIC_VE, "K", "B B", "B-", "", "()",
        "(B", "B))", "B and", "1", "2", "B\u200b", "A and B", "A) B", "\u0392", "none",
        "all of the above", "AnswerB",
    ],
    "ABD": [
        "AB", "ABCD", "ABDA", "abd", "bad", "A, B", "A or B or D", "A, B, D, A", f"{CYRILLIC_A}BD",
        "A/B/D", "A) B, D",
    ],
    WITH_OPTIONS: [
        "C", "B) 12 cm", "A) 14 cm", "12 cm", "14", "B) 14", "14 cm or 12 cm", "B) 14 cm or A", "D",
        "cm", "14 c m", "E) 14 cm", "B) B) 14 cm", "B) 14 cm 12 cm", "red",
    ],
}
# fmt: on
HOSTILE = (
    "选" * 1_999,
    "B" * 1_999,
    "answer: " * 240,
    "(" * 1_999,
    r"\text{" * 300,
    "**" * 999,
    "A, " * 600,
    "B" * 1_000_000,
    "B) " * 600,
    "\u202eB",
    "B\x00",
)  # fmt: skip


@pytest.mark.parametrize(("reference", "answers"), RIGHT.items())
def test_right_answers(reference: str, answers: list[str]) -> None:
    for answer in answers:
        assert choice(reference, answer).reason == Reason.EQUAL, answer


@pytest.mark.parametrize(("reference", "answers"), WRONG.items())
def test_wrong_answers(reference: str, answers: list[str]) -> None:
    for answer in answers:
        assert not choice(reference, answer).correct, answer


def test_hostile_answers_are_wrong_and_never_raise() -> None:
    for reference in (*RIGHT, *WRONG):
        for answer in HOSTILE:
            assert not choice(reference, answer).correct, answer[:30]


def test_a_text_that_two_options_share_chooses_neither() -> None:
    reference = '{"answer": "B", "options": {"A": "Same", "B": "same.", "C": "other"}}'
    assert not choice(reference, "same").correct
    assert choice(reference, "B) same").correct
    assert choice(reference, "B").correct


def test_a_letter_wins_over_an_option_with_that_text() -> None:
    reference = '{"answer": "A", "options": {"A": "B", "B": "A", "C": "C"}}'
    assert choice(reference, "A").correct
    assert not choice(reference, "B").correct
    assert choice(reference, "A) B").correct


def test_sets_of_letters_are_equal_only_to_themselves() -> None:
    sets = ["".join(c) for size in (1, 2, 3) for c in itertools.combinations("ABCD", size)]
    for reference, answer in itertools.product(sets, sets):
        assert choice(reference, answer).correct == (reference == answer)
        assert choice(reference, ", ".join(reversed(answer))).correct == (reference == answer)


@pytest.mark.parametrize(
    "reference",
    ["", "K", "A or B", "AA", "{}", '{"answer": "E", "options": {"A": "x", "B": "y"}}',
    '{"answer": 1}', '{"answer": [1, 2]}', '{"answer": [["A"], "B"]}',
     '{"answer": "A"}', '{"answer": "A", "options": []}', '{"answer": "A", "options": ["", "x"]}',
     '{"answer": "A", "options": {"A": 5}}', "{" * 3_000],
)  # fmt: skip
def test_unreadable_references_raise(reference: str) -> None:
    with pytest.raises(ValueError, match="cannot read the reference"):
        choice(reference, "A")


def test_canonical_answers_are_right() -> None:
    for reference in RIGHT:
        assert choice(reference, CANONICAL_ANSWERS["choice"](reference)).correct
    assert CANONICAL_ANSWERS["choice"]("DBA") == "A, B, D"
