"""Labelled answers: labels re-derived by other means, splits apart, no shortcut to the label."""

import datetime
import math
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_synth.verify import verify
from mm_rl.reward_models.answer_types import Part, Written, number_text
from mm_rl.reward_models.data import (
    HELD_OUT_MASTER_KEYS,
    HELD_OUT_TYPES,
    MASTER_KEYS,
    SPLITS,
    TRAIN_TYPES,
    JudgedAnswer,
    explain,
    make_judged_answers,
    pair_tenth,
    read_judged_answers,
    write_judged_answers,
)
from mm_rl.reward_models.measured_types import ANSWER_TYPES


def answers(split: str, count: int, types: tuple[str, ...] = TRAIN_TYPES) -> list[JudgedAnswer]:
    return list(make_judged_answers(split=split, seed=0, count=count, answer_types=types))


# Types whose held-out tasks are quick to make.
FLAT = ("number", "fraction", "tuple", "sequence", "text", "time")


@pytest.fixture(scope="module")
def train() -> list[JudgedAnswer]:
    return answers("train", 1200)


# Another reading of every type, for texts that this package writes.


def bare(text: str) -> str:
    text = text.strip("$").removesuffix(".")
    if text.startswith("\\text{") and text.endswith("}") and text.count("\\text{") == 1:
        text = text[6:-1]
    return text.strip()


def read_number(text: str) -> Fraction:
    text = bare(text).replace(" ", "").replace("\\%", "%")
    scale = Fraction(1, 100) if text.endswith("%") else Fraction(1)
    ratio = re.fullmatch(r"(-?)\\frac{(-?\d+)}{(\d+)}", text)
    if ratio:
        return Fraction(int(ratio[1] + ratio[2]), int(ratio[3])) * scale
    return Fraction(text.rstrip("%")) * scale


def read_list(text: str) -> list[str]:
    text = bare(text).replace("\\{", "").replace("\\}", "").replace("\\text", "")
    items = [item.strip("{}()[] ").casefold() for item in text.split(",")]
    return [item.removesuffix(".0") for item in items]


def read_clock(text: str) -> datetime.time:
    text = bare(text).replace(" ", "").upper()
    form = "%I:%M%p" if text.endswith("M") else "%H:%M"
    return datetime.datetime.strptime(text, form).time()


def read_duration(text: str) -> int:
    text = bare(text).replace("hours", "h").replace("minutes", "min")
    hours, _, minutes = text.rpartition("h")
    return 60 * int(hours or 0) + int(minutes.replace("min", ""))


def read_quantity(text: str) -> tuple[str, Fraction]:
    amount, unit = re.fullmatch(r"(-?[\d.]+) ?([a-z]+)", bare(text)).groups()  # type: ignore[union-attr]
    dimension, scale = {
        "mm": ("length", Fraction(1, 1000)),
        "cm": ("length", Fraction(1, 100)),
        "m": ("length", Fraction(1)),
        "g": ("mass", Fraction(1)),
        "kg": ("mass", Fraction(1000)),
    }[unit]
    return dimension, Fraction(amount) * scale


def read_expression(text: str) -> list[int]:
    """Values at five points determine a quadratic."""
    code = bare(text).replace("{2}", "2").replace("^", "**")
    code = re.sub(r"(\d|\)|x)(?=[x(])", r"\1*", code)
    return [eval(code, {"x": x}) for x in (-7, -1, 0, 3, 11)]


def read_interval(text: str) -> tuple[str, int, int, str]:
    text = bare(text).replace("\\left", "").replace("\\right", "").replace("x\\in", "")
    low, high = text.strip().split(",")
    return low.strip()[0], int(low.strip()[1:]), int(high.strip()[:-1]), high.strip()[-1]


def read_date(text: str) -> datetime.date:
    text = bare(text)
    for form in ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%b %d, %Y"):
        try:
            return datetime.datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise AssertionError(text)


READERS: dict[str, Callable[[str], Any]] = {
    "number": read_number,
    "fraction": read_number,
    "percent": read_number,
    "tuple": read_list,
    "sequence": read_list,
    "set": lambda text: sorted(read_list(text)),
    "text": lambda text: bare(text).casefold().split(),
    "time": read_clock,
    "duration": read_duration,
    "quantity": read_quantity,
    "expression": read_expression,
    "interval": read_interval,
    "date": read_date,
}


