"""A mobile of balanced rods: weights hang at marked distances from the pivots, some are unknown.

Each rod carries one unknown weight, and all rods but the lowest carry the next rod as well, so the
weights follow from each other from the bottom up.
"""

import random
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise

from PIL import Image

from data_synth.canvas import Canvas
from data_synth.style import Style
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple, list_words

_UNKNOWNS = "xyzw"
_MAX_WEIGHT = 99  # of a known weight
_MAX_SHIFT = 2  # marks from the middle to any rod's pivot
_STEP = 54.0  # between marks, on the canvas
_DROP = 242.0  # from rod to rod
_STRING, _BOX = 50.0, 72.0

_Answer = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rod:
    """A rod and what hangs from it: (distance from the pivot, content), left distances negative."""

    items: tuple[tuple[int, int | str], ...]
    """Contents are known weights, names of unknown ones, or `rod` for the next rod."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Rods from the top down; each hangs from the one before."""

    rods: tuple[Rod, ...]
    reach: int
    """Marks on either side of each pivot."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    num_rods: int
    num_known: int
    """Known weights on each rod."""
    reach: int
    """Marks on either side of a pivot."""
    max_weight: int
    """Greatest unknown weight."""


class LeverBalance(Task[Config]):
    name = "lever_balance"
    summary = "unknown weights on the balanced rods of a mobile"
    domain = "physics"
    discipline = "mechanics"
    answer_type = "sequence"
    verifier = "sequence"
    ladder = tuple(
        Config(num_rods=num_rods, num_known=num_known, reach=reach, max_weight=max_weight)
        for num_rods, num_known, reach, max_weight in (
            (1, 2, 5, 50),
            (1, 4, 6, 60),
            (2, 2, 6, 40),
            (3, 2, 6, 40),
            (4, 3, 6, 40),
        )
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        names = _UNKNOWNS[: config.num_rods]
        wanted = list_words(names)
        form = names if len(names) == 1 else format_tuple(names)
        return Pose(
            questions={
                "en": (
                    f"Every rod is balanced; marks are evenly spaced, rods and strings weigh "
                    f"nothing, numbers are kg. Find {wanted} in kg. Answer as {form}.",
                    f"The mobile hangs still, each rod level on its pivot. The boxes show "
                    f"kilograms and everything else is weightless. Give {form}, in kg.",
                ),
                "zh": (
                    "每根杆都平衡，刻度间距相等，杆和绳的重量不计，数字的单位是千克。求 "
                    f"{'、'.join(names)}（千克），按 {form} 作答。",
                    f"装置静止，每根杆都水平。方块上的数是千克数，其余部分没有重量。写出 {form}"
                    "（单位：千克）。",
                ),
            },
            answers=Product([range(2, config.max_weight + 1)] * config.num_rods),
            params=config,
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Scene:
        config: Config = pose.params
        while True:
            rods: list[Rod] = []
            hanging = 0
            for name, weight in reversed(list(zip(_UNKNOWNS, answer, strict=False))):
                rod, hanging = _sample_rod(rng, config, (name, weight), hanging)
                rods.insert(0, rod)
            scene = Scene(tuple(rods), config.reach)
            if all(abs(shift) <= _MAX_SHIFT for shift in _pivots(scene)):
                return scene

    def draw(self, scene: Scene, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style)
        # A single rod is drawn as large as its boxes fit; the mobile stands in the middle.
        zoom = min(1.4, 490 / (scene.reach * _STEP + _BOX / 2)) if len(scene.rods) == 1 else 1.0
        step, drop = _STEP * zoom, _DROP * zoom
        first = 500 - ((len(scene.rods) - 1) * drop + (_STRING + _BOX) * zoom - 80) / 2
        y = first - 80
        canvas.line([(340, y), (660, y)], width=16)
        for x in range(360, 680, 40):
            canvas.line([(x - 20, y), (x, y - 20)], width=4)
        for level, (rod, shift) in enumerate(zip(scene.rods, _pivots(scene), strict=True)):
            pivot, top = 500 + shift * step, y
            y = first + level * drop
            canvas.line([(pivot, top), (pivot, y)], width=6)
            half = scene.reach * step
            canvas.line([(pivot - half, y), (pivot + half, y)], width=11)
            for mark in range(-scene.reach, scene.reach + 1):
                x_mark = pivot + mark * step
                canvas.line([(x_mark, y - 15), (x_mark, y + 15)], width=6)
            canvas.circle(pivot, y, 17, fill="red")
            for distance, content in rod.items:
                if content != "rod":
                    _draw_box(canvas, (pivot + distance * step, y), str(content), zoom)
        return canvas.image()

    def solve(self, pose: Pose, scene: Scene) -> _Answer:
        """One linear equation a rod over weights and totals, eliminated from the lowest rod up."""
        values: list[int] = []
        total = 0
        for rod in reversed(scene.rods):
            moment, arm, weights = 0, 0, 0
            for distance, content in rod.items:
                if content == "rod":
                    moment += distance * total
                    weights += total
                elif isinstance(content, int):
                    moment += distance * content
                    weights += content
                else:
                    arm += distance
            assert arm and moment % arm == 0, "one whole weight balances the rod"
            values.insert(0, -moment // arm)
            total = weights + values[0]
        return tuple(values)

    def reason(self, pose: Pose, scene: Scene) -> str:
        values = dict(zip(_UNKNOWNS, self.solve(pose, scene), strict=False))
        steps: list[str] = []
        total = 0
        for i in reversed(range(len(scene.rods))):
            items = scene.rods[i].items
            weights = [
                (distance, total if content == "rod" else content) for distance, content in items
            ]
            sides = {
                side: " + ".join(
                    f"{weight} x {abs(distance)}"
                    for distance, weight in weights
                    if (distance < 0) == (side == "left")
                )
                for side in ("left", "right")
            }
            name = _UNKNOWNS[i]
            total = sum(values[w] if isinstance(w, str) else w for _, w in weights)
            steps.append(
                f"rod {i + 1} left {sides['left']}, right {sides['right']}: {name} = "
                f"{values[name]}, total {total}."
            )
        return f"plan: moments. scan: {' '.join(steps)} {check(list(values.values()))}"

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer) if len(answer) > 1 else str(answer[0])


def _pivots(scene: Scene) -> list[int]:
    """Marks between the top rod's pivot and each rod's."""
    shifts = [0]
    for rod in scene.rods[:-1]:
        shifts += [shifts[-1] + distance for distance, content in rod.items if content == "rod"]
    return shifts


def _sample_rod(
    rng: random.Random, config: Config, unknown: tuple[str, int], hanging: int
) -> tuple[Rod, int]:
    """A balanced rod that carries an unknown weight and `hanging` on the next rod; its total."""
    name, weight = unknown
    places = _spread_marks(config.reach, config.num_known + (2 if hanging else 1))
    while True:
        marks = list(places[int(rng.random() * len(places))])
        rng.shuffle(marks)
        moment = marks[0] * weight
        items: list[tuple[int, int | str]] = [(marks[0], name)]
        if hanging:
            if abs(marks[1]) > _MAX_SHIFT:
                continue
            moment += marks[1] * hanging
            items.append((marks[1], "rod"))
        total = weight + hanging
        for mark in marks[len(items) : -1]:
            known = rng.randint(1, _MAX_WEIGHT)
            moment += mark * known
            total += known
            items.append((mark, known))
        last, remainder = divmod(-moment, marks[-1])
        if remainder == 0 and 1 <= last <= _MAX_WEIGHT:
            items.append((marks[-1], last))
            return Rod(tuple(sorted(items, key=lambda item: item[0]))), total + last


@lru_cache(maxsize=32)
def _spread_marks(reach: int, count: int) -> list[tuple[int, ...]]:
    """Sets of marks, the pivot excluded, with free ones between them: boxes do not touch."""
    marks = [mark for mark in range(-reach, reach + 1) if mark]
    return [
        chosen
        for chosen in combinations(marks, count)
        if all(after - mark > 1 for mark, after in pairwise(chosen))
    ]


def _draw_box(canvas: Canvas, hook: tuple[float, float], content: str, zoom: float) -> None:
    """A string and a box with its weight."""
    x, y = hook
    top, half = y + _STRING * zoom, _BOX * zoom / 2
    canvas.line([(x, y), (x, top)], width=5)
    unknown = content in _UNKNOWNS
    canvas.rectangle(
        (x - half, top, x + half, top + 2 * half),
        fill="blue" if unknown else "background",
        outline="ink",
        width=5,
    )
    color = "background" if unknown else "ink"
    canvas.text(x, top + half, content, size=46 * zoom, color=color)
