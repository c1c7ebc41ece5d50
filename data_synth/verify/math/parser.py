r"""Tokens to a tree, by precedence: a bounded Pratt parser for LaTeX and plain text alike.

How the ambiguous is read:
- A blank never multiplies two numbers: `1 2` is refused; `1 1/2` and `1\frac12` are mixed numbers.
- Multiplication without a sign binds like any other: `1/2x` is (1/2)x, and `\sin 2x` is sin(2x),
  `\sin(x)y` is sin(x) times y, `\sin(x)^2` is the square of the sine.
- `2^10` is 1024 and `\frac12` is a half; `\sqrt12`, which TeX sets as two factors, is refused.
- `f(x)` is a function only for f, g, h, F, G, H, P, Q of symbols, a product otherwise.
- Commas group digits (1,000) outside of brackets only.
"""

from data_synth.verify.math import tree
from data_synth.verify.math.lexer import tokenize
from data_synth.verify.math.operands import PRODUCT, UNIT, Operands
from data_synth.verify.math.scanner import MAX_DIGITS, refuse
from data_synth.verify.math.tree import Node
from data_synth.verify.verdict import Reason

_OVER, _RELATION, _UNION, _RATIO, _SUM = 2, 4, 8, 10, 12
_INFIX = {
    "over": _OVER,
    "cup": _UNION,
    "setminus": _UNION,
    ":": _RATIO,
    "+": _SUM,
    "-": _SUM,
    "pm": _SUM,
    "mp": _SUM,
    "*": PRODUCT,
    "/": PRODUCT,
}
_STARTS = frozenset(("name", "func", "frac", "binom", "sqrt", "radical", "open", "vulgar", "begin"))
"""What may follow a factor without a sign of multiplication."""


def parse(text: str, *, group_digits: bool = True) -> Node:
    """The tree of a cleaned text; `group_digits` reads 1,000 as one number, not as a list.

    Raises UnreadableError with the reason why it is none.
    """
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return tree.num(int(text))
    parser = _Parser(tokenize(text), group_digits=group_digits)
    return parser.whole()


class _Parser(Operands):
    def whole(self) -> Node:
        items, joins = self.items()
        if self.at < len(self.tokens):
            if self.peek().kind == "mid":
                # Divisibility.
                refuse(Reason.UNSURE)
            refuse(Reason.BAD_BRACKETS if self.peek().kind == "close" else Reason.NOT_A_NUMBER)
        if len(items) == 1:
            return items[0]
        return Node("list", tuple(items), name=joins[0] if len(set(joins)) == 1 else ",")

    def expression(self, binding: int) -> Node:
        """What binds tighter than `binding`."""
        self.enter()
        left = self.prefix()
        while (extended := self._extend(left, binding)) is not None:
            left = extended
        self.depth -= 1
        return left

    def _extend(self, left: Node, binding: int) -> Node | None:
        """`left` with the next operator applied; None if that binds no tighter."""
        token = self.peek()
        kind = token.kind
        if kind == "op":
            if token.text in _INFIX:
                return self._infix(left, token.text, binding)
            return self._postfix(left, token.text)
        if kind == "rel":
            return self._relation(left) if binding < _RELATION else None
        if kind == "unit":
            return self._unit(left) if binding < UNIT else None
        if kind == "multiplier":
            return self.multiplied(left) if binding < PRODUCT else None
        starts = kind in _STARTS or (kind == "bar" and not self.bars)
        starts = starts or (kind == "num" and self._multiplies_number(left))
        if not starts or token.text == "\\{" or binding >= PRODUCT:
            return None
        return tree.mul(left, self.expression(PRODUCT))

    def _multiplies_number(self, left: Node) -> bool:
        """Whether a number may follow without a sign: i4 and (-1)^n 2^n, but neither x2 nor 1 2."""
        if left.op == "num":
            return False
        closed = self.tokens[self.at - 1].kind == "close"
        raised = left.op == "pow" and self.peek().space
        return closed or raised or (left.op == "const" and left.name == "i")

    def _infix(self, left: Node, operator: str, binding: int) -> Node | None:
        own = _INFIX[operator]
        if binding >= own:
            return None
        self.take()
        right = self.expression(own)
        if operator in ("/", "over"):
            return tree.div(left, right)
        if operator == "*":
            return tree.mul(left, right)
        if operator == "setminus":
            return Node("setminus", (left, right))
        if operator in ("cup", ":"):
            op = "union" if operator == "cup" else "ratio"
            return Node(op, (*(left.args if left.op == op else (left,)), right))
        if operator == "-":
            right = tree.neg(right)
        elif operator != "+":
            right = Node(operator, (tree.scalar(right),))
        return tree.add(left, right)

    def _postfix(self, left: Node, operator: str) -> Node | None:
        if operator not in ("^", "!", "%", "deg", "_"):
            return None
        self.take()
        if operator == "^":
            if self.peek().kind == "circ":
                self.take()
                return Node("deg", (tree.scalar(left),))
            return self._raised(left)
        if operator == "!":
            double = self.peek().text == "!" and not self.peek().space
            if double:
                self.take()
            if left.op == "call" and left.name in ("factorial", "factorial2"):
                refuse()
            return tree.call("factorial2" if double else "factorial", left)
        if operator == "_":
            return self.based(left)
        return Node("percent" if operator == "%" else "deg", (tree.scalar(left),))

    def _raised(self, left: Node) -> Node:
        exponent = self.exponent()
        if exponent is None:
            return Node("deg", (tree.scalar(left),))
        return tree.power(left, exponent)

    def _relation(self, left: Node) -> Node:
        parts, signs = [left], []
        while self.peek().kind == "rel":
            signs.append(self.take().text)
            parts.append(self.expression(_RELATION))
        return Node("relation", tuple(parts), name=" ".join(signs))

    def _unit(self, left: Node) -> Node:
        name = self.unit_name()
        return Node("unit", (tree.scalar(left),), name=name)
