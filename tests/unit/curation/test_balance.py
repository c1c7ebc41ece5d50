"""Shares of tag values: hand-computed."""

from collections import Counter
from dataclasses import replace

import pytest

from mm_rl.config.curation import BalanceConfig, CurationConfig
from mm_rl.curation.balance import BalanceFilter, share_limits
from tests.unit.curation.conftest import MakePool, number_problem


@pytest.mark.parametrize(
    ("counts", "shares", "limits"),
    [
        ({"a": 60, "b": 40}, {"a": 0.5, "b": 0.5}, {"a": 40, "b": 40}),
        # a may have 30 %: 40 others are 70 %, so 57 stay, and 17 of them are 29.8 %.
        ({"a": 60, "b": 40}, {"a": 0.3}, {"a": 17, "b": 40}),
        ({"a": 20, "b": 80}, {"a": 0.3}, {"a": 20, "b": 80}),
        ({"a": 6, "b": 3, "c": 1}, {"a": 0.3, "b": 0.3, "c": 0.4}, {"a": 1, "b": 1, "c": 1}),
        # Only a and b are left of three: their shares are 1 and 1 of 2.
        ({"a": 30, "b": 10}, {"a": 0.3, "b": 0.3, "c": 0.4}, {"a": 10, "b": 10}),
        ({"a": 10}, {"a": 0.2}, {"a": 10}),
        ({"a": 5, "b": 1}, {"a": 0.9, "b": 0.1}, {"a": 5, "b": 1}),
        ({}, {"a": 0.5}, {}),
    ],
)
def test_limits(counts: dict[str, int], shares: dict[str, float], limits: dict[str, int]) -> None:
    assert share_limits(counts, shares) == limits


def test_shares_hold_for_two_tags_at_once(make_pool: MakePool) -> None:
    problems = [
        replace(
            number_problem(f"What is {n}?", str(n), color="red" if n % 3 else None),
            domain="algebra" if n % 2 else "counting",
            id="",
        )
        for n in range(60)
    ]
    config = BalanceConfig(targets={"domain": {"algebra": 0.25}, "modality": {"real": 0.5}})
    pool = make_pool(problems)
    drops = BalanceFilter(config).apply(pool)
    kept = [problems[i] for i in pool.alive if i not in drops]
    assert 10 < len(kept) < 60
    domains = Counter(problem.domain for problem in kept)
    modalities = Counter(problem.modality.value for problem in kept)
    assert domains["algebra"] <= 0.25 * len(kept)
    assert modalities["real"] <= 0.5 * len(kept)
    assert {drop.reason for drop in drops.values()} == {"over_share"}


def test_who_goes_does_not_depend_on_the_order(make_pool: MakePool) -> None:
    problems = [number_problem(f"What is {n}?", str(n)) for n in range(20)]
    problems += [number_problem(f"What is {n}?", str(n), color=None) for n in range(20)]
    config = BalanceConfig(targets={"modality": {"real": 0.2}})
    there = make_pool(problems)
    dropped = {problems[i].id for i in BalanceFilter(config).apply(there)}
    turned = problems[::-1]
    back = make_pool(turned)
    assert {turned[i].id for i in BalanceFilter(config).apply(back)} == dropped
    assert len(dropped) == 15  # 5 of 25 are 20 %


def test_a_target_that_no_candidate_has_is_told(make_pool: MakePool) -> None:
    pool = make_pool([number_problem("What is 1?", "1"), number_problem("What is 2?", "2")])
    config = BalanceConfig(targets={"modality": {"photo": 0.3, "real": 1.0}})
    assert BalanceFilter(config).apply(pool) == {}
    assert pool.remarks == [
        "WARNING: no candidate has modality photo, which curation.balance.targets limits; there "
        "are real"
    ]


def test_targets_that_no_filter_reads_are_refused() -> None:
    balance = BalanceConfig(targets={"modality": {"real": 0.3}})
    with pytest.raises(ValueError, match=r"add balance to curation\.filters"):
        CurationConfig(balance=balance, filters=["guess"])
    assert "balance" in CurationConfig(balance=balance).filters


def test_targets_name_tags_that_exist() -> None:
    with pytest.raises(ValueError, match=r"colour.*choose from domain, discipline, modality"):
        BalanceConfig(targets={"colour": {"red": 0.5}})
    with pytest.raises(ValueError, match=r"targets\.domain\.algebra=1\.5: choose above 0"):
        BalanceConfig(targets={"domain": {"algebra": 1.5}})
