"""Train both reward models for several seeds, measure them, and write the table and the results.

    python experiments/reward_models/run.py --seeds 0 1 2

Everything after `--` goes to both trainings as overrides. Finished parts are not run again.
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from measure import measure_classic, measure_rules, measure_thinking
from tables import write_tables

ROOT = Path(__file__).parents[2]
RUNS = ROOT / "outputs" / "experiments" / "reward_models"


def train(folder: Path, experiment: str, *overrides: str) -> None:
    """Train into `folder` unless that is done already; goes on where a killed run stopped.

    The processor time of all starts is added up in `cpu_seconds.json`.
    """
    status = folder / "status.json"
    if status.exists() and json.loads(status.read_text())["status"] == "finished":
        return
    before = _children_seconds()
    command = [sys.executable, "-m", "mm_rl.train", f"+experiment={experiment}", *overrides]
    subprocess.run([*command, f"run_dir={folder}", "resume=auto"], cwd=ROOT, check=True)
    record = folder / "cpu_seconds.json"
    earlier = json.loads(record.read_text()) if record.exists() else 0.0
    record.write_text(json.dumps(earlier + _children_seconds() - before))


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(seed: int, overrides: list[str]) -> dict[str, Any]:
    """Train both models of a seed and measure them; measured ones are read back."""
    results = {}
    for experiment, measure_model in (
        ("cot_rm", measure_thinking),
        ("classic_rm", measure_classic),
    ):
        folder = RUNS / f"seed{seed}" / experiment
        train(folder, experiment, f"seed={seed}", "threads=1", *overrides)
        measured = folder / "measured.json"
        if not measured.exists():
            values = measure_model(folder)
            values["cpu_s"] = json.loads((folder / "cpu_seconds.json").read_text())
            measured.write_text(json.dumps(values, indent=2))
        results[experiment] = json.loads(measured.read_text())
    return results


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("overrides", nargs="*", help="overrides of both trainings, after --")
    arguments = parser.parse_args()
    results = {
        "rules": measure_rules(),
        "seeds": {str(seed): measure(seed, arguments.overrides) for seed in arguments.seeds},
    }
    write_tables(results, Path(__file__).parent)


if __name__ == "__main__":
    main()
