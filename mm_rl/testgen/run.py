"""The whole command: every problem of a folder, its results on disk, the set and the funnel.

    OUT/run.json              the request: a run is only continued by the same one
    OUT/results/NAME.json     one finished problem, written at once
    OUT/problems/             the set: parquet and a card
    OUT/funnel.json, .md      the report

A problem is done when its result is there and its folder has not changed since; so a killed run
goes on behind the last finished problem, and ends with the same bytes as one that was not killed.
"""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from data_synth.card import write_card
from data_synth.problem import Modality, Problem
from data_synth.storage import write_problems
from data_synth.verify.program import read_tests
from mm_rl.files import write_atomic, write_json
from mm_rl.progress import StageProgress
from mm_rl.sandbox import Sandbox, SandboxConfig
from mm_rl.testgen.cases import Case, CaseStatus, Size
from mm_rl.testgen.folder import Meta, ProblemFolder, read_problems
from mm_rl.testgen.funnel import Funnel, count_funnel, funnel_page
from mm_rl.testgen.options import Thresholds
from mm_rl.testgen.suite import Outcome, SuiteResult, make_suite

SOURCE = "testgen"
FUNNEL_PAGE = "funnel.md"
ANSWER_FORMAT = (
    "Write a program that reads the input from standard input and prints the output to standard "
    "output. Give the whole program in one fenced code block, in {languages}."
)
_FORMAT = 1
_LANGUAGE_NAMES = {"python": "Python", "cpp": "C++"}


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """How a run works; nothing of it decides what comes out."""

    resume: bool = False
    """Go on with an unfinished run."""
    overwrite: bool = False
    """Discard what an earlier run left in the folder."""
    workers: int = 2
    """Programs that run at the same time."""
    level: str = "auto"
    """Of the sandbox."""


def generate_tests(
    problems: Path, out: Path, *, thresholds: Thresholds, options: RunOptions
) -> Funnel:
    """Make the suites of all problems of a folder, the set and the funnel.

    Raises:
        ValueError: a malformed problem, or an output folder that belongs to something else; found
            before anything is run.
        SandboxUnavailable, SandboxFailure: this machine cannot run untrusted programs.
    """
    folders = read_problems(problems)
    with _locked(out, options):
        config = SandboxConfig(
            level=options.level, workers=options.workers, python_packages=["cyaron"]
        )
        with Sandbox(config) as sandbox:
            _open_run(out, _request(folders, sandbox, thresholds))
            with ThreadPoolExecutor(options.workers) as pool:
                suites = partial(
                    make_suite, sandbox=sandbox, thresholds=thresholds, ordered_map=pool.map
                )
                results = _all_results(folders, out, suites)
        funnel = count_funnel(results)
        _publish(folders, results, out)
        write_json(out / "funnel.json", {"thresholds": thresholds.as_json(), **funnel.as_json()})
        write_atomic(out / FUNNEL_PAGE, funnel_page(funnel, thresholds))
    return funnel


def _request(
    folders: Sequence[ProblemFolder], sandbox: Sandbox, thresholds: Thresholds
) -> dict[str, Any]:
    # Which languages can run decides which submissions are drawn; their versions do not.
    used = {one.program.language for folder in folders for one in (*folder.right, *folder.wrong)}
    languages = sorted(used & set(sandbox.languages()))
    return {"format": _FORMAT, "languages": languages, **thresholds.as_json()}


