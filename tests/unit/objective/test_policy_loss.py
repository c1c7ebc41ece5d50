"""The losses against Eq. 3, finite differences, closed-form optima and an independent PPO clip."""

import math

import pytest
import torch
from torch import Tensor

from mm_rl.objective.baselines import compute_advantages, indicate_best
from mm_rl.objective.names import Baseline
from mm_rl.objective.policy_loss import (
    LossTerms,
    WeightFn,
    compute_loss,
    grpo_weights,
    mirror_descent_weights,
    token_mirror_descent_weights,
)
from tests.unit.objective import tabular
from tests.unit.objective.tabular import Sample, take_gradient

TAU = 0.3


def assert_close(actual: Tensor, expected: Tensor, *, atol: float = 1e-12) -> None:
    torch.testing.assert_close(actual, expected, atol=atol, rtol=0)


def matrix(*rows: list[float]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


@pytest.fixture
def reference() -> Tensor:
    return tabular.draw_theta("reference").detach()


@pytest.fixture
def theta(reference: Tensor) -> Tensor:
    """Some optimiser steps away from the reference: all log-ratios differ from zero."""
    return tabular.drift(reference, "steps")


@pytest.fixture
def sample(reference: Tensor) -> Sample:
    return tabular.draw_sample(reference)


def gradient_of_loss(theta: Tensor, sample: Sample, weights: WeightFn) -> Tensor:
    return take_gradient(tabular.run_loss(theta, sample, weights=weights).loss, theta)


# --- The objective and its gradient ---


@pytest.mark.parametrize("tau", [0.05, TAU, 2.0])
def test_gradient_is_that_of_eq3_and_of_all_three_forms(
    theta: Tensor, sample: Sample, tau: float
) -> None:
    descent = -tabular.assemble_eq3(theta, sample, tau)
    assert descent.abs().max() > 0.05
    assert_close(gradient_of_loss(theta, sample, mirror_descent_weights(tau)), descent)
    assert_close(take_gradient(tabular.form_a(theta, sample, tau), theta), descent)
    assert_close(take_gradient(tabular.form_b(theta, sample, tau), theta), descent)


def test_gradient_is_the_central_difference_of_form_a(theta: Tensor, sample: Sample) -> None:
    gradient = gradient_of_loss(theta, sample, mirror_descent_weights(TAU))
    step = 1e-6
    differences = torch.zeros_like(gradient)
    with torch.no_grad():
        for row in range(theta.shape[0]):
            for column in range(theta.shape[1]):
                offset = torch.zeros_like(theta)
                offset[row, column] = step
                above = tabular.form_a(theta + offset, sample, TAU)
                below = tabular.form_a(theta - offset, sample, TAU)
                differences[row, column] = (above - below) / (2 * step)
    assert_close(gradient, differences, atol=1e-8)


def test_tau_does_not_act_on_the_first_step(reference: Tensor, sample: Sample) -> None:
    start = reference.clone().requires_grad_()
    expected = gradient_of_loss(start, sample, mirror_descent_weights(0.0))
    assert expected.abs().max() > 0.05
    form_a = take_gradient(tabular.form_a(start, sample, 0.0), start)
    for tau in (0.01, 0.1, 1.0, 10.0):
        assert torch.equal(gradient_of_loss(start, sample, mirror_descent_weights(tau)), expected)
        assert torch.equal(take_gradient(tabular.form_a(start, sample, tau), start), form_a)
        assert_close(take_gradient(tabular.form_b(start, sample, tau), start), expected)


def test_tau_acts_on_later_steps(theta: Tensor, sample: Sample) -> None:
    weak = gradient_of_loss(theta, sample, mirror_descent_weights(0.01))
    strong = gradient_of_loss(theta, sample, mirror_descent_weights(1.0))
    assert (weak - strong).abs().max() > 0.05


def test_token_level_square_is_another_algorithm(theta: Tensor, sample: Sample) -> None:
    gradient = gradient_of_loss(theta, sample, token_mirror_descent_weights(TAU))
    assert_close(gradient, take_gradient(tabular.token_form(theta, sample, TAU), theta))
    assert (gradient + tabular.assemble_eq3(theta, sample, TAU)).abs().max() > 1e-3


def test_reinforce_is_mirror_descent_without_the_regulariser(theta: Tensor, sample: Sample) -> None:
    gradient = gradient_of_loss(theta, sample, mirror_descent_weights(0.0))
    scores = [
        take_gradient(torch.stack(tabular.score_tokens(theta, sample, j)).sum(), theta)
        for j in range(len(sample.sequences))
    ]
    policy_gradient = torch.einsum("n,nrv->rv", sample.advantages_N, torch.stack(scores))
    assert_close(gradient, -policy_gradient / len(sample.sequences))


def test_best_response_indicators_make_it_maximum_likelihood_on_the_best(
    theta: Tensor, reference: Tensor
) -> None:
    rewards = torch.tensor([0.0, 1.0, 0.5, 1.0], dtype=torch.float64)
    sequences = [[1, 2], [3, 1, 0], [2, 2, 2, 0], [1]]
    sample = Sample(sequences=sequences, advantages_N=indicate_best(rewards), reference=reference)
    gradient = gradient_of_loss(theta, sample, mirror_descent_weights(0.0))
    best = [torch.stack(tabular.score_tokens(theta, sample, j)).sum() for j in (1, 3)]
    assert_close(gradient, -take_gradient(torch.stack(best).sum(), theta) / 4)


# --- Fixed points, with the expectation under the reference taken exactly ---


@pytest.mark.parametrize("tau", [TAU, 1.0])
def test_log_partition_baseline_has_the_tilted_policy_as_its_fixed_point(tau: float) -> None:
    bandit = tabular.make_bandit(Baseline.LOG_MEAN_EXP, tau)
    before = tabular.measure_arms(bandit.reference, bandit)
    assert before == pytest.approx(tabular.PROBABILITIES, abs=1e-12)
    theta = tabular.minimise(bandit, tau)
    after = tabular.measure_arms(theta, bandit)
    assert after == pytest.approx(tabular.tilt_by_reward(tau), abs=1e-6)
    assert tabular.form_b(theta, bandit, tau).item() < 1e-12


def test_gradient_vanishes_at_the_tilted_policy() -> None:
    bandit = tabular.make_bandit(Baseline.LOG_MEAN_EXP, TAU)
    best = tabular.tilt_by_reward(TAU)
    theta = bandit.reference.clone()
    rows = theta[tabular.MAX_LENGTH :]
    for row, weights in enumerate([[best[0], sum(best[1:4]), sum(best[4:])], best[1:4], best[4:]]):
        rows[row, :3] = torch.tensor(weights, dtype=torch.float64).log()
    theta.requires_grad_()
    terms = tabular.run_loss(theta, bandit, weights=mirror_descent_weights(TAU))
    assert take_gradient(terms.loss, theta).abs().max() < 1e-12
    assert terms.log_ratio_B.abs().max() > 0.5
    # Not so for the token-level square.
    assert gradient_of_loss(theta, bandit, token_mirror_descent_weights(TAU)).abs().max() > 1e-3


@pytest.mark.parametrize("tau", [0.1, TAU, 0.5])
def test_mean_baseline_converges_to_the_lambert_form_and_not_to_the_tilted_policy(
    tau: float,
) -> None:
    bandit = tabular.make_bandit(Baseline.MEAN, tau)
    probabilities = tabular.measure_arms(tabular.minimise(bandit, tau), bandit)
    expected = tabular.solve_mean_baseline(tabular.PROBABILITIES, tabular.ARM_REWARDS, tau)
    assert sum(expected) == pytest.approx(1.0, abs=1e-12)
    assert probabilities == pytest.approx(expected, abs=1e-6)
    tilted = tabular.tilt_by_reward(tau)
    assert max(abs(p - q) for p, q in zip(probabilities, tilted, strict=True)) > 0.01

    def expect(policy: list[float]) -> float:
        return sum(p * r for p, r in zip(policy, tabular.ARM_REWARDS, strict=True))

    assert expect(tabular.PROBABILITIES) + 0.01 < expect(probabilities) < expect(tilted) - 0.005


@pytest.mark.parametrize(
    ("num_right", "num_wrong", "tau", "tilted", "conservative"),
    [(1, 9, 0.1, 0.9996, 0.7459), (1, 1, 1.0, 0.7311, 0.7138)],
)
def test_success_rates_of_the_two_fixed_points(
    num_right: int, num_wrong: int, tau: float, tilted: float, conservative: float
) -> None:
    # A single token, right or wrong, with known success rates after convergence.
    right = num_right / (num_right + num_wrong)
    reference = torch.zeros(tabular.MAX_LENGTH + tabular.VOCAB, tabular.VOCAB).double()
    reference[tabular.MAX_LENGTH] = torch.tensor([1 - right, right, 1.0, 1.0]).double().log()
    reference[:, 2:] = -1e4
    reached = []
    for baseline in (Baseline.LOG_MEAN_EXP, Baseline.MEAN):
        rewards_K = torch.tensor([1.0] * num_right + [0.0] * num_wrong, dtype=torch.float64)
        bandit = Sample(
            sequences=[[1]] * num_right + [[0]] * num_wrong,
            advantages_N=compute_advantages(rewards_K, baseline=baseline, tau=tau),
            reference=reference,
        )
        (score,) = tabular.score_tokens(tabular.minimise(bandit, tau), bandit, 0)
        reached.append(math.exp(score.item()))
    assert reached == pytest.approx([tilted, conservative], abs=1e-4)


# --- Invariances of a batch ---


@pytest.mark.parametrize("baseline", list(Baseline))
def test_shifted_rewards_leave_the_gradient(
    theta: Tensor, reference: Tensor, baseline: Baseline
) -> None:
    rewards_K = torch.tensor([0.0, 1.0, 1.2, -0.1], dtype=torch.float64)
    gradients = []
    for shift in (0.0, 2.5):
        sample = Sample(
            sequences=[[1, 2], [3, 1, 0], [2, 2, 2, 0], [1]],
            advantages_N=compute_advantages(rewards_K + shift, baseline=baseline, tau=TAU),
            reference=reference,
        )
        gradients.append(gradient_of_loss(theta, sample, mirror_descent_weights(TAU)))
    assert_close(gradients[0], gradients[1])


WEIGHTS = {
    "mirror_descent": mirror_descent_weights(TAU),
    "token_mirror_descent": token_mirror_descent_weights(TAU),
    "grpo": grpo_weights(tabular.CLIP_LOW, tabular.CLIP_HIGH),
}


@pytest.mark.parametrize("name", list(WEIGHTS))
@pytest.mark.parametrize("sizes", [[1] * 8, [5, 3], [1, 6, 1]])
def test_micro_batches_sum_to_the_batch_gradient(
    theta: Tensor, sample: Sample, name: str, sizes: list[int]
) -> None:
    whole = gradient_of_loss(theta, sample, WEIGHTS[name])
    summed = torch.zeros_like(whole)
    for part in tabular.split(sample, sizes):
        width = max(len(row) for row in part.sequences)
        terms = tabular.run_loss(theta, part, weights=WEIGHTS[name], num_sequences=8, width=width)
        summed += take_gradient(terms.loss, theta)
    assert_close(summed, whole)


def test_averaging_means_of_micro_batches_changes_the_gradient(
    theta: Tensor, sample: Sample
) -> None:
    weights = mirror_descent_weights(TAU)
    whole = gradient_of_loss(theta, sample, weights)
    means = [gradient_of_loss(theta, part, weights) for part in tabular.split(sample, [5, 3])]
    assert (torch.stack(means).mean(0) - whole).abs().max() > 1e-3


@pytest.mark.parametrize("name", list(WEIGHTS))
def test_padding_does_not_reach_loss_or_gradient(theta: Tensor, sample: Sample, name: str) -> None:
    plain = tabular.run_loss(theta, sample, weights=WEIGHTS[name])
    other = tabular.run_loss(theta, sample, weights=WEIGHTS[name], pad_token=3)
    assert torch.equal(plain.loss, other.loss)
    assert torch.equal(plain.log_ratio_B, other.log_ratio_B)
    assert torch.equal(take_gradient(plain.loss, theta), take_gradient(other.loss, theta))


@pytest.mark.parametrize("name", list(WEIGHTS))
def test_earlier_segments_get_exactly_no_gradient(theta: Tensor, sample: Sample, name: str) -> None:
    partial = Sample(
        sequences=[[1, 2, *row][: tabular.MAX_LENGTH] for row in sample.sequences],
        advantages_N=sample.advantages_N,
        reference=sample.reference,
        num_prefix=2,
    )
    terms = tabular.run_loss(theta, partial, weights=WEIGHTS[name])
    gradient = take_gradient(terms.loss, theta)
    assert torch.equal(gradient[:2], torch.zeros_like(gradient[:2]))
    assert (gradient[2 : tabular.MAX_LENGTH].abs().amax(-1) > 1e-4).all()
    if name == "mirror_descent":
        # Eq. 3 for the prompt extended by the prefix: S is over the last segment alone.
        assert_close(gradient, -tabular.assemble_eq3(theta, partial, TAU))
        last = [tabular.sum_log_ratio(theta, partial, j).item() for j in range(8)]
        assert terms.log_ratio_B.tolist() == pytest.approx(last, abs=1e-12)


@pytest.mark.parametrize("baseline", list(Baseline))
@pytest.mark.parametrize("reward", [0.0, 1.0])
def test_equal_rewards_give_exactly_no_gradient_on_the_first_step(
    reference: Tensor, theta: Tensor, baseline: Baseline, reward: float
) -> None:
    rewards_K = torch.full((4,), reward, dtype=torch.float64)
    sample = Sample(
        sequences=[[1, 2], [3, 1, 0], [2, 2, 2, 0], [1]],
        advantages_N=compute_advantages(rewards_K, baseline=baseline, tau=TAU),
        reference=reference,
    )
    start = reference.clone().requires_grad_()
    weights = mirror_descent_weights(TAU)
    gradient = gradient_of_loss(start, sample, weights)
    assert torch.equal(gradient, torch.zeros_like(start))
    # On later steps only the pull back to the reference is left.
    squares = [tabular.sum_log_ratio(theta, sample, j) ** 2 for j in range(4)]
    pull = take_gradient(TAU / 2 * torch.stack(squares).mean(), theta)
    assert pull.abs().max() > 1e-3
    assert_close(gradient_of_loss(theta, sample, weights), pull)


# --- compute_loss and its weights on numbers ---


def run_by_hand(weights: WeightFn) -> LossTerms:
    # Log-ratios [0.5, -0.25] and [1.0] inside the mask.
    return compute_loss(
        matrix([-1.0, -2.0, -9.0], [-0.5, -3.0, -4.0]),
        matrix([-1.5, -1.75, -5.0], [-1.5, -1.0, -8.0]),
        matrix([1, 1, 0], [1, 0, 0]),
        torch.tensor([2.0, -1.0], dtype=torch.float64),
        weights=weights,
        num_sequences=4,
    )


def test_mirror_descent_terms_by_hand() -> None:
    # S = [0.25, 1.0]; w = 2 - 0.4*0.25 = 1.9 and -1 - 0.4*1 = -1.4.
    terms = run_by_hand(mirror_descent_weights(0.4))
    assert terms.log_ratio_B.tolist() == [0.25, 1.0]
    assert_close(terms.weights_BT, matrix([1.9, 1.9, 0], [-1.4, 0, 0]))
    # -(1.9*(-1 - 2) - 1.4*(-0.5)) / 4 = 5.0 / 4
    assert terms.loss.item() == pytest.approx(1.25, abs=1e-12)


def test_token_mirror_descent_terms_by_hand() -> None:
    # w = 2 - 0.4*0.5, 2 + 0.4*0.25 and -1 - 0.4*1.
    terms = run_by_hand(token_mirror_descent_weights(0.4))
    assert_close(terms.weights_BT, matrix([1.8, 2.1, 0], [-1.4, 0, 0]))
    # -(-1.8 - 4.2 + 0.7) / 4
    assert terms.loss.item() == pytest.approx(1.325, abs=1e-12)


def test_grpo_terms_by_hand() -> None:
    # Ratios e^0.5 = 1.65 (past 1.2, clipped), e^-0.25 = 0.7788 over two tokens, and e^1 over one.
    terms = run_by_hand(grpo_weights(0.2, 0.2))
    weights = matrix([0, 2 * math.exp(-0.25) / 2, 0], [-math.e, 0, 0])
    assert_close(terms.weights_BT, weights)
    assert terms.loss.item() == pytest.approx((2 * math.exp(-0.25) - math.e / 2) / 4, abs=1e-12)


@pytest.mark.parametrize("name", list(WEIGHTS))
def test_weights_and_log_ratios_carry_no_gradient(theta: Tensor, sample: Sample, name: str) -> None:
    terms = tabular.run_loss(theta, sample, weights=WEIGHTS[name])
    assert terms.loss.requires_grad
    assert not terms.weights_BT.requires_grad
    assert not terms.log_ratio_B.requires_grad


@pytest.mark.parametrize("name", list(WEIGHTS))
@pytest.mark.parametrize("dtype", [torch.bool, torch.int64, torch.float64])
def test_masks_of_any_type_give_the_same_float32_loss(name: str, dtype: torch.dtype) -> None:
    logprobs_BT = torch.tensor([[-1.0, -2.0, -0.5]], requires_grad=True)
    terms = compute_loss(
        logprobs_BT,
        torch.tensor([[-1.25, -1.5, -0.25]]),
        torch.tensor([[1, 1, 0]]).to(dtype),
        torch.tensor([0.75], dtype=torch.float64),
        weights=WEIGHTS[name],
        num_sequences=2,
    )
    # Log-ratios 0.25 and -0.5, S = -0.25; the ratio e^0.25 = 1.284 is just past 1.28.
    expected = {
        "mirror_descent": [0.825, 0.825, 0.0],
        "token_mirror_descent": [0.675, 0.9, 0.0],
        "grpo": [0.0, 0.375 * math.exp(-0.5), 0.0],
    }[name]
    torch.testing.assert_close(terms.weights_BT, torch.tensor([expected]))
    assert terms.loss.dtype == torch.float32
    (gradient,) = torch.autograd.grad(terms.loss, logprobs_BT)
    torch.testing.assert_close(gradient, -torch.tensor([expected]) / 2)


@pytest.mark.parametrize("name", list(WEIGHTS))
def test_minus_infinity_at_a_masked_position_is_ignored(name: str) -> None:
    mask_BT = matrix([0, 1, 1, 0], [0, 1, 0, 0])
    advantages_B = torch.tensor([0.75, -0.25], dtype=torch.float64)
    current = matrix([-1, -2, -0.5, -1], [-1, -0.75, -2, -1])
    reference = matrix([-1, -1.9, -0.6, -1], [-1, -0.8, -2, -1])
    results = []
    for outside in (-1.0, -math.inf):
        logprobs_BT = current.masked_fill(mask_BT == 0, outside).requires_grad_()
        terms = compute_loss(
            logprobs_BT,
            reference.masked_fill(mask_BT == 0, outside),
            mask_BT,
            advantages_B,
            weights=WEIGHTS[name],
            num_sequences=2,
        )
        (gradient,) = torch.autograd.grad(terms.loss, logprobs_BT)
        results.append((terms, gradient))
    (finite, finite_gradient), (infinite, infinite_gradient) = results
    assert math.isfinite(infinite.loss.item())
    assert torch.equal(infinite.loss, finite.loss)
    assert torch.equal(infinite.log_ratio_B, finite.log_ratio_B)
    assert torch.equal(infinite.weights_BT, finite.weights_BT)
    assert torch.equal(infinite_gradient, finite_gradient)
    assert torch.equal(infinite_gradient[mask_BT == 0], torch.zeros(5, dtype=torch.float64))


@pytest.mark.parametrize("name", list(WEIGHTS))
def test_a_response_without_trained_tokens_adds_nothing(name: str) -> None:
    logprobs_BT = matrix([-1, -2], [-1, -2]).requires_grad_()
    terms = compute_loss(
        logprobs_BT,
        matrix([-1.1, -1.9], [-3, -4]),
        matrix([1, 1], [0, 0]),
        torch.tensor([1.0, 5.0], dtype=torch.float64),
        weights=WEIGHTS[name],
        num_sequences=2,
    )
    (gradient,) = torch.autograd.grad(terms.loss, logprobs_BT)
    assert gradient[1].tolist() == [0.0, 0.0]
    assert (gradient[0] < -0.1).all()
    assert terms.log_ratio_B[1] == 0.0
    assert terms.weights_BT[1].tolist() == [0.0, 0.0]
    # The first response alone: its weights are near 1 (1/2 under GRPO) on log-probabilities -1, -2.
    assert terms.loss.item() == pytest.approx(0.75 if name == "grpo" else 1.5, abs=0.1)


# --- GRPO ---

# On both sides of each bound, with 0.76 and 1.24 between the two clip widths.
RATIOS = [0.5, 0.76, 0.84, 1.0, 1.24, 1.32, 2.0]


def test_grpo_gradient_is_that_of_the_clipped_surrogate() -> None:
    old_BT = torch.linspace(-3.0, -1.0, 4 * len(RATIOS), dtype=torch.float64).reshape(4, -1)
    logprobs_BT = (old_BT + matrix(*[RATIOS] * 4).log()).requires_grad_()
    mask_BT = torch.ones_like(old_BT)
    mask_BT[1, :2] = 0
    mask_BT[3, 4:] = 0
    advantages_B = torch.tensor([1.5, -0.5, -1.0, 0.25], dtype=torch.float64)
    terms = compute_loss(
        logprobs_BT,
        old_BT,
        mask_BT,
        advantages_B,
        weights=grpo_weights(tabular.CLIP_LOW, tabular.CLIP_HIGH),
        num_sequences=4,
    )
    gradient = take_gradient(terms.loss, logprobs_BT)
    surrogate = tabular.ppo_clip_loss(logprobs_BT, old_BT, mask_BT, advantages_B)
    assert_close(gradient, take_gradient(surrogate, logprobs_BT))
    # A > 0 stops above 1.28 only, A < 0 below 0.8 only.
    assert (gradient[0] != 0).tolist() == [True, True, True, True, True, False, False]
    assert (gradient[2] != 0).tolist() == [False, False, True, True, True, True, True]


def test_grpo_gradient_on_the_policy_is_that_of_the_clipped_surrogate(
    theta: Tensor, sample: Sample
) -> None:
    tokens_BT, mask_BT = tabular.pad(sample)
    old_BT = tabular.compute_logprobs(sample.reference, tokens_BT)
    logprobs_BT = tabular.compute_logprobs(theta, tokens_BT)
    surrogate = tabular.ppo_clip_loss(logprobs_BT, old_BT, mask_BT, sample.advantages_N)
    gradient = gradient_of_loss(theta, sample, grpo_weights(tabular.CLIP_LOW, tabular.CLIP_HIGH))
    assert gradient.abs().max() > 0.01
    assert_close(gradient, take_gradient(surrogate, theta))


@pytest.mark.parametrize("advantage", [1.0, 0.0])
def test_grpo_weight_of_an_overflowed_ratio_is_zero(advantage: float) -> None:
    # exp(100) is infinite in float32; the clip must silence the token, not turn it into NaN.
    terms = compute_loss(
        torch.tensor([[-1.0, -1.0]]),
        torch.tensor([[-101.0, -1.0]]),
        torch.ones(1, 2),
        torch.tensor([advantage]),
        weights=grpo_weights(tabular.CLIP_LOW, tabular.CLIP_HIGH),
        num_sequences=1,
    )
    assert terms.weights_BT.tolist() == [[0.0, advantage / 2]]
