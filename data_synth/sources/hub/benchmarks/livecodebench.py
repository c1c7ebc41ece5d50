"""LiveCodeBench: programming contests, judged by running programs; evaluation only."""

import json
from collections.abc import Iterator
from typing import Any

from data_synth.sources.hub.adapter import Draft, HubSource, Skip
from data_synth.sources.hub.answers import join_question
from data_synth.sources.hub.benchmarks.function_calls import (
    CALL_SETUP,
    STANDARD_IMPORTS,
    call_function,
    encode_result,
)
from data_synth.sources.hub.benchmarks.packed_tests import unpack_tests
from data_synth.sources.hub.rows import Row
from data_synth.verify.program import MAX_TESTS, ProgramTest, ProgramTests

_ASK_PROGRAM = (
    "Write a Python program that reads the input from standard input and writes the answer to "
    "standard output."
)
_ASK_FUNCTION = (
    "Complete this Python code. Its method is called with the arguments and returns the answer; "
    "read no input and print nothing."
)
_DIFFICULTIES = ("easy", "medium", "hard")
# What the authors' runner grants one test.
_TIME_LIMIT_S = 6.0
_MEMORY_MB = 4096


class LiveCodeBench(HubSource):
    """Problems with their public and private tests; a program must pass them all.

    They are the 268 that releases 4 and 5 added, of July 2024 to January 2025. Two kinds: programs
    that read standard input, and methods of a class that the tests call with JSON arguments. As in
    the authors' runner the usual modules are imported before a submission. The parquet copy
    is read, for the authors publish a loading script, which `datasets` 5 refuses; the JSON lines
    of their repository are read by path.
    """

    name = "livecodebench"
    repository = "lighteval/code_generation_lite"
    configs = ("v4_v5",)
    image_columns = ()
    needs_image = False
    splits = ("test",)
    licence = "NOASSERTION"
    citation = "Jain et al., LiveCodeBench, ICLR 2025, arXiv:2403.07974"
    eval_only = True
    scoring = "program"
    domain = "code"

    def _drafts(self, row: Row) -> Iterator[Draft | Skip]:
        difficulty = row.text("difficulty")
        if difficulty not in _DIFFICULTIES:
            raise row.broken("difficulty", f"one of {', '.join(_DIFFICULTIES)}")
        tests = [
            *_read_tests(row, "public_test_cases", row.text("public_test_cases")),
            *_read_tests(row, "private_test_cases", unpack_tests(row, "private_test_cases")),
        ]
        if not tests:
            raise row.broken("public_test_cases", "at least one test, public or private")
        if len(tests) > MAX_TESTS:
            yield Skip("too_many_tests")
            return
        function = _function_name(row)
        starter = row.optional_text("starter_code")
        asked = f"{_ASK_FUNCTION}\n{starter}" if function else _ASK_PROGRAM
        yield Draft(
            question=join_question(row.text("question_content"), asked),
            answer=_program_tests(row, tests, function).to_json(),
            answer_type="program",
            verifier=self.scoring,
            discipline=row.text("platform"),
            difficulty=_DIFFICULTIES.index(difficulty),
        )


def _program_tests(row: Row, tests: list[ProgramTest], function: str) -> ProgramTests:
    if function:
        tests = [ProgramTest(input=test.input, output=_encode(row, test.output)) for test in tests]
    return ProgramTests(
        tests=tuple(tests),
        time_limit_s=_TIME_LIMIT_S,
        memory_mb=_MEMORY_MB,
        # Numbers by value, so that 1.0 is 1; results of functions are encoded, not numbers.
        tolerance="" if function else "0",
        prologue=STANDARD_IMPORTS + (CALL_SETUP if function else ""),
        epilogue=call_function(function) if function else "",
    )


def _encode(row: Row, output: str) -> str:
    try:
        return encode_result(json.loads(output))
    except (ValueError, RecursionError):  # the text of a row is not ours
        raise row.broken("private_test_cases", "results of functions as JSON") from None


def _function_name(row: Row) -> str:
    """The function that the tests call; empty for a program that reads standard input."""
    metadata = _load(row, "metadata", row.text("metadata"))
    name = metadata.get("func_name") if isinstance(metadata, dict) else None
    if name is None:
        return ""
    if not (isinstance(name, str) and name.isascii() and name.isidentifier()):
        raise row.broken("metadata", "an object whose func_name is an identifier")
    return name


def _read_tests(row: Row, column: str, text: str) -> list[ProgramTest]:
    values = _load(row, column, text)
    if not isinstance(values, list):
        raise row.broken(column, "a JSON list of tests")
    return [_read_test(row, column, value) for value in values]


def _read_test(row: Row, column: str, value: Any) -> ProgramTest:
    cells = value if isinstance(value, dict) else {}
    given, output = cells.get("input"), cells.get("output")
    if not (isinstance(given, str) and isinstance(output, str)):
        raise row.broken(column, "tests with the texts `input` and `output`")
    return ProgramTest(input=given, output=output)


def _load(row: Row, column: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # the text of a row is not ours
        raise row.broken(column, "JSON") from None
