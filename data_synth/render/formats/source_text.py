"""What every format does first with a text that it did not write: bound it, and refuse junk."""

import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from data_synth.render.blocks import Span

MAX_SOURCE_CHARS = 2_000_000
TAB_SIZE = 4


def clean(text: str, *, allowed: str = "\n\t", limit: int = MAX_SOURCE_CHARS) -> str:
    """The text with `\\n` at the end of lines and without a byte order mark.

    Raises:
        ValueError: it is empty or too long, or holds a control character, a code point that is no
            character, or half a surrogate pair (the message names the line and column).
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if "\r" not in allowed:
        text = text.replace("\r", "\n")
    if all(char.isspace() or unicodedata.category(char) == "Cf" for char in set(text)):
        raise ValueError("the text is empty: pass at least one visible character")
    if len(text) > limit:
        raise ValueError(f"the text has {len(text)} characters: split it, {limit} are allowed")
    bad = min(
        (text.index(char) for char in set(text) - set(allowed) if _is_refused(char)), default=-1
    )
    if bad >= 0:
        line = text.count("\n", 0, bad) + 1
        column = bad - text.rfind("\n", 0, bad)
        raise ValueError(
            f"the text holds the control or non-character U+{ord(text[bad]):04X} in line {line}, "
            f"column {column}: remove it"
        )
    return text


def expand_tabs(spans: Iterable[Span], size: int = TAB_SIZE) -> list[Span]:
    """Spans whose tabs are spaces up to the next multiple of `size` columns of their line."""
    column = 0
    result = []
    for span in spans:
        if "\t" in span.text:
            parts = []
            for char in span.text:
                part = " " * (size - column % size) if char == "\t" else char
                column = 0 if char == "\n" else column + len(part)
                parts.append(part)
            span = replace(span, text="".join(parts))
        else:
            newline = span.text.rfind("\n")
            column = column + len(span.text) if newline < 0 else len(span.text) - newline - 1
        result.append(span)
    return result


def split_lines(spans: Iterable[Span]) -> list[list[Span]]:
    """Spans as lines, without their newlines and without empty spans."""
    lines: list[list[Span]] = [[]]
    for span in spans:
        for i, part in enumerate(span.text.split("\n")):
            if i:
                lines.append([])
            if part:
                lines[-1].append(span if part == span.text else replace(span, text=part))
    return lines


def _is_refused(char: str) -> bool:
    code = ord(char)
    is_noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return is_noncharacter or unicodedata.category(char) in ("Cc", "Cs")
