"""Decks: orders, positions, shares, and rows that wait for a longer phase."""

import pytest

from mm_rl.policy.batch import TrainRow
from mm_rl.policy.model import EncodedPrompt
from mm_rl.policy.packing import first_fit_decreasing
from mm_rl.stages.deck import MixedDeck, RowDeck, deal_packs


def rows_of(*lengths: int) -> list[TrainRow]:
    prompt = EncodedPrompt(token_ids=(1,), vision={})
    return [TrainRow(prompt=prompt, token_ids=(5,) * (length - 1)) for length in lengths]


def lengths_of(rows: list[TrainRow]) -> list[int]:
    return [row.num_tokens for row in rows]


def test_every_epoch_deals_every_row_in_another_order() -> None:
    deck = RowDeck(0, "deck", rows_of(*range(2, 22)))
    epochs = [lengths_of(deck.deal(20)) for _ in range(3)]
    assert all(sorted(epoch) == list(range(2, 22)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]
    assert epochs[0] == lengths_of(RowDeck(0, "deck", rows_of(*range(2, 22))).deal(20))
    assert epochs[0] != lengths_of(RowDeck(0, "other", rows_of(*range(2, 22))).deal(20))
    assert epochs[0] != lengths_of(RowDeck(1, "deck", rows_of(*range(2, 22))).deal(20))


def test_a_position_is_the_whole_state() -> None:
    deck = RowDeck(0, "deck", rows_of(*range(2, 12)))
    deck.deal(13)
    assert deck.state_dict() == {"position": 13}
    other = RowDeck(0, "deck", rows_of(*range(2, 12)))
    other.load_state_dict({"position": 13})
    assert lengths_of(other.deal(9)) == lengths_of(deck.deal(9))


def test_long_rows_are_passed_over_and_counted() -> None:
    deck = RowDeck(0, "deck", rows_of(3, 9, 4, 8, 5, 7))
    dealt = lengths_of(deck.deal(3, max_tokens=6))
    assert sorted(dealt) == [3, 4, 5]
    assert deck.passed_over == deck.position - 3
    # Counted over all deals of a step, however few rows each has.
    for _ in range(3):
        deck.deal(1, max_tokens=6)
    assert deck.passed_over == deck.position - 6 > 0
    # A later phase meets them like any other row.
    deck.begin_step(1, 2)
    assert {7, 8, 9} <= set(lengths_of(deck.deal(12)))
    assert deck.passed_over == 0


def test_a_deck_without_any_row_that_fits_says_so() -> None:
    with pytest.raises(ValueError, match=r"no row of the deck 'deck' has at most 5 tokens"):
        RowDeck(0, "deck", rows_of(6, 7)).deal(1, max_tokens=5)
    with pytest.raises(ValueError, match="has no rows to deal"):
        RowDeck(0, "empty", [])


def mixed(share: float) -> MixedDeck:
    """Rows of 2 to 11 tokens, and of 102 to 111 in the second deck."""
    short, long = (
        RowDeck(0, name, rows_of(*range(n, n + 10))) for name, n in (("a", 2), ("b", 102))
    )
    return MixedDeck(short, long, share)


def test_mixed_decks_share_a_batch_and_their_state() -> None:
    deck = mixed(0.3)
    assert sum(length > 100 for length in lengths_of(deck.deal(8))) == 2  # 2.4
    state = deck.state_dict()
    assert state["first"] == {"position": 6} and state["second"] == {"position": 2}
    other = mixed(0.3)
    other.load_state_dict(state)
    expected = lengths_of(deck.deal(8))
    assert sum(length > 100 for length in expected) == 3  # 4.8 in all
    assert lengths_of(other.deal(8)) == expected
    deck.share = 1.0
    deck.deal(4)
    assert deck.state_dict()["second"] == {"position": 9}


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.6, 1.0])
@pytest.mark.parametrize("count", [1, 3, 5])
def test_a_share_holds_in_deals_of_any_size(share: float, count: int) -> None:
    deck = mixed(share)
    dealt = 0
    for number in range(1, 101):
        rows = deck.deal(count)
        assert len(rows) == count
        dealt += sum(length > 100 for length in lengths_of(rows))
        assert abs(dealt - share * count * number) <= 0.5 + 1e-9


def test_packs_are_filled_until_a_row_fits_none_and_that_row_comes_next() -> None:
    deck = RowDeck(0, "deck", rows_of(*range(2, 22)))
    order = lengths_of(RowDeck(0, "deck", rows_of(*range(2, 22))).deal(60))
    dealt = 0
    for _ in range(3):
        lengths = lengths_of(deal_packs(deck, 3, max_tokens=30))
        assert lengths == order[dealt : dealt + len(lengths)]
        assert deck.state_dict() == {"position": dealt + len(lengths)}
        further = [*lengths, order[dealt + len(lengths)]]
        assert len(first_fit_decreasing(sorted(lengths, reverse=True), 30)) == 3
        assert len(first_fit_decreasing(sorted(further, reverse=True), 30)) == 4
        dealt += len(lengths)
    assert deal_packs(deck, 0, max_tokens=30) == []
