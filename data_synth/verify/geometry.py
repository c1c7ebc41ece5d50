r"""Boxes and points in an image. (k1.5 section 2.3.5)

    boxes   {"boxes": [[x1, y1, x2, y2], ...], "iou": 0.5, "scale": "pixels", "size": [w, h]}
            or the bare list: an IoU of 0.5, pixels
    points  {"points": [[x, y], ...], "radius": 5, "scale": "thousand"}
            or {"polygons": [[[x, y], ...], ...]}: one point in each

`scale` is pixels (inside `size` if that is given), thousand (0 to 1000) or unit (0 to 1); the
reference and the answer use the same one, fixed per data set. A radius is measured in it.

An answer is an array in square or round brackets: one box, or a list of them. It is read by a
linear scanner, never evaluated: plain decimal numbers alone, depth at most three, at most 64 items.
A box needs x1 < x2 and y1 < y2 inside the image.

Boxes are matched one to one so that as many pairs as possible reach the IoU; among those matchings
the sum of IoU is largest. Correct is the answer whose boxes are as many as the reference's, all
matched. The score is the sum of IoU over matched pairs, divided by the larger number of boxes, so
that neither one box over the whole image nor a long list of boxes pays. An answer of points is
correct if there are as many as in the reference, all matched; it scores the share of the reference
that is matched, and nothing if it has more points than the reference.

All comparisons are exact: coordinates become integers in units of their last decimal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any, TypeAlias

from data_synth.verify.arrays import MAX_ITEMS, Row, is_nested, load_reference, read_rows, to_rows
from data_synth.verify.judging import make_judge
from data_synth.verify.matching import match_pairs
from data_synth.verify.reading import Verifier
from data_synth.verify.verdict import Reason, UnreadableError, Verdict

DEFAULT_IOU = Fraction(1, 2)

_SCALES = {"pixels": None, "thousand": Fraction(1000), "unit": Fraction(1)}

_Point: TypeAlias = tuple[Fraction, Fraction]
_Box: TypeAlias = tuple[Fraction, Fraction, Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class _Image:
    """Largest coordinates; None where the size is not known."""

    width: Fraction | None
    height: Fraction | None

    def holds(self, x: Fraction, y: Fraction) -> bool:
        inside_width = self.width is None or x <= self.width
        return x >= 0 and y >= 0 and inside_width and (self.height is None or y <= self.height)


@dataclass(frozen=True, slots=True)
class _Boxes:
    """The reference of `boxes`."""

    boxes: tuple[_Box, ...]
    threshold: Fraction
    image: _Image


@dataclass(frozen=True, slots=True)
class _Points:
    """The reference of `points`: targets, each a point (with the radius) or a polygon."""

    targets: tuple[tuple[_Point, ...], ...]
    radius: Fraction | None
    image: _Image


def _read_image(reference: Mapping[str, Any]) -> _Image:
    scale, size = reference.get("scale", "pixels"), reference.get("size")
    if scale not in _SCALES or (size is not None and scale != "pixels"):
        raise UnreadableError(Reason.WRONG_TYPE)
    largest = _SCALES[scale]
    if size is None:
        return _Image(largest, largest)
    (pair,) = to_rows([size], 2) if isinstance(size, list) else ((),)
    if len(pair) != 2 or min(pair) <= 0:
        raise UnreadableError(Reason.WRONG_TYPE)
    return _Image(*pair)


def _check_keys(reference: Mapping[str, Any], allowed: frozenset[str]) -> None:
    if not reference.keys() <= allowed:
        raise UnreadableError(Reason.WRONG_TYPE)


def _read_boxes_reference(text: str) -> _Boxes:
    reference = load_reference(text, "boxes")
    _check_keys(reference, frozenset(("boxes", "iou", "scale", "size")))
    threshold = reference.get("iou", DEFAULT_IOU)
    rows = reference.get("boxes")
    if not isinstance(rows, list) or not isinstance(threshold, Fraction) or not 0 < threshold <= 1:
        raise UnreadableError(Reason.WRONG_TYPE)
    rows = [rows] if rows and not is_nested(rows) else rows
    image = _read_image(reference)
    return _Boxes(_check_boxes(to_rows(rows, 4), image), threshold, image)


def _check_boxes(rows: Sequence[Row], image: _Image) -> tuple[_Box, ...]:
    boxes = []
    for left, top, right, bottom in rows:
        inside = image.holds(left, top) and image.holds(right, bottom)
        if not (left < right and top < bottom and inside):
            raise UnreadableError(Reason.WRONG_TYPE)
        boxes.append((left, top, right, bottom))
    return tuple(boxes)


def _judge_boxes(expected: _Boxes, rows: tuple[Row, ...]) -> Verdict:
    given = _check_boxes(rows, expected.image)
    wanted, found = _to_integers(expected.boxes, given)
    overlaps = [[_overlap(box, other) for other in found] for box in wanted]
    threshold = expected.threshold
    reached = [
        [
            shared / whole if shared * threshold.denominator >= threshold.numerator * whole else 0.0
            for shared, whole in row
        ]
        for row in overlaps
    ]
    # More pairs always outweigh a larger overlap: a sum of at most MAX_ITEMS overlaps is smaller.
    pairs = match_pairs([[iou and MAX_ITEMS + 1 + iou for iou in row] for row in reached])
    score = sum(reached[i][j] for i, j in pairs) / max(len(wanted), len(found))
    correct = len(pairs) == len(wanted) == len(found)
    if not correct:
        return Verdict(correct=False, reason=Reason.DIFFERENT, score=min(score, 1.0))
    reason = Reason.EQUAL if sorted(wanted) == sorted(found) else Reason.CLOSE
    return Verdict(correct=True, reason=reason, score=min(score, 1.0))


def _to_integers(*groups: Sequence[Row]) -> list[list[tuple[int, ...]]]:
    """All coordinates in units of the smallest denominator in use, a power of ten."""
    scale = max(value.denominator for rows in groups for row in rows for value in row)
    decimals = 1
    while decimals % scale or any(
        decimals % value.denominator for rows in groups for row in rows for value in row
    ):
        decimals *= 10
    return [[tuple(int(value * decimals) for value in row) for row in rows] for rows in groups]


def _overlap(first: Sequence[int], second: Sequence[int]) -> tuple[int, int]:
    """(area of the intersection, area of the union)."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(width, 0) * max(height, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return shared, sum(areas) - shared


