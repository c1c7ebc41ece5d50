"""Source code in any language that Pygments knows."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from data_synth.render.blocks import Block, Panel, Paragraph, Span
from data_synth.render.formats.colors import palette_of
from data_synth.render.formats.packages import require
from data_synth.render.formats.source_text import clean, expand_tabs, split_lines
from data_synth.render.page import PageStyle
from data_synth.style import RGB

MAX_CODE_CHARS = 500_000
_MONO_ADVANCE = 0.62  # em; digits of line numbers


def code_blocks(
    source: str,
    style: PageStyle,
    *,
    lexer: str = "",
    file_name: str = "",
    line_numbers: bool = False,
    panel: bool = False,
) -> list[Block]:
    """Highlighted code, the language by `lexer` (a Pygments alias) or else by `file_name`.

    Without both it is set without colours. A `panel` gives it a background of its own.

    Raises:
        ValueError: the language is not known, the package Pygments is missing, or the text is not
            fit (see `clean`).
    """
    spans = expand_tabs(highlight(source, style, lexer=lexer, file_name=file_name))
    if line_numbers:
        lines = split_lines(spans)
        while len(lines) > 1 and not lines[-1]:
            del lines[-1]
        width = len(str(len(lines)))
        blocks: tuple[Block, ...] = tuple(
            Paragraph(
                # The number takes the font of the line, so an empty line needs a space.
                spans=tuple(line) or (Span(text=" ", mono=True),),
                marker=str(number),
                indent=_MONO_ADVANCE * (width + 2),
                preserve=True,
                space_after=0,
            )
            for number, line in enumerate(lines, start=1)
        )
    else:
        blocks = (Paragraph(spans=_strip_end(spans), preserve=True, space_after=0),)
    if not panel:
        return list(blocks)
    colors = palette_of(style)
    return [Panel(blocks=blocks, background=colors.panel, border=colors.border)]


def highlight(source: str, style: PageStyle, *, lexer: str = "", file_name: str = "") -> list[Span]:
    """Code as coloured spans that joined are the source, newlines included."""
    source = clean(source, allowed="\n\t\f", limit=MAX_CODE_CHARS).replace("\f", "\n")
    if not lexer and not file_name:
        return [Span(text=source, mono=True)]
    found = _lexer(lexer, file_name)
    looks = _looks(palette_of(style).pygments_style)
    return list(_merged(found.get_tokens(source), looks))


def knows_file(file_name: str) -> bool:
    """Whether Pygments has a language for files of this name."""
    lexers = require("pygments.lexers", "source code")
    return lexers.find_lexer_class_for_filename(file_name) is not None


def knows_language(alias: str) -> bool:
    """Whether Pygments has a language of this alias."""
    return alias in _aliases()


@lru_cache(maxsize=1)
def _aliases() -> frozenset[str]:
    lexers = require("pygments.lexers", "source code")
    return frozenset(alias for entry in lexers.get_all_lexers() for alias in entry[1])


_Look = tuple[RGB | None, bool, bool]  # colour, bold, italic


def _merged(tokens: Any, looks: dict[Any, _Look]) -> Iterator[Span]:
    """Neighbours of one look as one span: a span costs more than a token."""
    last: _Look | None = None
    texts: list[str] = []
    for kind, text in tokens:
        look = looks.get(kind)
        while look is None:
            kind = kind.parent
            look = looks.get(kind)
        if look != last and not text.isspace():
            if texts:
                yield _span("".join(texts), last)
            last, texts = look, []
        # Spaces show no colour, so they join whatever stands before them.
        texts.append(text)
    if texts:
        yield _span("".join(texts), last)


def _span(text: str, look: _Look | None) -> Span:
    color, bold, italic = look or (None, False, False)
    return Span(text=text, mono=True, color=color, bold=bold, italic=italic)


@lru_cache(maxsize=64)
def _lexer(alias: str, file_name: str) -> Any:
    lexers = require("pygments.lexers", "source code")
    # Nothing is stripped or added: the tokens joined are the source.
    options = {"stripnl": False, "stripall": False, "ensurenl": False, "encoding": "utf-8"}
    try:
        if alias:
            return lexers.get_lexer_by_name(alias, **options)
        return lexers.get_lexer_for_filename(file_name, **options)
    except require("pygments.util", "source code").ClassNotFound as error:  # named by the user
        if not alias:
            raise ValueError(
                f"no language is known for {file_name!r}: name one with lexer, such as python"
            ) from error
        near = get_close_matches(alias, sorted(_aliases()), n=3)
        hint = f": did you mean {' or '.join(near)}?" if near else ": use an alias of Pygments"
        raise ValueError(f"unknown language {alias!r}{hint}") from error


@lru_cache(maxsize=8)
def _looks(name: str) -> dict[Any, _Look]:
    styles = require("pygments.styles", "source code")
    looks: dict[Any, _Look] = {}
    for kind, look in styles.get_style_by_name(name):
        looks[kind] = (_rgb(look["color"]), bool(look["bold"]), bool(look["italic"]))
    token = require("pygments.token", "source code").Token
    looks.setdefault(token, (None, False, False))
    # A red box around what the lexer does not know would say more than the source does.
    looks[token.Error] = (None, False, False)
    return looks


def _rgb(digits: str | None) -> RGB | None:
    if not digits:
        return None
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def _strip_end(spans: list[Span]) -> tuple[Span, ...]:
    """Without the newlines at the end."""
    spans = list(spans)
    while spans and not spans[-1].text.strip("\n"):
        del spans[-1]
    if spans and spans[-1].text.endswith("\n"):
        last = spans[-1]
        spans[-1] = Span(
            text=last.text.rstrip("\n"),
            mono=True,
            color=last.color,
            bold=last.bold,
            italic=last.italic,
        )
    return tuple(spans)
