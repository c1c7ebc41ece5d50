"""The only chooser of implementations: from the typed configuration to objects."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import torch

from data_synth.seeding import derive_rng, derive_seed
from data_synth.sources import SOURCES
from data_synth.sources.easy_vqa import load_easy_vqa
from data_synth.traces import Behaviour, make_trace
from data_synth.verify import demonstrate
from mm_rl.config import (
    REWARD_MODEL_STAGES,
    CurriculumSamplerConfig,
    PretrainedModelConfig,
    PrioritizedSamplerConfig,
    TinyModelConfig,
    TrainConfig,
    UniformSamplerConfig,
)
from mm_rl.curation.stage import CurateStage
from mm_rl.evaluation.stage import EvaluateStage
from mm_rl.objective.advantages import Objective
from mm_rl.policy.model import Policy, load_policy
from mm_rl.policy.tiny import build_tiny_policy
from mm_rl.prompts.combined import ChosenPrompts, JoinedPromptSet
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
from mm_rl.sampling.base import Sampler
from mm_rl.sampling.curriculum import CurriculumSampler
from mm_rl.sampling.prioritized import PrioritizedSampler
from mm_rl.sampling.strata import ENUMERABLE
from mm_rl.sampling.uniform import UniformSampler
from mm_rl.stages.base import Stage
from mm_rl.stages.cooldown import CooldownStage
from mm_rl.stages.dpo import DPOStage
from mm_rl.stages.longcot import LongCoTStage
from mm_rl.stages.longctx import LongContextStage
from mm_rl.stages.merge import MergeStage
from mm_rl.stages.pretrain import PretrainStage
from mm_rl.stages.rl import RLStage
from mm_rl.stages.sft import SFTStage
from mm_rl.stages.shortest import ShortestStage

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
    }
    sources = JoinedPromptSet(list(map(_read_source, data.sources, data.sources.values())))
    room = _candidates_besides(config, num_sources=len(sources))
    first = (
        read_prompt_set(Path(data.path))
        if data.path is not None
        else synthetic("train", data.train_size if room is None else min(room, data.train_size))
    )
    prompts["train"] = JoinedPromptSet([first, sources]) if data.sources else first
    if data.presentation != "as_made":
        prompts = {
            role: PresentedPromptSet(prompt_set, data.presentation)
            for role, prompt_set in prompts.items()
        }
    if "curate" in config.stages:
        # Candidates are not trusted yet: preflight must not stop at what curation is to find.
        whole = prompts.pop("train")
        chosen = [*range(len(first))[:room], *range(len(first), len(whole))]
        prompts["pool"] = ChosenPrompts(whole, chosen)
    if sft.easy_vqa_frac > 0 or config.rl.rehearsal_weight > 0:
        prompts["easy_vqa"] = ListPromptSet(load_easy_vqa("train"))
    if data.easy_vqa_eval_size > 0:
        problems = list(load_easy_vqa("test"))
        derive_rng("easy_vqa_eval").shuffle(problems)
        prompts["easy_vqa_eval"] = ListPromptSet(problems[: data.easy_vqa_eval_size])
    return prompts


def _candidates_besides(config: TrainConfig, *, num_sources: int) -> int | None:
    """How many candidates may be generated, or of `data.path`, besides those of `data.sources`.

    None: as many as there are.

    Raises:
        ValueError: candidates without an end, or a part that could give none.
    """
    limit, path = config.curation.num_candidates, config.data.path
    if "curate" not in config.stages or (limit is None and path is not None):
        return None
    if limit is None:
        raise ValueError(
            "curation.num_candidates=null: generated candidates have no end; give their number, "
            "those of data.sources included, or stored ones by data.path"
        )
    room = limit - num_sources
    if room < 0 or (room == 0 and path is not None):
        raise ValueError(
            f"curation.num_candidates={limit}: data.sources={config.data.sources} alone give "
            f"{num_sources}; raise it above that, or ask for fewer"
        )
    return room


def _read_source(name: str, count: int) -> PromptSet:
    """The first problems of a data set's training split.

    Raises:
        ValueError: an unknown set, one for evaluation only, or one that gives nothing.
    """
    if name not in SOURCES:
        raise ValueError(f"data.sources names {name!r}; `python -m data_synth sources` lists them")
    source = SOURCES[name]
    if source.eval_only:
        raise ValueError(
            f"data.sources={{{name}: {count}}}: {name} is for evaluation only; name it in "
            "evaluation.benchmarks, and train on another set"
        )
    problems = ListPromptSet(islice(source.open(source.splits[0]), count))
    if len(problems) == 0:
        raise ValueError(
            f"data.sources={{{name}: {count}}} gives no problem (rows left out: "
            f"{dict(source.skipped)}): ask for some, or remove it"
        )
    return problems


def build_policy(config: TrainConfig, *, folder: Path, prompts: Mapping[str, PromptSet]) -> Policy:
    """Load the policy; the tiny one is first built below the run folder."""
    device = build_device(config.device)
    match config.model:
        case TinyModelConfig() as model:
            path = folder / "initial_policy"
            build_tiny_policy(
                path,
                texts=_tokenizer_texts(prompts, long_traces=model.long_traces),
                size=model,
                seed=derive_seed(config.seed, "weights"),
            )
            return load_policy(str(path), device=device, dtype=config.dtype)
        case PretrainedModelConfig(path=path_or_name):
            return load_policy(path_or_name, device=device, dtype=config.dtype)
    raise ValueError(f"model.kind={config.model.kind}: choose model=tiny or model=pretrained")


def _tokenizer_texts(prompts: Mapping[str, PromptSet], *, long_traces: bool) -> Iterator[str]:
    for role in ("demonstrations", "easy_vqa"):
        if role in prompts:
            size = min(_TOKENIZER_PROBLEMS, len(prompts[role]))
            for problem in map(prompts[role].problem, range(size)):
                yield problem.question
                yield demonstrate(problem.verifier, problem.reasoning, problem.answer)
                if not long_traces:
                    continue
                trace = make_trace(problem, behaviours=frozenset(Behaviour))
                if trace is not None:
                    yield trace.reasoning


def build_sampler(config: TrainConfig, prompts: PromptSet) -> Sampler:
    """The configured sampler with its own generator; says so where it will choose nothing."""
    idle = _why_idle(config, prompts)
    if idle:
        print(f"warning: {idle}: prompts are drawn uniformly", flush=True)
    rng = derive_rng(config.seed, "sampler")
    match config.sampler:
        case UniformSamplerConfig() as sampler:
            return UniformSampler(prompts, sampler, rng=rng)
        case CurriculumSamplerConfig() as sampler:
            return CurriculumSampler(prompts, sampler, rng=rng)
        case PrioritizedSamplerConfig() as sampler:
            return PrioritizedSampler(prompts, sampler, rng=rng)
    raise ValueError(
        f"sampler.kind={config.sampler.kind}: choose sampler=uniform, curriculum or prioritized"
    )


def _why_idle(config: TrainConfig, prompts: PromptSet) -> str:
    iterations = config.rl.iterations
    match config.sampler:
        case CurriculumSamplerConfig(warmup_iterations=warmup) if warmup >= iterations:
            return f"sampler.warmup_iterations={warmup} is not below rl.iterations={iterations}"
        case PrioritizedSamplerConfig() if len(prompts) > ENUMERABLE:
            return (
                f"sampler=prioritized, and none of {len(prompts)} prompts comes again to have a "
                "success rate (data.path= or a small data.train_size give such a set)"
            )
    return ""


# Every stage that needs nothing but the run, by name.
STAGE_TYPES: dict[str, Callable[[Run], Stage]] = {
    stage.name: stage
    for stage in (
        *(CurateStage, EvaluateStage),
        *(PretrainStage, CooldownStage, LongContextStage, SFTStage, LongCoTStage),
        *(MergeStage, ShortestStage, DPOStage),
        *(ClassicRMStage, CoTRMStage),
    )
}


def build_stage(name: str, run: Run) -> Stage | RLStage:
    """A stage at its start."""
    if name in STAGE_TYPES:
        return STAGE_TYPES[name](run)
    return RLStage(
        run,
        sampler=build_sampler(run.config, run.prompts["train"]),
        scorer=Scorer(run.config.reward, run.judges),
        objective=Objective(run.config.objective),
    )
