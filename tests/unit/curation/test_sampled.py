"""guess, blind and difficulty, with a policy that was taught what to answer."""

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data_synth.tasks import make_problem
from mm_rl.config.curation import BlindConfig, DifficultyConfig, GuessConfig, MislabelledConfig
from mm_rl.curation.base import Drop
from mm_rl.curation.mislabelled import MislabelledFilter
from mm_rl.curation.sampled import BlindFilter, DifficultyFilter, GuessFilter
from tests.unit.curation.conftest import MakePool, Teach, number_problem

KNOWN = number_problem("Name my number.", "7")
WRONG = number_problem("Name my number.", "8", color="blue")
REASONED = "<think>it is plain</think>\\boxed{7}"


def test_what_is_answered_without_reasoning_is_dropped(make_pool: MakePool, teach: Teach) -> None:
    teach([(KNOWN, "\\boxed{7}"), (WRONG, "\\boxed{7}")])
    program = make_problem("write_program", index=0, image_size=64)
    pool = make_pool([KNOWN, WRONG, program])
    drops = GuessFilter(GuessConfig(max_tokens=8)).apply(pool)
    assert drops == {0: Drop(reason="guessed", detail="8 of 8 attempts are right")}
    assert pool.notes == {0: {"guess_hits": 8}, 1: {"guess_hits": 0}}


def test_a_tolerated_number_of_hits_is_not_dropped(make_pool: MakePool, teach: Teach) -> None:
    teach([(KNOWN, "\\boxed{7}"), (KNOWN, "\\boxed{8}")])
    pool = make_pool([KNOWN])
    GuessFilter(GuessConfig(max_tokens=8)).apply(pool)
    hits = pool.notes[0]["guess_hits"]
    assert 1 <= hits <= 7  # a coin, eight times
    strict = GuessFilter(GuessConfig(max_tokens=8, max_hits=hits - 1)).apply(pool)
    tolerant = GuessFilter(GuessConfig(max_tokens=8, max_hits=hits)).apply(pool)
    assert (list(strict), list(tolerant)) == ([0], [])


def test_a_guess_cannot_reason_first(make_pool: MakePool, teach: Teach) -> None:
    """The policy reasons whenever it may; behind an open box it may not."""
    teach([(KNOWN, REASONED)])
    pool = make_pool([KNOWN])
    list(GuessFilter(GuessConfig(max_tokens=8)).apply(pool))
    (block,) = (pool.run.folder / "attempts" / "guess").glob("*.parquet")
    texts = pq.read_table(block)["text"].to_pylist()
    assert len(texts) == 8
    assert all(text.startswith("\\boxed{") for text in texts)


def test_a_right_guess_counts_whatever_is_said_behind_it(make_pool: MakePool, teach: Teach) -> None:
    """Forced to begin with a box, policies explain themselves afterwards, or try a second one."""
    half = replace(number_problem("Name my half.", "\\frac{1}{2}", color="blue"), verifier="math")
    taught = {KNOWN: "7}\n\nTo see this, add 3 and 4", half: "\\frac{1}{2}} or \\boxed{3}"}
    teach([(problem, f"\\boxed{{{text}") for problem, text in taught.items()])
    pool = make_pool(list(taught))
    drops = GuessFilter(GuessConfig(num_samples=4, max_tokens=16)).apply(pool)
    assert pool.notes == {0: {"guess_hits": 4}, 1: {"guess_hits": 4}}
    assert set(drops) == {0, 1}
    assert pool.remarks == ["0.0% of 8 completions were cut at 16 tokens"]
    (block,) = (pool.run.folder / "attempts" / "guess").glob("*.parquet")
    rows = pq.read_table(block).to_pylist()
    assert {row["answer"] for row in rows} == {"7", "\\frac{1}{2}"}
    assert not any("see" in row["text"] or "or" in row["text"] for row in rows)
    # Without its picture it says the same.
    blind = BlindFilter(BlindConfig(num_samples=1, reasoning=False))
    blind.apply(pool)
    assert [pool.notes[index]["blind_hits"] for index in (0, 1)] == [1, 1]


def test_a_cap_that_cuts_many_completions_is_told(make_pool: MakePool, teach: Teach) -> None:
    long = number_problem("Count on.", "7", color="green")
    teach([(KNOWN, REASONED), (long, "<think>" + "1, 2, 3, 4, " * 6)])
    pool = make_pool([KNOWN, long])
    DifficultyFilter(DifficultyConfig(num_samples=4)).apply(pool)
    assert pool.remarks == [
        "WARNING: 50.0% of 8 completions were cut at 16 tokens and count as wrong, whatever they "
        "wrote: raise rollout.max_total_tokens"
    ]
    pool.remarks = []
    GuessFilter(GuessConfig(num_samples=2, max_tokens=1)).apply(pool)
    assert pool.remarks[0].endswith("at 1 tokens and count as wrong, whatever they wrote: raise "
                                    "curation.guess.max_tokens")  # fmt: skip


