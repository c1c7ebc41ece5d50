"""Launch a run: find or make its folder, load what it stands on, run its stages, write the report.

A run is a folder. Killed at any instant and started again with `resume=auto`, it goes on from its
newest whole checkpoint; on a CPU the result is the same to the last bit as without the kill.
"""

import json
import os
import platform
import re
import subprocess
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from transformers.utils import logging as transformers_logging

from mm_rl.build import build_device, build_policy, build_prompts, build_stage
from mm_rl.checkpoint import Checkpoint, CheckpointStore
from mm_rl.config import TrainConfig, to_plain
from mm_rl.files import write_json
from mm_rl.loop import train
from mm_rl.policy.model import load_policy
from mm_rl.preflight import run_preflight
from mm_rl.report import write_report
from mm_rl.reward_models.serving import build_reward_model
from mm_rl.run import Run
from mm_rl.sandbox import SandboxUnavailable
from mm_rl.stages.rl import RLStage

OUTPUTS = Path("outputs")
PACKAGES = ("torch", "transformers", "datasets", "hydra-core", "pillow", "numpy", "easy-vqa")
POLICY_LINK = "policy"
"""Name of the link to the final policy in a run folder; a run that trains nothing has none."""
# Keys that may differ between a run and its continuation: they do not change what it computes.
_FREE_KEYS = ("resume", "run_dir", "threads", "checkpoint", "save_rollouts")


class UserError(ValueError):
    """A fault of configuration, data or environment that the user can mend; shown as one line."""


def launch(config: TrainConfig) -> Path:
    """Run all stages of a configuration.

    Returns:
        The run folder.

    Raises:
        UserError: something that was asked for is not there or does not fit.
    """
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    if config.threads > 0:
        torch.set_num_threads(config.threads)
    try:
        folder = open_run_folder(config)
        run, checkpoint = _prepare(config, folder)
    except (ValueError, FileNotFoundError) as error:
        raise UserError(str(error)) from error
    print(f"run folder: {folder}", flush=True)
    # Only now is the folder a run: one that could not start leaves nothing to resume.
    write_json(folder / "environment.json", describe_environment())
    write_json(folder / "config.json", to_plain(config))
    with noted_status(folder):
        try:
            _run_stages(run, checkpoint)
        except (ValueError, SandboxUnavailable) as error:
            # What a stage refuses is the user's to mend; a fault of ours must stay findable.
            trace = folder / "traceback.txt"
            trace.write_text(traceback.format_exc())
            raise UserError(f"{error} (where it was found: {trace})") from error
        finally:
            run.close()
        link_policy(folder)
    print(f"report: {write_report(folder)}", flush=True)
    return folder


@contextmanager
def noted_status(folder: Path) -> Iterator[None]:
    """Keep `status.json` of a folder up to date: running, then finished or failed."""
    path, pid = folder / "status.json", os.getpid()
    write_json(path, {"status": "running", "pid": pid})
    try:
        yield
    except BaseException as error:
        write_json(path, {"status": "failed", "pid": pid, "error": repr(error)})
        raise
    write_json(path, {"status": "finished", "pid": pid})


def link_policy(folder: Path) -> None:
    """Let `policy` of a run folder point to the newest checkpoint's."""
    paths = sorted((folder / "checkpoints").glob("[!.]*"))
    if paths:
        temporary = folder / f".{POLICY_LINK}.tmp"
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(paths[-1].relative_to(folder) / "policy", target_is_directory=True)
        temporary.replace(folder / POLICY_LINK)


