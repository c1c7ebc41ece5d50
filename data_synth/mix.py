"""Several sources as one stream: weighted, without duplicates, resumable.

The counts are planned before anything is drawn: shares by weight, none beyond what a source may
give. The draws are then a random order of exactly those counts, so that what was reported is what
is taken, and only a source that ends early or repeats what others hold changes the plan.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from data_synth.problem import Problem
from data_synth.seeding import derive_seed

# A source that yields this many known problems in a row has nothing new to give: drop it.
MAX_DUPLICATES_IN_A_ROW = 1_000
TRAIN = "train"


@dataclass(frozen=True, kw_only=True, slots=True)
class MixSource:
    """One ingredient.

    Example:
        MixSource(weight=2.0, open=lambda start: read_problems("charts", start=start), size=5_000)
    """

    weight: float
    """Share of the mixture, relative to the sum of all weights."""
    open: Callable[[int], Iterator[Problem]]
    """The stream from a row on, the same rows every time; called once per pass and after `seek`."""
    size: int | None = None
    """Number of rows, None if unlimited or unknown; used to plan the counts."""
    cap: int | None = None
    """The most problems to take."""
    epochs: float = 1.0
    """How often its rows may be read; 2.5 is twice and then the first half."""
    eval_only: bool = False
    """A benchmark: refused in a mixture to train on."""

    @property
    def limit(self) -> int | None:
        """The most problems it can give, None if unlimited or unknown."""
        readable = None if self.size is None else math.floor(self.epochs * self.size)
        limits = [limit for limit in (readable, self.cap) if limit is not None]
        return min(limits, default=None)


@dataclass(kw_only=True, slots=True)
class SourceCount:
    """What a mixture plans for a source and took from it, up to now."""

    expected: int
    """Planned before the first draw."""
    taken: int = 0
    repeats: int = 0
    """Of those taken, the ones from a second or later pass over the source."""
    duplicates: int = 0
    """Problems left out because the mixture already held them."""
    exhausted: bool = False
    """It gave all it may, or ended before; the others got the rest of its share."""


@dataclass(kw_only=True, slots=True)
class _Place:
    """Where a source stands, as JSON."""

    left: int
    """Problems still to draw from it."""
    row: int = 0
    """Row of the present pass."""
    passes: int = 0
    """Passes completed."""
    size: int | None = None
    """Its rows, once known."""
    dropped: list[int] | None = None
    """Rows of the first pass that were duplicates, if there may be a second."""
    ended: bool = False


class Mixture(Iterator[Problem]):
    """The stream that `mix` starts, with its accounts in `counts`."""

    def __init__(
        self, sources: Mapping[str, MixSource], *, count: int, seed: int, split: str = TRAIN
    ) -> None:
        expected = expected_counts(sources, count)
        for name, source in sources.items():
            if source.eval_only:
                _refuse_in_training(name, split)
        self._sources = {name: sources[name] for name in sorted(sources)}
        self.counts = {name: SourceCount(expected=expected[name]) for name in self._sources}
        """Per source, by name."""
        self._places = {
            name: _Place(
                left=expected[name],
                size=source.size,
                dropped=[] if source.epochs > 1 else None,
            )
            for name, source in self._sources.items()
        }
        self._count = count
        self._seed = seed
        self._split = split
        self._draws = 0
        self._streams: dict[str, Iterator[Problem]] = {}
        self._seen: set[bytes] = set()

    def __next__(self) -> Problem:
        while total := sum(place.left for place in self._places.values()):
            # Without replacement from the plan: the order is random, the counts are not.
            name = self._choose(derive_seed("mix", self._seed, self._draws) % total)
            self._draws += 1
            problem = self._draw(name)
            if problem is not None:
                place = self._places[name]
                place.left -= 1
                count = self.counts[name]
                count.taken += 1
                count.exhausted = place.left == 0 and count.taken == self._sources[name].limit
                return problem
            self._drop(name)
        raise StopIteration

    def position(self) -> dict[str, Any]:
        """Where the mixture stands, as JSON; without the ids of the problems it gave."""
        return {
            "plan": self._plan(),
            "draws": self._draws,
            "counts": {name: asdict(count) for name, count in self.counts.items()},
            "places": {name: asdict(place) for name, place in self._places.items()},
        }

    def seek(self, position: Mapping[str, Any], yielded: Iterable[str]) -> None:
        """Go on after a position of the same mixture that gave the problems with those ids.

        Raises:
            ValueError: the position is of another mixture; names what differs.
        """
        plan = self._plan()
        differing = sorted(key for key in plan if plan[key] != position["plan"].get(key))
        if differing:
            raise ValueError(
                f"the position is of another mixture, which differs in {', '.join(differing)}: "
                "build the mixture as it was"
            )
        self._draws = position["draws"]
        self.counts = {name: SourceCount(**count) for name, count in position["counts"].items()}
        self._places = {name: _Place(**place) for name, place in position["places"].items()}
        self._streams = {}
        self._seen = set(map(_key, yielded))

    def state_dict(self) -> dict[str, Any]:
        """All that `load_state_dict` needs, as JSON; grows with the problems given."""
        return {**self.position(), "seen": sorted(key.hex() for key in self._seen)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on after a state of the same mixture; raises as `seek` does."""
        self.seek(state, ())
        self._seen = set(map(bytes.fromhex, state["seen"]))

    def _plan(self) -> dict[str, Any]:
        described = {
            f"source {name!r}": [source.weight, source.size, source.cap, source.epochs]
            for name, source in self._sources.items()
        }
        return {"count": self._count, "seed": self._seed, "split": self._split, **described}

    def _choose(self, ticket: int) -> str:
        """The source that holds a ticket, if each holds as many as are left to draw from it."""
        for name, place in self._places.items():
            if ticket < place.left:
                return name
            ticket -= place.left
        raise AssertionError("more tickets than problems left")

    def _draw(self, name: str) -> Problem | None:
        """The next problem of a source that the mixture may take, None if it has no more."""
        place, count = self._places[name], self.counts[name]
        for _ in range(MAX_DUPLICATES_IN_A_ROW):
            problem = self._read(name)
            if problem is None:
                return None
            if problem.eval_only:
                _refuse_in_training(name, self._split, problem=problem)
            row = place.row - 1
            if place.passes:
                if _holds(place.dropped or (), row):
                    continue
                count.repeats += 1
                return problem
            key = _key(problem.id)
            if key not in self._seen:
                self._seen.add(key)
                return problem
            count.duplicates += 1
            if place.dropped is not None:
                place.dropped.append(row)
        return None

    def _read(self, name: str) -> Problem | None:
        """The next row of a source, from the start again if it may be read once more."""
        source, place = self._sources[name], self._places[name]
        while True:
            allowed = math.inf
            if place.size is not None:
                allowed = math.floor(source.epochs * place.size) - place.passes * place.size
            if place.ended or place.row >= allowed:
                return None
            if name not in self._streams:
                self._streams[name] = source.open(place.row)
            problem = next(self._streams[name], None)
            if problem is not None:
                place.row += 1
                return problem
            place.size, place.row = place.row, 0
            place.passes += 1
            del self._streams[name]
            place.ended = place.size == 0

    def _drop(self, name: str) -> None:
        """Take a source that ended early out of the plan and spread its share over the others."""
        place = self._places[name]
        left, place.left, place.ended = place.left, 0, True
        self.counts[name].exhausted = True
        rest: dict[str, MixSource] = {}
        for other, source in self._sources.items():
            room = None
            if source.limit is not None:
                room = source.limit - self.counts[other].taken - self._places[other].left
            if room != 0 and not self._places[other].ended:
                rest[other] = MixSource(weight=source.weight, open=source.open, cap=room)
        if rest:
            for other, planned in expected_counts(rest, left).items():
                self._places[other].left += planned


