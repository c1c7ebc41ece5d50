"""Unknown angles in a triangle with cevians, or between chords of a circle; drawn to true shape.

Both figures obey one law. Put the directions of the triangle's lines, or the points of the circle,
in cyclic order: they cut 180 degrees into parts, and the angle between two lines, or an angle
inscribed over two points, is the sum of the parts between them. A given angle therefore links two
lines or points, and an unknown one is determined exactly if given angles link its two ends.
"""

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from PIL import Image

from data_synth.style import Style
from data_synth.tasks.angle_figure import (
    Figure,
    Mark,
    Span,
    draw_figure,
    fill_canvas,
    find_chain,
    measure,
    name_corners,
    place_labels,
)
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple, list_words

_TRIES = 6  # of drawing a figure whose labels have room
_LETTERS = "ABCDEFG"
_GOOD_ROOM = 0.8
_MAX_LINKS = 3  # given angles on the way to an unknown one
_BASE_PART, _FREE_PART = 24, 14  # least angles of a triangle's base and of the others

_Answer = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Corner:
    """A place where an angle can be marked: points by name, and what the angle measures."""

    vertex: str
    first: str
    last: str
    span: Span
    parts: tuple[int, ...]
    """The parts that the angle is the sum of."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is asked and what is given, before any angle has a value."""

    kind: str
    unknown: tuple[_Corner, ...]
    given: tuple[_Corner, ...]
    least: tuple[int, ...]
    """Least size of every part."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    kinds: str
    """`triangle`, `circle`, or both with a blank between."""
    num_parts: int
    """Parts of 180 degrees: lines of the triangle, or points on the circle."""
    num_unknowns: int
    triangle_range: tuple[int, int]
    """Least and greatest unknown angle in a triangle."""
    circle_range: tuple[int, int]


class FindAngles(Task[Config]):
    name = "find_angles"
    summary = "unknown angles from given ones in triangles and circles"
    domain = "geometry"
    discipline = "deduction"
    answer_type = "sequence"
    verifier = "sequence"
    ladder = tuple(
        Config(
            kinds=kinds,
            num_parts=num_parts,
            num_unknowns=num_unknowns,
            triangle_range=triangle_range,
            circle_range=circle_range,
        )
        for kinds, num_parts, num_unknowns, triangle_range, circle_range in (
            ("triangle", 3, 1, (52, 125), (52, 125)),
            ("triangle circle", 4, 1, (40, 110), (40, 110)),
            ("triangle circle", 4, 2, (38, 64), (38, 64)),
            ("triangle circle", 5, 2, (38, 59), (38, 64)),
            ("triangle circle", 6, 2, (38, 52), (38, 60)),
        )
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        kind = rng.choice(config.kinds.split())
        low, high = config.triangle_range if kind == "triangle" else config.circle_range
        names = "xy"[: config.num_unknowns]
        form = names if len(names) == 1 else format_tuple(names)
        english, hint = {
            "triangle": ("the triangle", "Lines with arrowheads are parallel. "),
            "circle": ("the circle", "All corners lie on the circle. "),
        }[kind]
        chinese = {
            "triangle": "图中带箭头的线互相平行。求三角形图形中",
            "circle": "图中所有顶点都在圆上。求圆中",
        }[kind]
        return Pose(
            questions={
                "en": (
                    f"{hint}Find {list_words(names)} in the figure of {english}, in degrees. "
                    f"Answer as {form}.",
                    f"All numbers are angles in degrees. {hint}Which size has each unknown angle "
                    f"of {english}? Give {form}.",
                ),
                "zh": (
                    f"{chinese} {'、'.join(names)} 的度数，按 {form} 作答。",
                    f"图中的数都是角的度数。{chinese}未知角的大小，写成 {form}。",
                ),
            },
            answers=Product([range(low, high + 1)] * config.num_unknowns),
            params=_plan(rng, kind, config),
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Figure:
        plan: _Plan = pose.params
        best: tuple[float, Figure | None] = (-1.0, None)
        for _ in range(_TRIES):
            parts = _sample_parts(rng, plan, answer)
            scene = (_triangle if plan.kind == "triangle" else _circle)(rng, plan, parts)
            labelled = place_labels(scene, floor=best[0])
            if labelled is not None:
                best = labelled
            if best[0] >= _GOOD_ROOM:
                break
        assert best[1] is not None, "any room is more than none"
        return best[1]

    def draw(self, scene: Figure, *, size: int, style: Style) -> Image.Image:
        return draw_figure(scene, size=size, style=style)

    def solve(self, pose: Pose, scene: Figure) -> _Answer:
        """Add up given angles along a chain, and measure the drawn figure; both must agree."""
        for mark in scene.marks:
            if not mark.text.isalpha():
                assert abs(measure(scene, mark) - int(mark.text)) < 0.05, "drawn to true shape"
        values = []
        for mark in scene.marks:
            if mark.text.isalpha():
                places = find_chain(scene, mark.span)
                values.append((mark.text, places[-1][1]))
                assert abs(measure(scene, mark) - values[-1][1]) < 0.05, "drawn to true shape"
        return tuple(value for _, value in sorted(values))

    def reason(self, pose: Pose, scene: Figure) -> str:
        named = scene.names
        read = ", ".join(f"{named[m.span[0]]} {named[m.span[1]]} {m.text}" for m in scene.marks)
        steps = []
        for mark in sorted(scene.marks, key=lambda mark: mark.text):
            if mark.text.isalpha():
                places = ", ".join(
                    f"{named[node]} {place}" for node, place in find_chain(scene, mark.span)
                )
                steps.append(f"{mark.text}: {places}.")
        values = self.solve(pose, scene)
        return f"plan: chain. scan: {read}. {' '.join(steps)} {check(values)}"

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer) if len(answer) > 1 else str(answer[0])


@lru_cache(maxsize=32)
def _corners(kind: str, num_parts: int) -> list[_Corner]:
    """Every angle that can be marked in a figure."""
    last = num_parts - 1
    places: list[tuple[str, str, str, Span]] = []
    if kind == "circle":
        places += [
            (_LETTERS[vertex], _LETTERS[first], _LETTERS[end], (first, end))
            for first in range(num_parts)
            for length in range(1, last)
            for end in [(first + length) % num_parts]
            for vertex in range(num_parts)
            if (vertex - first) % num_parts > length
        ]
    else:
        feet = _feet(num_parts)
        for node, foot in enumerate(feet, start=1):
            # Beyond B and C the base is extended to two points without names.
            places.append((foot, "C" if foot != "C" else ">", "A", (0, node)))
            places.append((foot, "B" if foot != "B" else "<", "A", (node, 0)))
        for node in range(1, last):
            places.append(("A", feet[node - 1], feet[node], (node, node + 1)))
        places += [("A", "left", "B", (0, 1)), ("A", "C", "right", (last, 0))]
    return [
        _Corner(vertex, first, end, span, _parts_of(span, num_parts))
        for vertex, first, end, span in places
    ]


def _feet(num_parts: int) -> str:
    """Names of the points on the base from left to right."""
    return "B" + "DEF"[: num_parts - 3] + "C"


def _parts_of(span: Span, num_parts: int) -> tuple[int, ...]:
    """The parts from one line or point to another, in cyclic order."""
    first, last = span
    return tuple((first + i) % num_parts for i in range((last - first) % num_parts))


@lru_cache(maxsize=32)
def _askable(kind: str, config: Config) -> tuple[tuple[int, ...], list[tuple[_Corner, ...]]]:
    """Least sizes of the parts, and the unknown angles that can take every wanted size."""
    count = config.num_parts
    least = [_FREE_PART] * count
    if kind == "triangle":
        least[0] = least[-1] = _BASE_PART
    low, high = config.triangle_range if kind == "triangle" else config.circle_range
    fitting = []
    for unknown in itertools.permutations(_corners(kind, count), config.num_unknowns):
        used = {i for corner in unknown for i in corner.parts}
        rest = sum(least[i] for i in range(count) if i not in used)
        if (
            len(used) == sum(len(corner.parts) for corner in unknown) < count
            and all(sum(least[i] for i in corner.parts) <= low for corner in unknown)
            and len(unknown) * high + rest <= 180
        ):
            fitting.append(unknown)
    return tuple(least), fitting


def _plan(rng: random.Random, kind: str, config: Config) -> _Plan:
    """Choose unknown angles and givens that determine them."""
    least, askable = _askable(kind, config)
    while True:
        unknown = rng.choice(askable)
        given = _choose_given(rng, _corners(kind, config.num_parts), unknown)
        if given is not None:
            return _Plan(kind, unknown, tuple(given), least)


def _choose_given(
    rng: random.Random, corners: Sequence[_Corner], unknown: Sequence[_Corner]
) -> list[_Corner] | None:
    """Angles that link the ends of every unknown one, none of them equal to it or its rest."""
    asked = {frozenset(corner.span) for corner in unknown}
    if len(asked) < len(unknown) or _overlap(unknown):
        return None
    links: dict[frozenset[int], list[_Corner]] = {}
    for corner in rng.sample(corners, len(corners)):
        pair = frozenset(corner.span)
        if pair not in asked:
            links.setdefault(pair, []).append(corner)
    chosen: dict[frozenset[int], _Corner] = {}
    for first, last in (corner.span for corner in unknown):
        paths = list(_paths(links, (first,), last))
        longest = max(map(len, paths), default=0)
        if not longest:
            return None
        path = rng.choice([path for path in paths if len(path) == longest])
        for pair in map(frozenset, pairwise(path)):
            marked = [*unknown, *chosen.values()]
            free = [corner for corner in links[pair] if not _overlap([*marked, corner])]
            if pair not in chosen:
                if not free:
                    return None
                chosen[pair] = free[0]
    return list(chosen.values())


def _overlap(corners: Sequence[_Corner]) -> bool:
    """Whether the last of several marked angles shares a part with another one at its vertex."""
    *others, new = corners
    return any(
        corner.vertex == new.vertex and not set(new.parts).isdisjoint(corner.parts)
        for corner in others
    )


def _paths(
    links: Mapping[frozenset[int], object], path: tuple[int, ...], goal: int
) -> Iterator[tuple[int, ...]]:
    """All ways along links from the end of `path` to `goal` of up to `_MAX_LINKS` links."""
    if path[-1] == goal:
        yield path
    elif len(path) <= _MAX_LINKS:
        for pair in links:
            if path[-1] in pair:
                (node,) = pair - {path[-1]}
                if node not in path:
                    yield from _paths(links, (*path, node), goal)


def _sample_parts(rng: random.Random, plan: _Plan, answer: _Answer) -> list[int]:
    """Sizes of all parts that give the unknown angles their values."""
    count = len(plan.least)
    parts = [0] * count
    groups = [list(corner.parts) for corner in plan.unknown]
    used = {i for group in groups for i in group}
    groups.append([i for i in range(count) if i not in used])
    for group, total in zip(groups, (*answer, 180 - sum(answer)), strict=True):
        spare = total - sum(plan.least[i] for i in group)
        cuts = sorted(rng.randint(0, spare) for _ in group[1:])
        for i, low, high in zip(group, [0, *cuts], [*cuts, spare], strict=True):
            parts[i] = plan.least[i] + high - low
    return parts


def _triangle(rng: random.Random, plan: _Plan, parts: Sequence[int]) -> Figure:
    """A triangle with lines from A to the base, turned and sized to fill the canvas."""
    feet = _feet(len(parts))
    corners = (*plan.unknown, *plan.given)
    used = {name for corner in corners for name in (corner.first, corner.last)}
    place = {"A": (0.0, 1.0)}
    for foot, turn in zip(feet, accumulate(parts), strict=False):
        place[foot] = (-1 / math.tan(math.radians(turn)), 0.0)
    left, right = place["B"][0], place["C"][0]
    parallel = bool(used & {"left", "right"})
    beyond = 0.2 * (right - left)
    if parallel:
        place["left"], place["right"] = (-0.38 * (right - left), 1.0), (0.38 * (right - left), 1.0)
    if parallel or "<" in used:
        place["<"] = (left - beyond, 0.0)
    if parallel or ">" in used:
        place[">"] = (right + beyond, 0.0)
    points = fill_canvas(rng, place)
    base = ("<" if "<" in place else "B", ">" if ">" in place else "C")
    order = list(place)
    lines = [("A", foot) for foot in feet]
    lines += [("left", "right"), base] if parallel else [base]
    named = [(name, points[order.index(name)]) for name in ("A", *feet)]
    return Figure(
        points=tuple(points),
        letters=name_corners(named),
        lines=tuple((order.index(one), order.index(other)) for one, other in lines),
        parallels=tuple((order.index(a), order.index(b)) for a, b in lines[-2:] if parallel),
        circle=None,
        marks=_marks(plan, parts, order),
        names=("BC", *("A" + foot for foot in feet)),
    )


def _circle(rng: random.Random, plan: _Plan, parts: Sequence[int]) -> Figure:
    """Points on a circle and the chords between which angles are marked."""
    corners = (*plan.unknown, *plan.given)
    start, turn = rng.random() * 360, rng.choice((-1, 1))
    order = list(_LETTERS[: len(parts)])
    angles = [math.radians(start + turn * 2 * place) for place in accumulate((0, *parts[:-1]))]
    points = [
        (round(500 + 415 * math.cos(angle), 3), round(500 + 415 * math.sin(angle), 3))
        for angle in angles
    ]
    chords = {
        tuple(sorted((order.index(corner.vertex), order.index(end))))
        for corner in corners
        for end in (corner.first, corner.last)
    }
    ends = sorted({end for chord in chords for end in chord})
    return Figure(
        points=tuple(points),
        letters=tuple(
            (
                order[i],
                (
                    round(500 + 458 * math.cos(angles[i]), 1),
                    round(500 + 458 * math.sin(angles[i]), 1),
                ),
            )
            for i in ends
        ),
        lines=tuple(sorted((one, other) for one, other in chords)),
        parallels=(),
        circle=(500.0, 500.0, 415.0),
        marks=_marks(plan, parts, order),
        names=tuple(order),
    )


def _marks(plan: _Plan, parts: Sequence[int], order: Sequence[str]) -> tuple[Mark, ...]:
    """The unknown and given angles as they are labelled."""
    texts = [*"xy"[: len(plan.unknown)], *("" for _ in plan.given)]
    return tuple(
        Mark(
            vertex=order.index(corner.vertex),
            first=order.index(corner.first),
            last=order.index(corner.last),
            span=corner.span,
            text=text or str(sum(parts[i] for i in corner.parts)),
        )
        for text, corner in zip(texts, (*plan.unknown, *plan.given), strict=True)
    )
