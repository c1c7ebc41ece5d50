"""The headline as HTML: a tile per number, and accuracy by task, evaluation and control."""

from collections.abc import Sequence
from html import escape

from mm_rl.report.headline import Evaluation, compare_sources, last_difference
from mm_rl.report.svg import draw_change
from mm_rl.report.text import clean, format_number

_MINUS, _DASH = "\u2212", "\u2013"
# What the controls of an evaluation are called on the page; others keep their own name.
_CONTROL_NAMES = {
    "blind": "blank images",
    "constant": "constant answer",
    "sampled": "sampled, not greedy",
}


def draw_headline(evaluations: Sequence[Evaluation], num_problems: dict[str, int]) -> str:
    """Tiles and table.

    Args:
        evaluations: in the order of the run.
        num_problems: problems by task in the last evaluation; empty if unknown.
    """
    if not evaluations:
        return '<p class="empty">No evaluation was logged yet.</p>'
    tiles = []
    for number, evaluation in enumerate(evaluations):
        more = f"step {evaluation.step:,}"
        if number:
            change = evaluation.accuracy - evaluations[number - 1].accuracy
            more = f"{_points(change)} points, {more}"
        tiles.append(_tile(f"Accuracy {evaluation.label}", _percent(evaluation.accuracy), more))
    tokens = [
        (e.label, format_number(e.num_tokens)) for e in evaluations if e.num_tokens is not None
    ]
    tiles.append(_newest_first("Mean tokens", tokens))
    for control in dict.fromkeys(name for e in evaluations for name in e.controls):
        known = [
            (e.label, _percent(e.controls[control][""]))
            for e in evaluations
            if "" in e.controls.get(control, {})
        ]
        tiles.append(_newest_first(f"Accuracy, {_control_name(control)}", known))
    return f'<dl class="tiles">{"".join(tiles)}</dl>{_table(evaluations, num_problems)}'


def _newest_first(title: str, known: Sequence[tuple[str, str]]) -> str:
    """A tile of the last (label, number), the earlier ones below; nothing if none is known."""
    if not known:
        return ""
    label, number = known[-1]
    return _tile(title, number, "; ".join([label, *(f"{n} {name}" for name, n in known[:-1])]))


def _tile(title: str, number: str, more: str) -> str:
    return (
        f"<div><dt>{escape(clean(title))}</dt><dd>{escape(number)}</dd>"
        f'<dd class="more">{escape(clean(more))}</dd></div>'
    )


def _table(evaluations: Sequence[Evaluation], num_problems: dict[str, int]) -> str:
    """Accuracy by task, all tasks together in the first row; controls of the last evaluation."""
    rows = compare_sources(evaluations)
    if not rows:
        return ""
    last = evaluations[-1]
    heads = [evaluation.label for evaluation in evaluations]
    notes = []
    if len(evaluations) > 1:
        heads.append("difference")
        notes.append(f"difference is {last.label} less {evaluations[-2].label}, in points")
    heads += ["0 to 100 %", *(_control_name(name) for name in last.controls), "problems"]
    if last.controls:
        notes.append(f"controls are {last.label}")
    total = tuple(evaluation.accuracy for evaluation in evaluations)
    lines = []
    for source, accuracies, difference, count in (
        ("", total, last_difference(total), sum(num_problems.values())),
        *((r.source, r.accuracies, r.difference, num_problems.get(r.source)) for r in rows),
    ):
        cells = [*map(_share_cell, accuracies)]
        if len(evaluations) > 1:
            cells.append(_difference_cell(difference))
        cells.append(f"<td>{draw_change(accuracies)}</td>")
        cells += [_share_cell(control.get(source)) for control in last.controls.values()]
        cells.append(f"<td>{count:,}</td>" if count else f"<td>{_DASH}</td>")
        style = "" if source else ' class="total"'
        name = escape(clean(source or "all tasks"))
        lines.append(f'<tr{style}><th scope="row">{name}</th>{"".join(cells)}</tr>')
    return (
        '<div class="sheet" role="region" aria-label="Accuracy by task" tabindex="0">'
        '<table id="by-task">'
        f"<caption><span>{escape(clean('; '.join(['By task', *notes])))}</span></caption>"
        f"<thead><tr>{''.join(map(_head_cell, ['task', *heads]))}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _head_cell(text: str) -> str:
    return f'<th scope="col">{escape(clean(text))}</th>'


def _share_cell(share: float | None) -> str:
    return f"<td>{_DASH if share is None else _percent(share)}</td>"


def _difference_cell(difference: float | None) -> str:
    if difference is None:
        return f"<td>{_DASH}</td>"
    trend = "up" if difference > 0 else "down" if difference < 0 else "same"
    return f'<td class="{trend}">{_points(difference)}</td>'


def _control_name(control: str) -> str:
    return _CONTROL_NAMES.get(control, control)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(difference: float) -> str:
    """Signed percentage points."""
    return f"{100 * difference:+.1f}".replace("-", _MINUS)
