"""The length reward against hand-computed values and an exact re-derivation on random groups."""

import random
from fractions import Fraction

import pytest

from data_synth.seeding import derive_rng
from mm_rl.reward.length import compute_length_rewards


def draw_group(rng: random.Random) -> tuple[list[int], list[bool]]:
    size = rng.randint(1, 9)
    lengths = [rng.randint(1, rng.choice([3, 50, 30_000])) for _ in range(size)]
    return lengths, [rng.random() < 0.5 for _ in range(size)]


def draw_groups(name: str) -> list[tuple[list[int], list[bool]]]:
    rng = derive_rng("length", name)
    return [draw_group(rng) for _ in range(300)]


def derive_exactly(lengths: list[int], correct: list[bool]) -> list[Fraction]:
    """lambda = (min + max - 2 len) / (2 (max - min)) in rational numbers."""
    low, high = min(lengths), max(lengths)
    if low == high:
        return [Fraction(0)] * len(lengths)
    scores = [Fraction(low + high - 2 * length, 2 * (high - low)) for length in lengths]
    return [s if ok or s < 0 else Fraction(0) for s, ok in zip(scores, correct, strict=True)]


def test_mixed_group_by_hand() -> None:
    # Range 100..500: lambda = 0.5, 0.25, 0, -0.25, -0.5.
    rewards = compute_length_rewards(
        [100, 200, 300, 400, 500, 100, 200, 300, 400, 500], [True] * 5 + [False] * 5
    )
    assert rewards == [0.5, 0.25, 0.0, -0.25, -0.5, 0.0, 0.0, 0.0, -0.25, -0.5]


def test_range_is_that_of_all_responses_not_of_the_correct_ones() -> None:
    # The correct ones alone would be at +0.5 and -0.5.
    assert compute_length_rewards([10, 200, 300, 410], [False, True, True, False]) == [
        0.0,
        0.5 - 190 / 400,
        0.5 - 290 / 400,
        -0.5,
    ]


def test_all_correct_is_ordered_by_length_alone() -> None:
    assert compute_length_rewards([30, 10, 20], [True] * 3) == [-0.5, 0.5, 0.0]


def test_all_wrong_penalises_the_longer_half_only() -> None:
    assert compute_length_rewards([0, 4, 5, 6, 8, 10], [False] * 6) == pytest.approx(
        [0.0, 0.0, 0.0, -0.1, -0.3, -0.5], abs=1e-15
    )


@pytest.mark.parametrize("correct", [[True] * 3, [False] * 3, [True, False, True]])
def test_equal_lengths_have_no_reward(correct: list[bool]) -> None:
    assert compute_length_rewards([70, 70, 70], correct) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("is_correct", [True, False])
def test_a_single_response_has_no_reward(is_correct: bool) -> None:
    assert compute_length_rewards([70], [is_correct]) == [0.0]


def test_an_empty_group_has_no_rewards() -> None:
    assert compute_length_rewards([], []) == []


def test_one_runaway_response_presses_the_others_together_if_it_counts() -> None:
    rewards = compute_length_rewards([100, 200, 300, 20_100], [True, True, True, False])
    assert rewards == [0.5, 0.495, 0.49, -0.5]


def test_an_aborted_response_does_not_set_the_range_and_is_clamped() -> None:
    lengths = [100, 200, 300, 20_100]
    aborted = [False, False, False, True]
    for is_correct in (True, False):
        rewards = compute_length_rewards(lengths, [True, True, True, is_correct], aborted=aborted)
        assert rewards == [0.5, 0.0, -0.5, -0.5]


def test_an_aborted_response_shorter_than_the_rest_is_clamped() -> None:
    # Repetition may be cut early; without the clamp the first would be at 0.5 + 90 / 100.
    lengths, aborted = [10, 100, 200], [True, False, False]
    assert compute_length_rewards(lengths, [True] * 3, aborted=aborted) == [0.5, 0.5, -0.5]
    assert compute_length_rewards(lengths, [False] * 3, aborted=aborted) == [0.0, 0.0, -0.5]


def test_an_aborted_response_inside_the_range_is_scored_like_others() -> None:
    rewards = compute_length_rewards([100, 175, 200], [True] * 3, aborted=[False, True, False])
    assert rewards == [0.5, -0.25, -0.5]


@pytest.mark.parametrize(
    "aborted",
    [[True, True, True], [True, True, False], [False, True, False]],
    ids=["all aborted", "one counts", "those that count are equal"],
)
def test_no_range_without_aborted_responses_means_no_reward(aborted: list[bool]) -> None:
    assert compute_length_rewards([50, 90, 50], [True, False, True], aborted=aborted) == [0.0] * 3


def test_none_means_that_all_count() -> None:
    for lengths, correct in draw_groups("none"):
        plain = compute_length_rewards(lengths, correct)
        assert plain == compute_length_rewards(lengths, correct, aborted=None)
        assert plain == compute_length_rewards(lengths, correct, aborted=[False] * len(lengths))


def test_a_missing_label_is_an_error() -> None:
    for correct in ([True], [True, False, True]):
        with pytest.raises(ValueError, match="zip"):
            compute_length_rewards([10, 20], correct)


def test_random_groups_agree_with_exact_arithmetic() -> None:
    for lengths, correct in draw_groups("exact"):
        expected = [float(value) for value in derive_exactly(lengths, correct)]
        assert compute_length_rewards(lengths, correct) == pytest.approx(expected, abs=1e-12)


def test_random_groups_stay_in_bounds_and_prefer_the_shorter_of_equals() -> None:
    rng = derive_rng("length", "aborted")
    for lengths, correct in draw_groups("bounds"):
        aborted = [rng.random() < 0.3 for _ in lengths]
        for flags in (None, aborted):
            rewards = compute_length_rewards(lengths, correct, aborted=flags)
            rows = sorted(zip(lengths, correct, rewards, strict=True))
            assert all(-0.5 <= reward <= (0.5 if ok else 0.0) for _, ok, reward in rows)
            for label in (True, False):
                by_length = [reward for _, ok, reward in rows if ok is label]
                assert by_length == sorted(by_length, reverse=True)


def test_random_groups_do_not_depend_on_order_or_on_a_common_offset() -> None:
    rng = derive_rng("length", "order")
    for lengths, correct in draw_groups("order"):
        rewards = compute_length_rewards(lengths, correct)
        order = rng.sample(range(len(lengths)), len(lengths))
        shuffled = compute_length_rewards([lengths[i] for i in order], [correct[i] for i in order])
        assert shuffled == [rewards[i] for i in order]
        assert compute_length_rewards([length + 1000 for length in lengths], correct) == rewards


def test_with_weight_one_every_correct_response_stays_above_every_wrong_one() -> None:
    num_compared = 0
    for lengths, correct in draw_groups("order of totals"):
        rewards = compute_length_rewards(lengths, correct)
        totals = [ok + reward for ok, reward in zip(correct, rewards, strict=True)]
        right = [total for total, ok in zip(totals, correct, strict=True) if ok]
        wrong = [total for total, ok in zip(totals, correct, strict=True) if not ok]
        if right and wrong:
            num_compared += 1
            assert min(right) >= max(wrong) + 0.5
    assert num_compared > 100
