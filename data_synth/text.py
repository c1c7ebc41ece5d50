"""Plain text and source code as a page image, or the size that would be needed.

Words are rasterised once per face and pasted from then on, an order of magnitude faster than
drawing every glyph anew. Nothing degrades silently: a character that the face does not hold, or
that needs shaping (right-to-left and joining scripts, combining marks), is an error.
"""

import math
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from data_synth.canvas import encode_png
from data_synth.problem import Modality, Problem

PROSE_FONT = "aileron"
"""Embedded in Pillow: always there, ASCII and a few typographic signs."""
CODE_FONT = "dejavu-sans-mono"
RENDERED_QUESTION = "Answer the question in the picture."
MAX_PAGE_PIXELS = 2**26

# Faces found inside the matplotlib package, which is looked up but never imported.
_MATPLOTLIB_FACES = {"dejavu-sans": "DejaVuSans.ttf", CODE_FONT: "DejaVuSansMono.ttf"}
FONT_NAMES = (PROSE_FONT, *_MATPLOTLIB_FACES)
MIN_FONT_SIZE = 6
_MAX_CACHED_WORDS = 8192
_TAB_SIZE = 4
_LEADING = 0.15  # free space between lines, of the font size
_WHITE = 255
_NONCHARACTER = "\U0010ffff"  # never assigned, so every face draws its missing-glyph box
_SHAPED_CATEGORIES = ("Mn", "Mc", "Me", "Cf")
_RIGHT_TO_LEFT = ("R", "AL", "AN")


@dataclass(frozen=True, kw_only=True, slots=True)
class TextLine:
    """One line of a page as it is drawn.

    Example:
        TextLine(text="def add(a, b):", box=(24, 24, 196, 46))
    """

    text: str
    """Without the indentation, which is in the box."""
    box: tuple[int, int, int, int]
    """Left, top, right, bottom in pixels, the last two exclusive; holds all ink of the line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedPage:
    """A page and where its text stands.

    Example:
        RenderedPage(image=page, lines=(TextLine(text="hello", box=(24, 24, 64, 46)),))
    """

    image: Image.Image
    """Grey (mode `L`), black on white."""
    lines: tuple[TextLine, ...]
    """Top to bottom, blank lines left out."""


def render_text(
    text: str,
    *,
    width: int = 896,
    height: int | None = None,
    font_size: int = 18,
    font: str = PROSE_FONT,
    margin: int = 24,
) -> RenderedPage:
    """Draw text on one page, wrapped to `width`; newlines, indentation and inner spaces are kept.

    `font` is a name from `FONT_NAMES` or the path of a TrueType or OpenType file. All sizes are
    pixels. Without `height` the page is as tall as the text. Text is normalised to NFC, tabs move
    to multiples of four columns, and a wrapped line goes on under its own indentation.

    Raises:
        ValueError: the text does not fit (the message names the size it needs), is empty, or holds
            a character that cannot be drawn.
    """
    _check_page(width=width, height=height, font_size=font_size, margin=margin)
    face = _load_face(font, font_size)
    text = _normalise(text)
    if not text.strip():
        raise ValueError("text is empty: pass at least one visible character")
    face.check_characters(text)
    rows = [row for line in text.split("\n") for row in face.wrap(line, width - 2 * margin)]
    needed = len(rows) * face.pitch + 2 * margin
    if height is not None and needed > height:
        raise ValueError(
            f"text needs height={needed} at width={width}, font_size={font_size}, but height is "
            f"{height}: raise height or width, or lower font_size"
        )
    height = needed if height is None else height
    if width * height > MAX_PAGE_PIXELS:
        raise ValueError(
            f"a page of {width} x {height} pixels exceeds {MAX_PAGE_PIXELS} pixels: split the text "
            "or lower font_size"
        )
    image = Image.new("L", (width, height), _WHITE)
    lines = [
        face.draw(image, row, x=margin, y=margin + i * face.pitch)
        for i, row in enumerate(rows)
        if row.words
    ]
    return RenderedPage(image=image, lines=tuple(lines))


def render_problem(
    problem: Problem,
    *,
    width: int = 896,
    height: int | None = None,
    font_size: int = 18,
    font: str = PROSE_FONT,
    margin: int = 24,
) -> Problem:
    """Turn a text-only problem into one whose question must be read from a picture.

    The question becomes the picture and `text_twin`, so that the two forms can be compared. The
    page options are those of `render_text`, and so are the errors.
    """
    if problem.images:
        raise ValueError(
            f"problem {problem.id} of {problem.source} already has {len(problem.images)} image(s): "
            "render_problem takes problems that are text only"
        )
    page = render_text(
        problem.question,
        width=width,
        height=height,
        font_size=font_size,
        font=font,
        margin=margin,
    )
    return replace(
        problem,
        question=RENDERED_QUESTION,
        images=(encode_png(page.image),),
        text_twin=problem.question,
        modality=Modality.RENDERED,
        id="",
    )


def fit_font_size(
    text: str, *, width: int, height: int, font: str = PROSE_FONT, margin: int = 0
) -> int:
    """The largest font size at which `render_text` fits the text without wrapping a line.

    Raises:
        ValueError: it does not fit even at `MIN_FONT_SIZE`.
    """
    lines = _normalise(text).split("\n")

    def fits(font_size: int) -> bool:
        face = _load_face(font, font_size)
        return len(lines) * face.pitch <= height - 2 * margin and all(
            face.font.getlength(line) <= width - 2 * margin for line in lines
        )

    low, high = MIN_FONT_SIZE - 1, height
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    # Ink may reach a pixel further than the advances that `fits` adds up.
    while low >= MIN_FONT_SIZE and any(
        len(_load_face(font, low).wrap(line, width - 2 * margin)) > 1 for line in lines
    ):
        low -= 1
    if low < MIN_FONT_SIZE:
        raise ValueError(
            f"{len(lines)} lines of text do not fit {width} x {height} pixels at font size "
            f"{MIN_FONT_SIZE}: enlarge the image"
        )
    return low


@dataclass(frozen=True, slots=True)
class _Word:
    """A rasterised word; offsets are from the pen position on the baseline."""

    mask: Image.Image
    left: int
    top: int
    advance: float
    extent: float
    """To the end of the ink or of the advance, whichever is further."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A line after wrapping: words with their pen positions from the left margin."""

    words: tuple[tuple[str, float], ...]
    text: str


