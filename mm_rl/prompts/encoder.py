"""Encodes each prompt once and hands the same object to engine, trainer and reference."""

from collections.abc import Sequence

from PIL import Image

from data_synth.problem import Problem
from mm_rl.policy.model import EncodedPrompt, Policy
from mm_rl.prompts.images import ImageStore, decode_image
from mm_rl.types import Prompt

# Not pure black after normalisation: Idefics-like models drop all-zero images as padding.
_BLANK = (127, 127, 127)


class PromptEncoder:
    """Prompts to model inputs, with the images from the run's store.

    Args:
        policy: whose processor encodes.
        images: the run's image store.
        blind: replace every image by a blank one of the same size, as a control.
    """

    def __init__(self, policy: Policy, images: ImageStore, *, blind: bool) -> None:
        self.policy, self.images, self.blind = policy, images, blind
        self._encoded: dict[str, EncodedPrompt] = {}

    def encode(self, prompt: Prompt) -> EncodedPrompt:
        """The encoded prompt; the same object for the same prompt until `forget`."""
        encoded = self._encoded.get(prompt.id)
        if encoded is None:
            encoded = self.encode_uncached(prompt, blind=self.blind)
            self._encoded[prompt.id] = encoded
        return encoded

    def encode_uncached(self, prompt: Prompt, *, blind: bool) -> EncodedPrompt:
        """Encode without keeping the result, with or without the picture's content."""
        images = [self.images.load(key) for key in prompt.image_keys]
        return self._encode(prompt.question, images, blind=blind)

    def encode_problem(self, problem: Problem) -> EncodedPrompt:
        """Encode a problem that carries its images, past the store."""
        images = [decode_image(data, name=problem.id) for data in problem.images]
        return self._encode(problem.question, images, blind=self.blind)

    def _encode(
        self, question: str, images: Sequence[Image.Image], *, blind: bool
    ) -> EncodedPrompt:
        if blind:
            images = [Image.new("RGB", image.size, _BLANK) for image in images]
        return self.policy.encode(question, images)

    def keep_only(self, prompts: set[str]) -> None:
        """Forget all but the named prompts: pixels of a trained group are no longer needed."""
        self._encoded = {key: value for key, value in self._encoded.items() if key in prompts}
