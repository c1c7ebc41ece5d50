"""Completions that are the answer and nothing else: begun with its open box, ended where it closes.

A policy that was made to answer at once often goes on to explain itself. That would run into the
cap, or show a second box, and a right answer would count as none.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from data_synth.verify.answer import (
    BOX_OPEN,
    THINK_CLOSE,
    THINK_OPEN,
    AnswerStatus,
    find_closing_brace,
)
from mm_rl.policy.model import Policy


def open_box(policy: Policy) -> str:
    """The beginning of a completion that can only go on with the answer.

    A chat template that opens the reasoning itself has it closed first.
    """
    asked = policy.processor.apply_chat_template(
        [{"role": "user", "content": [{"type": "text", "text": "?"}]}], add_generation_prompt=True
    )
    return THINK_CLOSE + BOX_OPEN if asked.rstrip().endswith(THINK_OPEN) else BOX_OPEN


class EndBehindBox:
    """Lets nothing but the end follow the first box of a completion; a `TokenConstraint`."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        size = policy.model.get_output_embeddings().weight.shape[0]
        self._end_V = torch.zeros(size, dtype=torch.bool, device=policy.device)
        self._end_V[sorted(policy.end_ids)] = True

    def allowed(self, tokens: Sequence[int]) -> Tensor | None:
        """See `mm_rl.rollout.engine.TokenConstraint`."""
        text = self._policy.decode(tokens)
        start = text.find(BOX_OPEN)
        if start < 0:
            return None
        _, status = find_closing_brace(text, start + len(BOX_OPEN))
        return self._end_V if status is AnswerStatus.FOUND else None
