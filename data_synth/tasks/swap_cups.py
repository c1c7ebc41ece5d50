"""The shell game as a picture: letters on top, then one row per swap with the two cups marked.

Composing permutations is the textbook example of a problem that needs its steps written down.
"""

import random
from dataclasses import dataclass

from PIL import Image

from data_synth.canvas import Grid, Mark, draw_grid
from data_synth.style import Style
from data_synth.tasks.base import Arrangements, Pose, Task, check, format_tuple

_LETTERS = "ABCDEFGH"
_CUP = Mark("circle", "red")
_Answer = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    num_cups: int
    num_swaps: int


class SwapCups(Task[Config]):
    name = "swap_cups"
    summary = "follow letters under cups that are swapped row by row"
    domain = "object interaction"
    discipline = "state tracking"
    answer_type = "sequence"
    verifier = "sequence"
    ladder = tuple(
        Config(num_cups=num_cups, num_swaps=num_swaps)
        for num_cups, num_swaps in ((4, 3), (4, 5), (5, 5), (5, 8), (6, 11))
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        return Pose(
            questions={
                "en": ["Swap the marked cups row by row. Answer with the final letters."],
                "zh": ["逐行交换有标记的杯子，按顺序写出最后的字母。"],
            },
            answers=Arrangements(_LETTERS, config.num_cups),
            params=config.num_swaps,
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Grid:
        order, swaps = list(answer), []
        for _ in range(pose.params):
            left, right = sorted(rng.sample(range(len(order)), 2))
            order[left], order[right] = order[right], order[left]
            swaps.append((left, right))
        # The swaps were drawn backwards from the answer: undone in reverse they lead to it.
        rows: list[list[Mark | None]] = [[Mark(letter) for letter in order]]
        for swap in reversed(swaps):
            rows.append([_CUP if column in swap else None for column in range(len(order))])
        return rows

    def draw(self, scene: Grid, *, size: int, style: Style) -> Image.Image:
        return draw_grid(scene, size=size, style=style)

    def solve(self, pose: Pose, scene: Grid) -> _Answer:
        """Follow each start column through the swaps on its own."""
        ends: dict[int, str] = {}
        for start, mark in enumerate(scene[0]):
            assert mark is not None
            column = start
            for cells in scene[1:]:
                if cells[column] is not None:
                    (column,) = (
                        c for c, cup in enumerate(cells) if cup is not None and c != column
                    )
            ends[column] = mark.kind
        return tuple(ends[column] for column in range(len(scene[0])))

    def reason(self, pose: Pose, scene: Grid) -> str:
        order = [mark.kind for mark in scene[0] if mark is not None]
        steps = [f"{' '.join(order)}."]
        for cells in scene[1:]:
            left, right = (column for column, cup in enumerate(cells) if cup is not None)
            order[left], order[right] = order[right], order[left]
            marks = " ".join("-" if cup is None else "x" for cup in cells)
            steps.append(f"{marks} : {' '.join(order)}.")
        return f"plan: swap. scan: {' '.join(steps)} {check(order)}"

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)
