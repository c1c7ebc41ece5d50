"""Demonstrations as training rows: what SFT learns from, and what RL may rehearse."""

from typing import Any

from data_synth.problem import Problem
from data_synth.seeding import derive_rng
from data_synth.verify import demonstrate
from mm_rl.policy.batch import TrainRow
from mm_rl.run import Run

# Encoded demonstrations kept in memory, so that later epochs need not draw and encode them again.
_MAX_CACHED_BYTES = 1 << 30


class Demonstrations:
    """A prompt set dealt in a new random order every epoch; its whole state is one position.

    Args:
        run: whose policy encodes.
        role: which of the run's prompt sets.
        answer_only_frac: share of demonstrations that show the answer without reasoning. Which ones
            is fixed: a set of examples, not a fresh draw every epoch.
        advantage: what the rows carry into a policy loss.
    """

    def __init__(
        self, run: Run, role: str, *, answer_only_frac: float = 0.0, advantage: float = 0.0
    ) -> None:
        self.run, self.role = run, role
        self.answer_only_frac, self.advantage = answer_only_frac, advantage
        self.prompts = run.prompts[role]
        self.position = 0
        self._epoch = -1
        self._order: list[int] = []
        self._rows: dict[tuple[int, bool], TrainRow] = {}
        self._cached_bytes = 0

    def deal(self, count: int, *, all_reason: bool = False) -> list[TrainRow]:
        """The next rows.

        Args:
            count: how many.
            all_reason: show the reasoning of answer-only demonstrations as well.
        """
        return [self._row(all_reason=all_reason) for _ in range(count)]

    def _row(self, *, all_reason: bool) -> TrainRow:
        index = self._next_index()
        answer_only = not all_reason and self._is_answer_only(index)
        row = self._rows.get((index, answer_only))
        if row is None:
            row = self._make_row(index, answer_only)
            self._cached_bytes += sum(tensor.nbytes for tensor in row.prompt.vision.values())
            if self._cached_bytes < _MAX_CACHED_BYTES:
                self._rows[index, answer_only] = row
        return row

    def _next_index(self) -> int:
        epoch, offset = divmod(self.position, len(self.prompts))
        if epoch != self._epoch:
            self._epoch, self._order = epoch, list(range(len(self.prompts)))
            derive_rng(self.run.config.seed, self.role, epoch).shuffle(self._order)
        self.position += 1
        return self._order[offset]

    def _is_answer_only(self, index: int) -> bool:
        draw = derive_rng(self.run.config.seed, "strategy", self.role, index).random()
        return draw < self.answer_only_frac

    def _make_row(self, index: int, answer_only: bool) -> TrainRow:
        problem = self.prompts.problem(index)
        return TrainRow(
            prompt=self.run.encoder.encode_problem(problem),
            token_ids=self.run.policy.encode_completion(self._format(problem, answer_only)),
            advantage=self.advantage,
            group=-1,
        )

    def _format(self, problem: Problem, answer_only: bool) -> str:
        """The completion to learn."""
        reasoning = "" if answer_only else problem.reasoning
        return demonstrate(problem.verifier, reasoning, problem.answer)

    def state_dict(self) -> dict[str, Any]:
        return {"position": self.position}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.position = state["position"]
