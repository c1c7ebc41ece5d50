"""Quantities and percentages: conversions re-derived by hand, near misses, hostile answers."""

import random
from fractions import Fraction

import pytest

from data_synth.verify import Reason
from data_synth.verify.numerals import parse_chinese_number, parse_multiplier
from data_synth.verify.quantity import CANONICAL_ANSWERS, VERIFIERS
from data_synth.verify.units import find_unit

quantity, percent = VERIFIERS["quantity"], VERIFIERS["percent"]

# fmt: off
# (reference, answer), equal whichever side is the reference.
EQUAL = [
    ("5 m", "500 cm"), ("5 m", "5m"), ("5 m", "5 metres"), ("5 m", "0.005 km"), ("5 m", "5米"),
    ("5 m", "五米"), ("5 m", r"5\,\text{m}"), ("5 m", r"$5 \mathrm{m}$"), ("20 m/s", "72 km/h"),
    ("20 m/s", r"20 \frac{m}{s}"), ("20 m/s", "20 m s^{-1}"), ("20 m/s", "20 meters per second"),
    ("20 m/s", r"20 m\cdot s^{-1}"), ("20 m/s", "20米每秒"), ("20 m/s", "20米/秒"),
    ("20 m/s", "72公里每小时"), ("20 m/s", "72 km per hour"), ("9.81 m/s^2", "981 cm/s\u00b2"),
    ("9.81 m/s^2", r"9.81\,\text{m/s}^2"), ("9.81 m/s^2", "9.81 m/s/s"),
    ("9.81 m/s^2", "9.81 meters per second squared"), ("12 cm^2", "0.0012 m^2"),
    ("12 cm^2", "12 square centimetres"), ("12 cm^2", "12 cm2"), ("12 cm^2", "12平方厘米"),
    ("12 cm^2", "12 sq cm"), ("12 cm^2", "12\u33a0"), ("12 cm^3", "12 mL"), ("12 cm^3", "0.012 L"),
    ("12 cm^3", "12立方厘米"), ("20 \u00b0C", "68 \u00b0F"), ("20 \u00b0C", "293.15 K"),
    ("20 \u00b0C", "20\u2103"), ("20 \u00b0C", r"20^\circ C"),
    ("20 \u00b0C", r"20^{\circ}\mathrm{C}"), ("20 \u00b0C", "20摄氏度"),
    ("20 \u00b0C", "20 degrees Celsius"), ("-40 \u00b0C", "-40 \u00b0F"),
    ("90\u00b0", "90 degrees"), ("90\u00b0", r"90^\circ"), ("90\u00b0", r"\pi/2 rad"),
    ("90\u00b0", r"\frac{\pi}{2}\text{ rad}"), ("30.25\u00b0", "30\u00b015'"),
    ("180\u00b0", "\u03c0 rad"), ("0\u00b0", "0 rad"), ("1 rev", "360\u00b0"),
    ("60 rpm", "360 deg/s"), ("5 ft 3 in", "63 in"), ("5 ft 3 in", "5'3\""),
    ("5 ft 3 in", "160.02 cm"), ("1.5 h", "1 h 30 min"), ("1.5 h", "1 hour and 30 minutes"),
    ("1.5 h", "1小时30分"), ("1.5 h", "1h30min"), ("3.05 元", "3元5分"), ("35000 元", "3.5万元"),
    ("$5", "5 dollars"), ("$5", r"\$5"), ("$5", "5 USD"), ("-$5", "$-5"), ("$5", "500 cents"),
    ("10 million m", "10^7 m"), ("10 million m", "1e7 m"), ("10 million m", r"1 \times 10^7 m"),
    ("10 million m", "1000万米"), ("6.02e23 mol^-1", r"6.02 \times 10^{23} /mol"),
    ("1.5 in", "1 1/2 in"), ("1.5 in", "1\u00bd inches"), ("1.5 in", r"1\frac{1}{2} in"),
    ("1 kB", "1000 bytes"), ("1 KiB", "1024 B"), ("8 kbit", "1 kB"), ("8 Mbps", "1 MB/s"),
    ("1 kWh", "3.6 MJ"), ("1 kWh", "3600 kJ"), ("1 N", "1 kg m/s^2"), ("1 J", "1 N m"),
    ("1 W", "1 V A"), ("1 \u03a9", r"1 \Omega"), ("1 k\u03a9", r"1 k\Omega"),
    ("5 \u03bcm", r"5 \mu m"), ("5 \u00b5m", "5 um"),
    ("4.18 J/(g*K)", "4.18 \\frac{J}{g\\cdot\\text{\u00b0}C}"), ("1 bar", "100 kPa"),
    ("760 Torr", "1 atm"), ("1000 m", r"1\,000 m"), ("1000 m", "1{,}000 m"), ("2 两", "100 g"),
    ("两米", "2 m"), ("50%", "50 percent"), ("3.5", "7/2"), ("1 year", "12 months"),
]
DIFFERENT = [
    ("5 m", "5 cm"), ("5 cm", "5 m"), ("12 cm^2", "12 cm^3"), ("12 cm^2", "12 cm"), ("5", "5 m"),
    ("5", "5%"), ("5 m", "6 m"), ("5 m", "-5 m"), ("5 mW", "5 MW"), ("1 kB", "1 kb"),
    ("1 MB", "1 MiB"), ("$5", "\u20ac5"), ("$5", "\u00a55"), ("100 \u20ac", "100 \u00a3"),
    ("20 \u00b0C", "20\u00b0"), ("20 \u00b0C", "20 C"), ("20 \u00b0C", "20 K"),
    ("90\u00b0", "90 rad"), ("5 m", "5 m or 6 m"), ("5 m", "5 m 6 m"), ("5 m", "m"), ("5 m", "5 M"),
    ("5 m", "= 5 m"), ("5 m", "x = 5 m"), ("5 m", "about 5 m"), ("5 m", "5 6 m"), ("5 m", "5 m m"),
    ("5 m", "5 +- 1 m"), ("5 m", r"5 \pm 1 m"), ("5 m", "[4 m, 6 m]"), ("5 m", "2+3 m"),
    ("5 m", "10/2/1 m"), ("1 mile", "1.61 km"), ("4.18 J/(g*K)", "4.18 J/g K"),
    ("9.81 m/s^2", r"\text{9.81 m/s}"), ("9.81 m/s^2", "9.81 (m/s)^2"), ("1 ft", "1 in 11 in"),
    ("1 month", "30 days"), ("1 year", "365 days"), ("180\u00b0", "3.14159265358979 rad"),
    ("50%", "0.5"), ("50%", "50"), ("50%", "50 pp"), ("5 Hz", "5 rad/s"), ("35005 米", "三万五米"),
    ("30005 米", "三万五米"), ("5 m", "\u0435 m"), ("5 km", "5 \u043am"),
    ("100000000 m", "100000001 m"),
]
# fmt: on
UNREADABLE = [
    "5e99999999 m",
    "9**9**9 m",
    "10^{10^{10}} m",
    "5 m^99999",
    "5 m^{2^2}",
    "5 m^1.5",
    "1/0 m",
    "\u221e m",
    "nan m",
    "inf m",
    "5 m\u200b",
    "5 \u202em",
    "m" * 1_000_000,
    "(" * 1_999,
    "5 " * 900,
    "5 " + "m*" * 900,
    r"\frac{" * 400,
    "5 m/s}",
    "5 {m",
    "5 m^",
    "5 \\unknown m",
    "\u00bd\u00bd m",
    "5 " + "(" * 9 + "m" + ")" * 9,
    "^" * 1_999,
    "5 'm'",
    "5 m/",
    "5 m/(s",
    "0x10 m",
    "5_0 m",
    "",
]  # fmt: skip


