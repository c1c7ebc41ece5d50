"""Vision-language pretraining in three phases (k1.5 §2.5.1, App. B).

text: the language model alone, on text. vision: vision tower and projector alone, for the frozen
language model, on images. joint: everything, with a share of images that rises to 30 %. All tokens
of a row train, media placeholders excepted; of easy-vqa's questions, only the answers.
"""

import math
from collections.abc import Sequence
from typing import Any, ClassVar

from torch import nn

from mm_rl.policy.batch import TrainBatch
from mm_rl.policy.parts import language_parameters, vision_parameters
from mm_rl.policy.trainer import Trainer
from mm_rl.run import Run
from mm_rl.stages.deck import Dealer, MixedDeck
from mm_rl.stages.demonstrations import Demonstrations
from mm_rl.stages.documents import TextDocuments, VisionText
from mm_rl.stages.next_token import NextTokenStage

PHASES = ("text", "vision", "joint")


class PretrainStage(NextTokenStage):
    """Trains for `sft.steps` steps; every phase has its own optimizer, warm-up and decay."""

    name = "pretrain"
    groups: ClassVar = {-1: "easy_vqa", 0: "text", 1: "vision_text"}

    def __init__(self, run: Run) -> None:
        refuse_phases(run, self.name)
        config, steps = run.config.pretrain, run.config.sft.steps
        text_end = round(config.text_share * steps)
        vision_end = round((config.text_share + config.vision_share) * steps)
        self.spans = ((0, text_end), (text_end, vision_end), (vision_end, steps))
        self.phase = -1
        super().__init__(run)

    def build_deck(self) -> Dealer:
        """Text documents, and images with text if any phase is to have them."""
        run, config, frac = self.run_, self.run_.config.pretrain, self.config.easy_vqa_frac
        text = TextDocuments(run)
        if config.vision_share == config.vision_text_to == 0:
            return text
        images: Dealer = VisionText(run, description_frac=config.description_frac)
        if frac > 0:
            images = MixedDeck(images, Demonstrations(run, "easy_vqa"), frac)
        return MixedDeck(text, images, 0.0)

    def begin_step(self) -> None:
        phase = next(i for i, (_, end) in enumerate(self.spans) if self.step < end)
        if phase != self.phase:
            self._enter(phase)
        if isinstance(self.deck, MixedDeck):
            self.deck.share = self.vision_text_share(self.step)
        super().begin_step()

    def vision_text_share(self, step: int) -> float:
        """Share of image rows: none, all, then rising linearly to `pretrain.vision_text_to`."""
        (_, text_end), (_, vision_end), (_, steps) = self.spans
        if step < vision_end:
            return float(step >= text_end)
        to = self.run_.config.pretrain.vision_text_to
        return to * (step - vision_end + 1) / (steps - vision_end)

    def _enter(self, phase: int) -> None:
        """A fresh optimizer on what the phase trains; everything else is frozen."""
        self.phase = phase
        self.trainer = Trainer(
            self.run_.policy, self.config.optim, lr_factor=self.lr_factor, trained=self._trained()
        )

    def _trained(self) -> Sequence[nn.Parameter] | None:
        policy = self.run_.policy
        match PHASES[self.phase]:
            case "text":
                return language_parameters(policy)
            case "vision":
                parameters = vision_parameters(policy)
                if not parameters:
                    raise ValueError(
                        f"pretrain.vision_share={self.run_.config.pretrain.vision_share}: the "
                        "policy has no vision tower to train; set it to 0"
                    )
                return parameters
        return None

    def lr_factor(self, step: int) -> float:
        """Cosine from 1 to 0.1 over the phase, whose steps the trainer counts; 1 without decay."""
        if not self.config.decay:
            return 1.0
        start, end = self.spans[max(0, self.phase)]
        return 0.1 + 0.45 * (1 + math.cos(math.pi * min(1.0, step / max(1, end - start))))

    def _describe_batch(self, batches: Sequence[TrainBatch]) -> dict[str, float]:
        share = self.vision_text_share(self.step)
        return super()._describe_batch(batches) | {
            "data/vision_text_share": share,
            "pretrain/phase": float(self.phase),
        }

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"phase": self.phase}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._enter(state["phase"])
        super().load_state_dict(state)


def refuse_phases(run: Run, name: str) -> None:
    """Stages with phases of their own do not take those of `sft`.

    Raises:
        ValueError: `sft.phases` is given.
    """
    if run.config.sft.phases:
        raise ValueError(
            f"sft.phases: the stage {name} has phases of its own, under `{name}`; leave it empty"
        )
