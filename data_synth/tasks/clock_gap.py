"""Two analog clocks: how much time passes from one to the other."""

import math
import random
from dataclasses import dataclass

from PIL import Image

from data_synth.canvas import Canvas
from data_synth.style import Style
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple

_HALF_DAY = 12 * 3600
_ASPECT = 0.6
_CENTERS = ((260.0, 300.0), (740.0, 300.0))
_RADIUS = 205.0
_Answer = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    minute_step: int
    """Both times and the gap are multiples of as many minutes; 1 at most with a second hand."""
    numerals: bool
    """Show 1 to 12, or only ticks."""
    second_hand: bool


@dataclass(frozen=True, slots=True)
class Clocks:
    """Both times in seconds after twelve, and how the faces are drawn."""

    times: tuple[int, int]
    numerals: bool
    second_hand: bool


class ClockGap(Task[Config]):
    name = "clock_gap"
    summary = "read two clocks and tell the time that passes between them"
    domain = "instruments"
    discipline = "calculation"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = (
        Config(minute_step=15, numerals=True, second_hand=False),
        Config(minute_step=5, numerals=True, second_hand=False),
        Config(minute_step=1, numerals=True, second_hand=False),
        Config(minute_step=1, numerals=False, second_hand=False),
        Config(minute_step=1, numerals=False, second_hand=True),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        factors = [range(12), range(0, 60, config.minute_step)]
        form, form_zh = "(hours,minutes)", "(小时,分钟)"
        if config.second_hand:
            factors.append(range(60))
            form, form_zh = "(hours,minutes,seconds)", "(小时,分钟,秒)"
        return Pose(
            questions={
                "en": [
                    "How much time passes from the left clock to the right clock? It is less than "
                    f"12 hours. Answer as {form}.",
                    "The right clock shows a later time than the left one, by less than 12 hours. "
                    f"How much later? Answer as {form}.",
                ],
                "zh": [
                    f"从左边的钟到右边的钟过了多长时间（不到12小时）？按 {form_zh} 回答。",
                    f"右边的钟比左边的钟晚，相差不到12小时。晚多少？按 {form_zh} 回答。",
                ],
            },
            answers=Product(factors),
            params=config,
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Clocks:
        config: Config = pose.params
        hours, minutes, *seconds = answer
        gap = 3600 * hours + 60 * minutes + sum(seconds)
        step = 1 if config.second_hand else 60 * config.minute_step
        start = rng.randrange(0, _HALF_DAY, step)
        return Clocks((start, (start + gap) % _HALF_DAY), config.numerals, config.second_hand)

    def draw(self, scene: Clocks, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style, aspect=_ASPECT)
        for (x, y), time, name in zip(_CENTERS, scene.times, ("left", "right"), strict=True):
            _draw_face(canvas, x, y, numerals=scene.numerals)
            hands = [(time / _HALF_DAY, 0.5, 18.0), (time / 3600, 0.78, 11.0)]
            for turn, reach, width in hands:
                canvas.line([(x, y), _on_dial(x, y, turn, reach)], width=width)
            if scene.second_hand:
                tail, tip = _on_dial(x, y, time / 60, -0.15), _on_dial(x, y, time / 60, 0.86)
                canvas.line([tail, tip], color="red", width=5)
            canvas.circle(x, y, 13, fill="ink")
            canvas.text(x, 556, name, size=34)
        return canvas.image()

    def solve(self, pose: Pose, scene: Clocks) -> _Answer:
        """Count up from the left time, unit by unit from the largest."""
        now, goal = scene.times
        goal += _HALF_DAY if goal < now else 0
        parts = []
        for unit in (3600, 60, 1) if scene.second_hand else (3600, 60):
            count = 0
            while now + unit <= goal:
                now += unit
                count += 1
            parts.append(count)
        return tuple(parts)

    def reason(self, pose: Pose, scene: Clocks) -> str:
        units = 3 if scene.second_hand else 2
        left, right = (" ".join(map(str, _read(time)[:units])) for time in scene.times)
        wrap = " add 12 hours." if scene.times[1] < scene.times[0] else ""
        return (
            f"plan: read both, subtract. scan: left {left}. right {right}.{wrap} "
            f"{check(self.solve(pose, scene))}"
        )

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)


def _read(time: int) -> tuple[int, int, int]:
    """Hours (0 to 11), minutes and seconds of a time."""
    return time // 3600, time // 60 % 60, time % 60


def _on_dial(x: float, y: float, turn: float, reach: float) -> tuple[float, float]:
    """The point at a number of turns clockwise from twelve, `reach` radii from the centre."""
    angle = 2 * math.pi * turn
    return x + _RADIUS * reach * math.sin(angle), y - _RADIUS * reach * math.cos(angle)


def _draw_face(canvas: Canvas, x: float, y: float, *, numerals: bool) -> None:
    canvas.circle(x, y, _RADIUS, outline="ink", width=8)
    for minute in range(60):
        is_hour = minute % 5 == 0
        inner, width = (0.9, 6.0) if is_hour else (0.95, 2.5)
        ends = [_on_dial(x, y, minute / 60, inner), _on_dial(x, y, minute / 60, 0.99)]
        canvas.line(ends, width=width)
        if is_hour and numerals:
            label_x, label_y = _on_dial(x, y, minute / 60, 0.77)
            canvas.text(label_x, label_y, str(minute // 5 or 12), size=36)
