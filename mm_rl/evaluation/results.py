"""What the stage `evaluate` leaves behind: `evaluation/results.json`, and the same for people."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from mm_rl.evaluation.consistency import Consistency
from mm_rl.evaluation.estimates import Estimate
from mm_rl.evaluation.metrics import Metrics
from mm_rl.files import write_atomic
from mm_rl.report.text import format_number

RESULTS_FILE = "evaluation/results.json"
SUMMARY_FILE = "evaluation/results.md"
# A larger share of cut completions makes the accuracy a measure of the cap.
_MAX_CUT = 0.2


@dataclass(frozen=True, kw_only=True, slots=True)
class BenchmarkResult:
    """What was measured on one benchmark.

    Example:
        read_results(folder)[0].metrics.accuracy.value
    """

    name: str
    rule: str
    """How answers are scored."""
    samples: int
    """Completions per problem."""
    temperature: float
    max_tokens: int
    """Cap on a completion."""
    confidence: float
    """Level of the confidence intervals."""
    skipped: dict[str, int]
    """Rows of the set that could not be asked, by reason."""
    metrics: Metrics
    consistency: Consistency | None = None
    """Text against image; None where it was not asked for or no problem has both forms."""

    @property
    def warning(self) -> str | None:
        """What makes the figures doubtful, in a sentence with the fix; None if nothing does."""
        if self.metrics.cut <= _MAX_CUT:
            return None
        return (
            f"{100 * self.metrics.cut:.0f} % of the completions on {self.name} were cut at "
            f"{self.max_tokens} tokens and count as wrong: raise evaluation.max_tokens, or "
            f"evaluation.benchmarks.{self.name}.max_tokens"
        )


def write_results(folder: Path, results: Sequence[BenchmarkResult]) -> None:
    """Write `results.json` and `results.md` into a run folder."""
    (folder / RESULTS_FILE).parent.mkdir(exist_ok=True)
    text = json.dumps([asdict(result) for result in results], indent=2)
    write_atomic(folder / RESULTS_FILE, text + "\n")
    write_atomic(folder / SUMMARY_FILE, summarize_results(results))


def read_results(folder: Path) -> list[BenchmarkResult]:
    """The results of a run folder.

    Raises:
        ValueError: it has none, or they are broken.
    """
    path = folder / RESULTS_FILE
    if not path.exists():
        raise ValueError(f"{folder} holds no {RESULTS_FILE}: run the stage `evaluate` first")
    try:
        return [_read_result(values) for values in json.loads(path.read_text())]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        # The file may have been edited by hand, in any way.
        raise ValueError(f"{path} holds no results ({error!r}): evaluate again") from error


def _read_result(values: Mapping[str, Any]) -> BenchmarkResult:
    consistency = values["consistency"]
    if consistency is not None:
        forms = {name: Estimate(**consistency[name]) for name in ("text", "image")}
        consistency = Consistency(**{**consistency, **forms})
    metrics = _read_metrics(values["metrics"])
    return BenchmarkResult(**{**values, "metrics": metrics, "consistency": consistency})


def _read_metrics(values: Mapping[str, Any]) -> Metrics:
    metrics = {**values, "accuracy": Estimate(**values["accuracy"])}
    for name in ("pass_at", "majority_at", "within_budget"):
        metrics[name] = {int(key): Estimate(**item) for key, item in values[name].items()}
    metrics["by_tag"] = {
        tag: {value: _read_metrics(item) for value, item in group.items()}
        for tag, group in values["by_tag"].items()
    }
    return Metrics(**metrics)


def metric_values(results: Sequence[BenchmarkResult]) -> dict[str, float]:
    """The figures that the run's metrics keep; `eval/accuracy` is the mean over benchmarks."""
    values = {
        "eval/accuracy": fmean(result.metrics.accuracy.value for result in results),
        "eval/num_tokens": fmean(result.metrics.mean_tokens for result in results),
        "eval/answered_frac": fmean(result.metrics.answered for result in results),
        "eval/num_failed": float(sum(result.metrics.num_failed for result in results)),
    }
    for result in results:
        name, metrics = result.name, result.metrics
        values[f"eval/accuracy/{name}"] = metrics.accuracy.value
        values[f"eval/num_tokens/{name}"] = metrics.mean_tokens
        values[f"eval/cut_frac/{name}"] = metrics.cut
        if metrics.tokens_per_correct is not None:
            values[f"eval/tokens_per_correct/{name}"] = metrics.tokens_per_correct
        for k, estimate in metrics.pass_at.items():
            values[f"eval/pass_at_{k}/{name}"] = estimate.value
        for k, estimate in metrics.majority_at.items():
            values[f"eval/majority_at_{k}/{name}"] = estimate.value
        for budget, estimate in metrics.within_budget.items():
            values[f"eval/accuracy_within_{budget}/{name}"] = estimate.value
        if result.consistency is not None:
            values[f"eval/agreement/{name}"] = result.consistency.agreement
    return values


