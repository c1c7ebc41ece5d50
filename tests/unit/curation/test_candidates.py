"""Which problems enter a curation: every configured part gives some, and what stays out is told."""

from pathlib import Path

import pytest

from data_synth.storage import write_problems
from mm_rl.build import build_prompts
from mm_rl.curation.stage import count_unseen
from mm_rl.policy.model import Policy
from mm_rl.prompts.prompt_set import PromptSet
from mm_rl.run import Run
from tests.conftest import compose_config
from tests.unit.curation.conftest import number_problem

CURATE = ("+experiment=smoke", "stages=[curate]")
EASY_VQA = "+data.sources={easy-vqa: 5}"


def candidates(*overrides: str) -> PromptSet:
    return build_prompts(compose_config(*CURATE, *overrides))["pool"]


def sources(prompts: PromptSet) -> list[str]:
    return [prompts.problem(index).source for index in range(len(prompts))]


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    problems = [number_problem(f"What is {n}?", str(n), color=None) for n in range(12)]
    write_problems(tmp_path / "stored", problems)
    return tmp_path / "stored"


def test_sources_come_in_beside_generated_problems() -> None:
    found = sources(candidates(EASY_VQA, "curation.num_candidates=9"))
    assert found[4:] == ["easy-vqa"] * 5
    assert "easy-vqa" not in found[:4]
    assert sources(candidates(EASY_VQA, "curation.num_candidates=5")) == ["easy-vqa"] * 5


def test_all_that_is_stored_enters_unless_a_number_is_given(stored: Path, policy: Policy) -> None:
    path = f"data.path={stored}"
    assert sources(candidates(path, EASY_VQA)) == ["made_up"] * 12 + ["easy-vqa"] * 5
    pool = candidates(path, EASY_VQA, "curation.num_candidates=8")
    assert sources(pool) == ["made_up"] * 3 + ["easy-vqa"] * 5
    assert [pool.problem(index).answer for index in range(3)] == ["0", "1", "2"]


def test_problems_that_nobody_looks_at_are_counted_and_told(
    stored: Path, policy: Policy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = compose_config(
        *CURATE, f"data.path={stored}", "curation.num_candidates=8", "data.presentation=text"
    )
    folder = tmp_path / "run"
    folder.mkdir()
    run = Run(config, folder, policy=policy, prompts=build_prompts(config), metrics_bytes=0)
    assert count_unseen(run) == 4
    assert "WARNING: 4 problems of data.path=" in capsys.readouterr().out


def test_generated_candidates_want_a_number() -> None:
    with pytest.raises(ValueError, match=r"num_candidates=null: generated candidates have no end"):
        candidates(EASY_VQA)


def test_a_part_that_could_give_nothing_is_refused(stored: Path) -> None:
    with pytest.raises(ValueError, match=r"num_candidates=4: .* alone give 5; raise it"):
        candidates(EASY_VQA, "curation.num_candidates=4")
    with pytest.raises(ValueError, match=r"num_candidates=5: .* alone give 5; raise it"):
        candidates(EASY_VQA, f"data.path={stored}", "curation.num_candidates=5")
    with pytest.raises(ValueError, match=r"\{easy-vqa: 0\} gives no problem"):
        candidates("+data.sources={easy-vqa: 0}", "curation.num_candidates=5")


@pytest.mark.parametrize("name", ["aime-2024", "mathvista"])
@pytest.mark.parametrize("stages", ["[curate]", "[rl]"])
def test_benchmarks_are_neither_candidates_nor_training_data(name: str, stages: str) -> None:
    config = compose_config(
        "+experiment=smoke", f"stages={stages}", f"+data.sources={{{name}: 3}}",
        "curation.num_candidates=9",
    )  # fmt: skip
    with pytest.raises(ValueError, match=f"{name}: 3}}: {name} is for evaluation only"):
        build_prompts(config)


@pytest.mark.parametrize(
    ("experiment", "generated", "easy_vqa"),
    [("k15/curate", 1000, 200), ("curate/quick", 240, 120)],
)
def test_the_experiments_look_at_all_of_their_problems(
    experiment: str, generated: int, easy_vqa: int
) -> None:
    config = compose_config(f"+experiment={experiment}", "data.easy_vqa_eval_size=0")
    pool = build_prompts(config)["pool"]
    assert len(pool) == generated + easy_vqa
    places = (0, generated - 1, generated, generated + easy_vqa - 1)
    found = [pool.problem(index).source == "easy-vqa" for index in places]
    assert found == [False, False, True, True]
