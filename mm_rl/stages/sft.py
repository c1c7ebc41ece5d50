"""Supervised fine-tuning on demonstrations: the warm-up that RL starts from (k1.5 §2.2, §2.5.2).

A demonstration is a task's own reasoning, correct by construction, and its boxed answer. A share of
them shows the answer alone: with several strategies in the data, RL has something to choose between
(k1.5's Fig. 5: it learns to think longer).
"""

import math
import time
from typing import Any

from torch import Tensor

from mm_rl.policy.batch import TrainBatch, TrainRow, micro_batches
from mm_rl.policy.trainer import Trainer
from mm_rl.progress import StageProgress
from mm_rl.run import Run
from mm_rl.stages.demonstrations import Demonstrations

NAME = "sft"


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
        self.demonstrations = Demonstrations(
            run, "demonstrations", answer_only_frac=self.config.answer_only_frac
        )
        self.easy_vqa = Demonstrations(run, "easy_vqa") if self.config.easy_vqa_frac > 0 else None

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
        num_real = round(self.config.batch_size * self.config.easy_vqa_frac)
        all_reason = self.step < self.config.answer_only_from * self.config.steps
        rows = self.demonstrations.deal(self.config.batch_size - num_real, all_reason=all_reason)
        return rows + (self.easy_vqa.deal(num_real) if self.easy_vqa is not None else [])

    def state_dict(self) -> dict[str, Any]:
        return {
            "step": self.step,
            "trainer": self.trainer.state_dict(),
            "demonstrations": self.demonstrations.state_dict(),
            "easy_vqa": self.easy_vqa.state_dict() if self.easy_vqa is not None else None,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.step = state["step"]
        self.trainer.load_state_dict(state["trainer"])
        self.demonstrations.load_state_dict(state["demonstrations"])
        if self.easy_vqa is not None:
            self.easy_vqa.load_state_dict(state["easy_vqa"])


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
