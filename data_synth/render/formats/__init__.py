"""Formats: each turns one kind of source text into blocks, which `layout` sets as pages.

`source_blocks` chooses by a format's name or by the name of the file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from data_synth.render.blocks import Block
from data_synth.render.formats.code import code_blocks, knows_file
from data_synth.render.formats.form import form_blocks, receipt_blocks
from data_synth.render.formats.latex import latex_blocks, math_blocks
from data_synth.render.formats.markdown import markdown_blocks
from data_synth.render.formats.plain import plain_blocks
from data_synth.render.formats.record import parse_record
from data_synth.render.formats.table import (
    csv_blocks,
    frame_blocks,
    json_table_blocks,
    records_table,
    table_block,
)
from data_synth.render.formats.terminal import terminal_blocks
from data_synth.render.formats.tree import json_blocks, tree_blocks, yaml_blocks
from data_synth.render.formats.values import parse_yaml
from data_synth.render.page import PageStyle

__all__ = [
    "FORMATS",
    "Format",
    "Source",
    "code_blocks",
    "csv_blocks",
    "form_blocks",
    "frame_blocks",
    "guess_format",
    "json_blocks",
    "json_table_blocks",
    "latex_blocks",
    "markdown_blocks",
    "math_blocks",
    "plain_blocks",
    "receipt_blocks",
    "records_table",
    "source_blocks",
    "table_block",
    "terminal_blocks",
    "tree_blocks",
    "yaml_blocks",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A text, and what is known about it.

    Example:
        Source(text="x = 1", file_name="a.py")
    """

    text: str
    file_name: str = ""
    """Says the format, and for code the language."""
    folder: Path | None = None
    """Where pictures of a markdown text lie; None if it may have none."""
    lexer: str = ""
    """Language of code, a Pygments alias; by `file_name` if empty."""
    line_numbers: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A kind of source text.

    Example:
        FORMATS["table"].summary
    """

    summary: str
    build: Callable[[Source, PageStyle], list[Block]]
    suffixes: tuple[str, ...] = field(default=())
    """Of file names; a longer suffix goes before a shorter one."""


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "text": Format(
            summary="plain text; a form feed begins a page",
            build=lambda source, style: plain_blocks(source.text),
            suffixes=(".txt", ".text"),
        ),
        "markdown": Format(
            summary="CommonMark, tables, formulas, local pictures; <!-- pagebreak -->",
            build=lambda source, style: markdown_blocks(source.text, style, folder=source.folder),
            suffixes=(".md", ".markdown"),
        ),
        "latex": Format(
            summary="LaTeX text with formulas, sections and lists; \\newpage",
            build=lambda source, style: latex_blocks(source.text, style),
            suffixes=(".tex", ".latex"),
        ),
        "math": Format(
            summary="LaTeX formulas without text, separated by empty lines",
            build=lambda source, style: math_blocks(source.text, style),
        ),
        "code": Format(
            summary="source code in any language of Pygments (--lexer, --line-numbers)",
            build=lambda source, style: code_blocks(
                source.text,
                style,
                lexer=source.lexer,
                file_name=source.file_name,
                line_numbers=source.line_numbers,
            ),
        ),
        "csv": Format(
            summary="a table, cells separated by commas",
            build=lambda source, style: csv_blocks(source.text),
            suffixes=(".csv",),
        ),
        "tsv": Format(
            summary="a table, cells separated by tabs",
            build=lambda source, style: csv_blocks(source.text, delimiter="\t"),
            suffixes=(".tsv", ".tab"),
        ),
        "records": Format(
            summary="a table from a JSON list of objects",
            build=lambda source, style: json_table_blocks(source.text),
            suffixes=(".records.json", ".table.json"),
        ),
        "json": Format(
            summary="JSON, indented and coloured",
            build=lambda source, style: json_blocks(source.text, style),
            suffixes=(".json",),
        ),
        "json-tree": Format(
            summary="JSON as a tree of branches",
            build=lambda source, style: json_blocks(source.text, style, tree=True),
            suffixes=(".tree.json",),
        ),
        "yaml": Format(
            summary="YAML as written, coloured",
            build=lambda source, style: yaml_blocks(source.text, style),
            suffixes=(".yaml", ".yml"),
        ),
        "yaml-tree": Format(
            summary="YAML as a tree of branches",
            build=lambda source, style: yaml_blocks(source.text, style, tree=True),
            suffixes=(".tree.yaml", ".tree.yml"),
        ),
        "terminal": Format(
            summary="a terminal session with ANSI colours, in a window",
            build=lambda source, style: terminal_blocks(
                source.text, title=source.file_name or "Terminal"
            ),
            suffixes=(".ansi", ".ans", ".log", ".typescript"),
        ),
        "form": Format(
            summary="a form from a JSON or YAML record: fields, check boxes, items",
            build=lambda source, style: form_blocks(parse_record(parse_yaml(source.text)), style),
            suffixes=(".form.json", ".form.yaml", ".form.yml"),
        ),
        "receipt": Format(
            summary="a receipt from a JSON or YAML record: items, discount, tax, total",
            build=lambda source, style: receipt_blocks(
                parse_record(parse_yaml(source.text)), style
            ),
            suffixes=(".receipt.json", ".receipt.yaml", ".receipt.yml"),
        ),
    }
)
"""Every format by its name."""


def guess_format(file_name: str) -> str:
    """The format of a file by its name: by suffix, else code if Pygments knows a language.

    Raises:
        ValueError: nothing fits; the message lists the formats.
    """
    name = Path(file_name).name.lower()
    fitting = [
        (len(suffix), key)
        for key, known in FORMATS.items()
        for suffix in known.suffixes
        if name.endswith(suffix)
    ]
    if fitting:
        return max(fitting)[1]
    if knows_file(file_name):
        return "code"
    raise ValueError(
        f"the format of {file_name!r} is not known by its name: choose one of {', '.join(FORMATS)}"
    )


def source_blocks(source: Source, style: PageStyle, *, format_name: str = "") -> list[Block]:
    """The blocks of a text in a named format, or in the one its file name says; else plain text.

    Raises:
        ValueError: the format is unknown, the text is not valid in it, or a package is missing.
    """
    name = format_name or (guess_format(source.file_name) if source.file_name else "text")
    if name not in FORMATS:
        raise ValueError(f"unknown format {name!r}: choose one of {', '.join(FORMATS)}")
    return FORMATS[name].build(source, style)
