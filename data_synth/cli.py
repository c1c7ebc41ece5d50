"""The command line: `python -m data_synth render | generate | mix | tasks | gallery`."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import NoReturn, TypeVar

from rich.console import Console
from rich.progress import track
from rich.table import Table

from data_synth.canvas import encode_png
from data_synth.gallery import take_spread, write_gallery
from data_synth.generate import ProblemRequest, generate
from data_synth.guess import TOP1_LIMIT, TOP8_LIMIT, guess_bound
from data_synth.mix import MixSource, Mixture, mix
from data_synth.problem import Problem
from data_synth.sources import easy_vqa
from data_synth.storage import check_output_folder, count_problems, read_problems, write_problems
from data_synth.tasks import TASKS
from data_synth.tasks.base import DEFAULT_IMAGE_SIZE, NUM_LEVELS
from data_synth.text import CODE_FONT, FONT_NAMES, PROSE_FONT, render_text

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
_MAX_IMAGE_SIZE = 4096
_PROSE_SUFFIXES = ("", ".txt", ".md")
_ALL = "all"
_T = TypeVar("_T")

_EXAMPLES = """examples:
  python -m data_synth tasks
      what can be generated, and how hard it is to guess
  python -m data_synth gallery --out gallery
      look at a few problems of every task: open gallery/index.html
  python -m data_synth generate --task all --count 100 --out data/train
      a training set that datasets.load_dataset("data/train") opens
  python -m data_synth render README.md --out page.png
      a text or source file as a page image

Each command has its own --help with more examples."""
_RENDER_EXAMPLES = """examples:
  python -m data_synth render --text "2 + 2 = ?" --width 200 --out sum.png
  python -m data_synth render notes.md --width 896 --height 1152 --out page.png
      refuses a text that does not fit, and says what height it needs
  python -m data_synth render train.py --font-size 14 --out code.png
      source files are set in a monospace face (from the package matplotlib)
  cat log.txt | python -m data_synth render - --font my.ttf --out log.png"""
_GENERATE_EXAMPLES = """examples:
  python -m data_synth generate --task row_sums --count 1000 --out data/rows
  python -m data_synth generate --task all --level 0 --level 1 --count 200 --out data/easy
      200 problems of each task at each of two levels
  python -m data_synth generate --task all --count 50 --split test --out data/test
      splits and seeds share no problem: this set is new to a policy trained on the others
  python -m data_synth generate --task all --count 5000 --workers 8 --out data/big
      the same problems in the same order for any number of workers"""
_MIX_EXAMPLES = """examples:
  python -m data_synth mix --source row_sums=2 --source count_colors@3=1 --count 300 --out data/mix
      two thirds row_sums at level 0, one third count_colors at level 3
  python -m data_synth mix --source data/easy=1 --source easy-vqa=0.5 --count 2000 --out data/mix
      a folder written by `generate`, and the data set of the package easy-vqa

