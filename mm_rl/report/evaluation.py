"""`evaluation/report.html`: the results of the stage `evaluate` as one self-contained page.

The look of the run report, without its script: a content security policy lets nothing run and
nothing be fetched. Names and tags come from data sets, so all of them are bounded and escaped.
"""

import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

from mm_rl.evaluation.consistency import Consistency
from mm_rl.evaluation.estimates import Estimate
from mm_rl.evaluation.metrics import Metrics
from mm_rl.evaluation.results import (
    BenchmarkResult,
    read_results,
    show_estimate,
    show_metrics,
    show_share,
)
from mm_rl.files import write_atomic
from mm_rl.report.document import render_document
from mm_rl.report.evaluation_svg import Series, draw_series
from mm_rl.report.text import shorten

REPORT_FILE = "evaluation/report.html"
_MAX_TEXT = 300

_BODY = Template("""\
<header>
<p class="folder">$folder</p>
<h1>Evaluation</h1>
<p class="facts">$facts</p>
</header>
<main>
<section aria-labelledby="accuracy-title">
<h2 id="accuracy-title">Accuracy</h2>
$overview
</section>
$benchmarks
</main>""")


def write_evaluation_report(folder: Path) -> Path:
    """Write `evaluation/report.html` of a run folder and return its path.

    Raises:
        ValueError: the folder has no results, or they are broken.
    """
    path = folder / REPORT_FILE
    write_atomic(path, render_evaluation(folder, read_results(folder)))
    return path


def render_evaluation(folder: Path, results: Sequence[BenchmarkResult]) -> str:
    """The whole page as HTML."""
    name = "/".join(folder.resolve().parts[-2:])
    total = sum(result.metrics.num_samples for result in results)
    facts = [f"{len(results)} benchmark{'s' * (len(results) != 1)}", f"{total:,} judged samples"]
    body = _BODY.substitute(
        folder=_text(name),
        facts="".join(f"<span>{_text(fact)}</span>" for fact in facts),
        overview=_warnings(results) + _tiles(results) + _overview_table(results),
        benchmarks="".join(map(_benchmark, results)),
    )
    return render_document(f"{name} - evaluation", body)


def _warnings(results: Sequence[BenchmarkResult]) -> str:
    warnings = (result.warning for result in results)
    return "".join(
        f'<p role="note"><strong>Warning: {_text(warning)}.</strong></p>'
        for warning in warnings
        if warning is not None
    )


def _tiles(results: Sequence[BenchmarkResult]) -> str:
    tiles = "".join(
        f"<div><dt>{_text(result.name)}</dt><dd>{show_share(result.metrics.accuracy.value)}</dd>"
        f'<dd class="more">{_interval(result.metrics.accuracy)}, '
        f"{result.metrics.accuracy.num_problems:,} problems</dd></div>"
        for result in results
    )
    return f'<dl class="tiles">{tiles}</dl>'


def _overview_table(results: Sequence[BenchmarkResult]) -> str:
    caption = (
        "pass@k: one of k samples is right; maj@k: their most frequent answer is right, ties by "
        "first; within a budget: longer completions count as wrong; cut: completions that reached "
        "the cap, which count as wrong; failed: verifications without a verdict, left out"
    )
    return _metrics_table(
        "overview", caption, "benchmark", {result.name: result.metrics for result in results}
    )


def _benchmark(result: BenchmarkResult) -> str:
    metrics, key = result.metrics, hashlib.sha256(result.name.encode()).hexdigest()[:8]
    panels = draw_series(
        "accuracy by samples",
        [
            Series(label="pass@k", estimates=metrics.pass_at),
            Series(label="maj@k", estimates=metrics.majority_at),
        ],
        x_label="k, samples per problem",
        log=True,
    ) + draw_series(
        "accuracy within a token budget",
        [Series(label="pass@1", estimates=metrics.within_budget)],
        x_label="budget in tokens; longer completions count as wrong",
    )
    tables = "".join(
        _metrics_table(f"by-{tag}", f"By {tag}", tag, group)
        for tag, group in metrics.by_tag.items()
    )
    skipped = "; ".join(f"{count:,} rows: {reason}" for reason, count in result.skipped.items())
    return (
        f'<section aria-labelledby="b{key}"><h2 id="b{key}">{_text(result.name)}</h2>'
        f'<p class="empty">Scoring: {_text(result.rule, limit=2 * _MAX_TEXT)}. '
        f"{result.samples} samples per problem at temperature {result.temperature:g}, at most "
        f"{result.max_tokens:,} tokens each; {100 * result.confidence:g} % confidence intervals."
        f"{' Not asked: ' + _text(skipped) + '.' if skipped else ''}</p>"
        f'<div class="panels">{panels}</div>{_consistency(result.consistency)}'
        f"{tables}</section>"
    )


def _metrics_table(name: str, caption: str, first: str, rows: Mapping[str, Metrics]) -> str:
    """One row per benchmark, or per value of a tag."""
    shown = {key: show_metrics(metrics) for key, metrics in rows.items()}
    heads = [first, *next(iter(shown.values()), {})]
    cells = [[_text(key), *map(_text, row.values())] for key, row in shown.items()]
    return _table(name, caption, heads, cells)


def _consistency(pair: Consistency | None) -> str:
    if pair is None:
        return ""
    caption = (
        f"Text against image, {pair.num_problems:,} problems in both forms: the same verdict on "
        f"{show_share(pair.agreement)}; McNemar's exact test p = {pair.p_value:.3g}. Solved: at "
        "least half of the samples are right"
    )
    rows = [
        [
            "as text",
            show_estimate(pair.text),
            f"{pair.both + pair.text_only:,}",
            f"{pair.text_only:,}",
        ],
        [
            "as image",
            show_estimate(pair.image),
            f"{pair.both + pair.image_only:,}",
            f"{pair.image_only:,}",
        ],
    ]
    return _table("consistency", caption, ["form", "pass@1", "solved", "solved only so"], rows)


def _table(name: str, caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table from cells that are HTML already; the first of a row is its heading."""
    head = "".join(f'<th scope="col">{_text(text)}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return (
        f'<div class="sheet" role="region" aria-label="{_text(caption)}" tabindex="0">'
        f'<table class="{_text(name)}"><caption><span>{_text(caption)}</span></caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _interval(estimate: Estimate) -> str:
    return f"{100 * estimate.low:.1f} to {100 * estimate.high:.1f}"


def _text(text: str, *, limit: int = _MAX_TEXT) -> str:
    return escape(shorten(text, limit))
