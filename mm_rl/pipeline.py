"""A pipeline: runs that follow each other, the recipe from its first stage to its last.

outputs/<name>/<time>/
    config.json  status.json
    01-pretrain/ 02-sft/ ...   one run folder per step, each complete in itself
    report/index.html          accuracy and length after each step, the frontier, the funnel

A step is an ordinary run: `python -m mm_rl.train +experiment=k15/sft model=pretrained
model.path=...` does by hand what the step `sft` does here. Killed at any instant and started again
with `resume=auto`, the pipeline goes on inside the step that was cut, to the same bits.
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from mm_rl.config import CONFIG_DIR, PipelineConfig, StepConfig, TrainConfig, to_config, to_plain
from mm_rl.files import write_json
from mm_rl.launch import POLICY_LINK, UserError, is_finished, launch, noted_status, open_run_folder
from mm_rl.report.pipeline import PLAN_FILE, SECONDS_FILE, write_pipeline_report

# `<sft:policy>`, `<curate:curated>`: a result of an earlier step, and where its run folder has it.
_RESULT = re.compile(r"<(\w+):(\w+)>")
_RESULTS = {"policy": POLICY_LINK, "curated": "curated"}
_NOTE_SECONDS = 10.0


def run_pipeline(config: TrainConfig) -> Path:
    """Run every step that is not finished, in order, and write the report after each.

    Returns:
        The pipeline's folder.

    Raises:
        UserError: a step is configured wrongly; all steps are composed before the first one starts.
    """
    try:
        folder = open_run_folder(config)
        steps = compose_steps(config, folder)
    except ValueError as error:
        raise UserError(str(error)) from error
    write_json(folder / "config.json", to_plain(config))
    plan = {"name": config.name, "seed": config.seed, "frontier": config.pipeline.frontier}
    write_json(folder / PLAN_FILE, {**plan, "steps": list(steps)})
    print(f"pipeline folder: {folder}", flush=True)
    with noted_status(folder):
        _run_steps(steps, folder)
    print(f"report: {write_pipeline_report(folder)}", flush=True)
    return folder


def _run_steps(steps: dict[str, TrainConfig], folder: Path) -> None:
    for number, (name, step) in enumerate(steps.items(), start=1):
        print(f"step {number}/{len(steps)}: {name}", flush=True)
        assert step.run_dir is not None
        if is_finished(Path(step.run_dir)):
            continue
        # What the steps before came to; the last one's results are written at the end.
        write_pipeline_report(folder)
        with added_up(folder / SECONDS_FILE, name):
            launch(step)


@contextmanager
def added_up(path: Path, name: str, *, every: float = _NOTE_SECONDS) -> Iterator[None]:
    """Add the wall-clock of the block to an entry of a JSON file, now and then and at its end.

    A process that is killed in the block leaves all but the last `every` seconds of its time there.
    """
    known: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    before, started, ended = known.get(name, 0.0), time.perf_counter(), Event()

    def note() -> None:
        write_json(path, {**known, name: before + time.perf_counter() - started})

    def keep_noting() -> None:
        while not ended.wait(every):
            note()

    thread = Thread(target=keep_noting, name="seconds", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        note()


def compose_steps(config: TrainConfig, folder: Path) -> dict[str, TrainConfig]:
    """The configuration of every step, by name.

    Raises:
        ValueError: a step's experiment, override or reference that does not exist; names the step.
    """
    pipeline = config.pipeline
    folders = {
        name: folder / f"{number:02d}-{name}" for number, name in enumerate(pipeline.steps, start=1)
    }
    composed = {}
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        for name, step in pipeline.steps.items():
            overrides = step_overrides(name, step, pipeline=pipeline, folders=folders)
            try:
                composed[name] = to_config(compose("train", overrides=overrides))
            except (ValueError, HydraException, OmegaConfBaseException) as error:
                raise ValueError(f"pipeline.steps.{name}: {error}") from error
            if composed[name].pipeline.steps:
                raise ValueError(f"pipeline.steps.{name}.experiment is a pipeline itself")
            composed[name].name = f"{config.name}/{name}"
    return composed


def step_overrides(
    name: str, step: StepConfig, *, pipeline: PipelineConfig, folders: dict[str, Path]
) -> list[str]:
    """What a step's command line would be."""
    shared = pipeline.overrides
    if step.policy is not None:
        # Another option of the group has other keys: the size of a policy is decided once.
        shared = [item for item in shared if not re.match(r"\+?model[=.]", item)]
    overrides = [] if step.experiment is None else [f"+experiment={step.experiment}"]
    overrides += [resolve(item, name=name, folders=folders) for item in step.settings]
    if step.policy is not None:
        path = folders[step.policy] / POLICY_LINK
        overrides += ["model=pretrained", f"model.path='{path}'"]
    own = [resolve(item, name=name, folders=folders) for item in step.overrides]
    return [*overrides, *shared, *own, f"run_dir='{folders[name]}'", "resume=auto"]


def resolve(override: str, *, name: str, folders: dict[str, Path]) -> str:
    """Replace references to earlier steps by paths."""

    def path(match: re.Match[str]) -> str:
        step, result = match.groups()
        earlier = list(folders)[: list(folders).index(name)]
        if step not in earlier or result not in _RESULTS:
            raise ValueError(
                f"pipeline.steps.{name}: {match[0]} is no result of an earlier step; "
                "write <STEP:policy> or <STEP:curated>"
            )
        return f"'{folders[step] / _RESULTS[result]}'"

    return _RESULT.sub(path, override)
