"""Run a short program of assignments, shown as text, and give the final values."""

import random
from collections.abc import Callable, Mapping

from PIL import Image

from data_synth.tasks.base import Pose, Product, Task, format_tuple
from data_synth.text import fit_font_size, render_text

_NUM_LINES = (3, 4, 4, 5, 6)
_OPERATORS = ("+-", "+-", "+-*", "+-*", "+-*")
_VARIABLES = ("abc", "abc", "abc", "abcd", "abcd")
_MAX_VALUE = (9, 9, 9, 12, 20)
_NUM_ASKED = 3
_MARGIN = 32  # the margin is a 32nd of the image, but at least a pixel

_APPLY: dict[str, Callable[[int, int], int]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
}
_Answer = tuple[int, ...]


class ProgramOutput(Task):
    """Every value, final or not, is a whole number from 0 to the level's maximum."""

    name = "program_output"
    summary = "run a short program shown as text and give the final values"
    domain = "code"
    discipline = "calculation"
    answer_type = "tuple"
    verifier = "sequence"

    def pose(self, rng: random.Random, level: int) -> Pose:
        asked = sorted(rng.sample(_VARIABLES[level], _NUM_ASKED))
        return Pose(
            question=f"Run the program. Answer with the final values as {format_tuple(asked)}.",
            answers=Product([range(_MAX_VALUE[level] + 1)] * _NUM_ASKED),
            params=(tuple(asked), level),
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> str:
        asked, level = pose.params
        targets = dict(zip(asked, answer, strict=True))
        order = [*_VARIABLES[level]]
        # Variables beyond the first assignment of each are assigned again: the last one counts.
        order += rng.choices(order, k=_NUM_LINES[level] - len(order))
        rng.shuffle(order)
        values: dict[str, int] = {}
        lines = []
        for i, name in enumerate(order):
            is_final = name in targets and name not in order[i + 1 :]
            value = targets[name] if is_final else rng.randint(0, _MAX_VALUE[level])
            lines.append(f"{name} = {_expression(rng, value, values, _OPERATORS[level])}")
            values[name] = value
        return "\n".join(lines)

    def draw(self, scene: str, *, size: int) -> Image.Image:
        margin = max(1, size // _MARGIN)
        font_size = fit_font_size(scene, width=size, height=size, margin=margin)
        page = render_text(scene, width=size, height=size, font_size=font_size, margin=margin)
        return page.image

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
        """The same problem without a picture."""
        return f"{pose.question}\n{scene}"


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
