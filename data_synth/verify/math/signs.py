"""Plus-minus: one text for two values."""

from data_synth.verify.math import tree
from data_synth.verify.math.tree import Node
from data_synth.verify.verdict import Reason, UnreadableError


def expanded(node: Node) -> Node:
    """The tree with plus-minus written out: two values with the upper and the lower signs.

    Raises UnreadableError (`unsure`) where plus-minus stands for more than two values.
    """
    if not node.args or not any(below.op in ("pm", "mp") for below in tree.walk(node)):
        return node
    if node.op in ("list", "set"):
        items: list[Node] = []
        for item in map(expanded, node.args):
            items.extend(item.args if item.op == "list" else (item,))
        return Node(node.op, tuple(items), name=node.name)
    signs = [below for below in tree.walk(node) if below.op in ("pm", "mp")]
    if len(signs) > 2 or len([sign for sign in signs if sign.op == "pm"]) > 1:
        raise UnreadableError(Reason.UNSURE)
    if node.op not in tree.SCALAR_OPS and node.op not in ("relation", "unit"):
        raise UnreadableError(Reason.UNSURE)
    return Node("list", (_signed(node, "pm"), _signed(node, "mp")), name=",")


def _signed(node: Node, upper: str) -> Node:
    def chosen(part: Node) -> Node | None:
        if part.op not in ("pm", "mp"):
            return None
        inner = _signed(part.args[0], upper)
        return inner if part.op == upper else tree.neg(inner)

    return tree.rebuild(node, chosen)