@pytest.mark.parametrize(("reference", "answer"), EQUAL)
def test_equal_quantities(reference: str, answer: str) -> None:
    for expected, given in ((reference, answer), (answer, reference)):
        verdict = quantity(expected, given)
        assert verdict.correct and verdict.reason == Reason.EQUAL, (expected, given)


@pytest.mark.parametrize(("reference", "answer"), DIFFERENT)
def test_different_quantities(reference: str, answer: str) -> None:
    assert not quantity(reference, answer).correct


@pytest.mark.parametrize("answer", UNREADABLE)
def test_unreadable_answers_are_wrong_and_never_raise(answer: str) -> None:
    verdict = quantity("5 m", answer)
    assert not verdict.correct and verdict.reason not in (Reason.DIFFERENT, Reason.UNSURE)


@pytest.mark.parametrize("reference", ["", "m", "5 +- m", "5 m +- 0.1 s", "5 +- -1", "5 flurb"])
def test_unreadable_references_raise(reference: str) -> None:
    with pytest.raises(ValueError, match="cannot read the reference"):
        quantity(reference, "5 m")


@pytest.mark.parametrize(
    ("reference", "low", "high", "outside"),
    [
        (r"9.8 \pm 0.05 m/s^2", "9.75 m/s^2", "985 cm/s^2", "9.851"),
        ("(9.8 \u00b1 0.05) m/s^2", "9.75", "9.85", "9.749"),
        ("9.8 m/s^2 +- 0.05", "9.75", "9.85", "9.749"),
        ("120 km/h +- 2%", "117.6 km/h", "34 m/s", "122.41 km/h"),  # 34 m/s = 122.4 km/h
        ("3 m +- 5 cm", "295 cm", "3.05", "2.949"),
        ("20 \u00b0C +- 0.5", "67.1 \u00b0F", "293.65 K", "20.51"),  # 19.5 C = 67.1 F
        ("3.5 +- 0.1", "3.4", "18/5", "3.61"),
        ("180\u00b0 +- 1\u00b0", "3.13 rad", "3.15 rad", "3.16 rad"),  # 1 degree = 0.01745 rad
        ("-5 V +- 10%", "-5.5 V", "-4.5 V", "-4.4"),
    ],
)
def test_tolerance_includes_its_ends(reference: str, low: str, high: str, outside: str) -> None:
    assert quantity(reference, low).reason == quantity(reference, high).reason == Reason.CLOSE
    assert quantity(reference, outside).reason == Reason.DIFFERENT


