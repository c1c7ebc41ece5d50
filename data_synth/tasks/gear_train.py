"""A train of meshed gears, and belts between hubs on their shafts: how fast does the last one turn?

Meshed gears turn opposite ways, speeds inverse to the numbers of teeth. An open belt keeps the
sense of rotation, a crossed one reverses it; speeds are inverse to the hubs' diameters.
"""

import cmath
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from data_synth.canvas import Canvas
from data_synth.style import Style
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple

_TEETH = (12, 14, 15, 16, 18, 20, 21, 24, 25, 27, 28, 30, 32, 36)
_BELTED_TEETH = (28, 30, 32, 35, 36, 40, 42, 45, 48)  # gears with room for a hub
_HUBS = (15, 16, 18, 20, 24, 25, 30)
_MAX_SPEED = 2000
_UNIT = 4.2  # radius of a gear per tooth, before the picture is scaled
_HUB_UNIT = 3.9  # drawn diameter of a hub per unit of its diameter
_GAP = 34.0  # between gears that do not mesh
_BELT_SLACK = 60.0  # between the rims of gears that a belt links
_LAYOUTS = 5
_ANGLES = 6
_GOOD_SCALE = 0.9
_MAX_SCALE = 1.9
_HEADING = 100.0  # height of the heading on the canvas
_MARGIN = 24.0
_RIM_TURN = 0.09  # of a tooth's pitch: width of the outline along its flanks
_NAMES = "ABCDEFGH"
_SENSES = ("cw", "ccw")

