r"""LaTeX mathematics to typst mathematics, by a list of what is allowed.

Formulas come from anywhere, and typst is a programming language that can read files. So nothing of
the source is copied: every command, environment and character is looked up in `math_symbols`, text
becomes an escaped string literal, and whatever is not known is an error that names it and its
position. (Converters that pass unknown input on would drop delimiters, mix up commas inside
arguments, and let `\text{#read("...")}` run.)
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from data_synth.render.formats import math_symbols as tables
from data_synth.render.formats.math_tokens import Token, TokenStream
from data_synth.render.formats.math_typst import (
    aligned_cell,
    array_options,
    filled,
    fraction,
    join,
    matrix_cell,
    operator,
    ordinary,
    sign,
)

MAX_FORMULA_CHARS = 2000
MAX_NESTING = 16
_MAX_SPACE_EM = 10.0
_UNIT_EM = {"em": 1.0, "ex": 0.43, "mu": 1 / 18, "pt": 0.1, "px": 0.075, "mm": 0.285, "cm": 2.85}
# Characters that mean something in typst mathematics; the rest of ASCII stands for itself.
_LITERALS = {
    **{char: f"\\{char}" for char in '()[],;:/!."*=<>+?`@#'},
    "-": "\u2212",
    "*": "\u2217",
}
_ROW_END = ("}", "&", "\\\\", "\\end", "\\right", "\\middle")


@dataclass(frozen=True, kw_only=True, slots=True)
class MathSource:
    """A formula in typst's notation.

    Example:
        MathSource(typst="frac(1, 2)", characters=frozenset(), rows=1, nesting=1)
    """

    typst: str
    characters: frozenset[str]
    """Non-ASCII characters taken from the source, which the font may lack."""
    rows: int
    """Lines of its environments and 1, a bound for the height."""
    nesting: int
    """How deep groups lie in each other."""


def translate(latex: str) -> MathSource:
    r"""Translate one formula, given without its `$` or `\[`.

    Raises:
        ValueError: not valid, not supported, too long or nested too deep.
    """
    if len(latex) > MAX_FORMULA_CHARS:
        raise ValueError(
            f"formula of {len(latex)} characters: split it, {MAX_FORMULA_CHARS} are allowed"
        )
    parser = _Parser(unicodedata.normalize("NFC", latex))
    typst = parser.parse()
    return MathSource(
        typst=typst,
        characters=frozenset(parser.characters),
        rows=parser.rows,
        nesting=parser.deepest,
    )


class _Parser(TokenStream):
    """Recursive descent over the tokens; every method returns typst source."""

    def __init__(self, latex: str) -> None:
        super().__init__(latex)
        self.depth = self.deepest = 0
        self.rows = 1
        self.characters: set[str] = set()

    def parse(self) -> str:
        if len(self.tokens) == 1:
            raise ValueError("formula is empty: write something between its delimiters")
        result = self._row()
        token = self.peek()
        if token.text in ("&", "\\\\"):
            # Lines without an environment, as allowed between \[ and \].
            return self._lines(first=result)
        if token.text:
            raise self.error(token, f"{token.text} has no beginning")
        return result

    # Rows, groups, scripts

    def _row(self, *ends: str) -> str:
        """Atoms up to a token that ends a row, or one of `ends`."""
        self._descend()
        atoms: list[str] = []
        while (token := self.peek()).text and token.text not in (*_ROW_END, *ends):
            if token.text in ("\\over", "\\choose", "\\atop"):
                self.next()
                above, below = join(atoms), self._row(*ends)
                atoms = [fraction(token.text, above, below)]
            elif token.text[1:] in tables.STYLES and token.text[0] == "\\":
                self.next()
                atoms.append(f"{tables.STYLES[token.text[1:]]}({filled(self._row(*ends))})")
            elif token.text[1:] in tables.OLD_ALPHABETS and token.text[0] == "\\":
                self.next()
                alphabet = tables.ALPHABETS[tables.OLD_ALPHABETS[token.text[1:]]]
                atoms.append(alphabet % filled(self._row(*ends)))
            else:
                atoms.append(self._scripted())
        self.depth -= 1
        return join(atoms)

    def _argument(self) -> str:
        """A group in braces or a single atom, as an argument of a typst function."""
        if self.accept("{"):
            content = self._row()
            self.expect("}")
            return filled(content)
        if self.peek().text in ("^", "_", "", *_ROW_END):
            token = self.peek()
            raise self.error(token, f"an argument is missing before {token.text or 'the end'}")
        self._descend()
        atom = self._atom()
        self.depth -= 1
        return atom

    def _descend(self) -> None:
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        if self.depth > MAX_NESTING:
            raise self.error(self.peek(), f"more than {MAX_NESTING} groups inside each other")

    def _option(self) -> str | None:
        """An argument in square brackets, if there is one."""
        if not self.accept("["):
            return None
        content = self._row("]")
        self.expect("]")
        return filled(content)

    def _scripted(self) -> str:
        token = self.peek()
        # A leading script belongs to nothing: `{}^{14}C`, `^\circ`.
        base = "" if token.text in ("^", "_", "'") else self._atom()
        stacked = token.text[1:] in tables.STACKED_ACCENTS and token.text[0] == "\\"
        above: list[str] = []
        below: list[str] = []
        superscript = False
        while (token := self.peek()).text in ("^", "_", "'", "\\limits", "\\nolimits"):
            self.next()
            if token.text == "'":
                above.append("\u2032")
            elif token.text == "^":
                if superscript:
                    raise self.error(token, "double superscript: group one of them in braces")
                superscript = True
                above.append(self._argument())
            elif token.text == "_":
                if below:
                    raise self.error(token, "double subscript: group one of them in braces")
                below.append(self._argument())
            else:
                placement = "limits" if token.text == "\\limits" else "scripts"
                base = f"{placement}({base})"
        if not above and not below:
            return base
        if stacked:
            base = f"limits({base})"
        scripts = [f"t: {join(above)}"] if above else []
        scripts += [f"b: {below[0]}"] if below else []
        return f"attach({base or 'zws'}, {', '.join(scripts)})"

    # Atoms

    def _atom(self) -> str:
        token = self.next()
        text = token.text
        if text == "{":
            content = self._row()
            self.expect("}")
            # A group of one sign is an ordinary symbol, without spaces around: 1{,}000.
            is_sign = len(content.removeprefix("\\")) == 1 and not content.isalnum()
            return ordinary(content) if is_sign else content
        if text[0] == "\\":
            return self._command(token)
        if text == "~":
            return tables.SPACES[" "]
        if text in ("^", "_", "&", "}", "$", "%", "#"):
            raise self.error(token, f"{text} is not allowed here: write \\{text} for the sign")
        return self._character(token)

    def _character(self, token: Token) -> str:
        char = token.text
        if char.isascii() and char.isprintable():
            return ordinary(char) if char == "|" else _LITERALS.get(char, char)
        category = unicodedata.category(char)
        if category[0] in "CZM":
            label = unicodedata.name(char, "unnamed")
            raise self.error(
                token, f"character U+{ord(char):04X} ({label}) is not allowed in mathematics"
            )
        self.characters.add(char)
        # Brackets and roots are syntax in typst unless escaped.
        return char if category[0] in "LN" else "\\" + char

    def _command(self, token: Token) -> str:
        name = token.text[1:]
        known = sign(token.text)
        if known is not None:
            return known
        if name in tables.FUNCTIONS:
            return operator(tables.FUNCTION_NAMES.get(name, name), limits=tables.FUNCTIONS[name])
        if name in tables.ACCENTS:
            return f"{tables.ACCENTS[name]}({self._argument()})"
        if name in tables.ALPHABETS:
            return tables.ALPHABETS[name] % self._argument()
        if name in tables.TEXTS:
            return tables.TEXTS[name] % self._text()
        if name in tables.BIG_SIZES:
            delimiter = self._delimiter()
            return f"lr(size: #{tables.BIG_SIZES[name]}em, {delimiter})" if delimiter else ""
        handler = _HANDLERS.get(name)
        if handler is None:
            raise self.error(token, f"unsupported LaTeX command {token.text}")
        return handler(self)

    def _text(self) -> str:
        """The argument of `\\text` as a typst string."""
        token = self.peek()
        self.expect("{")
        level, i = 1, token.end
        parts: list[str] = []
        content = ""
        while i < len(self.latex):
            char = self.latex[i]
            if char == "$":
                formula = self.latex[i + 1 : self.latex.find("$", i + 1)]
                parts += [self._string(content, token), self._inner_formula(formula, token)]
                content = char = ""
                i += len(formula) + 1
            elif char == "\\":
                i += 1
                char = self.latex[i : i + 1]
                if char not in tuple("{}#$%&_ "):
                    raise self.error(Token(char, i, i), f"unsupported command \\{char} inside text")
            elif char in "{}":
                level += 1 if char == "{" else -1
                if not level:
                    break
                char = ""
            content += " " if char in ("~", "\n", "\t") else char
            i += 1
        else:
            raise self.error(token, "{ is never closed")
        while self.peek().text and self.peek().start <= i:
            self.position += 1
        return join([*parts, self._string(content, token)])

    def _inner_formula(self, latex: str, token: Token) -> str:
        """A formula inside text."""
        self._descend()
        parser = _Parser(latex)
        parser.depth = self.depth
        result = parser.parse()
        self.depth -= 1
        self.deepest = max(self.deepest, parser.deepest)
        self.rows += parser.rows
        self.characters |= parser.characters
        return result

    def _string(self, text: str, token: Token) -> str:
        for char in text:
            if unicodedata.category(char)[0] == "C":
                raise self.error(token, f"text holds the control character U+{ord(char):04X}")
        self.characters.update(char for char in text if not char.isascii())
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def _raw_argument(self) -> str:
        """A group in braces as it is written: names, lengths, column kinds."""
        opening = self.peek()
        self.expect("{")
        while not self.accept("}"):
            self.next()
        return self.latex[opening.end : self.tokens[self.position - 1].start].strip()

    def _delimiter(self) -> str:
        token = self.next()
        if token.text not in tables.DELIMITERS:
            raise self.error(token, f"{token.text} is no delimiter")
        return tables.DELIMITERS[token.text]

    # Environments

    def _environment(self) -> str:
        token = self.peek()
        name = self._raw_argument()
        plain = name.removesuffix("*")
        if plain in tables.MATRICES:
            result = self._matrix(plain)
        elif plain in tables.ALIGNED:
            if plain == "alignat":
                self._raw_argument()
            result = self._lines()
        elif plain in tables.SINGLE_LINE:
            result = self._row()
        else:
            raise self.error(token, f"unsupported environment {name!r}")
        end = self.peek()
        self.expect("\\end")
        if (closing := self._raw_argument()) != name:
            raise self.error(end, f"environment {name!r} is ended by {closing!r}")
        return result

    def _matrix(self, name: str) -> str:
        columns = self._raw_argument() if name == "array" else ""
        rows, horizontal = self._cells()
        width = max(len(row) for row in rows)
        style = "inline" if name == "smallmatrix" else "display"
        cell = "display(%s)" if name in ("dcases", "rcases") else "%s"
        kinds = [kind for kind in columns if kind in "lcr"]
        body = "; ".join(
            ", ".join(
                matrix_cell(cell % filled(text), kinds[i] if i < len(kinds) else "")
                for i, text in enumerate(row + [""] * (width - len(row)))
            )
            for row in rows
        )
        options = [f"delim: {tables.MATRICES[name]}"]
        if name.endswith("cases"):
            options += ["align: #left", "column-gap: #1em"]
        elif columns:
            options += array_options(columns, width, len(rows), horizontal)
        return f"{style}(mat({', '.join(options)}, {body}))"

    def _cells(self) -> tuple[list[list[str]], list[int]]:
        """The cells up to `\\end`, and before which rows a line is drawn."""
        rows: list[list[str]] = []
        horizontal: list[int] = []
        while True:
            while self.accept("\\hline"):
                horizontal.append(len(rows))
            if rows and self.peek().text == "\\end":
                break
            row = [self._row("\\hline")]
            while self.accept("&"):
                row.append(self._row("\\hline"))
            rows.append(row)
            if not self.accept("\\\\"):
                break
            self._option_length()
        while self.accept("\\hline"):
            horizontal.append(len(rows))
        self.rows += len(rows)
        return rows, horizontal

    def _lines(self, first: str | None = None) -> str:
        """Aligned lines, as a matrix of one column without delimiters."""
        rows: list[list[str]] = []
        row = [self._row() if first is None else first]
        while True:
            if self.accept("&"):
                row.append(self._row())
            elif self.accept("\\\\"):
                self._option_length()
                rows.append(row)
                row = [self._row()]
            else:
                break
        if row != [""]:
            rows.append(row)
        self.rows += len(rows)
        lines = (" & ".join(aligned_cell(cell, i) for i, cell in enumerate(row)) for row in rows)
        return f"display(mat(delim: #none, row-gap: #0.7em, {'; '.join(lines)}))"

    def _option_length(self) -> None:
        """The length after a line break (`\\\\[2pt]`), which is not used."""
        if self.peek().text == "[" and self.peek().start == self._previous_end():
            while not self.accept("]"):
                self.next()

    def _previous_end(self) -> int:
        return self.tokens[self.position - 1].end

    # Commands with their own grammar

    def _frac(self) -> str:
        above = self._argument()
        return f"frac({above}, {self._argument()})"

    def _binom(self) -> str:
        above = self._argument()
        return f"binom({above}, {self._argument()})"

    def _sqrt(self) -> str:
        index = self._option()
        content = self._argument()
        return f"sqrt({content})" if index is None else f"root({index}, {content})"

    def _left(self) -> str:
        left = self._delimiter()
        parts = [self._row()]
        while self.accept("\\middle"):
            parts.append(f"mid({self._delimiter()})")
            parts.append(self._row())
        self.expect("\\right")
        right = self._delimiter()
        return f"lr({left} {filled(join(parts))} {right})"

    def _operator_name(self) -> str:
        limits = self.accept("*")
        return f"op({self._text()}, limits: #{'true' if limits else 'false'})"

    def _stack(self, *, above: bool) -> str:
        label = self._argument()
        return f"attach(limits({self._argument()}), {'t' if above else 'b'}: {label})"

    def _arrow(self, sign: str) -> str:
        below = self._option()
        labels = f"t: {self._argument()}" + (f", b: {below}" if below else "")
        return f"attach(limits(stretch({sign}, size: #(100% + 1em))), {labels})"

    def _substack(self) -> str:
        self.expect("{")
        lines = [filled(self._row())]
        while self.accept("\\\\"):
            lines.append(filled(self._row()))
        self.expect("}")
        self.rows += len(lines)
        return f"inline(mat(delim: #none, row-gap: #0.2em, {'; '.join(lines)}))"

    def _not(self) -> str:
        token = self.peek()
        symbol = self._argument()
        plain = symbol.removeprefix("\\")
        if plain not in tables.NEGATIONS:
            raise self.error(token, f"\\not before {token.text} is not supported")
        return tables.NEGATIONS[plain]

    def _space(self) -> str:
        token = self.peek()
        length = self._raw_argument()
        number, unit = length[:-2].strip(), length[-2:]
        try:
            size = float(number) * _UNIT_EM[unit] if len(number) < 12 else _MAX_SPACE_EM + 1
        except (ValueError, KeyError) as error:  # the source is not ours
            raise self.error(token, f"{length!r} is no length such as 1em") from error
        if not -_MAX_SPACE_EM <= size <= _MAX_SPACE_EM:
            raise self.error(token, f"a space of {length} is too large")
        return f"#h({size:.3f}em)"

    def _boxed(self) -> str:
        content = self._argument()
        return f"#box(stroke: 0.05em, inset: (x: 0.2em), outset: (y: 0.25em), $display({content})$)"


_HANDLERS: dict[str, Callable[[_Parser], str]] = {
    "begin": _Parser._environment,
    "left": _Parser._left,
    **dict.fromkeys(("frac", "cfrac"), _Parser._frac),
    "dfrac": lambda parser: f"display({parser._frac()})",
    "tfrac": lambda parser: f"inline({parser._frac()})",
    **dict.fromkeys(("binom", "dbinom", "tbinom"), _Parser._binom),
    "sqrt": _Parser._sqrt,
    "operatorname": _Parser._operator_name,
    **dict.fromkeys(("overset", "stackrel"), lambda parser: parser._stack(above=True)),
    "underset": lambda parser: parser._stack(above=False),
    "xrightarrow": lambda parser: parser._arrow("→"),
    "xleftarrow": lambda parser: parser._arrow("←"),
    "xleftrightarrow": lambda parser: parser._arrow("↔"),
    "substack": _Parser._substack,
    "not": _Parser._not,
    "hspace": _Parser._space,
    "boxed": _Parser._boxed,
    "phantom": lambda parser: f"#hide(${parser._argument()}$)",
    "pmod": lambda parser: f'quad \\("mod" thin {parser._argument()}\\)',
    "pod": lambda parser: f"quad \\({parser._argument()}\\)",
    "mod": lambda parser: f'quad "mod" thin {parser._argument()}',
    "bmod": lambda parser: 'class("binary", "mod")',
    **dict.fromkeys(("nonumber", "notag", "displaylimits"), lambda parser: ""),
}