def mix(
    sources: Mapping[str, MixSource], *, count: int, seed: int = 0, split: str = TRAIN
) -> Mixture:
    """Draw `count` problems, each from a source chosen by weight.

    The order of the mapping does not matter. A problem whose id was already drawn is left out,
    except that a later pass over a source gives again what its first pass gave. A source that ends
    is dropped and its share spread over the others; if all end, the mixture is shorter than
    `count`, which `Mixture.counts` shows.

    Raises:
        ValueError: no source, a weight, cap or epochs that is not positive, a count below 1, or a
            source or (later) a row that is for evaluation only while `split` is `train`.
    """
    return Mixture(sources, count=count, seed=seed, split=split)


def expected_counts(sources: Mapping[str, MixSource], count: int) -> dict[str, int]:
    """How many problems to take of each source: by weight, none beyond its limit.

    Shares are rounded by largest remainder, so that they sum to `count` unless all are limited.
    """
    _check(sources, count)
    planned: dict[str, int] = {}
    left = count
    open_ended = {name: sources[name] for name in sorted(sources)}
    while open_ended:
        total = math.fsum(source.weight for source in open_ended.values())
        shares = {name: left * (source.weight / total) for name, source in open_ended.items()}
        full = {
            name: source.limit
            for name, source in open_ended.items()
            if source.limit is not None and source.limit < shares[name]
        }
        if not full:
            return planned | _round(shares, left)
        planned |= full
        left -= sum(full.values())
        open_ended = {name: source for name, source in open_ended.items() if name not in full}
    return planned