_Point = tuple[float, float]
_Answer = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Gear:
    """A gear, the hub on its shaft and where they are on the canvas."""

    teeth: int
    hub: int
    """Diameter of the hub, 0 if the shaft has none."""
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Scene:
    """Gears A, B, ... in the order of the train; each one drives the next."""

    gears: tuple[Gear, ...]
    links: tuple[str, ...]
    """How each gear drives the next: `mesh`, `open` or `crossed`."""
    speed: int
    """Revolutions of A per minute."""
    sense: str
    """Sense of rotation of A: `cw` or `ccw`."""
    scale: float
    """Size of the drawing: canvas units per unit of length."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    num_gears: int
    num_belts: int
    max_speed: int
    """Greatest speed of the last gear."""


class GearTrain(Task[Config]):
    name = "gear_train"
    summary = "speed and sense of rotation of the last gear of a train"
    domain = "physics"
    discipline = "mechanics"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = tuple(
        Config(num_gears=num_gears, num_belts=num_belts, max_speed=max_speed)
        for num_gears, num_belts, max_speed in (
            (2, 0, 40),
            (3, 0, 60),
            (4, 1, 90),
            (5, 2, 120),
            (6, 2, 150),
        )
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        last = _NAMES[config.num_gears - 1]
        return Pose(
            questions={
                "en": (
                    "Gear A turns as the arrow says; numbers on gears are teeth, numbers in hubs "
                    f"are diameters. How fast (rpm) and which way does gear {last} turn? Answer as "
                    "(rpm,cw) or (rpm,ccw).",
                    f"Give the speed of gear {last} in rpm and its sense of rotation, cw for "
                    "clockwise or ccw: (rpm,sense). Rims show numbers of teeth, hubs diameters.",
                ),
                "zh": (
                    "齿轮 A 按箭头转动。齿轮上的数是齿数，轮毂里的数是直径。"
                    f"齿轮 {last} 的转速（rpm）和转向是什么？按 (转速,cw) 或 (转速,ccw) 作答，"
                    "cw 为顺时针，ccw 为逆时针。",
                    f"求齿轮 {last} 每分钟的转数和转向，写成 (转速,转向)，顺时针写 cw，逆时针写 "
                    "ccw。齿轮上标的是齿数，轮毂里标的是直径。",
                ),
            },
            answers=Product([range(2, config.max_speed + 1), _SENSES]),
            params=config,
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Scene:
        config: Config = pose.params
        links = ["mesh"] * (config.num_gears - 1)
        # No two belts meet on a shaft: a shaft has one hub.
        starts = _apart(rng, len(links), config.num_belts)
        for start in starts:
            links[start] = rng.choice(("open", "crossed"))
        sizes = _BELTED_TEETH if starts else _TEETH
        speed, sense = answer
        hubs = [0] * config.num_gears
        teeth = [rng.choice([size for size in sizes if _drivers(speed, size, sizes)] or sizes)]
        # From the last gear back to A, every speed on the way a whole number.
        for i in reversed(range(len(links))):
            if links[i] == "mesh":
                fitting = _drivers(speed, teeth[0], sizes)
                # A size used before might undo what the train did so far.
                fresh = [size for size in fitting if size not in teeth]
                driver = rng.choice(fresh or fitting or [teeth[0]])
                speed = speed * teeth[0] // driver
                teeth.insert(0, driver)
            else:
                hubs[i], hubs[i + 1] = rng.choice(
                    [(a, b) for b in _HUBS for a in _drivers(speed, b, _HUBS)] or [(15, 15)]
                )
                speed = speed * hubs[i + 1] // hubs[i]
                teeth.insert(0, rng.choice(sizes))
            sense = _turned(sense, links[i])
        centres, scale = _lay_out(rng, teeth, links)
        gears = tuple(
            Gear(count, hub, round(x, 1), round(y, 1))
            for count, hub, (x, y) in zip(teeth, hubs, centres, strict=True)
        )
        return Scene(gears, tuple(links), speed, sense, round(scale, 4))

    def draw(self, scene: Scene, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style)
        _draw_speed(canvas, scene)
        phase = 0.0
        for i, gear in enumerate(scene.gears):
            _draw_gear(canvas, scene, i, phase)
            if i + 1 < len(scene.gears):
                phase = _next_phase(gear, scene.gears[i + 1], phase)
        for gear, after, link in zip(scene.gears, scene.gears[1:], scene.links, strict=False):
            if link != "mesh":
                _draw_belt(canvas, scene, (gear, after), crossed=link == "crossed")
        for i, gear in enumerate(scene.gears):
            _draw_labels(canvas, scene, i, gear)
        return canvas.image()

    def solve(self, pose: Pose, scene: Scene) -> _Answer:
        """One fraction for the whole train; an odd number of reversals turns the sense."""
        up, down, reversals = scene.speed, 1, 0
        for gear, after, link in zip(scene.gears, scene.gears[1:], scene.links, strict=False):
            meshed = link == "mesh"
            up *= gear.teeth if meshed else gear.hub
            down *= after.teeth if meshed else after.hub
            reversals += link != "open"
        assert up % down == 0, "the speed is whole"
        return up // down, _SENSES[(_SENSES.index(scene.sense) + reversals) % 2]

    def reason(self, pose: Pose, scene: Scene) -> str:
        speed, sense = scene.speed, scene.sense
        steps = [f"A {speed} {sense}."]
        pairs = zip(scene.gears, scene.gears[1:], scene.links, strict=False)
        for i, (gear, after, link) in enumerate(pairs):
            driver, driven = (gear.teeth, after.teeth) if link == "mesh" else (gear.hub, after.hub)
            result, sense = speed * driver // driven, _turned(sense, link)
            names = f"{_NAMES[i]} {_NAMES[i + 1]}"
            steps.append(f"{names} {link} {speed} x {driver} / {driven} = {result} {sense}.")
            speed = result
        return f"plan: train. scan: {' '.join(steps)} {check([speed, sense])}"

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)


def _turned(sense: str, link: str) -> str:
    """The sense of rotation on the other end of a link."""
    return sense if link == "open" else _SENSES[1 - _SENSES.index(sense)]


def _apart(rng: random.Random, num_links: int, num_belts: int) -> list[int]:
    """Links that are belts, no two of them neighbours."""
    places = sorted(rng.sample(range(num_links - num_belts + 1), num_belts))
    return [place + i for i, place in enumerate(places)]


def _drivers(speed: int, driven: int, sizes: Sequence[int]) -> list[int]:
    """Sizes of the driver, other than the driven one's, that make its speed a whole number."""
    moment = speed * driven
    return [
        size
        for size in sizes
        if size != driven and moment % size == 0 and 2 <= moment // size <= _MAX_SPEED
    ]


