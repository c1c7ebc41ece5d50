"""Train every sampler from the same checkpoint on the same pool, then write table and figure.

    python experiments/samplers/run.py --seeds 0 1 2 --threads 1

For each seed: a pool of problems is written, SFT is run once, and RL starts from its checkpoint
once per sampler. All arms sample the same number of completions. Finished parts are not run again.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from analyze import ARMS, write_results
from hydra import compose, initialize_config_dir

from data_synth.storage import write_problems
from mm_rl.config import CONFIG_DIR, TrainConfig, register_configs, to_config
from mm_rl.prompts.prompt_set import SyntheticPromptSet

ROOT = Path(__file__).parents[2]
RUNS = ROOT / "outputs" / "experiments" / "samplers"
POOL_SIZE = 160
# A third of the iterations is warm-up; then only what the policy still gets wrong mostly.
CURRICULUM = ("by=success", "hard_below=0.5", "warmup_iterations=8")


def configure(overrides: list[str]) -> TrainConfig:
    register_configs()
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        return to_config(compose("train", overrides=["+experiment=samplers", *overrides]))


def write_pool(folder: Path, config: TrainConfig, size: int) -> None:
    """The pool of a seed: `size` problems of the tasks and levels of the configuration."""
    if folder.exists():
        return
    prompts = SyntheticPromptSet(
        config.data.tasks,
        size=size,
        split="train",
        seed=config.seed,
        options={"image_size": config.data.image_size},
    )
    write_problems(folder, map(prompts.problem, range(size)))


def train(folder: Path, overrides: list[str]) -> None:
    """Train into `folder` unless that is done already; goes on where a killed run stopped."""
    status = folder / "status.json"
    if status.exists() and json.loads(status.read_text())["status"] == "finished":
        return
    command = [sys.executable, "-m", "mm_rl.train", "+experiment=samplers", *overrides]
    subprocess.run([*command, f"run_dir={folder}", "resume=auto"], cwd=ROOT, check=True)


def run_seed(folder: Path, overrides: list[str], pool_size: int) -> None:
    """SFT and all arms of one seed."""
    write_pool(folder / "pool", configure(overrides), pool_size)
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
                f"data.path={folder / 'pool'}",
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
    parser.add_argument("--pool-size", type=int, default=POOL_SIZE)
    parser.add_argument(
        "--results", type=Path, default=Path(__file__).parent, help="folder of table and figure"
    )
    parser.add_argument("overrides", nargs="*", help="further settings of every run")
    arguments = parser.parse_args()
    runs = arguments.runs.resolve()
    for seed in arguments.seeds:
        overrides = [f"seed={seed}", f"threads={arguments.threads}", *arguments.overrides]
        run_seed(runs / f"seed{seed}", overrides, arguments.pool_size)
    write_results(runs, arguments.results)


if __name__ == "__main__":
    main()
