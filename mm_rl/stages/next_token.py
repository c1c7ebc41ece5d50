"""What the stages that predict the tokens of labelled rows share: rows, packing, loss, state."""

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from mm_rl.policy.batch import TrainBatch, TrainRow, micro_batches
from mm_rl.policy.model import Policy, collate_vision
from mm_rl.policy.trainer import Trainer
from mm_rl.run import Run
from mm_rl.stages.deck import Dealer
from mm_rl.stages.schedule import plan_phases
from mm_rl.stages.supervised import SupervisedStage

# Largest gap between the two log-probabilities of a token.
_TOLERANCE = {torch.float32: 1e-3, torch.bfloat16: 0.3}


class NextTokenStage(SupervisedStage):
    """Trains on the mean negative log-likelihood per token of what a deck deals."""

    groups: ClassVar[Mapping[int, str]] = {}
    """Kinds of rows whose loss is logged by itself, by `TrainRow.group`."""
    without_packing: ClassVar[str] = "set sft.packing=false"
    """What to do with a policy that can not pack."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.phases = plan_phases(self.config)
        self.trainer = Trainer(run.policy, self.config.optim, lr_factor=self.lr_factor)
        self.deck = self.build_deck()
        self._checked: set[tuple[int | None, frozenset[bool]]] = set()

    @abstractmethod
    def build_deck(self) -> Dealer:
        """What the stage learns from; the same rows when a resumed run builds it again."""

    @property
    def packing(self) -> bool:
        """Whether rows are packed."""
        return self.config.packing

    @property
    def max_length(self) -> int | None:
        """Tokens that a row, and a packed sequence, may have at this step."""
        for phase in self.phases:
            if self.step < phase.end:
                return phase.max_length
        return self.phases[-1].max_length if self.phases else self.config.max_length

    def lr_factor(self, step: int) -> float:
        for phase in self.phases:
            if step < phase.end:
                return phase.lr(step) / self.config.optim.lr
        return super().lr_factor(step)

    def begin_step(self) -> None:
        """Set up what the step to come needs; the same again if it was set up before."""
        self.deck.begin_step(self.step, self.config.steps)

    def train_step(self) -> dict[str, float]:
        """One step on the mean negative log-likelihood per trained token.

        Raises:
            ValueError: packing does not suit the policy, said before it trains on packed rows.
        """
        self.begin_step()
        batches = self._micro_batches(self._next_rows())
        self._check_packing(batches)
        num_tokens = sum(float(batch.mask_BT.sum()) for batch in batches)
        by_group: dict[str, list[Tensor]] = defaultdict(list)

        def mean_nll(batch: TrainBatch, logprobs_BT: Tensor) -> Tensor:
            for group, name in self.groups.items():
                rows_B = batch.group_B == group
                sums = (logprobs_BT.detach()[rows_B].sum(), batch.mask_BT[rows_B].sum())
                by_group[name].append(torch.stack(sums))
            return -(logprobs_BT * batch.mask_BT).sum() / num_tokens

        values = self.trainer.step(batches, mean_nll)
        values = {"loss/nll": values.pop("loss/total"), **values, "data/num_tokens": num_tokens}
        return values | self._describe_batch(batches) | _mean_nlls(by_group)

    def _next_rows(self) -> list[TrainRow]:
        return self.deck.deal(self.config.batch_size, max_tokens=self.max_length)

    def _micro_batches(self, rows: Sequence[TrainRow]) -> list[TrainBatch]:
        max_tokens = self.config.max_tokens_per_micro_batch
        if self.packing:
            assert self.max_length is not None
            max_tokens = self.max_length
        return list(
            micro_batches(rows, max_tokens=max_tokens, policy=self.run_.policy, pack=self.packing)
        )

    def _check_packing(self, batches: Sequence[TrainBatch]) -> None:
        """Once for each length, and for rows with images, without them, and both in one pack."""
        for batch in batches:
            kind = self.max_length, frozenset(bool(prompt.vision) for prompt in batch.prompts)
            if batch.packed and len(batch.prompts) > 1 and kind not in self._checked:
                check_packing(self.run_.policy, batch, otherwise=self.without_packing)
                self._checked.add(kind)

    def _describe_batch(self, batches: Sequence[TrainBatch]) -> dict[str, float]:
        """Further metrics of the step."""
        if self.max_length is None:
            return {}
        return {
            "data/max_length": float(self.max_length),
            "data/num_waiting": float(self.deck.passed_over),
        }

    def evaluate(self, *, final: bool) -> str:
        """Accuracy on the held-out problems."""
        return describe_scores(self.run_.evaluate(self.name, self.step, final=final))

    def state_dict(self) -> dict[str, Any]:
        return {
            "step": self.step,
            "trainer": self.trainer.state_dict(),
            "deck": self.deck.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.step = state["step"]
        self.trainer.load_state_dict(state["trainer"])
        self.deck.load_state_dict(state["deck"])


def _mean_nlls(by_group: Mapping[str, Sequence[Tensor]]) -> dict[str, float]:
    """`nll/<kind>` of the kinds that were in the batch."""
    sums = {name: torch.stack(list(parts)).sum(0).tolist() for name, parts in by_group.items()}
    return {f"nll/{name}": -total / count for name, (total, count) in sums.items() if count > 0}


def check_packing(policy: Policy, batch: TrainBatch, *, otherwise: str) -> None:
    """Rows have the same log-probabilities packed and each alone.

    Args:
        policy: computes.
        batch: packed rows.
        otherwise: what to do with a policy that can not pack.

    Raises:
        ValueError: they differ; attention that ignores positions lets rows see each other, and
            positions of several dimensions (height, width) do not restart at a row.
    """
    refusal = (
        "this model can not compute several rows as one sequence (linear attention, convolutions, "
        f"or positions of several dimensions): {otherwise}"
    )
    with torch.no_grad():
        try:
            found_BT, _ = batch.logprobs(policy)
        except torch.OutOfMemoryError:
            raise
        except (RuntimeError, TypeError, ValueError) as error:
            # Models differ in the positions that they take: one that takes none says so here.
            raise ValueError(f"{refusal} ({error})") from error
        gaps = []
        for row, prompt in enumerate(batch.prompts):
            part = slice(row, row + 1), slice(0, int(batch.lengths_B[row]))
            vision = collate_vision([prompt])
            alone_1T, _ = policy.logprobs(batch.tokens_BT[part], batch.mask_BT[part], vision)
            gaps.append((found_BT[part] - alone_1T).abs().max())
    # Stacked, not compared one by one: what is not a number is no agreement either.
    gap, tolerance = float(torch.stack(gaps).max()), _TOLERANCE[policy.dtype]
    if not gap <= tolerance:
        raise ValueError(
            f"{refusal} (log-probabilities of the same rows, packed and alone, differ by "
            f"{gap:.2g}, over {tolerance:.2g})"
        )


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
