"""Latin squares: unique completion, hand-worked example, harder levels hide more."""

from itertools import product

from data_synth.seeding import derive_rng
from data_synth.tasks.base import Pose
from data_synth.tasks.latin_square import LatinSquare, Scene

TASK = LatinSquare()


def _scenes(level: int, count: int) -> list[Scene]:
    scenes = []
    for index in range(count):
        rng = derive_rng("latin_square test", level, index)
        pose = TASK.pose(rng, TASK.ladder[level])
        answer = pose.answers[rng.randrange(len(pose.answers))]
        scenes.append(TASK.build(rng, pose, answer))
    return scenes


def test_a_square_worked_by_hand() -> None:
    """Each row lacks one digit: 3, 3 and 1."""
    scene = Scene(((1, 2, 0), (2, 0, 1), (3, 0, 2)), ((0, 2), (1, 1), (2, 1)))
    pose = Pose(questions={}, answers=())
    assert TASK.solve(pose, scene) == (3, 3, 1)
    assert TASK.reason(pose, scene) == (
        "plan: fill. scan: 1 2 - / 2 - 1 / 3 - 2. r1 c3 3. r2 c2 3. r3 c2 1. check: 3 3 1."
    )


def test_only_one_filling_of_the_gaps_is_a_latin_square() -> None:
    """All 4^9 fillings at most, tried without any cleverness."""
    for scene in _scenes(0, 5):
        gaps = [(r, c) for r in range(4) for c in range(4) if not scene.rows[r][c]]
        fits = []
        for digits in product(range(1, 5), repeat=len(gaps)):
            square = [list(row) for row in scene.rows]
            for (row, column), digit in zip(gaps, digits, strict=True):
                square[row][column] = digit
            lines = [*square, *zip(*square, strict=True)]
            if all(set(line) == {1, 2, 3, 4} for line in lines):
                fits.append(square)
        (square,) = fits
        expected = tuple(square[row][column] for row, column in scene.marked)
        assert TASK.solve(Pose(questions={}, answers=()), scene) == expected


def test_marked_cells_are_empty_and_in_reading_order() -> None:
    for level in range(5):
        for scene in _scenes(level, 10):
            assert list(scene.marked) == sorted(scene.marked)
            assert all(scene.rows[row][column] == 0 for row, column in scene.marked)


def test_harder_levels_hide_more_cells() -> None:
    empty = [
        sum(row.count(0) for scene in _scenes(level, 10) for row in scene.rows)
        for level in range(5)
    ]
    assert empty == sorted(set(empty))
