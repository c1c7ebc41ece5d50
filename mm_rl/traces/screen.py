"""Which candidates are kept: verified, in form, not repetitive, not too long, no duplicates."""

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future

from mm_rl.config import LongCoTConfig
from mm_rl.policy.model import Policy
from mm_rl.reward.judges import Judgement, Judges
from mm_rl.rollout.repetition import RepetitionRule
from mm_rl.traces.candidates import Candidate, Trace, reasoning_of
from mm_rl.traces.tagging import tag_behaviours
from mm_rl.types import Completion, FinishReason, Segment

# How often a trace is checked for repetition, in tokens: as often as the engine does.
_REPETITION_STRIDE = 16


class Screen:
    """Keeps traces and counts what it drops, by source and reason."""

    def __init__(self, config: LongCoTConfig, policy: Policy, judges: Judges) -> None:
        self.config, self.judges = config, judges
        self.dropped: Counter[tuple[str, str]] = Counter()
        self._special = set(policy.banned_ids.tolist()) | policy.end_ids
        self._seen: set[tuple[str, str]] = set()

    def screen(self, candidates: Iterable[Candidate]) -> list[Trace]:
        """The traces among the candidates, in their order."""
        pending: list[tuple[Candidate, Future[Judgement] | None]] = []
        for number, candidate in enumerate(candidates):
            reason = self._fault(candidate)
            if reason is not None:
                self.dropped[candidate.source, reason] += 1
                continue
            self._seen.add((candidate.prompt.id, candidate.text))
            verdict = self._verify(candidate, number) if candidate.correct is None else None
            pending.append((candidate, verdict))
        traces = []
        for candidate, verdict in pending:
            reason = _fault_of_answer(verdict)
            if reason is None:
                traces.append(_make_trace(candidate))
            else:
                self.dropped[candidate.source, reason] += 1
        return traces

    def _fault(self, candidate: Candidate) -> str | None:
        if candidate.correct is False:
            return "wrong"
        tokens, config = candidate.token_ids, self.config
        reasoning = reasoning_of(candidate.text)
        if reasoning is None:
            return "no_reasoning"
        if (candidate.prompt.id, candidate.text) in self._seen:
            return "duplicate"
        # Foreign text may spell placeholders of images, or an end in its middle.
        if self._special & set(tokens[:-1]):
            return "special_token"
        if len(tokens) > config.max_tokens:
            return "too_long"
        if repeats(tokens) or repeated_frac(tokens, config.ngram) > config.max_repeated_frac:
            return "repetition"
        if not tag_behaviours(reasoning):
            return "no_behaviour"
        return None

    def _verify(self, candidate: Candidate, number: int) -> Future[Judgement]:
        segment = Segment(
            policy_version=0,
            token_ids=candidate.token_ids,
            logprobs=(0.0,) * len(candidate.token_ids),
            finish_reason=FinishReason.STOP,
        )
        completion = Completion(sample_index=0).append(segment)
        at = f"trace/{candidate.source}/{candidate.prompt.id}/{number}"
        return self.judges.submit(candidate.prompt, completion, candidate.text, at=at)


def repeats(tokens: Sequence[int]) -> bool:
    """Whether the engine would have stopped the tokens as a repetition at some point."""
    rule = RepetitionRule()
    ends = (*range(_REPETITION_STRIDE, len(tokens), _REPETITION_STRIDE), len(tokens))
    return any(rule.matches(tokens[:end]) for end in ends)


def repeated_frac(tokens: Sequence[int], ngram: int) -> float:
    """Share of the token n-grams that stood before."""
    total = len(tokens) - ngram + 1
    if total < 1:
        return 0.0
    distinct = {tuple(tokens[start : start + ngram]) for start in range(total)}
    return 1 - len(distinct) / total


def _fault_of_answer(verdict: Future[Judgement] | None) -> str | None:
    if verdict is None:  # known to be correct
        return None
    judged = verdict.result().verdict
    if judged.reason == FinishReason.FAILED:
        return "failed"
    return None if judged.correct else "wrong"


def _make_trace(candidate: Candidate) -> Trace:
    return Trace(
        index=candidate.index,
        prompt_id=candidate.prompt.id,
        source=candidate.source,
        text=candidate.text,
        token_ids=candidate.token_ids,
        behaviours=tag_behaviours(reasoning_of(candidate.text) or ""),
    )
