"""From the text of a quantity to tokens: LaTeX, plain text and Chinese become one vocabulary.

One pass over text that `reading.clean` has bounded. Braces that LaTeX uses for fonts vanish, those
around an exponent or a part of a fraction stay.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from data_synth.verify.numerals import NUMERAL_CHARS
from data_synth.verify.units import CHINESE_UNITS, MAX_CHINESE_NAME
from data_synth.verify.verdict import Reason, UnreadableError

MAX_TOKENS = 200
"""Most tokens of one quantity."""

FRACTION, PLUS_MINUS, PI, PRIME, DOUBLE_PRIME = "\\frac", "\u00b1", "\u03c0", "'", '"'


class Kind(Enum):
    """What a token is."""

    NUMBER = auto()
    """Digits with their points, commas and exponent: 1,000 or 1.5e3."""
    VULGAR = auto()
    """A character such as one half, written as n/d."""
    NUMERAL = auto()
    """A run of Chinese numerals."""
    POWER = auto()
    """A run of superscripts, written as an integer."""
    WORD = auto()
    """A symbol or name of a unit, or a function word such as per."""
    SYMBOL = auto()
    """An operator, a bracket, the fraction command, pi, a prime mark or plus-minus."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a quantity."""

    kind: Kind
    text: str
    glued: bool
    """Stands directly after the token before it."""


_REPLACEMENTS = (
    ("^{\\circ}", "\u00b0"), ("^\\circ", "\u00b0"), ("\\circ", "\u00b0"), ("\\degree", "\u00b0"),
    ("\u2103", "\u00b0C"), ("\u2109", "\u00b0F"), ("\u00b5", "\u03bc"), ("\\%", "%"),
    ("{,}", ","), ("\u2044", "/"), ("**", "^"), ("+/-", PLUS_MINUS), ("+-", PLUS_MINUS),
    ("''", DOUBLE_PRIME),
)  # fmt: skip
_COMMANDS = MappingProxyType({
    "frac": FRACTION, "dfrac": FRACTION, "tfrac": FRACTION, "pm": PLUS_MINUS, "pi": PI,
    "cdot": "*", "times": "*", "mu": "\u03bc", "Omega": "\u03a9", "ohm": "\u03a9", "AA": "\u00c5",
    "euro": "\u20ac", "pounds": "\u00a3", "yen": "\u00a5",
} | dict.fromkeys(
    ("text", "mathrm", "textrm", "mathit", "textit", "rm", "mbox", "mathbf", "textbf", "left",
     "right", "quad", "operatorname"), ""
))  # fmt: skip
_SYMBOLS: Mapping[str, str] = MappingProxyType(
    {char: char for char in "+-*/^(),%&\u2030" + PI + PLUS_MINUS}
    | dict.fromkeys("\u00b7\u22c5\u00d7\u2219", "*")
    | dict.fromkeys("'\u2032\u2019", PRIME)
    | dict.fromkeys('"\u2033\u201d', DOUBLE_PRIME)
)
_DIGITS = frozenset("0123456789")
_SUPERSCRIPTS = MappingProxyType(
    {
        char: unicodedata.normalize("NFKC", char)
        for char in "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
    }
    | {"\u207b": "-", "\u207a": "+"}
)
_UNIT_SIGNS = frozenset("\u03bc\u03a9\u00c5\u00b0$\u20ac\u00a3\u00a5\u00a2\u20b9\u20a9\u20bd")
_CHINESE_WORDS: Mapping[str, str] = MappingProxyType(
    {"平方": "square", "立方": "cubic", "每": "per", "分": "分"}
)
_TWO_OR_TAEL = "两"


def tokenize(text: str) -> list[Token]:
    """The tokens of cleaned text.

    Raises:
        UnreadableError: a character or command that no quantity holds, or too many tokens.
    """
    text = _join_digit_groups(_drop_math_delimiters(text))
    for old, new in _REPLACEMENTS:
        text = text.replace(old, new)
    return _Scanner(text).run()


def _drop_math_delimiters(text: str) -> str:
    """An even number of bare $ delimits mathematics; a single one, or an escaped one, is money."""
    pieces = text.split("\\$")
    bare = sum(piece.count("$") for piece in pieces)
    return "$".join(pieces) if bare % 2 else "$".join(piece.replace("$", " ") for piece in pieces)


def _join_digit_groups(text: str) -> str:
    """A thin space between digits groups them, elsewhere it is a blank."""
    first, *others = text.split("\\,")
    pieces = [first]
    for piece in others:
        between_digits = pieces[-1][-1:] in _DIGITS and piece[:1] in _DIGITS
        pieces += [",", piece] if between_digits and pieces[-1] and piece else [" ", piece]
    return "".join(pieces)


