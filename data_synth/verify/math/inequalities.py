"""Where an inequality in one symbol holds: linear ones, squares, and absolute values."""

from fractions import Fraction
from math import isqrt

from data_synth.verify.math import tree
from data_synth.verify.math.fields import rational_constant
from data_synth.verify.math.tree import Node

End = Node | None
"""An end of an interval; None stands for infinity."""
_MAX_DEGREE = 2


def solve(sign: str, left: Node, right: Node, symbol: str) -> list[tuple[End, End]] | None:
    """The intervals on which `left sign right` holds, in order, strict or not as the sign is.

    None unless both sides are polynomials of degree two at most with rational coefficients, or one
    is the absolute value of a linear one and the other a number.
    """
    if right.op == "call" and right.name == "abs":
        left, right, sign = right, left, _turned(sign)
    if left.op == "call" and left.name == "abs":
        return _solve_absolute(sign, left.args[0], right, symbol)
    off = tree.add(left, tree.neg(right))
    degree = _degree(off, symbol)
    if degree is None or degree > _MAX_DEGREE:
        return None
    values = [_at(off, symbol, at) for at in (0, 1, 2)]
    zero, one, two = values
    if zero is None or one is None or two is None:
        return None
    square = (two - 2 * one + zero) / 2
    slope = one - zero - square
    below = sign.startswith("<")
    if not square:
        return _solve_linear(below, slope, zero)
    return _solve_square(below, square, slope, zero)


def _solve_linear(below: bool, slope: Fraction, constant: Fraction) -> list[tuple[End, End]] | None:
    if not slope:
        return None
    end = tree.num(-constant / slope)
    return [(None, end)] if below == (slope > 0) else [(end, None)]


def _solve_square(
    below: bool, square: Fraction, slope: Fraction, constant: Fraction
) -> list[tuple[End, End]] | None:
    discriminant = slope * slope - 4 * square * constant
    if discriminant <= 0:
        return None  # all, nothing or a point: not written as intervals
    low, high = _roots(square, slope, discriminant)
    return [(low, high)] if below == (square > 0) else [(None, low), (high, None)]


def _roots(square: Fraction, slope: Fraction, discriminant: Fraction) -> tuple[Node, Node]:
    """The smaller root first."""
    middle, width = -slope / (2 * square), discriminant / (4 * square * square)
    root = Fraction(isqrt(width.numerator), isqrt(width.denominator))
    if root * root == width:
        return tree.num(middle - root), tree.num(middle + root)
    half = tree.call("root", tree.num(width), tree.num(2))
    return tree.add(tree.num(middle), tree.neg(half)), tree.add(tree.num(middle), half)


def _solve_absolute(
    sign: str, inner: Node, right: Node, symbol: str
) -> list[tuple[End, End]] | None:
    bound = rational_constant(right)
    if _degree(inner, symbol) != 1 or bound is None or bound <= 0:
        return None
    zero, one = _at(inner, symbol, 0), _at(inner, symbol, 1)
    if zero is None or one is None or zero == one:
        return None
    ends = sorted((edge - zero) / (one - zero) for edge in (-bound, bound))
    low, high = tree.num(ends[0]), tree.num(ends[1])
    return [(low, high)] if sign.startswith("<") else [(None, low), (high, None)]


def _turned(sign: str) -> str:
    return {"<": ">", ">": "<"}[sign[0]] + sign[1:]


def _at(node: Node, symbol: str, value: int) -> Fraction | None:
    wanted = tree.sym(symbol)
    return rational_constant(
        tree.rebuild(node, lambda part: tree.num(value) if part == wanted else None)
    )


def _degree(node: Node, symbol: str) -> int | None:
    """Of a polynomial in the symbol; None if it is none or of a degree beyond what is solved."""
    if symbol not in tree.free_symbols(node):
        return 0
    if node.op == "sym":
        return 1
    degrees = [_degree(arg, symbol) for arg in node.args]
    if any(degree is None for degree in degrees):
        return None
    known = [degree for degree in degrees if degree is not None]
    degree: int | None = None
    if node.op in ("add", "neg"):
        degree = max(known)
    elif node.op == "mul":
        degree = sum(known)
    elif node.op == "div" and known[1] == 0:
        degree = known[0]
    elif node.op == "pow" and node.args[1].op == "num":
        exponent = node.args[1].value
        if exponent is not None and exponent.denominator == 1 and 1 <= exponent <= _MAX_DEGREE:
            degree = known[0] * int(exponent)
    return degree if degree is not None and degree <= _MAX_DEGREE else None
