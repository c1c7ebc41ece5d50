"""`python -m mm_rl.testgen`: test cases for code problems; `--help` has examples."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from mm_rl.sandbox import SandboxFailure, SandboxUnavailable
from mm_rl.testgen.options import Thresholds
from mm_rl.testgen.run import FUNNEL_PAGE, RunOptions, generate_tests
from mm_rl.testgen.writer import Endpoint, EndpointError, write_generators

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
BUNDLED = Path(__file__).parent / "problems"

_DESCRIPTION = """\
Makes test cases for code problems that come without them: a generator makes inputs, accepted
submissions vote on the outputs, and what they agree on becomes a set of problems to train on.
Everything a problem brings along runs in the sandbox.
"""
_EPILOG = """\
examples:
  python -m mm_rl.testgen run bundled --out outputs/code
      the problems that come with the package; the set is outputs/code/problems
  python -m mm_rl.testgen run my_problems --out outputs/mine --resume
      go on after an interruption, and redo only problems that were edited
  python -m mm_rl.testgen run my_problems --out outputs/strict --require-mutations
      drop problems whose tests a known wrong submission passes
  python -m mm_rl.testgen show outputs/code
      the funnel of a finished run
  python -m mm_rl.testgen write my_problems --endpoint http://localhost:8000/v1 --model NAME
      ask a model for the generators that are missing

A problem is a folder with statement.md, problem.json, generator.py, solutions/right_*.py and,
optionally, validator.py and solutions/wrong_*.py; the bundled ones in mm_rl/testgen/problems
show how they look.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status: 0, 2 after an error, 130 when interrupted."""
    args = _parser().parse_args(arguments)
    try:
        if args.command == "run":
            _run(args)
        elif args.command == "show":
            _show(args.out)
        else:
            _write(args)
    except KeyboardInterrupt:
        print("interrupted: repeat the command with --resume", file=sys.stderr)
        return EXIT_INTERRUPTED
    except (ValueError, OSError, SandboxUnavailable, SandboxFailure, EndpointError) as error:
        # What users can mend: folders, options, the machine, the endpoint.
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return EXIT_ERROR
    return 0


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m mm_rl.testgen",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=raw,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=text,
            description=text,
            epilog=_EPILOG,
            formatter_class=raw,
            allow_abbrev=False,
        )

    _add_run_options(add("run", "make the tests of all problems of a folder"))
    show = add("show", "print the funnel of a finished run")
    show.add_argument("out", metavar="OUT", type=Path, help="the --out of a run")
    _add_write_options(add("write", "ask a model for generators that are missing"))
    return parser


def _add_problems(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "problems",
        metavar="PROBLEMS",
        type=lambda text: BUNDLED if text == "bundled" else Path(text),
        help="a folder of problem folders, or the word bundled",
    )


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    _add_problems(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="OUT", help="folder to write")
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier run")
    default = Thresholds()
    for option, name, text in (
        ("--cases", "cases", "inputs asked for per problem"),
        ("--submissions", "submissions", "accepted submissions drawn per problem"),
        ("--agreement", "agreement", "submissions that must print the same"),
        ("--pass", "passing", "submissions that must pass all valid cases"),
        ("--valid", "valid", "valid cases a problem needs; 0: four fifths of --cases"),
        ("--seed", "seed", "of inputs and draws"),
    ):
        value = getattr(default, name)
        parser.add_argument(
            option, dest=name, type=int, default=value, metavar="N", help=f"{text} ({value})"
        )
    parser.add_argument(
        "--require-mutations",
        action="store_true",
        help="drop a problem if a wrong submission passes its tests",
    )
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="runs at a time (2)")
    parser.add_argument(
        "--level", choices=("auto", "namespaces", "landlock"), default="auto", help="of the sandbox"
    )


def _add_write_options(parser: argparse.ArgumentParser) -> None:
    _add_problems(parser)
    parser.add_argument(
        "--endpoint", required=True, metavar="URL", help="such as http://localhost:8000/v1"
    )
    parser.add_argument("--model", required=True, metavar="NAME", help="name it is served under")
    parser.add_argument(
        "--key-variable",
        default="OPENAI_API_KEY",
        metavar="NAME",
        help="environment variable that holds the key, if one is needed (OPENAI_API_KEY)",
    )
    parser.add_argument("--attempts", type=int, default=3, metavar="N", help="per problem (3)")
    parser.add_argument(
        "--temperature", type=float, default=0.6, metavar="T", help="of sampling (0.6)"
    )
    parser.add_argument(
        "--timeout", type=float, default=300.0, metavar="S", help="seconds per reply (300)"
    )


def _run(args: argparse.Namespace) -> None:
    names = ("cases", "submissions", "agreement", "passing", "valid", "seed", "require_mutations")
    thresholds = Thresholds(**{name: getattr(args, name) for name in names})
    if args.workers < 1:
        raise ValueError(f"--workers {args.workers}: give 1 or more")
    options = RunOptions(
        resume=args.resume, overwrite=args.overwrite, workers=args.workers, level=args.level
    )
    start = time.monotonic()
    funnel = generate_tests(args.problems, args.out, thresholds=thresholds, options=options)
    print(
        f"kept {funnel.kept} of {funnel.problems} problems, {funnel.cases['valid']} valid cases, "
        f"mutation score {funnel.mutants_failed}/{funnel.mutants}, "
        f"{time.monotonic() - start:.0f} s: {args.out}"
    )


def _show(out: Path) -> None:
    path = out / FUNNEL_PAGE
    if not path.is_file():
        raise ValueError(f"{path} is missing: give the --out of a finished run")
    print(path.read_text(), end="")


def _write(args: argparse.Namespace) -> None:
    endpoint = Endpoint(
        url=args.endpoint,
        model=args.model,
        key_variable=args.key_variable,
        temperature=args.temperature,
        timeout_s=args.timeout,
    )
    report = write_generators(args.problems, endpoint.complete, attempts=args.attempts)
    for name, fault in report.failed.items():
        print(f"{name}: no generator: {fault}")
    print(f"wrote {len(report.written)}, failed {len(report.failed)}, had one {report.present}")


if __name__ == "__main__":
    sys.exit(main())
