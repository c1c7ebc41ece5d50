"""`data_synth split`: one set into train, validation and test."""

import argparse

from data_synth.cli.output import add_output_options, write_output
from data_synth.cli.parser import parse_whole
from data_synth.splits import STRADDLING, Splitter, parse_fractions
from data_synth.storage import count_problems, read_problems

EXAMPLES = """examples:
  python -m data_synth split data/all --out data/split
  python -m data_synth split data/all --fractions train=0.8,test=0.2 --seed 3 --out data/split

No image stands in two splits, nor does a text question or the text of a rendered page; questions
that are asked of images may. The fractions are of images and texts, so that problems about the same
image count together. Problems whose images fall into different splits are left out and counted."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("path", help="a parquet file or a folder of them")
    parser.add_argument(
        "--fractions",
        default="train=0.9,validation=0.05,test=0.05",
        metavar="NAME=F,...",
        help="split names and their shares (default %(default)s)",
    )
    parser.add_argument("--seed", type=parse_whole(0), default=0, help="another draw (default 0)")
    add_output_options(parser)


def run(args: argparse.Namespace) -> None:
    """Divide a set into splits that share no image and no text."""
    splitter = Splitter(parse_fractions(args.fractions), seed=args.seed)
    total = count_problems(args.path)
    problems = splitter.split(read_problems(args.path))
    write_output(args, problems, total=total, split=None)
    for name, count in splitter.counts.items():
        what = "left out, their images fall into different splits" if name == STRADDLING else ""
        print(f"{name}: {count} {what}".rstrip())
