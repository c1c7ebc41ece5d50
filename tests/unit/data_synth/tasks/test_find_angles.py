"""Angles: hand-worked triangle and circle, uniqueness by linear algebra, labels with room."""

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import pytest

from data_synth.seeding import derive_rng
from data_synth.tasks.angle_figure import Figure, Mark, measure
from data_synth.tasks.base import Pose
from data_synth.tasks.find_angles import FindAngles

TASK = FindAngles()
POSE = Pose(questions={}, answers=())
TRIANGLE = Figure(
    points=((500, 100), (100, 500), (900, 500)),
    letters=(),
    lines=((1, 2), (0, 1), (0, 2)),
    parallels=(),
    circle=None,
    marks=(
        Mark(0, 1, 2, (1, 2), "x"),
        Mark(1, 2, 0, (0, 1), "45"),
        Mark(2, 1, 0, (2, 0), "45"),
    ),
    names=("BC", "AB", "AC"),
)


def _rank(rows: Sequence[Sequence[int]]) -> int:
    """Rank of a matrix by elimination over fractions."""
    matrix = [[Fraction(entry) for entry in row] for row in rows]
    rank = 0
    for column in range(len(matrix[0])):
        pivot = next((row for row in matrix[rank:] if row[column]), None)
        if pivot is None:
            continue
        matrix.remove(pivot)
        matrix.insert(rank, pivot)
        for i in range(rank + 1, len(matrix)):
            factor = matrix[i][column] / pivot[column]
            matrix[i] = [a - factor * b for a, b in zip(matrix[i], pivot, strict=True)]
        rank += 1
    return rank


def _row(mark: Mark, count: int) -> list[int]:
    first, last = mark.span
    length = (last - first) % count
    return [int((i - first) % count < length) for i in range(count)]


def test_a_right_triangle_by_hand() -> None:
    assert TASK.solve(POSE, TRIANGLE) == (90,)
    assert TASK.reason(POSE, TRIANGLE) == (
        "plan: chain. scan: AB AC x, BC AB 45, AC BC 45. x: AB 0, BC 135, AC 90. check: 90."
    )


def test_a_label_that_contradicts_the_drawing_is_refused() -> None:
    marks = (TRIANGLE.marks[0], replace(TRIANGLE.marks[1], text="46"), TRIANGLE.marks[2])
    with pytest.raises(AssertionError, match="true shape"):
        TASK.solve(POSE, replace(TRIANGLE, marks=marks))


def test_angles_over_the_same_arc_are_equal() -> None:
    """A square A, B, C, D: the side BC is seen under 45 degrees from A and from D."""
    square = ((900.0, 500.0), (500.0, 900.0), (100.0, 500.0), (500.0, 100.0))
    figure = replace(TRIANGLE, points=square, marks=(Mark(0, 1, 2, (1, 2), "x"),))
    assert math.isclose(measure(figure, figure.marks[0]), 45)
    assert math.isclose(measure(figure, Mark(3, 1, 2, (1, 2), "")), 45)


def test_given_angles_determine_the_unknown_ones_and_none_is_given_away() -> None:
    for level in range(5):
        for index in range(40):
            rng = derive_rng("find_angles test", level, index)
            pose = TASK.pose(rng, TASK.ladder[level])
            answer = pose.answers[rng.randrange(len(pose.answers))]
            scene = TASK.build(rng, pose, answer)
            count = len(scene.names)
            given = [mark for mark in scene.marks if not mark.text.isalpha()]
            known = [[1] * count, *(_row(mark, count) for mark in given)]
            for mark in scene.marks:
                if mark.text.isalpha():
                    row = _row(mark, count)
                    assert _rank([*known, row]) == _rank(known)
                    assert all(_rank([[1] * count, _row(m, count), row]) == 3 for m in given)


def test_labels_stand_apart_and_inside_their_angles() -> None:
    crowded = 0
    for level in range(5):
        for index in range(20):
            rng = derive_rng("find_angles room", level, index)
            pose = TASK.pose(rng, TASK.ladder[level])
            scene = TASK.build(rng, pose, pose.answers[rng.randrange(len(pose.answers))])
            for one, other in combinations(scene.marks, 2):
                crowded += math.dist(one.label, other.label) < 38
            for mark in scene.marks:
                assert min(mark.label) > 30 and max(mark.label) < 970
                # A ray to the label halves the angle.
                pointing = replace(scene, points=(*scene.points, mark.label))
                half = replace(mark, last=len(scene.points))
                assert abs(measure(pointing, half) - measure(scene, mark) / 2) < 0.3
    assert crowded <= 2


def test_harder_levels_have_more_lines() -> None:
    knobs = [(config.num_parts, config.num_unknowns) for config in TASK.ladder]
    assert knobs == sorted(set(knobs))
