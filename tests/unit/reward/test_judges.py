"""Judges: which verdict a completion gets and by which way; asked again, it is the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data_synth.verify import Reason, Verdict
from data_synth.verify.program import ProgramTest, ProgramTests
from mm_rl.config import RewardConfig, SecondOpinionConfig
from mm_rl.reward.judges import Judges
from mm_rl.reward.programs import judge_program
from mm_rl.reward.verdict_log import VerdictLog
from mm_rl.sandbox import Program, Sandbox, SandboxConfig, SandboxFailure
from mm_rl.types import Completion, FinishReason, Prompt, Segment

ADD = ProgramTests(
    tests=tuple(
        ProgramTest(input=f"{a} {b}\n", output=f"{a + b}\n") for a, b in ((1, 2), (-3, 3), (0, 40))
    ),
    time_limit_s=0.5,
    memory_mb=128,
)
DONE = Completion(
    sample_index=0,
    segments=(
        Segment(policy_version=0, token_ids=(1,), logprobs=(0.0,), finish_reason=FinishReason.STOP),
    ),
)


def prompt(verifier: str, answer: str, question: str = "?") -> Prompt:
    return Prompt(
        id="p", question=question, image_keys=(), answer=answer, verifier=verifier, source="s"
    )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxConfig()) as running:
        yield running


@pytest.fixture(scope="module")
def judges() -> Iterator[Judges]:
    with Judges(RewardConfig(), log=VerdictLog(None)) as running:
        yield running


@pytest.mark.parametrize(
    ("source", "language", "reason"),
    [
        ("print(sum(map(int, input().split())))", "python", "equal"),
        ("a, b = map(int, input().split())\nprint(a + b)", "", "equal"),
        ("print(sum(map(int, input().split())))", "py", "equal"),
        ("print(3)", "python", "wrong_output"),
        # Right on the first two tests, wrong on the last.
        ("a, b = map(int, input().split())\nprint(a + b if b < 9 else 0)", "", "wrong_output"),
        ("print(3", "python", "runtime_error"),
        ("print(sum(map(int, input().split())))\nraise SystemExit(1)", "", "runtime_error"),
        ("while True: pass", "", "timeout"),
        ("x = bytearray(10**9)", "", "memory"),
        ("print('3' * 10**7)", "", "output_limit"),
        ("int main() {}", "cpp", "wrong_language"),
    ],
)
def test_a_program_is_judged_by_all_its_tests(
    sandbox: Sandbox, source: str, language: str, reason: str
) -> None:
    verdict = judge_program(sandbox, source, language, ADD)
    assert (verdict.reason, verdict.correct) == (reason, reason == "equal")


def test_tolerance_and_order_of_tests_belong_to_the_problem(sandbox: Sandbox) -> None:
    tests = ProgramTests(tests=(ProgramTest(input="", output="0.5"),), tolerance="1e-3")
    assert judge_program(sandbox, "print(0.5004)", "", tests).correct
    assert not judge_program(sandbox, "print(0.502)", "", tests).correct


def test_programs_come_from_the_only_block_after_the_reasoning(judges: Judges) -> None:
    code = "```python\nprint(sum(map(int, input().split())))\n```"
    expected = {
        f"<think>so</think>{code}": "equal",
        f"{code}\nor\n```python\nprint(0)\n```": "several",
        f"<think>{code}</think>done": "missing",
        "<think></think>```python\nprint(3)\n```": "wrong_output",
    }
    for text, reason in expected.items():
        judgement = judges.judge(prompt("program", ADD.to_json()), DONE, text, at="0/0")
        assert judgement.verdict.reason == reason, text


def test_a_failed_sandbox_is_no_verdict_and_is_remembered_for_this_completion_alone(
    tmp_path: Path,
) -> None:
    class Broken(Sandbox):
        def __init__(self) -> None:
            self.calls = 0

        def prepare(self, program: Program) -> object:  # type: ignore[override]
            self.calls += 1
            raise SandboxFailure("no room")

        def close(self) -> None:
            pass

    broken = Broken()
    text = "```python\nprint(1)\n```"
    path = tmp_path / "verdicts.jsonl"
    with Judges(RewardConfig(), log=VerdictLog(path)) as judges:
        judges._sandbox = broken
        for _ in range(2):
            judgement = judges.judge(prompt("program", ADD.to_json()), DONE, text, at="3/1")
            assert judgement.verdict.reason == Reason.FAILED
        assert broken.calls == 1
        judges.judge(prompt("program", ADD.to_json()), DONE, text, at="4/0")
        assert broken.calls == 2
    # A resumed run hears the same failure for the same completion; another one is run for good.
    with Judges(RewardConfig(), log=VerdictLog(path)) as judges:
        again = judges.judge(prompt("program", ADD.to_json()), DONE, text, at="3/1")
        assert again.verdict.reason == Reason.FAILED
        other = judges.judge(prompt("program", ADD.to_json()), DONE, text, at="5/0")
        assert other.verdict.reason == "wrong_output"


def test_a_resumed_run_replays_what_the_clock_decided(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.jsonl"
    slow = "import time\ntime.sleep(9)\nprint(sum(map(int, input().split())))"
    text = f"```python\n{slow}\n```"
    with Judges(RewardConfig(), log=VerdictLog(path)) as judges:
        first = judges.judge(prompt("program", ADD.to_json()), DONE, text, at="0/0")
        assert first.verdict.reason == "timeout"
    with Judges(RewardConfig(), log=VerdictLog(path)) as judges:
        again = judges.judge(prompt("program", ADD.to_json()), DONE, text, at="9/9")
        assert again == first
        assert judges._sandbox is None, "nothing was run"


def test_mathematics_beyond_the_reader_goes_to_the_second_opinion() -> None:
    """An integral is nothing that the rules read; with no workers it is simply not right."""
    question = prompt("math", "\\int_0^1 2x \\, dx")
    with Judges(RewardConfig(), log=VerdictLog(None)) as judges:
        right = judges.judge(question, DONE, "\\boxed{\\int_0^1 2x \\, dx}", at="0/0")
        assert right.verdict.correct
        opinion = judges.judge(question, DONE, "\\boxed{\\int_0^2 2x \\, dx}", at="0/1")
        assert opinion.verdict.reason == "second_opinion_no"
    alone = RewardConfig(second_opinion=SecondOpinionConfig(workers=0))
    with Judges(alone, log=VerdictLog(None)) as judges:
        unsure = judges.judge(question, DONE, "\\boxed{\\int_0^2 2x \\, dx}", at="0/1")
        assert unsure.verdict.reason == Reason.UNSURE


def test_a_reward_model_is_asked_only_what_rules_do_not_settle(tmp_path: Path) -> None:
    asked: list[tuple[str, str, str]] = []

    class Model:
        name = "judge-1"

        def __call__(self, question: str, reference: str, response: str) -> Verdict:
            asked.append((question, reference, response))
            return Verdict(correct="six" in response, reason="judged", score=0.9)

    question = prompt("reward_model", "6", question="How many?")
    path = tmp_path / "verdicts.jsonl"
    for _ in range(2):
        with Judges(RewardConfig(), log=VerdictLog(path), reward_model=Model()) as judges:
            judgements = [
                judges.judge(question, DONE, f"<think>x</think>\\boxed{{{text}}}", at="0/0")
                for text in ("6", "six", "five", "six")
            ]
            assert [j.verdict.correct for j in judgements] == [True, True, False, True]
    # Neither the exact answer nor anything judged before was asked about.
    assert asked == [("How many?", "6", "six"), ("How many?", "6", "five")]
    with (
        Judges(RewardConfig(), log=VerdictLog(None)) as judges,
        pytest.raises(ValueError, match=r"reward\.judge\.kind=none"),
    ):
        judges.judge(question, DONE, "\\boxed{five}", at="0/0")
