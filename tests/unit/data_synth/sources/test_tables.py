"""Chart questions: answers recomputed from the files, values read back off the pixels."""

import io
import json
import re
from collections import Counter
from decimal import Decimal
from functools import cache

import pytest
from PIL import Image

from data_synth.problem import Modality, Problem
from data_synth.sources.chart import Chart, draw_chart
from data_synth.sources.files import package_file
from data_synth.sources.tables import Table, VegaCharts, read_tables
from data_synth.verify import check_reference, verify

BLUE, RED = (31, 90, 220), (214, 39, 40)


@cache
def problems(split: str) -> list[Problem]:
    return list(VegaCharts(image_size=256).open(split))


@cache
def tables() -> list[Table]:
    return read_tables()


def test_tables_hold_the_values_of_the_files() -> None:
    path = package_file("vega_datasets", "_data", "barley.json", source="test")
    rows = json.loads(path.read_text())
    yields = {(row["site"], row["variety"], row["year"]): row["yield"] for row in rows}
    for table in tables():
        if not table.entity.startswith("barley"):
            continue
        site = table.entity.removeprefix("barley ")
        for year, series in zip(table.names, table.values, strict=True):
            for variety, value in zip(table.labels, series, strict=True):
                assert abs(float(value) - yields[site, variety, int(year)]) <= 0.0501


def test_labels_can_be_parts_of_a_tuple_and_no_value_is_negative() -> None:
    assert len(tables()) > 200
    for table in tables():
        assert len(set(table.labels)) == len(table.labels) >= 8
        assert not set("".join(table.labels)) & set("(),[]{}\\$")
        assert all(len(series) == len(table.labels) for series in table.values)
        assert min(min(series) for series in table.values) >= 0


def answer_again(question: str, table: Table) -> str | None:
    """The answer by another way than the source's: from the words of the question."""
    named = re.match(r"Look at (.+?)\. ", question)
    series = table.values[table.names.index(named[1]) if named else 0]
    by_label = dict(zip(table.labels, series, strict=True))
    if found := re.search(r"Give the values of (.+), (.+) and (.+), in this", question):
        return f"({','.join(str(by_label[found[i]]) for i in (1, 2, 3))})"
    if found := re.search(r"Add up the values of (.+), (.+) and (.+)\. Ans", question):
        return str(by_label[found[1]] + by_label[found[2]] + by_label[found[3]])
    if found := re.search(r"the (\w+) largest value, and", question):
        rank = ("largest", "second", "third", "fourth", "fifth").index(found[1])
        descending = sorted(by_label, key=lambda label: -by_label[label])
        label = descending[rank]
        return f"({label},{by_label[descending[0]] - by_label[label]})"
    if "neighbouring" in question:
        steps = [
            (abs(b - a), first, second)
            for (first, a), (second, b) in zip(
                list(by_label.items())[:-1], list(by_label.items())[1:], strict=True
            )
        ]
        size, first, second = max(steps)
        return f"({first},{second},{size})"
    if "farthest apart" in question:
        gap, label = max(
            (abs(a - b), label) for label, a, b in zip(table.labels, *table.values, strict=True)
        )
        return f"({label},{gap})"
    return None


@pytest.mark.slow
def test_every_answer_follows_from_the_question_and_one_table() -> None:
    checked = Counter[str]()
    unused = {table.entity: table for table in tables()}
    assert unused
    for problem in [*problems("train"), *problems("test")]:
        answers = set()
        for table in tables():
            try:
                answers.add(answer_again(problem.question, table))
            except (KeyError, ValueError):  # another table
                continue
        assert problem.answer in answers
        checked[problem.discipline] += 1
        check_reference(problem.verifier, problem.answer)
    assert min(checked.values()) >= 50
    assert len(checked) == 5


def test_answers_cannot_be_guessed_and_hedging_does_not_pay() -> None:
    rows = problems("train")
    by_kind: dict[str, Counter[str]] = {}
    for problem in rows:
        by_kind.setdefault(problem.discipline, Counter())[problem.answer] += 1
    for counts in by_kind.values():
        likeliest = [count for _, count in counts.most_common(8)]
        # The bar and the line chart of a table may ask for the same.
        assert likeliest[0] <= 4
        assert sum(likeliest) / counts.total() <= 0.25
    for first, second in zip(rows[:100], rows[5:105], strict=True):
        hedged = f"maybe {first.answer} or {second.answer}"
        assert not verify(first.verifier, first.answer, hedged).correct


def test_fields_and_split() -> None:
    train, test = problems("train"), problems("test")
    assert len(train) > 1_000 and len(test) > 200
    assert not {p.images for p in train} & {p.images for p in test}
    assert {p.modality for p in train} == {Modality.SYNTHETIC}
    assert {(p.licence, p.source, p.domain) for p in test} == {
        ("BSD-3-Clause", "vega-charts", "charts")
    }
    assert [p.index for p in train] == list(range(len(train)))
    assert Image.open(io.BytesIO(train[0].images[0])).size == (256, 256)


def column_height(image: Image.Image, x: int, color: tuple[int, int, int]) -> int:
    return sum(
        sum(abs(a - b) for a, b in zip(image.getpixel((x, y)), color, strict=True)) < 40  # type: ignore[call-overload]
        for y in range(image.height)
    )


def test_bars_are_as_high_as_their_values() -> None:
    chart = Chart(
        title="t",
        labels=("a", "b", "c", "d"),
        names=("v",),
        values=((Decimal(10), Decimal(20), Decimal(40), Decimal(30)),),
        kind="bar",
    )
    image = draw_chart(chart, size=400)
    # Slots of 92 pixels from 16; the value's text stands above the bar and is not blue.
    heights = [column_height(image, 16 + 92 * i + 20, BLUE) for i in range(4)]
    assert heights[2] == pytest.approx(760 / 1.12 * 0.4, abs=3)
    assert [round(height / heights[0]) for height in heights] == [1, 2, 4, 3]


def test_lines_of_two_series_have_their_own_colours_and_order() -> None:
    chart = Chart(
        title="t",
        labels=("a", "b", "c"),
        names=("high", "low"),
        values=((Decimal(9), Decimal(9), Decimal(9)), (Decimal(1), Decimal(1), Decimal(1))),
        kind="line",
    )
    image = draw_chart(chart, size=400)
    blue = [y for y in range(60, 400) if image.getpixel((130, y)) == BLUE]
    red = [y for y in range(60, 400) if image.getpixel((130, y)) == RED]
    assert blue and red and max(blue) < min(red)


def test_a_long_label_lays_the_bars_down() -> None:
    values = ((Decimal(10), Decimal(20)),)
    long_names = ("a very long label " * 3, "b")
    chart = Chart(title="t", labels=long_names, names=("v",), values=values, kind="bar")
    image = draw_chart(chart, size=400)
    rows = [
        sum(image.getpixel((x, y)) == BLUE for x in range(400)) for y in (48 + 84, 48 + 168 + 84)
    ]
    assert rows[1] == pytest.approx(2 * rows[0], abs=3)
    assert rows[0] > 20
