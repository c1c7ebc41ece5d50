"""GSM8K and MATH: mathematics in words, answers read out of the published solutions.

Text problems, so that each can be asked as text or rendered to a picture. Only answers that can be
verified exactly are kept: numbers, tuples of numbers and single words. The others (expressions,
intervals, letters of a choice) are counted in `skipped` by reason.
"""

from abc import abstractmethod
from collections.abc import Iterator

from data_synth.problem import Modality, Problem
from data_synth.sources.base import Source
from data_synth.sources.hub.rows import Location, Row, open_rows
from data_synth.verify import verify
from data_synth.verify.answer import BOX_OPEN, AnswerStatus, find_closing_brace

_FINAL_ANSWER = "####"
_FIGURE = "[asy]"
_TWO_WAY = frozenset({"yes", "no", "true", "false", "even", "odd", "neither"})
_KINDS = {
    "numeric": ("number", "Answer with a number."),
    "sequence": ("tuple", "Answer as a tuple of numbers, as in (a,b)."),
    "exact": ("string", "Answer with one word."),
}


class MathTextSource(Source):
    """A set of questions whose solutions end in an answer; `path` reads a copy of the same form."""

    scoring = "numeric"
    splits = ("train", "test")
    repository: str
    configs: tuple[str | None, ...] = (None,)
    question_column: str
    solution_column: str
    discipline: str

    @abstractmethod
    def _final_answer(self, solution: str) -> str | None:
        """The answer at the end of a solution; None if there is none."""

    def _read(
        self, split: str, *, path: str | None, streaming: bool, revision: str | None
    ) -> Iterator[Problem]:
        location = Location(
            source=self.name,
            repository=self.repository,
            configs=self.configs,
            split=split,
            revision=revision,
            path=path,
            streaming=streaming,
        )
        return self._problems(open_rows(location))

    def _problems(self, rows: Iterator[Row]) -> Iterator[Problem]:
        for row in rows:
            question = row.text(self.question_column)
            answer = self._final_answer(row.text(self.solution_column))
            verifier = None if answer is None else choose_verifier(answer)
            if _FIGURE in question:
                self.skipped["figure as a program"] += 1
            elif answer is None:
                self.skipped["no final answer"] += 1
            elif verifier is None:
                self.skipped["answer that cannot be verified exactly"] += 1
            elif _word(answer).casefold() in _TWO_WAY:
                self.skipped["guessable answer"] += 1
            else:
                answer_type, request = _KINDS[verifier]
                yield Problem(
                    question=f"{question}\n{request}",
                    answer=answer,
                    answer_type=answer_type,
                    verifier=verifier,
                    source=self.name,
                    modality=Modality.TEXT,
                    domain="mathematics",
                    discipline=row.optional_text("type") or self.discipline,
                    split=row.split,
                    index=row.index,
                    licence=self.licence,
                    citation=self.citation,
                    eval_only=row.split == "test",
                )


class Gsm8k(MathTextSource):
    """8,792 word problems; the answer follows `####`. The test split is a benchmark."""

    name = "gsm8k"
    licence = "MIT"
    citation = "Cobbe et al., Training Verifiers to Solve Math Word Problems, 2021"
    repository = "openai/gsm8k"
    configs = ("main",)
    question_column = "question"
    solution_column = "answer"
    discipline = "arithmetic"

    def _final_answer(self, solution: str) -> str | None:
        _, found, answer = solution.rpartition(_FINAL_ANSWER)
        return answer.strip() or None if found else None


class Math(MathTextSource):
    r"""12,500 competition problems; the answer is the last `\boxed{}`. Test is a benchmark."""

    name = "math"
    licence = "MIT"
    citation = "Hendrycks et al., Measuring Mathematical Problem Solving, 2021"
    repository = "EleutherAI/hendrycks_math"
    configs = (
        "algebra",
        "counting_and_probability",
        "geometry",
        "intermediate_algebra",
        "number_theory",
        "prealgebra",
        "precalculus",
    )
    question_column = "problem"
    solution_column = "solution"
    discipline = "competition"

    def _final_answer(self, solution: str) -> str | None:
        return last_box(solution)


def last_box(text: str) -> str | None:
    r"""Content of the last `\boxed{...}`, braces inside it matched; None without a closed one."""
    start = text.rfind(BOX_OPEN)
    if start == -1:
        return None
    start += len(BOX_OPEN)
    end, status = find_closing_brace(text, start)
    return text[start:end].strip() or None if status is AnswerStatus.FOUND else None


def choose_verifier(answer: str) -> str | None:
    """`numeric`, `sequence` or `exact` for what can be compared exactly, None for the rest."""
    if _reads("numeric", answer):
        return "numeric"
    inside = answer.removeprefix("\\left").replace("\\right)", ")")
    if inside.startswith("(") and inside.endswith(")"):
        parts = inside[1:-1].split(",")
        if len(parts) > 1 and all(_reads("numeric", part.strip()) for part in parts):
            return "sequence" if inside == answer else None
        return None
    word = _word(answer)
    # A single letter is a choice or a variable.
    return "exact" if len(word) > 1 and word.isascii() and word.isalpha() else None


def _word(answer: str) -> str:
    return answer.removeprefix("\\text{").removesuffix("}").strip()


def _reads(verifier: str, text: str) -> bool:
    try:
        return verify(verifier, text, text).correct
    except ValueError:  # a reference it cannot read
        return False