@contextmanager
def _locked(out: Path, options: RunOptions) -> Iterator[None]:
    # A run that was killed before it wrote anything leaves the lock alone.
    ours = (out / "run.json").exists() or (out / ".lock").exists()
    if out.is_dir() and any(out.iterdir()) and not ours:
        raise ValueError(f"{out} holds something else: choose another --out")
    out.mkdir(parents=True, exist_ok=True)
    with open(out / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(f"another process writes {out}: wait for it") from None
        if options.overwrite:
            for entry in out.iterdir():
                if entry.is_dir():
                    shutil.rmtree(entry)
                elif entry.name != ".lock":
                    entry.unlink()
        elif (out / "run.json").exists() and not options.resume:
            raise ValueError(
                f"{out} holds a run: pass --resume to go on with it, or --overwrite to start anew"
            )
        yield


def _open_run(out: Path, request: Mapping[str, Any]) -> None:
    path = out / "run.json"
    if not path.exists():
        (out / "results").mkdir(exist_ok=True)
        write_json(path, request)
        return
    found = _read_json(path)
    changed = sorted(name for name in {*found, *request} if found.get(name) != request.get(name))
    if changed:
        name = changed[0]
        raise ValueError(
            f"{path}: the run in {out} was started with {name}={found.get(name)!r}, now it is "
            f"{request.get(name)!r}: repeat the first command, or pass --overwrite"
        )


def _all_results(
    folders: Sequence[ProblemFolder], out: Path, make: Callable[[ProblemFolder], SuiteResult]
) -> list[SuiteResult]:
    done = {folder.meta.name: _finished(out, folder) for folder in folders}
    num_done = sum(result is not None for result in done.values())
    kept = sum(result is not None and result.outcome is Outcome.KEPT for result in done.values())
    results: list[SuiteResult] = []
    with StageProgress("testgen", total=len(folders), done=num_done) as progress:
        for folder in folders:
            result = done[folder.meta.name]
            if result is None:
                result = make(folder)
                write_json(_result_path(out, folder.meta.name), _to_json(result))
                kept += result.outcome is Outcome.KEPT
                progress.say(f"{result.name}: {result.outcome} {result.detail}".rstrip())
                progress.advance(kept=kept)
            results.append(result)
    return results


def _result_path(out: Path, name: str) -> Path:
    return out / "results" / f"{name}.json"


def _finished(out: Path, folder: ProblemFolder) -> SuiteResult | None:
    path = _result_path(out, folder.meta.name)
    if not path.exists():
        return None
    values = _read_json(path)
    if values.get("digest") != folder.digest:
        return None  # the problem was edited since
    try:
        return _from_json(values)
    except (KeyError, TypeError, ValueError) as error:  # edited by hand
        raise ValueError(f"{path} cannot be read ({error}): remove it") from None


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text())
    except ValueError as error:  # edited by hand: we write it at once
        raise ValueError(f"{path} is no JSON ({error}): remove it") from None
    if not isinstance(values, dict):
        raise ValueError(f"{path} holds no object: remove it")
    return values


def _to_json(result: SuiteResult) -> dict[str, Any]:
    tests = None if result.tests is None else result.tests.to_json()
    values = {name: getattr(result, name) for name in ("name", "digest", "outcome", "detail")}
    return {
        **values,
        "cases": [asdict(case) for case in result.cases],
        "submissions": result.submissions,
        "mutants": result.mutants,
        "tests": tests,
    }


def _from_json(values: dict[str, Any]) -> SuiteResult:
    cases = [
        Case(**{**case, "size": Size(case["size"]), "status": CaseStatus(case["status"])})
        for case in values["cases"]
    ]
    tests = None if values["tests"] is None else read_tests(values["tests"])
    outcome = Outcome(values["outcome"])
    return SuiteResult(**{**values, "cases": cases, "tests": tests, "outcome": outcome})


def _publish(folders: Sequence[ProblemFolder], results: Sequence[SuiteResult], out: Path) -> None:
    """Write the set of all kept problems; none if there are none."""
    for leftover in out.glob(".problems.*"):  # of a process that was killed here
        if leftover.is_dir():
            shutil.rmtree(leftover)
    problems = [
        to_problem(folder, result, index=index)
        for index, (folder, result) in enumerate(zip(folders, results, strict=True))
        if result.tests is not None
    ]
    if not problems:
        shutil.rmtree(out / "problems", ignore_errors=True)
        return

    def add_card(folder: Path) -> None:
        write_card(
            folder,
            title="Code problems with generated tests",
            command="python -m mm_rl.testgen run PROBLEMS --out OUT",
        )

    write_problems(out / "problems", problems, overwrite=True, complete=add_card)


def to_problem(folder: ProblemFolder, result: SuiteResult, *, index: int) -> Problem:
    """A kept problem as a row: the statement as question, the suite as answer."""
    assert result.tests is not None  # the caller chose kept problems
    meta = folder.meta
    return Problem(
        question=question_text(folder.statement, meta),
        answer=result.tests.to_json(),
        answer_type="program",
        verifier="program",
        source=SOURCE,
        modality=Modality.TEXT,
        domain="code",
        discipline=meta.tags[0] if meta.tags else "programming",
        difficulty=meta.difficulty,
        index=index,
        licence=meta.licence,
    )


def question_text(statement: str, meta: Meta) -> str:
    """The statement with its examples, limits and the form of the answer."""
    parts = [f"{meta.title}\n\n{statement}"]
    for example in meta.examples:
        parts.append(f"Example input:\n{example.input.rstrip()}")
        parts.append(f"Example output:\n{example.output.rstrip()}")
    names = " or ".join(_LANGUAGE_NAMES.get(name, name) for name in meta.languages)
    parts.append(ANSWER_FORMAT.format(languages=names))
    return "\n\n".join(parts)
