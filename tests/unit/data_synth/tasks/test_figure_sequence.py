"""figure_sequence: rules by hand, counts of the dots drawn, extension by differences."""

from itertools import accumulate

import pytest

from data_synth.seeding import derive_rng
from data_synth.tasks.base import Pose
from data_synth.tasks.figure_sequence import Config, FigureSequence, Growth, Params, Scene

TASK = FigureSequence()


def make_scene(stages: tuple[int, ...], **counts: list[int]) -> Scene:
    dots = [
        tuple((0.0, 0.0, color) for color, row in counts.items() for _ in range(row[i]))
        for i in range(len(stages))
    ]
    return Scene(stages=stages, dots=tuple(dots), columns=9)


def make_pose(stage: int, *colors: str, total: bool = False) -> Pose:
    config = Config(num_colors=len(colors), num_blocks=0, max_columns=1, max_fixed=1, total=total)
    return Pose(questions={}, answers=(), params=Params(config=config, colors=colors, stage=stage))


def test_growths_are_figurate_numbers() -> None:
    # Triangle 1 3 6 10, plus 2 n, plus 1; square 1 4 9 16.
    triangle = Growth(block="triangle", columns=2, fixed=1)
    assert [triangle.count(n) for n in (1, 2, 3, 4)] == [4, 8, 13, 19]
    assert [Growth(block="square", columns=0, fixed=0).count(n) for n in (1, 2, 10)] == [1, 4, 100]


def test_a_linear_figure_by_hand() -> None:
    pose, scene = make_pose(10, "red"), make_scene((1, 2, 3, 4), red=[5, 8, 11, 14])
    assert TASK.solve(pose, scene) == (32,)
    assert TASK.reason(pose, scene) == (
        "plan: count and extend. scan: red 5 8 11 14 : step 3 : 5 8 11 14 17 20 23 26 29 32. "
        "check: 32."
    )
    assert TASK.format((32,)) == "32"


def test_a_skipped_stage_and_a_total_by_hand() -> None:
    # Triangles 1 3 (6) 10 15; squares plus one 2 5 (10) 17 26, altogether 60.
    pose = make_pose(5, "red", "blue", total=True)
    scene = make_scene((1, 2, 4), red=[1, 3, 10], blue=[2, 5, 17])
    assert TASK.solve(pose, scene) == (15, 60)
    assert TASK.reason(pose, scene) == (
        "plan: count and extend. scan: red 1 3 - 10 : step 2, 1 more each time : 1 3 6 10 15. "
        "blue 2 5 - 17 : step 3, 2 more each time : 2 5 10 17 26, sum 60. check: 15 60."
    )


def test_stages_that_follow_no_rule_are_refused() -> None:
    with pytest.raises(AssertionError):
        TASK.solve(make_pose(10, "red"), make_scene((1, 2, 3, 4), red=[5, 8, 11, 15]))


@pytest.mark.parametrize("level", range(5))
def test_answers_continue_the_differences_of_the_dots_drawn(level: int) -> None:
    for index in range(40):
        rng = derive_rng("figure", level, index)
        pose = TASK.pose(rng, TASK.ladder[level])
        answer = pose.answers[rng.randrange(len(pose.answers))]
        scene = TASK.build(rng, pose, answer)
        for number, color in enumerate(pose.params.colors):
            seen = [sum(dot[2] == color for dot in dots) for dots in scene.dots]
            first, second = seen[:2]
            if scene.stages == (1, 2, 4):
                # f4 = f1 + 3 d + 3 c with d = f2 - f1, so that the change c of the step is known.
                change, rest = divmod(seen[2] - first - 3 * (second - first), 3)
                assert rest == 0
            else:
                change = seen[2] - 2 * second + first
            steps = [second - first + change * k for k in range(pose.params.stage - 1)]
            row = list(accumulate(steps, initial=first))
            total = TASK.ladder[level].total and number == 1
            assert answer[number] == (sum(row) if total else row[-1])


def test_no_two_dots_share_a_place() -> None:
    for index in range(60):
        rng = derive_rng("places", index)
        pose = TASK.pose(rng, TASK.ladder[4])
        scene = TASK.build(rng, pose, pose.answers[rng.randrange(len(pose.answers))])
        for dots in scene.dots:
            assert len({(x, y) for x, y, _ in dots}) == len(dots)
            assert all(0 <= x <= scene.columns - 1 + 1e-9 for x, _, _ in dots)