A source that ends is dropped and its weight goes to the others; the table shows what was taken."""
_GALLERY_EXAMPLES = """examples:
  python -m data_synth gallery --out gallery
  python -m data_synth gallery row_sums row_sums@4 --count 12 --out gallery
      the easiest and the hardest level of one task
  python -m data_synth gallery data/mix easy-vqa --out gallery
      written sets and data sets; --count then counts per source within a set"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 2 after an error, 130 when interrupted."""
    args = _build_parser().parse_args(argv)
    command: Callable[[argparse.Namespace], None] = args.run
    try:
        command(args)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except (ValueError, OSError) as error:  # what users can mend: options, files, disk space
        print(f"error: {_one_line(error)}", file=sys.stderr)
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
    names = list(TASKS) if _ALL in args.task else list(dict.fromkeys(args.task))
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
        title=f"guess bounds are of the easiest level to guess; limits: best guess "
        f"{TOP1_LIMIT:.0%}, 8 guesses {TOP8_LIMIT:.0%}",
        title_justify="left",
    )
    for column in ("task", "summary", "domain", "levels", "answers", "best guess", "8 guesses"):
        table.add_column(column, overflow="fold")
    for name, task in TASKS.items():
        bounds = guess_bound(task)
        table.add_row(
            name,
            task.summary,
            task.domain,
            f"0-{NUM_LEVELS - 1}",
            f"{min(bound.num_answers for bound in bounds)}+",
            f"{max(bound.top1 for bound in bounds):.2%}",
            f"{max(bound.top8 for bound in bounds):.2%}"
            + ("" if all(bound.within_limits for bound in bounds) else " over the limit"),
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


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as one line that says where to look."""

    def error(self, message: str) -> NoReturn:
        print(f"error: {_one_line(message)} (see `{self.prog} --help`)", file=sys.stderr)
        sys.exit(EXIT_ERROR)


def _build_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m data_synth",
        description="Visual reasoning problems with exact answers, and text as images.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], None], epilog: str = "") -> _Parser:
        command = commands.add_parser(
            name,
            help=(run.__doc__ or "").rstrip("."),
            description=run.__doc__,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.set_defaults(run=run)
        return command

    _add_render_options(add("render", run_render, _RENDER_EXAMPLES))
    _add_generate_options(add("generate", run_generate, _GENERATE_EXAMPLES))
    _add_mix_options(add("mix", run_mix, _MIX_EXAMPLES))
    add("tasks", run_tasks)
    _add_gallery_options(add("gallery", run_gallery, _GALLERY_EXAMPLES))
    return parser


def _add_render_options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, help="UTF-8 text or source file, - for stdin")
    what.add_argument("--text", help="the text itself")
    parser.add_argument("--out", type=Path, required=True, metavar="PNG", help="file to write")
    parser.add_argument("--width", type=_whole(1), default=896, help="pixels (default 896)")
    parser.add_argument("--height", type=_whole(1), help="pixels (default: as tall as the text)")
    parser.add_argument("--font-size", type=_whole(1), default=18, help="pixels (default 18)")
    parser.add_argument("--margin", type=_whole(0), default=24, help="pixels (default 24)")
    parser.add_argument(
        "--font",
        help=f"{', '.join(FONT_NAMES)}, or the path of a .ttf or .otf file (default: {PROSE_FONT} "
        f"for --text, stdin, .txt and .md, {CODE_FONT} for other files)",
    )


def _add_generate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--task",
        action="append",
        required=True,
        type=_task_name,
        metavar="NAME",
        help=f"a task, or {_ALL}; repeat for several",
    )
    parser.add_argument(
        "--count", type=_whole(1), required=True, help="problems of each task at each level"
    )
    parser.add_argument(
        "--level",
        action="append",
        type=_whole(0, NUM_LEVELS - 1),
        help=f"0 (easiest, default) to {NUM_LEVELS - 1}; repeat for several",
    )
    parser.add_argument(
        "--workers", type=_whole(1), default=1, help="processes (default 1); never changes the data"
    )
    _add_item_options(parser)
    _add_output_options(parser)


def _add_mix_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--source",
        action="append",
        required=True,
        metavar="NAME=WEIGHT",
        help="a task (NAME@LEVEL for a level above 0), easy-vqa, or the path of a parquet file or "
        "folder; repeat for several",
    )
    parser.add_argument("--count", type=_whole(1), required=True, help="problems in all")
    _add_item_options(parser)
    _add_output_options(parser)


def _add_gallery_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        nargs="*",
        help="tasks (NAME@LEVEL for a level above 0), easy-vqa, paths of parquet files or folders "
        "(default: all tasks)",
    )
    parser.add_argument(
        "--count", type=_whole(1), default=6, help="problems per source (default 6)"
    )
    parser.add_argument("--title", default="Problems", help="heading of the page")
    _add_item_options(parser)
    _add_output_options(parser)


def _add_item_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=_whole(0, 2**63 - 1), default=0, help="default 0")
    parser.add_argument(
        "--split", type=_split_name, default="train", help="train (default), test, ..."
    )
    parser.add_argument(
        "--image-size",
        type=_whole(32, _MAX_IMAGE_SIZE),
        default=DEFAULT_IMAGE_SIZE,
        help=f"pixels per side of generated images (default {DEFAULT_IMAGE_SIZE})",
    )


def _add_output_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder to write")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace what an earlier run wrote to --out"
    )


def _whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """A parser of whole numbers in [low, high]."""
    limits = f"of at least {low}" if high is None else f"from {low} to {high}"

    def parse(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
        if number < low or (high is not None and number > high):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {limits}")
        return number

    return parse


def _task_name(text: str) -> str:
    if text != _ALL and text not in TASKS:
        raise argparse.ArgumentTypeError(
            f"unknown task {text!r}: choose {_ALL}, {', '.join(TASKS)}"
        )
    return text


def _split_name(text: str) -> str:
    if not text.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not a name: use letters, digits and _")
    return text


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
        return _whole(0, NUM_LEVELS - 1)(text) if "@" in name else 0
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
    table = Table()
    for column in ("source", "weight", "expected", "taken", "duplicates", "ended"):
        table.add_column(column, overflow="fold")
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


def _one_line(message: object) -> str:
    return " ".join(str(message).split())