def _lay_out(
    rng: random.Random, teeth: Sequence[int], links: Sequence[str]
) -> tuple[list[_Point], float]:
    """Centres on the canvas and the scale that fills it; the largest of a few random layouts."""
    radii = [count * _UNIT for count in teeth]
    best: tuple[float, list[_Point]] = (0.0, [])
    for _ in range(_LAYOUTS):
        centres = _place(rng, radii, links)
        scale = _fit(centres, radii)[0]
        if scale > best[0]:
            best = (scale, centres)
        if scale >= _GOOD_SCALE:
            break
    scale, left, top = _fit(best[1], radii)
    return [((x - left) * scale, (y - top) * scale) for x, y in best[1]], scale


def _place(rng: random.Random, radii: Sequence[float], links: Sequence[str]) -> list[_Point]:
    """Centres of gears placed one after the other without overlap; y points down."""
    centres = [(0.0, 0.0)]
    while len(centres) < len(radii):
        i = len(centres)
        (x, y), radius = centres[-1], radii[i]
        reach = radii[i - 1] + radius + (0.0 if links[i - 1] == "mesh" else _BELT_SLACK)
        options: list[tuple[float, _Point]] = []
        for _ in range(_ANGLES):
            angle = rng.random() * math.tau
            at = (x + reach * math.cos(angle), y + reach * math.sin(angle))
            if _is_free(at, radii, centres, links):
                options.append((_fit([*centres, at], radii)[0], at))
        if not options:
            centres = centres[:1]
            continue
        # Two free places compared are enough to keep trains compact.
        centres.append(max(options[:2])[1])
    return centres


def _is_free(
    at: _Point, radii: Sequence[float], centres: Sequence[_Point], links: Sequence[str]
) -> bool:
    """Whether the next gear keeps clear of the others but its driver, and belts of all gears."""
    i = len(centres)
    radius = radii[i]
    for j in range(i - 1):
        if math.dist(at, centres[j]) < radius + radii[j] + _GAP:
            return False
        if links[j] != "mesh" and _distance(at, centres[j], centres[j + 1]) < radius + _GAP:
            return False
    return links[i - 1] == "mesh" or all(
        _distance(centres[j], centres[-1], at) >= radii[j] + _GAP for j in range(i - 1)
    )


def _distance(point: _Point, start: _Point, end: _Point) -> float:
    """From a point to the middle line of a belt's hub, a hub's radius subtracted."""
    (x, y), (x1, y1), (x2, y2) = point, start, end
    dx, dy = x2 - x1, y2 - y1
    along = min(1.0, max(0.0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)))
    return math.hypot(x - x1 - along * dx, y - y1 - along * dy) - _HUBS[-1] * _HUB_UNIT / 2


def _fit(centres: Sequence[_Point], radii: Sequence[float]) -> tuple[float, float, float]:
    """Scale and offsets (left, top) that bring placed gears onto the canvas, below the heading."""
    left = min(x - r for (x, _), r in zip(centres, radii, strict=False)) - _MARGIN
    right = max(x + r for (x, _), r in zip(centres, radii, strict=False)) + _MARGIN
    top = min(y - r for (_, y), r in zip(centres, radii, strict=False)) - _MARGIN
    bottom = max(y + r for (_, y), r in zip(centres, radii, strict=False)) + _MARGIN
    scale = min(_MAX_SCALE, 1000 / (right - left), (1000 - _HEADING) / (bottom - top))
    spare_x = (1000 / scale - (right - left)) / 2
    spare_y = ((1000 - _HEADING) / scale - (bottom - top)) / 2
    return scale, left - spare_x, top - spare_y - _HEADING / scale


def _next_phase(gear: Gear, after: Gear, phase: float) -> float:
    """Angle of a tooth of the next gear such that its teeth fall into this one's gaps."""
    contact = math.atan2(after.y - gear.y, after.x - gear.x)
    into = (contact - phase) / (math.tau / gear.teeth)
    return contact + math.pi - (0.5 - into) * math.tau / after.teeth


def _draw_speed(canvas: Canvas, scene: Scene) -> None:
    """The heading: a circular arrow and the speed of A."""
    x, y, radius = 62, 52, 32
    canvas.arc(x, y, radius, (-60, 200), color="red", width=9)
    degrees, turn = (200, 1) if scene.sense == "cw" else (-60, -1)
    angle = math.radians(degrees)
    foot = (x + radius * math.cos(angle), y + radius * math.sin(angle))
    along = (-turn * math.sin(angle), turn * math.cos(angle))
    tip = (foot[0] + 26 * along[0], foot[1] + 26 * along[1])
    canvas.arrow(foot, tip, color="red", width=1, head=28)
    canvas.text(118, y, f"A: {scene.speed} rpm", size=48, anchor="lm")


