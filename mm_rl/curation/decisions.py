"""What a filter decided, on disk: `curation/NN-name.jsonl`, written whole once it has decided.

A killed curation reads back the filters that are done and goes on with the first that is not. The
first line tells how many problems the filter saw and what it remarked; each further one what it
found out about one.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mm_rl.curation.base import Drop, Filter, Pool
from mm_rl.files import write_atomic

# Parts of a problem that a filter rewrites; pictures and origin stay as they are.
_REWRITTEN = ("question", "answer", "alternatives", "answer_type", "verifier", "reasoning")


@dataclass(frozen=True, kw_only=True, slots=True)
class Decisions:
    """What one filter decided.

    Example:
        Decisions(name="guess", num_seen=120, drops={7: Drop(reason="guessed")}, rewritten=())
    """

    name: str
    num_seen: int
    """Problems that were in when the filter began."""
    drops: Mapping[int, Drop]
    rewritten: tuple[int, ...]
    """Indices of the problems that it replaced."""
    remarks: tuple[str, ...] = ()
    """What it said about its work as a whole."""

    @property
    def num_left(self) -> int:
        return self.num_seen - len(self.drops)


def decide(step: Filter, pool: Pool, path: Path) -> Decisions:
    """Let a filter decide, or read what it decided in an earlier process, and carry it out.

    Raises:
        ValueError: the file is of another pool, or the filter named a problem that is not in.
    """
    decisions = _read(step.name, pool, path) if path.exists() else _apply(step, pool, path)
    pool.drop(set(decisions.drops))
    return decisions


def _apply(step: Filter, pool: Pool, path: Path) -> Decisions:
    before = {index: dict(facts) for index, facts in pool.notes.items()}
    replaced_before = dict(pool.replaced)
    num_seen = len(pool)
    pool.remarks = []
    ids = {index: pool.problem(index).id for index in pool.alive}
    drops = step.apply(pool)
    strangers = sorted(drops.keys() - ids.keys())
    if strangers:
        raise ValueError(f"filter {step.name} drops problems {strangers[:5]}, which are not in")
    rewritten = tuple(
        index
        for index in sorted(pool.replaced)
        if pool.replaced[index] != replaced_before.get(index)
    )
    remarks = tuple(pool.remarks)
    lines: list[dict[str, Any]] = [{"filter": step.name, "num_seen": num_seen, "remarks": remarks}]
    for index in sorted(ids):
        known = before.get(index, {})
        facts = {
            name: value
            for name, value in pool.notes.get(index, {}).items()
            if name not in known or known[name] != value
        }
        line: dict[str, Any] = {"index": index, "id": ids[index]}
        if index in drops:
            line["drop"] = asdict(drops[index])
        if facts:
            line["notes"] = facts
        if index in rewritten:
            line["rewritten"] = {name: getattr(pool.replaced[index], name) for name in _REWRITTEN}
        if len(line) > 2:
            lines.append(line)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, "".join(json.dumps(line) + "\n" for line in lines))
    return Decisions(
        name=step.name, num_seen=num_seen, drops=drops, rewritten=rewritten, remarks=remarks
    )


def _read(name: str, pool: Pool, path: Path) -> Decisions:
    head, *lines = map(json.loads, path.read_text("utf-8").splitlines())
    if (head["filter"], head["num_seen"]) != (name, len(pool)):
        raise ValueError(
            f"{path} is of filter {head['filter']} on {head['num_seen']} problems, not of {name} "
            f"on {len(pool)}: remove the folder {path.parent}, and it is decided anew"
        )
    drops: dict[int, Drop] = {}
    rewritten = []
    alive = set(pool.alive)
    for line in lines:
        index = line["index"]
        if index not in alive or pool.problem(index).id != line["id"]:
            raise ValueError(
                f"{path}: problem {index} is {line['id']}, which the candidates no longer hold: "
                f"they changed since; remove the folder {path.parent}"
            )
        if "drop" in line:
            drops[index] = Drop(**line["drop"])
        if "notes" in line:
            pool.note(index, **line["notes"])
        if "rewritten" in line:
            parts = line["rewritten"]
            parts["alternatives"] = tuple(parts["alternatives"])
            pool.replace(index, replace(pool.problem(index), **parts, id=""))
            rewritten.append(index)
    return Decisions(
        name=name,
        num_seen=head["num_seen"],
        drops=drops,
        rewritten=tuple(rewritten),
        remarks=tuple(head["remarks"]),
    )
