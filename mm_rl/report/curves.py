"""Metrics as panels to draw: one per metric, the stages side by side, important ones first."""

import math
from dataclasses import dataclass

from mm_rl.report.run import StepValues

# Panels shown at once, in this order; a name that ends in "/" stands for its whole group. All
# other metrics are drawn too, folded away.
_LEADING = (
    "reward/mean",
    "eval/accuracy",
    "rollout/correct_frac",
    "eval/num_tokens",
    "rollout/num_tokens",
    "reward/length",
    "rollout/truncated_frac",
    "loss/",
    "policy/entropy",
    "policy/log_ratio",
    "timing/",
)
# An SVG of more points draws the same pixels and only makes the page heavy.
_MAX_POINTS = 400
# A curve with fewer points is not smoothed.
_MIN_POINTS_TO_SMOOTH = 40

Point = tuple[int, float | None]
"""(step, value); the value is None where it was not finite."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """One metric over one stage.

    Example:
        Curve(stage="rl", name="reward/mean", points=((1, 0.2), (2, 0.3)))
    """

    stage: str
    name: str
    points: tuple[Point, ...]
    smooth: tuple[Point, ...] = ()
    """Centred running mean at the same steps; empty if there are few points."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """One drawing.

    Example:
        Panel(title="eval/accuracy/*", leading=True, curves=(count_colors, row_sums))
    """

    title: str
    leading: bool
    """Whether it is shown at once."""
    curves: tuple[Curve, ...]
    window: int = 1
    """Points in the widest running mean among the curves; 1: none is smoothed."""

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages with values, in the order they ran."""
        return tuple(dict.fromkeys(curve.stage for curve in self.curves))

    @property
    def names(self) -> tuple[str, ...]:
        """Metrics of the panel, by name."""
        return tuple(sorted({curve.name for curve in self.curves}))


def build_panels(metrics: dict[str, StepValues]) -> list[Panel]:
    """All metrics, leading panels first, the rest by name.

    `group/name/part` metrics share the panel `group/name/*`, a curve per part.
    """
    names: dict[str, list[str]] = {}
    for name in sorted({n for steps in metrics.values() for v in steps.values() for n in v}):
        parts = name.split("/", 2)
        names.setdefault("/".join([*parts[:2], "*"]) if parts[2:] else name, []).append(name)
    return [_build_panel(metrics, title, names[title]) for title in sorted(names, key=_rank)]


def _rank(title: str) -> tuple[int, str]:
    """Position of a panel: its leading pattern, then its name; `a/b/*` directly follows `a/b`."""
    name = title.removesuffix("/*")
    for position, pattern in enumerate(_LEADING):
        if name == pattern or (pattern.endswith("/") and name.startswith(pattern)):
            return position, title
    return len(_LEADING), title


def _build_panel(metrics: dict[str, StepValues], title: str, names: list[str]) -> Panel:
    curves, window = [], 1
    for stage, steps in metrics.items():
        for name in names:
            points = [
                (step, values[name] if math.isfinite(values[name]) else None)
                for step, values in steps.items()
                if name in values
            ]
            if points:
                width = smoothing_window(len(points))
                window = max(window, width)
                curves.append(_build_curve(stage, name, points, width))
    leading = _rank(title)[0] < len(_LEADING)
    return Panel(title=title, leading=leading, curves=tuple(curves), window=window)


def _build_curve(stage: str, name: str, points: list[Point], window: int) -> Curve:
    kept = thin_out([value for _, value in points])
    smooth = running_mean([value for _, value in points], window) if window > 1 else []
    return Curve(
        stage=stage,
        name=name,
        points=tuple(points[at] for at in kept),
        smooth=tuple((points[at][0], smooth[at]) for at in kept) if smooth else (),
    )


def smoothing_window(num_points: int) -> int:
    """Odd width of the running mean: a fifteenth of the curve; 1 for a short one."""
    return 1 if num_points < _MIN_POINTS_TO_SMOOTH else num_points // 30 * 2 + 1


def running_mean(values: list[float | None], window: int) -> list[float | None]:
    """Mean of the finite values within `window // 2` points to each side.

    The window is cut at both ends alike, so that the ends are not pulled towards the middle.
    """
    sums, counts = [0.0], [0]
    for value in values:
        sums.append(sums[-1] + (value or 0.0))
        counts.append(counts[-1] + (value is not None))
    means: list[float | None] = []
    for at in range(len(values)):
        reach = min(window // 2, at, len(values) - 1 - at)
        low, high = at - reach, at + reach + 1
        count = counts[high] - counts[low]
        means.append((sums[high] - sums[low]) / count if count else None)
    return means


def thin_out(values: list[float | None], limit: int = _MAX_POINTS) -> list[int]:
    """Indices to keep: the first, the last, and of every bucket the lowest and the highest value.

    Spikes therefore stay visible, however long the run.
    """
    if len(values) <= limit:
        return list(range(len(values)))
    num_buckets = limit // 2 - 1
    kept = {0, len(values) - 1}
    for bucket in range(num_buckets):
        low = bucket * len(values) // num_buckets
        high = (bucket + 1) * len(values) // num_buckets
        ranked = sorted((v, at) for at, v in enumerate(values[low:high], low) if v is not None)
        kept |= {ranked[0][1], ranked[-1][1]} if ranked else {low}
    return sorted(kept)
