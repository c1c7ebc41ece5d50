"""The judge on the project's own engine: free reasoning, then a verdict that cannot be malformed.

Valid verdicts are two strings, so the grammar is a token trie: after the reasoning each token must
continue one of them, and the probabilities are renormalised over the tokens that do.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from data_synth.seeding import derive_seed
from data_synth.verify.answer import THINK_CLOSE
from mm_rl.policy.model import Policy
from mm_rl.reward_models.judge import JudgeFailure
from mm_rl.reward_models.protocol import VERDICTS, escape, parse_verdict
from mm_rl.rollout.engine import GenerationRequest, InProcessEngine, SamplingLimits


class TokenTrie:
    """Which token may come next if the whole must be one of a few token sequences, then an end.

    Example:
        trie = TokenTrie([(5, 7), (5, 8)], end_ids=[2], vocab_size=10, device="cpu")
        trie.allowed([5])  # True at 7 and 8
    """

    def __init__(
        self,
        sequences: Sequence[Sequence[int]],
        *,
        end_ids: Sequence[int],
        vocab_size: int,
        device: torch.device | str,
    ) -> None:
        followers: dict[tuple[int, ...], set[int]] = {}
        for sequence in sequences:
            for i, token in enumerate(sequence):
                followers.setdefault(tuple(sequence[:i]), set()).add(token)
            followers.setdefault(tuple(sequence), set()).update(end_ids)
        self._masks: Mapping[tuple[int, ...], Tensor] = {
            prefix: _mask(tokens, vocab_size, device) for prefix, tokens in followers.items()
        }

    def allowed(self, tokens: Sequence[int]) -> Tensor:
        """`[V]` bool; `tokens` must be a path of the trie."""
        return self._masks[tuple(tokens)]


class VerdictConstraint:
    """Reasoning up to `</think>` or a budget, then one of the two verdicts, then the end.

    The reasoning can not end the completion; a budget of 0 makes a judge without reasoning. Only
    the tokens that the tokenizer itself writes for `</think>` close the reasoning.
    """

    def __init__(self, policy: Policy, *, reasoning_tokens: int) -> None:
        """Prepare the masks of a policy's tokenizer.

        Raises:
            ValueError: the tokenizer does not give the verdicts back, or the policy bans a token
                of theirs.
        """

        def encode(text: str) -> list[int]:
            return list(policy.tokenizer(text, add_special_tokens=False)["input_ids"])

        self.reasoning_tokens = reasoning_tokens
        self._close = encode(THINK_CLOSE)
        verdicts = {correct: encode(text) for correct, text in VERDICTS.items()}
        banned = set(policy.banned_ids.tolist())
        for correct, tokens in verdicts.items():
            text = policy.decode([*self._close, *tokens])
            if parse_verdict(text) is not correct or banned & {*self._close, *tokens}:
                raise ValueError(
                    f"judge model: its tokenizer turns {VERDICTS[correct]!r} into {text!r}, or its "
                    "policy bans one of those tokens; use a model whose vocabulary can write JSON"
                )
        vocab_size = policy.model.get_output_embeddings().weight.shape[0]
        ends = sorted(policy.end_ids)
        self._free = ~_mask(ends, vocab_size, policy.device)
        self._closing = TokenTrie(
            [self._close], end_ids=ends, vocab_size=vocab_size, device=policy.device
        )
        self._verdict = TokenTrie(
            list(verdicts.values()), end_ids=ends, vocab_size=vocab_size, device=policy.device
        )
        self.max_tokens = reasoning_tokens + len(self._close) + max(map(len, verdicts.values())) + 1
        """No completion is longer, its end token included."""

    def allowed(self, tokens: Sequence[int]) -> Tensor:
        """See `mm_rl.rollout.engine.TokenConstraint`."""
        closed_at = _find(tokens, self._close)
        if closed_at is not None:
            return self._verdict.allowed(tokens[closed_at + len(self._close) :])
        if len(tokens) >= self.reasoning_tokens:
            return self._closing.allowed(tokens[self.reasoning_tokens :])
        return self._free


class EngineBackend:
    """Completes judge prompts with a policy in this process; every completion holds a verdict.

    One thread at a time. An error of the engine is a fault of the program and passes through.
    """

    def __init__(
        self, policy: Policy, *, identity: str, reasoning_tokens: int, max_rows: int = 64
    ) -> None:
        """Serve the policy's present weights.

        Args:
            policy: a model trained on `build_judge_prompt` and `format_judgement`.
            identity: names the weights; verdicts of another identity are not reused.
            reasoning_tokens: budget of the reasoning, then `</think>` is forced.
            max_rows: completions decoded at once.

        Raises:
            ValueError: the tokenizer can not write verdicts, or a special token of it survives the
                escaping of responses.
        """
        for token in policy.tokenizer.all_special_tokens:
            if token in escape(token):
                raise ValueError(
                    f"judge model {identity!r}: a response could spell its special token {token!r} "
                    "in the prompt; use a model whose special tokens hold < or a bracket"
                )
        self.identity = identity
        self._policy = policy
        self._engine = InProcessEngine(policy, max_rows=max_rows)
        self._constraint = VerdictConstraint(policy, reasoning_tokens=reasoning_tokens)

    def complete(self, prompts: Sequence[str], *, attempt: int) -> list[str | JudgeFailure]:
        """See `JudgeBackend`."""
        requests = [
            GenerationRequest(
                prompt=self._policy.encode(prompt, []),
                seed=derive_seed("judge", prompt, attempt),
                constraint=self._constraint,
            )
            for prompt in prompts
        ]
        limits = SamplingLimits(
            max_total_tokens=self._constraint.max_tokens,
            temperature=0.0 if attempt == 0 else 1.0,
            # A loop of the judge ends with its budget, and then there still is a verdict.
            repetition=None,
        )
        segments = self._engine.generate(requests, limits)
        return [self._policy.decode(segment.token_ids) for segment in segments]


def _mask(tokens: Any, vocab_size: int, device: torch.device | str) -> Tensor:
    mask_V = torch.zeros(vocab_size, dtype=torch.bool)
    mask_V[sorted(tokens)] = True
    return mask_V.to(device)


def _find(tokens: Sequence[int], pattern: Sequence[int]) -> int | None:
    """Index of the first occurrence of `pattern`."""
    for i in range(len(tokens) - len(pattern) + 1):
        if tokens[i] == pattern[0] and list(tokens[i : i + len(pattern)]) == list(pattern):
            return i
    return None
