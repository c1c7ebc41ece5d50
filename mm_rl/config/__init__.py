"""The typed configuration: every key, its default and its checks.

Defaults live here and nowhere else; YAML under `conf/` holds what differs. Classes have slots, so a
key that slipped past composition (`+rl.typo=1`) fails when the tree is turned into objects. Imports
no torch: composing and printing a configuration takes a fraction of a second.
"""

from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from mm_rl.config.checks import require
from mm_rl.config.reward import (
    JudgeConfig,
    LengthRewardConfig,
    RewardConfig,
    SecondOpinionConfig,
)
from mm_rl.objective.names import Baseline, ObjectiveKind

__all__ = [
    "DTYPES",
    "REWARD_MODEL_STAGES",
    "STAGES",
    "CheckpointConfig",
    "DataConfig",
    "EvalConfig",
    "JudgeConfig",
    "LengthRewardConfig",
    "ModelConfig",
    "ObjectiveConfig",
    "OptimConfig",
    "PretrainedModelConfig",
    "PrioritizedSamplerConfig",
    "RLConfig",
    "RewardConfig",
    "RewardModelConfig",
    "RolloutConfig",
    "SFTConfig",
    "SamplerConfig",
    "SecondOpinionConfig",
    "TinyModelConfig",
    "TrainConfig",
    "UniformSamplerConfig",
    "register_configs",
    "to_config",
    "to_plain",
]

STAGES = ("sft", "rl")
REWARD_MODEL_STAGES = ("classic_rm", "cot_rm")
DTYPES = ("float32", "bfloat16")


@dataclass(kw_only=True, slots=True)
class ModelConfig:
    """Which policy: a variant of conf/model."""

    kind: str = MISSING
    """`tiny` is built here from nothing; `pretrained` is loaded."""


@dataclass(kw_only=True, slots=True)
class TinyModelConfig(ModelConfig):
    """The embedded Idefics3, initialised from the run's seed."""

    kind: str = "tiny"
    image_size: int = 64
    """Side of the square input in pixels."""
    patch_size: int = 16
    """Side of a patch; each becomes one image token."""
    hidden_size: int = 128
    num_layers: int = 3
    num_heads: int = 4
    vision_hidden_size: int = 96
    vision_layers: int = 2
    max_positions: int = 1024
    vocab_size: int = 768
    """Upper bound of the tokenizer's size."""

    def __post_init__(self) -> None:
        require(
            self.image_size % self.patch_size == 0,
            "model.patch_size",
            self.patch_size,
            f"must divide model.image_size={self.image_size}",
        )


@dataclass(kw_only=True, slots=True)
class PretrainedModelConfig(ModelConfig):
    """Any AutoModelForImageTextToText."""

    kind: str = "pretrained"
    path: str = MISSING
    """Hub name or local folder, such as a checkpoint's `policy/`."""


@dataclass(kw_only=True, slots=True)
class DataConfig:
    """What the policy is asked: a variant of conf/data."""

    tasks: dict[str, float] = field(default_factory=dict)
    """Weight of each synthetic task; `python -m data_synth tasks` lists them."""
    path: str | None = None
    """A parquet folder of problems to use for RL prompts instead of generated ones."""
    level: int = 0
    """Difficulty level of generated problems, 0 to 4."""
    image_size: int = 64
    """Width of generated images in pixels."""
    language: str = "en"
    """Language of generated questions: en or zh."""
    style: str = "plain"
    """Look of generated images: plain, or varied (fonts, colours and strokes drawn per item)."""
    degradation: float = 0.0
    """Photo-like degradation of generated images, 0 to 1."""
    presentation: str = "as_made"
    """`text`: ask rendered problems as the text they show; `image`: render text problems."""
    train_size: int = 1_000_000
    """Generated RL prompts; made on demand, so the number costs nothing."""
    eval_size: int = 240
    """Held-out problems per evaluation, of a split that training never sees."""
    easy_vqa_eval_size: int = 0
    """Questions of easy-vqa's own test split to evaluate on as well."""
    blind: bool = False
    """Control: replace every image by a blank one, in training and evaluation."""

    def __post_init__(self) -> None:
        require(0 <= self.level <= 4, "data.level", self.level, "choose 0 to 4")
        require(self.language in ("en", "zh"), "data.language", self.language, "choose en or zh")
        require(
            self.style in ("plain", "varied"), "data.style", self.style, "choose plain or varied"
        )
        require(0 <= self.degradation <= 1, "data.degradation", self.degradation, "choose 0 to 1")
        require(
            self.presentation in ("as_made", "text", "image"),
            "data.presentation",
            self.presentation,
            "choose as_made, text or image",
        )
        require(self.eval_size >= 1, "data.eval_size", self.eval_size, "must be at least 1")


