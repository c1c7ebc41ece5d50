"""Curriculum: the warm-up is uniform, the change is where and as steep as configured."""

import pytest

from mm_rl.prompts.prompt_set import PromptSet, SyntheticPromptSet
from mm_rl.sampling.curriculum import CurriculumSampler
from tests.unit.sampling.sets import RuledSet, group, make_sampler, rates


def curriculum(prompts: PromptSet, *settings: str, seed: int = 0) -> CurriculumSampler:
    sampler = make_sampler(prompts, "curriculum", *settings, seed=seed)
    assert isinstance(sampler, CurriculumSampler)
    return sampler


def levels(size: int) -> RuledSet:
    """Levels 0 to 3 in turn."""
    return RuledSet(size, lambda index: {"difficulty": index % 4})


def synthetic(size: int = 1_000_000) -> SyntheticPromptSet:
    """A quarter of the prompts is of level 2."""
    tasks = {"row_sums@0": 2.0, "mirror_fill@1": 1.0, "row_sums@2": 1.0}
    return SyntheticPromptSet(tasks, size=size, split="train", seed=0, options={})


def test_the_warmup_draws_what_uniform_draws_and_then_only_hard_ones() -> None:
    sampler = curriculum(levels(400), "warmup_iterations=24", "hard_level=2", seed=5)
    uniform = make_sampler(levels(400), seed=5)
    for _ in range(24):
        assert sampler.draw(8) == uniform.draw(8)
    for _ in range(30):
        drawn = sampler.draw(8)
        assert all(index % 4 >= 2 for index in drawn)
        metrics = sampler.metrics()
        assert metrics["sampler/hard_frac"] == metrics["sampler/hard_only_prob"] == 1.0


def test_hard_prompts_come_in_passes_of_their_own() -> None:
    sampler = curriculum(levels(40), "warmup_iterations=0", "hard_level=3")
    for _ in range(4):
        both = [*sampler.draw(5), *sampler.draw(5)]
        assert sorted(both) == list(range(3, 40, 4))


def test_the_ramp_is_linear_in_iterations() -> None:
    sampler = curriculum(
        levels(1_000_000),
        "warmup_iterations=2",
        "transition=ramp",
        "ramp_iterations=4",
        "hard_level=3",
    )
    num = 4000
    for prob in (0.0, 0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.0):
        drawn = sampler.draw(num)
        metrics = sampler.metrics()
        assert metrics["sampler/hard_only_prob"] == prob
        share = sum(index % 4 == 3 for index in drawn) / num
        assert metrics["sampler/hard_frac"] == pytest.approx(share)
        # A quarter of the unrestricted draws is hard anyway; four standard deviations.
        expected = prob + (1 - prob) / 4
        assert share == pytest.approx(expected, abs=4 * (expected * (1 - expected) / num) ** 0.5)


def test_pass_rates_below_the_threshold_are_hard_and_unknown_ones_are_not() -> None:
    sampler = curriculum(rates(0.1, 0.5, None, 0.4, 0.9), "by=pass_rate", "warmup_iterations=0")
    assert {index for _ in range(20) for index in sampler.draw(2)} == {0, 3}


def test_tracked_success_moves_prompts_in_and_out_of_the_hard_set() -> None:
    sampler = curriculum(rates(*[None] * 6), "by=success", "warmup_iterations=0")
    assert not any(map(sampler.is_hard, range(6)))
    sampler.observe(group(2, correct=0, k=8))
    sampler.observe(group(4, correct=1, k=8))
    assert {index for _ in range(10) for index in sampler.draw(2)} == {2, 4}
    for _ in range(5):
        sampler.observe(group(4, correct=8, k=8))
    assert [sampler.draw(1) for _ in range(5)] == [[2]] * 5


def test_others_fill_an_iteration_when_the_hard_set_is_too_small() -> None:
    sampler = curriculum(levels(20), "warmup_iterations=0", "hard_level=3")
    for _ in range(10):
        drawn = sampler.draw(8)
        assert len(set(drawn)) == 8
        assert set(drawn) >= {3, 7, 11, 15, 19}
        assert sampler.metrics()["sampler/hard_frac"] == pytest.approx(5 / 8)


def test_an_endless_set_is_restricted_without_being_listed() -> None:
    prompts = synthetic()
    sampler = curriculum(prompts, "warmup_iterations=1", "hard_level=2")
    easy, hard = sampler.draw(200), sampler.draw(200)
    share = sum(prompts.tags(index).difficulty == 2 for index in easy) / 200
    assert share == pytest.approx(0.25, abs=0.12)
    assert {prompts.tags(index).difficulty for index in hard} == {2}
    assert len(set(hard)) == 200


@pytest.mark.parametrize("size", [50, 1_000_000])
def test_an_empty_hard_set_is_refused_at_the_start(size: int) -> None:
    with pytest.raises(ValueError, match=r"sampler\.hard_level=4: no prompt of that level .*lower"):
        curriculum(levels(size), "hard_level=4")
    with pytest.raises(ValueError, match=r"sampler\.hard_below=0\.5: no prompt .*mm_rl\.curate"):
        curriculum(RuledSet(size), "by=pass_rate")


def test_a_stratum_without_hard_prompts_is_refused_by_name() -> None:
    prompts = RuledSet(
        40, lambda index: {"difficulty": index % 2 * 2, "domain": "ab"[index % 4 // 2]}
    )
    curriculum(prompts, "stratify_by=domain")
    prompts.rule = lambda index: {"difficulty": index % 2 * 2, "domain": "ab"[index % 2]}
    with pytest.raises(ValueError, match="no prompt with domain=a of that level"):
        curriculum(prompts, "stratify_by=domain")


def test_success_on_an_endless_set_is_refused() -> None:
    with pytest.raises(ValueError, match=r"sampler\.by=success: 1000000 prompts .*train_size"):
        curriculum(levels(1_000_000), "by=success")


def test_a_curriculum_that_never_changes_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    # The configuration of the tests has 3 iterations.
    curriculum(levels(8), "warmup_iterations=2")
    assert capsys.readouterr().out == ""
    curriculum(levels(8), "warmup_iterations=3")
    assert "warmup_iterations=3 is not below rl.iterations=3" in capsys.readouterr().out
