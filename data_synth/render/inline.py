"""From spans to lines: words with their fonts and directions, broken to a width.

Text of simple scripts takes a short way: words are what stands between spaces. Everything else is
cut into pieces that have one direction (UAX #9), one font and one way to be drawn: a shaped word, a
character that may stand alone on a line (Chinese, Japanese, Korean), an emoji, an inline image.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from PIL import Image

from data_synth.fonts import fallback_fonts, find_font
from data_synth.render.blocks import Span
from data_synth.render.emoji import emoji_image, emoji_sequences, has_emoji
from data_synth.render.faces import Face, Word, load_face
from data_synth.render.page import PageStyle
from data_synth.render.shaping import base_level, bidi_levels, is_complex, shape_word, visual_order
from data_synth.style import RGB

TAB_SIZE = 4
# Han, kana, Hangul and their punctuation: a line may break between any two of them.
_IDEOGRAPHIC = re.compile(
    "[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
_NOT_FIRST = frozenset(
    "\u3001\u3002\uff0c\uff0e\uff01\uff1f\uff1a\uff1b\uff09\u300d\u300f\u3011\u300b\u3009"
    "\u2019\u201d\u30fc\u3005)]},.!?:;"
)
_NOT_LAST = frozenset("\uff08\u300c\u300e\u3010\u300a\u3008\u2018\u201c([{")
_IGNORABLE = ("Mn", "Mc", "Me", "Cf")  # drawn with, and in the font of, the character before


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
    can_start_line: bool = True
    can_end_line: bool = True

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
    """Direction of the paragraph."""

    @property
    def text(self) -> str:
        """The line in reading order."""
        return "".join(piece.text for piece in self.pieces).strip(" ")

    def placed(self) -> Iterator[tuple[Piece, float]]:
        """Pieces with their pen positions from the left end of the line."""
        x = self.indent
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
    def width(self) -> float:
        """Pixels to the end of the last ink."""
        x, end = self.indent, self.indent
        for piece in self.pieces:
            if piece.drawing is not None:
                end = x + piece.extent
            x += piece.advance
        return end


@dataclass(slots=True)
class PlainLine:
    """A line of words in one look, left to right: the short way of most text."""

    words: list[tuple[Word, float]]
    """With their pen positions from the left end of the line."""
    text: str
    face: Face
    color: RGB | None

    @property
    def width(self) -> float:
        """Pixels to the end of the last ink."""
        return self.words[-1][1] + self.words[-1][0].extent if self.words else 0.0

    def extents(self) -> list[float]:
        """Widths of what is never broken, in pixels."""
        return [word.extent for word, _ in self.words]


@dataclass(slots=True)
class Typesetter:
    """Turns spans into lines in the fonts of a page style."""

    style: PageStyle
    size: int
    """Body size in pixels of the finished page."""
    fallbacks: Counter[str] = field(default_factory=Counter)
    """Characters drawn in another font than asked for, by font."""

    def face(self, span: Span) -> Face:
        """The face of a span."""
        name = self.style.mono_font if span.mono else self.style.font
        file = find_font(name, bold=span.bold, italic=span.italic)
        return load_face(file, max(1, round(self.size * span.scale)))

    def lines(
        self, spans: Sequence[Span], width: float, *, preserve: bool = False
    ) -> Sequence[InlineLine | PlainLine]:
        """Lines of at most `width` pixels.

        Newlines break lines. Other white space is kept if `preserve`, else it is one space, and
        none at the ends of a line.

        Raises:
            ValueError: a character that no font draws, or that is wider than the line.
        """
        if len(spans) == 1 and _is_plain(spans[0]):
            text = normalise(spans[0].text)
            face = self.face(spans[0])
            if not _needs_care(text) and not face.missing(text.replace("\n", "")):
                return _plain_lines(spans[0], text, face, width, preserve=preserve)
        return self._careful_lines(spans, width, preserve=preserve)

    def _careful_lines(
        self, spans: Sequence[Span], width: float, *, preserve: bool
    ) -> list[InlineLine]:
        found: list[InlineLine] = []
        for paragraph in _split_lines(spans, preserve=preserve):
            pieces = self._pieces(paragraph)
            level = base_level("".join(span.text for span in paragraph)) if _mixed(pieces) else 0
            found += [
                InlineLine(line, indent, level)
                for line, indent in self._break(pieces, width, preserve=preserve)
            ]
        return found

    def _pieces(self, spans: Sequence[Span]) -> list[Piece]:
        text = "".join(span.text for span in spans if span.image is None)
        special = _needs_care(text)
        pieces: list[Piece] = []
        levels = bidi_levels("".join(map(_stand_in, spans))) if special and is_complex(text) else []
        at = 0
        for span in spans:
            if span.image is not None:
                level = levels[at] if levels else 0
                pieces.append(self._image_piece(span, level))
                at += 1
                continue
            face = self.face(span)
            if special or face.missing(span.text):
                own = levels[at : at + len(span.text)] or [0] * len(span.text)
                pieces += self._special_pieces(span, face, own)
            else:
                pieces += _simple_pieces(span, face)
            at += len(span.text)
        return pieces

    def _image_piece(self, span: Span, level: int) -> Piece:
        assert span.image is not None
        width = span.image.width
        return Piece(span.text, span.image, width, width, self.face(span), span, level)

    def _special_pieces(self, span: Span, face: Face, levels: Sequence[int]) -> Iterator[Piece]:
        """Pieces of a text that needs more than one face, direction or kind of drawing."""
        text = span.text
        emoji = dict(emoji_sequences(text)) if has_emoji(text) else {}
        at = 0
        while at < len(text):
            if at in emoji:
                end = emoji[at]
                yield self._emoji_piece(span, face, text[at:end], levels[at])
            elif text[at] == " ":
                end = at + 1
                yield Piece(" ", None, face.space, face.space, face, span, levels[at])
            else:
                end = _end_of_run(text, at, levels, emoji)
                yield from self._run_pieces(span, face, text[at:end], levels[at])
            at = end

    def _emoji_piece(self, span: Span, face: Face, sequence: str, level: int) -> Piece:
        image = emoji_image(sequence, max(1, round(1.1 * face.size)))
        return Piece(sequence, image, image.width, image.width, face, span, level)

    def _run_pieces(self, span: Span, face: Face, run: str, level: int) -> Iterator[Piece]:
        """A run without spaces, of one direction: one piece per font."""
        start = 0
        chosen = self._face_of(run, 0, face, span)
        for at in range(1, len(run) + 1):
            if at < len(run) and unicodedata.category(run[at]) in _IGNORABLE:
                continue
            other = self._face_of(run, at, face, span) if at < len(run) else None
            if other is not chosen:
                yield _word_piece(run[start:at], chosen, span, level)
                assert other is not None or at == len(run)
                start, chosen = at, other or chosen

    def _face_of(self, run: str, at: int, face: Face, span: Span) -> Face:
        """The face for a character and the marks on it: the span's own, or a fallback."""
        end = at + 1
        while end < len(run) and unicodedata.category(run[end]) in _IGNORABLE:
            end += 1
        cluster = "".join(char for char in run[at:end] if unicodedata.category(char) != "Cf")
        if not cluster or not face.missing(cluster):
            return face
        if self.style.missing == "error":
            raise _no_glyph(cluster, face.file.path or "aileron", self.style)
        for name in fallback_fonts():
            other = load_face(find_font(name, bold=span.bold), face.size)
            if not other.missing(cluster):
                self.fallbacks[name] += end - at
                return other
        raise _no_glyph(cluster, "any installed font", self.style)

    def _break(
        self, pieces: list[Piece], width: float, *, preserve: bool
    ) -> Iterator[tuple[list[Piece], float]]:
        """Greedy lines; a preserved line goes on under its own indentation."""
        leading = 0
        while leading < len(pieces) and pieces[leading].is_space:
            leading += 1
        indent = sum(piece.advance for piece in pieces[:leading]) if preserve else 0.0
        rest = pieces[leading:]
        if not rest:
            yield [], 0.0
            return
        line: list[Piece] = []
        x = indent
        queue = list(reversed(rest))
        while queue:
            piece = queue.pop()
            if piece.is_space or x + piece.extent <= width:
                line.append(piece)
                x += piece.advance
                continue
            end = _last_break(line, piece)
            if end == 0 and not any(not item.is_space for item in line):
                head, tail = self._split_piece(piece, width - indent)
                yield [head], indent
                queue.append(tail)
                line, x = [], indent
                continue
            if end == 0:
                end = len(line)
            queue.append(piece)
            queue += reversed(line[end:])
            yield _without_trailing_spaces(line[:end]), indent
            while queue and queue[-1].is_space:
                queue.pop()
            line, x = [], indent
        if line:
            yield _without_trailing_spaces(line), indent

    def _split_piece(self, piece: Piece, width: float) -> tuple[Piece, Piece]:
        """As much of an overlong word as fits an empty line, and the rest."""
        text = piece.text
        end = 0
        if isinstance(piece.drawing, Word):
            while end < len(text) - 1 and _fits(piece, text[: end + 1], width):
                end += 1
        if end == 0:
            raise _too_narrow(text, _narrowest(piece) - width)
        head, tail = (
            _word_piece(part, piece.face, piece.span, piece.level)
            for part in (text[:end], text[end:])
        )
        return head, tail


