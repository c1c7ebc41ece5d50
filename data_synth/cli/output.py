"""What every command that writes a set does: go on after a crash, show progress, add the card,
push to the hub.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from data_synth.card import write_card
from data_synth.hub import check_push, push_to_hub
from data_synth.problem import Problem
from data_synth.storage import Recovery, write_problems
from data_synth.stream import Resumable, resumable

# Options that do not decide what is written.
_FREE_OPTIONS = ("run", "out", "overwrite", "resume", "workers", "push_to_hub", "private")
_UNREPEATED = ("--overwrite", "--resume")


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """The options that `write_output` reads."""
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder to write")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace what an earlier run wrote to --out"
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with what an interrupted run of the same command wrote",
    )
    parser.add_argument(
        "--push-to-hub",
        metavar="REPO",
        help="then upload the folder as this data set (OWNER/NAME); needs `hf auth login`",
    )
    parser.add_argument(
        "--private", action="store_true", help="make a new repository of --push-to-hub private"
    )


def write_output(
    args: argparse.Namespace,
    problems: Iterable[Problem],
    *,
    total: int | None,
    split: str | None,
    notes: Callable[[], list[str]] = list,
) -> int:
    """Write problems, which may be `Resumable`, to `args.out` with a card; returns how many.

    Args:
        args: parsed options, among them those of `add_output_options`.
        problems: the rows.
        total: how many are expected, for the bar.
        split: see `write_problems`.
        notes: paragraphs for the card, asked for when all rows are written.

    Raises:
        ValueError, OSError: see `write_problems` and `push_to_hub`.
    """
    if args.push_to_hub:
        check_push(args.push_to_hub)
    command = _command()
    recovery = Recovery(request=_request(args), resume=args.resume)
    with progress_bar(args.command, total) as advance:
        count = write_problems(
            args.out,
            Watched(resumable(problems), advance),
            split=split,
            overwrite=args.overwrite,
            recovery=recovery,
            complete=lambda folder: write_card(
                folder, title=args.out.resolve().name, command=command, notes=notes()
            ),
        )
    print(f"wrote {count} problems: {args.out}")
    if args.push_to_hub:
        print(f"pushed: {push_to_hub(args.out, args.push_to_hub, private=args.private)}")
    return count


class Watched(Iterator[Problem]):
    """A stream that reports how many problems it has given."""

    def __init__(self, stream: Resumable, advance: Callable[[int], None]) -> None:
        self._stream = stream
        self._advance = advance

    def __next__(self) -> Problem:
        problem = next(self._stream)
        self._advance(1)
        return problem

    def position(self) -> dict[str, Any]:
        """That of the stream."""
        return self._stream.position()

    def seek(self, position: Mapping[str, Any], yielded: Iterable[str]) -> None:
        """Go on after a position; what lies before it counts as given."""
        ids = list(yielded)
        self._stream.seek(position, ids)
        self._advance(len(ids))


@contextmanager
def progress_bar(description: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr, shown if that is a terminal; gives the function that advances it.

    Example:
        with progress_bar("mix", 100) as advance:
            advance(1)
    """
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield partial(progress.advance, progress.add_task(description, total=total))


def _request(args: argparse.Namespace) -> dict[str, Any]:
    """The options that decide what is written, as JSON values."""
    options = {name: value for name, value in vars(args).items() if name not in _FREE_OPTIONS}
    plain: dict[str, Any] = json.loads(json.dumps(options, default=str, sort_keys=True))
    return plain


def _command() -> str:
    """The command line as others would repeat it."""
    arguments = [argument for argument in sys.argv[1:] if argument not in _UNREPEATED]
    return shlex.join(["python", "-m", "data_synth", *arguments])
