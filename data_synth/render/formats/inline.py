"""What markdown and LaTeX share: pieces of a paragraph, with formulas drawn in one go.

A formula is known only after all of them are drawn, so documents are first read into blocks whose
formulas are placeholders, and `fill_formulas` puts the pictures in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from data_synth.render.blocks import Block, Figure, Paragraph, Span, TableBlock
from data_synth.render.formats.math_image import Formula, FormulaRequest, render_formulas
from data_synth.render.page import PageStyle


@dataclass(frozen=True, kw_only=True, slots=True)
class FormulaSpan:
    """A formula in a line, to be drawn later.

    Example:
        FormulaSpan(request=FormulaRequest(latex="x^2"))
    """

    request: FormulaRequest
    look: Span = field(default_factory=lambda: Span(text=""))
    """Background and lines of the text around it."""


Piece: TypeAlias = Span | FormulaSpan


@dataclass(frozen=True, kw_only=True, slots=True)
class FormulaBlock:
    """A formula on its own, to be drawn later.

    Example:
        FormulaBlock(latex=r"\\frac{1}{2}")
    """

    latex: str

    @property
    def request(self) -> FormulaRequest:
        """What to draw."""
        return FormulaRequest(latex=self.latex, display=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A block whose pieces may still be placeholders.

    Example:
        Draft(block=Paragraph(spans=()), pieces=(FormulaSpan(request=request),))
    """

    block: Block
    """Without its pieces."""
    pieces: tuple[Piece, ...] = ()
    cells: tuple[tuple[tuple[Piece, ...], ...], ...] = ()
    """For a `TableBlock`."""


DraftBlock: TypeAlias = Block | Draft | FormulaBlock


def fill_formulas(drafts: Sequence[DraftBlock], style: PageStyle) -> list[Block]:
    """Draw all formulas and put them in.

    Raises:
        ValueError: see `render_formulas`.
    """
    requests = [request for draft in drafts for request in _requests(draft)]
    formulas = render_formulas(requests, style) if requests else {}
    return [_filled(draft, formulas) for draft in drafts]


def _requests(draft: DraftBlock) -> list[FormulaRequest]:
    if isinstance(draft, FormulaBlock):
        return [draft.request]
    if not isinstance(draft, Draft):
        return []
    pieces = [*draft.pieces, *(piece for row in draft.cells for cell in row for piece in cell)]
    return [piece.request for piece in pieces if isinstance(piece, FormulaSpan)]


def _filled(draft: DraftBlock, formulas: Mapping[FormulaRequest, Formula]) -> Block:
    if isinstance(draft, FormulaBlock):
        formula = formulas[draft.request]
        return Figure(image=formula.image, text=f"$${draft.latex.strip()}$$")
    if not isinstance(draft, Draft):
        return draft
    block = draft.block
    if isinstance(block, TableBlock):
        rows = tuple(tuple(_spans(cell, formulas) for cell in row) for row in draft.cells)
        return replace(block, rows=rows)
    if not isinstance(block, Paragraph):
        raise TypeError(f"{type(block).__name__} has no pieces")
    return replace(block, spans=_spans(draft.pieces, formulas))


def _spans(pieces: Iterable[Piece], formulas: Mapping[FormulaRequest, Formula]) -> tuple[Span, ...]:
    spans = []
    for piece in pieces:
        if isinstance(piece, FormulaSpan):
            formula = formulas[piece.request]
            spans.append(
                replace(
                    piece.look,
                    text=f"${piece.request.latex.strip()}$",
                    image=formula.image,
                    image_depth=formula.depth,
                )
            )
        else:
            spans.append(piece)
    return tuple(spans)
