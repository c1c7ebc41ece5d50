"""From a completion to a verdict: extraction, rules, and what rules alone can not decide.

    program        the sandbox runs it on the problem's tests
    reward_model   a reward model compares the extracted answer with the reference
    any other      the rules of `data_synth.verify`; mathematics that they can not read goes to a
                   second opinion

Verdicts are given in threads of their own, beside the rollouts. Those that depend on a clock or on
a model are written to the run's log, so that a run that was killed hears them again.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from data_synth.verify import PROGRAM, REWARD_MODEL, Reason, Verdict, verify
from data_synth.verify.answer import extract_answer, extract_program
from data_synth.verify.program import read_tests
from mm_rl.config import RewardConfig
from mm_rl.reward.programs import judge_program
from mm_rl.reward.second_opinion import SecondOpinion, SecondOpinionFailure
from mm_rl.reward.terms import Sample, load_terms, pay
from mm_rl.reward.verdict_log import VerdictLog, verdict_key
from mm_rl.sandbox import Sandbox
from mm_rl.types import Completion, FinishReason, Prompt


class RewardModel(Protocol):
    """Judges free-form answers; called from several threads."""

    name: str
    """Identifies the model in the verdict log."""

    def __call__(self, question: str, reference: str, response: str) -> Verdict:
        """The verdict on an extracted answer; `Reason.FAILED` if the model could not be asked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What became of a completion's answer.

    Example:
        judges.judge(prompt, completion, text, at="3/0").verdict.correct
    """

    verdict: Verdict
    answer: str | None = None
    """The extracted answer or program."""
    extra: dict[str, float] = field(default_factory=dict)
    """Unweighted value of each term of `reward.functions`."""


class Judges:
    """Everything that gives verdicts; owns the threads, the sandbox and the second opinion.

    The sandbox and the workers of the second opinion start when the first prompt needs them.
    """

    def __init__(
        self, config: RewardConfig, *, log: VerdictLog, reward_model: RewardModel | None = None
    ) -> None:
        self.config, self.log, self.reward_model = config, log, reward_model
        self.terms = load_terms(config.functions)
        self._pool = ThreadPoolExecutor(config.workers, thread_name_prefix="judge")
        self._lock = Lock()
        self._sandbox: Sandbox | None = None
        self._second_opinion: SecondOpinion | None = None

    def __enter__(self) -> "Judges":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Drop what waits and stop all threads and processes."""
        self._pool.shutdown(cancel_futures=True)
        for resource in (self._sandbox, self._second_opinion):
            if resource is not None:
                resource.close()

    @property
    def sandbox(self) -> Sandbox:
        """Started at first use.

        Raises:
            SandboxUnavailable: this machine has no way to contain a program.
        """
        with self._lock:
            if self._sandbox is None:
                self._sandbox = Sandbox(self.config.sandbox)
                print(f"sandbox: {self._sandbox.level}", flush=True)
            return self._sandbox

    def submit(
        self, prompt: Prompt, completion: Completion, text: str, *, at: str
    ) -> Future[Judgement]:
        """Start to judge; see `judge`."""
        return self._pool.submit(self.judge, prompt, completion, text, at=at)

    def judge(self, prompt: Prompt, completion: Completion, text: str, *, at: str) -> Judgement:
        """Judge a finished completion.

        Args:
            prompt: with its verifier and reference.
            completion: one that was cut has no answer, whatever it wrote before.
            text: the completion decoded.
            at: which completion of the run this is; a failure is remembered for it alone.
        """
        judgement = self._judge(prompt, completion, text, at)
        if not self.terms:
            return judgement
        sample = Sample(
            prompt=prompt,
            completion=completion,
            text=text,
            answer=judgement.answer,
            correct=judgement.verdict.correct,
        )
        extra = {name: pay(name, function, sample) for name, function in self.terms.items()}
        return Judgement(verdict=judgement.verdict, answer=judgement.answer, extra=extra)

    def _judge(self, prompt: Prompt, completion: Completion, text: str, at: str) -> Judgement:
        if completion.finish_reason is not FinishReason.STOP:
            return _wrong(completion.finish_reason.value)
        if prompt.verifier == PROGRAM:
            return self._judge_program(prompt, text, at)
        extracted = extract_answer(text)
        answer = extracted.text
        if answer is None:
            return _wrong(str(extracted.status))
        if prompt.verifier == REWARD_MODEL:
            return Judgement(verdict=self._ask_reward_model(prompt, answer, at), answer=answer)
        verdict = verify(prompt.verifier, prompt.answer, answer, alternatives=prompt.alternatives)
        if verdict.reason == Reason.UNSURE and self.config.second_opinion.workers > 0:
            verdict = self._ask_second_opinion(prompt, answer, at)
        return Judgement(verdict=verdict, answer=answer)

    def _judge_program(self, prompt: Prompt, text: str, at: str) -> Judgement:
        extracted = extract_program(text)
        source = extracted.source
        if source is None:
            return _wrong(str(extracted.status))
        verdict = self._logged(
            (PROGRAM, prompt.answer, extracted.language, source),
            at,
            lambda: judge_program(
                self.sandbox, source, extracted.language, read_tests(prompt.answer)
            ),
        )
        return Judgement(verdict=verdict, answer=source)

    def _ask_second_opinion(self, prompt: Prompt, answer: str, at: str) -> Verdict:
        def ask() -> Verdict:
            verdict = Verdict(correct=False, reason=Reason.UNSURE)
            for reference in (prompt.answer, *prompt.alternatives):
                try:
                    opinion = self._opinions().ask(reference, answer)
                except SecondOpinionFailure:
                    return Verdict(correct=False, reason=Reason.FAILED)
                verdict = Verdict(
                    correct=opinion.status == "yes", reason=f"second_opinion_{opinion.status}"
                )
                if verdict.correct:
                    break
            return verdict

        return self._logged(
            ("second_opinion", prompt.answer, *prompt.alternatives, answer), at, ask
        )

    def _opinions(self) -> SecondOpinion:
        with self._lock:
            if self._second_opinion is None:
                config = self.config.second_opinion
                self._second_opinion = SecondOpinion(
                    workers=config.workers, deadline_s=config.deadline_s
                )
            return self._second_opinion

    def _ask_reward_model(self, prompt: Prompt, answer: str, at: str) -> Verdict:
        # Rules first: a model is asked only about what is not the reference itself.
        for reference in (prompt.answer, *prompt.alternatives):
            verdict = verify("exact", reference, answer)
            if verdict.correct:
                return verdict
        model = self.reward_model_for(prompt)
        return self._logged(
            (REWARD_MODEL, model.name, prompt.question, prompt.answer, answer),
            at,
            lambda: model(prompt.question, prompt.answer, answer),
        )

    def reward_model_for(self, prompt: Prompt) -> RewardModel:
        """The model that judges a prompt's answers.

        Raises:
            ValueError: the configuration has none.
        """
        if self.reward_model is None:
            raise ValueError(
                f"prompt {prompt.id} of {prompt.source} is judged by a reward model, and "
                "reward.judge.kind=none: choose classic, cot or endpoint"
            )
        return self.reward_model

    def _logged(self, parts: tuple[str, ...], at: str, give: Callable[[], Verdict]) -> Verdict:
        """The verdict under a key, given now unless it is in the log."""
        key = verdict_key(parts)
        # A failure says nothing about the content: it is remembered for this one completion.
        failed_key = verdict_key((*parts, "failed", at))
        known = self.log.find(key) or self.log.find(failed_key)
        if known is not None:
            return known
        verdict = give()
        return self.log.add(failed_key if verdict.reason == Reason.FAILED else key, verdict)


def _wrong(reason: str) -> Judgement:
    return Judgement(verdict=Verdict(correct=False, reason=reason))
