"""Log-probabilities of the policy: the one function that engine, trainer and reference share.

Media placeholder tokens are banned from sampling: an untrained model does sample `<image>`, and the
next forward pass then finds a placeholder without a feature. A ban in the engine alone would make
its distribution differ from the trainer's, so the ban is part of the policy: the same ids are
masked wherever a log-probability is computed.

Shape suffixes: N positions, V vocabulary, H hidden.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

# Positions per block of the vocabulary projection: bounds the [N, V] float32 logits.
_CHUNK = 8192


def policy_log_softmax(logits_NV: Tensor, banned_ids: Tensor) -> Tensor:
    """`[N, V]` log-probabilities in float32 with the banned ids at -inf.

    Args:
        logits_NV: raw logits in any floating dtype.
        banned_ids: `[num_banned]` token ids that the policy can not emit.
    """
    logits_NV = logits_NV.float().index_fill(-1, banned_ids, float("-inf"))
    return torch.log_softmax(logits_NV, dim=-1)


def token_logprobs(
    hidden_NH: Tensor,
    tokens_N: Tensor,
    *,
    project: Callable[[Tensor], Tensor],
    banned_ids: Tensor,
) -> tuple[Tensor, Tensor]:
    """Log-probability of each token and entropy of each position, in blocks of positions.

    The logits of a block are recomputed in the backward pass, so memory stays at one block of the
    vocabulary however long the batch is.

    Args:
        hidden_NH: hidden states at the positions that predict `tokens_N`.
        tokens_N: the tokens that followed; none of them banned.
        project: the output embedding, hidden states to logits.
        banned_ids: see `policy_log_softmax`.

    Returns:
        `[N]` float32 log-probabilities with gradient, `[N]` float32 entropies without.
    """

    def block(hidden: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        log_probs = policy_log_softmax(project(hidden), banned_ids)
        with torch.no_grad():
            # xlogy-like: a banned id has probability 0 and -inf, and contributes nothing.
            entropy = -(log_probs.exp() * log_probs.clamp(min=-1e4)).sum(-1)
        return log_probs.gather(-1, tokens.unsqueeze(-1)).squeeze(-1), entropy

    if hidden_NH.shape[0] <= _CHUNK:
        return block(hidden_NH, tokens_N)
    parts = [
        checkpoint(block, hidden, tokens, use_reentrant=False)
        for hidden, tokens in zip(hidden_NH.split(_CHUNK), tokens_N.split(_CHUNK), strict=True)
    ]
    return torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])
