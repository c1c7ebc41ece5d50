"""Colours of a page: light, dark and paper, or a theme of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from data_synth.style import RGB


@dataclass(frozen=True, kw_only=True, slots=True)
class Theme:
    """Colours that a page uses where its blocks name none.

    Example:
        Theme(background=(255, 255, 255), ink=(0, 0, 0))
    """

    background: RGB = (255, 255, 255)
    ink: RGB = (0, 0, 0)
    line: RGB = (150, 150, 150)
    """Rules and the grid of tables."""


THEMES: Mapping[str, Theme] = MappingProxyType(
    {
        "light": Theme(),
        "dark": Theme(background=(28, 28, 28), ink=(228, 228, 228), line=(110, 110, 110)),
        "paper": Theme(background=(250, 246, 236), ink=(52, 50, 48), line=(168, 162, 150)),
    }
)


def find_theme(theme: str | Theme) -> Theme:
    """A theme by its name; a `Theme` is returned as it is."""
    if isinstance(theme, Theme):
        return theme
    if theme not in THEMES:
        raise ValueError(f"theme={theme!r}: choose {', '.join(THEMES)} or pass a Theme")
    return THEMES[theme]


def is_grey(color: RGB) -> bool:
    """Whether a colour can be drawn on a grey page."""
    return color[0] == color[1] == color[2]


def luminance(color: RGB) -> float:
    """Perceived brightness, 0 to 255 (ITU-R BT.601 weights)."""
    return 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]


def readable_ink(background: RGB, theme: Theme) -> RGB:
    """The theme's ink, or black or white where that would not read on the background."""
    level = luminance(background)
    if abs(luminance(theme.ink) - level) >= 110:
        return theme.ink
    return (240, 240, 240) if level < 128 else (16, 16, 16)