def test_a_bare_number_takes_the_unit_of_the_reference_alone() -> None:
    assert quantity("5 cm", "5").correct
    assert not quantity("5", "5 cm").correct
    assert not quantity("5 cm", "0.05").correct
    assert not quantity("5 ft 3 in", "63").correct
    assert quantity("90\u00b0", r"\frac{\pi}{2}").correct  # a multiple of pi is in radians
    assert quantity("90\u00b0", "90").correct


def test_pi_is_no_rational_number() -> None:
    digits = "3141592653589793238462643383279502884197169399375105820974944592"
    assert not quantity(r"\pi rad", f"{digits}/1{'0' * 63} rad").correct


def test_factors_agree_with_independent_definitions() -> None:
    # (unit, value in SI): definitions from the SI brochure and the 1959 agreement, in other terms.
    inch = Fraction(254, 10_000)
    pound, gravity = Fraction("0.45359237"), Fraction("9.80665")
    for name, value in {
        "ft": 12 * inch, "yd": 36 * inch, "mi": 63_360 * inch, "acre": 43_560 * (12 * inch) ** 2,
        "gal": 231 * inch**3, "qt": 231 * inch**3 / 4, "fl oz": 231 * inch**3 / 128,
        "cup": 231 * inch**3 / 16, "tbsp": 231 * inch**3 / 256, "tsp": 231 * inch**3 / 768,
        "oz": pound / 16, "stone": 14 * pound, "short ton": 2000 * pound, "long ton": 2240 * pound,
        "lbf": pound * gravity, "psi": pound * gravity / inch**2, "kgf": gravity,
        "torr": Fraction(101_325, 760), "mph": 63_360 * inch / 3600, "kn": Fraction(1852, 3600),
        "hp": 550 * 12 * inch * pound * gravity, "kcal": Fraction(4184), "kWh": Fraction(3_600_000),
        "ly": Fraction(299_792_458) * 86_400 * 36_525 / 100, "Da": Fraction("1.66053906660e-27"),
        "week": Fraction(7 * 24 * 60 * 60), "MiB": Fraction(8 * 1024 * 1024),
        "rpm": Fraction(2, 60),
        "\u00b0F": Fraction(5, 9), "pc": 149_597_870_700 * Fraction(648_000),
        "亩": Fraction(10_000, 15),
    }.items():  # fmt: skip
        unit = find_unit(name)
        assert unit is not None and unit.factor == value, name


