"""`data_synth tasks`: what can be generated, and how often it is guessed."""

import argparse
from dataclasses import fields

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from data_synth.guess import TOP1_LIMIT, TOP8_LIMIT, guess_bound
from data_synth.tasks import TASKS
from data_synth.tasks.base import NUM_LEVELS

EXAMPLES = """examples:
  python -m data_synth tasks
  python -m data_synth tasks row_sums
      the configuration of each of its levels, whose fields `generate --set` changes"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("task", nargs="?", help="show the levels of one task")


def run(args: argparse.Namespace) -> None:
    """List the tasks and how often each is guessed, or the levels of one."""
    Console().print(_overview() if args.task is None else _levels(args.task))


def _overview() -> Table:
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
    return table


def _levels(name: str) -> Table:
    if name not in TASKS:
        raise ValueError(f"unknown task {name!r}: choose {', '.join(TASKS)}")
    task = TASKS[name]
    table = Table(box=SIMPLE_HEAD, title=f"{name}: {task.summary}", title_justify="left")
    table.add_column("level", justify="right")
    knobs = [field.name for field in fields(task.ladder[0])]
    for column in (*knobs, "1 guess", "8 guesses"):
        table.add_column(column, justify="right")
    for bound, config in zip(guess_bound(task), task.ladder, strict=True):
        values = [str(getattr(config, knob)) for knob in knobs]
        table.add_row(str(bound.level), *values, f"{bound.top1:.2%}", f"{bound.top8:.2%}")
    return table
