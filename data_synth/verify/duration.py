"""Lengths of time: 1 h 30 min is 90 minutes is 1.5 hours.

    duration   90 min    1 hour 30 minutes    1:30:00    90 min (h:mm)    1:30 (m:ss)

Read as the quantities of `quantity`, with m for minutes, counting words, half and Chinese added.
h:mm:ss needs no explanation; a text such as 1:30 is read only after `(h:mm)` or `(m:ss)` in the
reference. Days have 24 hours; months and years are no number of days, twelve months are a year. A
bare number answers in the reference's unit if it has a single one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from data_synth.verify.judging import equal_or_different, make_judge
from data_synth.verify.numerals import COUNTING_WORDS, parse_chinese_number
from data_synth.verify.quantity_parser import Quantity, parse_quantity
from data_synth.verify.quantity_text import Kind, Token, tokenize
from data_synth.verify.reading import Verifier, clean
from data_synth.verify.typed import parse_decimal
from data_synth.verify.units import ONE, Unit
from data_synth.verify.verdict import Reason, UnreadableError, Verdict

MAX_DURATION_CHARS = 120
"""Longest text that is read as a duration."""

_SHAPES = {"(h:mm)": (3600, 60), "(m:ss)": (60, 1)}
_DIMENSIONS = ((("s", 1),), (("month", 1),))
_SECOND = Unit(factor=Fraction(1), dimensions=(("s", 1),))
_COUNTS = {
    word: str(value)
    for value, word in enumerate(
        COUNTING_WORDS, start=1
    )
} | {"a": "1", "an": "1", "fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40",
     "forty-five": "45", "fifty": "50", "sixty": "60", "ninety": "90"}  # fmt: skip
_CHINESE_UNITS = ("小时", "小時", "钟头", "分钟", "分鐘", "天", "年", "月")
_ISO_UNITS = {"h": "h", "m": "min", "s": "s", "d": "d", "w": "wk"}


@dataclass(frozen=True, slots=True)
class _Reference:
    """A duration, and the sizes of the two fields of a text such as 1:30."""

    quantity: Quantity
    shape: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class _Fields:
    """A text such as 1:30, which only the reference explains."""

    first: int
    second: int


def _read_answer(text: str) -> Quantity | _Fields:
    text = clean(text).casefold()
    if len(text) > MAX_DURATION_CHARS:
        raise UnreadableError(Reason.TOO_LONG)
    if ":" in text:
        return _read_fields(text)
    words = _translate_iso(text) or _translate_chinese(_translate_words(text))
    tokens = [_minutes_for_m(token) for token in tokenize(words)]
    quantity = parse_quantity(tokens)
    if quantity.has_unit and quantity.unit.dimensions not in _DIMENSIONS:
        raise UnreadableError(Reason.WRONG_TYPE)
    return quantity


def _minutes_for_m(token: Token) -> Token:
    return Token(Kind.WORD, "min", token.glued) if token.text == "m" else token


def _read_fields(text: str) -> Quantity | _Fields:
    fields = text.split(":")
    well_formed = all(field.isascii() and field.isdigit() for field in fields)
    if not well_formed or len(fields) not in (2, 3) or any(len(f) != 2 for f in fields[1:]):
        raise UnreadableError(Reason.WRONG_TYPE)
    first, *others = (int(field[:6]) for field in fields)
    if len(fields[0]) > 6 or max(others) > 59:
        raise UnreadableError(Reason.WRONG_TYPE)
    if len(others) == 1:
        return _Fields(first, others[0])
    return Quantity(Fraction(first * 3600 + others[0] * 60 + others[1]), 0, _SECOND, True, 3)


def _translate_iso(text: str) -> str:
    """PT1H30M as 1 h 30 min; empty for any other text."""
    if not text.startswith("p") or text[1:2] not in tuple("t0123456789"):
        return ""
    days, _, clock = text[1:].partition("t")
    if any(unit in days for unit in "hms"):
        raise UnreadableError(Reason.WRONG_TYPE)  # an M before the T would be months
    spelled = "".join(f" {_ISO_UNITS[c]} " if c in _ISO_UNITS else c for c in days + clock)
    return spelled.strip()


def _translate_words(text: str) -> str:
    """Counting words as figures, and a half as a fraction: two and a half hours, half an hour."""
    text = " ".join(text.replace(" and a half", "\0").split())
    words = [_COUNTS.get(word.strip(","), word) for word in text.replace("\0", " \0").split()]
    half = [at for at, word in enumerate(words) if word == "\0"]
    if half:
        at = half[0]
        count = words[at - 1] if at else ""
        # In an hour and a half the count stands before the unit, in two and a half hours after it.
        place = at - 1 if count.isdigit() else at - 2
        if len(half) > 1 or place < 0 or not words[place].isdigit():
            raise UnreadableError(Reason.WRONG_TYPE)
        words[place] += ".5"
        del words[at]
    elif words[:1] == ["half"]:
        words = ["1/2", *words[2 if words[1:2] == ["1"] else 1 :]]
    return " ".join(words)


def _translate_chinese(text: str) -> str:
    """The measure word dropped and a half as a fraction: two and a half hours, half an hour."""
    for unit in _CHINESE_UNITS[:3]:
        text = text.replace("个" + unit, unit).replace("個" + unit, unit)
    for unit in _CHINESE_UNITS:
        for halved in ("半" + unit, unit + "半"):
            count, found, rest = text.partition(halved)
            if not found:
                continue
            count = count.strip().removesuffix("个").removesuffix("個")
            whole = parse_chinese_number(count) if count else Fraction(0)
            whole = parse_decimal(count) if whole is None else whole
            if whole is None or whole.denominator != 1 or rest or (not count and halved[0] != "半"):
                raise UnreadableError(Reason.WRONG_TYPE)
            return f"{int(whole)}.5{unit}"
    return text


def _read_reference(text: str) -> _Reference:
    text = clean(text)
    shape = next((sizes for flag, sizes in _SHAPES.items() if text.endswith(flag)), None)
    for flag in _SHAPES:
        text = text.removesuffix(flag)
    given = _read_answer(text)
    quantity = _place_fields(given, shape) if isinstance(given, _Fields) else given
    if not quantity.has_unit:
        raise UnreadableError(Reason.WRONG_TYPE)
    return _Reference(quantity, shape)


def _place_fields(fields: _Fields, shape: tuple[int, int] | None) -> Quantity:
    if shape is None:
        raise UnreadableError(Reason.WRONG_TYPE)
    seconds = fields.first * shape[0] + fields.second * shape[1]
    return Quantity(Fraction(seconds), 0, _SECOND, True, 2)


def _judge(expected: _Reference, given: Quantity | _Fields) -> Verdict:
    if isinstance(given, _Fields):
        given = _place_fields(given, expected.shape)
    wanted = expected.quantity
    if given.unit == ONE and wanted.parts == 1:
        given = given.in_unit(wanted.unit)
    if given.unit.dimensions != wanted.unit.dimensions:
        return Verdict(correct=False, reason=Reason.WRONG_TYPE)
    return equal_or_different(given.value == wanted.value and given.number_pi == wanted.number_pi)


def _answer_duration(reference: str) -> str:
    for flag in _SHAPES:
        reference = reference.partition(flag)[0]
    return reference.strip()


VERIFIERS: Mapping[str, Verifier] = MappingProxyType(
    {
        "duration": make_judge(
            "duration", read_reference=_read_reference, read_answer=_read_answer, judge=_judge
        )
    }
)
CANONICAL_ANSWERS = MappingProxyType({"duration": _answer_duration})
"""Verifier -> the answer that a reference stands for, without its flag."""
