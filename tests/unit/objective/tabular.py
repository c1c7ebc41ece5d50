"""A tabular softmax policy in float64, and the paper's formulas written down sequence by sequence.

The policy is autoregressive: the logits of a token depend on its position and on the token before
it, so that sequences share parameters the way they do in a language model. All parameters are one
tensor `theta`, whose first MAX_LENGTH rows belong to one position each. The oracles never pad or
mask: they walk over the tokens of every response.

Shape suffixes: N responses, B sequences, T token positions, V vocabulary, K responses of a prompt.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from data_synth.seeding import derive_rng
from mm_rl.objective.baselines import compute_advantages
from mm_rl.objective.names import Baseline
from mm_rl.objective.policy_loss import LossTerms, WeightFn, compute_loss, mirror_descent_weights

VOCAB = 4
MAX_LENGTH = 6
START = 0

CLIP_LOW, CLIP_HIGH = 0.2, 0.28

# A bandit whose arms are whole responses of one or two tokens. Under the reference policy the
# first token is 0, 1, 2 with probability 2/10, 5/10, 3/10, and 0 ends the response; the second
# follows 1 with 1/5, 1/5, 3/5 and 2 uniformly. Each response stands in the batch as often as in ten
# samples, so that the batch mean is the exact expectation under the reference.
ARMS = [[0], [1, 0], [1, 1], [1, 2], [2, 0], [2, 1], [2, 2]]
COUNTS = [2, 1, 1, 3, 1, 1, 1]
ARM_REWARDS = [0.0, 1.0, 0.0, 0.5, 0.0, 1.0, 0.25]
PROBABILITIES = [count / sum(COUNTS) for count in COUNTS]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """Responses of some prompts with what the objective needs besides the current policy."""

    sequences: list[list[int]]
    """Tokens of every response, unpadded."""
    advantages_N: Tensor
    """`[N]` float64."""
    reference: Tensor
    """`theta` of the iteration's first policy."""
    num_prefix: int = 0
    """First tokens of every response that do not train: earlier segments of a partial rollout."""


def draw_theta(name: str, *, scale: float = 1.0) -> Tensor:
    """Random parameters `[MAX_LENGTH + VOCAB, VOCAB]`, the same for the same name."""
    rng = derive_rng("tabular", name)
    rows = [[rng.gauss(0.0, scale) for _ in range(VOCAB)] for _ in range(MAX_LENGTH + VOCAB)]
    return torch.tensor(rows, dtype=torch.float64, requires_grad=True)


def drift(theta: Tensor, name: str) -> Tensor:
    """Parameters some optimiser steps away from `theta`, so that no log-ratio is zero."""
    return (theta + draw_theta(name, scale=0.3)).detach().requires_grad_()


def draw_sample(reference: Tensor, *, num_groups: int = 2, group_size: int = 4) -> Sample:
    """Groups of random responses, 2 to MAX_LENGTH tokens long, with mean-baseline advantages."""
    rng = derive_rng("sample", num_groups, group_size)
    lengths = [rng.randint(2, MAX_LENGTH) for _ in range(num_groups * group_size)]
    sequences = [[rng.randrange(VOCAB) for _ in range(length)] for length in lengths]
    advantages = []
    for _ in range(num_groups):
        rewards = [rng.choice([0.0, 1.0]) + rng.uniform(-0.2, 0.2) for _ in range(group_size)]
        rewards_K = torch.tensor(rewards, dtype=torch.float64)
        advantages.append(compute_advantages(rewards_K, baseline=Baseline.MEAN, tau=0.1))
    return Sample(sequences=sequences, advantages_N=torch.cat(advantages), reference=reference)


def compute_logprobs(theta: Tensor, tokens_BT: Tensor) -> Tensor:
    """`[B, T]` log-probabilities of the tokens, all positions at once."""
    start_B1 = torch.full_like(tokens_BT[:, :1], START)
    previous_BT = torch.cat([start_B1, tokens_BT[:, :-1]], dim=1)
    position_TV = theta[: tokens_BT.shape[1]]
    logits_BTV = theta[MAX_LENGTH:][previous_BT] + position_TV
    return logits_BTV.log_softmax(-1).gather(-1, tokens_BT.unsqueeze(-1)).squeeze(-1)


