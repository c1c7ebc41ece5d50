"""Checkpoints: whole or absent, verified, with a fallback."""

import os
from pathlib import Path

import pytest
import torch

from mm_rl.checkpoint import CheckpointStore, load_checkpoint
from mm_rl.files import atomic_folder, write_atomic
from mm_rl.policy.model import Policy, load_policy


def save(store: CheckpointStore, policy: Policy, step: int, *, finished: bool = False) -> Path:
    return store.save(
        policy,
        stage="rl",
        step=step,
        finished=finished,
        metrics_bytes=100 + step,
        state={"step": step, "table": {3: (1.5, 2.0)}, "tensor": torch.arange(3)},
    )


def test_round_trip(policy: Policy, tmp_path: Path) -> None:
    path = save(CheckpointStore(tmp_path, keep=2), policy, 7)
    loaded = load_checkpoint(path)
    assert (loaded.stage, loaded.step, loaded.finished, loaded.metrics_bytes) == (
        "rl",
        7,
        False,
        107,
    )
    assert loaded.state["table"] == {3: (1.5, 2.0)}
    assert loaded.state["tensor"].tolist() == [0, 1, 2]
    weights = load_policy(str(path / "policy"), device="cpu", dtype="float32").model.state_dict()
    original = policy.model.state_dict()
    assert all(torch.equal(weights[name], original[name]) for name in original)


def test_newest_are_kept_and_those_that_close_a_stage(policy: Policy, tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path, keep=2)
    save(store, policy, 1)
    save(store, policy, 2, finished=True)
    for step in (3, 4, 5):
        save(store, policy, step)
    kept = sorted(int(path.name.split("-")[-1]) for path in tmp_path.iterdir())
    assert kept == [2, 4, 5]


@pytest.mark.parametrize("damage", ["flip", "cut", "delete", "no_manifest"])
def test_a_damaged_newest_falls_back_to_the_one_before(
    policy: Policy, tmp_path: Path, damage: str
) -> None:
    store = CheckpointStore(tmp_path, keep=2)
    save(store, policy, 1)
    newest = save(store, policy, 2)
    victim = newest / ("manifest.json" if damage == "no_manifest" else "policy/model.safetensors")
    if damage == "flip":
        data = bytearray(victim.read_bytes())
        data[len(data) // 2] ^= 1
        victim.write_bytes(data)
    elif damage == "cut":
        os.truncate(victim, victim.stat().st_size - 1)
    else:
        victim.unlink()
    checkpoint, problems = store.latest()
    assert checkpoint is not None and checkpoint.step == 1
    assert len(problems) == 1 and newest.name in problems[0]


def test_no_checkpoint_at_all(tmp_path: Path) -> None:
    assert CheckpointStore(tmp_path, keep=1).latest() == (None, [])


def test_a_folder_whose_writing_failed_does_not_appear(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), atomic_folder(tmp_path / "new") as folder:
        (folder / "part").write_text("half")
        raise RuntimeError("killed here")
    assert not (tmp_path / "new").exists()
    # What it left behind is in nobody's way.
    with atomic_folder(tmp_path / "new") as folder:
        (folder / "part").write_text("whole")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["part"]


def test_an_interrupted_write_leaves_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_atomic(path, "old")

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_atomic(path, "new")
    assert path.read_text() == "old"
