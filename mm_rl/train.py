"""Train a policy: `python -m mm_rl.train +experiment=quickstart`.

Composes and checks the configuration, then hands over to `mm_rl.launch`. Torch is imported only
after the configuration is known to be right, so a typo answers in a second.

    python -m mm_rl.train +experiment=smoke                       the whole path in a minute
    python -m mm_rl.train +experiment=quickstart seed=1           another seed
    python -m mm_rl.train +experiment=quickstart resume=auto      go on after a kill
    python -m mm_rl.train +experiment=quickstart +sweep=seeds     one run per seed
    python -m mm_rl.train +experiment=smoke --cfg job             print the configuration only
"""

import multiprocessing
import sys
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from mm_rl.config import TrainConfig, register_configs, to_config

# In a checkout conf/ stands beside the package; a wheel carries it inside.
CONFIG_DIR = next(
    folder
    for folder in (Path(__file__).parents[1] / "conf", Path(__file__).parent / "conf")
    if (folder / "train.yaml").exists()
)


def run_job(config: TrainConfig) -> None:
    """Run one job, with its faults of configuration and data as one line."""
    from mm_rl.launch import UserError, launch  # torch and transformers: seconds of import

    try:
        launch(config)
    except UserError as error:
        sys.exit(f"error: {error}")


def run_in_child(config: TrainConfig) -> None:
    """Run a sweep's job in a process of its own: memory, threads and seeds do not leak."""
    child = multiprocessing.get_context("spawn").Process(target=run_job, args=(config,))
    child.start()
    child.join()
    if child.exitcode != 0:
        raise RuntimeError(f"job {config.run_dir} ended with exit code {child.exitcode}")


@hydra.main(version_base="1.3", config_path=str(CONFIG_DIR), config_name="train")
def main(composed: DictConfig) -> None:
    try:
        config = to_config(composed)
    except ValueError as error:
        sys.exit(f"error: {error}")
    hydra_config = HydraConfig.get()
    if hydra_config.mode is RunMode.MULTIRUN:
        config.run_dir = hydra_config.runtime.output_dir
        run_in_child(config)
    else:
        run_job(config)


if __name__ == "__main__":
    register_configs()
    main()
