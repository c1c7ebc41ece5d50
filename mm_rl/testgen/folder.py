"""Reads problem folders: statement, meta data, generator, validator, submissions.

    NAME/statement.md            what is asked
    NAME/problem.json            see `Meta`
    NAME/generator.py            reads {"seed": ..., "index": ..., "size": ...}, prints one input
    NAME/validator.py            optional: exit status 0 for an input within the constraints
    NAME/solutions/right_*.py    submissions that a judge accepted; also .cpp
    NAME/solutions/wrong_*.py    submissions known to be wrong, for the mutation score

What is malformed is named in one line: file, key, value and fix.
"""

import hashlib
import json
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from data_synth.verify.program import ProgramTest, ProgramTests, read_tests
from mm_rl.sandbox.types import Program

LANGUAGES = {".py": "python", ".cpp": "cpp"}
"""Language of a submission by the ending of its file."""
MAX_SOURCE_BYTES = 1 << 16
MAX_TIME_LIMIT_S = 20.0
_NAME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")


@dataclass(frozen=True, kw_only=True, slots=True)
class Meta:
    """What `problem.json` holds; the keys with a default may be left out.

    Example:
        Meta(name="islands", title="Islands", tags=("grids",))
    """

    name: str
    """The folder's name."""
    title: str
    """A short heading."""
    constraints: str
    """Sizes and ranges of the input, as text; shown to a model that writes the generator."""
    time_limit_s: float = 2.0
    """Seconds the original judge allowed one test."""
    memory_mb: int = 256
    """MiB for one test."""
    special_judge: bool = False
    """Several outputs are right, so that comparing with one of them is not enough."""
    languages: tuple[str, ...] = ("python",)
    """Languages a policy may answer in."""
    tolerance: str = ""
    """Relative tolerance of numbers in the output; empty: none."""
    tags: tuple[str, ...] = ()
    """Topics, the main one first."""
    difficulty: int = 0
    """0 is easiest."""
    examples: tuple[ProgramTest, ...] = ()
    """Shown with the statement."""
    licence: str = "Apache-2.0"
    """Of the statement."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """A program handed in for the problem, in one of `LANGUAGES`."""

    name: str
    """Its file name."""
    program: Program
    """Source and language."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProblemFolder:
    """A problem as its folder holds it; see the module."""

    path: Path
    """The folder."""
    meta: Meta
    """Content of `problem.json`."""
    statement: str
    """What is asked, in Markdown."""
    generator: str | None
    """Source; None if there is none yet."""
    validator: str | None
    """Source; None if there is none."""
    right: tuple[Submission, ...]
    """Accepted submissions, by name."""
    wrong: tuple[Submission, ...]
    """Wrong submissions, by name."""
    digest: str
    """Hash of all files above."""