def _draw_gear(canvas: Canvas, scene: Scene, i: int, phase: float) -> None:
    gear = scene.gears[i]
    tint = {0: "green", len(scene.gears) - 1: "red"}.get(i, "blue")
    # A wheel on a slightly larger dark one: far quicker than an outline along every tooth.
    canvas.polygon(_wheel(gear, scene.scale, phase, rim=2.5), fill="ink")
    canvas.polygon(_wheel(gear, scene.scale, phase, rim=0.0), fill=_mixed(canvas, tint))


def _wheel(gear: Gear, scale: float, phase: float, *, rim: float) -> list[_Point]:
    """The outline of a gear, `rim` units outside its true one."""
    radius, tooth = gear.teeth * _UNIT * scale + rim, 6.5 * scale
    turn, centre = cmath.rect(1, phase), complex(gear.x, gear.y)
    corners = [
        centre + (radius + tooth * out) * turn * unit
        for unit, out in _teeth(gear.teeth, _RIM_TURN if rim else 0.0)
    ]
    return [(corner.real, corner.imag) for corner in corners]


@lru_cache(maxsize=64)
def _teeth(count: int, wider: float) -> list[tuple[complex, int]]:
    """Directions of the corners of a wheel's teeth, and whether they are out (1) or in (-1)."""
    return [
        (cmath.rect(1, (k + part) * math.tau / count), out)
        for k in range(count)
        for part, out in (
            (-0.34 - wider, -1),
            (-0.17 - wider, 1),
            (0.17 + wider, 1),
            (0.34 + wider, -1),
        )
    ]


def _mixed(canvas: Canvas, color: str) -> tuple[int, int, int]:
    """A pale tint of a colour."""
    red, green, blue = (
        round(0.82 * low + 0.18 * high)
        for low, high in zip(canvas.style.background, canvas.color(color), strict=True)
    )
    return red, green, blue


def _draw_belt(canvas: Canvas, scene: Scene, ends: tuple[Gear, Gear], *, crossed: bool) -> None:
    """The two straight parts of a belt, tangents of both hubs."""
    first, second = ends
    near, far = (gear.hub * _HUB_UNIT / 2 * scene.scale for gear in ends)
    middle = math.atan2(second.y - first.y, second.x - first.x)
    gap = math.dist((first.x, first.y), (second.x, second.y))
    turn = math.acos((near + far if crossed else near - far) / gap)
    for side in (1, -1):
        angle = middle + side * turn
        other = angle + math.pi if crossed else angle
        canvas.line(
            [
                (first.x + near * math.cos(angle), first.y + near * math.sin(angle)),
                (second.x + far * math.cos(other), second.y + far * math.sin(other)),
            ],
            color="purple",
            width=6,
        )


def _text_size(room: float) -> int:
    """One of four sizes: a typeface is loaded anew for each."""
    return min(48, max(24, 8 * int(room // 8)))


def _draw_labels(canvas: Canvas, scene: Scene, i: int, gear: Gear) -> None:
    """Name and teeth in the middle, or on either side of the belt if there is a hub."""
    radius, hub = gear.teeth * _UNIT * scene.scale, gear.hub * _HUB_UNIT / 2 * scene.scale
    if not hub:
        size = _text_size(radius * 0.62)
        canvas.text(gear.x, gear.y - size * 0.52, _NAMES[i], size=size, color="blue")
        canvas.text(gear.x, gear.y + size * 0.52, str(gear.teeth), size=size)
        return
    canvas.circle(gear.x, gear.y, hub, fill="background", outline="purple", width=4)
    canvas.text(gear.x, gear.y, str(gear.hub), size=_text_size(hub * 1.25), color="purple")
    belted = scene.gears[i + 1 if i < len(scene.links) and scene.links[i] != "mesh" else i - 1]
    along = math.atan2(belted.y - gear.y, belted.x - gear.x)
    reach, size = (hub + radius) / 2, _text_size((radius - hub) * 0.62)
    dx, dy = -reach * math.sin(along), reach * math.cos(along)
    canvas.text(gear.x + dx, gear.y + dy, _NAMES[i], size=size, color="blue")
    canvas.text(gear.x - dx, gear.y - dy, str(gear.teeth), size=size)
