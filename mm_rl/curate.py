"""Curate a prompt set: `python -m mm_rl.curate +experiment=curate/quick`.

The same run folder, resuming and configuration as `python -m mm_rl.train`, with the one stage
`curate` (k1.5 §2.1): candidate problems go through the filters of `curation.filters` in their
order, and every problem that is dropped has a reason.

    python -m mm_rl.curate +experiment=curate/quick
    python -m mm_rl.curate data.path=problems model=pretrained model.path=POLICY
    python -m mm_rl.curate ... rollout.max_total_tokens=4096    room to reason: what is cut is wrong
    python -m mm_rl.curate ... curation.filters=[excluded,exact_duplicates,guess,difficulty]
    python -m mm_rl.curate ... resume=auto                  go on after a kill

The curated problems are in `curated/` of the run folder (`data.path=` takes it), what a person
should look at is in `review/`, and `curation/report.html` shows the funnel with examples.
"""

import hydra
from omegaconf import DictConfig

from mm_rl.config import CONFIG_DIR, register_configs
from mm_rl.train import run_composed


@hydra.main(version_base="1.3", config_path=str(CONFIG_DIR), config_name="curate")
def main(composed: DictConfig) -> None:
    run_composed(composed)


if __name__ == "__main__":
    register_configs()
    main()
