"""Characters to tokens: how far a text is read, and the tokens of numbers."""

from fractions import Fraction
from typing import NamedTuple, NoReturn

from data_synth.verify.verdict import Reason, UnreadableError

MAX_TOKENS = 400
MAX_DIGITS = 1_000
DIGITS = "0123456789"


class Token(NamedTuple):
    """One token.

    Example:
        Token("num", "12", space=False)
    """

    kind: str
    text: str
    space: bool
    """Whether blank space stands before it."""
    thin: bool = False
    """Whether that space is `\\,`, which may group digits."""
    value: Fraction | None = None
    """Of a vulgar fraction or a repeating decimal."""


def refuse(reason: Reason = Reason.NOT_A_NUMBER) -> NoReturn:
    """Raise UnreadableError."""
    raise UnreadableError(reason)


class Scanner:
    """A text, how far it is read, and the tokens found so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.tokens: list[Token] = []
        self.space = False
        self.thin = False
        self.digits = 0

    def emit(self, kind: str, text: str, value: Fraction | None = None) -> None:
        """Add a token; the blank space before it counts once."""
        self.tokens.append(Token(kind, text, self.space, self.thin, value))
        self.space = self.thin = False
        if len(self.tokens) > MAX_TOKENS:
            refuse(Reason.TOO_LONG)

    def peek(self, ahead: int) -> str:
        """One character, or a blank beyond the end."""
        at = self.at + ahead
        return self.text[at] if at < len(self.text) else " "

    def take_digits(self) -> str:
        """The digits that follow, none or more."""
        start = self.at
        while self.peek(0) in DIGITS:
            self.at += 1
        self.digits += self.at - start
        if self.digits > MAX_DIGITS:
            refuse(Reason.TOO_LONG)
        return self.text[start : self.at]

    def number(self) -> None:
        """A decimal number, with its repetend or its power of ten."""
        whole, part, point = self.take_digits(), "", False
        rest = self.text[self.at + 1 : self.at + 11]
        if self.peek(0) == "." and (
            self.peek(1) in DIGITS or rest.startswith(("\\overline{", "\\bar{", "\\dot", "("))
        ):
            point = True
            self.at += 1
            part = self.take_digits()
        repeated = self._take_repetend() if point else ""
        if repeated:
            shift = 10 ** len(part)
            tail = Fraction(int(repeated), (10 ** len(repeated) - 1) * shift)
            value = Fraction(int(whole + part or "0"), shift) + tail
            self.emit("repeating", f"{whole}.{part}({repeated})", value)
            return
        if point and not part:
            refuse()
        self.emit("num", f"{whole}.{part}" if point else whole)
        sign = self.peek(1) in "+-"
        if self.peek(0) in "eE" and self.peek(2 if sign else 1) in DIGITS:
            start = self.at + 1
            self.at += 2 if sign else 1
            self.take_digits()
            self.emit("sci", self.text[start : self.at])

    def _take_repetend(self) -> str:
        r"""The digits in `\overline{...}`, `\bar{...}`, `\dot{1}4\dot{2}` or `(...)`."""
        if self.peek(0) == "(":
            return self._enclosed_digits(1, ")")
        for command in ("\\overline{", "\\bar{"):
            if self.text.startswith(command, self.at):
                return self._enclosed_digits(len(command), "}")
        if not self.text.startswith("\\dot", self.at):
            return ""
        first = self._dotted_digit()
        middle = self.take_digits()
        if self.text.startswith("\\dot", self.at):
            return first + middle + self._dotted_digit()
        return refuse() if middle else first

    def _enclosed_digits(self, skip: int, closing: str) -> str:
        start = self.at
        self.at += skip
        digits = self.take_digits()
        if not digits or self.peek(0) != closing:
            self.at = start
            return ""
        self.at += 1
        return digits

    def _dotted_digit(self) -> str:
        self.at += len("\\dot")
        braced = self.peek(0) == "{"
        self.at += braced
        digit = self.peek(0)
        if digit not in DIGITS or (braced and self.peek(1) != "}"):
            refuse()
        self.at += 2 if braced else 1
        return digit
