"""A chart by hand, and pixels at the heights that values say."""

import random
from dataclasses import replace

import pytest

from data_synth.style import PLAIN
from data_synth.tasks.base import Pose
from data_synth.tasks.chart_values import Chart, ChartValues

TASK = ChartValues()
SCENE = Chart(
    kind="bars",
    categories=("Jan", "Feb", "Mar"),
    series=("milk", "tea"),
    colors=("red", "blue"),
    values=((3, 8, 0), (5, 2, 10)),
    top=10,
    tick=1,
)


def pose(ask: str) -> Pose:
    config = replace(TASK.ladder[0], ask=ask)
    return Pose(
        questions={}, answers=(), params=(SCENE.categories, ("tea", "milk"), ("Jan", "Mar"), config)
    )


@pytest.mark.parametrize(
    ("ask", "answer", "steps"),
    [
        ("values", (5, 10), "Jan tea 5. Mar tea 10."),
        ("differences", (2, 10), "Jan tea 5 milk 3 : 5 - 3 = 2. Mar tea 10 milk 0 : 10 - 0 = 10."),
        ("totals", (8, 10), "Jan milk 3 tea 5 : 3 + 5 = 8. Mar milk 0 tea 10 : 0 + 10 = 10."),
    ],
)
def test_answers_and_reasons_by_hand(ask: str, answer: tuple[int, ...], steps: str) -> None:
    assert TASK.solve(pose(ask), SCENE) == answer
    closing = " ".join(map(str, answer))
    assert TASK.reason(pose(ask), SCENE) == f"plan: read. scan: {steps} check: {closing}."


@pytest.mark.parametrize("kind", ["bars", "stacked"])
def test_bars_are_as_long_as_their_values(kind: str) -> None:
    """Counts coloured pixels in the middle column of each bar: 590 units are the full axis."""
    scene = replace(SCENE, kind=kind, top=10 if kind == "bars" else 20)
    image = TASK.draw(scene, size=1000, style=PLAIN)
    step = (970 - 90) / 3
    for k, color in enumerate(("red", "blue")):
        for i, value in enumerate(scene.values[k]):
            inside = 0.1 + 0.4 * (k + 0.5) if kind == "bars" else 0.5
            x = round(90 + step * (i + inside))
            column = [image.getpixel((x, y)) for y in range(100, 705)]
            length = sum(pixel == PLAIN.palette[color] for pixel in column)
            assert abs(length - 590 * value / scene.top) <= 3


def test_all_kinds_and_negative_differences_occur() -> None:
    rng = random.Random(0)
    kinds, signs = set(), set()
    for level in (2, 3):
        for _ in range(60):
            posed = TASK.pose(rng, TASK.ladder[level])
            answer = posed.answers[rng.randrange(len(posed.answers))]
            kinds.add(TASK.build(rng, posed, answer).kind)
            signs |= {value > 0 for value in answer} if level == 2 else set()
    assert kinds == {"bars", "lines", "stacked"} and signs == {True, False}
