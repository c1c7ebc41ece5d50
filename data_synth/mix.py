"""Several sources as one stream: weighted, without duplicates, the same for the same seed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from data_synth.problem import Problem
from data_synth.seeding import derive_rng

# A source that yields this many known problems in a row has nothing new to give: drop it.
MAX_DUPLICATES_IN_A_ROW = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class MixSource:
    """One ingredient.

    Example:
        MixSource(weight=2.0, open=lambda: read_problems("charts"), size=5_000)
    """

    weight: float
    """Share of the mixture, relative to the sum of all weights."""
    open: Callable[[], Iterator[Problem]]
    """Starts the stream; called once per mixture."""
    size: int | None = None
    """Number of problems it can give, None if unlimited or unknown; used to plan the counts."""


@dataclass(kw_only=True, slots=True)
class SourceCount:
    """What a mixture took from a source, up to now."""

    expected: float
    taken: int = 0
    duplicates: int = 0
    """Problems left out because the mixture already held them."""
    exhausted: bool = False
    """The source ended before the mixture did; its weight went to the others."""


class Mixture(Iterator[Problem]):
    """The stream that `mix` starts, with its accounts in `counts`."""

    def __init__(self, sources: Mapping[str, MixSource], *, count: int, seed: int) -> None:
        expected = expected_counts(sources, count)
        self.counts = {name: SourceCount(expected=expected[name]) for name in sorted(sources)}
        """Per source, by name."""
        self._weights = {name: sources[name].weight for name in sorted(sources)}
        self._streams = {name: sources[name].open() for name in sorted(sources)}
        self._remaining = count
        self._rng = derive_rng("mix", seed)
        self._seen: set[str] = set()

    def __next__(self) -> Problem:
        while self._remaining > 0 and self._weights:
            (name,) = self._rng.choices(list(self._weights), list(self._weights.values()))
            problem = self._draw(name)
            if problem is not None:
                self._remaining -= 1
                return problem
            self.counts[name].exhausted = True
            del self._weights[name]
        raise StopIteration

    def _draw(self, name: str) -> Problem | None:
        """The next new problem of a source, None if it has no more."""
        count = self.counts[name]
        for _ in range(MAX_DUPLICATES_IN_A_ROW):
            problem = next(self._streams[name], None)
            if problem is None:
                return None
            if problem.id not in self._seen:
                self._seen.add(problem.id)
                count.taken += 1
                return problem
            count.duplicates += 1
        return None


def mix(sources: Mapping[str, MixSource], *, count: int, seed: int = 0) -> Mixture:
    """Draw `count` problems, each from a source chosen by weight.

    The order of the mapping does not matter. A problem whose id was already drawn is left out. A
    source that ends is dropped and its weight spread over the others; if all end, the mixture is
    shorter than `count`, which `Mixture.counts` shows.

    Raises:
        ValueError: no source, or a weight or count that is not positive.
    """
    return Mixture(sources, count=count, seed=seed)


def expected_counts(sources: Mapping[str, MixSource], count: int) -> dict[str, float]:
    """How many problems to expect of each source: by weight, none beyond its size."""
    if not sources:
        raise ValueError("a mixture needs at least one source: pass name=weight")
    if count < 1:
        raise ValueError(f"count={count}: choose at least 1")
    for name, source in sources.items():
        if not 0 < source.weight < float("inf"):
            raise ValueError(f"weight={source.weight} of source {name!r}: choose a positive number")
    expected: dict[str, float] = {}
    left = float(count)
    unlimited = dict(sources)
    while unlimited:
        total = sum(source.weight for source in unlimited.values())
        shares = {name: left * source.weight / total for name, source in unlimited.items()}
        full = {
            name: float(source.size)
            for name, source in unlimited.items()
            if source.size is not None and source.size < shares[name]
        }
        if not full:
            return expected | shares
        expected |= full
        left -= sum(full.values())
        unlimited = {name: source for name, source in unlimited.items() if name not in full}
    return expected
