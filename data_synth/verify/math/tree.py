"""The tree that the parser builds and everything else reads: numbers, expressions, collections.

Sums and products hold any number of arguments and quotients are kept as one numerator over one
denominator, so that a long flat text stays a flat tree and recursion is bounded by the brackets.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from data_synth.verify.math.vocabulary import INFINITY
from data_synth.verify.verdict import Reason, UnreadableError

SCALAR_OPS = frozenset(
    (
        *("num", "sym", "const", "apply", "add", "mul", "div", "neg", "pow", "call", "pm", "mp"),
        *("percent", "deg"),
    )
)
"""Operations whose value is one number."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation with its arguments.

    Example:
        Node("add", (Node("num", value=Fraction(1)), Node("sym", name="x")))
    """

    op: str
    args: tuple["Node", ...] = ()
    value: Fraction | None = None
    """The number of a `num`."""
    name: str = ""
    """Of a symbol, a constant, a function, a relation, a unit or a kind of bracket."""
    literal: str = field(default="", compare=False)
    """A decimal as it was written, because its digits say how exactly it was meant."""


def num(value: int | Fraction, literal: str = "") -> Node:
    """An exact number."""
    return Node("num", value=Fraction(value), literal=literal)


def sym(name: str) -> Node:
    """A free symbol."""
    return Node("sym", name=name)


def call(name: str, *args: Node) -> Node:
    """A function applied to scalars."""
    return Node("call", tuple(map(scalar, args)), name=name)


def scalar(node: Node) -> Node:
    """The node itself; UnreadableError unless it is one finite number, without a unit."""
    if node.op in SCALAR_OPS and not is_infinite(node):
        return node
    # Sums and multiples of vectors and matrices are mathematics, arithmetic on a relation is not.
    vector = node.op in ("matrix", "bracket")
    raise UnreadableError(Reason.UNSURE if vector else Reason.WRONG_TYPE)


def is_infinite(node: Node) -> bool:
    """Whether it is infinity with either sign, which nothing is calculated with."""
    inner = node.args[0] if node.op == "neg" else node
    return inner.op == "sym" and inner.name == INFINITY


def neg(node: Node) -> Node:
    """The negative; of a number, a number."""
    if node.op == "num" and node.value is not None:
        return Node("num", value=-node.value, literal=node.literal and "-" + node.literal)
    if node.op == "sym" and node.name == INFINITY:
        return Node("neg", (node,))
    return Node("neg", (scalar(node),))


def add(left: Node, right: Node) -> Node:
    """A sum, flattened on the left."""
    terms = left.args if left.op == "add" else (scalar(left),)
    return Node("add", (*terms, scalar(right)))


def mul(left: Node, right: Node) -> Node:
    """A product; a quotient on the left takes the new factor into its numerator."""
    if left.op == "div":
        return Node("div", (mul(left.args[0], right), left.args[1]))
    factors = left.args if left.op == "mul" else (scalar(left),)
    return Node("mul", (*factors, scalar(right)))


def div(left: Node, right: Node) -> Node:
    """A quotient; a quotient on the left takes the new divisor into its denominator."""
    if left.op == "div":
        return Node("div", (left.args[0], mul(left.args[1], right)))
    return Node("div", (scalar(left), scalar(right)))


def power(base: Node, exponent: Node) -> Node:
    """A power."""
    return Node("pow", (scalar(base), scalar(exponent)))


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.args)


def free_symbols(*nodes: Node) -> frozenset[str]:
    """Names of all free symbols; an undetermined base of `log` counts as one."""
    return frozenset(
        below.name for node in nodes for below in walk(node) if below.op in ("sym", "apply")
    )


def rebuild(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """A copy in which `change` replaced every node for which it returns one."""
    changed = change(node)
    if changed is not None:
        return changed
    args = tuple(rebuild(arg, change) for arg in node.args)
    return node if args == node.args else Node(node.op, args, node.value, node.name, node.literal)