def pad(sample: Sample, *, width: int = MAX_LENGTH, pad_token: int = 0) -> tuple[Tensor, Tensor]:
    """`[B, T]` tokens and the float64 mask of the tokens that train."""
    tokens = [row + [pad_token] * (width - len(row)) for row in sample.sequences]
    mask = [
        [float(sample.num_prefix <= t < len(row)) for t in range(width)] for row in sample.sequences
    ]
    return torch.tensor(tokens), torch.tensor(mask, dtype=torch.float64)


def run_loss(
    theta: Tensor,
    sample: Sample,
    *,
    weights: WeightFn,
    num_sequences: int | None = None,
    width: int = MAX_LENGTH,
    pad_token: int = 0,
) -> LossTerms:
    """`compute_loss` on the padded sample; the denominator is the sample's size if not given."""
    tokens_BT, mask_BT = pad(sample, width=width, pad_token=pad_token)
    return compute_loss(
        compute_logprobs(theta, tokens_BT),
        compute_logprobs(sample.reference, tokens_BT).detach(),
        mask_BT,
        sample.advantages_N,
        weights=weights,
        num_sequences=len(sample.sequences) if num_sequences is None else num_sequences,
    )


def split(sample: Sample, sizes: list[int]) -> list[Sample]:
    """Consecutive parts of the given sizes, as micro-batches."""
    parts, start = [], 0
    for size in sizes:
        rows = slice(start, start + size)
        parts.append(
            Sample(
                sequences=sample.sequences[rows],
                advantages_N=sample.advantages_N[rows],
                reference=sample.reference,
            )
        )
        start += size
    return parts


def take_gradient(scalar: Tensor, theta: Tensor) -> Tensor:
    """d scalar / d theta, in the shape of `theta`."""
    return torch.autograd.grad(scalar, theta)[0]


def score_tokens(theta: Tensor, sample: Sample, index: int) -> list[Tensor]:
    """Log-probability of every trained token of one response, a token at a time."""
    sequence = sample.sequences[index]
    scores = []
    for t in range(sample.num_prefix, len(sequence)):
        previous = sequence[t - 1] if t else START
        logits_V = theta[MAX_LENGTH + previous] + theta[t]
        scores.append(logits_V[sequence[t]] - logits_V.exp().sum().log())
    return scores


def sum_log_ratio(theta: Tensor, sample: Sample, index: int) -> Tensor:
    """log pi_theta / pi_reference of one response."""
    current = torch.stack(score_tokens(theta, sample, index)).sum()
    return current - torch.stack(score_tokens(sample.reference, sample, index)).sum().detach()


def assemble_eq3(theta: Tensor, sample: Sample, tau: float) -> Tensor:
    """Eq. 3's ascent direction from two gradients per response, taken separately."""
    ascent = torch.zeros_like(theta)
    for j, advantage in enumerate(sample.advantages_N.tolist()):
        score = torch.stack(score_tokens(theta, sample, j)).sum()
        squared = sum_log_ratio(theta, sample, j) ** 2
        ascent += advantage * take_gradient(score, theta)
        ascent -= tau / 2 * take_gradient(squared, theta)
    return ascent / len(sample.sequences)


def form_a(theta: Tensor, sample: Sample, tau: float) -> Tensor:
    """mean_j of -A_j S_j + tau/2 S_j^2."""
    terms = []
    for j, advantage in enumerate(sample.advantages_N.tolist()):
        ratio = sum_log_ratio(theta, sample, j)
        terms.append(-advantage * ratio + tau / 2 * ratio**2)
    return torch.stack(terms).mean()


def form_b(theta: Tensor, sample: Sample, tau: float) -> Tensor:
    """mean_j of (A_j - tau S_j)^2 / (2 tau): the paper's surrogate over 2 tau."""
    terms = []
    for j, advantage in enumerate(sample.advantages_N.tolist()):
        terms.append((advantage - tau * sum_log_ratio(theta, sample, j)) ** 2 / (2 * tau))
    return torch.stack(terms).mean()


def token_form(theta: Tensor, sample: Sample, tau: float) -> Tensor:
    """mean_j of -A_j S_j + tau/2 sum_t s_jt^2: what Eq. 3 is often mistaken for."""
    terms = []
    for j, advantage in enumerate(sample.advantages_N.tolist()):
        current = torch.stack(score_tokens(theta, sample, j))
        ratios = current - torch.stack(score_tokens(sample.reference, sample, j)).detach()
        terms.append(-advantage * ratios.sum() + tau / 2 * (ratios**2).sum())
    return torch.stack(terms).mean()


