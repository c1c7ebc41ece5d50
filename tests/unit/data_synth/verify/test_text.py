"""Texts, lists and printed output: what counts as the same, and what must not."""

import random
import time

import pytest

from data_synth.verify import Reason
from data_synth.verify.text import CANONICAL_ANSWERS, VERIFIERS

# fmt: off
# (reference, answer), equal whichever side is the reference.
EQUAL = {
    "text": [
        ("red circle", "Red  Circle"), ("red circle", "red circle."), ("red circle", "red circle!"),
        ("red circle", "\u201cred circle\u201d"), ("red circle", "'red circle'"),
        ("red", r"\text{red}"), ("北京大学", "北京 大学"), ("GPT模型", "GPT 模型"),
        ("北京", "北京\u3002"), ("北京", "\u300c北京\u300d"),
        ("rock-n-roll", "rock\u2013n\u2010roll"), ("it's", "it\u2019s"), ("C++", "c++"),
        ("-5", "\u22125"), ("caf\u00e9", "cafe\u0301"), ("ABC", "\uff21\uff22\uff23"),
        ("stra\u00dfe", "STRASSE"), ("Yahoo", "Yahoo!"), ("red,green", "red\uff0cgreen"),
        ("U.S.", "u.s"),
    ],
    "text_folded": [
        ("caf\u00e9", "Cafe"), ("The Beatles", "beatles"), ("an apple", "apple"),
        ("\u00e9t\u00e9", "ete"),
    ],
    "ordered_list": [
        ("a, b, c", "a,b,c"), ("a, b, c", "[a, b, c]"), ("a, b, c", "a; b; c"),
        ("a, b, c", "a\nb\nc"), ("a, b, c", "1. a\n2. b\n3. c"), ("a, b, c", "(1) a\n(2) b\n(3) c"),
        ("a, b, c", "- a\n- b\n- c"), ("a, b, c", "\u2022 a\n\u2022 b\n\u2022 c"),
        ("a, b, c", "a、b、c"), ("a, b, c", "$a, b, c$"), ("1, 2.50, 1/2", "1.0, 5/2, 0.5"),
        ('["a, b", "c"]', '"a, b", "c"'), ('["a, b", "c"]', "a, b; c"), ("1.5\n2.5", "3/2, 5/2"),
        ("red; green", "RED, Green."), ("-1, -2", "-1\n-2"), ('["a"]', "a"),
    ],
    "unordered_list": [
        ("1, 2, 2", "2, 1, 2"), ("1, 2, 2", "{2,2,1}"), ("1, 2, 2", "1.0; 2; 4/2"),
        ("a, b", r"\{b, a\}"), ("red, green", "green\nred"),
    ],
    "code_output": [
        ("1 2\n3", "1 2 \n3\n\n"), ("1 2\n3", "\n1 2\r\n3"), ("  *\n ***", "*\n ***"), ("A", "A\t"),
    ],
}
# The answer says the same in a form that no reference may have.
ANSWERS = {
    "ordered_list": [
        ("a, b, c", "a, b and c"), ("a, b, c", "a, b, and c"), ("a, b, c", "a、b和c"),
        ("a, b, c", "a, b & c"), ("a, b", "a and b"), ("a, b", "a和b"),
        ('["bread", "salt and pepper"]', "bread, salt and pepper"), ("战争、和平", "战争、和平"),
        ("1, 2, 3", "1, 2 and 3"),
    ],
    "unordered_list": [
        ("a, b, c", "c, a and b"), ('["salt and pepper", "bread"]', "bread, salt and pepper"),
    ],
}
DIFFERENT = {
    "text": [
        ("red", "red circle"), ("red circle", "red"), ("red", "re"), ("red", "r ed"),
        ("red", "not red"), ("red", "red or blue"), ("red", "the red"), ("caf\u00e9", "cafe"),
        ("汉", "漢"), ("ab-c", "ab c"), ("5", "-5"), ("5", "5%"), ("5", ".5"), ("5", "5!"),
        ("n", "n!"), ("A", "\u0410"), ("x2", "x\u00b2"), ("$5", "5"), ("C", "C++"), ("(a)", "a"),
    ],
    "text_folded": [
        ("caf\u00e9", "cafes"), ("a", "the"), ("the", "a"), ("beatles", "the the beatles"),
    ],
    "ordered_list": [
        ("a, b, c", "a, c, b"), ("a, b, c", "a, b"), ("a, b, c", "a, b, c, d"),
        ("a, b, c", "a b c"), ("a, b, c", "a, b, b, c"), ("a, b, c", "a,,b,c"),
        ("a, b, c", "a or b, c"), ("a, b, c", "a, b, c or d"), ("1, 2", "12"), ("1000", "1,000"),
        ("50%, 1", "0.5, 1"), ("战争、和平", "战争、平"), ("a, b", "2. a\n3. b"),
        ("a, b", "a, b, and"), ("a", "a, a"),
    ],
    "unordered_list": [
        ("1, 2, 2", "1, 2"), ("1, 2, 2", "1, 2, 2, 2"), ("1, 2, 2", "1, 1, 2"), ("a, b", "a, b, c"),
        ("a", "a, b, c, d"),
    ],
    "code_output": [
        ("1 2\n3", "1  2\n3"), ("1 2\n3", "1 2 3"), ("1 2\n3", "1 2\n\n3"), ("1 2\n3", "1 2\n 3"),
        ("A", "a"), ("[1, 2]", "[1,2]"), ("1", "1.0"), ("x", "'x'"), ("True", "1"),
    ],
}
# fmt: on
EMPTY = ("", " ", "\n", ".", '""', "''", "$$", r"\text{}", "...", "-", "!?")
HOSTILE = (
    "a" * 1_000_000, "[" * 1_999, '"' * 1_999, "," * 1_999, "\n" * 1_999, "and " * 499,
    "和" * 1_999,
    "1. " * 600, r"\text{" * 300, "\u0300" * 1_999, "a\u200b", "\u202ea", "a\x00", "'\"" * 900,
    "{" * 999,
    "- \n" * 600, "a," * 999, "$" * 1_999, "\ud800",
)  # fmt: skip
LISTS = ("ordered_list", "unordered_list")


