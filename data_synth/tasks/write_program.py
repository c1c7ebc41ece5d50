"""Write a program for the steps that a card lists; what it prints on hidden tests decides."""

import random
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from data_synth.render import Page
from data_synth.seeding import derive_rng
from data_synth.style import Style
from data_synth.tasks.base import Pose, Product, Task
from data_synth.tasks.document import draw_lines
from data_synth.verify.program import ProgramTest, ProgramTests

_Step: TypeAlias = tuple[str, int]
"""Kind and number; the number of a sort is 1 for up and -1 for down."""

_ARITHMETIC = (*(("add", n) for n in range(1, 21)), *(("times", n) for n in range(2, 21)))
_KEEP = (*(("above", n) for n in range(1, 21)), *(("below", n) for n in range(1, 21)))
_SORT = (("sort", 1), ("sort", -1))
_FIRST = tuple(("first", n) for n in range(2, 10))
_CARD = {
    "add": "add {}",
    "times": "times {}",
    "above": "keep > {}",
    "below": "keep < {}",
    "first": "first {}",
}
_CODE = {
    "add": "x = [v + {} for v in x]",
    "times": "x = [v * {} for v in x]",
    "above": "x = [v for v in x if v > {}]",
    "below": "x = [v for v in x if v < {}]",
    "first": "x = x[:{}]",
}
_SORT_CARD = {1: "sort up", -1: "sort down"}
_SORT_CODE = {1: "x = sorted(x)", -1: "x = sorted(x)[::-1]"}
# Every number of a step lies inside, and so does what tells `> 20` from `> 19`.
_PROBES = range(-3, 24)
_NUM_DRAWN = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    slots: tuple[str, ...]
    """What each step may be: letters of k(eep), a(rithmetic), s(ort) and f(irst)."""


_SLOTS = {"k": _KEEP, "a": _ARITHMETIC, "s": _SORT, "f": _FIRST}


class WriteProgram(Task[Config]):
    """Programs are told apart by what they print: two cards may ask for the same function.

    Numbers are kept or dropped before anything else happens to them, so that no card leaves
    nothing. The first test of every problem tells any two single steps apart; the others are drawn.
    """

    name = "write_program"
    summary = "write a program for the steps on a card; hidden tests judge it"
    domain = "code"
    discipline = "programming"
    answer_type = "program"
    verifier = "program"
    ladder = (
        Config(slots=("ka", "asf")),
        Config(slots=("ka", "a", "sf")),
        Config(slots=("k", "a", "s", "f")),
        Config(slots=("k", "a", "s", "f", "a")),
        Config(slots=("k", "a", "a", "s", "f", "a")),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        return Pose(
            questions={
                "en": (
                    "Write a Python program: read integers from one line, apply the steps in "
                    "order, print what is left on one line.",
                ),
                "zh": (
                    "写一个 Python 程序：从一行读入若干整数，依次执行各步骤，把结果打印在一行。",
                ),
            },
            answers=Product([_steps(kinds) for kinds in config.slots]),
            params=config,
        )

    def build(self, rng: random.Random, pose: Pose, answer: tuple[_Step, ...]) -> str:
        return "\n".join(
            _SORT_CARD[number] if kind == "sort" else _CARD[kind].format(number)
            for kind, number in answer
        )

    def draw(self, scene: str, *, size: int, style: Style) -> Page:
        return draw_lines(scene, size=size, style=style)

    def solve(self, pose: Pose, scene: str) -> tuple[_Step, ...]:
        kinds = {"add": "add", "times": "times", "first": "first"}
        comparisons = {">": "above", "<": "below"}
        steps = []
        for line in scene.split("\n"):
            verb, *words = line.split(" ")
            if verb == "sort":
                steps.append(("sort", {"up": 1, "down": -1}[words[0]]))
            elif verb == "keep":
                steps.append((comparisons[words[0]], int(words[1])))
            else:
                steps.append((kinds[verb], int(words[0])))
        return tuple(steps)

    def reason(self, pose: Pose, scene: str) -> str:
        lines = scene.split("\n")
        return f"plan: read. scan: {' '.join(f'{line}.' for line in lines)} check: {len(lines)}."

    def text_twin(self, pose: Pose, scene: str) -> str:
        return scene

    def format(self, answer: tuple[_Step, ...]) -> str:
        """The tests, as JSON; their inputs are drawn from a hash of the steps."""
        rng = derive_rng("write_program tests", *(f"{kind} {n}" for kind, n in answer))
        probes = list(_PROBES)
        rng.shuffle(probes)
        inputs = [probes]
        inputs += [
            [rng.randint(-9, 40) for _ in range(rng.randint(1, 12))] for _ in range(_NUM_DRAWN)
        ]
        return ProgramTests(
            tests=tuple(
                ProgramTest(input=_line(numbers), output=_line(_apply(answer, numbers)))
                for numbers in inputs
            ),
            time_limit_s=1.0,
            memory_mb=128,
            solution=write_solution(answer),
        ).to_json()


@cache
def _steps(kinds: str) -> tuple[_Step, ...]:
    return tuple(step for kind in kinds for step in _SLOTS[kind])


def write_solution(steps: tuple[_Step, ...]) -> str:
    """A program for the steps."""
    lines = [
        _SORT_CODE[number] if kind == "sort" else _CODE[kind].format(number)
        for kind, number in steps
    ]
    return "\n".join(["x = list(map(int, input().split()))", *lines, "print(*x)", ""])


def _apply(steps: tuple[_Step, ...], numbers: list[int]) -> list[int]:
    for kind, n in steps:
        if kind == "sort":
            numbers = sorted(numbers, reverse=n < 0)
        elif kind == "first":
            numbers = numbers[:n]
        elif kind == "add":
            numbers = [value + n for value in numbers]
        elif kind == "times":
            numbers = [value * n for value in numbers]
        else:
            numbers = [value for value in numbers if (value > n if kind == "above" else value < n)]
    return numbers


def _line(numbers: list[int]) -> str:
    return " ".join(map(str, numbers)) + "\n"
