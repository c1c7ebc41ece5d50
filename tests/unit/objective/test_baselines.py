"""Baselines against hand-computed values, limits and each other."""

import math

import pytest
import torch
from torch import Tensor

from mm_rl.objective.baselines import (
    compute_advantages,
    indicate_best,
    normalize_advantages,
)
from mm_rl.objective.names import Baseline


def column(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def assert_close(actual: Tensor, expected: Tensor, *, atol: float = 1e-12) -> None:
    torch.testing.assert_close(actual, expected, atol=atol, rtol=0)


def estimate_log_partition(rewards: Tensor, tau: float) -> float:
    """tau * log mean exp(r / tau), read off as reward minus advantage."""
    advantages = compute_advantages(rewards, baseline=Baseline.LOG_MEAN_EXP, tau=tau)
    baselines = rewards - advantages
    assert_close(baselines, baselines[0].expand_as(baselines))
    return float(baselines[0])


def test_mean_baseline_of_one_success_in_four() -> None:
    advantages = compute_advantages(column(0, 1, 0, 0), baseline=Baseline.MEAN, tau=0.1)
    assert advantages.tolist() == [-0.25, 0.75, -0.25, -0.25]


def test_mean_baseline_does_not_depend_on_tau() -> None:
    rewards = column(0.5, 1, 0, -0.25)
    for baseline in (Baseline.MEAN, Baseline.LEAVE_ONE_OUT):
        at_zero = compute_advantages(rewards, baseline=baseline, tau=0.0)
        assert torch.equal(at_zero, compute_advantages(rewards, baseline=baseline, tau=7.0))


def test_mean_baseline_does_not_divide_by_the_spread() -> None:
    wide = compute_advantages(column(0, 4, 2), baseline=Baseline.MEAN, tau=0.1)
    assert wide.tolist() == [-2.0, 2.0, 0.0]


@pytest.mark.parametrize("rewards", [(1.0, 0.0), (0.3, 1.2, -0.4), (0.0, 1.0, 1.0, 0.5, 0.25)])
def test_leave_one_out_subtracts_the_mean_of_the_others(rewards: tuple[float, ...]) -> None:
    advantages = compute_advantages(column(*rewards), baseline=Baseline.LEAVE_ONE_OUT, tau=0.1)
    others = [
        (sum(rewards) - reward) / (len(rewards) - 1)  # mean of the group without this response
        for reward in rewards
    ]
    assert_close(advantages, column(*rewards) - column(*others))


def test_leave_one_out_is_the_mean_baseline_times_k_over_k_minus_one() -> None:
    rewards = column(0.0, 1.0, 0.3, 1.15, -0.05)
    mean = compute_advantages(rewards, baseline=Baseline.MEAN, tau=0.1)
    left_out = compute_advantages(rewards, baseline=Baseline.LEAVE_ONE_OUT, tau=0.1)
    assert_close(left_out, mean * 1.25)


@pytest.mark.parametrize(
    ("tau", "right", "wrong"), [(1.0, 0.643, -0.357), (0.1, 0.139, -0.861), (0.01, 0.014, -0.986)]
)
def test_log_mean_exp_of_one_success_in_four(tau: float, right: float, wrong: float) -> None:
    # E.g. tau = 1: log((e + 3) / 4) = 0.3574.
    advantages = compute_advantages(column(1, 0, 0, 0), baseline=Baseline.LOG_MEAN_EXP, tau=tau)
    assert_close(advantages, column(right, wrong, wrong, wrong), atol=5e-4)


def test_log_mean_exp_at_small_tau_leaves_the_success_tau_log_k() -> None:
    # k=8, tau=0.01: tau*log((e^100 + 7) / 8) = 1 - 0.01*log 8 up to e^-100, and log 8 = 2.0794415.
    rewards = column(0, 0, 0, 1, 0, 0, 0, 0)
    advantages = compute_advantages(rewards, baseline=Baseline.LOG_MEAN_EXP, tau=0.01)
    expected = torch.full((8,), -0.9792055846, dtype=torch.float64)
    expected[3] = 0.0207944154
    assert_close(advantages, expected, atol=1e-10)


def test_log_mean_exp_does_not_overflow_where_exp_would() -> None:
    # exp(1 / 1e-5) is infinite in float64, exp(-1 / 1e-5) is zero.
    for rewards in (column(1, 0), column(-1, -2)):
        advantages = compute_advantages(rewards, baseline=Baseline.LOG_MEAN_EXP, tau=1e-5)
        assert_close(advantages, column(1e-5 * math.log(2), -1 + 1e-5 * math.log(2)))


def test_log_mean_exp_tends_to_the_mean_for_large_tau() -> None:
    rewards = column(0, 1, 0, 0, 1, 0.5, 0, 0.25)
    mean = float(rewards.mean())
    estimate = estimate_log_partition(rewards, 1e3)
    assert abs(estimate - mean) < 1e-3
    # The next term of the expansion is the variance over 2 tau.
    assert estimate - mean == pytest.approx(float(rewards.var(unbiased=False)) / 2e3, rel=1e-2)


def test_log_mean_exp_tends_to_the_best_reward_for_small_tau() -> None:
    assert estimate_log_partition(column(0, 0.5, 2, 1), 1e-6) == pytest.approx(2.0, abs=1e-5)


@pytest.mark.parametrize("baseline", list(Baseline))
def test_a_constant_added_to_all_rewards_leaves_the_advantages(baseline: Baseline) -> None:
    rewards = column(0, 1, 0.25, 1.1)
    plain = compute_advantages(rewards, baseline=baseline, tau=0.1)
    shifted = compute_advantages(rewards + 3.7, baseline=baseline, tau=0.1)
    assert_close(shifted, plain)


@pytest.mark.parametrize("baseline", list(Baseline))
@pytest.mark.parametrize("reward", [0.0, 1.0, -0.5])
def test_equal_rewards_have_exactly_zero_advantages(baseline: Baseline, reward: float) -> None:
    rewards = column(*[reward] * 8)
    assert compute_advantages(rewards, baseline=baseline, tau=0.1).tolist() == [0.0] * 8


@pytest.mark.parametrize("baseline", list(Baseline))
def test_equal_inexact_rewards_have_exactly_zero_advantages(baseline: Baseline) -> None:
    for reward in (0.1, 0.7, 1.1):
        for k in (3, 6, 7):
            rewards = column(*[reward] * k)
            assert compute_advantages(rewards, baseline=baseline, tau=0.1).tolist() == [0.0] * k


@pytest.mark.parametrize("baseline", list(Baseline))
def test_a_group_of_one_is_rejected_with_its_size(baseline: Baseline) -> None:
    with pytest.raises(ValueError, match="at least 2 responses for a baseline, got 1"):
        compute_advantages(column(1.0), baseline=baseline, tau=0.1)
    assert compute_advantages(column(1, 1), baseline=baseline, tau=0.1).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("tau", [0.0, -0.5])
def test_log_mean_exp_needs_a_positive_tau(tau: float) -> None:
    message = rf"baseline=log_mean_exp needs tau > 0, got tau={tau}; use baseline=mean"
    with pytest.raises(ValueError, match=message):
        compute_advantages(column(0, 1), baseline=Baseline.LOG_MEAN_EXP, tau=tau)


def test_advantages_keep_the_precision_of_the_rewards() -> None:
    for baseline in Baseline:
        advantages = compute_advantages(column(0, 1, 1), baseline=baseline, tau=0.1)
        assert advantages.dtype == torch.float64


@pytest.mark.parametrize(
    ("name", "baseline"),
    [
        ("mean", Baseline.MEAN),
        ("leave_one_out", Baseline.LEAVE_ONE_OUT),
        ("log_mean_exp", Baseline.LOG_MEAN_EXP),
    ],
)
def test_baselines_are_named_as_in_the_configuration(name: str, baseline: Baseline) -> None:
    assert Baseline(name) is baseline


def test_normalised_advantages_of_one_success_in_four() -> None:
    # Population variance (0.75^2 + 3 * 0.25^2) / 4 = 0.1875, its root 0.4330127.
    normalised = normalize_advantages(column(0.75, -0.25, -0.25, -0.25), eps=0.0)
    assert_close(normalised, column(3**0.5, *[-(3**-0.5)] * 3))


def test_normalisation_adds_eps_to_the_deviation() -> None:
    # Deviation 2: 2 / (2 + 0.5), not 2 / sqrt(4 + 0.5).
    assert normalize_advantages(column(2, -2), eps=0.5).tolist() == [0.8, -0.8]
    # The default of 1e-6 halves advantages of that size.
    assert_close(normalize_advantages(column(1e-6, -1e-6)), column(0.5, -0.5))


def test_normalised_advantages_of_equal_rewards_are_zero() -> None:
    assert normalize_advantages(column(0, 0, 0)).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("rewards", "expected"),
    [
        ((0, 0, 0), (0, 0, 0)),  # all wrong: nothing to imitate
        ((-0.5, -0.1, 0.0), (0, 0, 0)),  # all wrong and penalised for length
        ((-0.5, -0.1), (0, 0)),
        ((0, 1, 0), (0, 1, 0)),
        ((1, 0, 1, 1), (1, 0, 1, 1)),  # ties are all best
        ((1.1, 0.9, 1.1, -0.1), (1, 0, 1, 0)),
        ((0.01, 0.0), (1, 0)),
    ],
)
def test_best_responses_are_indicated(
    rewards: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    indicators = indicate_best(column(*rewards))
    assert indicators.dtype == torch.float64
    assert indicators.tolist() == list(expected)
