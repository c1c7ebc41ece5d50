"""Multirun: every job in a process of its own, and one that fails does not stop the others."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.runs import ROOT, SMALL


@pytest.mark.slow
def test_jobs_run_in_their_own_processes_and_survive_a_failing_one(tmp_path: Path) -> None:
    sweep = tmp_path / "sweep"
    # The second job needs more positions than the model has: preflight refuses it.
    process = subprocess.run(
        [
            sys.executable,
            "-m",
            "mm_rl.train",
            "-m",
            *SMALL,
            "stages=[sft]",
            "eval.controls=false",
            "rollout.max_total_tokens=24,100000,25",
            f"hydra.sweep.dir={sweep}",
        ],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert process.returncode != 0
    assert "needs 100" in process.stdout + process.stderr
    statuses = {
        path.parent.name: json.loads(path.read_text()) for path in sweep.glob("*/status.json")
    }
    assert {name: status["status"] for name, status in statuses.items()} == {
        "0": "finished",
        "2": "finished",
    }
    assert statuses["0"]["pid"] != statuses["2"]["pid"]
    caps = {
        name: json.loads((sweep / name / "config.json").read_text())["rollout"]["max_total_tokens"]
        for name in statuses
    }
    assert caps == {"0": 24, "2": 25}
