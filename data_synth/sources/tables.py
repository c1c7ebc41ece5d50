"""Charts of real tables (crops, prices, employment, weather, cars) that vega-datasets ships.

The tables are real, the drawings are ours (`chart`), so the modality is synthetic. Every question
wants several readings or one reading and its label, never yes or no: a policy cannot guess it. All
answers are computed from the values as they are written in the chart.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from data_synth.png import encode_png
from data_synth.problem import Modality, Problem
from data_synth.seeding import derive_rng
from data_synth.sources.base import Source
from data_synth.sources.chart import KINDS, Chart, draw_chart
from data_synth.sources.files import (
    SPLITS,
    entity_split,
    metadata_fields,
    package_file,
    read_table,
    refuse_path,
)

DEFAULT_IMAGE_SIZE = 640
_WINDOW = 8  # labels in one chart
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BRACKETS = frozenset("(),[]{}")  # labels are elements of tuples
_Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Real values before a chart is made of them.

    Example:
        Table(entity="wheat 1565", title="Wheat in England", what="year", labels=("1565", "1570"),
              names=("price",), values=((Decimal(41), Decimal(45)),))
    """

    entity: str
    """What the split goes by."""
    title: str
    what: str
    """What a label is, in the singular."""
    labels: tuple[str, ...]
    names: tuple[str, ...]
    values: tuple[tuple[Decimal, ...], ...]
    ordered: bool = True
    """The labels follow each other in time, so that a line and a change make sense."""


class VegaCharts(Source):
    """Some thousand chart questions, in a fixed order."""

    name = "vega-charts"
    licence = "BSD-3-Clause"
    citation = "vega-datasets, https://github.com/vega/vega-datasets"
    scoring = "sequence"
    splits = SPLITS

    def __init__(self, *, image_size: int = DEFAULT_IMAGE_SIZE) -> None:
        super().__init__()
        self.image_size = image_size

    def _read(
        self, split: str, *, path: str | None, streaming: bool, revision: str | None
    ) -> Iterator[Problem]:
        refuse_path(self.name, path)
        tables = [
            table for table in read_tables() if entity_split(self.name, table.entity) == split
        ]
        return self._problems(tables, split)

    def _problems(self, tables: Sequence[Table], split: str) -> Iterator[Problem]:
        index = 0
        for table in tables:
            for kind in KINDS if table.ordered else ("bar",):
                chart = Chart(
                    title=table.title,
                    labels=table.labels,
                    names=table.names,
                    values=table.values,
                    kind=kind,
                )
                image = encode_png(draw_chart(chart, size=self.image_size))
                rng = derive_rng(self.name, table.entity, kind)
                for ask in _QUESTIONS:
                    asked = ask(table, rng)
                    if asked is None:
                        self.skipped["question has no single answer"] += 1
                        continue
                    question, answer, answer_type, verifier = asked
                    yield Problem(
                        question=question,
                        images=(image,),
                        answer=answer,
                        answer_type=answer_type,
                        verifier=verifier,
                        modality=Modality.SYNTHETIC,
                        domain="charts",
                        discipline=ask.__name__.strip("_").replace("_", " "),
                        split=split,
                        index=index,
                        **metadata_fields(self),
                    )
                    index += 1


_Asked = tuple[str, str, str, str] | None
"""Question, answer, answer type, verifier."""


def _three_values(table: Table, rng: random.Random) -> _Asked:
    series = rng.randrange(len(table.names))
    places = rng.sample(range(len(table.labels)), 3)
    labels = [table.labels[i] for i in places]
    values = [str(table.values[series][i]) for i in places]
    question = (
        f"{_name(table, series)}Give the values of {labels[0]}, {labels[1]} and {labels[2]}, in "
        "this order, as (value,value,value)."
    )
    return question, f"({','.join(values)})", "tuple", "sequence"


def _sum_of_three(table: Table, rng: random.Random) -> _Asked:
    series = rng.randrange(len(table.names))
    places = rng.sample(range(len(table.labels)), 3)
    labels = [table.labels[i] for i in places]
    total = sum((table.values[series][i] for i in places), Decimal(0))
    question = (
        f"{_name(table, series)}Add up the values of {labels[0]}, {labels[1]} and {labels[2]}. "
        "Answer with a number."
    )
    return question, str(total), "number", "numeric"


