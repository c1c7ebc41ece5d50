"""Masks, micro-batches and log-probabilities against one row at a time."""

from collections.abc import Callable

import torch

from mm_rl.policy.batch import TrainRow, collate, micro_batches
from mm_rl.policy.logprobs import policy_log_softmax, token_logprobs
from mm_rl.policy.model import EncodedPrompt, Policy
from mm_rl.types import Prompt

Encode = Callable[[int], list[tuple[Prompt, EncodedPrompt]]]


def rows_of(encode: Encode) -> list[TrainRow]:
    """Rows of different prompts and lengths, some with context."""
    lengths = [(9, 0), (3, 0), (14, 6), (5, 4), (1, 0)]
    return [
        TrainRow(
            prompt=encoded,
            token_ids=tuple(20 + (7 * i + j) % 40 for j in range(length)),
            train_from=start,
            advantage=float(i),
            group=i // 2,
        )
        for i, ((_, encoded), (length, start)) in enumerate(zip(encode(5), lengths, strict=True))
    ]


def test_mask_covers_exactly_the_trained_tokens(policy: Policy, encode: Encode) -> None:
    row = rows_of(encode)[2]
    batch = collate([row], pad_id=0, device=policy.device)
    start = len(row.prompt.token_ids)
    assert batch.mask_BT[0].nonzero().flatten().tolist() == list(range(start + 6, start + 14))
    assert batch.tokens_BT[0, start:].tolist() == list(row.token_ids)


def test_logprobs_do_not_depend_on_padding_or_neighbours(policy: Policy, encode: Encode) -> None:
    rows = rows_of(encode)
    with torch.no_grad():
        (whole,) = micro_batches(rows, max_tokens=100_000, policy=policy)
        together, entropy = whole.logprobs(policy)
        for i, row in enumerate(sorted(rows, key=lambda row: -row.num_tokens)):
            (alone,) = micro_batches([row], max_tokens=100_000, policy=policy)
            expected, expected_entropy = alone.logprobs(policy)
            mask = alone.mask_BT[0].bool()
            width = len(mask)
            torch.testing.assert_close(
                together[i, :width][mask], expected[0][mask], atol=1e-5, rtol=0
            )
            torch.testing.assert_close(
                entropy[i, :width][mask], expected_entropy[0][mask], atol=1e-5, rtol=0
            )
            assert together[i][whole.mask_BT[i] == 0].abs().max() == 0


def test_logprobs_equal_the_models_own_logits(policy: Policy, encode: Encode) -> None:
    row = rows_of(encode)[0]
    (batch,) = micro_batches([row], max_tokens=100_000, policy=policy)
    with torch.no_grad():
        logprobs, entropy = batch.logprobs(policy)
        logits = policy.model(input_ids=batch.tokens_BT, **row.prompt.vision).logits[0]
    logits[:, policy.banned_ids] = -torch.inf
    start = len(row.prompt.token_ids)
    for offset, token in enumerate(row.token_ids):
        distribution = torch.softmax(logits[start + offset - 1], dim=-1)
        torch.testing.assert_close(
            logprobs[0, start + offset], distribution[token].log(), atol=1e-5, rtol=0
        )
        kept = distribution[distribution > 0]
        torch.testing.assert_close(
            entropy[0, start + offset], -(kept * kept.log()).sum(), atol=1e-4, rtol=0
        )


def test_micro_batches_bound_padded_tokens_and_lose_no_row(policy: Policy, encode: Encode) -> None:
    rows = rows_of(encode)
    longest = max(row.num_tokens for row in rows)
    batches = list(micro_batches(rows, max_tokens=2 * longest, policy=policy))
    assert len(batches) == 3
    assert all(batch.tokens_BT.numel() <= 2 * longest for batch in batches)
    seen = [advantage for batch in batches for advantage in batch.advantages_B.tolist()]
    assert sorted(seen) == [0.0, 1.0, 2.0, 3.0, 4.0]
    lengths = [len(batch.tokens_BT[0]) for batch in batches]
    assert lengths == sorted(lengths, reverse=True)


def test_a_row_over_the_bound_gets_its_own_micro_batch(policy: Policy, encode: Encode) -> None:
    batches = list(micro_batches(rows_of(encode), max_tokens=1, policy=policy))
    assert [len(batch.prompts) for batch in batches] == [1] * 5


def test_banned_ids_get_no_probability_and_the_rest_sums_to_one() -> None:
    logits = torch.tensor([[1.0, 2.0, 3.0]], dtype=torch.bfloat16)
    log_probs = policy_log_softmax(logits, torch.tensor([2]))
    assert log_probs.dtype is torch.float32
    assert log_probs[0, 2] == -torch.inf
    torch.testing.assert_close(
        log_probs[0, :2].exp(), torch.softmax(torch.tensor([1.0, 2.0]), dim=0)
    )


def test_blocks_give_the_same_values_and_gradients(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(11, 6, generator=generator, requires_grad=True)
    hidden = torch.randn(10, 6, generator=generator)
    tokens = torch.tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 0])
    banned = torch.tensor([9, 10])

    def run() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        logprobs, entropy = token_logprobs(
            hidden, tokens, project=lambda h: h @ weight.T, banned_ids=banned
        )
        (gradient,) = torch.autograd.grad(logprobs.square().sum(), weight)
        return logprobs.detach(), entropy, gradient

    expected = run()
    monkeypatch.setattr("mm_rl.policy.logprobs._CHUNK", 3)
    for value, reference in zip(run(), expected, strict=True):
        torch.testing.assert_close(value, reference)
