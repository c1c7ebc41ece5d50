"""Table, figure and JSON of the recipe from its pipelines, one per seed.

python experiments/k15/analyze.py outputs/experiments/k15
"""

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

from mm_rl.report.frontier import FrontierPoint, draw_frontier

Step = dict[str, Any]
"""An entry of a pipeline's `report/steps.json`."""


def read_steps(runs: Path) -> dict[str, list[Step]]:
    """Step -> what it came to, one entry per seed; only pipelines whose steps are all finished."""
    by_name: dict[str, list[Step]] = {}
    for path in sorted(runs.glob("seed*/report/steps.json")):
        steps = json.loads(path.read_text())
        if all(step["status"] == "finished" for step in steps):
            for step in steps:
                by_name.setdefault(step["name"], []).append(step)
    if not by_name:
        raise SystemExit(f"{runs} holds no finished pipeline: run experiments/k15/run.py")
    return by_name


def values(steps: list[Step], key: str) -> list[float]:
    return [step[key] for step in steps if step[key] is not None]


def spread(numbers: list[float], *, scale: float = 1.0) -> str:
    """Mean and standard deviation over seeds."""
    if not numbers:
        return "\u2013"
    mean = scale * statistics.fmean(numbers)
    if len(numbers) < 2:
        return f"{mean:.1f}"
    return f"{mean:.1f} ± {scale * statistics.stdev(numbers):.1f}"


def tabulate(by_name: dict[str, list[Step]]) -> str:
    """The Markdown table."""
    lines = [
        "| step | accuracy, % | mean tokens | tokens per correct | minutes |",
        "|---|---|---|---|---|",
    ]
    for name, steps in by_name.items():
        per_correct = [step["num_tokens"] / step["accuracy"] for step in steps if step["accuracy"]]
        cells = (
            spread(values(steps, "accuracy"), scale=100),
            spread(values(steps, "num_tokens")),
            spread(per_correct),
            spread(values(steps, "seconds"), scale=1 / 60),
        )
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    per_seed = zip(*by_name.values(), strict=True)
    total = [sum(step["seconds"] or 0.0 for step in steps) / 60 for steps in per_seed]
    lines.append(f"| all | | | | {spread(total)} |")
    return "\n".join(lines) + "\n"


def draw(by_name: dict[str, list[Step]], chosen: list[str], path: Path) -> None:
    """The frontier of the seeds' means; the bars are the seeds' extremes."""
    points = []
    for name in chosen:
        accuracies = values(by_name[name], "accuracy")
        points.append(
            FrontierPoint(
                label=name,
                accuracy=statistics.fmean(accuracies),
                mean_tokens=statistics.fmean(values(by_name[name], "num_tokens")),
                ci=(min(accuracies), max(accuracies)),
            )
        )
    benchmarks = {step.get("benchmark") or "held_out" for n in chosen for step in by_name[n]}
    draw_frontier(points, path, title=f"{' and '.join(sorted(benchmarks))}, mean of the seeds")


def write_results(runs: Path, results: Path) -> None:
    """Write `table.md`, `frontier.png` and `results.json`."""
    by_name = read_steps(runs)
    plan = json.loads(next(iter(runs.glob("seed*/pipeline.json"))).read_text())
    results.mkdir(parents=True, exist_ok=True)
    (results / "table.md").write_text(tabulate(by_name))
    (results / "results.json").write_text(json.dumps(by_name, indent=2) + "\n")
    draw(by_name, plan["frontier"], results / "frontier.png")
    print(tabulate(by_name))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path, help="folder of the pipelines")
    parser.add_argument("--results", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()
    write_results(arguments.runs, arguments.results)
