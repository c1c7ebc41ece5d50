"""An objective: how a group's rewards become advantages, and how those weigh the log-likelihood."""

from torch import Tensor

from mm_rl.config import ObjectiveConfig
from mm_rl.objective.baselines import compute_advantages, indicate_best, normalize_advantages
from mm_rl.objective.names import ObjectiveKind
from mm_rl.objective.policy_loss import (
    LossTerms,
    WeightFn,
    compute_loss,
    grpo_weights,
    mirror_descent_weights,
    token_mirror_descent_weights,
)


class Objective:
    """The configured pair of advantage and loss."""

    def __init__(self, config: ObjectiveConfig) -> None:
        self.config = config
        self._weights = _weight_fn(config)

    def advantages(self, rewards_K: Tensor) -> Tensor:
        """`[K]` float64 advantages of one group's total rewards."""
        if self.config.kind is ObjectiveKind.REST:
            return indicate_best(rewards_K)
        advantages_K = compute_advantages(
            rewards_K, baseline=self.config.baseline, tau=self.config.tau
        )
        if self.config.kind is ObjectiveKind.GRPO:
            return normalize_advantages(advantages_K)
        return advantages_K

    def loss(
        self,
        logprobs_BT: Tensor,
        reference_logprobs_BT: Tensor,
        mask_BT: Tensor,
        advantages_B: Tensor,
        *,
        num_sequences: int,
    ) -> LossTerms:
        """A micro-batch's share of the batch loss; see `compute_loss`."""
        return compute_loss(
            logprobs_BT,
            reference_logprobs_BT,
            mask_BT,
            advantages_B,
            weights=self._weights,
            num_sequences=num_sequences,
        )


def _weight_fn(config: ObjectiveConfig) -> WeightFn:
    match config.kind:
        case ObjectiveKind.MIRROR_DESCENT:
            return mirror_descent_weights(config.tau)
        case ObjectiveKind.TOKEN_MIRROR_DESCENT:
            return token_mirror_descent_weights(config.tau)
        case ObjectiveKind.GRPO:
            return grpo_weights(config.clip_low, config.clip_high)
        case ObjectiveKind.REINFORCE | ObjectiveKind.REST:
            return mirror_descent_weights(0.0)
