"""Samplers: coverage, proportions, and state that survives a restart."""

import random
from collections import Counter

import pytest

from mm_rl.sampling.samplers import PrioritizedSampler, Sampler, UniformSampler
from mm_rl.types import Completion, Prompt, Reward, RolloutGroup


def group(index: int, correct: int, k: int) -> RolloutGroup:
    prompt = Prompt(
        id=str(index),
        question="",
        image_keys=(),
        answer="1",
        verifier="exact",
        source="s",
        index=index,
    )
    rewards = tuple(
        # A shaped total must not matter: only `correct` counts.
        Reward(terms={}, total=-5.0, correct=i < correct, reason="")
        for i in range(k)
    )
    completions = tuple(Completion(sample_index=i) for i in range(k))
    return RolloutGroup(prompt=prompt, started=0, completions=completions, rewards=rewards)


def prioritized(num: int, seed: int = 0) -> PrioritizedSampler:
    return PrioritizedSampler(num, rng=random.Random(seed), discount=0.5, floor=0.1)


def test_uniform_sees_every_prompt_before_any_twice() -> None:
    sampler = UniformSampler(10, rng=random.Random(0))
    drawn = [index for _ in range(5) for index in sampler.draw(4)]
    assert sorted(drawn[:10]) == list(range(10))
    assert sorted(drawn[10:]) == list(range(10))


def test_uniform_draws_no_prompt_twice_in_one_iteration_across_epochs() -> None:
    sampler = UniformSampler(10, rng=random.Random(0))
    for _ in range(50):
        assert len(set(sampler.draw(7))) == 7


def test_success_rate_by_hand() -> None:
    sampler = prioritized(3)
    assert sampler.success_rate(0) == 0.5
    sampler.observe(group(0, correct=3, k=4))
    assert sampler.success_rate(0) == pytest.approx((1 + 3) / (2 + 4))
    sampler.observe(group(0, correct=0, k=4))
    # Old counts are halved: 1.5 of 2 before, 0 of 4 now.
    assert sampler.success_rate(0) == pytest.approx((1 + 1.5) / (2 + 2 + 4))
    assert sampler.weight(0) == pytest.approx(1 - 2.5 / 8)


def test_weight_has_a_floor() -> None:
    sampler = prioritized(2)
    for _ in range(20):
        sampler.observe(group(1, correct=100, k=100))
    assert sampler.weight(1) == 0.1


def test_prioritized_draws_in_proportion_to_one_minus_success() -> None:
    sampler = prioritized(2)
    sampler.observe(group(0, correct=6, k=8))
    expected = sampler.weight(0) / (sampler.weight(0) + sampler.weight(1))
    counts = Counter(sampler.draw(1)[0] for _ in range(20000))
    assert counts[0] / 20000 == pytest.approx(expected, abs=0.01)


def test_prioritized_draws_without_replacement() -> None:
    sampler = prioritized(5)
    assert all(sorted(sampler.draw(5)) == [0, 1, 2, 3, 4] for _ in range(20))


@pytest.mark.parametrize(
    "make", [lambda s: UniformSampler(40, rng=random.Random(s)), lambda s: prioritized(40, s)]
)
def test_state_continues_as_if_never_stopped(make) -> None:  # type: ignore[no-untyped-def]
    sampler: Sampler = make(1)
    sampler.draw(7)
    sampler.observe(group(3, correct=2, k=4))
    state = sampler.state_dict()
    expected = [sampler.draw(9) for _ in range(6)]
    restored: Sampler = make(99)
    restored.load_state_dict(state)
    assert [restored.draw(9) for _ in range(6)] == expected
