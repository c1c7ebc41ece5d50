"""Read a run folder. Whatever is missing is empty; whatever is broken is named."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mm_rl.metrics import read_metrics
from mm_rl.records import RolloutRecord, read_records

_RECORD_FILE = re.compile(r"(\w+)-(\d{6,})\.parquet")

StepValues = dict[int, dict[str, float]]
"""Values by metric name, by step."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordFile:
    """One parquet file of records.

    Example:
        RecordFile(stage="rl", step=20, path=Path("rollouts/rl-000020.parquet"))
    """

    stage: str
    step: int
    path: Path

    def read(self) -> list[RolloutRecord]:
        """Its records.

        Raises:
            ValueError: the file holds no rollout records.
        """
        try:
            return read_records(self.path)
        except (ValueError, TypeError, KeyError) as error:
            # A broken parquet file raises the first, one with other columns the others.
            raise ValueError(
                f"{self.path} does not hold rollout records ({error}): remove or restore it"
            ) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class RunData:
    """What a run folder holds.

    Example:
        read_run(Path("outputs/smoke/20260101-120000-000000")).metrics["rl"][20]["reward/mean"]
    """

    folder: Path
    config: dict[str, Any]
    """The resolved configuration; empty if there is none."""
    environment: dict[str, Any]
    """Versions and git revision; empty if unknown."""
    status: dict[str, Any]
    """`status` (`running`, `finished`, `failed`) and `error`, as the run last wrote them."""
    metrics: dict[str, StepValues]
    """By stage in the order the stages ran, by ascending step."""
    evals: tuple[RecordFile, ...]
    """Evaluated records, in the order of the stages, then of the steps."""
    rollouts: tuple[RecordFile, ...]
    """Training rollouts, in the same order."""


def read_run(folder: Path) -> RunData:
    """Read everything but the records themselves.

    Raises:
        ValueError: `folder` is no run folder, or one of its files is broken.
    """
    if not (folder / "metrics.jsonl").exists() and not (folder / "config.json").exists():
        raise ValueError(
            f"{folder} holds neither config.json nor metrics.jsonl: name the folder of one run, "
            "such as outputs/<name>/<time>"
        )
    metrics = _read_metrics(folder)
    stages = tuple(metrics)
    return RunData(
        folder=folder,
        config=_read_object(folder / "config.json"),
        environment=_read_object(folder / "environment.json"),
        status=_read_object(folder / "status.json"),
        metrics=metrics,
        evals=_list_records(folder / "evals", stages),
        rollouts=_list_records(folder / "rollouts", stages),
    )


def _read_object(path: Path) -> dict[str, Any]:
    """A JSON object, empty if there is no such file."""
    if not path.exists():
        return {}
    try:
        value = json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f"{path} is no JSON ({error}): restore it, or remove it") from error
    if not isinstance(value, dict):
        raise ValueError(f"{path} holds no object but {type(value).__name__}: restore it")
    return value


def _read_metrics(folder: Path) -> dict[str, StepValues]:
    """Lines of the same step joined, the later one winning; values that are no numbers left out."""
    if not (folder / "metrics.jsonl").exists():
        return {}
    try:
        lines = read_metrics(folder)
    except ValueError as error:
        raise ValueError(f"{folder / 'metrics.jsonl'} is broken ({error}): restore it") from error
    metrics: dict[str, StepValues] = {}
    for number, line in enumerate(lines, start=1):
        if not (isinstance(line, dict) and {"stage", "step"} <= line.keys()):
            raise ValueError(
                f"line {number} of {folder / 'metrics.jsonl'} lacks stage or step: restore the file"
            )
        values = metrics.setdefault(str(line["stage"]), {}).setdefault(int(line["step"]), {})
        for name, value in line.items():
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if name not in ("stage", "step") and is_number:
                values[name] = float(value)
    return {stage: dict(sorted(steps.items())) for stage, steps in metrics.items()}


def _list_records(folder: Path, stages: Sequence[str]) -> tuple[RecordFile, ...]:
    """Files named `<stage>-<step>.parquet`; stages without metrics come last, by name."""
    found = []
    for path in folder.glob("*.parquet"):
        match = _RECORD_FILE.fullmatch(path.name)
        if match:
            found.append(RecordFile(stage=match[1], step=int(match[2]), path=path))
    order = {stage: number for number, stage in enumerate(stages)}
    return tuple(sorted(found, key=lambda f: (order.get(f.stage, math.inf), f.stage, f.step)))
