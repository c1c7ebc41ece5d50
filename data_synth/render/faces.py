"""Words as masks: rasterised once per face and size, pasted from then on.

Drawing every glyph anew costs an order of magnitude more. A word is placed at a whole pixel, the
letters inside it are not, so that spacing is the face's own.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from PIL import Image, ImageDraw

from data_synth.fonts import FontFile, missing_characters, open_font

_MAX_CACHED_WORDS = 8192


@dataclass(slots=True)
class Word:
    """A rasterised word; offsets are from the pen position on the baseline."""

    mask: Image.Image
    """Coverage, mode `L`."""
    left: int
    top: int
    advance: float
    extent: float
    """To the end of the ink or of the advance, whichever is further."""
    core: Any = field(init=False)
    """The mask's pixels: pasting them directly skips most of what `Image.paste` does per call."""
    width: int = field(init=False)
    height: int = field(init=False)

    def __post_init__(self) -> None:
        self.core = self.mask.im
        self.width, self.height = self.mask.size


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
        left, _, right, _ = self.font.getbbox(text, anchor="ls")
        return max(self.font.getlength(text), right - min(0, left))

    def _rasterise(self, text: str) -> Word:
        left, top, right, bottom = (round(edge) for edge in self.font.getbbox(text, anchor="ls"))
        mask = Image.new("L", (max(1, right - left), max(1, bottom - top)), 0)
        ImageDraw.Draw(mask).text((-left, -top), text, font=self.font, fill=255, anchor="ls")
        if -top > self.ascent or bottom > self.descent:
            self.has_tall_words = True
        # Ink left of the pen position is moved right: a line must not reach into its margin.
        return Word(mask, max(0, left), top, self.font.getlength(text), self.extent(text))


@lru_cache(maxsize=64)
def load_face(file: FontFile, size: int) -> Face:
    """The face, with whatever words it has drawn before."""
    return Face(file, size)
