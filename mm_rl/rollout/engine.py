"""The in-process rollout engine: continuous batching on the policy's own weights.

The prompt and its image are prefilled once per group and their keys and values shared by the
group's k rows; finished rows leave, waiting rows enter. Sampling is by inverse transform with
uniform numbers hashed from the request and the token's position, so a completion does not depend on
what else is in the batch (up to the last bits of the logits).

Shape suffixes: N running rows, V vocabulary.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from transformers import DynamicCache

from mm_rl.policy.logprobs import policy_log_softmax
from mm_rl.policy.model import EncodedPrompt, Policy, collate_vision
from mm_rl.rollout.cache import SlotCache
from mm_rl.rollout.repetition import RepetitionRule
from mm_rl.types import FinishReason, Segment

# How often a growing completion is checked for repetition, in tokens.
_REPETITION_STRIDE = 16
# Elements of one block of float64 probabilities while sampling: 128 MiB.
_SAMPLE_BLOCK = 2**24


class TokenConstraint(Protocol):
    """What a completion may hold, token by token: schema-constrained decoding."""

    def allowed(self, tokens: Sequence[int]) -> Tensor | None:
        """Which tokens may follow the completion's tokens so far, segments before included.

        Returns:
            `[V]` bool on the policy's device, True for at least one token that the policy does not
            ban; None: every token may follow.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class GenerationRequest:
    """One completion to start or to continue.

    Example:
        GenerationRequest(prompt=encoded, prefix=(), seed=derive_seed(0, "rollout", 7))
    """

    prompt: EncodedPrompt
    """Requests that hold the same object share one prefill."""
    prefix: tuple[int, ...] = ()
    """Tokens of earlier segments; they are prefilled again under the current weights."""
    seed: int = 0
    """Hashed from the run's seed and what the completion is, not from the batch."""
    constraint: TokenConstraint | None = None
    """Other tokens are never drawn; the recorded logprobs are renormalised over those that may."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SamplingLimits:
    """How far and how completions are sampled.

    Example:
        SamplingLimits(max_total_tokens=256, max_segment_tokens=64)
    """

    max_total_tokens: int
    """Cap on a completion over all of its segments."""
    max_segment_tokens: int | None = None
    """Output-token budget of one completion in one iteration (§2.6.2); None: up to the cap."""
    temperature: float = 1.0
    """0 is greedy. Training needs 1: only then are the recorded logprobs the policy's own."""
    repetition: RepetitionRule | None = field(default_factory=RepetitionRule)


@dataclass(slots=True)
class _Row:
    """A running completion."""

    request_index: int
    tokens: list[int]
    """Prefix and sampled tokens."""
    num_prefix: int
    uniforms: np.ndarray
    length: int
    """Prompt and completion tokens whose keys and values are stored."""
    logprobs: list[float] = field(default_factory=list)


class InProcessEngine:
    """Samples from a policy that lives in this process."""

    def __init__(self, policy: Policy, *, max_rows: int, max_prefill_tokens: int = 16384) -> None:
        self.policy = policy
        self.max_rows = max_rows
        self.max_prefill_tokens = max_prefill_tokens
        self.version = 0

    def update_weights(self, version: int) -> None:
        """Take over the trainer's weights; they are the same tensors here."""
        self.version = version

    @torch.no_grad()
    def generate(
        self,
        requests: Sequence[GenerationRequest],
        limits: SamplingLimits,
        *,
        on_finish: Callable[[int, Segment], None] = lambda index, segment: None,
    ) -> list[Segment]:
        """Sample one segment per request, in request order.

        Args:
            requests: completions to start or continue.
            limits: caps and temperature.
            on_finish: called with a request's index and its segment as soon as that is done, while
                others still run.
        """
        self.policy.model.eval()
        return _Batch(self, requests, limits, on_finish).run()


