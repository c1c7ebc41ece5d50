"""Beams: hand-worked example, mirrors are two-sided, all listed answers exist and no others."""

from itertools import product

from data_synth.seeding import derive_rng
from data_synth.tasks.base import Pose
from data_synth.tasks.mirror_ray import MirrorRay, Scene, _feasible

TASK = MirrorRay()
POSE = Pose(questions={}, answers=())


def _follow(scene: Scene) -> tuple[int, int]:
    """Step by step with its own table of ports: top, right, bottom and left, clockwise."""
    side, mirrors = scene.side, dict(scene.mirrors)
    ring = (
        [(i, -1) for i in range(side)]
        + [(side, i) for i in range(side)]
        + [(side - 1 - i, side) for i in range(side)]
        + [(-1, side - 1 - i) for i in range(side)]
    )
    x, y = ring[scene.entry - 1]
    dx, dy = (y == -1) - (y == side), 0
    if dx:
        dx, dy = 0, dx
    else:
        dx = (x == -1) - (x == side)
    count = 0
    x, y = x + dx, y + dy
    while (x, y) not in ring:
        if (x, y) in mirrors:
            count += 1
            dx, dy = (-dy, -dx) if mirrors[x, y] == "/" else (dy, dx)
        x, y = x + dx, y + dy
    return ring.index((x, y)) + 1, count


def test_a_beam_followed_by_hand() -> None:
    """Into the top row from the left; down at the first mirror, right again at the second."""
    scene = Scene(2, 8, (((0, 0), "\\"), ((0, 1), "\\")))
    assert TASK.solve(POSE, scene) == (4, 2)
    assert TASK.reason(POSE, scene) == (
        "plan: trace. scan: port 8 right. 1 c1 r1 down, 2 c1 r2 right. exit 4. check: 4 2."
    )


def test_scenes_agree_with_a_second_tracer() -> None:
    for level in range(5):
        for index in range(20):
            rng = derive_rng("mirror_ray test", level, index)
            pose = TASK.pose(rng, TASK.ladder[level])
            answer = pose.answers[rng.randrange(len(pose.answers))]
            assert _follow(TASK.build(rng, pose, answer)) == answer


def test_listed_answers_are_those_that_some_mirrors_bring_about() -> None:
    """All 3^9 boards of 3 by 3 cells, for a port in the middle of an edge and one at a corner."""
    for entry in (1, 2):
        seen = set()
        for kinds in product(("", "/", "\\"), repeat=9):
            mirrors = tuple(((i % 3, i // 3), kind) for i, kind in enumerate(kinds) if kind)
            seen.add(_follow(Scene(3, entry, mirrors)))
        assert {(port, count) for port, count in seen if 1 <= count <= 3} == set(
            _feasible(3, entry, (1, 3))
        )


def test_every_listed_answer_can_be_built() -> None:
    config = TASK.ladder[0]
    for index in range(8):
        rng = derive_rng("mirror_ray all", index)
        pose = TASK.pose(rng, config)
        for answer in pose.answers:
            assert TASK.solve(pose, TASK.build(rng, pose, answer)) == answer


def test_harder_levels_have_more_reflections() -> None:
    knobs = [(config.reflections, config.side) for config in TASK.ladder]
    assert knobs == sorted(set(knobs))
