"""The embedded policy: an ordinary Hugging Face folder, deterministic, with sound scales."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from mm_rl.policy.model import Policy, collate_vision, load_policy
from mm_rl.policy.tiny import train_tokenizer


def test_folder_loads_with_plain_transformers(tiny_folder: Path) -> None:
    model = AutoModelForImageTextToText.from_pretrained(tiny_folder)
    processor = AutoProcessor.from_pretrained(tiny_folder)
    assert type(model).__name__ == "Idefics3ForConditionalGeneration"
    text = processor.apply_chat_template(
        [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Count."}]}],
        add_generation_prompt=True,
    )
    inputs = processor(text=[text], images=[[Image.new("RGB", (64, 64))]], return_tensors="pt")
    assert (inputs["input_ids"] == model.config.image_token_id).sum() == 16
    assert model(**inputs).logits.shape[-1] == len(processor.tokenizer)


def test_tokenizer_round_trips_any_text_and_keeps_the_format_whole(policy: Policy) -> None:
    tokenizer = policy.tokenizer
    for text in (
        "plan: count. scan: red -",
        "h\u00e9llo \u4f60\u597d \U0001f642\n\ttab",
        "12+34=46",
        "(a1,b2)",
    ):
        assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
    ids = tokenizer("<think></think>\\boxed{7}", add_special_tokens=False)["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids) == ["<think>", "</think>", "\\boxed{", "7", "}"]
    assert len(tokenizer("1234", add_special_tokens=False)["input_ids"]) == 4


def test_tokenizer_training_is_deterministic() -> None:
    texts = ["plan: count. red blue green", "scan: A B C D. check: 1 2 3.", "row column"] * 20
    first = train_tokenizer(texts, vocab_size=320).get_vocab()
    second = train_tokenizer(texts, vocab_size=320).get_vocab()
    assert first == second


def test_weights_depend_on_the_seed_alone(tiny_folder: Path) -> None:
    first = load_policy(str(tiny_folder), device="cpu", dtype="float32").model.state_dict()
    second = load_policy(str(tiny_folder), device="cpu", dtype="float32").model.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_patches_differ_as_much_by_position_as_by_content(policy: Policy) -> None:
    """The scale that initialisation sets: a policy blind to positions never reads a grid."""
    vision = policy.model.model.vision_model.embeddings
    positions = vision.position_embedding.weight
    white = vision.patch_embedding(torch.ones(1, 3, 16, 16)).flatten()
    assert 0.5 < positions.std() / white.std() < 3.0


def test_image_content_and_place_reach_the_output(policy: Policy) -> None:
    def last(image: Image.Image) -> torch.Tensor:
        encoded = policy.encode("Count.", [image])
        tokens = torch.tensor([encoded.token_ids])
        with torch.no_grad():
            return policy.hidden_states(tokens, encoded.vision)[0, -1]

    blank = Image.new("RGB", (64, 64), "white")
    left, right = blank.copy(), blank.copy()
    left.paste("red", (0, 0, 16, 16))
    right.paste("red", (48, 48, 64, 64))
    outputs = [last(image) for image in (blank, left, right)]
    assert (outputs[0] - outputs[1]).abs().max() > 1e-3
    assert (outputs[1] - outputs[2]).abs().max() > 1e-3


def test_rows_with_different_numbers_of_images_collate(policy: Policy) -> None:
    images = [Image.new("RGB", (64, 64), color) for color in ("red", "green", "blue")]
    two = policy.encode("Compare.", images[:2])
    one = policy.encode("Count.", images[2:])
    joined = collate_vision([two, one])
    with torch.no_grad():
        features = policy.model.get_image_features(**joined).pooler_output
        alone = policy.model.get_image_features(**one.vision).pooler_output
    # Padding images are dropped: three real images remain, in row order.
    assert features.shape[0] == 3
    torch.testing.assert_close(features[2:], alone, atol=1e-5, rtol=1e-4)


def test_missing_model_names_the_key(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"model\.path=.*no loadable language model"):
        load_policy(str(tmp_path / "nothing"), device="cpu", dtype="float32")
