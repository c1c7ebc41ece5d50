"""From completions to rewards: extract, verify, shape, and keep every term.

The verdict on the answer is the task reward; the length reward is added to it with a weight
(k1.5 §2.3.3). Both are kept apart in `Reward.terms`.
"""

from collections.abc import Sequence
from dataclasses import replace

from data_synth.verify import verify
from data_synth.verify.answer import extract_answer
from mm_rl.config import RewardConfig
from mm_rl.reward.length import compute_length_rewards
from mm_rl.types import Completion, FinishReason, Prompt, Reward, RolloutGroup


def judge(prompt: Prompt, completion: Completion, text: str) -> Reward:
    """The task reward of one completion: 1 if its answer verifies, else 0.

    A completion that was cut has no answer, whatever it wrote before.
    """
    if completion.finish_reason is not FinishReason.STOP:
        return Reward(
            terms={"answer": 0.0}, total=0.0, correct=False, reason=completion.finish_reason.value
        )
    extracted = extract_answer(text)
    verdict = verify(
        prompt.verifier, prompt.answer, extracted.text, alternatives=prompt.alternatives
    )
    # Without an answer the verifier can only say so; the extraction knows why.
    reason = verdict.reason if extracted.text is not None else extracted.status
    score = float(verdict.correct)
    return Reward(
        terms={"answer": score},
        total=score,
        correct=verdict.correct,
        reason=str(reason),
        answer=extracted.text,
    )


class Scorer:
    """Rewards of whole groups."""

    def __init__(self, config: RewardConfig) -> None:
        self.config = config

    def score(self, group: RolloutGroup, texts: Sequence[str], *, iteration: int) -> RolloutGroup:
        """The group with its rewards.

        Args:
            group: all completions finished.
            texts: the completions as text, in the same order.
            iteration: the length reward starts at `reward.length.start_iteration`.
        """
        assert group.is_finished, "rewards need all k responses: min and max run over them"
        rewards = [
            judge(group.prompt, completion, text)
            for completion, text in zip(group.completions, texts, strict=True)
        ]
        length = self.config.length
        weight = length.weight if iteration >= length.start_iteration else 0.0
        aborted = [completion.finish_reason.is_aborted for completion in group.completions]
        scores = compute_length_rewards(
            [completion.num_tokens for completion in group.completions],
            [reward.correct for reward in rewards],
            aborted=aborted if length.exclude_aborted else None,
        )
        return replace(
            group,
            rewards=tuple(
                self._combine(reward, weight * score)
                for reward, score in zip(rewards, scores, strict=True)
            ),
        )

    def _combine(self, reward: Reward, length_term: float) -> Reward:
        answer_term = self.config.answer_weight * reward.terms["answer"]
        return replace(
            reward,
            terms={"answer": answer_term, "length": length_term},
            total=answer_term + length_term,
        )
