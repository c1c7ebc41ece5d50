"""Expressions against Python's own arithmetic, and hostile ones."""

import random
from fractions import Fraction

import pytest

from data_synth.verify.arithmetic import ExpressionError, parse_expression


@pytest.mark.parametrize(
    ("text", "value", "numbers"),
    [
        ("2*(5+1)", 12, [2, 5, 1]),
        ("8 - 3 - 2", 3, [8, 3, 2]),
        ("1/3*3", 1, [1, 3, 3]),
        ("-(4 - 7) * 8", 24, [4, 7, 8]),
        ("007", 7, [7]),
        ("--2", 2, [2]),
    ],
)
def test_values_and_numbers(text: str, value: int, numbers: list[int]) -> None:
    expression = parse_expression(text)
    assert (expression.value, expression.numbers) == (Fraction(value), numbers)


def random_expression(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.3:
        return str(rng.randint(0, 20))
    left, right = (random_expression(rng, depth - 1) for _ in range(2))
    text = f"{left} {rng.choice('+-*/')} {right}"
    return f"({text})" if rng.random() < 0.6 else text


def test_random_expressions_agree_with_python() -> None:
    rng = random.Random(5)
    compared = 0
    for _ in range(400):
        text = random_expression(rng, 3)
        # Fractions in Python's own parser: the same tree by another way.
        python = "".join(f"F({part})" if part.isdigit() else part for part in split(text))
        try:
            expected = eval(python, {"F": Fraction})
        except ZeroDivisionError:
            with pytest.raises(ExpressionError, match="division by zero"):
                parse_expression(text)
            continue
        assert parse_expression(text).value == expected, text
        compared += 1
    assert compared > 300


def split(text: str) -> list[str]:
    for sign in "+-*/()":
        text = text.replace(sign, f" {sign} ")
    return text.split()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "24=24",
        "3 4",
        "2**3",
        "(1+2",
        "1+2)",
        "1/0",
        "1//2",
        "9" * 10,
        "(" * 17 + "1" + ")" * 17,
        "-" * 18 + "1",
        "1+" * 120 + "1",
        "\u0661+1",
        "__import__",
        "1e3",
        "4.0",
    ],
)
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_expression(text)
