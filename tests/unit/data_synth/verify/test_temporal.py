"""Dates, times and durations: equal forms, ambiguous ones, hostile answers."""

import datetime
import random

import pytest

from data_synth.verify import Reason
from data_synth.verify.temporal import CANONICAL_ANSWERS, VERIFIERS

# fmt: off
EQUAL = {
    "date": [
        ("2024-03-03", "3 March 2024"), ("2024-03-03", "March 3rd, 2024"),
        ("2024-03-03", "3/3/2024"), ("2024-03-03", "2024/3/3"), ("2024-03-03", "03.03.2024"),
        ("2024-03-03", "2024年3月3日"), ("2024-03-03", "二\u3007二四年三月三日"),
        ("2024-03-03", "Sunday, March 3, 2024"), ("2024-03-03", "2024年3月3日\uff08星期日\uff09"),
        ("2024-03-03", "2024年3月3号 周日"), ("2024-03-03", "the 3rd of March 2024"),
        ("2024-03-03", "Sun 3 Mar 2024"), ("2024-03-03", r"\text{March 3, 2024}"),
        ("2024-12-25", "25/12/2024"), ("2024-12-25", "12/25/2024"), ("2024-03", "March 2024"),
        ("2024-03", "2024年3月"), ("2024-03", "03/2024"), ("March 3", "3月3日"),
        ("March 3", "3rd March"), ("2024-02-29", "Feb. 29, 2024"), ("February 29", "29 February"),
        ("2000-02-29", "29/2/2000"),
    ],
    "time": [
        ("15:30", "3:30 pm"), ("15:30", "3:30 p.m."), ("15:30", "3:30PM"), ("15:30", "下午3点半"),
        ("15:30", "下午三点三十分"), ("15:30", "15点30分"), ("15:30", "下午3:30"),
        ("15:30", "15:30:00"), ("15:30", "half past three in the afternoon"),
        ("15:30", "3\uff1a30 pm"), ("03:30", "三点半"), ("03:30", "half past three"),
        ("03:30", "凌晨三点半"), ("12:00", "noon"), ("12:00", "12 pm"), ("00:00", "midnight"),
        ("00:00", "12 am"), ("00:30", "12:30 am"), ("12:30", "12:30 pm"),
        ("12:45", "quarter to one pm"), ("15:45", "下午三点三刻"), ("15:00", "3 pm"),
        ("15:00", "下午3点整"), ("13:00", "中午1点"), ("12:00", "中午12点"),
        ("21:05", "晚上九点零五分"), ("15:30", "下午15:30"), ("9:00", "nine o'clock"),
        ("9:10", "ten past nine"), ("8:35", "twenty-five to nine"), ("9:05:07", "9点5分7秒"),
    ],
    "datetime": [
        ("2024-03-03T15:30", "March 3, 2024, 3:30 pm"), ("2024-03-03T15:30", "2024-03-03 15:30"),
        ("2024-03-03T15:30", "3:30 pm on March 3, 2024"),
        ("2024-03-03T15:30", "2024-03-03 15:30:00"),
        ("2024-03-03T15:30", "Sunday, 3 March 2024 at 15:30"),
        ("2024-03-03T15:30", "2024年3月3日下午3点半"),
        ("2024-03-03T00:00", "3 March 2024, midnight"),
    ],
    "duration": [
        ("90 min", "1 h 30 min"), ("90 min", "1.5 hours"), ("90 min", "1h30m"),
        ("90 min", "1:30:00"), ("90 min", "1小时30分钟"), ("90 min", "一个半小时"),
        ("90 min", "1小时半"), ("90 min", "5,400 s"), ("90 min", "an hour and a half"),
        ("90 min", "one and a half hours"), ("90 min", "PT1H30M"),
        ("90 min", "1 hour and 30 minutes"), ("90 min", "1 1/2 hours"), ("30 min", "half an hour"),
        ("30 min", "半小时"), ("30 min", "半个小时"), ("2 h", "两个小时"), ("2 h", "two hours"),
        ("1 year", "12 months"), ("2 weeks", "14 days"), ("45 min", "三刻钟"), ("1 day", "24小时"),
        ("3 months", "三个月"), ("2.5 h", "two and a half hours"), ("1500 ms", "1.5 s"),
    ],
}
DIFFERENT = {
    "date": [
        ("2024-03-04", "3/4/2024"), ("2024-03-04", "4/3/2024"), ("2024-03-03", "2024-03-04"),
        ("2024-03-03", "Monday, March 3, 2024"), ("2024-03-03", "2024年3月3日 周一"),
        ("2024-03-03", "March 3"), ("March 3", "2024-03-03"), ("2024-03-03", "2024-03"),
        ("2024-03-03", "2024-03-03 or 2024-03-04"), ("2024-03-03", "2023-02-29"),
        ("2024-03-03", "3/3/24"), ("2024-03-03", "20240303"), ("2024-03-03", "2024-03-03-01"),
        ("2024-03-03", "33 March 2024"), ("2024-03-03", "March 3 3 2024"),
        ("March 3", "Sunday, March 3"), ("2024-03-03", "0/3/2024"), ("2024-03-03", "2024"),
        ("2024-03-03", "3st"), ("2024-03-03", "\u0663-3-2024"),
    ],
    "time": [
        ("15:30", "3:30"), ("15:30", "15:31"), ("15:30", "25:30"), ("15:30", "15:60"),
        ("15:30", "13:30 pm"), ("15:30", "0:30 pm"), ("03:00", "3"), ("15:30", "3:30 pm or 4 pm"),
        ("12:00", "midnight"), ("15:30", "spam"), ("15:30", "15.30"), ("15:30", "上午3点半"),
        ("15:30", "下午3点60分"), ("15:30", "15:30 UTC"), ("15:00", "3 o'clock"), ("15:30", "pm"),
        ("12:50", "0:50 pm"), ("00:00", "24:00"),
    ],
    "datetime": [
        ("2024-03-03T15:30", "2024-03-03"), ("2024-03-03T15:30", "15:30"),
        ("2024-03-03T15:30", "2024-03-03 15:31"), ("2024-03-03T15:30", "March 3 15:30"),
        ("2024-03-04T15:30", "3/4/2024 15:30"), ("2024-03-03T15:30", "2024-03-03T15:30T15:30"),
    ],
    "duration": [
        ("90 min", "1:30"), ("90 min", "9"), ("90 min", "1 h 30"), ("90 min", "90 m/s"),
        ("90 min", "90 km"), ("1 month", "30 days"), ("1 month", "720 h"), ("90 min", "1.5"),
        ("90 min", "about 90 minutes"), ("90 min", "an hour and a half and a half"),
        ("90 min", "90 min or 2 h"), ("90 min", "1:30:60"), ("90 min", "::"), ("1 month", "P1M"),
    ],
}
# fmt: on
HOSTILE = (
    "",
    " ",
    "9" * 1_000_000,
    ":" * 1_999,
    "年" * 1_999,
    "2024-" * 399,
    "点" * 80,
    "半" * 80,
    "1 h " * 29,
    "9" * 79,
    "\u202e2024-03-03",
    "2024\u200b-03-03",
    "99999999999999-1-1",
    "1e99999 s",
    "0000-00-00",
    "9" * 60 + ":00:00",
    "P" + "T" * 80,
    "and a half " * 10,
    "下午" * 39,
    " t" * 40,
    "日" * 80,
    "星期" * 40,
    "+1:30",
    "-1:30",
    "1_0:30",
    "--",
    "//",
    "3\u00bd:30",
    "(" * 80,
    "\\frac{1}{0} h",
)  # fmt: skip
REFERENCES = {"date": "2024-03-03", "time": "15:30", "datetime": "2024-03-03T15:30"}


