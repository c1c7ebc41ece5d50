"""The command line: `python -m data_synth render | generate | mix | tasks | gallery`."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import TypeVar

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table

from data_synth.canvas import encode_png
from data_synth.gallery import take_spread, write_gallery
from data_synth.generate import ProblemRequest, generate
from data_synth.guess import TOP1_LIMIT, TOP8_LIMIT, guess_bound
from data_synth.mix import MixSource, Mixture, mix
from data_synth.options import ALL_TASKS, EXIT_ERROR, Command, build_parser, one_line, parse_whole
from data_synth.problem import Problem
from data_synth.sources import easy_vqa
from data_synth.storage import check_output_folder, count_problems, read_problems, write_problems
from data_synth.tasks import TASKS
from data_synth.tasks.base import NUM_LEVELS
from data_synth.text import CODE_FONT, PROSE_FONT, render_text

EXIT_INTERRUPTED = 130
_PROSE_SUFFIXES = ("", ".txt", ".md")
_T = TypeVar("_T")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 2 after an error, 130 when interrupted."""
    args = build_parser(COMMANDS).parse_args(argv)
    command: Command = args.run
    try:
        command(args)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except (ValueError, OSError) as error:  # what users can mend: options, files, disk space
        print(f"error: {one_line(error)}", file=sys.stderr)
        return EXIT_ERROR
    return 0


def run_render(args: argparse.Namespace) -> None:
    """Draw a text on one page."""
    text, suffix = _read_text(args)
    font = args.font or (PROSE_FONT if suffix in _PROSE_SUFFIXES else CODE_FONT)
    if args.out.suffix.lower() != ".png":
        raise ValueError(f"--out {args.out}: pages are PNG files, name one such as page.png")
    page = render_text(
        text,
        width=args.width,
        height=args.height,
        font_size=args.font_size,
        font=font,
        margin=args.margin,
    )
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_bytes(encode_png(page.image))
    print(f"wrote {page.image.width} x {page.image.height}, {len(page.lines)} lines: {args.out}")


def run_generate(args: argparse.Namespace) -> None:
    """Write synthetic problems to a folder."""
    names = list(TASKS) if ALL_TASKS in args.task else list(dict.fromkeys(args.task))
    levels = list(dict.fromkeys(args.level or [0]))
    # Tasks and levels take turns, so that the first rows already show all of them.
    requests = (
        ProblemRequest(
            name=name,
            index=index,
            split=args.split,
            seed=args.seed,
            level=level,
            image_size=args.image_size,
        )
        for index in range(args.count)
        for level in levels
        for name in names
    )
    problems = generate(requests, num_workers=args.workers)
    total = args.count * len(names) * len(levels)
    _write(args, _progress(problems, total, "generate"))


def run_mix(args: argparse.Namespace) -> None:
    """Write a weighted mixture of sources to a folder."""
    sources = {}
    for spec in args.source:
        name, _, weight = spec.rpartition("=")
        if name in sources:
            raise ValueError(f"--source {spec}: {name!r} is given twice, add up its weights")
        sources[name] = _open_source(name, args, weight=_weight(spec, name, weight))
    mixture = mix(sources, count=args.count, seed=args.seed)
    _write(args, _progress(mixture, args.count, "mix"))
    _print_counts(mixture, sources)
    taken = sum(source.taken for source in mixture.counts.values())
    if taken < args.count:
        print(f"note: the sources ended after {taken} of {args.count} problems", file=sys.stderr)


def run_tasks(args: argparse.Namespace) -> None:
    """Print the tasks and how often each is guessed."""
    table = Table(
        box=SIMPLE_HEAD,
        caption="Chances to guess an answer from the question alone, at the level where that is "
        f"easiest. Limits: {TOP1_LIMIT:.0%} in one guess, {TOP8_LIMIT:.0%} in 8.",
        caption_justify="left",
    )
    table.add_column("task", no_wrap=True)
    table.add_column("summary", overflow="fold")
    for column in ("levels", "answers", "1 guess", "8 guesses"):
        table.add_column(column, no_wrap=True, justify="right")
    for name, task in TASKS.items():
        bounds = guess_bound(task)
        table.add_row(
            name,
            task.summary,
            f"0-{NUM_LEVELS - 1}",
            f"{min(bound.num_answers for bound in bounds)}+",
            f"{max(bound.top1 for bound in bounds):.2%}",
            f"{max(bound.top8 for bound in bounds):.2%}",
            style="" if all(bound.within_limits for bound in bounds) else "bold red",
        )
    Console().print(table)