def ppo_clip_loss(
    logprobs_BT: Tensor, old_BT: Tensor, mask_BT: Tensor, advantages_B: Tensor
) -> Tensor:
    """PPO's clipped surrogate, averaged over each response's tokens and then over responses."""
    losses = []
    for j, advantage in enumerate(advantages_B):
        trained = mask_BT[j] > 0
        ratio = (logprobs_BT[j][trained] - old_BT[j][trained]).exp()
        clipped = ratio.clamp(1 - CLIP_LOW, 1 + CLIP_HIGH)
        losses.append(-torch.minimum(ratio * advantage, clipped * advantage).mean())
    return torch.stack(losses).mean()


def solve_lambert_w(value: float) -> float:
    """w with w * exp(w) = value >= 0, by Newton's method."""
    w = math.log1p(value)
    for _ in range(50):
        w -= (w * math.exp(w) - value) / (math.exp(w) * (w + 1))
    return w


def solve_mean_baseline(
    probabilities: Sequence[float], rewards: Sequence[float], tau: float
) -> list[float]:
    """Population optimum of the surrogate with the mean baseline: pi_i * exp(s).

    s = D/tau - W(c * exp(D/tau)) with D = r - E[r]; c >= 0, found by bisection, makes it sum to 1.
    """
    mean = sum(p * r for p, r in zip(probabilities, rewards, strict=True))
    scaled = [(reward - mean) / tau for reward in rewards]

    def tilt(c: float) -> list[float]:
        return [
            p * math.exp(d - solve_lambert_w(c * math.exp(d)))
            for p, d in zip(probabilities, scaled, strict=True)
        ]

    low, high = 0.0, 1.0
    while sum(tilt(high)) > 1:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(tilt(middle)) > 1 else (low, middle)
    return tilt(high)


def make_bandit(baseline: Baseline, tau: float) -> Sample:
    """ARMS as one batch under their reference policy, with the advantages of ARM_REWARDS."""
    theta = torch.zeros(MAX_LENGTH + VOCAB, VOCAB, dtype=torch.float64)
    rows = theta[MAX_LENGTH:]
    rows[0] = torch.tensor([0.2, 0.5, 0.3, 0.0], dtype=torch.float64).log()
    rows[1] = torch.tensor([0.2, 0.2, 0.6, 0.0], dtype=torch.float64).log()
    rows[2] = torch.tensor([1 / 3, 1 / 3, 1 / 3, 0.0], dtype=torch.float64).log()
    # The fourth token is impossible, with a finite logit to keep gradients finite.
    rows[:, 3] = -1e4
    sequences = [arm for arm, count in zip(ARMS, COUNTS, strict=True) for _ in range(count)]
    rewards = [r for r, count in zip(ARM_REWARDS, COUNTS, strict=True) for _ in range(count)]
    rewards_K = torch.tensor(rewards, dtype=torch.float64)
    advantages = compute_advantages(rewards_K, baseline=baseline, tau=tau)
    return Sample(sequences=sequences, advantages_N=advantages, reference=theta)


def measure_arms(theta: Tensor, bandit: Sample) -> list[float]:
    """Probability of every arm."""
    arms = Sample(sequences=ARMS, advantages_N=bandit.advantages_N, reference=bandit.reference)
    with torch.no_grad():
        scores = [torch.stack(score_tokens(theta, arms, j)).sum() for j in range(len(ARMS))]
    return [math.exp(score.item()) for score in scores]


def minimise(bandit: Sample, tau: float) -> Tensor:
    """LBFGS on the gradient of compute_loss.

    The line search reads form B, which has that gradient; the value of compute_loss itself, with
    its detached weights, is not that of the objective.
    """
    theta = bandit.reference.clone().requires_grad_()
    optimizer = torch.optim.LBFGS(
        [theta],
        max_iter=500,
        tolerance_grad=1e-13,
        tolerance_change=1e-18,
        line_search_fn="strong_wolfe",
    )

    def evaluate() -> float:
        optimizer.zero_grad()
        theta.grad = take_gradient(
            run_loss(theta, bandit, weights=mirror_descent_weights(tau)).loss, theta
        )
        with torch.no_grad():
            return form_b(theta, bandit, tau).item()

    optimizer.step(evaluate)  # type: ignore[no-untyped-call]
    return theta.detach().requires_grad_()


def tilt_by_reward(tau: float) -> list[float]:
    """pi* = pi_i * exp(r / tau) / Z."""
    tilted = [p * math.exp(r / tau) for p, r in zip(PROBABILITIES, ARM_REWARDS, strict=True)]
    return [p / sum(tilted) for p in tilted]
