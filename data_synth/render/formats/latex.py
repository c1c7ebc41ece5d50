r"""LaTeX text with mathematics: what notes, exercises and data sets are written in.

Read are paragraphs, formulas (`$...$`, `\(...\)`, `$$...$$`, `\[...\]`, `equation`, `align` ...),
sections, emphasis, lists, `verbatim` and page breaks; what stands before `\begin{document}` is
skipped. Any other command is an error: nothing is run and no file is read.
"""

import re
from dataclasses import replace
from typing import Any

from data_synth.render.blocks import Block, PageBreak, Panel, Paragraph, Rule, Spacer, Span
from data_synth.render.formats import math_symbols
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
from data_synth.render.formats.math_source import MAX_FORMULA_CHARS
from data_synth.render.formats.source_text import clean
from data_synth.render.page import PageStyle

_MAX_NESTING = 32
_LIST_INDENT = 1.6
_BULLETS = "\u2022\u25e6\u25aa"
_SECTIONS = {
    "title": 1.8,
    "chapter": 1.8,
    "section": 1.5,
    "subsection": 1.25,
    "subsubsection": 1.1,
    "paragraph": 1.0,
}
_STYLES: dict[str, dict[str, Any]] = {
    "textbf": {"bold": True},
    "textit": {"italic": True},
    "emph": {"italic": True},
    "texttt": {"mono": True},
    "underline": {"underline": True},
    "textrm": {},
    "textup": {},
    "textnormal": {},
    "text": {},
    "mbox": {},
}
_SWITCHES: dict[str, dict[str, Any]] = {
    "bf": {"bold": True},
    "bfseries": {"bold": True},
    "it": {"italic": True},
    "itshape": {"italic": True},
    "em": {"italic": True},
    "tt": {"mono": True},
    "ttfamily": {"mono": True},
    "rm": {},
    "normalsize": {},
    "small": {"scale": 0.9},
    "large": {"scale": 1.2},
    "Large": {"scale": 1.4},
}
_CHARACTERS = {
    **{char: char for char in "#$%&_{}"},
    " ": " ",
    ",": "\u2009",
    "quad": "\u2003",
    "qquad": "\u2003\u2003",
    "ldots": "\u2026",
    "dots": "\u2026",
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "S": "\u00a7",
    "copyright": "\u00a9",
    "pounds": "\u00a3",
    "textdegree": "\u00b0",
    "-": "",
}
_NOTHING = ("noindent", "centering", "maketitle", "smallskip", "medskip", "bigskip", "indent")
_PAGE_BREAKS = ("newpage", "clearpage", "pagebreak")
_MATH_ENVIRONMENTS = tuple(
    name + star for name in (*math_symbols.SINGLE_LINE, *math_symbols.ALIGNED) for star in ("", "*")
)
_PLAIN_ENVIRONMENTS = ("document", "center", "flushleft", "quote", "proof", "abstract")
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?[ \t]*|\\(.)", re.DOTALL)
_ORDINARY_TEXT = re.compile(r"[^\\${}%~\n`'-]+")
_LIGATURES = ("---", "--", "``", "''")
_LIGATURE_CHARS = {"---": "\u2014", "--": "\u2013", "``": "\u201c", "''": "\u201d", "`": "\u2018"}


def latex_blocks(text: str, style: PageStyle) -> list[Block]:
    """A LaTeX text.

    Raises:
        ValueError: a command that is not supported (named with its line), or groups, formulas or
            environments that do not close.
    """
    text = clean(text)
    start = text.find("\\begin{document}")
    reader = _Reader(text, max(start, 0), style)
    reader.read()
    drafts = reader.drafts
    if not drafts:
        raise ValueError("the LaTeX text shows nothing: pass at least one visible character")
    return fill_formulas(drafts, style)


def math_blocks(text: str, style: PageStyle) -> list[Block]:
    """Formulas without text around them, separated by empty lines, each on its own.

    Raises:
        ValueError: a formula that is not valid or not supported.
    """
    parts = re.split(r"\n[ \t]*\n", clean(text).strip())
    drafts: list[DraftBlock] = []
    for part in parts:
        latex = part.strip()
        for opening, closing in (("$$", "$$"), ("\\[", "\\]"), ("$", "$")):
            if latex.startswith(opening) and latex.endswith(closing) and len(latex) > 3:
                latex = latex[len(opening) : -len(closing)]
                break
        if latex:
            drafts += [FormulaBlock(latex=latex), Spacer(height=0.5)]
    return fill_formulas(drafts[:-1], style)