def _rank_and_gap(table: Table, rng: random.Random) -> _Asked:
    series = rng.randrange(len(table.names))
    values = table.values[series]
    if len(set(values)) < len(values):
        return None  # a tie: the rank is not one label
    rank = rng.randint(2, min(5, len(values) - 1))
    order = sorted(range(len(values)), key=values.__getitem__, reverse=True)
    place = order[rank - 1]
    gap = values[order[0]] - values[place]
    question = (
        f"{_name(table, series)}Which {table.what} has the {_ordinal(rank)} largest value, and how "
        "far is it below the largest? Answer as (label,difference)."
    )
    return question, f"({table.labels[place]},{gap})", "tuple", "sequence"


def _largest_step(table: Table, rng: random.Random) -> _Asked:
    series = rng.randrange(len(table.names))
    values = table.values[series]
    if not table.ordered:
        return None
    steps = [abs(values[i + 1] - values[i]) for i in range(len(values) - 1)]
    largest = max(steps)
    if steps.count(largest) > 1:
        return None
    place = steps.index(largest)
    question = (
        f"{_name(table, series)}Between which two neighbouring labels does the value change most, "
        "and by how much, up or down? Answer as (first label,second label,change) without a sign."
    )
    answer = f"({table.labels[place]},{table.labels[place + 1]},{largest})"
    return question, answer, "tuple", "sequence"


def _widest_gap(table: Table, rng: random.Random) -> _Asked:
    if len(table.names) < 2:
        return None
    gaps = [abs(a - b) for a, b in zip(*table.values[:2], strict=True)]
    largest = max(gaps)
    if gaps.count(largest) > 1:
        return None
    label = table.labels[gaps.index(largest)]
    question = (
        f"For which {table.what} are {table.names[0]} and {table.names[1]} farthest apart, and by "
        "how much? Answer as (label,difference)."
    )
    return question, f"({label},{largest})", "tuple", "sequence"


_QUESTIONS: tuple[Callable[[Table, random.Random], _Asked], ...] = (
    _three_values,
    _sum_of_three,
    _rank_and_gap,
    _largest_step,
    _widest_gap,
)


def _name(table: Table, series: int) -> str:
    return f"Look at {table.names[series]}. " if len(table.names) > 1 else ""


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third", 4: "fourth", 5: "fifth"}[number]


def read_tables() -> list[Table]:
    """All tables, in a fixed order."""
    return [table for read in _READERS for table in read()]


def _rows(file: str) -> list[_Row]:
    return read_table(package_file("vega_datasets", "_data", file, source=VegaCharts.name))


def _number(text: Any, decimals: int) -> Decimal:
    """As it is written in the chart."""
    unit = Decimal(1).scaleb(-decimals)
    return Decimal(str(text)).quantize(unit, rounding=ROUND_HALF_UP)


def _windows(count: int) -> Iterator[slice]:
    """Without overlap: a value stands on one side of the split only."""
    for start in range(0, count - _WINDOW + 1, _WINDOW):
        yield slice(start, start + _WINDOW)


def _barley() -> Iterator[Table]:
    rows = _rows("barley.json")
    for site in sorted({row["site"] for row in rows}):
        years: dict[str, dict[str, Decimal]] = {"1931": {}, "1932": {}}
        for row in rows:
            if row["site"] == site:
                years[row["year"]][row["variety"]] = _number(row["yield"], 1)
        varieties = sorted(set(years["1931"]) & set(years["1932"]))[:_WINDOW]
        yield Table(
            entity=f"barley {site}",
            title=f"Barley at {site}, bushels per acre",
            what="variety",
            labels=tuple(varieties),
            names=tuple(years),
            values=tuple(tuple(year[name] for name in varieties) for year in years.values()),
            ordered=False,
        )


def _wheat() -> Iterator[Table]:
    rows = [row for row in _rows("wheat.json") if "wages" in row]
    for window in _windows(len(rows)):
        part = rows[window]
        yield Table(
            entity=f"wheat {part[0]['year']}",
            title="England: price of wheat and weekly wages, shillings",
            what="year",
            labels=tuple(str(row["year"]) for row in part),
            names=("wheat", "wages"),
            values=tuple(tuple(_number(row[key], 2) for row in part) for key in ("wheat", "wages")),
        )


def _crimea() -> Iterator[Table]:
    rows = _rows("crimea.json")
    for window in _windows(len(rows)):
        part = rows[window]
        yield Table(
            entity=f"crimea {part[0]['date']}",
            title="Deaths in the Crimean War by cause",
            what="month",
            labels=tuple(_month(row["date"]) for row in part),
            names=("disease", "wounds"),
            values=tuple(
                tuple(_number(row[key], 0) for row in part) for key in ("disease", "wounds")
            ),
        )


