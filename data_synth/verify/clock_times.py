"""Times of day in figures, words and Chinese; the syntax is described in `temporal`."""

from data_synth.verify.numerals import COUNTING_WORDS, NUMERAL_CHARS
from data_synth.verify.temporal_text import bound_text, read_count, read_digits, wrong_type

HALF_DAY, DAY = 12 * 3600, 24 * 3600
_NUMBER_WORDS = {word: value for value, word in enumerate(COUNTING_WORDS, start=1)}
_MINUTE_WORDS = _NUMBER_WORDS | {
    "quarter": 15, "half": 30, "twenty": 20, "twenty-five": 25, "twenty five": 25,
}  # fmt: skip
_DAY_PARTS = {
    "in the morning": "am", "in the afternoon": "pm", "in the evening": "pm", "at night": "pm",
    "a.m.": "am", "p.m.": "pm", "a.m": "am", "p.m": "pm", "am": "am", "pm": "pm",
}  # fmt: skip
_CHINESE_DAY_PARTS = {
    "上午": ("am", 1, 11), "早上": ("am", 1, 11), "早晨": ("am", 1, 11), "凌晨": ("am", 0, 6),
    "中午": ("noon", 11, 14), "下午": ("pm", 1, 12), "傍晚": ("pm", 4, 8), "晚上": ("pm", 5, 11),
}  # fmt: skip


def read_time(text: str) -> int:
    """Seconds after midnight."""
    text = bound_text(text)
    for mark in ("点", "點", "时"):
        hour, found, rest = text.partition(mark)
        if found:
            return _read_chinese_time(hour, rest)
    for part, (half, low, high) in _CHINESE_DAY_PARTS.items():
        if text.startswith(part):
            hour_seconds = _read_fields(text[len(part) :].strip())
            hour_number, within = divmod(hour_seconds, 3600)
            return _apply_chinese_half(half, low, high, hour_number) * 3600 + within
    if text in ("noon", "12 noon", "12:00 noon", "midday"):
        return HALF_DAY
    if text in ("midnight", "12 midnight", "12:00 midnight"):
        return 0
    return _read_western_time(text)


def _read_western_time(text: str) -> int:
    half = ""
    for part, meaning in _DAY_PARTS.items():
        before = text.removesuffix(part)
        if before != text and (before[-1:].isdigit() or before.endswith(" ")):
            text, half = before.strip(), meaning
            break
    exact_hour = text.removesuffix("o'clock").removesuffix("o\u2019clock").strip()
    for joint, sign in ((" past ", 1), (" to ", -1)):
        minutes, found, hour = exact_hour.partition(joint)
        if found:
            return _read_phrase(minutes, hour, sign, half)
    if exact_hour != text or half:
        number = _NUMBER_WORDS.get(exact_hour, read_digits(exact_hour, 2))
        if number is not None:
            return _apply_half(number * 3600, half)
    seconds = _read_fields(text)
    if half and seconds < 3600:  # 0:30 pm
        raise wrong_type()
    return _apply_half(seconds, half)


def _read_phrase(minutes: str, hour: str, sign: int, half: str) -> int:
    """Half past three, a quarter to four, ten minutes past 9."""
    minutes = minutes.removeprefix("a ").removesuffix(" minutes")
    count = _MINUTE_WORDS.get(minutes, read_digits(minutes, 2))
    number = _NUMBER_WORDS.get(hour, read_digits(hour, 2))
    if count is None or number is None or count >= 60 or not 1 <= number <= 12:
        raise wrong_type()
    return _apply_half((number * 3600 + sign * count * 60), half)


def _apply_half(seconds: int, half: str) -> int:
    if not half:
        if seconds >= DAY:
            raise wrong_type()
        return seconds
    # 12:30 am is half past midnight; a quarter to one still lies in the hour of twelve.
    if not 2700 <= seconds < 13 * 3600:
        raise wrong_type()
    return seconds % HALF_DAY + (HALF_DAY if half == "pm" else 0)


def _read_fields(text: str) -> int:
    """h:mm or h:mm:ss."""
    fields = text.split(":")
    if not 2 <= len(fields) <= 3 or any(len(field) != 2 for field in fields[1:]):
        raise wrong_type()
    numbers = [read_digits(field.strip(), 2) for field in fields]
    values = [number for number in numbers if number is not None]
    if len(values) != len(fields) or values[0] > 23 or max(values[1:]) > 59:
        raise wrong_type()
    return sum(value * size for value, size in zip(values, (3600, 60, 1), strict=False))


def _read_chinese_time(hour: str, rest: str) -> int:
    """[part of the day] hour, then half, quarters or minutes and seconds."""
    half, low, high = "", 0, 23
    for part, limits in _CHINESE_DAY_PARTS.items():
        if hour.startswith(part):
            hour, (half, low, high) = hour[len(part) :].strip(), limits
            break
    number = _apply_chinese_half(half, low, high, read_count(hour.strip()))
    return number * 3600 + _read_chinese_minutes(rest.strip().removeprefix("钟"))


def _apply_chinese_half(half: str, low: int, high: int, hour: int) -> int:
    """The hour of 24; an hour already past noon may be named with its part of the day."""
    afternoon = half in ("pm", "noon") and hour > 12
    civil = hour - 12 if afternoon else hour
    if half == "noon":
        civil = hour if hour in (11, 12) else civil + 12
    if not low <= civil <= high:
        raise wrong_type()
    if half == "pm":
        return civil % 12 + 12
    return civil + 12 if half == "noon" and civil < 11 else civil % 24


def _read_chinese_minutes(text: str) -> int:
    fixed = {"": 0, "整": 0, "半": 1800, "一刻": 900, "三刻": 2700}
    if text in fixed:
        return fixed[text]
    minutes, found, seconds = text.partition("分")
    if not found and any(char not in NUMERAL_CHARS and not char.isdigit() for char in text):
        raise wrong_type()
    count = read_count(minutes.strip())
    seconds = seconds.removeprefix("钟").removesuffix("秒").strip()
    rest = read_count(seconds) if seconds else 0
    if count >= 60 or rest >= 60:
        raise wrong_type()
    return count * 60 + rest
