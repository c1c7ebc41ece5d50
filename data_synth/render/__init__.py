"""Text, tables, figures and whole documents as page images with exact line boxes."""

from data_synth.render.blocks import (
    Block,
    Figure,
    PageBreak,
    Panel,
    Paragraph,
    Rule,
    Spacer,
    Span,
    TableBlock,
)
from data_synth.render.layout import layout
from data_synth.render.page import Document, Page, PageStyle, TextLine
from data_synth.render.text import fit_font_size, render_problem, render_text
from data_synth.render.themes import THEMES, Theme

__all__ = [
    "THEMES",
    "Block",
    "Document",
    "Figure",
    "Page",
    "PageBreak",
    "PageStyle",
    "Panel",
    "Paragraph",
    "Rule",
    "Spacer",
    "Span",
    "TableBlock",
    "TextLine",
    "Theme",
    "fit_font_size",
    "layout",
    "render_problem",
    "render_text",
]
