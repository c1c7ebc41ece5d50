"""fold_punch: folds by hand, unfolding against following every cell, answers that all exist."""

import pytest

from data_synth.seeding import derive_rng
from data_synth.tasks.base import Pose
from data_synth.tasks.fold_punch import Config, FoldPunch, HoleSets, Scene

TASK = FoldPunch()
POSE = Pose(questions={}, answers=())


def make_scene(side: int, folds: list[tuple[str, int]], *punches: tuple[int, int, str]) -> Scene:
    return Scene(side=side, folds=tuple(folds), punches=punches, paper=(230, 220, 200))


@pytest.mark.parametrize(
    ("fold", "punch", "other"),
    [
        # Four by four: left 1 onto b covers column b with a, and so on.
        (("left", 1), (1, 2), (0, 2)),
        (("left", 2), (3, 0), (0, 0)),
        (("right", 1), (2, 3), (3, 3)),
        (("top", 2), (1, 2), (1, 1)),
        (("bottom", 1), (0, 2), (0, 3)),
    ],
)
def test_one_fold_doubles_a_hole(
    fold: tuple[str, int], punch: tuple[int, int], other: tuple[int, int]
) -> None:
    scene = make_scene(4, [fold], (*punch, "circle"))
    assert set(TASK.solve(POSE, scene)) == {punch, other}


def test_a_hole_beside_the_flap_stays_single() -> None:
    scene = make_scene(4, [("left", 1)], (2, 0, "circle"), (1, 1, "square"))
    assert TASK.solve(POSE, scene) == ((2, 0),)


def test_two_folds_by_hand() -> None:
    # Right half to the left, then the top half down: b3 lies on b2, c3 and c2.
    scene = make_scene(4, [("right", 2), ("top", 2)], (1, 2, "circle"))
    assert TASK.solve(POSE, scene) == ((1, 1), (2, 1), (1, 2), (2, 2))
    assert TASK.reason(POSE, scene) == (
        "plan: unfold backwards. scan: punched b3. unfold top 2 : b2. unfold right 2 : c2 c3. "
        "check: b2 c2 b3 c3."
    )
    assert TASK.format(((1, 1), (2, 1))) == "(b2,c2)"


def test_a_punch_outside_the_folded_paper_is_refused() -> None:
    with pytest.raises(AssertionError):
        TASK.solve(POSE, make_scene(4, [("left", 2)], (1, 0, "circle")))


def layers(side: int, folds: tuple[tuple[str, int], ...]) -> dict[tuple[int, int], list[int]]:
    """A second simulation: a dictionary of stacks of paper, folded step by step."""
    stacks = {(x, y): [y * side + x] for x in range(side) for y in range(side)}
    for edge, depth in folds:
        axis = 0 if edge in ("left", "right") else 1
        ranks = sorted({cell[axis] for cell in stacks})
        moving = ranks[:depth] if edge in ("left", "top") else ranks[-depth:]
        pivot = 2 * moving[-1] + 1 if edge in ("left", "top") else 2 * moving[0] - 1
        for cell in [cell for cell in stacks if cell[axis] in moving]:
            target = (pivot - cell[0], cell[1]) if axis == 0 else (cell[0], pivot - cell[1])
            stacks[target] += stacks.pop(cell)
    return stacks


@pytest.mark.parametrize("level", range(5))
def test_holes_are_where_the_layers_were(level: int) -> None:
    config = TASK.ladder[level]
    for index in range(40):
        rng = derive_rng("fold", level, index)
        pose = TASK.pose(rng, config)
        answer = pose.answers[rng.randrange(len(pose.answers))]
        scene = TASK.build(rng, pose, answer)
        stacks = layers(config.side, scene.folds)
        round_holes = [(x, y) for x, y, kind in scene.punches if kind == "circle"]
        assert len(round_holes) == config.num_punches
        holes = {sheet for cell in round_holes for sheet in stacks[cell]}
        assert holes == {y * config.side + x for x, y in answer}


def test_hole_sets_of_one_fold_are_all_symmetric_sets() -> None:
    # A four by four sheet halved left-right or top-bottom, two punches: C(8, 2) pairs each way,
    # of which four are symmetric both ways only if a pair of pairs; none coincide for 2 x 2 holes
    # unless the holes form a rectangle around the middle: 2 x 2 choices of it.
    sets = HoleSets(Config(side=4, num_folds=1, num_punches=2, halves=True))
    found = {frozenset(cells) for cells in sets}
    assert len(found) == len(sets)
    flip = [
        {frozenset((x, y) for x, y in cells) for cells in found if is_symmetric(cells, axis)}
        for axis in (0, 1)
    ]
    assert flip[0] | flip[1] == found
    assert len(flip[0]) == len(flip[1]) == 28
    assert len(flip[0] & flip[1]) == 4


def is_symmetric(cells: frozenset[tuple[int, int]], axis: int) -> bool:
    mirrored = {(3 - x, y) if axis == 0 else (x, 3 - y) for x, y in cells}
    return mirrored == set(cells)