@dataclass(kw_only=True, slots=True)
class OptimConfig:
    """AdamW."""

    lr: float = 1.0e-3
    beta1: float = 0.9
    beta2: float = 0.95
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    warmup_steps: int = 0
    """Steps of linear learning-rate warm-up; in RL counted anew after every optimizer reset."""


@dataclass(kw_only=True, slots=True)
class SFTConfig:
    """Supervised fine-tuning on demonstrations: the warm-up before RL (k1.5 §2.2, §2.5.2)."""

    steps: int = 500
    batch_size: int = 64
    num_demonstrations: int = 4096
    """Different problems in the set; batches repeat them epoch after epoch."""
    answer_only_frac: float = 0.0
    """Share of demonstrations that give the answer without any reasoning."""
    answer_only_from: float = 0.0
    """Share of the stage before which those, too, are shown with their reasoning: reading pictures
    is learned from reasoning, which names what it sees, much faster than from bare answers."""
    easy_vqa_frac: float = 0.0
    """Share of every batch that comes from easy-vqa's training split (answer only)."""
    max_tokens_per_micro_batch: int = 2048
    decay: bool = True
    """Cosine decay of the learning rate to a tenth."""
    optim: OptimConfig = field(default_factory=OptimConfig)

    def __post_init__(self) -> None:
        for name in ("answer_only_frac", "answer_only_from", "easy_vqa_frac"):
            value = getattr(self, name)
            require(0 <= value <= 1, f"sft.{name}", value, "is a share between 0 and 1")
        require(self.batch_size >= 1, "sft.batch_size", self.batch_size, "must be at least 1")


@dataclass(kw_only=True, slots=True)
class RolloutConfig:
    """How completions are sampled."""

    max_total_tokens: int = 128
    """Cap on a completion over all of its segments; reaching it earns nothing."""
    max_segment_tokens: int | None = None
    """Output-token budget of a completion per iteration (§2.6.2); null: no partial rollouts."""
    max_rows: int = 256
    """Completions that run at the same time."""
    stop_repetition: bool = True
    """End a completion early when its tail repeats one block exactly."""

    def __post_init__(self) -> None:
        budget = self.max_segment_tokens
        require(
            budget is None or budget >= 1,
            "rollout.max_segment_tokens",
            budget,
            "must be at least 1, or null for no partial rollouts",
        )
        require(
            self.max_total_tokens >= 1,
            "rollout.max_total_tokens",
            self.max_total_tokens,
            "must be at least 1",
        )
        require(self.max_rows >= 1, "rollout.max_rows", self.max_rows, "must be at least 1")


@dataclass(kw_only=True, slots=True)
class ObjectiveConfig:
    """Which policy loss: a variant of conf/objective."""

    kind: ObjectiveKind = MISSING
    baseline: Baseline = Baseline.MEAN
    """Subtracted from a group's rewards; ReST has none."""
    tau: float = 0.1
    """Strength of the pull to the iteration's first weights; log_mean_exp needs it too."""
    clip_low: float = 0.2
    """GRPO only: lower clip of the ratio, 1 - clip_low."""
    clip_high: float = 0.2
    """GRPO only: upper clip of the ratio, 1 + clip_high."""

    def __post_init__(self) -> None:
        require(self.tau >= 0, "objective.tau", self.tau, "must not be negative")
        require(
            self.baseline != Baseline.LOG_MEAN_EXP or self.tau > 0,
            "objective.tau",
            self.tau,
            "baseline=log_mean_exp divides by it; set it above 0 or take baseline=mean",
        )