def _is_plain(span: Span) -> bool:
    return span.image is None and not (span.underline or span.strike or span.background is not None)


def _needs_care(text: str) -> bool:
    """Whether a text needs shaping, other directions, or breaks without spaces."""
    return not text.isascii() and (
        is_complex(text) or has_emoji(text) or _IDEOGRAPHIC.search(text) is not None
    )


def _plain_lines(
    span: Span, text: str, face: Face, width: float, *, preserve: bool
) -> list[PlainLine]:
    """Break text at spaces, and words that are wider than a line wherever they must be."""
    found: list[PlainLine] = []
    draw, space, color = face.word, face.space, span.color
    for line in text.split("\n"):
        content = line.lstrip(" ")
        indent = (len(line) - len(content)) * space if preserve else 0.0
        words: list[tuple[Word, float]] = []
        x, gap = indent, 0.0
        start = end = at = 0  # of the present line and of the present word in `content`
        for part in content.split(" "):
            if not part:  # one more space between two words
                gap += space
                at += 1
                continue
            word = draw(part)
            if x + gap + word.extent > width:
                if words:
                    found.append(PlainLine(words, content[start:end], face, color))
                    words = []
                x, gap, start = indent, 0.0, at
                while x + word.extent > width:
                    head = _longest_prefix(face, part, width - x)
                    found.append(PlainLine([(draw(head), x)], head, face, color))
                    part, at = part[len(head) :], at + len(head)
                    word, start = draw(part), at
            x += gap
            words.append((word, x))
            x += word.advance
            gap = space
            at += len(part)
            end = at
            at += 1
        found.append(PlainLine(words, content[start:end], face, color))
    return found