def read_problems(folder: Path) -> list[ProblemFolder]:
    """All problems of a folder, by name.

    Raises:
        ValueError: there is none, or one is malformed.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder: give one that holds problem folders")
    found = [entry for entry in sorted(folder.iterdir()) if (entry / "problem.json").is_file()]
    if not found:
        raise ValueError(f"{folder} holds no problem: add folders with a problem.json")
    return [read_problem(entry) for entry in found]


def read_problem(path: Path) -> ProblemFolder:
    """One problem; raises ValueError if it is malformed."""
    files: dict[str, str] = {}

    def text(name: str, *, optional: bool = False) -> str | None:
        if optional and not (path / name).exists():
            return None
        files[name] = _read(path / name)
        return files[name]

    statement, meta_text = text("statement.md"), text("problem.json")
    assert statement is not None and meta_text is not None  # neither is optional
    if not statement.strip():
        raise ValueError(f"{path / 'statement.md'} is empty: write what is asked")
    generator, validator = text("generator.py", optional=True), text("validator.py", optional=True)
    submissions: dict[str, list[Submission]] = {"right": [], "wrong": []}
    for file in sorted((path / "solutions").glob("*")):
        kind, separator, _ = file.name.partition("_")
        if not separator or kind not in submissions or file.suffix not in LANGUAGES:
            raise ValueError(
                f"{file}: name submissions right_*.py, right_*.cpp, wrong_*.py or wrong_*.cpp"
            )
        files[file.name] = _read(file)
        program = Program(source=files[file.name], language=LANGUAGES[file.suffix])
        submissions[kind].append(Submission(name=file.name, program=program))
    if not submissions["right"]:
        raise ValueError(f"{path / 'solutions'} holds no right_*: add accepted submissions")
    digest = hashlib.blake2b(json.dumps(files, sort_keys=True).encode(), digest_size=16)
    return ProblemFolder(
        path=path,
        meta=_read_meta(path / "problem.json", meta_text),
        statement=statement.strip(),
        generator=generator,
        validator=validator,
        right=tuple(submissions["right"]),
        wrong=tuple(submissions["wrong"]),
        digest=digest.hexdigest(),
    )


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
        text = data.decode()
    except FileNotFoundError:
        raise ValueError(f"{path} is missing: add it") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no UTF-8 ({error}): save it as UTF-8") from None
    if len(data) > MAX_SOURCE_BYTES:
        raise ValueError(f"{path} has {len(data)} bytes: shorten it to {MAX_SOURCE_BYTES}")
    return text


_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("name", "title", "constraints", "tolerance", "licence"), (str,)),
    **dict.fromkeys(("languages", "tags", "examples"), (list,)),
    **dict.fromkeys(("memory_mb", "difficulty"), (int,)),
    "time_limit_s": (int, float),
    "special_judge": (bool,),
}


def _read_meta(path: Path, text: str) -> Meta:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{path} is no JSON ({error}): mend it") from None
    if not isinstance(values, dict):
        raise ValueError(f"{path} holds {type(values).__name__}: write an object")
    known = {field.name: field for field in fields(Meta)}
    if unknown := sorted(set(values) - set(known)):
        raise ValueError(f"{path}: unknown key {unknown[0]!r}: known are {', '.join(known)}")
    for name, field in known.items():
        if name not in values and field.default is MISSING:
            raise ValueError(f"{path}: key {name!r} is missing: add it")
    for name, value in values.items():
        kinds = _KINDS[name]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise ValueError(f"{path}: {name}={value!r}: give a {kinds[-1].__name__}")
    return _check_meta(path, values)


def _check_meta(path: Path, values: dict[str, Any]) -> Meta:
    name = values["name"]
    if name != path.parent.name or not set(name) <= _NAME_LETTERS:
        raise ValueError(
            f"{path}: name={name!r}: give the folder's name {path.parent.name!r}, of lower-case "
            "letters, digits, _ and -"
        )
    if not 0 < values.get("time_limit_s", 2.0) <= MAX_TIME_LIMIT_S:
        raise ValueError(
            f"{path}: time_limit_s={values['time_limit_s']!r}: give seconds above 0, at most "
            f"{MAX_TIME_LIMIT_S:g}"
        )
    examples = values.pop("examples", [])
    suite: dict[str, Any] = {
        "tests": examples or [{"input": "", "output": ""}],
        **{key: values[key] for key in ("languages", "memory_mb", "tolerance") if key in values},
    }
    try:
        tests = read_tests(json.dumps(suite))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    values["languages"] = tests.languages
    values["tags"] = tuple(values.get("tags", ()))
    return Meta(**values, examples=tests.tests if examples else ())


def suite_of(meta: Meta, tests: tuple[ProgramTest, ...], **values: Any) -> ProgramTests:
    """The answer of the problem: tests under the languages, memory and tolerance of `meta`."""
    return ProgramTests(
        tests=tests,
        languages=meta.languages,
        memory_mb=meta.memory_mb,
        tolerance=meta.tolerance,
        **values,
    )
