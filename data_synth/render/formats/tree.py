"""JSON and YAML: indented with colours, or as a tree of branches."""

import json
from collections.abc import Iterator, Mapping, Sequence

from data_synth.render.blocks import Block, Paragraph, Span
from data_synth.render.formats.code import code_blocks
from data_synth.render.formats.colors import Palette, palette_of
from data_synth.render.formats.values import Number, Value, parse_json, parse_yaml
from data_synth.render.page import PageStyle


def json_blocks(text: str, style: PageStyle, *, tree: bool = False) -> list[Block]:
    """JSON, indented by two spaces; numbers stay as they are written.

    Raises:
        ValueError: see `parse_json`.
    """
    value = parse_json(text)
    if tree:
        return tree_blocks(value, style)
    return [_mono(_json_spans(value, palette_of(style)))]


def yaml_blocks(text: str, style: PageStyle, *, tree: bool = False) -> list[Block]:
    """YAML as it is written, after a check that it is valid.

    Raises:
        ValueError: see `parse_yaml`.
    """
    value = parse_yaml(text)
    return tree_blocks(value, style) if tree else code_blocks(text, style, lexer="yaml")


def tree_blocks(value: Value, style: PageStyle) -> list[Block]:
    """A value as a tree drawn with branches; keys and positions name the children."""
    return [_mono(_tree_spans(value, palette_of(style)))]


def compact(value: Value) -> str:
    """A value as JSON on one line."""
    return "".join(span.text for span in _json_line(value))


def _json_line(value: Value) -> Iterator[Span]:
    if isinstance(value, Mapping):
        yield Span(text="{")
        for i, (key, child) in enumerate(value.items()):
            yield Span(text=", " * bool(i) + _quoted(key) + ": ")
            yield from _json_line(child)
        yield Span(text="}")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield Span(text="[")
        for i, child in enumerate(value):
            yield Span(text=", " * bool(i))
            yield from _json_line(child)
        yield Span(text="]")
    else:
        yield Span(text=_scalar(value))


def _json_spans(value: Value, colors: Palette, indent: str = "") -> Iterator[Span]:
    inner = indent + "  "
    if isinstance(value, Mapping) and value:
        yield _plain("{\n")
        for i, (key, child) in enumerate(value.items()):
            yield _plain((",\n" if i else "") + inner)
            yield Span(text=_quoted(key), mono=True, color=colors.key)
            yield _plain(": ")
            yield from _json_spans(child, colors, inner)
        yield _plain(f"\n{indent}}}")
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        yield _plain("[\n")
        for i, child in enumerate(value):
            yield _plain((",\n" if i else "") + inner)
            yield from _json_spans(child, colors, inner)
        yield _plain(f"\n{indent}]")
    elif isinstance(value, Mapping):
        yield _plain("{}")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield _plain("[]")
    else:
        yield Span(text=_scalar(value), mono=True, color=_scalar_color(value, colors))


def _tree_spans(value: Value, colors: Palette, prefix: str = "") -> Iterator[Span]:
    """The children of a value, each on a line below its parent's."""
    children = _children(value)
    if not children and not prefix:
        yield Span(text=_scalar(value), mono=True, color=_scalar_color(value, colors))
    for i, (name, child) in enumerate(children):
        last = i + 1 == len(children)
        start = "\n" if prefix or i else ""
        branch = f"{start}{prefix}{'└── ' if last else '├── '}"
        yield Span(text=branch, mono=True, color=colors.faint)
        yield Span(text=name, mono=True, color=colors.key)
        if _children(child):
            yield from _tree_spans(child, colors, prefix + ("    " if last else "│   "))
        else:
            yield _plain(": ")
            yield Span(text=_scalar(child), mono=True, color=_scalar_color(child, colors))


def _children(value: Value) -> list[tuple[str, Value]]:
    if isinstance(value, Mapping):
        # Line breaks in a key would break the branches.
        return [(key if key.isprintable() else _quoted(key), v) for key, v in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [(f"[{i}]", child) for i, child in enumerate(value)]
    return []


def _scalar(value: Value) -> str:
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else "{}" if isinstance(value, Mapping) else "[]"


def _scalar_color(value: Value, colors: Palette) -> tuple[int, int, int]:
    if isinstance(value, Number):
        return colors.number
    return colors.string if isinstance(value, str) else colors.literal


def _quoted(text: str) -> str:
    """A JSON string; what cannot be drawn stays an escape."""
    written = json.dumps(text, ensure_ascii=False)
    return written if written.isprintable() else json.dumps(text)


def _plain(text: str) -> Span:
    return Span(text=text, mono=True)


def _mono(spans: Iterator[Span]) -> Paragraph:
    merged: list[Span] = []
    for span in spans:
        if merged and merged[-1].color == span.color:
            merged[-1] = Span(text=merged[-1].text + span.text, mono=True, color=span.color)
        else:
            merged.append(span)
    return Paragraph(spans=tuple(merged), preserve=True, space_after=0)
