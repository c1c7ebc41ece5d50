"""What a page is made of: spans of text, and the blocks that `layout` flows into pages.

Formats (markdown, LaTeX, code, tables ...) only build these blocks; measuring, wrapping, shaping
and drawing happen in one place. Lengths are in em of the body size unless said otherwise; images
are in pixels of the finished page and never enlarged.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from PIL import Image

from data_synth.style import RGB

Align: TypeAlias = Literal["left", "center", "right"]
ALIGNMENTS: tuple[Align, ...] = ("left", "center", "right")


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Text of one look inside a line, or an inline image such as a formula.

    Example:
        Span(text="important", bold=True, color=(200, 30, 30))
    """

    text: str
    """Any Unicode text; for an image, the text that says the same (its twin)."""
    bold: bool = False
    italic: bool = False
    mono: bool = False
    """Set in the page's `mono_font`."""
    color: RGB | None = None
    """None is the theme's ink."""
    scale: float = 1.0
    """Size relative to the body size."""
    underline: bool = False
    strike: bool = False
    background: RGB | None = None
    image: Image.Image | None = None
    """Drawn in place of `text`; transparency is kept."""
    image_depth: int = 0
    """Pixels of the image below the baseline."""

    def __post_init__(self) -> None:
        if not 0.1 <= self.scale <= 20:
            raise ValueError(f"Span.scale={self.scale}: choose 0.1 to 20 (body sizes)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Paragraph:
    """Spans wrapped to the column.

    Example:
        Paragraph(spans=(Span(text="first"),), marker="1.", indent=2)
    """

    spans: tuple[Span, ...]
    align: Align = "left"
    """`left` is where lines begin: on the right in a right-to-left paragraph."""
    indent: float = 0.0
    """On the side where lines begin; more where the marker is wider."""
    marker: str = ""
    """Hangs in the indent of the first line: a bullet, `1.`, a line number."""
    space_after: float = 0.5
    preserve: bool = False
    """Keep spaces and newlines as they are and wrap only lines that are too long."""
    background: RGB | None = None
    """Behind the full width of the column."""
    left_bar: RGB | None = None
    """A bar along the lines, as beside a quotation; on the right of right-to-left lines."""

    def __post_init__(self) -> None:
        _check_align(self.align, "Paragraph.align")
        if self.indent < 0 or self.space_after < 0:
            raise ValueError(
                f"Paragraph.indent={self.indent}, space_after={self.space_after}: choose 0 or more"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A picture on its own, with an optional caption below it.

    Example:
        Figure(image=chart, caption="Figure 1: sales", text="bar chart: 3, 5, 2")
    """

    image: Image.Image
    caption: str = ""
    text: str = ""
    """Text that says the same as the picture; the twin shows it in its place."""
    align: Align = "center"
    max_width: float = 1.0
    """Fraction of the column; a wider picture is reduced."""

    def __post_init__(self) -> None:
        _check_align(self.align, "Figure.align")
        if not 0 < self.max_width <= 1:
            raise ValueError(f"Figure.max_width={self.max_width}: choose a fraction in (0, 1]")


@dataclass(frozen=True, kw_only=True, slots=True)
class TableBlock:
    """Rows of cells; a cell is a tuple of spans and wraps inside its column.

    Example:
        TableBlock(rows=(((Span(text="x"),), (Span(text="y"),)), ((Span(text="1"),), ())))
    """

    rows: tuple[tuple[tuple[Span, ...], ...], ...]
    """All rows have the same number of cells."""
    header_rows: int = 1
    """Rows at the top that are set bold."""
    align: tuple[str, ...] = ()
    """One of `ALIGNMENTS` per column; empty is left for all."""
    grid: bool = True
    """Lines around all cells; without it one line below the header."""

    def __post_init__(self) -> None:
        if not self.rows or not self.rows[0]:
            raise ValueError("TableBlock.rows is empty: pass at least one row with one cell")
        columns = len(self.rows[0])
        for i, row in enumerate(self.rows):
            if len(row) != columns:
                raise ValueError(
                    f"TableBlock.rows[{i}] has {len(row)} cells, the first row has {columns}: "
                    "make all rows equally long"
                )
        if self.align and len(self.align) != columns:
            raise ValueError(
                f"TableBlock.align has {len(self.align)} entries for {columns} columns: "
                "pass one per column or none"
            )
        for align in self.align:
            _check_align(align, "TableBlock.align")


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """Blocks on a background of their own: a code block, a terminal window, a receipt, a form box.

    It goes on over a full page; a `PageBreak` inside closes it, and what follows stands in another
    one of the same look on the next page. Text without a colour takes an ink that reads on the
    background.

    Example:
        Panel(blocks=(code,), background=(245, 245, 245), border=None)
    """

    blocks: "tuple[Block, ...]"
    background: RGB | None
    border: RGB | None = None
    padding: float = 0.5
    title: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A horizontal line over the width of the column."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spacer:
    """Free vertical room; swallowed by a page or column break."""

    height: float

    def __post_init__(self) -> None:
        if self.height < 0:
            raise ValueError(f"Spacer.height={self.height}: choose 0 or more")


Block: TypeAlias = Paragraph | Figure | TableBlock | Panel | Rule | PageBreak | Spacer


def _check_align(align: str, name: str) -> None:
    if align not in ALIGNMENTS:
        raise ValueError(f"{name}={align!r}: choose {', '.join(ALIGNMENTS)}")