def pairs(table: dict[str, list[tuple[str, str]]]) -> list[tuple[str, str, str]]:
    return [(name, *pair) for name, rows in table.items() for pair in rows]


@pytest.mark.parametrize(("name", "reference", "answer"), pairs(EQUAL))
def test_equal_whichever_side_is_the_reference(name: str, reference: str, answer: str) -> None:
    assert VERIFIERS[name](reference, answer).reason == Reason.EQUAL
    assert VERIFIERS[name](answer, reference).reason == Reason.EQUAL
    assert VERIFIERS[name](reference, f"\n  {answer} ").correct


@pytest.mark.parametrize(("name", "reference", "answer"), pairs(ANSWERS))
def test_answers_with_a_conjunction(name: str, reference: str, answer: str) -> None:
    assert VERIFIERS[name](reference, answer).correct


@pytest.mark.parametrize(("name", "reference", "answer"), pairs(DIFFERENT))
def test_different_whichever_side_is_the_reference(name: str, reference: str, answer: str) -> None:
    assert not VERIFIERS[name](reference, answer).correct
    try:
        assert not VERIFIERS[name](answer, reference).correct
    except ValueError:
        assert name in LISTS  # an empty item: no reference


@pytest.mark.parametrize("name", ["text", "text_folded", *LISTS])
def test_an_empty_answer_is_never_right(name: str) -> None:
    for answer in EMPTY:
        assert not VERIFIERS[name]("a", answer).correct, answer
        with pytest.raises(ValueError, match="cannot read the reference"):
            VERIFIERS[name](answer, "a")


@pytest.mark.parametrize("name", VERIFIERS)
def test_hostile_answers_are_wrong_and_take_no_time(name: str) -> None:
    for answer in HOSTILE:
        start = time.perf_counter()
        assert not VERIFIERS[name]("1, b", answer).correct
        assert time.perf_counter() - start < 1


def test_unordered_lists_ignore_any_order() -> None:
    rng = random.Random(4)
    for _ in range(50):
        items = [rng.choice(("red", "blue", "3", "1/2", "x y")) for _ in range(rng.randint(1, 6))]
        shuffled = rng.sample(items, len(items))
        reference, answer = ", ".join(items), "; ".join(shuffled)
        assert VERIFIERS["unordered_list"](reference, answer).correct
        assert VERIFIERS["ordered_list"](reference, answer).correct == (items == shuffled)
        assert not VERIFIERS["unordered_list"](reference, answer + "; red").correct


def test_lists_in_json_must_hold_texts_or_numbers() -> None:
    for reference in ("[]", '[["a"]]', '[{"a": 1}]', '["a", null]'):
        with pytest.raises(ValueError, match="cannot read the reference"):
            VERIFIERS["ordered_list"](reference, "a")
    assert VERIFIERS["ordered_list"]('["a", 5]', "a, 5.0").correct


def test_canonical_answers_are_right() -> None:
    for reference in ('["a, b", "c"]', '["a", "b"]', "a; b", "1, 2, 2", '["a", 5]'):
        for name in LISTS:
            assert VERIFIERS[name](reference, CANONICAL_ANSWERS[name](reference)).correct
    assert CANONICAL_ANSWERS["ordered_list"]('["a, b", "c"]') == '"a, b", "c"'
