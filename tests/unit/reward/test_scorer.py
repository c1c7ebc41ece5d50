"""From completions to rewards, term by term."""

import pytest

from mm_rl.config import LengthRewardConfig, RewardConfig
from mm_rl.reward.scorer import Scorer, judge
from mm_rl.types import Completion, FinishReason, Prompt, RolloutGroup, Segment

PROMPT = Prompt(
    id="p", question="?", image_keys=(), answer="(1,2)", verifier="sequence", source="task"
)
RIGHT, WRONG = "<think>so</think>\\boxed{(1, 2)}", "<think>so</think>\\boxed{(2,1)}"


def completion(num_tokens: int, reason: FinishReason = FinishReason.STOP) -> Completion:
    tokens = tuple(range(num_tokens))
    segment = Segment(
        policy_version=0, token_ids=tokens, logprobs=(0.0,) * num_tokens, finish_reason=reason
    )
    return Completion(sample_index=0, segments=(segment,))


def score(
    config: RewardConfig, members: list[tuple[Completion, str]], iteration: int = 0
) -> RolloutGroup:
    group = RolloutGroup(prompt=PROMPT, started=0, completions=tuple(c for c, _ in members))
    return Scorer(config).score(group, [text for _, text in members], iteration=iteration)


@pytest.mark.parametrize(
    ("text", "correct", "reason"),
    [
        (RIGHT, True, "equal"),
        (WRONG, False, "different"),
        ("<think>\\boxed{(1,2)}", False, "unfinished_reasoning"),
        ("no box at all", False, "missing"),
        (RIGHT + " or \\boxed{(2,1)}", False, "several"),
    ],
)
def test_verdict_and_its_reason(text: str, correct: bool, reason: str) -> None:
    reward = judge(PROMPT, completion(5), text)
    assert (reward.correct, reward.total, reward.reason) == (correct, float(correct), reason)


@pytest.mark.parametrize("reason", [FinishReason.LENGTH_TOTAL, FinishReason.REPETITION])
def test_a_cut_completion_earns_nothing_even_with_the_right_box(reason: FinishReason) -> None:
    reward = judge(PROMPT, completion(5, reason), RIGHT)
    assert not reward.correct
    assert reward.total == 0.0
    assert reward.reason == reason.value


def test_terms_are_weighted_and_sum_to_the_total() -> None:
    config = RewardConfig(answer_weight=2.0, length=LengthRewardConfig(weight=0.4))
    members = [(completion(10), RIGHT), (completion(30), RIGHT), (completion(20), WRONG)]
    rewards = score(config, members).rewards
    assert [r.terms["answer"] for r in rewards] == [2.0, 2.0, 0.0]
    assert [r.terms["length"] for r in rewards] == pytest.approx([0.2, -0.2, 0.0])
    assert [r.total for r in rewards] == pytest.approx([2.2, 1.8, 0.0])


def test_length_reward_starts_after_its_warm_up() -> None:
    config = RewardConfig(length=LengthRewardConfig(weight=1.0, start_iteration=5))
    members = [(completion(10), RIGHT), (completion(30), RIGHT)]
    assert [r.total for r in score(config, members, 4).rewards] == [1.0, 1.0]
    assert [r.total for r in score(config, members, 5).rewards] == [1.5, 0.5]


def test_lengths_count_all_segments() -> None:
    parts = completion(20, FinishReason.LENGTH_BUDGET).append(completion(10).segments[0])
    config = RewardConfig(length=LengthRewardConfig(weight=1.0))
    members = [(completion(10), RIGHT), (completion(20), RIGHT), (parts, RIGHT)]
    assert [r.terms["length"] for r in score(config, members).rewards] == [0.5, 0.0, -0.5]


def test_aborted_members_can_be_left_out_of_the_extremes() -> None:
    members = [
        (completion(10), RIGHT),
        (completion(20), RIGHT),
        (completion(110, FinishReason.LENGTH_TOTAL), RIGHT),
    ]
    config = RewardConfig(length=LengthRewardConfig(weight=1.0))
    assert [r.terms["length"] for r in score(config, members).rewards] == pytest.approx(
        [0.5, 0.4, -0.5]
    )
    config = RewardConfig(length=LengthRewardConfig(weight=1.0, exclude_aborted=True))
    assert [r.terms["length"] for r in score(config, members).rewards] == [0.5, -0.5, -0.5]
