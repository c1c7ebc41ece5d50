"""Groups with unfinished completions wait here and go on first in the next iteration.

A group leaves only whole: advantages from the finished subset would favour short responses, since
those finish first.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from mm_rl.types import Completion, FinishReason, Prompt, RolloutGroup, Segment


class ReplayBuffer:
    """Unfinished groups in the order they were started."""

    def __init__(self) -> None:
        self._groups: list[RolloutGroup] = []

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, groups: Iterable[RolloutGroup]) -> None:
        """Keep unfinished groups for the next iteration."""
        for group in groups:
            assert not group.is_finished, "only unfinished groups wait"
            self._groups.append(group)

    def take(self) -> list[RolloutGroup]:
        """Remove and return all waiting groups, oldest first."""
        groups, self._groups = self._groups, []
        return groups

    def state(self) -> tuple[RolloutGroup, ...]:
        """The waiting groups, for the checkpoint."""
        return tuple(self._groups)

    def state_dict(self) -> dict[str, Any]:
        """The waiting groups as plain dicts and lists, in-flight segments included."""
        return {"groups": [asdict(group, dict_factory=_plain_dict) for group in self._groups]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._groups = [_group_from_plain(plain) for plain in state["groups"]]


def _plain_dict(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """Enums as their values: a checkpoint holds nothing that loading would have to execute."""
    return {key: value.value if isinstance(value, FinishReason) else value for key, value in items}


def _group_from_plain(plain: dict[str, Any]) -> RolloutGroup:
    return RolloutGroup(
        prompt=Prompt(**plain["prompt"]),
        started=plain["started"],
        completions=tuple(
            Completion(
                sample_index=completion["sample_index"],
                segments=tuple(
                    Segment(**{**segment, "finish_reason": FinishReason(segment["finish_reason"])})
                    for segment in completion["segments"]
                ),
            )
            for completion in plain["completions"]
        ),
    )
