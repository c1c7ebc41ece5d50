"""From tokens to a quantity: a number, a unit, or a sum such as 5 ft 3 in.

Recursive descent over at most MAX_TOKENS tokens; depth, factors, exponents and parts are bounded
before anything is computed, so that no number grows beyond a few thousand digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from data_synth.verify.quantity_numbers import NumberReader
from data_synth.verify.quantity_text import DOUBLE_PRIME, FRACTION, PRIME, Kind, Token
from data_synth.verify.units import ONE, Unit, find_unit
from data_synth.verify.verdict import Reason, UnreadableError

MAX_UNIT_POWER = 9
"""Largest exponent of a unit."""
MAX_UNIT_FACTORS = 12
"""Most factors of a compound unit."""
MAX_PARTS = 4
"""Most parts of a sum such as 1 h 30 min."""
_MAX_DEPTH = 4

_SQUARE_WORDS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
_POWER_WORDS = {"squared": 2, "cubed": 3}
_DIVIDING = ("/", "per")
_JOINING = (",", "and", "&", "又")
_YUAN, _MINUTE, _FEN = "元", "min", "分"
_MONEY = frozenset(
    ("USD", "EUR", "GBP", "CNY", "JPY", "yen_sign", "HKD", "AUD", "CAD", "INR", "KRW", "RUB", "CHF")
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """number * pi ** number_pi of a unit."""

    number: Fraction
    number_pi: int
    unit: Unit
    has_unit: bool
    parts: int = 1

    @property
    def value(self) -> Fraction:
        """In base units, up to the power of pi."""
        return (self.number + self.unit.offset) * self.unit.factor

    @property
    def pi_power(self) -> int:
        """Power of pi in `value`."""
        return self.number_pi + self.unit.pi_power

    def in_unit(self, unit: Unit) -> "Quantity":
        """The same number of another unit."""
        return Quantity(self.number, self.number_pi, unit, True)


def parse_quantity(tokens: Sequence[Token]) -> Quantity:
    """The quantity that `tokens` write; UnreadableError if they write anything else."""
    parser = _Parser(tokens)
    quantity = parser.read_sum()
    parser.expect_end()
    return quantity


class _Parser(NumberReader):
    """Reads units and sums of quantities."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        super().__init__(tokens)
        self._last_dimensions: tuple[tuple[str, int], ...] = ()

    def read_sum(self) -> Quantity:
        """[sign] [currency] number [unit] and further, smaller parts: 5 ft 3 in, 1 h 30 min."""
        sign = self.read_sign()
        currency = self._read_currency()
        if currency and sign == 1:
            sign = self.read_sign()
        first = self._read_part(currency)
        parts, last = [first], first
        while self.peek_kind() is not None and first.has_unit and not currency:
            self.skip(*_JOINING)
            part = self._read_part(None)
            smaller = part.unit.dimensions == first.unit.dimensions and (
                part.unit.factor < last.unit.factor and part.unit.pi_power == first.unit.pi_power
            )
            if not smaller or len(parts) == MAX_PARTS or part.number_pi or part.unit.offset:
                raise UnreadableError(Reason.WRONG_TYPE)
            parts.append(part)
            last = part
        if len(parts) == 1:
            return Quantity(sign * first.number, first.number_pi, first.unit, first.has_unit)
        if first.number_pi or first.unit.offset:
            raise UnreadableError(Reason.WRONG_TYPE)
        total = sum((part.value for part in parts), Fraction(0))
        base = Unit(
            factor=Fraction(1),
            dimensions=first.unit.dimensions,
            pi_power=first.unit.pi_power,
        )
        return Quantity(sign * total, 0, base, True, len(parts))

    def _read_currency(self) -> Unit | None:
        if self.peek_kind() is not Kind.WORD:
            return None
        unit = find_unit(self.peek_text())
        is_money = unit is not None and any(base in _MONEY for base, _ in unit.dimensions)
        if not is_money:
            return None
        self.at += 1
        return unit

    def _read_part(self, currency: Unit | None) -> Quantity:
        number, pi_power = self.read_number()
        if currency:
            per = self._read_unit(0) if self.peek_text().casefold() in _DIVIDING else ONE
            return Quantity(number, pi_power, currency.times(per), True)
        starts_unit = self.peek_kind() is not None and self.peek_text().casefold() not in _JOINING
        if not starts_unit:
            return Quantity(number, pi_power, ONE, False)
        if self.peek_text() == "*" and self.peek_kind(1) is Kind.WORD:
            self.at += 1
        unit = self._read_unit(0)
        self._last_dimensions = unit.dimensions
        return Quantity(number, pi_power, unit, True)

    def _read_unit(self, depth: int) -> Unit:
        """A product of factors; after a slash one factor, or a bracket."""
        if depth > _MAX_DEPTH:
            raise UnreadableError(Reason.BAD_BRACKETS)
        unit, divided = ONE, False
        for count in range(MAX_UNIT_FACTORS + 1):
            if self.skip(*_DIVIDING):
                unit, divided = unit.times(self._read_factor(depth), -1), True
            elif self.skip("*") or self._starts_factor():
                if divided:  # J/kg K may be J/(kg K)
                    raise UnreadableError(Reason.WRONG_TYPE)
                factor = self._read_factor(depth)
                unit = factor if not count else unit.times(factor)
            elif count:
                return unit
            else:
                break
        raise UnreadableError(Reason.WRONG_TYPE)

    def _starts_factor(self) -> bool:
        if self.peek_kind() is Kind.WORD:
            return self.peek_text().casefold() not in _JOINING
        return self.peek_text() in ("(", "%", "\u2030", PRIME, DOUBLE_PRIME, FRACTION)

    def _read_factor(self, depth: int) -> Unit:
        power = _SQUARE_WORDS.get(self.peek_text().casefold(), 0)
        self.at += bool(power)
        unit = self._read_atom(depth)
        written = self._read_unit_power()
        if power and written is not None:
            raise UnreadableError(Reason.WRONG_TYPE)
        exponent = power or written
        return unit if exponent is None else ONE.times(unit, exponent)

    def _read_unit_power(self) -> int | None:
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        if token is None:
            return None
        word = _POWER_WORDS.get(token.text.casefold())
        if word:
            self.at += 1
            return word
        before = self.tokens[self.at - 1].text[-1]
        # m2 is a square metre, 30\u00b015' and 1h30min are sums.
        index = token.kind is Kind.NUMBER and token.glued and before.isascii() and before.isalpha()
        if index and self.peek_kind(1) is Kind.WORD and self.tokens[self.at + 1].glued:
            return None
        return self.read_power(MAX_UNIT_POWER) if index or self.is_power(0) else None

    def _read_atom(self, depth: int) -> Unit:
        if self.skip("("):
            unit = self._read_unit(depth + 1)
            self.require(")")
            return unit
        if self.skip(FRACTION):
            self.require("{")
            unit = ONE if self.skip("1") else self._read_unit(depth + 1)
            self.require("}")
            self.require("{")
            unit = unit.times(self._read_unit(depth + 1), -1)
            self.require("}")
            return unit
        return self._read_name()

    def _read_name(self) -> Unit:
        word, following = self.peek_text(), self.peek_text(1)
        if word in (PRIME, DOUBLE_PRIME):
            word = self._read_prime(word)
        elif word == _FEN:
            word = "分" if self._last_dimensions == (("CNY", 1),) else _MINUTE
        elif self.peek_kind(1) is Kind.WORD:
            # Names of two words: nautical mile, degrees Celsius; and of two commands: \mu m.
            split_symbol = word in ("\u00b0", "\u03bc") or following == "\u03a9"
            for joined in (f"{word} {following}", word + following if split_symbol else ""):
                unit = find_unit(joined)
                if unit is not None:
                    self.at += 2
                    return unit
        unit = Unit(factor=Fraction(1, 100), dimensions=(("CNY", 1),)) if word == "分" else None
        unit = unit or find_unit(word)
        if unit is None:
            raise UnreadableError(Reason.WRONG_TYPE)
        self.at += 1
        return unit

    def _read_prime(self, mark: str) -> str:
        if self._last_dimensions == (("rad", 1),):
            return "arcmin" if mark == PRIME else "arcsec"
        return "ft" if mark == PRIME else "in"
