"""`data_synth generate`: synthetic problems."""

import argparse
import ast
from collections.abc import Iterator
from itertools import islice
from typing import Any

from data_synth.cli.output import add_output_options, write_output
from data_synth.cli.parser import add_item_options, parse_whole, task_options
from data_synth.generate import ProblemRequest, generate
from data_synth.problem import Problem
from data_synth.stream import IndexedStream
from data_synth.tasks import TASKS, task_config
from data_synth.tasks.base import NUM_LEVELS

ALL_TASKS = "all"

EXAMPLES = """examples:
  python -m data_synth generate --task row_sums --count 1000 --out data/rows
  python -m data_synth generate --task all --level 0 --level 1 --count 200 --out data/easy
      200 problems of each task at each of two levels
  python -m data_synth generate --task all --count 50 --split test --out data/test
      every split and every seed is an independent draw, neighbouring seeds too
  python -m data_synth generate --task all --count 5000 --workers 8 --style varied --out data/big
      the same problems in the same order for any number of workers; goes on with --resume
  python -m data_synth generate --task row_sums --level 2 --set side=7 --count 100 --out data/wide
      another configuration than the level's; `data_synth tasks row_sums` shows the fields"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
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
        "--set",
        action="append",
        default=[],
        metavar="KNOB=VALUE",
        help="change a field of the level's configuration; repeat for several",
    )
    parser.add_argument("--workers", type=parse_whole(1), default=1, help="processes (default 1)")
    add_item_options(parser)
    add_output_options(parser)


def run(args: argparse.Namespace) -> None:
    """Write synthetic problems to a folder."""
    names = list(TASKS) if ALL_TASKS in args.task else list(dict.fromkeys(args.task))
    levels = list(dict.fromkeys(args.level or [0]))
    knobs = _knobs(args.set)
    for name in names:  # a wrong knob is found before the first problem is made
        task_config(name, level=levels[0], knobs=knobs)
    options = {"split": args.split, "knobs": knobs, **task_options(args)}

    def requests() -> Iterator[ProblemRequest]:
        # Tasks and levels take turns, so that the first rows already show all of them.
        for index in range(args.count):
            for level in levels:
                for name in names:
                    yield ProblemRequest(name=name, index=index, level=level, **options)

    def problems_from(start: int) -> Iterator[Problem]:
        return generate(islice(requests(), start, None), num_workers=args.workers)

    total = args.count * len(names) * len(levels)
    write_output(args, IndexedStream(problems_from), total=total, split=args.split)


def _knobs(specs: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for spec in specs:
        name, separator, text = spec.partition("=")
        if not separator or name in found:
            raise ValueError(f"--set {spec}: write KNOB=VALUE, each knob once")
        try:
            found[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):  # a bare word is a text
            found[name] = text
    return found


def _task_name(text: str) -> str:
    if text != ALL_TASKS and text not in TASKS:
        raise argparse.ArgumentTypeError(
            f"unknown task {text!r}: choose {ALL_TASKS}, {', '.join(TASKS)}"
        )
    return text
