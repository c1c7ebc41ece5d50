"""Draw panels and the accuracy table's bars as inline SVG; the page's script adds the tooltips.

Colours come from the style sheet, so that the drawings follow the reader's light or dark theme.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from mm_rl.report.curves import Curve, Panel, Point
from mm_rl.report.text import clean, format_number

WIDTH, HEIGHT = 400, 196
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 392, 8, 162
_LANE_GAP = 14
# Colours of the style sheet, `.c0` and on; further curves repeat them dashed.
_NUM_COLORS = 8
# Curves up to this many points have them marked.
_MAX_MARKED = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """The part of the horizontal axis that belongs to one stage.

    Example:
        Lane(stage="rl", left=46, right=392, first=0, last=60).x(30) == 219
    """

    stage: str
    left: float
    right: float
    first: int
    last: int

    def x(self, step: int) -> float:
        """Horizontal position of a step; a lane of one step has it in the middle."""
        if self.first == self.last:
            return (self.left + self.right) / 2
        share = (step - self.first) / (self.last - self.first)
        return self.left + share * (self.right - self.left)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """The vertical axis.

    Example:
        Scale(ticks=(0.0, 0.5, 1.0)).y(0.5) == 85
    """

    ticks: tuple[float, ...]
    """Ascending; the first and the last are the ends of the axis."""

    def y(self, value: float) -> float:
        """Vertical position of a value."""
        share = (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return _BOTTOM - share * (_BOTTOM - _TOP)


def draw_panel(panel: Panel) -> str:
    """One `<figure>`: title, last value, drawing, and a legend if there are several curves."""
    values = [v for c in panel.curves for _, v in c.points if v is not None]
    title = escape(clean(panel.title))
    if not values:
        return (
            f'<figure class="panel"><figcaption><code>{title}</code></figcaption>'
            '<p class="empty">No finite value was logged.</p></figure>'
        )
    lanes, scale = _place_lanes(panel), fit_scale(panel.title, values)
    colors = {name: _color(number) for number, name in enumerate(panel.names)}
    drawn = "".join(
        _draw_curve(curve, lane, scale, colors[curve.name])
        for lane in lanes
        for curve in panel.curves
        if curve.stage == lane.stage
    )
    smooth = ""
    if panel.window > 1:
        smooth = f'<p class="note">bold: running mean over {panel.window} points</p>'
    return (
        f'<figure class="panel"><figcaption><code>{title}</code>{_last_value(panel)}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" tabindex="0" '
        f'aria-label="{escape(_describe(panel))}" data-values="{_data_values(panel, colors)}" '
        f'data-axes="{_data_axes(lanes, scale)}">'
        f"{_draw_axes(lanes, scale)}{drawn}</svg>{_draw_legend(colors)}{smooth}</figure>"
    )


def draw_change(values: Sequence[float | None]) -> str:
    """A bar from 0 to 1 with a dot per value, the last one filled, joined to the one before."""
    dots = [(6 + 108 * min(max(v, 0.0), 1.0), at) for at, v in enumerate(values) if v is not None]
    marks = "".join(
        f'<circle class="{"now" if at == len(values) - 1 else "then"}" cx="{x:.1f}" cy="8" r="4"/>'
        for x, at in dots
    )
    joined = ""
    if len(dots) > 1:
        joined = f'<path class="change" d="M{dots[-2][0]:.1f} 8L{dots[-1][0]:.1f} 8"/>'
    return (
        '<svg class="bar" viewBox="0 0 120 16" aria-hidden="true">'
        f'<path class="grid" d="M6 8L114 8"/>{joined}{marks}</svg>'
    )


def fit_scale(title: str, values: Sequence[float]) -> Scale:
    """Axis for the values: 0 to 1 for shares, else round numbers around them, 0 if it is near."""
    low, high = min(values), max(values)
    if _is_share(title) and low >= 0 and high <= 1:
        return Scale(ticks=(0.0, 0.25, 0.5, 0.75, 1.0))
    if low >= 0 and low <= 0.5 * high:
        low = 0.0
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        pad = abs(high) * 0.1 or 1.0
        low, high = low - pad, high + pad
    raw = (high - low) / 3
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * 0.999)
    first, last = math.floor(low / step + 1e-6), math.ceil(high / step - 1e-6)
    return Scale(ticks=tuple(at * step for at in range(first, last + 1)))


def _is_share(title: str) -> bool:
    return "accuracy" in title or title.removesuffix("/*").endswith("_frac")


def _place_lanes(panel: Panel) -> list[Lane]:
    """Stages side by side, equally wide: their steps are different units."""
    stages = panel.stages
    width = (_RIGHT - _LEFT - _LANE_GAP * (len(stages) - 1)) / len(stages)
    lanes = []
    for number, stage in enumerate(stages):
        steps = [step for c in panel.curves if c.stage == stage for step, _ in c.points]
        left = _LEFT + number * (width + _LANE_GAP)
        lanes.append(
            Lane(stage=stage, left=left, right=left + width, first=min(steps), last=max(steps))
        )
    return lanes


def _draw_axes(lanes: Iterable[Lane], scale: Scale) -> str:
    marks = []
    for tick in scale.ticks:
        y = scale.y(tick)
        marks.append(f'<text class="tick y" x="{_LEFT - 8}" y="{y + 4:.1f}">{_tick(tick)}</text>')
        marks += [f'<path class="grid" d="M{n.left:.1f} {y:.1f}H{n.right:.1f}"/>' for n in lanes]
    for lane in lanes:
        middle, name = (lane.left + lane.right) / 2, escape(clean(lane.stage))
        marks.append(f'<text class="lane" x="{middle:.1f}" y="{_BOTTOM + 28}">{name} step</text>')
        below = f'y="{_BOTTOM + 15}"'
        if lane.first < lane.last:
            first, last = f"{lane.first:,}", f"{lane.last:,}"
            marks.append(f'<text class="tick x0" x="{lane.left:.1f}" {below}>{first}</text>')
            marks.append(f'<text class="tick x1" x="{lane.right:.1f}" {below}>{last}</text>')
        else:
            marks.append(f'<text class="tick x" x="{middle:.1f}" {below}>{lane.first:,}</text>')
    return "".join(marks)


def _draw_curve(curve: Curve, lane: Lane, scale: Scale, color: str) -> str:
    main = curve.smooth or curve.points
    faint = f'<path class="raw {color}" d="{_path(curve.points, lane, scale)}"/>'
    drawn = (faint if curve.smooth else "") + (
        f'<path class="line {color}" d="{_path(main, lane, scale)}"/>'
    )
    if len(curve.points) <= _MAX_MARKED:
        drawn += "".join(
            f'<circle class="{color}" cx="{lane.x(step):.1f}" cy="{scale.y(value):.1f}" r="2.6"/>'
            for step, value in curve.points
            if value is not None
        )
    return drawn


def _path(points: Iterable[Point], lane: Lane, scale: Scale) -> str:
    """A path that is broken where a value is not finite; a lone point becomes a dot."""
    runs: list[list[str]] = [[]]
    for step, value in points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{lane.x(step):.1f} {scale.y(value):.1f}")
    return "".join("M" + "L".join(run if len(run) > 1 else run * 2) for run in runs if run)


def _draw_legend(colors: dict[str, str]) -> str:
    if len(colors) == 1:
        return ""
    items = "".join(
        f'<li><svg viewBox="0 0 18 8" aria-hidden="true"><path class="line {color}" d="M1 4H17"/>'
        f"</svg>{escape(clean(_part(name)))}</li>"
        for name, color in colors.items()
    )
    return f'<ul class="legend">{items}</ul>'


def _last_value(panel: Panel) -> str:
    """The newest value, for panels of one curve per stage."""
    last = panel.curves[-1].points[-1][1]
    if len(panel.names) > 1:
        return ""
    return f"<b>{'not finite' if last is None else format_number(last)}</b>"


def _describe(panel: Panel) -> str:
    """What a reader who can not see the drawing gets."""
    sentences = []
    for curve in panel.curves:
        (first, start), (last, end) = curve.points[0], curve.points[-1]
        texts = ["not finite" if v is None else format_number(v) for v in (start, end)]
        sentences.append(
            f"{curve.name}, {curve.stage}: {texts[0]} at step {first}, {texts[1]} at step {last}."
        )
    return clean(" ".join([*sentences, "Arrow keys read out single steps."]))


def _data_values(panel: Panel, colors: dict[str, str]) -> str:
    curves = [
        {
            "stage": clean(curve.stage),
            "name": clean(_part(curve.name) if len(colors) > 1 else curve.name),
            "color": colors[curve.name],
            "points": [(s, None if v is None else float(f"{v:.6g}")) for s, v in curve.points],
        }
        for curve in panel.curves
    ]
    return escape(json.dumps(curves, separators=(",", ":")))


def _data_axes(lanes: Iterable[Lane], scale: Scale) -> str:
    axes = {
        "lanes": [
            [clean(lane.stage), lane.left, lane.right, lane.first, lane.last] for lane in lanes
        ],
        "low": scale.ticks[0],
        "high": scale.ticks[-1],
        "top": _TOP,
        "bottom": _BOTTOM,
    }
    return escape(json.dumps(axes, separators=(",", ":")))


def _part(name: str) -> str:
    return name.split("/", 2)[-1]


def _tick(value: float) -> str:
    if abs(value) >= 1e6:
        return f"{value:.1e}"
    return f"{value / 1e3:g}k" if abs(value) >= 1e4 else f"{value:g}"


def _color(number: int) -> str:
    return f"c{number % _NUM_COLORS}" + (" dashed" if number >= _NUM_COLORS else "")
