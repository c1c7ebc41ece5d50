"""The same code on a GPU: run with `pytest -m gpu` on a machine that has one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from data_synth.seeding import derive_seed
from mm_rl.build import build_prompts
from mm_rl.policy.batch import TrainRow, micro_batches
from mm_rl.policy.model import load_policy
from mm_rl.prompts.encoder import PromptEncoder
from mm_rl.prompts.images import ImageStore
from mm_rl.rollout.engine import GenerationRequest, InProcessEngine, SamplingLimits
from tests.conftest import compose_config
from tests.integration.runs import ROOT, SMALL

pytestmark = pytest.mark.gpu


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-4), ("bfloat16", 0.1)])
def test_engine_and_trainer_agree(
    tiny_folder: Path, tmp_path: Path, dtype: str, tolerance: float
) -> None:
    policy = load_policy(str(tiny_folder), device="cuda", dtype=dtype)
    prompts = build_prompts(compose_config("+experiment=smoke"))["train"]
    images = ImageStore(tmp_path / "images")
    encoder = PromptEncoder(policy, images, blind=False)
    encoded = [encoder.encode(prompts.prompt(index, images)) for index in range(4)]
    requests = [
        GenerationRequest(prompt=prompt, seed=derive_seed("gpu", i, j))
        for i, prompt in enumerate(encoded)
        for j in range(4)
    ]
    limits = SamplingLimits(max_total_tokens=32, repetition=None)
    segments = InProcessEngine(policy, max_rows=6).generate(requests, limits)
    for request, segment in zip(requests, segments, strict=True):
        row = TrainRow(prompt=request.prompt, token_ids=segment.token_ids)
        (batch,) = micro_batches([row], max_tokens=1, policy=policy)
        with torch.no_grad():
            logprobs_BT, _ = batch.logprobs(policy)
        trained = logprobs_BT[batch.mask_BT.bool()].cpu()
        gap = (trained - torch.tensor(segment.logprobs)).abs().mean()
        assert gap < tolerance


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_whole_path_runs_on_the_gpu(tmp_path: Path, dtype: str) -> None:
    command = [sys.executable, "-m", "mm_rl.train", *SMALL, f"run_dir={tmp_path / 'run'}"]
    done = subprocess.run(
        [*command, "device=cuda", f"dtype={dtype}"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [json.loads(x) for x in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    nll = [line["loss/nll"] for line in lines if "loss/nll" in line]
    assert nll[-1] < nll[0]
    assert any("reward/mean" in line for line in lines)
