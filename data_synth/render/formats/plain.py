"""Plain text: as it stands, with a form feed for a new page."""

from data_synth.render.blocks import Block, PageBreak, Paragraph, Span
from data_synth.render.formats.source_text import TAB_SIZE, clean


def plain_blocks(text: str, *, mono: bool = False) -> list[Block]:
    """Text whose lines, spaces and indentation are kept.

    A form feed begins a page.

    Raises:
        ValueError: the text is empty or holds other control characters.
    """
    blocks: list[Block] = []
    for i, page in enumerate(clean(text, allowed="\n\t\f").split("\f")):
        if i:
            blocks.append(PageBreak())
        lines = [line.rstrip().expandtabs(TAB_SIZE) for line in page.split("\n")]
        # The line break beside a form feed belongs to it.
        if i and lines and not lines[0]:
            lines = lines[1:]
        content = "\n".join(lines).rstrip("\n")
        if content:
            spans = (Span(text=content, mono=mono),)
            blocks.append(Paragraph(spans=spans, preserve=True, space_after=0))
    return blocks
