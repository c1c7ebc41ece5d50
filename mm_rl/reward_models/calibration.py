"""Turning a score into a probability and a verdict, and measuring how honest it is.

Temperature scaling (Guo et al. 2017): one number, fitted on items that no training saw, that makes
the mean negative log-likelihood smallest; it changes no ranking. The threshold is chosen after it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_MAX_LOG_SHARPNESS = math.log(1e4)
_BISECTIONS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """How raw scores become verdicts.

    Example:
        Calibration(temperature=1.7, threshold=0.62).probability(2.0)
    """

    temperature: float = 1.0
    threshold: float = 0.5
    """Smallest calibrated probability that counts as correct."""

    def probability(self, logit: float) -> float:
        """The calibrated probability that the response is correct."""
        return sigmoid(logit / self.temperature)


def sigmoid(logit: float) -> float:
    """1 / (1 + exp(-logit)) without overflow."""
    if logit >= 0:
        return 1.0 / (1.0 + math.exp(-logit))
    exponential = math.exp(logit)
    return exponential / (1.0 + exponential)


def fit_calibration(logits: Sequence[float], labels: Sequence[bool]) -> Calibration:
    """The temperature with the smallest mean negative log-likelihood, and its best threshold.

    With s = 1 / temperature the loss is convex and its slope, sum((sigmoid(s * z) - y) * z), rises
    with s: the root is found by bisection on log s, within 1e-4 and 1e4.

    Raises:
        ValueError: there are no items, or more or fewer labels than logits.
    """
    if not logits or len(logits) != len(labels):
        raise ValueError(
            f"{len(logits)} logits and {len(labels)} labels: give the same number, at least one"
        )

    def slope(log_sharpness: float) -> float:
        sharpness = math.exp(log_sharpness)
        return math.fsum(
            (sigmoid(sharpness * z) - y) * z for z, y in zip(logits, labels, strict=True)
        )

    low, high = -_MAX_LOG_SHARPNESS, _MAX_LOG_SHARPNESS
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    temperature = math.exp(-(low + high) / 2)
    probabilities = [sigmoid(logit / temperature) for logit in logits]
    return Calibration(temperature=temperature, threshold=best_threshold(probabilities, labels))


def best_threshold(probabilities: Sequence[float], labels: Sequence[bool]) -> float:
    """The threshold with most items right, halfway between two neighbouring probabilities.

    Among equally good ones the highest: accepting a wrong answer is the worse fault.
    """
    pairs = sorted(zip(probabilities, labels, strict=True), reverse=True)
    threshold, hits = 1.0, sum(not label for label in labels)
    best = hits
    for place, (probability, label) in enumerate(pairs):
        hits += 1 if label else -1
        following = pairs[place + 1][0] if place + 1 < len(pairs) else 0.0
        if hits > best and following < probability:
            threshold, best = (probability + following) / 2, hits
    return threshold


def brier_score(probabilities: Sequence[float], labels: Sequence[bool]) -> float:
    """Mean squared distance of probability and label; 0.25 is what always saying 0.5 gets."""
    return math.fsum((p - y) ** 2 for p, y in zip(probabilities, labels, strict=True)) / len(labels)


def calibration_error(
    probabilities: Sequence[float], labels: Sequence[bool], *, bins: int = 10
) -> float:
    """Expected calibration error: gap of mean probability and share of correct ones, bin by bin.

    Bins have equal width; each gap counts by the share of items in the bin.
    """
    gaps = [0.0] * bins
    for probability, label in zip(probabilities, labels, strict=True):
        gaps[min(int(probability * bins), bins - 1)] += probability - label
    return math.fsum(map(abs, gaps)) / len(labels)
