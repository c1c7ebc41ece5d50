r"""The process that runs math-verify: a script, started by `second_opinion` and killed by it.

It stands alone (no import of this project) and serves one socket, its standard input: four bytes of
length, then JSON. The caller keeps the clock, so math-verify's own timeouts, which are alarms that
multiplying large integers never lets through, are switched off.

A yes of math-verify is checked again: it compares numbers at 15 digits and drops small ones, which
makes 1/2004! equal 1/2006!. The check evaluates both parsed trees with mpmath at fixed points and
takes the yes back where the values differ; what it cannot evaluate it lets pass.
"""

import json
import resource
import socket
import sys
import zlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil
from typing import Any

MEMORY_BYTES = 1 << 30
"""Address space of a worker. math-verify and sympy together map about 150 MB."""
MAX_OPEN_FILES = 64
MAX_REQUEST_BYTES = 1 << 20
MAX_NODES = 2_000
"""Largest tree, in nodes, that the numeric check evaluates."""
DIGITS = (700, 1_400)
"""Each value is computed twice: what does not agree is noise of a cancellation, hence zero."""
RELATIVE_TOLERANCE = 600
"""Values that agree in this many digits are equal. Decimals are exact: 0.333333 is not 1/3."""
POINTS = 3
KNOWN_GOOD = ("\\frac{1}{2}", "0.5")
WARM_UP = (
    ("\\int_0^1 3x^2 dx", "1"),
    ("\\sum_{k=1}^{5} k", "15"),
    ("\\lim_{x\\to 0}\\frac{\\sin x}{x}", "1"),
)
"""Computed before the first request, for sympy loads half of itself when it is first needed."""


