r"""Text to tokens: LaTeX, plain text and Unicode, in one pass over the characters.

Nothing is evaluated and nothing is matched by a pattern. Superscripts and vulgar fractions become
`^{...}` and fractions here, where they cannot run into the digits next to them.
"""

import unicodedata
from fractions import Fraction

from data_synth.verify.answer import AnswerStatus, find_closing_brace
from data_synth.verify.math.scanner import DIGITS, MAX_DIGITS, Scanner, Token, refuse
from data_synth.verify.math.vocabulary import (
    BEYOND,
    CHARACTERS,
    COMMANDS,
    FUNCTIONS,
    IGNORED,
    MAX_SYMBOL_RUN,
    MULTIPLIERS,
    NUMBER_SETS,
    PROSE,
    SPACES,
    TEXT_COMMANDS,
    UNITS,
    WORDS,
)
from data_synth.verify.verdict import Reason

MAX_BRACES = 64
_BRACKETS = ("(", "[", "{", "\\")
_SHIFTED = {"<super>": "^", "<sub>": "_"}


def tokenize(text: str) -> list[Token]:
    """All tokens of a cleaned text.

    Raises UnreadableError: too long, braces that do not match, characters that are no mathematics,
    or (`unsure`) commands of mathematics beyond the reader.
    """
    lexer = _Lexer(text)
    lexer.run()
    return lexer.tokens