def _read_points_reference(text: str) -> _Points:
    reference = load_reference(text, "points")
    _check_keys(reference, frozenset(("points", "polygons", "radius", "scale", "size")))
    image = _read_image(reference)
    radius, polygons = reference.get("radius"), reference.get("polygons")
    if polygons is not None:
        if "points" in reference or radius is not None or not isinstance(polygons, list):
            raise UnreadableError(Reason.WRONG_TYPE)
        outlines = [to_rows(polygon, 2) for polygon in polygons if isinstance(polygon, list)]
        if len(outlines) != len(polygons) or not outlines or min(map(len, outlines)) < 3:
            raise UnreadableError(Reason.WRONG_TYPE)
    else:
        rows = reference.get("points")
        if not isinstance(rows, list) or not isinstance(radius, Fraction) or radius <= 0:
            raise UnreadableError(Reason.WRONG_TYPE)
        rows = [rows] if rows and not is_nested(rows) else rows
        outlines = [(row,) for row in to_rows(rows, 2)]
    targets = tuple(tuple((row[0], row[1]) for row in outline) for outline in outlines)
    if not all(image.holds(x, y) for target in targets for x, y in target):
        raise UnreadableError(Reason.WRONG_TYPE)
    return _Points(targets, radius, image)


def _judge_points(expected: _Points, rows: tuple[Row, ...]) -> Verdict:
    points = [(row[0], row[1]) for row in rows]
    if not all(expected.image.holds(x, y) for x, y in points):
        raise UnreadableError(Reason.WRONG_TYPE)
    wanted = len(expected.targets)
    if len(points) > wanted:
        return Verdict(correct=False, reason=Reason.DIFFERENT)
    hits = [
        [float(_hits(target, expected.radius, point)) for point in points]
        for target in expected.targets
    ]
    pairs = match_pairs(hits)
    if len(pairs) < wanted:
        return Verdict(correct=False, reason=Reason.DIFFERENT, score=len(pairs) / wanted)
    exact = sorted(points) == sorted(target[0] for target in expected.targets)
    is_equal = exact and expected.radius is not None
    return Verdict(correct=True, reason=Reason.EQUAL if is_equal else Reason.CLOSE)


def _hits(target: Sequence[_Point], radius: Fraction | None, point: _Point) -> bool:
    if radius is None:
        return _is_inside(target, point)
    x, y = point[0] - target[0][0], point[1] - target[0][1]
    return x * x + y * y <= radius * radius


def _is_inside(polygon: Sequence[_Point], point: _Point) -> bool:
    """Whether a point lies in a polygon or on its border (even-odd rule)."""
    x, y = point
    inside = False
    for at, (x1, y1) in enumerate(polygon):
        x2, y2 = polygon[at - 1]
        side = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        between = min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2)
        if side == 0 and between:
            return True
        # A ray to the right crosses edges whose ends lie on different sides of it.
        if (y1 > y) != (y2 > y) and (side > 0) == (y2 > y1):
            inside = not inside
    return inside


def _answer_boxes(reference: str) -> str:
    boxes = _read_boxes_reference(reference).boxes
    return _write_rows(boxes)


def _answer_points(reference: str) -> str:
    expected = _read_points_reference(reference)
    if expected.radius is None:
        raise ValueError(
            "polygons are no answer: keep a point inside each polygon beside the reference"
        )
    return _write_rows([target[0] for target in expected.targets])


def _write_rows(rows: Sequence[Row]) -> str:
    written = (", ".join(f"{float(v):.10f}".rstrip("0").rstrip(".") for v in row) for row in rows)
    return "[" + ", ".join(f"[{row}]" for row in written) + "]"


VERIFIERS: Mapping[str, Verifier] = MappingProxyType(
    {
        "boxes": make_judge(
            "boxes",
            read_reference=_read_boxes_reference,
            read_answer=read_rows(4),
            judge=_judge_boxes,
        ),
        "points": make_judge(
            "points",
            read_reference=_read_points_reference,
            read_answer=read_rows(2),
            judge=_judge_points,
        ),
    }
)
CANONICAL_ANSWERS = MappingProxyType({"boxes": _answer_boxes, "points": _answer_points})
"""Verifier -> the answer that a reference stands for."""
