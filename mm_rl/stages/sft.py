"""Supervised fine-tuning on demonstrations: the warm-up that RL starts from (k1.5 §2.2, §2.5.2).

A demonstration is a task's own reasoning, correct by construction, and its boxed answer. A share of
them shows the answer alone: with several strategies in the data, RL has something to choose between
(k1.5's Fig. 5: it learns to think longer).
"""

import math
import time
from typing import Any

from torch import Tensor

from data_synth.problem import Problem
from data_synth.seeding import derive_rng
from mm_rl.policy.batch import TrainBatch, TrainRow, micro_batches
from mm_rl.policy.trainer import Trainer
from mm_rl.progress import StageProgress
from mm_rl.prompts.prompt_set import PromptSet
from mm_rl.reward.answer import format_completion
from mm_rl.run import Run

NAME = "sft"
# Encoded demonstrations kept in memory, so that later epochs need not draw and encode them again.
_MAX_ROW_BYTES = 1 << 30


class SFTStage:
    """Trains on `sft.num_demonstrations` demonstrations for `sft.steps` steps."""

    def __init__(self, run: Run) -> None:
        self.run_, self.config = run, run.config.sft
        self.step = 0
        self.trainer = Trainer(
            run.policy,
            self.config.optim,
            lr_factor=self._decay if self.config.decay else lambda step: 1.0,
        )
        self.demonstrations = _Deck(
            run.prompts["demonstrations"], seed=run.config.seed, name="demonstrations"
        )
        self.easy_vqa = (
            _Deck(run.prompts["easy_vqa_train"], seed=run.config.seed, name="easy_vqa")
            if self.config.easy_vqa_frac > 0
            else None
        )
        self._rows: dict[tuple[str, int, bool], TrainRow] = {}
        self._row_bytes = 0

    def _decay(self, step: int) -> float:
        """Cosine from 1 to 0.1 over the stage."""
        return 0.1 + 0.45 * (1 + math.cos(math.pi * min(1.0, step / self.config.steps)))

    def run(self) -> None:
        """Train from `self.step` to the end."""
        run, config = self.run_, self.config
        if self.step == 0:
            run.evaluate(NAME, 0, final=False)
        with StageProgress(NAME, total=config.steps, done=self.step) as progress:
            while self.step < config.steps:
                values = self._train_step()
                self.step += 1
                run.metrics.log(NAME, self.step, values)
                progress.advance(nll=values["loss/nll"], step_s=values["timing/step_s"])
                finished = self.step == config.steps
                every = run.config.eval.every_sft_steps
                if finished or (every and self.step % every == 0):
                    scores = run.evaluate(NAME, self.step, final=finished)
                    progress.say(f"{NAME} step {self.step}: {describe_scores(scores)}")
                if finished or self.step % run.config.checkpoint.every_sft_steps == 0:
                    run.save_checkpoint(NAME, self.step, self.state_dict(), finished=finished)

    def _train_step(self) -> dict[str, float]:
        started = time.perf_counter()
        policy, config = self.run_.policy, self.config
        rows = self._next_rows()
        batches = list(
            micro_batches(rows, max_tokens=config.max_tokens_per_micro_batch, policy=policy)
        )
        num_tokens = sum(float(batch.mask_BT.sum()) for batch in batches)

        def mean_nll(batch: TrainBatch, logprobs_BT: Tensor) -> Tensor:
            return -(logprobs_BT * batch.mask_BT).sum() / num_tokens

        values = self.trainer.step(batches, mean_nll)
        return {
            "loss/nll": values.pop("loss/total"),
            **values,
            "data/num_tokens": num_tokens,
            "timing/step_s": time.perf_counter() - started,
        }

    def _next_rows(self) -> list[TrainRow]:
        num_vqa = round(self.config.batch_size * self.config.easy_vqa_frac)
        rows = [
            self._row(self.demonstrations)
            for _ in range(self.config.batch_size - (num_vqa if self.easy_vqa else 0))
        ]
        if self.easy_vqa is not None:
            rows += [self._row(self.easy_vqa) for _ in range(num_vqa)]
        return rows

    def _row(self, deck: "_Deck") -> TrainRow:
        index = deck.next()
        mixed = self.step >= self.config.answer_only_from * self.config.steps
        answer_only = mixed and self._is_answer_only(deck.name, index)
        key = (deck.name, index, answer_only)
        row = self._rows.get(key)
        if row is None:
            row = self._make_row(deck.prompts.problem(index), answer_only=answer_only)
            self._row_bytes += sum(tensor.nbytes for tensor in row.prompt.vision.values())
            if self._row_bytes < _MAX_ROW_BYTES:
                self._rows[key] = row
        return row

    def _make_row(self, problem: Problem, *, answer_only: bool) -> TrainRow:
        run = self.run_
        text = format_completion("" if answer_only else problem.reasoning, problem.answer)
        return TrainRow(
            prompt=run.encoder.encode_problem(problem),
            token_ids=run.policy.encode_completion(text),
        )

    def _is_answer_only(self, name: str, index: int) -> bool:
        """Fixed per demonstration: a set of examples, not a fresh draw every epoch."""
        draw = derive_rng(self.run_.config.seed, "strategy", name, index).random()
        return draw < self.config.answer_only_frac

    def state_dict(self) -> dict[str, Any]:
        return {
            "step": self.step,
            "trainer": self.trainer.state_dict(),
            "demonstrations": self.demonstrations.position,
            "easy_vqa": self.easy_vqa.position if self.easy_vqa is not None else 0,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.step = state["step"]
        self.trainer.load_state_dict(state["trainer"])
        self.demonstrations.position = state["demonstrations"]
        if self.easy_vqa is not None:
            self.easy_vqa.position = state["easy_vqa"]


class _Deck:
    """A prompt set dealt in a new random order every epoch; its state is one position."""

    def __init__(self, prompts: PromptSet, *, seed: int, name: str) -> None:
        self.prompts, self.seed, self.name = prompts, seed, name
        self.position = 0
        self._epoch = -1
        self._order: list[int] = []

    def next(self) -> int:
        """The next index of the set."""
        epoch, offset = divmod(self.position, len(self.prompts))
        if epoch != self._epoch:
            self._epoch, self._order = epoch, list(range(len(self.prompts)))
            derive_rng(self.seed, self.name, epoch).shuffle(self._order)
        self.position += 1
        return self._order[offset]


def describe_scores(scores: dict[str, float]) -> str:
    """An evaluation in one line."""
    tasks = ", ".join(
        f"{name.removeprefix('eval/accuracy/')} {value:.1%}"
        for name, value in scores.items()
        if name.startswith("eval/accuracy/")
    )
    return (
        f"accuracy {scores['eval/accuracy']:.1%} ({tasks}), "
        f"{scores['eval/num_tokens']:.0f} tokens on average"
    )
