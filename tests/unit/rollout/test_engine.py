"""The engine against the trainer, against itself in other batches, and against plain `generate`."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from data_synth.seeding import derive_seed
from mm_rl.policy.batch import TrainRow, collate
from mm_rl.policy.model import EncodedPrompt, Policy, load_policy
from mm_rl.rollout.engine import (
    GenerationRequest,
    InProcessEngine,
    SamplingLimits,
    sample_tokens,
)
from mm_rl.rollout.repetition import RepetitionRule
from mm_rl.types import FinishReason, Prompt, Segment

Encode = Callable[[int], list[tuple[Prompt, EncodedPrompt]]]
LIMITS = SamplingLimits(max_total_tokens=24, repetition=None)


def requests_for(encode: Encode, num_prompts: int, k: int) -> list[GenerationRequest]:
    return [
        GenerationRequest(prompt=encoded, seed=derive_seed("test", prompt.id, sample))
        for prompt, encoded in encode(num_prompts)
        for sample in range(k)
    ]


def trainer_logprobs(
    policy: Policy, prompt: EncodedPrompt, tokens: tuple[int, ...]
) -> torch.Tensor:
    batch = collate(
        [TrainRow(prompt=prompt, token_ids=tokens)],
        pad_id=policy.tokenizer.pad_token_id,
        device=policy.device,
    )
    with torch.no_grad():
        logprobs_BT, _ = batch.logprobs(policy)
    return logprobs_BT[batch.mask_BT.bool()]


def test_sampled_logprobs_equal_the_trainers(policy: Policy, encode: Encode) -> None:
    requests = requests_for(encode, 4, 3)
    segments = InProcessEngine(policy, max_rows=5).generate(requests, LIMITS)
    for request, segment in zip(requests, segments, strict=True):
        expected = trainer_logprobs(policy, request.prompt, segment.token_ids)
        torch.testing.assert_close(
            torch.tensor(segment.logprobs), expected, atol=1e-4, rtol=0, msg=str(segment)
        )


def test_bfloat16_agrees_with_its_trainer_to_its_precision(
    tiny_folder: Path, encode: Encode
) -> None:
    half = load_policy(str(tiny_folder), device="cpu", dtype="bfloat16")
    requests = requests_for(encode, 3, 2)
    segments = InProcessEngine(half, max_rows=4).generate(requests, LIMITS)
    gaps = [
        (trainer_logprobs(half, request.prompt, segment.token_ids) - torch.tensor(segment.logprobs))
        for request, segment in zip(requests, segments, strict=True)
    ]
    assert torch.cat(gaps).abs().mean() < 0.03
    assert next(half.model.parameters()).dtype is torch.float32


@pytest.mark.parametrize("max_rows", [1, 3, 7, 64])
def test_tokens_do_not_depend_on_the_batching(
    policy: Policy, encode: Encode, max_rows: int
) -> None:
    requests = requests_for(encode, 4, 3)
    together = InProcessEngine(policy, max_rows=12).generate(requests, LIMITS)
    # Another order and another number of rows: every row meets other neighbours.
    order = list(reversed(range(len(requests))))
    shuffled = InProcessEngine(policy, max_rows=max_rows, max_prefill_tokens=100).generate(
        [requests[i] for i in order], LIMITS
    )
    for i, segment in zip(order, shuffled, strict=True):
        assert segment.token_ids == together[i].token_ids
        assert segment.finish_reason == together[i].finish_reason
        torch.testing.assert_close(
            torch.tensor(segment.logprobs), torch.tensor(together[i].logprobs), atol=1e-5, rtol=0
        )


def test_equal_batches_give_equal_bits(policy: Policy, encode: Encode) -> None:
    requests = requests_for(encode, 3, 2)
    engine = InProcessEngine(policy, max_rows=4)
    assert engine.generate(requests, LIMITS) == engine.generate(requests, LIMITS)


def test_samples_of_a_group_differ_and_seeds_decide(policy: Policy, encode: Encode) -> None:
    requests = requests_for(encode, 1, 6)
    segments = InProcessEngine(policy, max_rows=6).generate(requests, LIMITS)
    assert len({segment.token_ids for segment in segments}) == 6
    same_seed = [GenerationRequest(prompt=requests[0].prompt, seed=7)] * 3
    repeated = InProcessEngine(policy, max_rows=6).generate(same_seed, LIMITS)
    assert len({segment.token_ids for segment in repeated}) == 1


def test_greedy_equals_plain_generate(policy: Policy, encode: Encode) -> None:
    ((_, encoded),) = encode(1)
    limits = SamplingLimits(max_total_tokens=24, temperature=0, repetition=None)
    (segment,) = InProcessEngine(policy, max_rows=1).generate(
        [GenerationRequest(prompt=encoded)], limits
    )
    expected = policy.model.generate(
        input_ids=torch.tensor([encoded.token_ids]),
        attention_mask=torch.ones(1, len(encoded.token_ids), dtype=torch.long),
        max_new_tokens=24,
        do_sample=False,
        bad_words_ids=[[token] for token in policy.banned_ids.tolist()],
        **encoded.vision,
    )[0, len(encoded.token_ids) :]
    assert list(segment.token_ids) == expected.tolist()


def test_segments_continue_as_if_never_cut(policy: Policy, encode: Encode) -> None:
    requests = requests_for(encode, 2, 2)
    engine = InProcessEngine(policy, max_rows=4)
    whole = engine.generate(requests, LIMITS)
    budget = SamplingLimits(max_total_tokens=24, max_segment_tokens=5, repetition=None)
    parts: list[list[Segment]] = [[] for _ in requests]
    for _ in range(5):
        waiting = [
            i for i, done in enumerate(parts) if not done or not done[-1].finish_reason.is_final
        ]
        continued = [
            GenerationRequest(
                prompt=requests[i].prompt,
                prefix=tuple(t for part in parts[i] for t in part.token_ids),
                seed=requests[i].seed,
            )
            for i in waiting
        ]
        for i, segment in zip(waiting, engine.generate(continued, budget), strict=True):
            parts[i].append(segment)
    for segments, expected in zip(parts, whole, strict=True):
        assert tuple(t for part in segments for t in part.token_ids) == expected.token_ids
        assert all(len(part.token_ids) == 5 for part in segments[:-1])
        assert [part.finish_reason for part in segments[:-1]] == [FinishReason.LENGTH_BUDGET] * (
            len(segments) - 1
        )
        assert segments[-1].finish_reason == expected.finish_reason
        torch.testing.assert_close(
            torch.tensor([p for part in segments for p in part.logprobs]),
            torch.tensor(expected.logprobs),
            atol=1e-5,
            rtol=0,
        )


def make_always_emit(policy: Policy, token: int) -> None:
    """Let the output embedding favour one token whatever the input: norms are positive."""
    norm = policy.model.model.text_model.norm
    head = policy.model.get_output_embeddings()
    with torch.no_grad():
        policy.model.model.text_model.embed_tokens.weight = torch.nn.Parameter(
            policy.model.model.text_model.embed_tokens.weight.clone()
        )
        head.weight = torch.nn.Parameter(torch.zeros_like(head.weight))
        norm.weight.zero_()
        norm.register_forward_hook(lambda module, args, output: torch.ones_like(output))
        head.weight[token] = 10.0


def test_end_token_stops_and_is_kept(policy: Policy, encode: Encode) -> None:
    end = min(policy.end_ids)
    make_always_emit(policy, end)
    (segment,) = InProcessEngine(policy, max_rows=1).generate(requests_for(encode, 1, 1), LIMITS)
    assert segment.token_ids == (end,)
    assert segment.finish_reason is FinishReason.STOP


def test_repetition_stops_at_the_first_check(policy: Policy, encode: Encode) -> None:
    make_always_emit(policy, 40)
    limits = SamplingLimits(
        max_total_tokens=64, repetition=RepetitionRule(min_span=20, min_repeats=4)
    )
    (segment,) = InProcessEngine(policy, max_rows=1).generate(requests_for(encode, 1, 1), limits)
    # Checked every 16 tokens: 16 are too few for the span, 32 are enough.
    assert segment.token_ids == (40,) * 32
    assert segment.finish_reason is FinishReason.REPETITION


def test_total_cap_stops_and_wins_over_the_budget(policy: Policy, encode: Encode) -> None:
    make_always_emit(policy, 40)
    limits = SamplingLimits(max_total_tokens=6, max_segment_tokens=6, repetition=None)
    (segment,) = InProcessEngine(policy, max_rows=1).generate(requests_for(encode, 1, 1), limits)
    assert len(segment.token_ids) == 6
    assert segment.finish_reason is FinishReason.LENGTH_TOTAL


def test_media_tokens_are_never_sampled_even_when_most_likely(
    policy: Policy, encode: Encode
) -> None:
    assert policy.image_token_id in policy.banned_ids.tolist()
    make_always_emit(policy, policy.image_token_id)
    segments = InProcessEngine(policy, max_rows=8).generate(requests_for(encode, 2, 4), LIMITS)
    banned = set(policy.banned_ids.tolist())
    assert not banned & {token for segment in segments for token in segment.token_ids}
    # The rest is uniform over what is left: the ban renormalises.
    allowed = policy.model.config.get_text_config().vocab_size - len(banned)
    assert segments[0].logprobs[0] == pytest.approx(-torch.tensor(allowed).log().item(), abs=1e-4)


def test_sample_tokens_inverts_the_cumulative_distribution() -> None:
    probabilities = torch.tensor([0.1, 0.2, 0.0, 0.3, 0.4])
    logits = probabilities.log().repeat(5, 1)
    uniforms = torch.tensor([0.0, 0.0999, 0.1001, 0.3001, 0.9999], dtype=torch.float64)
    tokens, logprobs = sample_tokens(
        logits, uniforms, temperature=1.0, banned_ids=torch.tensor([], dtype=torch.long)
    )
    assert tokens.tolist() == [0, 0, 1, 3, 4]
    torch.testing.assert_close(logprobs, probabilities[tokens].log())


def test_sample_tokens_follows_the_distribution_with_ban_and_temperature() -> None:
    logits = torch.tensor([[0.0, 1.0, 2.0, 5.0]])
    banned = torch.tensor([3])
    count = 20000
    uniforms = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    tokens, logprobs = sample_tokens(
        logits.expand(count, -1), uniforms, temperature=2.0, banned_ids=banned
    )
    expected = torch.softmax(torch.tensor([0.0, 0.5, 1.0]), dim=0)
    frequency = torch.bincount(tokens, minlength=4) / count
    torch.testing.assert_close(frequency[:3], expected, atol=1e-3, rtol=0)
    assert frequency[3] == 0
    # Recorded log-probabilities are those of the policy at temperature 1.
    at_one = torch.log_softmax(torch.tensor([0.0, 1.0, 2.0]), dim=0)
    torch.testing.assert_close(logprobs, at_one[tokens])
