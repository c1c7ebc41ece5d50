"""Table and figure of the drill, from the rollouts that the runs recorded."""

import json
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean, stdev

import matplotlib.pyplot as plt
from weak_verifiers import WEAK_VERIFIERS

from mm_rl.records import RolloutRecord, read_records

LAST = 3
"""Iterations at the end of a run that its figures are means of."""
Curve = list[dict[str, float]]


def judge(records: Iterable[RolloutRecord]) -> dict[str, float]:
    """Share of right completions, and of wrong ones that each weakened verifier accepts."""
    rows = list(records)
    shares = {"right": fmean(row.correct for row in rows)}
    for name, accepts in WEAK_VERIFIERS.items():
        shares[f"{name}: fooled"] = fmean(
            not row.correct
            and row.finish_reason == "stop"
            and accepts(row.completion, row.reference)
            for row in rows
        )
    return shares


def read_curve(folder: Path) -> Curve:
    """The shares of every iteration in which a group finished."""
    files = sorted((folder / "rollouts").glob("rl-*.parquet"))
    return [judge(records) for records in map(read_records, files) if records]


def read_evaluation(folder: Path) -> dict[str, float]:
    """The shares of the greedy evaluation at the end, on problems that no training saw."""
    return judge(read_records(max((folder / "evals").glob("rl-*.parquet"))))


def end_of(curve: Curve, key: str) -> float:
    return fmean(point[key] for point in curve[-LAST:])


def write_results(runs: Path, out: Path) -> None:
    """`results.json`, `table.md` and `curves.png`."""
    seeds = sorted(runs.glob("seed*"))
    arms = ("real", *WEAK_VERIFIERS)
    curves = {arm: [read_curve(seed / arm) for seed in seeds] for arm in arms}
    keys = ("right", *(f"{name}: fooled" for name in WEAK_VERIFIERS))
    lines = [
        f"| paid by | {' | '.join(keys)} |",
        "|---|" + "---|" * len(keys),
        _row("(before RL)", [[curve[0][key] for curve in curves["real"]] for key in keys]),
    ]
    lines += [_row(arm, [[end_of(c, key) for c in curves[arm]] for key in keys]) for arm in arms]
    held_out = {arm: [read_evaluation(seed / arm) for seed in seeds] for arm in arms}
    lines += [
        _row(
            f"{arm}, held-out, greedy", [[shares[key] for shares in held_out[arm]] for key in keys]
        )
        for arm in arms
    ]
    (out / "table.md").write_text("\n".join(lines) + "\n")
    results = {"curves": curves, "held_out": held_out}
    (out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    _draw(curves, out / "curves.png")
    print("\n".join(lines))


def _row(name: str, columns: list[list[float]]) -> str:
    cells = []
    for values in columns:
        spread = stdev(values) if len(values) > 1 else 0.0
        each = ", ".join(f"{100 * value:.1f}" for value in values)
        cells.append(f"{100 * fmean(values):.1f} ± {100 * spread:.1f} % ({each})")
    return f"| {name} | " + " | ".join(cells) + " |"


def _draw(curves: dict[str, list[Curve]], path: Path) -> None:
    figure, axes = plt.subplots(1, len(curves), figsize=(10, 3), sharey=True)
    colors = dict(zip(("right", *WEAK_VERIFIERS), ("C2", "C3", "C1"), strict=True))
    for axis, (arm, runs) in zip(axes, curves.items(), strict=True):
        for curve in runs:
            for name, color in colors.items():
                key = name if name == "right" else f"{name}: fooled"
                axis.plot([point[key] for point in curve], color=color, alpha=0.8)
        axis.set_title(f"paid by: {arm}", fontsize=9)
        axis.set_xlabel("RL iteration")
    axes[0].set_ylabel("share of completions")
    for name, color in colors.items():
        label = "right" if name == "right" else f"wrong, fools {name}"
        axes[0].plot([], [], color=color, label=label)
    axes[0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
