"""block_tower: heights by hand, and a second look from the viewer's direction."""

from collections import Counter

import pytest

from data_synth.seeding import derive_rng
from data_synth.tasks.base import Pose
from data_synth.tasks.block_tower import BlockTower, Config, Params, Scene

TASK = BlockTower()


def make_scene(*heights: tuple[int, ...]) -> Scene:
    paints = tuple(tuple((0,) * (height + 1) for height in row) for row in heights)
    return Scene(heights=heights, paints=paints)


def make_pose(side: int, *asked: tuple[int, int]) -> Pose:
    config = Config(side=side, height=4, num_asked=len(asked))
    return Pose(questions={}, answers=(), params=Params(config=config, asked=asked))


def test_stacks_and_rows_by_hand() -> None:
    scene = make_scene((4, 3, 1), (3, 3, 0), (2, 0, 0))
    stacks = make_pose(3, (0, 2), (1, 1), (2, 0))
    assert TASK.solve(stacks, scene) == (2, 3, 1)
    assert TASK.reason(stacks, scene) == (
        "plan: count each stack. scan: a3 2, b2 3, c1 1. check: 2 3 1."
    )
    assert TASK.solve(make_pose(3), scene) == (8, 6, 2)
    assert TASK.reason(make_pose(3), scene) == (
        "plan: add the stacks of each row. scan: row 1 : 4 + 3 + 1 = 8. row 2 : 3 + 3 + 0 = 6. "
        "row 3 : 2 + 0 + 0 = 2. check: 8 6 2."
    )


def test_a_hidden_stack_is_refused() -> None:
    """A stack of one behind a stack of two before and beside it cannot be counted."""
    with pytest.raises((AssertionError, KeyError, ValueError)):
        TASK.solve(make_pose(2), make_scene((1, 2), (2, 2)))


@pytest.mark.parametrize("level", range(5))
def test_nothing_rises_towards_the_viewer(level: int) -> None:
    config = TASK.ladder[level]
    totals: Counter[int] = Counter()
    for index in range(40):
        rng = derive_rng("tower", level, index)
        pose = TASK.pose(rng, config)
        answer = pose.answers[rng.randrange(len(pose.answers))]
        heights = TASK.build(rng, pose, answer).heights
        assert max(map(max, heights)) <= config.height
        for y in range(config.side):
            for x in range(config.side):
                assert y == 0 or heights[y][x] <= heights[y - 1][x]
                assert x == 0 or heights[y][x] <= heights[y][x - 1]
                totals[heights[y][x]] += 1
        asked = pose.params.asked
        expected = tuple(heights[y][x] for x, y in asked) if asked else tuple(map(sum, heights))
        assert expected == answer
    assert len(totals) == config.height + 1


def test_rows_are_not_all_even() -> None:
    """Cubes are moved after the even start: most rows with a choice differ from it."""
    uneven = 0
    for index in range(50):
        rng = derive_rng("uneven", index)
        pose = TASK.pose(rng, TASK.ladder[4])
        scene = TASK.build(rng, pose, pose.answers[rng.randrange(len(pose.answers))])
        uneven += any(row[0] - row[-1] >= 2 for row in scene.heights)
    assert uneven >= 25
