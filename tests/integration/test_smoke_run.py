"""`+experiment=smoke` as a user runs it: every file of the run folder, in one go."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from transformers import AutoModelForImageTextToText

from mm_rl.metrics import read_metrics
from mm_rl.records import read_records
from tests.integration.runs import ROOT


@pytest.mark.slow
def test_smoke_goes_from_no_weights_to_the_report(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    done = subprocess.run(
        [sys.executable, "-m", "mm_rl.train", "+experiment=smoke", f"run_dir={run_dir}"],
        cwd=ROOT,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((run_dir / "status.json").read_text())["status"] == "finished"
    assert json.loads((run_dir / "config.json").read_text())["name"] == "smoke"
    assert json.loads((run_dir / "environment.json").read_text())["torch"]

    lines = read_metrics(run_dir)
    sft = [line["loss/nll"] for line in lines if "loss/nll" in line]
    assert len(sft) == 20
    assert float(sft[-1]) < 0.4 * float(sft[0])  # from uniform guessing to the format
    rl = [line for line in lines if line["stage"] == "rl" and "reward/mean" in line]
    assert [line["step"] for line in rl] == [1, 2, 3]
    # The length reward warms up: off in the first iteration.
    assert rl[0]["reward/length"] == 0.0
    final = [line for line in lines if "eval/accuracy/easy-vqa" in line][-1]
    assert final["stage"] == "rl"
    assert "eval/blind_accuracy/easy-vqa" in final and "eval/sampled_accuracy/easy-vqa" in final
    assert final["eval/constant_accuracy/easy-vqa"] > 0.2

    records = read_records(run_dir / "rollouts" / "rl-000001.parquet")
    for record in records:
        assert record.total_reward == sum(record.reward_terms.values())
        assert all((run_dir / "images" / f"{key}.img").exists() for key in record.image_keys)
    newest = sorted((run_dir / "checkpoints").iterdir())[-1]
    AutoModelForImageTextToText.from_pretrained(newest / "policy")
    assert "<svg" in (run_dir / "report" / "index.html").read_text()
