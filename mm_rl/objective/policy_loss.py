"""The policy losses of the loop, all as one weighted log-likelihood (k1.5 §2.3.2, Eq. 3).

Every objective here is `-(1/N) sum_j sum_t stopgrad(w_jt) * log pi(token_jt)`; they differ only in
the weights:

    mirror descent        w_jt = A_j - tau * S_j        S_j = sum_t m_jt * s_jt
    its token-level form  w_jt = A_j - tau * s_jt       a different algorithm: sum of squares
    REINFORCE             w_jt = A_j                    mirror descent at tau = 0
    ReST                  w_jt = 1 on the best          the caller passes indicators as A
    GRPO                  w_jt = A_j * ratio_jt / T_j   zero where PPO's clip is active

with s_jt = log pi(token) - log pi_reference(token). The weights are detached, so the gradient of
mirror descent is that of the squared surrogate divided by -2*tau (what the paper's Eq. 3 writes)
while one scalar per sequence is all that packing or context parallelism has to carry. S_j is never
exponentiated.

Shape suffixes: B sequences of a micro-batch, T token positions.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

WeightFn = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(advantages_B, log_ratio_BT, mask_BT) -> weights_BT, all without gradient."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LossTerms:
    """The loss of a micro-batch and what its weights were made of.

    Example:
        terms = compute_loss(logprobs, reference, mask, advantages, weights=fn, num_sequences=64)
        terms.loss.backward()
    """

    loss: Tensor
    """Scalar with gradient: this micro-batch's share of the batch loss."""
    log_ratio_B: Tensor
    """`[B]` S_j: log pi / pi_reference summed over the trained tokens, detached."""
    weights_BT: Tensor
    """`[B, T]` the detached weights, zero outside the mask."""


def mirror_descent_weights(tau: float) -> WeightFn:
    """Eq. 3 at sequence level: every trained token of response j carries A_j - tau * S_j."""

    def weigh(advantages_B: Tensor, log_ratio_BT: Tensor, mask_BT: Tensor) -> Tensor:
        return (advantages_B - tau * log_ratio_BT.sum(-1)).unsqueeze(-1) * mask_BT

    return weigh


def token_mirror_descent_weights(tau: float) -> WeightFn:
    """The square taken per token: does not bound a drift that all tokens share."""

    def weigh(advantages_B: Tensor, log_ratio_BT: Tensor, mask_BT: Tensor) -> Tensor:
        return (advantages_B.unsqueeze(-1) - tau * log_ratio_BT) * mask_BT

    return weigh


def grpo_weights(clip_low: float, clip_high: float) -> WeightFn:
    """PPO's clipped ratio with the per-response token mean of GRPO.

    The clip is active, and the gradient zero, where the ratio already moved past its bound in the
    direction the advantage asks for.
    """

    def weigh(advantages_B: Tensor, log_ratio_BT: Tensor, mask_BT: Tensor) -> Tensor:
        advantages_B1 = advantages_B.unsqueeze(-1)
        ratio_BT = log_ratio_BT.exp()
        clipped_BT = ((advantages_B1 > 0) & (ratio_BT > 1 + clip_high)) | (
            (advantages_B1 < 0) & (ratio_BT < 1 - clip_low)
        )
        num_tokens_B1 = mask_BT.sum(-1, keepdim=True).clamp(min=1)
        # where, not a product: an overflowed ratio is inf, and inf * 0 is NaN.
        weights_BT = torch.where(clipped_BT | (advantages_B1 == 0), 0.0, advantages_B1 * ratio_BT)
        return weights_BT * mask_BT / num_tokens_B1

    return weigh


def compute_loss(
    logprobs_BT: Tensor,
    reference_logprobs_BT: Tensor,
    mask_BT: Tensor,
    advantages_B: Tensor,
    *,
    weights: WeightFn,
    num_sequences: int,
) -> LossTerms:
    """The share of the batch loss that a micro-batch contributes.

    Args:
        logprobs_BT: `[B, T]` log-probabilities under the current weights, with gradient.
        reference_logprobs_BT: `[B, T]` the same tokens under the iteration's first weights.
        mask_BT: `[B, T]` 1 on tokens that train, 0 on prompt, images, padding and earlier segments.
        advantages_B: `[B]` one per response.
        weights: one of the weight functions above.
        num_sequences: responses in the whole batch, the denominator. It must not be the
            micro-batch's own count: means of means change the gradient with the split.

    Returns:
        Terms whose `loss` sums over micro-batches to the batch loss.
    """
    mask_BT = mask_BT.to(logprobs_BT.dtype)
    # where, not a product: a masked position may hold -inf, and -inf * 0 is NaN.
    trained_BT = torch.where(mask_BT > 0, logprobs_BT, 0.0)
    reference_BT = torch.where(mask_BT > 0, reference_logprobs_BT, 0.0)
    log_ratio_BT = trained_BT.detach() - reference_BT
    weights_BT = weights(advantages_B.to(logprobs_BT.dtype), log_ratio_BT, mask_BT)
    loss = -(weights_BT * trained_BT).sum() / num_sequences
    return LossTerms(loss=loss, log_ratio_B=log_ratio_BT.sum(-1), weights_BT=weights_BT)
