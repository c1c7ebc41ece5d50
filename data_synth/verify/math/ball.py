"""Real numbers as balls: a midpoint with a bound on its error, both whole numbers times 2^exponent.

Every operation widens the error so that the true value stays inside; thus two values whose balls
are apart are proven to differ. Python's whole numbers are all that is needed.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

MAX_MAGNITUDE = 20_000
"""Largest power of two, in magnitude, of a value that is computed."""
_GUARD = 48


class UndefinedValueError(Exception):
    """The value does not exist, or its ball is too wide to tell: a division by zero, a real root of
    a negative number."""


class TooLargeError(Exception):
    """A value is beyond the bounds."""


class TooMuchWorkError(TooLargeError):
    """All the values together cost more than one verdict may."""


@dataclass(frozen=True, slots=True)
class Ball:
    """(mid +- rad) * 2^exponent.

    Example:
        Ball(3, 0, -1)
    """

    mid: int
    rad: int
    exponent: int

    @property
    def has_zero(self) -> bool:
        """Whether zero is inside."""
        return abs(self.mid) <= self.rad

    @property
    def magnitude(self) -> int:
        """A bound on the power of two of the largest value inside."""
        return (abs(self.mid) + self.rad).bit_length() + self.exponent


def rounded(mid: int, rad: int, exponent: int, bits: int) -> Ball:
    """A ball whose midpoint has at most `bits` bits."""
    excess = max(mid.bit_length() - bits, rad.bit_length() - 32)
    if excess > 0:
        mid >>= excess
        rad = (rad >> excess) + 2
        exponent += excess
    if mid and abs(mid.bit_length() + exponent) > MAX_MAGNITUDE:
        raise TooLargeError
    if abs(exponent) > 16 * MAX_MAGNITUDE:
        raise TooLargeError
    return Ball(mid, rad, exponent)


def from_fraction(value: Fraction, bits: int) -> Ball:
    """The ball around an exact number."""
    over, under = value.numerator, value.denominator
    if under == 1:
        return rounded(over, 0, 0, bits)
    shift = max(0, bits + under.bit_length() - over.bit_length())
    return rounded((over << shift) // under, 1, -shift, bits)


def add(a: Ball, b: Ball, bits: int) -> Ball:
    """a + b."""
    low = min(a.exponent, b.exponent)
    up_a, up_b = a.exponent - low, b.exponent - low
    return rounded((a.mid << up_a) + (b.mid << up_b), (a.rad << up_a) + (b.rad << up_b), low, bits)


def negative(a: Ball) -> Ball:
    """-a."""
    return Ball(-a.mid, a.rad, a.exponent)


def multiply(a: Ball, b: Ball, bits: int) -> Ball:
    """a * b."""
    rad = abs(a.mid) * b.rad + abs(b.mid) * a.rad + a.rad * b.rad
    return rounded(a.mid * b.mid, rad, a.exponent + b.exponent, bits)


def inverse(a: Ball, bits: int) -> Ball:
    """1 / a."""
    if a.has_zero:
        raise UndefinedValueError
    size = abs(a.mid)
    shift = bits + size.bit_length()
    rad = (a.rad << shift) // (size * (size - a.rad)) + 2
    mid = (1 << shift) // size
    return rounded(mid if a.mid > 0 else -mid, rad, -shift - a.exponent, bits)


def square_root(a: Ball, bits: int) -> Ball:
    """The real root; of a ball around zero, a ball around zero."""
    if a.mid < -a.rad:
        raise UndefinedValueError
    mid, rad, exponent = a.mid, a.rad, a.exponent
    shift = max(0, 2 * bits - mid.bit_length())
    shift += (exponent - shift) & 1
    mid, rad, exponent = mid << shift, rad << shift, exponent - shift
    if mid <= rad:
        return rounded(0, math.isqrt(abs(mid) + rad) + 1, exponent // 2, bits)
    root = math.isqrt(mid)
    return rounded(root, rad // root + 2, exponent // 2, bits)


def fixed(a: Ball, bits: int) -> tuple[int, int]:
    """Midpoint and error in units of 2^-bits."""
    shift = a.exponent + bits
    if shift >= 0:
        return a.mid << shift, a.rad << shift
    return a.mid >> -shift, (a.rad >> -shift) + 2


def exponential(a: Ball, bits: int) -> Ball:
    """e^a."""
    if a.magnitude > 16:
        raise TooLargeError
    wide = bits + _GUARD
    mid, rad = fixed(a, wide)
    if rad.bit_length() > wide - 1:
        raise UndefinedValueError
    log_two = ln_two(wide)
    turns = mid // log_two
    value = _exp_fixed(mid - turns * log_two, wide)
    # The remainder is off by at most |turns| units and the series by fewer than 2^32.
    error = rad + abs(turns) + (1 << 32)
    return rounded(value, (value * error >> (wide - 1)) + 2, turns - wide, bits)


def logarithm(a: Ball, bits: int) -> Ball:
    """ln a for positive a."""
    if a.mid <= a.rad:
        raise UndefinedValueError
    wide = bits + _GUARD
    size = a.mid.bit_length()
    mantissa = a.mid << (wide - size) if wide >= size else a.mid >> (size - wide)
    value = _log_fixed(mantissa, wide)
    total = value + (a.exponent + size) * ln_two(wide)
    relative = (a.rad << (wide + 1)) // (a.mid - a.rad)
    return rounded(total, relative + abs(a.exponent + size) + (1 << 34), -wide, bits)


def cosine_sine(a: Ball, bits: int) -> tuple[Ball, Ball]:
    """(cos a, sin a)."""
    if a.magnitude > 512:
        raise TooLargeError
    wide = bits + _GUARD + max(0, a.magnitude)
    mid, rad = fixed(a, wide)
    quarter = pi_fixed(wide) >> 1
    turns = (mid + (quarter >> 1)) // quarter
    cosine, sine = _cos_sin_fixed(mid - turns * quarter, wide)
    for _ in range(turns % 4):
        cosine, sine = -sine, cosine
    error = rad + abs(turns) * 2 + (1 << 34)
    return rounded(cosine, error, -wide, bits), rounded(sine, error, -wide, bits)


def angle(x: Ball, y: Ball, bits: int) -> Ball:
    """atan2(y, x), for a point that is surely not on the negative half of the x axis."""
    norm = square_root(add(multiply(x, x, bits), multiply(y, y, bits), bits), bits)
    if norm.mid <= norm.rad or (x.mid < 0 and y.has_zero and y.rad):
        raise UndefinedValueError
    scale = inverse(norm, bits)
    wide = bits + _GUARD
    cosine, cosine_error = fixed(multiply(x, scale, bits), wide)
    sine, sine_error = fixed(multiply(y, scale, bits), wide)
    top = 1 << wide
    theta = int(math.atan2(sine / top, cosine / top) * (1 << 60)) << (wide - 60)
    good = 50
    while good < wide:
        c, s = _cos_sin_fixed(theta, wide)
        # The sine of what is left; its cube is the new error.
        theta += (sine * c - cosine * s) >> wide
        good *= 3
    return rounded(theta, cosine_error + sine_error + (1 << 36), -wide, bits)


@lru_cache(maxsize=64)
def ln_two(bits: int) -> int:
    """ln 2 in units of 2^-bits, off by less than one."""
    wide = bits + 32
    # 18 artanh(1/26) - 2 artanh(1/4801) + 8 artanh(1/8749), a formula of Machin's kind.
    total = sum(
        weight * _arc_series(number, wide, -1)
        for weight, number in ((18, 26), (-2, 4801), (8, 8749))
    )
    return total >> 32


@lru_cache(maxsize=64)
def pi_fixed(bits: int) -> int:
    """pi in units of 2^-bits, off by less than one."""
    wide = bits + 32
    return 4 * (4 * _arc_series(5, wide, 1) - _arc_series(239, wide, 1)) >> 32


def _arc_series(number: int, bits: int, sign: int) -> int:
    """artan(1/number) for sign 1 and artanh(1/number) for sign -1, in units of 2^-bits."""
    power = (1 << bits) // number
    total, square, index = power, number * number, 1
    while power:
        power //= square
        index += 2
        total += -sign * (power // index) if index % 4 == 3 or sign < 0 else power // index
    return total


def _exp_fixed(x: int, bits: int) -> int:
    """e^x for 0 <= x < 1 in units of 2^-bits: halve, sum the series, square."""
    halvings = math.isqrt(bits) // 2 + 2
    wide = bits + 2 * halvings + 16
    x = x << (wide - bits) >> halvings
    one = 1 << wide
    total, term, index = one + x, x, 1
    while term:
        index += 1
        term = (term * x >> wide) // index
        total += term
    for _ in range(halvings):
        total = total * total >> wide
    return total >> (wide - bits)


def _log_fixed(mantissa: int, bits: int) -> int:
    """ln m for 1/2 <= m < 1 in units of 2^-bits, by Halley's iteration on e^y = m."""
    # Shifted by ln 2, so that the argument of the exponential is not negative.
    log_two = ln_two(bits)
    target = 2 * mantissa
    y = int(math.log(target / (1 << bits)) * (1 << 60)) << (bits - 60)
    good = 50
    while good < bits:
        power = _exp_fixed(max(y, 0), bits)
        y = max(y, 0) + ((2 * (target - power)) << bits) // (target + power)
        good *= 3
    return y - log_two


def _cos_sin_fixed(x: int, bits: int) -> tuple[int, int]:
    """(cos x, sin x) for |x| < 4 in units of 2^-bits: halve, sum both series, double."""
    halvings = math.isqrt(bits) // 2 + 3
    wide = bits + 3 * halvings + 16
    x = x << (wide - bits) >> halvings
    square = x * x >> wide
    cosine, sine = 1 << wide, x
    even, odd, index = 1 << wide, x, 0
    while even or odd:
        index += 2
        even = -(even * square >> wide) // (index * (index - 1))
        odd = -(odd * square >> wide) // (index * (index + 1))
        if even in (0, -1) and odd in (0, -1):
            break
        cosine += even
        sine += odd
    for _ in range(halvings):
        cosine, sine = (2 * cosine * cosine >> wide) - (1 << wide), 2 * sine * cosine >> wide
    return cosine >> (wide - bits), sine >> (wide - bits)
