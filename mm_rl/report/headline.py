"""The numbers a reader wants first: did the run end, and how well does the policy answer now."""

import math
from dataclasses import dataclass
from typing import Any

from mm_rl.report.run import StepValues

_ACCURACY = "eval/accuracy"
_BY_SOURCE = "eval/accuracy/"
_NUM_TOKENS = "eval/num_tokens"
_BLIND = "eval/blind_accuracy"


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """One evaluation of the policy.

    Example:
        Evaluation(label="after rl", stage="rl", step=60, accuracy=0.71,
                   by_source={"row_sums": 0.64}, num_tokens=48.2, blind_accuracy=0.08)
    """

    label: str
    stage: str
    step: int
    accuracy: float
    by_source: dict[str, float]
    num_tokens: float | None = None
    """Mean tokens of a completion."""
    blind_accuracy: float | None = None
    """Accuracy with every image blanked: what the question text alone gives away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TableRow:
    """Accuracy on one task, over the evaluations of `list_evaluations`.

    Example:
        TableRow(source="row_sums", accuracies=(0.42, 0.64), difference=0.22)
    """

    source: str
    accuracies: tuple[float | None, ...]
    difference: float | None
    """Last minus the one before; None if either is missing."""


def list_evaluations(metrics: dict[str, StepValues]) -> list[Evaluation]:
    """The last evaluation of every stage.

    If only one stage was evaluated, its evaluation at step 0 comes first, where there is one:
    a table of one column has no difference to show.
    """
    evaluated = {
        stage: [step for step, values in steps.items() if math.isfinite(_accuracy(values))]
        for stage, steps in metrics.items()
    }
    stages = [stage for stage, steps in evaluated.items() if steps]
    evaluations = []
    for stage in stages:
        first, last = evaluated[stage][0], evaluated[stage][-1]
        if len(stages) == 1 and first == 0 and last > 0:
            evaluations.append(_evaluation(f"before {stage}", stage, 0, metrics[stage][0]))
        label = f"after {stage}" if last else f"before {stage}"
        evaluations.append(_evaluation(label, stage, last, metrics[stage][last]))
    return evaluations


def compare_sources(evaluations: list[Evaluation]) -> list[TableRow]:
    """One row per task that any evaluation covers, by name."""
    rows = []
    for source in sorted({source for item in evaluations for source in item.by_source}):
        accuracies = tuple(item.by_source.get(source) for item in evaluations)
        rows.append(
            TableRow(source=source, accuracies=accuracies, difference=last_difference(accuracies))
        )
    return rows


def last_difference(values: tuple[float | None, ...]) -> float | None:
    """Last minus the one before; None if either is missing."""
    if len(values) < 2 or values[-1] is None or values[-2] is None:
        return None
    return values[-1] - values[-2]


def describe_status(config: dict[str, Any], metrics: dict[str, StepValues]) -> tuple[str, str]:
    """(`finished`, `unfinished` or `unknown`, sentence), by comparing logged with planned steps.

    A run that goes on and one that was killed look the same from their files.
    """
    planned = {stage: _planned_steps(config.get(stage)) for stage in config.get("stages") or ()}
    if not planned:
        return "unknown", "status unknown: no config.json with stages"
    for stage, total in planned.items():
        reached = max(metrics.get(stage, {}), default=0)
        if total is None and stage not in metrics:
            return "unfinished", f"unfinished: {stage} not started"
        if total is not None and reached < total:
            return "unfinished", f"unfinished: {stage} at step {reached:,} of {total:,}"
    return "finished", "finished"


def _planned_steps(section: Any) -> int | None:
    """`steps` or `iterations` of a stage's section of the configuration."""
    if isinstance(section, dict):
        for key in ("steps", "iterations"):
            if isinstance(section.get(key), int):
                return int(section[key])
    return None


def _accuracy(values: dict[str, float]) -> float:
    return values.get(_ACCURACY, math.nan)


def _evaluation(label: str, stage: str, step: int, values: dict[str, float]) -> Evaluation:
    finite = {name: value for name, value in values.items() if math.isfinite(value)}
    return Evaluation(
        label=label,
        stage=stage,
        step=step,
        accuracy=finite[_ACCURACY],
        by_source={
            name.removeprefix(_BY_SOURCE): value
            for name, value in finite.items()
            if name.startswith(_BY_SOURCE)
        },
        num_tokens=finite.get(_NUM_TOKENS),
        blind_accuracy=finite.get(_BLIND),
    )
