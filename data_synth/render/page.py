"""The page: how it looks (`PageStyle`), and what comes out (`Document`, `Page`, `TextLine`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from PIL import Image

from data_synth.render.themes import Theme, find_theme

MIN_FONT_SIZE = 6
MAX_PAGE_PIXELS = 2**26
MAX_DOCUMENT_PIXELS = 2**30
BASE_DPI = 96


@dataclass(frozen=True, kw_only=True, slots=True)
class PageStyle:
    """Size, fonts and colours of the pages. Pixels are meant at 96 dpi.

    Example:
        PageStyle(width=1200, height=1600, columns=2, font="serif", theme="paper", dpi=144)
    """

    width: int = 896
    height: int | None = None
    """None is one page, as tall as its content needs."""
    margin: int = 24
    columns: int = 1
    column_gap: int = 24
    font: str = "sans"
    """A name from `data_synth.fonts.font_names()`, `sans`, `serif`, `mono`, or a font file."""
    mono_font: str = "mono"
    font_size: int = 18
    theme: str | Theme = "light"
    dpi: int = BASE_DPI
    """All pixel sizes above grow by dpi / 96."""
    max_pages: int | None = None
    """More than that is an error that names what is needed."""
    line_height: float = 1.3
    """Distance of baselines in font sizes; a line grows where its glyphs need more."""
    missing: Literal["error", "fallback"] = "fallback"
    """Characters that the font lacks: refuse, or take from other fonts and count."""

    def __post_init__(self) -> None:
        _check_style(self)
        find_theme(self.theme)

    def pixels(self, length: float) -> int:
        """Pixels of the finished page for a length in pixels at 96 dpi."""
        return round(length * self.dpi / BASE_DPI)


@dataclass(frozen=True, kw_only=True, slots=True)
class TextLine:
    """One line of text as it is drawn.

    Example:
        TextLine(text="def add(a, b):", box=(24, 24, 196, 46))
    """

    text: str
    """In reading order, without the indentation, which is in the box."""
    box: tuple[int, int, int, int]
    """Left, top, right, bottom in pixels, the last two exclusive; holds all ink of the line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page and where its text stands.

    Example:
        Page(image=image, lines=(TextLine(text="hello", box=(24, 24, 64, 46)),))
    """

    image: Image.Image
    """Mode `L` if nothing on it is coloured, else `RGB`."""
    lines: tuple[TextLine, ...]
    """In reading order, blank lines left out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """Pages, and the same content as plain text.

    Example:
        document.pages[0].image.save("page.png")
    """

    pages: tuple[Page, ...]
    text: str
    """The twin: everything the pages show."""
    fallbacks: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Characters that the chosen fonts lack, counted by the font that drew them."""

    @property
    def image(self) -> Image.Image:
        """The picture of a one-page document."""
        return self._only_page().image

    @property
    def lines(self) -> tuple[TextLine, ...]:
        """The lines of a one-page document."""
        return self._only_page().lines

    def _only_page(self) -> Page:
        if len(self.pages) != 1:
            raise ValueError(
                f"the document has {len(self.pages)} pages: read `pages`, or set max_pages=1"
            )
        return self.pages[0]


def _check_style(style: PageStyle) -> None:
    for name, value, low, high in (
        ("font_size", style.font_size, MIN_FONT_SIZE, 1000),
        ("margin", style.margin, 0, 10_000),
        ("columns", style.columns, 1, 20),
        ("column_gap", style.column_gap, 0, 10_000),
        ("dpi", style.dpi, 24, 1200),
        ("line_height", style.line_height, 0.8, 5),
    ):
        if value < low:
            raise ValueError(f"{name}={value}: choose at least {low}")
        if value > high:
            raise ValueError(f"{name}={value}: choose at most {high}")
    for name, size in (("width", style.width), ("height", style.height)):
        if size is not None and size <= 2 * style.margin:
            raise ValueError(
                f"{name}={size} leaves nothing between margins of {style.margin}: choose at least "
                f"{2 * style.margin + style.font_size}"
            )
    if style.max_pages is not None and style.max_pages < 1:
        raise ValueError(f"max_pages={style.max_pages}: choose at least 1, or None for no limit")
    if style.missing not in ("error", "fallback"):
        raise ValueError(f"missing={style.missing!r}: choose error or fallback")
