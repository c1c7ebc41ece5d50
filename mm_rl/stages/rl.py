"""The steps of one k1.5 iteration; `mm_rl.loop` puts them in order (k1.5 §2.3, §2.6).

draw -> roll out -> score -> select -> update -> publish -> record
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from data_synth.seeding import derive_rng, derive_seed
from mm_rl.evaluation import make_record, sampling_limits
from mm_rl.objective.advantages import Objective
from mm_rl.policy.batch import TrainBatch, TrainRow, micro_batches
from mm_rl.policy.trainer import Trainer
from mm_rl.replay.buffer import ReplayBuffer
from mm_rl.reward.scorer import Scorer
from mm_rl.rollout.engine import GenerationRequest
from mm_rl.run import Run
from mm_rl.sampling.base import Sampler
from mm_rl.stages.demonstrations import Demonstrations
from mm_rl.types import Completion, FinishReason, RolloutGroup, Segment

NAME = "rl"


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What of an iteration trains.

    Example:
        Selection(groups=kept, advantages=((0.5, -0.5),), dropped=Counter(zero_spread=3))
    """

    groups: tuple[RolloutGroup, ...]
    advantages: tuple[tuple[float, ...], ...]
    """Per group, one per completion."""
    dropped: Counter[str] = field(default_factory=Counter)
    """Groups left out, by reason."""


