"""What several verified samples per problem say about a policy (k1.5 sections 2.4 and 3.4).

Every figure is a mean over problems. Samples whose verification failed have no verdict: they are
left out of their problem, and a problem without any verdict is left out of the mean; both are
counted.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean

from mm_rl.evaluation.estimates import Estimate, estimate_mean
from mm_rl.evaluation.voting import majority_correct


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One judged completion.

    Example:
        Sample(correct=True, num_tokens=40, answered=True, cut=False, vote=0)
    """

    correct: bool
    num_tokens: int
    answered: bool
    """Whether an answer was found in it."""
    cut: bool
    """Whether it reached the cap on its length; it is wrong then, whatever it says."""
    vote: int | None = None
    """Class of equal answers that it votes for; None: it has no answer, or votes make no sense."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """The judged samples of one problem, those without a verdict left out.

    Example:
        Outcome(id="9f..", samples=(sample, other_sample), tags={"source": "row_sums"})
    """

    id: str
    samples: tuple[Sample, ...]
    num_failed: int = 0
    """Samples without a verdict."""
    votes: bool = True
    """Whether its answers can be compared with each other; programs, say, can not."""
    tags: Mapping[str, str]

    @property
    def num_correct(self) -> int:
        return sum(sample.correct for sample in self.samples)

    @property
    def pass_rate(self) -> float:
        """Share of correct samples."""
        return self.num_correct / len(self.samples)


@dataclass(frozen=True, kw_only=True, slots=True)
class Metrics:
    """Everything that is measured on one benchmark.

    Example:
        measure(outcomes, ks=(1, 4), budgets=(100, 200)).accuracy.value
    """

    accuracy: Estimate
    """pass@1: the expected accuracy of one sample."""
    pass_at: dict[int, Estimate]
    """Chance that at least one of k samples is right."""
    majority_at: dict[int, Estimate]
    """Chance that the most frequent answer of k samples is right."""
    mean_tokens: float
    tokens_per_correct: float | None
    """Mean tokens over accuracy: tokens spent for one correct answer; None if none is correct."""
    within_budget: dict[int, Estimate]
    """Accuracy if a completion that is longer than the budget counts as wrong."""
    by_tag: dict[str, dict[str, "Metrics"]]
    """The same by tag and value; empty in there."""
    num_samples: int
    """Samples with a verdict."""
    num_failed: int
    """Samples without one."""
    num_unjudged: int
    """Problems all of whose samples failed."""
    answered: float
    """Share of samples with an answer."""
    cut: float
    """Share of samples that reached the cap on their length."""


def measure(
    outcomes: Sequence[Outcome],
    *,
    ks: Sequence[int],
    budgets: Sequence[int],
    tags: Sequence[str] = (),
    confidence: float = 0.95,
) -> Metrics:
    """All metrics of one benchmark.

    Raises:
        ValueError: not one sample has a verdict.
    """
    judged = [outcome for outcome in outcomes if outcome.samples]
    num_failed = sum(outcome.num_failed for outcome in outcomes)
    if not judged:
        raise ValueError(
            f"evaluation: none of {len(outcomes)} problems has a sample with a verdict "
            f"({num_failed} verifications failed)"
        )
    samples = [sample for outcome in judged for sample in outcome.samples]
    accuracy = _mean(judged, lambda outcome: outcome.pass_rate, confidence=confidence)
    mean_tokens = fmean(fmean(s.num_tokens for s in outcome.samples) for outcome in judged)
    return Metrics(
        accuracy=accuracy,
        pass_at=_by_k(judged, ks, _pass_at, confidence),
        majority_at=_by_k([o for o in judged if o.votes], ks, _majority_at, confidence),
        mean_tokens=mean_tokens,
        tokens_per_correct=mean_tokens / accuracy.value if accuracy.value > 0 else None,
        within_budget={
            budget: _mean(judged, partial(_share_within, budget), confidence=confidence)
            for budget in sorted(set(budgets))
        },
        by_tag={
            tag: {
                value: measure(group, ks=ks, budgets=budgets, confidence=confidence)
                for value, group in _group(outcomes, tag).items()
            }
            for tag in tags
        },
        num_samples=len(samples),
        num_failed=num_failed,
        num_unjudged=len(outcomes) - len(judged),
        answered=fmean(sample.answered for sample in samples),
        cut=fmean(sample.cut for sample in samples),
    )


def pass_at_k(num_samples: int, num_correct: int, k: int) -> float:
    """Unbiased chance that at least one of k samples is right (Chen et al. 2021, section 2.1).

    1 - C(n - c, k) / C(n, k), as a product of c factors below 1, which neither overflows nor
    cancels.

    Raises:
        ValueError: more samples are asked for than there are.
    """
    if not 1 <= k <= num_samples:
        raise ValueError(f"k={k}: give 1 to n={num_samples}, the samples per problem")
    misses = num_samples - num_correct
    if misses < k:
        return 1.0
    return 1.0 - math.prod(1.0 - k / i for i in range(misses + 1, num_samples + 1))


def _pass_at(k: int, outcome: Outcome) -> float:
    return pass_at_k(len(outcome.samples), outcome.num_correct, k)


def _majority_at(k: int, outcome: Outcome) -> float:
    votes = [sample.vote for sample in outcome.samples]
    right = {sample.vote for sample in outcome.samples if sample.correct}
    return majority_correct(votes, right, k)


def _share_within(budget: int, outcome: Outcome) -> float:
    return fmean(s.correct and s.num_tokens <= budget for s in outcome.samples)


def _mean(
    outcomes: Sequence[Outcome],
    value: Callable[[Outcome], float],
    *,
    confidence: float,
    k: int = 1,
) -> Estimate:
    fewest = min(len(outcome.samples) for outcome in outcomes)
    return estimate_mean(
        [value(outcome) for outcome in outcomes],
        replicates=max(1, fewest // k),
        confidence=confidence,
    )


def _by_k(
    outcomes: Sequence[Outcome],
    ks: Sequence[int],
    value: Callable[[int, Outcome], float],
    confidence: float,
) -> dict[int, Estimate]:
    """A metric for every k, over the problems with at least k verdicts."""
    found = {}
    for k in sorted(set(ks)):
        enough = [outcome for outcome in outcomes if len(outcome.samples) >= k]
        if enough:
            found[k] = _mean(enough, partial(value, k), confidence=confidence, k=k)
    return found


def _group(outcomes: Sequence[Outcome], tag: str) -> dict[str, list[Outcome]]:
    """Outcomes by the value of a tag, in order; groups without any verdict are left out."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.tags[tag], []).append(outcome)
    return {
        value: groups[value] for value in sorted(groups) if any(o.samples for o in groups[value])
    }