def test_what_is_answered_without_its_picture_is_dropped(make_pool: MakePool, teach: Teach) -> None:
    """One question is answered from its words, the other differently for each picture."""
    red, blue = (
        number_problem("Which tone?", n, color=c) for n, c in (("1", "red"), ("2", "blue"))
    )
    teach([(KNOWN, REASONED), (red, "\\boxed{1}"), (blue, "\\boxed{2}")])
    text_only = number_problem("Name my number.", "7", color=None)
    pool = make_pool([KNOWN, red, blue, text_only])
    drops = BlindFilter(BlindConfig(num_samples=4)).apply(pool)
    assert drops[0] == Drop(reason="blind_answerable", detail="4 of 4 attempts are right")
    # A blank picture is neither red nor blue: no more than one of the answers can be the rule.
    assert pool.notes[1]["blind_hits"] + pool.notes[2]["blind_hits"] <= 4
    assert 3 not in pool.notes


def test_pass_rates_are_measured_and_trivial_problems_dropped(
    make_pool: MakePool, teach: Teach
) -> None:
    coin = number_problem("Toss a coin.", "1", color="green")
    teach([(KNOWN, REASONED), (WRONG, REASONED), (coin, "\\boxed{1}"), (coin, "\\boxed{2}")])
    pool = make_pool([KNOWN, WRONG, coin])
    drops = DifficultyFilter(DifficultyConfig()).apply(pool)
    assert drops == {0: Drop(reason="trivial", detail="10 of 10 attempts are right")}
    assert pool.notes[0] == {
        "pass_rate": 1.0, "num_attempts": 10, "num_passed": 10, "unsolved": False,
    }  # fmt: skip
    assert pool.notes[1] == {
        "pass_rate": 0.0, "num_attempts": 10, "num_passed": 0, "unsolved": True,
    }  # fmt: skip
    passed = pool.notes[2]["num_passed"]
    assert 1 <= passed <= 9
    assert pool.notes[2]["pass_rate"] == passed / 10
    dropped = DifficultyFilter(DifficultyConfig(drop_unsolved=True)).apply(pool)
    assert dropped[1].reason == "unsolved"
    easy = DifficultyFilter(DifficultyConfig(trivial_from=passed / 10)).apply(pool)
    assert set(easy) == {0, 2}


@pytest.mark.parametrize("difficulty_first", [True, False])
def test_consensus_and_difficulty_share_their_attempts(
    make_pool: MakePool, teach: Teach, difficulty_first: bool
) -> None:
    teach([(KNOWN, REASONED), (WRONG, REASONED)])
    pool = make_pool([KNOWN, WRONG])
    measure = DifficultyFilter(DifficultyConfig())
    check = MislabelledFilter(MislabelledConfig(), DifficultyConfig())
    first, second = (measure, check) if difficulty_first else (check, measure)
    drops = first.apply(pool)
    pool.drop(set(drops))
    for parameter in pool.run.policy.model.parameters():
        parameter.data.zero_()  # whoever sampled again would get something else
    drops |= second.apply(pool)
    assert drops[1 if difficulty_first else 0].reason == (
        "consensus_disagrees" if difficulty_first else "trivial"
    )
    assert drops[0].reason == "trivial"
    assert drops[1].review


def test_unreadable_references_are_not_asked(make_pool: MakePool) -> None:
    pool = make_pool([number_problem("How many?", "many"), KNOWN])
    assert BlindFilter(BlindConfig(num_samples=1)).apply(pool) == {}
    assert GuessFilter(GuessConfig(num_samples=1, max_tokens=4)).apply(pool) == {}
    assert DifficultyFilter(DifficultyConfig(num_samples=1)).apply(pool) == {}
    assert set(pool.notes) == {1}


def test_attempts_survive_the_process(make_pool: MakePool, tmp_path: Path) -> None:
    DifficultyFilter(DifficultyConfig(num_samples=2)).apply(make_pool([KNOWN, WRONG]))
    blocks = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "attempts").rglob("*.parquet")}
    again = make_pool([KNOWN, WRONG])
    for parameter in again.run.policy.model.parameters():
        parameter.data.zero_()
    DifficultyFilter(DifficultyConfig(num_samples=2)).apply(again)
    after = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "attempts").rglob("*.parquet")}
    assert after == blocks
