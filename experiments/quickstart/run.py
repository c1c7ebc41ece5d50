"""Run the quickstart and its baseline for several seeds, then write the table and the figure.

    python experiments/quickstart/run.py --seeds 0 1 2

For each seed: the quickstart itself (SFT, then RL), and SFT continued from the same checkpoint on
the same demonstrations for as long as RL took. Finished parts are not run again.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from analyze import write_results

ROOT = Path(__file__).parents[2]
RUNS = ROOT / "outputs" / "experiments" / "quickstart"
# The baseline's peak learning rate: half of SFT's own, decayed again. Generous to the baseline.
CONTINUED_LR = 1.0e-3


def run(folder: Path, *overrides: str) -> None:
    """Train into `folder` unless that is done already; goes on where a killed run stopped."""
    status = folder / "status.json"
    if status.exists() and json.loads(status.read_text())["status"] == "finished":
        return
    command = [sys.executable, "-m", "mm_rl.train", "+experiment=quickstart", *overrides]
    subprocess.run([*command, f"run_dir={folder}", "resume=auto"], cwd=ROOT, check=True)


def metrics(folder: Path, stage: str) -> list[dict[str, Any]]:
    lines = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    return [line for line in lines if line["stage"] == stage]


def matching_sft_steps(folder: Path) -> int:
    """SFT steps that take as long as the run's RL iterations did, evaluations left out of both."""
    rl_seconds = sum(
        line.get(f"timing/{part}_s", 0.0)
        for line in metrics(folder, "rl")
        for part in ("rollout", "reward", "update")
    )
    steps = [line["timing/step_s"] for line in metrics(folder, "sft") if "timing/step_s" in line]
    # The later half: demonstrations are encoded by then, as they are for a continuation.
    later = steps[len(steps) // 2 :]
    return round(rl_seconds / (sum(later) / len(later)))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument(
        "--threads", type=int, default=0, help="CPU threads per run; 0: torch's choice"
    )
    arguments = parser.parse_args()
    for seed in arguments.seeds:
        folder = RUNS / f"seed{seed}"
        shared = (f"seed={seed}", f"threads={arguments.threads}")
        run(folder / "main", *shared)
        (after_sft,) = (folder / "main" / "checkpoints").glob("*-sft-*")
        run(
            folder / "sft_continued",
            *shared,
            "stages=[sft]",
            "model=pretrained",
            f"model.path={after_sft / 'policy'}",
            f"sft.steps={matching_sft_steps(folder / 'main')}",
            f"sft.optim.lr={CONTINUED_LR}",
            "sft.answer_only_from=0",  # go on with both strategies, as SFT ended
            "eval.every_sft_steps=0",
        )
    write_results(RUNS, Path(__file__).parent)


if __name__ == "__main__":
    main()
