"""Sets with pictures whose training form leaves questions out, here with all of them."""

from collections.abc import Iterator

from data_synth.sources.hub.adapter import Draft, Skip
from data_synth.sources.hub.answers import (
    ASK_EXPRESSION,
    draft_choice,
    is_expression,
    is_number,
    join_question,
    reads,
    tag_images,
)
from data_synth.sources.hub.chartqa import ASK_CHART, ChartQA
from data_synth.sources.hub.docvqa import ASK_DOCUMENT, DocVQA
from data_synth.sources.hub.geometry import Geometry3K
from data_synth.sources.hub.rows import Row
from data_synth.sources.hub.scienceqa import ScienceQA

_GRADE = "grade"


class OfficialChartQA(ChartQA):
    """Yes/no questions and years included, all by `relaxed` (Masry et al. 2022, section 5.1)."""

    eval_only = True

    def _drafts(self, row: Row) -> Iterator[Draft | Skip]:
        answers = [answer for answer in row.texts("label") if answer]
        if not answers:
            yield Skip("no_answer")
            return
        if is_number(answers[0]) and "," in answers[0]:
            # The rule reads no separators of thousands.
            answers.insert(0, answers[0].replace(",", ""))
        yield Draft(
            question=join_question(row.text("query"), ASK_CHART),
            answer=answers[0],
            alternatives=tuple(answers[1:]),
            answer_type="number" if is_number(answers[0]) else "string",
            verifier=self.scoring,
            discipline="chart_reading",
        )


class OfficialDocVQA(DocVQA):
    """Yes/no questions included."""

    eval_only = True

    def _drafts(self, row: Row) -> Iterator[Draft | Skip]:
        answers = list(dict.fromkeys(answer for answer in row.texts("answers") if answer))
        if not answers:
            yield Skip("no_answer")
            return
        kinds = row.texts("question_types")
        yield Draft(
            question=join_question(row.text("question"), ASK_DOCUMENT),
            answer=answers[0],
            alternatives=tuple(answers[1:]),
            verifier=self.scoring,
            discipline=kinds[0] if kinds else "document_reading",
        )


class OfficialScienceQA(ScienceQA):
    """All questions, those without a picture too, as choices; the hint stands before a question."""

    configs = ("ScienceQA-FULL",)
    needs_image = False
    eval_only = True
    scoring = "choice"

    def _drafts(self, row: Row) -> Iterator[Draft | Skip]:
        choices, correct = row.texts("choices"), row.optional_integer("answer")
        if correct is None or not 0 <= correct < len(choices):
            raise row.broken("answer", f"the position of one of {len(choices)} choices")
        yield draft_choice(
            join_question(row.optional_text("hint"), row.text("question")),
            choices,
            correct,
            discipline=row.optional_text("topic") or "science",
            difficulty=_read_grade(row),
        )


def _read_grade(row: Row) -> int:
    """grade1 to grade12 as 0 to 11; 0 where the column is absent."""
    text = row.optional_text(_GRADE)
    number = text.removeprefix("grade")
    if not text:
        return 0
    if not (number.isascii() and number.isdigit() and 1 <= int(number) <= 12):
        raise row.broken(_GRADE, "grade1 to grade12")
    return int(number) - 1


class OfficialGeometry3K(Geometry3K):
    """Answers with roots and multiples of pi included, compared as mathematics."""

    eval_only = True
    scoring = "math"

    def _drafts(self, row: Row) -> Iterator[Draft | Skip]:
        answer = row.text("answer")
        if not answer:
            yield Skip("no_answer")
            return
        yield Draft(
            question=join_question(tag_images(row.text("problem"), 1), ASK_EXPRESSION),
            answer=answer,
            answer_type="number" if reads("numeric", answer) else "string",
            verifier=self.scoring if is_expression(answer) else "text",
            discipline="plane_geometry",
        )