def run_gallery(args: argparse.Namespace) -> None:
    """Write a page of problems to look at."""
    check_output_folder(args.out, overwrite=args.overwrite, suffixes=(".html", ".png"))
    problems: list[Problem] = []
    for name in args.source or TASKS:
        source = _open_source(name, args, weight=1.0)
        if source.size is None or name == easy_vqa.NAME:
            problems += islice(source.open(), args.count)
        else:
            problems += take_spread(source.open(), args.count)
    page, sheet = write_gallery(problems, args.out, title=args.title, overwrite=args.overwrite)
    print(f"wrote {len(problems)} problems: {page} and {sheet}")


def _weight(spec: str, name: str, text: str) -> float:
    try:
        weight = float(text)
    except ValueError:  # typed by the user
        weight = 0.0
    if not name or not 0 < weight < float("inf"):
        raise ValueError(f"--source {spec}: write NAME=WEIGHT with a positive weight")
    return weight


def _open_source(name: str, args: argparse.Namespace, *, weight: float) -> MixSource:
    """A source by its name on the command line; `size` is None for tasks, which never end."""
    task, _, level = name.partition("@")
    if task in TASKS:
        request = partial(
            ProblemRequest,
            name=task,
            level=_whole_level(name, level),
            split=args.split,
            seed=args.seed,
            image_size=args.image_size,
        )
        return MixSource(
            weight=weight, open=lambda: generate(request(index=index) for index in count())
        )
    if name == easy_vqa.NAME:
        return MixSource(
            weight=weight,
            open=partial(easy_vqa.load_easy_vqa, args.split),
            size=easy_vqa.count_easy_vqa(args.split),
        )
    if not Path(name).exists():
        raise ValueError(
            f"unknown source {name!r}: it is no file or folder, nor {easy_vqa.NAME}, nor one of "
            f"the tasks {', '.join(TASKS)}"
        )
    return MixSource(weight=weight, open=partial(read_problems, name), size=count_problems(name))


def _whole_level(name: str, text: str) -> int:
    try:
        return parse_whole(0, NUM_LEVELS - 1)(text) if "@" in name else 0
    except argparse.ArgumentTypeError as error:
        raise ValueError(f"level of source {name!r}: {error}") from error


def _read_text(args: argparse.Namespace) -> tuple[str, str]:
    """The text to render, and the suffix of the file it comes from."""
    if args.text is not None:
        return args.text, ""
    if str(args.file) == "-":
        return sys.stdin.read(), ""
    try:
        return args.file.read_text(encoding="utf-8"), args.file.suffix.lower()
    except UnicodeDecodeError as error:  # the file is the user's
        raise ValueError(f"{args.file} is not UTF-8 text ({error}): convert it first") from error


def _write(args: argparse.Namespace, problems: Iterable[Problem]) -> None:
    number = write_problems(args.out, problems, split=args.split, overwrite=args.overwrite)
    print(f"wrote {number} problems: {args.out}")


def _progress(items: Iterable[_T], total: int, description: str) -> Iterator[_T]:
    """Show a bar on stderr when that is a terminal."""
    console = Console(stderr=True)
    yield from track(
        items,
        total=total,
        description=description,
        console=console,
        disable=not console.is_terminal,
    )


def _print_counts(mixture: Mixture, sources: dict[str, MixSource]) -> None:
    table = Table(box=SIMPLE_HEAD)
    table.add_column("source", overflow="fold")
    for column in ("weight", "expected", "taken", "duplicates", "ended"):
        table.add_column(column, no_wrap=True, justify="right")
    for name, counted in mixture.counts.items():
        table.add_row(
            name,
            f"{sources[name].weight:g}",
            f"{counted.expected:.1f}",
            str(counted.taken),
            str(counted.duplicates),
            "yes" if counted.exhausted else "",
        )
    Console().print(table)


COMMANDS: dict[str, Command] = {
    "render": run_render,
    "generate": run_generate,
    "mix": run_mix,
    "tasks": run_tasks,
    "gallery": run_gallery,
}
"""Every command by name."""
