"""Balls: hand-worked bounces, no near miss before the collision, all answers can be built."""

import math
from fractions import Fraction
from itertools import combinations

from data_synth.seeding import derive_rng
from data_synth.tasks.ball_collision import Ball, BallCollision, Scene, _spots
from data_synth.tasks.base import Pose

TASK = BallCollision()
POSE = Pose(questions={}, answers=())


def _place(side: int, start: int, speed: int, time: Fraction) -> Fraction:
    """Where a point between two walls is: its path folded like a paper strip."""
    place = (start + Fraction(1, 2) + speed * time) % (2 * side)
    return min(place, 2 * side - place)


def _gap(side: int, one: Ball, other: Ball, time: Fraction) -> float:
    return math.hypot(
        _place(side, one.x, one.dx, time) - _place(side, other.x, other.dx, time),
        _place(side, one.y, one.dy, time) - _place(side, other.y, other.dy, time),
    )


def test_two_balls_that_bounce_by_hand() -> None:
    """A turns at the right wall after 1.5 seconds, B at the left one after half a second."""
    scene = Scene(4, (Ball(2, 1, 1, 0), Ball(0, 1, -1, 0)))
    assert TASK.solve(POSE, scene) == (("A", "B"), (3, (2, 1)))
    assert TASK.reason(POSE, scene) == (
        "plan: step. scan: 0: A c2 B a2. 1: A d2 B a2. 2: A d2 B b2. 3: A c2 B c2. check: A B 3 c2."
    )


def test_every_other_pair_keeps_clear_until_the_collision() -> None:
    for level in range(5):
        for index in range(8):
            rng = derive_rng("ball_collision test", level, index)
            pose = TASK.pose(rng, TASK.ladder[level])
            answer = pose.answers[rng.randrange(len(pose.answers))]
            scene = TASK.build(rng, pose, answer)
            pair, (seconds, cell) = answer
            for i, j in combinations(range(len(scene.balls)), 2):
                one, other = scene.balls[i], scene.balls[j]
                gaps = [
                    _gap(scene.side, one, other, Fraction(tick, 16))
                    for tick in range(16 * seconds + 1)
                ]
                if ("ABCDE"[i], "ABCDE"[j]) == pair:
                    assert gaps[-1] == 0 and min(gaps[:-1]) > 0
                    end = Fraction(seconds)
                    assert int(_place(scene.side, one.x, one.dx, end)) == cell[0]
                    assert int(_place(scene.side, one.y, one.dy, end)) == cell[1]
                else:
                    assert min(gaps) >= 0.8


def test_balls_that_do_not_bounce_stay_inside() -> None:
    for level in (0, 1):
        for index in range(20):
            rng = derive_rng("ball_collision inside", level, index)
            pose = TASK.pose(rng, TASK.ladder[level])
            answer = pose.answers[rng.randrange(len(pose.answers))]
            scene = TASK.build(rng, pose, answer)
            for ball in scene.balls:
                assert 0 <= ball.x + ball.dx * answer[1][0] < scene.side
                assert 0 <= ball.y + ball.dy * answer[1][0] < scene.side


def test_every_time_and_cell_of_an_easy_level_can_be_built() -> None:
    rng = derive_rng("ball_collision all")
    pose = TASK.pose(rng, TASK.ladder[0])
    spots = _spots(TASK.ladder[0])
    assert len(spots) == 2 * 6 * 6
    for spot in spots:
        assert TASK.solve(pose, TASK.build(rng, pose, (("B", "C"), spot))) == (("B", "C"), spot)


def test_harder_levels_have_more_balls_and_later_collisions() -> None:
    knobs = [(config.num_balls, config.seconds[1]) for config in TASK.ladder]
    assert knobs == sorted(set(knobs))
