r"""Is arithmetic left to do? A question whose answer is a number is not answered by its own text.

Otherwise a policy could box the sum it was shown: 2+3 for 5, \binom{5}{2} for 10, an integral for
its value, an inequality for its solution. Where the reference is made of numbers alone, so must the
answer be: integers, decimals, fractions of them, percentages, powers of ten, infinity, collections
of these, and relations that say x is one of them.
"""

from data_synth.verify.math.tree import Node, walk
from data_synth.verify.math.vocabulary import INFINITY

_WRAPPERS = frozenset(("neg", "percent", "deg", "unit", "based"))
_COLLECTIONS = frozenset(("list", "set", "bracket", "row", "matrix", "ratio", "union", "setminus"))


def wants_numbers(reference: Node) -> bool:
    """Whether a reference is made of numbers alone; equations and inequalities are not."""
    return is_worked_out(reference) and all(node.op != "relation" for node in walk(reference))


def is_worked_out(node: Node) -> bool:
    """Whether a tree holds written numbers only, with nothing left to compute."""
    if node.op in ("num", "numbers") or (node.op == "sym" and node.name == INFINITY):
        return True
    if node.op in _WRAPPERS or node.op in _COLLECTIONS:
        return all(map(is_worked_out, node.args))
    if node.op == "relation" and "=" in node.name.split():
        # What stands before it, x or the way there, is checked by whoever compares the two.
        return is_worked_out(node.args[-1])
    if node.op == "relation":
        # x < 3 and 1 < x < 2 are solved, x^2 < 4 is not.
        return all(arg.op == "sym" or is_worked_out(arg) for arg in node.args)
    if node.op == "div":
        return all(map(_is_written_number, node.args))
    return _is_power_of_ten(node) or _is_scientific(node)


def _is_written_number(node: Node) -> bool:
    inner = node.args[0] if node.op == "neg" else node
    return inner.op == "num" or _is_power_of_ten(inner)


def _is_power_of_ten(node: Node) -> bool:
    """10^3, or the 1000 of `10 thousand`."""
    if node.op == "num":
        digits = str(node.value)
        return digits[0] == "1" and not digits[1:].strip("0")
    return node.op == "pow" and node.args[0].value == 10 and _is_written_number(node.args[1])


def _is_scientific(node: Node) -> bool:
    """6.02 \\times 10^{23}, 10 million."""
    return (
        node.op == "mul"
        and len(node.args) == 2
        and (_is_written_number(node.args[0]) and _is_power_of_ten(node.args[1]))
    )
