"""Every verifier accepts what its references stand for, in demonstrations too."""

import pytest

from data_synth.verify import (
    JUDGED_ELSEWHERE,
    VERIFIER_NAMES,
    canonical_answer,
    check_reference,
    demonstrate,
    verify,
)
from data_synth.verify.answer import extract_answer

# (verifier, a reference that carries more than an answer, the answer)
RICH = [
    ("quantity", "9.8 \\pm 0.05 m/s^2", "9.8 m/s^2"),
    ("percent", "37.5% (bare)", "37.5%"),
    ("time", "3:30 (12h)", "3:30"),
    ("choice", '{"answer": "B", "options": {"A": "12 cm", "B": "3 m"}}', "B"),
    ("boxes", '{"boxes": [[1, 2, 3, 4]], "iou": 0.5, "scale": "pixels", "size": [10, 10]}', None),
]


@pytest.mark.parametrize(("name", "reference", "answer"), RICH)
def test_a_rich_reference_is_answered_plainly(
    name: str, reference: str, answer: str | None
) -> None:
    check_reference(name, reference)
    plain = canonical_answer(name, reference)
    assert answer is None or plain == answer
    shown = extract_answer(demonstrate(name, "so.", reference)).text
    assert shown is not None and verify(name, reference, shown).correct
    # The reference itself, with its policy and options, is no answer.
    assert not verify(name, reference, reference).correct


def test_plain_references_are_their_own_answers() -> None:
    assert canonical_answer("math", "x<3") == "x<3"
    check_reference("math", "x<3")


# reasoning_gym names a data set in its references: see test_reasoning_gym.py
@pytest.mark.parametrize("name", sorted(set(VERIFIER_NAMES) - {*JUDGED_ELSEWHERE, "reasoning_gym"}))
def test_no_verifier_accepts_nothing(name: str) -> None:
    """Every reference is one the verifier reads, and silence is no answer to it."""
    references = {
        "date": "2024-03-03",
        "time": "15:30",
        "datetime": "2024-03-03 15:30",
        "duration": "90 min",
        "boxes": "[[1, 2, 3, 4]]",
        "points": '{"points": [[1, 2]], "radius": 2}',
        "choice": "B",
        "quantity": "5 m",
        "percent": "5%",
        "sequence": "(1,2)",
        "set": "{1,2}",
        "globe_distance": "10, 20",
        "python_literal": "[1]",
    }
    verdict = verify(name, references.get(name, "5"), None)
    assert not verdict.correct and verdict.reason == "no_answer"
