"""The steps of conf/experiment/k15: the same tasks by hand and in the pipeline."""

from pathlib import Path

import pytest

from mm_rl.config import CONFIG_DIR
from mm_rl.pipeline import compose_steps
from tests.conftest import compose_config

FOLDER = CONFIG_DIR / "experiment" / "k15"
PIPELINES = {"full", "smoke"}


@pytest.mark.parametrize("name", sorted({path.stem for path in FOLDER.glob("*.yaml")} - PIPELINES))
def test_a_step_by_hand_has_the_tasks_of_the_recipe(name: str) -> None:
    assert (
        compose_config(f"+experiment=k15/{name}").data.tasks
        == compose_config("data=ladder").data.tasks
    )


@pytest.mark.parametrize("name", sorted(PIPELINES))
def test_only_curation_reads_sources_and_what_follows_reads_its_set(name: str) -> None:
    steps = compose_steps(compose_config(f"+experiment=k15/{name}"), Path("outputs/k15/1"))
    assert {step for step, config in steps.items() if config.data.sources} == {"curate"}
    curated = {step for step, config in steps.items() if config.data.path is not None}
    assert curated == {"rl", "shortest", "dpo", "long2short"}
    assert all(str(steps[step].data.path).endswith("-curate/curated") for step in curated)
