"""The filters that ask the policy: `guess`, `blind` and `difficulty` (k1.5 §2.1).

Attempts lie in `<run>/attempts/<purpose>/`, so a killed curation does not sample them again, and
filters that want the same ones share them. Problems whose reference can not be read are not asked:
there is no telling whether an answer is right, and `mislabelled` finds them.
"""

import json
from collections.abc import Iterator, Sequence
from typing import ClassVar

from data_synth.verify import PROGRAM, check_reference
from mm_rl.attempts import AttemptSettings, PromptAttempts, collect_attempts, max_tokens
from mm_rl.config.curation import BlindConfig, DifficultyConfig, GuessConfig
from mm_rl.curation.base import WARNING, Drop, Filter, Pool
from mm_rl.files import write_atomic
from mm_rl.types import FinishReason

GUESS, BLIND, DIFFICULTY = "guess", "blind", "difficulty"
# Share of cut completions from which on pass rates say more about the cap than about the problems.
_MANY_CUT = 0.2


class GuessFilter(Filter):
    """Drops what the policy answers without reasoning, within `num_samples` attempts.

    The completion is made to begin with the answer's open box, so that nothing can be reasoned.
    Programs are passed over: no program fits the cap, and none is guessed.
    """

    name: ClassVar[str] = GUESS

    def __init__(self, config: GuessConfig) -> None:
        self.config = config

    def apply(self, pool: Pool) -> dict[int, Drop]:
        config = self.config
        asked = [i for i in judgeable(pool) if pool.problem(i).verifier != PROGRAM]
        settings = AttemptSettings(
            purpose=GUESS,
            num_samples=config.num_samples,
            temperature=config.temperature,
            max_tokens=config.max_tokens,
            answer_at_once=True,
        )
        results = ask(pool, asked, settings, key="curation.guess.max_tokens")
        return _drop_hits(pool, results, reason="guessed", max_hits=config.max_hits)


class BlindFilter(Filter):
    """Drops what the policy answers without seeing its pictures, which are blanked."""

    name: ClassVar[str] = BLIND

    def __init__(self, config: BlindConfig) -> None:
        self.config = config

    def apply(self, pool: Pool) -> dict[int, Drop]:
        config = self.config
        asked = [index for index in judgeable(pool) if self._wants_picture(pool, index)]
        settings = AttemptSettings(
            purpose=BLIND,
            num_samples=config.num_samples,
            temperature=config.temperature,
            blind=True,
            answer_at_once=not config.reasoning,
        )
        results = ask(pool, asked, settings)
        return _drop_hits(pool, results, reason="blind_answerable", max_hits=config.max_hits)

    def _wants_picture(self, pool: Pool, index: int) -> bool:
        problem = pool.problem(index)
        # Behind an open box there is no program.
        return bool(problem.images) and (self.config.reasoning or problem.verifier != PROGRAM)


class DifficultyFilter(Filter):
    """Measures pass@n, drops what is always solved and marks what never is.

    The facts `pass_rate`, `num_attempts`, `num_passed` and `unsolved` travel with the problem: a
    curriculum orders by them.
    """

    name: ClassVar[str] = DIFFICULTY

    def __init__(self, config: DifficultyConfig) -> None:
        self.config = config

    def apply(self, pool: Pool) -> dict[int, Drop]:
        drops: dict[int, Drop] = {}
        alive = set(pool.alive)
        for result in difficulty_attempts(pool, self.config):
            rate = result.pass_rate
            if result.index not in alive or rate is None:
                continue
            passed, attempts = result.num_correct, len(result.judged)
            pool.note(
                result.index,
                pass_rate=rate,
                num_attempts=attempts,
                num_passed=passed,
                unsolved=passed == 0,
            )
            detail = f"{passed} of {attempts} attempts are right"
            if rate >= self.config.trivial_from:
                drops[result.index] = Drop(reason="trivial", detail=detail)
            elif passed == 0 and self.config.drop_unsolved:
                drops[result.index] = Drop(reason="unsolved", detail=detail)
        return drops


def difficulty_attempts(pool: Pool, config: DifficultyConfig) -> Iterator[PromptAttempts]:
    """The attempts of `difficulty`, whichever filter wants them first.

    Whoever comes later finds the same blocks on disk: which problems were asked is written down,
    and includes those that were dropped since.
    """
    path = pool.run.folder / "curation" / "difficulty_asked.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json.dumps(judgeable(pool)))
    settings = AttemptSettings(
        purpose=DIFFICULTY, num_samples=config.num_samples, temperature=config.temperature
    )
    return ask(pool, json.loads(path.read_text()), settings)


def ask(
    pool: Pool,
    indices: Sequence[int],
    settings: AttemptSettings,
    *,
    key: str = "rollout.max_total_tokens",
) -> Iterator[PromptAttempts]:
    """`collect_attempts`, with a remark on how many completions were cut, once all are read.

    A completion that was cut counts as wrong, so a cap that cuts many measures itself.

    Args:
        pool: whose run samples.
        indices: the problems to attempt.
        settings: how.
        key: what sets the cap.
    """
    num_cut = total = 0
    for result in collect_attempts(pool.run, pool.problems, indices, settings):
        ends = [attempt.finish_reason for attempt in result.attempts]
        num_cut += ends.count(FinishReason.LENGTH_TOTAL)
        total += len(ends)
        yield result
    if total == 0:
        return
    cap = max_tokens(pool.run, settings)
    remark = f"{num_cut / total:.1%} of {total} completions were cut at {cap} tokens"
    if num_cut > _MANY_CUT * total:
        remark = f"{WARNING}{remark} and count as wrong, whatever they wrote: raise {key}"
    pool.remark(remark)


def judgeable(pool: Pool) -> list[int]:
    """The problems still in whose reference can be read."""
    indices = []
    for index in pool.alive:
        problem = pool.problem(index)
        try:
            check_reference(problem.verifier, problem.answer, alternatives=problem.alternatives)
        except (ValueError, ArithmeticError, RecursionError):  # the rows are the user's
            continue
        indices.append(index)
    return indices


def _drop_hits(
    pool: Pool, results: Iterator[PromptAttempts], *, reason: str, max_hits: int
) -> dict[int, Drop]:
    """Note the right answers of each problem and drop those with too many."""
    fact = "guess_hits" if reason == "guessed" else "blind_hits"
    drops: dict[int, Drop] = {}
    for result in results:
        hits = result.num_correct
        pool.note(result.index, **{fact: hits})
        if hits > max_hits:
            detail = f"{hits} of {len(result.judged)} attempts are right"
            drops[result.index] = Drop(reason=reason, detail=detail)
    return drops
