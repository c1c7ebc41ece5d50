"""Bar and line charts of real tables, every value written beside its mark.

Questions ask for exact values, so the picture must hold them: an axis alone can be read to a few
per cent at best. Long labels and crowded bars turn the chart on its side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from PIL import Image

from data_synth.canvas import UNITS, Canvas
from data_synth.style import PLAIN, Style

KINDS = ("bar", "line")
_COLORS = ("blue", "red", "green", "purple")
_LABEL = 24.0  # size of labels and values, in units of a 1000th of the width
_TITLE = 32.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 960.0, 120.0, 880.0
_HEADROOM = 1.12  # the axis ends above the largest value, where its text stands


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """What a chart shows.

    Example:
        Chart(title="Wheat prices", labels=("1565", "1570"), names=("price",),
              values=((Decimal(41), Decimal(45)),), kind="bar")
    """

    title: str
    labels: tuple[str, ...]
    names: tuple[str, ...]
    """One name per series, shown in the legend if there are several."""
    values: tuple[tuple[Decimal, ...], ...]
    """Per series, one value per label; none negative."""
    kind: str
    """One of `KINDS`."""


def draw_chart(chart: Chart, *, size: int, style: Style = PLAIN) -> Image.Image:
    """Draw a chart on a square RGB image of `size` pixels."""
    canvas = Canvas(size, style)
    canvas.text(UNITS / 2, 40, chart.title, size=_TITLE)
    if len(chart.names) > 1:
        _draw_legend(canvas, chart.names)
    if chart.kind == "line":
        _draw_lines(canvas, chart)
    elif _fits_upright(canvas, chart):
        _draw_bars(canvas, chart)
    else:
        _draw_lying_bars(canvas, chart)
    return canvas.image()


def _draw_legend(canvas: Canvas, names: Sequence[str]) -> None:
    widths = [canvas.text_width(name, size=_LABEL) + 60 for name in names]
    x = (UNITS - sum(widths)) / 2
    for name, color, width in zip(names, _COLORS, widths, strict=False):
        canvas.rectangle((x, 78, x + 20, 98), fill=color)
        canvas.text(x + 28, 88, name, size=_LABEL, anchor="lm")
        x += width


def _fits_upright(canvas: Canvas, chart: Chart) -> bool:
    slot = (_RIGHT - _LEFT) / len(chart.labels)
    widest_label = max(canvas.text_width(label, size=_LABEL) for label in chart.labels)
    texts = [str(value) for series in chart.values for value in series]
    widest_value = max(canvas.text_width(text, size=_LABEL) for text in texts)
    return widest_label < slot * 0.95 and widest_value * len(chart.names) < slot * 0.9


def _top(chart: Chart) -> float:
    return float(max(max(series) for series in chart.values)) * _HEADROOM or 1.0


def _draw_bars(canvas: Canvas, chart: Chart) -> None:
    slot = (_RIGHT - _LEFT) / len(chart.labels)
    width = slot * 0.86 / len(chart.names)
    scale = (_BOTTOM - _TOP) / _top(chart)
    for i, label in enumerate(chart.labels):
        left = _LEFT + slot * (i + 0.07)
        canvas.text(_LEFT + slot * (i + 0.5), _BOTTOM + 24, label, size=_LABEL)
        for j, series in enumerate(chart.values):
            x, y = left + width * j, _BOTTOM - float(series[i]) * scale
            canvas.rectangle((x, y, x + width * 0.92, _BOTTOM), fill=_COLORS[j])
            canvas.text(x + width * 0.46, y - 16, str(series[i]), size=_LABEL)
    canvas.line([(_LEFT, _BOTTOM), (_RIGHT, _BOTTOM)], color="ink", width=3)


def _draw_lying_bars(canvas: Canvas, chart: Chart) -> None:
    left = 60 + max(canvas.text_width(label, size=_LABEL) for label in chart.labels)
    texts = [str(value) for series in chart.values for value in series]
    room = _RIGHT - left - 20 - max(canvas.text_width(text, size=_LABEL) for text in texts)
    slot = (960 - _TOP) / len(chart.labels)
    height = slot * 0.8 / len(chart.names)
    scale = room / _top(chart) * _HEADROOM
    for i, label in enumerate(chart.labels):
        top = _TOP + slot * (i + 0.1)
        canvas.text(left - 12, _TOP + slot * (i + 0.5), label, size=_LABEL, anchor="rm")
        for j, series in enumerate(chart.values):
            y, x = top + height * j, left + float(series[i]) * scale
            canvas.rectangle((left, y, x, y + height * 0.92), fill=_COLORS[j])
            canvas.text(x + 10, y + height * 0.46, str(series[i]), size=_LABEL, anchor="lm")
    canvas.line([(left, _TOP), (left, 960)], color="ink", width=3)


def _draw_lines(canvas: Canvas, chart: Chart) -> None:
    slot = (_RIGHT - _LEFT) / len(chart.labels)
    flat = [float(value) for series in chart.values for value in series]
    low, high = min(flat), max(flat)
    low, high = low - 0.1 * (high - low or 1), high + 0.1 * (high - low or 1)
    scale = (_BOTTOM - _TOP) / (high - low)
    canvas.line([(_LEFT, _BOTTOM), (_RIGHT, _BOTTOM)], color="line", width=3)
    paths = [
        [
            (_LEFT + slot * (i + 0.5), _BOTTOM - (float(value) - low) * scale)
            for i, value in enumerate(series)
        ]
        for series in chart.values
    ]
    for path, color in zip(paths, _COLORS, strict=False):
        canvas.line(path, color=color, width=4)
        for x, y in path:
            canvas.circle(x, y, 8, fill=color)
    for i, label in enumerate(chart.labels):
        canvas.text(_LEFT + slot * (i + 0.5), _BOTTOM + 24, label, size=_LABEL)
        # Of two lines the upper has its values above, the lower below: they cannot collide.
        order = sorted(range(len(paths)), key=lambda j: paths[j][i][1])
        for rank, j in enumerate(order):
            x, y = paths[j][i]
            shift = 24 if rank else -24
            text = str(chart.values[j][i])
            canvas.text(x, y + shift, text, size=_LABEL, color=_COLORS[j], halo=True)
