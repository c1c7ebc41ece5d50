"""Pretraining, cooldown and long contexts: what trains, on what, and going on after a kill."""

from pathlib import Path

import pytest
import torch

from data_synth.tasks import make_problem
from mm_rl.policy.model import load_policy
from mm_rl.policy.parts import language_parameters, set_rope_base, vision_parameters
from mm_rl.stages.cooldown import CooldownStage
from mm_rl.stages.documents import as_text, picture_text
from mm_rl.stages.longctx import LongContextStage
from mm_rl.stages.pretrain import PretrainStage
from tests.unit.stages.supervised_runs import make_run, make_stage, small_config, train, weights_of


def pretrain_stage(folder: Path, *overrides: str) -> PretrainStage:
    stage = make_stage("pretrain", make_run(folder, small_config("stages=[pretrain]", *overrides)))
    assert isinstance(stage, PretrainStage)
    return stage


def long_stage(folder: Path, *overrides: str) -> LongContextStage:
    stage = make_stage("longctx", make_run(folder, small_config("stages=[longctx]", *overrides)))
    assert isinstance(stage, LongContextStage)
    return stage


def changed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> set[str]:
    return {name for name in before if not torch.equal(before[name], after[name])}


def is_vision(name: str) -> bool:
    return ".vision_model." in name or ".connector." in name


def test_each_phase_changes_its_own_part_to_the_bit(tmp_path: Path) -> None:
    stage = pretrain_stage(
        tmp_path / "run", "sft.steps=6", "pretrain.text_share=0.34", "pretrain.vision_share=0.33"
    )
    start = weights_of(stage)
    train(stage, 2)
    after_text = weights_of(stage)
    train(stage, 2)
    after_vision = weights_of(stage)
    train(stage, 2)
    after_joint = weights_of(stage)
    text, vision = changed(start, after_text), changed(after_text, after_vision)
    assert text and not any(map(is_vision, text))
    assert vision and all(map(is_vision, vision))
    assert any(map(is_vision, changed(after_vision, after_joint)))
    assert not all(map(is_vision, changed(after_vision, after_joint)))


def test_optimizer_holds_only_what_the_phase_trains(tmp_path: Path) -> None:
    stage = pretrain_stage(tmp_path / "run", "sft.steps=3", "pretrain.text_share=0.34")
    policy = stage.run_.policy
    sizes = []
    for _ in range(3):
        stage.train_step()
        stage.step += 1
        held = [p for group in stage.trainer.optimizer.param_groups for p in group["params"]]
        sizes.append({id(parameter) for parameter in held})
    language, vision = (
        {id(p) for p in parts} for parts in (language_parameters(policy), vision_parameters(policy))
    )
    assert sizes == [language, vision, language | vision]
    assert not language & vision
    assert language | vision == {id(p) for p in policy.model.parameters()}


def test_vision_text_share_rises_linearly(tmp_path: Path) -> None:
    stage = pretrain_stage(
        tmp_path / "run",
        "sft.steps=100",
        "pretrain.text_share=0.2",
        "pretrain.vision_share=0.3",
        "pretrain.vision_text_to=0.3",
    )
    shares = [stage.vision_text_share(step) for step in range(100)]
    assert shares[:20] == [0.0] * 20
    assert shares[20:50] == [1.0] * 30
    assert shares[50] == pytest.approx(0.3 / 50)
    assert shares[74] == pytest.approx(0.15)
    assert shares[99] == pytest.approx(0.3)
    stage.config.batch_size = 20
    stage.step = 99
    stage.begin_step()
    rows = stage._next_rows()
    assert sum(bool(row.prompt.vision) for row in rows) == 6


def test_documents_have_no_pictures_and_all_their_tokens_train(tmp_path: Path) -> None:
    stage = pretrain_stage(tmp_path / "run", "sft.steps=10")
    stage.begin_step()
    policy = stage.run_.policy
    for row in stage._next_rows():
        assert not row.prompt.vision
        assert row.prompt.token_ids == (policy.tokenizer.bos_token_id,)
        assert "\\boxed{" in policy.decode(row.token_ids)
    (batch,) = stage._micro_batches([row])
    assert batch.mask_BT[0].tolist() == [0.0] + [1.0] * len(row.token_ids)


def test_descriptions_say_what_the_picture_says(tmp_path: Path) -> None:
    stage = pretrain_stage(
        tmp_path / "run",
        "sft.steps=10",
        "pretrain.text_share=0",
        "pretrain.vision_share=1",
        "pretrain.description_frac=1",
        *(f"data.tasks.{name}=0" for name in ("mirror_fill", "row_sums", "swap_cups")),
        "+data.tasks.table_sums=1",
    )
    stage.begin_step()
    row = stage._next_rows()[0]
    policy = stage.run_.policy
    assert "Read the picture." in policy.decode(row.prompt.token_ids)
    assert row.prompt.vision and row.read_prompt
    assert policy.decode(row.token_ids).startswith("name\ncity\nyear\namount\n")


