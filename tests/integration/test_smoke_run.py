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
    rl = {line["step"]: line for line in lines if "rollout/num_sampled_tokens" in line}
    assert sorted(rl) == [1, 2, 3]
    # A completion ends within two segments, so groups are complete from the second iteration on.
    # The length reward warms up: it is off until the third.
    assert rl[2]["reward/length"] == 0.0
    assert "reward/mean" in rl[3]
    final = [line for line in lines if "eval/accuracy/easy-vqa" in line][-1]
    assert final["stage"] == "rl"
    assert "eval/blind_accuracy/easy-vqa" in final and "eval/sampled_accuracy/easy-vqa" in final
    assert final["eval/constant_accuracy/easy-vqa"] > 0.2

    records = [
        record
        for path in sorted((run_dir / "rollouts").glob("rl-*.parquet"))
        for record in read_records(path)
    ]
    assert len(records) >= 8 * 4
    for record in records:
        assert record.total_reward == sum(record.reward_terms.values())
        assert all((run_dir / "images" / f"{key}.img").exists() for key in record.image_keys)
    newest = sorted((run_dir / "checkpoints").iterdir())[-1]
    AutoModelForImageTextToText.from_pretrained(newest / "policy")
    assert "<svg" in (run_dir / "report" / "index.html").read_text()
