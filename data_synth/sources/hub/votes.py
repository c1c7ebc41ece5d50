"""TextVQA and A-OKVQA: ten people answered each question, and agreement is the score."""

from collections.abc import Iterator

from data_synth.sources.hub.adapter import Draft, HubSource, Skip
from data_synth.sources.hub.answers import ASK_SHORT, is_yes_no, join_question, order_votes
from data_synth.sources.hub.rows import Row
from data_synth.verify import verify

_UNANSWERABLE = "unanswerable"


class _VoteSource(HubSource):
    """The most frequent answer is the reference, the others are its alternatives.

    Left out are questions that most people answered yes or no or found unanswerable, and those on
    which no two of ten agree: no answer would be right.
    """

    scoring = "soft_vote"
    votes_column: str
    skill: str

    def _drafts(self, row: Row) -> Iterator[Draft | Skip]:
        votes = [vote for vote in row.texts(self.votes_column) if vote]
        yield self._draft(row, order_votes(votes)) if votes else Skip("no_answer")

    def _draft(self, row: Row, votes: tuple[str, ...]) -> Draft | Skip:
        answer, alternatives = votes[0], votes[1:]
        if is_yes_no(answer):
            return Skip("yes_no")
        if answer.casefold() == _UNANSWERABLE:
            return Skip("unanswerable")
        try:
            agreed = verify(self.scoring, answer, answer, alternatives=alternatives).correct
        except ValueError:  # a vote of punctuation or articles only
            return Skip("unverifiable")
        if not agreed:
            return Skip("no_agreement")
        return Draft(
            question=join_question(row.text("question"), ASK_SHORT),
            answer=answer,
            alternatives=alternatives,
            verifier=self.scoring,
            discipline=self.skill,
        )


class TextVQA(_VoteSource):
    """Text in photographs; the answers of the test split are not published."""

    name = "textvqa"
    repository = "lmms-lab/textvqa"
    splits = ("train", "validation", "test")
    licence = "CC-BY-4.0"
    citation = "Singh et al., Towards VQA Models That Can Read, CVPR 2019, arXiv:1904.08920"
    domain = "text_in_images"
    votes_column = "answers"
    skill = "scene_text"


class AOkVqa(_VoteSource):
    """Photographs and world knowledge; the open answers are used, not the choices.

    The authors leave questions marked `difficult_direct_answer` out of the open setting. The
    answers of the test split are not published.
    """

    name = "a-okvqa"
    repository = "HuggingFaceM4/A-OKVQA"
    splits = ("train", "validation", "test")
    licence = "Apache-2.0"
    citation = "Schwenk et al., A-OKVQA, ECCV 2022, arXiv:2206.01718"
    domain = "photos"
    votes_column = "direct_answers"
    skill = "world_knowledge"

    def _drafts(self, row: Row) -> Iterator[Draft | Skip]:
        if row.flag("difficult_direct_answer"):
            yield Skip("difficult_direct_answer")
        else:
            yield from super()._drafts(row)
