"""Packing and phases in the stages: equal results, refusals, schedules."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import Lfm2Config, Lfm2ForCausalLM

from mm_rl.config import PhaseConfig, SFTConfig
from mm_rl.policy.batch import TrainBatch, TrainRow, micro_batches
from mm_rl.policy.model import EncodedPrompt, Policy
from mm_rl.policy.text import TextProcessor
from mm_rl.stages.next_token import check_packing
from mm_rl.stages.schedule import plan_phases
from tests.unit.stages.supervised_runs import make_run, make_stage, small_config, train, weights_of

PHASES = "sft.phases=[{share: 0.5, max_length: 80, lr_from: 0.02, lr_to: 0.002, warmup_steps: 1}, \
{share: 0.5, max_length: 256, lr_from: 0.01, lr_to: 0.001}]"


def test_packing_changes_neither_loss_nor_weights(tmp_path: Path) -> None:
    results = []
    for packing in ("false", "true"):
        config = small_config(f"sft.packing={packing}", "sft.max_length=256")
        stage = make_stage("sft", make_run(tmp_path / packing, config))
        losses = [values["loss/nll"] for values in train(stage, 3)]
        results.append((losses, weights_of(stage)))
    (padded_losses, padded), (packed_losses, packed) = results
    assert packed_losses == pytest.approx(padded_losses, rel=1e-5)
    for name, tensor in packed.items():
        torch.testing.assert_close(tensor, padded[name], atol=2e-4, rtol=0)


def packed(policy: Policy, rows: list[TrainRow]) -> TrainBatch:
    (batch,) = micro_batches(rows, max_tokens=1000, policy=policy, pack=True)
    return batch


def test_a_model_that_can_not_pack_is_refused(policy: Policy) -> None:
    """Short convolutions run over the border between two rows."""
    torch.manual_seed(0)
    config = Lfm2Config(
        vocab_size=128,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        layer_types=["conv", "full_attention"],
        eos_token_id=2,
    )
    model = Lfm2ForCausalLM(config).eval()
    # Larger weights than the library draws, so that neighbours weigh something.
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(10) if parameter.ndim > 1 else parameter
    convolutional = Policy(model, TextProcessor(policy.tokenizer), dtype=torch.float32)
    convolutional.banned_ids = torch.tensor([], dtype=torch.long)
    rows = [
        TrainRow(
            prompt=EncodedPrompt(token_ids=tuple(range(10 + i, 16 + i)), vision={}),
            token_ids=tuple(range(40, 48 + i)),
            read_prompt=True,
        )
        for i in range(3)
    ]
    with pytest.raises(ValueError, match=r"as one sequence .*: pad them \(.* differ by"):
        check_packing(convolutional, packed(convolutional, rows), otherwise="pad them")
    unread = [replace(row, read_prompt=False) for row in rows]
    for read in (rows, unread):
        check_packing(policy, packed(policy, read), otherwise="pad them")


def test_too_little_memory_is_not_blamed_on_the_model(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = TrainRow(prompt=EncodedPrompt(token_ids=(10, 11), vision={}), token_ids=(12,))

    def run_out(**_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(policy.model.model, "forward", run_out)
    with pytest.raises(torch.OutOfMemoryError):
        check_packing(policy, packed(policy, [row, row]), otherwise="pad them")


PARTS = ("sft.steps=6", "pretrain.text_share=0.34", "pretrain.vision_share=0.33")


def test_images_whose_prompts_are_read_pass_the_check(tmp_path: Path) -> None:
    config = small_config("stages=[pretrain]", "sft.packing=true", "sft.max_length=256", *PARTS)
    losses = [
        v["loss/nll"] for v in train(make_stage("pretrain", make_run(tmp_path / "a", config)), 6)
    ]
    config.sft.packing = False
    padded = [
        v["loss/nll"] for v in train(make_stage("pretrain", make_run(tmp_path / "b", config)), 6)
    ]
    assert losses == pytest.approx(padded, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "overrides", "steps"),
    [
        ("pretrain", PARTS, [0, 2, 4]),
        (
            "longctx",
            ("sft.steps=4", "longctx.lengths=[320, 400]", "longctx.rope_bases=[500, 900]"),
            [0, 2],
        ),
        ("sft", ("sft.steps=4", PHASES.replace("80", "240")), [0, 2]),
    ],
)
def test_packing_is_checked_at_every_length_and_where_images_join(
    name: str, overrides: tuple[str, ...], steps: list[int], tmp_path: Path
) -> None:
    packing = ("sft.packing=true", "sft.max_length=256")
    config = small_config(f"stages=[{name}]", *packing, *overrides)
    stage = make_stage(name, make_run(tmp_path / "run", config))
    model = stage.run_.policy.model.model
    forward = model.forward

    def ignore_positions(position_ids: object = None, **inputs: object) -> object:
        return forward(**inputs)

    advice = "leave out the stage longctx" if name == "longctx" else r"set sft\.packing=false"
    refused = []
    for step in range(config.sft.steps):
        stage.step = step
        dealt = stage.deck.state_dict()
        model.forward = ignore_positions
        try:
            stage.train_step()
        except ValueError as error:
            assert re.search(advice, str(error))
            refused.append(step)
        model.forward = forward
        if step in refused:
            stage.deck.load_state_dict(dealt)
            stage.train_step()
    assert refused == steps


def test_phases_follow_their_lengths_and_rates(tmp_path: Path) -> None:
    config = small_config("sft.steps=8", "sft.packing=true", PHASES)
    stage = make_stage("sft", make_run(tmp_path / "run", config))
    history = train(stage, 8)
    assert [values["data/max_length"] for values in history] == [80] * 4 + [256] * 4
    # Half the rate in the warm-up step; then the cosine from 0.02 to 0.002 over four steps:
    # 0.002 + 0.018 * (1 + cos(pi * n / 4)) / 2; and from 0.01 to 0.001 without warm-up.
    rates = [0.01, 0.0173640, 0.011, 0.0046360, 0.01, 0.0086820, 0.0055, 0.0023180]
    assert [values["policy/lr"] for values in history] == pytest.approx(rates, rel=1e-4)
    assert sum(values["data/num_waiting"] for values in history[:4]) > 0
    assert not any(values["data/num_waiting"] for values in history[4:])


def test_phases_fill_the_stage_without_a_gap() -> None:
    config = SFTConfig(steps=10, phases=[PhaseConfig(share=0.25), PhaseConfig(share=0.75)])
    assert [(phase.start, phase.end) for phase in plan_phases(config)] == [(0, 2), (2, 10)]
    assert plan_phases(SFTConfig()) == ()


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["sft.packing=true"], r"sft\.packing=True: needs sft\.max_length"),
        (["sft.phases=[{share: 0.5}]"], r"sft\.phases=0\.5: shares must add up to 1"),
        (["sft.phases=[{share: 1, lr_to: 0}]"], r"sft\.phases\.lr_to=0"),
        (
            ["sft.phases=[{share: 1}]", "sft.optim.warmup_steps=3"],
            r"sft\.optim\.warmup_steps=3: with sft\.phases",
        ),
        (["longctx.lengths=[64]"], r"longctx\.rope_bases=.*give one base for each"),
        (["pretrain.text_share=0.9"], r"pretrain\.text_share=0\.9: and .* exceed 1 together"),
        (["sft.steps=0"], r"sft\.steps=0: must be at least 1"),
        (["cooldown.text_frac=2"], r"cooldown\.text_frac=2"),
    ],
)
def test_a_bad_schedule_names_key_and_fix(overrides: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small_config(*overrides)
