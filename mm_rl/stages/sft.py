"""Supervised fine-tuning on demonstrations: the warm-up that RL starts from (k1.5 §2.2, §2.5.2).

A demonstration is a task's own reasoning, correct by construction, and its boxed answer. A share of
them shows the answer alone: with several strategies in the data, RL has something to choose between
(k1.5's Fig. 5: it learns to think longer).
"""

from typing import Any

from torch import Tensor

from mm_rl.policy.batch import TrainBatch, TrainRow, micro_batches
from mm_rl.policy.trainer import Trainer
from mm_rl.run import Run
from mm_rl.stages.demonstrations import Demonstrations
from mm_rl.stages.supervised import SupervisedStage


class SFTStage(SupervisedStage):
    """Trains on `sft.num_demonstrations` demonstrations."""

    name = "sft"

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.trainer = Trainer(run.policy, self.config.optim, lr_factor=self.lr_factor)
        self.demonstrations = self._read_demonstrations()
        self.easy_vqa = Demonstrations(run, "easy_vqa") if self.config.easy_vqa_frac > 0 else None

    def _read_demonstrations(self) -> Demonstrations:
        return Demonstrations(
            self.run_, "demonstrations", answer_only_frac=self.config.answer_only_frac
        )

    def train_step(self) -> dict[str, float]:
        """One step on the mean negative log-likelihood per token of the completions."""
        policy, config = self.run_.policy, self.config
        rows = self._next_rows()
        batches = list(
            micro_batches(rows, max_tokens=config.max_tokens_per_micro_batch, policy=policy)
        )
        num_tokens = sum(float(batch.mask_BT.sum()) for batch in batches)

        def mean_nll(batch: TrainBatch, logprobs_BT: Tensor) -> Tensor:
            return -(logprobs_BT * batch.mask_BT).sum() / num_tokens

        values = self.trainer.step(batches, mean_nll)
        return {"loss/nll": values.pop("loss/total"), **values, "data/num_tokens": num_tokens}

    def evaluate(self, *, final: bool) -> str:
        """Accuracy on the held-out problems."""
        return describe_scores(self.run_.evaluate(self.name, self.step, final=final))

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