@dataclass(kw_only=True, slots=True)
class SamplerConfig:
    """How prompts are chosen: a variant of conf/sampler."""

    kind: str = MISSING


@dataclass(kw_only=True, slots=True)
class UniformSamplerConfig(SamplerConfig):
    """Every prompt equally often."""

    kind: str = "uniform"


@dataclass(kw_only=True, slots=True)
class PrioritizedSamplerConfig(SamplerConfig):
    """P proportional to 1 - success rate (§2.3.4)."""

    kind: str = "prioritized"
    discount: float = 0.9
    """Factor on a prompt's old counts at each visit."""
    floor: float = 0.02
    """Smallest weight of a prompt."""

    def __post_init__(self) -> None:
        require(0 < self.floor <= 1, "sampler.floor", self.floor, "must be in (0, 1]")
        require(0 < self.discount <= 1, "sampler.discount", self.discount, "must be in (0, 1]")


@dataclass(kw_only=True, slots=True)
class RLConfig:
    """The k1.5 loop (§2.3.2)."""

    iterations: int = 60
    prompts_per_iteration: int = 32
    """New groups per iteration; unfinished ones of earlier iterations go on beside them."""
    group_size: int = 8
    """Responses per prompt, k."""
    inner_steps: int = 4
    """Optimizer steps per iteration, each on its share of whole groups."""
    reset_optimizer: bool = True
    """Start every iteration with a fresh optimizer: its objective has a new reference."""
    drop_zero_spread: bool = True
    """Leave out groups whose rewards are all equal: their gradient is zero at the first step."""
    rehearsal_weight: float = 0.0
    """Advantage of easy-vqa demonstrations that join every inner step; 0: none, as in the paper.
    They keep alive what the RL prompts do not ask for."""
    rehearsal_size: int = 16
    """How many of them join an inner step."""
    max_tokens_per_micro_batch: int = 2048
    optim: OptimConfig = field(default_factory=lambda: OptimConfig(lr=1.0e-4, warmup_steps=2))

    def __post_init__(self) -> None:
        require(
            self.group_size >= 2,
            "rl.group_size",
            self.group_size,
            "a baseline needs at least 2 responses per prompt",
        )
        require(self.inner_steps >= 1, "rl.inner_steps", self.inner_steps, "must be at least 1")
        require(
            self.prompts_per_iteration >= 1,
            "rl.prompts_per_iteration",
            self.prompts_per_iteration,
            "must be at least 1",
        )


@dataclass(kw_only=True, slots=True)
class RewardModelConfig:
    """Labelled answers for the stages `classic_rm` and `cot_rm`; their steps are those of `sft`."""

    path: str | None = None
    """A parquet file of labelled answers (`mm_rl.reward_models.data.JudgedAnswer`) to train on
    instead of generated ones, `sft.num_demonstrations` many."""
    answer_types: list[str] = field(default_factory=list)
    """Answer types to train on; empty: all but those held out for testing."""
    eval_size: int = 400
    """Labelled answers of the validation split; the classic model is calibrated on half of them."""
    read_prompts_frac: float = 0.0
    """cot_rm: share of the stage, from its start, in which the tokens of the prompt are learned as
    well. A model from nothing learns to copy from them, long before it can compare."""

    def __post_init__(self) -> None:
        require(self.eval_size >= 2, "reward_model.eval_size", self.eval_size, "give 2 or more")


@dataclass(kw_only=True, slots=True)
class EvalConfig:
    """Greedy evaluation on the held-out split."""

    every: int = 20
    """RL iterations between evaluations; 0: only at the end of each stage."""
    every_sft_steps: int = 0
    """SFT steps between evaluations; 0: only at the end."""
    controls: bool = True
    """At the end of a stage, evaluate twice more: sampled at temperature 1, and with every image
    blanked."""


@dataclass(kw_only=True, slots=True)
class CheckpointConfig:
    """When the run can be killed without losing much."""

    every: int = 10
    """RL iterations between checkpoints."""
    every_sft_steps: int = 100
    """SFT steps between checkpoints."""
    keep: int = 2
    """Newest checkpoints kept; the end of each stage is always kept."""

    def __post_init__(self) -> None:
        for name in ("every", "every_sft_steps", "keep"):
            value = getattr(self, name)
            require(value >= 1, f"checkpoint.{name}", value, "must be at least 1")


