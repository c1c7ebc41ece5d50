"""`python -m mm_rl.report`: the report of a run or a pipeline, or the frontier of several runs."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from mm_rl.report.frontier import draw_frontier, read_points
from mm_rl.report.page import write_report
from mm_rl.report.pipeline import PLAN_FILE, write_pipeline_report

_USAGE = """\
python -m mm_rl.report RUN_DIR
       python -m mm_rl.report --benchmark NAME [--out FILE] LABEL=RUN_DIR [LABEL=RUN_DIR ...]"""
_DESCRIPTION = """\
Write RUN_DIR/report/index.html: headline accuracy, curves and a gallery of rollouts.

RUN_DIR is the folder of one run, the one that holds config.json and metrics.jsonl, or that of a
pipeline. The page is a single file: it opens from disk, needs no network, and can be mailed. Parts
the run does not have (yet) are named on the page. The run itself is only read, so this also works
while it is going on; running the command again replaces the page.

With --benchmark, draw evaluated runs on one plot instead: accuracy over mean tokens per completion.
The policies that no other beats in both are joined by a line, the frontier. Each run must have been
evaluated on the benchmark, by `python -m mm_rl.evaluate`; its LABEL stands beside its point.
"""
_EPILOG = """\
examples:
  python -m mm_rl.report outputs/smoke/20260101-120000-000000
  python -m mm_rl.report "$(ls -dt outputs/smoke/*/ | head -1)"      # the newest run

  python -m mm_rl.evaluate +experiment=evaluate/held_out model=pretrained model.path=A run_dir=a
  python -m mm_rl.evaluate +experiment=evaluate/held_out model=pretrained model.path=B run_dir=b
  python -m mm_rl.report --benchmark held_out "before RL"=a "after RL"=b --out plot.svg
"""


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and write the page or the plot; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m mm_rl.report",
        usage=_USAGE,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "runs", metavar="RUN_DIR", nargs="+", help="folder of a run; with --benchmark LABEL=RUN_DIR"
    )
    parser.add_argument(
        "--benchmark", metavar="NAME", help="draw the runs' results on it, such as held_out"
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        default=Path("frontier.svg"),
        help="where the plot goes, .svg or .png (default: %(default)s)",
    )
    given = parser.parse_intermixed_args(arguments)
    try:
        if given.benchmark is not None:
            points = read_points(split_labels(given.runs), given.benchmark)
            path = draw_frontier(points, given.out, title=given.benchmark)
        elif len(given.runs) == 1:
            path = _write_page(Path(given.runs[0]))
        else:
            raise ValueError(
                f"{len(given.runs)} folders, but a page is about one: name one, or compare them on "
                "a plot by --benchmark NAME and LABEL=RUN_DIR each"
            )
    except (OSError, ValueError) as error:
        # The user's folder is the input: say what is wrong with it without a traceback.
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    print(path)
    return 0


def split_labels(items: Sequence[str]) -> dict[str, Path]:
    """Folders by label, from LABEL=RUN_DIR.

    Raises:
        ValueError: an item without a label, or a label that stands twice.
    """
    folders: dict[str, Path] = {}
    for item in items:
        label, equals, folder = item.partition("=")
        if not (label and equals and folder):
            raise ValueError(f"{item}: with --benchmark write LABEL=RUN_DIR, as in rl={item}")
        if label in folders:
            raise ValueError(f"{item}: the label {label} stands twice; give each run its own")
        folders[label] = Path(folder)
    return folders


def _write_page(folder: Path) -> Path:
    is_pipeline = (folder / PLAN_FILE).exists()
    return write_pipeline_report(folder) if is_pipeline else write_report(folder)


if __name__ == "__main__":
    sys.exit(main())
