"""Prompt sets made of others."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from data_synth.problem import Problem
from mm_rl.prompts.prompt_set import PromptSet
from mm_rl.prompts.tags import PromptTags


class JoinedPromptSet(PromptSet):
    """Several sets, one behind the other."""

    def __init__(self, sets: Sequence[PromptSet]) -> None:
        self._sets = list(sets)
        self._ends = list(accumulate(map(len, self._sets)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def problem(self, index: int) -> Problem:
        prompts, inside = self._locate(index)
        return prompts.problem(inside)

    def tags(self, index: int) -> PromptTags:
        prompts, inside = self._locate(index)
        return prompts.tags(inside)

    def tag_values(self, key: str) -> tuple[str, ...]:
        return tuple(sorted({value for part in self._sets for value in part.tag_values(key)}))

    def _locate(self, index: int) -> tuple[PromptSet, int]:
        if not 0 <= index < len(self):
            raise IndexError(f"prompt {index} of a set of {len(self)}")
        part = bisect_right(self._ends, index)
        return self._sets[part], index - (self._ends[part - 1] if part else 0)


class ChosenPrompts(PromptSet):
    """Some prompts of a set.

    Args:
        prompts: the whole set.
        chosen: which of its indices, in the order of the new ones.
    """

    def __init__(self, prompts: PromptSet, chosen: Sequence[int]) -> None:
        self._prompts, self._chosen = prompts, chosen

    def __len__(self) -> int:
        return len(self._chosen)

    @property
    def num_left_out(self) -> int:
        """Prompts of the whole set that are not in this one."""
        return len(self._prompts) - len(self._chosen)

    def problem(self, index: int) -> Problem:
        return self._prompts.problem(self._locate(index))

    def tags(self, index: int) -> PromptTags:
        return self._prompts.tags(self._locate(index))

    def _locate(self, index: int) -> int:
        if not 0 <= index < len(self):
            raise IndexError(f"prompt {index} of a set of {len(self)}")
        return self._chosen[index]