class _Reader:
    def __init__(self, text: str, start: int, style: PageStyle) -> None:
        self.text = text
        self.position = start
        self.style = style
        self.drafts: list[DraftBlock] = []
        self.pieces: list[Piece] = []
        self.look = Span(text="")
        self.groups: list[tuple[str, Span]] = []  # what closes it, the look outside
        self.lists: list[int | None] = []
        self.marker = ""
        self.align = "left"

    def read(self) -> None:
        """Read to the end of the text or of the document."""
        while self.position < len(self.text):
            if not self._step():
                break
        if self.groups:
            raise self._error(f"{self.groups[-1][0]} is missing")
        self._end_paragraph()

    def _step(self) -> bool:
        text, start = self.text, self.position
        if match := _ORDINARY_TEXT.match(text, start):
            self.position = match.end()
            self._add(match[0])
            return True
        char = text[start]
        if char == "\\":
            return self._command()
        if char == "$":
            self._dollar()
        elif char == "%":
            end = text.find("\n", start)
            # The comment takes the line break with it.
            self.position = len(text) if end < 0 else end + 1
        elif char == "\n":
            self._newline()
        elif char in "{}":
            self._open("}") if char == "{" else self._close("}")
            self.position += 1
        else:
            ligature = next((lig for lig in _LIGATURES if text.startswith(lig, start)), char)
            self.position += len(ligature)
            self._add("\u00a0" if char == "~" else _LIGATURE_CHARS.get(ligature, ligature))
        return True

    # Text

    def _add(self, text: str) -> None:
        text = text.replace("\t", " ")
        if not self.pieces:
            text = text.lstrip(" ")
        if text:
            self.pieces.append(replace(self.look, text=text))

    def _newline(self) -> None:
        end = self.position
        while end < len(self.text) and self.text[end] in " \t\n":
            end += 1
        if self.text.count("\n", self.position, end) > 1:
            self._end_paragraph()
        else:
            self._add(" ")
        self.position = end

    def _end_paragraph(self, space_after: float = 0.5) -> None:
        if self.pieces or self.marker:
            paragraph = Paragraph(
                spans=(),
                align="center" if self.align == "center" else "left",
                indent=min(_LIST_INDENT * len(self.lists), 12.0),
                marker=self.marker,
                space_after=0.15 if self.lists else space_after,
            )
            self.drafts.append(Draft(block=paragraph, pieces=tuple(self.pieces)))
        self.pieces, self.marker = [], ""

    # Groups and commands

    def _open(self, closing: str) -> None:
        if len(self.groups) >= _MAX_NESTING:
            raise self._error(f"more than {_MAX_NESTING} groups inside each other")
        self.groups.append((closing, self.look))

    def _close(self, closing: str) -> None:
        if not self.groups or self.groups[-1][0] != closing:
            raise self._error(f"{closing} has no beginning")
        self.look = self.groups.pop()[1]

    def _command(self) -> bool:
        match = _COMMAND.match(self.text, self.position)
        if match is None:
            raise self._error("the text ends with a backslash")
        name = match[1] or match[2]
        if name in ("(", "["):
            self._formula(match.end(), {"(": "\\)", "[": "\\]"}[name], display=name == "[")
        elif name in ("begin", "end"):
            return self._environment(name, match.end())
        elif name in _SECTIONS:
            self.position = match.end()
            self._section(name)
        elif name in _STYLES:
            self.position = match.end()
            if self.text[self.position : self.position + 1] != "{":
                raise self._error(f"\\{name} needs a group in braces")
            outside = self.look
            self._open("}")
            self.position += 1
            self.look = replace(outside, **_STYLES[name])
        else:
            self._simple(name, match)
        return True

    def _simple(self, name: str, match: "re.Match[str]") -> None:
        """Commands without an argument."""
        start = self.position
        self.position = match.end()
        if name in _CHARACTERS:
            self._add(_CHARACTERS[name])
        elif name in _SWITCHES:
            self.look = replace(self.look, **_SWITCHES[name])
        elif name in _PAGE_BREAKS:
            self._end_paragraph()
            self.drafts.append(PageBreak())
        elif name in ("\\", "newline", "linebreak"):
            self._end_paragraph(space_after=0.0)
        elif name == "par":
            self._end_paragraph()
        elif name == "item":
            self._item()
        elif name == "hrule":
            self._end_paragraph()
            self.drafts.append(Rule())
        elif name == "\n":
            self._add(" ")
        elif name not in _NOTHING:
            self.position = start
            raise self._error(f"unsupported LaTeX command \\{name}")

    def _section(self, name: str) -> None:
        self._end_paragraph()
        title = self._braced()
        if self.drafts:
            self.drafts.append(Spacer(height=0.3))
        # Formulas and emphasis inside a title are read like any text.
        inner = _Reader(title, 0, self.style)
        inner.look = Span(text="", bold=True, scale=_SECTIONS[name])
        inner.read()
        for draft in inner.drafts:
            if not isinstance(draft, Draft):
                raise self._error(f"only text is allowed in \\{name}")
            self.drafts.append(draft)

    def _item(self) -> None:
        if not self.lists:
            raise self._error("\\item stands outside of a list")
        self._end_paragraph()
        number = self.lists[-1]
        if number is None:
            self.marker = _BULLETS[(len(self.lists) - 1) % len(_BULLETS)]
        else:
            self.marker = f"{number}."
            self.lists[-1] = number + 1

    def _environment(self, command: str, end: int) -> bool:
        """`\\begin` or `\\end`; False at the end of the document."""
        self.position = end
        name = self._braced()
        if command == "end":
            self._close(f"\\end{{{name}}}")
            self._end_paragraph()
            if name in ("itemize", "enumerate"):
                self.lists.pop()
                self.drafts.append(Spacer(height=0.3))
            self.align = "left"
            return name != "document"
        if name in _MATH_ENVIRONMENTS:
            self._formula(self.position, f"\\end{{{name}}}", display=True, environment=name)
        elif name in ("verbatim", "lstlisting"):
            self._verbatim(name)
        elif name in ("itemize", "enumerate", *_PLAIN_ENVIRONMENTS):
            self._end_paragraph()
            self._open(f"\\end{{{name}}}")
            if name in ("itemize", "enumerate"):
                self.lists.append(None if name == "itemize" else 1)
            self.align = "center" if name == "center" else self.align
        else:
            raise self._error(f"unsupported environment {name!r}")
        return True

    def _verbatim(self, name: str) -> None:
        self._end_paragraph()
        closing = f"\\end{{{name}}}"
        end = self.text.find(closing, self.position)
        if end < 0:
            raise self._error(f"{closing} is missing")
        content = self.text[self.position : end].strip("\n").expandtabs(4)
        code = Paragraph(spans=(Span(text=content, mono=True),), preserve=True, space_after=0)
        self.drafts.append(Panel(blocks=(code,), background=palette_of(self.style).panel))
        self.drafts.append(Spacer(height=0.5))
        self.position = end + len(closing)

    # Formulas

    def _dollar(self) -> None:
        display = self.text.startswith("$$", self.position)
        delimiter = "$$" if display else "$"
        self._formula(self.position + len(delimiter), delimiter, display=display)

    def _formula(self, start: int, closing: str, *, display: bool, environment: str = "") -> None:
        end = start - 1
        while True:
            end = self.text.find(closing, end + 1)
            if end < 0 or end - start > MAX_FORMULA_CHARS:
                raise self._error(
                    f"{closing} is missing within {MAX_FORMULA_CHARS} characters of the formula"
                )
            # An escaped dollar ends nothing, nor does the bracket of a line break (`\\[2pt]`).
            latex = self.text[start:end]
            if (len(latex) - len(latex.rstrip("\\"))) % 2 == 0:
                break
        if environment and environment.rstrip("*") not in math_symbols.SINGLE_LINE:
            latex = f"\\begin{{{environment}}}{latex}\\end{{{environment}}}"
        self.position = end + len(closing)
        if display:
            self._end_paragraph()
            self.drafts += [FormulaBlock(latex=latex), Spacer(height=0.5)]
        else:
            request = FormulaRequest(latex=latex, scale=self.look.scale)
            self.pieces.append(FormulaSpan(request=request, look=self.look))

    # Helpers

    def _braced(self) -> str:
        """The group in braces at this position, without them."""
        if self.text[self.position : self.position + 1] != "{":
            raise self._error("expected {")
        level = 0
        for i in range(self.position, len(self.text)):
            char = self.text[i]
            if char in "{}" and self.text[i - 1] != "\\":
                level += 1 if char == "{" else -1
                if level == 0:
                    content = self.text[self.position + 1 : i]
                    self.position = i + 1
                    return content
        raise self._error("{ is never closed")

    def _error(self, problem: str) -> ValueError:
        line = self.text.count("\n", 0, self.position) + 1
        return ValueError(f"{problem}, in line {line} of the LaTeX text")
