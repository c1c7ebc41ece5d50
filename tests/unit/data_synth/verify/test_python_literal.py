"""Python values as answers."""

import pytest

from data_synth.verify.python_literal import judge


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("[1, 2]", "[1,2]"),
        ("'a'", '"a"'),
        ("(7, 'x', [1])", " ( 7, 'x', [ 1 ] ) "),
        ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}"),
        ("-3", "-3"),
        ("None", "None"),
    ],
)
def test_equal_values(reference: str, answer: str) -> None:
    assert judge((reference,), answer).correct


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("'a'", "'A'"),
        ("'a  b'", "'a b'"),
        ("1", "True"),
        ("1", "1.0"),
        ("[1]", "(1,)"),
        ("3", "1 + 2"),
        ("3", "3 or 4"),
        ("3", "maybe 3"),
        ("3", "__import__('os').getpid()"),
        ("3", "{[]: 1}"),
        ("3", ""),
        ("3", "(" * 500 + "3" + ")" * 500),
        ("3", "[" * 900 + "]" * 900),
        ("3", "3" * 1_990),
        ("3", "3" + " " * 10 + "#" * 2_000),
        ("'a'", "'\\d'"),
        ("3", "3\x00"),
    ],
)
def test_unequal_or_hostile_answers(reference: str, answer: str) -> None:
    assert not judge((reference,), answer).correct


def test_any_reference_counts_and_an_unreadable_one_is_an_error() -> None:
    assert judge(("1", "2"), "2").correct
    with pytest.raises(ValueError, match=r"'python_literal' cannot read the reference 'a b'"):
        judge(("a b",), "1")
