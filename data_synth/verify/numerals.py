"""Numbers in words: Chinese numerals such as 三, 二十五, 一百零五, 三点五, and one to twelve."""

from fractions import Fraction

COUNTING_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip
"""The English words that count hours, from one."""
MAX_NUMERAL_CHARS = 40
"""Longest numeral that is read."""

DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "\u3007": 0,
    "两": 2,
    "兩": 2,
}
_SMALL_POWERS = {"十": 10, "百": 100, "千": 1000}
_LARGE_POWERS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_ZEROS = "零\u3007"
POINT_CHARS = "点點"
NUMERAL_CHARS = frozenset((*DIGITS, *_SMALL_POWERS, *_LARGE_POWERS, *POINT_CHARS))


def parse_multiplier(text: str) -> int | None:
    """The power of ten that 万, 百万, 亿 or 千亿 multiplies a number by; None otherwise."""
    product, last = 1, 0
    for char in text[:MAX_NUMERAL_CHARS]:
        power = _SMALL_POWERS.get(char) or _LARGE_POWERS.get(char)
        # 十万 rises, 万十 is no number.
        if power is None or power <= last:
            return None
        product, last = product * power, power
    return product if last and len(text) <= 3 else None


def parse_chinese_number(text: str) -> Fraction | None:
    """The number that `text` writes in Chinese numerals, None if it writes none.

    Digits in a row (二〇二四) are read by place; 十 to 千 and 万, 亿 by their rules, in falling
    order. A last digit that leaves out its power (三百五 for 350) is not read.
    """
    if not text or len(text) > MAX_NUMERAL_CHARS:
        return None
    for point in POINT_CHARS:
        whole, found, part = text.partition(point)
        if found:
            break
    if found and (not part or any(char not in DIGITS for char in part)):
        return None
    value = _parse_whole(whole)
    if value is None:
        return None
    decimals = "".join(str(DIGITS[char]) for char in part)
    return Fraction(value) + (Fraction(int(decimals), 10 ** len(decimals)) if decimals else 0)


def _parse_whole(text: str) -> int | None:
    if not text:
        return None
    if all(char in DIGITS for char in text):
        return int("".join(str(DIGITS[char]) for char in text))
    for large in ("亿億", "万萬"):
        head, found, tail = _partition_any(text, large)
        if found:
            high = _parse_whole(head)
            low = _parse_whole(tail) if tail else 0
            power = _LARGE_POWERS[found]
            if high is None or low is None or not high or low >= power:
                return None
            # 三万五 means 35,000: a tail that skips powers needs the zero of 三万零五.
            if tail and tail[0] not in _ZEROS and low * 10 < power:
                return None
            return high * power + low
    return _parse_below_myriad(text)


def _partition_any(text: str, separators: str) -> tuple[str, str, str]:
    for separator in separators:
        head, found, tail = text.partition(separator)
        if found:
            return head, found, tail
    return text, "", ""


def _parse_below_myriad(text: str) -> int | None:
    total, last_power, at, after_zero = 0, 10**4, 0, False
    while at < len(text):
        if text[at] in _ZEROS:
            if after_zero:
                return None
            after_zero, at = True, at + 1
            continue
        digit = DIGITS.get(text[at])
        if digit is None:
            # Only 十 may lack its one, at the very start.
            if text[at] != "十" or at:
                return None
            digit = 1
        else:
            at += 1
        power = _SMALL_POWERS.get(text[at], 0) if at < len(text) else 1
        # 三百五 means 350: a digit that skips a power needs the zero of 三百零五.
        skips = power == 1 and last_power > 10 and not after_zero and total
        if not power or power >= last_power or skips:
            return None
        total, last_power, after_zero = total + digit * power, power, False
        at += power != 1 or at < len(text)
    return None if after_zero else total
