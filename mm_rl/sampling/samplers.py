"""Uniform and prioritised prompt sampling.

Success rates come from the task reward only, never from shaped rewards, and only from finished
groups. The table is part of the checkpoint.
"""

import random
from abc import ABC, abstractmethod
from typing import Any

from mm_rl.types import RolloutGroup


class Sampler(ABC):
    """Chooses prompt indices without replacement inside an iteration."""

    def __init__(self, num_prompts: int, *, rng: random.Random) -> None:
        self.num_prompts = num_prompts
        self.rng = rng

    @abstractmethod
    def draw(self, count: int) -> list[int]:
        """`count` different prompt indices."""

    @abstractmethod
    def observe(self, group: RolloutGroup) -> None:
        """Learn from a finished group's task rewards."""

    def state_dict(self) -> dict[str, Any]:
        """Everything `load_state_dict` needs to go on as if never stopped."""
        return {"rng": self.rng.getstate()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.rng.setstate(state["rng"])


class UniformSampler(Sampler):
    """Every prompt equally often: a fresh random order each time the set is used up."""

    def __init__(self, num_prompts: int, *, rng: random.Random) -> None:
        super().__init__(num_prompts, rng=rng)
        self._seen: set[int] = set()

    def draw(self, count: int) -> list[int]:
        # Rejection instead of a shuffled list: an endless set has too many indices to list.
        drawn: list[int] = []
        while len(drawn) < count:
            if len(self._seen) == self.num_prompts:
                self._seen = set()
            index = self.rng.randrange(self.num_prompts)
            # In the draw that begins a new pass, what it took from the old one must not come twice.
            if index not in self._seen and index not in drawn:
                self._seen.add(index)
                drawn.append(index)
        return drawn

    def observe(self, group: RolloutGroup) -> None:
        """Nothing to learn: every prompt weighs the same."""

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "seen": sorted(self._seen)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self._seen = set(state["seen"])


class PrioritizedSampler(Sampler):
    """P(i) proportional to max(1 - s_i, floor), s_i the smoothed success rate of prompt i.

    Successes and trials are discounted at every visit, so s_i follows the policy. A prompt never
    visited has the prior's rate of one half.

    Args:
        discount: factor on old counts per visit.
        floor: smallest weight, so that solved prompts are still checked now and then.
    """

    def __init__(
        self, num_prompts: int, *, rng: random.Random, discount: float, floor: float
    ) -> None:
        super().__init__(num_prompts, rng=rng)
        self.discount, self.floor = discount, floor
        self._counts: dict[int, tuple[float, float]] = {}

    def success_rate(self, index: int) -> float:
        """Smoothed success rate with a Beta(1, 1) prior."""
        successes, trials = self._counts.get(index, (0.0, 0.0))
        return (1 + successes) / (2 + trials)

    def weight(self, index: int) -> float:
        return max(1 - self.success_rate(index), self.floor)

    def draw(self, count: int) -> list[int]:
        # Rejection against the largest possible weight is exact and never lists the whole set.
        drawn: list[int] = []
        while len(drawn) < min(count, self.num_prompts):
            index = self.rng.randrange(self.num_prompts)
            if index not in drawn and self.rng.random() < self.weight(index):
                drawn.append(index)
        return drawn

    def observe(self, group: RolloutGroup) -> None:
        successes, trials = self._counts.get(group.prompt.index, (0.0, 0.0))
        correct = sum(reward.correct for reward in group.rewards)
        self._counts[group.prompt.index] = (
            successes * self.discount + correct,
            trials * self.discount + len(group.rewards),
        )

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "counts": dict(self._counts)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self._counts = {int(index): tuple(counts) for index, counts in state["counts"].items()}