@pytest.mark.parametrize("name", EQUAL)
def test_equal_whichever_side_is_the_reference(name: str) -> None:
    for reference, answer in EQUAL[name]:
        assert VERIFIERS[name](reference, answer).correct, (reference, answer)
        assert VERIFIERS[name](answer, reference).correct, (answer, reference)


@pytest.mark.parametrize("name", DIFFERENT)
def test_different(name: str) -> None:
    for reference, answer in DIFFERENT[name]:
        assert not VERIFIERS[name](reference, answer).correct, (reference, answer)


@pytest.mark.parametrize("name", VERIFIERS)
def test_hostile_answers_are_wrong_and_never_raise(name: str) -> None:
    for answer in HOSTILE:
        assert not VERIFIERS[name](REFERENCES.get(name, "90 min"), answer).correct, answer[:40]


@pytest.mark.parametrize(
    ("name", "reference"),
    [("date", "3/4/2024"), ("date", "2023-02-29"), ("time", "25:00"), ("datetime", "March 3 3 pm"),
     ("duration", "90"), ("duration", "1:30"), ("duration", "5 m/s"), ("duration", "1:30:00 (xx)")],
)  # fmt: skip
def test_unreadable_references_raise(name: str, reference: str) -> None:
    with pytest.raises(ValueError, match="cannot read the reference"):
        VERIFIERS[name](reference, "noon")


def test_twelve_hour_dial() -> None:
    time = VERIFIERS["time"]
    for answer in ("3:30", "15:30", "3:30 am", "half past three", "三点半"):
        assert time("3:30 (12h)", answer).correct
    assert not time("3:30 (12h)", "9:30").correct
    assert not time("3:30 (12h)", "6:30").correct


def test_two_fields_are_a_duration_only_after_a_flag() -> None:
    duration = VERIFIERS["duration"]
    assert duration("90 min (h:mm)", "1:30").correct
    assert duration("90 s (m:ss)", "1:30").correct
    assert duration("1:30 (m:ss)", "90 s").correct
    assert not duration("90 min (m:ss)", "1:30").correct
    assert duration("90 min", "1:30").reason == Reason.WRONG_TYPE
    assert duration("90 min", "90").correct
    assert not duration("1:30 (h:mm)", "90").correct


def test_every_form_of_random_days_is_read_back() -> None:
    rng = random.Random(3)
    for _ in range(80):
        day = datetime.date(rng.randint(1800, 2200), 1, 1) + datetime.timedelta(rng.randrange(365))
        other = day + datetime.timedelta(rng.choice((-1, 1, 31, 366)))
        for form in ("%d %B %Y", "%B %d, %Y", "%A, %d %b %Y", "%Y/%m/%d", "%Y年%m月%d日"):
            assert VERIFIERS["date"](day.isoformat(), day.strftime(form)).correct
            assert not VERIFIERS["date"](day.isoformat(), other.strftime(form)).correct


def test_every_minute_of_a_day_in_both_clocks() -> None:
    for minute in range(0, 24 * 60, 7):
        moment = datetime.time(minute // 60, minute % 60)
        for form in ("%I:%M %p", "%I:%M%p", "%H点%M分"):
            assert VERIFIERS["time"](moment.isoformat("minutes"), moment.strftime(form)).correct


def test_canonical_answers_are_right() -> None:
    for name, reference in (("time", "3:30 (12h)"), ("duration", "90 min (h:mm)")):
        answer = CANONICAL_ANSWERS[name](reference)
        assert "(" not in answer and VERIFIERS[name](reference, answer).correct
