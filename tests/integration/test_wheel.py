"""The built wheel works without the checkout: code, configuration and report template travel."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.runs import ROOT


@pytest.mark.slow
def test_wheel_composes_and_reports_from_another_folder(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(tmp_path)]
    subprocess.run([*build, str(ROOT)], check=True)
    (wheel,) = tmp_path.glob("mm_rl-*.whl")
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*install, str(site), str(wheel)], check=True)

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    # The wheel's own modules, not those of an editable installation.
    assert run("-c", "import mm_rl.train; print(mm_rl.train.CONFIG_DIR)").strip() == str(
        site / "mm_rl" / "conf"
    )
    composed = run("-m", "mm_rl.train", "+experiment=smoke", "+sweep=seeds", "--cfg", "job")
    assert "name: smoke" in composed
    assert "row_sums" in run("-m", "data_synth", "tasks")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.jsonl").write_text("")
    (tmp_path / "run" / "config.json").write_text("{}")
    run("-m", "mm_rl.report", str(tmp_path / "run"))
    assert "<html" in (tmp_path / "run" / "report" / "index.html").read_text()
