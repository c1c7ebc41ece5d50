"""Build the embedded policy: a small Idefics3 with its own tokenizer, from nothing and offline.

It is saved as an ordinary Hugging Face folder, so everything downstream loads it like any other
vision-language model. Its image processor never splits or rescales: a 64-pixel image becomes a 4x4
lattice of 16-pixel patches, one image token each.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import nn
from transformers import (
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessorPil,
    Idefics3Processor,
    PreTrainedTokenizerFast,
)

from data_synth.verify.answer import BOX_OPEN, THINK_CLOSE, THINK_OPEN
from mm_rl.config import TinyModelConfig

PAD, BOS, END, IMAGE = "<pad>", "<|im_start|>", "<|im_end|>", "<image>"
_IMAGE_FRAME, _GLOBAL_IMAGE, _END_OF_UTTERANCE = (
    "<fake_token_around_image>",
    "<global-img>",
    "<end_of_utterance>",
)
# Digits stand alone, so that numbers are written the same way everywhere; words keep their space.
_WORDS = Regex(r" ?[A-Za-z]+| ?\d|[^\sA-Za-z\d]|\s+")

# Images come after the text: the first tokens of a response then stand at a fixed distance from the
# image tokens, which rotary attention learns to copy from within a few hundred steps.
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] if part['type'] != 'image' %}{{ part['text'] }}{% endfor %}"
    "{% for part in message['content'] if part['type'] == 'image' %}{{ '<image>' }}{% endfor %}"
    "{% endif %}{{ '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def train_tokenizer(texts: Iterable[str], *, vocab_size: int) -> PreTrainedTokenizerFast:
    """Byte-level BPE on the tasks' own texts: common words become one token, any text encodes."""
    specials = [PAD, BOS, END, IMAGE, _IMAGE_FRAME, _GLOBAL_IMAGE, _END_OF_UTTERANCE]
    markers = [THINK_OPEN, THINK_CLOSE, BOX_OPEN]
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(_WORDS, behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size - len(markers),
        special_tokens=specials,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator(texts, trainer)
    core.add_tokens(markers)
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token=PAD,
        bos_token=BOS,
        eos_token=END,
        additional_special_tokens=[IMAGE, _IMAGE_FRAME, _GLOBAL_IMAGE, _END_OF_UTTERANCE],
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_max_length=1_000_000,
    )


@torch.no_grad()
def initialize(model: Any, *, generator: torch.Generator) -> None:
    """Draw the weights at the scale that a narrow model needs.

    The library's 0.02 for everything is made for wide models. Here it leaves the signal of most
    layers faint, and drowns the patch positions in the brightness that all patches share: a policy
    that can not tell patches apart does not learn to read a grid.
    """
    depth = len([name for name, _ in model.named_modules() if name.endswith("self_attn")])
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear):
            scale = module.in_features**-0.5
            if name.endswith(("o_proj", "out_proj", "down_proj", "fc2")):
                scale /= (2 * depth) ** 0.5  # these add up along the residual stream
            module.weight.normal_(0.0, scale, generator=generator)
            if "text_model" in name and name.endswith(("q_proj", "k_proj")):
                module.bias.normal_(0.0, 1.0, generator=generator)
        elif isinstance(module, nn.Conv2d):
            module.weight.normal_(0.0, 0.02, generator=generator)
        elif name.endswith("position_embedding"):
            module.weight.normal_(0.0, 0.5, generator=generator)
        elif isinstance(module, nn.Embedding):
            module.weight.normal_(0.0, module.embedding_dim**-0.5, generator=generator)
    model.tie_weights()


def build_tiny_policy(
    folder: Path, *, texts: Iterable[str], size: TinyModelConfig, seed: int
) -> None:
    """Write model, tokenizer and processor of a freshly initialised policy to `folder`."""
    tokenizer = train_tokenizer(texts, vocab_size=size.vocab_size)
    num_image_tokens = (size.image_size // size.patch_size) ** 2
    processor = Idefics3Processor(
        image_processor=Idefics3ImageProcessorPil(
            do_image_splitting=False,
            size={"longest_edge": size.image_size},
            max_image_size={"longest_edge": size.image_size},
            image_mean=[0.5] * 3,
            image_std=[0.5] * 3,
        ),
        tokenizer=tokenizer,
        image_seq_len=num_image_tokens,
        chat_template=CHAT_TEMPLATE,
    )
    ids: Any = tokenizer.convert_tokens_to_ids
    config = Idefics3Config(
        image_token_id=ids(IMAGE),
        pad_token_id=ids(PAD),
        scale_factor=1,
        tie_word_embeddings=True,
        vision_config={
            "hidden_size": size.vision_hidden_size,
            "intermediate_size": 2 * size.vision_hidden_size,
            "num_hidden_layers": size.vision_layers,
            "num_attention_heads": size.num_heads,
            "image_size": size.image_size,
            "patch_size": size.patch_size,
        },
        text_config={
            "model_type": "llama",
            "vocab_size": len(tokenizer),
            "hidden_size": size.hidden_size,
            "intermediate_size": 3 * size.hidden_size,
            "num_hidden_layers": size.num_layers,
            "num_attention_heads": size.num_heads,
            "num_key_value_heads": size.num_heads,
            "max_position_embeddings": size.max_positions,
            "tie_word_embeddings": True,
            # Biases of queries and keys let a head attend by distance alone, whatever the token.
            "attention_bias": True,
            # Wavelengths up to a few thousand tokens; the stage longctx sets a larger base.
            "rope_parameters": {"rope_type": "default", "rope_theta": 500.0},
            "bos_token_id": ids(BOS),
            "eos_token_id": ids(END),
            "pad_token_id": ids(PAD),
        },
    )
    model = Idefics3ForConditionalGeneration(config)
    initialize(model, generator=torch.Generator().manual_seed(seed))
    model.generation_config.eos_token_id = ids(END)
    model.generation_config.pad_token_id = ids(PAD)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
