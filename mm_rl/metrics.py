"""Where numbers go: `metrics.jsonl`, TensorBoard, and the bar on the screen.

`metrics.jsonl` is the record that resuming keeps exact: a checkpoint notes its size, and a resumed
run cuts the file back to it. Keys are `group/name`; wall-clock values live under `timing/` and are
the only ones that differ between equal runs.
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch.utils.tensorboard import SummaryWriter


class MetricsWriter:
    """Appends one JSON object per logged step.

    Args:
        folder: the run folder.
        keep_bytes: size to cut `metrics.jsonl` back to; 0 starts it anew.
    """

    def __init__(self, folder: Path, *, keep_bytes: int = 0) -> None:
        self.path = folder / "metrics.jsonl"
        self._file = open(self.path, "ab")  # noqa: SIM115 - lives as long as the run
        self._file.truncate(min(keep_bytes, self.path.stat().st_size))
        self._file.seek(0, os.SEEK_END)
        # Written anew from what was kept: event files can not be cut back.
        shutil.rmtree(folder / "tensorboard", ignore_errors=True)
        self._tensorboard = SummaryWriter(str(folder / "tensorboard"))
        for line in read_metrics(folder):
            self._draw(line)

    def log(self, stage: str, step: int, values: Mapping[str, float]) -> None:
        """Append the values of one step of a stage.

        Args:
            stage: `sft` or `rl`.
            step: optimizer step or iteration, counted from 1; 0 is before the first.
            values: `group/name` to number.
        """
        line = {"stage": stage, "step": step, **values}
        self._file.write(json.dumps(line, sort_keys=True).encode() + b"\n")
        self._file.flush()
        self._draw(line)

    def _draw(self, line: Mapping[str, Any]) -> None:
        for name, value in line.items():
            if name not in ("stage", "step"):
                self._tensorboard.add_scalar(f"{line['stage']}/{name}", value, line["step"])

    def sync(self) -> int:
        """Force everything to disk; returns the size for the checkpoint."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._tensorboard.flush()
        return self._file.tell()

    def close(self) -> None:
        self.sync()
        self._file.close()
        self._tensorboard.close()


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """All lines of a run's `metrics.jsonl`; a last line cut short by a kill is left out."""
    lines = (folder / "metrics.jsonl").read_text().split("\n")
    parsed = []
    for number, line in enumerate(lines):
        if not line:
            continue
        try:
            parsed.append(json.loads(line))
        except json.JSONDecodeError:
            if number < len(lines) - 1:
                raise
    return parsed
