"""A set whose writing was interrupted ends with the bytes of one that was not."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_synth.problem import Problem
from data_synth.storage import Recovery, read_problems, write_problems
from data_synth.storage.folder import CARD_MARK
from data_synth.stream import IndexedStream

ROOT = Path(__file__).parents[3]
NUM_ROWS = 48


def problem(index: int) -> Problem:
    return Problem(
        question=f"question {index} " + "pad " * (index % 7),
        answer=str(index),
        answer_type="number",
        verifier="numeric",
        source="test",
        split="test" if index % 3 == 0 else "train",
        index=index,
    )


def write_card(data: Path) -> None:
    (data / "README.md").write_text(f"{CARD_MARK} {len(list(data.iterdir()))} files")


def write(
    folder: Path, *, resume: bool, delay: float = 0.0, seed: int = 0, commit_seconds: float = 0.0
) -> int:
    """Two splits of several shards, by default a commit after every row; notes what it makes."""

    def open_at(start: int) -> Iterator[Problem]:
        for index in range(start, NUM_ROWS):
            time.sleep(delay)
            with open(folder.with_name("made.log"), "a") as log:
                log.write(f"{index}\n")
            yield problem(index)

    return write_problems(
        folder,
        IndexedStream(open_at),
        split=None,
        shard_bytes=250,
        recovery=Recovery(request={"seed": seed}, resume=resume, commit_seconds=commit_seconds),
        complete=write_card,
    )


CHILD = """
import os, sys
import pandas  # pyarrow loads it at the first row, which takes a second
from pathlib import Path
from tests.unit.data_synth import test_storage_recovery as test
die_at = int(sys.argv[2])
calls = 0
def fatal(function):
    def call(*args, **options):
        global calls
        calls += 1
        if calls == die_at:
            os.kill(os.getpid(), 9)
        return function(*args, **options)
    return call
os.fsync = lambda handle: None  # for power cuts; what SIGKILL leaves does not depend on it
if die_at:
    os.replace, os.fsync, os.unlink = map(fatal, (os.replace, os.fsync, os.unlink))
print(test.write(Path(sys.argv[1]), resume=True, delay=float(sys.argv[3]),
                 commit_seconds=2 * float(sys.argv[3])), calls)
"""


def start(folder: Path, *, die_at: int = 0, delay: float = 0.0) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", CHILD, str(folder), str(die_at), str(delay)]
    return subprocess.Popen(
        arguments,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "."},
    )


def digests(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


@pytest.fixture(autouse=True)
def fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("plain") / "set"
    assert write(folder, resume=False) == NUM_ROWS
    found = digests(folder)
    assert len(found) > 6
    train = [row.index for row in read_problems(folder) if row.split == "train"]
    assert train == [index for index in range(NUM_ROWS) if index % 3]
    return found


@pytest.mark.slow
def test_a_set_killed_at_random_moments_comes_out_the_same(
    tmp_path: Path, uninterrupted: dict[str, str]
) -> None:
    rng = random.Random(7)
    folder = tmp_path / "set"
    kills = 0
    for _ in range(30):
        child = start(folder, delay=0.02)
        made = folder.with_name("made.log")
        before = made.stat().st_size if made.exists() else 0
        while child.poll() is None and (not made.exists() or made.stat().st_size == before):
            time.sleep(0.002)
        try:
            child.wait(rng.uniform(0.1, 0.7))
            break
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            kills += 1
        if folder.exists():
            break
    assert kills >= 2
    assert digests(folder) == uninterrupted
    assert [entry.name for entry in sorted(tmp_path.iterdir())] == ["made.log", "set"]
    # What was committed is not made again: a kill costs the rows of one commit, two or three.
    assert len(made.read_text().split()) <= NUM_ROWS + 8 * kills


@pytest.mark.slow
def test_a_set_killed_at_any_step_of_a_commit_comes_out_the_same(
    tmp_path: Path, uninterrupted: dict[str, str]
) -> None:
    child = start(tmp_path / "count", die_at=10**9)
    count, steps = map(int, (child.communicate()[0] or "").split())
    assert count == NUM_ROWS and steps > 250
    rng = random.Random(1)
    # The last steps put the set in its place.
    for die_at in (*rng.sample(range(1, steps - 2), 2), *range(steps - 2, steps + 1)):
        folder = tmp_path / f"set{die_at}"
        assert start(folder, die_at=die_at).wait() == -signal.SIGKILL
        if list(tmp_path.glob(f".{folder.name}.partial/journal.json")):
            assert write(folder, resume=True) == NUM_ROWS
        else:  # killed after the very last step that matters
            shutil.rmtree(tmp_path / f".{folder.name}.partial")
        assert digests(folder) == uninterrupted, die_at
        assert not list(tmp_path.glob(".*"))


LIMITED = """
import os, resource, signal, sys
from pathlib import Path
from data_synth.storage import Recovery, write_problems
from tests.unit.data_synth.test_storage import problem
os.fsync = lambda handle: None
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    print(write_problems(
        Path(sys.argv[1]), (problem(index) for index in range(60)),
        recovery=Recovery(request={}, resume=True, commit_seconds=0)))
