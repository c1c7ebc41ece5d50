"""Pieces of typst mathematics that the translation is put together from."""

from data_synth.render.formats import math_symbols as tables


def sign(command: str) -> str | None:
    """A command without arguments: a symbol, a delimiter as an ordinary sign, a space."""
    mark = tables.DELIMITERS.get(command)
    if mark is not None:
        return ordinary(mark) if mark in ("|", "\u2016") else mark
    for table in (tables.SYMBOLS, tables.ESCAPES, tables.SPACES):
        if command[1:] in table:
            return table[command[1:]]
    return None


def ordinary(sign: str) -> str:
    """A sign without the spaces of a relation or an operator around it."""
    return f'class("normal", {sign})'


def join(atoms: list[str]) -> str:
    """Atoms side by side: a space would be drawn beside a string, and is needed elsewhere."""
    result = ""
    for atom in atoms:
        if atom and result and not (result.endswith('"') or atom.startswith('"')):
            result += " "
        result += atom
    return result.strip()


def fraction(command: str, above: str, below: str) -> str:
    """What `\\over`, `\\choose` or `\\atop` make of their two sides."""
    name = {"\\over": "frac", "\\choose": "binom"}.get(command)
    if name is None:
        return f"mat(delim: #none, {filled(above)}; {filled(below)})"
    return f"{name}({filled(above)}, {filled(below)})"


def filled(content: str) -> str:
    """An argument that typst accepts where LaTeX has an empty group."""
    return content or '""'


def aligned_cell(cell: str, column: int) -> str:
    """A piece of an aligned line, which typst separates by `&`."""
    # `zws` is an empty operand, so that a relation after `&` keeps its spaces.
    before = "" if column == 0 else "zws " if column % 2 else "wide "
    return f"display({filled(before + cell)})"


def operator(name: str, *, limits: bool) -> str:
    """A named operator; with `limits`, scripts stand below and above in display style."""
    return f'op("{name}", limits: #{"true" if limits else "false"})'


def array_options(columns: str, width: int, height: int, horizontal: list[int]) -> list[str]:
    """Lines of an array from its column kinds, such as `c|c`."""
    before = [columns[:i] for i, char in enumerate(columns) if char == "|"]
    vertical = {sum(char in "lcr" for char in part) for part in before}
    lines_x = "".join(f"{n}, " for n in sorted(set(horizontal)) if n <= height)
    lines_y = "".join(f"{n}, " for n in sorted(vertical) if n <= width)
    if not lines_x and not lines_y:
        return []
    return [f"augment: #(hline: ({lines_x}), vline: ({lines_y}), stroke: 0.05em)"]


def matrix_cell(content: str, kind: str) -> str:
    """A cell aligned within its column; typst aligns right before `&` and left after it."""
    return {"l": f"& {content}", "r": f"{content} &"}.get(kind, content)