def summarize_results(results: Sequence[BenchmarkResult]) -> str:
    """The results as markdown tables."""
    lines = ["# Evaluation", ""]
    for result in results:
        lines += [f"**Warning: {result.warning}.**", ""] if result.warning else []
    lines += _table("benchmark", {result.name: result.metrics for result in results})
    for result in results:
        asked = (
            f"{result.samples} samples per problem at temperature {result.temperature:g}, at most "
            f"{result.max_tokens} tokens each; {100 * result.confidence:g} % confidence intervals."
        )
        lines += ["", f"## {result.name}", "", f"Scoring: {result.rule}. {asked}", *_notes(result)]
        for tag, group in result.metrics.by_tag.items():
            lines += ["", *_table(tag, group)]
    return "\n".join(lines) + "\n"


def show_metrics(metrics: Metrics) -> dict[str, str]:
    """One row of a table, by column: of a benchmark, or of the problems with one tag."""
    per_correct = metrics.tokens_per_correct
    return {
        "problems": f"{metrics.accuracy.num_problems:,}",
        "pass@1": show_estimate(metrics.accuracy),
        "pass@k": _show_last(metrics.pass_at),
        "maj@k": _show_last(metrics.majority_at),
        "within a budget": _show_middle(metrics.within_budget),
        "answered": show_share(metrics.answered),
        "cut": show_share(metrics.cut),
        "mean tokens": format_number(metrics.mean_tokens),
        "tokens per correct": "-" if per_correct is None else format_number(per_correct),
        "failed": f"{metrics.num_failed:,}",
    }


def show_estimate(estimate: Estimate) -> str:
    """A share with its interval, in percent."""
    return f"{show_share(estimate.value)} [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"


def show_share(share: float) -> str:
    """A share in percent."""
    return f"{100 * share:.1f} %"


def _show_last(by_k: Mapping[int, Estimate]) -> str:
    """The estimate of the largest k."""
    if not by_k:
        return "-"
    k = max(by_k)
    return f"{show_share(by_k[k].value)} (k = {k})"


def _show_middle(by_budget: Mapping[int, Estimate]) -> str:
    """The estimate of the middle budget; of the default budgets, half the cap."""
    if not by_budget:
        return "-"
    budget = sorted(by_budget)[(len(by_budget) - 1) // 2]
    return f"{show_share(by_budget[budget].value)} ({budget:,} tokens)"


def _table(first: str, rows: Mapping[str, Metrics]) -> list[str]:
    shown = {name: show_metrics(metrics) for name, metrics in rows.items()}
    heads = [first, *next(iter(shown.values()), {})]
    return [
        f"| {' | '.join(heads)} |",
        "|" + " --- |" * len(heads),
        *(f"| {' | '.join([name, *row.values()])} |" for name, row in shown.items()),
    ]


def _notes(result: BenchmarkResult) -> list[str]:
    metrics, notes = result.metrics, []
    if metrics.num_failed:
        notes.append(
            f"{metrics.num_failed} samples without a verdict are left out; "
            f"{metrics.num_unjudged} problems have no verdict at all."
        )
    for reason, count in sorted(result.skipped.items()):
        notes.append(f"{count} rows were not asked: {reason}.")
    if result.consistency is not None:
        pair = result.consistency
        notes.append(
            f"As text {show_estimate(pair.text)}, as an image {show_estimate(pair.image)}; the "
            f"same verdict on {100 * pair.agreement:.1f} % of {pair.num_problems} problems; solved "
            f"as text only {pair.text_only}, as an image only {pair.image_only} "
            f"(McNemar's exact test: p = {pair.p_value:.3g})."
        )
    return ["", *notes] if notes else []
