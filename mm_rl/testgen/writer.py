"""Has a model write the generators that problem folders lack (k1.5 §2.3.5).

The prompt is a guide to CYaRon with the statement, as in the paper. Whatever completes a prompt can
be the writer: `endpoint.Endpoint.complete`, or a function around a local policy. What it writes is
untrusted: it is read by a linear scanner, stored, and only ever run in the sandbox by `run`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from data_synth.verify.answer import AnswerStatus, extract_program
from mm_rl.files import write_atomic
from mm_rl.progress import StageProgress
from mm_rl.testgen.cases import generator_fault
from mm_rl.testgen.endpoint import Endpoint, EndpointError, MalformedReplyError
from mm_rl.testgen.folder import MAX_SOURCE_BYTES, ProblemFolder, read_problems

__all__ = ["Endpoint", "EndpointError", "WriterReport", "generator_prompt", "write_generators"]

_LANGUAGES = ("", "python", "python3", "py")

_GUIDE = """\
Write a Python program that generates one test input for the programming problem below.

How it is called. It reads one line of JSON from standard input, such as
{"seed": 81, "index": 3, "size": "small"}, and prints exactly one complete input for the problem to
standard output, nothing else. It must call random.seed(request["seed"]) before it draws anything,
so that the same line always gives the same input. It must not read files or the clock.

Sizes. "small": a handful of elements, checkable by hand. "edge": corner cases, for example the
smallest input, extreme values, ties, degenerate shapes; use request["index"] to go through them
in turn. "medium": typical. "large": towards the limits. "max": exactly at the limits of the
problem, so that slow solutions run out of time. Every input must keep to the constraints, and
different seeds should give different inputs. Keep an input below 100000 characters.

The library cyaron is installed. It draws from the module random. The parts that are of use:
  from cyaron import Graph, Polygon, Sequence, String, Vector
  Vector.random_repeatable_vector(n, [(low, high)])   list of n rows of one number each
  Vector.random_unique_vector(n, [(low, high)])       the same without repetition
  Vector.random_unique_vector(n, [(0, 9), (0, 9)])    n different points
  String.random(8, charset="abc")                     a text of 8 letters
  String.random((3, 9), charset="abc")                a text of 3 to 9 letters
  Sequence(lambda i, f: 2 * i + 1).get(1, 10)         ten values of a formula
  Graph.graph(n, m, self_loop=False, repeated_edges=False, weight_limit=(1, 100))
  Graph.DAG(n, m), Graph.connected(n, m)              other graphs; nodes are 1 to n
  Graph.tree(n, 0.4, 0.2)                             a tree: 40% chain-like, 20% star-like
  Graph.chain(n), Graph.flower(n), Graph.binary_tree(n)
  print(graph.to_str(output=Edge.unweighted_edge))    lines "u v" (from cyaron import Edge)
  print(graph.to_str(shuffle=True))                   lines "u v w"
  for edge in graph.iterate_edges(): edge.start, edge.end, edge.weight
  Polygon.convex_hull(n, fx=lambda x: int(1000 * x), fy=lambda y: int(1000 * y)).points
Do not use String.random_regular (it ignores the seed), IO or Compare.

Reply with the whole program in one fenced code block.
"""


@dataclass(kw_only=True, slots=True)
class WriterReport:
    """What a call of `write_generators` did."""

    written: list[str] = field(default_factory=list)
    """Problems that have a generator now."""
    failed: dict[str, str] = field(default_factory=dict)
    """By problem: why the last attempt was refused."""
    present: int = 0
    """Problems that had one."""


def generator_prompt(folder: ProblemFolder, *, fault: str = "") -> str:
    """The prompt for a problem; `fault` says why an earlier reply was refused."""
    parts = [
        _GUIDE,
        f"Problem: {folder.meta.title}\n\n{folder.statement}",
        f"Constraints: {folder.meta.constraints}",
    ]
    for example in folder.meta.examples:
        parts.append(f"Example input:\n{example.input.rstrip()}")
    if fault:
        parts.append(f"An earlier reply was refused: {fault}. Mend that.")
    return "\n\n".join(parts) + "\n"


def write_generators(
    problems: Path, complete: Callable[[str], str], *, attempts: int = 3
) -> WriterReport:
    """Write `generator.py` for every problem that lacks one and has no special judge.

    Each is stored as soon as it is there, so a second call goes on where the first one stopped.

    Args:
        problems: folder of problem folders.
        complete: gives a model's completion of a prompt.
        attempts: prompts per problem.

    Raises:
        ValueError: a malformed problem folder.
        EndpointError: from `complete`; what was written stays.
    """
    if attempts < 1:
        raise ValueError(f"attempts={attempts}: give 1 or more")
    folders = [one for one in read_problems(problems) if not one.meta.special_judge]
    lacking = [one for one in folders if one.generator is None]
    report = WriterReport(present=len(folders) - len(lacking))
    with StageProgress("generators", total=len(lacking)) as progress:
        for folder in lacking:
            source, fault = _write_one(folder, complete, attempts)
            if fault:
                report.failed[folder.meta.name] = fault
            else:
                write_atomic(folder.path / "generator.py", source)
                report.written.append(folder.meta.name)
            progress.advance(written=len(report.written), failed=len(report.failed))
    return report


def _write_one(
    folder: ProblemFolder, complete: Callable[[str], str], attempts: int
) -> tuple[str, str]:
    """A generator and an empty fault, or why the last attempt was refused."""
    fault = ""
    for _ in range(attempts):
        try:
            reply = complete(generator_prompt(folder, fault=fault))
        except MalformedReplyError as error:
            fault = str(error)
            continue
        source, fault = read_generator(reply)
        if not fault:
            return source, ""
    return "", fault


def read_generator(reply: str) -> tuple[str, str]:
    """The program of a reply and an empty fault, or why there is none; linear, never raises."""
    found = extract_program(reply)
    if found.source is None:
        wanted = "give exactly one fenced code block after the reasoning"
        return "", f"{wanted} (found: {AnswerStatus(found.status).value})"
    if found.language not in _LANGUAGES:
        return "", f"the program is in {found.language!r}, not in Python"
    if len(found.source.encode(errors="replace")) > MAX_SOURCE_BYTES or not _is_text(found.source):
        return "", f"the program has more than {MAX_SOURCE_BYTES} bytes, or is no plain text"
    if "seed(" not in found.source:
        return "", "the program never calls random.seed"
    return found.source, generator_fault(found.source)


def _is_text(source: str) -> bool:
    try:
        source.encode()
    except UnicodeEncodeError:  # lone surrogates from escapes in the reply's JSON
        return False
    return "\0" not in source
