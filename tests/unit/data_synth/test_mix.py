"""Mixtures are checked against hand-computed expectations and binomial bounds."""

from collections import Counter
from collections.abc import Iterator
from itertools import count

import pytest

from data_synth.mix import MixSource, expected_counts, mix
from data_synth.problem import Problem


def problem(source: str, index: int) -> Problem:
    return Problem(
        question=f"{source} {index}",
        answer=str(index),
        answer_type="number",
        verifier="numeric",
        source=source,
        index=index,
    )


def endless(name: str, weight: float) -> MixSource:
    return MixSource(weight=weight, open=lambda: (problem(name, i) for i in count()))


def finite(name: str, weight: float, size: int) -> MixSource:
    return MixSource(weight=weight, open=lambda: (problem(name, i) for i in range(size)), size=size)


def test_sources_are_drawn_by_weight_and_in_their_own_order() -> None:
    mixture = mix({"a": endless("a", 3), "b": endless("b", 1)}, count=4000, seed=1)
    problems = list(mixture)
    found = Counter(problem.source for problem in problems)
    # 3000 expected, standard deviation sqrt(4000 * 3/4 * 1/4) = 27.4; four of them are 110.
    assert abs(found["a"] - 3000) < 110
    assert sum(found.values()) == 4000
    assert mixture.counts["a"].expected == 3000 and mixture.counts["a"].taken == found["a"]
    for source in "ab":
        indices = [problem.index for problem in problems if problem.source == source]
        assert indices == list(range(found[source]))
    # Interleaved, not one after the other.
    early = Counter(problem.source for problem in problems[:400])
    assert abs(early["a"] - 300) < 35


def test_order_depends_on_the_seed_alone() -> None:
    def ids(names: str, seed: int) -> list[str]:
        sources = {name: endless(name, 1 + "abc".index(name)) for name in names}
        return [problem.id for problem in mix(sources, count=50, seed=seed)]

    assert ids("abc", 5) == ids("abc", 5) == ids("cab", 5)
    assert ids("abc", 5) != ids("abc", 6)


def test_a_source_that_ends_leaves_its_weight_to_the_others() -> None:
    sources = {"small": finite("small", 8, 10), "a": endless("a", 3), "b": endless("b", 1)}
    mixture = mix(sources, count=2010, seed=0)
    found = Counter(problem.source for problem in mixture)
    assert found["small"] == 10
    assert mixture.counts["small"].exhausted and not mixture.counts["a"].exhausted
    # 2000 are left, 1500 for `a`, standard deviation 19.4.
    assert mixture.counts["a"].expected == 1500
    assert abs(found["a"] - 1500) < 78
    assert sum(found.values()) == 2010


def test_a_mixture_ends_when_all_sources_have() -> None:
    mixture = mix({"a": finite("a", 1, 3), "b": finite("b", 1, 2)}, count=10, seed=0)
    assert Counter(problem.source for problem in mixture) == {"a": 3, "b": 2}
    assert [mixture.counts[name].exhausted for name in "ab"] == [True, True]
    assert [mixture.counts[name].expected for name in "ab"] == [3, 2]


def test_known_problems_are_left_out_and_counted() -> None:
    copies = MixSource(weight=1, open=lambda: iter([problem("a", i // 3) for i in range(30)]))
    mixture = mix({"copies": copies, "a": finite("a", 1, 10)}, count=100, seed=0)
    problems = list(mixture)
    assert sorted(problem.index for problem in problems) == list(range(10))
    # 40 rows went in, 10 came out.
    assert sum(found.duplicates for found in mixture.counts.values()) == 30


def test_a_source_that_repeats_itself_for_ever_is_dropped() -> None:
    stuck = MixSource(weight=1, open=lambda: (problem("stuck", 0) for _ in count()))
    mixture = mix({"stuck": stuck, "a": endless("a", 1)}, count=50, seed=0)
    assert Counter(problem.source for problem in mixture) == {"stuck": 1, "a": 49}
    assert mixture.counts["stuck"].exhausted


def test_sources_are_read_no_further_than_needed() -> None:
    read: list[int] = []

    def source() -> Iterator[Problem]:
        for index in count():
            read.append(index)
            yield problem("a", index)

    mixture = mix({"a": MixSource(weight=1, open=source)}, count=5, seed=0)
    assert read == []
    next(mixture)
    assert read == [0]
    list(mixture)
    assert read == [0, 1, 2, 3, 4]


def test_expected_counts_spread_what_small_sources_leave() -> None:
    sources = {"a": finite("a", 1, 10), "b": finite("b", 1, 40), "c": endless("c", 2)}
    # Shares of 100: 25, 25, 50. `a` gives 10; of the other 90 `b` gets 30 and `c` 60.
    assert expected_counts(sources, 100) == {"a": 10, "b": 30, "c": 60}
    # Shares of 160: 40, 40, 80. `a` gives 10, then `b` would get 50 but gives 40.
    assert expected_counts(sources, 160) == {"a": 10, "b": 40, "c": 110}


@pytest.mark.parametrize(
    ("sources", "number", "message"),
    [
        ({}, 1, "at least one source"),
        ({"a": endless("a", 1)}, 0, "count=0"),
        ({"a": endless("a", 0)}, 1, r"weight=0 of source 'a'"),
        ({"a": endless("a", float("inf"))}, 1, "weight=inf"),
        ({"a": endless("a", float("nan"))}, 1, "weight=nan"),
    ],
)
def test_bad_mixtures_are_named(sources: dict[str, MixSource], number: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mix(sources, count=number)
