"""Encodes each prompt once and hands the same object to engine, trainer and reference."""

from PIL import Image

from mm_rl.policy.model import EncodedPrompt, Policy
from mm_rl.prompts.images import ImageStore
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
        if blind:
            images = [Image.new("RGB", image.size, _BLANK) for image in images]
        return self.policy.encode(prompt.question, images)

    def keep_only(self, prompts: set[str]) -> None:
        """Forget all but the named prompts: pixels of a trained group are no longer needed."""
        self._encoded = {key: value for key, value in self._encoded.items() if key in prompts}
