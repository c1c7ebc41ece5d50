"""What the command line accepts: one function of options per command, and the help's examples."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from data_synth.tasks import TASKS
from data_synth.tasks.base import DEFAULT_IMAGE_SIZE, NUM_LEVELS
from data_synth.text import CODE_FONT, FONT_NAMES, PROSE_FONT

EXIT_ERROR = 2
ALL_TASKS = "all"
_MAX_IMAGE_SIZE = 4096

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
_COMMAND_EXAMPLES = {
    "render": """examples:
  python -m data_synth render --text "2 + 2 = ?" --width 200 --out sum.png
  python -m data_synth render notes.md --width 896 --height 1152 --out page.png
      refuses a text that does not fit, and says what height it needs
  python -m data_synth render train.py --font-size 14 --out code.png
      source files are set in a monospace face (from the package matplotlib)
  cat log.txt | python -m data_synth render - --font my.ttf --out log.png""",
    "generate": """examples:
  python -m data_synth generate --task row_sums --count 1000 --out data/rows
  python -m data_synth generate --task all --level 0 --level 1 --count 200 --out data/easy
      200 problems of each task at each of two levels
  python -m data_synth generate --task all --count 50 --split test --out data/test
      every split and every seed is an independent draw, neighbouring seeds too
  python -m data_synth generate --task all --count 5000 --workers 8 --out data/big
      the same problems in the same order for any number of workers""",
    "mix": """examples:
  python -m data_synth mix --source row_sums=2 --source count_colors@3=1 --count 300 --out data/mix
      two thirds row_sums at level 0, one third count_colors at level 3
  python -m data_synth mix --source data/easy=1 --source easy-vqa=0.5 --count 2000 --out data/mix
      a folder written by `generate`, and the data set of the package easy-vqa

A source that ends is dropped and its weight goes to the others; the table shows what was taken.""",
    "gallery": """examples:
  python -m data_synth gallery --out gallery
  python -m data_synth gallery row_sums row_sums@4 --count 12 --out gallery
      the easiest and the hardest level of one task
  python -m data_synth gallery data/mix easy-vqa --out gallery
      written sets and data sets; --count then counts per source within a set""",
}


def one_line(message: object) -> str:
    """A message without line breaks."""
    return " ".join(str(message).split())


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as one line that says where to look."""

    def error(self, message: str) -> NoReturn:
        print(f"error: {one_line(message)} (see `{self.prog} --help`)", file=sys.stderr)
        sys.exit(EXIT_ERROR)


Command = Callable[[argparse.Namespace], None]
"""Carries out parsed arguments; its docstring is its help."""


def build_parser(commands: Mapping[str, Command]) -> argparse.ArgumentParser:
    """The parser of all commands; parsed arguments hold the command as `run`."""
    parser = _Parser(
        prog="python -m data_synth",
        description="Visual reasoning problems with exact answers, and text as images.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, run in commands.items():
        command = subparsers.add_parser(
            name,
            help=(run.__doc__ or "").rstrip("."),
            description=run.__doc__,
            epilog=_COMMAND_EXAMPLES.get(name),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.set_defaults(run=run)
        if name in _ADD_OPTIONS:
            _ADD_OPTIONS[name](command)
    return parser


def _add_render_options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, help="UTF-8 text or source file, - for stdin")
    what.add_argument("--text", help="the text itself")
    parser.add_argument("--out", type=Path, required=True, metavar="PNG", help="file to write")
    parser.add_argument("--width", type=parse_whole(1), default=896, help="pixels (default 896)")
    parser.add_argument(
        "--height", type=parse_whole(1), help="pixels (default: whatever is needed)"
    )
    parser.add_argument("--font-size", type=parse_whole(1), default=18, help="pixels (default 18)")
    parser.add_argument("--margin", type=parse_whole(0), default=24, help="pixels (default 24)")
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
        help=f"a task, or {ALL_TASKS}; repeat for several",
    )
    parser.add_argument(
        "--count", type=parse_whole(1), required=True, help="problems of each task at each level"
    )
    parser.add_argument(
        "--level",
        action="append",
        type=parse_whole(0, NUM_LEVELS - 1),
        help=f"0 (easiest, default) to {NUM_LEVELS - 1}; repeat for several",
    )
    parser.add_argument(
        "--workers",
        type=parse_whole(1),
        default=1,
        help="processes (default 1)",
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
    parser.add_argument("--count", type=parse_whole(1), required=True, help="problems in all")
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
        "--count", type=parse_whole(1), default=6, help="problems per source (default 6)"
    )
    parser.add_argument("--title", default="Problems", help="heading of the page")
    _add_item_options(parser)
    _add_output_options(parser)


def _add_item_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=parse_whole(0, 2**63 - 1), default=0, help="default 0")
    parser.add_argument(
        "--split", type=_split_name, default="train", help="train (default), test, ..."
    )
    parser.add_argument(
        "--image-size",
        type=parse_whole(32, _MAX_IMAGE_SIZE),
        default=DEFAULT_IMAGE_SIZE,
        help=f"pixels per side of generated images (default {DEFAULT_IMAGE_SIZE})",
    )


def _add_output_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder to write")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace what an earlier run wrote to --out"
    )


def parse_whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """A parser of whole numbers in [low, high]."""
    limits = f"of at least {low}" if high is None else f"from {low} to {high}"

    def parse(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
        if number < low or (high is not None and number > high):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {limits}")
        return number

    return parse


def _task_name(text: str) -> str:
    if text != ALL_TASKS and text not in TASKS:
        raise argparse.ArgumentTypeError(
            f"unknown task {text!r}: choose {ALL_TASKS}, {', '.join(TASKS)}"
        )
    return text


def _split_name(text: str) -> str:
    if not text.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not a name: use letters, digits and _")
    return text


_ADD_OPTIONS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "render": _add_render_options,
    "generate": _add_generate_options,
    "mix": _add_mix_options,
    "gallery": _add_gallery_options,
}
