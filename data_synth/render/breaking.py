"""Lines of a given width: greedy, at spaces, beside ideographs, and in words that are too long."""

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from data_synth.render.blocks import Span
from data_synth.render.faces import Face, Word, word_of
from data_synth.render.shaping import is_complex, shape_word, visual_order
from data_synth.style import RGB

MAX_PIECE = 256
"""Characters of a word that are drawn at once: an endless word must not cost its square."""
# Han, kana, Hangul and their punctuation: a line may break between any two of them.
_IDEOGRAPHIC = re.compile(
    "[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
# Rules of JIS X 4051 (kinsoku) beside the closing and opening marks that Unicode tells apart:
# stops, small kana, signs of iteration and lengthening, units.
_NOT_FIRST = frozenset(
    ",.!?:;%\u00b0\u2025\u2026\u2030\u203c\u2047\u2048\u2049\u2103\u3001\u3002\u3005\u301c\u303b"
    "\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085\u3087\u308e\u3095\u3096\u3099\u309a\u309b"
    "\u309c\u309d\u309e\u30a0\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7\u30ee\u30f5"
    "\u30f6\u30fb\u30fc\u30fd\u30fe\uff01\uff05\uff0c\uff0e\uff1a\uff1b\uff1f\uff61\uff64\uff65"
    "\uff67\uff68\uff69\uff6a\uff6b\uff6c\uff6d\uff6e\uff6f\uff70\uff9e\uff9f"
) | frozenset(map(chr, range(0x31F0, 0x3200)))
_NOT_LAST = frozenset("$\u00a3\u00a5\u2116\uff04\uffe1\uffe5")
_MARKS = ("Mn", "Mc", "Me", "Cf")
_VIRAMA = 9  # combining class of the sign that ties two consonants together
_THAI_AM = "\u0e33\u0eb3"  # vowels that are drawn around the letter before


@dataclass(slots=True)
class Piece:
    """What stands on a line and is never broken."""

    text: str
    drawing: Word | Image.Image | None
    """A mask takes the colour of its span; an image has its own; a space has none."""
    advance: float
    extent: float
    face: Face
    span: Span
    level: int = 0
    """Odd runs from right to left."""

    @property
    def is_space(self) -> bool:
        """Whether a line may drop it at its end."""
        return self.drawing is None


@dataclass(slots=True)
class InlineLine:
    """Pieces of one line in logical order."""

    pieces: list[Piece]
    indent: float = 0.0
    """Pixels before the first piece, for the continuation of an indented line."""
    level: int = 0
    """Direction of the paragraph: odd begins at the right, the indent included."""

    @property
    def text(self) -> str:
        """The line in reading order."""
        return "".join([piece.text for piece in self.pieces]).strip(" ")

    def placed(self) -> Iterator[tuple[Piece, float]]:
        """Pieces from left to right with their pen positions from the left end of the line."""
        x = 0.0 if self.level % 2 else self.indent
        pieces = self.pieces
        if any(piece.level for piece in pieces):
            pieces = [pieces[i] for i in visual_order([piece.level for piece in pieces])]
        for piece in pieces:
            yield piece, x
            x += piece.advance

    def extents(self) -> list[float]:
        """Widths of what is never broken, in pixels."""
        return [piece.extent for piece in self.pieces if piece.drawing is not None]

    @property
    def overhang(self) -> float:
        """Pixels that breaking keeps free at the end of a line that turns direction."""
        return _overhang(self.pieces) if any(piece.level for piece in self.pieces) else 0.0

    @property
    def width(self) -> float:
        """Pixels from the end where the line begins, its indent included, to the last ink."""
        ends = [x + piece.extent for piece, x in self.placed() if piece.drawing is not None]
        return max(ends, default=0.0) + (self.indent if self.level % 2 else 0.0)


@dataclass(slots=True)
class PlainLine:
    """A line of words in one look, left to right: the short way of most text."""

    words: list[Word]
    starts: list[int]
    """Pen positions of the words in pixels from the left end of the line."""
    width: float
    """Pixels to the end of the last ink."""
    text: str
    face: Face
    color: RGB | None
    level = 0
    overhang = 0.0

    def extents(self) -> list[float]:
        """Widths of what is never broken, in pixels."""
        return [word.extent for word in self.words]


def is_mark(char: str) -> bool:
    """Whether a character is drawn with, and in the font of, the one before."""
    return unicodedata.category(char) in _MARKS


def is_control(char: str) -> bool:
    """Whether a character has no ink of its own: joiners, directions, selectors of emoji."""
    return char in "\ufe0e\ufe0f" or unicodedata.category(char) == "Cf"


def is_ideographic(text: str) -> bool:
    """Whether a text begins with a character that may stand alone on a line."""
    return _IDEOGRAPHIC.match(text) is not None


def has_ideographs(text: str) -> bool:
    """Whether a line may break inside a text without spaces."""
    return _IDEOGRAPHIC.search(text) is not None


def word_piece(text: str, face: Face, span: Span, level: int) -> Piece:
    """A word or a part of one, of one font and one direction.

    Raises:
        ValueError: the font has no glyph for it, or it needs a package that is not installed.
    """
    if not is_complex(text):
        drawn = face.word(_mirrored(text) if level % 2 else text)
    elif not face.file.path:  # Pillow's own face is no file to shape with, and has no marks
        shown = "".join([char for char in text if not is_control(char)])
        drawn = face.word(shown) if shown else word_of(Image.new("L", (1, 1)), 0, 0, 0.0)
    else:
        shaped = shape_word(text, face.file, face.size, rtl=level % 2 == 1)
        drawn = word_of(shaped.mask, shaped.left, shaped.top, shaped.advance)
    return Piece(text, drawn, drawn.advance, drawn.extent, face, span, level)


def plain_lines(
    span: Span, text: str, face: Face, width: float, *, preserve: bool
) -> list[PlainLine]:
    """Break text at spaces, and words that are wider than a line wherever they must be.

    Raises:
        ValueError: a character is wider than the line.
    """
    found: list[PlainLine] = []
    draw, space, color = face.word, face.space, span.color
    for line in text.split("\n"):
        content = line.lstrip(" ")
        indent = (len(line) - len(content)) * space if preserve else 0.0
        words: list[Word] = []
        starts: list[int] = []
        x, gap, right = indent, 0.0, 0.0
        start = end = at = 0  # of the present line and of the present word in `content`
        for part in content.split(" "):
            if not part:  # one more space between two words
                gap += space
                at += 1
                continue
            word = draw(part) if len(part) <= MAX_PIECE else _whole(face, part, width - x - gap)
            if word is None or x + gap + word.extent > width:
                if words:
                    shown = content[start:end]
                    found.append(PlainLine(words, starts, right, shown, face, color))
                    words, starts = [], []
                x, gap, start = indent, 0.0, at
                while (fitting := _fitting(face, part, width - x)) < len(part):
                    head, part = part[:fitting], part[fitting:]
                    word, at = draw(head), at + fitting
                    right = x + word.extent
                    found.append(PlainLine([word], [round(x)], right, head, face, color))
                    start = at
                word = draw(part)
            x += gap
            words.append(word)
            starts.append(round(x))
            right = x + word.extent
            x += word.advance
            gap = space
            at += len(part)
            end = at
            at += 1
        found.append(PlainLine(words, starts, right, content[start:end], face, color))
    return found


def _whole(face: Face, word: str, width: float) -> Word | None:
    """A long word if it fits: it is not drawn to find that out."""
    return face.word(word) if face.fitting(word, width) == len(word) else None


def _fitting(face: Face, word: str, width: float) -> int:
    fitting = face.fitting(word, width)
    if fitting == 0:
        raise _too_narrow(word, face.extent(word[0]) - width)
    return fitting


def break_pieces(
    pieces: list[Piece], width: float, *, preserve: bool
) -> Iterator[tuple[list[Piece], float]]:
    """Greedy lines and their indents; a preserved line goes on under its own indentation.

    Raises:
        ValueError: a character or an inline image is wider than the line.
    """
    leading = 0
    while leading < len(pieces) and pieces[leading].is_space:
        leading += 1
    indent = sum(piece.advance for piece in pieces[:leading]) if preserve else 0.0
    line: list[Piece] = []
    x = indent
    queue = pieces[leading:]
    queue.reverse()
    turns = any(piece.level for piece in pieces)
    if turns:  # any piece may turn out to be the rightmost
        width -= min(width / 8, _overhang(pieces))
    while queue:
        piece = queue.pop()
        if piece.is_space or x + (piece.advance if turns else piece.extent) <= width:
            line.append(piece)
            x += piece.advance
            continue
        end = _last_break(line, piece)
        if end == 0:  # the line holds nothing but the beginning of one long word
            head, tail = _cut(piece, width - x)
            if head is None and not line:
                raise _too_narrow(piece.text, _narrowest(piece) - (width - x))
            line += [head] if head is not None else []
            piece, end = tail, len(line)
        queue.append(piece)
        queue += reversed(line[end:])
        yield _without_trailing_spaces(line[:end]), indent
        while queue and queue[-1].is_space:
            queue.pop()
        line, x = [], indent
    yield _without_trailing_spaces(line), indent if line else 0.0


def _overhang(pieces: list[Piece]) -> float:
    """Pixels by which the ink of some piece may reach beyond the end of its line."""
    return max((piece.extent - piece.advance for piece in pieces), default=0.0)


def _last_break(line: list[Piece], following: Piece) -> int:
    """Number of pieces of a full line that stay on it, 0 if it has no place to break."""
    after = following
    for end in range(len(line), 0, -1):
        before = line[end - 1]
        if before.is_space or after.is_space or _breaks_between(before, after):
            return end
        after = before
    return 0


def _breaks_between(before: Piece, after: Piece) -> bool:
    """Whether a line may break between two pieces without a space: beside an ideograph or image."""
    loose = any(
        isinstance(piece.drawing, Image.Image) or is_ideographic(piece.text)
        for piece in (before, after)
    )
    return loose and _can_end_line(before) and _can_start_line(after)


def _can_start_line(piece: Piece) -> bool:
    if isinstance(piece.drawing, Image.Image):
        return True
    first = piece.text[0]
    return first not in _NOT_FIRST and unicodedata.category(first) not in ("Pe", "Pf")


def _can_end_line(piece: Piece) -> bool:
    if isinstance(piece.drawing, Image.Image):
        return True
    last = piece.text[-1]
    return last not in _NOT_LAST and unicodedata.category(last) not in ("Ps", "Pi")


def _cut(piece: Piece, width: float) -> tuple[Piece | None, Piece]:
    """As much of a word as fits `width`, None if nothing does, and the rest."""
    text = piece.text
    ends = _cluster_ends(text) if isinstance(piece.drawing, Word) else []
    fitting, beyond = 0, len(ends)
    while beyond > fitting:
        middle = (fitting + beyond) // 2
        if _part(piece, text[: ends[middle]]).extent <= width:
            fitting = middle + 1
        else:
            beyond = middle
    if fitting == 0:
        return None, piece
    end = ends[fitting - 1]
    return _part(piece, text[:end]), _part(piece, text[end:])


def _part(piece: Piece, text: str) -> Piece:
    return word_piece(text, piece.face, piece.span, piece.level)


def _narrowest(piece: Piece) -> float:
    """Width of what cannot be broken at the beginning of a piece."""
    ends = _cluster_ends(piece.text) if isinstance(piece.drawing, Word) else []
    return _part(piece, piece.text[: ends[0]]).extent if ends else piece.extent


def _cluster_ends(text: str) -> list[int]:
    """Where a word may be cut: never before a mark, nor inside a conjunct; its end left out."""
    return [at for at in range(1, len(text)) if ends_cluster(text, at)]


def ends_cluster(text: str, at: int) -> bool:
    """Whether what a reader takes for one character ends before `text[at]`."""
    char, before = text[at], text[at - 1]
    return not (
        is_mark(char)
        or char in _THAI_AM
        or "\u1160" <= char <= "\u11ff"  # vowel or final consonant of a Hangul syllable
        or before == "\u200d"
        or unicodedata.combining(before) == _VIRAMA
    )


def _without_trailing_spaces(line: list[Piece]) -> list[Piece]:
    while line and line[-1].is_space:
        line = line[:-1]
    return line


def _mirrored(text: str) -> str:
    """Punctuation as it is drawn from right to left: brackets open the other way (UAX #9, L4)."""
    from bidi.mirror import MIRRORED

    return "".join(MIRRORED.get(char, char) for char in reversed(text))


def _too_narrow(text: str, missing: float) -> ValueError:
    return ValueError(
        f"the text needs a width {math.ceil(missing)} pixels larger to fit {text[:20]!r} after its "
        "indentation: raise width, or lower font_size or margin"
    )
