"""From spans to lines: which font, direction and way to be drawn each part of a text has.

Text of simple scripts takes a short way: words are what stands between spaces. Everything else is
cut into pieces that have one direction (UAX #9), one font and one way to be drawn: a shaped word, a
character that may stand alone on a line (Chinese, Japanese, Korean), an emoji, an inline image.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from data_synth.fonts import HAN_FONT, fallback_fonts, find_font
from data_synth.render.blocks import Span
from data_synth.render.breaking import (
    MAX_PIECE,
    InlineLine,
    Piece,
    PlainLine,
    break_pieces,
    ends_cluster,
    has_ideographs,
    is_control,
    is_ideographic,
    is_mark,
    plain_lines,
    word_piece,
)
from data_synth.render.emoji import emoji_image, emoji_sequences, has_emoji, has_pictures
from data_synth.render.faces import Face, load_face
from data_synth.render.normal import collapse, label, normalise, split_lines
from data_synth.render.page import PageStyle
from data_synth.render.rows import pasteable
from data_synth.render.shaping import base_level, bidi_levels, is_complex

EMOJI_FONT = "openmoji"
"""The name under which emoji pictures are counted."""
_TOKENS = re.compile(" +|[^ ]+")


@dataclass(slots=True)
class Typesetter:
    """Turns spans into lines in the fonts of a page style."""

    style: PageStyle
    size: int
    """Body size in pixels of the finished page."""
    han: str = HAN_FONT
    """The family of Chinese characters that the font lacks: see `data_synth.fonts.han_font`."""
    fallbacks: Counter[str] = field(default_factory=Counter)
    """Characters drawn in another font than asked for, by font."""
    _faces: dict[tuple[bool, bool, bool, float], Face] = field(default_factory=dict)
    _substitutes: dict[tuple[str, Face, bool], tuple[str, Face]] = field(default_factory=dict)

    def face(self, span: Span) -> Face:
        """The face of a span."""
        look = (span.mono, span.bold, span.italic, span.scale)
        face = self._faces.get(look)
        if face is None:
            name = self.style.mono_font if span.mono else self.style.font
            file = find_font(name, bold=span.bold, italic=span.italic)
            face = load_face(file, max(1, round(self.size * span.scale)))
            self._faces[look] = face
        return face

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
                text = text if preserve else collapse(text)
                return plain_lines(spans[0], text, face, width, preserve=preserve)
        found: list[InlineLine] = []
        for paragraph in split_lines(spans, preserve=preserve):
            pieces = self._pieces(paragraph)
            level = 0
            if any(piece.level for piece in pieces):
                level = base_level("".join(map(_stand_in, paragraph)))
            found += [
                InlineLine(line, indent, level)
                for line, indent in break_pieces(pieces, width, preserve=preserve)
            ]
        return found

    def _pieces(self, spans: Sequence[Span]) -> list[Piece]:
        text = "".join([span.text for span in spans if span.image is None])
        special = _needs_care(text)
        pieces: list[Piece] = []
        levels = bidi_levels("".join(map(_stand_in, spans))) if special and is_complex(text) else []
        at = 0
        for span in spans:
            if span.image is not None:
                pieces.append(self._image_piece(span, levels[at] if levels else 0))
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
        image = pasteable(span.image)
        return Piece(span.text, image, image.width, image.width, self.face(span), span, level)

    def _special_pieces(self, span: Span, face: Face, levels: Sequence[int]) -> Iterator[Piece]:
        """Pieces of a text that needs more than one face, direction or kind of drawing."""
        text = span.text
        emoji = dict(emoji_sequences(text)) if has_emoji(text) and has_pictures() else {}
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
        if self.style.missing == "error":
            raise _no_glyph(sequence, face.file.path or "aileron", self.style)
        self.fallbacks[EMOJI_FONT] += 1
        image = emoji_image(sequence, max(1, round(1.1 * face.size)))
        return Piece(sequence, image, image.width, image.width, face, span, level)

    def _run_pieces(self, span: Span, face: Face, run: str, level: int) -> Iterator[Piece]:
        """A run without spaces, of one direction: one piece per font."""
        start = 0
        chosen = self._face_of(run, 0, face, span)
        for at in range(1, len(run)):
            if is_mark(run[at]):
                continue
            other = self._face_of(run, at, face, span)
            too_long = at - start >= MAX_PIECE and ends_cluster(run, at)
            if other is not chosen or too_long:
                yield word_piece(run[start:at], chosen, span, level)
                start, chosen = at, other
        yield word_piece(run[start:], chosen, span, level)

    def _face_of(self, run: str, at: int, face: Face, span: Span) -> Face:
        """The face for a character and the marks on it: the span's own, or a fallback."""
        end = at + 1
        while end < len(run) and is_mark(run[end]):
            end += 1
        cluster = "".join([char for char in run[at:end] if not is_control(char)])
        if not cluster or not face.missing(cluster):
            return face
        key = (cluster, face, span.bold)
        if key not in self._substitutes:
            self._substitutes[key] = self._substitute(cluster, face, bold=span.bold)
        name, other = self._substitutes[key]
        self.fallbacks[name] += len(cluster)
        return other

    def _substitute(self, cluster: str, face: Face, *, bold: bool) -> tuple[str, Face]:
        if self.style.missing == "error":
            raise _no_glyph(cluster, face.file.path or "aileron", self.style)
        for name in fallback_fonts(cluster[0], han=self.han):
            other = load_face(find_font(name, bold=bold), face.size)
            if not other.missing(cluster):
                return name, other
        raise _no_glyph(cluster, "any installed font", self.style)


def _is_plain(span: Span) -> bool:
    return span.image is None and not (span.underline or span.strike or span.background is not None)


def _needs_care(text: str) -> bool:
    """Whether a text needs shaping, other directions, or breaks without spaces."""
    return not text.isascii() and (is_complex(text) or has_emoji(text) or has_ideographs(text))


def _simple_pieces(span: Span, face: Face) -> Iterator[Piece]:
    """Words of a simple script and the spaces between them."""
    space, word = face.space, face.word
    for text in _TOKENS.findall(span.text):
        if text[0] == " ":
            advance = len(text) * space
            yield Piece(text, None, advance, advance, face, span)
            continue
        for start in range(0, len(text), MAX_PIECE):
            part = text[start : start + MAX_PIECE]
            drawn = word(part)
            yield Piece(part, drawn, drawn.advance, drawn.extent, face, span)


def _end_of_run(text: str, start: int, levels: Sequence[int], emoji: dict[int, int]) -> int:
    """Where a run from `start` ends: a space, an emoji, another direction, an ideograph."""
    end = start + 1
    alone = is_ideographic(text[start])
    while end < len(text) and text[end] != " " and end not in emoji:
        if not is_mark(text[end]) and (
            levels[end] != levels[start] or alone or is_ideographic(text[end])
        ):
            break
        end += 1
    return end


def _stand_in(span: Span) -> str:
    """For an image one neutral character, so that directions can be resolved around it."""
    return span.text if span.image is None else "\ufffc"


def _no_glyph(cluster: str, font: str, style: PageStyle) -> ValueError:
    advice = "choose a font that has it"
    if style.missing == "error":
        advice += ", or missing='fallback' to take it from another"
    return ValueError(
        f"{font} has no glyph for {label(cluster[0])}: {advice}, run `pip install "
        "'mm_rl[render]'` for the fonts of more scripts, or remove the character"
    )
