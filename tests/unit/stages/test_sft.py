"""The SFT stage: what it trains on, and its loss against a plain cross-entropy."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from mm_rl.build import build_prompts, build_stage
from mm_rl.policy.model import Policy
from mm_rl.run import Run
from mm_rl.stages.deck import MixedDeck
from mm_rl.stages.demonstrations import Demonstrations
from mm_rl.stages.sft import SFTStage
from tests.conftest import compose_config

MakeStage = Callable[..., SFTStage]


@pytest.fixture
def make_stage(policy: Policy, tmp_path: Path) -> MakeStage:
    def make(*overrides: str) -> SFTStage:
        config = compose_config(
            "+experiment=smoke", "data.eval_size=2", "data.easy_vqa_eval_size=0", *overrides
        )
        prompts = build_prompts(config)
        run = Run(config, tmp_path, policy=policy, prompts=prompts, metrics_bytes=0)
        stage = build_stage("sft", run)
        assert isinstance(stage, SFTStage)
        return stage

    return make


def demonstrations_of(stage: SFTStage) -> Demonstrations:
    deck = stage.deck.first if isinstance(stage.deck, MixedDeck) else stage.deck
    assert isinstance(deck, Demonstrations)
    return deck


def texts(stage: SFTStage, count: int) -> list[str]:
    rows = []
    for _ in range(count):
        stage.begin_step()
        rows += stage._next_rows()
    return [stage.run_.policy.decode(row.token_ids) for row in rows]


def test_demonstrations_end_with_the_end_token_and_train_on_the_completion_only(
    make_stage: MakeStage,
) -> None:
    stage = make_stage()
    row = stage._next_rows()[0]
    assert row.token_ids[-1] in stage.run_.policy.end_ids
    assert row.train_from == 0
    demonstrations = demonstrations_of(stage)
    problem = demonstrations.prompts.problem(demonstrations._order[0])
    assert stage.run_.policy.decode(row.token_ids).endswith(f"</think>\\boxed{{{problem.answer}}}")


def test_share_of_answer_only_demonstrations(make_stage: MakeStage) -> None:
    stage = make_stage("sft.answer_only_frac=0.5", "sft.easy_vqa_frac=0")
    shown = texts(stage, 16)  # one epoch of 256
    bare = sum(text.startswith("<think></think>") for text in shown)
    assert bare / len(shown) == pytest.approx(0.5, abs=0.08)
    # Fixed per demonstration: the next epoch shows the same ones.
    assert Counter(texts(stage, 16)) == Counter(shown)


def test_answer_only_can_be_everything_or_nothing(make_stage: MakeStage) -> None:
    for frac, expected in (("1", 1.0), ("0", 0.0)):
        stage = make_stage(f"sft.answer_only_frac={frac}", "sft.easy_vqa_frac=0")
        shown = texts(stage, 4)
        assert sum(t.startswith("<think></think>") for t in shown) / len(shown) == expected


def test_answer_only_joins_late(make_stage: MakeStage) -> None:
    stage = make_stage(
        "sft.answer_only_frac=1", "sft.answer_only_from=0.5", "sft.steps=10", "sft.easy_vqa_frac=0"
    )
    stage.step = 4
    assert not any(text.startswith("<think></think>") for text in texts(stage, 1))
    stage.step = 5
    assert all(text.startswith("<think></think>") for text in texts(stage, 1))


def test_real_questions_take_their_share_of_every_batch(make_stage: MakeStage) -> None:
    stage = make_stage("sft.batch_size=16", "sft.easy_vqa_frac=0.25")
    rows = stage._next_rows()
    assert len(rows) == 16
    assert isinstance(stage.deck, MixedDeck)
    easy_vqa = stage.deck.second
    assert isinstance(easy_vqa, Demonstrations) and easy_vqa.position == 4
    assert demonstrations_of(stage).position == 12


def test_an_epoch_deals_every_demonstration_once_in_a_new_order(make_stage: MakeStage) -> None:
    stage = make_stage("sft.num_demonstrations=20")
    deck = demonstrations_of(stage)
    epochs = [[deck._next_index() for _ in range(20)] for _ in range(3)]
    assert all(sorted(epoch) == list(range(20)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]


def test_loss_is_the_mean_cross_entropy_per_token(make_stage: MakeStage) -> None:
    stage = make_stage("sft.batch_size=4", "sft.easy_vqa_frac=0")
    state = stage.deck.state_dict()
    rows = stage._next_rows()
    total, count = 0.0, 0
    policy = stage.run_.policy
    for row in rows:
        tokens = torch.tensor([row.prompt.token_ids + row.token_ids])
        with torch.no_grad():
            logits = policy.model(input_ids=tokens, **row.prompt.vision).logits[0]
        logits[:, policy.banned_ids] = -torch.inf
        start = len(row.prompt.token_ids)
        total += float(
            torch.nn.functional.cross_entropy(
                logits[start - 1 : -1], tokens[0, start:], reduction="sum"
            )
        )
        count += len(row.token_ids)
    stage.deck.load_state_dict(state)
    values = stage.train_step()
    assert values["data/num_tokens"] == count
    assert values["loss/nll"] == pytest.approx(total / count, rel=1e-5)


def test_learning_rate_decays_to_a_tenth(make_stage: MakeStage) -> None:
    stage = make_stage("sft.steps=100")
    assert stage.lr_factor(0) == 1.0
    assert stage.lr_factor(50) == pytest.approx(0.55)
    assert stage.lr_factor(100) == pytest.approx(0.1)
    assert make_stage("sft.decay=false").trainer.lr_factor(50) == 1.0


def test_blind_control_blanks_the_demonstrations(make_stage: MakeStage) -> None:
    seen = make_stage()._next_rows()[0].prompt.vision["pixel_values"]
    unseen = make_stage("data.blind=true")._next_rows()[0].prompt.vision["pixel_values"]
    assert seen.unique().numel() > 1
    assert unseen.unique().numel() == 1
    assert unseen.unique() != 0  # an all-zero image would be dropped as padding
