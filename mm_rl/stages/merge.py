"""Model merging: the average of a long and a short policy's weights, without training (k1.5 §2.4).

Two policies can be averaged only if they are the same function of their weights and read the same
tokens; whatever differs is named before anything is touched.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch

from mm_rl.policy.model import Policy, load_policy
from mm_rl.run import Run
from mm_rl.stages.base import Stage
from mm_rl.stages.next_token import describe_scores

# Fields of a configuration that do not change what the weights compute.
_FREE_FIELDS = frozenset(
    (
        *("_name_or_path", "transformers_version", "dtype", "torch_dtype", "use_cache"),
        *("_attn_implementation", "attn_implementation", "return_dict", "architectures"),
        *("output_attentions", "output_hidden_states", "initializer_range"),
    )
)
_SHOWN = 4


class MergeStage(Stage):
    """Averages the run's policy, the long one, with the policy at `merge.path`."""

    name = "merge"

    def __init__(self, run: Run) -> None:
        self.run_, self.config = run, run.config.merge

    def run(self) -> None:
        """Evaluate, merge, evaluate, and write the result.

        Raises:
            ValueError: no policy to merge with, or one that does not fit.
        """
        run, config = self.run_, self.config
        if not config.path:
            raise ValueError(
                "merge.path is empty: give the policy folder of a checkpoint to merge with, such "
                "as outputs/sft/<time>/checkpoints/<checkpoint>/policy"
            )
        other = load_policy(
            config.path,
            device=str(run.policy.device),
            dtype=run.config.dtype,
            key="merge.path",
        )
        differences = find_differences(run.policy, other)
        if differences:
            raise ValueError(
                f"merge.path={config.path} does not fit the run's policy: "
                f"{'; '.join(differences)}. Merge two checkpoints that were trained from the same "
                "model"
            )
        run.evaluate(self.name, 0, final=False)
        distance = average_(run.policy, other, weight=config.weight)
        run.engine.update_weights(1)
        run.metrics.log(self.name, 1, {"merge/weight": config.weight, "merge/distance": distance})
        print(f"{self.name}: {describe_scores(run.evaluate(self.name, 1, final=True))}", flush=True)
        run.save_checkpoint(self.name, 1, self.state_dict(), finished=True)


@torch.no_grad()
def average_(policy: Policy, other: Policy, *, weight: float) -> float:
    """Replace every weight w of `policy` by `weight * w + (1 - weight) * w_other`.

    Tied weights are one parameter and stay one.

    Returns:
        Root mean square of the difference of the two policies' weights.
    """
    others = dict(other.model.named_parameters())
    squares, count = 0.0, 0
    for name, parameter in policy.model.named_parameters():
        theirs = others[name]
        squares += float((parameter.double() - theirs.double()).square().sum())
        count += parameter.numel()
        parameter.copy_(weight * parameter + (1 - weight) * theirs)
    return float((squares / count) ** 0.5)


def find_differences(policy: Policy, other: Policy) -> list[str]:
    """What keeps two policies from being averaged, in words; empty if nothing does."""
    return [
        *_compare_classes(policy, other),
        *_compare_configs(policy.model.config.to_dict(), other.model.config.to_dict()),
        *_compare_tokenizers(policy, other),
        *_compare_parameters(policy, other),
    ]


def _compare_classes(policy: Policy, other: Policy) -> Iterator[str]:
    mine, theirs = type(policy.model).__name__, type(other.model).__name__
    if mine != theirs:
        yield f"architecture {mine} against {theirs}"


def _compare_configs(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    left, right = dict(_flatten(mine)), dict(_flatten(theirs))
    changed = [
        f"config.{key} {left.get(key)!r} against {right.get(key)!r}"
        for key in sorted(left.keys() | right.keys())
        if left.get(key) != right.get(key)
    ]
    yield from _shorten(changed)


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if key in _FREE_FIELDS:
            continue
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _compare_tokenizers(policy: Policy, other: Policy) -> Iterator[str]:
    mine, theirs = policy.tokenizer.get_vocab(), other.tokenizer.get_vocab()
    changed = sorted(
        token for token in mine.keys() | theirs.keys() if mine.get(token) != theirs.get(token)
    )
    if changed:
        yield (
            f"tokenizer: {len(changed)} tokens differ, such as {changed[0]!r} "
            f"({mine.get(changed[0])} against {theirs.get(changed[0])})"
        )
    specials = policy.tokenizer.special_tokens_map, other.tokenizer.special_tokens_map
    if specials[0] != specials[1]:
        yield f"special tokens {specials[0]} against {specials[1]}"
    if policy.end_ids != other.end_ids:
        yield f"end tokens {sorted(policy.end_ids)} against {sorted(other.end_ids)}"
    templates = [getattr(p.processor, "chat_template", None) for p in (policy, other)]
    if templates[0] != templates[1]:
        yield "the chat templates"


def _compare_parameters(policy: Policy, other: Policy) -> Iterator[str]:
    left, right = (
        {name: f"{tuple(p.shape)} {p.dtype}" for name, p in each.model.named_parameters()}
        for each in (policy, other)
    )
    changed = [
        f"parameter {name} {left.get(name, 'missing')} against {right.get(name, 'missing')}"
        for name in sorted(left.keys() | right.keys())
        if left.get(name) != right.get(name)
    ]
    yield from _shorten(changed)


def _shorten(differences: list[str]) -> Iterator[str]:
    yield from differences[:_SHOWN]
    if len(differences) > _SHOWN:
        yield f"and {len(differences) - _SHOWN} more of this kind"
