"""Rational expressions at random points of prime fields (Schwartz-Zippel).

Two rational expressions that agree at random points of a field of 2^61 elements are the same,
except with a probability of their degree over 2^61 per point. Powers are taken in the field, so
(x+1)^99999 and 2^{100000} cost no more than x^2. What a field does not hold, as sqrt(2) or 10^9!,
is a symbol of its own there, equal to itself only: enough to prove equality, never difference.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from hashlib import blake2b

from data_synth.verify.math.ball import TooLargeError, UndefinedValueError
from data_synth.verify.math.evaluate import Evaluator
from data_synth.verify.math.reals import ZERO, Arithmetic
from data_synth.verify.math.tree import Node

MERSENNE = 2**61 - 1
SECOND_PRIME = 2**61 - 31
_FIELD_OPS = frozenset(("num", "sym", "apply", "add", "mul", "div", "neg", "pow", "percent"))
_MAX_FACTORIAL = 5_000
_FIXED_PRIMES_UP_TO = 10**6
_WITNESSES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)


@dataclass(slots=True)
class FieldPoint:
    """A point of a field, with what was met while expressions were evaluated there."""

    prime: int
    seed: bytes
    symbols: dict[str, int] = field(default_factory=dict)
    opaque: bool = False
    """Whether something stood for itself that the field does not hold."""

    def residue(self, name: str) -> int:
        """The value of a symbol, the same for the same name."""
        if name not in self.symbols:
            digest = blake2b(self.seed + name.encode("utf-8", "replace"), digest_size=16).digest()
            self.symbols[name] = int.from_bytes(digest, "big") % (self.prime - 2) + 2
        return self.symbols[name]

    def value(self, node: Node) -> int:
        """The value of an expression; UndefinedValueError for a division by zero."""
        op, prime = node.op, self.prime
        if op == "num" and node.value is not None:
            return self._ratio(node.value.numerator, node.value.denominator)
        if op in ("sym", "apply"):
            return self.residue("symbol " + node.name)
        if op == "add":
            return sum(map(self.value, node.args)) % prime
        if op == "mul":
            product = 1
            for arg in node.args:
                product = product * self.value(arg) % prime
            return product
        if op == "div":
            return self._ratio(self.value(node.args[0]), self.value(node.args[1]))
        if op == "neg":
            return -self.value(node.args[0]) % prime
        if op == "percent":
            return self._ratio(self.value(node.args[0]), 100)
        return self._power(node) if op == "pow" else self._standing_for_itself(node)

    def _ratio(self, over: int, under: int) -> int:
        if under % self.prime == 0:
            raise UndefinedValueError
        return over * pow(under, -1, self.prime) % self.prime if under != 1 else over % self.prime

    def _power(self, node: Node) -> int:
        exponent = whole_constant(node.args[1])
        if exponent is None:
            return self._standing_for_itself(node)
        base = self.value(node.args[0])
        if not base:
            if exponent <= 0:
                raise UndefinedValueError
            return 0
        return pow(base, exponent % (self.prime - 1), self.prime)

    def _standing_for_itself(self, node: Node) -> int:
        if node.op == "call" and node.name == "factorial":
            n = whole_constant(node.args[0])
            if n is not None and 0 <= n <= _MAX_FACTORIAL:
                return _factorial(n, self.prime)
        self.opaque = True
        # Equal arguments make equal values: sin(2x+x) and sin(3x) are one symbol.
        inner = " ".join(str(self.value(arg)) for arg in node.args)
        return self.residue(f"{node.op} {node.name} {inner}")


@lru_cache(maxsize=512)
def _factorial(n: int, prime: int) -> int:
    product = 1
    for factor in range(2, n + 1):
        product = product * factor % prime
    return product


def whole_constant(node: Node) -> int | None:
    """The whole number that an expression without symbols stands for, if it is small enough."""
    if node.op == "num" and node.value is not None:
        return node.value.numerator if node.value.denominator == 1 else None
    value = rational_constant(node)
    return value.numerator if value is not None and value.denominator == 1 else None


def rational_constant(node: Node) -> Fraction | None:
    """The fraction that an expression without symbols stands for, if it is one and small enough."""
    try:
        value = Evaluator(Arithmetic(64), {}, real=False).value(node)
    except (UndefinedValueError, TooLargeError, KeyError):
        # KeyError: a free symbol has no value here.
        return None
    return value[0] if isinstance(value[0], Fraction) and value[1] == ZERO else None


def is_rational(node: Node) -> bool:
    """Whether it is built by the four operations and powers with whole constant exponents."""
    if node.op not in _FIELD_OPS:
        return False
    if node.op == "pow":
        return whole_constant(node.args[1]) is not None and is_rational(node.args[0])
    return all(map(is_rational, node.args))


def largest_exponent(node: Node) -> int:
    """The largest magnitude of a whole exponent in it."""
    below = max(map(largest_exponent, node.args), default=0)
    if node.op != "pow":
        return below
    return max(below, abs(whole_constant(node.args[1]) or 0))


def field_points(seed: bytes, count: int, exponent: int) -> list[FieldPoint]:
    """`count` points of two fields in turn.

    With an exponent in reach of a field's order the primes are drawn by the seed too: otherwise
    2^{p-1} would be 1.
    """
    primes = (MERSENNE, SECOND_PRIME)
    if exponent > _FIXED_PRIMES_UP_TO:
        primes = (_drawn_prime(seed + b"first"), _drawn_prime(seed + b"second"))
    return [
        FieldPoint(primes[index % 2], seed + index.to_bytes(2, "big")) for index in range(count)
    ]


def _drawn_prime(seed: bytes) -> int:
    candidate = int.from_bytes(blake2b(seed, digest_size=8).digest(), "big") >> 3 | 1 << 60 | 1
    while not _is_prime(candidate):
        candidate += 2
    return candidate


def _is_prime(n: int) -> bool:
    """Miller-Rabin, certain below 2^64 with these witnesses."""
    if any(n % witness == 0 for witness in _WITNESSES):
        return False
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for witness in _WITNESSES:
        power = pow(witness, odd, n)
        if power in (1, n - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % n
            if power == n - 1:
                break
        else:
            return False
    return True
