"""The table of answer pairs, through the verifiers and, where they are unsure, math-verify."""

import time
from collections import Counter
from collections.abc import Iterator

import pytest

from data_synth.verify import Reason, verify
from data_synth.verify.answer import extract_answer
from mm_rl.reward.second_opinion import SecondOpinion
from tests.unit.reward.answer_pairs import AnswerPair, all_pairs

PAIRS = all_pairs()
MAX_SECONDS = 1.0
"""CPU time of one verdict without a second opinion; generous, most take less than a thousandth."""


def name_pair(pair: AnswerPair) -> str:
    sides = f"{pair.reference[:24]} <- {pair.answer[:24]}".encode("unicode_escape").decode()
    return f"{pair.category}-{pair.verifier}-{sides}"


@pytest.fixture(scope="module")
def second_opinion() -> Iterator[SecondOpinion]:
    # A deadline for machines that are busy elsewhere: nothing here runs into it otherwise.
    with SecondOpinion(deadline_s=20) as opinion:
        yield opinion


def judge(second_opinion: SecondOpinion, verifier: str, reference: str, answer: str | None) -> bool:
    """The verdict as training gives it."""
    start = time.process_time()
    verdict = verify(verifier, reference, answer)
    assert time.process_time() - start < MAX_SECONDS
    if verdict.reason == Reason.UNSURE and answer is not None:
        return second_opinion.ask(reference, answer).status == "yes"
    return verdict.correct


@pytest.mark.parametrize("pair", PAIRS, ids=name_pair)
def test_verdict_is_the_expected_one(pair: AnswerPair, second_opinion: SecondOpinion) -> None:
    answer: str | None = pair.answer
    if pair.category == "extraction":
        answer = extract_answer(pair.answer).text
    assert judge(second_opinion, pair.verifier, pair.reference, answer) is pair.expected


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair.symmetric], ids=name_pair)
def test_verdict_is_the_same_with_the_sides_swapped(
    pair: AnswerPair, second_opinion: SecondOpinion
) -> None:
    try:
        swapped = judge(second_opinion, pair.verifier, pair.answer, pair.reference)
    except ValueError:
        swapped = False  # A text that no reference may have.
    assert swapped is pair.expected


def test_the_table_is_large_and_has_no_row_twice() -> None:
    keys = Counter((pair.verifier, pair.reference, pair.answer) for pair in PAIRS)
    assert [key for key, count in keys.items() if count > 1] == []
    assert len(PAIRS) >= 1_000
    assert min(Counter(pair.expected for pair in PAIRS).values()) >= 300