class _Batch:
    """The state of one `generate` call."""

    def __init__(
        self,
        engine: InProcessEngine,
        requests: Sequence[GenerationRequest],
        limits: SamplingLimits,
        on_finish: Callable[[int, Segment], None],
    ) -> None:
        self.engine, self.policy = engine, engine.policy
        self.requests, self.limits, self.on_finish = requests, limits, on_finish
        self.segments: list[Segment | None] = [None] * len(requests)
        self.rows: list[_Row] = []
        self.cache: SlotCache | None = None
        longest = max((len(r.prompt.token_ids) for r in requests), default=0)
        self.capacity = longest + limits.max_total_tokens
        self.waiting = self._share_prefills()

    def _share_prefills(self) -> list[list[int]]:
        """Request indices that read the same tokens and images, in order of first appearance."""
        shared: dict[tuple[int, tuple[int, ...]], list[int]] = {}
        for i, request in enumerate(self.requests):
            shared.setdefault((id(request.prompt), request.prefix), []).append(i)
        most = self.engine.max_rows
        return [part[i : i + most] for part in shared.values() for i in range(0, len(part), most)]

    def run(self) -> list[Segment]:
        while self.waiting or self.rows:
            self._admit()
            if self.rows:
                self._decode()
        done = [segment for segment in self.segments if segment is not None]
        assert len(done) == len(self.requests)
        return done

    def _admit(self) -> None:
        """Prefill as many waiting shares as there are free slots and prefill room for."""
        shares: list[list[int]] = []
        free = self.engine.max_rows - len(self.rows)
        longest = 0
        while self.waiting and len(self.waiting[0]) <= free:
            request = self.requests[self.waiting[0][0]]
            longest = max(longest, len(request.prompt.token_ids) + len(request.prefix))
            if shares and longest * (len(shares) + 1) > self.engine.max_prefill_tokens:
                break
            free -= len(self.waiting[0])
            shares.append(self.waiting.pop(0))
        if shares:
            self._prefill(shares)

    def _prefill(self, shares: list[list[int]]) -> None:
        heads = [self.requests[share[0]] for share in shares]
        sequences = [request.prompt.token_ids + request.prefix for request in heads]
        tokens = torch.full(
            (len(heads), max(map(len, sequences))), self.policy.tokenizer.pad_token_id
        )
        for i, sequence in enumerate(sequences):
            tokens[i, : len(sequence)] = torch.tensor(sequence)
        prefilled = DynamicCache(config=self.policy.model.config.get_text_config())
        vision = collate_vision([request.prompt for request in heads])
        with self.policy.autocast():
            hidden = self.policy.model.model(
                input_ids=tokens.to(self.policy.device),
                past_key_values=prefilled,
                use_cache=True,
                **{name: tensor.to(self.policy.device) for name, tensor in vision.items()},
            ).last_hidden_state
            last = torch.tensor([len(sequence) - 1 for sequence in sequences])
            logits = self.policy.project(hidden[torch.arange(len(heads)), last])
        if self.cache is None:
            slots = min(self.engine.max_rows, len(self.requests))
            self.cache = SlotCache(prefilled, num_slots=slots, capacity=self.capacity)
        first = len(self.rows)
        for i, share in enumerate(shares):
            start = len(self.rows)
            self.rows += [self._start_row(index, len(sequences[i])) for index in share]
            slots_of_share = torch.arange(start, len(self.rows), device=self.policy.device)
            self.cache.load(slots_of_share, prefilled, i, len(sequences[i]))
        repeats = torch.tensor([len(share) for share in shares], device=self.policy.device)
        self._sample(logits.repeat_interleave(repeats, dim=0), first=first)

    def _start_row(self, index: int, length: int) -> _Row:
        request = self.requests[index]
        # Philox is counter-based: the stream depends on the seed alone, on every machine.
        stream = np.random.Generator(np.random.Philox(key=request.seed))
        return _Row(
            request_index=index,
            tokens=list(request.prefix),
            num_prefix=len(request.prefix),
            uniforms=stream.random(self.limits.max_total_tokens),
            length=length,
        )

    def _decode(self) -> None:
        assert self.cache is not None
        device = self.policy.device
        lengths = torch.tensor([row.length for row in self.rows], device=device)
        last = torch.tensor([[row.tokens[-1]] for row in self.rows], device=device)
        mask = self.cache.begin_step(lengths)
        with self.policy.autocast():
            hidden = self.policy.model.model(
                input_ids=last,
                attention_mask=mask,
                position_ids=lengths[:, None],
                past_key_values=self.cache,
                use_cache=True,
            ).last_hidden_state
            logits = self.policy.project(hidden[:, -1])
        for row in self.rows:
            row.length += 1
        self._sample(logits, first=0)

    def _sample(self, logits_NV: Tensor, *, first: int) -> None:
        """Append one token to every row from `first` on, then let finished rows leave."""
        rows = self.rows[first:]
        uniforms = torch.tensor([row.uniforms[len(row.tokens)] for row in rows])
        for i, row in enumerate(rows):
            constraint = self.requests[row.request_index].constraint
            allowed_V = constraint.allowed(row.tokens) if constraint is not None else None
            if allowed_V is not None:
                logits_NV[i].masked_fill_(~allowed_V, float("-inf"))
        tokens, logprobs = sample_tokens(
            logits_NV,
            uniforms.to(self.policy.device),
            temperature=self.limits.temperature,
            banned_ids=self.policy.banned_ids,
        )
        for row, token, logprob in zip(rows, tokens.tolist(), logprobs.tolist(), strict=True):
            row.tokens.append(token)
            row.logprobs.append(logprob)
        # Backwards, so that the row moved into a freed slot has been looked at already.
        for slot in range(len(self.rows) - 1, first - 1, -1):
            reason = self._finish_reason(self.rows[slot])
            if reason is not None:
                self._leave(slot, reason)

    def _finish_reason(self, row: _Row) -> FinishReason | None:
        limits = self.limits
        if row.tokens[-1] in self.policy.end_ids:
            return FinishReason.STOP
        if len(row.tokens) >= limits.max_total_tokens:
            return FinishReason.LENGTH_TOTAL
        if (
            limits.repetition is not None
            and len(row.tokens) % _REPETITION_STRIDE == 0
            and limits.repetition.matches(row.tokens)
        ):
            return FinishReason.REPETITION
        budget = limits.max_segment_tokens
        if budget is not None and len(row.tokens) - row.num_prefix >= budget:
            return FinishReason.LENGTH_BUDGET
        return None

    def _leave(self, slot: int, reason: FinishReason) -> None:
        row = self.rows[slot]
        segment = Segment(
            policy_version=self.engine.version,
            token_ids=tuple(row.tokens[row.num_prefix :]),
            logprobs=tuple(row.logprobs),
            finish_reason=reason,
        )
        self.segments[row.request_index] = segment
        self.on_finish(row.request_index, segment)
        last = self.rows.pop()
        if slot < len(self.rows):
            assert self.cache is not None
            self.cache.move(len(self.rows), slot, last.length)
            self.rows[slot] = last


