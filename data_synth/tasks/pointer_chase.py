"""A JSON document of records that point at each other: follow the pointers, collect the values."""

import json
import random
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from data_synth.render import Page, Paragraph, Span
from data_synth.style import Style
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple
from data_synth.tasks.document import draw_document

_KEYS = ("ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibis", "jay", "koi", "lynx")
_MIN_VALUE, _MAX_VALUE = 10, 99
_Answer = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    num_records: int
    num_steps: int
    """Records that are visited, the first included."""
    nested: bool
    """Value and pointer stand in an object of their own inside the record."""


class PointerChase(Task[Config]):
    """The scene is the document's text, so that solving it means parsing it."""

    name = "pointer_chase"
    summary = "follow pointers through a JSON document and collect the values"
    domain = "structured data"
    discipline = "state tracking"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = (
        Config(num_records=4, num_steps=2, nested=False),
        Config(num_records=5, num_steps=3, nested=False),
        Config(num_records=7, num_steps=4, nested=False),
        Config(num_records=9, num_steps=5, nested=True),
        Config(num_records=12, num_steps=7, nested=True),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        start = rng.choice(_KEYS)
        count = config.num_steps
        return Pose(
            questions={
                "en": [
                    f'Start at "{start}" and go on to its "next" until you have visited {count} '
                    'records. Answer with their values "v" in order, as (v1,v2,...).',
                    f'Visit {count} records: "{start}" first, then always the one named by '
                    '"next". List their "v" in order, as (v1,v2,...).',
                ],
                "zh": [
                    f'从 "{start}" 开始，沿 "next" 依次访问 {count} 条记录，'
                    '按顺序写出它们的 "v"，形式为 (v1,v2,...)。',
                    f'依次访问 {count} 条记录：先是 "{start}"，之后总是 "next" 所指的记录。'
                    '按 (v1,v2,...) 的形式写出它们的 "v"。',
                ],
            },
            answers=Product([range(_MIN_VALUE, _MAX_VALUE + 1)] * count),
            params=(start, config),
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> str:
        start, config = pose.params
        others = rng.sample([key for key in _KEYS if key != start], config.num_records - 1)
        route = [start, *others[: config.num_steps - 1]]
        values = dict(zip(route, answer, strict=True))
        pointers = dict(pairwise(route))
        keys = [start, *others]
        rng.shuffle(keys)
        records = {}
        for key in keys:
            record: dict[str, Any] = {
                "v": values.get(key, rng.randint(_MIN_VALUE, _MAX_VALUE)),
                "next": pointers.get(key, rng.choice([other for other in keys if other != key])),
            }
            if rng.random() < 0.5:
                record = dict(reversed(record.items()))
            text = json.dumps(record)
            if config.nested:
                tag = rng.randint(_MIN_VALUE, _MAX_VALUE)
                text = f'{{"tag": {tag},\n    "data": {text}}}'
            records[key] = text
        lines = [f'  "{key}": {text}' for key, text in records.items()]
        return "{\n" + ",\n".join(lines) + "\n}"

    def draw(self, scene: str, *, size: int, style: Style) -> Page:
        text = Paragraph(spans=(Span(text=scene),), preserve=True)
        longest = max(map(len, scene.split("\n")))
        # Room for a monospace face, whose letters are wider than the average that is assumed.
        return draw_document([text], size=size, style=style, chars_per_line=round(1.25 * longest))

    def solve(self, pose: Pose, scene: str) -> _Answer:
        start, config = pose.params
        document = json.loads(scene)
        values, key = [], start
        for _ in range(config.num_steps):
            record = document[key].get("data", document[key])
            values.append(record["v"])
            key = record["next"]
        return tuple(values)

    def reason(self, pose: Pose, scene: str) -> str:
        start, config = pose.params
        document = json.loads(scene)
        steps, key = [], start
        for _ in range(config.num_steps):
            record = document[key].get("data", document[key])
            steps.append(f"{key} v {record['v']} next {record['next']}.")
            key = record["next"]
        return f"plan: follow. scan: {' '.join(steps)} {check(self.solve(pose, scene))}"

    def text_twin(self, pose: Pose, scene: str) -> str:
        return scene

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)
