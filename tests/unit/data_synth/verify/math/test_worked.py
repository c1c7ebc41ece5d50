"""A number wants a number; inequalities of degree two are solved."""

import random
from fractions import Fraction

import pytest

from data_synth.verify.math import verify_math


@pytest.mark.parametrize(
    "answer",
    ["5", "5.0", "10/2", "\\frac{15}{3}", "x=5", "+5", "2+3=5", "5e0", "0.5\\times10^1", "{5}"],
)
def test_written_numbers_answer_a_number(answer: str) -> None:
    assert verify_math("5", answer).correct


@pytest.mark.parametrize(
    "answer",
    [
        "2+3",
        "7-2",
        "x=2+3",
        "\\sqrt{25}",
        "\\binom{5}{1}",
        "2\\cdot 2.5",
        "\\sum_{k=1}^{5} 1",
        "\\int_0^5 dx",
        "\\lfloor 5.5\\rfloor",
        "\\max(1,5)",
        "5^1",
        "5+0",
        "0+5",
        "1\\cdot5",
        "(10-5)/1",
    ],
)
def test_arithmetic_that_gives_a_number_does_not_answer_it(answer: str) -> None:
    """Otherwise the question's own formula would."""
    verdict = verify_math("5", answer)
    assert (verdict.correct, verdict.reason) == (False, "not_worked_out")


def test_where_the_reference_is_an_expression_any_form_answers() -> None:
    assert verify_math("2^{10}", "1024").correct
    assert verify_math("3\\sqrt{2}", "\\sqrt{18}").correct
    assert verify_math("(1, \\pi)", "(2-1, \\pi)").correct
    assert not verify_math("(1,2)", "(2-1,2)").correct
    assert not verify_math("\\{1,2\\}", "\\{1,1+1\\}").correct


def show(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def test_squares_with_known_roots_are_the_intervals_between_or_outside_them() -> None:
    """Built from the roots, so that nothing is solved here."""
    rng = random.Random(7)
    for _ in range(200):
        low = Fraction(rng.randint(-20, 20), rng.randint(1, 4))
        high = low + Fraction(rng.randint(1, 20), rng.randint(1, 4))
        factor = rng.choice((-3, -1, 1, 2))
        sign = rng.choice(("<", "<=", ">", ">="))
        total, product = -factor * (low + high), factor * low * high
        inequality = f"{factor}x^2+({show(total)})x+({show(product)}) {sign} 0"
        inside = (factor > 0) == (sign[0] == "<")
        opening, closing = ("[", "]") if sign.endswith("=") else ("(", ")")
        a, b = show(low), show(high)
        region = (
            f"{opening}{a},{b}{closing}"
            if inside
            else f"(-\\infty,{a}{closing}\\cup{opening}{b},\\infty)"
        )
        assert verify_math(inequality, region).correct, (inequality, region)
        moved = region.replace(a, show(low - Fraction(1, 7)), 1)
        assert not verify_math(inequality, moved).correct, (inequality, moved)
        # The inequality is what was to be solved: it does not answer for its solution.
        assert verify_math(region, inequality).reason == "not_worked_out"


@pytest.mark.parametrize(
    ("inequality", "region", "equal"),
    [
        ("|x|<2", "(-2,2)", True),
        ("|x-1|\\ge 3", "(-\\infty,-2]\\cup[4,\\infty)", True),
        ("|3-2x|<1", "(1,2)", True),
        ("|x|<2", "[-2,2]", False),
        ("x^2<2", "(-\\sqrt{2},\\sqrt{2})", True),
        ("x^2<2", "(-\\sqrt{3},\\sqrt{3})", False),
        ("x^2<x", "(0,1)", True),
        ("x^3<x", "(0,1)", False),
        ("x^2+1<0", "(0,1)", False),
    ],
)
def test_absolute_values_and_irrational_ends(inequality: str, region: str, equal: bool) -> None:
    assert verify_math(inequality, region).correct is equal
    assert not verify_math(region, inequality).correct or "sqrt" in region
