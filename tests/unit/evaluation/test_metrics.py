"""Metrics by hand, by closed forms, by enumeration, and intervals by simulation."""

import itertools
import math
import random
from fractions import Fraction
from statistics import fmean

import pytest

from mm_rl.evaluation.consistency import compare_forms, mcnemar_p_value
from mm_rl.evaluation.estimates import estimate_mean, student_quantile, wilson_interval
from mm_rl.evaluation.metrics import Outcome, Sample, measure, pass_at_k
from mm_rl.evaluation.voting import can_vote, group_answers, majority_correct


def outcome(
    *samples: tuple[bool, int, int | None],
    failed: int = 0,
    source: str = "a",
    votes: bool = True,
    cap: int = 1000,
) -> Outcome:
    """A problem from (correct, tokens, vote) of each sample, cut at the cap."""
    return Outcome(
        id="p",
        samples=tuple(
            Sample(correct=c, num_tokens=n, answered=vote is not None, cut=n >= cap, vote=vote)
            for c, n, vote in samples
        ),
        num_failed=failed,
        votes=votes,
        tags={"source": source, "difficulty": "0"},
    )


# ---- pass@k ---------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_pass_at_k_is_the_share_of_subsets_with_a_correct_sample(n: int) -> None:
    for c in range(n + 1):
        flags = [True] * c + [False] * (n - c)
        for k in range(1, n + 1):
            subsets = list(itertools.combinations(flags, k))
            assert pass_at_k(n, c, k) == pytest.approx(fmean(map(any, subsets)), abs=1e-12)


def test_pass_at_k_is_exact_where_binomials_overflow_a_float() -> None:
    n, c, k = 4000, 3, 1000
    exact = 1 - Fraction(math.comb(n - c, k), math.comb(n, k))
    assert pass_at_k(n, c, k) == pytest.approx(float(exact), rel=1e-12)
    assert pass_at_k(10**6, 1, 10) == pytest.approx(1e-5, rel=1e-9)
    with pytest.raises(ValueError, match="k=5: give 1 to n=4"):
        pass_at_k(4, 1, 5)


def test_pass_at_k_by_hand() -> None:
    # 10 samples, 3 right: 1 - C(7,5)/C(10,5) = 1 - 21/252.
    assert pass_at_k(10, 3, 5) == pytest.approx(1 - 21 / 252)
    assert pass_at_k(8, 0, 8) == 0.0
    assert pass_at_k(8, 1, 8) == 1.0
    assert pass_at_k(8, 3, 1) == pytest.approx(3 / 8)


# ---- maj@k ----------------------------------------------------------------------------------


def vote_by_first(votes: tuple[int | None, ...], right: set[int | None]) -> bool:
    """The rule itself on samples in order: most votes, ties by first."""
    cast = [vote for vote in votes if vote is not None]
    if not cast:
        return False
    best = max(cast.count(vote) for vote in cast)
    return next(vote for vote in cast if cast.count(vote) == best) in right


@pytest.mark.parametrize(
    ("votes", "right"),
    [
        ([0, 0, 1, 1, 2, None], {0}),
        ([0, 1, 1, 2, 2, None], {0}),
        ([0, 0, 0, 1, 1, 1], {0}),
        ([1, 2, 3, 4, 0, 0], {0}),
        ([None, None, 0, 1, None, None], {0}),
        ([0, 1, 2, 1, 0, 2], {0, 2}),
        ([1, 1, 2, None, 2, 3], set()),
    ],
)
def test_majority_is_the_mean_over_all_ordered_choices(
    votes: list[int | None], right: set[int | None]
) -> None:
    for k in range(1, len(votes) + 1):
        ordered = itertools.permutations(votes, k)
        expected = fmean(vote_by_first(choice, right) for choice in ordered)
        assert majority_correct(votes, right, k) == pytest.approx(expected, abs=1e-12)