class RLStage:
    """State of the RL stage and the steps of its iterations."""

    def __init__(self, run: Run, *, sampler: Sampler, scorer: Scorer, objective: Objective) -> None:
        self.run, self.config = run, run.config.rl
        self.sampler, self.scorer, self.objective = sampler, scorer, objective
        self.trainer = Trainer(run.policy, self.config.optim)
        self.buffer = ReplayBuffer()
        self.rehearsal = (
            Demonstrations(run, "easy_vqa", advantage=self.config.rehearsal_weight)
            if self.config.rehearsal_weight > 0
            else None
        )
        self.iteration = 0
        self.metrics: dict[str, float] = {}

    def draw(self) -> list[RolloutGroup]:
        """Waiting groups first, then `rl.prompts_per_iteration` new ones.

        New groups do not wait for old ones to finish: with partial rollouts several generations are
        in flight, and about one of them finishes per iteration.
        """
        groups = self.buffer.take()
        fresh = self.sampler.draw(self.config.prompts_per_iteration)
        samples = tuple(Completion(sample_index=i) for i in range(self.config.group_size))
        prompts = self.run.prompts["train"]
        groups += [
            RolloutGroup(
                prompt=prompts.prompt(index, self.run.images),
                started=self.iteration,
                completions=samples,
            )
            for index in fresh
        ]
        self.metrics = {"rollout/num_continued_groups": float(len(groups) - len(fresh))}
        return groups

    def roll_out(self, groups: Sequence[RolloutGroup]) -> list[RolloutGroup]:
        """Sample one segment for every unfinished completion; unfinished groups wait.

        Returns:
            The finished groups.
        """
        started = time.perf_counter()
        open_ = [
            (g, c)
            for g, group in enumerate(groups)
            for c, completion in enumerate(group.completions)
            if not completion.is_finished
        ]
        completions = [list(group.completions) for group in groups]

        def on_finish(index: int, segment: Segment) -> None:
            """Judge what is finished while the others still run."""
            g, c = open_[index]
            grown = completions[g][c] = completions[g][c].append(segment)
            if grown.is_finished:
                text = self.run.policy.decode(grown.token_ids)
                self.scorer.start(groups[g], grown, text)

        segments = self.run.engine.generate(
            [self._request(groups[g], groups[g].completions[c]) for g, c in open_],
            sampling_limits(self.run.config.rollout, partial=True, temperature=1.0),
            on_finish=on_finish,
        )
        grown = [
            replace(group, completions=tuple(parts))
            for group, parts in zip(groups, completions, strict=True)
        ]
        self.buffer.add(group for group in grown if not group.is_finished)
        seconds = time.perf_counter() - started
        num_tokens = sum(len(segment.token_ids) for segment in segments)
        self.metrics |= {
            "rollout/num_sampled_tokens": float(num_tokens),
            "rollout/num_waiting_groups": float(len(self.buffer)),
            "timing/rollout_s": seconds,
            "timing/rollout_tokens_per_s": num_tokens / seconds,
        }
        return [group for group in grown if group.is_finished]

    def _request(self, group: RolloutGroup, completion: Completion) -> GenerationRequest:
        return GenerationRequest(
            prompt=self.run.encoder.encode(group.prompt),
            prefix=completion.token_ids,
            seed=derive_seed(
                self.run.config.seed,
                "rollout",
                group.started,
                group.prompt.id,
                completion.sample_index,
            ),
        )

    def score(self, groups: Sequence[RolloutGroup]) -> list[RolloutGroup]:
        """Reward every completion of the finished groups and record all of them."""
        started = time.perf_counter()
        scored, records = [], []
        for group in groups:
            texts = [self.run.policy.decode(c.token_ids) for c in group.completions]
            group = self.scorer.score(group, texts, iteration=self.iteration)
            # Without a verdict nothing was learned of the prompt.
            if not group.failed:
                self.sampler.observe(group)
            scored.append(group)
            records += [
                make_record(
                    group.prompt, c, text=text, reward=reward, stage=NAME, step=self.iteration + 1
                )
                for c, text, reward in zip(group.completions, texts, group.rewards, strict=True)
            ]
        self.run.save_records("rollouts", NAME, self.iteration + 1, records)
        judged = [group for group in scored if not group.failed]
        if judged:
            self.metrics |= describe_rollouts(judged)
        self.metrics |= self.sampler.metrics()
        self.metrics["timing/reward_s"] = time.perf_counter() - started
        return scored

    def select(self, groups: Sequence[RolloutGroup]) -> Selection:
        """Advantages of the groups that train; the others are counted by reason."""
        kept, advantages = [], []
        dropped: Counter[str] = Counter()
        for group in groups:
            reason = self._drop_reason(group)
            if reason is not None:
                dropped[reason] += 1
                continue
            rewards_K = torch.tensor(
                [reward.total for reward in group.rewards], dtype=torch.float64
            )
            kept.append(group)
            advantages.append(tuple(self.objective.advantages(rewards_K).tolist()))
        self.metrics["filter/kept"] = float(len(kept))
        for reason in ("failed", "truncated", "zero_spread"):
            self.metrics[f"filter/{reason}"] = float(dropped[reason])
        return Selection(groups=tuple(kept), advantages=tuple(advantages), dropped=dropped)

    def _drop_reason(self, group: RolloutGroup) -> str | None:
        if group.failed:
            return "failed"
        if not any(map(self._trains, group.completions)):
            return "truncated"
        totals = [reward.total for reward in group.rewards]
        if self.config.drop_zero_spread and max(totals) - min(totals) < 1e-9:
            return "zero_spread"
        return None

    def update(self, selection: Selection) -> None:
        """Inner steps over whole groups, each member on its own last segment (§3.7 of the method).

        The reference is the trainer's own log-probabilities before the first step, in the very
        micro-batches that train, so the log-ratio is exactly zero there.
        """
        if not selection.groups:
            return
        started = time.perf_counter()
        steps = self._split_steps(selection)
        with torch.no_grad():
            references = [[batch.logprobs(self.run.policy)[0] for batch in step] for step in steps]
        if self.config.reset_optimizer:
            self.trainer.reset_optimizer()
        history = []
        for batches, reference in zip(steps, references, strict=True):
            history.append(self._inner_step(batches, reference))
        self.metrics |= {name: fmean(values[name] for values in history) for name in history[0]}
        self.metrics["timing/update_s"] = time.perf_counter() - started

    def _split_steps(self, selection: Selection) -> list[list[TrainBatch]]:
        """Micro-batches of each inner step; groups are shared out whole, in random order."""
        order = list(range(len(selection.groups)))
        derive_rng(self.run.config.seed, "inner", self.iteration).shuffle(order)
        num_steps = min(self.config.inner_steps, len(order))
        return [
            list(
                micro_batches(
                    [row for g in order[i::num_steps] for row in self._rows(selection, g)]
                    + self._rehearse(),
                    max_tokens=self.config.max_tokens_per_micro_batch,
                    policy=self.run.policy,
                )
            )
            for i in range(num_steps)
        ]

    def _rehearse(self) -> list[TrainRow]:
        """Demonstrations that join an inner step as responses of a constant advantage."""
        if self.rehearsal is None:
            return []
        return self.rehearsal.deal(self.config.rehearsal_size)

    def _trains(self, completion: Completion) -> bool:
        """Whether a completion is a row: with `reward.mask_truncated` a cut one is not."""
        masked = self.run.config.reward.mask_truncated
        return not (masked and completion.finish_reason is FinishReason.LENGTH_TOTAL)

    def _rows(self, selection: Selection, g: int) -> list[TrainRow]:
        group = selection.groups[g]
        return [
            TrainRow(
                prompt=self.run.encoder.encode(group.prompt),
                token_ids=completion.token_ids,
                train_from=completion.train_from,
                advantage=advantage,
                group=g,
            )
            for completion, advantage in zip(
                group.completions, selection.advantages[g], strict=True
            )
            if self._trains(completion)
        ]

    def _inner_step(
        self, batches: Sequence[TrainBatch], references: Sequence[Tensor]
    ) -> dict[str, float]:
        num_sequences = sum(len(batch.prompts) for batch in batches)
        pending = iter(references)
        log_ratios: list[float] = []

        def loss(batch: TrainBatch, logprobs_BT: Tensor) -> Tensor:
            terms = self.objective.loss(
                logprobs_BT,
                next(pending),
                batch.mask_BT,
                batch.advantages_B,
                num_sequences=num_sequences,
            )
            log_ratios.extend(terms.log_ratio_B.tolist())
            return terms.loss

        values = self.trainer.step(batches, loss)
        return values | {
            "policy/log_ratio": fmean(log_ratios),
            "policy/log_ratio_sq": fmean(ratio * ratio for ratio in log_ratios),
        }

    def publish(self) -> None:
        """Hand the new weights to the engine and forget the pixels of trained groups."""
        self.iteration += 1
        self.run.engine.update_weights(self.iteration)
        self.run.encoder.keep_only({group.prompt.id for group in self.buffer.state()})

    def record(self) -> None:
        """Log the iteration."""
        self.run.metrics.log(NAME, self.iteration, self.metrics)

    def state_dict(self) -> dict[str, Any]:
        return {
            "iteration": self.iteration,
            "trainer": self.trainer.state_dict(),
            "sampler": self.sampler.state_dict(),
            "buffer": self.buffer.state_dict(),
            "rehearsal": self.rehearsal.state_dict() if self.rehearsal is not None else None,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.iteration = state["iteration"]
        self.trainer.load_state_dict(state["trainer"])
        self.sampler.load_state_dict(state["sampler"])
        self.buffer.load_state_dict(state["buffer"])
        if self.rehearsal is not None:
            self.rehearsal.load_state_dict(state["rehearsal"])
        self.run.engine.update_weights(self.iteration)


def describe_rollouts(groups: Sequence[RolloutGroup]) -> dict[str, float]:
    """Rewards, lengths, and how completions ended, over all members of finished groups."""
    members = [
        (completion, reward)
        for group in groups
        for completion, reward in zip(group.completions, group.rewards, strict=True)
    ]
    num_tokens = sum(completion.num_tokens for completion, _ in members)
    values = {
        "reward/mean": fmean(reward.total for _, reward in members),
        "rollout/correct_frac": fmean(reward.correct for _, reward in members),
        "rollout/answered_frac": fmean(reward.answer is not None for _, reward in members),
        "rollout/num_tokens": num_tokens / len(members),
        "rollout/num_segments": fmean(len(completion.segments) for completion, _ in members),
        # Tokens of earlier segments are context: they cost but give no gradient.
        "rollout/masked_frac": sum(completion.train_from for completion, _ in members)
        / max(1, num_tokens),
    }
    for term in members[0][1].terms:
        values[f"reward/{term}"] = fmean(reward.terms[term] for _, reward in members)
    ends = Counter(completion.finish_reason for completion, _ in members)
    for reason in (FinishReason.STOP, FinishReason.LENGTH_TOTAL, FinishReason.REPETITION):
        values[f"rollout/{reason}_frac"] = ends[reason] / len(members)
    reasons = Counter(reward.reason for _, reward in members)
    values |= {f"verdict/{reason}": n / len(members) for reason, n in sorted(reasons.items())}
    for source in sorted({group.prompt.source for group in groups}):
        values[f"rollout/correct_frac/{source}"] = fmean(
            reward.correct
            for group in groups
            if group.prompt.source == source
            for reward in group.rewards
        )
    return values
