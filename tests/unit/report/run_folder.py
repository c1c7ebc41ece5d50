"""A small run folder written by hand: every number on its report can be checked in the head."""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from PIL import Image

from mm_rl.records import RolloutRecord, write_records
from mm_rl.report.page import render_page
from mm_rl.report.run import read_run

HOSTILE = (
    "<think></script><script>document.title = 'taken'; alert(1)</script>"
    "<img src=x onerror=\"document.title = 'taken'\"><!-- \x1b[31m \u202e</think>"
    "<b>bold</b> &lt;i&gt; ${document.title} $script \\boxed{7}"
)
CONFIG: dict[str, Any] = {
    "name": "demo",
    "seed": 5,
    "stages": ["sft", "rl"],
    "sft": {"steps": 4},
    "rl": {"iterations": 3},
    "model": {"kind": "tiny"},
}
METRICS: tuple[dict[str, Any], ...] = (
    {"stage": "sft", "step": 1, "loss/nll": 3.0},
    {"stage": "sft", "step": 2, "loss/nll": 2.0, "policy/lr": 0.001},
    {"stage": "sft", "step": 4, "loss/nll": 1.5, "policy/lr": 0.0005},
    {
        "stage": "sft",
        "step": 4,
        "eval/accuracy": 0.25,
        "eval/accuracy/count": 0.5,
        "eval/accuracy/sums": 0.0,
        "eval/num_tokens": 12.5,
        "eval/blind_accuracy": 0.125,
    },
    {"stage": "rl", "step": 1, "reward/mean": 0.25, "rollout/num_tokens": 20.0},
    {"stage": "rl", "step": 2, "reward/mean": float("nan"), "rollout/num_tokens": 18.0},
    {"stage": "rl", "step": 3, "reward/mean": 0.75, "rollout/num_tokens": 16.0},
    {
        "stage": "rl",
        "step": 3,
        "eval/accuracy": 0.5,
        "eval/accuracy/count": 0.25,
        "eval/accuracy/sums": 0.75,
        "eval/accuracy/vqa": 0.5,
        "eval/num_tokens": 10.0,
        "eval/blind_accuracy": 0.0625,
        "eval/blind_accuracy/sums": 0.03125,
        "eval/constant_accuracy/count": 0.1,
    },
)


def png(color: tuple[int, int, int], side: int = 64) -> bytes:
    """An encoded image of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), color).save(buffer, "PNG")
    return buffer.getvalue()


RECORD = RolloutRecord(
    stage="rl",
    step=3,
    prompt_id="p0",
    source="sums",
    question="Add the digits.",
    image_keys=("red",),
    reference="(3,4)",
    sample_index=0,
    completion="<think>1+2=3</think>\\boxed{(3,4)}",
    answer="(3,4)",
    correct=True,
    reason="equal",
    total_reward=0.9,
    reward_terms={"answer": 1.0, "length": -0.1},
    finish_reason="stop",
    num_tokens=17,
    num_segments=1,
)


def evaluated(stage: str, step: int, right: Mapping[str, Sequence[bool]]) -> list[RolloutRecord]:
    """One record per problem; `right` tells by task which are."""
    return [
        replace(
            RECORD,
            stage=stage,
            step=step,
            prompt_id=f"{source}{number}",
            source=source,
            image_keys=("red" if number % 2 else "blue",),
            correct=correct,
            reason="equal" if correct else "different",
        )
        for source, outcomes in right.items()
        for number, correct in enumerate(outcomes)
    ]


def demo_records() -> dict[str, list[RolloutRecord]]:
    """Records of the demo run by file: 4 after SFT, 6 after RL, 5 rollouts, one of them hostile."""
    unfinished = {"completion": "<think>1+2=", "answer": None, "correct": False}
    return {
        "evals/sft-000004": evaluated("sft", 4, {"count": [True, False], "sums": [False, False]}),
        "evals/rl-000003": evaluated(
            "rl", 3, {"count": [False, True], "sums": [True, True, False], "vqa": [True]}
        ),
        "rollouts/rl-000001": [
            replace(RECORD, step=1, sample_index=0),
            replace(RECORD, step=1, sample_index=1, finish_reason="length_total", **unfinished),  # type: ignore[arg-type]
        ],
        "rollouts/rl-000002": [
            replace(RECORD, step=2, completion=HOSTILE, answer="7", correct=False),
            replace(RECORD, step=2, source="count", question="Find the needle.", correct=False),
            replace(RECORD, step=2, source="count", image_keys=("gone",), num_segments=2),
        ],
    }


def write_run(
    folder: Path,
    *,
    metrics: Iterable[Mapping[str, Any]] = METRICS,
    config: Mapping[str, Any] | None = CONFIG,
    records: Mapping[str, Sequence[RolloutRecord]] | None = None,
) -> Path:
    """Write a run folder; by default the demo run."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / "images" / "red.img").write_bytes(png((200, 30, 30)))
    (folder / "images" / "blue.img").write_bytes(png((30, 30, 200)))
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in metrics))
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config))
    for name, rows in (demo_records() if records is None else records).items():
        write_records(folder / f"{name}.parquet", rows)
    return folder


class PageReader(HTMLParser):
    """What an HTML parser, not a search for strings, finds in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []
        """Attributes that would run a script or fetch something."""
        self.curves: dict[tuple[str, str], list[list[float | None]]] = {}
        """Points by (stage, name in the legend) as the tooltips read them."""
        self.table: list[list[str]] = []
        """Text of every cell of every table row."""
        self.scripts: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._inside = tag
        values = {name: value or "" for name, value in attrs}
        self.handlers += [n for n in values if n.startswith("on") or n in ("src", "style")]
        for curve in json.loads(values.get("data-values", "[]")):
            self.curves[curve["stage"], curve["name"]] = curve["points"]
        if tag == "tr":
            self.table.append([])
        elif tag in ("td", "th") and self.table:
            self.table[-1].append("")
        elif tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.text += data
        if self._inside in ("td", "th"):
            self.table[-1][-1] += data

    @property
    def payload(self) -> dict[str, Any]:
        """What the page's script reads."""
        content: dict[str, Any] = json.loads(self.scripts[0])
        return content


def read_page(folder: Path) -> PageReader:
    """The report of a run folder."""
    return PageReader(render_page(read_run(folder)))
