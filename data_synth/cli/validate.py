"""`data_synth validate`: is every row of a set fit for use?"""

import argparse
import resource
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from data_synth.cli.output import progress_bar
from data_synth.cli.parser import parse_whole
from data_synth.images import ImageLimits, Severity
from data_synth.sources import SOURCES
from data_synth.storage import problem_files
from data_synth.validate import CheckedBatch, Report, check_files, check_stream, validate

EXIT_FINDINGS = 1

EXAMPLES = """examples:
  python -m data_synth validate data/train
  python -m data_synth validate data/train --clean data/good --quarantine data/bad
      the rows that can be used as a new set; the others as they are, with the reasons
  python -m data_synth validate chartqa --split test --count 500
      the first rows of a published set

Exit code 1 if anything is wrong. Warnings (a palette, transparency, an EXIF rotation, several
frames) name what readers treat in different ways; such rows are good."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("path", help="a parquet file, a folder of them, or the name of a data set")
    parser.add_argument("--split", default="train", help="of a data set (default train)")
    parser.add_argument(
        "--count", type=parse_whole(1), help="look at the first rows of a data set only"
    )
    parser.add_argument(
        "--quarantine", type=Path, metavar="FOLDER", help="write bad rows and all findings there"
    )
    parser.add_argument("--clean", type=Path, metavar="FOLDER", help="write good rows there")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace what an earlier run wrote there"
    )
    limits = ImageLimits()
    parser.add_argument(
        "--max-pixels",
        type=int,
        default=limits.max_pixels,
        help="of an image (default %(default)s)",
    )
    parser.add_argument(
        "--max-bytes", type=int, default=limits.max_bytes, help="of an image (default %(default)s)"
    )
    parser.add_argument(
        "--max-memory",
        type=float,
        default=8.0,
        metavar="GIB",
        help="a file that needs more to be read is damaged (default %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Check every row of a set, and sort good from bad."""
    if args.max_memory < 1:
        raise ValueError(f"--max-memory {args.max_memory}: choose at least 1")
    limits = ImageLimits(max_pixels=args.max_pixels, max_bytes=args.max_bytes)
    batches = _batches(args, limits)
    before = resource.getrlimit(resource.RLIMIT_AS)
    _limit_memory(args.max_memory, before)
    try:
        with progress_bar("validate", args.count) as advance:
            report = validate(
                batches,
                quarantine=args.quarantine,
                clean=args.clean,
                overwrite=args.overwrite,
                on_rows=advance,
            )
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    print_report(report)
    return EXIT_FINDINGS if report.has_errors else 0


def print_report(report: Report) -> None:
    """A table of findings by reason, errors first."""
    console = Console()
    if report.counts:
        table = Table(box=SIMPLE_HEAD)
        table.add_column("finding", no_wrap=True)
        table.add_column("count", no_wrap=True, justify="right")
        table.add_column("such as", overflow="fold")
        for (severity, reason), count in sorted(
            report.counts.items(), key=lambda item: (item[0][0], -item[1], item[0][1])
        ):
            style = "red" if severity is Severity.ERROR else ""
            first = escape(report.examples[severity, reason][0])
            table.add_row(f"{severity}: {reason}", str(count), first, style=style)
        console.print(table)
    bad = report.rows - report.good_rows
    console.print(
        f"{report.rows} rows: {report.good_rows} good, {bad} bad; "
        f"{report.file_errors} errors of files",
        highlight=False,
    )


def _batches(args: argparse.Namespace, limits: ImageLimits) -> Iterator[CheckedBatch]:
    if Path(args.path).exists():
        problem_files(args.path)
        return check_files(args.path, limits=limits)
    if args.path not in SOURCES:
        raise ValueError(
            f"{args.path} is no file or folder, nor one of the data sets {', '.join(SOURCES)}"
        )
    problems = islice(SOURCES[args.path].open(args.split), args.count)
    return check_stream(problems, args.path, limits=limits)


def _limit_memory(gibibytes: float, before: tuple[int, int]) -> None:
    """Turn a file that unpacks to more into a MemoryError, which is a finding."""
    statm = Path("/proc/self/statm")
    if not statm.exists():  # other systems do not enforce the limit either
        return
    used = int(statm.read_text().split()[0]) * resource.getpagesize()
    wanted = used + int(gibibytes * 2**30)
    soft, hard = before
    limits = [limit for limit in (wanted, soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
