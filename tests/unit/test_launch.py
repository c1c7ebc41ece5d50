"""What a stage refuses while it runs, as the line that a user gets."""

import json
from pathlib import Path

import pytest

from mm_rl import launch as launcher
from mm_rl.run import Run
from mm_rl.stages.base import Stage
from tests.conftest import compose_config


class RunsAProgram(Stage):
    """Needs the sandbox only in its middle, as the curation of programs does."""

    name = "curate"

    def __init__(self, run: Run) -> None:
        self._run = run

    def run(self) -> None:
        _ = self._run.judges.sandbox


def test_a_machine_without_a_sandbox_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mm_rl.sandbox.probe.ESCAPES", "print('trace')\nprint('end')")
    monkeypatch.setattr(launcher, "build_stage", lambda name, run: RunsAProgram(run))
    config = compose_config("+experiment=smoke", "stages=[evaluate]", f"run_dir={tmp_path / 'run'}")
    with pytest.raises(launcher.UserError, match=r"no program can be contained here.*traceback"):
        launcher.launch(config)
    assert json.loads((tmp_path / "run" / "status.json").read_text())["status"] == "failed"
