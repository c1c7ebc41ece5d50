"""Supervised fine-tuning on demonstrations: the warm-up that RL starts from (k1.5 §2.2, §2.5.2).

A demonstration is a task's own reasoning, correct by construction, and its boxed answer; only these
tokens train, not the question's. A share of the demonstrations shows the answer alone: with several
strategies in the data, RL has something to choose between (k1.5's Fig. 5: it learns to think
longer).
"""

from mm_rl.run import Run
from mm_rl.stages.deck import Dealer, MixedDeck
from mm_rl.stages.demonstrations import Demonstrations
from mm_rl.stages.next_token import NextTokenStage, describe_scores

__all__ = ["SFTStage", "demonstrations_deck", "describe_scores"]


class SFTStage(NextTokenStage):
    """Trains on `sft.num_demonstrations` demonstrations."""

    name = "sft"

    def build_deck(self) -> Dealer:
        return demonstrations_deck(self.run_)


def demonstrations_deck(run: Run) -> Dealer:
    """The demonstrations as `sft` configures them, with easy-vqa's share."""
    config = run.config.sft
    demonstrations = Demonstrations(
        run,
        "demonstrations",
        answer_only_frac=config.answer_only_frac,
        answer_only_from=config.answer_only_from,
    )
    if config.easy_vqa_frac == 0:
        return demonstrations
    return MixedDeck(demonstrations, Demonstrations(run, "easy_vqa"), config.easy_vqa_frac)
