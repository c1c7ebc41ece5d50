"""`excluded`: kinds of question that are left out, and choices that can be asked openly."""

from typing import ClassVar

from mm_rl.config.curation import ExcludedConfig
from mm_rl.curation.base import Drop, Filter, Pool
from mm_rl.curation.choices import rewrite_choice
from mm_rl.curation.exclusions import MULTIPLE_CHOICE, find_exclusion
from mm_rl.curation.similarity.content import problem_text


class ExcludedFilter(Filter):
    """Drops multiple choice, true or false, proofs and numbered sub-questions (k1.5 §2.1).

    A choice question whose answer stands alone is replaced by the open one and stays.
    """

    name: ClassVar[str] = "excluded"

    def __init__(self, config: ExcludedConfig) -> None:
        self.config = config

    def apply(self, pool: Pool) -> dict[int, Drop]:
        drops: dict[int, Drop] = {}
        for index in pool.alive:
            problem = pool.problem(index)
            # What a rendered problem asks stands in its picture, and in its text twin.
            text = problem_text(problem)
            kind = find_exclusion(text, problem.answer, verifier=problem.verifier)
            if kind is None:
                continue
            opened = None
            if kind == MULTIPLE_CHOICE and self.config.rewrite_choices:
                opened = rewrite_choice(problem)
            if opened is not None and find_exclusion(opened.question, opened.answer) is None:
                pool.note(index, rewritten_from=problem.id)
                pool.replace(index, opened)
            else:
                drops[index] = Drop(reason=kind)
        return drops
