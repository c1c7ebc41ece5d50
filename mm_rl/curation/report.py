"""The report of a curation: funnel, histogram, tags, and examples of every drop.

`report.html` carries everything it shows; texts of problems are untrusted, so they are bounded and
escaped, and the page may run no script and load nothing. `report.md` says the same without its
pictures.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from data_synth.problem import Problem
from data_synth.verify import readable_reference
from mm_rl.curation.base import Pool
from mm_rl.curation.charts import CHART_CSS, draw_funnel, draw_histogram
from mm_rl.curation.decisions import Decisions
from mm_rl.curation.examples import Example, choose_examples, explain_none
from mm_rl.curation.markdown import render_markdown
from mm_rl.files import write_atomic
from mm_rl.report.document import render_document
from mm_rl.report.images import embed_images
from mm_rl.report.text import clean, shorten

# Characters of a text and pictures of a problem that an example shows.
_MAX_TEXT, _MAX_IMAGES = 1_200, 3
_CSS = (
    CHART_CSS
    + """\
.pair {
  display: grid; gap: .8rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
}
.pair .card {
  margin-top: .5rem; border-left-color: var(--wait);
  grid-template-columns: minmax(0, 12rem) minmax(0, 1fr);
}
.pair .twin { border-left-color: var(--line); }
.shots img { width: 100%; }
h3.reason { margin: 1.6rem 0 .2rem; font-size: 1rem; }
td.text, th.text { text-align: left; }
"""
)
_BODY = """\
<header><p class="folder">{folder}</p><h1>Curation of {name}</h1></header>
<main>
<dl class="tiles">{tiles}</dl>
<section><h2>Funnel</h2>{funnel}{remarks}</section>
<section><h2>Difficulty: share of attempts that are right</h2>{histogram}</section>
<section><h2>Tags before and after</h2>{tags}</section>
<section><h2>What was dropped, and why</h2>{examples}</section>
</main>"""


def write_curation_report(
    folder: Path,
    pool: Pool,
    decided: Sequence[Decisions],
    *,
    summary: Mapping[str, Any],
    num_examples: int,
) -> None:
    """Write `report.html` and `report.md`.

    Args:
        folder: where, existing.
        pool: after the last filter.
        decided: what each filter decided, in order.
        summary: as in `summary.json`.
        num_examples: examples per reason of each filter.
    """
    examples = choose_examples(pool, decided, num_examples)
    write_atomic(folder / "report.html", render_page(pool, examples, summary))
    write_atomic(folder / "report.md", render_markdown(examples, summary))


def render_page(pool: Pool, examples: Sequence[Example], summary: Mapping[str, Any]) -> str:
    """The whole page as HTML."""
    name = clean(pool.run.config.name)
    body = _BODY.format(
        folder=escape(clean("/".join(pool.run.folder.resolve().parts[-2:]))),
        name=escape(name),
        tiles=_tiles(summary),
        funnel=draw_funnel(summary),
        remarks=_list_remarks(summary["filters"]),
        histogram=draw_histogram(summary["pass_rates"])
        if any(summary["pass_rates"])
        else '<p class="empty">No pass rates were measured.</p>',
        tags=_tags(summary["tags"]),
        examples=_draw_examples(pool, examples)
        if examples
        else f'<p class="empty">{explain_none(summary)}</p>',
    )
    return render_document(f"{name} - curation report", body, css=_CSS)


def _tiles(summary: Mapping[str, Any]) -> str:
    shown = (
        ("candidates", summary["num_candidates"]),
        ("more, not looked at", summary["num_unseen"]),
        ("stay", summary["num_kept"]),
        ("set aside for review", summary["num_review"]),
        ("of those that stay, never solved", summary["num_unsolved"]),
    )
    return "".join(f"<div><dt>{name}</dt><dd>{value:,}</dd></div>" for name, value in shown)


def tag_rows(
    tags: Mapping[str, Mapping[str, Mapping[str, int]]],
) -> Iterator[tuple[str, str, str, str]]:
    """(tag, value, before, after), counts with their share."""
    for tag, before in tags["before"].items():
        after = tags["after"].get(tag, {})
        for value in sorted(before.keys() | after.keys()):
            yield tag, value, _share(before, value), _share(after, value)


def _share(counts: Mapping[str, int], value: str) -> str:
    total = sum(counts.values())
    count = counts.get(value, 0)
    return f"{count} ({count / total:.1%})" if total else "0"


def _tags(tags: Mapping[str, Any]) -> str:
    rows = "".join(
        f'<tr><th>{escape(clean(tag))}</th><td class="text">{escape(shorten(value, 80))}</td>'
        f"<td>{before}</td><td>{after}</td></tr>"
        for tag, value, before, after in tag_rows(tags)
    )
    return (
        '<div class="sheet"><table><thead><tr><th>tag</th><th class="text">value</th>'
        f"<th>before</th><th>after</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _list_remarks(steps: Sequence[Mapping[str, Any]]) -> str:
    """What the filters said about their work, by filter."""
    rows = "".join(
        f"<li>{escape(clean(step['name']))}: {escape(clean(remark))}</li>"
        for step in steps
        for remark in step["remarks"]
    )
    return f"<ul>{rows}</ul>" if rows else ""


def _draw_examples(pool: Pool, examples: Sequence[Example]) -> str:
    shown = [p for each in examples for p in (each.problem, each.twin) if p is not None]
    keys = {p.id: [pool.run.images.put(d) for d in p.images[:_MAX_IMAGES]] for p in shown}
    images = embed_images(pool.run.images.folder, (key for each in keys.values() for key in each))
    parts, heading = [], ""
    for each in examples:
        title = f"{each.step}: {each.drop.reason}" + (" (for review)" if each.drop.review else "")
        if title != heading:
            parts.append(f'<h3 class="reason">{escape(clean(title))}</h3>')
            heading = title
        cards = _card(each.problem, [images[k] for k in keys[each.problem.id]], example=each)
        if each.twin is not None:
            cards += _card(each.twin, [images[k] for k in keys[each.twin.id]], example=None)
        parts.append(f'<div class="pair">{cards}</div>')
    return "".join(parts)


def _card(problem: Problem, images: Sequence[Mapping[str, Any]], *, example: Example | None) -> str:
    """A problem with its pictures; `example` None: it is the twin of the one before."""
    shots = "".join(
        f'<img src="{image["uri"]}" alt="">'
        if "uri" in image
        else f'<p class="missing">{escape(image["error"])}</p>'
        for image in images
    )
    facts = {"source": problem.source, "id": problem.id}
    if example is None:
        facts["role"] = "the one that it repeats"
    else:
        facts |= {name: str(value) for name, value in example.facts.items()}
        if example.drop.detail:
            facts["evidence"] = example.drop.detail
    tags = "".join(
        f"<span>{escape(clean(name))}: {escape(shorten(value, 400))}</span>"
        for name, value in facts.items()
    )
    answer = readable_answer(problem)
    return (
        f'<article class="card {"twin" if example is None else "dropped"}">'
        f'<div class="shots">{shots or "<p class=missing>no picture</p>"}</div>'
        f'<div><div class="tags">{tags}</div><h3>{escape(shorten(problem.question, _MAX_TEXT))}'
        f'</h3><dl class="results"><dt>answer</dt><dd>{escape(shorten(answer, _MAX_TEXT))}</dd>'
        "</dl></div></article>"
    )


def readable_answer(problem: Problem) -> str:
    """The reference as people read it; as it stands if it can not be read, which may be why."""
    try:
        return readable_reference(problem.verifier, problem.answer)
    except ValueError:  # the rows are the user's
        return problem.answer
