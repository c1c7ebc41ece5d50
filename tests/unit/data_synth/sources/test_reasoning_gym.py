"""The adapter of reasoning-gym, on the installed package."""

import itertools

import pytest

from data_synth.problem import Problem
from data_synth.sources.reasoning_gym import (
    EXCLUDED,
    SCORED,
    TASKS,
    ReasoningGymSource,
    guess_bound,
    reasoning_gym_sources,
)
from data_synth.verify import verify
from data_synth.verify.reasoning_gym import judge

reasoning_gym = pytest.importorskip("reasoning_gym")

SLOW = {"futoshiki", "knight_swap"}  # seconds an item
FAST = tuple(task for task in TASKS if task not in SLOW)


def take(task: str, count: int, *, split: str = "train", seed: int = 0) -> list[Problem]:
    return list(ReasoningGymSource(task, seed=seed, size=count).open(split))


def is_correct(problem: Problem, answer: str) -> bool:
    if problem.verifier == SCORED:
        return judge((problem.answer, *problem.alternatives), answer).correct
    return verify(
        problem.verifier, problem.answer, answer, alternatives=problem.alternatives
    ).correct


def test_every_task_of_the_package_is_a_source_or_left_out_with_a_reason() -> None:
    from reasoning_gym.factory import DATASETS

    assert set(TASKS) | set(EXCLUDED) == set(DATASETS)
    assert not set(TASKS) & set(EXCLUDED)
    assert len(TASKS) >= 65
    with pytest.raises(ValueError, match=r"'codeio' of reasoning-gym is no source: the package"):
        ReasoningGymSource("codeio")
    with pytest.raises(ValueError, match=r"'nothing' of reasoning-gym is no source: unknown"):
        ReasoningGymSource("nothing")
    assert set(reasoning_gym_sources()) == {f"reasoning-gym:{task}" for task in TASKS}


@pytest.mark.parametrize("task", FAST)
def test_answers_are_right_and_hedged_ones_are_not(task: str) -> None:
    problems = take(task, 4)
    assert len(problems) == 4
    for first, second in zip(problems, problems[1:] + problems[:1], strict=True):
        assert is_correct(first, first.answer)
        for hedged in (
            f"maybe {first.answer} or 7",
            f"{first.answer} or {second.answer}",
            f"{first.answer}, {second.answer}",
            f"{second.answer}; {first.answer}",
            f"{first.answer}\n{second.answer}",
            f"The answer is {first.answer}",
            "maybe 292 or 7",
        ):
            assert not is_correct(first, hedged), hedged
        assert first.answer == second.answer or not is_correct(first, "")


def test_the_scorer_of_the_package_pays_what_ours_refuses() -> None:
    (problem,) = take("chain_sum", 1)
    hedged = f"maybe {problem.answer} or 7"
    dataset = reasoning_gym.create_dataset("basic_arithmetic", size=1, seed=1)
    assert dataset.score_answer(hedged, {"answer": problem.answer, "metadata": {}}) > 0
    assert not is_correct(problem, hedged)


def test_neighbouring_seeds_share_no_item_as_those_of_the_package_do() -> None:
    package = [
        {
            entry["question"]
            for entry in reasoning_gym.create_dataset("cryptarithm", size=500, seed=s)
        }
        for s in (42, 43)
    ]
    assert len(package[0] & package[1]) >= 495
    for task in ("cryptarithm", "number_sorting"):
        streams = [{p.question for p in take(task, 2_000, seed=seed)} for seed in (42, 43)]
        assert [len(stream) for stream in streams] == [2_000, 2_000]
        assert not streams[0] & streams[1]


def test_splits_share_no_question_even_where_items_are_few() -> None:
    for task in ("products", "string_splitting", "tower_of_hanoi"):
        train = {p.question for p in take(task, 300)}
        test = {p.question for p in take(task, 60, split="test")}
        assert train and test and not train & test


def test_a_task_with_few_items_ends_and_says_why() -> None:
    source = ReasoningGymSource("string_splitting", size=5_000)
    problems = list(source.open("train"))
    assert 100 < len(problems) < 250
    assert len({p.question for p in problems}) == len(problems)
    assert source.skipped["seen before"] >= 200


def test_problems_are_the_same_for_the_same_seed() -> None:
    for task in ("gsm_symbolic", "survo", "word_ladder"):
        assert [p.id for p in take(task, 5)] == [p.id for p in take(task, 5)]
        assert len({p.id for p in take(task, 20)}) == 20


@pytest.mark.parametrize("task", ["lcm", "game_of_life", "power_function", "n_queens"])
def test_the_guess_bound_of_some_tasks_holds(task: str) -> None:
    top1, top8 = guess_bound(task)
    assert top1 <= 0.06 and top8 <= 0.25


@pytest.mark.parametrize("task", ["gcd", "largest_island", "shortest_path"])
def test_the_guess_bound_of_some_excluded_tasks_does_not(task: str) -> None:
    dataset = reasoning_gym.create_dataset(task, size=300, seed=9)
    answers = [entry["answer"] for entry in dataset]
    counts = sorted((answers.count(answer) for answer in set(answers)), reverse=True)
    assert sum(counts[:8]) / 300 > 0.25


def test_boards_of_queens_other_than_the_first_are_right() -> None:
    for problem in itertools.islice(ReasoningGymSource("n_queens").open("train"), 40):
        for board in problem.alternatives:
            assert is_correct(problem, board)
            rows = [line.split() for line in board.splitlines()]
            queens = [row.index("Q") for row in rows]
            assert len(set(queens)) == 8


def test_levels_change_the_items() -> None:
    lengths = []
    for level in range(3):
        problems = list(ReasoningGymSource("spell_backward", size=50, level=level).open("train"))
        lengths.append(sum(len(p.answer) for p in problems) / 50)
        assert {p.difficulty for p in problems} == {level}
    assert lengths == sorted(lengths) and lengths[2] > lengths[0]
    with pytest.raises(ValueError, match=r"level=9 of spell_backward"):
        ReasoningGymSource("spell_backward", level=9)
    with pytest.raises(ValueError, match=r"'gsm_symbolic' of reasoning-gym has no levels"):
        next(ReasoningGymSource("gsm_symbolic", level=1).open("train"))


@pytest.mark.slow
@pytest.mark.parametrize("task", sorted(SLOW))
def test_slow_tasks_too(task: str) -> None:
    for problem in take(task, 2):
        assert is_correct(problem, problem.answer)
        assert not is_correct(problem, f"maybe {problem.answer} or 7")
