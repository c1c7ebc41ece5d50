"""Untrusted text made safe to show: bounded, with nothing invisible, and inert inside HTML."""

import json
import re
from typing import Any

# Characters that have no glyph, or change the direction or order of the others: C0 and C1 controls
# except tab and newline, zero-width and bidirectional marks, line separators, lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Write every invisible character out, as U+202E in mathematical brackets."""
    return _INVISIBLE.sub(lambda match: f"\u27e8U+{ord(match.group()):04X}\u27e9", text)


def cut_middle(text: str, limit: int) -> tuple[str, int, str]:
    """Split into (head, number of characters left out, tail), keeping at most `limit` characters.

    Text within the limit is all head. The tail is kept because that is where an answer stands.
    """
    if len(text) <= limit:
        return text, 0, ""
    tail = limit // 3
    return text[: limit - tail], len(text) - limit, text[len(text) - tail :]


def shorten(text: str, limit: int) -> str:
    """`cut_middle` as one cleaned string that says how much is missing."""
    head, num_cut, tail = cut_middle(text, limit)
    note = f" [{num_cut:,} characters left out] " if num_cut else ""
    return clean(head) + note + clean(tail)


def script_json(value: Any) -> str:
    """JSON that can stand inside a `<script>` element: pure ASCII, without `<`, `>` and `&`."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def format_number(value: float) -> str:
    """About four significant digits, without an exponent where a person would not use one."""
    if abs(value) >= 10_000:
        return f"{value:,.0f}" if abs(value) < 1e9 else f"{value:.3g}"
    return f"{value:.4g}"
