r"""Pairs of a reference and an answer with the verdict that is right, for every verifier.

The rows were written from the rules that the verifiers document and from the known holes of other
graders, not from what the verifiers do: what a person who knows mathematics would say. A row is
written once per reference, with the answers that equal it and those that do not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

WORKED_OUT = "worked out"
"""Category of the rows that are a rule of ours, not of mathematics: other graders differ."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerPair:
    """One row of the table.

    Example:
        AnswerPair(category="fractions", verifier="math", reference="1/2", answer="0.5",
                   expected=True)
    """

    category: str
    verifier: str
    """A name of `data_synth.verify.VERIFIER_NAMES`."""
    reference: str
    answer: str
    """What stands in the box; in the category `extraction` the whole completion."""
    expected: bool
    symmetric: bool = True
    """Whether the verdict must be the same with the sides swapped."""
    note: str = ""
    """Which rule or which grader's hole the row is about."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A reference with its right and wrong answers, and what all these rows share."""

    category: str
    verifier: str
    reference: str
    equal: tuple[str, ...] = ()
    unequal: tuple[str, ...] = ()
    symmetric: bool = True
    note: str = ""

    def pairs(self) -> Iterator[AnswerPair]:
        """One pair per answer."""
        for expected, answers in ((True, self.equal), (False, self.unequal)):
            for answer in answers:
                yield AnswerPair(
                    category=self.category,
                    verifier=self.verifier,
                    reference=self.reference,
                    answer=answer,
                    expected=expected,
                    symmetric=self.symmetric,
                    note=self.note,
                )


def all_pairs() -> list[AnswerPair]:
    """The whole table, in the order of its files."""
    from tests.unit.reward import (
        answer_pairs_details,
        answer_pairs_hostile,
        answer_pairs_math,
        answer_pairs_notation,
        answer_pairs_open,
        answer_pairs_typed,
    )

    modules = (
        answer_pairs_math,
        answer_pairs_notation,
        answer_pairs_typed,
        answer_pairs_details,
        answer_pairs_hostile,
    )
    rows = [pair for module in modules for rows in module.ROWS for pair in rows.pairs()]
    turned = [row for pair in rows for row in _turn(pair, set(answer_pairs_open.OPEN))]
    # A number stands with the same arithmetic under several headings.
    return list({(row.verifier, row.reference, row.answer): row for row in turned}.values())


def _turn(pair: AnswerPair, left_open: set[tuple[str, str]]) -> list[AnswerPair]:
    """A pair as it stands; a number and an open expression as one row for each direction."""
    sides = {(pair.reference, pair.answer), (pair.answer, pair.reference)} & left_open
    if not sides or pair.verifier != "math":
        return [pair]
    ((number, expression),) = sides
    answered = replace(pair, reference=expression, answer=number, symmetric=False)
    refused = replace(
        pair,
        category=WORKED_OUT,
        reference=number,
        answer=expression,
        expected=False,
        symmetric=False,
    )
    return [answered, refused]