TABLES = (
    *(f"data.tasks.{name}=0" for name in ("mirror_fill", "row_sums", "swap_cups")),
    "+data.tasks.table_sums=1",
    "data.presentation=text",
)
VISION = ("sft.steps=3", "pretrain.text_share=0", "pretrain.vision_share=1")


def test_problems_presented_as_text_are_no_image_rows(tmp_path: Path) -> None:
    stage = pretrain_stage(tmp_path / "run", *VISION, *TABLES, "data.tasks.row_sums=1")
    stage.begin_step()
    rows = [row for _ in range(6) for row in stage._next_rows()]
    assert len(rows) == 24 and all(row.prompt.vision for row in rows)


def test_without_any_image_only_text_is_pretrained_on(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"data\.presentation=text leaves pretraining no image"):
        pretrain_stage(tmp_path / "refused", *VISION, *TABLES)
    text = ("sft.steps=3", "pretrain.vision_share=0", "pretrain.vision_text_to=0")
    stage = pretrain_stage(tmp_path / "run", *text, *TABLES)
    assert all(values["data/vision_text_share"] == 0 for values in train(stage, 3))


def test_real_questions_have_a_loss_of_their_own(tmp_path: Path) -> None:
    stage = pretrain_stage(tmp_path / "run", *VISION, "sft.easy_vqa_frac=0.5")
    assert {"nll/vision_text", "nll/easy_vqa"} <= train(stage, 1)[0].keys()


def test_a_problem_without_a_twin_is_asked_with_notes() -> None:
    sums = make_problem("row_sums", split="train", seed=0, index=3, level=0, image_size=64)
    table = make_problem("table_sums", split="train", seed=0, index=3, level=0, image_size=64)
    for problem in (sums, table):
        text = as_text(problem)
        assert not text.images and text.answer == problem.answer and text.id != problem.id
        assert as_text(text) is text
    assert as_text(sums).question == f"{sums.reasoning}\n{sums.question}"
    assert as_text(table).question == table.text_twin
    assert picture_text(sums) == sums.reasoning
    assert picture_text(table) == "\n".join(region.text for region in table.regions)


def test_cooldown_asks_its_share_without_pictures(tmp_path: Path) -> None:
    config = small_config("stages=[cooldown]", "sft.batch_size=8", "cooldown.text_frac=0.25")
    stage = make_stage("cooldown", make_run(tmp_path / "run", config))
    assert isinstance(stage, CooldownStage)
    stage.begin_step()
    rows = stage._next_rows()
    assert [bool(row.prompt.vision) for row in rows] == [True] * 6 + [False] * 2
    assert not any(row.read_prompt for row in rows)


LONG = (
    "sft.steps=4",
    "sft.batch_size=5",
    "longctx.lengths=[192, 384]",
    "longctx.rope_bases=[700, 1400]",
)


def test_long_documents_fill_the_context_and_hold_the_answer(tmp_path: Path) -> None:
    stage = long_stage(tmp_path / "run", *LONG, "longctx.image_frac=0.5")
    policy = stage.run_.policy
    stage.begin_step()
    rows = [stage.long.row(index) for index in range(16)]
    assert {bool(row.prompt.vision) for row in rows} == {True, False}
    for row in rows:
        assert 0.6 * 192 < row.num_tokens <= 192
        prompt, completion = policy.decode(row.prompt.token_ids), policy.decode(row.token_ids)
        if row.prompt.vision:
            number = int(prompt.split("Picture ")[1].split(":")[0])
            assert 1 <= number <= row.prompt.vision["pixel_values"].shape[1]
        else:
            number = int(prompt.rsplit("Page ", 1)[1].split(":")[0])
            page = prompt.split(f"Page {number}. ")[1].split("\n")[0]
            assert completion.startswith(f"<think>{page}</think>")


def test_full_and_partial_attention_take_their_shares(tmp_path: Path) -> None:
    stage = long_stage(tmp_path / "run", *LONG)
    stage.begin_step()
    for _ in range(6):
        batches = stage._micro_batches(stage._next_rows())
        assert all(batch.packed and batch.lengths_B.sum() <= 192 for batch in batches)
        # 40 % of 5 sequences are a document, nothing else.
        full = [batch for batch in batches if 1 in batch.group_B]
        assert (len(full), len(batches)) == (2, 5)
        assert all(len(batch.group_B) == 1 for batch in full)


def test_few_sequences_keep_the_share_of_documents_over_the_steps(tmp_path: Path) -> None:
    stage = long_stage(tmp_path / "run", *LONG, "sft.batch_size=1")
    stage.begin_step()
    kinds = [{row.group for row in stage._next_rows()} for _ in range(10)]
    assert kinds.count({1}) == 4 and kinds.count({-1}) == 6


def test_short_rows_of_packs_keep_the_share_of_real_questions(tmp_path: Path) -> None:
    stage = long_stage(tmp_path / "run", *LONG, "sft.easy_vqa_frac=0.25", "sft.answer_only_frac=0")
    stage.begin_step()
    rows = [row for _ in range(12) for row in stage._next_rows() if row.group == -1]
    real = sum("<think></think>" in stage.run_.policy.decode(row.token_ids) for row in rows)
    assert len(rows) > 40
    assert abs(real - 0.25 * len(rows)) <= 0.5


