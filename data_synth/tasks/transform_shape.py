"""A polygon on a coordinate grid is turned, mirrored and shifted: where do named corners end up?

The moves are in the question, the corners only in the picture.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image

from data_synth.canvas import Canvas
from data_synth.style import COLORS, RGB, Style
from data_synth.tasks.base import Arrangements, Pose, Task, check, format_tuple

_LETTERS = "ABCDEF"
_MIN_ANSWERS = 64
_MIN_ANGLE = 0.2  # radians
_MARGIN = 75.0  # units of the canvas around the grid
_Point = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    num_moves: int
    num_corners: int
    num_asked: int
    """Corners that the question names: 1 or 2."""
    anywhere: bool
    """Centres of rotation and mirrors need not go through the origin; there are shifts as well."""
    reach: int = 6
    """Largest coordinate that a corner takes at any time; the grid shows one more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """A map of the plane: x' = xx x + xy y + x0, y' = yx x + yy y + y0, with its wording."""

    matrix: tuple[int, int, int, int]
    """xx, xy, yx, yy; orthogonal, entries 0, 1 and -1."""
    offset: _Point
    en: str
    """What is done, after "it is"."""
    zh: str
    tag: str
    """Short name in demonstrations."""

    def apply(self, point: _Point) -> _Point:
        """The image of a point."""
        (xx, xy, yx, yy), (x, y) = self.matrix, point
        return xx * x + xy * y + self.offset[0], yx * x + yy * y + self.offset[1]

    def undo(self, point: _Point) -> _Point:
        """The point with this image: the inverse of an orthogonal matrix is its transpose."""
        (xx, xy, yx, yy) = self.matrix
        x, y = point[0] - self.offset[0], point[1] - self.offset[1]
        return xx * x + yx * y, xy * x + yy * y


@dataclass(frozen=True, kw_only=True, slots=True)
class Params:
    """What the question and the configuration fixed."""

    config: Config
    moves: tuple[Move, ...]
    asked: str
    """Letters of the corners asked for."""
    starts: tuple[_Point, ...]
    """Points that stay on the grid throughout."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A simple polygon with a letter at each corner."""

    corners: tuple[tuple[str, int, int], ...]
    """Letter, x and y, in order around the polygon; y points up."""
    reach: int
    color: str