def main() -> None:
    """Confine the process, import, prove that it works, then serve until the caller hangs up."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # Packages that the parent found and an isolated interpreter does not: behind all others.
    sys.path.extend(path for path in sys.argv[1:] if path not in sys.path)
    # sympy and mpmath take either where installed; neither then answers a signal while it computes.
    sys.modules["gmpy2"] = sys.modules["flint"] = None  # type: ignore[assignment]
    channel = socket.socket(fileno=0)
    try:
        import logging

        import math_verify  # noqa: F401  # imported here, behind the limits

        logging.disable(logging.CRITICAL)
        known_good = judge(*KNOWN_GOOD)
        for pair in WARM_UP:
            judge(*pair)
    except BaseException as error:
        send(channel, {"status": "failed", "detail": f"{type(error).__name__}: {error}"[:500]})
        raise
    resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_OPEN_FILES, MAX_OPEN_FILES))
    send(channel, {"status": "ready", "detail": known_good})
    while (request := receive(channel)) is not None:
        send(channel, {"status": answer(request)})


def answer(request: dict[str, Any]) -> str:
    """yes, no or memory."""
    # Should the caller die while this computes, nobody else would stop it.
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = ceil(usage.ru_utime + usage.ru_stime + request["cpu_s"])
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    try:
        return judge(request["reference"], request["answer"])
    except MemoryError:
        return "memory"
    except Exception:
        # Untrusted text: whatever math-verify or sympy cannot do with it is no yes.
        return "no"


def judge(reference: str, given: str) -> str:
    """Ask math-verify, then the numeric check."""
    from math_verify import verify

    gold = parse_box(reference)
    target = parse_box(given)
    for left in gold:
        for right in target:
            agreed = verify(left, right, timeout_seconds=None, raise_on_error=True)
            if agreed and not contradicted(left, right):
                return "yes"
    return "no"


def parse_box(text: str) -> list[Any]:
    """The tree of the whole text: no fallback to a number found somewhere inside."""
    from math_verify import LatexExtractionConfig, parse

    parsed: list[Any] = parse(
        f"\\boxed{{{text}}}",
        extraction_config=[LatexExtractionConfig(boxed_match_priority=0)],
        fallback_mode="no_fallback",
        extraction_mode="first_match",
        parsing_timeout=None,
        raise_on_error=True,
    )
    return [tree for tree in parsed if not isinstance(tree, str)]


def contradicted(left: Any, right: Any) -> bool:
    """Whether numbers prove that the two trees differ."""
    from sympy import Eq
    from sympy.core.relational import Relational

    if isinstance(left, Relational) != isinstance(right, Relational):
        # x = 5 may answer 5, and x in (0, 1) may be written as a relation: only = has a value.
        left, right = (side.rhs if isinstance(side, Eq) else side for side in (left, right))
        return isinstance(left, Relational) != isinstance(right, Relational) and not (
            hasattr(left, "is_set") or hasattr(right, "is_set")
        )
    if isinstance(left, Eq) and isinstance(right, Eq):
        return _not_proportional(left.lhs - left.rhs, right.lhs - right.rhs)
    return any(
        _differ(one, other, point)
        for one, other in _paired_parts(left, right)
        for point in range(POINTS)
    )


def _paired_parts(left: Any, right: Any) -> Iterator[tuple[Any, Any]]:
    """The expressions to compare: entries of matrices and tuples, else the trees themselves."""
    from sympy import Expr, MatrixBase, Tuple

    if isinstance(left, Expr) and isinstance(right, Expr):
        yield left, right
    elif isinstance(left, MatrixBase) and isinstance(right, MatrixBase):
        yield from zip(left.flat(), right.flat(), strict=True)
    elif isinstance(left, Tuple) and isinstance(right, Tuple):
        for one, other in zip(left, right, strict=True):
            yield from _paired_parts(one, other)


def _differ(left: Any, right: Any, point: int) -> bool:
    one, other = evaluate(left, point), evaluate(right, point)
    return one is not None and other is not None and not _close(one, other)


def _not_proportional(left: Any, right: Any) -> bool:
    """Whether two left-minus-right forms of an equation are no multiples of each other."""
    ratios = []
    for point in range(POINTS):
        one, other = evaluate(left, point), evaluate(right, point)
        if one is None or other is None:
            return False
        if (one == 0) != (other == 0):
            return True
        if one != 0:
            ratios.append(one / other)
    return any(not _close(ratios[0], ratio) for ratio in ratios[1:])


def _close(one: Any, other: Any) -> bool:
    return bool(abs(one - other) <= max(abs(one), abs(other)) / 10**RELATIVE_TOLERANCE)


def evaluate(tree: Any, point: int) -> Any:
    """The value of a tree at one of the fixed points; None where it has none that can be had."""
    import mpmath
    from sympy import preorder_traversal

    for count, _ in enumerate(preorder_traversal(tree)):
        if count > MAX_NODES:
            return None
    values = []
    for digits in DIGITS:
        with mpmath.workdps(digits):
            try:
                values.append(_walk(tree, point))
            except (ArithmeticError, ValueError, TypeError, mpmath.libmp.NoConvergence):
                return None
    rough, exact = values
    if rough is None or exact is None or not (mpmath.isfinite(rough) and mpmath.isfinite(exact)):
        return None
    with mpmath.workdps(DIGITS[1]):
        return exact if _close(rough, exact) else mpmath.mpf(0)


def _walk(tree: Any, point: int) -> Any:
    import mpmath
    import sympy

    if isinstance(tree, sympy.Float):
        decimal = Fraction(str(tree))
        return mpmath.mpf(decimal.numerator) / decimal.denominator
    if isinstance(tree, sympy.Rational):
        return mpmath.mpf(int(tree.p)) / int(tree.q)
    if isinstance(tree, sympy.Symbol):
        # Between 1/4 and 3/4, where the common functions are defined; the same on both sides.
        return mpmath.mpf(1) / 4 + mpmath.mpf(zlib.crc32(f"{point}/{tree.name}".encode())) / 2**33
    constants = {sympy.pi: mpmath.pi, sympy.E: mpmath.e, sympy.I: mpmath.j}
    if tree in constants:
        return +constants[tree]
    arguments = [_walk(argument, point) for argument in tree.args]
    if any(argument is None for argument in arguments):
        return None
    function = _functions().get(type(tree).__name__)
    return None if function is None else function(*arguments)


def _functions() -> dict[str, Callable[..., Any]]:
    import mpmath

    def log(value: Any, base: Any = None) -> Any:
        return mpmath.log(value) if base is None else mpmath.log(value) / mpmath.log(base)

    def of_integers(function: Callable[..., Any]) -> Callable[..., Any]:
        # In between they are gamma functions, which take seconds at this precision.
        return lambda *values: function(*values) if all(map(mpmath.isint, values)) else None

    trigonometric = ["sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan"]
    hyperbolic = ["sinh", "cosh", "tanh", "asinh", "acosh", "atanh"]
    return {
        **{name: getattr(mpmath, name) for name in ["exp", *trigonometric, *hyperbolic]},
        "Add": lambda *terms: mpmath.fsum(terms),
        "UnevaluatedExpr": lambda inner: inner,
        "Mul": lambda *factors: mpmath.fprod(factors),
        "Pow": mpmath.power,
        "log": log,
        "Abs": abs,
        "factorial": of_integers(mpmath.factorial),
        "binomial": of_integers(mpmath.binomial),
        "floor": mpmath.floor,
        "ceiling": mpmath.ceil,
    }


def send(channel: socket.socket, message: dict[str, Any]) -> None:
    """Write one message."""
    body = json.dumps(message).encode()
    channel.sendall(len(body).to_bytes(4, "big") + body)


def receive(channel: socket.socket) -> dict[str, Any] | None:
    """Read one message; None once the other side is gone."""
    header = _read_exactly(channel, 4)
    length = int.from_bytes(header, "big")
    if len(header) < 4 or length > MAX_REQUEST_BYTES:
        return None
    body = _read_exactly(channel, length)
    return json.loads(body) if len(body) == length else None


def _read_exactly(channel: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = channel.recv(count - len(data))
        if not piece:
            break
        data += piece
    return data


if __name__ == "__main__":
    main()
