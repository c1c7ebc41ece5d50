"""A figure of dots grows from stage to stage: how many dots has a later stage?

The rules are the figurate numbers of school books: columns that grow by one dot, triangles and
squares, and dots that stay. The question names the stage; the figure is chosen from the answer.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from PIL import Image

from data_synth.canvas import Canvas
from data_synth.style import COLORS, Style
from data_synth.tasks.base import (
    Pose,
    Product,
    Task,
    check,
    format_tuple,
    list_colors_zh,
)

_DRAWN = 4  # stages; the third may be left out
_GAP = 0.5  # columns between the parts of a figure
_BAND_ROWS = 2  # rows below the figure for the dots that stay
_BAND_COLUMNS = 9
_Answer = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    num_colors: int
    """Colours that are counted apart: 1 or 2."""
    num_blocks: int
    """How many of the colours grow quadratically: they have a triangle or a square."""
    max_columns: int
    """Most columns of one colour that grow by one dot a stage."""
    max_fixed: int
    """Most dots of one colour that stay the same."""
    skip: bool = False
    """Stage 3 is not shown."""
    total: bool = False
    """The last colour is asked for all stages together."""
    distractors: bool = False
    """Dots of another colour that is not asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Growth:
    """How one colour grows: block(n) + columns * n + fixed dots at stage n."""

    block: str
    """`triangle` (n (n + 1) / 2 dots), `square` (n * n) or none."""
    columns: int
    fixed: int

    def count(self, stage: int) -> int:
        """Dots at a stage."""
        block = {"": 0, "triangle": stage * (stage + 1) // 2, "square": stage * stage}[self.block]
        return block + self.columns * stage + self.fixed


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """What the panels show."""

    stages: tuple[int, ...]
    dots: tuple[tuple[tuple[float, float, str], ...], ...]
    """Dots of each stage: column and row (down) on the panel's lattice, colour."""
    columns: float
    """Width of the lattice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Params:
    """What the question and the configuration fixed."""

    config: Config
    colors: tuple[str, ...]
    stage: int


class FigureSequence(Task[Config]):
    name = "figure_sequence"
    summary = "count the dots of a later stage of a growing figure"
    domain = "geometric pattern"
    discipline = "sequences"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = (
        Config(num_colors=1, num_blocks=0, max_columns=7, max_fixed=9),
        Config(num_colors=1, num_blocks=1, max_columns=4, max_fixed=8),
        Config(num_colors=2, num_blocks=0, max_columns=4, max_fixed=5, distractors=True),
        Config(num_colors=2, num_blocks=1, max_columns=3, max_fixed=6, skip=True, distractors=True),
        Config(
            num_colors=2,
            num_blocks=2,
            max_columns=2,
            max_fixed=6,
            skip=True,
            total=True,
            distractors=True,
        ),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        params = Params(
            config=config,
            colors=tuple(rng.sample(sorted(COLORS), config.num_colors)),
            stage=rng.randint(10, 16),
        )
        return Pose(
            questions=_questions(params),
            answers=Product([list(_growths(params, i)) for i in range(config.num_colors)]),
            params=params,
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Scene:
        params: Params = pose.params
        growths = {
            color: rng.choice(_growths(params, i)[count])
            for i, (color, count) in enumerate(zip(params.colors, answer, strict=True))
        }
        if params.config.distractors:
            other = rng.choice([color for color in sorted(COLORS) if color not in params.colors])
            growths[other] = Growth(block="", columns=1, fixed=rng.randint(1, 3))
        stages = (1, 2, 4) if params.config.skip else (1, 2, 3, 4)
        parts, columns = _arrange(rng, growths)
        fixed = _scatter(rng, growths, max(_BAND_COLUMNS, int(columns)))
        return Scene(
            stages=stages,
            dots=tuple((*_grow(parts, stage), *fixed) for stage in stages),
            columns=max(columns, _BAND_COLUMNS),
        )

    def draw(self, scene: Scene, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style)
        rows = _DRAWN + _BAND_ROWS + _GAP
        pitch = min(455 / scene.columns, 390 / rows)
        for place, (stage, dots) in enumerate(zip(scene.stages, scene.dots, strict=True)):
            row, column = divmod(place, 2)
            left, top = 10 + 490 * column, 10 + 490 * row
            canvas.rectangle((left, top, left + 490, top + 490), outline="line", width=4)
            canvas.text(left + 245, top + 42, f"Stage {stage}", size=44)
            x0 = left + 245 - pitch * scene.columns / 2
            y0 = top + 80 + (390 - pitch * rows) / 2
            for x, y, color in dots:
                canvas.stamp(
                    "circle",
                    x0 + (x + 0.5) * pitch,
                    y0 + (y + 0.5) * pitch,
                    pitch * 1.1,
                    color=color,
                )
        return canvas.image()

    def solve(self, pose: Pose, scene: Scene) -> _Answer:
        """Count the dots drawn and extend each count by Lagrange's formula."""
        params: Params = pose.params
        answer = []
        for i, color in enumerate(params.colors):
            counts = [sum(dot[2] == color for dot in dots) for dots in scene.dots]
            known = list(zip(scene.stages, counts, strict=True))
            # Three stages fix the rule; a fourth must confirm it.
            assert all(_extend(known[:3], stage) == count for stage, count in known)
            first = 1 if _is_total(params, i) else params.stage
            answer.append(sum(_extend(known[:3], k) for k in range(first, params.stage + 1)))
        return tuple(answer)

    def reason(self, pose: Pose, scene: Scene) -> str:
        params: Params = pose.params
        steps = []
        for i, color in enumerate(params.colors):
            counts = [sum(dot[2] == color for dot in dots) for dots in scene.dots]
            known = list(zip(scene.stages, counts, strict=True))
            row = [_extend(known[:3], stage) for stage in range(1, params.stage + 1)]
            step = row[1] - row[0]
            change = row[2] - row[1] - step
            shown = " ".join(
                str(count) if stage in scene.stages else "-"
                for stage, count in enumerate(row[:_DRAWN], start=1)
            )
            grows = f", {change} more each time" if change else ""
            end = f", sum {sum(row)}" if _is_total(params, i) else ""
            steps.append(f"{color} {shown} : step {step}{grows} : {' '.join(map(str, row))}{end}.")
        return f"plan: count and extend. scan: {' '.join(steps)} {check(self.solve(pose, scene))}"

    def format(self, answer: _Answer) -> str:
        return str(answer[0]) if len(answer) == 1 else format_tuple(answer)


def _is_total(params: Params, place: int) -> bool:
    return params.config.total and place == params.config.num_colors - 1


@lru_cache(maxsize=256)
def _tabulate(
    block: bool, max_columns: int, max_fixed: int, stage: int, total: bool
) -> dict[int, list[Growth]]:
    """Every answer for one colour, ascending, with the growths that lead to it."""
    table: dict[int, list[Growth]] = {}
    for kind in ("triangle", "square") if block else ("",):
        for columns in range(0 if block else 1, max_columns + 1):
            for fixed in range(max_fixed + 1):
                growth = Growth(block=kind, columns=columns, fixed=fixed)
                stages = range(1 if total else stage, stage + 1)
                table.setdefault(sum(map(growth.count, stages)), []).append(growth)
    return dict(sorted(table.items()))


def _growths(params: Params, place: int) -> dict[int, list[Growth]]:
    config = params.config
    return _tabulate(
        place < config.num_blocks,
        config.max_columns,
        config.max_fixed,
        params.stage,
        _is_total(params, place),
    )


def _arrange(
    rng: random.Random, growths: dict[str, Growth]
) -> tuple[list[tuple[str, str, float, bool]], float]:
    """The growing parts in random order: kind, colour, left edge, mirrored; and their width."""
    parts = [
        (kind, color)
        for color, growth in growths.items()
        for kind in [growth.block] * bool(growth.block) + ["column"] * growth.columns
    ]
    rng.shuffle(parts)
    placed = []
    left = 0.0
    for kind, color in parts:
        placed.append((kind, color, left, rng.random() < 0.5))
        left += (1 if kind == "column" else _DRAWN) + _GAP
    return placed, left - _GAP


def _grow(
    parts: Sequence[tuple[str, str, float, bool]], stage: int
) -> list[tuple[float, float, str]]:
    """Dots of the growing parts at a stage; they stand on row 3."""
    dots = []
    for kind, color, left, mirrored in parts:
        width = 1 if kind == "column" else stage
        for i in range(width):
            x = left + (_DRAWN - 1 - i if mirrored and kind != "column" else i)
            height = i + 1 if kind == "triangle" else stage
            dots += [(x, float(_DRAWN - 1 - level), color) for level in range(height)]
    return dots


def _scatter(
    rng: random.Random, growths: dict[str, Growth], columns: int
) -> list[tuple[float, float, str]]:
    """The dots that stay, at random places of the band below."""
    colors = [color for color, growth in growths.items() for _ in range(growth.fixed)]
    places = rng.sample(range(columns * _BAND_ROWS), len(colors))
    return [
        (float(place % columns), _DRAWN + _GAP + place // columns, color)
        for place, color in sorted(zip(places, colors, strict=True))
    ]


def _extend(known: Sequence[tuple[int, int]], stage: int) -> int:
    """The polynomial through the known points at another stage, an integer."""
    value = Fraction(0)
    for at, count in known:
        term = Fraction(count)
        for other, _ in known:
            if other != at:
                term *= Fraction(stage - other, at - other)
        value += term
    assert value.denominator == 1
    return int(value)


def _questions(params: Params) -> dict[str, list[str]]:
    stage = params.stage
    intro = (
        "The figure grows by the same rule at every stage.",
        "The picture shows the first stages of a growing figure; the rule stays the same.",
    )
    intro_zh = ("图形按同一规律逐级增长。", "图中是一个按固定规律增长的图形的前几级 (Stage)。")
    if len(params.colors) == 1:
        ask = f"How many {params.colors[0]} dots does stage {stage} have? Answer with a number."
        ask_zh = f"第 {stage} 级中有多少个{list_colors_zh(params.colors)}的点？用一个数字回答。"
    else:
        first, second = params.colors
        form = format_tuple(params.colors)
        zh_first, zh_second = list_colors_zh([first]), list_colors_zh([second])
        if params.config.total:
            ask = (
                f"How many {first} dots does stage {stage} have, and how many {second} dots do "
                f"stages 1 to {stage} have altogether? Answer as {form}."
            )
            ask_zh = (
                f"第 {stage} 级中有多少个{zh_first}的点？第 1 级到第 {stage} 级总共有多少个"
                f"{zh_second}的点？按 {form} 的顺序回答。"
            )
        else:
            ask = (
                f"How many {first} dots and how many {second} dots does stage {stage} have? "
                f"Answer as {form}."
            )
            ask_zh = f"第 {stage} 级中{zh_first}和{zh_second}的点各有多少个？按 {form} 的顺序回答。"
    return {
        "en": [f"{text} {ask}" for text in intro],
        "zh": [f"{text}{ask_zh}" for text in intro_zh],
    }
