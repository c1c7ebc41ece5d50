"""Advantages of the k responses of one prompt (k1.5 §2.3.2).

The surrogate's exact baseline is tau*log Z; the paper finds the empirical mean effective. Which one
is used changes the fixed point, not only the variance: with log Z it is pi_i*exp(r/tau)/Z, with the
mean it is the more conservative Lambert-W form. No division by the standard deviation except in
GRPO.

Shape suffixes: K responses of one prompt.
"""

from torch import Tensor

from mm_rl.objective.names import Baseline


def compute_advantages(rewards_K: Tensor, *, baseline: Baseline, tau: float) -> Tensor:
    """Rewards minus the group's baseline.

    Args:
        rewards_K: `[K]` total rewards of one prompt's responses, K >= 2; use float64, so that the
            advantages of equal rewards are exactly zero.
        baseline: `log_mean_exp` estimates tau*log Z from the K samples and needs tau > 0.
        tau: strength of the KL regulariser, in units of reward per nat.

    Returns:
        `[K]` advantages in the dtype of `rewards_K`.
    """
    num_responses = rewards_K.numel()
    if num_responses < 2:
        raise ValueError(f"a group needs at least 2 responses for a baseline, got {num_responses}")
    # Shifting all rewards leaves advantages as they are; it makes those of equal rewards exactly
    # zero, and keeps exp from overflowing: exp(1 / 0.001) would.
    rewards_K = rewards_K - rewards_K.max()
    if baseline is Baseline.MEAN:
        return rewards_K - rewards_K.mean()
    if baseline is Baseline.LEAVE_ONE_OUT:
        return (rewards_K - rewards_K.mean()) * (num_responses / (num_responses - 1))
    if tau <= 0:
        raise ValueError(f"baseline=log_mean_exp needs tau > 0, got tau={tau}; use baseline=mean")
    return rewards_K - tau * (rewards_K / tau).exp().mean().log()


def normalize_advantages(advantages_K: Tensor, *, eps: float = 1e-6) -> Tensor:
    """Divide by the group's standard deviation: GRPO's choice, not the paper's."""
    return advantages_K / (advantages_K.std(unbiased=False) + eps)


def indicate_best(rewards_K: Tensor) -> Tensor:
    """ReST's weights: 1 for the best responses of a group that has any reward, 0 for the rest."""
    best = rewards_K.max()
    return ((rewards_K >= best) & (best > 0)).to(rewards_K.dtype)
