"""Runs programs that nobody vouches for: one contained process per run, judged from outside.

    with Sandbox(SandboxConfig()) as sandbox:
        result = sandbox.run(Program(source="print(int(input()) + 1)"), b"41\\n")

`supervisor` holds the pool and the verdict of a run, `inside` what happens on the other side.
"""

from mm_rl.sandbox.supervisor import Sandbox
from mm_rl.sandbox.types import (
    CompileError,
    Executable,
    Level,
    Limits,
    Program,
    RunResult,
    RunStatus,
    SandboxBusy,
    SandboxConfig,
    SandboxFailure,
    SandboxUnavailable,
)

__all__ = [
    "CompileError",
    "Executable",
    "Level",
    "Limits",
    "Program",
    "RunResult",
    "RunStatus",
    "Sandbox",
    "SandboxBusy",
    "SandboxConfig",
    "SandboxFailure",
    "SandboxUnavailable",
]
