"""Polygons: areas by counting, every answer can be built, hand-worked example."""

from fractions import Fraction

from data_synth.seeding import derive_rng
from data_synth.tasks.base import Pose
from data_synth.tasks.polygon_area import PolygonArea, Scene

TASK = PolygonArea()
POSE = Pose(questions={}, answers=())


def _crossings(ring: tuple[tuple[int, int], ...], x: Fraction) -> list[Fraction]:
    """Heights at which the vertical line at `x` crosses a ring."""
    heights = []
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if min(x1, x2) < x < max(x1, x2):
            heights.append(y1 + (y2 - y1) * (x - x1) / (x2 - x1))
    return sorted(heights)


def _area(scene: Scene) -> Fraction:
    """Between grid lines a slice's height is linear in x: its middle is its mean."""
    total = Fraction(0)
    for column in range(scene.side):
        x = column + Fraction(1, 2)
        cuts = sorted(y for ring in (scene.outline, *scene.holes) for y in _crossings(ring, x))
        total += sum(high - low for low, high in zip(cuts[::2], cuts[1::2], strict=True))
    return total


def _boundary(scene: Scene) -> int:
    count = 0
    for x in range(scene.side + 1):
        for y in range(scene.side + 1):
            count += any(
                (x2 - x1) * (y - y1) == (y2 - y1) * (x - x1)
                and min(x1, x2) <= x <= max(x1, x2)
                and min(y1, y2) <= y <= max(y1, y2)
                for ring in (scene.outline, *scene.holes)
                for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True)
            )
    return count


def test_a_square_with_a_hole_by_hand() -> None:
    """16 - 2 squares; 16 points outside, 4 on the diamond."""
    diamond = ((1, 2), (2, 1), (3, 2), (2, 3))
    scene = Scene(4, ((0, 0), (4, 0), (4, 4), (0, 4)), (diamond,))
    assert TASK.solve(POSE, scene) == (14, 20)
    assert TASK.reason(POSE, scene) == (
        "plan: shoelace. scan: outline 0,0 4,0 4,4 0,4: area 32 / 2, points 16. "
        "hole 1,2 2,1 3,2 2,3: area 4 / 2, points 4. check: 14 20."
    )


def test_every_answer_of_every_level_can_be_built() -> None:
    for level, config in enumerate(TASK.ladder):
        rng = derive_rng("polygon_area test", level)
        pose = TASK.pose(rng, config)
        for answer in pose.answers:
            assert TASK.solve(pose, TASK.build(rng, pose, answer)) == answer


def test_slices_and_points_counted_one_by_one_agree() -> None:
    """Rings that touched or crossed would count points twice or give another area."""
    for level in range(5):
        for index in range(6):
            rng = derive_rng("polygon_area count", level, index)
            pose = TASK.pose(rng, TASK.ladder[level])
            answer = pose.answers[rng.randrange(len(pose.answers))]
            scene = TASK.build(rng, pose, answer)
            assert (_area(scene), _boundary(scene)) == answer
            assert len(scene.holes) == TASK.ladder[level].num_holes


def test_harder_levels_have_finer_grids() -> None:
    sides = [config.side for config in TASK.ladder]
    assert sides == sorted(set(sides))
