"""A table of orders: look rows up, or add the amounts of all rows that fit."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from data_synth.render import Page, Span, TableBlock
from data_synth.style import Style
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple, list_words
from data_synth.tasks.document import draw_document

_NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ivo", "June", "Kai", "Lena")
_CITIES = ("Oslo", "Lima", "Cairo", "Perth", "Quito")
_HEADER = ("name", "city", "year", "amount")
_MAX_AMOUNT = 60
_Answer = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    num_rows: int
    num_asked: int
    """Names or cities that are asked for."""
    by_city: bool
    """Add up all rows of a city, or look up the row of a name."""
    years: int
    """Different years; with more than one, only one of them counts."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    city: str
    year: int
    amount: int


class TableSums(Task[Config]):
    name = "table_sums"
    summary = "look up rows of a table and add what belongs together"
    domain = "tables"
    discipline = "calculation"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = (
        Config(num_rows=4, num_asked=2, by_city=False, years=1),
        Config(num_rows=6, num_asked=3, by_city=False, years=1),
        Config(num_rows=8, num_asked=2, by_city=True, years=1),
        Config(num_rows=10, num_asked=3, by_city=True, years=1),
        Config(num_rows=12, num_asked=3, by_city=True, years=2),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        keys = _CITIES if config.by_city else _NAMES
        asked = tuple(rng.sample(keys, config.num_asked))
        form = format_tuple(asked)
        year = rng.randint(2015, 2024)
        words = list_words(asked)
        if config.by_city:
            when, when_zh = (f" in {year}", f"{year} 年") if config.years > 1 else ("", "")
            english = (
                f"Add up the amounts of each of {words}{when}.",
                f"What is the total amount{when} per city for {words}?",
            )
            chinese = (
                f"分别求 {'、'.join(asked)} {when_zh}的金额之和。",
                f"{when_zh}表中 {'、'.join(asked)} 各城市的总金额是多少？",
            )
        else:
            english = (f"Look up the amounts of {words}.", f"What amounts do {words} have?")
            chinese = (
                f"查出 {'、'.join(asked)} 的金额。",
                f"表中 {'、'.join(asked)} 的金额是多少？",
            )
        return Pose(
            questions={
                "en": [f"{wording} Answer as {form}." for wording in english],
                "zh": [f"{wording}按 {form} 回答。" for wording in chinese],
            },
            answers=Product([range(10, 100)] * config.num_asked),
            params=(asked, year, config),
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> tuple[Row, ...]:
        asked, year, config = pose.params
        if config.by_city:
            rows = self._city_rows(rng, pose, answer)
        else:
            rows = [("", name, year, amount) for name, amount in zip(asked, answer, strict=True)]
            rows = [(rng.choice(_CITIES), name, year, amount) for _, name, year, amount in rows]
        taken = [name for _, name, _, _ in rows]
        names = [name for name in _NAMES if name not in taken]
        rng.shuffle(names)
        others = _CITIES if not config.by_city else tuple(c for c in _CITIES if c not in asked)
        table = [Row(name, city, when, amount) for city, name, when, amount in rows]
        while len(table) < config.num_rows:
            table.append(Row(names.pop(), rng.choice(others), year, rng.randint(1, _MAX_AMOUNT)))
        rng.shuffle(table)
        return tuple(table)

    def _city_rows(
        self, rng: random.Random, pose: Pose, answer: _Answer
    ) -> list[tuple[str, str, int, int]]:
        """Rows of the asked cities: two or three that count, and decoys of another year."""
        asked, year, config = pose.params
        names = list(_NAMES)
        rng.shuffle(names)
        spare = config.num_rows - 2 * len(asked)
        rows = []
        for city, total in zip(asked, answer, strict=True):
            extra = rng.randint(0, min(1, spare))
            spare -= extra
            rows += [(city, names.pop(), year, part) for part in _parts(rng, total, 2 + extra)]
            if config.years > 1 and spare > 0:
                spare -= 1
                other = year + rng.choice((-1, 1))
                rows.append((city, names.pop(), other, rng.randint(1, _MAX_AMOUNT)))
        return rows

    def draw(self, scene: tuple[Row, ...], *, size: int, style: Style) -> Page:
        rows = [_HEADER, *((row.name, row.city, str(row.year), str(row.amount)) for row in scene)]
        cells = tuple(tuple((Span(text=text),) for text in row) for row in rows)
        table = TableBlock(rows=cells, align=("left", "left", "right", "right"))
        return draw_document([table], size=size, style=style)

    def solve(self, pose: Pose, scene: tuple[Row, ...]) -> _Answer:
        return tuple(sum(row.amount for row in rows) for rows in _fitting(pose, scene))

    def reason(self, pose: Pose, scene: tuple[Row, ...]) -> str:
        steps = []
        for key, rows in zip(pose.params[0], _fitting(pose, scene), strict=True):
            amounts = [row.amount for row in rows]
            terms = " + ".join(map(str, amounts))
            steps.append(f"{key} {terms} = {sum(amounts)}." if len(rows) > 1 else f"{key} {terms}.")
        return f"plan: look up. scan: {' '.join(steps)} {check(self.solve(pose, scene))}"

    def text_twin(self, pose: Pose, scene: tuple[Row, ...]) -> str:
        lines = [f"{row.name},{row.city},{row.year},{row.amount}" for row in scene]
        return "\n".join([",".join(_HEADER), *lines])

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)


def _fitting(pose: Pose, scene: Sequence[Row]) -> list[list[Row]]:
    """For each name or city the rows that count."""
    asked, year, config = pose.params
    if not config.by_city:
        return [[row for row in scene if row.name == name] for name in asked]
    wanted = [row for row in scene if config.years == 1 or row.year == year]
    return [[row for row in wanted if row.city == city] for city in asked]


def _parts(rng: random.Random, total: int, count: int) -> list[int]:
    """Positive amounts that add up to `total`."""
    cuts = sorted(rng.sample(range(1, total), count - 1))
    return [high - low for low, high in zip([0, *cuts], [*cuts, total], strict=True)]
