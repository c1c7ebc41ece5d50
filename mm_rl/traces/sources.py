"""Where long chains of thought come from, short of a foreign model (`mm_rl.traces.endpoint`)."""

from collections import Counter
from collections.abc import Iterator

from data_synth.seeding import derive_rng
from data_synth.traces import REFLECTIONS, Behaviour, make_trace
from data_synth.verify import demonstrate
from data_synth.verify.answer import THINK_CLOSE, THINK_OPEN
from mm_rl.attempts import Attempt, AttemptSettings, PromptAttempts, collect_attempts
from mm_rl.run import Run
from mm_rl.traces.candidates import Candidate, TraceSource, reasoning_of
from mm_rl.types import FinishReason

INSTRUCTION = (
    "\nReason at length between <think> and </think> before you answer: first plan the steps, "
    "check the intermediate results, go back and correct a step that turns out wrong, and try "
    "another way to see whether it leads to the same answer. Then give only the final answer in "
    "\\boxed{}."
)
"""Asks for the four behaviours; added to the question (k1.5 §2.2: prompt engineering)."""


def task_traces(run: Run, unavailable: Counter[str]) -> Iterator[Candidate]:
    """The prompts' own reasoning with the four behaviours, each drawn with its share.

    Args:
        run: gives the prompts and encodes.
        unavailable: counts the prompts without a reasoning to build on.
    """
    config, prompts = run.config.longcot, run.prompts["train"]
    for index in range(min(config.task_prompts, len(prompts))):
        problem = prompts.problem(index)
        rng = derive_rng(run.config.seed, "trace behaviours", problem.id)
        drawn = frozenset(b for b in Behaviour if rng.random() < config.shares[b])
        trace = make_trace(problem, behaviours=drawn or frozenset(Behaviour))
        if trace is None:
            unavailable[TraceSource.TASK] += 1
            continue
        text = demonstrate(problem.verifier, trace.reasoning, problem.answer)
        yield Candidate(
            index=index,
            prompt=prompts.prompt(index, run.images),
            source=TraceSource.TASK,
            text=text,
            token_ids=run.policy.encode_completion(text),
        )


def sampled_traces(run: Run) -> Iterator[Candidate]:
    """The policy's samples, and splices of a wrong one and a correct one."""
    config, prompts = run.config.longcot, run.prompts["train"]
    if config.samples_per_prompt == 0:
        return
    settings = AttemptSettings(
        purpose="longcot", num_samples=config.samples_per_prompt, temperature=config.temperature
    )
    indices = range(min(config.sampled_prompts, len(prompts)))
    for result in collect_attempts(run, prompts, indices, settings):
        for attempt in result.judged:
            yield _sampled(result, attempt, TraceSource.POLICY)
        yield from _splices(run, result)


def prompted_traces(run: Run) -> Iterator[Candidate]:
    """The policy's samples under an instruction; the correct ones are learned without it."""
    config, prompts = run.config.longcot, run.prompts["train"]
    if config.prompted_samples == 0:
        return
    settings = AttemptSettings(
        purpose="longcot_prompted",
        num_samples=config.prompted_samples,
        temperature=config.temperature,
        suffix=INSTRUCTION,
    )
    indices = range(min(config.sampled_prompts, len(prompts)))
    for result in collect_attempts(run, prompts, indices, settings):
        for attempt in result.judged:
            yield _sampled(result, attempt, TraceSource.PROMPTED)


def _sampled(result: PromptAttempts, attempt: Attempt, source: TraceSource) -> Candidate:
    return Candidate(
        index=result.index,
        prompt=result.prompt,
        source=source,
        text=attempt.text,
        token_ids=attempt.token_ids,
        correct=attempt.correct,
    )


def _splices(run: Run, result: PromptAttempts) -> Iterator[Candidate]:
    """Pairs of a wrong and a correct sample, in the order they were drawn."""
    ended = [a for a in result.judged if a.finish_reason is FinishReason.STOP]
    wrong = [a for a in ended if not a.correct and reasoning_of(a.text)]
    right = [a for a in ended if a.correct and reasoning_of(a.text)]
    pairs = list(zip(wrong, right, strict=False))[: run.config.longcot.splices_per_prompt]
    for number, (first, second) in enumerate(pairs):
        rng = derive_rng(run.config.seed, "splice", result.prompt.id, number)
        text = splice(first.text, second.text, marker=rng.choice(REFLECTIONS))
        yield Candidate(
            index=result.index,
            prompt=result.prompt,
            source=TraceSource.SPLICE,
            text=text,
            token_ids=run.policy.encode_completion(text),
        )


def splice(wrong: str, right: str, *, marker: str) -> str:
    """A wrong completion's reasoning, its rejection, then a correct completion.

    Both have one pair of think tags.
    """
    rejected = (reasoning_of(wrong) or "").strip()
    _, _, rest = right.partition(THINK_OPEN)
    reasoning, _, answer = rest.partition(THINK_CLOSE)
    return f"{THINK_OPEN}{rejected} {marker} {reasoning.strip()}{THINK_CLOSE}{answer}"
