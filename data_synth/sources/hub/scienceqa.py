"""ScienceQA: school science with pictures; of its choice questions, those that can stand alone."""

from collections.abc import Iterator

from data_synth.sources.hub.adapter import Draft, HubSource, Skip
from data_synth.sources.hub.answers import ASK_NUMBER, ASK_SHORT, is_number, join_question
from data_synth.sources.hub.rows import Row

_MAX_WORDS = 3
_REFERS_TO_CHOICES = frozenset(
    ("which", "these", "following", "best", "better", "choose", "select", "complete", "estimate")
)
_OPEN_BEGINNINGS = ("what is the name of", "what is the capital of", "how many", "how much")


class ScienceQA(HubSource):
    """Every question is a choice; the official score is the accuracy of choosing.

    For RL a choice can be guessed, so a question is opened where its answer is a number, or where
    it asks for a name in words that need no list; the others are skipped as `choice`. The commit is
    the last whose card lists the training split.
    """

    name = "scienceqa"
    repository = "lmms-lab/ScienceQA"
    configs = ("ScienceQA-IMG",)
    default_revision = "7d5be0f9a868f835ee26f74cba3baa743c1be07d"
    splits = ("train", "validation", "test")
    licence = "CC-BY-NC-SA-4.0"
    citation = "Lu et al., Learn to Explain, NeurIPS 2022, arXiv:2209.09513"
    scoring = "exact"
    domain = "science"

    def _drafts(self, row: Row) -> Iterator[Draft | Skip]:
        choices, correct = row.texts("choices"), row.optional_integer("answer")
        if correct is None or not 0 <= correct < len(choices):
            raise row.broken("answer", f"the position of one of {len(choices)} choices")
        question, answer = row.text("question"), choices[correct]
        if _REFERS_TO_CHOICES.intersection(question.casefold().replace(",", " ").split()):
            yield Skip("choice")
        elif is_number(answer):
            yield self._draft(row, ASK_NUMBER, answer, answer_type="number", verifier="numeric")
        elif _asks_for_a_name(question) and 0 < len(answer.split()) <= _MAX_WORDS:
            yield self._draft(row, ASK_SHORT, answer, answer_type="string", verifier="exact")
        else:
            yield Skip("choice")

    def _draft(self, row: Row, ask: str, answer: str, *, answer_type: str, verifier: str) -> Draft:
        return Draft(
            question=join_question(row.optional_text("hint"), row.text("question"), ask),
            answer=answer,
            answer_type=answer_type,
            verifier=verifier,
            discipline=row.optional_text("topic") or "science",
        )


def _asks_for_a_name(question: str) -> bool:
    return question.casefold().startswith(_OPEN_BEGINNINGS)
