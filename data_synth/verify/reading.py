"""Reading both sides of a comparison: what every typed verifier starts from.

Answers are untrusted: texts are bounded before anything else looks at them, characters that do not
show are refused, and variants of width and font are folded. Superscripts, vulgar fractions, circled
digits and the like stay what they are, for Unicode's compatibility folding turns 2 squared into 22.
"""

import unicodedata
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from data_synth.verify.answer import MAX_ANSWER_CHARS, AnswerStatus, find_closing_brace
from data_synth.verify.verdict import Reason, UnreadableError, Verdict

_MAX_WRAPPERS = 8
_FOLDED_VARIANTS = ("<wide>", "<narrow>", "<font>")
# Format (zero-width, bidi), control, surrogate and private-use characters.
_HIDDEN_CATEGORIES = frozenset(("Cf", "Cc", "Cs", "Co"))

Verifier: TypeAlias = Callable[[str, str], Verdict]
"""(reference, answer) -> Verdict."""

_Value = TypeVar("_Value")


def make_verifier(
    name: str, read: Callable[[str], _Value], equal: Callable[[_Value, _Value], bool]
) -> Verifier:
    """The verifier that reads both sides with `read` and asks `equal(reference, answer)`."""

    def verifier(reference: str, answer: str) -> Verdict:
        try:
            expected = read(reference)
        except UnreadableError as error:
            raise ValueError(
                f"verifier {name!r} cannot read the reference {reference[:80]!r} ({error.reason}): "
                "correct the reference or choose the verifier that fits its type"
            ) from None
        try:
            given = read(answer)
        except UnreadableError as error:
            # Untrusted text: whatever cannot be read is a wrong answer.
            return Verdict(correct=False, reason=error.reason)
        correct = equal(expected, given)
        return Verdict(correct=correct, reason=Reason.EQUAL if correct else Reason.DIFFERENT)

    return verifier


def clean(text: str) -> str:
    """Bound, refuse hidden characters, fold width and font variants, drop wrappers."""
    refuse_hidden(text)
    text = unicodedata.normalize("NFC", "".join(map(_fold_variant, text)))
    return unwrap(text.replace("\N{MINUS SIGN}", "-"))


def refuse_hidden(text: str) -> None:
    """Raise UnreadableError for a text beyond the length limit or with a character that hides."""
    if len(text) > MAX_ANSWER_CHARS:
        raise UnreadableError(Reason.TOO_LONG)
    if any(unicodedata.category(c) in _HIDDEN_CATEGORIES and c not in "\t\n\r" for c in text):
        raise UnreadableError(Reason.HIDDEN_CHARACTERS)


def _fold_variant(char: str) -> str:
    if unicodedata.decomposition(char).startswith(_FOLDED_VARIANTS):
        return unicodedata.normalize("NFKC", char)
    return char


def unwrap(text: str) -> str:
    """Collapse whitespace and drop `$...$`, `\\text{...}` and one trailing period around `text`."""
    for _ in range(_MAX_WRAPPERS):
        text = " ".join(text.split())
        inside = _drop_wrapper(text)
        if inside == text:
            break
        text = inside
    if not text:
        raise UnreadableError(Reason.EMPTY)
    return text


def _drop_wrapper(text: str) -> str:
    inside = text.strip("$")
    if text in (f"${inside}$", f"$${inside}$$") and "$" not in inside:
        return inside
    prefix = "\\text{"
    if text.startswith(prefix):
        closing = (len(text) - 1, AnswerStatus.FOUND)
        return text[len(prefix) : -1] if find_closing_brace(text, len(prefix)) == closing else text
    return text[:-1] if text.endswith(".") and not text.endswith("..") else text
