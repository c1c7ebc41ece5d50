"""The report of a curation as markdown: to read in a terminal, to put into a card."""

from collections.abc import Mapping, Sequence
from typing import Any

from mm_rl.curation.examples import Example, explain_none
from mm_rl.report.text import shorten

_MAX_TEXT = 300
# What markdown or HTML inside it would act on.
_ACTIVE = "\\`*_{}[]()<>#+-!|~&$"


def render_markdown(examples: Sequence[Example], summary: Mapping[str, Any]) -> str:
    """Funnel, pass rates and tags as tables, and the examples as a list."""
    kept, total = summary["num_kept"], summary["num_candidates"]
    lines = [
        "# Curation",
        "",
        f"{kept} of {total} candidates stay; {summary['num_review']} are set aside for review; "
        f"{summary['num_unseen']} more were not looked at.",
        "",
        "## Funnel",
        "",
        "| filter | before | after | dropped | rewritten |",
        "|---|---:|---:|---|---:|",
    ]
    for step in summary["filters"]:
        reasons = ", ".join(f"{quote(name)} {count}" for name, count in step["reasons"].items())
        counts = f"{step['before']} | {step['after']}"
        lines.append(
            f"| {quote(step['name'])} | {counts} | {reasons or 'none'} | {step['num_rewritten']} |"
        )
    remarks = [
        f"- {quote(step['name'])}: {quote(remark)}"
        for step in summary["filters"]
        for remark in step["remarks"]
    ]
    lines += ["", *remarks] if remarks else []
    lines += _rate_lines(summary["pass_rates"]) + _tag_lines(summary["tags"])
    lines += ["", "## Examples of what was dropped", ""]
    if not examples:
        lines.append(explain_none(summary))
    for each in examples:
        detail = f" ({quote(each.drop.detail)})" if each.drop.detail else ""
        twin = f"; repeats {quote(each.drop.twin)}" if each.drop.twin else ""
        lines.append(
            f"- **{quote(each.step)}: {quote(each.drop.reason)}**{detail}{twin}: "
            f"{quote(each.problem.question)} Answer: {quote(each.problem.answer)}"
        )
    return "\n".join(lines) + "\n"


def _rate_lines(bins: Sequence[int]) -> list[str]:
    if not any(bins):
        return []
    last = len(bins) - 1
    names = [f"{n / last:.1f} to {(n + 1) / last:.1f}" for n in range(last)] + ["1"]
    rows = [f"| {name} | {count} |" for name, count in zip(names, bins, strict=True)]
    return ["", "## Pass rates", "", "| pass rate | problems |", "|---|---:|", *rows]


def _tag_lines(tags: Mapping[str, Mapping[str, Mapping[str, int]]]) -> list[str]:
    lines = ["", "## Tags", "", "| tag | value | before | after |", "|---|---|---:|---:|"]
    for tag, before in tags["before"].items():
        after = tags["after"].get(tag, {})
        for value in sorted(before.keys() | after.keys()):
            counts = f"{before.get(value, 0)} | {after.get(value, 0)}"
            lines.append(f"| {quote(tag)} | {quote(value)} | {counts} |")
    return lines


def quote(text: str) -> str:
    """Untrusted text on one line, with everything that markdown acts on made inert."""
    flat = " ".join(shorten(text, _MAX_TEXT).split())
    return "".join(f"&#{ord(char)};" if char in _ACTIVE else char for char in flat)
