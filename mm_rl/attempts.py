"""Attempts: several verified samples per prompt, the raw material of everything off-policy.

Curation measures difficulty with them, evaluation its metrics; long-CoT SFT, shortest rejection
sampling and DPO learn from them. They are sampled with the engine, the extraction and the verifiers
of training, and written block by block: a killed run reads what is there and samples the rest.
"""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean

import pyarrow as pa
import pyarrow.parquet as pq

from data_synth.seeding import derive_seed
from mm_rl.evaluation import sampling_limits
from mm_rl.files import write_atomic
from mm_rl.progress import StageProgress
from mm_rl.prompts.prompt_set import PromptSet
from mm_rl.reward.judges import Judgement
from mm_rl.rollout.answer_at_once import EndBehindBox, open_box
from mm_rl.rollout.engine import GenerationRequest
from mm_rl.run import Run
from mm_rl.types import Completion, FinishReason, Prompt, Segment

# Completions per block: enough to keep the engine's rows full, little to lose in a kill.
_BLOCK_COMPLETIONS = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One sampled completion and its verdict.

    Example:
        Attempt(sample_index=0, token_ids=(17, 2), text="...", answer="4", correct=True,
                reason="equal", finish_reason=FinishReason.STOP)
    """

    sample_index: int
    token_ids: tuple[int, ...]
    """The whole completion: a forced beginning, then what was sampled."""
    text: str
    answer: str | None
    """The extracted answer."""
    correct: bool
    reason: str
    """The verifier's reason."""
    finish_reason: FinishReason

    @property
    def num_tokens(self) -> int:
        return len(self.token_ids)

    @property
    def failed(self) -> bool:
        """Whether there is no verdict: the verifier itself failed."""
        return self.reason == FinishReason.FAILED


@dataclass(frozen=True, kw_only=True, slots=True)
class PromptAttempts:
    """All attempts at one prompt.

    Example:
        PromptAttempts(index=7, prompt=prompt, attempts=(first, second)).pass_rate
    """

    index: int
    """Position of the prompt in its set."""
    prompt: Prompt
    attempts: tuple[Attempt, ...]

    @property
    def judged(self) -> tuple[Attempt, ...]:
        """Attempts with a verdict."""
        return tuple(attempt for attempt in self.attempts if not attempt.failed)

    @property
    def num_correct(self) -> int:
        return sum(attempt.correct for attempt in self.judged)

    @property
    def pass_rate(self) -> float | None:
        """Share of correct ones among those with a verdict; None if there is none."""
        return fmean(attempt.correct for attempt in self.judged) if self.judged else None


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptSettings:
    """How attempts are made.

    Example:
        AttemptSettings(purpose="difficulty", num_samples=10, temperature=1.0)
    """

    purpose: str
    """Names the folder and seeds the sampling: another purpose draws other samples."""
    num_samples: int
    temperature: float
    max_tokens: int | None = None
    """Cap on a completion; None: `rollout.max_total_tokens`."""
    blind: bool = False
    """Blank every image."""
    suffix: str = ""
    """Added to the question."""
    answer_at_once: bool = False
    """Make every completion begin with the answer's open box, and end where that box closes: what
    a policy goes on to say is neither sampled nor judged."""


