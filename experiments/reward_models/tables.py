"""From the measurements to `results.json`, `table.md` and `figure.json`."""

import json
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

SETS = ("test", "held_out_tasks", "held_out_types")
RULES = {
    "always_no": "always no",
    "string_equality": "string equality",
    "edit_distance": "edit distance, best threshold",
}
MODELS = {"classic_rm": "Classic RM", "cot_rm": "CoT RM"}


def write_tables(results: dict[str, Any], folder: Path) -> None:
    """Write all three files."""
    for measured in results["seeds"].values():
        for model in measured.values():
            for name in SETS:
                model[name].pop("examples", None)
    (folder / "results.json").write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    (folder / "table.md").write_text(main_table(results) + "\n" + type_table(results))
    (folder / "figure.json").write_text(json.dumps(figure(results), indent=1) + "\n")


def main_table(results: dict[str, Any]) -> str:
    """Accuracy on every set, and attacks that passed."""
    lines = [
        "| accuracy, % | test | held-out tasks | held-out types | attacks passed, model alone | "
        "behind the filter |",
        "|---|---|---|---|---|---|",
    ]
    for key, title in RULES.items():
        lines.append(_row(title, [results["rules"][key]]))
    for key, title in MODELS.items():
        lines.append(_row(title, [seed[key] for seed in results["seeds"].values()]))
    return "\n".join(lines) + "\n"


def _row(title: str, runs: list[dict[str, Any]]) -> str:
    cells = [spread(run[name]["alone"]["eval/accuracy"] for run in runs) for name in SETS]
    for mode in ("alone", "served"):
        cells.append(
            spread(
                sum(run[name][f"attacks_passed_{mode}"] for name in SETS)
                / sum(run[name]["attacks"] for name in SETS)
                for run in runs
            )
        )
    return f"| {title} | {' | '.join(cells)} |"


def type_table(results: dict[str, Any]) -> str:
    """Accuracy by answer type and by kind of answer, on all sets that have it."""
    seeds = list(results["seeds"].values())
    rows: dict[str, list[str]] = {}
    for set_name in SETS:
        for metric in seeds[0]["classic_rm"][set_name]["alone"]:
            _, group, *label = metric.split("/")
            if label and group in ("accuracy", "accuracy_of_kind"):
                rows[f"{set_name}: {label[0]}"] = [
                    spread(seed[key][set_name]["alone"][metric] for seed in seeds) for key in MODELS
                ]
    lines = [f"| accuracy, % | {' | '.join(MODELS.values())} |", "|---|---|---|"]
    lines += [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()]
    return "\n".join(lines) + "\n"


def figure(results: dict[str, Any]) -> dict[str, Any]:
    """Bars of the comparison: accuracy of every seed, by set."""
    return {
        title: {
            name: [seed[key][name]["alone"]["eval/accuracy"] for seed in results["seeds"].values()]
            for name in SETS
        }
        for key, title in MODELS.items()
    }


def spread(values: Iterable[float]) -> str:
    """Mean and standard deviation over seeds, in percent."""
    shares = [100 * value for value in values]
    if len(shares) == 1:
        return f"{shares[0]:.1f}"
    return f"{fmean(shares):.1f} \u00b1 {stdev(shares):.1f}"
