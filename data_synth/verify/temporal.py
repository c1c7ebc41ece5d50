"""Dates, times of day and both together, compared as calendar values. (k1.5 section 2.3.5)

    date       2024-03-03    3 March 2024    2024-03 (a month)    March 3 (a day of any year)
    time       15:30    3:30 pm    15:30:20    3:30 (12h)
    datetime   2024-03-03T15:30    March 3, 2024, 3:30 pm
    duration   see `duration`

Dates: ISO order with - / or .; day, month name and year in any order; Chinese. Of 3/4/2024 nobody
knows the month, so day and month in figures before the year are read only if one order alone is a
date, or both are the same. A year has four digits. The answer has the fields that the reference
has, may add the weekday if it is the right one, and must exist: 2023-02-29 is no date.

Times: 24 hours, am and pm, noon, midnight, half past three, quarter to four, and Chinese. Without
am or pm a time is one of 24 hours. After `(12h)`, for the face of a clock, half a day does not
count. Missing seconds are zero. Zones are not read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from data_synth.verify import duration
from data_synth.verify.clock_times import DAY, HALF_DAY, read_time
from data_synth.verify.dates import Date, read_date
from data_synth.verify.judging import equal_or_different, make_judge
from data_synth.verify.reading import Verifier, clean, make_verifier
from data_synth.verify.temporal_text import bound_text, wrong_type
from data_synth.verify.verdict import UnreadableError, Verdict


@dataclass(frozen=True, slots=True)
class _Clock:
    """The reference of `time`: seconds after midnight, and whether half a day counts."""

    seconds: int
    twelve_hours: bool


def _read_clock(text: str) -> _Clock:
    flag = "(12h)"
    text = clean(text)
    twelve_hours = text.endswith(flag)
    return _Clock(read_time(text.removesuffix(flag)), twelve_hours)


def _judge_time(expected: _Clock, seconds: int) -> Verdict:
    period = HALF_DAY if expected.twelve_hours else DAY
    return equal_or_different((expected.seconds - seconds) % period == 0)


def _read_datetime(text: str) -> tuple[Date, int]:
    """A full date and a time, in either order."""
    text = bound_text(text)
    readings = set()
    for left, right in _split_in_two(text):
        for date_text, time_text in ((left, right), (right, left)):
            try:
                readings.add((read_date(date_text), read_time(time_text)))
            except UnreadableError:
                continue  # another place to split, or no date with a time at all
    full = [reading for reading in readings if None not in (reading[0].year, reading[0].day)]
    if len(full) != 1:
        raise wrong_type()
    return full[0]


def _split_in_two(text: str) -> Iterator[tuple[str, str]]:
    for at, char in enumerate(text):
        if char in " t":
            left, right = text[:at], text[at + 1 :]
        elif char in "日号":
            left, right = text[: at + 1], text[at + 1 :]
        else:
            continue
        left, right = left.strip(", "), right.strip(", ")
        left = left.removesuffix(" at").removesuffix(" on").strip(", ")
        yield left, right.removeprefix("at ").removeprefix("on ").strip(", ")


def _same(expected: object, given: object) -> bool:
    return expected == given


def _answer_time(reference: str) -> str:
    return reference.partition("(12h)")[0].strip()


VERIFIERS: Mapping[str, Verifier] = MappingProxyType(
    {
        "date": make_verifier("date", read_date, _same),
        "time": make_judge(
            "time", read_reference=_read_clock, read_answer=read_time, judge=_judge_time
        ),
        "datetime": make_verifier("datetime", _read_datetime, _same),
        **duration.VERIFIERS,
    }
)
CANONICAL_ANSWERS = MappingProxyType({"time": _answer_time, **duration.CANONICAL_ANSWERS})
"""Verifier -> the answer that a reference stands for; others answer with the reference itself."""
