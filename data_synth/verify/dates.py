"""Dates in figures, words and Chinese; the syntax is described in `temporal`."""

import calendar
import datetime
from dataclasses import dataclass

from data_synth.verify.temporal_text import bound_text, read_count, read_digits, wrong_type

_MONTHS = {
    form: at
    for at in range(1, 13)
    for form in (calendar.month_name[at].casefold(), calendar.month_abbr[at].casefold())
} | {"sept": 9}
_WEEKDAYS = {
    form: at
    for at in range(7)
    for form in (calendar.day_name[at].casefold(), calendar.day_abbr[at].casefold())
} | {"tues": 1, "wednes": 2, "thur": 3, "thurs": 3}
_CHINESE_WEEKDAYS = {char: at for at, char in enumerate("一二三四五六日")} | {"天": 6}
_WEEK_WORDS = ("星期", "礼拜", "周")
_ORDINAL_ENDINGS = ("st", "nd", "rd", "th")
_FILLERS = frozenset(("of", "the", "on"))


@dataclass(frozen=True, slots=True)
class Date:
    """A day, a month, or a day of any year."""

    year: int | None
    month: int
    day: int | None


def read_date(text: str) -> Date:
    text = bound_text(text)
    if "月" in text or "年" in text:
        date, weekday = _read_chinese_date(text)
    else:
        date, weekday = _read_western_date(text)
    return _check_date(date, weekday)


def _check_date(date: Date, weekday: int | None) -> Date:
    """The date if it exists and falls on the weekday; February has a 29th in no given year."""
    year = 2024 if date.year is None else date.year
    try:
        day = datetime.date(year, date.month, 1 if date.day is None else date.day)
    except ValueError:  # untrusted text: there is no such day
        raise wrong_type() from None
    if date.year is None and date.day is None:
        raise wrong_type()
    is_day = date.year is not None and date.day is not None
    if weekday is not None and (not is_day or day.weekday() != weekday):
        raise wrong_type()
    return date


def _read_western_date(text: str) -> tuple[Date, int | None]:
    words = [word.strip("().") for word in text.replace(",", " ").split()]
    words = [word for word in words if word and word not in _FILLERS]
    weekdays = [_WEEKDAYS[word] for word in words if word in _WEEKDAYS]
    words = [word for word in words if word not in _WEEKDAYS]
    if len(weekdays) > 1:
        raise wrong_type()
    weekday = weekdays[0] if weekdays else None
    if len(words) == 1:
        return _read_figures(words[0]), weekday
    return _read_words(words), weekday


def _read_words(words: list[str]) -> Date:
    """One month by name, and a day or a year or both."""
    months = [_MONTHS[word] for word in words if word in _MONTHS]
    others = [word for word in words if word not in _MONTHS]
    if len(months) != 1 or not 1 <= len(others) <= 2:
        raise wrong_type()
    year: int | None = None
    day: int | None = None
    for word in others:
        stem = word[:-2] if word.endswith(_ORDINAL_ENDINGS) else word
        number = read_digits(stem, 4)
        if number is None or (len(stem) == 3):
            raise wrong_type()
        if len(stem) == 4 and year is None and stem == word:
            year = number
        elif len(stem) <= 2 and day is None:
            day = number
        else:
            raise wrong_type()
    return Date(year, months[0], day)


def _read_figures(text: str) -> Date:
    """2024-03-03, 2024-03, 03/2024, or day and month in a clear order before the year."""
    for separator in "-/.":
        fields = text.split(separator)
        if len(fields) in (2, 3):
            break
    else:
        raise wrong_type()
    numbers = [read_digits(field, 4) for field in fields]
    values = [number for number in numbers if number is not None]
    lengths = [4 if len(field) == 4 else 2 if len(field) <= 2 else 0 for field in fields]
    if len(values) != len(fields):
        raise wrong_type()
    if lengths == [4, 2, 2]:
        return Date(values[0], values[1], values[2])
    if lengths == [4, 2] and separator != ".":
        return Date(values[0], values[1], None)
    if lengths == [2, 4] and separator != ".":
        return Date(values[1], values[0], None)
    if lengths != [2, 2, 4]:
        raise wrong_type()
    first, second, year = values
    if first != second and first <= 12 and second <= 12:
        raise wrong_type()
    return Date(year, second, first) if second <= 12 else Date(year, first, second)


def _read_chinese_date(text: str) -> tuple[Date, int | None]:
    text, weekday = _take_chinese_weekday("".join(text.split()))
    fields: dict[str, int] = {}
    for marks in ("年", "月", "日号"):
        ends = [at for at in (text.find(mark) for mark in marks) if at >= 0]
        if not ends:
            continue
        number = read_count(text[: min(ends)])
        fields[marks[0]], text = number, text[min(ends) + 1 :]
    if text or "月" not in fields or fields.get("年", 1000) < 1000:
        raise wrong_type()
    return Date(fields.get("年"), fields["月"], fields.get("日")), weekday


def _take_chinese_weekday(text: str) -> tuple[str, int | None]:
    for word in _WEEK_WORDS:
        head, found, tail = text.partition(word)
        if found:
            weekday = _CHINESE_WEEKDAYS.get(tail[:1])
            if weekday is None:
                raise wrong_type()
            head, rest = head.removesuffix("("), tail[1:].removeprefix(")")
            return head + rest.removeprefix(","), weekday
    return text, None
