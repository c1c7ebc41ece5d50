"""The judge's bookkeeping: what is asked, retried, cached, refused, counted and raised.

The model here is a rule that completes prompts as a judge would, so that every path can be driven;
the engine and the endpoint have tests of their own.
"""

import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mm_rl.reward_models.cache import VerdictCache
from mm_rl.reward_models.judge import (
    CANARIES,
    CoTJudge,
    JudgeFailure,
    JudgeItem,
    JudgeStatus,
)
from mm_rl.reward_models.protocol import VERDICTS
from mm_rl.reward_models.refusal import Refusal

Rule = Callable[[str, str, int], str | JudgeFailure]


class RuleBackend:
    """Completes prompts by a rule of (reference, response, attempt)."""

    def __init__(self, rule: Rule, identity: str = "rule") -> None:
        self.rule = rule
        self.identity = identity
        self.asked: list[tuple[str, int]] = []
        self.lock = threading.Lock()

    def complete(self, prompts: Sequence[str], *, attempt: int) -> list[str | JudgeFailure]:
        replies = []
        for prompt in prompts:
            reference, response = (
                json.loads(line.split(": ", 1)[1]) for line in prompt.split("\n")[2:]
            )
            with self.lock:
                self.asked.append((response, attempt))
            replies.append(self.rule(reference, response, attempt))
        return replies


def equal(reference: str, response: str, attempt: int) -> str | JudgeFailure:
    return f"compared</think>{VERDICTS[reference == response]}"


def item(response: str, reference: str = "7", **more: bool) -> JudgeItem:
    return JudgeItem(question="How many?", reference=reference, response=response, **more)


def test_verdicts_come_in_order_and_equal_items_are_asked_once() -> None:
    backend = RuleBackend(equal)
    judged = CoTJudge(backend).judge([item("8"), item("7"), item("8"), item("9"), item("7")])
    assert [j.correct for j in judged] == [False, True, False, False, True]
    assert {j.status for j in judged} == {JudgeStatus.JUDGED}
    assert judged[1].reasoning == "compared"
    assert judged[1].attempts == 1
    assert sorted(backend.asked) == [("7", 0), ("8", 0), ("9", 0)]


def test_no_items_ask_nothing() -> None:
    backend = RuleBackend(equal)
    assert CoTJudge(backend).judge([]) == []
    assert not backend.asked


def test_refused_answers_reach_no_model_and_are_counted_by_reason() -> None:
    backend = RuleBackend(lambda *_: VERDICTS[True])
    judge = CoTJudge(backend)
    judged = judge.judge([item(""), item("Solution:"), item("Solution"), item("7 apples")])
    assert [j.refusal for j in judged] == [
        Refusal.EMPTY,
        Refusal.MASTER_KEY,
        Refusal.MASTER_KEY,
        None,
    ]
    assert [j.correct for j in judged] == [False, False, False, True]
    assert judged[0].status is JudgeStatus.REFUSED
    assert backend.asked == [("7 apples", 0)]
    metrics = judge.metrics()
    assert metrics["judge/refused"] == 3
    assert metrics["judge/refused/master_key"] == 2
    assert metrics["judge/refused/empty"] == 1
    assert metrics["judge/yes_rate"] == 1


def test_unparsable_is_retried_once_then_scores_zero_and_is_not_cached() -> None:
    def rule(reference: str, response: str, attempt: int) -> str:
        if response == "a":
            return "I think it is correct"
        if response == "b" and attempt == 0:
            return '{"correct": "true"}'
        return VERDICTS[True]

    backend = RuleBackend(rule)
    judge = CoTJudge(backend)
    for round_number in range(2):
        judged = judge.judge([item("a"), item("b"), item("c")])
        assert [j.correct for j in judged] == [False, True, True]
        assert [j.status for j in judged] == [
            JudgeStatus.UNPARSABLE,
            JudgeStatus.JUDGED,
            JudgeStatus.JUDGED,
        ]
        assert [j.attempts for j in judged] == ([2, 2, 1] if round_number == 0 else [2, 0, 0])
    first = [("a", 0), ("b", 0), ("c", 0), ("a", 1), ("b", 1)]
    assert backend.asked == [*first, ("a", 0), ("a", 1)]
    metrics = judge.metrics()
    assert metrics["judge/unparsable"] == 2
    assert metrics["judge/items"] == 6
    assert metrics["judge/yes_rate"] == pytest.approx(4 / 6)
    assert metrics["judge/cache_hit_rate"] == pytest.approx(2 / 6)


def test_failure_raises_after_caching_what_was_answered() -> None:
    broken = True

    def rule(reference: str, response: str, attempt: int) -> str | JudgeFailure:
        if broken and response == "8":
            return JudgeFailure("endpoint is down")
        return equal(reference, response, attempt)

    backend = RuleBackend(rule)
    judge = CoTJudge(backend)
    with pytest.raises(JudgeFailure, match="endpoint is down"):
        judge.judge([item("7"), item("8"), item("9")])
    assert judge.metrics()["judge/failed_batches"] == 1
    # Nothing was scored: a failure is no wrong answer.
    assert judge.metrics().get("judge/items", 0) == 0
    broken = False
    backend.asked.clear()
    judged = judge.judge([item("7"), item("8"), item("9")])
    assert [j.correct for j in judged] == [True, False, False]
    assert backend.asked == [("8", 0)]