def _prepare(config: TrainConfig, folder: Path) -> tuple[Run, Checkpoint | None]:
    """Load prompts and policy, from the newest whole checkpoint if there is one, and check them."""
    store = CheckpointStore(folder / "checkpoints", keep=config.checkpoint.keep)
    checkpoint, problems = store.latest()
    for problem in problems:
        print(f"warning: {problem}; falling back to the one before", flush=True)
    prompts = build_prompts(config)
    if checkpoint is None:
        policy = build_policy(config, folder=folder, prompts=prompts)
    else:
        print(f"resuming after {checkpoint.stage} {checkpoint.step}", flush=True)
        policy = load_policy(
            str(checkpoint.path / "policy"),
            device=build_device(config.device),
            dtype=config.dtype,
        )
    run = Run(
        config,
        folder,
        policy=policy,
        prompts=prompts,
        metrics_bytes=checkpoint.metrics_bytes if checkpoint is not None else 0,
        reward_model=build_reward_model(config.reward.judge, device=build_device(config.device)),
    )
    if checkpoint is None:
        run_preflight(run)
    return run, checkpoint


def _run_stages(run: Run, checkpoint: Checkpoint | None) -> None:
    names = list(run.config.stages)
    if checkpoint is not None:
        # A finished stage is over; an unfinished one goes on from its own state.
        names = names[names.index(checkpoint.stage) + checkpoint.finished :]
    for name in names:
        stage = build_stage(name, run)
        if checkpoint is not None and not checkpoint.finished and name == checkpoint.stage:
            stage.load_state_dict(checkpoint.state)
        if isinstance(stage, RLStage):
            train(stage)
        else:
            stage.run()


def open_run_folder(config: TrainConfig) -> Path:
    """The folder to run in: a new one, or the one that `resume` asks for.

    Raises:
        ValueError: the folder holds another run, or one of a different configuration.
    """
    parent = OUTPUTS / config.name
    folder = Path(config.run_dir) if config.run_dir is not None else None
    if config.resume == "auto":
        folder = folder or newest_unfinished(parent)
    elif config.resume is not None:
        folder = Path(config.resume)
        if not (folder / "config.json").exists():
            raise ValueError(f"resume={folder}: no run folder; resume=auto takes the newest one")
    elif folder is not None and (folder / "config.json").exists():
        raise ValueError(
            f"run_dir={folder} holds a run already: add resume=auto to go on with it, or name "
            "another folder"
        )
    if folder is None:
        folder = parent / datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "config.json").exists():
        saved = json.loads((folder / "config.json").read_text())
        check_same_config(saved, to_plain(config), folder=folder)
    return folder


def newest_unfinished(parent: Path) -> Path | None:
    """The newest run folder below `parent` that did not finish."""
    for folder in sorted(parent.glob("*"), reverse=True):
        if (folder / "config.json").exists() and not is_finished(folder):
            return folder
    return None


def is_finished(folder: Path) -> bool:
    """Whether the run in a folder came to its end."""
    status = folder / "status.json"
    return status.exists() and json.loads(status.read_text())["status"] == "finished"


def check_same_config(saved: dict[str, Any], wanted: dict[str, Any], *, folder: Path) -> None:
    """Refuse to go on with a run under another configuration."""
    before, after = _flatten(saved), _flatten(wanted)
    changed = [
        f"{key}: {before.get(key)} -> {after.get(key)}"
        for key in sorted(before.keys() | after.keys())
        if _bound(key, before.get(key)) != _bound(key, after.get(key))
    ]
    if changed:
        raise ValueError(
            f"resume: {folder} was started with another configuration ({'; '.join(changed)}). "
            "Give the same overrides, or start a new run without resume"
        )


def _bound(key: str, value: Any) -> Any:
    """What of a value must not change; of a pipeline's overrides, those of no free key."""
    if key.split(".")[0] in _FREE_KEYS:
        return None
    if key == "pipeline.overrides" and value:
        return [item for item in value if re.split(r"[.=]", item.lstrip("+"))[0] not in _FREE_KEYS]
    return value


def _flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def describe_environment() -> dict[str, str | None]:
    """Versions, platform and git revision: what a result depends on besides its configuration."""
    described: dict[str, str | None] = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "git_revision": _git_revision(),
    }
    for name in PACKAGES:
        try:
            described[name] = version(name)
        except PackageNotFoundError:
            described[name] = None
    return described


def _git_revision() -> str | None:
    here = Path(__file__).parent
    asked = subprocess.run(
        ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=12"],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or None
