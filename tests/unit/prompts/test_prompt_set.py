"""Prompt sets: the same prompt for the same index, and no item in two splits."""

from dataclasses import replace
from pathlib import Path

import pytest

from data_synth.problem import Problem
from data_synth.storage import write_problems
from mm_rl.build import build_prompts
from mm_rl.prompts.images import ImageStore
from mm_rl.prompts.prompt_set import SyntheticPromptSet, read_prompt_set
from tests.conftest import compose_config


def make_set(split: str = "train", seed: int = 0, **tasks: float) -> SyntheticPromptSet:
    return SyntheticPromptSet(
        tasks or {"row_sums": 1.0, "swap_cups": 3.0},
        size=1000,
        split=split,
        seed=seed,
        options={"level": 0, "image_size": 64},
    )


def test_tasks_come_in_proportion_to_their_weights() -> None:
    names = [make_set().problem(index).source for index in range(400)]
    assert names.count("swap_cups") / 400 == pytest.approx(0.75, abs=0.06)


def test_splits_and_seeds_share_no_item() -> None:
    sets = [
        make_set(split, seed) for split in ("train", "eval", "demonstrations") for seed in (0, 1)
    ]
    ids = [{prompts.problem(index).id for index in range(200)} for prompts in sets]
    for i, first in enumerate(ids):
        for second in ids[:i]:
            assert not first & second


def test_configured_looks_reach_the_items() -> None:
    def problem(*overrides: str) -> Problem:
        return build_prompts(compose_config("+experiment=smoke", *overrides))["train"].problem(1)

    plain = problem()
    varied = problem("data.style=varied", "data.language=zh", "data.level=2")
    assert (plain.language, plain.difficulty) == ("en", 0)
    assert (varied.language, varied.difficulty) == ("zh", 2)
    assert varied.images != problem("data.language=zh", "data.level=2").images
    assert problem("data.degradation=0.5").images != plain.images


def test_benchmark_items_are_refused_as_training_prompts(tmp_path: Path) -> None:
    problem = replace(make_set().problem(0), eval_only=True, source="mathvista")
    write_problems(tmp_path / "set", [problem])
    with pytest.raises(ValueError, match="holds items of mathvista, which are for evaluation"):
        read_prompt_set(tmp_path / "set")


def test_every_seed_is_evaluated_on_the_same_problems() -> None:
    ids = [
        [
            build_prompts(compose_config("+experiment=smoke", f"seed={seed}"))[role].problem(3).id
            for role in ("eval", "train", "demonstrations")
        ]
        for seed in (0, 1)
    ]
    assert ids[0][0] == ids[1][0]
    assert ids[0][1] != ids[1][1]
    assert ids[0][2] != ids[1][2]


def test_prompt_refers_to_stored_images(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    prompt = make_set().prompt(5, store)
    problem = make_set().problem(5)
    assert prompt.id == problem.id
    assert [store.path(key).read_bytes() for key in prompt.image_keys] == list(problem.images)


def test_stored_problems_become_rl_prompts(tmp_path: Path) -> None:
    problems = [make_set().problem(index) for index in range(12)]
    write_problems(tmp_path / "set", problems, split="train")
    stored = read_prompt_set(tmp_path / "set")
    assert [stored.problem(index) for index in range(len(stored))] == problems
    config = compose_config("+experiment=smoke", f"data.path={tmp_path / 'set'}")
    assert len(build_prompts(config)["train"]) == 12


def test_unknown_task_names_the_choices() -> None:
    with pytest.raises(
        ValueError, match=r"data\.tasks names \['nothing'\]; choose from arrow_walk"
    ):
        make_set(nothing=1.0)
