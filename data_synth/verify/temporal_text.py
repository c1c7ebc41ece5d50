"""What the readers of dates and times share."""

from data_synth.verify.numerals import POINT_CHARS, parse_chinese_number
from data_synth.verify.reading import clean
from data_synth.verify.verdict import Reason, UnreadableError

MAX_TEMPORAL_CHARS = 80
"""Longest text that is read as a date or time."""


def wrong_type() -> UnreadableError:
    """The error to raise for a text that is no date or time."""
    return UnreadableError(Reason.WRONG_TYPE)


def bound_text(text: str) -> str:
    """The cleaned text in small letters; UnreadableError if it is too long."""
    text = clean(text).casefold()
    if len(text) > MAX_TEMPORAL_CHARS:
        raise UnreadableError(Reason.TOO_LONG)
    return text


def read_digits(text: str, most: int) -> int | None:
    """The integer that at most `most` ASCII digits write."""
    is_number = 0 < len(text) <= most and text.isascii() and text.isdigit()
    return int(text) if is_number else None


def read_count(text: str) -> int:
    """A whole number in ASCII digits or Chinese numerals."""
    number = read_digits(text, 4)
    if number is None and not any(char in POINT_CHARS for char in text):
        value = parse_chinese_number(text)
        number = None if value is None else int(value)
    if number is None:
        raise wrong_type()
    return number
