"""A figure with marked angles: where its labels stand, how it is drawn and what it says.

The labels of angles are placed inside their angles, clear of lines and of each other, before the
figure is drawn: a figure whose labels have no room is not used.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PIL import Image

from data_synth.canvas import Canvas, Point
from data_synth.style import Style

Span = tuple[int, int]

_TEXT = 38.0
_LABEL_ROOM = 56.0  # between the middles of two labels
_LINE_ROOM = 27.0  # between the middle of a label and a line
_BEYOND = 0.6  # worth of a place behind a line
_RADII = (1.0, 1.35, 1.8)  # distances of a label from its corner, compared for room


@dataclass(frozen=True, slots=True)
class Mark:
    """An angle with its label."""

    vertex: int
    """Points by their position in the scene; the angle opens from `first` to `last`."""
    first: int
    last: int
    span: Span
    """The lines or points in cyclic order that the angle is the difference of."""
    text: str
    """Degrees, or the name of an unknown."""
    label: Point = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure on the canvas, y pointing down."""

    points: tuple[Point, ...]
    letters: tuple[tuple[str, Point], ...]
    """Names of points and where they are written."""
    lines: tuple[tuple[int, int], ...]
    parallels: tuple[tuple[int, int], ...]
    """Lines with arrows on them: they are parallel."""
    circle: tuple[float, float, float] | None
    """Centre and radius."""
    marks: tuple[Mark, ...]
    names: tuple[str, ...]
    """Names of the lines or points that spans count."""


def fill_canvas(rng: random.Random, place: Mapping[str, Point]) -> list[Point]:
    """Points turned at random, perhaps mirrored, and scaled to the canvas."""
    angle, mirror = rng.random() * math.tau, rng.choice((-1, 1))
    cosine, sine = math.cos(angle), math.sin(angle)
    turned = [
        (cosine * mirror * x - sine * y, sine * mirror * x + cosine * y) for x, y in place.values()
    ]
    low_x, low_y = (min(point[axis] for point in turned) for axis in (0, 1))
    high_x, high_y = (max(point[axis] for point in turned) for axis in (0, 1))
    scale = 840 / max(high_x - low_x, high_y - low_y)
    middle_x, middle_y = (low_x + high_x) / 2, (low_y + high_y) / 2
    return [
        (round(500 + (x - middle_x) * scale, 3), round(500 + (y - middle_y) * scale, 3))
        for x, y in turned
    ]


def name_corners(named: Sequence[tuple[str, Point]]) -> tuple[tuple[str, Point], ...]:
    """Names written outside the triangle: away from A at the base, away from the base at A."""
    (_, (x, y)), *feet = named
    low, high = feet[0][1], feet[-1][1]
    base = math.dist(low, high)
    # The normal of the base that points away from A.
    nx, ny = (high[1] - low[1]) / base, (low[0] - high[0]) / base
    if (x - low[0]) * nx + (y - low[1]) * ny > 0:
        nx, ny = -nx, -ny
    return (
        ("A", (round(x - 40 * nx, 1), round(y - 40 * ny, 1))),
        *(
            (name, (round(foot_x + 40 * nx, 1), round(foot_y + 40 * ny, 1)))
            for name, (foot_x, foot_y) in feet
        ),
    )


def place_labels(scene: Figure, *, floor: float) -> tuple[float, Figure] | None:
    """The least room around a label, at most 1, and the scene; None if not above `floor`."""
    taken = [at for _, at in scene.letters]
    marks, least = [], 1.0
    for mark in scene.marks:
        x, y = scene.points[mark.vertex]
        first, last = (math.radians(degrees) for degrees in _directions(scene, mark))
        middle, half = (first + last) / 2, (last - first) / 2
        near = min(240.0, max(66.0, 33.0 / math.sin(min(half, math.pi / 2))))
        best = (-1.0, (0.0, 0.0))
        for factor in _RADII:
            at = (x + near * factor * math.cos(middle), y + near * factor * math.sin(middle))
            room = _room(scene, mark.vertex, at, taken)
            if room > best[0]:
                best = (room, (round(at[0], 1), round(at[1], 1)))
            if room >= 1:
                break
        least = min(least, best[0])
        if least <= floor:
            return None
        taken.append(best[1])
        marks.append(replace(mark, label=best[1]))
    return least, replace(scene, marks=tuple(marks))


