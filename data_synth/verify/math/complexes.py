"""Complex numbers of exact or ball parts: the functions that roots, powers and angles need."""

from fractions import Fraction
from typing import TypeAlias

from data_synth.verify.math.ball import TooLargeError, UndefinedValueError
from data_synth.verify.math.reals import ONE, ZERO, Arithmetic, Real

Value: TypeAlias = tuple[Real, Real]
"""(real part, imaginary part); a real number has the exact imaginary part 0."""

UNIT: Value = (ZERO, ONE)
"""The imaginary unit."""
HALF: Value = (Fraction(1, 2), ZERO)
_MAX_ROOT = 64
"""Largest degree of a root that is taken as such: 8^{2/3} is the square of a cube root."""


class Complex:
    """Operations on complex numbers.

    With `real`, what has no real value is undefined; without, the principal value is taken. In
    both, an odd root of a negative number is negative.
    """

    def __init__(self, over: Arithmetic, *, real: bool) -> None:
        self.over = over
        self.real = real

    def times(self, a: Value, b: Value) -> Value:
        """a * b."""
        over = self.over
        if self.is_real(a) and self.is_real(b):
            return over.multiply(a[0], b[0]), ZERO
        real = over.add(over.multiply(a[0], b[0]), over.negative(over.multiply(a[1], b[1])))
        return real, over.add(over.multiply(a[0], b[1]), over.multiply(a[1], b[0]))

    def reciprocal(self, a: Value) -> Value:
        """1 / a."""
        over = self.over
        if self.is_real(a):
            return over.inverse(a[0]), ZERO
        scale = over.inverse(self.norm(a))
        return over.multiply(a[0], scale), over.negative(over.multiply(a[1], scale))

    def norm(self, a: Value) -> Real:
        """The square of the absolute value."""
        over = self.over
        return over.add(over.multiply(a[0], a[0]), over.multiply(a[1], a[1]))

    def is_real(self, a: Value) -> bool:
        """Whether the imaginary part is exactly zero."""
        return isinstance(a[1], Fraction) and not a[1]

    def real_part(self, a: Value) -> Real:
        """The value of a real number."""
        if not self.is_real(a):
            raise UndefinedValueError
        return a[0]

    def rational_power(self, base: Value, exponent: Fraction) -> Value:
        """A power with a rational exponent, by a root and a whole power."""
        if exponent.denominator == 1:
            return self.whole_power(base, int(exponent))
        if base == (ZERO, ZERO):
            if exponent < 0:
                raise UndefinedValueError
            return base
        if exponent.denominator <= _MAX_ROOT or not self.is_real(base):
            return self.whole_power(self.root(base, exponent.denominator), exponent.numerator)
        return self._fine_power(base[0], exponent), ZERO

    def _fine_power(self, base: Real, exponent: Fraction) -> Real:
        """A power of a real number whose exponent has a large denominator."""
        over = self.over
        negative = over.sign(base) < 0
        if negative and exponent.denominator % 2 == 0:
            raise UndefinedValueError
        log = over.logarithm(over.negative(base) if negative else base)
        size = over.exponential(over.multiply(log, exponent))
        return over.negative(size) if negative and exponent.numerator % 2 else size

    def whole_power(self, base: Value, exponent: int) -> Value:
        """A power with a whole exponent: exact for fractions, by squaring otherwise."""
        if isinstance(base[0], Fraction) and self.is_real(base):
            return self.over.whole_power(base[0], exponent), ZERO
        if abs(exponent) > 1 << 24:
            raise TooLargeError
        if exponent < 0:
            base, exponent = self.reciprocal(base), -exponent
        total: Value = (ONE, ZERO)
        while exponent:
            if exponent & 1:
                total = self.times(total, base)
            exponent >>= 1
            if exponent:
                base = self.times(base, base)
        return total

    def root(self, a: Value, degree: int) -> Value:
        """The root of a whole degree above 1."""
        over = self.over
        if self.is_real(a):
            sign = over.sign(a[0]) if isinstance(a[0], Fraction) or degree != 2 else rough(a[0])
            if sign >= 0:
                return self._positive_root(a[0], degree), ZERO
            if degree % 2:
                return over.negative(self._positive_root(over.negative(a[0]), degree)), ZERO
            if self.real:
                raise UndefinedValueError
            if degree == 2:
                return ZERO, over.square_root(over.negative(a[0]))
        log = self.logarithm(a)
        share = Fraction(1, degree)
        return self.exponential((over.multiply(log[0], share), over.multiply(log[1], share)))

    def _positive_root(self, a: Real, degree: int) -> Real:
        if degree == 2:
            return self.over.square_root(a)
        if isinstance(a, Fraction):
            root = self.over.exact_root(a, degree)
            if root is not None:
                return root
        log = self.over.logarithm(a)
        return self.over.exponential(self.over.multiply(log, Fraction(1, degree)))

    def exponential(self, a: Value) -> Value:
        """e^a."""
        size = self.over.exponential(a[0])
        if self.is_real(a):
            return size, ZERO
        cosine, sine = self.over.cosine_sine(a[1])
        return self.over.multiply(size, cosine), self.over.multiply(size, sine)

    def logarithm(self, a: Value) -> Value:
        """The natural logarithm, principal value."""
        over = self.over
        if self.is_real(a):
            sign = over.sign(a[0])
            if sign > 0:
                return over.logarithm(a[0]), ZERO
            if not sign or self.real:
                raise UndefinedValueError
        size = over.multiply(over.logarithm(self.norm(a)), HALF[0])
        return size, over.angle(a[0], a[1])

    def root_of_degree(self, a: Value, degree: Value) -> Value:
        """The root of any degree."""
        index = self.real_part(degree)
        if not isinstance(index, Fraction) or not index:
            raise UndefinedValueError
        return self.rational_power(a, 1 / index)

    def logarithm_to_base(self, a: Value, base: Value) -> Value:
        """The logarithm to any base."""
        return self.times(self.logarithm(a), self.reciprocal(self.logarithm(base)))

    def absolute(self, a: Value) -> Value:
        """The absolute value."""
        if not self.is_real(a):
            return self.over.square_root(self.norm(a)), ZERO
        if isinstance(a[0], Fraction):
            return abs(a[0]), ZERO
        return (self.over.negative(a[0]) if a[0].mid < 0 else a[0]), ZERO

    def cosine_sine(self, a: Value) -> tuple[Value, Value]:
        """(cos a, sin a)."""
        if self.is_real(a):
            cosine, sine = self.over.cosine_sine(a[0])
            return (cosine, ZERO), (sine, ZERO)
        up = self.exponential(self.times(a, UNIT))
        down = self.reciprocal(up)
        cosine_ = self.times(self.plus(up, down), HALF)
        return cosine_, self.times(self.plus(up, self.minus(down)), (ZERO, Fraction(-1, 2)))

    def plus(self, a: Value, b: Value) -> Value:
        """a + b."""
        return self.over.add(a[0], b[0]), self.over.add(a[1], b[1])

    def minus(self, a: Value) -> Value:
        """-a."""
        return self.over.negative(a[0]), self.over.negative(a[1])


def rough(a: Real) -> int:
    """The sign of the midpoint, for functions that are continuous at zero."""
    if isinstance(a, Fraction):
        return (a > 0) - (a < 0)
    return 1 if a.mid >= -a.rad else -1
