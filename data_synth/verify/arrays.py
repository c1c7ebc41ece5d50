"""Arrays of numbers in answers, and the JSON of references; for `geometry`.

Answers go through a linear scanner of their own: nothing is evaluated, and neither strings nor nan,
infinity or exponents exist in it.
"""

import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from data_synth.verify.reading import clean
from data_synth.verify.typed import parse_decimal
from data_synth.verify.verdict import Reason, UnreadableError

MAX_ITEMS = 64
"""Most boxes or points of one answer."""
MAX_DEPTH = 3
"""Deepest nesting of brackets, the outer ones included."""
MAX_NUMBER_CHARS = 12
"""Longest coordinate."""
MAX_REFERENCE_CHARS = 20_000

_BRACKETS = {"[": "]", "(": ")"}
_NUMBER_CHARS = frozenset("0123456789.+-")

Nested: TypeAlias = "Fraction | list[Nested]"
"""A number, or an array of such."""
Row: TypeAlias = tuple[Fraction, ...]
"""The numbers of one box or point."""


class _ArrayScanner:
    """The state of one pass: the open arrays, and whether an item or a comma must come next."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._items = 0
        self._open: list[list[Nested]] = []
        self._closings: list[str] = []
        self._item_next = True
        self._done: list[Nested] | None = None

    def run(self) -> list[Nested]:
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == " ":
                self._at += 1
            elif self._done is not None:
                raise UnreadableError(Reason.BAD_BRACKETS)
            elif char in _BRACKETS and self._item_next:
                self._descend(char)
            elif self._closings and char == self._closings[-1]:
                self._ascend()
            elif not self._open or self._item_next != (char in _NUMBER_CHARS):
                raise UnreadableError(Reason.WRONG_TYPE)
            elif self._item_next:
                self._scan_number()
            elif char == ",":
                self._at, self._item_next = self._at + 1, True
            else:
                raise UnreadableError(Reason.WRONG_TYPE)
        if self._done is None:
            raise UnreadableError(Reason.BAD_BRACKETS)
        return self._done

    def _descend(self, char: str) -> None:
        if len(self._open) == MAX_DEPTH:
            raise UnreadableError(Reason.BAD_BRACKETS)
        self._open.append([])
        self._closings.append(_BRACKETS[char])
        self._at += 1

    def _ascend(self) -> None:
        array = self._open.pop()
        self._closings.pop()
        if self._item_next and array:  # a comma before the closing bracket
            raise UnreadableError(Reason.WRONG_TYPE)
        if self._open:
            self._open[-1].append(array)
        else:
            self._done = array
        self._at, self._item_next = self._at + 1, False

    def _scan_number(self) -> None:
        number, self._at = take_number(self._text, self._at)
        self._open[-1].append(number)
        self._items, self._item_next = self._items + 1, False
        if self._items > 4 * MAX_ITEMS:
            raise UnreadableError(Reason.TOO_LONG)


def parse_array(text: str) -> list[Nested]:
    """An array of plain decimal numbers; UnreadableError for everything else."""
    return _ArrayScanner(text).run()


def take_number(text: str, start: int) -> tuple[Fraction, int]:
    """(number that starts here, where it ends); UnreadableError if it is no plain decimal."""
    end = start
    while end < len(text) and text[end] in _NUMBER_CHARS:
        end += 1
    written = text[start:end]
    unsigned = written[1:] if written[0] in "+-" else written
    value = parse_decimal(unsigned) if len(written) <= MAX_NUMBER_CHARS else None
    if value is None:
        raise UnreadableError(Reason.NOT_A_NUMBER)
    return (-value if written[0] == "-" else value), end


def read_rows(length: int) -> Callable[[str], tuple[Row, ...]]:
    """The reader of a list of rows with `length` numbers, or of one such row."""

    def read(text: str) -> tuple[Row, ...]:
        text = clean(text)
        # (10, 20), (30, 40) without outer brackets
        rows = parse_array(text if text.startswith(("[[", "((", "[(", "([")) else f"[{text}]")
        while len(rows) == 1 and isinstance(rows[0], list) and is_nested(rows[0]):
            rows = rows[0]
        return to_rows(rows, length)

    return read


def is_nested(rows: Sequence[Nested]) -> bool:
    """Whether any item is an array itself."""
    return any(isinstance(row, list) for row in rows)


def to_rows(rows: Sequence[Nested], length: int) -> tuple[Row, ...]:
    """Arrays as rows of `length` numbers each; UnreadableError if they are anything else."""
    if len(rows) > MAX_ITEMS:
        raise UnreadableError(Reason.TOO_LONG)
    numbers = []
    for row in rows:
        values = [] if isinstance(row, Fraction) else [v for v in row if isinstance(v, Fraction)]
        if isinstance(row, Fraction) or len(values) != len(row) or len(values) != length:
            raise UnreadableError(Reason.WRONG_TYPE)
        numbers.append(tuple(values))
    if not numbers:
        raise UnreadableError(Reason.EMPTY)
    return tuple(numbers)


def load_reference(text: str, key: str) -> dict[str, Any]:
    """The JSON object of a reference; a bare list stands for {key: list}."""
    if len(text) > MAX_REFERENCE_CHARS:
        raise UnreadableError(Reason.TOO_LONG)
    try:
        loaded = json.loads(
            text, parse_float=_read_json_number, parse_int=_read_json_number, parse_constant=_refuse
        )
    except (ValueError, RecursionError):  # no JSON, or nested too deeply
        raise UnreadableError(Reason.WRONG_TYPE) from None
    if isinstance(loaded, list):
        return {key: loaded}
    if not isinstance(loaded, dict):
        raise UnreadableError(Reason.WRONG_TYPE)
    return loaded


def _read_json_number(text: str) -> Fraction:
    return take_number(text, 0)[0] if _NUMBER_CHARS.issuperset(text) else _refuse(text)


def _refuse(text: str) -> Fraction:
    raise UnreadableError(Reason.NOT_A_NUMBER)