class _Face:
    """A font at one size, with a cache of its words."""

    def __init__(self, name: str, font: ImageFont.FreeTypeFont) -> None:
        self.name = name
        self.font = font
        self.ascent, descent = font.getmetrics()
        self.row_height = self.ascent + descent
        self.pitch = self.row_height + max(1, round(_LEADING * font.size))
        self.word = lru_cache(maxsize=_MAX_CACHED_WORDS)(self._rasterise)
        self._space = font.getlength(" ")
        self._missing = self._fingerprint(_NONCHARACTER)
        self._drawable = {" ", "\n"}

    def check_characters(self, text: str) -> None:
        """Raise ValueError at the first character that this face cannot draw right."""
        for char in sorted(set(text) - self._drawable):
            label = f"{char!r} (U+{ord(char):04X}, {unicodedata.name(char, 'unnamed')})"
            category = unicodedata.category(char)
            if category == "Cc":
                raise ValueError(f"text holds the control character {label}: remove it")
            if category in _SHAPED_CATEGORIES or unicodedata.bidirectional(char) in _RIGHT_TO_LEFT:
                raise ValueError(
                    f"character {label} needs text shaping, which is not supported: remove it"
                )
            if self._fingerprint(char) == self._missing:
                raise ValueError(
                    f"font {self.name} has no glyph for {label}: choose a font that has it "
                    "(dejavu-sans, or the path of a .ttf or .otf file) or remove the character"
                )
            self._drawable.add(char)

    def wrap(self, line: str, width: int) -> list[_Row]:
        """Break a line into rows of at most `width` pixels; a blank line is one empty row."""
        content = line.lstrip(" ")
        indent = (len(line) - len(content)) * self._space
        rows: list[_Row] = []
        words: list[tuple[str, float]] = []
        text = gap = ""
        x = indent
        # Splitting at every space turns n spaces into n - 1 empty words, which widen the gap.
        for word in content.split(" "):
            while word:
                start = x + len(gap) * self._space
                if start + self.word(word).extent <= width:
                    words.append((word, start))
                    text, x, gap, word = text + gap + word, start + self.word(word).advance, "", ""
                elif words:
                    rows.append(_Row(tuple(words), text))
                    words, text, x, gap = [], "", indent, ""
                else:
                    head = self._longest_prefix(word, width - x)
                    rows.append(_Row(((head, x),), head))
                    word = word[len(head) :]
            gap += " " if words else ""
        return [*rows, _Row(tuple(words), text)] if words or not rows else rows

    def draw(self, image: Image.Image, row: _Row, *, x: int, y: int) -> TextLine:
        """Paste a row whose top left corner is (x, y)."""
        left, right = image.width, 0
        for text, offset in row.words:
            word = self.word(text)
            start = x + round(offset) + word.left
            image.paste(0, (start, y + self.ascent + word.top), word.mask)
            left, right = min(left, start), max(right, start + word.mask.width)
        return TextLine(text=row.text, box=(left, y, right, y + self.row_height))

    def _rasterise(self, text: str) -> _Word:
        left, top, right, bottom = (round(edge) for edge in self.font.getbbox(text, anchor="ls"))
        mask = Image.new("L", (max(1, right - left), max(1, bottom - top)), 0)
        ImageDraw.Draw(mask).text((-left, -top), text, font=self.font, fill=255, anchor="ls")
        # Ink left of the pen position is moved right: a line must not reach into its margin.
        return _Word(mask, max(0, left), top, self.font.getlength(text), self._extent(text))

    def _extent(self, text: str) -> float:
        left, _, right, _ = self.font.getbbox(text, anchor="ls")
        return max(self.font.getlength(text), right - min(0, left))

    def _longest_prefix(self, word: str, width: float) -> str:
        """As much of a word as fits an empty row."""
        end = 0
        while end < len(word) and self._extent(word[: end + 1]) <= width:
            end += 1
        if end == 0:
            missing = math.ceil(self._extent(word[0]) - width)
            raise ValueError(
                f"the text needs a width {missing} pixels larger to fit {word[0]!r} after its "
                "indentation: raise width, or lower font_size or margin"
            )
        return word[:end]

    def _fingerprint(self, char: str) -> tuple[tuple[int, int], bytes, float]:
        word = self._rasterise(char)
        return word.mask.size, word.mask.tobytes(), word.advance


