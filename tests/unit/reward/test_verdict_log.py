"""Verdicts on disk: replayed, first one counts, torn lines ignored."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from data_synth.verify import Verdict
from mm_rl.reward.verdict_log import VerdictLog, verdict_key

RIGHT = Verdict(correct=True, reason="equal", score=0.75)
WRONG = Verdict(correct=False, reason="timeout")


def test_what_was_said_is_said_again_by_a_new_process(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.jsonl"
    log = VerdictLog(path)
    assert log.find("a") is None
    assert log.add("a", RIGHT) == RIGHT
    # A second opinion on the same thing changes nothing: the first verdict was acted on.
    assert log.add("a", WRONG) == RIGHT
    log.add("b", WRONG)
    again = VerdictLog(path)
    assert (again.find("a"), again.find("b"), len(again)) == (RIGHT, WRONG, 2)


def test_a_line_torn_by_a_kill_is_forgotten_and_the_file_goes_on_whole(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.jsonl"
    log = VerdictLog(path)
    log.add("a", RIGHT)
    whole = path.read_bytes()
    for cut in range(1, len(whole)):
        path.write_bytes(whole + whole.replace(b'"a"', b'"b"')[:cut])
        log = VerdictLog(path)
        assert len(log) == 1
        log.add("c", WRONG)
        assert VerdictLog(path).find("c") == WRONG
        path.write_bytes(whole)


def test_threads_do_not_mix_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.jsonl"
    log = VerdictLog(path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: log.add(str(i % 500), RIGHT if i % 2 else WRONG), range(2000)))
    again = VerdictLog(path)
    assert len(again) == 500 == len(path.read_text().splitlines())
    assert all(again.find(str(i)) == log.find(str(i)) for i in range(500))


def test_keys_tell_apart_what_is_cut_differently() -> None:
    assert verdict_key(("ab", "c")) != verdict_key(("a", "bc"))
    assert verdict_key(("ab",)) != verdict_key(("ab", ""))
    assert verdict_key(("\ud800",)) != verdict_key(("\ud801",))
    assert verdict_key(("a",)) == verdict_key(("a",)) and len(verdict_key(("a",))) == 32
