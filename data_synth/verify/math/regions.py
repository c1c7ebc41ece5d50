r"""Parts of the real line: intervals, their unions, and inequalities in one symbol.

`x<3`, `3>x`, `2x<6` and `(-\infty,3)` are one region; `x<-1 or x>2` and
`(-\infty,-1)\cup(2,\infty)` another. Where all ends are rational, intervals that touch are joined.
"""

from dataclasses import dataclass
from fractions import Fraction

from data_synth.verify.math import tree
from data_synth.verify.math.compare import Session
from data_synth.verify.math.fields import rational_constant
from data_synth.verify.math.inequalities import solve
from data_synth.verify.math.tree import Node
from data_synth.verify.math.vocabulary import INFINITY

_PLUS = tree.sym(INFINITY)
_MINUS = tree.neg(_PLUS)
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_OPENS = {"(": False, "[": True}


@dataclass(frozen=True, slots=True)
class Interval:
    """Two ends and whether each belongs to it.

    Example:
        Interval(tree.num(0), True, tree.num(1), False)
    """

    low: Node
    low_closed: bool
    high: Node
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Region:
    """A union of intervals, with the symbol that it speaks of, if it names one."""

    intervals: tuple[Interval, ...]
    symbol: str = ""


def is_region(node: Node) -> bool:
    """Whether it can only be meant as part of the real line."""
    if node.op in ("union", "setminus"):
        return True
    if node.op == "numbers":
        return node.name == "R"
    if node.op == "bracket":
        return node.name in ("([", "[(")
    if node.op == "relation":
        signs = node.name.split()
        inequality = all(sign in _FLIPPED for sign in signs)
        if inequality or signs == ["!="]:
            return len(tree.free_symbols(node) - {INFINITY}) == 1
        return signs == ["in"] and region(node.args[1]) is not None
    return node.op == "list" and node.name in ("or", "and") and all(map(is_region, node.args))


def region(node: Node) -> Region | None:
    """The region that it stands for, brackets with two items read as intervals; None otherwise."""
    if node.op == "numbers":
        return Region((Interval(_MINUS, False, _PLUS, False),)) if node.name == "R" else None
    if node.op == "setminus":
        return _without(region(node.args[0]), node.args[1])
    if node.op == "bracket":
        if len(node.args) != 2 or node.name == "<<":
            return None
        low, high = node.args
        if any(end.op not in tree.SCALAR_OPS for end in node.args):
            return None
        return Region((Interval(low, _OPENS[node.name[0]], high, _OPENS[node.name[1]]),))
    if node.op == "set":
        if any(point.op not in tree.SCALAR_OPS for point in node.args):
            return None
        return Region(tuple(Interval(point, True, point, True) for point in node.args))
    if node.op == "list" and node.name == "and":
        return _intersection([region(part) for part in node.args])
    if node.op in ("union", "list"):
        return _union([region(part) for part in node.args])
    return _relation(node) if node.op == "relation" else None


def _union(parts: list[Region | None]) -> Region | None:
    known = [part for part in parts if part is not None]
    symbols = {part.symbol for part in known if part.symbol}
    if len(known) < len(parts) or len(symbols) > 1:
        return None
    intervals = tuple(interval for part in known for interval in part.intervals)
    return Region(intervals, symbols.pop() if symbols else "")


def _intersection(parts: list[Region | None]) -> Region | None:
    """What single intervals with rational ends have in common."""
    every = _union(parts)
    if every is None or len(every.intervals) != len(parts):
        return None
    lows, highs = [], []
    for part in every.intervals:
        low, high = _key(part.low), _key(part.high)
        if low is None or high is None:
            return None
        lows.append((low, not part.low_closed, part.low))
        highs.append((high, part.high_closed, part.high))
    low_end = max(lows, key=lambda end: end[:2])
    high_end = min(highs, key=lambda end: end[:2])
    interval = Interval(low_end[2], not low_end[1], high_end[2], high_end[1])
    return Region((interval,), every.symbol)


def _without(whole: Region | None, points: Node) -> Region | None:
    """A region less finitely many rational points; None if anything else is taken away."""
    if whole is None or points.op != "set":
        return None
    intervals = list(whole.intervals)
    for point in points.args:
        at = _key(point)
        if at is None:
            return None
        split: list[Interval] = []
        for part in intervals:
            low, high = _key(part.low), _key(part.high)
            if low is None or high is None:
                return None
            if low == at:
                part = Interval(part.low, False, part.high, part.high_closed)
            if high == at:
                part = Interval(part.low, part.low_closed, part.high, False)
            if low < at < high:
                split.append(Interval(part.low, part.low_closed, point, False))
                part = Interval(point, False, part.high, part.high_closed)
            if low < high or (part.low_closed and part.high_closed):
                split.append(part)
        intervals = split
    return Region(tuple(intervals), whole.symbol)


def _relation(node: Node) -> Region | None:
    signs = node.name.split()
    if signs == ["in"]:
        inner = region(node.args[1])
        if inner is None or node.args[0].op != "sym":
            return None
        return Region(inner.intervals, node.args[0].name)
    symbols = tree.free_symbols(node) - {INFINITY}
    if len(symbols) != 1 or any(arg.op not in tree.SCALAR_OPS for arg in node.args):
        return None
    symbol = next(iter(symbols))
    if signs == ["!="]:
        solved = _solved("<", node.args[0], node.args[1], symbol)
        if solved is None:
            return None
        end = solved[1]
        return Region(
            (Interval(_MINUS, False, end, False), Interval(end, False, _PLUS, False)), symbol
        )
    interval = _chain(signs, node.args, symbol)
    if interval is not None:
        return Region((interval,), symbol)
    return _curved(signs, node.args, symbol)


