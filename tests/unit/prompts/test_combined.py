"""Sets made of sets: the right problem under the right index."""

import pytest

from data_synth.problem import Problem
from mm_rl.prompts.combined import ChosenPrompts, JoinedPromptSet
from mm_rl.prompts.prompt_set import ListPromptSet


def make_set(source: str, count: int) -> ListPromptSet:
    return ListPromptSet(
        Problem(
            question=f"{source} {i}", answer="1", answer_type="number", verifier="numeric",
            source=source, domain=source,
        )
        for i in range(count)
    )  # fmt: skip


def test_a_joined_set_counts_on_through_its_parts() -> None:
    joined = JoinedPromptSet([make_set("a", 2), make_set("b", 0), make_set("c", 3)])
    questions = [joined.problem(index).question for index in range(len(joined))]
    assert questions == ["a 0", "a 1", "c 0", "c 1", "c 2"]
    assert [joined.tags(index).source for index in range(5)] == ["a", "a", "c", "c", "c"]
    assert joined.tag_values("domain") == ("a", "c")
    with pytest.raises(IndexError, match="prompt 5 of a set of 5"):
        joined.problem(5)


def test_chosen_prompts_know_how_many_were_not() -> None:
    chosen = ChosenPrompts(make_set("a", 4), [0, 3])
    assert [chosen.problem(index).question for index in range(len(chosen))] == ["a 0", "a 3"]
    assert [chosen.tags(index).source for index in range(2)] == ["a", "a"]
    assert chosen.num_left_out == 2
    for index in (2, -1):
        with pytest.raises(IndexError, match=f"prompt {index} of a set of 2"):
            chosen.problem(index)