def _iowa() -> Iterator[Table]:
    rows = _rows("iowa-electricity.csv")
    sources = ("Fossil Fuels", "Renewables")
    series = {
        source: {row["year"][:4]: row["net_generation"] for row in rows if row["source"] == source}
        for source in sources
    }
    years = sorted(series[sources[0]])
    for window in _windows(len(years)):
        yield Table(
            entity=f"iowa {years[window][0]}",
            title="Electricity made in Iowa, thousand MWh",
            what="year",
            labels=tuple(years[window]),
            names=sources,
            values=tuple(
                tuple(_number(series[source][year], 0) for year in years[window])
                for source in sources
            ),
        )


def _driving() -> Iterator[Table]:
    rows = _rows("driving.json")
    for key, title, decimals in (
        ("miles", "Miles driven per head in the USA", 0),
        ("gas", "Price of a gallon of petrol in the USA, dollars", 2),
    ):
        for window in _windows(len(rows)):
            part = rows[window]
            yield _single(
                entity=f"driving {part[0]['year']}",
                title=title,
                what="year",
                labels=[str(row["year"]) for row in part],
                values=[_number(row[key], decimals) for row in part],
            )


def _stocks() -> Iterator[Table]:
    rows = _rows("stocks.csv")
    for symbol in sorted({row["symbol"] for row in rows}):
        for year in sorted({row["date"][-4:] for row in rows}):
            part = [row for row in rows if row["symbol"] == symbol and row["date"].endswith(year)]
            if len(part) == len(_MONTHS):
                yield _single(
                    entity=f"stocks {year}",  # prices of one year move together
                    title=f"{symbol} in {year}, dollars",
                    what="month",
                    labels=[row["date"][:3] for row in part],
                    values=[_number(row["price"], 1) for row in part],
                )


def _employment() -> Iterator[Table]:
    rows = _rows("us-employment.csv")
    for sector in ("construction", "manufacturing", "utilities", "information", "government"):
        for year in sorted({row["month"][:4] for row in rows}):
            part = [row for row in rows if row["month"].startswith(year)]
            yield _single(
                entity=f"employment {year}",
                title=f"Jobs in {sector}, USA {year}, thousands",
                what="month",
                labels=[_MONTHS[int(row["month"][5:7]) - 1] for row in part],
                values=[_number(row[sector], 0) for row in part],
            )


def _weather() -> Iterator[Table]:
    rows = _rows("seattle-weather.csv")
    for start in range(0, len(rows) - _WINDOW, 3 * _WINDOW):
        part = rows[start : start + _WINDOW]
        year, month = part[0]["date"][:4], part[0]["date"][:7]
        if any(row["date"][:7] != month or row["temp_min"].startswith("-") for row in part):
            continue  # bars show no negative values
        yield Table(
            entity=f"weather {month}",
            title=f"Seattle, {_MONTHS[int(month[5:7]) - 1]} {year}, degrees Celsius",
            what="day",
            labels=tuple(str(int(row["date"][8:10])) for row in part),
            names=("maximum", "minimum"),
            values=tuple(
                tuple(_number(row[key], 1) for row in part) for key in ("temp_max", "temp_min")
            ),
        )


def _cars() -> Iterator[Table]:
    rows = _rows("cars.json")
    measures = (
        ("Horsepower", "horsepower"),
        ("Weight_in_lbs", "weight in pounds"),
        ("Displacement", "displacement in cubic inches"),
    )
    for year in sorted({row["Year"][:4] for row in rows}):
        cars = {row["Name"]: row for row in rows if row["Year"].startswith(year)}
        names = sorted(
            name
            for name in cars
            if all(cars[name][key] for key, _ in measures) and not set(name) & _BRACKETS
        )
        for key, title in measures:
            for window in _windows(len(names)):
                yield _single(
                    entity=f"cars {year}",
                    title=f"Cars of {year}: {title}",
                    what="car",
                    labels=names[window],
                    values=[_number(cars[name][key], 0) for name in names[window]],
                    ordered=False,
                )


def _single(
    *,
    entity: str,
    title: str,
    what: str,
    labels: Sequence[str],
    values: Sequence[Decimal],
    ordered: bool = True,
) -> Table:
    return Table(
        entity=entity,
        title=title,
        what=what,
        labels=tuple(labels),
        names=(title,),
        values=(tuple(values),),
        ordered=ordered,
    )


def _month(date: str) -> str:
    return f"{_MONTHS[int(date[5:7]) - 1]} {date[2:4]}"


_READERS: tuple[Callable[[], Iterator[Table]], ...] = (
    _barley,
    _wheat,
    _crimea,
    _iowa,
    _driving,
    _stocks,
    _employment,
    _weather,
    _cars,
)
