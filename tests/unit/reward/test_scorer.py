"""From completions to rewards, term by term."""

from dataclasses import replace

import pytest

from mm_rl.config import LengthRewardConfig, RewardConfig
from mm_rl.reward.judges import Judges
from mm_rl.reward.scorer import Scorer, task_reward
from mm_rl.reward.verdict_log import VerdictLog
from mm_rl.types import Completion, FinishReason, Prompt, Reward, RolloutGroup, Segment

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
    config: RewardConfig,
    members: list[tuple[Completion, str]],
    iteration: int = 0,
    prompt: Prompt = PROMPT,
) -> RolloutGroup:
    completions = tuple(replace(c, sample_index=i) for i, (c, _) in enumerate(members))
    group = RolloutGroup(prompt=prompt, started=0, completions=completions)
    with Judges(config, log=VerdictLog(None)) as judges:
        scorer = Scorer(config, judges)
        return scorer.score(group, [text for _, text in members], iteration=iteration)


def judge(prompt: Prompt, completion: Completion, text: str) -> Reward:
    with Judges(RewardConfig(), log=VerdictLog(None)) as judges:
        return task_reward(judges.judge(prompt, completion, text, at="0/0"))


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


def test_penalties_fall_on_what_they_are_for_alone() -> None:
    config = RewardConfig(format_penalty=0.1, repetition_penalty=0.2, truncation_penalty=0.4)
    rewards = score(
        config,
        [
            (completion(5), RIGHT),
            (completion(5), WRONG),
            (completion(5), "no box"),
            (completion(5, FinishReason.REPETITION), "no box"),
            (completion(5, FinishReason.LENGTH_TOTAL), "no box"),
        ],
    ).rewards
    assert [r.total for r in rewards] == pytest.approx([1.0, 0.0, -0.1, -0.2, -0.4])
    assert all(
        set(r.terms) == {"answer", "length", "format", "repetition", "truncation"} for r in rewards
    )
    assert [r.correct for r in rewards] == [True, False, False, False, False]


def test_graded_rewards_pay_what_the_scoring_rule_gives() -> None:
    prompt = replace(PROMPT, answer="analysis", verifier="anls")
    members = [(completion(5), f"\\boxed{{{text}}}") for text in ("analysis", "analysts", "no")]
    # One of eight letters differs: similarity 7/8.
    graded = score(RewardConfig(graded=True), members, prompt=prompt).rewards
    assert [r.terms["answer"] for r in graded] == pytest.approx([1.0, 0.875, 0.0])
    plain = score(RewardConfig(), members, prompt=prompt).rewards
    assert [r.terms["answer"] for r in plain] == [1.0, 1.0, 0.0]


def count_tokens(sample: object) -> float:
    return float(sample.completion.num_tokens)  # type: ignore[attr-defined]


def test_terms_of_the_user_join_the_sum_with_their_weight() -> None:
    function = f"{__name__}:count_tokens"
    config = RewardConfig(
        answer_weight=0.0, functions={"tokens": function}, function_weights={"tokens": -0.5}
    )
    rewards = score(config, [(completion(4), RIGHT), (completion(6), WRONG)]).rewards
    assert [r.terms["tokens"] for r in rewards] == [-2.0, -3.0]
    assert [r.total for r in rewards] == [-2.0, -3.0]
    # What samplers and metrics count stays the verdict.
    assert [r.correct for r in rewards] == [True, False]


def test_judging_starts_before_the_group_is_finished() -> None:
    """Verdicts asked for early are the ones that are used: each completion is judged once."""
    seen: list[str] = []

    class Counting(Judges):
        def _judge(self, prompt, completion, text, at):  # type: ignore[no-untyped-def]
            seen.append(at)
            return super()._judge(prompt, completion, text, at)

    config = RewardConfig()
    members = tuple(replace(completion(3), sample_index=i) for i in range(3))
    group = RolloutGroup(prompt=PROMPT, started=7, completions=members)
    with Counting(config, log=VerdictLog(None)) as judges:
        scorer = Scorer(config, judges)
        scorer.start(group, members[1], RIGHT)
        scorer.start(group, members[1], RIGHT)
        rewards = scorer.score(group, [WRONG, RIGHT, WRONG], iteration=0).rewards
    assert [r.correct for r in rewards] == [False, True, False]
    assert sorted(seen) == ["7/0", "7/1", "7/2"]
