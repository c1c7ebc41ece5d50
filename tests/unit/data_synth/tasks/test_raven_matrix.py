"""raven_matrix: rules by hand, ambiguous matrices refused."""

import pytest

from data_synth.seeding import derive_rng
from data_synth.tasks.base import Pose
from data_synth.tasks.raven_matrix import RavenMatrix, Scene, name_attributes, predict, readings

TASK = RavenMatrix()
SHAPE, COLOUR, COUNT, SIZE, ARROW = name_attributes(TASK.ladder[4])


@pytest.mark.parametrize(
    ("rule", "rows", "last"),
    [
        ("constant", [[4, 4, 4], [1, 1, 1], [2, 2]], 2),
        ("constant", [[4, 4, 4], [1, 1, 2], [2, 2]], None),
        ("same three", [[0, 3, 5], [5, 0, 3], [3, 5]], 0),
        ("same three", [[0, 3, 5], [5, 0, 4], [3, 5]], None),
        ("step", [[0, 1, 2], [3, 4, 5], [5, 6]], 7),
        ("step", [[0, 1, 2], [3, 5, 7], [5, 6]], None),
        ("turn", [[0, 1, 2], [3, 0, 1], [2, 3]], 0),
        # Ranks are one less than counts: 2 + 3 = 5, 1 + 1 = 2, 4 + 2 = 6.
        ("sum", [[1, 2, 4], [0, 0, 1], [3, 1]], 5),
        # 5 - 3 = 2, 4 - 1 = 3, 6 - 2 = 4.
        ("difference", [[4, 2, 1], [3, 0, 2], [5, 1]], 3),
    ],
)
def test_rules_by_hand(rule: str, rows: list[list[int]], last: int | None) -> None:
    assert predict(rule, rows, 4) == last


def test_rules_along_columns_are_read_as_well() -> None:
    # Rows of three equal counts that step by one down the columns: both say 3.
    assert readings(COUNT, [[0, 0, 0], [1, 1, 1], [2, 2, -1]]) == {2: "constant in rows"}


def test_a_matrix_that_fits_two_rules_is_refused() -> None:
    # Counts 1 2 3 / 1 2 3 / 3 4 ?: steps of one say 5, sums say 7.
    rows = [[0, 1, 2], [0, 1, 2], [2, 3, -1]]
    assert readings(COUNT, rows) == {4: "step in rows", 6: "sum in rows"}
    cells = tuple(("star", "red", count) for count in (1, 2, 3, 1, 2, 3, 3, 4))
    scene = Scene(cells=(*cells, None), places=())
    with pytest.raises(AssertionError, match="count"):
        TASK.solve(Pose(questions={}, answers=(), params=(SHAPE, COLOUR, COUNT)), scene)


def test_a_demonstration_by_hand() -> None:
    shapes = ["star", "cross", "circle", "circle", "star", "cross", "cross", "circle"]
    colors = ["red"] * 3 + ["blue"] * 3 + ["green"] * 2
    counts = [1, 2, 3, 2, 3, 4, 5, 6]
    cells = tuple(zip(shapes, colors, counts, strict=True))
    pose = Pose(questions={}, answers=(), params=(SHAPE, COLOUR, COUNT))
    scene = Scene(cells=(*cells, None), places=())
    assert TASK.solve(pose, scene) == ("star", "green", 7)
    assert TASK.reason(pose, scene) == (
        "plan: find the rule of each attribute. "
        "scan: shape star cross circle / circle star cross / cross circle ? "
        ": same three in rows : star. "
        "colour red red red / blue blue blue / green green ? : constant in rows : green. "
        "count 1 2 3 / 2 3 4 / 5 6 ? : step in rows : 7. check: star green 7."
    )


@pytest.mark.parametrize("level", range(5))
def test_places_say_nothing_but_the_count(level: int) -> None:
    used = set()
    for index in range(40):
        rng = derive_rng("raven", level, index)
        pose = TASK.pose(rng, TASK.ladder[level])
        scene = TASK.build(rng, pose, pose.answers[rng.randrange(len(pose.answers))])
        for cell, places in zip(scene.cells[:-1], scene.places, strict=True):
            assert cell is not None and len(set(places)) == cell[2]
            used |= set(places)
    assert used == set(range(9))


def test_all_rules_are_used_at_the_hardest_level() -> None:
    names = set()
    for index in range(60):
        rng = derive_rng("rules", index)
        pose = TASK.pose(rng, TASK.ladder[4])
        scene = TASK.build(rng, pose, pose.answers[rng.randrange(len(pose.answers))])
        steps = TASK.reason(pose, scene).split(" : ")
        names |= {step.removesuffix(" in rows") for step in steps}
    assert {"constant", "same three", "step", "turn", "sum", "difference"} <= names
