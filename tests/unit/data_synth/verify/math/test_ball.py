"""Balls hold the true value and are narrow: against mpmath at a far higher precision."""

import random
from fractions import Fraction

import pytest

from data_synth.verify.math import ball
from data_synth.verify.math.ball import Ball, TooLargeError, UndefinedValueError

mpmath = pytest.importorskip("mpmath")
_BITS = 320


@pytest.fixture(autouse=True)
def _precise():
    with mpmath.workprec(1_500):
        yield


def check(found, true, *, slack):
    """The ball holds the value, and is at most `slack` bits wider than its precision."""
    mid = mpmath.ldexp(mpmath.mpf(found.mid), found.exponent)
    rad = mpmath.ldexp(mpmath.mpf(found.rad), found.exponent)
    assert abs(mid - true) <= rad
    assert rad <= mpmath.ldexp(max(abs(true), 1), slack - _BITS)


def draw_numbers():
    draw = random.Random(3)
    for _ in range(150):
        top = 10 ** draw.randint(1, 30)
        yield Fraction(draw.randint(-top, top), draw.randint(1, 10 ** draw.randint(1, 26)))


def test_functions_enclose_the_true_value():
    for value in draw_numbers():
        check_functions(value)


def check_functions(value):
    true = mpmath.mpf(value.numerator) / value.denominator
    x = ball.from_fraction(value, _BITS)
    check(x, true, slack=3)
    cosine, sine = ball.cosine_sine(x, _BITS)
    # The angle itself is known to _BITS bits only.
    loss = max(0, x.magnitude)
    check(cosine, mpmath.cos(true), slack=8 + loss)
    check(sine, mpmath.sin(true), slack=8 + loss)
    if abs(value) < 13_000:
        check(ball.exponential(x, _BITS), mpmath.exp(true), slack=20)
    if value:
        check(ball.inverse(x, _BITS), 1 / true, slack=6)
        other = ball.from_fraction(1 - value, _BITS)
        check(ball.angle(other, x, _BITS), mpmath.atan2(true, 1 - true), slack=12)
    if value > 0:
        check(ball.logarithm(x, _BITS), mpmath.log(true), slack=8)
        check(ball.square_root(x, _BITS), mpmath.sqrt(true), slack=6)


@pytest.mark.parametrize("bits", [64, 320, 1_000])
def test_constants_to_the_last_bit(bits):
    assert abs(ball.pi_fixed(bits) - mpmath.ldexp(mpmath.pi, bits)) <= 1
    assert abs(ball.ln_two(bits) - mpmath.ldexp(mpmath.log(2), bits)) <= 1


def test_errors_add_up():
    x = Ball(100, 3, 0)
    assert ball.add(x, Ball(50, 2, 0), 64) == Ball(150, 5, 0)
    assert ball.multiply(x, Ball(50, 2, 0), 64) == Ball(5_000, 200 + 150 + 6, 0)
    assert ball.square_root(Ball(-1, 2, 0), 64).has_zero


def test_what_has_no_value_is_undefined():
    with pytest.raises(UndefinedValueError):
        ball.inverse(Ball(1, 1, 0), 64)
    with pytest.raises(UndefinedValueError):
        ball.logarithm(Ball(1, 2, 0), 64)
    with pytest.raises(UndefinedValueError):
        ball.square_root(Ball(-5, 2, 0), 64)
    # Left of zero the angle jumps.
    with pytest.raises(UndefinedValueError):
        ball.angle(Ball(-5, 0, 0), Ball(0, 1, 0), 64)


def test_magnitudes_are_bounded():
    with pytest.raises(TooLargeError):
        ball.exponential(ball.from_fraction(Fraction(20_000), 64), 64)
    with pytest.raises(TooLargeError):
        ball.rounded(1, 0, ball.MAX_MAGNITUDE + 1, 64)
