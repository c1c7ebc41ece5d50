"""From verdicts to rewards: the answer's reward, the length reward, penalties, and their sum.

The verdict on the answer is the task reward; the length reward is added to it with a weight
(k1.5 §2.3.3). Every term is kept apart in `Reward.terms`.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace

from mm_rl.config import RewardConfig
from mm_rl.reward.judges import Judgement, Judges
from mm_rl.reward.length import compute_length_rewards
from mm_rl.types import Completion, FinishReason, Reward, RolloutGroup

_Key = tuple[str, int, int]


def task_reward(judgement: Judgement) -> Reward:
    """The reward before any shaping: 1 for a correct answer, else 0. What evaluation reports."""
    verdict = judgement.verdict
    score = float(verdict.correct)
    return Reward(
        terms={"answer": score},
        total=score,
        correct=verdict.correct,
        reason=str(verdict.reason),
        answer=judgement.answer,
    )


class Scorer:
    """Rewards of whole groups; judging starts as soon as a completion is finished."""

    def __init__(self, config: RewardConfig, judges: Judges) -> None:
        self.config, self.judges = config, judges
        self._pending: dict[_Key, Future[Judgement]] = {}

    def start(self, group: RolloutGroup, completion: Completion, text: str) -> None:
        """Begin to judge a finished completion of a group whose others may still be running."""
        key = (group.prompt.id, group.started, completion.sample_index)
        if key not in self._pending:
            at = f"{group.started}/{completion.sample_index}"
            self._pending[key] = self.judges.submit(group.prompt, completion, text, at=at)

    def score(self, group: RolloutGroup, texts: Sequence[str], *, iteration: int) -> RolloutGroup:
        """The group with its rewards; waits for the verdicts.

        Args:
            group: all completions finished.
            texts: the completions as text, in the same order.
            iteration: the length reward starts at `reward.length.start_iteration`.
        """
        assert group.is_finished, "rewards need all k responses: min and max run over them"
        for completion, text in zip(group.completions, texts, strict=True):
            self.start(group, completion, text)
        judgements = [
            self._pending.pop((group.prompt.id, group.started, completion.sample_index)).result()
            for completion in group.completions
        ]
        length = self.config.length
        aborted = [completion.finish_reason.is_aborted for completion in group.completions]
        scores = compute_length_rewards(
            [completion.num_tokens for completion in group.completions],
            [judgement.verdict.correct for judgement in judgements],
            aborted=aborted if length.exclude_aborted else None,
        )
        active = length.weight != 0 and iteration >= length.start_iteration
        return replace(
            group,
            rewards=tuple(
                self._combine(completion, judgement, score if active else 0.0)
                for completion, judgement, score in zip(
                    group.completions, judgements, scores, strict=True
                )
            ),
        )

    def _combine(self, completion: Completion, judgement: Judgement, length_score: float) -> Reward:
        config, verdict = self.config, judgement.verdict
        paid = verdict.score if config.graded else float(verdict.correct)
        terms = {
            "answer": config.answer_weight * paid,
            "length": config.length.weight * length_score,
        }
        if config.format_penalty:
            # Only what the policy ended itself: a cut completion is the next two terms' business.
            broken = completion.finish_reason is FinishReason.STOP and judgement.answer is None
            terms["format"] = -config.format_penalty * broken
        for name, penalty, reason in (
            ("repetition", config.repetition_penalty, FinishReason.REPETITION),
            ("truncation", config.truncation_penalty, FinishReason.LENGTH_TOTAL),
        ):
            if penalty:
                terms[name] = -penalty * (completion.finish_reason is reason)
        for name, value in judgement.extra.items():
            terms[name] = config.function_weights.get(name, 1.0) * value
        return Reward(
            terms=terms,
            total=sum(terms.values()),
            correct=verdict.correct,
            reason=str(verdict.reason),
            answer=judgement.answer,
        )
