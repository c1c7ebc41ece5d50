"""Shared fixtures: a real tiny policy and real prompts, built once per test session."""

import os
from collections.abc import Callable
from pathlib import Path

# Before any import of transformers: tests never reach for the network.
os.environ["HF_HUB_OFFLINE"] = "1"

import pytest
import torch
from hydra import compose, initialize_config_dir

from mm_rl.build import build_policy, build_prompts
from mm_rl.config import TrainConfig, register_configs, to_config
from mm_rl.policy.model import EncodedPrompt, Policy, load_policy
from mm_rl.prompts.encoder import PromptEncoder
from mm_rl.prompts.images import ImageStore
from mm_rl.train import CONFIG_DIR
from mm_rl.types import Prompt

register_configs()


def compose_config(*overrides: str) -> TrainConfig:
    """The configuration that a command line with these overrides gives."""
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        return to_config(compose("train", overrides=list(overrides)))


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A freshly initialised tiny policy as a Hugging Face folder."""
    config = compose_config("+experiment=smoke")
    folder = tmp_path_factory.mktemp("tiny")
    build_policy(config, folder=folder, prompts=build_prompts(config))
    return folder / "initial_policy"


@pytest.fixture
def policy(tiny_folder: Path) -> Policy:
    """A tiny policy of its own for the test, safe to train."""
    torch.set_num_threads(1)
    return load_policy(str(tiny_folder), device="cpu", dtype="float32")


@pytest.fixture
def encode(policy: Policy, tmp_path: Path) -> Callable[[int], list[tuple[Prompt, EncodedPrompt]]]:
    """Encodes the first n training prompts of the smoke experiment."""
    prompts = build_prompts(compose_config("+experiment=smoke"))["train"]
    images = ImageStore(tmp_path / "images")
    encoder = PromptEncoder(policy, images, blind=False)

    def first(count: int) -> list[tuple[Prompt, EncodedPrompt]]:
        chosen = [prompts.prompt(index, images) for index in range(count)]
        return [(prompt, encoder.encode(prompt)) for prompt in chosen]

    return first
