"""Are two answers equal? Collections, relations and units, down to scalars."""

from collections.abc import Sequence
from itertools import pairwise

from data_synth.verify.math import tree
from data_synth.verify.math.compare import Session
from data_synth.verify.math.regions import is_region, region, same_region
from data_synth.verify.math.tree import Node
from data_synth.verify.math.units import as_symbols, with_unit
from data_synth.verify.math.vocabulary import INFINITY

MIN_APPROXIMATE_DIGITS = 6
"""Significant digits that a decimal needs to stand for an exact number that never ends."""
_FLIPPED = {">": "<", ">=": "<="}
_TUPLES = {"((": "(", "<<": "(", "[[": "["}


def same(session: Session, reference: Node, answer: Node) -> bool:
    """Whether the answer equals the reference."""
    if reference.op == answer.op == "num":
        # Most answers: one number.
        return _Comparison(session).same(reference, answer)
    if _uses_percent(answer) and not _uses_percent(reference):
        return False
    return _Comparison(session).same(reference, answer)


def _uses_percent(node: Node) -> bool:
    return any(below.op == "percent" for below in tree.walk(node))


class _Comparison:
    def __init__(self, session: Session) -> None:
        self.session = session

    def same(self, reference: Node, answer: Node) -> bool:
        """Whether two values of any kind are equal."""
        if reference == answer:
            return True
        if is_region(reference) or is_region(answer):
            left, right = region(reference), region(answer)
            if left is not None and right is not None:
                return same_region(self.session, left, right)
        if reference.op == "relation" or answer.op == "relation":
            return self._relations(reference, answer)
        quantity = ("unit", "deg")
        if reference.op in quantity or answer.op in quantity:
            return self._quantities(reference, answer)
        if reference.op in tree.SCALAR_OPS and answer.op in tree.SCALAR_OPS:
            return self._scalars(reference, answer)
        return self._collections(reference, answer)

    def _scalars(self, reference: Node, answer: Node) -> bool:
        if self.session.equal(reference, answer):
            return True
        if answer.op != "num" or not answer.literal or answer.value is None:
            return False
        digits = answer.literal.lstrip("-").replace(".", "").lstrip("0")
        if "(" in digits or len(digits) < MIN_APPROXIMATE_DIGITS:
            return False
        if any(node.literal for node in tree.walk(reference)) or tree.free_symbols(reference):
            return False
        places = len(answer.literal.partition(".")[2])
        return self.session.approximates(answer.value, places, reference)

    def _quantities(self, reference: Node, answer: Node) -> bool:
        expected, unit = with_unit(reference)
        given, other = with_unit(answer)
        if expected.op not in tree.SCALAR_OPS or given.op not in tree.SCALAR_OPS:
            return False
        if unit == other:
            return self._scalars(expected, given)
        if unit and other:
            return False
        if "deg" in (unit, other) or (unit and self._scalars(expected, given)):
            return self._scalars(expected, given)
        # In plain text the m of `5 m` is a symbol.
        spelled = as_symbols(unit or other)
        if spelled is None:
            return False
        if unit:
            return self._scalars(tree.mul(expected, spelled), given)
        return self._scalars(expected, tree.mul(given, spelled))

    def _relations(self, reference: Node, answer: Node) -> bool:
        left, right = self._reduced(reference), self._reduced(answer)
        if left is None or right is None:
            return False
        if left.op == right.op == "relation":
            return self._two_relations(left, right)
        if left.op == "relation":
            value = _assigned(left)
            return value is not None and self.same(value, right)
        if right.op == "relation":
            value = _assigned(right)
            return value is not None and self.same(left, value)
        return self.same(left, right)

    def _reduced(self, node: Node) -> Node | None:
        """A chain of equations as its first and last member, if all its links hold."""
        if node.op != "relation" or set(node.name.split()) != {"="}:
            return node
        first, *rest = node.args
        named = first.op in ("sym", "apply")
        links = rest if named else list(node.args)
        if len(node.args) == 2 and (named or tree.free_symbols(node)):
            return node
        for one, two in pairwise(links):
            if not self.same(one, two):
                return None
        return Node("relation", (first, rest[-1]), name="=") if named else rest[-1]

    def _two_relations(self, left: Node, right: Node) -> bool:
        first, second = left.name.split(), right.name.split()
        if first == second == ["="] or first == second == ["!="]:
            sides = (*left.args, *right.args)
            if all(side.op in tree.SCALAR_OPS for side in sides):
                return self._proportional(_difference(left), _difference(right)) != 0
            return left.args[0] == right.args[0] and self.same(left.args[1], right.args[1])
        if first == second == ["in"]:
            return left.args[0] == right.args[0] and self.same(left.args[1], right.args[1])
        return self._inequalities(left, right)

    def _inequalities(self, left: Node, right: Node) -> bool:
        """Inequalities in several symbols, up to a positive factor, link by link."""
        first, second = _ascending(left), _ascending(right)
        if first is None or second is None or len(first) != len(second):
            return False
        return all(
            sign == other and self._proportional(off, off_other) > 0
            for (sign, off), (other, off_other) in zip(first, second, strict=True)
        )

    def _proportional(self, left: Node, right: Node) -> int:
        """1 or -1 if left is a constant, of that sign, times right; 0 if not."""
        zero = tree.num(0)
        if self.session.equal(left, zero) or self.session.equal(right, zero):
            return 0
        # left(x) right(y) = left(y) right(x) for all x and y.
        elsewhere = [_renamed(left), _renamed(right)]
        crossed = tree.mul(left, elsewhere[1]), tree.mul(elsewhere[0], right)
        if not self.session.equal(*crossed):
            return 0
        if not tree.free_symbols(left) or not tree.free_symbols(right):
            return 0
        return self.session.sign_of_ratio(left, right) or 1

    def _collections(self, reference: Node, answer: Node) -> bool:
        kinds = reference.op, answer.op
        if kinds == ("set", "set"):
            return self._included(reference.args, answer.args) and self._included(
                answer.args, reference.args
            )
        if kinds in (("set", "list"), ("list", "set"), ("list", "list")):
            return self._matched(reference.args, answer.args)
        if kinds == ("bracket", "bracket"):
            return self._brackets(reference, answer)
        if "bracket" in kinds and "list" in kinds:
            return self._listed(reference, answer)
        if kinds == ("matrix", "matrix") and reference.name != answer.name:
            return False
        if kinds in (("matrix", "matrix"), ("row", "row")):
            return self._in_order(reference.args, answer.args)
        if kinds == ("ratio", "ratio"):
            return self._ratios(reference.args, answer.args)
        if kinds == ("based", "based"):
            return reference == answer
        return kinds == ("numbers", "numbers") and reference == answer

    def _brackets(self, reference: Node, answer: Node) -> bool:
        kinds = _TUPLES.get(reference.name, ""), _TUPLES.get(answer.name, "")
        if "" in kinds or (len(reference.args) < 3 and kinds[0] != kinds[1]):
            return False
        return self._in_order(reference.args, answer.args)

    def _listed(self, reference: Node, answer: Node) -> bool:
        """A tuple and a bare list: the same order, or values of symbols in alphabetical order."""
        bracket, bare = (reference, answer) if reference.op == "bracket" else (answer, reference)
        if bracket.name not in _TUPLES:
            return False
        items = list(bare.args)
        if all(item.op == "relation" and item.args[0].op == "sym" for item in items):
            items.sort(key=lambda item: item.args[0].name)
        if bracket is reference:
            return self._in_order(bracket.args, items)
        return self._in_order(items, bracket.args)

    def _in_order(self, reference: Sequence[Node], answer: Sequence[Node]) -> bool:
        return len(reference) == len(answer) and all(
            self.same(one, two) for one, two in zip(reference, answer, strict=True)
        )

    def _included(self, items: Sequence[Node], others: Sequence[Node]) -> bool:
        return all(any(self.same(item, other) for other in others) for item in items)

    def _matched(self, reference: Sequence[Node], answer: Sequence[Node]) -> bool:
        """Whether the items are the same, each as often, in any order."""
        if len(reference) != len(answer):
            return False
        rest = list(answer)
        for item in reference:
            at = next((i for i, other in enumerate(rest) if self.same(item, other)), None)
            if at is None:
                return False
            del rest[at]
        return True

    def _ratios(self, reference: Sequence[Node], answer: Sequence[Node]) -> bool:
        if len(reference) != len(answer):
            return False
        first, other = tree.scalar(reference[0]), tree.scalar(answer[0])
        return all(
            self.session.equal(tree.mul(first, tree.scalar(two)), tree.mul(other, tree.scalar(one)))
            for one, two in zip(reference[1:], answer[1:], strict=True)
        )


