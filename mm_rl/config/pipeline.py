"""A chain of runs: the recipe from its first stage to its last."""

from dataclasses import dataclass, field

from mm_rl.config.checks import require


@dataclass(kw_only=True, slots=True)
class StepConfig:
    """One run of the chain."""

    experiment: str | None = None
    """Option of conf/experiment that the step runs, such as `k15/sft`."""
    policy: str | None = None
    """Earlier step whose final policy this one starts from; null: the configured model."""
    settings: list[str] = field(default_factory=list)
    """Overrides that make it a step of this chain. `<STEP:policy>` stands for the final policy of
    an earlier step, `<STEP:curated>` for the problems that it curated."""
    overrides: list[str] = field(default_factory=list)
    """Further overrides of this step, for the command line:
    `"pipeline.steps.rl.overrides=['rl.iterations=40']"`."""


@dataclass(kw_only=True, slots=True)
class PipelineConfig:
    """Runs that follow each other; each starts from the results of earlier ones."""

    steps: dict[str, StepConfig] = field(default_factory=dict)
    """By name, in order; empty: a single run. `~pipeline.steps.NAME` drops a step."""
    overrides: list[str] = field(default_factory=list)
    """Overrides of every step; those of the command line are added behind them. `model.*` goes to
    the steps that build their policy."""
    frontier: list[str] = field(default_factory=list)
    """Steps to compare in the figure of accuracy over length (paper Fig. 7)."""

    def __post_init__(self) -> None:
        earlier: list[str] = []
        for name, step in self.steps.items():
            require(
                name.replace("_", "").isalnum(), "pipeline.steps", name, "use letters, digits and _"
            )
            require(
                step.policy is None or step.policy in earlier,
                f"pipeline.steps.{name}.policy",
                step.policy,
                f"choose one of the steps before it: {', '.join(earlier) or 'none'}",
            )
            earlier.append(name)
        for name in self.frontier:
            require(name in earlier, "pipeline.frontier", name, f"choose from {', '.join(earlier)}")