def temperature_weights(sizes: Mapping[str, int], temperature: float) -> dict[str, float]:
    """Weights `size ** (1 / temperature)`: 1 is by size, and the higher the more even.

    Raises:
        ValueError: a temperature that is not positive, or an empty source.
    """
    if not 0 < temperature < math.inf:
        raise ValueError(f"temperature={temperature}: choose a positive number")
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"source {name!r} holds {size} problems: leave it out")
    # Relative to the largest, so that a low temperature does not overflow.
    largest = max(sizes.values(), default=1)
    return {name: (size / largest) ** (1 / temperature) for name, size in sizes.items()}


def _round(shares: Mapping[str, float], total: int) -> dict[str, int]:
    counts = {name: math.floor(share) for name, share in shares.items()}
    by_remainder = sorted(shares, key=lambda name: (counts[name] - shares[name], name))
    for name in by_remainder[: total - sum(counts.values())]:
        counts[name] += 1
    return counts


def _check(sources: Mapping[str, MixSource], count: int) -> None:
    if not sources:
        raise ValueError("a mixture needs at least one source: pass name=weight")
    if count < 1:
        raise ValueError(f"count={count}: choose at least 1")
    for name, source in sources.items():
        for field in ("weight", "epochs"):
            value = getattr(source, field)
            if not 0 < value < math.inf:
                raise ValueError(f"{field}={value} of source {name!r}: choose a positive number")
        if source.epochs < 1 and source.size is None:
            raise ValueError(
                f"epochs={source.epochs} of source {name!r}, whose size is unknown: cap it instead"
            )
        if source.cap is not None and source.cap < 1:
            raise ValueError(f"cap={source.cap} of source {name!r}: choose at least 1")


def _holds(ascending: Sequence[int], number: int) -> bool:
    place = bisect_left(ascending, number)
    return place < len(ascending) and ascending[place] == number


def _refuse_in_training(name: str, split: str, *, problem: Problem | None = None) -> None:
    if split == TRAIN:
        what = f"problem {problem.id} of source {name!r}" if problem else f"source {name!r}"
        raise ValueError(
            f"{what} is for evaluation only and the mixture is for split {TRAIN!r}: leave the "
            "source out, or choose another split"
        )


def _key(problem_id: str) -> bytes:
    """An id in few bytes; ids are usually hex digits, but need not be."""
    try:
        return bytes.fromhex(problem_id)
    except ValueError:
        return problem_id.encode()
