"""Problem folders: what is read, and one line for everything malformed."""

import json
from pathlib import Path
from typing import Any

import pytest

from mm_rl.testgen.__main__ import BUNDLED
from mm_rl.testgen.folder import read_problem, read_problems
from tests.unit.testgen.helpers import RIGHT, write_problem


def test_a_folder_is_read_with_its_submissions_by_name(tmp_path: Path) -> None:
    path = write_problem(tmp_path, right=[RIGHT, RIGHT + "#"], wrong=["print(1)\n"])
    (path / "solutions" / "right_fast.cpp").write_text("int main() {}\n")
    problem = read_problem(path)
    assert problem.statement == "Print the larger of two numbers."
    assert [one.name for one in problem.right] == ["right_00.py", "right_01.py", "right_fast.cpp"]
    assert [one.program.language for one in problem.right] == ["python", "python", "cpp"]
    assert [one.program.source for one in problem.wrong] == ["print(1)\n"]
    assert problem.validator is None


def test_the_digest_follows_every_file(tmp_path: Path) -> None:
    path = write_problem(tmp_path)
    digests = {read_problem(path).digest}
    for name in ("statement.md", "generator.py", "solutions/right_00.py"):
        (path / name).write_text((path / name).read_text() + "\n#")
        digests.add(read_problem(path).digest)
    (path / "validator.py").write_text("")
    digests.add(read_problem(path).digest)
    assert len(digests) == 5


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"name": "other"}, "name='other': give the folder's name 'larger'"),
        ({"colour": "red"}, "unknown key 'colour': known are name, title"),
        ({"special_judge": "no"}, "special_judge='no': give a bool"),
        ({"memory_mb": True}, "memory_mb=True: give a int"),
        ({"memory_mb": 1}, "memory_mb=1"),
        ({"time_limit_s": 0}, "time_limit_s=0: give seconds above 0, at most 20"),
        ({"time_limit_s": 21}, "time_limit_s=21"),
        ({"tolerance": "small"}, "tolerance='small'"),
        ({"languages": [3]}, r"languages=\[3\]"),
        ({"examples": [{"input": "1"}]}, r"tests\[0\]"),
    ],
)
def test_a_wrong_value_is_named_with_its_file(
    tmp_path: Path, meta: dict[str, Any], message: str
) -> None:
    path = write_problem(tmp_path)
    values = json.loads((path / "problem.json").read_text())
    (path / "problem.json").write_text(json.dumps({**values, **meta}))
    with pytest.raises(ValueError, match=message) as caught:
        read_problem(path)
    assert str(path / "problem.json") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    path = write_problem(tmp_path)
    (path / "problem.json").write_text('{"name": "larger", "title": "x"}')
    with pytest.raises(ValueError, match="key 'constraints' is missing: add it"):
        read_problem(path)


@pytest.mark.parametrize(
    ("file", "data", "message"),
    [
        ("problem.json", b"{", "problem.json is no JSON"),
        ("problem.json", b"[]", "problem.json holds list: write an object"),
        ("statement.md", b" \n", "statement.md is empty"),
        ("statement.md", b"\xff", "statement.md is no UTF-8"),
        ("generator.py", b"#" * 65_537, "generator.py has 65537 bytes: shorten it to 65536"),
        ("solutions/notes.txt", b"", "notes.txt: name submissions right_"),
        ("solutions/right_2.java", b"", "right_2.java: name submissions right_"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, file: str, data: bytes, message: str) -> None:
    path = write_problem(tmp_path)
    (path / file).write_bytes(data)
    with pytest.raises(ValueError, match=message):
        read_problem(path)


def test_missing_parts_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no folder"):
        read_problems(tmp_path / "absent")
    with pytest.raises(ValueError, match="holds no problem"):
        read_problems(tmp_path)
    path = write_problem(tmp_path)
    (path / "solutions" / "right_00.py").unlink()
    with pytest.raises(ValueError, match=r"solutions holds no right_\*"):
        read_problems(tmp_path)
    (path / "statement.md").unlink()
    with pytest.raises(ValueError, match=r"statement.md is missing: add it"):
        read_problems(tmp_path)


def test_the_bundled_problems_are_complete() -> None:
    problems = read_problems(BUNDLED)
    assert len(problems) == 17
    for problem in problems:
        if not problem.meta.special_judge:
            assert len(problem.right) >= 10, problem.path
            assert problem.wrong and problem.validator and problem.generator, problem.path
        assert problem.meta.examples, problem.path
        sources = [one.program.source for one in (*problem.right, *problem.wrong)]
        assert len(set(sources)) == len(sources), problem.path
    assert sum(any(one.program.language == "cpp" for one in p.right) for p in problems) >= 8
