"""The whole stage: every problem in one place, the same after a kill, and a clear end if empty."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from data_synth.problem import Modality, Problem
from data_synth.storage import read_problems
from data_synth.tasks import make_problem
from mm_rl.config.curation import CurationConfig, DifficultyConfig, MislabelledConfig
from mm_rl.config.similarity import PICTURED, RelevanceConfig
from mm_rl.curation.base import Drop, Filter, Pool
from mm_rl.curation.decisions import decide
from mm_rl.curation.stage import CurateStage, bin_rates
from mm_rl.policy.model import Policy
from mm_rl.prompts.combined import ChosenPrompts
from mm_rl.prompts.prompt_set import ListPromptSet, read_prompt_set
from mm_rl.run import Run
from tests.conftest import compose_config
from tests.unit.curation.conftest import MakePool, Teach, number_problem

KNOWN = number_problem("Name my number.", "7")
FILTERS = "curation.filters=[excluded,mislabelled,guess,blind,difficulty]"


def candidates() -> list[Problem]:
    clean = [make_problem("row_sums", index=index, image_size=64) for index in range(4)]
    whole = clean[0].images[0]
    # The header is sound: nobody knows before the pixels are wanted.
    damaged = replace(number_problem("How deep?", "3"), images=(whole[: len(whole) // 2],), id="")
    return [
        *clean,
        KNOWN,
        number_problem("Is it round?", "yes"),
        number_problem("What is 7 * 8? (A) 54 (B) 56", "B", color=None),
        number_problem("How many?", "many"),
        replace(make_problem("row_sums", index=9, image_size=64), answer="(1,1)", id=""),
        damaged,
    ]


def make_run(policy: Policy, folder: Path, *overrides: str, problems: list[Problem]) -> Run:
    folder.mkdir(exist_ok=True)
    config = compose_config(
        "+experiment=smoke", "stages=[curate]", "rollout.max_total_tokens=16", *overrides
    )
    return Run(
        config,
        folder,
        policy=policy,
        prompts={"pool": ChosenPrompts(ListPromptSet(problems), range(len(problems)))},
        metrics_bytes=0,
    )


def test_every_problem_ends_in_exactly_one_place(
    policy: Policy, teach: Teach, tmp_path: Path
) -> None:
    teach([(KNOWN, "\\boxed{7}")])
    problems = candidates()
    # It says 7 to everything by now: a consensus of one mind.
    alone = "curation.mislabelled.consensus=false"
    CurateStage(make_run(policy, tmp_path, FILTERS, alone, problems=problems)).run()

    kept = list(read_problems(tmp_path / "curated"))
    reviewed = list(read_problems(tmp_path / "review"))
    drops: dict[str, tuple[str, dict[str, object]]] = {}
    for path in sorted((tmp_path / "curation").glob("??-*.jsonl")):
        for line in path.read_text().splitlines()[1:]:
            row = json.loads(line)
            if "drop" in row:
                assert row["id"] not in drops
                drops[row["id"]] = (path.stem, row["drop"])
    rewritten_from = problems[6].id
    ids = [p.id if p.id != rewritten_from else kept[-1].id for p in problems]
    assert sorted([*(p.id for p in kept), *drops]) == sorted(ids)
    assert [p.id for p in kept] == [*(p.id for p in problems[:4]), kept[-1].id]
    assert kept[-1].question == "What is 7 * 8?\nAnswer with a number."
    assert {identity: (step, drop["reason"]) for identity, (step, drop) in drops.items()} == {
        problems[4].id: ("03-guess", "guessed"),
        problems[5].id: ("01-excluded", "true_false"),
        problems[7].id: ("02-mislabelled", "reference_rejected"),
        problems[8].id: ("02-mislabelled", "resolver_disagrees"),
        problems[9].id: ("00-readable", "unreadable_image"),
    }
    set_aside = ("00-readable", "02-mislabelled")
    assert [p.id for p in reviewed] == [problems[number].id for number in (9, 7, 8)]
    assert all(drop["review"] == (step in set_aside) for step, drop in drops.values())
    evidence = drops[problems[9].id][1]["detail"]
    assert f"row 9 of the candidates, made_up {problems[9].id}: the image" in str(evidence)
    page = (tmp_path / "curation/report.html").read_text()
    assert "readable: unreadable_image (for review)" in page
    rows = [json.loads(line) for line in (tmp_path / "review/review.jsonl").open()]
    assert [(row["id"], row["reason"]) for row in rows] == [
        (problems[9].id, "unreadable_image"),
        (problems[7].id, "reference_rejected"),
        (problems[8].id, "resolver_disagrees"),
    ]

    summary = json.loads((tmp_path / "curation/summary.json").read_text())
    assert (summary["num_candidates"], summary["num_kept"], summary["num_review"]) == (10, 5, 3)
    assert summary["num_unseen"] == 0
    assert [(each["name"], each["before"], each["after"]) for each in summary["filters"]] == [
        ("readable", 10, 9),
        ("excluded", 9, 8),
        ("mislabelled", 8, 6),
        ("guess", 6, 5),
        ("blind", 5, 5),
        ("difficulty", 5, 5),
    ]
    assert summary["filters"][1]["num_rewritten"] == 1
    assert [len(each["remarks"]) for each in summary["filters"]] == [0, 0, 0, 1, 1, 1]
    assert "completions were cut at 16 tokens" in summary["filters"][5]["remarks"][0]
    assert sum(summary["pass_rates"]) == 5

    prompts = read_prompt_set(tmp_path / "curated")
    assert [prompts.tags(index).num_attempts for index in range(5)] == [10] * 5
    assert all(prompts.tags(index).pass_rate == 0 for index in range(5))
    assert summary["num_unsolved"] == 5


class Forbidden(Filter):
    """A filter that must not be asked again."""

    name = "excluded"

    def apply(self, pool: Pool) -> dict[int, Drop]:
        raise AssertionError("decided a second time")


class DropAndNote(Filter):
    """Drops one, notes a fact about another and rewrites a third."""

    name = "excluded"

    def apply(self, pool: Pool) -> dict[int, Drop]:
        pool.note(1, seen=True)
        pool.remark("one repeats another")
        pool.replace(2, replace(pool.problem(2), question="New?", alternatives=("3", "4"), id=""))
        return {0: Drop(reason="repeat", detail="of the next", twin=pool.problem(1).id)}


def test_decisions_are_read_back_to_the_letter(make_pool: MakePool, tmp_path: Path) -> None:
    problems = [number_problem(f"What is {n}?", str(n)) for n in range(3)]
    path = tmp_path / "00-excluded.jsonl"
    first, again = make_pool(problems), make_pool(problems)
    decided = decide(DropAndNote(), first, path)
    assert decide(Forbidden(), again, path) == decided
    assert (decided.num_seen, decided.num_left, decided.rewritten) == (3, 2, (2,))
    assert decided.remarks == ("one repeats another",)
    for pool in (first, again):
        assert pool.alive == [1, 2]
        assert pool.notes == {1: {"seen": True}}
        assert pool.problem(2).question == "New?"
        assert pool.problem(2).images == problems[2].images
    assert again.problem(2) == first.problem(2)


def test_decisions_about_other_candidates_are_refused(make_pool: MakePool, tmp_path: Path) -> None:
    problems = [number_problem(f"What is {n}?", str(n)) for n in range(3)]
    path = tmp_path / "00-excluded.jsonl"
    decide(DropAndNote(), make_pool(problems), path)
    with pytest.raises(ValueError, match="they changed since; remove the folder"):
        decide(Forbidden(), make_pool(problems[::-1]), path)
    with pytest.raises(ValueError, match="on 3 problems, not of excluded on 2"):
        decide(Forbidden(), make_pool(problems[:2]), path)


def test_a_filter_may_not_drop_what_is_not_in(make_pool: MakePool, tmp_path: Path) -> None:
    pool = make_pool([number_problem(f"What is {n}?", str(n)) for n in range(3)])
    pool.drop({0})
    with pytest.raises(ValueError, match=r"drops problems \[0\], which are not in"):
        decide(DropAndNote(), pool, tmp_path / "00-excluded.jsonl")


def test_a_resumed_curation_ends_with_the_same_files(policy: Policy, tmp_path: Path) -> None:
    problems = candidates()
    once, twice = tmp_path / "once", tmp_path / "twice"
    CurateStage(make_run(policy, once, FILTERS, problems=problems)).run()
    # Killed after two filters and in the middle of writing: later decisions are lost.
    CurateStage(make_run(policy, twice, FILTERS, problems=problems)).run()
    for name in ("03-guess", "04-blind", "05-difficulty"):
        (twice / "curation" / f"{name}.jsonl").unlink()
    for parameter in policy.model.parameters():
        parameter.data.zero_()  # the attempts are on disk
    CurateStage(make_run(policy, twice, FILTERS, problems=problems)).run()
    for kind in ("curation/*.jsonl", "curation/*.json", "curated/*", "review/*", "curation/*.md"):
        files = sorted(path.relative_to(once) for path in once.glob(kind))
        assert files
        assert files == sorted(path.relative_to(twice) for path in twice.glob(kind))
        for path in files:
            assert (once / path).read_bytes() == (twice / path).read_bytes(), path


def test_an_emptied_set_names_the_filter(policy: Policy, tmp_path: Path) -> None:
    problems = [number_problem("Is it round?", "yes"), number_problem("Is it red?", "no")]
    run = make_run(policy, tmp_path, FILTERS, problems=problems)
    with pytest.raises(ValueError, match=r"filter excluded left nothing of 2 .*true_false 2"):
        CurateStage(run).run()
    assert not (tmp_path / "curated").exists()
    assert "true_false" in (tmp_path / "curation/report.md").read_text().replace("&#95;", "_")


def test_unknown_and_repeated_filters_are_refused() -> None:
    with pytest.raises(ValueError, match=r"curation\.filters=\['gues'\]: choose from excluded"):
        CurationConfig(filters=["guess", "gues"])
    with pytest.raises(ValueError, match=r"curation\.filters=\['guess'\]: name each filter once"):
        CurationConfig(filters=["guess", "blind", "guess"])
    assert CurationConfig(filters=[]).filters == []


def test_a_consensus_that_can_never_be_reached_is_refused() -> None:
    few = DifficultyConfig(num_samples=4)
    with pytest.raises(ValueError, match=r"difficulty\.num_samples=4: .*min_answers=8 of them"):
        CurationConfig(difficulty=few)
    CurationConfig(difficulty=few, filters=["difficulty"])
    CurationConfig(difficulty=few, mislabelled=MislabelledConfig(consensus=False))
    CurationConfig(difficulty=few, mislabelled=MislabelledConfig(min_answers=4))


def test_relevance_is_judged_of_modalities_with_pictures() -> None:
    assert {*PICTURED, "text"} == set(Modality)
    with pytest.raises(ValueError, match=r"relevance\.modalities=\['photo'\]: choose from real"):
        RelevanceConfig(modalities=["photo"])
    with pytest.raises(ValueError, match="choose from real"):
        RelevanceConfig(modalities=[])


def test_bins_of_pass_rates() -> None:
    assert bin_rates([0.0, 0.1, 0.3, 0.7, 0.99, 1.0]) == [1, 1, 0, 1, 0, 0, 0, 1, 0, 1, 1]