def test_majority_of_two_answers_is_the_binomial_tail() -> None:
    # 64 samples, 40 right, one wrong answer: hypergeometric, ties at 16 of 32 pay one half.
    votes = [0] * 40 + [1] * 24
    ways = [math.comb(40, t) * math.comb(24, 32 - t) for t in range(33)]
    expected = (sum(ways[17:]) + ways[16] / 2) / math.comb(64, 32)
    assert majority_correct(votes, {0}, 32) == pytest.approx(expected, rel=1e-12)
    assert majority_correct(votes, {0}, 64) == 1.0
    assert majority_correct(votes, {0}, 1) == pytest.approx(40 / 64)


def test_equal_answers_are_one_class_by_the_verifier() -> None:
    answers = ["1/2", "0.5", "2", "2.0", None, "\\frac{4}{2}", "three", " three"]
    correct = [True, True, False, False, False, False, False, False]
    assert group_answers("numeric", answers, correct) == [0, 0, 1, 1, None, 1, 2, 2]
    assert group_answers("choice", ["B", "(b)", "A", "A."], [False, False, True, True]) == [
        *(1, 1),
        *(0, 0),
    ]
    assert can_vote("numeric") and not can_vote("program") and not can_vote("reward_model")


# ---- intervals ------------------------------------------------------------------------------


def test_one_sample_per_problem_gives_wilsons_interval() -> None:
    # 8 of 10 at 95 %: 0.4902 to 0.9433 (Newcombe 1998, method 3, from the formula by hand).
    found = estimate_mean([1.0] * 8 + [0.0] * 2)
    assert found.num_problems == 10
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)
    # Newcombe's table: 81 of 263 is 0.2553 to 0.3662; 0 of 20 is 0 to 0.1611.
    table = wilson_interval(81 / 263, 263, confidence=0.95)
    assert table == pytest.approx((0.2553, 0.3662), abs=1e-4)
    nothing = wilson_interval(0.0, 20, confidence=0.95)
    assert nothing[0] == 0.0
    assert nothing == pytest.approx((0.0, 0.1611), abs=1e-4)


def test_copies_of_a_sample_do_not_narrow_the_interval() -> None:
    once = estimate_mean([1.0, 0.0, 1.0, 0.0, 0.0])
    copied = estimate_mean([1.0, 0.0, 1.0, 0.0, 0.0], replicates=8)
    assert (once.low, once.high) == pytest.approx((copied.low, copied.high))


def test_samples_that_differ_within_problems_narrow_it_by_the_corrected_trials() -> None:
    # Every problem at 4 of 8: 40 trials with no spread between problems, by what five problems can
    # tell about that: (1.95996 / 2.77645)^2.
    found = estimate_mean([0.5] * 5, replicates=8)
    trials = 40 * (1.95996 / 2.77645) ** 2
    assert (found.low, found.high) == pytest.approx(
        wilson_interval(0.5, trials, confidence=0.95), abs=1e-5
    )
    # Rates 0.2, 0.4, 0.6, 0.8: v = 0.2 / (4 * 3) = 1/60, so 15 trials, times (1.95996 / 3.18245)^2.
    found = estimate_mean([0.2, 0.4, 0.6, 0.8], replicates=8)
    trials = 15 * (1.95996 / 3.18245) ** 2
    assert (found.low, found.high) == pytest.approx(
        wilson_interval(0.5, trials, confidence=0.95), abs=1e-5
    )


def test_more_samples_never_widen_and_one_problem_says_nothing_of_others() -> None:
    two = estimate_mean([0.25, 0.75], replicates=8)
    assert (two.low, two.high) == pytest.approx(wilson_interval(0.5, 2, confidence=0.95))
    one = estimate_mean([0.75], replicates=8)
    assert (one.value, one.low, one.high, one.num_problems) == (0.75, 0.0, 1.0, 1)


