"""The rollouts to show: a balanced choice of records, taken apart for the page.

The last evaluation of every stage is shown, and training rollouts from iterations spread over the
run. Both choices are bounded, so the page stays small however long the run, and fixed by a seed,
so that the same run gives the same page.
"""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from data_synth.seeding import derive_rng
from data_synth.verify.answer import (
    BOX_OPEN,
    THINK_CLOSE,
    THINK_OPEN,
    AnswerStatus,
    find_closing_brace,
)
from mm_rl.records import RolloutRecord
from mm_rl.report.run import RecordFile, RunData
from mm_rl.report.text import clean, cut_middle, shorten

MAX_EVALUATED = 120
"""Records of each stage's last evaluation."""
MAX_ROLLOUTS = 200
"""Training rollouts, all iterations and stages together."""
# Iterations to read rollouts from; a long run has thousands, each a file of its own.
_MAX_FILES = 12
# Characters shown of a completion's reasoning, of its answer section, and of any other field.
_MAX_REASONING = 6_000
_MAX_ANSWER = 2_400
_MAX_FIELD = 2_000

_T = TypeVar("_T")

Part = tuple[str, str]
"""(kind, text) of a piece of a completion: `text`, `tag`, `reasoning`, `box`, or `cut`, a note on
characters left out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gallery:
    """Records to show.

    Example:
        Gallery(groups=(("rl rollouts", records),), evaluated={"rl": all_records})
    """

    groups: tuple[tuple[str, tuple[RolloutRecord, ...]], ...]
    """(label, chosen records): evaluations from the last stage to the first, then rollouts."""
    num_problems: dict[str, int]
    """Problems by task in the last evaluation, those not chosen included."""


def choose_records(run: RunData) -> Gallery:
    """Choose what to show of a run."""
    groups: list[tuple[str, tuple[RolloutRecord, ...]]] = []
    num_problems: dict[str, int] = {}
    last = {file.stage: file for file in run.evals}
    for file in reversed(last.values()):
        records = file.read()
        num_problems = num_problems or count_by_source(records)
        rng = derive_rng("report", "eval", file.stage, file.step)
        label = f"{file.stage} evaluation, step {file.step}"
        groups.append((label, tuple(balanced_sample(records, MAX_EVALUATED, rng))))
    by_stage: dict[str, list[RecordFile]] = {}
    for file in run.rollouts:
        by_stage.setdefault(file.stage, []).append(file)
    for stage, files in reversed(by_stage.items()):
        records = [record for file in spread(files, _MAX_FILES) for record in file.read()]
        rng = derive_rng("report", "rollouts", stage)
        chosen = balanced_sample(records, MAX_ROLLOUTS // len(by_stage), rng)
        groups.append((f"{stage} rollouts", tuple(sorted(chosen, key=lambda r: -r.step))))
    return Gallery(groups=tuple(groups), num_problems=num_problems)


def balanced_sample(
    records: Iterable[RolloutRecord], limit: int, rng: random.Random
) -> list[RolloutRecord]:
    """At most `limit` records, as evenly as they allow over task x right or wrong.

    Takes one record of each cell in turn, at random within the cell, until all are taken.
    """
    cells: dict[tuple[str, bool], list[RolloutRecord]] = {}
    for record in records:
        cells.setdefault((record.source, record.correct), []).append(record)
    ordered = [cells[key] for key in sorted(cells)]
    for cell in ordered:
        rng.shuffle(cell)
    turns = max(map(len, ordered), default=0)
    taken = [cell[turn] for turn in range(turns) for cell in ordered if turn < len(cell)]
    return taken[:limit]


def spread(items: Sequence[_T], limit: int) -> list[_T]:
    """At most `limit` items at even distances, the first and the last included."""
    if len(items) <= limit:
        return list(items)
    return [items[at * (len(items) - 1) // (limit - 1)] for at in range(limit)]


def count_by_source(records: Iterable[RolloutRecord]) -> dict[str, int]:
    """Distinct problems by task."""
    problems: dict[str, set[str]] = {}
    for record in records:
        problems.setdefault(record.source, set()).add(record.prompt_id)
    return {source: len(ids) for source, ids in sorted(problems.items())}


def build_items(gallery: Gallery) -> list[dict[str, Any]]:
    """The chosen records as JSON values, every text in them bounded and cleaned."""
    return [_build_item(label, record) for label, records in gallery.groups for record in records]


def _build_item(label: str, record: RolloutRecord) -> dict[str, Any]:
    return {
        "group": clean(label),
        "stage": clean(record.stage),
        "step": record.step,
        "source": shorten(record.source, _MAX_FIELD),
        "prompt_id": shorten(record.prompt_id, _MAX_FIELD),
        "sample": record.sample_index,
        "correct": record.correct,
        "question": shorten(record.question, _MAX_FIELD),
        "images": [shorten(key, _MAX_FIELD) for key in record.image_keys],
        "parts": split_completion(record.completion),
        "reference": shorten(record.reference, _MAX_FIELD),
        "answer": None if record.answer is None else shorten(record.answer, _MAX_FIELD),
        "reason": shorten(record.reason, _MAX_FIELD),
        "reward": _rounded(record.total_reward),
        "terms": [[clean(name), _rounded(value)] for name, value in record.reward_terms.items()],
        "finish": shorten(record.finish_reason, _MAX_FIELD),
        "tokens": record.num_tokens,
        "segments": record.num_segments,
    }


def _rounded(value: float) -> float | None:
    """None where JSON has no number for it."""
    return round(value, 4) if math.isfinite(value) else None


def split_completion(completion: str) -> list[Part]:
    """Set the reasoning, the answer section and its boxes apart, as the reward reads them.

    Joined, the parts are the cleaned completion, but for the middle of overlong ones.
    """
    head, closing, section = completion.rpartition(THINK_CLOSE)
    parts: list[Part] = []
    if closing:
        before, opening, reasoning = head.partition(THINK_OPEN)
        if not opening:
            before, reasoning = "", head
        parts += [*_bounded("text", before, _MAX_ANSWER), ("tag", opening)]
        parts += [*_bounded("reasoning", reasoning, _MAX_REASONING), ("tag", closing)]
    answer, opening, unfinished = section.partition(THINK_OPEN)
    for part in _bounded("text", answer, _MAX_ANSWER):
        parts += _mark_boxes(part[1]) if part[0] == "text" else [part]
    parts += [("tag", opening), *_bounded("reasoning", unfinished, _MAX_REASONING)]
    return [(kind, clean(text)) for kind, text in parts if text]


def _bounded(kind: str, text: str, limit: int) -> list[Part]:
    head, num_cut, tail = cut_middle(text, limit)
    if not num_cut:
        return [(kind, head)]
    return [(kind, head), ("cut", f"{num_cut:,} characters left out"), (kind, tail)]


def _mark_boxes(section: str) -> list[Part]:
    r"""Tell `\boxed{...}` from the text around it; a box left open is text."""
    parts: list[Part] = []
    done = 0
    start = section.find(BOX_OPEN)
    while start != -1:
        end, status = find_closing_brace(section, start + len(BOX_OPEN))
        if status is not AnswerStatus.FOUND:
            break
        parts += [("text", section[done:start]), ("box", section[start : end + 1])]
        done = end + 1
        start = section.find(BOX_OPEN, done)
    return [*parts, ("text", section[done:])]
