"""What crosses the borders between stages: prompts, completions in segments, rewards, groups.

Everything here is frozen and plain, so a replay buffer can be checkpointed by writing it down. The
tensor batch of the trainer is `mm_rl.policy.batch.TrainBatch`.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum


class FinishReason(StrEnum):
    """Why a segment ended (k1.5 Fig. 3b: normal stop, cut by length, repetition)."""

    STOP = "stop"
    """The policy sampled its end token."""
    LENGTH_BUDGET = "length_budget"
    """The iteration's token budget ran out: the completion waits and goes on in the next one."""
    LENGTH_TOTAL = "length_total"
    """The completion reached the total length cap; it has no answer."""
    REPETITION = "repetition"
    """The end of the completion repeats one block exactly."""
    FAILED = "failed"
    """Infrastructure failed; the group is dropped and counted."""

    @property
    def is_final(self) -> bool:
        """Whether the completion will not be continued."""
        return self is not FinishReason.LENGTH_BUDGET

    @property
    def is_aborted(self) -> bool:
        """Whether the completion was cut without the policy having ended it."""
        return self in (FinishReason.LENGTH_TOTAL, FinishReason.REPETITION)


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """A problem as the loop sees it: images by reference, never by value.

    Example:
        Prompt(id="9f..", question="...", image_keys=("c0..",), answer="(1,2)",
               verifier="sequence", source="row_sums")
    """

    id: str
    """Content hash of question, images and answer."""
    question: str
    image_keys: tuple[str, ...]
    """Keys into the run's image store."""
    answer: str
    verifier: str
    source: str
    """Task or data set, the unit of per-task metrics."""
    alternatives: tuple[str, ...] = ()
    """Further references (`Problem.alternatives`)."""
    domain: str = "general"
    difficulty: int = 0
    index: int = 0
    """Position in its prompt set: what samplers keep their tables by."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """Tokens of one completion sampled in one iteration.

    Example:
        Segment(policy_version=3, token_ids=(17, 2), logprobs=(-0.1, -0.7),
                finish_reason=FinishReason.STOP)
    """

    policy_version: int
    """Iteration whose weights sampled these tokens."""
    token_ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    """Behaviour log-probabilities after the media ban, one per token."""
    finish_reason: FinishReason

    def __post_init__(self) -> None:
        if len(self.token_ids) != len(self.logprobs):
            raise ValueError(
                f"a segment has {len(self.token_ids)} tokens but {len(self.logprobs)} logprobs"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """One response to a prompt, sampled in one or more segments.

    Example:
        Completion(sample_index=0).append(segment).num_tokens
    """

    sample_index: int
    """Which of the group's k responses this is."""
    segments: tuple[Segment, ...] = ()

    @property
    def token_ids(self) -> tuple[int, ...]:
        """All sampled tokens, in order."""
        return tuple(token for segment in self.segments for token in segment.token_ids)

    @property
    def num_tokens(self) -> int:
        return sum(len(segment.token_ids) for segment in self.segments)

    @property
    def finish_reason(self) -> FinishReason:
        """The last segment's; a completion that was never started waits like a cut one."""
        return self.segments[-1].finish_reason if self.segments else FinishReason.LENGTH_BUDGET

    @property
    def is_finished(self) -> bool:
        return self.finish_reason.is_final

    @property
    def train_from(self) -> int:
        """Index of the first token of the last segment: what comes before is context (§3.7)."""
        return self.num_tokens - len(self.segments[-1].token_ids) if self.segments else 0

    def append(self, segment: Segment) -> "Completion":
        """A copy with one more segment; a finished completion takes none."""
        assert not self.is_finished, "appended to a finished completion"
        return replace(self, segments=(*self.segments, segment))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reward:
    """What one completion earned, term by term.

    Example:
        Reward(terms={"answer": 1.0, "length": -0.1}, total=0.9, correct=True, reason="equal")
    """

    terms: dict[str, float]
    """Weighted value of each term; their sum is `total`."""
    total: float
    correct: bool
    """Whether the task reward was earned, before any shaping: what samplers and metrics use."""
    reason: str
    """The verifier's reason."""
    answer: str | None = None
    """The extracted answer, None if there was none."""

    @property
    def failed(self) -> bool:
        """Whether there is no verdict: the verifier itself failed."""
        return self.reason == FinishReason.FAILED


@dataclass(frozen=True, kw_only=True, slots=True)
class RolloutGroup:
    """The k completions of one prompt: what a baseline is computed over.

    Example:
        RolloutGroup(prompt=prompt, started=4, completions=(Completion(sample_index=0),))
    """

    prompt: Prompt
    started: int
    """Iteration the group was drawn in; with the prompt it seeds the sampling."""
    completions: tuple[Completion, ...]
    rewards: tuple[Reward, ...] = field(default=())
    """One per completion once all are finished, else empty."""

    @property
    def is_finished(self) -> bool:
        return all(completion.is_finished for completion in self.completions)

    @property
    def failed(self) -> bool:
        """Whether a member was lost to a fault of sampling or of the verifier, not of its own."""
        return any(reward.failed for reward in self.rewards) or any(
            completion.finish_reason is FinishReason.FAILED for completion in self.completions
        )
