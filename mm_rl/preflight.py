"""Checks before the first token: refuse to start what can not work, with the fix in the message.

Silent blindness, placeholder mismatches and disagreeing log-probabilities are the faults that cost
users of RL frameworks the most time; each takes a second to find here.
"""

from collections.abc import Sequence

import torch

from data_synth.seeding import derive_seed
from data_synth.verify import PROGRAM, REWARD_MODEL, check_reference
from data_synth.verify.program import read_tests
from mm_rl.curation.readable import image_fault
from mm_rl.evaluation import sampling_limits
from mm_rl.policy.batch import TrainRow, micro_batches
from mm_rl.policy.model import EncodedPrompt
from mm_rl.reward.programs import judge_program
from mm_rl.reward_models.serving import CoTRewardModel
from mm_rl.rollout.engine import GenerationRequest
from mm_rl.run import Run
from mm_rl.sandbox import SandboxUnavailable
from mm_rl.types import Prompt

# Prompts of each set that are looked at.
_NUM_CHECKED = 8
# Largest gap between the engine's and the trainer's log-probabilities of the same tokens.
_TOLERANCE = {torch.float32: 1e-3, torch.bfloat16: 0.3}


def run_preflight(run: Run) -> None:
    """Run every check.

    Raises:
        ValueError: the first check that fails, with the prompt and the fix.
    """
    prompts = []
    for role, prompt_set in run.prompts.items():
        for index in range(min(_NUM_CHECKED, len(prompt_set))):
            # Curation finds damaged pictures and wrong references itself and goes on.
            if role == "pool" and image_fault(prompt_set.problem(index)) is not None:
                continue
            prompt = prompt_set.prompt(index, run.images)
            prompts.append(prompt)
            if role != "pool":
                check_verifier(run, prompt)
    if isinstance(run.judges.reward_model, CoTRewardModel):
        print(run.judges.reward_model.try_canaries(), flush=True)
    encoded = [run.encoder.encode_uncached(prompt, blind=False) for prompt in prompts]
    for prompt, row in zip(prompts, encoded, strict=True):
        check_image_tokens(run, prompt, row)
        check_fits(run, prompt, row)
    with_images = [
        (prompt, row) for prompt, row in zip(prompts, encoded, strict=True) if prompt.image_keys
    ]
    if with_images:
        check_sees_images(run, *with_images[0])
    check_logprobs_agree(run, encoded[:_NUM_CHECKED])
    print(f"preflight: {len(prompts)} prompts checked, all well", flush=True)


def check_verifier(run: Run, prompt: Prompt) -> None:
    """The reference passes its own verifier; a known solution passes its tests in the sandbox."""
    if prompt.verifier == REWARD_MODEL:
        run.judges.reward_model_for(prompt)
    check_reference(prompt.verifier, prompt.answer, alternatives=prompt.alternatives)
    if prompt.verifier != PROGRAM:
        return
    tests = read_tests(prompt.answer)
    try:
        sandbox = run.judges.sandbox
    except SandboxUnavailable as error:
        raise ValueError(f"code problems need a sandbox: {error}") from error
    if tests.solution:
        verdict = judge_program(sandbox, tests.solution, "", tests)
        if not verdict.correct:
            raise ValueError(
                f"the solution of prompt {prompt.id} of {prompt.source} fails its own tests "
                f"({verdict.reason}): mend the solution, the tests or their limits"
            )


def check_image_tokens(run: Run, prompt: Prompt, encoded: EncodedPrompt) -> None:
    """As many placeholders in the prompt as the vision tower makes features."""
    if not prompt.image_keys or run.policy.image_token_id is None:
        return
    num_tokens = encoded.token_ids.count(run.policy.image_token_id)
    with torch.no_grad(), run.policy.autocast():
        vision = {name: tensor.to(run.policy.device) for name, tensor in encoded.vision.items()}
        features = run.policy.model.get_image_features(**vision).pooler_output
    parts = features if isinstance(features, (list, tuple)) else [features]
    num_features = sum(part.reshape(-1, part.shape[-1]).shape[0] for part in parts)
    if num_tokens != num_features:
        raise ValueError(
            f"prompt {prompt.id} of {prompt.source} has {num_tokens} image tokens but "
            f"{num_features} image features: the processor does not fit the model; use the "
            "processor that was saved with it"
        )


def check_fits(run: Run, prompt: Prompt, encoded: EncodedPrompt) -> None:
    """Prompt and longest completion fit the positions the model was made for."""
    config = run.policy.model.config.get_text_config()
    needed = len(encoded.token_ids) + run.config.rollout.max_total_tokens
    if needed > config.max_position_embeddings:
        raise ValueError(
            f"prompt {prompt.id} of {prompt.source} needs {needed} positions "
            f"({len(encoded.token_ids)} prompt + rollout.max_total_tokens="
            f"{run.config.rollout.max_total_tokens}) but the model has "
            f"{config.max_position_embeddings}: lower rollout.max_total_tokens or shrink images"
        )


def check_sees_images(run: Run, prompt: Prompt, encoded: EncodedPrompt) -> None:
    """The logits change when the image is blanked."""
    blank = run.encoder.encode_uncached(prompt, blind=True)
    seen, unseen = (_last_hidden(run, row) for row in (encoded, blank))
    if torch.equal(seen, unseen):
        raise ValueError(
            f"the policy is blind: prompt {prompt.id} of {prompt.source} gives the same output "
            "with its image blanked. Check that the processor's pixel values reach the model"
        )


def _last_hidden(run: Run, encoded: EncodedPrompt) -> torch.Tensor:
    tokens = torch.tensor([encoded.token_ids], device=run.policy.device)
    with torch.no_grad(), run.policy.autocast():
        return run.policy.hidden_states(tokens, encoded.vision)[:, -1]


def check_logprobs_agree(run: Run, encoded: Sequence[EncodedPrompt]) -> None:
    """Engine and trainer give the same log-probabilities to freshly sampled tokens."""
    limits = sampling_limits(run.config.rollout, partial=False, temperature=1.0)
    segments = run.engine.generate(
        [
            GenerationRequest(prompt=row, seed=derive_seed("preflight", i))
            for i, row in enumerate(encoded)
        ],
        limits,
    )
    gap = 0.0
    for row, segment in zip(encoded, segments, strict=True):
        train_row = TrainRow(prompt=row, token_ids=segment.token_ids)
        (batch,) = micro_batches([train_row], max_tokens=1, policy=run.policy)
        with torch.no_grad():
            logprobs_BT, _ = batch.logprobs(run.policy)
        trained = logprobs_BT[batch.mask_BT.bool()]
        sampled = torch.tensor(segment.logprobs, device=trained.device)
        gap = max(gap, float((trained - sampled).abs().max()))
    tolerance = _TOLERANCE[run.policy.dtype]
    if gap > tolerance:
        raise ValueError(
            f"engine and trainer disagree: logprobs of the same tokens differ by {gap:.2g}, "
            f"over {tolerance:.2g}. The model's attention or positions do not suit the in-process "
            "engine; see the README for the supported architectures"
        )
