"""Markdown: CommonMark with tables, strikethrough, task lists and formulas.

`<!-- pagebreak -->` on a line of its own begins a page, other comments are left out, and any other
HTML is shown as it is written. Pictures are local files; links are never followed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from data_synth.render.blocks import (
    Block,
    Figure,
    PageBreak,
    Panel,
    Paragraph,
    Rule,
    Spacer,
    Span,
    TableBlock,
)
from data_synth.render.formats.code import code_blocks, knows_language
from data_synth.render.formats.colors import palette_of
from data_synth.render.formats.inline import (
    Draft,
    DraftBlock,
    FormulaBlock,
    FormulaSpan,
    Piece,
    fill_formulas,
)
from data_synth.render.formats.math_image import FormulaRequest
from data_synth.render.formats.packages import require
from data_synth.render.formats.pictures import open_picture
from data_synth.render.formats.source_text import clean
from data_synth.render.page import PageStyle

HEADING_SCALES = (1.8, 1.5, 1.25, 1.1, 1.0, 1.0)
_BULLETS = "\u2022\u25e6\u25aa"
_LIST_INDENT = 1.6
_MAX_NESTING = 40
_QUOTE_INDENT = 1.0
_MAX_INDENT = 12.0
_ICON_EM = 2.0  # taller pictures stand on their own
_PAGE_BREAK = re.compile(r"<!--\s*pagebreak\s*-->\s*")
_COMMENT = re.compile(r"(?:<!--[^>]*-->\s*)+")


def markdown_blocks(text: str, style: PageStyle, *, folder: Path | None = None) -> list[Block]:
    """A markdown document; pictures lie in `folder` or below it.

    Raises:
        ValueError: a picture that cannot be used, a formula that is not supported, or a text that
            is nested too deep or not fit (see `clean`).
    """
    tokens = _parser().parse(clean(text))
    # The parser leaves out what lies deeper.
    if any(token.level >= _MAX_NESTING - 1 for token in tokens):
        raise ValueError(f"the markdown text is nested deeper than {_MAX_NESTING} levels")
    reader = _Reader(style, folder)
    reader.read(tokens)
    if not reader.drafts:
        raise ValueError("the markdown text shows nothing: pass at least one visible character")
    return fill_formulas(reader.drafts, style)


@lru_cache(maxsize=1)
def _parser() -> Any:
    package = require("markdown_it", "markdown")
    plugins = "mdit_py_plugins"
    parser = package.MarkdownIt("commonmark", {"html": True, "maxNesting": _MAX_NESTING}).enable(
        ["table", "strikethrough"]
    )
    parser.use(
        require(f"{plugins}.dollarmath", "markdown").dollarmath_plugin,
        allow_space=False,
        allow_digits=False,
        double_inline=True,
    )
    return parser


class _Reader:
    """Turns the flat token list into blocks; nesting is a handful of counters."""

    def __init__(self, style: PageStyle, folder: Path | None) -> None:
        self.style = style
        self.folder = folder
        self.colors = palette_of(style)
        self.drafts: list[DraftBlock] = []
        self.indent = 0.0
        self.quotes = 0
        self.lists: list[int | None] = []  # the next number, or None for bullets
        self.marker = ""
        self.tight = True
        self.heading = 0
        self.rows: list[list[tuple[Piece, ...]]] | None = None
        self.aligns: list[str] = []

    def read(self, tokens: Sequence[Any]) -> None:
        for token in tokens:
            if token.type not in _STRUCTURE:
                _HANDLERS[token.type](self, token)

    # Containers

    def _bullet_list_open(self, token: Any) -> None:
        self._open_list(None)

    def _ordered_list_open(self, token: Any) -> None:
        start = token.attrGet("start")
        self._open_list(int(start) if start is not None else 1)

    def _open_list(self, start: int | None) -> None:
        self.lists.append(start)
        self.indent += _LIST_INDENT

    def _list_close(self, token: Any) -> None:
        self.lists.pop()
        self.indent -= _LIST_INDENT
        if not self.lists:
            self.drafts.append(Spacer(height=0.3))

    def _list_item_open(self, token: Any) -> None:
        number = self.lists[-1]
        if number is None:
            self.marker = _BULLETS[(len(self.lists) - 1) % len(_BULLETS)]
        else:
            self.marker = f"{number}{token.markup}"
            self.lists[-1] = number + 1

    def _list_item_close(self, token: Any) -> None:
        if self.marker:  # nothing in the item took it
            self._add_paragraph([Span(text="")])

    def _blockquote_open(self, token: Any) -> None:
        self.quotes += 1
        self.indent += _QUOTE_INDENT

    def _blockquote_close(self, token: Any) -> None:
        self.quotes -= 1
        self.indent -= _QUOTE_INDENT

    # Blocks

    def _heading_open(self, token: Any) -> None:
        self.heading = int(token.tag[1])
        if self.drafts and not isinstance(self.drafts[-1], PageBreak):
            self.drafts.append(Spacer(height=0.3))

    def _heading_close(self, token: Any) -> None:
        self.heading = 0

    def _paragraph_open(self, token: Any) -> None:
        self.tight = token.hidden

    def _hr(self, token: Any) -> None:
        self.drafts += [Rule(), Spacer(height=0.3)]

    def _fence(self, token: Any) -> None:
        words = token.info.split()
        language = words[0].strip("{}.,").lower() if words else ""
        # What is written there need not be a language, such as mermaid.
        self._code(token.content, language if knows_language(language) else "")

    def _code_block(self, token: Any) -> None:
        self._code(token.content, "")

    def _code(self, source: str, language: str) -> None:
        if source.strip():
            self.drafts += code_blocks(source, self.style, lexer=language, panel=True)
        else:
            self.drafts.append(Panel(blocks=(Spacer(height=1.0),), background=self.colors.panel))
        self.drafts.append(Spacer(height=0.5))

    def _html_block(self, token: Any) -> None:
        if _PAGE_BREAK.fullmatch(token.content.strip()):
            self.drafts.append(PageBreak())
        elif not _COMMENT.fullmatch(token.content.strip()):
            spans = (Span(text=token.content.rstrip(), mono=True),)
            self.drafts.append(Paragraph(spans=spans, preserve=True, indent=self._indent()))

    def _math_block(self, token: Any) -> None:
        self.drafts.append(FormulaBlock(latex=token.content))

    def _table_open(self, token: Any) -> None:
        self.rows, self.aligns = [], []

    def _tr_open(self, token: Any) -> None:
        assert self.rows is not None
        self.rows.append([])

    def _th_open(self, token: Any) -> None:
        self.aligns.append((token.attrGet("style") or "").removeprefix("text-align:") or "left")

    def _table_close(self, token: Any) -> None:
        assert self.rows is not None
        cells = tuple(tuple(row) for row in self.rows)
        empty = tuple(tuple(() for _ in row) for row in cells)
        table = TableBlock(rows=empty, align=tuple(self.aligns))
        self.drafts.append(Draft(block=table, cells=cells))
        self.rows = None

    def _inline(self, token: Any) -> None:
        lines = _Inline(self).read(token.children)
        if self.rows is not None:
            # A line break inside a cell becomes a space: cells wrap.
            self.rows[-1].append(tuple(_cell_pieces(lines)))
            return
        for i, line in enumerate(lines):
            if len(line) == 1 and isinstance(line[0], Figure):
                self.drafts.append(line[0])
            elif pieces := [piece for piece in line if not isinstance(piece, Figure)]:
                last = i + 1 == len(lines)
                self._add_paragraph(pieces, last=last)

    def _add_paragraph(self, pieces: Sequence[Piece], *, last: bool = True) -> None:
        paragraph = Paragraph(
            spans=(),
            indent=self._indent(),
            marker=self.marker,
            space_after=0.0 if not last else 0.15 if self.lists and self.tight else 0.5,
            left_bar=self.colors.bar if self.quotes else None,
        )
        self.marker = ""
        self.drafts.append(Draft(block=paragraph, pieces=tuple(pieces)))

    def _indent(self) -> float:
        return min(self.indent, _MAX_INDENT)


# Tokens that say nothing beyond those around them.
_STRUCTURE = (
    "paragraph_close",
    "tbody_close",
    "tbody_open",
    "td_close",
    "td_open",
    "th_close",
    "thead_close",
    "thead_open",
    "tr_close",
)
_HANDLERS: Mapping[str, Callable[[_Reader, Any], None]] = MappingProxyType(
    {
        "bullet_list_open": _Reader._bullet_list_open,
        "bullet_list_close": _Reader._list_close,
        "ordered_list_open": _Reader._ordered_list_open,
        "ordered_list_close": _Reader._list_close,
        "list_item_open": _Reader._list_item_open,
        "list_item_close": _Reader._list_item_close,
        "blockquote_open": _Reader._blockquote_open,
        "blockquote_close": _Reader._blockquote_close,
        "heading_open": _Reader._heading_open,
        "heading_close": _Reader._heading_close,
        "paragraph_open": _Reader._paragraph_open,
        "hr": _Reader._hr,
        "fence": _Reader._fence,
        "code_block": _Reader._code_block,
        "html_block": _Reader._html_block,
        "math_block": _Reader._math_block,
        "table_open": _Reader._table_open,
        "tr_open": _Reader._tr_open,
        "th_open": _Reader._th_open,
        "table_close": _Reader._table_close,
        "inline": _Reader._inline,
    }
)


def _cell_pieces(lines: "list[list[Piece | Figure]]") -> list[Piece]:
    pieces: list[Piece] = []
    for line in lines:
        for piece in line:
            if isinstance(piece, Figure):
                raise ValueError("an image in a table cell is not supported: place it outside")
            pieces.append(piece)
        pieces.append(Span(text=" "))
    return pieces[:-1]


class _Inline:
    """The children of one paragraph, heading or cell."""

    def __init__(self, reader: _Reader) -> None:
        self.reader = reader
        level = reader.heading
        self.look = Span(
            text="",
            bold=level > 0,
            scale=HEADING_SCALES[level - 1] if level else 1.0,
            color=reader.colors.faint if reader.quotes and not level else None,
        )
        self.looks: list[Span] = []
        self.lines: list[list[Piece | Figure]] = [[]]

    def read(self, tokens: Sequence[Any]) -> "list[list[Piece | Figure]]":
        """Lines separated by hard breaks and large pictures."""
        for token in tokens:
            self._token(token)
        return [line for line in self.lines if line]

    def _token(self, token: Any) -> None:
        kind = token.type
        if kind.endswith("_open"):
            self.looks.append(self.look)
            self.look = replace(self.look, **self._change(kind))
        elif kind.endswith("_close"):
            self.look = self.looks.pop()
        elif kind == "text":
            self._add(token.content)
        elif kind == "softbreak":
            self._add(" ")
        elif kind == "hardbreak":
            self.lines.append([])
        elif kind == "code_inline":
            background = self.reader.colors.panel
            self.lines[-1].append(
                replace(self.look, text=token.content, mono=True, background=background)
            )
        elif kind in ("math_inline", "math_inline_double"):
            request = FormulaRequest(
                latex=token.content, display=kind.endswith("double"), scale=self.look.scale
            )
            self.lines[-1].append(FormulaSpan(request=request, look=self.look))
        elif kind == "image":
            self._image(token)
        elif kind == "html_inline":
            self._html(token.content)
        else:
            raise ValueError(f"markdown element {kind!r} is not supported")

    def _change(self, kind: str) -> dict[str, Any]:
        changes: dict[str, dict[str, Any]] = {
            "strong_open": {"bold": True},
            "em_open": {"italic": True},
            "s_open": {"strike": True},
            "link_open": {"underline": True, "color": self.reader.colors.link},
        }
        return changes[kind]

    def _add(self, text: str) -> None:
        line = self.lines[-1]
        if self.reader.lists and not line and text[:4].lower() in ("[ ] ", "[x] "):
            text = ("\u2611 " if text[1] in "xX" else "\u2610 ") + text[4:]
        if text:
            line.append(replace(self.look, text=text))

    def _html(self, content: str) -> None:
        if content.startswith("<!--"):
            return
        if content.replace(" ", "").lower() in ("<br>", "<br/>"):
            self.lines.append([])
        else:
            self._add(content)

    def _image(self, token: Any) -> None:
        image = open_picture(_unquoted(token.attrGet("src")), self.reader.folder)
        alt = f"[{token.content}]" if token.content else "[image]"
        if image.height <= _ICON_EM * self.reader.style.font_size and self.reader.rows is None:
            self.lines[-1].append(replace(self.look, text=alt, image=image))
            return
        figure = Figure(image=image, caption=token.attrGet("title") or "", text=alt)
        self.lines += [[figure], []]


def _unquoted(address: str) -> str:
    """A path as written, before it was escaped for the web."""
    return unquote(address, errors="strict") if "://" not in address else address
