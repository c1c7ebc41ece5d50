"""Verifiers whose reference says more than an answer may: tolerances, options, thresholds.

`reading.make_verifier` reads both sides alike. Here the reference has a syntax of its own, and the
comparison may pay a graded score.
"""

from collections.abc import Callable
from typing import TypeVar

from data_synth.verify.reading import Verifier
from data_synth.verify.verdict import Reason, UnreadableError, Verdict

_Expected = TypeVar("_Expected")
_Given = TypeVar("_Given")


def make_judge(
    name: str,
    *,
    read_reference: Callable[[str], _Expected],
    read_answer: Callable[[str], _Given],
    judge: Callable[[_Expected, _Given], Verdict],
) -> Verifier:
    """The verifier that reads each side by its own reader and asks `judge(expected, given)`.

    `judge` may raise UnreadableError for an answer that is readable only in the light of the
    reference. The verifier raises ValueError on a reference that cannot be read.
    """

    def verifier(reference: str, answer: str) -> Verdict:
        try:
            expected = read_reference(reference)
        except UnreadableError as error:
            raise ValueError(
                f"verifier {name!r} cannot read the reference {reference[:80]!r} ({error.reason}): "
                f"write it in the reference syntax of {read_reference.__module__}"
            ) from None
        try:
            return judge(expected, read_answer(answer))
        except UnreadableError as error:
            # Untrusted text: whatever cannot be read is a wrong answer.
            return Verdict(correct=False, reason=error.reason)

    return verifier


def equal_or_different(equal: bool) -> Verdict:
    """The verdict of a comparison without degrees."""
    return Verdict(correct=equal, reason=Reason.EQUAL if equal else Reason.DIFFERENT)
