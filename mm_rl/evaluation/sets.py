"""The sets to evaluate on: opened, checked, drawn in their other form before any is sampled.

What a set needs (a sandbox, a reward model, room in the policy's positions, fonts) is found missing
here, in the first minute, and not after hours of samples.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from data_synth.problem import Problem
from data_synth.sources import SOURCES
from data_synth.sources.hub import BENCHMARKS
from data_synth.verify import PROGRAM, REWARD_MODEL
from mm_rl.config.evaluation import HELD_OUT, BenchmarkConfig
from mm_rl.prompts.presentation import present
from mm_rl.prompts.prompt_set import ListPromptSet, PromptSet
from mm_rl.run import Run
from mm_rl.sandbox import SandboxUnavailable

# Prompts of a set whose length is looked at.
_NUM_MEASURED = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class ProblemSet:
    """One benchmark, opened.

    Example:
        open_set(run, "held_out", BenchmarkConfig(limit=10))
    """

    name: str
    prompts: PromptSet
    size: int
    """Problems to ask, from the first."""
    rule: str
    skipped: dict[str, int]
    """Rows left out, by reason."""
    max_tokens: int
    """Cap on a completion."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherForms:
    """Problems of a set in their other form: as text, or as an image.

    Example:
        OtherForms(indices=(0, 2), prompts=ListPromptSet([first, third]), skipped={})
    """

    indices: tuple[int, ...]
    """Positions in the set, in the order of `prompts`."""
    prompts: ListPromptSet
    skipped: dict[str, int]
    """Problems that can not be drawn, by reason."""


def open_sets(run: Run) -> list[ProblemSet]:
    """Open every benchmark of `evaluation.benchmarks`, and check what it needs.

    Raises:
        ValueError: what is wrong with any of them, all in one message.
    """
    benchmarks = run.config.evaluation.benchmarks or {HELD_OUT: BenchmarkConfig()}
    sets, faults = [], []
    for name, config in benchmarks.items():
        try:
            sets.append(open_set(run, name, config))
        except ValueError as error:  # the others may have faults too: all are told at once
            faults.append(str(error))
        else:
            faults += find_faults(run, sets[-1])
    if faults:
        raise ValueError("; ".join(faults))
    return sets


def open_set(run: Run, name: str, config: BenchmarkConfig) -> ProblemSet:
    """Open a benchmark: held-out problems, an official benchmark, or any other source.

    Raises:
        ValueError: an unknown name, an option that it does not take, a set that cannot be read, or
            one without problems.
    """
    key = f"evaluation.benchmarks.{name}"
    cap = config.max_tokens or run.config.evaluation.max_tokens
    max_tokens = cap or run.config.rollout.max_total_tokens
    if name == HELD_OUT:
        for option in ("path", "split"):
            if getattr(config, option) is not None:
                raise ValueError(
                    f"{key}.{option}={getattr(config, option)}: held-out problems are those of "
                    "`data`, remove it"
                )
        prompts = run.prompts["eval"]
        return ProblemSet(
            name=name,
            prompts=prompts,
            size=len(prompts) if config.limit is None else min(config.limit, len(prompts)),
            rule="each task's own verifier",
            skipped={},
            max_tokens=max_tokens,
        )
    if name in BENCHMARKS:
        benchmark = BENCHMARKS[name]
        source, rule = benchmark.source, benchmark.rule
        rows = benchmark.open(split=config.split, path=config.path)
    elif name in SOURCES:
        source = SOURCES[name]
        rule = source.scoring
        if config.split is None:
            raise ValueError(
                f"{key}.split: {name} is no benchmark with a split of its own to report on; choose "
                f"from {', '.join(source.splits)}"
            )
        rows = source.open(config.split, path=config.path)
    else:
        names = sorted({HELD_OUT, *BENCHMARKS, *SOURCES})
        raise ValueError(f"{key}: unknown; choose from {', '.join(names)}")
    problems = list(islice(rows, config.limit))
    if not problems:
        raise ValueError(f"{key}: the set has no problem to ask ({dict(source.skipped)})")
    return ProblemSet(
        name=name,
        prompts=ListPromptSet(problems),
        size=len(problems),
        rule=rule,
        skipped=dict(source.skipped),
        max_tokens=max_tokens,
    )


def find_faults(run: Run, problems: ProblemSet) -> Iterator[str]:
    """What stands in the way of sampling a set and judging it, one sentence each."""
    key = f"evaluation.benchmarks.{problems.name}"
    first: dict[str, int] = {}
    for index in range(problems.size):
        first.setdefault(problems.prompts.problem(index).verifier, index)
    try:
        if PROGRAM in first:
            _ = run.judges.sandbox
        if REWARD_MODEL in first:
            run.judges.reward_model_for(problems.prompts.prompt(first[REWARD_MODEL], run.images))
    except (SandboxUnavailable, ValueError) as error:
        yield f"{key} has answers that nothing here can judge ({error}), or leave it out: ~{key}"
    positions = run.policy.model.config.get_text_config().max_position_embeddings
    prompts = [
        problems.prompts.prompt(index, run.images)
        for index in range(min(_NUM_MEASURED, problems.size))
    ]
    encoded = [run.encoder.encode_uncached(prompt, blind=False) for prompt in prompts]
    longest = max((len(row.token_ids) for row in encoded), default=0)
    if longest + problems.max_tokens > positions:
        yield (
            f"{key} needs {longest + problems.max_tokens} positions ({longest} of a prompt, then "
            f"max_tokens={problems.max_tokens}) but the model has {positions}: lower "
            f"evaluation.max_tokens or {key}.max_tokens, or shrink the images"
        )


def draw_other_forms(problems: ProblemSet) -> OtherForms:
    """Every problem of a set that has another form, in that form."""
    indices: list[int] = []
    others: list[Problem] = []
    skipped: Counter[str] = Counter()
    for index in range(problems.size):
        try:
            other = other_form(problems.prompts.problem(index))
        except ValueError as error:  # such as a character that no font has
            skipped[f"in their other form, {error}"] += 1
            continue
        if other is not None:
            indices.append(index)
            others.append(other)
    return OtherForms(indices=tuple(indices), prompts=ListPromptSet(others), skipped=dict(skipped))


def other_form(problem: Problem) -> Problem | None:
    """The same problem as text if it shows its text in an image, as an image if it is text.

    Raises:
        ValueError: its text can not be drawn.
    """
    if problem.text_twin is not None:
        return present(problem, "text")
    return present(problem, "image") if not problem.images else None