def collect_attempts(
    run: Run, prompts: PromptSet, indices: Sequence[int], settings: AttemptSettings
) -> Iterator[PromptAttempts]:
    """Sample and judge attempts, or read those that an earlier process finished.

    Args:
        run: whose policy samples and whose judges verify.
        prompts: the set that `indices` point into.
        indices: which prompts, in the order of the result.
        settings: how many attempts, and how they are made.

    Yields:
        One `PromptAttempts` per index, in order.

    Raises:
        ValueError: an older block of attempts is broken.
    """
    per_block = max(1, _BLOCK_COMPLETIONS // settings.num_samples)
    folder = run.folder / "attempts" / settings.purpose
    folder.mkdir(parents=True, exist_ok=True)
    with StageProgress(f"{settings.purpose} attempts", total=len(indices)) as progress:
        for start in range(0, len(indices), per_block):
            block = [
                (index, prompts.prompt(index, run.images))
                for index in indices[start : start + per_block]
            ]
            path = folder / f"{_block_key(block, settings)}.parquet"
            if path.exists():
                results = _read_block(path, block)
            else:
                results = _sample_block(run, block, settings)
                _write_block(path, results)
            for result in results:
                progress.advance()
                yield result


def max_tokens(run: Run, settings: AttemptSettings) -> int:
    """The cap on what is sampled of one completion, a forced beginning not counted."""
    return settings.max_tokens or run.config.rollout.max_total_tokens


def _block_key(block: Sequence[tuple[int, Prompt]], settings: AttemptSettings) -> str:
    """What a block's samples depend on besides the run: its prompts and the settings."""
    digest = hashlib.blake2b(digest_size=12)
    digest.update(repr(settings).encode())
    for _, prompt in block:
        digest.update(f"\n{prompt.id}".encode())
    return digest.hexdigest()


def _sample_block(
    run: Run, block: Sequence[tuple[int, Prompt]], settings: AttemptSettings
) -> list[PromptAttempts]:
    opening = open_box(run.policy) if settings.answer_at_once else ""
    # Without the end token that closes a demonstration.
    prefix = run.policy.encode_completion(opening)[:-1]
    constraint = EndBehindBox(run.policy) if settings.answer_at_once else None
    limits = replace(
        sampling_limits(run.config.rollout, partial=False, temperature=settings.temperature),
        max_total_tokens=len(prefix) + max_tokens(run, settings),
    )
    requests = []
    for _, prompt in block:
        asked = replace(prompt, question=prompt.question + settings.suffix)
        encoded = run.encoder.encode_uncached(asked, blind=settings.blind or run.config.data.blind)
        for sample in range(settings.num_samples):
            seed = derive_seed(run.config.seed, "attempt", settings.purpose, prompt.id, sample)
            requests.append(
                GenerationRequest(prompt=encoded, prefix=prefix, seed=seed, constraint=constraint)
            )
    pending: dict[int, tuple[Completion, str, Future[Judgement]]] = {}

    def judge(number: int, segment: Segment) -> None:
        """Judge what is finished while the others still run."""
        b, sample = divmod(number, settings.num_samples)
        prompt = block[b][1]
        # A forced beginning was not sampled; nobody trains on its log-probabilities.
        whole = replace(
            segment,
            token_ids=prefix + segment.token_ids,
            logprobs=(0.0,) * len(prefix) + segment.logprobs,
        )
        completion = Completion(sample_index=sample).append(whole)
        text = run.policy.decode(completion.token_ids)
        at = f"{settings.purpose}/{prompt.id}/{sample}"
        pending[number] = (completion, text, run.judges.submit(prompt, completion, text, at=at))

    run.engine.generate(requests, limits, on_finish=judge)
    attempts = [_make_attempt(*pending[number]) for number in range(len(requests))]
    k = settings.num_samples
    return [
        PromptAttempts(index=index, prompt=prompt, attempts=tuple(attempts[b * k : (b + 1) * k]))
        for b, (index, prompt) in enumerate(block)
    ]


def _make_attempt(completion: Completion, text: str, judgement: Future[Judgement]) -> Attempt:
    result = judgement.result()
    return Attempt(
        sample_index=completion.sample_index,
        token_ids=completion.token_ids,
        text=text,
        answer=result.answer,
        correct=result.verdict.correct,
        reason=str(result.verdict.reason),
        finish_reason=completion.finish_reason,
    )


_SCHEMA = pa.schema(
    [
        ("prompt", pa.int64()),
        ("sample_index", pa.int64()),
        ("token_ids", pa.list_(pa.int32())),
        ("text", pa.string()),
        ("answer", pa.string()),
        ("correct", pa.bool_()),
        ("reason", pa.string()),
        ("finish_reason", pa.string()),
    ]
)


def _write_block(path: Path, results: Sequence[PromptAttempts]) -> None:
    rows = [
        {"prompt": number, **asdict(attempt)}
        for number, result in enumerate(results)
        for attempt in result.attempts
    ]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA), sink)
    write_atomic(path, sink.getvalue().to_pybytes())


def _read_block(path: Path, block: Sequence[tuple[int, Prompt]]) -> list[PromptAttempts]:
    attempts: list[list[Attempt]] = [[] for _ in block]
    try:
        rows = pq.read_table(path, schema=_SCHEMA).to_pylist()
    except (pa.ArrowException, OSError) as error:  # a disk fault: it was written whole
        raise ValueError(
            f"{path} is broken ({error}): remove it before the stage's first "
            "checkpoint, and its attempts are sampled again"
        ) from error
    for row in rows:
        number = row.pop("prompt")
        row["token_ids"] = tuple(row["token_ids"])
        row["finish_reason"] = FinishReason(row["finish_reason"])
        attempts[number].append(Attempt(**row))
    return [
        PromptAttempts(index=index, prompt=prompt, attempts=tuple(parts))
        for (index, prompt), parts in zip(block, attempts, strict=True)
    ]