except OSError as error:
    print("error:", error)
"""


def test_a_full_disk_is_an_error_and_loses_nothing(tmp_path: Path) -> None:
    def run(limit: int) -> str:
        return subprocess.run(
            [sys.executable, "-c", LIMITED, str(tmp_path / "set"), str(limit)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    said = run(14_000)  # the shard of 60 rows does not fit, a commit of one row does
    assert said.startswith("error: ") and "are safe" in said and "--resume" in said, said
    safe = int(said.split(" problems are safe")[0].split()[-1])
    assert safe >= 5 and not (tmp_path / "set").exists()
    assert not list((tmp_path / ".set.partial" / "data").iterdir())
    assert run(2**30) == "60\n"
    assert [row.index for row in read_problems(tmp_path / "set")] == list(range(60))


def test_an_unfinished_set_is_neither_lost_nor_mixed_up(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    child = start(folder, die_at=150)
    assert child.wait() == -signal.SIGKILL
    with pytest.raises(ValueError, match=r"set.partial holds \d+ problems of an unfinished set"):
        write(folder, resume=False)
    with pytest.raises(ValueError, match=r"another request; these differ: seed \(0, now 5\): "):
        write(folder, resume=True, seed=5)
    (folder.with_name("made.log")).unlink()
    assert write(folder, resume=True) == NUM_ROWS
    assert int((folder.with_name("made.log")).read_text().split()[0]) > 10
    with pytest.raises(ValueError, match="is not empty"):
        write(folder, resume=True)


def test_overwrite_starts_anew(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    assert start(folder, die_at=150).wait() == -signal.SIGKILL
    count = write_problems(
        folder, [problem(0)], overwrite=True, recovery=Recovery(request={"seed": 1})
    )
    assert count == 1 and [row.index for row in read_problems(folder)] == [0]
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    child = start(folder, delay=0.05)
    while not (tmp_path / "made.log").exists():
        time.sleep(0.01)
    with pytest.raises(ValueError, match="another process is writing"):
        write(folder, resume=True)
    child.kill()
    child.wait()


def test_a_journal_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    staging = tmp_path / ".set.partial"
    staging.mkdir()
    for content in ("{", "[]", '{"format": 99}', '{"format": 1, "splits": {"a": {"b": 1}}}'):
        (staging / "journal.json").write_text(content)
        with pytest.raises(ValueError, match=r"journal.json cannot be read .* start anew"):
            write(tmp_path / "set", resume=True)


def test_a_stream_that_cannot_skip_is_read_again(tmp_path: Path) -> None:
    def broken(rows: int) -> Iterator[Problem]:
        yield from map(problem, range(rows))
        raise RuntimeError("broken")

    recovery = Recovery(request={}, commit_seconds=0)
    with pytest.raises(RuntimeError):
        write_problems(tmp_path / "set", broken(10), recovery=recovery)
    again = Recovery(request={}, resume=True)
    assert write_problems(tmp_path / "set", map(problem, range(20)), recovery=again) == 20
    assert [row.index for row in read_problems(tmp_path / "set")] == list(range(20))
