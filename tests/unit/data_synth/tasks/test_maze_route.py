"""Mazes: one way only, hand-worked example, longer ways on harder levels."""

import pytest

from data_synth.seeding import derive_rng
from data_synth.tasks.base import Pose
from data_synth.tasks.maze_route import MazeRoute, Scene

TASK = MazeRoute()
POSE = Pose(questions={}, answers=())
# S A
# | |   the way is right, down, left over A and B
# G B
DOORS = (((0, 0), (1, 0)), ((1, 0), (1, 1)), ((0, 1), (1, 1)))


def test_a_maze_worked_by_hand() -> None:
    scene = Scene(2, DOORS, (0, 0), (0, 1), (((1, 0), "A"), ((1, 1), "B")))
    assert TASK.solve(POSE, scene) == ("A", "B")
    assert TASK.reason(POSE, scene) == (
        "plan: walk. scan: right 1 A, down 1 B, left 1 star. check: A B."
    )


def test_a_maze_with_a_loop_is_refused() -> None:
    loop = (*DOORS, ((0, 0), (0, 1)))
    with pytest.raises(AssertionError, match="tree"):
        TASK.solve(POSE, Scene(2, loop, (0, 0), (0, 1), ()))


def test_filling_dead_ends_leaves_the_letters_of_the_way() -> None:
    """Another solver: cells with one door are filled until only the way is left."""
    for level in range(5):
        for index in range(10):
            rng = derive_rng("maze_route test", level, index)
            pose = TASK.pose(rng, TASK.ladder[level])
            answer = pose.answers[rng.randrange(len(pose.answers))]
            scene = TASK.build(rng, pose, answer)
            doors = {frozenset(door) for door in scene.doors}
            cells = {cell for door in doors for cell in door} - {scene.start, scene.goal}
            while ends := [c for c in cells if sum(c in door for door in doors) <= 1]:
                cells -= set(ends)
                doors = {door for door in doors if not door & set(ends)}
            assert {letter for cell, letter in scene.letters if cell in cells} == set(answer)
            assert len({cell for cell, _ in scene.letters}) == TASK.ladder[level].num_letters


def test_harder_levels_have_larger_mazes_and_more_letters() -> None:
    knobs = [(config.side, config.num_letters) for config in TASK.ladder]
    assert knobs == sorted(set(knobs))
