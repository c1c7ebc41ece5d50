"""`Policy`: one model with its processor, used alike by engine, trainer and reference.

Loads any `AutoModelForImageTextToText` by hub name or local folder. Prompts are encoded once by the
model's own processor; rows are right-padded, and since attention is causal, padding needs no mask.

Shape suffixes: B rows, T token positions, H hidden, N selected positions.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    AutoProcessor,
    AutoTokenizer,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING

from mm_rl.policy.logprobs import token_logprobs
from mm_rl.policy.text import TextProcessor

# Attributes under which processors and tokenizers name their media placeholders.
_MEDIA_TOKENS = (
    "image_token",
    "video_token",
    "audio_token",
    "boi_token",
    "eoi_token",
    "fake_image_token",
    "global_image_tag",
    "end_of_utterance_token",
    "vision_start_token",
    "vision_end_token",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class EncodedPrompt:
    """A prompt as the model reads it; shared by the k completions of its group.

    Example:
        encoded = policy.encode("How many ...?", [image]); len(encoded.token_ids)
    """

    token_ids: tuple[int, ...]
    """Chat-formatted prompt with image placeholders expanded, up to where the response begins."""
    vision: Mapping[str, Tensor]
    """The processor's vision tensors by the name of the model's argument; empty without images."""


class Policy:
    """A vision-language model and everything needed to compute its log-probabilities."""

    def __init__(self, model: Any, processor: Any, *, dtype: torch.dtype) -> None:
        # Any: what a model's modules and outputs are called differs by architecture.
        self.model = model
        self.processor = processor
        self.tokenizer = processor.tokenizer
        self.dtype = dtype
        self.device = next(model.parameters()).device
        self.end_ids = _end_ids(model, self.tokenizer)
        banned = media_token_ids(processor, model.config) - self.end_ids
        self.banned_ids = torch.tensor(sorted(banned), device=self.device)
        self.image_token_id: int | None = getattr(model.config, "image_token_id", None)

    def encode(self, question: str, images: Sequence[Image.Image]) -> EncodedPrompt:
        """Chat-format and tokenize a question behind its images.

        Raises:
            ValueError: the number of image placeholders does not fit the processor's own count.
        """
        content: list[dict[str, Any]] = [{"type": "image"} for _ in images]
        content.append({"type": "text", "text": question})
        text = self.processor.apply_chat_template(
            [{"role": "user", "content": content}], add_generation_prompt=True
        )
        inputs = self.processor(
            text=[text],
            images=[list(images)] if images else None,
            return_tensors="pt",
            add_special_tokens=False,
        )
        vision = {
            name: tensor
            for name, tensor in inputs.items()
            if name not in ("input_ids", "attention_mask", "token_type_ids", "mm_token_type_ids")
        }
        # All-ones masks only slow the vision tower down; a model without one assumes all ones.
        mask = vision.get("pixel_attention_mask")
        if mask is not None and bool(mask.all()):
            del vision["pixel_attention_mask"]
        return EncodedPrompt(token_ids=tuple(inputs["input_ids"][0].tolist()), vision=vision)

    def encode_completion(self, text: str) -> tuple[int, ...]:
        """Tokens of a demonstration, end token included."""
        ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return (*ids, min(self.end_ids))

    def decode(self, token_ids: Sequence[int]) -> str:
        """Text of sampled tokens without the end token."""
        kept = [token for token in token_ids if token not in self.end_ids]
        return str(self.tokenizer.decode(kept, skip_special_tokens=False))

    def autocast(self) -> AbstractContextManager[Any]:
        """Computes in `dtype` over float32 weights; nothing to do in float32."""
        if self.dtype is torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, self.dtype)

    def hidden_states(
        self,
        tokens_BT: Tensor,
        vision: Mapping[str, Tensor],
        *,
        positions_BT: Tensor | None = None,
    ) -> Tensor:
        """`[B, T, H]` last hidden states of right-padded rows.

        Args:
            tokens_BT: `[B, T]` tokens.
            vision: the rows' vision tensors in row order.
            positions_BT: `[B, T]` positions that start again at 0 where the next of several packed
                sequences begins; None: the model's own.
        """
        inputs = {name: tensor.to(self.device) for name, tensor in vision.items()}
        if positions_BT is not None:
            inputs["position_ids"] = positions_BT
        output = self.model.model(input_ids=tokens_BT, use_cache=False, **inputs)
        return output.last_hidden_state

    def project(self, hidden: Tensor) -> Tensor:
        """Hidden states to logits."""
        return self.model.get_output_embeddings()(hidden)

    def logprobs(
        self,
        tokens_BT: Tensor,
        mask_BT: Tensor,
        vision: Mapping[str, Tensor],
        *,
        positions_BT: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Log-probabilities of the masked tokens given all tokens before them.

        Args:
            tokens_BT: `[B, T]` right-padded prompt and completion tokens.
            mask_BT: `[B, T]` 1 where the log-probability is wanted, never at position 0.
            vision: the rows' vision tensors in row order.
            positions_BT: of packed sequences, see `hidden_states`.

        Returns:
            `[B, T]` log-probabilities and entropies in float32, 0 outside the mask.
        """
        wanted_BT = mask_BT.bool()
        with self.autocast():
            hidden_BTH = self.hidden_states(tokens_BT, vision, positions_BT=positions_BT)
            hidden_NH = hidden_BTH[:, :-1][wanted_BT[:, 1:]]
            logprobs_N, entropy_N = token_logprobs(
                hidden_NH,
                tokens_BT[wanted_BT],
                project=self.project,
                banned_ids=self.banned_ids,
            )
        zeros_BT = torch.zeros(tokens_BT.shape, device=self.device)
        return (
            zeros_BT.masked_scatter(wanted_BT, logprobs_N),
            zeros_BT.masked_scatter(wanted_BT, entropy_N),
        )

    def save(self, folder: Path) -> None:
        """Write an ordinary Hugging Face folder."""
        self.model.save_pretrained(folder)
        self.processor.save_pretrained(folder)


