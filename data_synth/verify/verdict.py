"""What a verifier says of an answer."""

import math
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a verdict is what it is; the values are stable, so that verdicts can be counted."""

    EQUAL = "equal"
    CLOSE = "close"
    """Not the reference, but correct by the tolerance of a scoring rule."""
    DIFFERENT = "different"
    NO_ANSWER = "no_answer"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    HIDDEN_CHARACTERS = "hidden_characters"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_LOCATION = "not_a_location"
    BAD_BRACKETS = "bad_brackets"
    """Brackets that do not match, or that nest too deeply."""
    WRONG_TYPE = "wrong_type"
    """Readable, but not the kind of value that was asked for."""
    NOT_WORKED_OUT = "not_worked_out"
    """Arithmetic is left to do where a number was asked for."""
    UNSURE = "unsure"
    """Mathematics beyond the reader: counted as wrong unless a second opinion decides it."""
    FAILED = "failed"
    """The verifier itself failed, on a known-good probe too: no verdict, the group is dropped."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Outcome of one comparison.

    Example:
        Verdict(correct=False, reason="not_a_number")
    """

    correct: bool
    reason: str
    """A `Reason` from the verifiers of this package."""
    score: float = math.nan
    """What the scoring rule pays, from 0 to 1; left out, 1 for a correct answer and 0 otherwise."""

    def __post_init__(self) -> None:
        if math.isnan(self.score):
            # The one write to a frozen instance: the default is a function of another field.
            object.__setattr__(self, "score", float(self.correct))


class UnreadableError(Exception):
    """A text is not of the type that a verifier reads."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
