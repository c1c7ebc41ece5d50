"""A map seen from above: list what a viewer on it passes while turning, or sees from left to right.

The reader has to take a perspective other than the picture's own. The viewer is an arrow, or, at
the higher levels, somebody who stands at one letter and faces another.
"""

import math
import random
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image

from data_synth.canvas import Canvas
from data_synth.style import COLORS, Style
from data_synth.tasks.base import Arrangements, Pose, Task, check, format_tuple

_LETTERS = "ABCDEFGHJKLM"
_MIN_GAP = 18.0  # degrees between neighbours
_AHEAD = 75.0  # what is in front lies within this angle of straight ahead, the rest beyond 105
_RADIUS = 44.0
_SPACING = 112.0
_REACH = (185.0, 385.0)
_Answer = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    num_asked: int
    """Letters in the answer."""
    num_behind: int = 0
    """Letters behind the viewer; if any, the question is what is in front, from left to right."""
    landmarks: bool = False
    """The viewer stands at one letter and faces another, instead of being drawn as an arrow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A map of 1000 by 1000 units, y down."""

    viewer: tuple[int, int]
    heading: float
    """Degrees clockwise from up; what the arrow shows."""
    objects: tuple[tuple[str, int, int, str], ...]
    """Letter, x, y, colour; with landmarks the viewer's and the faced letter are among them."""
    arrow: bool
    """Whether the viewer is drawn as an arrow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Params:
    """What the question fixed."""

    config: Config
    letters: str
    """Letters the answer can contain."""
    clockwise: bool
    station: str = ""
    """Letter the viewer stands at."""
    target: str = ""
    """Letter the viewer faces."""


class CircleView(Task[Config]):
    name = "circle_view"
    summary = "order letters on a map as a viewer on it sees them"
    domain = "spatial relation"
    discipline = "perspective taking"
    answer_type = "sequence"
    verifier = "sequence"
    ladder = (
        Config(num_asked=5),
        Config(num_asked=6),
        Config(num_asked=4, num_behind=4),
        Config(num_asked=8, landmarks=True),
        Config(num_asked=5, num_behind=5, landmarks=True),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        total = config.num_asked + config.num_behind
        names = _LETTERS[: total + 2 * config.landmarks]
        station, target = rng.sample(names, 2) if config.landmarks else ("", "")
        params = Params(
            config=config,
            letters="".join(name for name in names if name not in (station, target)),
            clockwise=rng.random() < 0.5,
            station=station,
            target=target,
        )
        return Pose(
            questions=_questions(params),
            answers=Arrangements(params.letters, config.num_asked),
            params=params,
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Scene:
        params: Params = pose.params
        bearings = dict(zip(answer, _asked_bearings(rng, params), strict=True))
        behind = [letter for letter in params.letters if letter not in bearings]
        span = 360 - 2 * (180 - _AHEAD)
        rng.shuffle(behind)
        bearings |= zip(behind, _spread(rng, len(behind), 180 - _AHEAD, span), strict=True)
        viewer = (rng.randint(440, 560), rng.randint(440, 560))
        heading = rng.uniform(0, 360)
        if params.target:
            bearings[params.target] = 0.0
        placed = _place(rng, viewer, heading, bearings)
        if params.station:
            placed[params.station] = viewer
        if params.target:
            x, y = placed[params.target]
            heading = math.degrees(math.atan2(x - viewer[0], viewer[1] - y)) % 360
        colors = sorted(COLORS)
        return Scene(
            viewer=viewer,
            heading=round(heading, 1),
            objects=tuple((name, *placed[name], rng.choice(colors)) for name in sorted(placed)),
            arrow=not params.station,
        )

    def draw(self, scene: Scene, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style)
        canvas.rectangle((12, 12, 988, 988), outline="line", width=4)
        if scene.arrow:
            turn = math.radians(scene.heading)
            ahead, x, y = (math.sin(turn), -math.cos(turn)), *scene.viewer
            outline = [(70, 0), (-46, 44), (-22, 0), (-46, -44)]
            canvas.polygon(
                [
                    (x + a * ahead[0] - b * ahead[1], y + a * ahead[1] + b * ahead[0])
                    for a, b in outline
                ],
                fill="ink",
            )
        for name, x, y, color in scene.objects:
            canvas.circle(x, y, _RADIUS, fill="background", outline=color, width=9)
            canvas.text(x, y, name, size=54)
        return canvas.image()

    def solve(self, pose: Pose, scene: Scene) -> _Answer:
        """Sort by measured bearings; neighbours and borders must be clearly apart."""
        params: Params = pose.params
        bearings = _measure(scene, params)
        in_turn = sorted(bearings, key=bearings.__getitem__)
        angles = sorted(bearings.values())
        assert all(high - low > 12 for low, high in pairwise(angles))
        if not params.config.num_behind:
            # Nobody is to wonder whether the turn starts or ends with a letter straight ahead.
            assert angles[0] >= 8 and angles[-1] <= 352
            return tuple(in_turn if params.clockwise else reversed(in_turn))
        assert not any(80 < angle < 100 or 260 < angle < 280 for angle in angles)
        left = [name for name in in_turn if bearings[name] > 270]
        return (*left, *(name for name in in_turn if bearings[name] < 90))

    def reason(self, pose: Pose, scene: Scene) -> str:
        params: Params = pose.params
        bearings = {name: round(angle) for name, angle in _measure(scene, params).items()}
        answer = self.solve(pose, scene)
        if params.config.num_behind:
            plan = "find what is in front, from left to right"
            steps = [
                f"{name} {_side(bearings[name])}"
                for name in sorted(bearings, key=bearings.__getitem__)
            ]
            views = [f"{name} {(bearings[name] + 180) % 360 - 180}" for name in answer]
        else:
            turn = "clockwise" if params.clockwise else "counterclockwise"
            plan = f"turn {turn} from straight ahead"
            steps = [f"{name} {bearings[name]}" for name in sorted(bearings)]
            views = [
                f"{name} {bearings[name] if params.clockwise else 360 - bearings[name]}"
                for name in answer
            ]
        where = ""
        if params.target:
            spots = {name: (x, y) for name, x, y, _ in scene.objects}
            heading = _bearing(*spots[params.station], *spots[params.target])
            where = f"{params.station} to {params.target} is {round(heading)} from up. "
        return (
            f"plan: {plan}. scan: {where}degrees clockwise: {', '.join(steps)}. "
            f"sorted: {', '.join(views)}. {check(answer)}"
        )

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)


def _questions(params: Params) -> dict[str, list[str]]:
    form = "(A,B,...)"
    if params.station:
        where = f"You stand at {params.station} and face {params.target} on this map."
        where_zh = f"地图上，你站在 {params.station} 处，面向 {params.target}。"
        others = f" Leave out {params.target}."
        others_zh = f"不包括 {params.target}。"
        other = f"On the map, somebody at {params.station} looks straight towards {params.target}."
        other_zh = f"地图上有人站在 {params.station} 处，正对着 {params.target}。"
    else:
        where = "The map shows you as an arrow that points where you look."
        where_zh = "地图上的箭头表示你，箭头所指的方向就是你面对的方向。"
        others = others_zh = ""
        other = "On the map, the dark arrow is a viewer who looks where the arrow points."
        other_zh = "地图上的深色箭头是一名观察者，其视线沿箭头方向。"
    if params.config.num_behind:
        ask = "List the letters in front, from left to right as seen from there."
        ask_zh = "按从那里看到的从左到右的顺序，写出前方的所有字母。"
    else:
        turn = "clockwise (to the right)" if params.clockwise else "counterclockwise (to the left)"
        turn_zh = "顺时针（向右）" if params.clockwise else "逆时针（向左）"
        ask = f"List the letters in the order they come straight ahead during one full turn {turn}."
        ask_zh = f"从当前朝向开始{turn_zh}转一整圈，按依次正对的顺序写出各字母。"
    end, end_zh = f"{others} Answer as {form}.", f"{others_zh}按 {form} 的形式回答。"
    return {
        "en": [f"{where} {ask}{end}", f"{other} {ask}{end}"],
        "zh": [f"{where_zh}{ask_zh}{end_zh}", f"{other_zh}{ask_zh}{end_zh}"],
    }


def _asked_bearings(rng: random.Random, params: Params) -> list[float]:
    """Bearings of the asked letters in the order of the answer, clockwise from straight ahead."""
    count = params.config.num_asked
    if not params.config.num_behind:
        free = _MIN_GAP if params.target else _MIN_GAP / 2
        angles = _spread(rng, count, free, 360 - 2 * free)
        return angles if params.clockwise else angles[::-1]
    if not params.target:
        return [angle % 360 for angle in _spread(rng, count, -_AHEAD, 2 * _AHEAD)]
    num_left = rng.randint(count - 3, 3)
    left = _spread(rng, num_left, 360 - _AHEAD, _AHEAD - _MIN_GAP)
    return [*left, *_spread(rng, count - num_left, _MIN_GAP, _AHEAD - _MIN_GAP)]


def _spread(rng: random.Random, count: int, start: float, span: float) -> list[float]:
    """Ascending random angles from `start` to `start + span`, `_MIN_GAP` or more apart."""
    slack = span - _MIN_GAP * (count - 1)
    return [
        start + offset + _MIN_GAP * i
        for i, offset in enumerate(sorted(rng.uniform(0, slack) for _ in range(count)))
    ]


def _place(
    rng: random.Random, viewer: tuple[int, int], heading: float, bearings: dict[str, float]
) -> dict[str, tuple[int, int]]:
    """A place for every letter on its bearing, no two closer than `_SPACING`.

    The longest distance always fits: a place 385 units out is 119 from any ray 18 degrees away.
    """
    placed: dict[str, tuple[int, int]] = {}
    names = list(bearings)
    rng.shuffle(names)
    for name in names:
        turn = math.radians(heading + bearings[name])
        for attempt in range(12):
            reach = _REACH[1] if attempt == 11 else rng.uniform(*_REACH)
            spot = (
                round(viewer[0] + reach * math.sin(turn)),
                round(viewer[1] - reach * math.cos(turn)),
            )
            if all(math.dist(spot, other) >= _SPACING for other in placed.values()):
                break
        placed[name] = spot
    return placed


def _measure(scene: Scene, params: Params) -> dict[str, float]:
    """Degrees clockwise from straight ahead, in [0, 360), of each letter that may be asked for."""
    spots = {name: (x, y) for name, x, y, _ in scene.objects}
    x, y = spots.get(params.station, scene.viewer)
    heading = scene.heading
    if params.target:
        heading = _bearing(x, y, *spots[params.target])
    return {name: (_bearing(x, y, *spots[name]) - heading) % 360 for name in params.letters}


def _bearing(x: float, y: float, other_x: float, other_y: float) -> float:
    """Clockwise from up, by the complex argument."""
    return math.degrees(math.atan2(other_x - x, y - other_y)) % 360


def _side(angle: int) -> str:
    """`54 front` or `150 behind`."""
    return f"{angle} {'front' if angle < 90 or angle > 270 else 'behind'}"
