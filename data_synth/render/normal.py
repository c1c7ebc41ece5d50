"""Spans as lines of clean text: NFC, no invisible characters, white space kept or collapsed."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from data_synth.render.blocks import Span
from data_synth.render.emoji import has_pictures

TAB_SIZE = 4
# No ink in a font that knows them and a box in the others. The joiners, the direction controls, the
# tags behind a flag and the two selectors of emoji stay, since they change their neighbours.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000\U000e0001\U000e0100-\U000e01ef]"
    "|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0020-\U000e007f]+"
)
_SELECTORS = re.compile("[\ufe0e\ufe0f]")
_SEPARATORS = re.compile("[\u2028\u2029]")
_SPACES = re.compile(" +")


def normalise(text: str) -> str:
    """NFC, newlines as `\\n`, tabs as spaces, nothing that is never seen.

    Raises:
        ValueError: a control character or half a surrogate pair.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = _INVISIBLE.sub("", _SEPARATORS.sub("\n", text))
        if not has_pictures():  # picture or glyph: there is only one of them to choose
            text = _SELECTORS.sub("", text)
        text = unicodedata.normalize("NFC", text)
    if not text.replace("\n", "").isprintable():
        for char in sorted(set(text) - {"\n", "\t"}):
            if unicodedata.category(char) in ("Cc", "Cs"):
                kind = "control character" if unicodedata.category(char) == "Cc" else "surrogate"
                raise ValueError(f"text holds the {kind} {label(char)}: remove it")
    return text.expandtabs(TAB_SIZE) if "\t" in text else text


def collapse(text: str) -> str:
    """Spaces next to each other as one."""
    return _SPACES.sub(" ", text) if "  " in text else text


def split_lines(spans: Sequence[Span], *, preserve: bool) -> Iterator[list[Span]]:
    """Spans line by line; unless `preserve`, one space at most between two of them and none first.

    Raises:
        ValueError: as in `normalise`.
    """
    line: list[Span] = []
    after_space = True
    for span in spans:
        if span.image is not None:
            line.append(span)
            after_space = False
            continue
        for number, part in enumerate(normalise(span.text).split("\n")):
            if number:
                yield line
                line, after_space = [], True
            if not preserve:
                part = collapse(part)
                part = part.removeprefix(" ") if after_space else part
                after_space = part.endswith(" ") if part else after_space
            if part:
                line.append(span if part == span.text else replace(span, text=part))
    yield line


def label(char: str) -> str:
    """A character as error messages show it."""
    return f"{char!r} (U+{ord(char):04X}, {unicodedata.name(char, 'unnamed')})"