@dataclass(kw_only=True, slots=True)
class TrainConfig:
    """The whole tree, as `python -m mm_rl.train` composes it."""

    name: str = "run"
    """Folder of the run under `outputs/`."""
    seed: int = 0
    device: str = "cpu"
    """`cpu`, `cuda`, `cuda:1`, or `auto`: the first GPU if there is one."""
    dtype: str = "float32"
    """Compute precision; weights and optimizer stay float32."""
    threads: int = 0
    """CPU threads; 0 leaves the choice to torch."""
    stages: list[str] = field(default_factory=lambda: list(STAGES))
    """Stages to run, in order."""
    resume: str | None = None
    """`auto`: go on with the newest unfinished run of this name, or start; or a run folder."""
    run_dir: str | None = None
    """Run folder; default `outputs/<name>/<time>`."""
    save_rollouts: bool = True
    """Keep every completion as parquet; the report's gallery shows them."""
    model: ModelConfig = MISSING
    data: DataConfig = field(default_factory=DataConfig)
    sft: SFTConfig = field(default_factory=SFTConfig)
    rl: RLConfig = field(default_factory=RLConfig)
    rollout: RolloutConfig = field(default_factory=RolloutConfig)
    reward: RewardConfig = field(default_factory=RewardConfig)
    objective: ObjectiveConfig = MISSING
    sampler: SamplerConfig = MISSING
    reward_model: RewardModelConfig = field(default_factory=RewardModelConfig)
    eval: EvalConfig = field(default_factory=EvalConfig)
    checkpoint: CheckpointConfig = field(default_factory=CheckpointConfig)

    def __post_init__(self) -> None:
        # A reward model is a run of its own: it learns from other prompts than a policy.
        alone = [[stage] for stage in REWARD_MODEL_STAGES]
        known = set(self.stages) <= set(STAGES) or self.stages in alone
        require(
            known,
            "stages",
            self.stages,
            f"choose from {', '.join(STAGES)}, or one of {', '.join(REWARD_MODEL_STAGES)} alone",
        )
        require(self.dtype in DTYPES, "dtype", self.dtype, f"choose from {', '.join(DTYPES)}")
        require(
            self.rl.prompts_per_iteration <= self.data.train_size,
            "rl.prompts_per_iteration",
            self.rl.prompts_per_iteration,
            f"an iteration draws different prompts, and data.train_size={self.data.train_size}",
        )


def register_configs() -> None:
    """Make the schemas known to Hydra under the names that conf/ refers to."""
    store = ConfigStore.instance()
    store.store(name="train_schema", node=TrainConfig)
    for group, name, node in (
        ("model", "tiny_schema", TinyModelConfig),
        ("model", "pretrained_schema", PretrainedModelConfig),
        ("objective", "objective_schema", ObjectiveConfig),
        ("sampler", "uniform_schema", UniformSamplerConfig),
        ("sampler", "prioritized_schema", PrioritizedSamplerConfig),
    ):
        store.store(group=group, name=name, node=node)


def to_config(composed: DictConfig) -> TrainConfig:
    """Turn a composed tree into checked objects.

    Raises:
        ValueError: a key is unknown, a value has the wrong type, or a check fails; names the key.
    """
    try:
        config = OmegaConf.to_object(composed)
    except (OmegaConfBaseException, AttributeError, TypeError) as error:
        # Slots turn a key that was forced in with `+` into one of these.
        raise ValueError(f"configuration: {str(error).splitlines()[0]}") from error
    assert isinstance(config, TrainConfig)
    return config


def to_plain(config: Any) -> Any:
    """Dataclasses as plain dicts and lists, for `config.json`."""
    if is_dataclass(config) and not isinstance(config, type):
        return {item.name: to_plain(getattr(config, item.name)) for item in fields(config)}
    if isinstance(config, dict):
        return {key: to_plain(value) for key, value in config.items()}
    if isinstance(config, list):
        return [to_plain(value) for value in config]
    return config.value if isinstance(config, Enum) else config
