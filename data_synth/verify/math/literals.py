"""Numbers and what belongs to them: digit groups, mixed numbers, bases, multipliers, units."""

from fractions import Fraction

from data_synth.verify.math import tree
from data_synth.verify.math.scanner import Token, refuse
from data_synth.verify.math.tree import Node
from data_synth.verify.math.units import normal_unit
from data_synth.verify.math.vocabulary import MULTIPLIERS
from data_synth.verify.verdict import Reason

_END = Token("end of text", "", space=False)
MAX_DEPTH = 64
"""Deepest nesting of brackets, of operators and of arguments, together."""
_MAX_BASE = 36
_NUMERALS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Literals:
    """The tokens, how far they are read, and the readers of what is a literal."""

    def __init__(self, tokens: list[Token], *, group_digits: bool) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.bars = 0
        """Absolute values whose second bar is awaited, within the innermost bracket."""
        self.inside_list = not group_digits
        """Whether a comma separates items here."""
        self.bare_exponent = 0
        """How many exponents without braces are being read: no mixed numbers there."""

    def peek(self, ahead: int = 0) -> Token:
        """The next token, or the one after."""
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else _END

    def take(self) -> Token:
        """The next token, which counts as read."""
        if self.at >= len(self.tokens):
            refuse()
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, kind: str, text: str) -> None:
        """Read this very token."""
        token = self.take() if self.at < len(self.tokens) else _END
        if (token.kind, token.text) != (kind, text):
            refuse(Reason.BAD_BRACKETS)

    def close(self, opening: str) -> None:
        """Read the bracket that closes `opening`."""
        self.expect("close", opening)

    def enter(self) -> None:
        """One level deeper; refused beyond the bound."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            refuse(Reason.BAD_BRACKETS)

    def expression(self, binding: int) -> Node:
        """What binds tighter than `binding`."""
        raise NotImplementedError

    def prefix(self) -> Node:
        """A value, or a sign before one."""
        raise NotImplementedError

    def group(self) -> Node:
        """What a pair of brackets encloses."""
        raise NotImplementedError

    def number(self, token: Token) -> Node:
        """The number that starts with `token`, which is read already."""
        if token.value is not None:
            literal = token.text if token.kind == "repeating" else ""
            return tree.num(token.value, literal)
        text = self._grouped(token.text)
        following = self.peek()
        if following.kind == "sci":
            return self._scientific(text)
        node = _plain(text)
        if (following.kind, following.text) == ("op", "_") or self.bare_exponent:
            return node
        if following.kind == "vulgar" and "." not in text and following.value is not None:
            self.take()
            return tree.num(Fraction(text) + following.value)
        return self._mixed(text, node)

    def _grouped(self, digits: str) -> str:
        r"""The digits with the groups of three that follow after `,`, `{,}` or `\,`."""
        while len(digits.split(".")[0]) <= 3 or "," in digits:
            skip = self._separator()
            group = self.peek(skip)
            whole, point, part = group.text.partition(".")
            if not skip and not group.thin:
                break
            blank = group.space if skip else False
            if group.kind != "num" or len(whole) != 3 or blank or "." in digits:
                break
            if digits[0] == "0":
                break
            self.at += skip + 1
            digits = f"{digits},{whole}{point}{part}"
        return digits.replace(",", "")

    def _separator(self) -> int:
        """How many tokens the comma before a group of digits takes; 0 if there is none."""
        if self.peek().text == "{" and self.peek(1).text == "," and self.peek(2).text == "{":
            return 3 if self.peek(2).kind == "close" else 0
        is_comma = self.peek().kind == "sep" and self.peek().text == "," and not self.peek().space
        return 1 if is_comma and not self.inside_list else 0

    def _scientific(self, text: str) -> Node:
        exponent = self.take().text
        negative = exponent.startswith("-")
        power = tree.power(tree.num(10), tree.num(int(exponent.lstrip("+-")) * (1 - 2 * negative)))
        return tree.mul(_plain(text), power)

    def _mixed(self, text: str, node: Node) -> Node:
        r"""1\frac{1}{2} or 1 1/2; the fraction must be proper, of whole numbers."""
        start = self.at
        if "." in text:
            return node
        if self.peek().kind == "frac":
            self.take()
            upper, lower = self.argument(), self.argument()
        elif self.peek().kind == "num" and self.peek().space and self.peek(1).text == "/":
            upper = _plain(self.take().text)
            self.take()
            lower = _plain(self.take().text) if self.peek().kind == "num" else tree.sym("")
        else:
            return node
        if upper.value is None or lower.value is None or upper.literal or lower.literal:
            proper = False
        else:
            proper = 0 < upper.value < lower.value and lower.value.denominator == 1
        if not proper or upper.value is None or lower.value is None:
            self.at = start
            return node
        return tree.num(Fraction(text) + upper.value / lower.value)

    def argument(self, *, whole: bool = False) -> Node:
        r"""What a command applies to: braces, one symbol or one digit; with `whole`, one number."""
        token = self.peek()
        if token.kind == "open":
            return tree.scalar(self.group())
        self.take()
        if token.kind == "num":
            if whole or len(token.text) == 1:
                return _plain(token.text)
            if "." in token.text:
                refuse()
            # The rest of the digits is what follows: \frac12 is a half.
            self.at -= 1
            self.tokens[self.at] = Token("num", token.text[1:], space=False)
            return _plain(token.text[0])
        if token.kind in ("name", "frac", "sqrt", "binom"):
            self.at -= 1
            self.enter()
            node = tree.scalar(self.prefix())
            self.depth -= 1
            return node
        return refuse()

    def based(self, left: Node) -> Node:
        """A subscript: the base of a numeral, or part of the name of a symbol."""
        start = self.at
        if self.peek().text == "{":
            end = start
            while self.peek().kind != "close":
                self.take()
            end = self.at
            self.take()
            text = "".join(token.text for token in self.tokens[start + 1 : end])
        else:
            text = self.take().text
        if left.op == "sym" and text:
            return tree.sym(f"{left.name}_{text}")
        digits = self.tokens[start - 2].text if start >= 2 else ""
        if left.op != "num" or not (text.isascii() and text.isdigit()) or len(text) > 2:
            refuse()
        base = int(text)
        if not 2 <= base <= _MAX_BASE or not digits.isdigit():
            refuse()
        return Node("based", (tree.num(_in_base(digits, base)),), name=str(base))

    def multiplied(self, left: Node) -> Node:
        """A number before `million`."""
        word = self.take().text
        if left.op != "num":
            refuse()
        return tree.mul(left, tree.num(MULTIPLIERS[word]))

    def unit_name(self) -> str:
        """Units up to the end of the item, in one spelling: cm^2, m/s."""
        parts: list[str] = []
        while self.peek().kind == "unit" or (
            self.peek().text in ("/", "*") and self.peek(1).kind == "unit"
        ):
            parts.append(self.take().text)
            if self.peek().text == "^" and self.peek().kind == "op":
                self.take()
                parts.append(f"^{self._unit_power()}")
        return normal_unit("".join(parts))

    def _unit_power(self) -> str:
        braced = self.peek().text == "{"
        if braced:
            self.take()
        sign = self.take().text if self.peek().text == "-" else ""
        token = self.take()
        if token.kind != "num":
            refuse()
        if braced:
            self.close("{")
        return sign + token.text


def _plain(text: str) -> Node:
    whole, point, part = text.partition(".")
    if not point:
        return tree.num(int(whole))
    return tree.num(Fraction(int(whole + part), 10 ** len(part)), text)


def _in_base(digits: str, base: int) -> int:
    value = 0
    for digit in digits:
        figure = _NUMERALS.index(digit)
        if figure >= base:
            refuse()
        value = value * base + figure
    return value
