"""Code as an RL domain: real programs of a real policy, in the real sandbox, killed and resumed."""

import signal
import time
from pathlib import Path

import pytest

from mm_rl.metrics import read_metrics
from mm_rl.records import read_records
from tests.integration.runs import all_records, exact_metrics, final_weights, finish, start

# Long enough that the policy writes whole blocks of code; what they do is another matter.
CODE = (
    "data=code",
    "data.easy_vqa_eval_size=0",
    "data.presentation=text",
    "sft.easy_vqa_frac=0",
    "sft.steps=40",
    "sft.batch_size=12",
    "sft.num_demonstrations=100",
    "rl.iterations=3",
    "rl.prompts_per_iteration=4",
    "rl.group_size=3",
    "rollout.max_total_tokens=120",
    "rollout.max_segment_tokens=70",
    "checkpoint.every_sft_steps=40",
    "reward.format_penalty=0.2",
)


@pytest.mark.slow
def test_programs_are_run_and_their_verdicts_survive_a_kill(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    output = finish(whole, *CODE)
    assert "sandbox: " in output
    records = [
        record
        for path in sorted((whole / "rollouts").glob("rl-*.parquet"))
        for record in read_records(path)
    ]
    ran = {"equal", "wrong_output", "runtime_error", "timeout", "memory"}
    assert sum(record.reason in ran for record in records) >= len(records) // 4
    for record in records:
        assert (record.reason == "equal") == record.correct
        assert record.reward_terms["format"] == (
            -0.2 if record.finish_reason == "stop" and record.answer is None else 0.0
        )
    assert (whole / "verdicts.jsonl").stat().st_size > 0
    rl = [line for line in read_metrics(whole) if "filter/failed" in line]
    assert [line["filter/failed"] for line in rl] == [0.0, 0.0, 0.0]

    process = start(killed, *CODE)
    deadline = time.monotonic() + 300
    while not any(killed.glob("checkpoints/*-rl-000001")):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    finish(killed, *CODE, "resume=auto")
    assert exact_metrics(killed) == exact_metrics(whole)
    assert all_records(killed) == all_records(whole)
    assert final_weights(killed) == final_weights(whole)
