"""Train every sampler from the same checkpoint on the same pool, then write table and figure.

    python experiments/samplers/run.py --seeds 0 1 2 --threads 1

For each seed: SFT is run once, and RL starts from its checkpoint once per sampler. All arms draw
from the same pool and sample the same number of completions. Finished parts are not run again.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from analyze import ARMS, write_results

ROOT = Path(__file__).parents[2]
RUNS = ROOT / "outputs" / "experiments" / "samplers"
# A third of the iterations is warm-up; then only what the policy still gets wrong mostly.
CURRICULUM = ("by=success", "hard_below=0.5", "warmup_iterations=20")


def train(folder: Path, overrides: list[str]) -> None:
    """Train into `folder` unless that is done already; goes on where a killed run stopped."""
    status = folder / "status.json"
    if status.exists() and json.loads(status.read_text())["status"] == "finished":
        return
    command = [sys.executable, "-m", "mm_rl.train", "+experiment=samplers", *overrides]
    subprocess.run([*command, f"run_dir={folder}", "resume=auto"], cwd=ROOT, check=True)


def run_seed(folder: Path, overrides: list[str]) -> None:
    """SFT and all arms of one seed."""
    train(folder / "sft", [*overrides, "stages=[sft]"])
    for arm in ARMS:
        settings = CURRICULUM if arm == "curriculum" else ()
        train(
            folder / arm,
            [
                *overrides,
                "stages=[rl]",
                "model=pretrained",
                f"model.path={folder / 'sft' / 'policy'}",
                f"sampler={arm}",
                *(f"sampler.{setting}" for setting in settings),
            ],
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument(
        "--threads", type=int, default=0, help="CPU threads per run; 0: torch's choice"
    )
    parser.add_argument("--runs", type=Path, default=RUNS, help="folder of the runs")
    parser.add_argument(
        "--results", type=Path, default=Path(__file__).parent, help="folder of table and figure"
    )
    parser.add_argument("overrides", nargs="*", help="further settings of every run")
    arguments = parser.parse_args()
    runs = arguments.runs.resolve()
    for seed in arguments.seeds:
        overrides = [f"seed={seed}", f"threads={arguments.threads}", *arguments.overrides]
        run_seed(runs / f"seed{seed}", overrides)
    write_results(runs, arguments.results)


if __name__ == "__main__":
    main()
