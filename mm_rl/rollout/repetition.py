"""Exact-period repetition: the cheap and certain part of the paper's repeat detection (§2.6.2)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class RepetitionRule:
    """When the end of a completion counts as repetition.

    Example:
        RepetitionRule(min_span=48, min_repeats=4, max_period=32).matches([7] * 48)
    """

    min_span: int = 48
    """Tokens that the repeated blocks must cover together."""
    min_repeats: int = 4
    max_period: int = 128
    """Longest block that is looked for."""

    def matches(self, tokens: Sequence[int]) -> bool:
        """Whether the last tokens are one block written `min_repeats` times or more.

        A tail of period p has tokens[i] == tokens[i - p] throughout, so each period costs one pass
        over its span and stops at the first difference.
        """
        num_tokens = len(tokens)
        for period in range(1, min(self.max_period, num_tokens // self.min_repeats) + 1):
            repeats = max(self.min_repeats, -(-self.min_span // period))
            span = repeats * period
            if span <= num_tokens and all(
                tokens[i] == tokens[i - period]
                for i in range(num_tokens - 1, num_tokens - span + period - 1, -1)
            ):
                return True
        return False
