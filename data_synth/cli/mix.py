"""`data_synth mix`: several sources in one set."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from data_synth.cli.named_sources import open_source
from data_synth.cli.output import add_output_options, write_output
from data_synth.cli.parser import add_item_options, parse_whole, task_options
from data_synth.mix import MixSource, Mixture, mix, temperature_weights

EXAMPLES = """examples:
  python -m data_synth mix --source row_sums=2 --source count_colors@3=1 --count 300 --out data/mix
      two thirds row_sums at level 0, one third count_colors at level 3
  python -m data_synth mix --source data/easy=1 --source easy-vqa=0.5 --count 2000 --out data/mix
      a folder written by `generate`, and the data set of the package easy-vqa
  python -m data_synth mix --source data/a --source data/b --temperature 2 --count 900 --out mixed
      shares by the square root of the sizes
  python -m data_synth mix --source data/a=1 --source chartqa=1 --path chartqa=/data/chartqa \\
      --epochs data/a=2.5 --cap chartqa=500 --count 3000 --out data/mix
      data/a up to two and a half times, at most 500 problems of a set that lies on this machine

The counts are planned beforehand and met exactly, unless a source ends early or holds what another
one gave: the others then get its share, and the table shows what was taken. A run that was
interrupted goes on with --resume."""

_T = TypeVar("_T")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--source",
        action="append",
        required=True,
        metavar="NAME[=WEIGHT]",
        help="a task (NAME@LEVEL for a level above 0), a data set, or the path of a parquet file "
        "or folder; the weight is 1 if left out; repeat for several",
    )
    parser.add_argument("--count", type=parse_whole(1), required=True, help="problems in all")
    parser.add_argument(
        "--temperature",
        type=float,
        metavar="T",
        help="multiply each weight by SIZE ** (1/T): 1 is by size, the higher the more even",
    )
    parser.add_argument(
        "--cap",
        action="append",
        default=[],
        metavar="NAME=N",
        help="take at most N problems of a source; repeat for several",
    )
    parser.add_argument(
        "--epochs",
        action="append",
        default=[],
        metavar="NAME=E",
        help="read a source up to E times (default 1), fractions allowed; repeat for several",
    )
    parser.add_argument(
        "--path",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="where a data set lies on this machine; repeat for several",
    )
    add_item_options(parser)
    add_output_options(parser)


def run(args: argparse.Namespace) -> None:
    """Write a weighted mixture of sources to a folder."""
    sources = _sources(args)
    mixture = mix(sources, count=args.count, seed=args.seed, split=args.split)
    _print_plan(mixture, sources)
    write_output(
        args,
        mixture,
        total=args.count,
        split=args.split,
        notes=lambda: ["## Mixture", _markdown(mixture, sources)],
    )
    _print_taken(mixture)
    taken = sum(source.taken for source in mixture.counts.values())
    if 0 < taken < args.count:
        print(f"note: the sources ended after {taken} of {args.count} problems", file=sys.stderr)


def _sources(args: argparse.Namespace) -> dict[str, MixSource]:
    weights: dict[str, float] = {}
    for spec in args.source:
        name, weight = _name_and_weight(spec)
        if name in weights:
            raise ValueError(f"--source {spec}: {name!r} is given twice, add up its weights")
        weights[name] = weight
    paths = _by_name("--path", args.path, weights, str)
    caps = _by_name("--cap", args.cap, weights, int)
    epochs = _by_name("--epochs", args.epochs, weights, float)
    sources = {
        name: replace(
            open_source(
                name,
                split=args.split,
                task_options=task_options(args),
                path=paths.get(name),
                weight=weight,
            ),
            cap=caps.get(name),
            epochs=epochs.get(name, 1.0),
        )
        for name, weight in weights.items()
    }
    return sources if args.temperature is None else _tempered(sources, args.temperature)


def _tempered(sources: dict[str, MixSource], temperature: float) -> dict[str, MixSource]:
    sizes: dict[str, int] = {}
    for name, source in sources.items():
        size = source.size if source.size is not None else source.cap
        if size is None:
            raise ValueError(
                f"--temperature: source {name!r} has no size to weigh it by: pass --cap {name}=N"
            )
        sizes[name] = size
    factors = temperature_weights(sizes, temperature)
    return {
        name: replace(source, weight=source.weight * factors[name])
        for name, source in sources.items()
    }


def _name_and_weight(spec: str) -> tuple[str, float]:
    name, separator, text = spec.rpartition("=")
    if not separator:
        return spec, 1.0
    try:
        weight = float(text)
    except ValueError:  # typed by the user
        weight = 0.0
    if not name or not 0 < weight < float("inf"):
        raise ValueError(f"--source {spec}: write NAME=WEIGHT with a positive weight")
    return name, weight


def _by_name(
    option: str, specs: Sequence[str], names: dict[str, float], read: Callable[[str], _T]
) -> dict[str, _T]:
    found: dict[str, _T] = {}
    for spec in specs:
        name, _, text = spec.rpartition("=")
        if name not in names:
            raise ValueError(f"{option} {spec}: write NAME=VALUE with the NAME of a --source")
        if name in found:
            raise ValueError(f"{option} {spec}: {name!r} is given twice")
        try:
            found[name] = read(text)
        except ValueError as error:  # typed by the user
            raise ValueError(f"{option} {spec}: {text!r} is not a number") from error
    return found


def _print_plan(mixture: Mixture, sources: dict[str, MixSource]) -> None:
    table = Table(box=SIMPLE_HEAD, title="planned", title_justify="left")
    table.add_column("source", overflow="fold")
    for column in ("weight", "rows", "cap", "epochs", "problems"):
        table.add_column(column, no_wrap=True, justify="right")
    for name, counted in mixture.counts.items():
        source = sources[name]
        table.add_row(
            name,
            f"{source.weight:.4g}",
            "" if source.size is None else str(source.size),
            "" if source.cap is None else str(source.cap),
            f"{source.epochs:g}",
            str(counted.expected),
        )
    Console().print(table)


def _print_taken(mixture: Mixture) -> None:
    table = Table(box=SIMPLE_HEAD, title="taken", title_justify="left")
    table.add_column("source", overflow="fold")
    for column in _COLUMNS[1:]:
        table.add_column(column, no_wrap=True, justify="right")
    for row in _rows(mixture):
        table.add_row(*row)
    Console().print(table)


_COLUMNS = ("source", "planned", "taken", "repeats", "duplicates", "ended")


def _rows(mixture: Mixture) -> list[list[str]]:
    return [
        [
            name,
            str(counted.expected),
            str(counted.taken),
            str(counted.repeats),
            str(counted.duplicates),
            "yes" if counted.exhausted else "",
        ]
        for name, counted in mixture.counts.items()
    ]


def _markdown(mixture: Mixture, sources: dict[str, MixSource]) -> str:
    lines = [[*_COLUMNS, "weight"], ["---"] * (len(_COLUMNS) + 1)]
    lines += [[*row, f"{sources[row[0]].weight:.4g}"] for row in _rows(mixture)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
