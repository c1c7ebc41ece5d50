r"""Typed verifiers: is an extracted answer equal to the reference? (k1.5 §2.3.5)

    exact      text, letter case and spacing ignored
    numeric    one number: 12, -1/2, \frac{1}{2}, 1,000, 1.5e3, 6.02\times10^{23}, 50\%
    sequence   (a, b, c), [a, b, c] or a, b, c; elements are numbers, texts or nested tuples
    set        {a, b}, \{a, b\}, (a, b) or a, b; the same elements, each as often, in any order

Answers are untrusted: nothing is evaluated, all work is bounded by the length of an answer, and
values are Fractions because floats and tolerances accept wrong answers (100000000 and 100000001).
A verifier never raises on an answer. A reference it cannot read is a fault in the data: ValueError.

Rules that a reference answer relies on:
- A percent sign means a factor 1/100, and an answer may use it only if the reference does: 50% is
  answered by 50% or 0.5, but 0.5 is not answered by 50%, and 9 and 9% always differ.
- Commas group digits in `numeric` (1,000 is one number, 1,2,3 is none) and always separate elements
  in `sequence` and `set`, where one thousand is 1000 or 1{,}000.
- A sequence or set whose only element is a tuple may drop its own brackets: {(a,1)} is answered by
  (a,1). The reverse does not hold: (a,1) has two elements and is not answered by ((a,1)).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import TypeAlias

from data_synth.verify.reading import Verifier, clean, make_verifier, unwrap
from data_synth.verify.verdict import Reason, UnreadableError

MAX_DIGITS = 1_000
"""Most digits in one number."""
MAX_EXPONENT = 1_000
"""Largest magnitude of the power of ten in scientific notation."""
MAX_BRACKET_DEPTH = 8
"""Deepest nesting of brackets in a sequence or set, its own brackets included."""

_BRACKETS = {"(": ")", "[": "]", "{": "}", "\\{": "\\}"}
_CLOSING_BRACKETS = frozenset(_BRACKETS.values())
_TUPLE_BRACKETS = ("(", "[")
_SET_BRACKETS = ("{", "\\{", "(")
_TIMES = ("\\times", "\\cdot", "\u00d7", "*")


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number; equality and hash ignore how it was written."""

    value: Fraction
    percent: bool = field(compare=False)


_Element: TypeAlias = "Number | str | tuple[_Element, ...]"


@dataclass(frozen=True, slots=True)
class _Collection:
    """A parsed sequence or set."""

    items: tuple[_Element, ...]
    tuple_brackets: bool
    """Written in round or square brackets, so that the whole may also be one tuple."""


def _read_text(text: str) -> str:
    return clean(text).casefold()


def _read_number(text: str) -> Number:
    number = parse_number(clean(text))
    if number is None:
        raise UnreadableError(Reason.NOT_A_NUMBER)
    return number


def _read_sequence(text: str) -> _Collection:
    return _read_collection(text, _TUPLE_BRACKETS)


def _read_set(text: str) -> _Collection:
    return _read_collection(text, _SET_BRACKETS)


def _equal_texts(reference: str, answer: str) -> bool:
    return reference == answer


def _equal_numbers(reference: Number, answer: Number) -> bool:
    return reference == answer and (reference.percent or not answer.percent)


def _equal_sequences(reference: _Collection, answer: _Collection) -> bool:
    return _equal_collections(reference, answer, tuple)


def _equal_sets(reference: _Collection, answer: _Collection) -> bool:
    return _equal_collections(reference, answer, Counter)


def _equal_collections(
    reference: _Collection,
    answer: _Collection,
    arrange: Callable[[tuple[_Element, ...]], object],
) -> bool:
    """Whether the items agree once arranged as a tuple (in order) or a Counter (a multiset)."""
    if _uses_percent(answer.items) and not _uses_percent(reference.items):
        return False
    if answer.tuple_brackets and reference.items == (answer.items,):
        return True
    return arrange(reference.items) == arrange(answer.items)


def _uses_percent(element: _Element) -> bool:
    if isinstance(element, tuple):
        return any(map(_uses_percent, element))
    return isinstance(element, Number) and element.percent


def parse_number(text: str) -> Number | None:
    """Read cleaned text as [sign] unsigned [percent sign]; None if it is anything else."""
    if sum(map(str.isdigit, text)) > MAX_DIGITS:
        return None
    parts = text.replace("{,}", ",").replace("\\,", ",").split(" ")
    # Blanks may stand around operators, but 1 2 is not 12 and 1, 000 is not 1000.
    literal = "0123456789.,"
    if any(left[-1] in literal and right[0] in literal for left, right in pairwise(parts)):
        return None
    sign, body = _split_sign("".join(parts))
    percent = body.endswith("%")
    if percent:
        body = body[:-1].removesuffix("\\")
    for parse in (parse_decimal, _parse_ratio, _parse_latex_fraction, _parse_scientific):
        value = parse(body)
        if value is not None:
            return Number(sign * value / (100 if percent else 1), percent)
    return None


