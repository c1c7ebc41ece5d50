"""`python -m mm_rl.sandbox`: how programs are contained here; `... run FILE` runs one."""

import argparse
import sys
from pathlib import Path

from mm_rl.sandbox.supervisor import Sandbox
from mm_rl.sandbox.types import (
    CompileError,
    Limits,
    Program,
    RunStatus,
    SandboxConfig,
    SandboxUnavailable,
)

_LANGUAGE_OF = {".c": "c", ".cc": "cpp", ".cpp": "cpp", ".java": "java", ".js": "javascript"}
"""Suffix of a source file -> language, where they differ."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; 0, or 1 if the program did not end well, or 2 if nothing could run."""
    options = _parser().parse_args(arguments)
    config = SandboxConfig(level=options.level, workers=1, python_packages=options.package)
    try:
        with Sandbox(config) as sandbox:
            return _run(sandbox, options) if options.command == "run" else _show(sandbox)
    except (SandboxUnavailable, ValueError) as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mm_rl.sandbox", description=__doc__)
    parser.add_argument("--level", default="auto", help="auto, namespaces or landlock")
    parser.add_argument("--package", action="append", default=[], help="python package to offer")
    commands = parser.add_subparsers(dest="command")
    run = commands.add_parser("run", help="run one program")
    run.add_argument("file", type=Path)
    run.add_argument("--stdin", type=Path, help="file with its input; else it is empty")
    run.add_argument("--language", help="else by the file's suffix")
    defaults = Limits()
    run.add_argument("--cpu-s", type=float, default=defaults.cpu_s)
    run.add_argument("--wall-s", type=float, default=defaults.wall_s)
    run.add_argument("--memory-mb", type=int, default=defaults.memory_mb)
    return parser


def _show(sandbox: Sandbox) -> int:
    print(f"level: {sandbox.level.value}")
    for name, version in sandbox.languages().items():
        print(f"{name}: {version}")
    return 0


def _run(sandbox: Sandbox, options: argparse.Namespace) -> int:
    """Runs the file; its streams go where they would, a line on stderr says how it ended."""
    suffix = options.file.suffix
    language = options.language or (
        "python" if suffix == ".py" else _LANGUAGE_OF.get(suffix, suffix.removeprefix("."))
    )
    program = Program(source=options.file.read_text(encoding="utf-8"), language=language)
    limits = Limits(cpu_s=options.cpu_s, wall_s=options.wall_s, memory_mb=options.memory_mb)
    stdin = options.stdin.read_bytes() if options.stdin else b""
    try:
        result = sandbox.run(program, stdin, limits)
    except CompileError as error:
        print(error, file=sys.stderr)
        return 1
    sys.stdout.buffer.write(result.stdout)
    sys.stdout.flush()
    sys.stderr.write(result.stderr)
    print(
        f"{result.status.value}, exit code {result.exit_code}, signal {result.signal}, "
        f"cpu {result.cpu_s:.3f} s, wall {result.wall_s:.3f} s",
        file=sys.stderr,
    )
    return 0 if result.status is RunStatus.OK else 1


if __name__ == "__main__":
    sys.exit(main())
