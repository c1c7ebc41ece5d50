"""The stage `curate`: candidates in, a prompt set, a report and a pile for review out.

<run>/curation/NN-name.jsonl   what each filter decided
<run>/curation/summary.json    the funnel, the histogram and the tags, as numbers
<run>/curation/report.html     the same to look at, with examples of every drop; report.md
<run>/curated/                 the problems that stayed, with `curation.jsonl`: `data.path=<it>`
<run>/review/                  the problems set aside, with `review.jsonl`
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from data_synth.problem import Problem
from data_synth.storage import write_problems
from mm_rl.config.curation import TAGS
from mm_rl.curation.balance import read_tags
from mm_rl.curation.base import WARNING, Pool
from mm_rl.curation.decisions import Decisions, decide
from mm_rl.curation.filters import build_filters
from mm_rl.curation.report import write_curation_report
from mm_rl.files import remove_folder, write_atomic, write_json
from mm_rl.prompts.combined import ChosenPrompts
from mm_rl.prompts.tags import CurationTags, write_curation
from mm_rl.run import Run
from mm_rl.stages.base import Stage

CURATION, CURATED, REVIEW = "curation", "curated", "review"
"""Folders of a run that the stage fills."""
REVIEW_FILE = "review.jsonl"
# Bins of the histogram of pass rates, equally wide; rate 1 has one of its own.
NUM_BINS = 10


class CurateStage(Stage):
    """Runs the configured filters over the prompts of role `pool`."""

    name: ClassVar[str] = "curate"

    def __init__(self, run: Run) -> None:
        self.run_, self.config = run, run.config.curation

    def run(self) -> None:
        """Filter, then write everything; finished filters of a killed run are read back.

        Raises:
            ValueError: nothing is left; names the filter that emptied the set.
        """
        run = self.run_
        pool = Pool(run.prompts["pool"], run)
        folder = run.folder / CURATION
        before = count_tags(pool, pool.alive)
        num_unseen = count_unseen(run)
        decided = []
        for number, step in enumerate(build_filters(self.config, run)):
            decisions = decide(step, pool, folder / f"{number:02d}-{step.name}.jsonl")
            decided.append(decisions)
            print(f"curate: {describe(decisions)}", flush=True)
            for remark in decisions.remarks:
                print(f"curate: {decisions.name}: {remark}", flush=True)
            if not pool.alive:
                break
        summary = summarize(pool, decided, before, num_unseen=num_unseen)
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "summary.json", summary)
        write_review(run.folder / REVIEW, pool, decided)
        write_curation_report(
            folder, pool, decided, summary=summary, num_examples=self.config.examples
        )
        if not pool.alive:
            raise ValueError(
                f"curation: filter {decided[-1].name} left nothing of {decided[-1].num_seen} "
                f"problems ({_count_reasons(decided[-1])}); see {folder / 'report.html'}, then "
                f"loosen curation.{decided[-1].name}, leave it out of curation.filters, or give "
                "other candidates"
            )
        write_curated(run.folder / CURATED, pool)
        run.metrics.log(self.name, 1, _metrics(summary))
        run.save_checkpoint(self.name, 1, self.state_dict(), finished=True)


def count_unseen(run: Run) -> int:
    """Problems of `data.path` that `curation.num_candidates` keeps out; told when there are any."""
    prompts = run.prompts["pool"]
    num_unseen = prompts.num_left_out if isinstance(prompts, ChosenPrompts) else 0
    if num_unseen:
        print(
            f"curate: {WARNING}{num_unseen} problems of data.path={run.config.data.path} are not "
            f"looked at: curation.num_candidates={run.config.curation.num_candidates}",
            flush=True,
        )
    return num_unseen


def describe(decisions: Decisions) -> str:
    """One filter in one line."""
    counted = _count_reasons(decisions)
    return (
        f"{decisions.name} {decisions.num_seen} -> {decisions.num_left}"
        + (f" ({counted})" if counted else "")
        + (f", {len(decisions.rewritten)} rewritten" if decisions.rewritten else "")
    )


def _count_reasons(decisions: Decisions) -> str:
    counts = Counter(drop.reason for drop in decisions.drops.values())
    return ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()))


def summarize(
    pool: Pool,
    decided: Sequence[Decisions],
    tags_before: dict[str, dict[str, int]],
    *,
    num_unseen: int,
) -> dict[str, Any]:
    """The curation in numbers, as JSON; `num_unseen`: see `count_unseen`."""
    rates = [facts["pass_rate"] for facts in pool.notes.values() if "pass_rate" in facts]
    return {
        "num_candidates": len(pool.problems),
        "num_unseen": num_unseen,
        "num_kept": len(pool.alive),
        "num_review": sum(drop.review for each in decided for drop in each.drops.values()),
        "num_unsolved": sum(pool.notes.get(i, {}).get("unsolved", False) for i in pool.alive),
        "filters": [
            {
                "name": each.name,
                "before": each.num_seen,
                "after": each.num_left,
                "reasons": dict(sorted(Counter(d.reason for d in each.drops.values()).items())),
                "num_review": sum(drop.review for drop in each.drops.values()),
                "num_rewritten": len(each.rewritten),
                "remarks": list(each.remarks),
            }
            for each in decided
        ],
        "pass_rates": bin_rates(rates),
        "tags": {"before": tags_before, "after": count_tags(pool, pool.alive)},
    }


def bin_rates(rates: Sequence[float]) -> list[int]:
    """How many rates fall into each tenth, 1 in a bin of its own behind them.

    Example:
        bin_rates([0.0, 0.05, 0.1, 1.0]) == [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    """
    bins = [0] * (NUM_BINS + 1)
    for rate in rates:
        # 0.3 * 10 is a hair below 3 in floating point.
        bins[int(rate * NUM_BINS + 1e-9)] += 1
    return bins


def count_tags(pool: Pool, indices: Sequence[int]) -> dict[str, dict[str, int]]:
    """Problems by tag and value."""
    counts: dict[str, Counter[str]] = {tag: Counter() for tag in TAGS}
    for index in indices:
        for tag, value in read_tags(pool, index).items():
            counts[tag][value] += 1
    return {tag: dict(sorted(values.items())) for tag, values in counts.items()}


def write_curated(folder: Path, pool: Pool) -> None:
    """The problems that stayed, and what was measured of them, complete or absent."""
    measured = {pool.problem(index).id: _curation_tags(pool, index) for index in pool.alive}

    def add_measures(staged: Path) -> None:
        write_curation(staged, measured.values())

    _write_anew(folder, (pool.problem(index) for index in pool.alive), add_measures)


def _curation_tags(pool: Pool, index: int) -> CurationTags:
    facts = pool.notes.get(index, {})
    return CurationTags(
        id=pool.problem(index).id,
        pass_rate=facts.get("pass_rate"),
        num_attempts=facts.get("num_attempts", 0),
        num_passed=facts.get("num_passed", 0),
        unsolved=facts.get("unsolved", False),
        guess_hits=facts.get("guess_hits"),
        blind_hits=facts.get("blind_hits"),
    )


def write_review(folder: Path, pool: Pool, decided: Sequence[Decisions]) -> None:
    """The problems set aside, and in `review.jsonl` why, row by row; nothing if there are none."""
    rows = [
        (index, {"id": pool.problem(index).id, "filter": each.name, "reason": drop.reason,
                 "detail": drop.detail, "question": pool.problem(index).question,
                 "answer": pool.problem(index).answer, "source": pool.problem(index).source})
        for each in decided
        for index, drop in sorted(each.drops.items())
        if drop.review
    ]  # fmt: skip

    def add_reasons(staged: Path) -> None:
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for _, row in rows)
        write_atomic(staged / REVIEW_FILE, "".join(lines))

    if rows:
        _write_anew(folder, (pool.problem(index) for index, _ in rows), add_reasons)


def _write_anew(folder: Path, problems: Iterator[Problem], complete: Any) -> None:
    """Write a folder of problems, in the place of what a killed run may have left."""
    if folder.exists():
        remove_folder(folder)
    write_problems(folder, problems, complete=complete)


def _metrics(summary: dict[str, Any]) -> dict[str, float]:
    return {
        "curation/num_candidates": float(summary["num_candidates"]),
        "curation/num_kept": float(summary["num_kept"]),
        "curation/num_review": float(summary["num_review"]),
        **{
            f"curation/dropped/{each['name']}": float(each["before"] - each["after"])
            for each in summary["filters"]
        },
    }
