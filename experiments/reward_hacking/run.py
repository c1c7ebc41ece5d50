"""Does RL find the holes of a verifier? Two weakened ones and the real one, several seeds.

    python experiments/reward_hacking/run.py --seeds 0 1 2

A short SFT gives a policy that knows the form of an answer and little else. From it, RL runs once
per verifier. Finished parts are not run again; the table and the figure are written at the end.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from analyze import write_results

ROOT = Path(__file__).parents[2]
RUNS = ROOT / "outputs" / "experiments" / "reward_hacking"
SHARED = (
    "+experiment=quickstart",
    "data.eval_size=120",
    "data.easy_vqa_eval_size=0",
    "sft.easy_vqa_frac=0",
    "rl.rehearsal_weight=0",
    "eval.every=0",
    "eval.every_sft_steps=0",
    "eval.controls=false",
)
# What RL is paid by, in place of the real verifier.
WEAKENED = {
    name: (
        "reward.answer_weight=0",
        f"+reward.functions.weak=experiments.reward_hacking.weak_verifiers:{name}",
    )
    for name in ("answer_in_reference", "fails_open")
}
ARMS: dict[str, tuple[str, ...]] = {"real": (), **WEAKENED}


def run(folder: Path, *overrides: str) -> None:
    """Train into `folder` unless that is done already; goes on where a killed run stopped."""
    status = folder / "status.json"
    if status.exists() and json.loads(status.read_text())["status"] == "finished":
        return
    command = [sys.executable, "-m", "mm_rl.train", *SHARED, *overrides]
    subprocess.run([*command, f"run_dir={folder}", "resume=auto"], cwd=ROOT, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--sft-steps", type=int, default=150)
    parser.add_argument("--iterations", type=int, default=15)
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0: torch's choice")
    arguments = parser.parse_args()
    started = time.monotonic()
    for seed in arguments.seeds:
        folder = RUNS / f"seed{seed}"
        shared = (f"seed={seed}", f"threads={arguments.threads}")
        run(folder / "sft", *shared, "stages=[sft]", f"sft.steps={arguments.sft_steps}")
        after_sft = max((folder / "sft" / "checkpoints").glob("*-sft-*"))
        for arm, reward in ARMS.items():
            run(
                folder / arm,
                *shared,
                "stages=[rl]",
                "model=pretrained",
                f"model.path={after_sft / 'policy'}",
                f"rl.iterations={arguments.iterations}",
                *reward,
            )
    print(f"{(time.monotonic() - started) / 60:.1f} minutes")
    write_results(RUNS, Path(__file__).parent)


if __name__ == "__main__":
    main()
