"""JSON and YAML as plain values, with numbers as they are written.

YAML is composed, never constructed: no tag runs anything, and `1.10` or a date stay what the file
says. Sizes are bounded before aliases are followed, so that a few lines cannot grow into
gigabytes.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from data_synth.render.formats.packages import require
from data_synth.render.formats.source_text import clean

MAX_DEPTH = 64
MAX_VALUES = 100_000
MAX_YAML_CHARS = 200_000


class Number(str):
    """A number as it is written: `1.10` stays `1.10`."""

    __slots__ = ()


Value: TypeAlias = "Mapping[str, Value] | Sequence[Value] | str | bool | None"
"""Numbers are `Number`."""


def parse_json(text: str) -> Value:
    """The value of a JSON text.

    Raises:
        ValueError: not valid (the message names the line), a key that comes twice, or nested
            deeper than `MAX_DEPTH`.
    """
    try:
        value = json.loads(
            clean(text),
            parse_int=Number,
            parse_float=Number,
            parse_constant=Number,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:  # the text is the user's
        raise ValueError(
            f"not valid JSON in line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error
    except RecursionError as error:
        raise ValueError(f"JSON is nested deeper than {MAX_DEPTH} levels") from error
    check_value(value)
    return value


def check_value(value: Value) -> None:
    """Raise ValueError if a value is too deep or too large."""
    count = 0
    waiting: list[tuple[Value, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        count += 1
        if depth > MAX_DEPTH:
            raise ValueError(f"the data is nested deeper than {MAX_DEPTH} levels")
        if count > MAX_VALUES:
            raise ValueError(f"the data has more than {MAX_VALUES} values: split it")
        if isinstance(item, Mapping):
            waiting += [(child, depth + 1) for child in item.values()]
        elif isinstance(item, Sequence) and not isinstance(item, str):
            waiting += [(child, depth + 1) for child in item]


def parse_yaml(text: str) -> Value:
    """The value of a YAML text of one document.

    Raises:
        ValueError: not valid (the message names the line), a key that is no scalar or comes twice,
            or too large or too deep after its aliases are followed.
    """
    text = clean(text, limit=MAX_YAML_CHARS)
    yaml = require("yaml", "YAML")
    try:
        _check_yaml_size(yaml, text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:  # the text is the user's
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise ValueError(f"not valid YAML{where}: {problem}") from error
    if node is None:
        raise ValueError("the YAML text holds no value")
    return _yaml_value(yaml, node)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key {twice!r} comes twice in one JSON object: remove one")
    return result


def _check_yaml_size(yaml: Any, text: str) -> None:
    """Add up values with every alias counted as what it stands for."""
    sizes: dict[str, int] = {}
    open_counts = [0]
    open_anchors: list[str | None] = []
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        anchor = getattr(event, "anchor", None)
        if isinstance(event, yaml.CollectionStartEvent):
            open_counts.append(1)
            open_anchors.append(anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            size, name = open_counts.pop(), open_anchors.pop()
            sizes[name or ""] = size
            open_counts[-1] += size
        elif isinstance(event, yaml.AliasEvent):
            if anchor in open_anchors:
                raise ValueError(f"YAML alias *{anchor} stands inside its own value")
            open_counts[-1] += sizes.get(anchor or "", 1)
        elif isinstance(event, yaml.ScalarEvent):
            open_counts[-1] += 1
            sizes[anchor or ""] = 1
        if sum(open_counts[-2:]) > MAX_VALUES:
            raise ValueError(f"YAML has more than {MAX_VALUES} values with aliases: split it")
        if len(open_counts) > MAX_DEPTH + 1:
            raise ValueError(f"YAML is nested deeper than {MAX_DEPTH} levels")


def _yaml_value(yaml: Any, node: Any, depth: int = 0) -> Value:
    # Aliases may nest deeper than the text does.
    if depth > MAX_DEPTH:
        raise ValueError(f"YAML is nested deeper than {MAX_DEPTH} levels")
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Value] = {}
        for key_node, child in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise ValueError(f"YAML key in line {line} is no scalar: write a word or a number")
            if key_node.value in result:
                raise ValueError(f"YAML key {key_node.value!r} comes twice, in line {line} again")
            result[key_node.value] = _yaml_value(yaml, child, depth + 1)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_yaml_value(yaml, child, depth + 1) for child in node.value]
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    if kind == "null":
        return None
    if kind == "bool":
        return node.value.lower() in ("yes", "true", "on")
    return Number(node.value) if kind in ("int", "float") else str(node.value)