class _Lexer(Scanner):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.beyond = False

    def run(self) -> None:
        depth = 0
        while self.at < len(self.text):
            depth += {"{": 1, "}": -1}.get(self.text[self.at], 0)
            if not 0 <= depth <= MAX_BRACES:
                refuse(Reason.BAD_BRACKETS)
            self._step(self.text[self.at])
        if depth:
            refuse(Reason.BAD_BRACKETS)
        if self.beyond:
            refuse(Reason.UNSURE)

    def _step(self, char: str) -> None:
        if char in DIGITS or (char == "." and self.peek(1) in DIGITS):
            self.number()
        elif char.isascii() and char.isalpha():
            self._word()
        elif char == "\\":
            self._command()
        elif char in " \t\r\n~":
            self.space = True
            self.at += 1
        elif self._two_characters() or self._shifted(char):
            pass
        elif char in CHARACTERS:
            self.at += 1
            self.emit(*CHARACTERS[char])
        else:
            self._vulgar_fraction(char)

    def _word(self) -> None:
        start = self.at
        while self.peek(0).isascii() and self.peek(0).isalpha():
            self.at += 1
        word = self.text[start : self.at]
        after_number = bool(self.tokens) and self.tokens[-1].kind in ("num", "repeating", "sci")
        if len(word) == 1:
            self.emit("name", word)
        elif word == "in" and self.text[self.at : self.at + 3].lstrip()[:1] in _BRACKETS:
            self.emit("rel", "in")
        elif word in UNITS and after_number:
            self.emit("unit", word)
        elif word in MULTIPLIERS and after_number:
            self.emit("multiplier", word)
        elif word in WORDS:
            self.emit(*WORDS[word])
        elif word in FUNCTIONS:
            self.emit("func", word)
        else:
            self._letters(word)

    def _letters(self, word: str) -> None:
        """A product of symbols, in which a function may come last and pi first or last."""
        tail = ("", "")
        for name in sorted(FUNCTIONS, key=len, reverse=True):
            if word.endswith(name) and self.peek(0) in "( " and len(word) > len(name):
                word, tail = word[: -len(name)], ("func", name)
                break
        if len(word) > MAX_SYMBOL_RUN or word.casefold() in PROSE:
            refuse()
        starts_pi, ends_pi = word.startswith("pi"), word.endswith("pi")
        if starts_pi:
            self.emit("name", "pi")
        for letter in word[2 if starts_pi else 0 : -2 if ends_pi and not starts_pi else None]:
            self.emit("name", letter)
        if ends_pi and not starts_pi:
            self.emit("name", "pi")
        if tail[0]:
            self.emit(*tail)

    def _command(self) -> None:
        start = self.at + 1
        self.at = start
        while self.peek(0).isascii() and self.peek(0).isalpha():
            self.at += 1
        self.at = max(self.at, start + 1)
        name = self.text[start : self.at]
        if name in SPACES:
            self.space = True
            self.thin = name in (",", "thinspace")
        elif name in COMMANDS:
            self.emit(*COMMANDS[name])
        elif name in BEYOND:
            # Only once the whole text is known to be sane is the verdict left open.
            self.beyond = True
            self.emit("beyond", name)
        elif name not in IGNORED:
            self._command_with_argument(name)

    def _command_with_argument(self, name: str) -> None:
        if name in TEXT_COMMANDS:
            self._text(self._argument(), upright=name in ("mathrm", "operatorname"))
        elif name in ("begin", "end"):
            self.emit(name, self._argument())
        elif name == "mathbb":
            braced = self.peek(0) == "{"
            letter = self._argument() if braced else self.peek(1)
            self.at += 0 if braced else 2
            if letter not in NUMBER_SETS:
                refuse()
            self.emit("name", "numbers " + letter)
        elif name == "$":
            self.emit("unit", "$")
        else:
            refuse()

    def _argument(self) -> str:
        """The text in the braces that follow, which are skipped."""
        if self.peek(0) == " ":
            self.at += 1
        if self.peek(0) != "{":
            refuse()
        end, status = find_closing_brace(self.text, self.at + 1)
        if status is not AnswerStatus.FOUND:
            refuse(Reason.BAD_BRACKETS)
        content = self.text[self.at + 1 : end]
        self.at = end + 1
        return content.strip()

    def _text(self, content: str, *, upright: bool) -> None:
        if content.casefold() in ("or", "and", ", and", ", or"):
            self.emit("join", content.casefold().split()[-1])
        elif content in FUNCTIONS:
            self.emit("func", content)
        elif upright and content in ("e", "i"):
            self.emit("name", content)
        elif content in MULTIPLIERS:
            self.emit("multiplier", content)
        elif content:
            self.emit("unit", content)

    def _two_characters(self) -> bool:
        pair = self.text[self.at : self.at + 2]
        if pair == "**":
            token = ("op", "^")
        elif pair in ("<=", ">="):
            token = ("rel", pair)
        elif pair == "!=" and self.tokens and self.tokens[-1].kind == "name":
            token = ("rel", "!=")
        else:
            return False
        self.at += 2
        self.emit(*token)
        return True

    def _shifted(self, char: str) -> bool:
        """A run of superscripts or subscripts as `^{...}` or `_{...}`; False if there is none."""
        kind = unicodedata.decomposition(char).partition(" ")[0]
        if kind not in _SHIFTED or char == "\u00aa" or char == "\u00ba":
            return False
        self.emit("op", _SHIFTED[kind])
        self.emit("open", "{")
        inner = ""
        while unicodedata.decomposition(self.peek(0)).startswith(kind):
            inner += unicodedata.normalize("NFKC", self.peek(0)).replace("\u2212", "-")
            self.at += 1
        self.digits += len(inner)
        if not inner.isascii() or self.digits > MAX_DIGITS:
            refuse()
        number = inner.lstrip("+-")
        for sign in inner[: len(inner) - len(number)]:
            self.emit("op", sign)
        if number.isdigit():
            self.emit("num", number)
        elif len(number) == 1 and number.isalpha():
            self.emit("name", number)
        else:
            refuse()
        self.emit("close", "{")
        return True

    def _vulgar_fraction(self, char: str) -> None:
        decomposition = unicodedata.decomposition(char)
        if not decomposition.startswith("<fraction>"):
            refuse()
        upper, slash, lower = unicodedata.normalize("NFKC", char).partition("\u2044")
        if not (slash and upper and lower):
            refuse()
        self.at += 1
        self.emit("vulgar", f"{upper}/{lower}", Fraction(int(upper), int(lower)))
