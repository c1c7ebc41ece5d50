"""Each configured objective is the advantage and the loss that its name says."""

import pytest
import torch
from torch import Tensor

from mm_rl.config import ObjectiveConfig
from mm_rl.objective.advantages import Objective
from mm_rl.objective.names import Baseline, ObjectiveKind

REWARDS = torch.tensor([1.0, 0.0, 0.0, 1.0, 0.5], dtype=torch.float64)
LOGPROBS = torch.tensor([[-0.5, -1.0, -0.1], [-2.0, -0.3, -0.7]], dtype=torch.float64)
REFERENCE = torch.tensor([[-0.6, -0.7, -0.1], [-1.5, -0.4, -0.9]], dtype=torch.float64)
MASK = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]], dtype=torch.float64)
ADVANTAGES = torch.tensor([0.5, -0.25], dtype=torch.float64)


def objective(kind: ObjectiveKind, **values: object) -> Objective:
    return Objective(ObjectiveConfig(kind=kind, **values))  # type: ignore[arg-type]


def gradient(of: Objective) -> Tensor:
    """Gradient of the loss with respect to each token's log-probability, times -2 sequences."""
    logprobs = LOGPROBS.clone().requires_grad_()
    terms = of.loss(logprobs, REFERENCE, MASK, ADVANTAGES, num_sequences=2)
    terms.loss.backward()
    assert logprobs.grad is not None
    return -2 * logprobs.grad


@pytest.mark.parametrize(
    "kind",
    [ObjectiveKind.MIRROR_DESCENT, ObjectiveKind.TOKEN_MIRROR_DESCENT, ObjectiveKind.REINFORCE],
)
def test_plain_advantages_are_centred_and_not_scaled(kind: ObjectiveKind) -> None:
    advantages = objective(kind).advantages(REWARDS)
    torch.testing.assert_close(advantages, REWARDS - 0.5)


def test_baseline_and_tau_come_from_the_configuration() -> None:
    loo = objective(ObjectiveKind.MIRROR_DESCENT, baseline=Baseline.LEAVE_ONE_OUT)
    torch.testing.assert_close(loo.advantages(REWARDS), (REWARDS - 0.5) * 5 / 4)
    log_mean = objective(ObjectiveKind.MIRROR_DESCENT, baseline=Baseline.LOG_MEAN_EXP, tau=0.5)
    expected = REWARDS - 0.5 * (REWARDS / 0.5).exp().mean().log()
    torch.testing.assert_close(log_mean.advantages(REWARDS), expected)


def test_grpo_divides_by_the_groups_deviation() -> None:
    advantages = objective(ObjectiveKind.GRPO).advantages(REWARDS)
    torch.testing.assert_close(advantages, (REWARDS - 0.5) / (0.2**0.5 + 1e-6))


def test_rest_takes_the_best_and_nothing_else() -> None:
    assert objective(ObjectiveKind.REST).advantages(REWARDS).tolist() == [1, 0, 0, 1, 0]
    assert objective(ObjectiveKind.REST).advantages(REWARDS * 0).tolist() == [0] * 5


def test_weights_of_every_objective_by_hand() -> None:
    # S_1 = 0.1 - 0.3 = -0.2; S_2 = -0.5 + 0.1 + 0.2 = -0.2
    expected = {
        ObjectiveKind.MIRROR_DESCENT: [[0.6, 0.6, 0.0], [-0.15, -0.15, -0.15]],
        ObjectiveKind.TOKEN_MIRROR_DESCENT: [[0.45, 0.65, 0.0], [0.0, -0.3, -0.35]],
        ObjectiveKind.REINFORCE: [[0.5, 0.5, 0.0], [-0.25, -0.25, -0.25]],
        ObjectiveKind.REST: [[0.5, 0.5, 0.0], [-0.25, -0.25, -0.25]],
    }
    for kind, weights in expected.items():
        torch.testing.assert_close(
            gradient(objective(kind, tau=0.5)), torch.tensor(weights, dtype=torch.float64), msg=kind
        )


def test_grpo_clips_come_from_the_configuration() -> None:
    ratio = (LOGPROBS - REFERENCE).exp()
    length = torch.tensor([[2.0], [3.0]])
    unclipped = ADVANTAGES[:, None] * ratio * MASK / length
    wide = objective(ObjectiveKind.GRPO, clip_low=0.9, clip_high=9.0)
    torch.testing.assert_close(gradient(wide), unclipped)
    # exp(-0.5) = 0.61 is below 1 - 0.2 with a negative advantage; exp(0.1) = 1.105 is over 1.05.
    narrow = objective(ObjectiveKind.GRPO, clip_low=0.2, clip_high=0.05)
    clipped = unclipped.clone()
    clipped[1, 0] = 0.0
    clipped[0, 0] = 0.0
    torch.testing.assert_close(gradient(narrow), clipped)