def test_all_text_of_a_document_trains(tmp_path: Path) -> None:
    stage = long_stage(tmp_path / "run", *LONG, "longctx.image_frac=0")
    values = train(stage, 1)[0]
    assert values["longctx/full_attention_frac"] == 0.4
    fresh = long_stage(tmp_path / "fresh", *LONG, "longctx.image_frac=0")
    fresh.begin_step()
    rows = fresh._next_rows()
    # Nothing predicts the first token of a document; of a short row the answer trains.
    full = sum(row.num_tokens - 1 for row in rows if row.group == 1)
    partial = sum(len(row.token_ids) for row in rows if row.group == -1)
    expected = full / (full + partial)
    assert values["longctx/full_attention_token_frac"] == pytest.approx(expected)


def test_a_policy_is_evaluated_before_its_positions_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = long_stage(tmp_path / "run", *LONG)
    policy, bases = stage.run_.policy, []

    def note(*, final: bool) -> str:
        bases.append(policy.model.config.get_text_config().rope_parameters["rope_theta"])
        return ""

    monkeypatch.setattr(stage, "evaluate", note)
    stage.run()
    assert bases == [500.0, 1400]


def test_every_length_has_its_rope_base(tmp_path: Path) -> None:
    stage = long_stage(tmp_path / "run", *LONG)
    bases = [values["longctx/rope_base"] for values in train(stage, 4)]
    assert bases == [700, 700, 1400, 1400]
    model = stage.run_.policy.model
    head_dim = 32 // 4
    expected = 1400.0 ** (-torch.arange(0, head_dim, 2) / head_dim)
    torch.testing.assert_close(model.get_decoder().rotary_emb.inv_freq, expected)


def test_another_rope_base_survives_saving(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", small_config())
    policy = run.policy
    encoded = policy.encode("Add 3 and 4 and 5.", [])
    tokens = torch.tensor([encoded.token_ids])
    with torch.no_grad():
        before = policy.model(input_ids=tokens).logits
        set_rope_base(policy, base=9000.0, max_positions=5000)
        after = policy.model(input_ids=tokens).logits
        policy.save(tmp_path / "policy")
        loaded = load_policy(str(tmp_path / "policy"), device="cpu", dtype="float32")
        found = loaded.model(input_ids=tokens).logits
    assert (after - before).abs().max() > 1e-3
    assert torch.equal(found, after)
    assert loaded.model.config.get_text_config().max_position_embeddings == 5000
    set_rope_base(loaded, base=9000.0, max_positions=100)
    assert loaded.model.config.get_text_config().max_position_embeddings == 5000


def test_loss_on_long_documents_drops(tmp_path: Path) -> None:
    stage = long_stage(
        tmp_path / "run",
        "sft.steps=24",
        "sft.batch_size=5",
        "sft.decay=false",
        "sft.optim.lr=0.01",
        "longctx.lengths=[256]",
        "longctx.rope_bases=[1000]",
        "longctx.image_frac=0",
    )
    history = [values["nll/full_attention"] for values in train(stage, 24)]
    assert sum(history[-4:]) < 0.6 * sum(history[:4])


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("pretrain", ("pretrain.text_share=0.34", "pretrain.vision_share=0.33")),
        ("cooldown", ("sft.packing=true", "sft.max_length=256")),
        ("longctx", LONG),
        (
            "sft",
            (
                "sft.packing=true",
                "sft.phases=[{share: 0.5, max_length: 90, lr_from: 0.002, lr_to: 0.0002}, "
                "{share: 0.5, max_length: 256, lr_from: 0.001, lr_to: 0.0001}]",
            ),
        ),
    ],
)
@pytest.mark.parametrize("cut", [2, 3])
def test_a_killed_stage_goes_on_bit_for_bit(
    name: str, overrides: tuple[str, ...], cut: int, tmp_path: Path
) -> None:
    """Cut at the end of a phase and in the middle of one."""
    config = small_config(f"stages=[{name}]", *overrides, "sft.steps=6")
    whole = make_stage(name, make_run(tmp_path / "whole", config))
    expected = train(whole, 6)
    killed = make_stage(name, make_run(tmp_path / "killed", config))
    train(killed, cut)
    torch.save(killed.state_dict(), tmp_path / "state.pt")
    killed.run_.policy.save(tmp_path / "policy")
    resumed = make_stage(name, make_run(tmp_path / "resumed", config, tmp_path / "policy"))
    resumed.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    assert train(resumed, 6 - cut) == expected[cut:]
    assert not changed(weights_of(whole), weights_of(resumed))


@pytest.mark.parametrize("name", ["pretrain", "longctx"])
def test_phases_of_sft_are_refused_where_a_stage_has_its_own(name: str, tmp_path: Path) -> None:
    config = small_config(f"stages=[{name}]", "sft.phases=[{share: 1}]")
    with pytest.raises(ValueError, match=rf"sft\.phases: the stage {name}"):
        make_stage(name, make_run(tmp_path / "run", config))
