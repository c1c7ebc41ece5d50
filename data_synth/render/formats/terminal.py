"""Terminal sessions: what the escape sequences show, in a window with a title.

Colours and styles (SGR) are drawn; carriage return, backspace, tab and erase-line move and delete
as in a terminal; every other escape sequence is dropped.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from data_synth.render.blocks import Block, Panel, Paragraph, Span
from data_synth.render.formats.source_text import clean
from data_synth.style import RGB

BACKGROUND: RGB = (30, 30, 30)
FOREGROUND: RGB = (211, 215, 207)
_BORDER: RGB = (96, 96, 96)
_PROMPT: RGB = (138, 226, 52)
_TAB = 8
_MAX_COLUMN = 4000
_MAX_PARAMETERS = 256  # characters of one sequence; real ones have a dozen

# The Tango palette, which reads better on a dark ground than the VGA colours.
PALETTE: tuple[RGB, ...] = (
    (46, 52, 54),
    (204, 0, 0),
    (78, 154, 6),
    (196, 160, 0),
    (52, 101, 164),
    (117, 80, 123),
    (6, 152, 154),
    (211, 215, 207),
    (85, 87, 83),
    (239, 41, 41),
    (138, 226, 52),
    (252, 233, 79),
    (114, 159, 207),
    (173, 127, 168),
    (52, 226, 226),
    (238, 238, 236),
)
_CUBE = (0, 95, 135, 175, 215, 255)

# CSI, OSC and the like up to their end, or an escape with one character. No part can backtrack:
# every repeated class ends at a character outside of it.
_ESCAPE = re.compile(
    "\x1b\\[(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"
    "|\x1b[\\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\\\)?"
    "|\x1b[ -/]*[0-~]?"
)
_PROMPT_LINE = re.compile(r"(?:\S{1,100}@\S{1,200} ?)?[$#] (?=\S)")


@dataclass(frozen=True, slots=True)
class _Look:
    color: RGB | None = None
    background: RGB | None = None
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    faint: bool = False
    reverse: bool = False

    def span(self, text: str) -> Span:
        color, background = self.color or FOREGROUND, self.background
        if self.reverse:
            color, background = background or BACKGROUND, color
        if self.faint:
            color = _mixed(color)
        return Span(
            text=text,
            mono=True,
            color=color,
            background=background,
            bold=self.bold,
            italic=self.italic,
            underline=self.underline,
            strike=self.strike,
        )


def _mixed(color: RGB) -> RGB:
    red, green, blue = ((2 * c + b) // 3 for c, b in zip(color, BACKGROUND, strict=True))
    return red, green, blue


_PLAIN = _Look()
_PROMPT_LOOK = _Look(color=_PROMPT, bold=True)


def terminal_blocks(text: str, *, title: str = "Terminal") -> list[Block]:
    """A terminal window that shows the output `text`.

    Lines that begin with `$ ` or `user@host:folder$ ` and hold no escapes of their own get a
    coloured prompt.

    Raises:
        ValueError: the text is empty or holds a control character that no terminal knows.
    """
    spans: list[Span] = []
    for i, line in enumerate(_screen(text)):
        if i:
            spans.append(Span(text="\n", mono=True))
        spans += _line_spans(line)
    while spans and not spans[-1].text.strip():
        spans.pop()
    if not spans:
        raise ValueError("the session shows nothing: pass at least one visible character")
    content = Paragraph(spans=tuple(spans), preserve=True, space_after=0)
    return [Panel(blocks=(content,), background=BACKGROUND, border=_BORDER, title=title)]


def color_256(number: int) -> RGB:
    """A colour of the 256-colour palette: 16 named, a 6x6x6 cube, 24 greys."""
    if not 0 <= number <= 255:
        raise ValueError(f"colour {number}: choose 0 to 255")
    if number < 16:
        return PALETTE[number]
    if number < 232:
        red, rest = divmod(number - 16, 36)
        return _CUBE[red], _CUBE[rest // 6], _CUBE[rest % 6]
    grey = 8 + 10 * (number - 232)
    return grey, grey, grey


_Cell = tuple[str, _Look]


def _screen(text: str) -> list[list[_Cell]]:
    """The lines as cells, after all movement."""
    text = clean(text, allowed="\n\t\r\b\a\x1b\f\v\x0e\x0f\x00")
    lines: list[list[_Cell]] = []
    line: list[_Cell] = []
    column, look, i = 0, _PLAIN, 0
    while i < len(text):
        char = text[i]
        if char == "\x1b":
            match = _ESCAPE.match(text, i)
            assert match is not None  # the last alternative matches any escape
            i = match.end()
            if match["final"] == "m":
                look = _styled(look, match["parameters"])
            elif match["final"] == "K":
                _erase(line, column, match["parameters"])
            continue
        i += 1
        if char in "\n\v\f":
            lines.append(line)
            line, column = [], 0
        elif char == "\r":
            column = 0
        elif char == "\b":
            column = max(0, column - 1)
        elif char == "\t":
            column = min(column + _TAB - column % _TAB, _MAX_COLUMN)
        elif char >= " ":
            line += [(" ", _PLAIN)] * (column - len(line))
            line[column : column + 1] = [(char, look)]
            column += 1
    return [*lines, line]


def _erase(line: list[_Cell], column: int, parameters: str) -> None:
    if parameters in ("", "0"):
        del line[column:]
    elif parameters == "2":
        line.clear()
    elif parameters == "1":
        end = min(column + 1, len(line))
        line[:end] = [(" ", _PLAIN)] * end


def _line_spans(line: list[_Cell]) -> list[Span]:
    text = "".join(char for char, _ in line)
    if all(look == _PLAIN for _, look in line) and (prompt := _PROMPT_LINE.match(text)):
        end = prompt.end()
        return [_PROMPT_LOOK.span(text[:end]), replace(_PLAIN, bold=True).span(text[end:])]
    spans: list[Span] = []
    start = 0
    for i in range(1, len(line) + 1):
        if i == len(line) or line[i][1] != line[start][1]:
            spans.append(line[start][1].span(text[start:i]))
            start = i
    return spans


def _styled(look: _Look, parameters: str) -> _Look:
    """The look after one SGR sequence; codes that mean nothing here change nothing."""
    if len(parameters) > _MAX_PARAMETERS:
        return look
    # 38:2::r:g:b names a colour space where 38;2;r;g;b does not.
    fields = parameters.replace("::", ":").replace(":", ";").split(";")
    codes = [int(field) if field.isdecimal() and len(field) < 6 else 0 for field in fields]
    i = 0
    while i < len(codes):
        code = codes[i]
        i += 1
        if code in (38, 48):
            color, used = _extended(codes[i:])
            i += used
            if color is not None:
                look = replace(look, color=color) if code == 38 else replace(look, background=color)
        elif code == 0:
            look = _PLAIN
        elif code in _STYLES:
            look = replace(look, **_STYLES[code])
        elif 30 <= code <= 37 or 90 <= code <= 97:
            look = replace(look, color=PALETTE[code - 30 if code < 40 else code - 82])
        elif 40 <= code <= 47 or 100 <= code <= 107:
            look = replace(look, background=PALETTE[code - 40 if code < 50 else code - 92])
    return look


_STYLES: dict[int, dict[str, Any]] = {
    1: {"bold": True},
    2: {"faint": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    9: {"strike": True},
    21: {"underline": True},
    22: {"bold": False, "faint": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"reverse": False},
    29: {"strike": False},
    39: {"color": None},
    49: {"background": None},
}


def _extended(codes: list[int]) -> tuple[RGB | None, int]:
    """The colour after 38 or 48, and how many codes it took."""
    if codes[:1] == [5] and len(codes) >= 2:
        return (color_256(codes[1]) if codes[1] <= 255 else None), 2
    if codes[:1] == [2] and len(codes) >= 4:
        red, green, blue = (min(code, 255) for code in codes[1:4])
        return (red, green, blue), 4
    return None, len(codes)
