"""Selection, segments and inner steps of the RL stage, on a real tiny policy."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mm_rl.build import build_prompts, build_stage
from mm_rl.config import TrainConfig
from mm_rl.policy.model import Policy
from mm_rl.run import Run
from mm_rl.stages.rl import RLStage, describe_rollouts
from mm_rl.types import Completion, FinishReason, Reward, RolloutGroup, Segment
from tests.conftest import compose_config

MakeStage = Callable[..., RLStage]


@pytest.fixture
def make_stage(policy: Policy, tmp_path: Path) -> MakeStage:
    def make(*overrides: str) -> RLStage:
        config: TrainConfig = compose_config("+experiment=smoke", "data.eval_size=2", *overrides)
        config.data.easy_vqa_eval_size = 0
        config.sft.easy_vqa_frac = 0.0
        run = Run(config, tmp_path, policy=policy, prompts=build_prompts(config), metrics_bytes=0)
        stage = build_stage("rl", run)
        assert isinstance(stage, RLStage)
        return stage

    return make


def reward(total: float, *, correct: bool = False) -> Reward:
    return Reward(terms={"answer": total}, total=total, correct=correct, reason="test")


def finished(
    stage: RLStage, totals: Sequence[float], segments: Sequence[Sequence[Sequence[int]]]
) -> RolloutGroup:
    """A finished group with the given rewards and token segments."""
    prompt = stage.run.prompts["train"].prompt(0, stage.run.images)
    completions = []
    for index, parts in enumerate(segments):
        completion = Completion(sample_index=index)
        for i, tokens in enumerate(parts):
            completion = completion.append(
                Segment(
                    policy_version=i,
                    token_ids=tuple(tokens),
                    logprobs=(-1.0,) * len(tokens),
                    finish_reason=FinishReason.STOP
                    if i == len(parts) - 1
                    else FinishReason.LENGTH_BUDGET,
                )
            )
        completions.append(completion)
    return RolloutGroup(
        prompt=prompt,
        started=0,
        completions=tuple(completions),
        rewards=tuple(reward(total, correct=total > 0.5) for total in totals),
    )


TWO = [[[30, 31]], [[32]]]


def test_groups_without_spread_are_dropped_and_counted(make_stage: MakeStage) -> None:
    stage = make_stage("rl.drop_zero_spread=true")
    stage.draw()
    equal = finished(stage, [0.7, 0.1 + 0.6], TWO)  # differ by one rounding
    mixed = finished(stage, [1.0, 0.0], TWO)
    selection = stage.select([equal, mixed, equal])
    assert selection.groups == (mixed,)
    assert selection.advantages == ((0.5, -0.5),)
    assert selection.dropped["zero_spread"] == 2
    assert stage.metrics["filter/zero_spread"] == 2.0
    assert stage.metrics["filter/kept"] == 1.0


def test_length_term_alone_gives_spread(make_stage: MakeStage) -> None:
    stage = make_stage("rl.drop_zero_spread=true")
    stage.draw()
    selection = stage.select([finished(stage, [1.1, 0.9], TWO)])
    assert selection.advantages[0] == pytest.approx((0.1, -0.1))


def test_a_failed_member_drops_the_whole_group(make_stage: MakeStage) -> None:
    stage = make_stage()
    stage.draw()
    group = finished(stage, [1.0, 0.0], TWO)
    broken = replace(group.completions[1].segments[0], finish_reason=FinishReason.FAILED)
    group = replace(
        group,
        completions=(group.completions[0], Completion(sample_index=1, segments=(broken,))),
    )
    selection = stage.select([group])
    assert selection.groups == ()
    assert selection.dropped == {"failed": 1}


def cut(group: RolloutGroup, *members: int) -> RolloutGroup:
    """The group with some of its completions ended by the cap on all tokens."""
    completions = list(group.completions)
    for member in members:
        (segment,) = completions[member].segments
        segment = replace(segment, finish_reason=FinishReason.LENGTH_TOTAL)
        completions[member] = replace(completions[member], segments=(segment,))
    return replace(group, completions=tuple(completions))


def test_a_group_whose_rows_are_all_masked_is_dropped_by_its_own_reason(
    make_stage: MakeStage,
) -> None:
    stage = make_stage("reward.mask_truncated=true", "rl.drop_zero_spread=false")
    stage.draw()
    group = finished(stage, [0.0, 0.0], TWO)
    stage.update(stage.select([cut(group, 0, 1)]))  # nothing to train on
    assert stage.metrics["filter/truncated"] == 1.0
    assert "policy/log_ratio" not in stage.metrics
    selection = stage.select([cut(group, 0, 1), cut(group, 0), group])
    assert selection.dropped == {"truncated": 1}
    assert [len(stage._rows(selection, g)) for g in (0, 1)] == [1, 2]
    seen = make_stage("reward.mask_truncated=false", "rl.drop_zero_spread=false")
    seen.draw()
    assert seen.select([cut(group, 0, 1)]).dropped == {}


def test_first_inner_step_starts_at_the_reference(make_stage: MakeStage) -> None:
    """With one inner step the log-ratio is exactly zero, so tau can not matter."""
    weights = []
    for tau in (0.0, 10.0):
        stage = make_stage("rl.inner_steps=1", f"objective.tau={tau}")
        start = {k: v.clone() for k, v in stage.run.policy.model.state_dict().items()}
        stage.draw()
        stage.update(stage.select([finished(stage, [1.0, 0.0], TWO)]))
        assert stage.metrics["policy/log_ratio_sq"] == 0.0
        weights.append(
            torch.cat([p.detach().flatten() for p in stage.run.policy.model.parameters()])
        )
        stage.run.policy.model.load_state_dict(start)
    assert torch.equal(weights[0], weights[1])


def test_update_raises_the_better_response_and_lowers_the_worse(make_stage: MakeStage) -> None:
    stage = make_stage("rl.inner_steps=1", "rl.optim.lr=1e-3", "rl.optim.warmup_steps=0")
    group = finished(stage, [1.0, 0.0], [[[30, 31, 33]], [[40, 41, 43]]])
    stage.draw()
    selection = stage.select([group])

    def sums() -> list[float]:
        (batches,) = stage._split_steps(selection)
        with torch.no_grad():
            return [
                float(b.logprobs(stage.run.policy)[0][i].sum()) for b in batches for i in (0, 1)
            ]

    before = sums()
    stage.update(selection)
    after = sums()
    assert after[0] > before[0]
    assert after[1] < before[1]


def test_only_the_last_segment_trains_whenever_it_was_sampled(make_stage: MakeStage) -> None:
    stage = make_stage("rl.inner_steps=1")
    stage.draw()
    group = finished(stage, [1.0, 0.0], [[[30, 31, 33], [34, 35]], [[40, 41]]])
    selection = stage.select([group])
    ((batch,),) = stage._split_steps(selection)
    assert batch.mask_BT.sum(-1).tolist() == [2.0, 2.0]
    start = len(batch.prompts[0].token_ids)
    assert batch.mask_BT[0].nonzero().flatten().tolist() == [start + 3, start + 4]
    # 3 of 7 tokens are context of later segments.
    assert describe_rollouts([group])["rollout/masked_frac"] == pytest.approx(3 / 7)


def test_groups_stay_whole_and_all_train_once(make_stage: MakeStage) -> None:
    stage = make_stage("rl.inner_steps=3")
    stage.draw()
    groups = [finished(stage, [1.0, 0.0], TWO) for _ in range(7)]
    steps = stage._split_steps(stage.select(groups))
    per_step = [sorted(g for batch in step for g in batch.group_B.tolist()) for step in steps]
    assert sorted(g for groups_ in per_step for g in groups_) == sorted([*range(7), *range(7)])
    assert all(groups_[::2] == groups_[1::2] for groups_ in per_step)
    assert sorted(len(groups_) // 2 for groups_ in per_step) == [2, 2, 3]


def test_optimizer_reset_is_configurable(make_stage: MakeStage) -> None:
    for reset, expected in (("true", 1), ("false", 2)):
        stage = make_stage("rl.inner_steps=1", f"rl.reset_optimizer={reset}")
        for _ in range(2):
            stage.draw()
            stage.update(stage.select([finished(stage, [1.0, 0.0], TWO)]))
        assert stage.trainer.num_steps == expected


def test_unfinished_groups_wait_and_go_on_first(make_stage: MakeStage) -> None:
    stage = make_stage("rollout.max_segment_tokens=8", "rollout.max_total_tokens=20")
    first = stage.draw()
    assert len(first) == 8
    done = stage.roll_out(first)
    waiting = stage.buffer.state()
    # A fresh policy rarely stops within 8 tokens: nearly all groups wait.
    assert len(done) + len(waiting) == 8 and len(waiting) >= 6
    stage.publish()
    second = stage.draw()
    assert [g.prompt.id for g in second[: len(waiting)]] == [g.prompt.id for g in waiting]
    assert len(second) == len(waiting) + 8
    stage.roll_out(second)
    grown = {(g.prompt.id, g.started): g for g in stage.buffer.state()}
    continued = [
        grown[g.prompt.id, g.started] for g in waiting if (g.prompt.id, g.started) in grown
    ]
    assert continued
    for group in continued:
        for completion in group.completions:
            if completion.num_tokens > 8:
                assert [len(s.token_ids) for s in completion.segments][:1] == [8]
                assert [s.policy_version for s in completion.segments] == [0, 1]


def test_partial_rollouts_sample_the_same_tokens_while_weights_stand_still(
    make_stage: MakeStage,
) -> None:
    """Cutting into segments changes when tokens are sampled, not which."""
    outcomes = []
    for budget in ("null", "7"):
        stage = make_stage(f"rollout.max_segment_tokens={budget}", "rollout.max_total_tokens=20")
        groups = stage.draw()
        done = stage.roll_out(groups)
        while len(stage.buffer):
            done += stage.roll_out(stage.buffer.take())
        tokens = {
            (group.prompt.id, completion.sample_index): completion.token_ids
            for group in done
            for completion in group.completions
        }
        outcomes.append(tokens)
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0]) == 8 * 4


def test_buffer_state_round_trips_in_flight_segments(make_stage: MakeStage, tmp_path: Path) -> None:
    stage = make_stage("rollout.max_segment_tokens=4", "rollout.max_total_tokens=20")
    stage.roll_out(stage.draw())
    torch.save(stage.buffer.state_dict(), tmp_path / "buffer.pt")
    saved = torch.load(tmp_path / "buffer.pt", weights_only=True)
    expected = stage.buffer.state()
    assert expected
    stage.buffer.take()
    stage.buffer.load_state_dict(saved)
    assert stage.buffer.state() == expected


def test_rehearsal_joins_every_inner_step_with_its_own_advantage(
    policy: Policy, tmp_path: Path
) -> None:
    config = compose_config(
        "+experiment=smoke",
        "data.eval_size=2",
        "data.easy_vqa_eval_size=0",
        "rl.inner_steps=2",
        "rl.rehearsal_weight=0.3",
        "rl.rehearsal_size=3",
    )
    run = Run(config, tmp_path, policy=policy, prompts=build_prompts(config), metrics_bytes=0)
    stage = build_stage("rl", run)
    assert isinstance(stage, RLStage) and stage.rehearsal is not None
    stage.draw()
    steps = stage._split_steps(stage.select([finished(stage, [1.0, 0.0], TWO) for _ in range(2)]))
    for batches in steps:
        rehearsed = [
            advantage
            for batch in batches
            for advantage, group in zip(
                batch.advantages_B.tolist(), batch.group_B.tolist(), strict=True
            )
            if group == -1
        ]
        assert rehearsed == pytest.approx([0.3] * 3)
    assert stage.rehearsal.position == 6
    assert stage.state_dict()["rehearsal"] == {"position": 6}
