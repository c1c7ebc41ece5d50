"""`data_synth gallery`: problems to look at."""

import argparse
from itertools import islice
from pathlib import Path

from data_synth.cli.named_sources import open_source
from data_synth.cli.parser import add_item_options, parse_whole, task_options
from data_synth.gallery import take_spread, write_gallery
from data_synth.problem import Problem
from data_synth.storage import check_output_folder
from data_synth.tasks import TASKS

EXAMPLES = """examples:
  python -m data_synth gallery --out gallery
  python -m data_synth gallery row_sums row_sums@4 --count 12 --style varied --out gallery
      the easiest and the hardest level of one task
  python -m data_synth gallery data/mix easy-vqa --out gallery
      written sets and data sets; --count then counts per source within a set"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "source",
        nargs="*",
        help="tasks (NAME@LEVEL for a level above 0), data sets (see `data_synth sources`), paths "
        "of parquet files or folders (default: all tasks)",
    )
    parser.add_argument(
        "--count", type=parse_whole(1), default=6, help="problems per source (default 6)"
    )
    parser.add_argument("--title", default="Problems", help="heading of the page")
    add_item_options(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder to write")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace what an earlier run wrote to --out"
    )


def run(args: argparse.Namespace) -> None:
    """Write a page of problems to look at."""
    check_output_folder(args.out, overwrite=args.overwrite, suffixes=(".html", ".png"))
    problems: list[Problem] = []
    for name in args.source or TASKS:
        opened = open_source(name, split=args.split, task_options=task_options(args))
        take = islice if opened.size is None else take_spread
        problems += take(opened.open(0), args.count)
    page, sheet = write_gallery(problems, args.out, title=args.title, overwrite=args.overwrite)
    print(f"wrote {len(problems)} problems: {page} and {sheet}")
