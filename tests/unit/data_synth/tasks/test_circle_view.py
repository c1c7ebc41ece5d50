"""circle_view: bearings by hand, and every order drawn first is the one seen."""

import math
from itertools import pairwise, permutations

import pytest

from data_synth.seeding import derive_rng
from data_synth.tasks.base import Arrangements, Pose
from data_synth.tasks.circle_view import CircleView, Config, Params, Scene

TASK = CircleView()
CONFIG = Config(num_asked=3)


def make_pose(*, clockwise: bool = True, **params: str) -> Pose:
    letters = params.pop("letters", "ABC")
    fixed = Params(config=CONFIG, letters=letters, clockwise=clockwise, **params)
    return Pose(questions={}, answers=(), params=fixed)


def make_scene(**places: tuple[int, int]) -> Scene:
    return Scene(
        viewer=(500, 500),
        heading=90.0,
        objects=tuple((name, *spot, "red") for name, spot in places.items()),
        arrow=True,
    )


def test_a_viewer_who_looks_right_passes_below_before_above() -> None:
    # Looking right: below (A) is a quarter turn clockwise, left (B) a half, above (C) three.
    scene = make_scene(A=(500, 800), B=(200, 500), C=(500, 200))
    assert TASK.solve(make_pose(), scene) == ("A", "B", "C")
    assert TASK.solve(make_pose(clockwise=False), scene) == ("C", "B", "A")
    assert TASK.reason(make_pose(clockwise=False), scene) == (
        "plan: turn counterclockwise from straight ahead. scan: degrees clockwise: A 90, B 180, "
        "C 270. sorted: C 90, B 180, A 270. check: C B A."
    )


def test_somebody_at_a_letter_sees_what_is_in_front_from_left_to_right() -> None:
    # From S up to T: A is up left, B up right, C is behind.
    scene = make_scene(S=(500, 500), T=(500, 100), A=(200, 300), B=(800, 300), C=(400, 900))
    config = Config(num_asked=2, num_behind=1, landmarks=True)
    params = Params(config=config, letters="ABC", clockwise=True, station="S", target="T")
    pose = Pose(questions={}, answers=(), params=params)
    assert TASK.solve(pose, scene) == ("A", "B")
    # A: 300 left, 200 up, 56 degrees left of up; C: 100 left, 400 down, 14 degrees from down.
    assert TASK.reason(pose, scene) == (
        "plan: find what is in front, from left to right. scan: S to T is 0 from up. "
        "degrees clockwise: B 56 front, C 194 behind, A 304 front. sorted: A -56, B 56. check: A B."
    )


@pytest.mark.parametrize("angle", [0.0, 5.0, 355.0])
def test_a_letter_straight_ahead_is_refused(angle: float) -> None:
    turn = math.radians(angle)
    ahead = (round(500 + 300 * math.cos(turn)), round(500 + 300 * math.sin(turn)))
    with pytest.raises(AssertionError):
        TASK.solve(make_pose(), make_scene(A=ahead, B=(200, 500), C=(500, 200)))


def test_letters_in_nearly_the_same_direction_are_refused() -> None:
    with pytest.raises(AssertionError):
        TASK.solve(make_pose(), make_scene(A=(500, 800), B=(460, 800), C=(500, 200)))


@pytest.mark.parametrize("level", range(5))
def test_letters_stay_apart_and_on_the_map(level: int) -> None:
    for index in range(60):
        rng = derive_rng("circle_view", level, index)
        pose = TASK.pose(rng, TASK.ladder[level])
        scene = TASK.build(rng, pose, pose.answers[rng.randrange(len(pose.answers))])
        spots = [(x, y) for _, x, y, _ in scene.objects]
        if scene.arrow:
            spots.append(scene.viewer)
        assert all(55 <= x <= 945 and 55 <= y <= 945 for x, y in spots)
        gaps = [math.dist(a, b) for i, a in enumerate(spots) for b in spots[:i]]
        assert min(gaps) >= 110


def test_arrangements_are_the_permutations_in_order() -> None:
    assert list(Arrangements("ABCDE", 3)) == list(permutations("ABCDE", 3))
    assert Arrangements("ABC", 2)[1:3] == [("A", "C"), ("B", "A")]
    with pytest.raises(IndexError):
        Arrangements("ABC", 2)[6]


def test_levels_grow() -> None:
    sizes = [config.num_asked + config.num_behind + 2 * config.landmarks for config in TASK.ladder]
    assert sizes[0] < sizes[-1] and all(a <= b for a, b in pairwise(sizes))
