"""Preflight refuses what can not work, and says how to mend it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from mm_rl.build import build_prompts
from mm_rl.policy.model import Policy
from mm_rl.preflight import run_preflight
from mm_rl.prompts.prompt_set import ListPromptSet
from mm_rl.run import Run
from tests.conftest import compose_config

MakeRun = Callable[..., Run]


@pytest.fixture
def make_run(policy: Policy, tmp_path: Path) -> MakeRun:
    def make(*overrides: str, **prompts: Any) -> Run:
        config = compose_config("+experiment=smoke", "data.eval_size=2", *overrides)
        sets = {"train": build_prompts(config)["train"], **prompts}
        return Run(config, tmp_path, policy=policy, prompts=sets, metrics_bytes=0)

    return make


def test_a_sound_run_passes(make_run: MakeRun, capsys: pytest.CaptureFixture[str]) -> None:
    run_preflight(make_run())
    assert "8 prompts checked, all well" in capsys.readouterr().out


def test_a_blind_policy_is_refused(make_run: MakeRun) -> None:
    run = make_run()
    with torch.no_grad():  # cut the wire from the vision tower to the language model
        run.policy.model.model.connector.modality_projection.proj.weight.zero_()
    with pytest.raises(ValueError, match="the policy is blind: prompt"):
        run_preflight(run)


def test_placeholders_that_do_not_match_the_features_are_refused(make_run: MakeRun) -> None:
    run = make_run()
    run.policy.processor.image_seq_len = 15
    with pytest.raises(ValueError, match="has 15 image tokens but 16 image features"):
        run_preflight(run)


def test_a_prompt_that_does_not_fit_is_refused(make_run: MakeRun) -> None:
    with pytest.raises(ValueError, match=r"lower rollout\.max_total_tokens"):
        run_preflight(make_run("rollout.max_total_tokens=1000"))


def test_disagreeing_logprobs_are_refused(make_run: MakeRun) -> None:
    run = make_run()
    trained = run.policy.logprobs

    def shifted(*args: Any) -> Any:  # as an engine with other positions or precision would look
        logprobs_BT, entropy_BT = trained(*args)
        return logprobs_BT - 0.01, entropy_BT

    run.policy.logprobs = shifted  # type: ignore[method-assign]
    with pytest.raises(ValueError, match=r"engine and trainer disagree: .* differ by 0\.01"):
        run_preflight(run)


def test_a_reference_that_fails_its_own_verifier_is_refused(make_run: MakeRun) -> None:
    config = compose_config("+experiment=smoke")
    problem = build_prompts(config)["train"].problem(0)
    broken = ListPromptSet([replace(problem, answer="twelve", verifier="numeric", id="")])
    with pytest.raises(ValueError, match="twelve"):
        run_preflight(make_run(train=broken))


def test_a_damaged_picture_is_left_to_curation(
    make_run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = build_prompts(compose_config("+experiment=smoke"))["train"].problem(0)
    data = problem.images[0]
    damaged = replace(problem, images=(data[: len(data) // 2],), id="")
    problems = ListPromptSet([damaged, problem])
    run_preflight(make_run(pool=problems))
    assert "9 prompts checked, all well" in capsys.readouterr().out
    with pytest.raises(ValueError, match="image"):
        run_preflight(make_run(train=problems))
