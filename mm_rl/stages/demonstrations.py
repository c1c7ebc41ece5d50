"""Demonstrations as training rows: what SFT learns from, and what RL may rehearse."""

from abc import abstractmethod

from data_synth.problem import Problem
from data_synth.seeding import derive_rng
from data_synth.verify import demonstrate
from mm_rl.policy.batch import TrainRow
from mm_rl.run import Run
from mm_rl.stages.deck import Deck

# Encoded rows of a deck kept in memory, so that later epochs need not draw and encode them again.
_MAX_CACHED_BYTES = 1 << 30


class ProblemDeck(Deck):
    """Rows made from the problems of a prompt set, each in one of two variants.

    Args:
        run: whose policy encodes.
        role: which of the run's prompt sets.
        name: tells several decks on one prompt set apart; by default the role.
    """

    def __init__(self, run: Run, role: str, *, name: str | None = None) -> None:
        self.run, self.role = run, role
        self.prompts = run.prompts[role]
        super().__init__(run.config.seed, name or role, len(self.prompts))
        self._rows: dict[tuple[int, bool], TrainRow] = {}
        self._cached_bytes = 0

    def row(self, index: int) -> TrainRow:
        variant = self._variant(index)
        row = self._rows.get((index, variant))
        if row is None:
            row = self._make_row(index, variant)
            self._cached_bytes += sum(tensor.nbytes for tensor in row.prompt.vision.values())
            if self._cached_bytes < _MAX_CACHED_BYTES:
                self._rows[index, variant] = row
        return row

    def _variant(self, index: int) -> bool:
        """Which variant is dealt now."""
        return False

    @abstractmethod
    def _make_row(self, index: int, variant: bool) -> TrainRow: ...


class Demonstrations(ProblemDeck):
    """Questions with reasoning and answer; in the variant, with the answer alone.

    Args:
        run: whose policy encodes.
        role: which of the run's prompt sets.
        answer_only_frac: share of demonstrations that show the answer without reasoning. Which ones
            is fixed: a set of examples, not a fresh draw every epoch.
        answer_only_from: share of the stage before which those, too, show their reasoning.
        advantage: what the rows carry into a policy loss.
    """

    def __init__(
        self,
        run: Run,
        role: str,
        *,
        answer_only_frac: float = 0.0,
        answer_only_from: float = 0.0,
        advantage: float = 0.0,
    ) -> None:
        super().__init__(run, role)
        self.answer_only_frac, self.answer_only_from = answer_only_frac, answer_only_from
        self.advantage = advantage
        self._all_reason = False

    def begin_step(self, step: int, num_steps: int) -> None:
        super().begin_step(step, num_steps)
        self._all_reason = step < self.answer_only_from * num_steps

    def _variant(self, index: int) -> bool:
        if self._all_reason:
            return False
        draw = derive_rng(self.run.config.seed, "strategy", self.role, index).random()
        return draw < self.answer_only_frac

    def _make_row(self, index: int, variant: bool) -> TrainRow:
        problem = self.prompts.problem(index)
        return TrainRow(
            prompt=self.run.encoder.encode_problem(problem),
            token_ids=self.run.policy.encode_completion(self._format(problem, variant)),
            advantage=self.advantage,
            group=-1,
        )

    def _format(self, problem: Problem, answer_only: bool) -> str:
        """The completion to learn."""
        reasoning = "" if answer_only else problem.reasoning
        return demonstrate(problem.verifier, reasoning, problem.answer)