def _assigned(node: Node) -> Node | None:
    """The value in `x = value`, `f(x) = expression`, `(x,y) = (1,2)` or `x in set`; else None."""
    name, value = node.args[0], node.args[1]
    if len(node.args) != 2 or node.name not in ("=", "in"):
        return None
    if node.name == "in":
        return value if name.op == "sym" else None
    if name.op == "apply":
        return value if name.name not in tree.free_symbols(value) else None
    named = name.op == "sym" and name.name != INFINITY
    if named and not tree.free_symbols(value) - {INFINITY, "base of log"}:
        return value
    is_point = name.op == "bracket" and all(item.op == "sym" for item in name.args)
    return value if is_point and value.op == "bracket" else None


def _difference(relation: Node) -> Node:
    return tree.add(relation.args[0], tree.neg(relation.args[1]))


def _ascending(node: Node) -> list[tuple[str, Node]] | None:
    """Each link as (sign, right minus left) with < or <=; None if it is no inequality."""
    links: list[tuple[str, Node]] = []
    for index, sign in enumerate(node.name.split()):
        one, two = node.args[index], node.args[index + 1]
        if one.op not in tree.SCALAR_OPS or two.op not in tree.SCALAR_OPS:
            return None
        if sign in _FLIPPED:
            sign, one, two = _FLIPPED[sign], two, one
        if sign not in ("<", "<="):
            return None
        links.append((sign, tree.add(two, tree.neg(one))))
    return links


def _renamed(node: Node) -> Node:
    def other(part: Node) -> Node | None:
        return Node(part.op, name=part.name + "'") if part.op in ("sym", "apply") else None

    return tree.rebuild(node, other)
