"""Pipelines: what each step's command line becomes, checked before the first step starts."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mm_rl.config import (
    PipelineConfig,
    PretrainedModelConfig,
    StepConfig,
    TinyModelConfig,
    TrainConfig,
)
from mm_rl.launch import UserError, check_same_config
from mm_rl.pipeline import added_up, compose_steps, run_pipeline
from mm_rl.train import shared_overrides
from tests.conftest import compose_config

FOLDER = Path("outputs/chain/1")


def make_steps() -> dict[str, StepConfig]:
    return {
        "short": StepConfig(experiment="smoke", settings=["stages=[sft]", "sft.steps=7"]),
        "pool": StepConfig(experiment="smoke", policy="short", settings=["stages=[rl]"]),
        "long": StepConfig(
            experiment="smoke",
            policy="short",
            settings=["stages=[rl]", "data.path=<pool:curated>"],
        ),
    }


def compose_chain(
    *shared: str, folder: Path = FOLDER, **changed: dict[str, object]
) -> dict[str, TrainConfig]:
    """The steps of the chain, with fields of steps changed by the steps' names."""
    steps = {name: replace(step, **changed.get(name, {})) for name, step in make_steps().items()}
    config = compose_config("name=chain")
    config.pipeline = PipelineConfig(steps=steps, overrides=list(shared))
    return compose_steps(config, folder)


def test_steps_are_runs_in_numbered_folders_of_the_pipeline() -> None:
    steps = compose_chain()
    assert [step.run_dir for step in steps.values()] == [
        "outputs/chain/1/01-short",
        "outputs/chain/1/02-pool",
        "outputs/chain/1/03-long",
    ]
    assert [step.name for step in steps.values()] == ["chain/short", "chain/pool", "chain/long"]
    assert all(step.resume == "auto" for step in steps.values())
    assert steps["short"].stages == ["sft"]
    assert steps["short"].sft.steps == 7
    assert steps["long"].sft.steps == 20, "the experiment's own"


def test_a_step_starts_from_the_final_policy_of_the_one_it_names() -> None:
    steps = compose_chain()
    assert isinstance(steps["short"].model, TinyModelConfig)
    model = steps["long"].model
    assert isinstance(model, PretrainedModelConfig)
    assert model.path == "outputs/chain/1/01-short/policy"
    assert steps["long"].data.path == "outputs/chain/1/02-pool/curated"


def test_shared_overrides_win_and_the_models_size_goes_where_it_is_built() -> None:
    steps = compose_chain("seed=5", "sft.steps=9", "model.hidden_size=64")
    assert [step.seed for step in steps.values()] == [5, 5, 5]
    assert [step.sft.steps for step in steps.values()] == [9, 9, 9]
    short = steps["short"].model
    assert isinstance(short, TinyModelConfig)
    assert short.hidden_size == 64


def test_a_steps_overrides_leave_its_settings_and_win_over_the_shared_ones() -> None:
    steps = compose_chain("rl.group_size=3", long={"overrides": ["rl.group_size=4"]})
    assert (steps["pool"].rl.group_size, steps["long"].rl.group_size) == (3, 4)
    assert steps["long"].stages == ["rl"]
    assert steps["long"].data.path == "outputs/chain/1/02-pool/curated"


def test_a_pipeline_goes_on_with_other_threads_but_no_other_seed(tmp_path: Path) -> None:
    def saved(*overrides: str) -> dict[str, Any]:
        return {"pipeline": {"overrides": [*overrides, "rl.iterations=2"]}, "threads": 0}

    check_same_config(saved("threads=1"), saved("threads=2", "checkpoint.every=5"), folder=tmp_path)
    with pytest.raises(ValueError, match=r"pipeline\.overrides: .*seed=0.*seed=1"):
        check_same_config(saved("seed=0"), saved("seed=1"), folder=tmp_path)


def test_a_folder_with_odd_characters_is_passed_whole() -> None:
    steps = compose_chain(folder=Path("outputs/a b=c,(1)"))
    assert steps["long"].data.path == "outputs/a b=c,(1)/02-pool/curated"


def test_a_chain_that_can_not_be_is_refused_by_key() -> None:
    steps = make_steps()
    with pytest.raises(ValueError, match=r"steps\.pool\.policy=long: .*before it: short"):
        PipelineConfig(steps={**steps, "pool": replace(steps["pool"], policy="long")})
    with pytest.raises(ValueError, match=r"steps\.short\.policy=short: .*: none"):
        PipelineConfig(steps={"short": replace(steps["short"], policy="short")})
    with pytest.raises(ValueError, match=r"frontier=best: choose from short, pool, long"):
        PipelineConfig(steps=steps, frontier=["short", "best"])


@pytest.mark.parametrize(
    ("step", "field", "value", "message"),
    [
        ("pool", "overrides", ["data.path=<long:curated>"], "<long:curated> is no result"),
        ("long", "overrides", ["data.path=<pool:best>"], "<pool:best> is no result"),
        ("pool", "experiment", "typo", r"steps\.pool: .*typo"),
        ("pool", "overrides", ["rl.typo=1"], r"(?s)steps\.pool: .*typo"),
        ("pool", "overrides", ["rl.group_size=1"], r"steps\.pool: rl\.group_size=1"),
        ("long", "overrides", ["dtype=half"], r"steps\.long: dtype=half"),
    ],
)
def test_a_fault_of_a_later_step_is_found_before_the_first_starts(
    step: str, field: str, value: object, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        compose_chain(**{step: {field: value}})


def test_of_a_pipelines_command_line_the_steps_get_what_is_theirs() -> None:
    line = [
        "+experiment=k15/full",
        "name=mine",
        "seed=3",
        "resume=auto",
        "run_dir=here",
        "pipeline.steps.rl.overrides=[]",
        "+data.tasks.count_colors=1",
        "~data.tasks.row_sums",
        "named=x",
    ]
    assert shared_overrides(line) == [
        "seed=3",
        "+data.tasks.count_colors=1",
        "~data.tasks.row_sums",
        "named=x",
    ]


def test_seconds_add_up_over_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "seconds.json"
    path.write_text('{"sft": 7.0}')
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from mm_rl.pipeline import added_up\n"
        "with added_up(Path(sys.argv[1]), 'rl', every=0.05): time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(path)])
    deadline = time.monotonic() + 120
    killed_at = 0.0
    while killed_at < 0.2 and time.monotonic() < deadline:
        time.sleep(0.02)
        killed_at = json.loads(path.read_text()).get("rl", 0.0)
    process.kill()
    process.wait()
    killed_at = json.loads(path.read_text())["rl"]
    assert killed_at >= 0.2

    with added_up(path, "rl"):
        time.sleep(0.1)
    seconds = json.loads(path.read_text())
    assert seconds["sft"] == 7.0
    assert killed_at + 0.1 <= seconds["rl"] < killed_at + 5


def test_a_step_that_is_begun_again_keeps_the_seconds_it_had(tmp_path: Path) -> None:
    config = compose_config("name=chain", f"run_dir={tmp_path}", "resume=auto")
    overrides = ["stages=[rl]", "data.path=nowhere"]
    config.pipeline = PipelineConfig(
        steps={"broken": StepConfig(experiment="smoke", overrides=overrides)}
    )
    (tmp_path / "seconds.json").write_text('{"broken": 100.0}')
    with pytest.raises(UserError, match="nowhere"):
        run_pipeline(config)
    assert json.loads((tmp_path / "seconds.json").read_text())["broken"] > 100.0
