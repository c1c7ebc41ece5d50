"""The accuracy-length frontier: how many tokens a policy spends for its accuracy (k1.5 Fig. 7).

Token efficiency has no single number: a policy is efficient if no other is both more accurate and
shorter. Those policies are joined by a line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mm_rl.evaluation.results import read_results
from mm_rl.report.text import clean

_SIZE_INCHES = (7.2, 4.6)
_DPI = 150
_POINT_COLOR, _LINE_COLOR, _OTHER_COLOR = "#2f5fa8", "#c4652a", "#777b82"
# Where a label may stand: distances from its point in pixels, near ones first.
_DISTANCES = (8, 14, 22, 34, 50, 70)
_DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
_POINT_RADIUS, _LINE_STEP = 6, 3  # pixels
_LINE_FROM = 20  # pixels; a label further off is joined to its point


@dataclass(frozen=True, kw_only=True, slots=True)
class FrontierPoint:
    """One policy on one benchmark.

    Example:
        FrontierPoint(label="merge", accuracy=0.61, mean_tokens=84.0, ci=(0.55, 0.67))
    """

    label: str
    accuracy: float
    """From 0 to 1."""
    mean_tokens: float
    """Mean tokens of a completion."""
    ci: tuple[float, float] | None = None
    """Ends of the bar drawn through it, such as those of the accuracy's confidence interval."""
    confidence: float | None = None
    """Level of that interval; None: the bar is something else."""


def read_points(folders: Mapping[str, Path], benchmark: str) -> list[FrontierPoint]:
    """Points from the results of evaluated runs.

    Args:
        folders: run folder by label.
        benchmark: which of their benchmarks.

    Raises:
        ValueError: a folder has no results, or none of the benchmark.
    """
    points = []
    for label, folder in folders.items():
        found = {result.name: result for result in read_results(folder)}
        if benchmark not in found:
            raise ValueError(
                f"{folder} was not evaluated on {benchmark!r}, only on {', '.join(found)}: "
                "evaluate it there, or choose one of these"
            )
        metrics = found[benchmark].metrics
        points.append(
            FrontierPoint(
                label=label,
                accuracy=metrics.accuracy.value,
                mean_tokens=metrics.mean_tokens,
                ci=(metrics.accuracy.low, metrics.accuracy.high),
                confidence=found[benchmark].confidence,
            )
        )
    return points


def find_frontier(points: Sequence[FrontierPoint]) -> list[FrontierPoint]:
    """The points that no other beats in both, by rising tokens.

    A point is beaten by one that is at least as accurate and at most as long, and better in one of
    the two. Of equal points all are kept.
    """
    kept = [
        point
        for point in points
        if not any(
            other.accuracy >= point.accuracy
            and other.mean_tokens <= point.mean_tokens
            and (other.accuracy, other.mean_tokens) != (point.accuracy, point.mean_tokens)
            for other in points
        )
    ]
    return sorted(kept, key=lambda point: (point.mean_tokens, point.accuracy))


def draw_frontier(points: Sequence[FrontierPoint], path: Path, *, title: str = "") -> Path:
    """Draw accuracy over mean tokens with the frontier line.

    Args:
        points: one per policy.
        path: where to write; `.svg` or `.png`.
        title: of the drawing, such as the benchmark.

    Returns:
        The path.

    Raises:
        ValueError: no points, or another format.
    """
    if path.suffix not in (".svg", ".png"):
        raise ValueError(f"path={path}: name a file that ends in .svg or .png")
    figure, axes = plot_frontier(points, title=title)
    place_labels(figure, axes, points)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The same points give the same file.
    metadata = {"Date": None} if path.suffix == ".svg" else {}
    with matplotlib.rc_context({"svg.hashsalt": "frontier"}):
        figure.savefig(path, dpi=_DPI, metadata=metadata)
    return path


