"""Rollout records: every completion with its reward parts, as parquet in the run folder.

Written before any filtering, so that what the policy did can be looked at whether or not it was
trained on. The report, and anyone with pandas, reads them back.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mm_rl.files import write_atomic


@dataclass(frozen=True, kw_only=True, slots=True)
class RolloutRecord:
    """One completion as a table row.

    Example:
        RolloutRecord(stage="rl", step=3, prompt_id="9f..", source="row_sums", question="...",
                      image_keys=("c0..",), reference="(1,2)", completion="<think>...", ...)
    """

    stage: str
    """`sft`, `rl`: the stage that sampled it; evaluations carry the stage they evaluate."""
    step: int
    """Iteration of the stage, or the step that was evaluated."""
    prompt_id: str
    source: str
    """Task or data set."""
    question: str
    image_keys: tuple[str, ...]
    """Names of the images in the run folder's `images/` (`<key>.img`, encoded PNG or JPEG)."""
    reference: str
    """The correct answer."""
    sample_index: int
    completion: str
    """Everything the policy wrote, as text."""
    answer: str | None
    """The extracted answer, None if there was none."""
    correct: bool
    reason: str
    """The verifier's reason."""
    total_reward: float
    reward_terms: dict[str, float]
    """Weighted reward by term."""
    finish_reason: str
    num_tokens: int
    num_segments: int


def write_records(path: Path, records: Iterable[RolloutRecord]) -> None:
    """Write records to one parquet file, atomically."""
    rows = []
    for record in records:
        row = asdict(record)
        row["image_keys"] = list(record.image_keys)
        row["reward_terms"] = json.dumps(record.reward_terms, sort_keys=True)
        rows.append(row)
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA), sink)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, sink.getvalue().to_pybytes())


def read_records(path: Path) -> list[RolloutRecord]:
    """Read one file back."""
    records = []
    for row in pq.read_table(path).to_pylist():
        row["image_keys"] = tuple(row["image_keys"])
        row["reward_terms"] = json.loads(row["reward_terms"])
        records.append(RolloutRecord(**row))
    return records


_ARROW_TYPES = {
    "step": pa.int64(),
    "image_keys": pa.list_(pa.string()),
    "sample_index": pa.int64(),
    "correct": pa.bool_(),
    "total_reward": pa.float64(),
    "num_tokens": pa.int64(),
    "num_segments": pa.int64(),
}
_SCHEMA = pa.schema(
    [(field.name, _ARROW_TYPES.get(field.name, pa.string())) for field in fields(RolloutRecord)]
)