@pytest.mark.parametrize("answer_type", ANSWER_TYPES)
def test_labels_hold_under_another_reading(answer_type: str) -> None:
    read = READERS[answer_type]
    compared = [
        item
        for item in answers("train", 120, (answer_type,))
        if item.kind not in ("master_key", "injection")
    ]
    assert len(compared) > 90
    for item in compared:
        assert (read(item.reference) == read(item.response)) is item.label, item


@pytest.mark.parametrize("answer_type", ANSWER_TYPES)
def test_misses_differ_and_forms_agree(answer_type: str) -> None:
    rng = random.Random(answer_type)
    kind = ANSWER_TYPES[answer_type]
    for _ in range(60):
        _, value = kind.pose(rng, held_out=False)
        reference = kind.reference(value, rng).text
        assert verify(kind.verifier, reference, kind.write(value, rng).text).correct
        missed = kind.write(kind.miss(value, rng), rng).text
        assert not verify(kind.verifier, reference, missed).correct


def test_the_same_arguments_give_the_same_answers(train: list[JudgedAnswer]) -> None:
    again = make_judged_answers(split="train", seed=0, count=20)
    assert list(again) == train[:20]
    other = make_judged_answers(split="train", seed=1, count=20)
    assert not set(train[:21]) & set(islice(other, 20))


def test_splits_share_no_pair_of_reference_and_response(train: list[JudgedAnswer]) -> None:
    pairs = {"train": {(item.reference, item.response) for item in train}}
    for split in SPLITS[1:]:
        pairs[split] = {(item.reference, item.response) for item in answers(split, 80, FLAT)}
    assert pairs["train"].isdisjoint(pairs["validation"] | pairs["test"] | pairs["held_out"])
    assert pairs["validation"].isdisjoint(pairs["test"] | pairs["held_out"])
    tenths = {split: {pair_tenth(*pair) for pair in found} for split, found in pairs.items()}
    assert tenths == {
        "train": set(range(8)),
        "validation": {8},
        "test": {9},
        "held_out": {9},
    }


def test_held_out_split_uses_tasks_of_its_own(train: list[JudgedAnswer]) -> None:
    types = ("number", "tuple", "sequence")
    held_out = {item.question for item in answers("held_out", 40, types)}
    openings = {" ".join(question.split()[:4]) for question in held_out}
    seen = {" ".join(item.question.split()[:4]) for item in train}
    assert len(openings) >= 5
    assert openings.isdisjoint(seen)


def test_testing_uses_attacks_that_training_does_not(train: list[JudgedAnswer]) -> None:
    def attacks(items: list[JudgedAnswer]) -> set[str]:
        return {item.response for item in items if item.kind == "master_key"}

    assert attacks(train) & set(MASTER_KEYS)
    assert not attacks(train) & set(HELD_OUT_MASTER_KEYS)
    test = attacks(answers("test", 150, ("fraction", "text", "time")))
    assert test & set(HELD_OUT_MASTER_KEYS)
    assert not test & set(MASTER_KEYS)


def edit_distance(first: str, second: str) -> float:
    row = list(range(len(second) + 1))
    for i, char in enumerate(first, start=1):
        row, above = [i], row
        for j, other in enumerate(second, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (char != other)))
    return row[-1] / max(len(first), len(second))


def test_no_shortcut_tells_the_labels_apart(train: list[JudgedAnswer]) -> None:
    """A constant, string equality, the best threshold on edit distance or length: all near 1/2."""
    labels = [item.label for item in train]
    assert sum(labels) / len(labels) == pytest.approx(0.5, abs=0.03)
    equal = [item.reference == item.response for item in train]
    assert sum(a == b for a, b in zip(equal, labels, strict=True)) / len(labels) < 0.56
    for feature in (
        [edit_distance(item.reference, item.response) for item in train],
        [edit_distance(squeezed(item.reference), squeezed(item.response)) for item in train],
        [float(len(item.response)) for item in train],
    ):
        assert best_rule(feature, labels) < 0.64


def squeezed(text: str) -> str:
    return "".join(text.casefold().split())


