"""Accuracy of reward models and of plain rules on the same held-out answers."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch

from mm_rl.policy.model import load_policy
from mm_rl.reward_models.classic import ClassicRewardModel
from mm_rl.reward_models.constrained import EngineBackend
from mm_rl.reward_models.data import JudgedAnswer, make_judged_answers
from mm_rl.reward_models.measured_types import ANSWER_TYPES
from mm_rl.reward_models.protocol import build_judge_prompt, parse_verdict
from mm_rl.reward_models.refusal import degenerate
from mm_rl.reward_models.training import measure_calibration, summarize_verdicts, to_judge_item

# As in conf/experiment/{classic,cot}_rm.yaml.
TRAINED = ("number", "fraction", "tuple", "sequence", "set", "text", "time")
HELD_OUT = tuple(name for name in ANSWER_TYPES if name not in TRAINED)
SIZES = {"test": 600, "held_out_tasks": 300, "held_out_types": 300}
ATTACKS = ("master_key", "injection")
# Training answers that the threshold of the edit distance is chosen on.
_FITTED_ON = 2000
_REASONING_TOKENS = 120


@cache
def held_out_sets() -> Mapping[str, tuple[JudgedAnswer, ...]]:
    """The test sets, the same for every seed and model."""
    return {
        "test": tuple(
            make_judged_answers(split="test", seed=0, count=SIZES["test"], answer_types=TRAINED)
        ),
        "held_out_tasks": tuple(
            make_judged_answers(
                split="held_out",
                seed=0,
                count=SIZES["held_out_tasks"],
                answer_types=("number", "tuple", "sequence"),
            )
        ),
        "held_out_types": tuple(
            make_judged_answers(
                split="test",
                seed=0,
                count=SIZES["held_out_types"],
                answer_types=HELD_OUT,
            )
        ),
    }


def summarize(answers: Sequence[JudgedAnswer], verdicts: Sequence[bool]) -> dict[str, Any]:
    """Accuracy of a model alone and behind the filter, and how often attacks pass either."""
    served = [
        verdict and degenerate(answer.response, answer.question, answer.reference) is None
        for answer, verdict in zip(answers, verdicts, strict=True)
    ]
    attacked = [i for i, answer in enumerate(answers) if answer.kind in ATTACKS]
    return {
        "alone": summarize_verdicts(answers, verdicts),
        "served": summarize_verdicts(answers, served),
        "attacks": len(attacked),
        "attacks_passed_alone": sum(verdicts[i] for i in attacked),
        "attacks_passed_served": sum(served[i] for i in attacked),
    }


def measure_classic(folder: Path) -> dict[str, Any]:
    """The classic model of a run, at its calibrated threshold."""
    torch.set_num_threads(1)
    model = ClassicRewardModel.load(folder / "reward_model")
    results: dict[str, Any] = {}
    for name, answers in held_out_sets().items():
        logits = model.score_logits(list(map(to_judge_item, answers)))
        verdicts = [
            model.calibration.probability(logit) >= model.calibration.threshold for logit in logits
        ]
        results[name] = summarize(answers, verdicts)
        results[name]["calibration"] = measure_calibration(
            logits, [answer.label for answer in answers], model.calibration
        )
    return results


def measure_thinking(folder: Path) -> dict[str, Any]:
    """The reasoning model of a run, served with constrained decoding."""
    torch.set_num_threads(1)
    (checkpoint,) = [
        path
        for path in (folder / "checkpoints").iterdir()
        if json.loads((path / "manifest.json").read_text())["finished"]
    ]
    policy = load_policy(str(checkpoint / "policy"), device="cpu", dtype="float32")
    backend = EngineBackend(policy, identity=str(folder), reasoning_tokens=_REASONING_TOKENS)
    results: dict[str, Any] = {}
    for name, answers in held_out_sets().items():
        prompts = [build_judge_prompt(a.question, a.reference, a.response) for a in answers]
        replies = [str(reply) for reply in backend.complete(prompts, attempt=0)]
        parsed = [parse_verdict(reply) for reply in replies]
        results[name] = summarize(answers, [verdict is True for verdict in parsed])
        results[name]["unparsable"] = parsed.count(None)
        results[name]["examples"] = [
            {"reference": a.reference, "response": a.response, "label": a.label, "reply": reply}
            for a, reply in list(zip(answers, replies, strict=True))[:40]
        ]
    return results


def measure_rules() -> dict[str, Any]:
    """What needs no learning: a constant, string equality, a threshold on the edit distance."""
    fitted = list(
        make_judged_answers(split="train", seed=0, count=_FITTED_ON, answer_types=TRAINED)
    )
    threshold = fit_threshold(fitted)
    rules: dict[str, Callable[[JudgedAnswer], bool]] = {
        "always_no": lambda answer: False,
        "string_equality": lambda answer: answer.reference == answer.response,
        "edit_distance": lambda answer: distance(answer) <= threshold,
    }
    return {
        name: {
            set_name: summarize(answers, [rule(answer) for answer in answers])
            for set_name, answers in held_out_sets().items()
        }
        for name, rule in rules.items()
    }


def fit_threshold(answers: Sequence[JudgedAnswer]) -> float:
    """The edit distance up to which calling answers equal is right most often."""
    distances = [distance(answer) for answer in answers]

    def hits(threshold: float) -> int:
        return sum(
            (d <= threshold) == answer.label for d, answer in zip(distances, answers, strict=True)
        )

    return max(sorted(set(distances)), key=hits)


def distance(answer: JudgedAnswer) -> float:
    """Edit distance over the longer length, letter case and spacing ignored."""
    first, second = (
        "".join(text.casefold().split()) for text in (answer.reference, answer.response)
    )
    row = list(range(len(second) + 1))
    for i, char in enumerate(first, start=1):
        above, row = row, [i]
        for j, other in enumerate(second, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (char != other)))
    return row[-1] / max(len(first), len(second), 1)
