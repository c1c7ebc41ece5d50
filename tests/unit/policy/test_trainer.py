"""Optimizer steps: resets, warm-up, non-finite gradients, micro-batch invariance."""

from collections.abc import Callable

import torch
from torch import Tensor

from mm_rl.config import OptimConfig
from mm_rl.policy.batch import TrainBatch, TrainRow, micro_batches
from mm_rl.policy.model import EncodedPrompt, Policy
from mm_rl.policy.trainer import Trainer
from mm_rl.types import Prompt

Encode = Callable[[int], list[tuple[Prompt, EncodedPrompt]]]


def make_rows(encode: Encode) -> list[TrainRow]:
    return [
        TrainRow(prompt=encoded, token_ids=tuple(range(30, 34 + i)))
        for i, (_, encoded) in enumerate(encode(4))
    ]


def sum_loss(batch: TrainBatch, logprobs_BT: Tensor) -> Tensor:
    return -(logprobs_BT * batch.mask_BT).sum() / 22


def weights_of(policy: Policy) -> Tensor:
    return torch.cat([p.detach().flatten() for p in policy.model.parameters()])


def test_reset_forgets_moments_and_step_count(policy: Policy, encode: Encode) -> None:
    trainer = Trainer(policy, OptimConfig(lr=1e-3))
    batches = list(micro_batches(make_rows(encode), max_tokens=10_000, policy=policy))
    trainer.step(batches, sum_loss)
    assert len(trainer.optimizer.state) > 0
    assert trainer.num_steps == 1
    trainer.reset_optimizer()
    assert len(trainer.optimizer.state) == 0
    assert trainer.num_steps == 0


def test_first_step_after_a_reset_moves_by_the_learning_rate(
    policy: Policy, encode: Encode
) -> None:
    """Adam without history steps by lr * sign(gradient): why the warm-up exists."""
    trainer = Trainer(policy, OptimConfig(lr=1e-4))
    batches = list(micro_batches(make_rows(encode), max_tokens=10_000, policy=policy))
    before = weights_of(policy)
    trainer.step(batches, sum_loss)
    moved = (weights_of(policy) - before).abs()
    torch.testing.assert_close(moved.max(), torch.tensor(1e-4), atol=2e-6, rtol=0)


def test_warmup_counts_from_the_reset(policy: Policy, encode: Encode) -> None:
    trainer = Trainer(policy, OptimConfig(lr=0.3, warmup_steps=2), lr_factor=lambda step: 0.5)
    batches = list(micro_batches(make_rows(encode), max_tokens=10_000, policy=policy))
    rates = [trainer.step(batches, sum_loss)["policy/lr"] for _ in range(4)]
    torch.testing.assert_close(torch.tensor(rates), torch.tensor([0.05, 0.1, 0.15, 0.15]))
    trainer.reset_optimizer()
    assert abs(trainer.step(batches, sum_loss)["policy/lr"] - 0.05) < 1e-12


def test_gradient_does_not_depend_on_the_micro_batches(policy: Policy, encode: Encode) -> None:
    rows = make_rows(encode)
    gradients = []
    for max_tokens in (100_000, 1):
        trainer = Trainer(policy, OptimConfig(lr=0.0))
        batches = list(micro_batches(rows, max_tokens=max_tokens, policy=policy))
        trainer.step(batches, sum_loss)
        gradients.append(
            torch.cat([p.grad.flatten() for p in policy.model.parameters() if p.grad is not None])
        )
    torch.testing.assert_close(gradients[0], gradients[1], atol=1e-6, rtol=1e-4)


def test_non_finite_gradient_changes_nothing_and_is_counted(policy: Policy, encode: Encode) -> None:
    trainer = Trainer(policy, OptimConfig(lr=1e-2))
    batches = list(micro_batches(make_rows(encode), max_tokens=10_000, policy=policy))
    before = weights_of(policy)
    values = trainer.step(batches, lambda batch, logprobs: (logprobs * torch.inf).sum())
    assert torch.equal(weights_of(policy), before)
    assert values["policy/skipped_steps"] == 1.0


def test_gradient_norm_is_clipped(policy: Policy, encode: Encode) -> None:
    trainer = Trainer(policy, OptimConfig(lr=0.0, max_grad_norm=0.01))
    batches = list(micro_batches(make_rows(encode), max_tokens=10_000, policy=policy))
    values = trainer.step(batches, sum_loss)
    total = sum(
        float(p.grad.square().sum()) for p in policy.model.parameters() if p.grad is not None
    )
    assert values["policy/grad_norm"] > 0.01
    assert abs(total**0.5 - 0.01) < 1e-5


def test_state_round_trip_continues_bit_for_bit(policy: Policy, encode: Encode) -> None:
    batches = list(micro_batches(make_rows(encode), max_tokens=10_000, policy=policy))
    trainer = Trainer(policy, OptimConfig(lr=1e-3, warmup_steps=5))
    trainer.step(batches, sum_loss)
    saved = {name: tensor.clone() for name, tensor in policy.model.state_dict().items()}
    state = trainer.state_dict()
    state = {
        **state,
        "optimizer": torch.utils._pytree.tree_map(  # a deep copy, as a file would be
            lambda value: value.clone() if isinstance(value, Tensor) else value, state["optimizer"]
        ),
    }
    trainer.step(batches, sum_loss)
    uninterrupted = weights_of(policy)
    policy.model.load_state_dict(saved)
    resumed = Trainer(policy, OptimConfig(lr=1e-3, warmup_steps=5))
    resumed.load_state_dict(state)
    resumed.step(batches, sum_loss)
    assert torch.equal(weights_of(policy), uninterrupted)
