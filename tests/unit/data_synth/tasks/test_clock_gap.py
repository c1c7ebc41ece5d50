"""Times by hand, and hands that point where they should."""

import random

from data_synth.style import PLAIN
from data_synth.tasks.base import Pose
from data_synth.tasks.clock_gap import ClockGap, Clocks

TASK = ClockGap()


def seconds(hours: int, minutes: int, seconds: int = 0) -> int:
    return 3600 * hours + 60 * minutes + seconds


def test_gap_over_twelve_by_hand() -> None:
    scene = Clocks((seconds(11, 37, 49), seconds(5, 0, 21)), True, True)
    pose = Pose(questions={}, answers=())
    assert TASK.solve(pose, scene) == (5, 22, 32)
    assert TASK.reason(pose, scene) == (
        "plan: read both, subtract. scan: left 11 37 49. right 5 0 21. add 12 hours. "
        "check: 5 22 32."
    )


def test_gap_without_seconds_by_hand() -> None:
    scene = Clocks((seconds(1, 50), seconds(4, 5)), True, False)
    pose = Pose(questions={}, answers=())
    assert TASK.solve(pose, scene) == (2, 15)
    assert TASK.reason(pose, scene).endswith("scan: left 1 50. right 4 5. check: 2 15.")


def test_hands_point_at_the_time() -> None:
    """Half past three: minute hand down, hour hand between 3 and 4, in ink on white."""
    image = TASK.draw(Clocks((seconds(3, 30), 0), False, False), size=1000, style=PLAIN)
    x, y = 260, 300
    dark = sum(PLAIN.ink)
    assert sum(image.getpixel((x, y + 130))) <= dark + 30  # minute hand
    assert sum(image.getpixel((x + 80, y + 21))) <= dark + 30  # hour hand, 15 degrees below right
    assert image.getpixel((x, y - 130)) == PLAIN.background
    assert image.getpixel((x - 80, y)) == PLAIN.background


def test_seconds_only_at_the_last_level() -> None:
    rng = random.Random(0)
    for level, config in enumerate(TASK.ladder):
        pose = TASK.pose(rng, config)
        assert len(pose.answers) == (48, 144, 720, 720, 43_200)[level]
