"""Balls on a grid with velocity arrows: which meet first, when and in which cell?

Balls move at constant speed; from level 2 on they bounce off the border. An arrow ends where its
ball is after one second.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise, product

from PIL import Image

from data_synth.canvas import Canvas, cell_name
from data_synth.style import Style
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple

_NAMES = "ABCDE"
_COLORS = ("red", "green", "blue", "purple", "black")
_FIRST, _LAST = 70, 980  # edges of the grid on the canvas
_TICKS = 4  # per second; bounces fall on ticks, so that between two of them all motion is straight
_CLEAR = 0.8 * _TICKS  # least distance of balls that do not collide, in quarters of a cell
_ARROW_CLEAR = 0.62  # least distance of a ball from another one's arrow, in cells

_Point = tuple[int, int]
_Answer = tuple[tuple[str, str], tuple[int, _Point]]


@dataclass(frozen=True, slots=True)
class Ball:
    """A ball: start cell (column, row) and cells per second, y pointing down."""

    x: int
    y: int
    dx: int
    dy: int


@dataclass(frozen=True, slots=True)
class Scene:
    """Balls A, B, ... on a square grid."""

    side: int
    balls: tuple[Ball, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    side: int
    """Cells per row and column."""
    num_balls: int
    seconds: tuple[int, int]
    """Earliest and latest collision."""
    max_speed: int
    """Most cells per second along each axis."""
    bounces: bool
    """Whether balls bounce off the border; otherwise none reaches it before the collision."""


class BallCollision(Task[Config]):
    name = "ball_collision"
    summary = "when, where and between which balls is the first collision"
    domain = "physics"
    discipline = "kinematics"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = (
        Config(side=6, num_balls=3, seconds=(1, 2), max_speed=1, bounces=False),
        Config(side=8, num_balls=3, seconds=(2, 3), max_speed=2, bounces=False),
        Config(side=8, num_balls=4, seconds=(2, 4), max_speed=2, bounces=True),
        Config(side=9, num_balls=5, seconds=(3, 6), max_speed=2, bounces=True),
        Config(side=10, num_balls=5, seconds=(4, 8), max_speed=2, bounces=True),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        names = _NAMES[: config.num_balls]
        english = "They bounce off the border like points. " if config.bounces else ""
        chinese = "小球视为质点，碰到边框会反弹。" if config.bounces else ""
        return Pose(
            questions={
                "en": (
                    "Each arrow shows how far its ball moves in one second; balls keep moving. "
                    f"{english}Which two balls collide first, after how many seconds, in which "
                    "cell? Answer as (ball,ball,seconds,cell), balls in alphabetical order, such "
                    "as (A,B,1,c2).",
                    f"Balls move by their arrow every second. {english}Find the first collision: "
                    "(ball,ball,seconds,cell) with the balls in alphabetical order and the cell "
                    "as letter and number, for example (A,B,1,c2).",
                ),
                "zh": (
                    f"箭头表示小球每秒的位移，小球一直运动。{chinese}哪两个小球最先相撞，几秒后，在哪"
                    "一格？按 (球,球,秒数,格子) 作答，球按字母顺序，例如 (A,B,1,c2)。",
                    f"小球每秒沿箭头移动一次箭头的长度。{chinese}求第一次碰撞，写成 "
                    "(球,球,秒数,格子)，两球按字母顺序，格子先写字母后写数字，如 (A,B,1,c2)。",
                ),
            },
            answers=Product([list(combinations(names, 2)), _spots(config)]),
            params=config,
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Scene:
        config: Config = pose.params
        names, (seconds, cell) = answer
        arrivals = _arrivals(config, seconds, cell)
        while True:
            pair = rng.sample(arrivals, 2)
            if _meet_once(config.side, pair, seconds):
                break
        balls = dict(zip(names, pair, strict=True))
        trails = [_trail(config.side, ball, seconds) for ball in pair]
        for name in _NAMES[: config.num_balls]:
            while name not in balls:
                ball = _any_ball(rng, config, seconds)
                trail = _trail(config.side, ball, seconds)
                if _arrows_clear([*balls.values(), ball]) and all(
                    _stay_apart(trail, other) for other in trails
                ):
                    balls[name] = ball
                    trails.append(trail)
        return Scene(config.side, tuple(balls[name] for name in sorted(balls)))

    def draw(self, scene: Scene, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style)
        cell = (_LAST - _FIRST) / scene.side

        def at(index: float) -> float:
            return _FIRST + (index + 0.5) * cell

        for i in range(scene.side + 1):
            edge = at(i - 0.5)
            canvas.line([(edge, _FIRST), (edge, _LAST)], color="line", width=3)
            canvas.line([(_FIRST, edge), (_LAST, edge)], color="line", width=3)
        canvas.rectangle((_FIRST, _FIRST, _LAST, _LAST), outline="ink", width=9)
        for i in range(scene.side):
            canvas.text(at(i), _FIRST / 2, cell_name(i, 0)[0], size=44)
            canvas.text(_FIRST / 2, at(i), str(i + 1), size=44)
        for color, ball in zip(_COLORS, scene.balls, strict=False):
            tip = (at(ball.x + ball.dx), at(ball.y + ball.dy))
            canvas.arrow((at(ball.x), at(ball.y)), tip, color=color, width=10, head=34)
        for name, color, ball in zip(_NAMES, _COLORS, scene.balls, strict=False):
            canvas.circle(at(ball.x), at(ball.y), cell * 0.33, fill=color)
            canvas.text(at(ball.x), at(ball.y), name, size=cell * 0.46, color="background")
        return canvas.image()

    def solve(self, pose: Pose, scene: Scene) -> _Answer:
        """Move all balls tick by tick, turning each at the border, until two of them meet."""
        width = 8 * scene.side  # in eighths of a cell
        states = [
            [8 * ball.x + 4, 8 * ball.y + 4, 2 * ball.dx, 2 * ball.dy] for ball in scene.balls
        ]
        for tick in range(1, 1000):
            before = [(x, y) for x, y, _, _ in states]
            for state in states:
                for axis in (0, 1):
                    state[axis] += state[axis + 2]
                    if state[axis] in (0, width) or not 0 < state[axis] < width:
                        assert state[axis] in (0, width), "bounces fall on ticks"
                        state[axis + 2] *= -1
            hits = [
                (i, j)
                for i, j in combinations(range(len(states)), 2)
                if _crosses(before[i], before[j], states[i], states[j])
            ]
            if hits:
                ((i, j),) = hits
                x, y = states[i][:2]
                assert [x, y] == states[j][:2] and tick % _TICKS == 0, "they meet at a full second"
                return (_NAMES[i], _NAMES[j]), (tick // _TICKS, (x // 8, y // 8))
        raise AssertionError("no two balls meet")

    def reason(self, pose: Pose, scene: Scene) -> str:
        pair, (seconds, cell) = self.solve(pose, scene)
        trails = [_trail(scene.side, ball, seconds) for ball in scene.balls]
        steps = []
        for second in range(seconds + 1):
            cells = (
                f"{name} {cell_name(*(c // _TICKS for c in trail[second * _TICKS]))}"
                for name, trail in zip(_NAMES, trails, strict=False)
            )
            steps.append(f"{second}: {' '.join(cells)}.")
        return f"plan: step. scan: {' '.join(steps)} {check([*pair, seconds, cell_name(*cell)])}"

    def format(self, answer: _Answer) -> str:
        pair, (seconds, cell) = answer
        return format_tuple([*pair, seconds, cell_name(*cell)])


def _fold(place: int, width: int) -> int:
    """Where a bouncing point is that would be at `place` without walls at 0 and `width`."""
    place %= 2 * width
    return place if place <= width else 2 * width - place


def _trail(side: int, ball: Ball, seconds: int) -> list[_Point]:
    """Places at every tick, in quarters of a cell."""
    width, half = _TICKS * side, _TICKS // 2
    return [
        (
            _fold(_TICKS * ball.x + half + ball.dx * tick, width),
            _fold(_TICKS * ball.y + half + ball.dy * tick, width),
        )
        for tick in range(_TICKS * seconds + 1)
    ]


def _any_ball(rng: random.Random, config: Config, seconds: int) -> Ball:
    """A random ball; without bounces one that stays inside."""
    top = config.max_speed
    while True:
        ball = Ball(
            int(rng.random() * config.side),
            int(rng.random() * config.side),
            rng.randint(-top, top),
            rng.randint(-top, top),
        )
        if _is_allowed(config, ball, seconds):
            return ball


@lru_cache(maxsize=64)
def _spots(config: Config) -> list[tuple[int, _Point]]:
    """Every (seconds, cell) at which two balls can collide for the first time.

    Balls that are in the middle of a board together may all have met there once before.
    """
    return [
        (seconds, (x, y))
        for seconds in range(config.seconds[0], config.seconds[1] + 1)
        for x, y in product(range(config.side), repeat=2)
        if any(
            _meet_once(config.side, pair, seconds)
            for pair in combinations(_arrivals(config, seconds, (x, y)), 2)
        )
    ]


@lru_cache(maxsize=4096)
def _arrivals(config: Config, seconds: int, cell: _Point) -> list[Ball]:
    """Every ball that is in `cell` after `seconds`."""
    speeds = range(-config.max_speed, config.max_speed + 1)
    balls = []
    for speed_x, speed_y in product(speeds, repeat=2):
        # Back in time from the cell; behind an odd number of walls the direction is mirrored.
        x, dx = _backwards(cell[0], speed_x, seconds, config.side)
        y, dy = _backwards(cell[1], speed_y, seconds, config.side)
        ball = Ball(x, y, dx, dy)
        if _is_allowed(config, ball, seconds):
            balls.append(ball)
    return balls


def _backwards(goal: int, speed: int, seconds: int, side: int) -> tuple[int, int]:
    """Start and speed along one axis for an arrival at `goal` with `speed`."""
    place = (goal - speed * seconds) % (2 * side)
    return (place, speed) if place < side else (2 * side - 1 - place, -speed)


def _is_allowed(config: Config, ball: Ball, seconds: int) -> bool:
    """Whether a ball moves and stays inside for a second, or to the end if nothing bounces."""
    time = 1 if config.bounces else seconds
    return (
        (ball.dx, ball.dy) != (0, 0)
        and 0 <= ball.x + time * ball.dx < config.side
        and 0 <= ball.y + time * ball.dy < config.side
    )


def _stay_apart(one: Sequence[_Point], other: Sequence[_Point]) -> bool:
    """Whether two balls keep their distance the whole time."""
    gaps = [(x - u, y - v) for (x, y), (u, v) in zip(one, other, strict=True)]
    # From tick to tick the gap changes by less than 6: a closer look is needed near 0 only.
    return all(
        _nearest(*gap, *after) >= _CLEAR
        for gap, after in pairwise(gaps)
        if abs(gap[0]) + abs(gap[1]) < 16
    )


def _nearest(x: float, y: float, next_x: float, next_y: float) -> float:
    """Least distance from the origin of a straight line between two points."""
    dx, dy = next_x - x, next_y - y
    length = dx * dx + dy * dy
    along = min(1.0, max(0.0, -(x * dx + y * dy) / length)) if length else 0.0
    return math.hypot(x + along * dx, y + along * dy)


def _meet_once(side: int, pair: Sequence[Ball], seconds: int) -> bool:
    """Whether two balls that end in one cell have kept apart until they fly straight at it."""
    if not _arrows_clear(pair):
        return False
    one, other = (_trail(side, ball, seconds) for ball in pair)
    gaps = [(x - u, y - v) for (x, y), (u, v) in zip(one, other, strict=True)]
    steps = [(x - u, y - v) for (x, y), (u, v) in pairwise(gaps)]
    last = len(steps)
    while last and steps[last - 1] == steps[-1]:
        last -= 1
    return steps[-1] != (0, 0) and _stay_apart(one[: last + 1], other[: last + 1])


def _arrows_clear(balls: Sequence[Ball]) -> bool:
    """Whether no ball touches another one's arrow."""
    return all(
        _nearest(one.x - b.x, one.y - b.y, one.x + one.dx - b.x, one.y + one.dy - b.y)
        >= _ARROW_CLEAR
        for one in balls
        for b in balls
        if one is not b
    )


def _crosses(
    start: _Point, other_start: _Point, end: Sequence[int], other_end: Sequence[int]
) -> bool:
    """Whether two balls meet on a straight stretch, its end included."""
    x, y = start[0] - other_start[0], start[1] - other_start[1]
    next_x, next_y = end[0] - other_end[0], end[1] - other_end[1]
    return x * next_y == y * next_x and x * next_x + y * next_y <= 0
