"""What an operator applies to: numbers, names, functions, roots, brackets and matrices."""

from collections.abc import Callable, Mapping

from data_synth.verify.math import tree
from data_synth.verify.math.literals import Literals
from data_synth.verify.math.scanner import Token, refuse
from data_synth.verify.math.tree import Node
from data_synth.verify.math.vocabulary import CONSTANTS, FUNCTION_ALIASES, INVERSES
from data_synth.verify.verdict import Reason

UNIT, PRODUCT, POWER = 6, 14, 16
"""How tightly a unit, a factor and an exponent bind; see the table of the parser."""
_CLOSES = {"(": ("(", "["), "[": ("(", "[")}
_MATRICES = {"matrix": "p", "pmatrix": "p", "bmatrix": "p", "array": "p", "vmatrix": "v"}
_INVERSE = ["^", "{", "-", "1", "{"]
"""What stands between f and its argument in f^{-1}(x); a closing bracket is named by its pair."""
_FUNCTION_NAMES = frozenset("fghFGHPQ")


class Operands(Literals):
    """Readers of everything that can stand where a value is expected."""

    def items(self) -> tuple[list[Node], list[str]]:
        """One or more items between commas, `or` and `and`, with what stood between them."""
        items, joins = [self.expression(0)], []
        while self.peek().kind in ("sep", "join"):
            joins.append(self.take().text)
            if joins[-1] == "," and self.peek().kind == "join":
                joins[-1] = self.take().text
            items.append(self.expression(0))
        return items, joins

    def prefix(self) -> Node:
        """A value, or a sign before one."""
        token = self.take()
        kind = token.kind
        if kind == "op" and token.text in ("-", "+", "pm", "mp"):
            return self._sign(token.text)
        if kind == "open":
            self.at -= 1
            return self.group()
        if kind == "unit" and token.text == "$":
            return Node("unit", (tree.scalar(self.expression(UNIT)),), name="$")
        if kind not in _READERS:
            refuse(Reason.WRONG_TYPE if kind == "unit" else Reason.NOT_A_NUMBER)
        return _READERS[kind](self, token)

    def _sign(self, sign: str) -> Node:
        # A sign binds like a factor, so that -x^2 is the negative of a square.
        operand = self.expression(PRODUCT)
        if sign in ("pm", "mp"):
            return Node(sign, (tree.scalar(operand),))
        return tree.neg(operand) if sign == "-" else operand

    def _fraction(self, token: Token) -> Node:
        upper, lower = self.argument(), self.argument()
        if token.kind == "frac":
            return tree.div(upper, lower)
        return tree.call("binom", upper, lower)

    def _name(self, token: Token) -> Node:
        name = token.text
        if name == "emptyset":
            return Node("set")
        if name.startswith("numbers "):
            return Node("numbers", name=name[-1])
        if name in CONSTANTS:
            return Node("const", name=name)
        inverse = [part.text for part in self.tokens[self.at : self.at + 5]] == _INVERSE
        skip = len(_INVERSE) if inverse else 0
        if name in _FUNCTION_NAMES and self.peek(skip).text == "(" and self._applied(skip):
            start = self.at
            self.at += skip
            while self.take().kind != "close":
                pass
            arguments = "".join(part.text for part in self.tokens[start : self.at - 1])
            return Node("apply", name=f"{name}{arguments})")
        return tree.sym(name)

    def _applied(self, skip: int) -> bool:
        """Whether only symbols and commas stand in the bracket that opens `skip` tokens ahead."""
        at = self.at + skip + 1
        while self.tokens[at : at + 1] and self.tokens[at].kind == "name":
            if self.tokens[at].text in CONSTANTS:
                return False
            at += 1
            following = self.tokens[at].kind if at < len(self.tokens) else ""
            if following == "close":
                return True
            if following != "sep":
                return False
            at += 1
        return False

    def _root(self, token: Token) -> Node:
        if token.kind == "radical":
            return tree.call("root", self.argument(whole=True), tree.num(int(token.text)))
        degree = tree.num(2)
        if self.peek().text == "[":
            self.take()
            degree = tree.scalar(self.expression(0))
            self.close("[")
        return tree.call("root", self.argument(), degree)

    def exponent(self) -> Node | None:
        r"""What follows `^`; None for `{\circ}`."""
        if self.peek().text == "{" and self.peek(1).kind == "circ":
            self.at += 2
            self.close("{")
            return None
        if self.peek().text == "{":
            return tree.scalar(self.group())
        self.bare_exponent += 1
        node = tree.scalar(self.expression(POWER - 1))
        self.bare_exponent -= 1
        return node

    def _function(self, token: Token) -> Node:
        """A function by name, with its own exponent or base, applied to what follows."""
        name = FUNCTION_ALIASES.get(token.text, token.text)
        raised: Node | None = None
        base: Node | None = None
        while self.peek().text in ("^", "_") and self.peek().kind == "op":
            if self.take().text == "_":
                base = self.argument(whole=True)
            else:
                raised = self.exponent()
        if raised is not None and raised.value == -1:
            if name not in INVERSES:
                refuse(Reason.UNSURE)
            name, raised = INVERSES[name], None
        node = self._applied_function(name, base)
        return node if raised is None else tree.power(node, raised)

    def _applied_function(self, name: str, base: Node | None) -> Node:
        if base is not None and name != "log":
            refuse()
        if name == "binom":
            self.expect("open", "(")
            upper = self.expression(0)
            self.expect("sep", ",")
            lower = self.expression(0)
            self.close("(")
            return tree.call(name, upper, lower)
        operand = tree.scalar(self._operand())
        if name in ("sqrt", "cbrt"):
            return tree.call("root", operand, tree.num(2 if name == "sqrt" else 3))
        if name == "exp":
            return tree.power(Node("const", name="e"), operand)
        if name == "log":
            # A logarithm without a base holds for every base: log 8 / log 2 is 3, log 10 is open.
            return tree.call("log", operand, tree.sym("base of log") if base is None else base)
        if name == "log10":
            return tree.call("log", operand, tree.num(10))
        return tree.call(name, operand)

    def _operand(self) -> Node:
        """What a function applies to: one bracket, or factors up to the next function or sign."""
        token = self.peek()
        if token.kind == "open" and token.text in ("(", "{", "["):
            return self.group()
        if token.text in ("-", "+") and token.kind == "op":
            self.take()
            self.enter()
            operand = self._operand()
            self.depth -= 1
            return tree.neg(operand) if token.text == "-" else operand
        node = self.expression(PRODUCT)
        while self.peek().kind in ("name", "frac", "sqrt", "radical", "open"):
            node = tree.mul(node, self.expression(PRODUCT))
        return node

    def _absolute(self, _: Token) -> Node:
        self.bars += 1
        inner = tree.call("abs", self.expression(0))
        self.bars -= 1
        self.expect("bar", "|")
        return inner

    def group(self) -> Node:
        """What a pair of brackets encloses: a group, or a tuple, an interval or a set."""
        opening = self.take().text
        # In {x | x > 1} the bar does not open an absolute value.
        bars, self.bars = self.bars, int(opening == "\\{")
        inside_list = self.inside_list
        # A brace of TeX groups what is read as if it stood alone.
        self.inside_list = inside_list if opening == "{" else True
        bare, self.bare_exponent = self.bare_exponent, 0
        items: list[Node] = []
        joins: list[str] = []
        if self.peek().kind != "close":
            items, joins = self.items()
        condition = self._condition(items) if opening == "\\{" else None
        closing = self._closing(opening)
        self.bars, self.inside_list, self.bare_exponent = bars, inside_list, bare
        if "or" in joins or "and" in joins:
            refuse(Reason.WRONG_TYPE)
        if condition is not None:
            return condition
        return _enclosed(opening, closing, items)

    def _condition(self, items: list[Node]) -> Node | None:
        """The inequality of a set like {x | x > 1}; None for a set of items."""
        first = items[0] if len(items) == 1 else None
        if self.peek().kind in ("bar", "mid"):
            self.take()
            conditions, _ = self.items()
        elif first is not None and first.op == "relation" and first.args[0].op == "ratio":
            # In {x : x > 1} the colon was read as that of a ratio.
            named, left = first.args[0].args[:2]
            conditions = [Node("relation", (left, *first.args[1:]), name=first.name)]
            first = named
        else:
            return None
        if first is not None and first.op == "relation":
            first = first.args[0]
        single = len(conditions) == 1 and conditions[0].op == "relation"
        if not single or first is None or first.op != "sym":
            refuse(Reason.UNSURE)
        return conditions[0]

    def _closing(self, opening: str) -> str:
        token = self.take()
        if token.kind != "close" or token.text not in _CLOSES.get(opening, (opening,)):
            refuse(Reason.BAD_BRACKETS)
        return token.text

    def _matrix(self, token: Token) -> Node:
        environment = token.text
        if environment == "cases":
            refuse(Reason.UNSURE)
        if environment not in _MATRICES:
            refuse()
        if environment == "array" and self.peek().text == "{":
            while self.take().kind != "close":
                pass
        rows: list[Node] = []
        inside_list, self.inside_list = self.inside_list, True
        while self.peek().kind != "end":
            row = [tree.scalar(self.expression(0))]
            while self.peek().text == "&":
                self.take()
                row.append(tree.scalar(self.expression(0)))
            rows.append(Node("row", tuple(row)))
            if self.peek().kind == "row":
                self.take()
        self.inside_list = inside_list
        if self.take().text != environment:
            refuse(Reason.BAD_BRACKETS)
        return Node("matrix", tuple(rows), name=_MATRICES[environment])


def _enclosed(opening: str, closing: str, items: list[Node]) -> Node:
    if opening in ("floor", "ceil", "|"):
        if len(items) != 1:
            refuse(Reason.WRONG_TYPE)
        return tree.call("abs" if opening == "|" else opening, items[0])
    if opening == "\\{" or (opening == "{" and len(items) != 1):
        return Node("set", tuple(items))
    if not items:
        refuse(Reason.EMPTY)
    if len(items) == 1 and opening == closing and opening != "<":
        return items[0]
    return Node("bracket", tuple(items), name=opening + closing)


_READERS: Mapping[str, Callable[[Operands, Token], Node]] = {
    "num": Operands.number,
    "repeating": Operands.number,
    "vulgar": Operands.number,
    "name": Operands._name,
    "bar": Operands._absolute,
    "func": Operands._function,
    "frac": Operands._fraction,
    "binom": Operands._fraction,
    "sqrt": Operands._root,
    "radical": Operands._root,
    "begin": Operands._matrix,
}
"""Readers of what starts with a token of a kind."""
