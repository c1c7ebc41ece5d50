"""Mobiles: hand-worked example, every rod balances, boxes neither touch nor leave the canvas."""

from itertools import pairwise

from data_synth.seeding import derive_rng
from data_synth.tasks.base import Pose
from data_synth.tasks.lever_balance import LeverBalance, Rod, Scene, _pivots

TASK = LeverBalance()
POSE = Pose(questions={}, answers=())


def test_a_mobile_worked_by_hand() -> None:
    """Lower rod: 6 x 2 = y x 4, so y = 3 and 9 kg in all; upper rod: x x 3 = 9 x 2."""
    scene = Scene((Rod(((-3, "x"), (2, "rod"))), Rod(((-2, 6), (4, "y")))), 4)
    assert TASK.solve(POSE, scene) == (6, 3)
    assert TASK.reason(POSE, scene) == (
        "plan: moments. scan: rod 2 left 6 x 2, right y x 4: y = 3, total 9. "
        "rod 1 left x x 3, right 9 x 2: x = 6, total 15. check: 6 3."
    )
    assert TASK.format((7,)) == "7"


def test_every_rod_balances_with_the_answer_and_with_no_other_weight() -> None:
    for level in range(5):
        for index in range(30):
            rng = derive_rng("lever_balance test", level, index)
            pose = TASK.pose(rng, TASK.ladder[level])
            answer = pose.answers[rng.randrange(len(pose.answers))]
            scene = TASK.build(rng, pose, answer)
            values = dict(zip("xyzw", answer, strict=False))

            def weigh(level: int, scene: Scene = scene, values: dict[str, int] = values) -> int:
                """Total weight from a rod down; asserts that its moments cancel."""
                weights = {
                    distance: weigh(level + 1)
                    if content == "rod"
                    else values.get(str(content), content)
                    for distance, content in scene.rods[level].items
                }
                assert sum(distance * weight for distance, weight in weights.items()) == 0
                assert 0 not in weights
                return sum(weights.values())

            weigh(0)
            # One unknown with a lever arm on each rod: the equations have one solution.
            for name, rod in zip("xyzw", scene.rods, strict=False):
                assert [content for _, content in rod.items if content in tuple("xyzw")] == [name]


def test_boxes_keep_apart_and_rods_stay_on_the_canvas() -> None:
    for level in range(5):
        for index in range(30):
            rng = derive_rng("lever_balance room", level, index)
            pose = TASK.pose(rng, TASK.ladder[level])
            scene = TASK.build(rng, pose, pose.answers[rng.randrange(len(pose.answers))])
            for rod in scene.rods:
                assert all(b[0] - a[0] >= 2 for a, b in pairwise(rod.items))
                assert all(abs(distance) <= scene.reach for distance, _ in rod.items)
            # 54 units a mark, half a box of 36 units beyond the last one.
            assert all((abs(shift) + scene.reach) * 54 + 36 <= 500 for shift in _pivots(scene))


def test_harder_levels_have_more_to_weigh() -> None:
    sizes = [config.num_rods * (config.num_known + 1) for config in TASK.ladder]
    assert sizes == sorted(set(sizes))
