"""The strict rule around the package's scorers."""

import json
import time

import pytest

from data_synth.verify.reasoning_gym import GATES, judge, make_reference


def item(task: str, **metadata: object) -> str:
    return make_reference(task, {}, metadata)


def test_an_expression_must_use_every_number_once() -> None:
    references = ("4*6*1*1", item("puzzle24", numbers=[4, 6, 1, 1]))
    for right in ("4*6*1*1", "6*4*1/1", "(6*1)*(4*1)", " 4 * 6 + 1 - 1 "):
        assert judge(references, right).correct, right
    for wrong in (
        "24",
        "4*6",
        "4*6*1",
        "4*6*1*1*1",
        "4*6*1*1 = 24",
        "4*6*1*1 or 4*6",
        "4*6*1*1 + 0",
        "3*8*1*1",
        "4*6/(1-1)",
        "4**6*1*1",
    ):
        assert not judge(references, wrong).correct, wrong
    countdown = ("5+3", item("countdown", numbers=[3, 5], target=8))
    assert judge(countdown, "3+5").correct
    assert not judge(countdown, "5+3+0").correct
    assert not judge(countdown, "5/3").correct


def test_scored_tasks_accept_any_right_answer_and_only_whole_ones() -> None:
    puzzle = {"vertices": [0, 1, 2], "edges": [[0, 1], [1, 2]], "color_options": [1, 2]}
    references = ('{"0": 1, "1": 2, "2": 1}', item("graph_color", puzzle=puzzle))
    assert judge(references, '{"0": 2, "1": 1, "2": 2}').correct
    for wrong in (
        '{"0": 1, "1": 1, "2": 2}',
        '{"0": 1, "1": 2}',
        '{"0": 1, "1": 2, "2": 1} or {"0": 2, "1": 1, "2": 2}',
        '{"0": 1, "1": 2, "2": 1, "0": 2}',
        "1, 2, 1",
        "[" * 1_000,
    ):
        assert not judge(references, wrong).correct, wrong


def test_an_unreduced_or_second_fraction_is_wrong() -> None:
    metadata = {
        "numerator": 302,
        "denominator": 438,
        "simplified_numerator": 151,
        "simplified_denominator": 219,
    }
    references = ("$\\dfrac{151}{219}$", item("fraction_simplification", **metadata))
    for right in ("151/219", "\\frac{151}{219}", "$\\dfrac{151}{219}$"):
        assert judge(references, right).correct
    for wrong in ("302/438", "151/219 302/438", "\\frac{151}{219}\\frac{1}{2}", "151", "1e2/219"):
        assert not judge(references, wrong).correct, wrong


def test_a_move_that_would_be_repeated_a_billion_times_is_refused_at_once() -> None:
    metadata = {"cube_size": 3, "scramble_moves": "U", "scramble_steps": 1}
    references = ("U'", item("rubiks_cube", **metadata))
    assert judge(references, "U'").correct
    assert judge(references, "U U U").correct
    started = time.perf_counter()
    for hostile in ("U999999999", "U3", "U' " * 1_000, "U U U or U'"):
        assert not judge(references, hostile).correct
    assert time.perf_counter() - started < 1


def test_every_task_survives_hostile_answers() -> None:
    hostile = [
        "",
        " ",
        "None",
        "{}",
        "[]",
        "0",
        "A",
        "\x00",
        "\ud800",
        "=",
        ",",
        "(" * 200,
        "9" * 200,
    ]
    for task in GATES:
        # Metadata of no use: whatever the scorer raises is a wrong answer.
        references = (
            "zzz",
            make_reference(task, {}, {"numbers": [1], "target": 5}),
        )
        for answer in hostile:
            assert not judge(references, answer).correct, (task, answer)


def test_references_are_checked() -> None:
    with pytest.raises(ValueError, match=r"needs the item as its last reference"):
        judge(("1",), "1")
    with pytest.raises(ValueError, match=r"needs the item as its last reference"):
        judge(("1", json.dumps({"task": "unknown", "metadata": {}})), "1")
    with pytest.raises(ValueError, match="task 'codeio' has no gate"):
        make_reference("codeio", {}, {})
    with pytest.raises(ValueError, match="no JSON"):
        make_reference("jugs", {}, {"puzzle": {1, 2}})
