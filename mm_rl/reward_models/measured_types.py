"""Answer types beyond numbers and lists: times, quantities, expressions, intervals, dates.

As in `answer_types`; together they are `ANSWER_TYPES`.
"""

import random
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from mm_rl.reward_models.answer_types import (
    BASIC_TYPES,
    AnswerType,
    Part,
    Written,
    number_text,
)

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _one(shown: str, normal: str) -> Written:
    return Written(text=shown, parts=(Part(shown=shown, normal=normal),))


class _Time(AnswerType):
    """Times of day in minutes after midnight: 14:05, 2:05 pm."""

    name, verifier = "time", "time"

    def pose(self, rng: random.Random, *, held_out: bool) -> tuple[str, int]:
        question = rng.choice(("What time does the clock show?", "When does the bus leave?"))
        return question, 60 * rng.randrange(24) + 5 * rng.randrange(12)

    def write(self, value: int, rng: random.Random) -> Written:
        hour, minute = divmod(value, 60)
        normal = f"{hour:02}:{minute:02}"
        half = "am" if hour < 12 else "pm"
        clock = f"{(hour - 1) % 12 + 1}:{minute:02}"
        forms = (normal, f"{clock} {half}", f"{clock} {half.upper()}", f"{clock}{half}")
        return _one(rng.choice(forms), normal)

    def reference(self, value: int, rng: random.Random) -> Written:
        normal = f"{value // 60:02}:{value % 60:02}"
        return _one(normal, normal)

    def miss(self, value: int, rng: random.Random) -> int:
        return (value + rng.choice((720, 60, -60, 10, -10, 5, -5, 1))) % 1440


class _Duration(AnswerType):
    """Lengths of time in minutes: 2 h 5 min, 125 min."""

    name, verifier = "duration", "duration"

    def pose(self, rng: random.Random, *, held_out: bool) -> tuple[str, int]:
        return "How much time passes between the two clocks?", 5 * rng.randint(13, 47)

    def write(self, value: int, rng: random.Random) -> Written:
        hours, minutes = divmod(value, 60)
        normal = f"{hours} h {minutes} min"
        long = f"{hours} hours {minutes} minutes"
        return _one(rng.choice((normal, long, f"{value} min", f"{value} minutes")), normal)

    def reference(self, value: int, rng: random.Random) -> Written:
        normal = f"{value // 60} h {value % 60} min"
        return _one(normal, normal)

    def miss(self, value: int, rng: random.Random) -> int:
        return value + rng.choice((60, -60, 40, -40, 10, -10, 5, -5, 1))