def _room(scene: Figure, vertex: int, at: Point, taken: Sequence[Point]) -> float:
    """How freely a label stands: 1 if it is far enough from labels and lines."""
    x, y = at
    if not (30 < x < 970 and 30 < y < 970):
        return 0.0
    room = min(1.0, *(math.hypot(x - u, y - v) / _LABEL_ROOM for u, v in taken))
    corner_x, corner_y = scene.points[vertex]
    for one, other in scene.lines:
        (x1, y1), (x2, y2) = scene.points[one], scene.points[other]
        dx, dy = x2 - x1, y2 - y1
        to_x, to_y = x - x1, y - y1
        along = min(1.0, max(0.0, (to_x * dx + to_y * dy) / (dx * dx + dy * dy)))
        distance = math.hypot(to_x - along * dx, to_y - along * dy)
        if distance < _LINE_ROOM * room:
            room = distance / _LINE_ROOM
        side = to_x * dy - to_y * dx
        if vertex not in (one, other) and side * ((corner_x - x1) * dy - (corner_y - y1) * dx) < 0:
            # The label is beyond another line: it may seem to belong to an angle there.
            reach_x, reach_y = x - corner_x, y - corner_y
            start = reach_x * (y1 - corner_y) - reach_y * (x1 - corner_x)
            end = reach_x * (y2 - corner_y) - reach_y * (x2 - corner_x)
            if start * end < 0:
                room *= _BEYOND
    return room


def _directions(scene: Figure, mark: Mark) -> tuple[float, float]:
    """The two sides of an angle in degrees clockwise from the right, the smaller turn between."""
    x, y = scene.points[mark.vertex]
    first, last = (
        math.degrees(math.atan2(scene.points[end][1] - y, scene.points[end][0] - x))
        for end in (mark.first, mark.last)
    )
    turn = (last - first) % 360
    return (first, first + turn) if turn <= 180 else (last, last + 360 - turn)


def measure(scene: Figure, mark: Mark) -> float:
    """The angle as it is drawn, in degrees."""
    first, last = _directions(scene, mark)
    return last - first


def find_chain(scene: Figure, span: Span) -> list[tuple[int, int]]:
    """Lines or points on the shortest chain of given angles along a span, with their places.

    The last place is the angle of the span.
    """
    start, goal = span
    chains = [[(start, 0)]]
    seen = {start}
    for chain in chains:
        node, place = chain[-1]
        if node == goal:
            return chain
        for mark in scene.marks:
            if mark.text.isalpha() or node not in mark.span:
                continue
            first, last = mark.span
            other, sign = (last, 1) if node == first else (first, -1)
            if other not in seen:
                seen.add(other)
                chains.append([*chain, (other, (place + sign * int(mark.text)) % 180)])
    raise AssertionError("the given angles determine the unknown ones")


def draw_figure(scene: Figure, *, size: int, style: Style) -> Image.Image:
    """Draw lines and labels; unknown angles are red."""
    canvas = Canvas(size, style)
    if scene.circle:
        canvas.circle(*scene.circle, outline="ink", width=5)
    for mark in scene.marks:
        x, y = scene.points[mark.vertex]
        first, last = _directions(scene, mark)
        reach = math.dist((x, y), mark.label) - 34
        color = "red" if mark.text.isalpha() else "blue"
        canvas.arc(x, y, reach, (first, last), color=color, width=5)
    for one, other in scene.lines:
        canvas.line([scene.points[one], scene.points[other]], width=5)
    for one, other in scene.parallels:
        (x, y), (end_x, end_y) = scene.points[one], scene.points[other]
        tip = (x + 0.95 * (end_x - x), y + 0.95 * (end_y - y))
        canvas.arrow((x, y), tip, width=5, head=34)
    for letter, at in scene.letters:
        canvas.text(*at, letter, size=44)
    for mark in scene.marks:
        color = "red" if mark.text.isalpha() else "blue"
        canvas.text(*mark.label, mark.text, size=_TEXT, color=color)
    return canvas.image()
