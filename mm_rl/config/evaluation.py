"""Evaluation while training, and on its own."""

from dataclasses import dataclass, field

from mm_rl.config.checks import require

HELD_OUT = "held_out"
"""The benchmark of the project's own held-out problems (`data.eval_size` of `data.tasks`)."""
TAGS = ("source", "domain", "discipline", "modality", "difficulty", "answer_type")


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
class BenchmarkConfig:
    """One set to evaluate on."""

    path: str | None = None
    """A local copy in the published schema, to read instead of the hub."""
    split: str | None = None
    """Another split than the one that results are reported on. A set that is no benchmark has no
    such split, and needs this."""
    limit: int | None = None
    """At most this many problems, the first ones."""
    max_tokens: int | None = None
    """Cap on a completion here; null: `evaluation.max_tokens`."""

    def __post_init__(self) -> None:
        require(
            self.limit is None or self.limit >= 1,
            "evaluation.benchmarks.*.limit",
            self.limit,
            "give 1 or more, or null for all problems",
        )
        require(
            self.max_tokens is None or self.max_tokens >= 1,
            "evaluation.benchmarks.*.max_tokens",
            self.max_tokens,
            "give 1 or more, or null for evaluation.max_tokens",
        )


@dataclass(kw_only=True, slots=True)
class EvaluateConfig:
    """The stage `evaluate`: several samples per problem, on held-out problems and benchmarks."""

    benchmarks: dict[str, BenchmarkConfig] = field(default_factory=dict)
    """What to evaluate on: `held_out`, or names that `python -m data_synth sources` lists, as in
    `+evaluation.benchmarks={mmmu:{},held_out:{limit:50}}`. Empty: `held_out` alone, which is not
    the default itself, for what is composed is merged into that."""
    samples: int = 8
    """Completions per problem."""
    temperature: float = 1.0
    """0 gives every sample of a problem the same text: pass@1 alone is then meaningful."""
    max_tokens: int | None = None
    """Cap on a completion, which counts as wrong if it is cut there; null:
    `rollout.max_total_tokens`. The share of cut completions is reported."""
    ks: list[int] = field(default_factory=lambda: [1, 2, 4, 8])
    """pass@k and maj@k for these k; those above `samples` are left out."""
    budgets: list[int] = field(default_factory=list)
    """Truncation budgets in tokens: a longer completion counts as wrong. Empty: eight budgets
    spaced evenly up to the cap."""
    confidence: float = 0.95
    """Level of the confidence intervals."""
    by_tags: list[str] = field(default_factory=lambda: ["source", "domain", "difficulty"])
    """Tags to break accuracy down by."""
    consistency: bool = False
    """Ask every problem that has both forms also in its other form, as text or as an image; this
    samples those problems a second time."""

    def __post_init__(self) -> None:
        require(self.samples >= 1, "evaluation.samples", self.samples, "must be at least 1")
        require(
            self.temperature >= 0, "evaluation.temperature", self.temperature, "must be 0 or more"
        )
        require(
            self.max_tokens is None or self.max_tokens >= 1,
            "evaluation.max_tokens",
            self.max_tokens,
            "give 1 or more, or null for rollout.max_total_tokens",
        )
        for name in ("ks", "budgets"):
            values = getattr(self, name)
            require(min(values, default=1) >= 1, f"evaluation.{name}", values, "give 1 or more")
        require(
            0 < self.confidence < 1,
            "evaluation.confidence",
            self.confidence,
            "choose between 0 and 1, such as 0.95",
        )
        require(
            set(self.by_tags) <= set(TAGS),
            "evaluation.by_tags",
            self.by_tags,
            f"choose from {', '.join(TAGS)}",
        )
