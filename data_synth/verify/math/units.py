"""Units behind a value: one spelling for each, nothing is converted."""

from data_synth.verify.math import tree
from data_synth.verify.math.tree import Node

_UNIT_ALIASES = {
    "centimeter": "cm",
    "kilometer": "km",
    "meter": "m",
    "metre": "m",
    "foot": "ft",
    "feet": "ft",
    "inch": "in",
    "inche": "in",
    "second": "s",
    "sec": "s",
    "minute": "min",
    "hour": "h",
    "hr": "h",
    "dollar": "$",
    "gram": "g",
    "degree": "deg",
    "liter": "L",
    "litre": "L",
}


def normal_unit(text: str) -> str:
    """A unit in the spelling that is compared: `square centimeters` is cm^2."""
    text = text.strip().strip(".")
    for word, power in (("square", "^2"), ("sq", "^2"), ("cubic", "^3"), ("cu", "^3")):
        rest = text.removeprefix(word)
        if rest != text and rest[:1] in (" ", ".", "_") and rest.strip(" ._"):
            text = rest.strip(" ._") + power
    name, caret, power = text.replace(" ", "").partition("^")
    if len(name) > 3 and name.endswith("s"):
        name = name[:-1]
    return _UNIT_ALIASES.get(name, name) + caret + power.strip("{}")


def with_unit(node: Node) -> tuple[Node, str]:
    """The value and its unit, which may be none."""
    if node.op == "deg":
        return node.args[0], "deg"
    return (node.args[0], node.name) if node.op == "unit" else (node, "")


def as_symbols(unit: str) -> Node | None:
    """cm^2 as c times m squared; None for units with a dash, a slash or a long name."""
    name, _, power = unit.partition("^")
    if not (name.isascii() and name.isalpha()) or len(name) > 3:
        return None
    last = tree.sym(name[-1])
    if power:
        if not power.isdigit() or len(power) > 3:
            return None
        last = tree.power(last, tree.num(int(power)))
    product = last
    for letter in name[:-1]:
        product = tree.mul(product, tree.sym(letter))
    return product
