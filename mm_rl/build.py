"""The only chooser of implementations: from the typed configuration to objects."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import torch

from data_synth.seeding import derive_rng, derive_seed
from data_synth.sources.easy_vqa import load_easy_vqa
from data_synth.verify import demonstrate
from mm_rl.config import (
    REWARD_MODEL_STAGES,
    PretrainedModelConfig,
    PrioritizedSamplerConfig,
    TinyModelConfig,
    TrainConfig,
    UniformSamplerConfig,
)
from mm_rl.objective.advantages import Objective
from mm_rl.policy.model import Policy, load_policy
from mm_rl.policy.tiny import build_tiny_policy
from mm_rl.prompts.presentation import PresentedPromptSet
from mm_rl.prompts.prompt_set import (
    ListPromptSet,
    PromptSet,
    SyntheticPromptSet,
    read_prompt_set,
)
from mm_rl.reward.scorer import Scorer
from mm_rl.reward_models.training import ClassicRMStage, CoTRMStage, build_judged_prompts
from mm_rl.run import Run
from mm_rl.sampling.samplers import PrioritizedSampler, Sampler, UniformSampler
from mm_rl.stages.rl import RLStage
from mm_rl.stages.sft import SFTStage
from mm_rl.stages.supervised import SupervisedStage

# Problems whose texts the embedded policy's tokenizer is trained on.
_TOKENIZER_PROBLEMS = 1000


def build_device(name: str) -> str:
    """Resolve `device=auto`; refuse a GPU that is not there."""
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise ValueError(f"device={name}: torch sees no CUDA device; use device=cpu or device=auto")
    return name


def build_prompts(config: TrainConfig) -> dict[str, PromptSet]:
    """Prompt sets by role; splits never share an item."""
    if config.stages[0] in REWARD_MODEL_STAGES:
        return build_judged_prompts(config)
    data, sft = config.data, config.sft

    def synthetic(split: str, size: int, seed: int = config.seed) -> PromptSet:
        return SyntheticPromptSet(
            data.tasks,
            size=size,
            split=split,
            seed=seed,
            options={
                "level": data.level,
                "language": data.language,
                "image_size": data.image_size,
                "style": data.style,
                "degradation": data.degradation,
            },
        )

    prompts: dict[str, PromptSet] = {
        "demonstrations": synthetic("demonstrations", sft.num_demonstrations),
        # The evaluation set is the same for every seed, so that seeds can be compared on it.
        "eval": synthetic("eval", data.eval_size, seed=0),
        "train": read_prompt_set(Path(data.path))
        if data.path is not None
        else synthetic("train", data.train_size),
    }
    if data.presentation != "as_made":
        prompts = {
            role: PresentedPromptSet(prompt_set, data.presentation)
            for role, prompt_set in prompts.items()
        }
    if sft.easy_vqa_frac > 0 or config.rl.rehearsal_weight > 0:
        prompts["easy_vqa"] = ListPromptSet(load_easy_vqa("train"))
    if data.easy_vqa_eval_size > 0:
        problems = list(load_easy_vqa("test"))
        derive_rng("easy_vqa_eval").shuffle(problems)
        prompts["easy_vqa_eval"] = ListPromptSet(problems[: data.easy_vqa_eval_size])
    return prompts


def build_policy(config: TrainConfig, *, folder: Path, prompts: Mapping[str, PromptSet]) -> Policy:
    """Load the policy; the tiny one is first built below the run folder."""
    device = build_device(config.device)
    match config.model:
        case TinyModelConfig() as model:
            path = folder / "initial_policy"
            build_tiny_policy(
                path,
                texts=_tokenizer_texts(prompts),
                size=model,
                seed=derive_seed(config.seed, "weights"),
            )
            return load_policy(str(path), device=device, dtype=config.dtype)
        case PretrainedModelConfig(path=path_or_name):
            return load_policy(path_or_name, device=device, dtype=config.dtype)
    raise ValueError(f"model.kind={config.model.kind}: choose model=tiny or model=pretrained")


def _tokenizer_texts(prompts: Mapping[str, PromptSet]) -> Iterator[str]:
    for role in ("demonstrations", "easy_vqa"):
        if role in prompts:
            size = min(_TOKENIZER_PROBLEMS, len(prompts[role]))
            for problem in map(prompts[role].problem, range(size)):
                yield problem.question
                yield demonstrate(problem.verifier, problem.reasoning, problem.answer)


def build_sampler(config: TrainConfig, num_prompts: int) -> Sampler:
    """The configured sampler with its own generator."""
    rng = derive_rng(config.seed, "sampler")
    match config.sampler:
        case UniformSamplerConfig():
            return UniformSampler(num_prompts, rng=rng)
        case PrioritizedSamplerConfig(discount=discount, floor=floor):
            return PrioritizedSampler(num_prompts, rng=rng, discount=discount, floor=floor)
    raise ValueError(f"sampler.kind={config.sampler.kind}: choose sampler=uniform or prioritized")


def build_stage(name: str, run: Run) -> SupervisedStage | RLStage:
    """A stage at its start."""
    supervised = {stage.name: stage for stage in (SFTStage, ClassicRMStage, CoTRMStage)}
    if name in supervised:
        return supervised[name](run)
    return RLStage(
        run,
        sampler=build_sampler(run.config, len(run.prompts["train"])),
        scorer=Scorer(run.config.reward, run.judges),
        objective=Objective(run.config.objective),
    )
