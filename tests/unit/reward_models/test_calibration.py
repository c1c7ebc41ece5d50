"""Calibration against closed forms and hand-computed scores."""

import math

import pytest

from mm_rl.reward_models.calibration import (
    Calibration,
    best_threshold,
    brier_score,
    calibration_error,
    fit_calibration,
    sigmoid,
)


def test_temperature_of_one_confidence_has_a_closed_form() -> None:
    """All scores are +-a and a share p has the right sign: sigmoid(a / T) = p at the optimum."""
    a, right, wrong = 6.0, 9, 3
    logits = [a] * (right + wrong) + [-a] * (right + wrong)
    labels = [True] * right + [False] * wrong + [False] * right + [True] * wrong
    fitted = fit_calibration(logits, labels)
    assert fitted.temperature == pytest.approx(a / math.log(right / wrong), rel=1e-9)
    assert fitted.probability(a) == pytest.approx(right / (right + wrong), rel=1e-9)


def test_temperature_is_a_minimum_of_the_loss() -> None:
    logits = [3.0, 1.2, 0.4, -0.1, -0.9, -2.5, 1.9, -4.0]
    labels = [True, True, False, True, False, False, False, True]

    def loss(temperature: float) -> float:
        return -sum(
            math.log(sigmoid(z / temperature) if y else 1 - sigmoid(z / temperature))
            for z, y in zip(logits, labels, strict=True)
        )

    best = fit_calibration(logits, labels).temperature
    assert loss(best) < min(loss(best * 1.01), loss(best / 1.01))


def test_temperature_stays_finite_where_the_best_one_is_not() -> None:
    sure = fit_calibration([2.0, -2.0], [True, False])
    assert 1e-4 <= sure.temperature < 0.01
    assert sure.probability(2.0) == 1.0
    assert fit_calibration([2.0, -2.0], [False, True]).temperature == pytest.approx(1e4)


def test_threshold_is_between_the_classes() -> None:
    assert best_threshold([0.9, 0.6, 0.4, 0.2], [True, True, False, False]) == pytest.approx(0.5)
    # Two wrong ones above every right one: accepting nothing errs once, accepting all errs twice.
    assert best_threshold([0.9, 0.8, 0.3], [False, False, True]) == 1.0
    # Equal scores can not be told apart: both or none, and both are right in two of three.
    assert best_threshold([0.7, 0.7, 0.7], [True, False, True]) == pytest.approx(0.35)


def test_brier_score_by_hand() -> None:
    assert brier_score([1.0, 0.25, 0.5], [True, True, False]) == pytest.approx(
        (0 + 0.5625 + 0.25) / 3
    )


def test_calibration_error_by_hand() -> None:
    # Bin [0.8, 0.9): mean 0.85, one of two right; bin [0.1, 0.2): 0.1, none right; 1.0 joins the
    # last bin: right.
    error = calibration_error([0.82, 0.88, 0.1, 1.0], [True, False, False, True])
    assert error == pytest.approx((2 * 0.35 + 0.1 + 0.0) / 4)


def test_no_items_or_missing_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="0 logits"):
        fit_calibration([], [])
    with pytest.raises(ValueError, match="1 logits and 2 labels"):
        fit_calibration([0.0], [True, False])


def test_sigmoid_has_no_overflow() -> None:
    assert sigmoid(-1000.0) == 0.0
    assert sigmoid(1000.0) == 1.0
    assert Calibration(temperature=2.0).probability(2.0) == pytest.approx(1 / (1 + math.exp(-1)))