@pytest.mark.parametrize(
    ("confidence", "degrees", "expected"),
    # Two-sided critical values of Student's t from printed tables.
    [
        (0.95, 1, 12.7062), (0.95, 2, 4.30265), (0.95, 3, 3.18245), (0.95, 4, 2.77645),
        (0.95, 9, 2.26216), (0.95, 10, 2.22814), (0.95, 30, 2.04227), (0.95, 120, 1.97993),
        (0.90, 5, 2.01505), (0.99, 1, 63.6567), (0.99, 24, 2.79694), (0.5, 2, 0.81650),
    ],
)  # fmt: skip
def test_students_quantiles_are_those_of_the_tables(
    confidence: float, degrees: int, expected: float
) -> None:
    assert student_quantile(confidence, degrees) == pytest.approx(expected, rel=5e-6)


def test_all_right_keeps_a_width_by_problems_not_by_samples() -> None:
    found = estimate_mean([1.0] * 20, replicates=8)
    assert found.high == 1.0
    assert found.low == pytest.approx(1 - 0.1611, abs=1e-4)
    with pytest.raises(ValueError, match="at least one problem"):
        estimate_mean([])


@pytest.mark.parametrize(("num_samples", "spread"), [(1, 1.0), (8, 1.0), (8, 0.2), (8, 30.0)])
def test_intervals_cover_the_truth_as_often_as_they_say(num_samples: int, spread: float) -> None:
    """Problems of different difficulty: rates are Beta(0.6 s, 0.4 s), so that the truth is 0.6."""
    rng = random.Random(f"{num_samples} {spread}")
    hits, trials = 0, 1500
    for _ in range(trials):
        rates = [rng.betavariate(0.6 * spread, 0.4 * spread) for _ in range(40)]
        values = [sum(rng.random() < r for _ in range(num_samples)) / num_samples for r in rates]
        found = estimate_mean(values, replicates=num_samples)
        hits += found.low <= 0.6 <= found.high
    # Three standard errors of the simulation around 95 %, and a percent for the approximation.
    assert 0.923 <= hits / trials <= 0.977


@pytest.mark.parametrize("num_problems", [2, 3, 5, 10])
@pytest.mark.parametrize(("right", "wrong"), [(0.6, 0.4), (6.0, 4.0), (0.12, 0.08)])
def test_few_problems_claim_no_more_than_they_can(
    num_problems: int, right: float, wrong: float
) -> None:
    """Tables by tag have few problems, whose spread is as uncertain as their mean."""
    rng = random.Random(f"{num_problems} {right}")
    hits, trials = 0, 1500
    for _ in range(trials):
        rates = [rng.betavariate(right, wrong) for _ in range(num_problems)]
        values = [sum(rng.random() < r for _ in range(8)) / 8 for r in rates]
        found = estimate_mean(values, replicates=8)
        hits += found.low <= 0.6 <= found.high
    # 95 % less 2.5 standard errors of the simulation; without the correction it is 75 to 95 %.
    assert hits / trials >= 0.936


def test_independent_samples_would_claim_too_much() -> None:
    """The reason for problems as units: eight near-copies of 40 problems are not 320 trials."""
    rng = random.Random(5)
    hits, trials = 0, 500
    for _ in range(trials):
        rates = [rng.betavariate(0.12, 0.08) for _ in range(40)]
        share = fmean(sum(rng.random() < r for _ in range(8)) / 8 for r in rates)
        low, high = wilson_interval(share, 320, confidence=0.95)
        hits += low <= 0.6 <= high
    assert hits / trials < 0.7


# ---- everything together --------------------------------------------------------------------


