"""Curves: every logged number, drawn where it belongs."""

import re
from pathlib import Path

import pytest

from mm_rl.report.curves import build_panels, running_mean, smoothing_window, thin_out
from mm_rl.report.run import read_run
from mm_rl.report.svg import draw_panel, fit_scale
from tests.unit.report.run_folder import (
    METRICS,
    read_page,
    write_run,
)


def test_every_logged_number_is_drawn(tmp_path: Path) -> None:
    curves = read_page(write_run(tmp_path)).curves
    assert curves["sft", "loss/nll"] == [[1, 3.0], [2, 2.0], [4, 1.5]]
    assert curves["rl", "reward/mean"] == [[1, 0.25], [2, None], [3, 0.75]]
    assert curves["sft", "policy/lr"] == [[2, 0.001], [4, 0.0005]]
    assert curves["sft", "eval/accuracy"] == [[4, 0.25]]
    assert curves["rl", "eval/accuracy"] == [[3, 0.5]]
    # `eval/accuracy/<task>`: one panel, a curve per task.
    assert curves["rl", "vqa"] == [[3, 0.5]]
    named = {name for line in METRICS for name in line} - {"stage", "step"}
    panels = build_panels(read_run(tmp_path).metrics)
    assert {curve.name for panel in panels for curve in panel.curves} == named


def test_important_panels_come_first_and_the_rest_is_folded(tmp_path: Path) -> None:
    panels = build_panels(read_run(write_run(tmp_path)).metrics)
    assert [panel.title for panel in panels if panel.leading] == [
        "reward/mean",
        "eval/accuracy",
        "eval/accuracy/*",
        "eval/num_tokens",
        "rollout/num_tokens",
        "loss/nll",
    ]
    assert [panel.title for panel in panels if not panel.leading] == [
        "eval/blind_accuracy",
        "eval/blind_accuracy/*",
        "eval/constant_accuracy/*",
        "policy/lr",
    ]


def test_points_are_drawn_where_their_values_belong(tmp_path: Path) -> None:
    metrics = [
        {"stage": "sft", "step": 10, "eval/accuracy": 0.25},
        *(
            {"stage": "rl", "step": step, "eval/accuracy": value}
            for step, value in ((0, 0.0), (30, 1.0), (40, 0.5))
        ),
    ]
    (panel,) = build_panels(read_run(write_run(tmp_path, metrics=metrics)).metrics)
    drawing = draw_panel(panel)
    circles = re.findall(r'<circle class="c0" cx="([\d.]+)" cy="([\d.]+)"', drawing)
    # Drawing area 46..392 by 8..162; two lanes of (346 - 14) / 2 = 166 each, the second from 226.
    # Accuracy has the axis 0 to 1: 0.25 lies at 162 - 0.25 * 154.
    assert circles == [("129.0", "123.5"), ("226.0", "162.0"), ("350.5", "8.0"), ("392.0", "85.0")]
    assert 'd="M226.0 162.0L350.5 8.0L392.0 85.0"' in drawing


def test_a_value_that_is_not_finite_breaks_the_line(tmp_path: Path) -> None:
    values = (1.0, 2.0, float("inf"), 4.0, float("nan"), 4.0, 1.0)
    metrics = [{"stage": "rl", "step": n, "policy/x": v} for n, v in enumerate(values)]
    metrics += [{"stage": "rl", "step": 0, "policy/never": float("nan")}]
    never, panel = build_panels(read_run(write_run(tmp_path, metrics=metrics)).metrics)
    (path,) = re.findall(r'<path class="line c0" d="([^"]*)"', draw_panel(panel))
    assert [len(run.split("L")) for run in path.split("M")[1:]] == [2, 2, 2]
    lone = path.split("M")[2].split("L")
    assert lone[0] == lone[1]  # a dot
    assert "No finite value" in draw_panel(never)


def test_long_curves_are_thinned_but_keep_ends_and_spikes(tmp_path: Path) -> None:
    values: list[float | None] = [float(n % 7) for n in range(5000)]
    values[1234], values[4321] = 99.0, -99.0
    kept = thin_out(values, limit=100)
    assert len(kept) <= 100
    assert kept == sorted(set(kept))
    assert {0, 1234, 4321, 4999} <= set(kept)
    assert thin_out([1.0] * 100, limit=100) == list(range(100))


def test_running_mean_is_centred_and_skips_gaps() -> None:
    assert running_mean([1.0, 2.0, 6.0, None, 4.0], 3) == [1.0, 3.0, 4.0, 5.0, 4.0]
    line = [float(n) for n in range(20)]
    assert running_mean(list(line), 7) == pytest.approx(line)  # no bias, not even at the ends
    assert running_mean([None, None, None], 3) == [None] * 3
    assert [smoothing_window(n) for n in (39, 40, 90, 300)] == [1, 3, 7, 21]


def test_smoothed_panel_shows_raw_values_and_names_the_window(tmp_path: Path) -> None:
    metrics = [{"stage": "rl", "step": n, "reward/mean": float(n % 2)} for n in range(1, 61)]
    (panel,) = build_panels(read_run(write_run(tmp_path, metrics=metrics)).metrics)
    drawing = draw_panel(panel)
    assert "running mean over 5 points" in drawing
    assert drawing.count('class="raw c0"') == 1
    assert [value for _, value in panel.curves[0].points] == [n % 2 for n in range(1, 61)]
    assert panel.curves[0].smooth[2] == (3, 0.6)  # mean of 1 0 1 0 1


@pytest.mark.parametrize(
    ("title", "values", "ticks"),
    [
        ("eval/accuracy", [0.1, 0.2], (0.0, 0.25, 0.5, 0.75, 1.0)),
        ("rollout/correct_frac/*", [0.1], (0.0, 0.25, 0.5, 0.75, 1.0)),
        ("loss/nll", [0.2, 2.9], (0.0, 1.0, 2.0, 3.0)),
        ("rollout/num_tokens", [70.0, 79.0], (70.0, 75.0, 80.0)),
        ("policy/x", [-0.3, 0.3], (-0.4, -0.2, 0.0, 0.2, 0.4)),
        ("policy/x", [5.0, 5.0], (4.5, 5.0, 5.5)),
        ("policy/log_ratio_sq", [1e-16, 2.9e-16], (0.0, 1e-16, 2e-16, 3e-16)),
        ("policy/x", [0.0], (-1.0, 0.0, 1.0)),
    ],
)
def test_axes_have_round_ticks_around_the_values(
    title: str, values: list[float], ticks: tuple[float, ...]
) -> None:
    assert fit_scale(title, values).ticks == pytest.approx(ticks, rel=1e-9, abs=0)
