"""Colours that formats add to the theme's own: syntax, links, panels."""

from dataclasses import dataclass

from data_synth.render.page import PageStyle
from data_synth.render.themes import find_theme, luminance
from data_synth.style import RGB


@dataclass(frozen=True, kw_only=True, slots=True)
class Palette:
    """Colours that read on a light or on a dark page.

    Example:
        palette_of(PageStyle(theme="dark")).link
    """

    pygments_style: str
    panel: RGB
    """Behind code blocks."""
    border: RGB
    bar: RGB
    """Beside quotations."""
    link: RGB
    key: RGB
    string: RGB
    number: RGB
    literal: RGB
    """`true`, `false`, `null`."""
    faint: RGB
    """Branches of trees, quotation text."""


_LIGHT = Palette(
    pygments_style="default",
    panel=(245, 245, 245),
    border=(208, 208, 208),
    bar=(176, 176, 176),
    link=(0, 82, 180),
    key=(0, 64, 128),
    string=(24, 112, 48),
    number=(150, 70, 0),
    literal=(136, 0, 120),
    faint=(96, 96, 96),
)
_DARK = Palette(
    pygments_style="github-dark",
    panel=(44, 44, 44),
    border=(84, 84, 84),
    bar=(110, 110, 110),
    link=(120, 180, 255),
    key=(130, 190, 255),
    string=(150, 215, 150),
    number=(240, 180, 110),
    literal=(225, 150, 225),
    faint=(160, 160, 160),
)


def is_dark(style: PageStyle) -> bool:
    """Whether the page's background is dark."""
    return luminance(find_theme(style.theme).background) < 128


def palette_of(style: PageStyle) -> Palette:
    """The colours for a page."""
    return _DARK if is_dark(style) else _LIGHT
