"""The value of an expression at a point: complex, of exact fractions or balls.

Two readings of roots, logarithms and powers. With `real`, what has no real value is undefined, as
sqrt(x) at -1: so 1/sqrt(x) equals sqrt(1/x), for both exist for positive x only. Without, the
principal value is taken: sqrt(-4) is 2i. In both, an odd root of a negative number is negative.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

from data_synth.verify.math.ball import UndefinedValueError
from data_synth.verify.math.complexes import HALF, UNIT, Complex, Value
from data_synth.verify.math.reals import ONE, ZERO, Arithmetic, Real
from data_synth.verify.math.tree import Node


class Evaluator(Complex):
    """Evaluates trees at one point, at one precision."""

    def __init__(
        self, arithmetic: Arithmetic, point: Mapping[str, Fraction], *, real: bool
    ) -> None:
        super().__init__(arithmetic, real=real)
        self.point = point

    def value(self, node: Node) -> Value:
        """The value; raises UndefinedValueError or TooLargeError."""
        if node.op == "num" and node.value is not None:
            return node.value, ZERO
        return _OPERATIONS[node.op](self, node)

    def symbol(self, node: Node) -> Value:
        """A free symbol."""
        return self.point[node.name], ZERO

    def constant(self, node: Node) -> Value:
        """pi, e or i."""
        if node.name == "i":
            return UNIT
        return (self.over.pi() if node.name == "pi" else self.over.exponential(ONE)), ZERO

    def sum(self, node: Node) -> Value:
        """A sum."""
        total: Value = (ZERO, ZERO)
        for arg in node.args:
            total = self.plus(total, self.value(arg))
        return total

    def product(self, node: Node) -> Value:
        """A product."""
        total: Value = (ONE, ZERO)
        for arg in node.args:
            total = self.times(total, self.value(arg))
        return total

    def quotient(self, node: Node) -> Value:
        """A quotient."""
        return self.times(self.value(node.args[0]), self.reciprocal(self.value(node.args[1])))

    def negative(self, node: Node) -> Value:
        """The negative."""
        a, b = self.value(node.args[0])
        return self.over.negative(a), self.over.negative(b)

    def percent(self, node: Node) -> Value:
        """A hundredth."""
        return self.times(self.value(node.args[0]), (Fraction(1, 100), ZERO))

    def degrees(self, node: Node) -> Value:
        """An angle in radians."""
        factor = self.over.multiply(self.over.pi(), Fraction(1, 180))
        return self.times(self.value(node.args[0]), (factor, ZERO))

    def power(self, node: Node) -> Value:
        """base^exponent."""
        base_node, exponent_node = node.args
        exponent = self.value(exponent_node)
        if base_node.op == "const" and base_node.name == "e":
            return self.exponential(exponent)
        base = self.value(base_node)
        if self.is_real(exponent) and isinstance(exponent[0], Fraction):
            return self.rational_power(base, exponent[0])
        if base == (ZERO, ZERO):
            # 0^x is 0 for positive x only, and 0^0 with a variable exponent is left alone.
            if self.is_real(exponent) and self.over.sign(exponent[0]) > 0:
                return ZERO, ZERO
            raise UndefinedValueError
        return self.exponential(self.times(exponent, self.logarithm(base)))

    def function(self, node: Node) -> Value:
        """A function by name."""
        args = [self.value(arg) for arg in node.args]
        name = node.name
        if name in _COMPLEX:
            return _COMPLEX[name](self, *args)
        parts = [self.real_part(arg) for arg in args]
        if name in _REAL:
            return _REAL[name](self.over, *parts), ZERO
        whole = [part for part in parts if isinstance(part, Fraction)]
        if len(whole) < len(parts):
            raise UndefinedValueError
        if name == "binom":
            return self.over.binomial(*whole), ZERO
        return self.over.factorial(whole[0], 2 if name == "factorial2" else 1), ZERO


def _ratio(up: int, down: int) -> Callable[[Evaluator, Value], Value]:
    """A quotient of two of (1, cosine, sine), by their positions."""

    def quotient(self: Evaluator, a: Value) -> Value:
        parts = ((ONE, ZERO), *self.cosine_sine(a))
        return self.times(parts[up], self.reciprocal(parts[down]))

    return quotient


def _hyperbolic(sign: int, *, quotient: bool = False) -> Callable[[Evaluator, Value], Value]:
    """cosh for sign 1, sinh for sign -1, and tanh."""

    def function(self: Evaluator, a: Value) -> Value:
        up = self.exponential(a)
        down = self.reciprocal(up)
        wanted = self.plus(up, down if sign > 0 else self.minus(down))
        if quotient:
            return self.times(wanted, self.reciprocal(self.plus(up, down)))
        return self.times(wanted, HALF)

    return function


def _other_leg(over: Arithmetic, a: Real) -> Real:
    return over.square_root(over.add(ONE, over.negative(over.multiply(a, a))))


_REAL: Mapping[str, Callable[..., Real]] = {
    "floor": lambda over, a: over.floor(a),
    "ceil": lambda over, a: -over.floor(over.negative(a)),
    "arcsin": lambda over, a: over.angle(_other_leg(over, a), a),
    "arccos": lambda over, a: over.angle(a, _other_leg(over, a)),
    "arctan": lambda over, a: over.angle(ONE, a),
}
_COMPLEX: Mapping[str, Callable[..., Value]] = {
    "root": Evaluator.root_of_degree,
    "log": Evaluator.logarithm_to_base,
    "ln": Evaluator.logarithm,
    "abs": Evaluator.absolute,
    "sin": lambda self, a: self.cosine_sine(a)[1],
    "cos": lambda self, a: self.cosine_sine(a)[0],
    "tan": _ratio(2, 1),
    "cot": _ratio(1, 2),
    "sec": _ratio(0, 1),
    "csc": _ratio(0, 2),
    "sinh": _hyperbolic(-1),
    "cosh": _hyperbolic(1),
    "tanh": _hyperbolic(-1, quotient=True),
}
_OPERATIONS: Mapping[str, Callable[[Evaluator, Node], Value]] = {
    "sym": Evaluator.symbol,
    "apply": Evaluator.symbol,
    "const": Evaluator.constant,
    "add": Evaluator.sum,
    "mul": Evaluator.product,
    "div": Evaluator.quotient,
    "neg": Evaluator.negative,
    "pow": Evaluator.power,
    "call": Evaluator.function,
    "percent": Evaluator.percent,
    "deg": Evaluator.degrees,
}
