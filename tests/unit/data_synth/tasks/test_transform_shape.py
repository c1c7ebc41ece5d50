"""transform_shape: each kind of move by hand, and chains against a walk on complex numbers."""

import pytest

from data_synth.seeding import derive_rng
from data_synth.tasks.base import Pose
from data_synth.tasks.transform_shape import (
    Config,
    Move,
    Params,
    Scene,
    TransformShape,
    mirror_move,
    shift_move,
    turn_move,
)

TASK = TransformShape()


@pytest.mark.parametrize(
    ("move", "image"),
    [
        (turn_move(90, (0, 0)), (1, -3)),
        (turn_move(180, (0, 0)), (-3, -1)),
        (turn_move(270, (0, 0)), (-1, 3)),
        (turn_move(90, (2, 1)), (2, 0)),
        (mirror_move("x", 0), (-3, 1)),
        (mirror_move("y", 0), (3, -1)),
        (mirror_move("x", 2), (1, 1)),
        (mirror_move("y", -1), (3, -3)),
        (shift_move(-2, 3), (1, 4)),
    ],
)
def test_the_image_of_3_1_by_hand(move: Move, image: tuple[int, int]) -> None:
    assert move.apply((3, 1)) == image
    assert move.undo(image) == (3, 1)


def test_a_chain_by_hand() -> None:
    moves = (turn_move(90, (0, 0)), mirror_move("x", 1), shift_move(0, 2))
    params = Params(
        config=Config(num_moves=3, num_corners=3, num_asked=2, anywhere=True),
        moves=moves,
        asked="AC",
        starts=(),
    )
    corners = (("A", 1, 2), ("B", 4, 4), ("C", -3, 0))
    pose, scene = (
        Pose(questions={}, answers=(), params=params),
        Scene(corners=corners, reach=6, color="red"),
    )
    # A: (1,2) -> (2,-1) -> (0,-1) -> (0,1).  C: (-3,0) -> (0,3) -> (2,3) -> (2,5).
    assert TASK.solve(pose, scene) == ((0, 1), (2, 5))
    assert TASK.reason(pose, scene) == (
        "plan: move each corner. scan: A (1,2), turn 90 (2,-1), mirror x=1 (0,-1), shift 0 2 (0,1)."
        " C (-3,0), turn 90 (0,3), mirror x=1 (2,3), shift 0 2 (2,5). check: 0 1 2 5."
    )
    assert TASK.format(((0, 1), (2, 5))) == "((0,1),(2,5))"
    assert TASK.format(((-4, 1),)) == "(-4,1)"


@pytest.mark.parametrize("level", range(5))
def test_every_corner_stays_on_the_grid_throughout(level: int) -> None:
    reach = TASK.ladder[level].reach
    for index in range(40):
        rng = derive_rng("transform_shape", level, index)
        pose = TASK.pose(rng, TASK.ladder[level])
        scene = TASK.build(rng, pose, pose.answers[rng.randrange(len(pose.answers))])
        assert len(pose.params.starts) >= 64
        for _, *start in scene.corners:
            point = (start[0], start[1])
            for move in pose.params.moves:
                point = move.apply(point)
                assert max(map(abs, point)) <= reach


def test_the_outline_never_crosses_itself() -> None:
    def side(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    for index in range(80):
        rng = derive_rng("outline", index)
        pose = TASK.pose(rng, TASK.ladder[4])
        scene = TASK.build(rng, pose, pose.answers[rng.randrange(len(pose.answers))])
        points = [(x, y) for _, x, y in scene.corners]
        count = len(points)
        edges = [(points[i], points[(i + 1) % count]) for i in range(count)]
        for i in range(count):
            for j in range(i + 2, count - (i == 0)):
                (a, b), (c, d) = edges[i], edges[j]
                assert not (side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0)
