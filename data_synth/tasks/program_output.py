"""Run a short program of assignments, shown as text, and give the final values."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from data_synth.render import Page
from data_synth.style import Style
from data_synth.tasks.base import Pose, Product, Task, format_tuple
from data_synth.tasks.document import draw_lines

_NUM_ASKED = 3

_APPLY: dict[str, Callable[[int, int], int]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
}
_Answer = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    num_lines: int
    operators: str
    """A character each."""
    variables: str
    """A letter each, at least three."""
    max_value: int
    """Largest value of a variable, at any time."""


class ProgramOutput(Task[Config]):
    """Every value, final or not, is a whole number from 0 to the level's maximum."""

    name = "program_output"
    summary = "run a short program shown as text and give the final values"
    domain = "code"
    discipline = "calculation"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = (
        Config(num_lines=3, operators="+-", variables="abc", max_value=9),
        Config(num_lines=4, operators="+-", variables="abc", max_value=9),
        Config(num_lines=4, operators="+-*", variables="abc", max_value=9),
        Config(num_lines=5, operators="+-*", variables="abcd", max_value=12),
        Config(num_lines=6, operators="+-*", variables="abcd", max_value=20),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        asked = sorted(rng.sample(config.variables, _NUM_ASKED))
        form = format_tuple(asked)
        return Pose(
            questions={
                "en": [f"Run the program. Answer with the final values as {form}."],
                "zh": [f"运行程序，按 {form} 的顺序写出变量最后的值。"],
            },
            answers=Product([range(config.max_value + 1)] * _NUM_ASKED),
            params=(tuple(asked), config),
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> str:
        asked, config = pose.params
        targets = dict(zip(asked, answer, strict=True))
        order = [*config.variables]
        # Variables beyond the first assignment of each are assigned again: the last one counts.
        order += rng.choices(order, k=config.num_lines - len(order))
        rng.shuffle(order)
        values: dict[str, int] = {}
        lines = []
        for i, name in enumerate(order):
            is_final = name in targets and name not in order[i + 1 :]
            value = targets[name] if is_final else rng.randint(0, config.max_value)
            lines.append(f"{name} = {_expression(rng, value, values, config.operators)}")
            values[name] = value
        return "\n".join(lines)

    def draw(self, scene: str, *, size: int, style: Style) -> Page:
        return draw_lines(scene, size=size, style=style)

    def solve(self, pose: Pose, scene: str) -> _Answer:
        asked, _ = pose.params
        values: dict[str, int] = {}
        for line in scene.split("\n"):
            name, expression = line.split(" = ")
            values[name] = _evaluate(expression, values)
        return tuple(values[name] for name in asked)

    def reason(self, pose: Pose, scene: str) -> str:
        asked, _ = pose.params
        values: dict[str, int] = {}
        steps = []
        for line in scene.split("\n"):
            name, expression = line.split(" = ")
            filled_in = " ".join(str(values.get(part, part)) for part in expression.split(" "))
            values[name] = _evaluate(expression, values)
            # A plain number is its own value: no form is written twice.
            forms = dict.fromkeys((expression, filled_in, str(values[name])))
            steps.append(f"{name} = {' = '.join(forms)}.")
        ends = " ".join(str(values[name]) for name in asked)
        return f"plan: run. scan: {' '.join(steps)} check: {ends}."

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)

    def text_twin(self, pose: Pose, scene: str) -> str:
        return scene


def _expression(rng: random.Random, value: int, values: Mapping[str, int], operators: str) -> str:
    """An expression for `value`: a number at first, then an operator between variable and operand.

    Draws the operator before the operands, so that products are not crowded out by sums.
    """
    if not values:
        return str(value)
    found: dict[str, list[str]] = {}
    for operator in operators:
        for name, left in values.items():
            operands = {other: right for other, right in values.items() if other != name}
            number = _missing_operand(operator, left, value)
            if number is not None:
                operands[str(number)] = number
            found.setdefault(operator, []).extend(
                f"{name} {operator} {operand}"
                for operand, right in operands.items()
                if _APPLY[operator](left, right) == value
            )
    return rng.choice(rng.choice([choices for choices in found.values() if choices]))


def _missing_operand(operator: str, left: int, value: int) -> int | None:
    """The number that a literal must be for `left operator literal` to be `value`, if it exists."""
    if operator == "+":
        return value - left if value >= left else None
    if operator == "-":
        return left - value if left >= value else None
    return value // left if left > 0 and value % left == 0 else None


def _evaluate(expression: str, values: Mapping[str, int]) -> int:
    """The value of `x` or `x operator y`, each a variable or a number."""
    left, *rest = expression.split(" ")
    result = values[left] if left in values else int(left)
    if rest:
        operator, right = rest
        result = _APPLY[operator](result, values[right] if right in values else int(right))
    return result
