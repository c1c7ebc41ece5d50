"""Table, figure and JSON of the quickstart experiment from its run folders.

python experiments/quickstart/analyze.py outputs/experiments/quickstart
"""

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

# (row of the table, run, stage, metric prefix)
ROWS = (
    ("best constant answer", "main", "rl", "eval/constant_accuracy"),
    ("after RL, images blanked", "main", "rl", "eval/blind_accuracy"),
    ("after SFT, greedy", "main", "sft", "eval/accuracy"),
    ("SFT continued for RL's time, greedy", "sft_continued", "sft", "eval/accuracy"),
    ("after RL, greedy", "main", "rl", "eval/accuracy"),
    ("after SFT, sampled", "main", "sft", "eval/sampled_accuracy"),
    ("SFT continued for RL's time, sampled", "sft_continued", "sft", "eval/sampled_accuracy"),
    ("after RL, sampled", "main", "rl", "eval/sampled_accuracy"),
)
REAL = "easy-vqa"


def read(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def final_scores(folder: Path, stage: str, prefix: str) -> dict[str, float]:
    """Scores by source at the end of a stage."""
    lines = [
        line
        for line in read(folder)
        if line["stage"] == stage and any(key.startswith(prefix + "/") for key in line)
    ]
    return {
        key.removeprefix(prefix + "/"): value
        for key, value in lines[-1].items()
        if key.startswith(prefix + "/")
    }


def spread(values: list[float]) -> str:
    """Mean and standard deviation over seeds, in percent."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{100 * statistics.fmean(values):.1f} ± {100 * deviation:.1f}"


def tabulate(seeds: list[Path]) -> tuple[str, dict[str, dict[str, list[float]]]]:
    """Markdown table and the numbers behind it: row -> source -> one value per seed."""
    numbers: dict[str, dict[str, list[float]]] = {}
    for title, run, stage, prefix in ROWS:
        per_seed = [final_scores(seed / run, stage, prefix) for seed in seeds]
        synthetic = sorted(name for name in per_seed[0] if name != REAL)
        row = {name: [scores[name] for scores in per_seed] for name in [*synthetic, REAL]}
        means = [statistics.fmean(scores[name] for name in synthetic) for scores in per_seed]
        numbers[title] = {"synthetic mean": means, **row}
    columns = list(next(iter(numbers.values())))
    lines = [f"| accuracy, % | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for title, row in numbers.items():
        lines.append(f"| {title} | {' | '.join(spread(row[column]) for column in columns)} |")
    return "\n".join(lines) + "\n", numbers


def draw(seeds: list[Path], path: Path) -> None:
    """Reward and length over RL iterations, one line per seed: the small form of k1.5's Fig. 5."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    panels = (("rollout/correct_frac", "correct rollouts"), ("rollout/num_tokens", "mean tokens"))
    for seed in seeds:
        lines = [line for line in read(seed / "main") if "rollout/correct_frac" in line]
        for axis, (key, label) in zip(axes, panels, strict=True):
            axis.plot(
                [line["step"] for line in lines], [line[key] for line in lines], label=seed.name
            )
            axis.set(xlabel="RL iteration", ylabel=label)
    axes[0].legend(frameon=False)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def write_results(runs: Path, folder: Path) -> None:
    """Write table.md, results.json and curves.png next to this script."""
    statuses = runs.glob("seed*/sft_continued/status.json")
    seeds = sorted(path.parents[1] for path in statuses if '"finished"' in path.read_text())
    table, numbers = tabulate(seeds)
    timing = {
        seed.name: {
            stage: sum(
                value
                for line in read(seed / "main")
                if line["stage"] == stage
                for key, value in line.items()
                if key
                in ("timing/step_s", "timing/rollout_s", "timing/reward_s", "timing/update_s")
            )
            for stage in ("sft", "rl")
        }
        for seed in seeds
    }
    (folder / "table.md").write_text(table)
    results = {"accuracy": numbers, "seconds": timing}
    (folder / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    draw(seeds, folder / "curves.png")
    print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, help="folder with seed0/, seed1/, ...")
    write_results(parser.parse_args().runs, Path(__file__).parent)