def test_failure_in_the_second_attempt_raises_too() -> None:
    backend = RuleBackend(lambda r, s, attempt: "?" if attempt == 0 else JudgeFailure("gone"))
    with pytest.raises(JudgeFailure, match="gone"):
        CoTJudge(backend).judge([item("7")])


def test_judge_yes_where_the_rule_says_no_is_counted() -> None:
    judge = CoTJudge(RuleBackend(lambda *_: VERDICTS[True]))
    judge.judge(
        [
            item("1", rule_correct=False),
            item("2", rule_correct=True),
            item("3"),
            item(".", rule_correct=False),
        ]
    )
    judge.backend = RuleBackend(lambda *_: VERDICTS[False])
    judge.judge([item("4", rule_correct=False), item("5", rule_correct=False)])
    metrics = judge.metrics()
    # A refused answer was never the judge's to decide.
    assert metrics["judge/rule_no"] == 3
    assert metrics["judge/yes_rule_no"] == 1
    assert metrics["judge/yes_of_rule_no"] == pytest.approx(1 / 3)


def test_cache_outlives_the_process_and_depends_on_everything(tmp_path: Path) -> None:
    path = tmp_path / "verdicts" / "judge.jsonl"
    cache = VerdictCache(path)
    CoTJudge(RuleBackend(equal), cache).judge([item("7"), item("8")])
    cache.close()
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    assert [entry["correct"] for entry in entries] == [True, False]
    assert [entry["reasoning"] for entry in entries] == ["compared", "compared"]

    again = RuleBackend(equal)
    judged = CoTJudge(again, VerdictCache(path)).judge([item("7"), item("8")])
    assert [(j.correct, j.attempts) for j in judged] == [(True, 0), (False, 0)]
    assert not again.asked
    # Another reference, response, question or judge is another case.
    CoTJudge(again, VerdictCache(path)).judge(
        [item("7", reference="8"), JudgeItem(question="Which?", reference="7", response="7")]
    )
    assert len(again.asked) == 2
    other = RuleBackend(equal, identity="other")
    CoTJudge(other, VerdictCache(path)).judge([item("7")])
    assert other.asked == [("7", 0)]


def test_cut_last_line_is_dropped_and_the_file_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "judge.jsonl"
    cache = VerdictCache(path)
    CoTJudge(RuleBackend(equal), cache).judge([item("7"), item("8")])
    cache.close()
    whole = path.read_bytes()
    for cut in range(whole.index(b"\n") + 1, len(whole)):
        path.write_bytes(whole[:cut])
        backend = RuleBackend(equal)
        cache = VerdictCache(path)
        assert [j.correct for j in CoTJudge(backend, cache).judge([item("7"), item("8")])] == [
            True,
            False,
        ]
        cache.close()
        assert backend.asked == [("8", 0)]
        assert path.read_bytes() == whole


@pytest.mark.parametrize("line", ["x", "[]", "{}", '{"key": "k", "correct": "true"}', "", "7"])
def test_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "judge.jsonl"
    good = '{"key": "k", "correct": true, "reasoning": ""}\n'
    path.write_text(good + line + "\n" + good)
    with pytest.raises(ValueError, match=r"judge\.jsonl line 2 is no judge verdict"):
        VerdictCache(path)


def test_canaries_reach_the_model_itself_and_name_what_fooled_it() -> None:
    gullible = RuleBackend(
        lambda reference, response, attempt: (
            VERDICTS["olution" in response] if response != "." else "hm"
        )
    )
    judge = CoTJudge(gullible)
    report = judge.run_canaries()
    assert {response for response, _ in gullible.asked} >= {":", "Solution:", "Thought process:"}
    assert report.asked == len(gullible.asked) == 3 * len(CANARIES)
    expected = [response for response in CANARIES if "olution" in response] * 3
    assert list(report.fooled) == expected
    assert report.false_positive_rate == len(expected) / (3 * len(CANARIES))
    assert report.unparsable == 3
    # Canaries leave no trace in cache and counts.
    assert judge.metrics().get("judge/items", 0) == 0
    assert CoTJudge(RuleBackend(equal)).run_canaries().false_positive_rate == 0
    with pytest.raises(JudgeFailure):
        CoTJudge(RuleBackend(lambda *_: JudgeFailure("down"))).run_canaries()


def test_threads_share_a_judge() -> None:
    backend = RuleBackend(equal)
    judge = CoTJudge(backend)

    def work(offset: int) -> int:
        return sum(
            j.correct
            for start in range(0, 200, 10)
            for j in judge.judge([item(str(start + i + offset), "107") for i in range(10)])
        )

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(work, range(4))) == [1, 1, 1, 1]
    metrics = judge.metrics()
    assert metrics["judge/items"] == 800
    assert metrics["judge/yes"] == 4
