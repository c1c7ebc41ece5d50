"""Drawing for tasks whose scene is text: a page of blocks, or a square of large lines."""

import math
from collections.abc import Sequence

from PIL import Image

from data_synth.render import (
    Block,
    Page,
    PageStyle,
    TextLine,
    Theme,
    fit_font_size,
    layout,
    render_text,
)
from data_synth.style import Style

_MIN_WIDTH = 448  # pixels; smaller pictures are reduced from it
_CHARS_PER_LINE = 34
_MARGIN = 0.04  # of the width
_LINES_MARGIN = 32  # the margin of a square is a 32nd of it, but at least a pixel


def draw_document(
    blocks: Sequence[Block], *, size: int, style: Style, chars_per_line: int = _CHARS_PER_LINE
) -> Page:
    """One page `size` pixels wide and as tall as it needs, about `chars_per_line` wide."""
    width = max(size, _MIN_WIDTH)
    page = layout(
        blocks,
        PageStyle(
            width=width,
            margin=round(width * _MARGIN),
            font=style.font,
            font_size=round(1.7 * width / chars_per_line),
            theme=Theme(background=style.background, ink=style.ink, line=style.line),
        ),
    ).pages[0]
    return page if width == size else _reduced(page, size)


def draw_lines(text: str, *, size: int, style: Style) -> Page:
    """A square of `size` pixels with a few lines of text, as large as they fit."""
    margin = max(1, size // _LINES_MARGIN)
    font_size = fit_font_size(text, width=size, height=size, margin=margin, font=style.font)
    look = PageStyle(
        width=size,
        height=size,
        margin=margin,
        font=style.font,
        font_size=font_size,
        theme=Theme(background=style.background, ink=style.ink, line=style.line),
    )
    return render_text(text, look).pages[0]


def _reduced(page: Page, size: int) -> Page:
    factor = size / page.image.width
    height = max(1, round(page.image.height * factor))
    image = page.image.resize((size, height), Image.Resampling.BOX)

    def scaled(line: TextLine) -> TextLine:
        left, top, right, bottom = (edge * factor for edge in line.box)
        return TextLine(
            text=line.text, box=(int(left), int(top), math.ceil(right), math.ceil(bottom))
        )

    return Page(image=image, lines=tuple(map(scaled, page.lines)))
