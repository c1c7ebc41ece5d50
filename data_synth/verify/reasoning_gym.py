r"""Answers of reasoning-gym tasks that have many right answers: a path, a colouring, an expression.

The package scores such an answer with the item it belongs to. Its scorers pay for partial answers
and for guesses listed one after another, some of them evaluate the answer as Python (`eval`,
`sympy.parse_expr`) and some repeat a move as often as a number in the answer says. Hence:

- an answer must have the shape of an answer (`GATES`): allowed characters, bounded length, and as
  many separators as the reference where their number is fixed;
- only a score of exactly 1 is correct;
- expressions are checked here (`data_synth.verify.arithmetic`), and tasks whose scorer evaluates
  the answer are left out of `data_synth.sources.reasoning_gym`.

The references are one right answer, then the item as JSON: `{"task", "config", "metadata"}`. Within
the gates the slowest scorer takes some 20 ms (`rubiks_cube`, 200 moves).
"""

import importlib
import json
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from data_synth.verify.arithmetic import ExpressionError, parse_expression
from data_synth.verify.verdict import Reason, Verdict

NAME = "reasoning_gym"
_JSON_MAX_CHARS = 2_000
_PUZZLE24_TARGET = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """The shape of an answer.

    Example:
        Gate(characters="UDLR", max_chars=300)
    """

    characters: str = ""
    """All characters an answer may hold; empty if the scorer reads the whole answer as JSON."""
    max_chars: int = _JSON_MAX_CHARS
    fixed: str = ""
    """Characters that an answer must hold exactly as often as the reference does."""
    integers: int = 0
    """How many runs of digits an answer must hold; 0 for any number."""

    def admits(self, answer: str, reference: str) -> bool:
        """Whether the answer has the shape."""
        return (
            len(answer) <= self.max_chars
            and (not self.characters or set(answer) <= set(self.characters))
            and all(answer.count(char) == reference.count(char) for char in self.fixed)
            and (not self.integers or _count_integers(answer) == self.integers)
        )


def _count_integers(text: str) -> int:
    digits = "".join(char if char in string.digits else " " for char in text)
    return len(digits.split())


_NUMBER = string.digits + ".+-"
_GRID = string.digits + ". \n"
GATES: Mapping[str, Gate] = MappingProxyType(
    {
        "advanced_geometry": Gate(characters=_NUMBER + "\u00b0(), ", max_chars=40, fixed=","),
        "complex_arithmetic": Gate(characters=_NUMBER + "ij ()", max_chars=40),
        "countdown": Gate(characters=string.digits + "+-*/() ", max_chars=200),
        "cryptarithm": Gate(
            characters=string.ascii_uppercase + string.digits + "=, ", max_chars=120, fixed=",="
        ),
        "decimal_arithmetic": Gate(characters=_NUMBER, max_chars=40),
        "fraction_simplification": Gate(
            characters=string.digits + "\\dfrac{}/$ ", max_chars=60, integers=2
        ),
        "graph_color": Gate(fixed=":"),
        "group_anagrams": Gate(fixed="]"),
        "jugs": Gate(),
        "kakurasu": Gate(characters="01 \n", max_chars=300, fixed="\n"),
        "knight_swap": Gate(),
        "palindrome_generation": Gate(characters=string.ascii_lowercase, max_chars=60),
        "palindrome_partitioning": Gate(),
        "pool_matrix": Gate(characters=_GRID, max_chars=_JSON_MAX_CHARS, fixed="\n"),
        "power_function": Gate(characters=_NUMBER + "eE", max_chars=40),
        "prime_factorization": Gate(characters=string.digits + "\u00d7 ", max_chars=120),
        "puzzle24": Gate(characters=string.digits + "+-*/() ", max_chars=100),
        "quantum_lock": Gate(characters="ABC\u2192 ", max_chars=200, fixed="\u2192"),
        # Without digits: the scorer writes U9999999 out as that many moves.
        "rubiks_cube": Gate(characters="FRUBLDMESxyzfrubld' ", max_chars=600),
        "sokoban": Gate(characters="UDLR", max_chars=300),
        "time_intervals": Gate(characters=string.digits + ":., day days", max_chars=40, fixed=":,"),
        "tower_of_hanoi": Gate(
            characters=string.digits + "Move disk from Peg to\n", max_chars=_JSON_MAX_CHARS
        ),
        "word_ladder": Gate(characters=string.ascii_uppercase + ",", max_chars=300),
    }
)
"""By task. An answer beyond them is wrong before the package sees it."""


