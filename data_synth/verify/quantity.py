r"""Quantities and percentages, compared exactly. (k1.5 section 2.3.5)

    quantity   9.81 m/s^2    9.8 \pm 0.05 m/s^2    120 km/h +- 2%    20 \u00b0C +- 0.5    3.5 +- 0.1
    percent    37.5%    37.5% +- 0.5    37.5% (bare)    37.5% (ratio)

The reference carries tolerance and policy; without a tolerance the values are equal as fractions.

quantity: the answer may be in any unit of the same dimensions (`units`): 500 cm is 5 m, 20 m/s is
72 km/h, 68 \u00b0F is 20 \u00b0C, \pi/2 rad is 90\u00b0, 63 in is 5 ft 3 in.
- A tolerance is absolute, in the reference's unit or its own, or with a percent sign relative to
  the reference's value as written. Both ends are accepted. An answer must not state one.
- A number without a unit answers in the reference's own unit, never the reverse: 5 m is no answer
  to 5. To percentages a bare number is no answer, a bare multiple of pi is in radians.
- Where a slash is followed by a product, brackets must show what is divided: J/(kg K).
- An angle of 20 degrees is no temperature; a currency equals itself alone.

percent: 37.5%, 37.5\%, 37.5 percent and the Chinese form are the same. The tolerance is in
percentage points. Only `(bare)` accepts 37.5, and only `(ratio)` accepts 0.375 or 3/8.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from data_synth.verify.judging import make_judge
from data_synth.verify.numerals import parse_chinese_number
from data_synth.verify.quantity_numbers import parse_number_tokens
from data_synth.verify.quantity_parser import Quantity, parse_quantity
from data_synth.verify.quantity_text import PLUS_MINUS, Token, tokenize
from data_synth.verify.reading import Verifier, clean
from data_synth.verify.typed import parse_number
from data_synth.verify.units import Unit
from data_synth.verify.verdict import Reason, UnreadableError, Verdict

_PI = Fraction(3141592653589793238462643383279502884197169399375105820974944592, 10**63)
_PERCENT_DIMENSIONS = (("percent", 1),)
_POINT_DIMENSIONS = (("point", 1),)
_NO_BARE_NUMBER = (_PERCENT_DIMENSIONS, _POINT_DIMENSIONS)
_ANGLE_DIMENSIONS = (("rad", 1),)
_RADIAN = Unit(factor=Fraction(1), dimensions=_ANGLE_DIMENSIONS)


@dataclass(frozen=True, slots=True)
class _Reference:
    """A quantity and how far from it an answer may be, in base units."""

    quantity: Quantity
    tolerance: Fraction
    tolerance_pi_power: int


def _read_reference(text: str) -> _Reference:
    tokens = _open_tolerance_brackets(tokenize(clean(text)))
    at = next((i for i, token in enumerate(tokens) if token.text == PLUS_MINUS), None)
    if at is None:
        return _Reference(parse_quantity(tokens), Fraction(0), 0)
    quantity, spread = parse_quantity(tokens[:at]), parse_quantity(tokens[at + 1 :])
    if spread.number <= 0 or spread.parts > 1:
        raise UnreadableError(Reason.NOT_A_NUMBER)
    if spread.unit.dimensions == _PERCENT_DIMENSIONS:
        relative = spread.number * spread.unit.factor / 100
        reach = abs(quantity.number) * relative * quantity.unit.factor
        return _Reference(quantity, reach, quantity.pi_power)
    if not quantity.has_unit:
        quantity = quantity.in_unit(spread.unit)
    unit = spread.unit if spread.has_unit else quantity.unit
    if unit.dimensions != quantity.unit.dimensions:
        raise UnreadableError(Reason.WRONG_TYPE)
    return _Reference(quantity, spread.number * unit.factor, spread.number_pi + unit.pi_power)


def _open_tolerance_brackets(tokens: list[Token]) -> list[Token]:
    """(9.8 +- 0.05) m/s^2 without its brackets."""
    texts = [token.text for token in tokens]
    if texts[:1] == ["("] and PLUS_MINUS in texts and ")" in texts:
        closing = texts.index(")")
        if closing > texts.index(PLUS_MINUS):
            return tokens[1:closing] + tokens[closing + 1 :]
    return tokens


def _read_answer(text: str) -> Quantity:
    return parse_quantity(tokenize(clean(text)))


def _judge(expected: _Reference, given: Quantity) -> Verdict:
    wanted = expected.quantity
    if not given.has_unit:
        given = _complete(wanted, given)
    if given.unit.dimensions != wanted.unit.dimensions:
        return Verdict(correct=False, reason=Reason.WRONG_TYPE)
    # Pi is transcendental: with different powers of it only zeros are equal.
    same_power = given.pi_power == wanted.pi_power
    if given.value == wanted.value and (same_power or not given.value):
        return Verdict(correct=True, reason=Reason.EQUAL)
    close = expected.tolerance > 0 and _is_within(expected, given)
    return Verdict(correct=close, reason=Reason.CLOSE if close else Reason.DIFFERENT)


def _is_within(expected: _Reference, given: Quantity) -> bool:
    """Whether the tolerance holds: exactly for equal powers of pi, else to sixty digits of it."""
    wanted, reach, power = expected.quantity, expected.tolerance, expected.tolerance_pi_power
    if wanted.pi_power == given.pi_power == power:
        return abs(given.value - wanted.value) <= reach
    distance = given.value * _PI**given.pi_power - wanted.value * _PI**wanted.pi_power
    return abs(distance) <= reach * _PI**power


def _complete(wanted: Quantity, given: Quantity) -> Quantity:
    """A number without a unit, in the unit that the reference gives it."""
    if given.number_pi and wanted.unit.dimensions == _ANGLE_DIMENSIONS:
        return given.in_unit(_RADIAN)
    if wanted.parts > 1 or wanted.unit.dimensions in _NO_BARE_NUMBER:
        raise UnreadableError(Reason.WRONG_TYPE)
    return given.in_unit(wanted.unit) if wanted.has_unit else given


@dataclass(frozen=True, slots=True)
class _Percentage:
    """A percentage as the reference gives it."""

    points: Fraction
    tolerance: Fraction
    bare: bool
    ratio: bool


@dataclass(frozen=True, slots=True)
class _GivenNumber:
    """What an answer says, and whether it says percent."""

    value: Fraction
    percent: bool


_BARE_FLAG, _RATIO_FLAG = "(bare)", "(ratio)"
_PERCENT_WORDS = ("\\%", "%", "percent", "per cent", "pct", "个百分点", "\\text{percent}")
_CHINESE_PERCENT = "百分之"


def _read_percentage(text: str) -> _Percentage:
    text = clean(text)
    bare, ratio = text.endswith(_BARE_FLAG), text.endswith(_RATIO_FLAG)
    text = text.removesuffix(_BARE_FLAG).removesuffix(_RATIO_FLAG).strip()
    for sign in ("\\pm", "+-", "+/-", PLUS_MINUS):
        text, found, spread = text.partition(sign)
        if found:
            break
    tolerance = parse_number(spread.strip()) if found else None
    given = _read_percent_answer(text)
    if not given.percent or (found and (not tolerance or tolerance.percent)):
        raise UnreadableError(Reason.NOT_A_NUMBER)
    return _Percentage(given.value, tolerance.value if tolerance else Fraction(0), bare, ratio)


def _read_percent_answer(text: str) -> _GivenNumber:
    text = clean(text)
    if text.startswith(_CHINESE_PERCENT):
        return _GivenNumber(_read_plain(text[len(_CHINESE_PERCENT) :]), True)
    folded = text.casefold()
    for word in _PERCENT_WORDS:
        if folded.endswith(word):
            return _GivenNumber(_read_plain(text[: -len(word)]), True)
    return _GivenNumber(_read_plain(text), False)


def _read_plain(text: str) -> Fraction:
    """A number without a unit, in digits or in Chinese numerals."""
    text = clean(text)
    value = parse_chinese_number(text)
    if value is None:
        value, pi_power = parse_number_tokens(tokenize(text))
        if pi_power:
            raise UnreadableError(Reason.NOT_A_NUMBER)
    return value


def _judge_percentage(expected: _Percentage, given: _GivenNumber) -> Verdict:
    if not given.percent and not expected.bare and not expected.ratio:
        return Verdict(correct=False, reason=Reason.WRONG_TYPE)
    points = given.value * 100 if expected.ratio and not given.percent else given.value
    if points == expected.points:
        return Verdict(correct=True, reason=Reason.EQUAL)
    close = abs(points - expected.points) <= expected.tolerance
    return Verdict(correct=close, reason=Reason.CLOSE if close else Reason.DIFFERENT)


def _answer_quantity(reference: str) -> str:
    for sign in ("\\pm", "+-", "+/-", PLUS_MINUS):
        value, found, spread = reference.partition(sign)
        if found:
            break
    if not found or _read_answer(value).has_unit or spread.strip().endswith("%"):
        return value.strip()
    return f"{value.strip()} {spread.strip().lstrip('0123456789.,').strip()}".strip()


def _answer_percent(reference: str) -> str:
    for mark in (_BARE_FLAG, _RATIO_FLAG, "\\pm", "+-", "+/-", PLUS_MINUS):
        reference = reference.partition(mark)[0]
    return reference.strip()


VERIFIERS: Mapping[str, Verifier] = MappingProxyType(
    {
        "quantity": make_judge(
            "quantity", read_reference=_read_reference, read_answer=_read_answer, judge=_judge
        ),
        "percent": make_judge(
            "percent",
            read_reference=_read_percentage,
            read_answer=_read_percent_answer,
            judge=_judge_percentage,
        ),
    }
)
CANONICAL_ANSWERS = MappingProxyType({"quantity": _answer_quantity, "percent": _answer_percent})
"""Verifier -> the answer that a reference stands for, without tolerance and policy."""
