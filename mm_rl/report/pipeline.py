"""The report of a pipeline: accuracy and length after each step, the frontier, the funnel.

One self-contained page beside the pages of the steps, which it links to.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from mm_rl.config.evaluation import HELD_OUT
from mm_rl.curation.charts import CHART_CSS, draw_funnel
from mm_rl.evaluation.results import RESULTS_FILE, read_results
from mm_rl.files import write_atomic, write_json
from mm_rl.report.document import render_document
from mm_rl.report.frontier import FrontierPoint, draw_frontier
from mm_rl.report.headline import list_evaluations
from mm_rl.report.run import read_run
from mm_rl.report.text import clean, format_number

PLAN_FILE = "pipeline.json"
"""Name and seed of a pipeline, its steps in order, and those of the frontier."""
SECONDS_FILE = "seconds.json"
"""Wall-clock of each step over all processes that worked on it, in the pipeline's folder."""
_DASH = "\u2013"
_CSS = """
.bar { display: block; width: 100%; height: 6px; margin: .2rem 0 .1rem; }
.bar rect { fill: var(--accent); }
td.measure { min-width: 11rem; }
.frontier { max-width: 46rem; padding: .7rem; background: #fff; }
.frontier img { display: block; width: 100%; height: auto; }
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class StepResult:
    """What a step came to.

    Example:
        StepResult(name="rl", folder="07-rl", status="finished", stages=("rl", "evaluate"),
                   benchmark="held_out", accuracy=0.71, low=0.63, high=0.78, confidence=0.95,
                   num_tokens=92.4, seconds=310.0)
    """

    name: str
    folder: str
    status: str
    """`finished`, `unfinished` or `not started`."""
    stages: tuple[str, ...] = ()
    benchmark: str | None = None
    """What the figures are of; None: there are none."""
    accuracy: float | None = None
    """Of several samples where the step was evaluated, else greedy."""
    low: float | None = None
    """Ends of the confidence interval; None for greedy accuracy."""
    high: float | None = None
    confidence: float | None = None
    """Level of that interval."""
    num_tokens: float | None = None
    """Mean tokens of a completion."""
    seconds: float | None = None


def write_pipeline_report(folder: Path) -> Path:
    """Write `report/index.html`, `report/steps.json` and the figure; returns the page's path.

    Raises:
        ValueError: `folder` is no pipeline's, or a step's files are broken.
    """
    plan = _read_json(folder / PLAN_FILE)
    if not plan:
        raise ValueError(f"{folder} holds no {PLAN_FILE}: it is no pipeline's folder")
    seconds = _read_json(folder / SECONDS_FILE)
    folders = {
        name: folder / f"{number:02d}-{name}" for number, name in enumerate(plan["steps"], start=1)
    }
    benchmark = choose_benchmark(folders.values())
    steps = [
        read_step(path, name, benchmark=benchmark, seconds=seconds.get(name))
        for name, path in folders.items()
    ]
    report = folder / "report"
    report.mkdir(exist_ok=True)
    write_json(report / "steps.json", [asdict(step) for step in steps])
    points = frontier_points(steps, plan["frontier"])
    if points:
        draw_frontier(points, report / "frontier.svg", title=benchmark)
    drawn = _draw_frontier(folder) if points else _empty(_why_no_frontier(plan, benchmark))
    page = _render(folder, plan, steps, frontier=drawn)
    write_atomic(report / "index.html", page)
    return report / "index.html"


def choose_benchmark(folders: Iterable[Path]) -> str:
    """The one benchmark that all steps are shown on: the held-out problems if any step was
    evaluated on them or none at all, else the first that any was."""
    names = [
        result.name
        for folder in folders
        if (folder / RESULTS_FILE).exists()
        for result in read_results(folder)
    ]
    return HELD_OUT if HELD_OUT in names or not names else names[0]


def read_step(folder: Path, name: str, *, benchmark: str, seconds: float | None) -> StepResult:
    """The result of one step on a benchmark, as far as it came."""
    if not (folder / "config.json").exists():
        return StepResult(name=name, folder=folder.name, status="not started")
    run = read_run(folder)
    finished = run.status.get("status") == "finished"
    known: dict[str, Any] = {}
    results = read_results(folder) if (folder / RESULTS_FILE).exists() else []
    found = next((result for result in results if result.name == benchmark), None)
    # The stage `evaluate` logs the mean over its benchmarks; the others evaluate held-out problems.
    greedy = [each for each in list_evaluations(run.metrics) if each.stage != "evaluate"]
    if found is not None:
        known = {
            "benchmark": benchmark,
            "accuracy": found.metrics.accuracy.value,
            "low": found.metrics.accuracy.low,
            "high": found.metrics.accuracy.high,
            "confidence": found.confidence,
            "num_tokens": found.metrics.mean_tokens,
        }
    elif greedy and benchmark == HELD_OUT:
        known = {
            "benchmark": benchmark,
            "accuracy": greedy[-1].accuracy,
            "num_tokens": greedy[-1].num_tokens,
        }
    return StepResult(
        name=name,
        folder=folder.name,
        status="finished" if finished else "unfinished",
        stages=tuple(run.config.get("stages", ())),
        seconds=seconds,
        **known,
    )


def frontier_points(steps: Iterable[StepResult], chosen: Sequence[str]) -> list[FrontierPoint]:
    """The chosen steps that have been evaluated, in their order."""
    return [
        FrontierPoint(
            label=step.name,
            accuracy=step.accuracy,
            mean_tokens=step.num_tokens,
            ci=(step.low, step.high) if step.low is not None and step.high is not None else None,
            confidence=step.confidence,
        )
        for step in steps
        if step.name in chosen and step.accuracy is not None and step.num_tokens is not None
    ]


def _render(
    folder: Path, plan: dict[str, Any], steps: Sequence[StepResult], *, frontier: str
) -> str:
    package = files("mm_rl.report")
    num_done = sum(step.status == "finished" for step in steps)
    name = clean(str(plan["name"]))
    body = Template(package.joinpath("pipeline.html").read_text("utf-8")).substitute(
        name=escape(name),
        folder=escape(clean("/".join(folder.resolve().parts[-2:]))),
        status="finished" if num_done == len(steps) else "unfinished",
        status_text=f"{num_done} of {len(steps)} steps finished",
        seed=escape(str(plan["seed"])),
        steps=_draw_steps(steps),
        frontier=frontier,
        funnel=_draw_funnels(folder, steps) or _empty("No step curated a prompt set yet."),
    )
    return render_document(f"{name} - pipeline report", body.rstrip(), css=CHART_CSS + _CSS)


def _draw_steps(steps: Sequence[StepResult]) -> str:
    """One row per step, with bars for accuracy and length."""
    longest = max((step.num_tokens or 0.0 for step in steps), default=0.0)
    rows = []
    for step in steps:
        title = escape(step.name)
        if step.status == "finished":
            title = f'<a href="../{escape(step.folder)}/report/index.html">{title}</a>'
        rows.append(
            f'<tr><th scope="row">{title}</th><td>{escape(", ".join(step.stages)) or _DASH}</td>'
            f'<td class="measure">{_accuracy(step)}</td>'
            f'<td class="measure">{_tokens(step, longest)}</td>'
            f"<td>{_DASH if step.seconds is None else f'{step.seconds / 60:.1f}'}</td>"
            f"<td>{escape(step.status)}</td></tr>"
        )
    names = ("step", "stages", "accuracy", "mean tokens", "minutes", "status")
    heads = "".join(f'<th scope="col">{name}</th>' for name in names)
    return (
        '<div class="sheet" role="region" aria-label="Steps" tabindex="0"><table id="steps">'
        f"<caption><span>{escape(_describe_measure(steps))}</span></caption>"
        f"<thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _describe_measure(steps: Sequence[StepResult]) -> str:
    """What the accuracy is of, and what its interval."""
    measured = [step for step in steps if step.accuracy is not None]
    if not measured:
        return "No step was evaluated yet"
    levels = sorted({f"{100 * step.confidence:g} %" for step in measured if step.confidence})
    kinds = []
    if levels:
        kinds.append(f"several samples each, with {' and '.join(levels)} confidence intervals")
    if any(step.confidence is None for step in measured):
        kinds.append("greedy where there is no interval" if levels else "greedy")
    return f"Accuracy on {measured[0].benchmark}: {', '.join(kinds)}"


def _why_no_frontier(plan: dict[str, Any], benchmark: str) -> str:
    if not plan["frontier"]:
        return "pipeline.frontier names no steps to compare."
    names = ", ".join(plan["frontier"])
    return f"None of the steps to compare ({names}) was evaluated on {benchmark} yet."


def _accuracy(step: StepResult) -> str:
    if step.accuracy is None:
        return _DASH
    interval = ""
    if step.low is not None and step.high is not None:
        interval = f" [{100 * step.low:.1f}, {100 * step.high:.1f}]"
    return f"{100 * step.accuracy:.1f} %{interval}{_bar(step.accuracy)}"


def _tokens(step: StepResult, longest: float) -> str:
    if step.num_tokens is None:
        return _DASH
    return format_number(step.num_tokens) + _bar(step.num_tokens / longest if longest else 0.0)


def _bar(share: float) -> str:
    """A bar as a drawing: the page's policy allows no inline style."""
    return (
        '<svg class="bar" viewBox="0 0 100 5" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{100 * share:.2f}" height="5"/></svg>'
    )


def _draw_frontier(folder: Path) -> str:
    data = base64.b64encode((folder / "report" / "frontier.svg").read_bytes()).decode()
    return (
        '<div class="panel frontier"><img alt="Accuracy over mean tokens of the chosen steps" '
        f'src="data:image/svg+xml;base64,{data}"></div>'
    )


def _draw_funnels(folder: Path, steps: Sequence[StepResult]) -> str:
    drawn = ""
    for step in steps:
        summary = folder / step.folder / "curation" / "summary.json"
        if summary.exists():
            link = f"../{escape(step.folder)}/curation/report.html"
            drawn += (
                draw_funnel(_read_json(summary))
                + f'<p><a href="{link}">Examples of what each filter dropped</a></p>'
            )
    return drawn


def _empty(text: str) -> str:
    return f'<p class="empty">{escape(text)}</p>'


def _read_json(path: Path) -> dict[str, Any]:
    """A JSON object; empty if there is no such file."""
    if not path.exists():
        return {}
    try:
        value: dict[str, Any] = json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f"{path} is no JSON ({error}): restore it, or remove it") from error
    return value