def test_all_figures_by_hand() -> None:
    outcomes = [
        # Three right of four, the wrong one alone with its answer.
        outcome((True, 10, 0), (True, 20, 0), (True, 60, 0), (False, 30, 1)),
        # One right of four; the wrong ones agree in twos and one has no answer.
        outcome((False, 10, 1), (False, 30, 1), (True, 40, 0), (False, 80, None), source="b"),
        # Two of four without a verdict.
        outcome((True, 50, 0), (False, 50, 1), failed=2, source="b"),
        # Nothing judged: left out.
        outcome(failed=4, source="c"),
    ]

    found = measure(outcomes, ks=[1, 2, 4], budgets=[30, 100], tags=["source"])

    assert found.accuracy.value == pytest.approx((3 / 4 + 1 / 4 + 1 / 2) / 3)
    assert found.accuracy.num_problems == 3
    assert found.pass_at[1].value == pytest.approx(found.accuracy.value)
    assert found.pass_at[2].value == pytest.approx((1 + (1 - 3 / 6) + 1) / 3)
    # The problem with two verdicts has no pass@4.
    assert (found.pass_at[4].value, found.pass_at[4].num_problems) == (1.0, 2)
    # Of the second problem's four votes two agree on a wrong answer; the first problem is right.
    assert (found.majority_at[4].value, found.majority_at[4].num_problems) == (0.5, 2)
    assert found.mean_tokens == pytest.approx((30 + 40 + 50) / 3)
    assert found.tokens_per_correct == pytest.approx(40 / 0.5)
    assert found.within_budget[30].value == pytest.approx((2 / 4 + 0 + 0) / 3)
    assert found.within_budget[100].value == pytest.approx(found.accuracy.value)
    assert set(found.by_tag["source"]) == {"a", "b"}
    by_b = found.by_tag["source"]["b"]
    assert by_b.accuracy.value == pytest.approx((1 / 4 + 1 / 2) / 2)
    assert by_b.pass_at[2].value == pytest.approx((1 - 3 / 6 + 1) / 2)
    assert (by_b.majority_at[4].value, by_b.majority_at[4].num_problems) == (0.0, 1)
    assert by_b.mean_tokens == pytest.approx((40 + 50) / 2)
    assert by_b.tokens_per_correct == pytest.approx(45 / (3 / 8))
    assert by_b.within_budget[30].value == 0.0
    assert (by_b.num_failed, by_b.by_tag) == (2, {})
    assert (found.num_samples, found.num_failed, found.num_unjudged) == (10, 6, 1)
    assert found.answered == pytest.approx(9 / 10)
    assert found.cut == 0.0


def test_completions_at_the_cap_are_counted() -> None:
    samples = ((True, 9, 0), (False, 20, None), (False, 20, None), (True, 19, 0))
    found = measure([outcome(*samples, cap=20)], ks=[1], budgets=[], tags=["source"])
    assert (found.cut, found.by_tag["source"]["a"].cut) == (0.5, 0.5)


def test_programs_have_no_majority_and_nothing_right_costs_no_tokens() -> None:
    found = measure([outcome((False, 7, None), (False, 9, None), votes=False)], ks=[2], budgets=[])
    assert found.majority_at == {}
    assert (found.pass_at[2].value, found.tokens_per_correct) == (0.0, None)
    with pytest.raises(ValueError, match=r"none of 1 problems .*3 verifications failed"):
        measure([outcome(failed=3)], ks=[1], budgets=[])


# ---- text against image ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    # Two-sided binomial tails by hand: 2 * (1 + 10) / 2**10, 2 * (1 + 6 + 15) / 2**6.
    [
        (0, 0, 1.0),
        (1, 9, 22 / 1024),
        (9, 1, 22 / 1024),
        (2, 4, 44 / 64),
        (3, 3, 1.0),
        (5, 0, 1 / 16),
    ],
)
def test_mcnemar_p_values_by_hand(first: int, second: int, expected: float) -> None:
    assert mcnemar_p_value(first, second) == pytest.approx(expected)


def test_forms_are_compared_problem_by_problem() -> None:
    right, wrong = (True, 5, 0), (False, 5, 1)
    text = [outcome(right, right), outcome(right, wrong), outcome(wrong, wrong), outcome(failed=2)]
    image = [outcome(right, wrong), outcome(wrong, wrong), outcome(wrong, wrong), outcome(right)]

    found = compare_forms(text, image)

    assert found is not None
    assert (found.both, found.text_only, found.image_only, found.neither) == (1, 1, 0, 1)
    assert found.agreement == pytest.approx(2 / 3)
    assert (found.text.value, found.image.value) == pytest.approx((0.5, 1 / 6))
    assert found.p_value == 1.0
    assert compare_forms([outcome(failed=1)], [outcome(right)]) is None
