"""Language models without vision as policies: the processor that they lack.

A reward model compares texts, so any causal language model will do for one.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class TextProcessor:
    """A tokenizer that answers where a vision-language model's processor would."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer

    def apply_chat_template(
        self, messages: Sequence[Mapping[str, Any]], *, add_generation_prompt: bool
    ) -> str:
        """The model's own chat format; a model without one gets the bare text and a line break.

        Raises:
            ValueError: a message holds an image.
        """
        flat = [{"role": m["role"], "content": _join(m["content"])} for m in messages]
        if self.tokenizer.chat_template is None:
            return "".join(f"{message['content']}\n" for message in flat)
        return str(
            self.tokenizer.apply_chat_template(
                flat, add_generation_prompt=add_generation_prompt, tokenize=False
            )
        )

    def __call__(
        self, *, text: list[str], images: None, return_tensors: str, add_special_tokens: bool
    ) -> Any:
        """Token ids of the texts."""
        return self.tokenizer(
            text, return_tensors=return_tensors, add_special_tokens=add_special_tokens
        )

    def save_pretrained(self, folder: Path) -> None:
        """Write the tokenizer."""
        self.tokenizer.save_pretrained(folder)


def _join(parts: Sequence[Mapping[str, Any]]) -> str:
    if any(part["type"] != "text" for part in parts):
        raise ValueError(
            "this policy is a language model without vision and the prompt has an image: choose a "
            "vision-language model, or text prompts (data.presentation=text)"
        )
    return "".join(part["text"] for part in parts)