def _split_sign(text: str) -> tuple[int, str]:
    if text.startswith(("+", "-")):
        return (-1 if text[0] == "-" else 1), text[1:]
    return 1, text


def parse_decimal(text: str) -> Fraction | None:
    """12, 1.5, .5, 007 or 1,234.5; thousands in groups of three after one to three digits."""
    whole, point, part = text.partition(".")
    first, *groups = whole.split(",")
    if groups:
        well_formed = 1 <= len(first) <= 3 and first[0] != "0"
        if not well_formed or any(len(group) != 3 for group in groups):
            return None
    digits = "".join((first, *groups, part))
    # int() alone would take 1_000, blanks and the digits of other scripts.
    if not (digits.isascii() and digits.isdigit()) or (point and not part):
        return None
    return Fraction(int(digits), 10 ** len(part))


def _parse_ratio(text: str) -> Fraction | None:
    numerator, _, denominator = text.partition("/")
    return _divide(parse_decimal(numerator), parse_decimal(denominator))


def _parse_latex_fraction(text: str) -> Fraction | None:
    command, _, _ = text.partition("{")
    if command not in ("\\frac", "\\dfrac", "\\tfrac") or not text.endswith("}"):
        return None
    numerator, _, denominator = text[len(command) + 1 : -1].partition("}{")
    return _divide(_parse_signed(numerator), _parse_signed(denominator))


def _parse_signed(text: str) -> Fraction | None:
    sign, body = _split_sign(text)
    value = parse_decimal(body)
    return None if value is None else sign * value


def _divide(numerator: Fraction | None, denominator: Fraction | None) -> Fraction | None:
    return numerator / denominator if numerator is not None and denominator else None


def _parse_scientific(text: str) -> Fraction | None:
    """1.5e3, 6.02\\times10^{23} or 6.02*10^23."""
    for times in _TIMES:
        mantissa, found, power = text.partition(times + "10^")
        if found:
            braced = power.startswith("{") and power.endswith("}")
            power = power[1:-1] if braced else power
            break
    else:
        mantissa, _, power = text.replace("E", "e").partition("e")
    value = parse_decimal(mantissa)
    sign, digits = _split_sign(power)
    # The length comes first: a power of ten is computed only once its size is known.
    if value is None or len(digits) > 4 or not (digits.isascii() and digits.isdigit()):
        return None
    exponent = int(digits)
    return None if exponent > MAX_EXPONENT else value * Fraction(10) ** (sign * exponent)


def _read_collection(text: str, brackets: tuple[str, ...]) -> _Collection:
    text = clean(text)
    inside = _peel(text, brackets)
    items = _read_items(text if inside is None else inside)
    return _Collection(items, inside is not None and text.startswith(_TUPLE_BRACKETS))


def _read_items(text: str) -> tuple[_Element, ...]:
    # Only brackets can hold nothing: bare text was refused when empty.
    if not text.strip():
        return ()
    pieces = _split(text)
    if pieces is None:
        raise UnreadableError(Reason.BAD_BRACKETS)
    return tuple(map(_read_element, pieces))


def _read_element(text: str) -> _Element:
    text = unwrap(text)
    inside = _peel(text, _TUPLE_BRACKETS)
    if inside is not None:
        return _read_items(inside)
    number = parse_number(text)
    return text.casefold() if number is None else number


def _peel(text: str, brackets: tuple[str, ...]) -> str | None:
    """What a pair of `brackets` encloses, if one encloses the whole text; None otherwise."""
    for opening in brackets:
        if text.startswith(opening):
            inside = text[len(opening) : -len(opening)]
            # If the first bracket closes before the end, as in (a),(b), the inside a),(b does not
            # balance.
            is_pair = _split(text) is not None and _split(inside) is not None
            return inside if is_pair else None
    return None


def _split(text: str) -> list[str] | None:
    """Split at the commas outside all brackets; None if the brackets do not match."""
    expected: list[str] = []
    pieces: list[str] = []
    start = at = 0
    while at < len(text):
        token = text[at : at + 2] if text[at] == "\\" else text[at]
        if token in _BRACKETS:
            expected.append(_BRACKETS[token])
            if len(expected) > MAX_BRACKET_DEPTH:
                return None
        elif token in _CLOSING_BRACKETS:
            if not expected or expected.pop() != token:
                return None
        elif token == "," and not expected:
            pieces.append(text[start:at])
            start = at + 1
        at += len(token)
    return None if expected else [*pieces, text[start:]]


TYPED_VERIFIERS: Mapping[str, Verifier] = MappingProxyType(
    {
        "exact": make_verifier("exact", _read_text, _equal_texts),
        "numeric": make_verifier("numeric", _read_number, _equal_numbers),
        "sequence": make_verifier("sequence", _read_sequence, _equal_sequences),
        "set": make_verifier("set", _read_set, _equal_sets),
    }
)
