"""Prioritised sampling: draw frequencies against exact probabilities, floor and rest."""

import itertools
from collections import Counter

import pytest

from mm_rl.sampling.prioritized import PrioritizedSampler
from tests.unit.sampling.sets import RuledSet, group, make_sampler, rates


def prioritized(prompts: RuledSet, *settings: str) -> PrioritizedSampler:
    sampler = make_sampler(prompts, "prioritized", *settings)
    assert isinstance(sampler, PrioritizedSampler)
    return sampler


def ordered_draw_probabilities(weights: list[float], count: int) -> dict[tuple[int, ...], float]:
    """Of every ordered draw without replacement, by enumeration."""
    probabilities = {}
    for order in itertools.permutations(range(len(weights)), count):
        probability, left = 1.0, sum(weights)
        for index in order:
            probability *= weights[index] / left
            left -= weights[index]
        probabilities[order] = probability
    return probabilities


def test_draws_without_replacement_have_the_enumerated_probabilities() -> None:
    # Rates 0, .5, .9, 1 give the weights 1, .5, .1 and the floor.
    sampler = prioritized(rates(0.0, 0.5, 0.9, 1.0), "floor=0.05")
    num = 20_000
    counts = Counter(tuple(sampler.draw(2)) for _ in range(num))
    expected = ordered_draw_probabilities([1.0, 0.5, 0.1, 0.05], 2)
    assert set(counts) <= set(expected)
    statistic = sum((counts[o] - num * p) ** 2 / (num * p) for o, p in expected.items())
    # Chi-square, 11 degrees of freedom: 37.4 is exceeded once in ten thousand.
    assert statistic < 37.4
    included = Counter(index for order in counts for index in order for _ in range(counts[order]))
    for index in range(4):
        inclusion = sum(p for order, p in expected.items() if index in order)
        assert included[index] / num == pytest.approx(inclusion, abs=0.012)


def test_weight_is_one_minus_success_but_not_below_the_floor() -> None:
    sampler = prioritized(rates(None, None), "floor=0.1", "discount=0.5")
    sampler.observe(group(0, correct=3, k=4))
    assert sampler.weight(0) == pytest.approx(1 - 4 / 6)
    for _ in range(20):
        sampler.observe(group(1, correct=100, k=100))
    assert sampler.weight(1) == 0.1


def test_a_prompt_rests_after_failures_in_a_row_and_then_comes_back() -> None:
    sampler = prioritized(rates(None, None), "cooldown_after=3", "cooldown_iterations=4")
    for visit in range(3):
        assert sampler.weight(0) > 0.4, visit
        sampler.draw(1)
        sampler.observe(group(0, correct=0, k=4))
    weights = []
    for _ in range(5):
        weights.append(sampler.weight(0))
        assert sampler.metrics()["sampler/num_resting"] == (len(weights) <= 4)
        sampler.draw(1)
    awake = 1 - 1 / (2 + 4 * (1 + 0.9 + 0.81))
    assert weights == [0.02] * 4 + [pytest.approx(awake)]


def test_another_failure_sends_it_to_rest_again_and_a_success_ends_the_rest() -> None:
    sampler = prioritized(rates(None), "cooldown_after=2")
    for _ in range(2):
        sampler.observe(group(0, correct=0, k=4))
    for _ in range(10):
        sampler.draw(1)
    assert sampler.weight(0) > 0.5
    sampler.observe(group(0, correct=0, k=4))
    assert sampler.weight(0) == 0.02
    sampler.observe(group(0, correct=1, k=4))
    assert sampler.weight(0) > 0.5


def test_zero_cooldown_never_rests() -> None:
    sampler = prioritized(rates(None), "cooldown_after=0")
    for _ in range(50):
        sampler.observe(group(0, correct=0, k=4))
    assert sampler.weight(0) > 0.9


def test_an_endless_set_is_not_gone_through() -> None:
    prompts = RuledSet(1_000_000)
    sampler = prioritized(prompts)
    drawn = sampler.draw(64)
    assert len(set(drawn)) == 64
    assert prompts.num_asked < 1_000  # an unknown rate of one half: two tries per prompt


def test_prompts_that_never_come_again_are_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    prioritized(RuledSet(200_000))
    assert capsys.readouterr().out == ""
    prioritized(RuledSet(200_001))
    assert "warning: sampler=prioritized, and none of 200001 prompts" in capsys.readouterr().out
