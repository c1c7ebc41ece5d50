"""When the tail of a completion counts as repetition."""

import random

from mm_rl.rollout.repetition import RepetitionRule

RULE = RepetitionRule(min_span=12, min_repeats=3, max_period=8)


def brute_force(tokens: list[int], rule: RepetitionRule) -> bool:
    """Every period, written as the definition: the tail equals its last block, repeated."""
    for period in range(1, rule.max_period + 1):
        repeats = rule.min_repeats
        while repeats * period < rule.min_span:
            repeats += 1
        tail = tokens[-repeats * period :]
        if len(tail) == repeats * period and tail == tail[-period:] * repeats:
            return True
    return False


def test_one_token_repeated_matches_at_the_span_and_not_before() -> None:
    assert not RULE.matches([5] * 11)
    assert RULE.matches([5] * 12)


def test_a_block_needs_its_repeats_even_where_the_span_is_reached() -> None:
    block = [1, 2, 3, 4, 5, 6, 7]
    assert not RULE.matches([9, *block, *block])
    assert RULE.matches([9, *block, *block, *block])


def test_a_changed_token_anywhere_in_the_span_is_no_repetition() -> None:
    tokens = [1, 2, 3] * 4
    assert RULE.matches(tokens)
    for i in range(len(tokens)):
        changed = list(tokens)
        changed[i] = 99
        assert not RULE.matches(changed)


def test_a_period_longer_than_the_limit_is_not_looked_for() -> None:
    assert not RULE.matches(list(range(9)) * 5)
    assert RULE.matches(list(range(8)) * 3)


def test_agrees_with_the_definition_on_random_sequences() -> None:
    rng = random.Random(0)
    outcomes = []
    for _ in range(3000):
        block = [rng.randrange(2) for _ in range(rng.randint(1, 5))]
        tokens = [rng.randrange(2) for _ in range(rng.randrange(6))] + block * rng.randint(1, 8)
        outcomes.append(RULE.matches(tokens))
        assert outcomes[-1] == brute_force(tokens, RULE), tokens
    assert 300 < sum(outcomes) < 2700