def load_policy(name_or_path: str, *, device: str, dtype: str, key: str = "model.path") -> Policy:
    """Load a policy by hub name or local folder; weights stay float32, `dtype` is for compute.

    A causal language model without vision becomes a policy for prompts without images.

    Args:
        name_or_path: hub name or local folder.
        device: of the weights.
        dtype: name of a torch type.
        key: which setting gave the path, for the error.

    Raises:
        ValueError: nothing loadable is there.
    """
    try:
        processor: Any
        config = AutoConfig.from_pretrained(name_or_path)
        if type(config) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING:
            # One backend on every machine: the other one rounds pixels differently, and which one
            # is the default depends on what else is installed.
            processor = AutoProcessor.from_pretrained(name_or_path, backend="pil")
            loader: Any = AutoModelForImageTextToText
        else:
            processor = TextProcessor(AutoTokenizer.from_pretrained(name_or_path))
            loader = AutoModelForCausalLM
        model: Any = loader.from_pretrained(name_or_path, dtype=torch.float32)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{key}={name_or_path!r} is no loadable language model: {error}. "
            "Give a local folder that `save_pretrained` wrote, or a hub name with network access."
        ) from error
    model.to(device)
    model.eval()
    return Policy(model, processor, dtype=getattr(torch, dtype))


def media_token_ids(processor: Any, config: Any) -> set[int]:
    """Ids of every media placeholder of a model: what sampling must never emit."""
    tokenizer = processor.tokenizer
    ids: set[int] = set()
    for owner in (processor, tokenizer):
        for attribute in _MEDIA_TOKENS:
            token = getattr(owner, attribute, None)
            if isinstance(token, str):
                ids.add(tokenizer.convert_tokens_to_ids(token))
    for attribute in ("image_token_id", "video_token_id", "audio_token_id"):
        token_id = getattr(config, attribute, None)
        if isinstance(token_id, int):
            ids.add(token_id)
    ids.discard(tokenizer.unk_token_id)
    return {token_id for token_id in ids if token_id is not None and token_id >= 0}


def _end_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    configured = model.generation_config.eos_token_id
    ids = configured if isinstance(configured, list) else [configured]
    ids = [token_id for token_id in ids if token_id is not None] or [tokenizer.eos_token_id]
    return frozenset(ids)


def collate_vision(prompts: Sequence[EncodedPrompt]) -> dict[str, Tensor]:
    """Join the vision tensors of rows along their first axis.

    Idefics-like processors give `[1, images, channels, height, width]` per row: rows with fewer
    images are padded with all-zero images, which those models drop.
    """
    names = {name for prompt in prompts for name in prompt.vision}
    joined = {}
    for name in sorted(names):
        parts = [prompt.vision[name] for prompt in prompts if name in prompt.vision]
        if parts[0].ndim == 5:
            most = max(part.shape[1] for part in parts)
            parts = [
                nn.functional.pad(part, (0, 0) * 3 + (0, most - part.shape[1])) for part in parts
            ]
        joined[name] = torch.cat(parts)
    return joined
