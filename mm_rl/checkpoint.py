"""Checkpoints: complete or absent, verified when read, the previous good one as fallback.

A checkpoint is a folder `<stage>-<step>` with the policy as an ordinary Hugging Face folder and
`state.pt` with everything else: optimizer, RNGs, sampler, waiting groups, counters, and the size of
`metrics.jsonl`. `manifest.json` lists size and hash of every file.
"""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from mm_rl.files import atomic_folder, remove_folder, write_json
from mm_rl.policy.model import Policy

MANIFEST = "manifest.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A checkpoint that was read back and found whole.

    Example:
        checkpoint.stage, checkpoint.step, checkpoint.state["trainer"]
    """

    path: Path
    stage: str
    step: int
    finished: bool
    """Whether it closes its stage."""
    metrics_bytes: int
    state: dict[str, Any]
    """What the stage's `load_state_dict` takes."""


class CheckpointStore:
    """The checkpoints of one run.

    Args:
        folder: `checkpoints/` of the run folder.
        keep: newest checkpoints to keep; those that close a stage stay in any case.
    """

    def __init__(self, folder: Path, *, keep: int) -> None:
        self.folder, self.keep = folder, keep
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(".*.tmp"):  # of a process killed while writing or deleting
            shutil.rmtree(leftover)

    def save(
        self,
        policy: Policy,
        *,
        stage: str,
        step: int,
        finished: bool,
        metrics_bytes: int,
        state: dict[str, Any],
    ) -> Path:
        """Write one checkpoint and delete the ones that are no longer needed."""
        number = max((int(old.name.split("-")[0]) for old in self._paths()), default=-1) + 1
        path = self.folder / f"{number:05d}-{stage}-{step:06d}"
        with atomic_folder(path) as folder:
            policy.save(folder / "policy")
            header = {
                "stage": stage,
                "step": step,
                "finished": finished,
                "metrics_bytes": metrics_bytes,
            }
            torch.save({**header, "state": state}, folder / "state.pt")
            write_json(folder / MANIFEST, {"finished": finished, "files": _fingerprints(folder)})
        unfinished = [old for old in self._paths() if not _read_manifest(old)["finished"]]
        for old in unfinished[: -self.keep]:
            remove_folder(old)
        return path

    def latest(self) -> tuple[Checkpoint | None, list[str]]:
        """The newest whole checkpoint, and what was wrong with each newer one."""
        problems: list[str] = []
        for path in reversed(self._paths()):
            try:
                return load_checkpoint(path), problems
            except ValueError as error:
                problems.append(str(error))
        return None, problems

    def _paths(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if not path.name.startswith("."))


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint after checking every file against the manifest.

    Raises:
        ValueError: a file is missing, changed or cut short.
    """
    try:
        expected = _read_manifest(path)["files"]
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"checkpoint {path} has no readable {MANIFEST}: {error}") from error
    found = _fingerprints(path)
    damaged = sorted(name for name in expected if expected[name] != found.get(name))
    if damaged:
        raise ValueError(
            f"checkpoint {path} is damaged: {', '.join(damaged)} differ from its manifest"
        )
    content = torch.load(path / "state.pt", weights_only=True, map_location="cpu")
    return Checkpoint(path=path, **content)


def _read_manifest(path: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((path / MANIFEST).read_text())
    return manifest


def _fingerprints(folder: Path) -> dict[str, list[int | str]]:
    """Size and content hash of every file below a folder, the manifest excepted."""
    prints: dict[str, list[int | str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MANIFEST:
            with open(path, "rb") as file:
                digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
            prints[str(path.relative_to(folder))] = [path.stat().st_size, digest.hexdigest()]
    return prints
