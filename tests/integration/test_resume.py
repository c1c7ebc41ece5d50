"""Killed at any instant and started again, a run ends with the same bits."""

import random
import signal
import time
from pathlib import Path

import pytest

from tests.integration.runs import all_records, exact_metrics, final_weights, finish, start


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing interrupted."""
    run_dir = tmp_path_factory.mktemp("reference") / "run"
    finish(run_dir)
    return run_dir


def assert_same(run_dir: Path, reference: Path) -> None:
    assert exact_metrics(run_dir) == exact_metrics(reference)
    assert all_records(run_dir) == all_records(reference)
    assert final_weights(run_dir) == final_weights(reference)


@pytest.mark.slow
def test_runs_of_one_seed_are_equal_and_of_two_are_not(reference: Path, tmp_path: Path) -> None:
    finish(tmp_path / "same")
    assert_same(tmp_path / "same", reference)
    finish(tmp_path / "other", "seed=1")
    assert exact_metrics(tmp_path / "other") != exact_metrics(reference)


def test_the_reference_run_has_segments_in_flight(reference: Path) -> None:
    """Else the kill test would not test what it is for."""
    lines = [line for line in exact_metrics(reference) if "rollout/num_waiting_groups" in line]
    assert max(line["rollout/num_waiting_groups"] for line in lines) >= 1
    assert max(line.get("rollout/num_segments", 0) for line in lines) > 1


def kill_and_resume(run_dir: Path, seconds: float) -> None:
    process = start(run_dir)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    finish(run_dir, "resume=auto")


def test_killed_in_the_middle_and_resumed(reference: Path, tmp_path: Path) -> None:
    process = start(tmp_path / "run")
    deadline = time.monotonic() + 300
    while not any((tmp_path / "run").glob("checkpoints/*-rl-000002")):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    finish(tmp_path / "run", "resume=auto")
    assert_same(tmp_path / "run", reference)


@pytest.mark.slow
def test_killed_at_ten_random_instants(reference: Path, tmp_path: Path) -> None:
    started = time.monotonic()
    finish(tmp_path / "timed")
    duration = time.monotonic() - started
    rng = random.Random(0)
    for attempt in range(10):
        run_dir = tmp_path / str(attempt)
        kill_and_resume(run_dir, rng.uniform(0.2, 1.0) * duration)
        assert_same(run_dir, reference)


def test_resume_under_another_configuration_is_refused(reference: Path) -> None:
    process = start(reference, "resume=auto", "rl.group_size=3")
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "rl.group_size: 2 -> 3" in output
    assert "Traceback" not in output


def test_a_second_start_in_the_same_folder_is_refused(reference: Path) -> None:
    process = start(reference)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "holds a run already: add resume=auto" in output
