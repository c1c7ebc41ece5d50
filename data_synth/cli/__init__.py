"""The command line, `python -m data_synth COMMAND`: one module per command."""

import sys
from collections.abc import Sequence
from types import ModuleType

from data_synth.cli import gallery, generate, mix, render, sources, split, tasks, validate
from data_synth.cli.parser import EXIT_ERROR, build_parser, command_of, one_line

EXIT_INTERRUPTED = 130

COMMANDS: dict[str, ModuleType] = {
    "render": render,
    "tasks": tasks,
    "generate": generate,
    "sources": sources,
    "mix": mix,
    "split": split,
    "validate": validate,
    "gallery": gallery,
}
"""Every command by name."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code: 0, 2 after an error, 130 when interrupted."""
    args = build_parser(COMMANDS).parse_args(argv)
    try:
        return command_of(args)(args) or 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except (ValueError, OSError) as error:  # what users can mend: options, files, disk space
        print(f"error: {one_line(error)}", file=sys.stderr)
        return EXIT_ERROR
