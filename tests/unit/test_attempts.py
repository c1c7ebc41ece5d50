"""Attempts: n verified samples per prompt, the same after a kill."""

import shutil
from pathlib import Path

import pytest

from data_synth.verify.answer import BOX_OPEN, THINK_CLOSE
from mm_rl.attempts import AttemptSettings, PromptAttempts, collect_attempts
from mm_rl.build import build_prompts
from mm_rl.policy.model import Policy
from mm_rl.rollout.answer_at_once import EndBehindBox, open_box
from mm_rl.run import Run
from tests.conftest import compose_config

INDICES = (3, 0, 5)


@pytest.fixture
def run(policy: Policy, tmp_path: Path) -> Run:
    config = compose_config("+experiment=smoke", "rollout.max_total_tokens=24")
    prompts = build_prompts(config)
    return Run(config, tmp_path, policy=policy, prompts=prompts, metrics_bytes=0)


def collect(
    run: Run, indices: tuple[int, ...] = INDICES, **changes: object
) -> list[PromptAttempts]:
    settings: dict[str, object] = {"purpose": "test", "num_samples": 4, "temperature": 1.0}
    made = AttemptSettings(**{**settings, **changes})  # type: ignore[arg-type]
    return list(collect_attempts(run, run.prompts["train"], indices, made))


def test_results_come_in_the_order_of_the_indices_with_all_samples(run: Run) -> None:
    results = collect(run)
    assert [result.index for result in results] == [3, 0, 5]
    for result in results:
        assert [attempt.sample_index for attempt in result.attempts] == [0, 1, 2, 3]
        assert result.prompt.id == run.prompts["train"].problem(result.index).id
        for attempt in result.attempts:
            assert attempt.text == run.policy.decode(attempt.token_ids)
            assert 0 < attempt.num_tokens <= 24
        # An untrained policy knows nothing: what it says differs, and is wrong.
        assert len({attempt.token_ids for attempt in result.attempts}) == 4
        assert result.pass_rate == 0


def test_a_second_process_reads_what_the_first_one_sampled(run: Run) -> None:
    first = collect(run)
    for parameter in run.policy.model.parameters():
        parameter.data.zero_()  # sampling again would give something else
    assert collect(run) == first


def test_a_sample_depends_on_its_prompt_and_not_on_the_block(run: Run) -> None:
    together = collect(run)
    alone = collect(run, indices=(0,))
    assert alone[0].attempts == together[1].attempts


def test_another_purpose_draws_other_samples(run: Run) -> None:
    assert collect(run)[0].attempts != collect(run, purpose="other")[0].attempts


def test_changed_settings_are_not_answered_from_disk(run: Run) -> None:
    collect(run)
    assert len(collect(run, num_samples=2)[0].attempts) == 2
    greedy = collect(run, temperature=0.0)[0].attempts
    assert len({attempt.token_ids for attempt in greedy}) == 1


def test_a_forced_beginning_is_part_of_the_completion_and_costs_no_budget(run: Run) -> None:
    opening = run.policy.encode_completion("\\boxed{")[:-1]
    for attempt in collect(run, answer_at_once=True, max_tokens=5)[0].attempts:
        assert attempt.token_ids[: len(opening)] == opening
        assert attempt.text.startswith("\\boxed{")
        assert attempt.num_tokens <= len(opening) + 5


@pytest.mark.parametrize(
    ("text", "is_over"),
    [
        ("\\boxed{1", False),
        ("\\boxed{12}", True),
        ("\\boxed{\\frac{1}{2}", False),
        ("\\boxed{\\frac{1}{2}}", True),
        ("\\boxed{\\{1,2\\}", False),  # escaped braces do not nest
        ("\\boxed{\\{1,2\\}}", True),
        ("</think>\\boxed{1", False),
        ("</think>\\boxed{1}", True),
        ("no box } yet", False),
    ],
)
def test_only_the_end_may_follow_the_brace_that_closes_the_box(
    policy: Policy, text: str, is_over: bool
) -> None:
    allowed_V = EndBehindBox(policy).allowed(policy.encode_completion(text)[:-1])
    assert (allowed_V is not None) == is_over
    if allowed_V is not None:
        assert set(allowed_V.nonzero().flatten().tolist()) == set(policy.end_ids)


def test_a_template_that_opens_the_reasoning_has_it_closed(policy: Policy) -> None:
    assert open_box(policy) == BOX_OPEN
    processor = policy.processor
    processor.chat_template = processor.chat_template.replace("assistant\n", "assistant\n<think>\n")
    assert open_box(policy) == THINK_CLOSE + BOX_OPEN


def test_a_blind_run_samples_blind(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = collect(run, blind=True)
    assert expected != collect(run, blind=False)
    monkeypatch.setattr(run.config.data, "blind", True)
    shutil.rmtree(run.folder / "attempts")
    assert collect(run, blind=False) == expected


def test_blank_images_and_suffixes_reach_the_policy(run: Run) -> None:
    seen = collect(run, temperature=0.0, num_samples=1)
    assert collect(run, temperature=0.0, num_samples=1, blind=True) != seen
    assert collect(run, temperature=0.0, num_samples=1, suffix=" Answer at once.") != seen


def test_a_broken_block_is_named(run: Run) -> None:
    collect(run)
    (path,) = (run.folder / "attempts" / "test").iterdir()
    path.write_bytes(b"PAR1 cut short")
    with pytest.raises(ValueError, match=r"is broken .* remove it"):
        collect(run)
