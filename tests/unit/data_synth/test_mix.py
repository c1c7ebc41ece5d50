"""Mixtures are checked against hand-computed expectations and binomial bounds."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice, pairwise
from typing import Any

import pytest

from data_synth.mix import MixSource, expected_counts, mix, temperature_weights
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
    return MixSource(weight=weight, open=lambda start: (problem(name, i) for i in count(start)))


def finite(name: str, weight: float, size: int, *, known: bool = True, **options: Any) -> MixSource:
    return MixSource(
        weight=weight,
        open=lambda start: (problem(name, i) for i in range(start, size)),
        size=size if known else None,
        **options,
    )


def test_counts_are_exactly_as_planned_and_sources_keep_their_order() -> None:
    mixture = mix({"a": endless("a", 3), "b": endless("b", 1)}, count=4000, seed=1)
    planned = {name: count.expected for name, count in mixture.counts.items()}
    problems = list(mixture)
    assert Counter(problem.source for problem in problems) == planned == {"a": 3000, "b": 1000}
    for source in "ab":
        indices = [problem.index for problem in problems if problem.source == source]
        assert indices == list(range(planned[source]))
    # Interleaved at random: of the first 400, 300 are expected with a standard deviation of
    # sqrt(400 * 3/4 * 1/4 * 3600/3999) = 8.2.
    early = Counter(problem.source for problem in problems[:400])
    assert abs(early["a"] - 300) < 33 and early["a"] != 300
    changes = sum(x.source != y.source for x, y in pairwise(problems))
    # A boundary has different sides with probability 2 * 3/4 * 1/4; 1500 expected, deviation 24.
    assert abs(changes - 1500) < 110


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
    assert found == {"small": 10, "a": 1500, "b": 500}
    assert mixture.counts["small"].exhausted and not mixture.counts["a"].exhausted
    # The same if its size is not known beforehand, but then the plan could not tell.
    sources["small"] = finite("small", 8, 10, known=False)
    mixture = mix(sources, count=2010, seed=0)
    assert mixture.counts["small"].expected == 1340  # 8/12
    again = Counter(problem.source for problem in mixture)
    assert again["small"] == 10 and abs(again["a"] - 1500) <= 1  # rounded once more
    assert sum(again.values()) == 2010 and mixture.counts["small"].exhausted


def test_a_mixture_ends_when_all_sources_have() -> None:
    mixture = mix({"a": finite("a", 1, 3), "b": finite("b", 1, 2)}, count=10, seed=0)
    assert Counter(problem.source for problem in mixture) == {"a": 3, "b": 2}
    assert [mixture.counts[name].exhausted for name in "ab"] == [True, True]
    assert [mixture.counts[name].expected for name in "ab"] == [3, 2]


def test_known_problems_are_left_out_and_counted() -> None:
    copies = MixSource(
        weight=1, open=lambda start: iter([problem("a", i // 3) for i in range(30)][start:])
    )
    mixture = mix({"copies": copies, "a": finite("a", 1, 10)}, count=100, seed=0)
    problems = list(mixture)
    assert sorted(problem.index for problem in problems) == list(range(10))
    # 40 rows went in, 10 came out.
    assert sum(found.duplicates for found in mixture.counts.values()) == 30


def test_a_source_that_repeats_itself_for_ever_is_dropped() -> None:
    stuck = MixSource(weight=1, open=lambda start: (problem("stuck", 0) for _ in count()))
    mixture = mix({"stuck": stuck, "a": endless("a", 1)}, count=50, seed=0)
    assert Counter(problem.source for problem in mixture) == {"stuck": 1, "a": 49}
    assert mixture.counts["stuck"].exhausted


def test_sources_are_read_no_further_than_needed() -> None:
    read: list[int] = []

    def source(start: int) -> Iterator[Problem]:
        for index in count(start):
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


def test_shares_are_rounded_to_sum_to_the_count() -> None:
    # Equal remainders: by name.
    assert expected_counts({name: endless(name, 1) for name in "abc"}, 10) == {
        "a": 4,
        "b": 3,
        "c": 3,
    }
    # Shares of 7: 1.75, 1.75, 3.5.
    sources = {"a": endless("a", 1), "b": endless("b", 1), "c": endless("c", 2)}
    assert expected_counts(sources, 7) == {"a": 2, "b": 2, "c": 3}


def test_caps_limit_a_source() -> None:
    sources = {"a": finite("a", 1, 100, cap=7), "b": endless("b", 1)}
    mixture = mix(sources, count=50)
    assert {name: found.expected for name, found in mixture.counts.items()} == {"a": 7, "b": 43}
    assert Counter(problem.source for problem in mixture) == {"a": 7, "b": 43}
    assert mixture.counts["a"].exhausted


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(("epochs", "total"), [(1.0, 10), (2.5, 25), (3.0, 30)])
def test_epochs_repeat_a_finite_source(known: bool, epochs: float, total: int) -> None:
    source = finite("a", 1, 10, known=known, epochs=epochs)
    mixture = mix({"a": source}, count=100)
    assert mixture.counts["a"].expected == (total if known else 100)
    indices = [problem.index for problem in mixture]
    assert indices == [index % 10 for index in range(total)]
    counted = mixture.counts["a"]
    assert (counted.taken, counted.repeats, counted.duplicates) == (total, total - 10, 0)
    assert counted.exhausted


def test_a_fraction_of_an_epoch() -> None:
    mixture = mix({"a": finite("a", 1, 10, epochs=0.55)}, count=100)
    assert [problem.index for problem in mixture] == [0, 1, 2, 3, 4]


def test_later_epochs_leave_out_what_the_first_did() -> None:
    rows = [0, 1, 1, 2, 0]  # two of five are duplicates within the source
    source = MixSource(
        weight=1, open=lambda start: iter([problem("a", i) for i in rows[start:]]), epochs=3
    )
    mixture = mix({"a": source}, count=100)
    assert [problem.index for problem in mixture] == [0, 1, 2] * 3
    assert (mixture.counts["a"].duplicates, mixture.counts["a"].repeats) == (2, 6)


def test_a_mixture_goes_on_from_any_position_with_the_identical_stream() -> None:
    opened: list[tuple[str, int]] = []

    def noted(name: str, source: MixSource) -> MixSource:
        def open_at(start: int) -> Iterator[Problem]:
            opened.append((name, start))
            return source.open(start)

        return replace(source, open=open_at)

    rows = [problem("c", index // 2) for index in range(30)]
    sources = {
        "a": endless("a", 2),
        "b": finite("b", 1, 12, epochs=2.5),
        "c": MixSource(weight=3, open=lambda start: iter(rows[start:]), epochs=2),
        "d": MixSource(weight=1, open=lambda start: (problem("a", i) for i in count(start))),
    }
    whole = mix(sources, count=200, seed=3)
    problems = list(whole)
    assert len(problems) == 200 and whole.counts["a"].duplicates + whole.counts["d"].duplicates > 5
    assert whole.counts["b"].repeats == 18 and whole.counts["c"].repeats == 15
    for stop in (0, 1, 37, 90, 150, 199, 200):
        first = mix(sources, count=200, seed=3)
        taken = list(islice(first, stop))
        state = json.loads(json.dumps(first.position()))
        opened.clear()
        second = mix({name: noted(name, s) for name, s in sources.items()}, count=200, seed=3)
        second.seek(state, [item.id for item in reversed(taken)])
        assert taken + list(second) == problems, stop
        assert second.counts == whole.counts
        if stop == 90:  # no row of an endless source is made a second time
            assert dict(reversed(opened))["a"] == first.position()["places"]["a"]["row"] > 20
        third = mix(sources, count=200, seed=3)
        third.load_state_dict(json.loads(json.dumps(first.state_dict())))
        assert taken + list(third) == problems


def test_a_position_of_another_mixture_is_refused() -> None:
    state = mix({"a": endless("a", 1), "b": finite("b", 1, 5)}, count=10).position()
    for sources, number, seed, differs in (
        ({"a": endless("a", 1), "b": finite("b", 1, 5)}, 11, 0, "count"),
        ({"a": endless("a", 1), "b": finite("b", 1, 5)}, 10, 1, "seed"),
        ({"a": endless("a", 1), "b": finite("b", 1, 6)}, 10, 0, "source 'b'"),
        ({"a": endless("a", 2), "c": finite("b", 1, 5)}, 10, 0, "source 'a', source 'c'"),
    ):
        with pytest.raises(ValueError, match=f"another mixture, which differs in {differs}:"):
            mix(sources, count=number, seed=seed).seek(state, [])


def test_benchmarks_are_refused_in_training_only() -> None:
    benchmark = finite("mathvista", 1, 5, eval_only=True)
    with pytest.raises(ValueError, match="source 'mathvista' is for evaluation only"):
        mix({"a": endless("a", 1), "mathvista": benchmark}, count=10)
    assert len(list(mix({"mathvista": benchmark}, count=5, split="test"))) == 5
    rows = [problem("x", 0), replace(problem("x", 1), eval_only=True)]
    hidden = {"copy": MixSource(weight=1, open=lambda start: iter(rows[start:]))}
    with pytest.raises(ValueError, match=f"problem {rows[1].id} of source 'copy' is for eval"):
        list(mix(hidden, count=2))
    assert list(mix(hidden, count=2, split="validation")) == rows


def test_temperature_evens_out_sizes() -> None:
    sizes = {"a": 100, "b": 10_000}
    assert temperature_weights(sizes, 1) == pytest.approx({"a": 0.01, "b": 1})
    assert temperature_weights(sizes, 2) == pytest.approx({"a": 0.1, "b": 1})
    # 1 : 10 at temperature 2.
    weights = temperature_weights(sizes, 2)
    sources = {name: endless(name, weight) for name, weight in weights.items()}
    assert expected_counts(sources, 1100) == {"a": 100, "b": 1000}
    assert temperature_weights({"a": 1, "b": 10**300}, 1e-3) == {"a": 0.0, "b": 1.0}
    with pytest.raises(ValueError, match="temperature=0"):
        temperature_weights(sizes, 0)
    with pytest.raises(ValueError, match="source 'c' holds 0 problems"):
        temperature_weights({"c": 0}, 1)


@pytest.mark.parametrize(
    ("sources", "number", "message"),
    [
        ({}, 1, "at least one source"),
        ({"a": endless("a", 1)}, 0, "count=0"),
        ({"a": endless("a", 0)}, 1, r"weight=0 of source 'a'"),
        ({"a": endless("a", float("inf"))}, 1, "weight=inf"),
        ({"a": endless("a", float("nan"))}, 1, "weight=nan"),
        ({"a": finite("a", 1, 5, cap=0)}, 1, "cap=0 of source 'a'"),
        ({"a": finite("a", 1, 5, epochs=0)}, 1, "epochs=0 of source 'a'"),
        ({"a": finite("a", 1, 5, epochs=0.5, known=False)}, 1, "epochs=0.5 .* size is unknown"),
    ],
)
def test_bad_mixtures_are_named(sources: dict[str, MixSource], number: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mix(sources, count=number)
