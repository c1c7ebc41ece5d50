"""Bar, line and stacked charts: values, differences and totals read against the axis."""

import random
from dataclasses import dataclass

from PIL import Image

from data_synth.canvas import Canvas
from data_synth.style import COLORS, Style
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple, list_words

_ASPECT = 0.8
_LEFT, _TOP, _RIGHT, _BOTTOM = 90.0, 110.0, 970.0, 700.0
_CATEGORIES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug")
_SERIES = ("tea", "milk", "juice", "cocoa", "water")
_COLORS = tuple(color for color in COLORS if color != "black")
_Answer = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    ask: str
    """`values` of one series, `differences` of two, or `totals` of all."""
    num_asked: int
    """Categories that are asked for."""
    num_categories: int
    num_series: int
    max_value: int
    tick: int
    """Distance of the grid lines."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Values by series and category, and the kind of drawing."""

    kind: str
    categories: tuple[str, ...]
    series: tuple[str, ...]
    colors: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]
    top: int
    tick: int


class ChartValues(Task[Config]):
    name = "chart_values"
    summary = "read values, differences and totals off a chart"
    domain = "charts"
    discipline = "calculation"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = (
        Config(ask="values", num_asked=2, num_categories=4, num_series=1, max_value=8, tick=1),
        Config(ask="values", num_asked=3, num_categories=5, num_series=2, max_value=10, tick=1),
        Config(
            ask="differences", num_asked=2, num_categories=6, num_series=2, max_value=12, tick=1
        ),
        Config(ask="totals", num_asked=2, num_categories=6, num_series=3, max_value=10, tick=1),
        Config(
            ask="differences", num_asked=3, num_categories=8, num_series=4, max_value=20, tick=2
        ),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        categories = tuple(sorted(rng.sample(_CATEGORIES, config.num_categories), key=_month))
        series = tuple(rng.sample(_SERIES, config.num_series))
        asked = tuple(sorted(rng.sample(categories, config.num_asked), key=_month))
        one, other = series[0], series[-1]
        form = format_tuple(asked)
        wordings = {
            "values": (
                f"Read the value of {one} for {list_words(asked)}.",
                f"读出 {one} 在 {'、'.join(asked)} 的数值。",
            ),
            "differences": (
                f"How much larger is {one} than {other} in {list_words(asked)}? "
                "Smaller is negative.",
                f"{one} 在 {'、'.join(asked)} 各比 {other} 大多少？较小时为负数。",
            ),
            "totals": (
                f"Add up all series in {list_words(asked)}.",
                f"求 {'、'.join(asked)} 各自所有系列之和。",
            ),
        }
        english, chinese = wordings[config.ask]
        return Pose(
            questions={
                "en": [
                    f"{english} Answer as {form}.",
                    f"Look at the chart. {english} Form: {form}.",
                ],
                "zh": [f"{chinese}按 {form} 回答。", f"看图回答。{chinese}格式为 {form}。"],
            },
            answers=Product([_answer_range(config)] * config.num_asked),
            params=(categories, series, asked, config),
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Chart:
        categories, series, asked, config = pose.params
        target = dict(zip(asked, answer, strict=True))
        columns = [
            _column(rng, config, target.get(category), num_series=len(series))
            for category in categories
        ]
        order = list(range(len(series)))
        rng.shuffle(order)
        kinds = ["bars", "lines"] if config.ask != "totals" else ["bars", "lines", "stacked"]
        kind = rng.choice(kinds)
        top = config.max_value * (len(series) if kind == "stacked" else 1)
        return Chart(
            kind=kind,
            categories=categories,
            series=tuple(series[i] for i in order),
            colors=tuple(rng.sample(_COLORS, len(series))),
            values=tuple(tuple(column[i] for column in columns) for i in order),
            top=top,
            tick=config.tick * (2 if kind == "stacked" else 1),
        )

    def draw(self, scene: Chart, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style, aspect=_ASPECT)
        _draw_axes(canvas, scene)
        {"bars": _draw_bars, "lines": _draw_lines, "stacked": _draw_stacked}[scene.kind](
            canvas, scene
        )
        _draw_legend(canvas, scene)
        return canvas.image()

    def solve(self, pose: Pose, scene: Chart) -> _Answer:
        _, series, asked, config = pose.params
        rows = dict(zip(scene.series, scene.values, strict=True))
        found = []
        for category in asked:
            at = scene.categories.index(category)
            column = {name: row[at] for name, row in rows.items()}
            if config.ask == "values":
                found.append(column[series[0]])
            elif config.ask == "differences":
                found.append(column[series[0]] - column[series[-1]])
            else:
                found.append(sum(column.values()))
        return tuple(found)

    def reason(self, pose: Pose, scene: Chart) -> str:
        _, series, asked, config = pose.params
        wanted = {
            "values": series[:1],
            "differences": (series[0], series[-1]),
            "totals": scene.series,
        }[config.ask]
        sign = {"values": "", "differences": " - ", "totals": " + "}[config.ask]
        steps = []
        for category, result in zip(asked, self.solve(pose, scene), strict=True):
            at = scene.categories.index(category)
            terms = [str(scene.values[scene.series.index(name)][at]) for name in wanted]
            named = " ".join(f"{name} {term}" for name, term in zip(wanted, terms, strict=True))
            sum_up = f" : {sign.join(terms)} = {result}" if sign else ""
            steps.append(f"{category} {named}{sum_up}.")
        return f"plan: read. scan: {' '.join(steps)} {check(self.solve(pose, scene))}"

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)


def _month(name: str) -> int:
    return _CATEGORIES.index(name)


def _answer_range(config: Config) -> range:
    if config.ask == "values":
        return range(config.max_value + 1)
    if config.ask == "differences":
        return range(-config.max_value // 2, config.max_value // 2 + 1)
    return range(config.num_series * config.max_value + 1)


def _column(
    rng: random.Random, config: Config, target: int | None, *, num_series: int
) -> list[int]:
    """Values of all series in one category; random unless a target is asked for."""
    top = config.max_value
    values = [rng.randint(0, top) for _ in range(num_series)]
    if target is None:
        return values
    if config.ask == "values":
        values[0] = target
    elif config.ask == "differences":
        values[-1] = rng.randint(max(0, -target), min(top, top - target))
        values[0] = values[-1] + target
    else:
        for i in range(num_series):
            rest = num_series - 1 - i
            values[i] = rng.randint(max(0, target - rest * top), min(top, target))
            target -= values[i]
    return values


def _height(scene: Chart, value: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * value / scene.top


def _draw_axes(canvas: Canvas, scene: Chart) -> None:
    num_ticks = scene.top // scene.tick
    labelled = 1 if num_ticks <= 12 else 2
    for tick in range(num_ticks + 1):
        y = _height(scene, tick * scene.tick)
        canvas.line([(_LEFT, y), (_RIGHT, y)], color="line", width=2)
        if tick % labelled == 0:
            canvas.text(_LEFT - 12, y, str(tick * scene.tick), size=30, anchor="rm")
    canvas.line([(_LEFT, _TOP), (_LEFT, _BOTTOM), (_RIGHT, _BOTTOM)], width=4)
    step = (_RIGHT - _LEFT) / len(scene.categories)
    for i, category in enumerate(scene.categories):
        canvas.text(_LEFT + step * (i + 0.5), _BOTTOM + 36, category, size=36)


def _draw_bars(canvas: Canvas, scene: Chart) -> None:
    step = (_RIGHT - _LEFT) / len(scene.categories)
    width = step * 0.8 / len(scene.series)
    for k, (color, row) in enumerate(zip(scene.colors, scene.values, strict=True)):
        for i, value in enumerate(row):
            left = _LEFT + step * (i + 0.1) + width * k
            box = (left, _height(scene, value), left + width * 0.92, _BOTTOM)
            if value:
                canvas.rectangle(box, fill=color)


def _draw_stacked(canvas: Canvas, scene: Chart) -> None:
    step = (_RIGHT - _LEFT) / len(scene.categories)
    for i in range(len(scene.categories)):
        base = 0
        for color, row in zip(scene.colors, scene.values, strict=True):
            left, right = _LEFT + step * (i + 0.2), _LEFT + step * (i + 0.8)
            if row[i]:
                low, high = _height(scene, base), _height(scene, base + row[i])
                canvas.rectangle((left, high, right, low), fill=color)
            base += row[i]


def _draw_lines(canvas: Canvas, scene: Chart) -> None:
    step = (_RIGHT - _LEFT) / len(scene.categories)
    for k, (color, row) in enumerate(zip(scene.colors, scene.values, strict=True)):
        points = [(_LEFT + step * (i + 0.5), _height(scene, value)) for i, value in enumerate(row)]
        canvas.line(points, color=color, width=7)
        for x, y in points:
            # Rings of different size stay visible where series meet.
            canvas.circle(x, y, 13 + 5 * k, outline=color, width=7)


def _draw_legend(canvas: Canvas, scene: Chart) -> None:
    x = _LEFT
    for name, color in zip(scene.series, scene.colors, strict=True):
        canvas.rectangle((x, 36, x + 32, 68), fill=color)
        canvas.text(x + 44, 52, name, size=38, anchor="lm")
        x += 44 + canvas.text_width(name, size=38) + 44
