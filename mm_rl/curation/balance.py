"""`balance`: thins out the tag values of which there are too many (k1.5 §2.1)."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import ClassVar

from data_synth.seeding import derive_seed
from mm_rl.config.curation import TAGS, BalanceConfig
from mm_rl.curation.base import WARNING, Drop, Filter, Pool


class BalanceFilter(Filter):
    """Brings each tag value of `balance.targets` down to its share of what stays.

    Which problems go is decided by a hash of their ids, so the choice does not depend on order.
    """

    name: ClassVar[str] = "balance"

    def __init__(self, config: BalanceConfig) -> None:
        self.config = config

    def apply(self, pool: Pool) -> dict[int, Drop]:
        self._remark_absent(pool)
        values = {index: read_tags(pool, index) for index in pool.alive}
        ids = {index: pool.problem(index).id for index in pool.alive}
        seed = pool.run.config.seed
        # Equal ids are equal content: the index tells them apart.
        order = sorted(values, key=lambda i: (derive_seed("balance", seed, ids[i]), i))
        drops: dict[int, Drop] = {}
        changed = True
        while changed:  # thinning out one tag changes the shares of the others
            changed = False
            for tag, shares in self.config.targets.items():
                kept = [index for index in order if index not in drops]
                counts = Counter(values[index][tag] for index in kept)
                limits = share_limits(counts, shares)
                taken: dict[str, int] = defaultdict(int)
                for index in kept:
                    value = values[index][tag]
                    taken[value] += 1
                    if taken[value] > limits[value]:
                        detail = f"{tag} {value} is over its share of {shares[value]:.0%}"
                        drops[index] = Drop(reason="over_share", detail=detail)
                        changed = True
        return drops

    def _remark_absent(self, pool: Pool) -> None:
        """A share of what no candidate is limits nothing, and may be a slip of the pen."""
        for tag, shares in self.config.targets.items():
            there = sorted({read_tags(pool, index)[tag] for index in range(len(pool.problems))})
            for value in sorted(shares.keys() - set(there)):
                pool.remark(
                    f"{WARNING}no candidate has {tag} {value}, which curation.balance.targets "
                    f"limits; there are {', '.join(there)}"
                )


def read_tags(pool: Pool, index: int) -> dict[str, str]:
    """The tags that can be balanced, by name."""
    tags = pool.problems.tags(index)
    return {tag: str(getattr(tags, tag)) for tag in TAGS}


def share_limits(counts: Mapping[str, int], shares: Mapping[str, float]) -> dict[str, int]:
    """The most of each value that may stay for every share to hold, as many as possible.

    A share holds, except that one problem of each value stays. Where all values that are left have
    a share and the shares sum to less than 1, they are scaled up to 1, for nothing else could fill
    the rest.
    """
    caps = {value: shares[value] for value in counts if value in shares}
    if len(caps) == len(counts) and 0 < sum(caps.values()) < 1:
        total = sum(caps.values())
        caps = {value: share / total for value, share in caps.items()}
    limits = dict(counts)
    size = sum(limits.values())
    while True:
        for value, share in caps.items():
            # A hair more, so that 0.7 * 10 rounded down is 7. One of each stays, or a small set
            # would vanish by rounding.
            limits[value] = min(counts[value], max(1, math.floor(share * size + 1e-9)))
        if sum(limits.values()) == size:
            return limits
        size = sum(limits.values())
