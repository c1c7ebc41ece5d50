"""Real numbers that stay exact as long as they can: a Fraction, or a ball once they are irrational.

`Arithmetic` counts its work and remembers the largest magnitude it met, which tells how much
precision a comparison needs.
"""

from fractions import Fraction
from math import gcd, isqrt
from typing import TypeAlias

from data_synth.verify.math import ball
from data_synth.verify.math.ball import (
    MAX_MAGNITUDE,
    Ball,
    TooLargeError,
    TooMuchWorkError,
    UndefinedValueError,
)

Real: TypeAlias = Fraction | Ball

MAX_FACTORIAL = 2_000
_MAX_WORK = 10_000_000
"""For one verdict, in products of two words of 64 bits: less than a second."""
ZERO = Fraction(0)
ONE = Fraction(1)


class Work:
    """What one verdict has cost so far."""

    def __init__(self) -> None:
        self._done = 0

    def charge(self, bits: int, times: int) -> None:
        """Count `times` products of numbers of this size; TooMuchWorkError beyond the bound."""
        words = bits // 64 + 1
        self._done += times * words * (words if words < 16 else 4 * isqrt(words) + 1)
        if self._done > _MAX_WORK:
            raise TooMuchWorkError


class Arithmetic:
    """Operations on reals at one precision.

    Example:
        Arithmetic(256).multiply(Fraction(2), Fraction(1, 3)) == Fraction(2, 3)
    """

    def __init__(self, bits: int, work: Work | None = None) -> None:
        self.bits = bits
        self._work = work or Work()
        self.magnitude = 0
        """Largest power of two, in magnitude, of anything that met a ball."""

    def charge(self, bits: int, times: int = 1) -> None:
        """Count `times` multiplications of numbers of this size."""
        self._work.charge(bits, times)

    def ball(self, value: Real) -> Ball:
        """The value as a ball."""
        if isinstance(value, Ball):
            self.magnitude = max(self.magnitude, 0 if value.has_zero else abs(value.magnitude))
            return value
        size = max(value.numerator.bit_length(), value.denominator.bit_length())
        self.magnitude = max(self.magnitude, size)
        return ball.from_fraction(value, self.bits)

    def exact(self, value: Fraction) -> Fraction:
        """The value itself, if its size is within the bounds."""
        size = max(value.numerator.bit_length(), value.denominator.bit_length())
        if size > MAX_MAGNITUDE:
            raise TooLargeError
        self.charge(size)
        return value

    def add(self, a: Real, b: Real) -> Real:
        """a + b."""
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return self.exact(a + b)
        if a == ZERO:
            return b
        if b == ZERO:
            return a
        self.charge(self.bits)
        return ball.add(self.ball(a), self.ball(b), self.bits)

    def negative(self, a: Real) -> Real:
        """-a."""
        return ball.negative(a) if isinstance(a, Ball) else -a

    def multiply(self, a: Real, b: Real) -> Real:
        """a * b."""
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return self.exact(a * b)
        if a == ZERO or b == ZERO:
            return ZERO
        self.charge(self.bits)
        return ball.multiply(self.ball(a), self.ball(b), self.bits)

    def inverse(self, a: Real) -> Real:
        """1 / a."""
        if isinstance(a, Ball):
            self.charge(self.bits)
            return ball.inverse(self.ball(a), self.bits)
        if not a:
            raise UndefinedValueError
        return 1 / a

    def sign(self, a: Real) -> int:
        """-1, 0 (exactly zero) or 1; UndefinedValueError for a ball around zero."""
        if isinstance(a, Fraction):
            return (a > 0) - (a < 0)
        if a.has_zero:
            raise UndefinedValueError
        return 1 if a.mid > 0 else -1

    def is_zero(self, a: Real) -> bool:
        """Exactly zero."""
        return isinstance(a, Fraction) and not a

    def whole_power(self, base: Fraction, exponent: int) -> Fraction:
        """base^exponent; its size is checked before it is computed."""
        if base in (0, 1, -1):
            if not base and exponent <= 0:
                raise UndefinedValueError
            return base ** (exponent % 2 + 2)
        size = max(base.numerator.bit_length(), base.denominator.bit_length())
        if (size - 1 or 1) * abs(exponent) > MAX_MAGNITUDE:
            raise TooLargeError
        self.charge(size * abs(exponent))
        return base**exponent

    def exact_root(self, value: Fraction, degree: int) -> Fraction | None:
        """The root of a non-negative fraction, if it is a fraction and quickly found."""
        if degree > 64:
            return None
        over, under = _whole_root(value.numerator, degree), _whole_root(value.denominator, degree)
        return None if over is None or under is None else Fraction(over, under)

    def square_root(self, a: Real) -> Real:
        """The root of a non-negative number."""
        if isinstance(a, Fraction):
            if a < 0:
                raise UndefinedValueError
            root = self.exact_root(a, 2)
            if root is not None:
                return root
        self.charge(self.bits, 4)
        return ball.square_root(self.ball(a), self.bits)

    def exponential(self, a: Real) -> Real:
        """e^a."""
        if self.is_zero(a):
            return ONE
        self.charge(self.bits, isqrt(self.bits) * 2)
        return ball.exponential(self.ball(a), self.bits)

    def logarithm(self, a: Real) -> Real:
        """ln a of a positive number."""
        if a == ONE:
            return ZERO
        self.charge(self.bits, isqrt(self.bits) * 6)
        return ball.logarithm(self.ball(a), self.bits)

    def cosine_sine(self, a: Real) -> tuple[Real, Real]:
        """(cos a, sin a)."""
        if self.is_zero(a):
            return ONE, ZERO
        self.charge(self.bits, isqrt(self.bits) * 2)
        return ball.cosine_sine(self.ball(a), self.bits)

    def angle(self, x: Real, y: Real) -> Real:
        """The angle of the point (x, y), from -pi (excluded) to pi."""
        if self.is_zero(y):
            sign = self.sign(x)
            if not sign:
                raise UndefinedValueError
            return ZERO if sign > 0 else self.pi()
        self.charge(self.bits, isqrt(self.bits) * 10)
        return ball.angle(self.ball(x), self.ball(y), self.bits)

    def pi(self) -> Ball:
        """The circle's constant."""
        self.charge(self.bits, 4)
        return ball.rounded(ball.pi_fixed(self.bits + 16), 2, -self.bits - 16, self.bits)

    def floor(self, a: Real) -> Fraction:
        """The largest whole number not above; UndefinedValueError if the ball does not tell."""
        if isinstance(a, Fraction):
            return Fraction(a.numerator // a.denominator)
        if a.magnitude > self.bits or a.exponent >= 0:
            raise UndefinedValueError
        low, high = (a.mid - a.rad) >> -a.exponent, (a.mid + a.rad) >> -a.exponent
        if low != high:
            raise UndefinedValueError
        return Fraction(low)

    def factorial(self, n: Fraction, step: int = 1) -> Fraction:
        """n! for step 1, the double factorial n!! for step 2."""
        if n.denominator != 1 or n < 0:
            raise UndefinedValueError
        if n > MAX_FACTORIAL:
            raise TooLargeError
        product = 1
        for factor in range(int(n), 1, -step):
            product *= factor
        self.charge(product.bit_length(), int(n) // 8 + 1)
        return self.exact(Fraction(product))

    def binomial(self, n: Fraction, k: Fraction) -> Fraction:
        """n over k, for whole k."""
        if k.denominator != 1:
            raise UndefinedValueError
        if k < 0:
            return ZERO
        if n.denominator == 1 and 0 <= n < 2 * k:
            k = n - k
            if k < 0:
                return ZERO
        if k > MAX_FACTORIAL or n.numerator.bit_length() * k > MAX_MAGNITUDE:
            raise TooLargeError
        over = under = 1
        for index in range(int(k)):
            over *= n.numerator - index * n.denominator
            under *= (index + 1) * n.denominator
            common = gcd(over, under)
            over, under = over // common, under // common
        self.charge(over.bit_length(), int(k) + 1)
        return self.exact(Fraction(over, under))


def _whole_root(value: int, degree: int) -> int | None:
    if value in (0, 1):
        return value
    if degree == 2:
        root = isqrt(value)
    else:
        if degree > value.bit_length():
            return None
        root = 1 << -(-value.bit_length() // degree)
        while True:
            smaller = ((degree - 1) * root + value // root ** (degree - 1)) // degree
            if smaller >= root:
                break
            root = smaller
    return root if root**degree == value else None
