"""Words as masks: rasterised once per face and size, pasted from then on.

Drawing every glyph anew costs an order of magnitude more. A word is placed at a whole pixel, the
letters inside it are not, so that spacing is the face's own.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image, ImageDraw

from data_synth.fonts import FontFile, missing_characters, open_font

_MAX_CACHED_WORDS = 8192
_MAX_CACHED_PAIRS = 2**16


@dataclass(slots=True)
class Word:
    """A rasterised word; offsets are from the pen position on the baseline."""

    core: Any
    """The coverage as Pillow's inner image of mode `L`: an `Image` around it would cost as much to
    make and to paste as the pixels themselves."""
    width: int
    height: int
    left: int
    top: int
    advance: float
    extent: float
    """To the end of the ink or of the advance, whichever is further."""

    @property
    def is_blank(self) -> bool:
        """Whether it has no ink at all, as a no-break space."""
        return self.core.getbbox() is None


def word_of(mask: Image.Image, left: int, top: int, advance: float) -> Word:
    """A word out of its mask. Ink left of the pen is moved right, out of the margin of a line."""
    left = max(0, left)
    return Word(
        mask.im, mask.width, mask.height, left, top, advance, max(advance, left + mask.width)
    )


class Face:
    """A font file at one size in pixels, with a cache of its words."""

    def __init__(self, file: FontFile, size: int) -> None:
        self.file = file
        self.size = size
        self.font = open_font(file, size)
        self.ascent, self.descent = self.font.getmetrics()
        self.space = self.font.getlength(" ")
        self.word = lru_cache(maxsize=_MAX_CACHED_WORDS)(self._rasterise)
        self.has_tall_words = False
        """Whether some word reached beyond ascent or descent: line boxes must then look closer."""
        self._known: set[str] = set()
        self._glyphs: dict[str, Word] = {}
        self._kernings: dict[str, float] = {}

    def missing(self, text: str) -> set[str]:
        """Characters of a text that the face cannot draw."""
        unknown = set(text) - self._known
        if not unknown:
            return unknown
        missing = missing_characters(self.file, unknown)
        self._known |= unknown - missing
        return missing

    def length(self, text: str) -> float:
        """Advance of a text in pixels."""
        return self.font.getlength(text)

    def extent(self, text: str) -> float:
        """Width of a text from its pen position or first ink to its last."""
        x, left, right, _ = self._measure(text, math.inf)
        return max(x, right - left)

    def fitting(self, word: str, width: float) -> int:
        """How many characters of a word fit a width; only those are looked at."""
        return self._measure(word, width)[3]

    def _measure(self, text: str, width: float) -> tuple[float, int, int, int]:
        """Advance and edges of the ink of as many characters as fit, and their number."""
        x, left, right = 0.0, 0, 0
        previous = ""
        for number, char in enumerate(text):
            glyph = self._glyphs.get(char) or self._draw_glyph(char)
            if previous:
                x += self._kerning(previous + char)
            start = round(x) + glyph.left
            x += glyph.advance
            left, right = min(left, start), max(right, start + glyph.width)
            if max(x, right - left) > width:
                return x, left, right, number
            previous = char
        return x, left, right, len(text)

    def _rasterise(self, text: str) -> Word:
        """A word put together from glyphs, which is ten times faster than rasterising it anew."""
        glyphs, kernings = self._glyphs, self._kernings
        placed: list[tuple[int, Word]] = []
        x = 0.0
        left = top = 2**30
        right = bottom = -(2**30)
        previous = ""
        for char in text:
            glyph = glyphs.get(char) or self._draw_glyph(char)
            if previous:
                kerning = kernings.get(previous + char)
                x += self._kerning(previous + char) if kerning is None else kerning
            start = round(x) + glyph.left
            placed.append((start, glyph))
            x += glyph.advance
            previous = char
            # Comparisons, since calls of min and max would take longer than all the rest.
            if start < left:
                left = start
            if start + glyph.width > right:
                right = start + glyph.width
            if glyph.top < top:
                top = glyph.top
            if glyph.top + glyph.height > bottom:
                bottom = glyph.top + glyph.height
        # `Image.new` would take twice as long as all that follows.
        core = Image.core.fill("L", (right - left, bottom - top), 0)  # type: ignore[attr-defined]
        paste = core.paste
        for start, glyph in placed:
            x0, y0 = start - left, glyph.top - top
            paste(255, (x0, y0, x0 + glyph.width, y0 + glyph.height), glyph.core)
        # Ink left of the pen position is moved right: a line must not reach into its margin.
        extent = max(x, right - left if left < 0 else right)
        return Word(core, right - left, bottom - top, max(0, left), top, x, extent)

    def _kerning(self, pair: str) -> float:
        """Pixels by which two glyphs stand closer than their advances (negative) or farther."""
        kerning = self._kernings.get(pair)
        if kerning is None:
            if len(self._kernings) >= _MAX_CACHED_PAIRS:
                self._kernings.clear()
            kerning = self.font.getlength(pair) - sum(map(self.font.getlength, pair))
            self._kernings[pair] = kerning
        return kerning

    def _draw_glyph(self, char: str) -> Word:
        left, top, right, bottom = (round(edge) for edge in self.font.getbbox(char, anchor="ls"))
        mask = Image.new("L", (max(1, right - left), max(1, bottom - top)), 0)
        ImageDraw.Draw(mask).text((-left, -top), char, font=self.font, fill=255, anchor="ls")
        if -top > self.ascent or bottom > self.descent:
            self.has_tall_words = True
        advance = self.font.getlength(char)
        extent = max(advance, right - min(0, left))
        if len(self._glyphs) >= _MAX_CACHED_WORDS:
            self._glyphs.clear()
        glyph = Word(mask.im, mask.width, mask.height, left, top, advance, extent)
        self._glyphs[char] = glyph
        return glyph


@lru_cache(maxsize=64)
def load_face(file: FontFile, size: int) -> Face:
    """The face, with whatever words it has drawn before."""
    return Face(file, size)