def test_random_conversions_agree_with_arithmetic_of_their_own() -> None:
    rng = random.Random(5)
    lengths = {"mm": "0.001", "cm": "0.01", "m": "1", "km": "1000", "in": "0.0254", "yd": "0.9144"}
    times = {"s": "1", "min": "60", "h": "3600", "day": "86400", "ms": "0.001"}
    for _ in range(80):
        (length, size), (other, other_size) = rng.sample(sorted(lengths.items()), 2)
        (time, span), (other_time, other_span) = rng.sample(sorted(times.items()), 2)
        value = Fraction(rng.randint(-10_000, 10_000), rng.randint(1, 99))
        power = rng.randint(1, 3)
        factor = (Fraction(size) / Fraction(other_size)) ** power * (
            Fraction(other_span) / Fraction(span)
        )
        reference = f"{value} {length}^{power}/{time}"
        converted = value * factor
        assert quantity(reference, f"{converted} {other}^{{{power}}} {other_time}^-1").correct
        assert quantity(f"{converted} {other}^{power}/{other_time}", reference).correct
        assert not quantity(reference, f"{converted + factor} {other}^{power}/{other_time}").correct


def test_blanks_and_wrappers_do_not_count() -> None:
    rng = random.Random(6)
    for reference, answer in EQUAL[:60]:
        padded = " " * rng.randint(0, 3) + answer.replace(" ", " " * rng.randint(1, 3)) + "\n"
        assert quantity(reference, padded).correct
        assert quantity(reference, f"{answer}.").correct


def test_percent_policies() -> None:
    for answer in ("37.5%", r"37.5 \%", "37.5 percent", "百分之37.5", "百分之三十七点五", "75/2 %"):
        assert percent("37.5%", answer).reason == Reason.EQUAL
        assert percent("37.5% (bare)", answer).correct
        assert percent("37.5% (ratio)", answer).correct
    for answer in (
        "37.5",
        "0.375",
        "3/8",
        "3750%",
        "0.375%",
        "-37.5%",
        "37.5%%",
        "37.5 or 38%",
        "",
    ):
        assert not percent("37.5%", answer).correct
    assert percent("37.5% (bare)", "37.5").correct
    assert not percent("37.5% (bare)", "0.375").correct
    for answer in ("0.375", "3/8", r"\frac{3}{8}", ".375"):
        assert percent("37.5% (ratio)", answer).correct
    assert not percent("37.5% (ratio)", "37.5").correct
    assert percent("37.5% +- 0.5", "38%").reason == Reason.CLOSE
    assert not percent("37.5% +- 0.5", "38.01%").correct
    for reference in ("37.5", "37.5% +- 1%", "", "%", "37.5% (bare) (ratio)"):
        with pytest.raises(ValueError, match="cannot read the reference"):
            percent(reference, "37.5%")


def test_canonical_answers_are_right() -> None:
    for reference in (
        r"9.8 \pm 0.05 m/s^2",
        "9.8 m +- 2%",
        "3.5 +- 0.1",
        "5 ft 3 in",
        "9 m +- 5 cm",
    ):
        answer = CANONICAL_ANSWERS["quantity"](reference)
        assert "+" not in answer and "pm" not in answer
        assert quantity(reference, answer).reason == Reason.EQUAL
    assert CANONICAL_ANSWERS["quantity"](r"9.8 \pm 0.05 m/s^2") == "9.8 m/s^2"
    assert CANONICAL_ANSWERS["percent"]("37.5% +- 0.5 (bare)") == "37.5%"


def test_chinese_numerals() -> None:
    values = {
        "三": 3, "十": 10, "十五": 15, "二十五": 25, "一百零五": 105, "一百一十": 110,
        "两千零五": 2005,
        "三万五千": 35_000, "三万零五": 30_005, "一亿零五": 100_000_005, "二\u3007二四": 2024,
        "零": 0,
        "三点五": Fraction(7, 2), "九千九百九十九万": 99_990_000,
    }  # fmt: skip
    assert {text: parse_chinese_number(text) for text in values} == values
    for text in (
        "",
        "三百五",
        "三万五",
        "十十",
        "百",
        "一百二百",
        "三点",
        "点五",
        "三点十",
        "零" * 41,
        "3",
    ):
        assert parse_chinese_number(text) is None, text
    assert [parse_multiplier(text) for text in ("万", "百万", "千亿", "万十", "万万", "三")] == [
        10**4, 10**6, 10**11, None, None, None,
    ]  # fmt: skip
