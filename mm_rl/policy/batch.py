"""`TrainBatch`: rows of tokens with their masks, what the trainer computes on.

Rows are sorted by length and cut into micro-batches of bounded padded size. Every row refers to its
prompt's encoded images; pixels are joined only when a micro-batch is computed.

Shape suffixes: B rows, T token positions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mm_rl.policy.model import EncodedPrompt, Policy, collate_vision


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainRow:
    """One completion to train on.

    Example:
        TrainRow(prompt=encoded, token_ids=(5, 9, 2), train_from=0, advantage=0.5, group=3)
    """

    prompt: EncodedPrompt
    token_ids: tuple[int, ...]
    """All tokens of the completion."""
    train_from: int = 0
    """Tokens before this index are context: earlier segments of a partial rollout."""
    advantage: float = 0.0
    group: int = 0
    """Which group of the iteration the row belongs to."""

    @property
    def num_tokens(self) -> int:
        return len(self.prompt.token_ids) + len(self.token_ids)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainBatch:
    """A micro-batch of right-padded rows.

    Example:
        batch = collate(rows, pad_id=0, device="cpu"); batch.tokens_BT.shape
    """

    tokens_BT: Tensor
    """`[B, T]` prompt and completion tokens, right-padded."""
    mask_BT: Tensor
    """`[B, T]` float, 1 on tokens that train."""
    advantages_B: Tensor
    group_B: Tensor
    """`[B]` group of each row."""
    prompts: tuple[EncodedPrompt, ...]
    """Image references of the rows."""

    def logprobs(self, policy: Policy) -> tuple[Tensor, Tensor]:
        """`[B, T]` log-probabilities and entropies of the trained tokens."""
        return policy.logprobs(self.tokens_BT, self.mask_BT, collate_vision(self.prompts))


def collate(rows: Sequence[TrainRow], *, pad_id: int, device: torch.device) -> TrainBatch:
    """Right-pad rows to one micro-batch."""
    length = max(row.num_tokens for row in rows)
    tokens_BT = torch.full((len(rows), length), pad_id)
    mask_BT = torch.zeros(len(rows), length)
    for i, row in enumerate(rows):
        start = len(row.prompt.token_ids)
        tokens_BT[i, : row.num_tokens] = torch.tensor(row.prompt.token_ids + row.token_ids)
        mask_BT[i, start + row.train_from : row.num_tokens] = 1.0
    return TrainBatch(
        tokens_BT=tokens_BT.to(device),
        mask_BT=mask_BT.to(device),
        advantages_B=torch.tensor([row.advantage for row in rows], device=device),
        group_B=torch.tensor([row.group for row in rows], device=device),
        prompts=tuple(row.prompt for row in rows),
    )


def micro_batches(
    rows: Sequence[TrainRow], *, max_tokens: int, policy: Policy
) -> Iterator[TrainBatch]:
    """Cut rows, longest first, into micro-batches of at most `max_tokens` padded tokens.

    A row longer than `max_tokens` gets a micro-batch of its own. Sorting is stable, so the same
    rows always give the same micro-batches.
    """
    pad_id = policy.tokenizer.pad_token_id
    chunk: list[TrainRow] = []
    for row in sorted(rows, key=lambda row: -row.num_tokens):
        # The first row of a chunk is its longest and fixes the padded length.
        if chunk and (len(chunk) + 1) * chunk[0].num_tokens > max_tokens:
            yield collate(chunk, pad_id=pad_id, device=policy.device)
            chunk = []
        chunk.append(row)
    if chunk:
        yield collate(chunk, pad_id=pad_id, device=policy.device)
