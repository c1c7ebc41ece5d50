"""An average over problems with its confidence interval.

Problems are the units: samples of one problem resemble each other, so an interval from all samples
as if they were independent would be too narrow. Each problem gives one value in [0, 1] (its pass
rate, its pass@k), and the interval speaks of all problems that could have been drawn.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist, fmean

_HALVINGS = 60  # of the interval that holds a quantile's angle: past a double's precision


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A mean over problems.

    Example:
        Estimate(value=0.5, low=0.31, high=0.69, num_problems=24)
    """

    value: float
    low: float
    """Lower end of the confidence interval."""
    high: float
    num_problems: int
    """Problems that the mean is over."""


def estimate_mean(
    values: Sequence[float], *, replicates: int = 1, confidence: float = 0.95
) -> Estimate:
    """The mean of one value per problem, with Wilson's interval at the effective sample size.

    With the clustered variance of the mean v = sum (x - mean)^2 / (m (m - 1)) over m problems, the
    data say as much as n = mean (1 - mean) / v independent trials. As v is itself an estimate from
    m values, n is multiplied by (z / t)^2, t being Student's quantile for m - 1 degrees of freedom,
    and Wilson's interval for so many trials is taken (Korn and Graubard 1998; Franco et al. 2019).
    Values in [0, 1] vary at most as single trials do, so the trials are never fewer than m: with
    one sample per problem this is Wilson's interval itself. Unlike a bootstrap or mean +- z sqrt(v)
    it stays inside [0, 1] and keeps a width where all problems agree, as on small sets they often
    do; nor does it need random numbers.

    Args:
        values: in [0, 1], one per problem. A single one says nothing of other problems: its
            interval is [0, 1].
        replicates: independent trials behind a value: n samples for a pass rate, n // k for pass@k.
            n is at most m times this.
        confidence: level of the interval.

    Raises:
        ValueError: no values.
    """
    if not values:
        raise ValueError("an estimate needs at least one problem with a verdict")
    m, mean = len(values), fmean(values)
    if m == 1:
        return Estimate(value=mean, low=0.0, high=1.0, num_problems=1)
    binomial, trials = mean * (1 - mean), float(m)
    if binomial > 0:
        variance = math.fsum((value - mean) ** 2 for value in values) / (m * (m - 1))
        most = m * replicates
        effective = most if variance * most <= binomial else binomial / variance
        z = NormalDist().inv_cdf((1 + confidence) / 2)
        trials = max(trials, effective * (z / student_quantile(confidence, m - 1)) ** 2)
    low, high = wilson_interval(mean, trials, confidence=confidence)
    return Estimate(value=mean, low=low, high=high, num_problems=m)


@lru_cache(maxsize=1024)
def student_quantile(confidence: float, degrees: int) -> float:
    """The t with P(|T| <= t) = confidence under Student's distribution.

    By bisection over the angle atan(t / sqrt(degrees)), in which the probability is a finite sum.
    """
    low, high = 0.0, math.pi / 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _student_probability(middle, degrees) < confidence:
            low = middle
        else:
            high = middle
    return math.sqrt(degrees) * math.tan(low)


def _student_probability(angle: float, degrees: int) -> float:
    """P(|T| <= sqrt(degrees) tan(angle)), Abramowitz and Stegun 26.7.3 and 26.7.4."""
    odd, square = degrees % 2, math.cos(angle) ** 2
    total, term = 0.0, math.cos(angle) if odd else 1.0
    for power in range(odd, degrees - 1, 2):
        total += term
        term *= square * (power + 1) / (power + 2)
    share = math.sin(angle) * total
    return 2 / math.pi * (angle + share) if odd else share


def wilson_interval(share: float, trials: float, *, confidence: float) -> tuple[float, float]:
    """Wilson's (1927) score interval of a share observed in so many trials."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    scale = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    # At 0 and 1 the ends are exact; rounding must not leave them beside.
    low = 0.0 if share == 0 else max(0.0, centre - half)
    high = 1.0 if share == 1 else min(1.0, centre + half)
    return low, high
