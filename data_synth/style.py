"""How a scene looks, apart from what it shows: background, ink, colours, typeface, stroke.

A policy that has seen one look reads others worse (the typeface alone moves the accuracy of
published models by tens of points), so training sets want many. The style is drawn from a stream of
its own: it never changes a question or an answer.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

RGB: TypeAlias = tuple[int, int, int]

COLORS: Mapping[str, RGB] = MappingProxyType(
    {
        "red": (214, 39, 40),
        "green": (34, 139, 34),
        "blue": (31, 90, 220),
        "yellow": (240, 190, 0),
        "purple": (140, 60, 190),
        "black": (20, 20, 20),
    }
)
"""Colours that scenes name; far apart in every style, also for most colour-blind readers."""
COLORS_ZH: Mapping[str, str] = MappingProxyType(
    {
        "red": "红",
        "green": "绿",
        "blue": "蓝",
        "yellow": "黄",
        "purple": "紫",
        "black": "黑",
    }
)
"""Names of the colours in Chinese questions."""
PLAIN_FONT = "aileron"
STYLE_NAMES = ("plain", "varied")

_MAX_SHIFT = 14  # of one colour channel: colours stay nameable
_BACKGROUNDS: tuple[RGB, ...] = (
    (255, 255, 255),
    (250, 248, 240),
    (240, 244, 250),
    (245, 245, 245),
    (255, 250, 230),
    (236, 246, 238),
)
_INKS: tuple[RGB, ...] = ((20, 20, 20), (30, 30, 60), (50, 35, 25))


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """One look; the default is the plain one.

    Example:
        Style(background=(250, 248, 240), font="DejaVu Serif")
    """

    background: RGB = (255, 255, 255)
    ink: RGB = (20, 20, 20)
    """Labels and outlines."""
    line: RGB = (200, 200, 205)
    """Grid lines and axes."""
    palette: Mapping[str, RGB] = field(default_factory=lambda: COLORS)
    """RGB of every name in `COLORS`."""
    font: str = PLAIN_FONT
    """Typeface of labels (`data_synth.fonts`)."""
    stroke: float = 1.0
    """Factor on the width of lines."""


PLAIN = Style()


def sample_style(rng: random.Random) -> Style:
    """A random look: legible, with every colour still worth its name."""
    from data_synth.fonts import random_font

    def shifted(color: RGB) -> RGB:
        red, green, blue = (
            min(255, max(0, channel + rng.randint(-_MAX_SHIFT, _MAX_SHIFT))) for channel in color
        )
        return red, green, blue

    background = rng.choice(_BACKGROUNDS)
    fade = rng.randint(35, 70)
    red, green, blue = (channel - fade for channel in background)
    return Style(
        background=background,
        ink=rng.choice(_INKS),
        line=(red, green, blue),
        palette=MappingProxyType({name: shifted(color) for name, color in COLORS.items()}),
        font=random_font(rng, kind="any"),
        stroke=rng.uniform(0.8, 1.5),
    )


def style_named(name: str, rng: random.Random) -> Style:
    """The style for an option's value: `plain`, or `varied` for one drawn from `rng`."""
    if name not in STYLE_NAMES:
        raise ValueError(f"style={name!r}: choose {' or '.join(STYLE_NAMES)}")
    return sample_style(rng) if name == "varied" else PLAIN
