r"""The verifier `math`: mathematical answers in LaTeX or plain text, compared exactly.

An answer is read into a tree by a bounded parser and compared by the kind of value it is. Nothing
is evaluated by Python, there is no pattern matching, no clock and no outside library; sizes are
checked before anything is computed, so that 9^{9^{9^9}} costs as little as 9. What is decided how:

    constants            as fractions; with roots, logarithms, angles: as balls whose precision
                         covers the smallest magnitude in them, so that 1/2004! is not 1/2006!
    rational functions   at random points of two fields of 61 bits; x^2/x is x
    other functions      as balls at random real points; they must exist at the same points, so
                         sqrt(x)sqrt(y) is not sqrt(xy) and 2 ln x is not ln(x^2)
    equations            up to a constant factor: 2x+2y=2 is x+y=1, x/y=1 is not x=y
    inequalities         as parts of the real line, or up to a positive factor in several symbols
    tuples, matrices     in order; intervals with their ends; sets in any order, 1 and 1 is once 1

Rules that a reference answer relies on:
- `x = 5` is answered by 5 and 5 by `x = 5`; but `y = 2x+1` is an equation, not 2x+1. In a chain
  like 2+3 = 5 every link must hold. f(x) = x^2 is answered by x^2.
- A bare list `1, 2` is unordered; it answers a set, and a tuple if it is in the tuple's order. A
  tuple never answers a set. (1,2) is a point or an interval, whatever the other side is; it is not
  [1,2]. A matrix is not a tuple, and a set is not its only element. Two values of a plus-minus are
  a bare list, so 2 is not answered by \pm 2.
- Commas group digits (1,000) outside of brackets only.
- A number wants a number: 2+3, \binom{5}{2} and \sqrt{25} do not answer 5, or a policy could give
  the question back. They do where the reference itself is an expression.
- A percent sign is a factor 1/100 that an answer may use only if the reference does.
- A decimal with at least six significant digits answers an exact constant that never ends (1/3,
  \pi) if it is rounded correctly; a reference in decimals, or one that ends, wants the exact value.
- Units are compared by name after the value (12 cm^2, 5\text{ m/s}). An answer may leave the
  reference's unit out, but not name another, nor any where the reference has none; degrees at
  the end are the exception, 45^\circ is 45. In plain text single letters are symbols: `5 m` is 5
  times m.
- 1011_2 is a numeral: only a numeral of the same base equals it.
- i, e and \pi are the constants. \log without a base stands for any one base: \log 8/\log 2 is 3,
  \log 10 is open. Odd roots of negative numbers are negative, other roots are principal values.

Reasons: `unsure` is left for mathematics that the reader does not know (integrals, sums, limits,
cases); unbalanced, too large or too long texts and prose have reasons of their own.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from data_synth.verify.math.compare import Session
from data_synth.verify.math.equality import same
from data_synth.verify.math.parser import parse
from data_synth.verify.math.signs import expanded
from data_synth.verify.math.tree import Node
from data_synth.verify.math.worked import is_worked_out, wants_numbers
from data_synth.verify.reading import Verifier, clean
from data_synth.verify.verdict import Reason, UnreadableError, Verdict


def verify_math(reference: str, answer: str) -> Verdict:
    """Compare an answer with the reference.

    Raises ValueError for a reference that is no mathematics; one that is beyond the reader makes
    every verdict `unsure`, except for the same text.
    """
    expected, wanted = _read_reference(reference)
    try:
        cleaned = clean(answer)
        # Blanks count in what is read: 1 2 is not 12.
        if cleaned == wanted or (
            expected is None and "".join(cleaned.split()) == "".join(wanted.split())
        ):
            return Verdict(correct=True, reason=Reason.EQUAL)
        try:
            given = expanded(parse(cleaned))
        except UnreadableError as error:
            if error.reason is not Reason.UNSURE:
                raise
            if expected is not None and wants_numbers(expected):
                raise UnreadableError(Reason.NOT_WORKED_OUT) from None
            raise
        if expected is None:
            return Verdict(correct=False, reason=Reason.UNSURE)
        correct = _same(reference, answer, expected, given)
        if not correct and "," in cleaned and expected.op not in ("num", "unit"):
            # 100,200 is one number, or the list that the reference is.
            listed = expanded(parse(cleaned, group_digits=False))
            correct = listed != given and _same(reference, answer, expected, listed)
            given = listed
        if correct and wants_numbers(expected) and not is_worked_out(given):
            raise UnreadableError(Reason.NOT_WORKED_OUT)
    except UnreadableError as error:
        # Untrusted text: whatever cannot be read is a wrong answer.
        return Verdict(correct=False, reason=error.reason)
    return Verdict(correct=correct, reason=Reason.EQUAL if correct else Reason.DIFFERENT)


def _same(reference: str, answer: str, expected: Node, given: Node) -> bool:
    return same(Session(reference, answer), expected, given)


@lru_cache(maxsize=4096)
def _read_reference(reference: str) -> tuple[Node | None, str]:
    """The reference's tree, None if it is beyond the reader, and its cleaned text.

    Cached, for all completions of a group are compared with one reference.
    """
    try:
        text = clean(reference)
        return expanded(parse(text)), text
    except UnreadableError as error:
        if error.reason is Reason.UNSURE:
            return None, text
        raise ValueError(
            f"verifier 'math' cannot read the reference {reference[:80]!r} ({error.reason}): "
            "correct the reference or choose the verifier that fits its type"
        ) from None


VERIFIERS: Mapping[str, Verifier] = MappingProxyType({"math": verify_math})
