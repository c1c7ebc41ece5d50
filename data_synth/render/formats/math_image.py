"""Formulas as pictures: many of them in one run of typst, cut to their ink, with their baseline.

typst sets about 1,500 formulas per second this way, against a hundred one by one. A run cannot be
interrupted, so the size of a formula is bounded before it starts (`math_source`).
"""

import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image

from data_synth.render.formats.math_source import MathSource, translate
from data_synth.render.formats.packages import require
from data_synth.render.page import MAX_PAGE_PIXELS, PageStyle
from data_synth.render.themes import find_theme, is_grey
from data_synth.style import RGB

_BATCH = 200
_CACHED_FORMULAS = 2048
# The baseline is read off a bar that stands on it to the left of the formula. It is taller than
# most, so that it decides where the baseline is: on the border of two rows of pixels.
_MARKER, _GAP = 3, 9
_NONCHARACTER = "\U0010ffff"  # never assigned, so every font draws its missing-glyph box


@dataclass(frozen=True, kw_only=True, slots=True)
class FormulaRequest:
    r"""What to draw.

    Example:
        FormulaRequest(latex=r"\frac{1}{2}", display=True)
    """

    latex: str
    """Without its `$` or `\\[`."""
    display: bool = False
    """Set on its own, with large operators, rather than in a line of text."""
    scale: float = 1.0
    """Relative to the body size."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Formula:
    """A picture of a formula.

    Example:
        Span(text="$x$", image=formula.image, image_depth=formula.depth)
    """

    image: Image.Image
    """The ink on a transparent ground; mode `LA` for grey ink, else `RGBA`."""
    depth: int
    """Pixels below the baseline."""


def render_formulas(
    requests: Iterable[FormulaRequest], style: PageStyle
) -> Mapping[FormulaRequest, Formula]:
    """Draw formulas in the size and ink of a page.

    Raises:
        ValueError: a formula that is not valid or not supported, or the package typst is missing.
    """
    wanted = list(dict.fromkeys(requests))
    font_size = style.font_size * style.dpi / 96
    drawn: dict[FormulaRequest, tuple[Image.Image, int]] = {}
    missing: list[tuple[FormulaRequest, str]] = []
    for request in wanted:
        size = round(font_size * request.scale, 2)
        source = _checked_source(request.latex, size)
        wrapper = "display(%s)" if request.display else "%s"
        bar = f"#box(width: {_MARKER}pt, height: {math.ceil(2 * size)}pt, fill: black)"
        code = f"{bar}#h({_GAP}pt)#text(size: {size}pt, ${wrapper % source.typst}$)"
        found = _masks.get(code)
        if found is None:
            missing.append((request, code))
        else:
            drawn[request] = found
    for start in range(0, len(missing), _BATCH):
        part = missing[start : start + _BATCH]
        for (request, code), mask in zip(part, _draw([code for _, code in part]), strict=True):
            drawn[request] = mask
            _masks[code] = mask
    while len(_masks) > _CACHED_FORMULAS:
        del _masks[next(iter(_masks))]
    ink = find_theme(style.theme).ink
    return {
        request: Formula(image=_colored(drawn[request][0], ink), depth=drawn[request][1])
        for request in wanted
    }


_masks: dict[str, tuple[Image.Image, int]] = {}  # a picture depends on its key alone


@lru_cache(maxsize=_CACHED_FORMULAS)
def _translated(latex: str) -> MathSource:
    source = translate(latex)
    unknown = sorted(source.characters - _known_characters)
    for char, page in zip(unknown, _compile([f'$"{char}"$' for char in unknown]), strict=True):
        if page == _missing_glyph():
            raise ValueError(
                f"the mathematics font has no glyph for {char!r} (U+{ord(char):04X}) in formula "
                f"{latex[:60]!r}: write it outside the formula"
            )
        _known_characters.add(char)
    return source


_known_characters: set[str] = set()


def _checked_source(latex: str, size: float) -> MathSource:
    source = _translated(latex)
    # Bounds, not measures: a character is at most one em wide, a row or a group adds three lines.
    width, height = size * (len(latex) + 4), size * 3 * (source.rows + source.nesting)
    if width * height > 2 * MAX_PAGE_PIXELS:
        raise ValueError(
            f"formula {latex[:40]!r}... of {len(latex)} characters and {source.rows} rows is too "
            f"large at {size:g} pixels: split it or lower font_size"
        )
    return source


def _draw(codes: list[str]) -> list[tuple[Image.Image, int]]:
    """The ink of each formula as a mask, and how deep it reaches below the baseline."""
    return [_cut(page) for page in _compile(codes)]


def _compile(bodies: list[str]) -> list[bytes]:
    """One transparent PNG per body, at one pixel per point."""
    if not bodies:
        return []
    typst = require("typst", "mathematics")
    preamble = (
        f"#set page(width: auto, height: auto, margin: {_MARGIN}pt, fill: none)\n"
        '#set text(font: "New Computer Modern", top-edge: "bounds", bottom-edge: "bounds")\n'
        '#show math.equation: set text(font: "New Computer Modern Math")\n'
    )
    source = preamble + "\n#pagebreak()\n".join(bodies)
    try:
        pages = _compiler(typst).compile(source.encode(), format="png", ppi=72)
    except typst.TypstError as error:  # the formulas come from anywhere
        raise ValueError(f"a formula cannot be set: {error.message}") from error
    return pages if isinstance(pages, list) else [pages]


_MARGIN = 16  # points; ink may reach beyond the box that typst computes


@lru_cache(maxsize=1)
def _compiler(typst: Any) -> Any:
    # The embedded fonts alone, so that the pixels are the same on every machine.
    return typst.Compiler(ignore_system_fonts=True)


@lru_cache(maxsize=1)
def _missing_glyph() -> bytes:
    return _compile([f'$"{_NONCHARACTER}"$'])[0]


def _cut(page: bytes) -> tuple[Image.Image, int]:
    alpha = Image.open(io.BytesIO(page)).convert("RGBA").getchannel("A")
    origin = _MARGIN + _MARKER + _GAP
    marker = alpha.crop((_MARGIN, 0, _MARGIN + _MARKER, alpha.height)).point(_SOLID).getbbox()
    if marker is None:
        raise ValueError("typst drew no marker: install the tested version, typst 0.15")
    baseline = marker[3]
    # Ink left of the origin is kept; it never reaches the marker.
    start = _MARGIN + _MARKER + 1
    ink = alpha.crop((start, 0, *alpha.size)).getbbox() or (_GAP, baseline - 1, _GAP, baseline)
    box = (
        min(origin, start + ink[0]),
        min(ink[1], baseline - 1),
        max(alpha.width - _MARGIN, start + ink[2], origin + 1),
        max(ink[3], baseline),
    )
    return alpha.crop(box), box[3] - baseline


_SOLID = [0] * 128 + [255] * 128


def _colored(mask: Image.Image, ink: RGB) -> Image.Image:
    grey = is_grey(ink)
    image = Image.new("L" if grey else "RGB", mask.size, ink[0] if grey else ink)
    image.putalpha(mask)
    return image
