"""Geometry3K and GeoQA+: plane geometry with a diagram and a number to find."""

from collections.abc import Iterator

from data_synth.sources.hub.adapter import Draft, HubSource, Skip
from data_synth.sources.hub.answers import (
    ASK_PLAIN_NUMBER,
    is_number,
    join_question,
    strip_unit,
    tag_images,
)
from data_synth.sources.hub.rows import Row

_ANSWER_OPEN, _ANSWER_CLOSE = "<answer>", "</answer>"


class _GeometrySource(HubSource):
    """Only numeric answers are kept: the typed verifiers compare no roots or multiples of pi."""

    scoring = "numeric"
    domain = "geometry"

    def _draft(self, row: Row, answer: str) -> Draft | Skip:
        answer = strip_unit(answer)
        if not answer:
            return Skip("no_answer")
        if not is_number(answer):
            return Skip("symbolic_answer")
        return Draft(
            question=join_question(tag_images(row.text("problem"), 1), ASK_PLAIN_NUMBER),
            answer=answer,
            answer_type="number",
            verifier=self.scoring,
            discipline="plane_geometry",
        )


class Geometry3K(_GeometrySource):
    """Published as choices among four; asked as an open question, as is usual for RL."""

    name = "geometry3k"
    repository = "hiyouga/geometry3k"
    image_columns = ("images",)
    splits = ("train", "validation", "test")
    licence = "MIT"
    citation = "Lu et al., Inter-GPS, ACL 2021, arXiv:2105.04165"

    def _drafts(self, row: Row) -> Iterator[Draft | Skip]:
        yield self._draft(row, row.text("answer"))


class GeoQAPlus(_GeometrySource):
    """The 8,000 GeoQA and GeoQA+ problems in English that the R1-V project published."""

    name = "geoqa-plus"
    repository = "leonardPKU/GEOQA_R1V_Train_8K"
    splits = ("train",)
    licence = "NOASSERTION"
    citation = (
        "Cao and Xiao, An Augmented Benchmark Dataset for Geometric Question Answering, "
        "COLING 2022; Gao et al., G-LLaVA, arXiv:2312.11370"
    )

    def _drafts(self, row: Row) -> Iterator[Draft | Skip]:
        solution = row.text("solution")
        if not (solution.startswith(_ANSWER_OPEN) and solution.endswith(_ANSWER_CLOSE)):
            raise row.broken("solution", f"{_ANSWER_OPEN} ... {_ANSWER_CLOSE}")
        yield self._draft(row, solution[len(_ANSWER_OPEN) : -len(_ANSWER_CLOSE)])