def plot_frontier(points: Sequence[FrontierPoint], *, title: str = "") -> tuple[Any, Any]:
    """Figure and axes with points, intervals and the line, but without labels."""
    if not points:
        raise ValueError("a frontier needs at least one point: evaluate a policy first")
    figure = Figure(figsize=_SIZE_INCHES, dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    frontier = find_frontier(points)
    axes.plot(
        [point.mean_tokens for point in frontier],
        [100 * point.accuracy for point in frontier],
        color=_LINE_COLOR,
        linewidth=1.4,
        zorder=1,
    )
    for point in points:
        color = _POINT_COLOR if point in frontier else _OTHER_COLOR
        x, y = point.mean_tokens, 100 * point.accuracy
        if point.ci is not None:
            axes.plot([x, x], [100 * end for end in point.ci], color=color, alpha=0.35, zorder=2)
        axes.plot([x], [y], marker="o", markersize=7, color=color, linestyle="none", zorder=3)
    axes.set_xlabel("mean tokens per completion")
    axes.set_ylabel(_describe_accuracy(points))
    axes.set_title(_plain(title))
    axes.margins(0.22)
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, -8), min(high, 108))
    axes.grid(alpha=0.25)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _describe_accuracy(points: Sequence[FrontierPoint]) -> str:
    """The vertical axis: what is measured, and what the bars are if they are intervals."""
    levels = sorted({f"{100 * p.confidence:g} %" for p in points if p.confidence is not None})
    bars = f"; bars: {' and '.join(levels)} confidence intervals" if levels else ""
    return f"accuracy in %{bars}"


def place_labels(figure: Any, axes: Any, points: Sequence[FrontierPoint]) -> list[Any]:
    """Write every label beside its point where it covers no other label, point or frontier.

    Places are tried from near to far, and the first free one inside the axes is taken; where none
    is free, the one that is covered least.

    Returns:
        The labels, in the order of the points.
    """
    # Positions are known only after the layout has been computed.
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    frame, frontier = axes.get_window_extent(renderer), find_frontier(points)
    spots = [axes.transData.transform((p.mean_tokens, 100 * p.accuracy)) for p in points]
    taken = [_around(x, y, _POINT_RADIUS) for x, y in spots]
    line = [axes.transData.transform((p.mean_tokens, 100 * p.accuracy)) for p in frontier]
    taken += [_around(x, y, 1) for start, end in pairwise(line) for x, y in _along(start, end)]
    points_per_pixel = 72 / figure.dpi
    labels = []
    for point, (x, y) in zip(points, spots, strict=True):
        label = axes.annotate(
            _plain(point.label),
            (point.mean_tokens, 100 * point.accuracy),
            xytext=(0, 0),
            textcoords="offset points",
            fontsize=9,
        )
        size = label.get_window_extent(renderer)
        width, height = size.width, size.height
        places = [
            _box(x + dx * far, y + dy * far, dx, dy, width, height)
            for far, (dx, dy) in product(_DISTANCES, _DIRECTIONS)
        ]
        best = min(places, key=lambda box: _cost(box, taken, frame))
        # In points, which every format and resolution scales with the text.
        label.set_position(((best[0] - x) * points_per_pixel, (best[1] - y) * points_per_pixel))
        gap = max(best[0] - x, x - best[2], best[1] - y, y - best[3])
        if gap > _LINE_FROM:
            ends = axes.transData.inverted().transform(
                [(x, y), (min(max(x, best[0]), best[2]), min(max(y, best[1]), best[3]))]
            )
            axes.plot(ends[:, 0], ends[:, 1], color=_OTHER_COLOR, linewidth=0.6, zorder=0)
        taken.append(best)
        labels.append(label)
    return labels


_Box = tuple[float, float, float, float]
"""Left, bottom, right, top in pixels."""


def _box(x: float, y: float, dx: int, dy: int, width: float, height: float) -> _Box:
    """The box of a label that starts at (x, y) and extends in a direction."""
    left = x - width / 2 * (1 - dx)
    bottom = y - height / 2 * (1 - dy)
    return left, bottom, left + width, bottom + height


def _around(x: float, y: float, radius: float) -> _Box:
    return x - radius, y - radius, x + radius, y + radius


def _along(start: Sequence[float], end: Sequence[float]) -> list[tuple[float, float]]:
    """Positions on a line, a few pixels apart."""
    steps = max(1, int(max(abs(end[0] - start[0]), abs(end[1] - start[1])) / _LINE_STEP))
    shares = [number / steps for number in range(steps + 1)]
    return [
        (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
        for share in shares
    ]


def _cost(box: _Box, taken: Sequence[_Box], frame: Any) -> float:
    """Pixels of the box that are covered or stand outside the axes."""
    inside = _overlap(box, (frame.x0, frame.y0, frame.x1, frame.y1))
    area = (box[2] - box[0]) * (box[3] - box[1])
    return area - inside + sum(_overlap(box, other) for other in taken)


def _overlap(first: _Box, second: _Box) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(0.0, width) * max(0.0, height)


def _plain(text: str) -> str:
    """A text that matplotlib takes for no formula."""
    return clean(text).replace("$", r"\$")