class _Scanner:
    """The state of one pass."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._glued = False
        self._open_braces: list[str] = []
        """The role of each open brace: a part of a fraction, an exponent, or a font's."""
        self._awaits_denominator = False
        self._tokens: list[Token] = []

    def run(self) -> list[Token]:
        while self._at < len(self._text):
            char = self._text[self._at]
            if char in " ~":
                self._skip(1)
            elif char == "\\":
                self._scan_command()
            elif char in "{}":
                self._scan_brace(char)
            elif char in _SYMBOLS:
                self._emit(Kind.SYMBOL, _SYMBOLS[char], 1)
            else:
                self._scan_run(char)
        if self._open_braces:
            raise UnreadableError(Reason.BAD_BRACKETS)
        return self._tokens

    def _skip(self, length: int) -> None:
        self._at, self._glued = self._at + length, False

    def _emit(self, kind: Kind, text: str, length: int) -> None:
        if len(self._tokens) == MAX_TOKENS:
            raise UnreadableError(Reason.TOO_LONG)
        self._tokens.append(Token(kind, text, self._glued))
        self._at, self._glued = self._at + length, True

    def _take_run(self, belongs: Callable[[str], bool]) -> str:
        end = self._at + 1
        while end < len(self._text) and belongs(self._text[end]):
            end += 1
        return self._text[self._at : end]

    def _scan_command(self) -> None:
        if self._text[self._at + 1 : self._at + 2] in (" ", ";", ":", "!"):
            return self._skip(2)
        name = self._take_run(lambda char: char.isascii() and char.isalpha())
        meaning = _COMMANDS.get(name[1:])
        if meaning is None:
            raise UnreadableError(Reason.WRONG_TYPE)
        if not meaning:
            return self._skip(len(name))
        return self._emit(Kind.WORD if meaning in _UNIT_SIGNS else Kind.SYMBOL, meaning, len(name))

    def _scan_brace(self, char: str) -> None:
        last = self._tokens[-1].text if self._tokens else ""
        if char == "{":
            role = {"^": "exponent", FRACTION: "numerator"}.get(last, "font")
            if last == "}" and self._awaits_denominator:
                role = "denominator"
            self._open_braces.append(role)
        elif self._open_braces:
            role = self._open_braces.pop()
        else:
            raise UnreadableError(Reason.BAD_BRACKETS)
        if role == "font":
            return self._skip(1)
        self._awaits_denominator = char == "}" and role == "numerator"
        return self._emit(Kind.SYMBOL, char, 1)

    def _scan_run(self, char: str) -> None:
        if char in _DIGITS or char == ".":
            return self._scan_number()
        if char in _SUPERSCRIPTS:
            run = self._take_run(_SUPERSCRIPTS.__contains__)
            power = "".join(_SUPERSCRIPTS[each] for each in run)
            return self._emit(Kind.POWER, power, len(run))
        if _is_unit_letter(char):
            word = self._take_run(_is_unit_letter)
            return self._emit(Kind.WORD, word, len(word))
        decomposition = unicodedata.decomposition(char)
        if decomposition.startswith("<fraction>"):
            vulgar = unicodedata.normalize("NFKC", char).replace("\u2044", "/")
            return self._emit(Kind.VULGAR, vulgar, 1)
        if decomposition.startswith("<square>"):
            return self._scan_square(char)
        return self._scan_chinese(char)

    def _scan_number(self) -> None:
        text, end = self._text, self._at
        while end < len(text) and (
            text[end] in _DIGITS
            or (text[end] == "." and text[end + 1 : end + 2] != "")
            or (text[end] == "," and end > self._at and text[end + 1 : end + 2].isdecimal())
        ):
            end += 1
        power = end + 1
        if text[end : end + 1] in ("e", "E"):
            power += text[power : power + 1] in ("+", "-")
            stop = power
            while stop < len(text) and text[stop] in _DIGITS:
                stop += 1
            # 5e3 has an exponent, 5eV a unit.
            if stop > power and not text[stop : stop + 1].isalpha():
                end = stop
        self._emit(Kind.NUMBER, text[self._at : max(end, self._at + 1)], max(end - self._at, 1))

    def _scan_square(self, char: str) -> None:
        """A unit squeezed into one character: the square centimetre, the kilogram."""
        name = unicodedata.normalize("NFKC", char)
        if name[-1] in _DIGITS:
            self._emit(Kind.WORD, name[:-1], 0)
            return self._emit(Kind.POWER, name[-1], 1)
        return self._emit(Kind.WORD, name, 1)

    def _scan_chinese(self, char: str) -> None:
        name = self._match_chinese()
        if name:
            return self._emit(Kind.WORD, _CHINESE_WORDS.get(name, name), len(name))
        if char not in NUMERAL_CHARS:
            raise UnreadableError(Reason.WRONG_TYPE)
        end = self._at
        start = self._at
        while end < len(self._text) and self._text[end] in NUMERAL_CHARS:
            self._at = end
            if end > start and self._match_chinese():
                break
            end += 1
        self._at = start
        return self._emit(Kind.NUMERAL, self._text[start:end], end - start)

    def _match_chinese(self) -> str:
        """The longest name that starts here; two and the tael are told apart by what precedes."""
        for length in range(MAX_CHINESE_NAME, 0, -1):
            name = self._text[self._at : self._at + length]
            if name in _CHINESE_WORDS or name in CHINESE_UNITS:
                before = self._text[: self._at].rstrip()[-1:]
                counts = before in NUMERAL_CHARS or before in _DIGITS
                return name if name != _TWO_OR_TAEL or (before and counts) else ""
        return ""


def _is_unit_letter(char: str) -> bool:
    return (char.isascii() and char.isalpha()) or char in _UNIT_SIGNS
