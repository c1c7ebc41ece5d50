"""From tokens to a number, and the cursor that reads tokens.

Whole numbers, decimals, ratios, mixed numbers, powers of ten, multiples of pi, Chinese numerals and
words such as million. Digits and exponents are bounded before anything is computed.
"""

from collections.abc import Sequence
from fractions import Fraction

from data_synth.verify.numerals import parse_chinese_number, parse_multiplier
from data_synth.verify.quantity_text import FRACTION, PI, Kind, Token
from data_synth.verify.typed import MAX_EXPONENT, parse_decimal, parse_number
from data_synth.verify.verdict import Reason, UnreadableError

_MULTIPLIERS = {
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "dozen": 12,
}  # fmt: skip


def parse_number_tokens(tokens: Sequence[Token]) -> tuple[Fraction, int]:
    """(number, power of pi) that `tokens` write; UnreadableError if there is more or less."""
    parser = NumberReader(tokens)
    sign = parser.read_sign()
    number, pi_power = parser.read_number()
    parser.expect_end()
    return sign * number, pi_power


class NumberReader:
    """A cursor over tokens that reads numbers."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek_text(self, ahead: int = 0) -> str:
        """The text of a token ahead, empty beyond the end."""
        at = self.at + ahead
        return self.tokens[at].text if at < len(self.tokens) else ""

    def peek_kind(self, ahead: int = 0) -> Kind | None:
        """The kind of a token ahead, None beyond the end."""
        at = self.at + ahead
        return self.tokens[at].kind if at < len(self.tokens) else None

    def skip(self, *texts: str) -> bool:
        """Step over the next token if it is one of `texts`."""
        found = self.peek_kind() is not None and self.peek_text().casefold() in texts
        self.at += found
        return found

    def require(self, text: str) -> None:
        """Step over `text`; UnreadableError if something else is next."""
        if not self.skip(text):
            raise UnreadableError(Reason.WRONG_TYPE)

    def expect_end(self) -> None:
        """Raise UnreadableError if tokens are left."""
        if self.at < len(self.tokens):
            raise UnreadableError(Reason.WRONG_TYPE)

    def read_sign(self) -> int:
        """-1 or 1; steps over the sign."""
        if self.skip("-"):
            return -1
        self.skip("+")
        return 1

    def read_number(self) -> tuple[Fraction, int]:
        """An unsigned number and the power of pi in it."""
        kind = self.peek_kind()
        pi_power = 0
        if self.peek_text() == PI:
            number = Fraction(1)
        elif self.peek_text() == FRACTION:
            number, pi_power = self._read_fraction()
        elif kind is Kind.NUMERAL:
            value = parse_chinese_number(self.peek_text())
            if value is None:
                raise UnreadableError(Reason.NOT_A_NUMBER)
            self.at += 1
            number = value
        elif kind is Kind.VULGAR:
            number = self._read_vulgar()
        elif kind is Kind.NUMBER:
            number = self._read_decimal()
        else:
            raise UnreadableError(Reason.NOT_A_NUMBER)
        if not pi_power:
            number, pi_power = self._read_pi(number)
        return number * self._read_multiplier(), pi_power

    def _read_decimal(self) -> Fraction:
        number = parse_number(self.peek_text())
        if number is None:
            raise UnreadableError(Reason.NOT_A_NUMBER)
        value = number.value
        self.at += 1
        if self.peek_text() == "/" and self.peek_kind(1) is Kind.NUMBER:
            return value / self._read_denominator()
        if self.peek_text() == "*" and self.peek_text(1) == "10" and self.is_power(2):
            self.at += 2
            return value * Fraction(10) ** self.read_power(MAX_EXPONENT)
        if value == 10 and self.is_power(0):
            return Fraction(10) ** self.read_power(MAX_EXPONENT)
        if value.denominator == 1:
            return value + self._read_mixed()
        return value

    def is_power(self, ahead: int) -> bool:
        """Whether the token ahead starts an exponent."""
        return self.peek_text(ahead) == "^" or self.peek_kind(ahead) is Kind.POWER

    def _read_denominator(self) -> Fraction:
        self.require("/")
        value = parse_decimal(self.peek_text()) if self.peek_kind() is Kind.NUMBER else None
        if not value:
            raise UnreadableError(Reason.NOT_A_NUMBER)
        self.at += 1
        return value

    def _read_mixed(self) -> Fraction:
        """The proper fraction after a whole number, 0 if there is none."""
        part = Fraction(0)
        start = self.at
        if self.peek_kind() is Kind.VULGAR:
            part = self._read_vulgar()
        elif (
            self.peek_kind() is Kind.NUMBER
            and self.peek_text(1) == "/"
            and self.peek_kind(2) is Kind.NUMBER
        ):
            numerator = parse_decimal(self.peek_text())
            self.at += 1
            part = (numerator or Fraction(0)) / self._read_denominator()
        elif (
            self.peek_text() == FRACTION
            and self.peek_kind(2) is Kind.NUMBER
            and self.peek_text(3) == "}"
        ):
            if self.peek_kind(5) is not Kind.NUMBER:  # 5\frac{1}{s}
                return part
            part, pi_power = self._read_fraction()
            if pi_power:
                raise UnreadableError(Reason.NOT_A_NUMBER)
        if self.at > start and not 0 < part < 1:
            raise UnreadableError(Reason.NOT_A_NUMBER)
        return part

    def _read_vulgar(self) -> Fraction:
        numerator, _, denominator = self.peek_text().partition("/")
        if not (numerator.isdecimal() and denominator.isdecimal() and int(denominator)):
            raise UnreadableError(Reason.NOT_A_NUMBER)
        self.at += 1
        return Fraction(int(numerator), int(denominator))

    def _read_fraction(self) -> tuple[Fraction, int]:
        r"""\frac{a}{b}, where a and b may have a sign and pi."""
        self.require(FRACTION)
        values, powers = [], []
        for _ in range(2):
            self.require("{")
            sign = self.read_sign()
            number, power = Fraction(1), 0
            if self.peek_text() != PI:
                value = parse_number(self.peek_text()) if self.peek_kind() is Kind.NUMBER else None
                if value is None:
                    raise UnreadableError(Reason.NOT_A_NUMBER)
                number = value.value
                self.at += 1
            power = int(self.skip(PI))
            self.require("}")
            values.append(sign * number)
            powers.append(power)
        if not values[1]:
            raise UnreadableError(Reason.NOT_A_NUMBER)
        return values[0] / values[1], powers[0] - powers[1]

    def _read_pi(self, number: Fraction) -> tuple[Fraction, int]:
        if self.peek_text() == "*" and self.peek_text(1) == PI:
            self.at += 1
        if not self.skip(PI):
            return number, 0
        if self.peek_text() == "/" and self.peek_kind(1) is Kind.NUMBER:
            return number / self._read_denominator(), 1
        return number, 1

    def _read_multiplier(self) -> int:
        product = 1
        for _ in range(2):
            if self.peek_kind() is Kind.WORD:
                power = _MULTIPLIERS.get(self.peek_text().casefold())
            else:
                power = (
                    parse_multiplier(self.peek_text()) if self.peek_kind() is Kind.NUMERAL else None
                )
            if power is None:
                break
            product *= power
            self.at += 1
        return product

    def read_power(self, largest: int) -> int:
        """The integer exponent, of magnitude `largest` at most."""
        if self.peek_kind() is Kind.POWER or self.peek_kind() is Kind.NUMBER:
            digits = self.peek_text()
            self.at += 1
        else:
            self.require("^")
            braced = self.skip("{")
            digits = "-" if self.read_sign() < 0 else ""
            digits += self.peek_text() if self.peek_kind() is Kind.NUMBER else ""
            self.at += 1
            if braced:
                self.require("}")
        magnitude = digits.lstrip("+-")
        if not magnitude.isdecimal() or len(magnitude) > 4 or int(magnitude) > largest:
            raise UnreadableError(Reason.NOT_A_NUMBER)
        if len(digits) - len(magnitude) > 1:
            raise UnreadableError(Reason.NOT_A_NUMBER)
        return -int(magnitude) if digits[0] == "-" else int(magnitude)
