"""The doctor names versions, devices, and how to get what is missing."""

import subprocess
import sys
from importlib.metadata import version


def test_doctor_reports_what_is_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mm_rl.doctor"],
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": "200", "PATH": "/usr/bin:/bin"},
    )
    for package in ("torch", "transformers", "hydra-core"):
        assert version(package) in done.stdout
    assert "torch threads" in done.stdout


def test_help_says_what_it_is_for() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mm_rl.doctor", "--help"], capture_output=True, text=True, check=True
    )
    assert "what this machine has" in done.stdout