def make_reference(task: str, config: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    """The second reference of a problem: its item, as the rule needs it.

    Raises:
        ValueError: a task without a gate, or metadata that JSON cannot hold.
    """
    if task not in GATES:
        raise ValueError(f"task {task!r} has no gate: choose one of {', '.join(GATES)}")
    try:
        return json.dumps({"task": task, "config": config, "metadata": metadata})
    except (TypeError, ValueError) as error:
        raise ValueError(f"metadata of task {task!r} is no JSON: {error}") from error


def judge(references: Sequence[str], answer: str) -> Verdict:
    """Whether `answer` solves the item in the last of `references`; never raises on an answer.

    Raises:
        ValueError: the references are not those of `make_reference`, or the package is missing.
    """
    reference, item = references[0], _read_item(references)
    task = item["task"]
    if not answer.strip():
        return Verdict(correct=False, reason=Reason.EMPTY)
    if not GATES[task].admits(answer, reference):
        return Verdict(correct=False, reason=Reason.DIFFERENT)
    check = _OWN_CHECKS.get(task)
    correct = (
        _score(item, reference, answer)
        if check is None
        else _is_expression(check, item["metadata"], answer)
    )
    return Verdict(correct=correct, reason=Reason.EQUAL if correct else Reason.DIFFERENT)


RULES: Mapping[str, Callable[[Sequence[str], str], Verdict]] = MappingProxyType({NAME: judge})


def _read_item(references: Sequence[str]) -> dict[str, Any]:
    try:
        item = json.loads(references[-1]) if len(references) > 1 else None
    except json.JSONDecodeError:
        item = None
    if not isinstance(item, dict) or item.get("task") not in GATES or "metadata" not in item:
        raise ValueError(
            f"verifier {NAME!r} needs the item as its last reference, "
            f"found {references[-1][:80]!r}: write it with make_reference"
        )
    return item


def _score(item: Mapping[str, Any], reference: str, answer: str) -> bool:
    dataset = _dataset(item["task"], json.dumps(item.get("config", {}), sort_keys=True))
    entry = {"answer": reference, "metadata": item["metadata"]}
    try:
        score = dataset.score_answer(answer, entry)
    except Exception:  # a scorer made elsewhere, on untrusted text: whatever it chokes on is wrong
        return False
    return isinstance(score, int | float) and score == 1


@lru_cache(maxsize=64)
def _dataset(task: str, config: str) -> Any:
    """An instance whose scorer is used; scorers depend on the configuration."""
    try:
        package = importlib.import_module("reasoning_gym")
    except ImportError as error:
        raise ValueError(
            f"verifier {NAME!r} needs the package reasoning-gym: run `pip install 'mm_rl[sources]'`"
        ) from error
    return package.create_dataset(task, size=1, seed=0, **json.loads(config))


def _is_expression(
    target: Callable[[Mapping[str, Any]], int], metadata: Mapping[str, Any], answer: str
) -> bool:
    """Whether an expression reaches the target with each of the numbers used once."""
    try:
        expression = parse_expression(answer)
    except ExpressionError:
        return False
    return sorted(expression.numbers) == sorted(metadata["numbers"]) and expression.value == target(
        metadata
    )


_OWN_CHECKS: Mapping[str, Callable[[Mapping[str, Any]], int]] = MappingProxyType(
    {
        "countdown": lambda metadata: int(metadata["target"]),
        "puzzle24": lambda metadata: _PUZZLE24_TARGET,
    }
)
