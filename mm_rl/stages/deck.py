"""Decks: training rows dealt in a new hashed order every epoch; a position is all their state."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from data_synth.seeding import derive_rng
from mm_rl.policy.batch import TrainRow
from mm_rl.policy.packing import first_fit_decreasing


class Dealer(ABC):
    """Where a stage gets its rows from: one deck, or several mixed."""

    def begin_step(self, step: int, num_steps: int) -> None:
        """Told before every step's deals which one it is, counted from 0."""
        return None

    @abstractmethod
    def deal(self, count: int, *, max_tokens: int | None = None) -> list[TrainRow]:
        """The next rows.

        Args:
            count: how many.
            max_tokens: rows with more tokens, prompt included, are passed over and counted.

        Raises:
            ValueError: no row at all is short enough.
        """

    @property
    @abstractmethod
    def passed_over(self) -> int:
        """Rows that were too long for the deals of this step."""

    @abstractmethod
    def state_dict(self) -> dict[str, Any]: ...

    @abstractmethod
    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class Deck(Dealer):
    """Rows by index, dealt in a new order every epoch; its whole state is one position.

    Args:
        seed: seed of the run.
        name: what tells the decks of a run apart; seed and name decide the orders.
        size: number of rows.
    """

    def __init__(self, seed: int, name: str, size: int) -> None:
        if size < 1:
            raise ValueError(f"the deck {name!r} has no rows to deal: give it at least one")
        self.seed, self.name, self.size = seed, name, size
        self.position = 0
        self._passed_over = 0
        self._epoch = -1
        self._order: list[int] = []

    @abstractmethod
    def row(self, index: int) -> TrainRow:
        """The row at an index; the same one every time."""

    def begin_step(self, step: int, num_steps: int) -> None:
        self._passed_over = 0

    def deal(self, count: int, *, max_tokens: int | None = None) -> list[TrainRow]:
        rows: list[TrainRow] = []
        passed_over = 0
        while len(rows) < count:
            row = self.row(self._next_index())
            if max_tokens is None or row.num_tokens <= max_tokens:
                rows.append(row)
                continue
            passed_over += 1
            self._passed_over += 1
            if not rows and passed_over > 2 * self.size:  # a whole epoch, wherever it began
                raise ValueError(
                    f"no row of the deck {self.name!r} has at most {max_tokens} tokens: raise "
                    "sft.max_length, the max_length of the phase, or longctx.lengths"
                )
        return rows

    @property
    def passed_over(self) -> int:
        return self._passed_over

    def _next_index(self) -> int:
        epoch, offset = divmod(self.position, self.size)
        if epoch != self._epoch:
            self._epoch, self._order = epoch, list(range(self.size))
            derive_rng(self.seed, self.name, epoch).shuffle(self._order)
        self.position += 1
        return self._order[offset]

    def state_dict(self) -> dict[str, Any]:
        return {"position": self.position}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.position = state["position"]


class RowDeck(Deck):
    """Rows that are at hand.

    Args:
        seed: seed of the run.
        name: what tells the decks of a run apart.
        rows: all rows, in an order that a resumed run finds again.
    """

    def __init__(self, seed: int, name: str, rows: Sequence[TrainRow]) -> None:
        super().__init__(seed, name, len(rows))
        self.rows = rows

    def row(self, index: int) -> TrainRow:
        return self.rows[index]


class MixedDeck(Dealer):
    """Two decks, of which the second has a share of the rows.

    What rounding leaves of the share is owed to the next deal, so that it holds over many deals of
    any size, single rows included.

    Args:
        first: gets what the second leaves.
        second: any other.
        share: of the second; may be changed between deals.
    """

    def __init__(self, first: Dealer, second: Dealer, share: float) -> None:
        self.first, self.second, self.share = first, second, share
        self._owed = 0.0

    def begin_step(self, step: int, num_steps: int) -> None:
        self.first.begin_step(step, num_steps)
        self.second.begin_step(step, num_steps)

    def take_share(self, count: int) -> int:
        """How many of the next `count` are the second deck's."""
        self._owed += count * self.share
        taken = min(count, max(0, round(self._owed)))
        self._owed -= taken
        return taken

    def deal(self, count: int, *, max_tokens: int | None = None) -> list[TrainRow]:
        taken = self.take_share(count)
        rows = self.first.deal(count - taken, max_tokens=max_tokens)
        return rows + self.second.deal(taken, max_tokens=max_tokens)

    @property
    def passed_over(self) -> int:
        return self.first.passed_over + self.second.passed_over

    def state_dict(self) -> dict[str, Any]:
        return {
            "first": self.first.state_dict(),
            "second": self.second.state_dict(),
            "owed": self._owed,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.first.load_state_dict(state["first"])
        self.second.load_state_dict(state["second"])
        self._owed = state["owed"]


def deal_packs(deck: Dealer, num_packs: int, *, max_tokens: int) -> list[TrainRow]:
    """Rows that together fill packed sequences.

    Args:
        deck: what does not fit any more is put back and dealt next.
        num_packs: sequences that `first_fit_decreasing` makes of the rows, at most.
        max_tokens: of a sequence.
    """
    rows: list[TrainRow] = []
    lengths: list[int] = []
    while True:
        state = deck.state_dict()
        (row,) = deck.deal(1, max_tokens=max_tokens)
        lengths = sorted([*lengths, row.num_tokens], reverse=True)
        # So few tokens leave some sequence room for any of the rows; only then it need be tried.
        surely = sum(lengths) <= num_packs * (max_tokens - lengths[0])
        if not surely and len(first_fit_decreasing(lengths, max_tokens)) > num_packs:
            deck.load_state_dict(state)
            return rows
        rows.append(row)
