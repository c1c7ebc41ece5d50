"""The classic reward model: a value head on a language model (k1.5 §2.3.5, after InstructGPT).

It reads question, reference and response, and the hidden state at the last token becomes one
number, the log-odds that the response is correct. A temperature and a threshold, fitted on
held-out items, turn it into a probability and a verdict.

    folder/backbone/           the model and its tokenizer, an ordinary Hugging Face folder
    folder/head.safetensors    the value head
    folder/calibration.json    temperature and threshold

Shape suffixes: B rows, T token positions, H hidden.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from data_synth.verify.verdict import Verdict
from mm_rl.files import atomic_folder, write_json
from mm_rl.policy.batch import TrainBatch, TrainRow, micro_batches
from mm_rl.policy.model import EncodedPrompt, Policy, load_policy
from mm_rl.reward_models.calibration import Calibration
from mm_rl.reward_models.judge import JudgeItem
from mm_rl.reward_models.protocol import (
    MAX_QUESTION_CHARS,
    MAX_RESPONSE_CHARS,
    escape,
    sanitize,
)
from mm_rl.reward_models.refusal import degenerate

_MAX_TOKENS_PER_BATCH = 16384


def format_item(question: str, reference: str, response: str) -> str:
    """What the model reads, in training and in serving: three escaped texts, one per line.

    Raises:
        ValueError: reference or response exceed `MAX_RESPONSE_CHARS`.
    """
    texts = [sanitize(question[: 2 * MAX_QUESTION_CHARS])[:MAX_QUESTION_CHARS]]
    for name, text in (("reference", reference), ("response", response)):
        cleaned = sanitize(text)
        if len(cleaned) > MAX_RESPONSE_CHARS:
            raise ValueError(
                f"{name} {cleaned[:40]!r}... has {len(cleaned)} characters, a reward model "
                f"compares at most {MAX_RESPONSE_CHARS}: give the final answer alone"
            )
        texts.append(cleaned)
    return "\n".join(map(escape, texts))


class ValueHead(nn.Module):
    """One linear unit on a hidden state."""

    def __init__(self, hidden_size: int, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.linear = nn.Linear(hidden_size, 1)
        with torch.no_grad():
            self.linear.weight.normal_(0.0, hidden_size**-0.5, generator=generator)
            self.linear.bias.zero_()

    def forward(self, hidden_BH: Tensor) -> Tensor:
        """`[B]` scores in float32."""
        return self.linear(hidden_BH.float()).squeeze(-1)


class ClassicRewardModel:
    """A policy's language model with a value head.

    Args:
        policy: any causal or vision-language model; only its text path is used.
        head: of the model's hidden size.
        calibration: identity before one was fitted.
    """

    def __init__(
        self, policy: Policy, head: ValueHead, calibration: Calibration | None = None
    ) -> None:
        self.policy, self.head = policy, head.to(policy.device)
        self.calibration = calibration if calibration is not None else Calibration()

    @classmethod
    def fresh(cls, policy: Policy, *, seed: int) -> "ClassicRewardModel":
        """With an untrained head."""
        hidden_size = policy.model.config.get_text_config().hidden_size
        generator = torch.Generator().manual_seed(seed)
        return cls(policy, ValueHead(hidden_size, generator=generator))

    def encode(self, item: JudgeItem, *, label: bool = False) -> TrainRow:
        """A row whose last token, the end token, is where the score is read.

        The label takes the place that a policy loss has for its advantage.
        """
        text = format_item(item.question, item.reference, item.response)
        ids = self.policy.tokenizer(text, add_special_tokens=False)["input_ids"]
        return TrainRow(
            prompt=EncodedPrompt(token_ids=tuple(ids), vision={}),
            token_ids=(min(self.policy.end_ids),),
            advantage=float(label),
        )

    def logits(self, batch: TrainBatch) -> Tensor:
        """`[B]` log-odds that the response is correct."""
        with self.policy.autocast():
            hidden_BTH = self.policy.hidden_states(batch.tokens_BT, {})
        return self.head(hidden_BTH[batch.mask_BT.bool()])

    @torch.no_grad()
    def score_logits(self, items: Sequence[JudgeItem]) -> list[float]:
        """Uncalibrated log-odds in the order of the items.

        Each distinct item is computed once, in batches of one length, so that a score does not
        depend on what padding its neighbours would need.
        """
        self.policy.model.eval()
        rows = {item: self.encode(item) for item in items}
        by_length: dict[int, list[JudgeItem]] = {}
        for item, row in rows.items():
            by_length.setdefault(row.num_tokens, []).append(item)
        scores: dict[JudgeItem, float] = {}
        for same_length in by_length.values():
            batches = micro_batches(
                [rows[item] for item in same_length],
                max_tokens=_MAX_TOKENS_PER_BATCH,
                policy=self.policy,
            )
            values = [value for batch in batches for value in self.logits(batch).tolist()]
            scores.update(zip(same_length, values, strict=True))
        return [scores[item] for item in items]

    def score(self, items: Sequence[JudgeItem]) -> list[float]:
        """Calibrated probabilities that the responses are correct."""
        return [self.calibration.probability(logit) for logit in self.score_logits(items)]

    def save(self, folder: Path) -> None:
        """Write the model to a folder, which must not exist."""
        with atomic_folder(folder) as temporary:
            self.policy.save(temporary / "backbone")
            state = {name: tensor.cpu() for name, tensor in self.head.state_dict().items()}
            save_file(state, temporary / "head.safetensors")
            write_json(temporary / "calibration.json", asdict(self.calibration))

    @classmethod
    def load(
        cls, folder: Path, *, device: str = "cpu", dtype: str = "float32"
    ) -> "ClassicRewardModel":
        """Read a folder of `save`.

        Raises:
            ValueError: the folder holds no classic reward model.
        """
        try:
            state: Mapping[str, Tensor] = load_file(folder / "head.safetensors")
            calibration = Calibration(**json.loads((folder / "calibration.json").read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise ValueError(
                f"{folder} is no classic reward model: {error}; give the reward_model folder of a "
                "finished run of stage classic_rm"
            ) from error
        policy = load_policy(str(folder / "backbone"), device=device, dtype=dtype)
        head = ValueHead(state["linear.weight"].shape[1])
        head.load_state_dict(state)
        return cls(policy, head, calibration)


class ClassicJudge:
    """Serves a classic reward model: one verdict per call, cached by content, for many threads.

    Example:
        judge = ClassicJudge(ClassicRewardModel.load(folder)); judge("How many?", "7", "7.0")
    """

    def __init__(self, model: ClassicRewardModel, *, name: str = "classic") -> None:
        self.model, self.name = model, name
        self._probabilities: dict[JudgeItem, float] = {}
        self._lock = threading.Lock()

    def __call__(self, question: str, reference: str, response: str) -> Verdict:
        """The verdict on an extracted answer: correct at or above the calibrated threshold.

        Raises:
            ValueError: the reference is too long to be judged.
        """
        if degenerate(response, question, reference) is not None:
            return Verdict(correct=False, reason="judge_refused")
        item = JudgeItem(question=question, reference=reference, response=response)
        with self._lock:
            if item not in self._probabilities:
                (self._probabilities[item],) = self.model.score([item])
            probability = self._probabilities[item]
        correct = probability >= self.model.calibration.threshold
        return Verdict(correct=correct, reason="judged_right" if correct else "judged_wrong")
