"""Running `mm_rl.train` as a user does, and comparing what runs leave behind."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from mm_rl.records import read_records

ROOT = Path(__file__).parents[2]
# Seconds per run: a few steps of each stage, with partial rollouts and the length reward on.
SMALL = (
    "+experiment=smoke",
    "threads=1",
    "data.eval_size=4",
    "data.easy_vqa_eval_size=2",
    "sft.steps=4",
    "sft.batch_size=4",
    "sft.num_demonstrations=6",
    "sft.easy_vqa_frac=0.25",
    "rl.iterations=5",
    "rl.prompts_per_iteration=3",
    "rl.group_size=2",
    "rollout.max_total_tokens=24",
    "rollout.max_segment_tokens=10",
    "eval.every=2",
    "checkpoint.every=1",
    "checkpoint.every_sft_steps=2",
)


def start(run_dir: Path, *overrides: str) -> subprocess.Popen[str]:
    """Start a training run in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "mm_rl.train", *SMALL, f"run_dir={run_dir}", *overrides],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(run_dir: Path, *overrides: str) -> str:
    """Run to the end; returns what it printed."""
    process = start(run_dir, *overrides)
    output, _ = process.communicate(timeout=600)
    assert process.returncode == 0, output
    return output


def exact_metrics(run_dir: Path) -> list[dict[str, Any]]:
    """Every logged value except wall-clock times."""
    lines = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text().splitlines()]
    return [
        {key: value for key, value in line.items() if not key.startswith("timing/")}
        for line in lines
    ]


def all_records(run_dir: Path) -> dict[str, Any]:
    """Every recorded completion by file."""
    return {
        str(path.relative_to(run_dir)): read_records(path)
        for kind in ("rollouts", "evals")
        for path in sorted((run_dir / kind).glob("*.parquet"))
    }


def final_weights(run_dir: Path) -> bytes:
    """The last checkpoint's weights."""
    newest = sorted((run_dir / "checkpoints").iterdir())[-1]
    return (newest / "policy" / "model.safetensors").read_bytes()