@lru_cache(maxsize=32)
def _load_face(name: str, size: int) -> _Face:
    # The basic layout engine gives the same pixels on every machine; Raqm may not be installed.
    if name == PROSE_FONT:
        font = ImageFont.load_default(size)
        if not isinstance(font, ImageFont.FreeTypeFont):
            raise ValueError("this Pillow has no FreeType support: install the wheel from PyPI")
        return _Face(name, font)
    path = _font_path(name)
    try:
        return _Face(name, ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC))
    except OSError as error:  # the file is the user's
        raise ValueError(
            f"font {name!r} cannot be read ({error}): pass a TrueType or OpenType file"
        ) from error


def _font_path(name: str) -> Path:
    if name not in _MATPLOTLIB_FACES:
        path = Path(name)
        if not path.is_file():
            raise ValueError(
                f"unknown font {name!r}: choose {', '.join(FONT_NAMES)} or the path of a .ttf or "
                ".otf file"
            )
        return path
    spec = find_spec("matplotlib")
    folders = spec.submodule_search_locations if spec is not None else None
    for folder in folders or ():
        path = Path(folder, "mpl-data", "fonts", "ttf", _MATPLOTLIB_FACES[name])
        if path.is_file():
            return path
    raise ValueError(
        f"font {name!r} comes with matplotlib, which is not installed: run `pip install "
        "matplotlib` or pass the path of a .ttf or .otf file"
    )


def _normalise(text: str) -> str:
    """NFC, newlines as `\\n`, tabs as spaces, no spaces at the end of a line or of the text."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").expandtabs(_TAB_SIZE)
    return "\n".join(line.rstrip(" ") for line in text.rstrip().split("\n"))


def _check_page(*, width: int, height: int | None, font_size: int, margin: int) -> None:
    if font_size < MIN_FONT_SIZE:
        raise ValueError(f"font_size={font_size}: choose at least {MIN_FONT_SIZE}")
    if margin < 0:
        raise ValueError(f"margin={margin}: choose at least 0")
    for name, value in (("width", width), ("height", height)):
        if value is not None and value <= 2 * margin:
            raise ValueError(
                f"{name}={value} leaves nothing between margins of {margin}: choose at least "
                f"{2 * margin + font_size}"
            )