class TransformShape(Task[Config]):
    name = "transform_shape"
    summary = "follow corners of a polygon through rotations, reflections and shifts"
    domain = "geometric pattern"
    discipline = "transformation geometry"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = (
        Config(num_moves=1, num_corners=3, num_asked=1, anywhere=False, reach=5),
        Config(num_moves=2, num_corners=4, num_asked=1, anywhere=False),
        Config(num_moves=2, num_corners=4, num_asked=2, anywhere=True),
        Config(num_moves=3, num_corners=5, num_asked=2, anywhere=True),
        Config(num_moves=5, num_corners=6, num_asked=2, anywhere=True, reach=7),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        moves, starts = _choose_moves(rng, config)
        letters = _LETTERS[: config.num_corners]
        asked = "".join(sorted(rng.sample(letters, config.num_asked)))
        params = Params(config=config, moves=moves, asked=asked, starts=starts)
        ends = [_follow(moves, start)[-1] for start in starts]
        return Pose(
            questions=_questions(params),
            answers=Arrangements(ends, config.num_asked),
            params=params,
        )

    def build(self, rng: random.Random, pose: Pose, answer: Sequence[_Point]) -> Scene:
        params: Params = pose.params
        fixed = []
        for point in answer:
            for move in reversed(params.moves):
                point = move.undo(point)
            fixed.append(point)
        free = params.config.num_corners - len(fixed)
        # Most draws of the free corners do; any point off two lines would for a triangle.
        while True:
            points = [*fixed, *rng.sample(params.starts, free)]
            order = _order_around(points)
            if order is not None and _spacious(points, len(fixed)):
                break
        others = [name for name in _LETTERS[: len(points)] if name not in params.asked]
        rng.shuffle(others)
        names = [*params.asked, *others]
        return Scene(
            corners=tuple((names[i], *points[i]) for i in order),
            reach=params.config.reach,
            color=rng.choice(sorted(COLORS)),
        )

    def draw(self, scene: Scene, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style)
        reach = scene.reach + 1  # a free cell all around, so that letters never cover the numbers
        unit = (1000 - 2 * _MARGIN) / (2 * reach)
        low, high = _MARGIN, 1000 - _MARGIN
        points = [(500 + x * unit, 500 - y * unit) for _, x, y in scene.corners]
        canvas.polygon(points, fill=_tint(canvas, scene.color))
        for k in range(-reach, reach + 1):
            at = 500 + k * unit
            color, width = ("ink", 5) if k == 0 else ("line", 3)
            canvas.line([(at, low), (at, high)], color=color, width=width)
            canvas.line([(low, at), (high, at)], color=color, width=width)
        for k in range(-reach, reach + 1):
            canvas.stamp(str(k), 500 + k * unit, 1000 - _MARGIN / 2, 46)
            canvas.stamp(str(k), _MARGIN / 2, 500 - k * unit, 46)
        canvas.text(1000 - _MARGIN / 2, 500, "x", size=40)
        canvas.text(500, _MARGIN / 2, "y", size=40)
        canvas.polygon(points, outline=scene.color, width=8)
        middle = (sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points))
        for (name, _, _), (x, y) in zip(scene.corners, points, strict=True):
            canvas.circle(x, y, 11, fill=scene.color)
            away = max(1.0, ((x - middle[0]) ** 2 + (y - middle[1]) ** 2) ** 0.5)
            canvas.text(
                x + 38 * (x - middle[0]) / away,
                y + 38 * (y - middle[1]) / away,
                name,
                size=46,
                halo=True,
            )
        return canvas.image()

    def solve(self, pose: Pose, scene: Scene) -> tuple[_Point, ...]:
        """Multiply the moves into one map and apply it to the corners."""
        params: Params = pose.params
        (xx, xy, yx, yy), (x0, y0) = (1, 0, 0, 1), (0, 0)
        for move in params.moves:
            a, b, c, d = move.matrix
            x0, y0 = a * x0 + b * y0 + move.offset[0], c * x0 + d * y0 + move.offset[1]
            xx, xy, yx, yy = (
                a * xx + b * yx,
                a * xy + b * yy,
                c * xx + d * yx,
                c * xy + d * yy,
            )
        spots = {name: (x, y) for name, x, y in scene.corners}
        assert len(spots) == len(scene.corners)
        return tuple(
            (xx * x + xy * y + x0, yx * x + yy * y + y0)
            for x, y in (spots[name] for name in params.asked)
        )

    def reason(self, pose: Pose, scene: Scene) -> str:
        params: Params = pose.params
        spots = {name: (x, y) for name, x, y in scene.corners}
        trails = []
        for name in params.asked:
            images = _follow(params.moves, spots[name])
            steps = [
                f"{move.tag} {format_tuple(image)}"
                for move, image in zip(params.moves, images[1:], strict=True)
            ]
            trails.append(f"{name} {format_tuple(images[0])}, {', '.join(steps)}.")
        ends = [value for point in self.solve(pose, scene) for value in point]
        return f"plan: move each corner. scan: {' '.join(trails)} {check(ends)}"

    def format(self, answer: Sequence[_Point]) -> str:
        points = [format_tuple(point) for point in answer]
        return points[0] if len(points) == 1 else format_tuple(points)


