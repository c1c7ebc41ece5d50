"""Long-context activation: longer sequences step by step, with a larger RoPE base (k1.5 §2.5.1).

A share of the sequences is one long document that attends to all of itself (full attention); in the
others short rows are packed, each of which attends to itself alone (partial attention). All text of
a document trains, of a short row its answer.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from mm_rl.policy.batch import TrainBatch, TrainRow
from mm_rl.policy.parts import set_rope_base
from mm_rl.run import Run
from mm_rl.stages.deck import MixedDeck, deal_packs
from mm_rl.stages.documents import LongDocuments
from mm_rl.stages.next_token import NextTokenStage
from mm_rl.stages.pretrain import refuse_phases
from mm_rl.stages.sft import demonstrations_deck

_FULL = 1


class LongContextStage(NextTokenStage):
    """Trains for `sft.steps` steps of `sft.batch_size` sequences each."""

    name = "longctx"
    groups: ClassVar = {-1: "partial_attention", _FULL: "full_attention"}
    without_packing: ClassVar[str] = "leave out the stage longctx, which packs short rows"
    deck: MixedDeck

    def __init__(self, run: Run) -> None:
        refuse_phases(run, self.name)
        self.level = -1
        super().__init__(run)

    def build_deck(self) -> MixedDeck:
        self.short = demonstrations_deck(self.run_)
        self.long = LongDocuments(self.run_, image_frac=self.run_.config.longctx.image_frac)
        frac = self.run_.config.longctx.full_attention_frac
        return MixedDeck(self.short, self.long, frac)

    @property
    def packing(self) -> bool:
        """Always: partial attention is packing."""
        return True

    @property
    def max_length(self) -> int:
        return self.run_.config.longctx.lengths[max(0, self.level)]

    def begin_step(self) -> None:
        levels = len(self.run_.config.longctx.lengths)
        level = min(self.step * levels // self.config.steps, levels - 1)
        if level != self.level:
            self._enter(level)
        super().begin_step()

    def _enter(self, level: int) -> None:
        self.level = level
        self.long.length = self.max_length
        set_rope_base(
            self.run_.policy,
            base=self.run_.config.longctx.rope_bases[level],
            max_positions=self.max_length,
        )

    def _next_rows(self) -> list[TrainRow]:
        """Long documents, and short rows that together fill the other sequences."""
        num_full = self.deck.take_share(self.config.batch_size)
        num_partial = self.config.batch_size - num_full
        return [
            *self.long.deal(num_full, max_tokens=self.max_length),
            *deal_packs(self.short, num_partial, max_tokens=self.max_length),
        ]

    def _micro_batches(self, rows: Sequence[TrainRow]) -> list[TrainBatch]:
        """Every document by itself, whatever room it leaves."""
        batches = super()._micro_batches([row for row in rows if row.group != _FULL])
        for row in rows:
            if row.group == _FULL:
                batches += super()._micro_batches([row])
        return batches

    def _describe_batch(self, batches: Sequence[TrainBatch]) -> dict[str, float]:
        full = [batch for batch in batches if batch.group_B[0] == _FULL]
        num_tokens = [sum(float(batch.mask_BT.sum()) for batch in part) for part in (full, batches)]
        return super()._describe_batch(batches) | {
            "longctx/rope_base": float(self.run_.config.longctx.rope_bases[self.level]),
            "longctx/full_attention_frac": len(full) / len(batches),
            "longctx/full_attention_token_frac": num_tokens[0] / num_tokens[1],
        }

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"level": self.level}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self._enter(state["level"])
