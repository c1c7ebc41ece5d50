"""Are two expressions equal? The decision for scalars.

In this order: the same tree; rational expressions in prime fields; anything else as balls at
several points, with a precision that covers the largest and smallest magnitude met. What is too
large to compute is compared in fields with its irrational parts as symbols: equality can be proven
there, otherwise the answer is refused as too long.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from hashlib import blake2b

from data_synth.verify.math import fields, tree
from data_synth.verify.math.ball import (
    MAX_MAGNITUDE,
    TooLargeError,
    TooMuchWorkError,
    UndefinedValueError,
)
from data_synth.verify.math.complexes import Value
from data_synth.verify.math.evaluate import Evaluator
from data_synth.verify.math.reals import ZERO, Arithmetic, Real, Work
from data_synth.verify.math.tree import Node
from data_synth.verify.verdict import Reason, UnreadableError

FIELD_POINTS = 8
REAL_POINTS = 8
_CANDIDATES = 40
_MIN_POINTS = 3
START_BITS = 256
_STEP = 64
MAX_COMPARISONS = 3_000
"""Scalar comparisons in one verdict."""
_MAX_FIELD_COMPARISONS = 600
_COMBINATORIAL = frozenset(("factorial", "factorial2", "binom"))


class Session:
    """One verdict: its random points, the same for the same two texts in any order, and its work.

    Example:
        Session("1/2", "0.5").equal(parse("1/2"), parse("0.5"))
    """

    def __init__(self, reference: str, answer: str) -> None:
        self._texts = sorted((reference, answer))
        self._comparisons = 0
        self._in_field = 0
        self._work = Work()

    @cached_property
    def seed(self) -> bytes:
        """What all random points of this verdict are drawn from."""
        first, second = self._texts
        text = f"{len(first)} {first} {second}".encode("utf-8", "replace")
        return blake2b(text, digest_size=16).digest()

    def equal(self, left: Node, right: Node) -> bool:
        """Whether two scalar expressions are the same.

        Raises UnreadableError: too long to be decided, or without a value.
        """
        self._comparisons += 1
        if self._comparisons > MAX_COMPARISONS:
            raise UnreadableError(Reason.TOO_LONG)
        if left.op == right.op == "num":
            return left.value == right.value
        if left == right:
            return True
        symbols = sorted(tree.free_symbols(left, right))
        if symbols and fields.is_rational(left) and fields.is_rational(right):
            return bool(self._in_fields(left, right))
        try:
            return self._numerically(left, right, symbols)
        except TooLargeError:
            verdict = self._in_fields(left, right)
        if verdict is None:
            raise UnreadableError(Reason.TOO_LONG)
        return verdict

    def sign_of_ratio(self, left: Node, right: Node) -> int:
        """The sign of left / right at a point where both are defined; 0 if there is none."""
        for point in self._points(sorted(tree.free_symbols(left, right)), whole=False):
            over = Arithmetic(START_BITS, self._work)
            at = Evaluator(over, point, real=True)
            try:
                a, b = at.value(left), at.value(right)
                return over.sign(at.real_part(a)) * over.sign(at.real_part(b))
            except UndefinedValueError:
                continue
            except TooLargeError:
                break
        return 0

    def approximates(self, decimal: Fraction, places: int, exact: Node) -> bool:
        """Whether `decimal` is what an exact constant rounds to at `places` places."""
        over = Arithmetic(START_BITS + 8 * places, self._work)
        try:
            value = Evaluator(over, {}, real=False).value(exact)
            if value[1] != ZERO:
                return False
            if isinstance(value[0], Fraction) and _terminates(value[0]):
                return False
            off = over.add(value[0], -decimal)
            limit = Fraction(1, 2 * 10**places)
            inside = over.sign(over.add(limit, over.negative(off))) > 0
            return inside and over.sign(over.add(limit, off)) > 0
        except (UndefinedValueError, TooLargeError):
            return False

    def _in_fields(self, left: Node, right: Node) -> bool | None:
        """Equal, or different, or None: not known because something stands for itself."""
        self._in_field += 1
        if self._in_field > _MAX_FIELD_COMPARISONS:
            raise UnreadableError(Reason.TOO_LONG)
        exponent = max(fields.largest_exponent(left), fields.largest_exponent(right))
        agreed = 0
        for point in fields.field_points(self.seed, 2 * FIELD_POINTS, exponent):
            try:
                same = point.value(left) == point.value(right)
            except UndefinedValueError:
                continue
            if not same:
                return None if point.opaque else False
            agreed += 1
            if agreed == FIELD_POINTS:
                return True
        # Hardly any point defined: a division by zero in disguise.
        return False

    def _numerically(self, left: Node, right: Node, symbols: Sequence[str]) -> bool:
        if not symbols:
            return bool(_same_at(self._work, left, right, {}, real=False))
        nodes = [*tree.walk(left), *tree.walk(right)]
        whole = any(node.name in _COMBINATORIAL for node in nodes)
        # Only where no point is real is the principal value taken, as in sqrt(-x^2-1).
        verdict = None
        if not any(node.op == "const" and node.name == "i" for node in nodes):
            verdict = self._agree(left, right, self._points(symbols, whole=whole), real=True)
        if verdict is None:
            verdict = self._agree(left, right, self._points(symbols, whole=whole), real=False)
        return bool(verdict)

    def _agree(
        self, left: Node, right: Node, points: Sequence[dict[str, Fraction]], *, real: bool
    ) -> bool | None:
        """Whether both are the same wherever both have a value; None if that is hardly anywhere."""
        agreed = 0
        too_large = False
        for point in points:
            try:
                same = _same_at(self._work, left, right, point, real=real)
            except TooMuchWorkError:
                raise
            except TooLargeError:
                # As e^{e^x} at 5: other points may tell.
                too_large = True
                continue
            if same is False and not self._excused(left, right, point):
                return False
            agreed += same is True
            if agreed == REAL_POINTS:
                return True
        if agreed >= _MIN_POINTS:
            return True
        if too_large:
            raise TooLargeError
        return None

    def _excused(self, left: Node, right: Node, point: dict[str, Fraction]) -> bool:
        """Whether a point does not count: n!/(n-k)! has no value for k > n, and binom(n, k) has."""
        if any(value.denominator != 1 for value in point.values()):
            return False
        return not self._both_defined(left, right, point)

    def _both_defined(self, left: Node, right: Node, point: dict[str, Fraction]) -> bool:
        at = Evaluator(Arithmetic(START_BITS, self._work), point, real=True)
        return _value_at(at.value, left) is not None and _value_at(at.value, right) is not None

    def _points(self, symbols: Sequence[str], *, whole: bool) -> list[dict[str, Fraction]]:
        """Points of all signs and several scales; positive whole numbers if asked."""
        points = []
        for index in range(_CANDIDATES):
            point: dict[str, Fraction] = {}
            for name in symbols:
                key = f"{index} {name}".encode("utf-8", "replace")
                drawn = int.from_bytes(blake2b(self.seed + key, digest_size=8).digest(), "big")
                if whole:
                    point[name] = Fraction(3 + drawn % (4 + 2 * index))
                    continue
                scale = Fraction(1, 2) if index % 4 == 0 else Fraction(1 + 2 * (index % 4))
                size = scale * Fraction(drawn % 65_521 + 1, 65_537)
                positive = index % 3 == 0 or name in ("base of log", "infinity")
                negative = not positive and (index % 3 == 1 or drawn >> 40 & 1)
                point[name] = -size if negative else size
            points.append(point)
        return points


def _same_at(
    work: Work, left: Node, right: Node, point: dict[str, Fraction], *, real: bool
) -> bool | None:
    """Whether both have the same value at a point; None if neither has one.

    The precision grows until the balls are apart, or so small against every magnitude met that the
    values are taken as equal.
    """
    bits = START_BITS + _STEP
    while True:
        over = Arithmetic(bits, work)
        at = Evaluator(over, point, real=real)
        a, b = _value_at(at.value, left), _value_at(at.value, right)
        needed = START_BITS + 2 * over.magnitude
        if a is not None and b is not None:
            apart = _apart(over, a, b)
            if apart is True:
                return False
            needed = START_BITS + 2 * over.magnitude
            if apart is False and bits >= needed:
                return True
        elif bits >= needed:
            return None if a is b else False
        # In steps, so that constants like pi are computed once for each precision.
        bits = 2 * bits if bits >= needed else -(-needed // _STEP) * _STEP
        if bits > 3 * MAX_MAGNITUDE or (bits > 4 * needed and None not in (a, b)):
            raise TooLargeError


def _value_at(value: Callable[[Node], Value], node: Node) -> Value | None:
    try:
        return value(node)
    except UndefinedValueError:
        return None


def _apart(over: Arithmetic, a: Value, b: Value) -> bool | None:
    """True: proven different. False: no difference at this precision. None: too imprecise."""
    verdict: bool | None = False
    for left, right in zip(a, b, strict=True):
        off: Real = over.add(left, over.negative(right))
        if isinstance(off, Fraction):
            if off:
                return True
            continue
        if not off.has_zero:
            return True
        if off.rad.bit_length() + off.exponent > -over.bits // 2:
            verdict = None
    return verdict


def _terminates(value: Fraction) -> bool:
    """Whether the decimal expansion ends."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1