def _tint(canvas: Canvas, color: str) -> RGB:
    """A light shade of a colour on the canvas's background."""
    paper, paint = canvas.color("background"), canvas.color(color)
    red, green, blue = ((3 * a + b) // 4 for a, b in zip(paper, paint, strict=True))
    return red, green, blue


def _questions(params: Params) -> dict[str, list[str]]:
    moves = ", then ".join(move.en for move in params.moves)
    moves_zh = "，然后".join(move.zh for move in params.moves)
    if len(params.asked) == 1:
        name = params.asked
        ask, ask_zh = f"Where is corner {name} then? Answer as (x,y).", f"此时顶点 {name} 在哪里？"
        form_zh = "按 (x,y) 的形式回答。"
    else:
        first, second = params.asked[0], params.asked[1]
        form = "((x,y),(x,y))"
        ask = f"Where are corners {first} and {second} then? Answer as {form}, {first} first."
        ask_zh = f"此时顶点 {first} 和 {second} 分别在哪里？"
        form_zh = f"先 {first} 后 {second}，按 {form} 的形式回答。"
    return {
        "en": [
            f"The polygon is {moves}. {ask}",
            f"Take the polygon in the picture. It is {moves}. {ask}",
        ],
        "zh": [
            f"将图中的多边形{moves_zh}。{ask_zh}{form_zh}",
            f"图中的多边形依次经过以下变换：{moves_zh}。{ask_zh}{form_zh}",
        ],
    }


def _choose_moves(
    rng: random.Random, config: Config
) -> tuple[tuple[Move, ...], tuple[_Point, ...]]:
    """Random moves that keep enough points on the grid, and these points."""
    span = range(-config.reach, config.reach + 1)
    moves: list[Move] = []
    trails = [((x, y), (x, y)) for x in span for y in span]  # start and present place
    while len(moves) < config.num_moves:
        move = _choose_move(rng, anywhere=config.anywhere)
        if moves and (move.tag[:4] == moves[-1].tag[:4]):
            continue
        kept = [
            (start, (x, y))
            for start, place in trails
            for x, y in (move.apply(place),)
            if -config.reach <= x <= config.reach and -config.reach <= y <= config.reach
        ]
        # Moves about the origin keep every point, so there is always one that will do.
        if len(kept) >= _MIN_ANSWERS:
            moves.append(move)
            trails = kept
    return tuple(moves), tuple(start for start, _ in trails)


def _choose_move(rng: random.Random, *, anywhere: bool) -> Move:
    kind = rng.choice(("turn", "mirror", "shift") if anywhere else ("turn", "mirror"))
    if kind == "turn":
        centre = (rng.randint(-2, 2), rng.randint(-2, 2)) if anywhere else (0, 0)
        return turn_move(rng.choice((90, 180, 270)), centre)
    if kind == "mirror":
        return mirror_move(rng.choice("xy"), rng.randint(-2, 2) if anywhere else 0)
    return shift_move(*rng.choice([(x, y) for x in range(-3, 4) for y in range(-3, 4) if x or y]))


def turn_move(degrees: int, centre: _Point) -> Move:
    """A clockwise rotation."""
    matrix = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[degrees]
    (xx, xy, yx, yy), (x, y) = matrix, centre
    name = format_tuple(centre)
    where, where_zh = ("the origin", "原点") if centre == (0, 0) else (name, f"点 {name} ")
    return Move(
        matrix=matrix,
        offset=(x - xx * x - xy * y, y - yx * x - yy * y),
        en=f"rotated {degrees} degrees clockwise about {where}",
        zh=f"绕{where_zh}顺时针旋转 {degrees} 度",
        tag=f"turn {degrees}",
    )


def mirror_move(axis: str, value: int) -> Move:
    """A reflection in the line x = value or y = value."""
    vertical = axis == "x"
    line = f"the line {axis}={value}" if value else f"the {'y' if vertical else 'x'}-axis"
    line_zh = f"直线 {axis}={value} " if value else f" {'y' if vertical else 'x'} 轴"
    return Move(
        matrix=(-1, 0, 0, 1) if vertical else (1, 0, 0, -1),
        offset=(2 * value, 0) if vertical else (0, 2 * value),
        en=f"reflected in {line}",
        zh=f"沿{line_zh}作轴对称",
        tag=f"mirror {axis}={value}",
    )


def shift_move(x: int, y: int) -> Move:
    """A translation."""
    return Move(
        matrix=(1, 0, 0, 1),
        offset=(x, y),
        en=f"translated by the vector ({x},{y})",
        zh=f"按向量 ({x},{y}) 平移",
        tag=f"shift {x} {y}",
    )


def _follow(moves: Sequence[Move], start: _Point) -> list[_Point]:
    """A point and its images after each move."""
    images = [start]
    for move in moves:
        images.append(move.apply(images[-1]))
    return images


def _order_around(points: Sequence[_Point]) -> list[int] | None:
    """The order of the corners of a star-shaped polygon; None if it would be hard to read.

    Seen from the centre of mass the corners must lie in clearly different directions.
    """
    count = len(points)
    x0, y0 = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    if any(abs(x - x0) + abs(y - y0) < 1 for x, y in points):
        return None
    angles = [math.atan2(y - y0, x - x0) for x, y in points]
    order = sorted(range(count), key=angles.__getitem__)
    ascending = [angles[i] for i in order]
    gaps = [high - low for low, high in pairwise([*ascending, ascending[0] + math.tau])]
    return order if min(gaps) >= _MIN_ANGLE and max(gaps) < 3.1 else None


def _spacious(points: Sequence[_Point], num_fixed: int) -> bool:
    """Whether no free corner crowds another corner."""
    return all(
        max(abs(x - other_x), abs(y - other_y)) >= 2
        for i, (x, y) in enumerate(points)
        for other_x, other_y in points[max(num_fixed, i + 1) :]
    )
