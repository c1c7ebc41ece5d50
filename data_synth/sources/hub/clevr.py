"""CLEVR: ten questions about each rendered scene of simple solids."""

from collections.abc import Iterator

from data_synth.sources.hub.adapter import Draft, HubSource, Skip
from data_synth.sources.hub.answers import (
    ASK_NUMBER,
    ASK_WORD,
    is_number,
    is_yes_no,
    join_question,
)
from data_synth.sources.hub.rows import Row


class Clevr(HubSource):
    """Scored by equality; a row gives one problem per question, and all share its index."""

    name = "clevr"
    repository = "dpdl-benchmark/clevr"
    splits = ("train", "test")
    licence = "CC-BY-4.0"
    citation = "Johnson et al., CLEVR, CVPR 2017, arXiv:1612.06890"
    scoring = "exact"
    domain = "spatial"

    def _drafts(self, row: Row) -> Iterator[Draft | Skip]:
        for question, answer in row.pairs("question_answer", "question", "answer"):
            if is_yes_no(answer):
                yield Skip("yes_no")
                continue
            number = is_number(answer)
            yield Draft(
                question=join_question(question, ASK_NUMBER if number else ASK_WORD),
                answer=answer,
                answer_type="number" if number else "string",
                verifier="numeric" if number else self.scoring,
                discipline="counting" if number else "attributes",
            )
