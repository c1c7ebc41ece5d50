"""Exact value of an arithmetic expression, for puzzles that ask to reach a number.

An expression is untrusted text, so it is parsed and never evaluated by Python: digits, `+ - * /`,
brackets and blanks only, of bounded length and depth, over Fractions.
"""

from dataclasses import dataclass, field
from fractions import Fraction

MAX_EXPRESSION_CHARS = 200
MAX_NESTING = 16
_MAX_DIGITS = 9


@dataclass(slots=True)
class Expression:
    """A parsed expression.

    Example:
        parse_expression("2*(5+1)").value == 12
    """

    value: Fraction
    numbers: list[int] = field(default_factory=list)
    """Every whole number written in it, from left to right."""


class ExpressionError(ValueError):
    """The text is not an expression, or it divides by zero."""


def parse_expression(text: str) -> Expression:
    """Value and numbers of an expression.

    Raises:
        ExpressionError: anything but an expression within the limits.
    """
    if len(text) > MAX_EXPRESSION_CHARS:
        raise ExpressionError(f"longer than {MAX_EXPRESSION_CHARS} characters")
    parser = _Parser(_tokens(text))
    value = parser.sum(0)
    if parser.at != len(parser.tokens):
        raise ExpressionError(f"unexpected {parser.tokens[parser.at]!r}")
    return Expression(value, parser.numbers)


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    while at < len(text):
        end = at
        while end < len(text) and text[end] in "0123456789":
            end += 1
        if end > at:
            tokens.append(text[at:end])
        elif text[at] in "+-*/()":
            tokens.append(text[at])
        elif text[at] != " ":
            raise ExpressionError(f"unexpected {text[at]!r}")
        at = max(end, at + 1)
    return tokens


class _Parser:
    """Recursive descent; one method per level of precedence, `depth` counts brackets and signs."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0
        self.numbers: list[int] = []

    def sum(self, depth: int) -> Fraction:
        value = self.product(depth)
        while (operator := self._take("+", "-")) is not None:
            right = self.product(depth)
            value = value + right if operator == "+" else value - right
        return value

    def product(self, depth: int) -> Fraction:
        value = self.factor(depth)
        while (operator := self._take("*", "/")) is not None:
            right = self.factor(depth)
            if operator == "/" and right == 0:
                raise ExpressionError("division by zero")
            value = value * right if operator == "*" else value / right
        return value

    def factor(self, depth: int) -> Fraction:
        if depth > MAX_NESTING:
            raise ExpressionError(f"nested deeper than {MAX_NESTING}")
        if self._take("-") is not None:
            return -self.factor(depth + 1)
        if self._take("(") is not None:
            value = self.sum(depth + 1)
            if self._take(")") is None:
                raise ExpressionError("a bracket is left open")
            return value
        token = self.tokens[self.at] if self.at < len(self.tokens) else ""
        if not token.isdigit() or len(token) > _MAX_DIGITS:
            raise ExpressionError(f"expected a number, found {token[:20]!r}")
        self.at += 1
        self.numbers.append(int(token))
        return Fraction(int(token))

    def _take(self, *wanted: str) -> str | None:
        if self.at < len(self.tokens) and self.tokens[self.at] in wanted:
            self.at += 1
            return self.tokens[self.at - 1]
        return None
