"""Gears: hand-worked example, drawn to scale without overlap, whole speeds on the way."""

import math
from itertools import combinations

from data_synth.seeding import derive_rng
from data_synth.tasks.base import Pose
from data_synth.tasks.gear_train import _HUB_UNIT, _UNIT, Gear, GearTrain, Scene

TASK = GearTrain()
POSE = Pose(questions={}, answers=())


def _scene(level: int, index: int) -> Scene:
    rng = derive_rng("gear_train test", level, index)
    pose = TASK.pose(rng, TASK.ladder[level])
    return TASK.build(rng, pose, pose.answers[rng.randrange(len(pose.answers))])


def test_a_train_worked_by_hand() -> None:
    """60 rpm, halved by the gears, halved by the belt; two reversals."""
    gears = (Gear(20, 0, 0, 0), Gear(40, 12, 0, 0), Gear(30, 24, 0, 0))
    scene = Scene(gears, ("mesh", "crossed"), 60, "cw", 1.0)
    assert TASK.solve(POSE, scene) == (15, "cw")
    assert TASK.reason(POSE, scene) == (
        "plan: train. scan: A 60 cw. A B mesh 60 x 20 / 40 = 30 ccw. "
        "B C crossed 30 x 12 / 24 = 15 cw. check: 15 cw."
    )


def test_an_open_belt_keeps_the_sense_of_rotation() -> None:
    scene = Scene((Gear(30, 10, 0, 0), Gear(30, 15, 0, 0)), ("open",), 30, "ccw", 1.0)
    assert TASK.solve(POSE, scene) == (20, "ccw")


def test_turning_the_wheels_gives_the_answer() -> None:
    """Lengths that pass over the rims in a minute are equal at both ends of a link."""
    for level in range(5):
        for index in range(20):
            scene = _scene(level, index)
            turns = float(scene.speed if scene.sense == "cw" else -scene.speed)
            for one, other, link in zip(scene.gears, scene.gears[1:], scene.links, strict=False):
                if link == "mesh":
                    turns = -turns * one.teeth / other.teeth
                else:
                    turns = turns * one.hub / other.hub * (-1 if link == "crossed" else 1)
                assert abs(turns - round(turns)) < 1e-9
            speed, sense = TASK.solve(POSE, scene)
            assert math.isclose(turns, speed if sense == "cw" else -speed)


def test_only_meshed_gears_touch_and_all_stay_on_the_canvas() -> None:
    for level in range(5):
        for index in range(20):
            scene = _scene(level, index)
            radii = [gear.teeth * _UNIT * scene.scale for gear in scene.gears]
            for i, j in combinations(range(len(radii)), 2):
                one, other = scene.gears[i], scene.gears[j]
                gap = math.dist((one.x, one.y), (other.x, other.y)) - radii[i] - radii[j]
                if j == i + 1 and scene.links[i] == "mesh":
                    assert abs(gap) < 0.3
                else:
                    assert gap > 15
            for gear, radius in zip(scene.gears, radii, strict=True):
                assert radius < min(gear.x, 1000 - gear.x, gear.y - 90, 1000 - gear.y)
                assert gear.hub * _HUB_UNIT / 2 * scene.scale < radius - 25


def test_harder_levels_have_longer_trains() -> None:
    lengths = [config.num_gears for config in TASK.ladder]
    assert lengths == sorted(set(lengths))
