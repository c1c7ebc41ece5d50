"""What all commands share: the parser, readers of option values, and groups of options."""

import argparse
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, NoReturn, cast

from data_synth.style import STYLE_NAMES
from data_synth.tasks.base import DEFAULT_IMAGE_SIZE, LANGUAGES

EXIT_ERROR = 2
MAX_IMAGE_SIZE = 4096
_TASK_OPTIONS = ("seed", "language", "image_size", "style", "degradation")

_EXAMPLES = """examples:
  python -m data_synth tasks
      what can be generated, and how hard it is to guess
  python -m data_synth gallery --out gallery
      look at a few problems of every task: open gallery/index.html
  python -m data_synth generate --task all --count 100 --out data/train
      a training set that datasets.load_dataset("data/train") opens
  python -m data_synth render README.md --out page.png
      a document as page images

Each command has its own --help with more examples."""


def one_line(message: object) -> str:
    """A message without line breaks."""
    return " ".join(str(message).split())


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as one line that says where to look."""

    def error(self, message: str) -> NoReturn:
        print(f"error: {one_line(message)} (see `{self.prog} --help`)", file=sys.stderr)
        sys.exit(EXIT_ERROR)


def build_parser(commands: Mapping[str, ModuleType]) -> argparse.ArgumentParser:
    """The parser of all commands; parsed arguments hold the command's `run`.

    A command is a module with `add_options(parser)`, `run(args)`, whose docstring is the help, and
    `EXAMPLES`. `run` returns the exit code, or None for success.
    """
    parser = _Parser(
        prog="python -m data_synth",
        description="Visual reasoning problems with exact answers, and text as images.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in commands.items():
        summary = (module.run.__doc__ or "").partition("\n")[0].rstrip(".")
        command = subparsers.add_parser(
            name,
            help=summary,
            description=summary + ".",
            epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.set_defaults(run=module.run)
        module.add_options(command)
    return parser


def add_item_options(parser: argparse.ArgumentParser) -> None:
    """Which synthetic items, and how they look."""
    group = parser.add_argument_group("synthetic items")
    group.add_argument("--seed", type=parse_whole(0, 2**63 - 1), default=0, help="default 0")
    group.add_argument(
        "--split", type=parse_split, default="train", help="train (default), test, ..."
    )
    group.add_argument(
        "--language", choices=LANGUAGES, default="en", help="of the questions (default en)"
    )
    group.add_argument(
        "--image-size",
        type=parse_whole(32, MAX_IMAGE_SIZE),
        default=DEFAULT_IMAGE_SIZE,
        help=f"width of generated images in pixels (default {DEFAULT_IMAGE_SIZE})",
    )
    group.add_argument(
        "--style",
        choices=STYLE_NAMES,
        default="plain",
        help="plain (default), or varied: fonts, colours and strokes drawn per item",
    )
    group.add_argument(
        "--degrade",
        dest="degradation",
        type=parse_share,
        default=0.0,
        metavar="STRENGTH",
        help="photo-like degradation from 0 (default) to 1",
    )


def task_options(args: argparse.Namespace) -> dict[str, Any]:
    """The fields of `ProblemRequest` that `add_item_options` stands for, the split left out."""
    return {name: getattr(args, name) for name in _TASK_OPTIONS}


def parse_whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """A parser of whole numbers in [low, high]."""
    limits = f"of at least {low}" if high is None else f"from {low} to {high}"

    def parse(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
        if number < low or (high is not None and number > high):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {limits}")
        return number

    return parse


def parse_share(text: str) -> float:
    """A number from 0 to 1."""
    try:
        number = float(text)
    except ValueError:  # typed by the user
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return number


def parse_split(text: str) -> str:
    """The name of a split."""
    if not text.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not a name: use letters, digits and _")
    return text


Run = Callable[[argparse.Namespace], int | None]


def command_of(args: argparse.Namespace) -> Run:
    """The `run` of the command that was parsed."""
    return cast(Run, args.run)