class _Quantity(AnswerType):
    """Lengths in centimetres or masses in grams: 1.5 m, 150 cm."""

    name, verifier = "quantity", "quantity"

    def pose(self, rng: random.Random, *, held_out: bool) -> tuple[str, tuple[int, str]]:
        unit = rng.choice(("cm", "g"))
        question = "How long is the rod?" if unit == "cm" else "How heavy is the weight?"
        return question, (rng.randint(1, 60) * (10 if unit == "cm" else 100), unit)

    def write(self, value: tuple[int, str], rng: random.Random) -> Written:
        amount, unit = value
        normal = f"{amount} {unit}"
        large, factor = ("m", 100) if unit == "cm" else ("kg", 1000)
        in_large = f"{number_text(Fraction(amount, factor))} {large}"
        forms = [normal, normal.replace(" ", ""), in_large, in_large.replace(" ", "")]
        if unit == "cm":
            forms += [f"{10 * amount} mm"]
        return _one(rng.choice(forms), normal)

    def miss(self, value: tuple[int, str], rng: random.Random) -> tuple[int, str]:
        amount, unit = value
        step = 10 if unit == "cm" else 100
        candidates = {amount * 10, amount + step, amount - step, amount + step // 10, 10 * step}
        return rng.choice(sorted(candidates - {amount, 0})), unit


_Quadratic: TypeAlias = tuple[int, int]


class _Expression(AnswerType):
    """Quadratics (x+a)(x+b) as the pair (a, b): factored, expanded, reordered."""

    name, verifier = "expression", "math"

    def pose(self, rng: random.Random, *, held_out: bool) -> tuple[str, _Quadratic]:
        question = rng.choice(
            ("Give the number of dots at stage x.", "Give the area in terms of x.")
        )
        return question, (rng.randint(-4, 5), rng.randint(-4, 5))

    def write(self, value: _Quadratic, rng: random.Random) -> Written:
        low, high = sorted(value)
        linear, constant = low + high, low * high
        normal = "x^2" + _term(linear, "x") + _term(constant, "")
        forms = [normal, f"{_factor(low)}{_factor(high)}", f"{_factor(high)}{_factor(low)}"]
        forms.append(normal.replace("^2", "^{2}"))
        if linear and constant:
            forms.append((_term(constant, "") + _term(linear, "x") + "+x^2").removeprefix("+"))
        return _one(rng.choice(forms), normal)

    def miss(self, value: _Quadratic, rng: random.Random) -> _Quadratic:
        low, high = value
        ways = ((-low, -high), (low, -high), (low + 1, high), (low, high - 1), (low - 1, high + 1))
        return rng.choice([way for way in ways if sorted(way) != sorted(value)])


def _term(factor: int, variable: str) -> str:
    if factor == 0:
        return ""
    digits = "" if variable and abs(factor) == 1 else str(abs(factor))
    return ("+" if factor > 0 else "-") + digits + variable


def _factor(shift: int) -> str:
    return "x" if shift == 0 else f"(x{_term(shift, '')})"


_Interval_: TypeAlias = tuple[str, int, int, str]


class _Interval(AnswerType):
    """Intervals with open and closed ends: [2,5), 2 <= x < 5."""

    name, verifier = "interval", "math"

    def pose(self, rng: random.Random, *, held_out: bool) -> tuple[str, _Interval_]:
        low = rng.randint(-9, 9)
        value = (rng.choice("[("), low, low + rng.randint(1, 9), rng.choice("])"))
        return "For which x is the graph below the axis?", value

    def write(self, value: _Interval_, rng: random.Random) -> Written:
        opening, low, high, closing = value
        parts = (f"{opening}{low}", f"{high}{closing}")
        forms = (
            ",".join(parts),
            ", ".join(parts),
            f"x\\in {parts[0]},{parts[1]}",
            f"\\left{parts[0]},{high}\\right{closing}",
        )
        return Written(
            text=rng.choice(forms), parts=tuple(Part(shown=part, normal=part) for part in parts)
        )

    def miss(self, value: _Interval_, rng: random.Random) -> _Interval_:
        opening, low, high, closing = value
        ways = (
            ("(" if opening == "[" else "[", low, high, closing),
            (opening, low, high, ")" if closing == "]" else "]"),
            (opening, low - 1, high, closing),
            (opening, low, high + 1, closing),
            (opening, low - 2, high + 2, closing),
        )
        return rng.choice(ways)


_Date_: TypeAlias = tuple[int, int, int]


class _Date(AnswerType):
    """Dates: 2024-03-05, 5 March 2024, March 5, 2024."""

    name, verifier = "date", "date"

    def pose(self, rng: random.Random, *, held_out: bool) -> tuple[str, _Date_]:
        day = (rng.randint(1980, 2029), rng.randint(1, 12), rng.randint(1, 28))
        return "Which date does the calendar show?", day

    def write(self, value: _Date_, rng: random.Random) -> Written:
        year, month, day = value
        normal, name = f"{year}-{month:02}-{day:02}", _MONTHS[month - 1]
        forms = (
            normal,
            f"{day} {name} {year}",
            f"{name} {day}, {year}",
            f"{name[:3]} {day}, {year}",
        )
        return _one(rng.choice(forms), normal)

    def reference(self, value: _Date_, rng: random.Random) -> Written:
        year, month, day = value
        normal = f"{year}-{month:02}-{day:02}"
        return _one(normal, normal)

    def miss(self, value: _Date_, rng: random.Random) -> _Date_:
        year, month, day = value
        ways = [(year + 1, month, day), (year - 10, month, day), (year, month % 12 + 1, day)]
        ways += [(year, month, day % 28 + 1)]
        if day <= 12 and day != month:
            ways.append((year, day, month))
        return rng.choice(ways)


ANSWER_TYPES: Mapping[str, AnswerType] = MappingProxyType(
    {
        **BASIC_TYPES,
        **{
            each.name: each
            for each in (_Time(), _Duration(), _Quantity(), _Expression(), _Interval(), _Date())
        },
    }
)
"""Every answer type by name."""
