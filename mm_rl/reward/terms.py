"""Reward terms of the user's own: functions named in the configuration by import path."""

import importlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mm_rl.types import Completion, Prompt


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What a reward function sees of a completion.

    Example:
        def brevity(sample: Sample) -> float:
            return 1.0 if sample.correct and len(sample.text) < 200 else 0.0
    """

    prompt: Prompt
    completion: Completion
    text: str
    """All of the completion, untrusted."""
    answer: str | None
    """The extracted answer."""
    correct: bool


RewardFunction: TypeAlias = Callable[[Sample], float]


def load_terms(paths: Mapping[str, str]) -> dict[str, RewardFunction]:
    """Import the functions of `reward.functions`.

    Raises:
        ValueError: a function that is not there; names the key and the fix.
    """
    terms = {}
    for name, path in paths.items():
        module_name, _, attribute = path.partition(":")
        try:
            function = getattr(importlib.import_module(module_name), attribute)
        except (ImportError, AttributeError, ValueError) as error:
            raise ValueError(
                f"reward.functions.{name}={path}: {error}. Write it as "
                "`package.module:function`, importable from where the command runs"
            ) from error
        if not callable(function):
            raise ValueError(f"reward.functions.{name}={path} is no function")
        terms[name] = function
    return terms


def pay(name: str, function: RewardFunction, sample: Sample) -> float:
    """What a function pays for a sample.

    Raises:
        ValueError: it failed, or returned something that is no finite number.
    """
    try:
        value = float(function(sample))
    except Exception as error:  # the user's code: whatever it raises is theirs to mend
        raise ValueError(
            f"reward.functions.{name} failed on prompt {sample.prompt.id}: {error!r}"
        ) from (error)
    if not math.isfinite(value):
        raise ValueError(f"reward.functions.{name} gave {value} on prompt {sample.prompt.id}")
    return value
