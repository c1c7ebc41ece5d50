"""Completions that were collected beforehand, as training rows: the policy's own or long traces."""

import hashlib
from collections.abc import Sequence
from typing import Any

from mm_rl.policy.batch import TrainRow
from mm_rl.policy.model import EncodedPrompt
from mm_rl.run import Run
from mm_rl.stages.deck import Deck

# Encoded prompts kept in memory, so that later epochs need not draw and encode them again.
_MAX_CACHED_BYTES = 1 << 30


class EncodedPrompts:
    """The prompts of a role, encoded when first asked for."""

    def __init__(self, run: Run, role: str) -> None:
        self._run, self._prompts = run, run.prompts[role]
        self._encoded: dict[int, EncodedPrompt] = {}
        self._cached_bytes = 0

    def __getitem__(self, index: int) -> EncodedPrompt:
        encoded = self._encoded.get(index)
        if encoded is None:
            encoded = self._run.encoder.encode_problem(self._prompts.problem(index))
            self._cached_bytes += sum(tensor.nbytes for tensor in encoded.vision.values())
            if self._cached_bytes < _MAX_CACHED_BYTES:
                self._encoded[index] = encoded
        return encoded


class CompletionDeck(Deck):
    """Exact tokens to learn, each below a prompt of the role `train`.

    Args:
        run: whose policy encodes the prompts.
        name: tells the decks of a run apart: the stage's.
        completions: index of the prompt and tokens, end token included.
    """

    def __init__(
        self, run: Run, name: str, completions: Sequence[tuple[int, tuple[int, ...]]]
    ) -> None:
        super().__init__(run.config.seed, name, len(completions))
        self._completions = completions
        self._key = hashlib.blake2b(repr(completions).encode(), digest_size=12).hexdigest()
        self._run, self._prompts = run, EncodedPrompts(run, "train")

    def row(self, index: int) -> TrainRow:
        prompt, token_ids = self._completions[index]
        return TrainRow(prompt=self._prompts[prompt], token_ids=token_ids, group=-1)

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "completions": self._key}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a position.

        Raises:
            ValueError: it is one in other completions.
        """
        if state["completions"] != self._key:
            folder = self._run.folder
            raise ValueError(
                f"{self.name}: its checkpoint was trained on other completions than there are now; "
                f"restore those below {folder}/attempts and {folder}/{self.name}, or start the run "
                "anew"
            )
        super().load_state_dict(state)
