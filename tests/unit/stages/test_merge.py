"""Merging: exact averages, tied weights, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from mm_rl.build import build_prompts, build_stage
from mm_rl.policy.model import Policy, load_policy
from mm_rl.run import Run
from mm_rl.stages.merge import MergeStage, average_, find_differences
from tests.conftest import compose_config


@pytest.fixture
def other(tiny_folder: Path) -> Policy:
    """A policy of the same origin, trained elsewhere: every weight moved."""
    other = load_policy(str(tiny_folder), device="cpu", dtype="float32")
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in other.model.parameters():
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
    return other


def weights(policy: Policy) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in policy.model.named_parameters()}


@pytest.mark.parametrize("weight", [0.5, 0.75, 1.0, 0.0])
def test_every_weight_is_the_weighted_average(policy: Policy, other: Policy, weight: float) -> None:
    mine, theirs = weights(policy), weights(other)
    distance = average_(policy, other, weight=weight)
    merged = weights(policy)
    assert merged.keys() == mine.keys()
    for name, value in merged.items():
        expected = weight * mine[name] + (1 - weight) * theirs[name]
        assert torch.equal(value, expected), name
    assert distance == pytest.approx(0.1, rel=0.02)
    assert all(torch.equal(theirs[name], value) for name, value in weights(other).items())


def test_tied_weights_stay_tied(policy: Policy, other: Policy) -> None:
    before = policy.model.get_input_embeddings().weight.detach().clone()
    average_(policy, other, weight=0.5)
    embedding = policy.model.get_input_embeddings().weight
    assert policy.model.get_output_embeddings().weight is embedding
    # Averaged once, not twice.
    expected = 0.5 * before + 0.5 * other.model.get_input_embeddings().weight
    assert torch.equal(embedding, expected)


def test_policies_of_one_origin_fit(policy: Policy, other: Policy) -> None:
    assert find_differences(policy, other) == []


def test_another_rope_base_is_named(policy: Policy, other: Policy) -> None:
    other.model.config.text_config.rope_parameters["rope_theta"] = 9000.0
    (difference,) = find_differences(policy, other)
    assert "rope_theta 500.0 against 9000.0" in difference


def test_another_vocabulary_is_named(policy: Policy, other: Policy) -> None:
    other.tokenizer.add_tokens(["zebra-word"])
    (difference,) = find_differences(policy, other)
    assert "tokenizer: 1 tokens differ, such as 'zebra-word' (None against" in difference


def test_another_end_token_is_named(policy: Policy, other: Policy) -> None:
    other.end_ids = frozenset({5})
    (difference,) = find_differences(policy, other)
    assert difference.startswith("end tokens") and difference.endswith("against [5]")


def test_other_shapes_are_named(policy: Policy, other: Policy) -> None:
    name, parameter = next(iter(other.model.named_parameters()))
    parameter.data = torch.zeros(2, 3)
    (difference,) = find_differences(policy, other)
    assert difference.startswith(f"parameter {name} (") and "against (2, 3)" in difference


@pytest.fixture
def make_run(policy: Policy, tmp_path: Path) -> Callable[..., Run]:
    def make(*overrides: str) -> Run:
        config = compose_config(
            "+experiment=smoke",
            "stages=[merge]",
            "data.eval_size=2",
            "data.easy_vqa_eval_size=0",
            "eval.controls=false",
            *overrides,
        )
        prompts = build_prompts(config)
        return Run(config, tmp_path / "run", policy=policy, prompts=prompts, metrics_bytes=0)

    (tmp_path / "run").mkdir()
    return make


def test_the_stage_writes_a_finished_checkpoint_of_the_average(
    make_run: Callable[..., Run], policy: Policy, other: Policy, tmp_path: Path
) -> None:
    other.save(tmp_path / "other")
    mine, theirs = weights(policy), weights(other)
    run = make_run(f"merge.path={tmp_path / 'other'}")
    stage = build_stage("merge", run)
    assert isinstance(stage, MergeStage)
    stage.run()
    checkpoint, _ = run.checkpoints.latest()
    assert checkpoint is not None and (checkpoint.stage, checkpoint.finished) == ("merge", True)
    saved = load_policy(str(checkpoint.path / "policy"), device="cpu", dtype="float32")
    for name, value in weights(saved).items():
        assert torch.equal(value, 0.5 * mine[name] + 0.5 * theirs[name]), name
    lines = [json.loads(line) for line in run.metrics.path.read_text().splitlines()]
    assert [line["step"] for line in lines if "eval/accuracy" in line] == [0, 1]


def test_a_policy_that_does_not_fit_is_refused_before_anything_changes(
    make_run: Callable[..., Run], policy: Policy, other: Policy, tmp_path: Path
) -> None:
    other.model.config.text_config.rope_parameters["rope_theta"] = 9000.0
    other.save(tmp_path / "other")
    before = weights(policy)
    with pytest.raises(ValueError, match=r"merge\.path=.*rope_theta.*trained from the same model"):
        build_stage("merge", make_run(f"merge.path={tmp_path / 'other'}")).run()  # type: ignore[union-attr]
    assert all(torch.equal(before[name], value) for name, value in weights(policy).items())
    with pytest.raises(ValueError, match=r"merge\.path='/nowhere' is no loadable"):
        build_stage("merge", make_run("merge.path=/nowhere")).run()  # type: ignore[union-attr]
    with pytest.raises(ValueError, match=r"merge\.path is empty"):
        build_stage("merge", make_run()).run()  # type: ignore[union-attr]