def _longest_prefix(face: Face, word: str, width: float) -> str:
    """As much of a word as fits an empty line; one character at least stays for the next."""
    end = 0
    while end < len(word) - 1 and face.extent(word[: end + 1]) <= width:
        end += 1
    if end == 0:
        raise _too_narrow(word, face.extent(word[0]) - width)
    return word[:end]


def _too_narrow(text: str, missing: float) -> ValueError:
    return ValueError(
        f"the text needs a width {math.ceil(missing)} pixels larger to fit {text[:20]!r} after its "
        "indentation: raise width, or lower font_size or margin"
    )


def normalise(text: str) -> str:
    """NFC, newlines as `\\n`, tabs as spaces.

    Raises:
        ValueError: a control character or half a surrogate pair.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        for char in sorted(set(text) - {"\n", "\t"}):
            if unicodedata.category(char) in ("Cc", "Cs"):
                kind = "control character" if unicodedata.category(char) == "Cc" else "surrogate"
                raise ValueError(f"text holds the {kind} {_label(char)}: remove it")
    return text.expandtabs(TAB_SIZE) if "\t" in text else text


def _split_lines(spans: Sequence[Span], *, preserve: bool) -> Iterator[list[Span]]:
    """Spans line by line, white space normalised."""
    line: list[Span] = []
    for span in spans:
        if span.image is not None:
            line.append(span)
            continue
        text = normalise(span.text)
        first, *others = text.split("\n")
        for number, part in enumerate([first, *others]):
            if number:
                yield line
                line = []
            if not preserve and "  " in part:
                part = re.sub(" +", " ", part)
            if part:
                line.append(span if part == span.text else _with_text(span, part))
    yield line


def _with_text(span: Span, text: str) -> Span:
    return Span(
        text=text,
        bold=span.bold,
        italic=span.italic,
        mono=span.mono,
        color=span.color,
        scale=span.scale,
        underline=span.underline,
        strike=span.strike,
        background=span.background,
    )


def _simple_pieces(span: Span, face: Face) -> Iterator[Piece]:
    """Words of a simple script; between n words stand n - 1 spaces."""
    space, word = face.space, face.word
    for number, text in enumerate(span.text.split(" ")):
        if number:
            yield Piece(" ", None, space, space, face, span)
        if text:
            drawn = word(text)
            yield Piece(text, drawn, drawn.advance, drawn.extent, face, span)


def _word_piece(text: str, face: Face, span: Span, level: int) -> Piece:
    if is_complex(text):
        shaped = shape_word(text, face.file, face.size, rtl=level % 2 == 1)
        extent = max(shaped.advance, shaped.left + shaped.mask.width)
        drawn = Word(shaped.mask, max(0, shaped.left), shaped.top, shaped.advance, extent)
    else:
        drawn = face.word(_mirrored(text) if level % 2 else text)
    return Piece(
        text,
        drawn,
        drawn.advance,
        drawn.extent,
        face,
        span,
        level,
        can_start_line=text[0] not in _NOT_FIRST,
        can_end_line=text[-1] not in _NOT_LAST,
    )


def _mirrored(text: str) -> str:
    """Punctuation as it is drawn from right to left: brackets open the other way (UAX #9, L4)."""
    from bidi.mirror import MIRRORED

    return "".join(MIRRORED.get(char, char) for char in reversed(text))


def _end_of_run(text: str, start: int, levels: Sequence[int], emoji: dict[int, int]) -> int:
    """Where a run from `start` ends: a space, an emoji, another direction, an ideograph."""
    end = start + 1
    alone = _IDEOGRAPHIC.match(text[start]) is not None
    while end < len(text) and text[end] != " " and end not in emoji:
        mark = unicodedata.category(text[end]) in _IGNORABLE
        if levels[end] != levels[start] and not mark:
            break
        if not mark and (alone or _IDEOGRAPHIC.match(text[end])):
            break
        end += 1
    return end


def _last_break(line: list[Piece], following: Piece) -> int:
    """Number of pieces of a full line that stay on it, 0 if it has no place to break."""
    after = following
    for end in range(len(line), 0, -1):
        before = line[end - 1]
        if before.is_space or after.is_space:
            return end
        if _breaks_between(before, after):
            return end
        after = before
    return 0


def _breaks_between(before: Piece, after: Piece) -> bool:
    """Whether a line may break between two pieces without a space: beside an ideograph or image."""
    loose = any(
        isinstance(piece.drawing, Image.Image) or _IDEOGRAPHIC.match(piece.text) is not None
        for piece in (before, after)
    )
    return loose and before.can_end_line and after.can_start_line


def _without_trailing_spaces(line: list[Piece]) -> list[Piece]:
    while line and line[-1].is_space:
        line = line[:-1]
    return line


def _fits(piece: Piece, text: str, width: float) -> bool:
    return _word_piece(text, piece.face, piece.span, piece.level).extent <= width


def _narrowest(piece: Piece) -> float:
    if isinstance(piece.drawing, Word):
        return _word_piece(piece.text[0], piece.face, piece.span, piece.level).extent
    return piece.extent


def _mixed(pieces: Iterable[Piece]) -> bool:
    return any(piece.level for piece in pieces)


def _stand_in(span: Span) -> str:
    """For an image one neutral character, so that directions can be resolved around it."""
    return span.text if span.image is None else "\ufffc"


def _no_glyph(cluster: str, font: str, style: PageStyle) -> ValueError:
    advice = "choose a font that has it"
    if style.missing == "error":
        advice += ", or missing='fallback' to take it from another"
    return ValueError(
        f"{font} has no glyph for {_label(cluster[0])}: {advice}, run `pip install "
        "'mm_rl[render]'` for the fonts of more scripts, or remove the character"
    )


def _label(char: str) -> str:
    return f"{char!r} (U+{ord(char):04X}, {unicodedata.name(char, 'unnamed')})"
