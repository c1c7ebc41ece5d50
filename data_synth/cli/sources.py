"""`data_synth sources`: the data sets that adapters read."""

import argparse

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from data_synth.sources import SOURCES

EXAMPLES = """examples:
  python -m data_synth sources
  python -m data_synth gallery world-map --out gallery
      look at one
  python -m data_synth mix --source chartqa:path/to/copy=1 --count 1000 --out data/charts
      a local copy of a published set"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """No option: the list is short."""


def run(args: argparse.Namespace) -> None:
    """List the data sets that can be read, with licence and scoring rule."""
    table = Table(box=SIMPLE_HEAD)
    for column in ("source", "splits", "scoring", "licence", "use"):
        table.add_column(column, overflow="fold")
    for name, source in SOURCES.items():
        use = "evaluation only" if source.eval_only else ""
        table.add_row(name, ", ".join(source.splits), source.scoring, source.licence, use)
    Console().print(table)
