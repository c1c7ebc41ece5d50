"""Rollout throughput: the in-process engine against plain `generate(num_return_sequences=k)`.

    python experiments/benchmarks/rollout/run.py

Same policy, same prompts, same number of samples, in turn, in one process. `generate` gets every
advantage that its interface allows: all prompts in one call, cached keys and values, the same cap.
A trained policy matters, since the engine's gain is that finished rows leave: give one with
--policy. Prints tokens per second of both and their ratio, and the floor that the model's own
arithmetic sets.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers.utils import logging as transformers_logging

from data_synth.seeding import derive_seed
from mm_rl.build import build_policy, build_prompts
from mm_rl.config import TrainConfig, register_configs, to_config
from mm_rl.policy.model import EncodedPrompt, Policy, collate_vision, load_policy
from mm_rl.prompts.encoder import PromptEncoder
from mm_rl.prompts.images import ImageStore
from mm_rl.rollout.engine import GenerationRequest, InProcessEngine, SamplingLimits
from mm_rl.train import CONFIG_DIR


def engine_rollout(
    policy: Policy, prompts: Sequence[EncodedPrompt], k: int, cap: int, trial: int
) -> int:
    """Sample with the engine; returns the number of sampled tokens."""
    requests = [
        GenerationRequest(prompt=prompt, seed=derive_seed("bench", trial, i, j))
        for i, prompt in enumerate(prompts)
        for j in range(k)
    ]
    limits = SamplingLimits(max_total_tokens=cap, repetition=None)
    engine = InProcessEngine(policy, max_rows=len(requests))
    return sum(len(segment.token_ids) for segment in engine.generate(requests, limits))


def plain_rollout(
    policy: Policy, prompts: Sequence[EncodedPrompt], k: int, cap: int, trial: int
) -> int:
    """Sample with `generate`; tokens after a row's end are padding and do not count."""
    torch.manual_seed(trial)
    longest = max(len(prompt.token_ids) for prompt in prompts)
    tokens = torch.full((len(prompts), longest), policy.tokenizer.pad_token_id)
    mask = torch.zeros_like(tokens)
    for i, prompt in enumerate(prompts):  # left-padded, as generate wants it
        tokens[i, longest - len(prompt.token_ids) :] = torch.tensor(prompt.token_ids)
        mask[i, longest - len(prompt.token_ids) :] = 1
    with torch.no_grad():
        output = policy.model.generate(
            input_ids=tokens,
            attention_mask=mask,
            **collate_vision(prompts),
            do_sample=True,
            num_return_sequences=k,
            max_new_tokens=cap,
            bad_words_ids=[[token] for token in policy.banned_ids.tolist()],
            pad_token_id=policy.tokenizer.pad_token_id,
        )
    sampled = output[:, longest:]
    return int((sampled != policy.tokenizer.pad_token_id).sum())


def load(path: str | None, config: TrainConfig) -> tuple[Policy, list[EncodedPrompt]]:
    prompts = build_prompts(config)
    folder = Path(tempfile.mkdtemp())
    policy = (
        load_policy(path, device="cpu", dtype="float32")
        if path
        else build_policy(config, folder=folder, prompts=prompts)
    )
    images = ImageStore(folder / "images")
    encoder = PromptEncoder(policy, images, blind=False)
    train = prompts["train"]
    return policy, [encoder.encode(train.prompt(i, images)) for i in range(32)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--policy", help="a checkpoint's policy/ folder; default: untrained")
    parser.add_argument("--prompts", type=int, default=24)
    parser.add_argument("--k", type=int, default=8)
    parser.add_argument("--cap", type=int, default=112)
    parser.add_argument("--trials", type=int, default=5)
    arguments = parser.parse_args()
    transformers_logging.set_verbosity_error()
    register_configs()
    from hydra import compose, initialize_config_dir

    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        config = to_config(compose("train", overrides=["+experiment=quickstart"]))
    policy, prompts = load(arguments.policy, config)
    prompts = prompts[: arguments.prompts]
    rates: dict[str, list[float]] = {"engine": [], "generate": []}
    for trial in range(arguments.trials + 1):
        for name, rollout in (("engine", engine_rollout), ("generate", plain_rollout)):
            started = time.perf_counter()
            num_tokens = rollout(policy, prompts, arguments.k, arguments.cap, trial)
            if trial > 0:  # the first round warms up
                rates[name].append(num_tokens / (time.perf_counter() - started))
    parameters = sum(p.numel() for p in policy.model.parameters())
    medians = {name: statistics.median(values) for name, values in rates.items()}
    ratios = [a / b for a, b in zip(rates["engine"], rates["generate"], strict=True)]
    print(f"{parameters / 1e6:.2f} M parameters, {torch.get_num_threads()} threads")
    for name, values in rates.items():
        print(
            f"{name:9s} {medians[name]:7.0f} tok/s  (min {min(values):.0f}, max {max(values):.0f})"
        )
    print(
        f"ratio     {statistics.median(ratios):.2f}  (min {min(ratios):.2f}, max {max(ratios):.2f})"
    )


if __name__ == "__main__":
    main()
