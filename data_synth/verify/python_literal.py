"""Answers that are Python values: what a program prints or a function returns.

Compared as values, so that `[1,2]` is `[1, 2]` and `'a'` is `"a"`, but `'a'` is not `'A'`. An
answer is untrusted: only literals are read (`ast.literal_eval` runs nothing), of bounded length.
"""

import ast
import warnings
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from data_synth.verify.verdict import Reason, UnreadableError, Verdict

NAME = "python_literal"
MAX_LITERAL_CHARS = 2_000


def judge(references: Sequence[str], answer: str) -> Verdict:
    """Whether `answer` is the value of one of `references`; never raises on an answer.

    Raises:
        ValueError: a reference that is no literal.
    """
    expected = [_read_reference(reference) for reference in references]
    try:
        given = _read(answer)
    except UnreadableError as error:
        return Verdict(correct=False, reason=error.reason)
    correct = any(_is_same(given, value) for value in expected)
    return Verdict(correct=correct, reason=Reason.EQUAL if correct else Reason.DIFFERENT)


RULES: Mapping[str, Callable[[Sequence[str], str], Verdict]] = MappingProxyType({NAME: judge})


def _read_reference(reference: str) -> Any:
    try:
        return _read(reference)
    except UnreadableError:
        raise ValueError(
            f"verifier {NAME!r} cannot read the reference {reference[:80]!r}: it must be a Python "
            f"literal of at most {MAX_LITERAL_CHARS} characters"
        ) from None


def _read(text: str) -> Any:
    text = text.strip()
    if len(text) > MAX_LITERAL_CHARS:
        raise UnreadableError(Reason.TOO_LONG)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an escape that Python will refuse some day
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        # Untrusted text: no literal, an unhashable key, or nested too deeply.
        raise UnreadableError(Reason.DIFFERENT) from None


def _is_same(given: Any, expected: Any) -> bool:
    """Equal and of one type at the top: Python holds True, 1 and 1.0 for equal."""
    return type(given) is type(expected) and bool(given == expected)
