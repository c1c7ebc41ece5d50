"""Votes counted by hand."""

import pytest

from mm_rl.testgen.options import Thresholds
from mm_rl.testgen.votes import find_majority, normal_output, passing_submissions, time_limit


def test_seven_of_ten_agree_and_the_other_three_are_named() -> None:
    outputs = [b"4\n", b"4", b"4 \n\n", b"5\n", b"4\n", b"4\n", None, b"4\r\n", b"\xff", b"4\n"]
    majority = find_majority(outputs)
    assert majority.output == "4\n"
    assert majority.votes == 7
    assert majority.agrees == (True, True, True, False, True, True, False, True, False, True)


def test_the_largest_group_wins_whatever_comes_first() -> None:
    outputs = [b"1\n"] * 3 + [b"2\n"] * 4 + [b"3\n"] * 3
    assert find_majority(outputs).output == "2\n"
    assert find_majority(outputs).votes == 4


def test_equal_groups_are_decided_by_the_first_output() -> None:
    assert find_majority([b"2\n", b"1\n", b"1\n", b"2\n"]).output == "2\n"


def test_layout_does_not_split_the_vote_and_the_commonest_layout_is_kept() -> None:
    majority = find_majority([b"1 2\n", b"1\n2\n", b"1\n2\n"])
    assert (majority.votes, majority.output) == (3, "1\n2\n")


def test_a_tolerance_joins_close_numbers_and_only_those() -> None:
    outputs = [b"0.500000\n", b"0.5000004\n", b"0.51\n"]
    assert find_majority(outputs).votes == 1
    assert find_majority(outputs, tolerance="1e-6").agrees == (True, True, False)


def test_nothing_readable_is_no_majority() -> None:
    majority = find_majority([None, b"\xff\xfe", None])
    assert (majority.output, majority.votes) == ("", 0)


def test_normal_output_drops_white_space_at_ends_only() -> None:
    assert normal_output(b"  a  b \t\n\nc\r\n\n\n") == "  a  b\n\nc\n"
    assert normal_output(b"") == "\n"
    assert normal_output(b"\xff") is None


def test_a_submission_passes_only_if_it_agrees_on_every_valid_case() -> None:
    cases = [
        find_majority([b"1", b"1", b"1", b"9"]),
        find_majority([b"2", b"2", None, b"2"]),
        find_majority([b"3", b"3", b"3", b"3"]),
    ]
    assert passing_submissions(cases) == (True, True, False, False)


@pytest.mark.parametrize(
    ("slowest", "limit"),
    [(0.0, 2.0), (0.66, 2.0), (0.67, 4.0), (1.3, 4.0), (5.0, 16.0), (20.0, 60.0), (20.1, None)],
)
def test_time_limit_is_three_times_the_slowest_rounded_up(
    slowest: float, limit: float | None
) -> None:
    assert time_limit(slowest) == limit


def test_defaults_are_the_papers_figures() -> None:
    default = Thresholds()
    assert (default.cases, default.submissions, default.agreement, default.passing) == (
        50,
        10,
        7,
        9,
    )
    assert default.needed == 40
    assert Thresholds(cases=12).needed == 10  # 9.6 rounded up
    assert Thresholds(cases=12, valid=3).needed == 3


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cases": 0}, "cases=0"),
        ({"cases": 101}, "cases=101"),
        ({"submissions": 0}, "submissions=0"),
        ({"agreement": 11}, "agreement=11"),
        ({"agreement": 5}, "two outputs could both reach it"),
        ({"passing": 0}, "passing=0"),
        ({"valid": 51}, "valid=51"),
    ],
)
def test_impossible_thresholds_are_refused_by_name(values: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Thresholds(**values)
