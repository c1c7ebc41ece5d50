"""The set of long chains of thought of a run: made once, read by a run that is resumed.

<run>/longcot/
    traces.parquet     the chosen traces
    summary.json       counts by source, drop reason and behaviour
    endpoint.jsonl     replies of a foreign model, if one is asked
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_synth.seeding import derive_rng
from mm_rl.files import write_atomic, write_json
from mm_rl.prompts.prompt_set import PromptSet
from mm_rl.run import Run
from mm_rl.traces.balance import balance, shares_of
from mm_rl.traces.candidates import Trace, TraceSource
from mm_rl.traces.endpoint import endpoint_traces
from mm_rl.traces.screen import Screen
from mm_rl.traces.sources import prompted_traces, sampled_traces, task_traces

_SCHEMA = pa.schema(
    [
        ("index", pa.int64()),
        ("prompt_id", pa.string()),
        ("source", pa.string()),
        ("text", pa.string()),
        ("token_ids", pa.list_(pa.int32())),
        ("behaviours", pa.list_(pa.string())),
    ]
)


def build_traces(run: Run) -> list[Trace]:
    """The run's traces; collected, judged and written now unless they are there.

    Raises:
        ValueError: no candidate passed, or the traces that are there belong to other prompts.
    """
    folder = run.folder / "longcot"
    path = folder / "traces.parquet"
    if path.exists():
        return _read_traces(path, run.prompts["train"])
    folder.mkdir(parents=True, exist_ok=True)
    config = run.config.longcot
    unavailable: Counter[str] = Counter()
    screen = Screen(config, run.policy, run.judges)
    passed: list[Trace] = []
    for candidates in (
        task_traces(run, unavailable),
        sampled_traces(run),
        prompted_traces(run),
        endpoint_traces(run, unavailable),
    ):
        passed += screen.screen(candidates)
    if not passed:
        raise ValueError(
            f"longcot: no trace passed ({_describe(screen.dropped, unavailable)}): choose prompts "
            "with a reasoning, give longcot.endpoint, raise longcot.samples_per_prompt or "
            "longcot.prompted_samples, or start from a policy that solves some of the prompts"
        )
    rng = derive_rng(run.config.seed, "trace balance")
    chosen = balance(passed, config.shares, count=config.num_traces, rng=rng)
    summary = summarize(chosen, passed, screen.dropped, unavailable)
    # The table comes last: where it is, the summary is.
    write_json(folder / "summary.json", summary)
    table = pa.Table.from_pylist([trace.to_row() for trace in chosen], schema=_SCHEMA)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    write_atomic(path, sink.getvalue().to_pybytes())
    return chosen


def summarize(
    chosen: Sequence[Trace],
    passed: Sequence[Trace],
    dropped: Counter[tuple[str, str]],
    unavailable: Counter[str],
) -> dict[str, Any]:
    """Counts by source, behaviour and drop reason."""
    sources = sorted({trace.source for trace in passed} | {source for source, _ in dropped})
    surplus = Counter(str(trace.source) for trace in passed)
    surplus.subtract(Counter(str(trace.source) for trace in chosen))
    by_source = {
        str(source): {
            "chosen": sum(trace.source == source for trace in chosen),
            "dropped": {
                **{reason: n for (s, reason), n in sorted(dropped.items()) if s == source},
                **({"surplus": surplus[source]} if surplus[source] else {}),
            },
        }
        for source in sources
    }
    return {
        "num_traces": len(chosen),
        "num_tokens": fmean(len(trace.token_ids) for trace in chosen),
        "sources": by_source,
        "unavailable": dict(sorted(unavailable.items())),
        "behaviours": shares_of(chosen),
    }


def read_summary(folder: Path) -> dict[str, float]:
    """The summary of a run folder as metrics."""
    summary = json.loads((folder / "longcot" / "summary.json").read_text())
    values = {
        "data/num_traces": float(summary["num_traces"]),
        "data/trace_tokens": float(summary["num_tokens"]),
    }
    for source, counts in summary["sources"].items():
        values[f"data/traces/{source}"] = float(counts["chosen"])
        for reason, number in counts["dropped"].items():
            key = f"data/dropped/{reason}"
            values[key] = values.get(key, 0.0) + number
    for source, number in summary["unavailable"].items():
        values[f"data/unavailable/{source}"] = float(number)
    for behaviour, share in summary["behaviours"].items():
        values[f"data/behaviour/{behaviour}"] = share
    return values


def _read_traces(path: Path, prompts: PromptSet) -> list[Trace]:
    traces = [Trace.from_row(row) for row in pq.read_table(path, schema=_SCHEMA).to_pylist()]
    for trace in traces:
        if trace.index >= len(prompts) or prompts.problem(trace.index).id != trace.prompt_id:
            raise ValueError(
                f"{path}: prompt {trace.index} is no longer {trace.prompt_id}, which its trace "
                "answers; resume with the data.* that the run began with, or start it anew"
            )
    return traces


_UNAVAILABLE = {
    TraceSource.TASK: "prompts without a reasoning",
    TraceSource.ENDPOINT: "failed requests to longcot.endpoint",
}


def _describe(dropped: Counter[tuple[str, str]], unavailable: Counter[str]) -> str:
    parts = [f"{n} {what}" for source, what in _UNAVAILABLE.items() if (n := unavailable[source])]
    parts += [f"{source} {reason} {n}" for (source, reason), n in dropped.most_common(6)]
    return ", ".join(parts) or "none was made"
