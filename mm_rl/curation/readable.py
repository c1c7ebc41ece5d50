"""`readable`: pictures that cannot be decoded, found before any other filter or the policy looks.

Always the first filter: a file that was cut short may have a sound header, and would otherwise end
the curation wherever its pixels are first wanted.
"""

from typing import ClassVar

from data_synth.images import ImageError, pixel_hash
from data_synth.problem import Problem
from mm_rl.curation.base import Drop, Filter, Pool
from mm_rl.progress import StageProgress


class ReadableFilter(Filter):
    """Sets aside problems with a damaged picture; their row says which, so it can be mended."""

    name: ClassVar[str] = "readable"

    def apply(self, pool: Pool) -> dict[int, Drop]:
        drops: dict[int, Drop] = {}
        with StageProgress(self.name, total=len(pool.alive)) as progress:
            for index in pool.alive:
                problem = pool.problem(index)
                fault = image_fault(problem)
                if fault is not None:
                    where = f"row {index} of the candidates, {problem.source} {problem.id}"
                    drops[index] = Drop(
                        reason="unreadable_image", detail=f"{where}: {fault}"[:400], review=True
                    )
                progress.advance(dropped=len(drops))
        return drops


def image_fault(problem: Problem) -> str | None:
    """Why a picture of the problem cannot be decoded; None if all can."""
    for data in problem.images:
        try:
            pixel_hash(data)
        except ImageError as error:  # the rows are the user's
            return str(error)
    return None
