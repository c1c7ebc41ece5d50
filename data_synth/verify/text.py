r"""Texts and lists of texts, compared after a documented normalisation. (k1.5 section 2.3.5)

    text            one text
    text_folded     the same without accents and without a leading English article
    ordered_list    texts or numbers in order
    unordered_list  the same, in any order; duplicates count
    code_output     what a program prints

text: Unicode NFC, letter case, runs of whitespace, width of characters, the kinds of quotation
marks, apostrophes and hyphens, quotation marks around the whole and a period, comma, colon or
semicolon at its end do not count, nor a ! or ? after a word; nor blanks beside Chinese, Japanese
and Korean characters. Everything else does: accents, articles, traditional and simplified Chinese,
hyphen and blank. Whole texts are compared, never parts; an empty text equals nothing.

Lists: a reference is a JSON array or items parted by newlines, else semicolons, else commas (also
the ideographic ones). Commas never group digits. An answer may have brackets, bullets or numbers in
front of its lines, quotation marks around items that hold a comma, and `and` or its Chinese forms
before the last item. Items are equal as numbers (`numeric`, a percent sign on both sides or on
none) or as texts.

code_output compares characters: line by line, blanks at the ends of lines and of the whole
ignored. `python_literal` compares values, so that [1,2] is [1, 2] there and not here. Blanks before
the first line do not survive the extraction of an answer and are ignored too.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from data_synth.verify.judging import equal_or_different, make_judge
from data_synth.verify.reading import Verifier, clean, make_verifier, refuse_hidden
from data_synth.verify.typed import parse_number
from data_synth.verify.verdict import Reason, UnreadableError, Verdict

_Item: TypeAlias = "str | tuple[Fraction, bool]"

MAX_ITEMS = 256
"""Most items of a list."""

_VARIANTS = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc`\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u300c\u300d\u300e\u300f", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63", "-")
    | {"\u3001": ",", "\u3002": ".", "\u2026": "..."}
)
_END_MARKS = ".,:;"
_EXCLAMATIONS = "!?"
_EMPTY_MARKS = "'\".,:;!? -"
_CJK = (
    (0x2E80, 0x303F), (0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7AF),
    (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
)  # fmt: skip
_ARTICLES = ("the", "a", "an")
_LIST_BRACKETS = (("[", "]"), ("(", ")"), ("{", "}"), ("\\{", "\\}"))
_SEPARATORS = ("\n", ";", ",\u3001")
_LEADING_CONJUNCTIONS = ("and ", "& ")
_INNER_CONJUNCTIONS = (" and ", " & ", "以及", "和", "及", "与")
_BULLETS = ("- ", "* ", "\u2022", "\u00b7 ")


def normalise_text(text: str) -> str:
    """The form in which two texts are compared; UnreadableError if nothing is left."""
    text = clean(text).translate(_VARIANTS).casefold()
    text = _strip_ends(unicodedata.normalize("NFC", text))
    if not text.strip(_EMPTY_MARKS):
        raise UnreadableError(Reason.EMPTY)
    return _close_cjk(text)


def _strip_ends(text: str) -> str:
    """Without the quotation marks around the whole and the punctuation at the end."""
    for _ in range(4):
        before = text
        text = text.strip().rstrip(_END_MARKS).rstrip()
        if len(text) > 2 and text[-1] in _EXCLAMATIONS and text.rstrip("!?")[-2:].isalpha():
            text = text.rstrip("!?")
        quoted = len(text) > 2 and text[0] == text[-1] and text[0] in "'\""
        if quoted and text[0] not in text[1:-1]:
            text = text[1:-1]
        if text == before:
            break
    return text


def _close_cjk(text: str) -> str:
    """Without blanks that stand beside a CJK character."""
    kept = [
        char
        for at, char in enumerate(text)
        if char != " " or not (_is_cjk(text[at - 1]) or _is_cjk(text[at + 1]))
    ]
    return "".join(kept)


def _is_cjk(char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in _CJK)


def _fold_text(text: str) -> str:
    """`normalise_text` without combining accents and a leading article."""
    decomposed = unicodedata.normalize("NFD", normalise_text(text))
    folded = "".join(char for char in decomposed if not 0x300 <= ord(char) < 0x370)
    folded = unicodedata.normalize("NFC", folded)
    first, _, rest = folded.partition(" ")
    return rest if first in _ARTICLES and rest else folded


def _same(expected: object, given: object) -> bool:
    return expected == given


def _read_item(text: str) -> _Item:
    number = parse_number(clean(text))
    return normalise_text(text) if number is None else (number.value, number.percent)


def _read_reference_list(text: str) -> tuple[_Item, ...]:
    if text.lstrip().startswith("["):
        try:
            loaded = json.loads(text)
        except (ValueError, RecursionError):
            loaded = None  # [a, b] without quotation marks is read like an answer
        if isinstance(loaded, list):
            if not loaded or not all(isinstance(item, str | int) for item in loaded):
                raise UnreadableError(Reason.WRONG_TYPE)
            return tuple(_read_item(str(item)) for item in loaded)
    refuse_hidden(text)
    return _read_items(_split_items(_peel(text)))


def _read_list(text: str) -> list[tuple[_Item, ...]]:
    """The readings of an answer: as written, and with the last `and` as a separator."""
    refuse_hidden(text)
    pieces = _split_items(_peel(text))
    readings = [pieces]
    last = pieces[-1].strip()
    for conjunction in _LEADING_CONJUNCTIONS:
        if len(pieces) > 1 and last.casefold().startswith(conjunction):
            readings.append([*pieces[:-1], last[len(conjunction) :]])
    for conjunction in _INNER_CONJUNCTIONS:
        head, found, tail = last.rpartition(conjunction)
        if found and head.strip() and tail.strip():
            readings.append([*pieces[:-1], head, tail])
            break
    return [items for items in map(_try_items, readings) if items is not None]


def _try_items(pieces: Sequence[str]) -> tuple[_Item, ...] | None:
    try:
        return _read_items(pieces)
    except UnreadableError:
        return None  # untrusted text: an empty item


def _read_items(pieces: Sequence[str]) -> tuple[_Item, ...]:
    if len(pieces) > MAX_ITEMS:
        raise UnreadableError(Reason.TOO_LONG)
    return tuple(map(_read_item, pieces))


def _peel(text: str) -> str:
    """Without the math delimiters and the one pair of brackets around the whole."""
    text = text.strip().removesuffix(".").strip()
    if len(text) > 1 and text[0] == text[-1] == "$" and "$" not in text[1:-1]:
        text = text[1:-1].strip()
    for opening, closing in _LIST_BRACKETS:
        inside = text[len(opening) : -len(closing)]
        if text.startswith(opening) and text.endswith(closing) and opening not in inside:
            return inside
    return text


def _split_items(text: str) -> list[str]:
    """The items, at the strongest separator that occurs outside double quotation marks."""
    folded = "".join(
        unicodedata.normalize("NFKC", char) if char in "\uff0c\uff1b\uff08\uff09" else char
        for char in text.translate({0x201C: '"', 0x201D: '"'})
    )
    lines = [line.strip() for line in folded.splitlines() if line.strip()]
    if len(lines) > 1:
        return [line.rstrip(",;") for line in _drop_markers(lines)]
    for separators in _SEPARATORS[1:]:
        pieces = _split_outside_quotes(folded, separators)
        if len(pieces) > 1:
            return pieces
    return [folded]


def _drop_markers(lines: Sequence[str]) -> list[str]:
    """Lines without their bullets, or their numbers if these count from one."""
    for bullet in _BULLETS:
        if all(line.startswith(bullet) for line in lines):
            return [line[len(bullet) :] for line in lines]
    for before, after in (("", ". "), ("", ") "), ("(", ") "), ("", "、")):
        markers = [f"{before}{number}{after}" for number in range(1, len(lines) + 1)]
        if all(line.startswith(mark) for line, mark in zip(lines, markers, strict=True)):
            return [line[len(mark) :] for line, mark in zip(lines, markers, strict=True)]
    return list(lines)


def _split_outside_quotes(text: str, separators: str) -> list[str]:
    balanced = text.count('"') % 2 == 0
    pieces, start, quoted = [], 0, False
    for at, char in enumerate(text):
        if char == '"' and balanced:
            quoted = not quoted
        elif char in separators and not quoted:
            pieces.append(text[start:at])
            start = at + 1
    return [*pieces, text[start:]]


def _judge_ordered(expected: tuple[_Item, ...], readings: list[tuple[_Item, ...]]) -> Verdict:
    return equal_or_different(expected in readings)


def _judge_unordered(expected: tuple[_Item, ...], readings: list[tuple[_Item, ...]]) -> Verdict:
    wanted = Counter(expected)
    return equal_or_different(any(Counter(reading) == wanted for reading in readings))


def _read_output(text: str) -> str:
    refuse_hidden(text)
    output = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not output:
        raise UnreadableError(Reason.EMPTY)
    return output


def _answer_list(reference: str) -> str:
    try:
        loaded = json.loads(reference)
    except ValueError:
        return reference.strip()
    if not isinstance(loaded, list):
        return reference.strip()
    items = [str(item) for item in loaded]
    if any("," in item or ";" in item for item in items):
        items = [f'"{item}"' for item in items]
    return ", ".join(items)


VERIFIERS: Mapping[str, Verifier] = MappingProxyType(
    {
        "text": make_verifier("text", normalise_text, _same),
        "text_folded": make_verifier("text_folded", _fold_text, _same),
        "ordered_list": make_judge(
            "ordered_list",
            read_reference=_read_reference_list,
            read_answer=_read_list,
            judge=_judge_ordered,
        ),
        "unordered_list": make_judge(
            "unordered_list",
            read_reference=_read_reference_list,
            read_answer=_read_list,
            judge=_judge_unordered,
        ),
        "code_output": make_verifier("code_output", _read_output, _same),
    }
)
CANONICAL_ANSWERS = MappingProxyType({"ordered_list": _answer_list, "unordered_list": _answer_list})
"""Verifier -> the answer that a reference stands for; others answer with the reference itself."""