def sample_tokens(
    logits_NV: Tensor, uniforms_N: Tensor, *, temperature: float, banned_ids: Tensor
) -> tuple[Tensor, Tensor]:
    """Draw one token per row by inverse transform.

    Args:
        logits_NV: raw logits.
        uniforms_N: `[N]` float64 in [0, 1), one per row.
        temperature: 0 takes the most likely token and ignores `uniforms_N`.
        banned_ids: token ids that are never drawn.

    Returns:
        `[N]` tokens and `[N]` log-probabilities under the policy at temperature 1, float32.
    """
    log_probs_NV = policy_log_softmax(logits_NV, banned_ids)
    if temperature == 0:
        tokens_N = log_probs_NV.argmax(-1)
    else:
        block = max(1, _SAMPLE_BLOCK // log_probs_NV.shape[-1])
        drawn = []
        for log_probs, uniforms in zip(
            log_probs_NV.split(block), uniforms_N.split(block), strict=True
        ):
            mass = torch.softmax(log_probs.double() / temperature, dim=-1).cumsum(-1)
            # right=True: the first token whose cumulative mass exceeds u; its own is not zero.
            target = (uniforms * mass[:, -1]).unsqueeze(-1)
            drawn.append(torch.searchsorted(mass, target, right=True).squeeze(-1))
        tokens_N = torch.cat(drawn).clamp(max=log_probs_NV.shape[-1] - 1)
    return tokens_N, log_probs_NV.gather(-1, tokens_N.unsqueeze(-1)).squeeze(-1)
