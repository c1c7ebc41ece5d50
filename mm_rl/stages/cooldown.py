"""Cooldown: curated and synthetic questions after pretraining (k1.5 §2.5.1).

Demonstrations, whose answers are correct by construction, beside the same questions as text and
real ones; the tokens of the answers train.
"""

from mm_rl.stages.deck import Dealer, MixedDeck
from mm_rl.stages.documents import TextTwins
from mm_rl.stages.next_token import NextTokenStage
from mm_rl.stages.sft import demonstrations_deck


class CooldownStage(NextTokenStage):
    """Trains on questions with and without their images."""

    name = "cooldown"

    def build_deck(self) -> Dealer:
        run = self.run_
        return MixedDeck(demonstrations_deck(run), TextTwins(run), run.config.cooldown.text_frac)