def best_rule(feature: list[float], labels: list[bool]) -> float:
    """Accuracy of the best threshold in either direction."""
    shares = [
        sum((value <= threshold) == label for value, label in zip(feature, labels, strict=True))
        / len(labels)
        for threshold in set(feature)
    ]
    return max(max(share, 1 - share) for share in shares)


def pieces(text: str) -> set[str]:
    framed = f"^{text}$"
    return {framed[i : i + n] for n in (1, 2, 3) for i in range(len(framed) - n + 1)}


@pytest.mark.parametrize("side", ["reference", "response"])
def test_one_side_alone_does_not_tell_the_label(train: list[JudgedAnswer], side: str) -> None:
    """Naive Bayes on pieces of one text; attacks are left out, for they do give themselves away."""

    def compared(items: list[JudgedAnswer]) -> list[JudgedAnswer]:
        return [item for item in items if item.kind in ("rewritten", "near_miss")]

    seen = {True: Counter[str](), False: Counter[str]()}
    sizes = Counter(item.label for item in compared(train))
    for item in compared(train):
        seen[item.label].update(pieces(getattr(item, side)))
    unseen = compared(answers("validation", 250))
    hits = [
        item.label
        == (
            sum(
                math.log((seen[True][piece] + 1) / (sizes[True] + 2))
                - math.log((seen[False][piece] + 1) / (sizes[False] + 2))
                for piece in pieces(getattr(item, side))
            )
            > 0
        )
        for item in unseen
    ]
    assert sum(hits) / len(hits) < 0.64


def test_reasoning_ends_in_the_label(train: list[JudgedAnswer]) -> None:
    for item in train:
        steps = item.reasoning.split("\n")
        assert item.label == all(step.endswith(" same") for step in steps), item.reasoning


def written(*normals: str) -> Written:
    return Written(text="", parts=tuple(Part(shown=n, normal=n) for n in normals))


def test_explanation_stops_at_the_first_difference() -> None:
    half = Written(text="", parts=(Part(shown="2/4", normal="0.5"),))
    assert explain(half, written("0.5"), ordered=True) == "2/4=0.5|0.5 same"
    assert (
        explain(written("a", "b", "c"), written("a", "c", "b"), ordered=True)
        == "a|a same\nb|c different"
    )
    assert explain(written("a", "b"), written("a"), ordered=True) == "a|a same\nb|none different"
    assert (
        explain(written("a", "b"), written("b", "a", "c"), ordered=False)
        == "a|a same\nb|b same\nnone|c different"
    )
    assert explain(written("a"), None, ordered=True) == "no answer"


def test_numbers_are_written_as_short_decimals() -> None:
    assert [number_text(Fraction(n, d)) for n, d in ((3, 8), (-1, 20), (7, 1), (0, 1))] == [
        "0.375",
        "-0.05",
        "7",
        "0",
    ]
    with pytest.raises(ValueError, match="terminating"):
        number_text(Fraction(1, 3))


def test_sets_on_disk_come_back(train: list[JudgedAnswer], tmp_path: Path) -> None:
    write_judged_answers(tmp_path / "set.parquet", train[:50])
    assert read_judged_answers(tmp_path / "set.parquet") == train[:50]


def test_columns_of_other_makers_are_read_and_missing_ones_named(tmp_path: Path) -> None:
    row = {"question": "?", "reference": "1", "response": "1.0", "label": True, "extra": 3}
    row |= {"kind": "human", "answer_type": "number"}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "a.parquet")
    (item,) = read_judged_answers(tmp_path / "a.parquet")
    assert replace(item, question="") == JudgedAnswer(
        question="", reference="1", response="1.0", label=True, kind="human", answer_type="number"
    )
    del row["response"]
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "b.parquet")
    with pytest.raises(ValueError, match="response"):
        read_judged_answers(tmp_path / "b.parquet")


def test_unknown_splits_and_types_are_named() -> None:
    with pytest.raises(ValueError, match="split='dev'"):
        next(make_judged_answers(split="dev", seed=0, count=1))
    with pytest.raises(ValueError, match="matrix"):
        next(make_judged_answers(split="train", seed=0, count=1, answer_types=["matrix"]))


def test_held_out_types_are_not_trained_on() -> None:
    assert set(HELD_OUT_TYPES) | set(TRAIN_TYPES) == set(ANSWER_TYPES)
    assert not set(HELD_OUT_TYPES) & {item.answer_type for item in answers("train", 200)}
