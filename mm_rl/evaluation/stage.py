"""The stage `evaluate`: several samples per problem, on held-out problems and benchmarks.

    benchmarks --sets.py--> problem sets --attempts.py--> samples with verdicts
               --metrics.py--> results.json, report.html

Nothing is trained. Attempts are kept block by block below the run folder, so a killed evaluation
goes on where it stopped.
"""

from collections.abc import Sequence

from data_synth.verify import canonical_answer, readable_reference
from mm_rl.attempts import AttemptSettings, PromptAttempts, collect_attempts
from mm_rl.evaluation.consistency import Consistency, compare_forms
from mm_rl.evaluation.metrics import Outcome, Sample, measure
from mm_rl.evaluation.results import (
    BenchmarkResult,
    metric_values,
    show_estimate,
    write_results,
)
from mm_rl.evaluation.sets import OtherForms, ProblemSet, draw_other_forms, open_sets
from mm_rl.evaluation.voting import can_vote, group_answers
from mm_rl.prompts.prompt_set import PromptSet
from mm_rl.prompts.tags import PromptTags
from mm_rl.records import RolloutRecord
from mm_rl.run import Run
from mm_rl.stages.base import Stage
from mm_rl.types import FinishReason

_NUM_BUDGETS = 8


class EvaluateStage(Stage):
    """Samples, verifies, measures and reports every benchmark of `evaluation.benchmarks`."""

    name = "evaluate"

    def __init__(self, run: Run) -> None:
        self._run = run
        self.config = run.config.evaluation

    def run(self) -> None:
        """Evaluate; writes `evaluation/`, the metrics at step 0 and the records.

        Raises:
            ValueError: a benchmark that is unknown, without problems, unreadable, or in need of
                something that is not there; before anything is sampled.
        """
        sets = open_sets(self._run)
        forms = [draw_other_forms(each) if self.config.consistency else None for each in sets]
        results, records = [], []
        for problems, others in zip(sets, forms, strict=True):
            attempts = self._attempt(problems, problems.prompts, range(problems.size))
            results.append(self._measure(problems, attempts, others))
            records += [record_attempt(result, stage=self.name) for result in attempts]
            # After each, so that what goes wrong in one leaves the others.
            self._publish(results)
        self._run.save_records("evals", self.name, 0, records)
        self._run.metrics.log(self.name, 0, metric_values(results))

    def _publish(self, results: Sequence[BenchmarkResult]) -> None:
        """Write the results so far, and say what became of the last benchmark."""
        # Imported here: drawing needs packages that evaluating does not.
        from mm_rl.report.evaluation import write_evaluation_report

        write_results(self._run.folder, results)
        page, last = write_evaluation_report(self._run.folder), results[-1]
        print(f"{last.name}: {show_estimate(last.metrics.accuracy)}, {page}", flush=True)
        if last.warning is not None:
            print(f"warning: {last.warning}", flush=True)

    def _attempt(
        self, problems: ProblemSet, prompts: PromptSet, indices: Sequence[int], *, form: str = ""
    ) -> list[PromptAttempts]:
        settings = AttemptSettings(
            purpose=f"evaluate-{problems.name}{form}",
            num_samples=self.config.samples,
            temperature=self.config.temperature,
            max_tokens=problems.max_tokens,
            blind=self._run.config.data.blind,
        )
        return list(collect_attempts(self._run, prompts, indices, settings))

    def _measure(
        self, problems: ProblemSet, attempts: Sequence[PromptAttempts], others: OtherForms | None
    ) -> BenchmarkResult:
        outcomes = [
            build_outcome(result, problems.prompts.tags(result.index)) for result in attempts
        ]
        return BenchmarkResult(
            name=problems.name,
            rule=problems.rule,
            samples=self.config.samples,
            temperature=self.config.temperature,
            max_tokens=problems.max_tokens,
            confidence=self.config.confidence,
            skipped=problems.skipped | (others.skipped if others is not None else {}),
            metrics=measure(
                outcomes,
                ks=[k for k in self.config.ks if k <= self.config.samples],
                budgets=self.config.budgets or default_budgets(problems.max_tokens),
                tags=self.config.by_tags,
                confidence=self.config.confidence,
            ),
            consistency=None if others is None else self._compare_forms(problems, outcomes, others),
        )

    def _compare_forms(
        self, problems: ProblemSet, outcomes: Sequence[Outcome], others: OtherForms
    ) -> Consistency | None:
        """Sample the problems that have another form in that form as well."""
        attempts = self._attempt(
            problems, others.prompts, range(len(others.indices)), form="-other_form"
        )
        text, image = [], []
        for index, result in zip(others.indices, attempts, strict=True):
            other = build_outcome(result, others.prompts.tags(result.index))
            is_image = bool(others.prompts.problem(result.index).images)
            text.append(outcomes[index] if is_image else other)
            image.append(other if is_image else outcomes[index])
        return compare_forms(text, image, confidence=self.config.confidence)


def default_budgets(cap: int) -> list[int]:
    """Eight budgets, evenly up to the cap; fewer below eight tokens."""
    return sorted({max(1, cap * part // _NUM_BUDGETS) for part in range(1, _NUM_BUDGETS + 1)})


def build_outcome(result: PromptAttempts, tags: PromptTags) -> Outcome:
    """What the metrics need of the attempts at one prompt."""
    judged, verifier = result.judged, result.prompt.verifier
    votes: list[int | None] = [None] * len(judged)
    if can_vote(verifier):
        votes = group_answers(
            verifier, [each.answer for each in judged], [each.correct for each in judged]
        )
    return Outcome(
        id=result.prompt.id,
        samples=tuple(
            Sample(
                correct=attempt.correct,
                num_tokens=attempt.num_tokens,
                answered=attempt.answer is not None,
                cut=attempt.finish_reason is FinishReason.LENGTH_TOTAL,
                vote=vote,
            )
            for attempt, vote in zip(judged, votes, strict=True)
        ),
        num_failed=len(result.attempts) - len(judged),
        votes=can_vote(verifier),
        tags={
            "source": tags.source,
            "domain": tags.domain,
            "discipline": tags.discipline,
            "modality": tags.modality,
            "difficulty": str(tags.difficulty),
            "answer_type": tags.answer_type,
        },
    )


def record_attempt(result: PromptAttempts, *, stage: str) -> RolloutRecord:
    """The first attempt at a prompt as a row of the run's records."""
    attempt, prompt = result.attempts[0], result.prompt
    reward = float(attempt.correct)
    return RolloutRecord(
        stage=stage,
        step=0,
        prompt_id=prompt.id,
        source=prompt.source,
        question=prompt.question,
        image_keys=prompt.image_keys,
        reference=readable_reference(
            prompt.verifier, canonical_answer(prompt.verifier, prompt.answer)
        ),
        sample_index=attempt.sample_index,
        completion=attempt.text,
        answer=attempt.answer,
        correct=attempt.correct,
        reason=attempt.reason,
        total_reward=reward,
        reward_terms={"answer": reward},
        finish_reason=attempt.finish_reason.value,
        num_tokens=attempt.num_tokens,
        num_segments=1,
    )