def _curved(signs: list[str], parts: tuple[Node, ...], symbol: str) -> Region | None:
    """One inequality with a square or an absolute value."""
    if len(parts) != 2 or signs[0] not in _FLIPPED:
        return None
    ends = solve(signs[0], parts[0], parts[1], symbol)
    if ends is None:
        return None
    closed = signs[0].endswith("=")
    return Region(
        tuple(
            Interval(
                _MINUS if low is None else low,
                closed and low is not None,
                _PLUS if high is None else high,
                closed and high is not None,
            )
            for low, high in ends
        ),
        symbol,
    )


def _chain(signs: list[str], parts: tuple[Node, ...], symbol: str) -> Interval | None:
    """One inequality, or two that hold the symbol between constants."""
    if len(signs) > 2 or any(sign not in _FLIPPED for sign in signs):
        return None
    low, low_closed, high, high_closed = _MINUS, False, _PLUS, False
    for index, sign in enumerate(signs):
        solved = _solved(sign, parts[index], parts[index + 1], symbol)
        if solved is None:
            return None
        direction, end = solved
        closed = direction.endswith("=")
        if direction.startswith("<"):
            if high is not _PLUS:
                return None
            high, high_closed = end, closed
        else:
            if low is not _MINUS:
                return None
            low, low_closed = end, closed
    return Interval(low, low_closed, high, high_closed)


def _solved(sign: str, left: Node, right: Node, symbol: str) -> tuple[str, Node] | None:
    """The inequality as (sign, end) of `symbol sign end`; None unless it is linear."""
    if left == tree.sym(symbol) and not _holds(right, symbol):
        return sign, right
    if right == tree.sym(symbol) and not _holds(left, symbol):
        return _FLIPPED[sign], left
    off = tree.add(left, tree.neg(right))
    values = [rational_constant(_with(off, symbol, at)) for at in (0, 1, 2)]
    zero, one, two = values
    if zero is None or one is None or two is None or not _is_affine(off, symbol):
        return None
    slope = one - zero
    if not slope or two - one != slope:
        return None
    return (sign if slope > 0 else _FLIPPED[sign]), tree.num(-zero / slope)


def _is_affine(node: Node, symbol: str) -> bool:
    """Whether the symbol is only added, subtracted, or multiplied by constants."""
    if not _holds(node, symbol) or node.op == "sym":
        return True
    if node.op in ("add", "neg"):
        return all(_is_affine(arg, symbol) for arg in node.args)
    if node.op in ("mul", "div"):
        holding = [arg for arg in node.args if _holds(arg, symbol)]
        below = node.op == "div" and _holds(node.args[1], symbol)
        return len(holding) == 1 and not below and _is_affine(holding[0], symbol)
    return False


def _holds(node: Node, symbol: str) -> bool:
    return symbol in tree.free_symbols(node)


def _with(node: Node, symbol: str, value: int) -> Node:
    wanted = tree.sym(symbol)
    return tree.rebuild(node, lambda part: tree.num(value) if part == wanted else None)


def same_region(session: Session, left: Region, right: Region) -> bool:
    """Whether both are the same set of reals, of the same symbol if both name one."""
    if left.symbol and right.symbol and left.symbol != right.symbol:
        return False
    first, second = _joined(left.intervals), _joined(right.intervals)
    if len(first) != len(second):
        return False
    rest = list(second)
    for interval in first:
        found = next((other for other in rest if _same_interval(session, interval, other)), None)
        if found is None:
            return False
        rest.remove(found)
    return True


def _same_interval(session: Session, a: Interval, b: Interval) -> bool:
    return (
        (a.low_closed, a.high_closed) == (b.low_closed, b.high_closed)
        and session.equal(a.low, b.low)
        and session.equal(a.high, b.high)
    )


_Key = tuple[int, Fraction]


def _key(end: Node) -> _Key | None:
    """The place of an end on the line; None unless it is rational or infinite."""
    if end in (_PLUS, _MINUS):
        return (1 if end == _PLUS else -1), Fraction(0)
    value = rational_constant(end)
    return None if value is None else (0, value)


def _joined(intervals: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """The intervals with those that touch made one, where all ends can be put in order."""
    if len(intervals) < 2:
        return intervals
    keyed: list[tuple[_Key, bool, _Key, bool, Interval]] = []
    for interval in intervals:
        low, high = _key(interval.low), _key(interval.high)
        if low is None or high is None:
            return intervals
        keyed.append((low, not interval.low_closed, high, interval.high_closed, interval))
    keyed.sort(key=lambda entry: entry[:4])
    joined = [keyed[0]]
    for low, low_open, high, high_closed, interval in keyed[1:]:
        last_low, last_open, last_high, last_closed, last = joined[-1]
        if low > last_high or (low == last_high and low_open and not last_closed):
            joined.append((low, low_open, high, high_closed, interval))
            continue
        if (high, high_closed) > (last_high, last_closed):
            last_high, last_closed = high, high_closed
            last = Interval(last.low, last.low_closed, interval.high, interval.high_closed)
        joined[-1] = (last_low, last_open, last_high, last_closed, last)
    return tuple(entry[-1] for entry in joined)
