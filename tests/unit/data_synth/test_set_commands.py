"""The commands mix, split and validate, from their options to the folders they leave."""

import argparse
import os
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_synth.cli import mix as mix_command
from data_synth.cli import split as split_command
from data_synth.cli import validate as validate_command
from data_synth.storage import read_problems, write_problems
from tests.unit.data_synth.test_validate import problem

ROOT = Path(__file__).parents[3]


def run(module: ModuleType, *arguments: object, **items: object) -> object:
    """Parse and run as the command line does; `items` are the options that it adds."""
    parser = argparse.ArgumentParser()
    module.add_options(parser)
    args = parser.parse_args([str(argument) for argument in arguments])
    args.command = module.__name__.rpartition(".")[2].removesuffix("_command")
    for name, value in items.items():
        setattr(args, name, value)
    return module.run(args)


def make(folder: Path, indices: range, **changes: object) -> Path:
    write_problems(folder, [problem(index, **changes) for index in indices])
    return folder


ITEMS = {"seed": 0, "split": "train", "image_size": 128}


def test_mix_plans_takes_and_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    easy = make(tmp_path / "easy", range(10), source="easy")
    hard = make(tmp_path / "hard", range(100, 150), source="hard")
    run(
        mix_command,
        *("--source", f"{easy}=1", "--source", f"{hard}=1", "--source", "row_sums@2=2"),
        *("--epochs", f"{easy}=1.5", "--cap", f"{hard}=20"),
        *("--count", "60", "--out", tmp_path / "mix"),
        **ITEMS,
    )
    found = Counter(item.source for item in read_problems(tmp_path / "mix"))
    # Shares 15, 15, 30: all within what the sources may give.
    assert found == {"easy": 15, "hard": 15, "row_sums": 30}
    said = capsys.readouterr().out
    assert "planned" in said and "taken" in said and "wrote 60 problems" in said
    card = (tmp_path / "mix" / "README.md").read_text()
    assert "## Mixture" in card and f"| {easy} | 15 | 15 | 5 | 0 | yes | 1 |" in card
    loaded = datasets.load_dataset(str(tmp_path / "mix"), cache_dir=str(tmp_path / "cache"))
    assert loaded["train"].num_rows == 60


def test_mix_by_temperature(tmp_path: Path) -> None:
    small = make(tmp_path / "small", range(16), source="small")
    large = make(tmp_path / "large", range(100, 244), source="large")
    arguments = ("--source", small, "--source", large, "--count", "20", "--temperature", "2")
    run(mix_command, *arguments, "--out", tmp_path / "mix", **ITEMS)
    found = Counter(item.source for item in read_problems(tmp_path / "mix"))
    assert found == {"small": 5, "large": 15}  # 4 : 12
    with pytest.raises(ValueError, match=r"'row_sums' has no size .* pass --cap row_sums=N"):
        run(mix_command, *arguments, "--source", "row_sums", "--out", tmp_path / "x", **ITEMS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--source", "row_sums=0"), "--source row_sums=0: write NAME=WEIGHT"),
        (("--source", "row_sums=1", "--source", "row_sums=2"), "'row_sums' is given twice"),
        (("--source", "row_sums@99=1"), "level of source 'row_sums@99': '99' is not"),
        (("--source", "nothing=1"), "unknown source 'nothing'"),
        (("--source", "row_sums=1", "--cap", "other=3"), "--cap other=3: .* NAME of a --source"),
        (("--source", "row_sums=1", "--cap", "row_sums=x"), "'x' is not a number"),
        (("--source", "row_sums=1", "--path", "row_sums=/x"), "'row_sums' is not one of"),
    ],
)
def test_mix_names_bad_options(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(mix_command, *arguments, "--count", "5", "--out", tmp_path / "x", **ITEMS)


KILLED = """
import os, sys
from pathlib import Path
from data_synth import storage
from data_synth.storage import journal
from tests.unit.data_synth import test_set_commands as test
commit = journal.Journal.commit
def fatal(self, position):
    commit(self, position)
    if self.rows >= 25:
        os.kill(os.getpid(), 9)
if sys.argv[3] == "kill":
    journal.Journal.commit = fatal
    journal.Recovery.__init__.__kwdefaults__["commit_seconds"] = 0
test.run(test.mix_command, "--source", sys.argv[1], "--source", "row_sums=2", "--epochs",
         sys.argv[1] + "=2", "--count", "50", "--out", sys.argv[2], *sys.argv[4:], **test.ITEMS)
"""


def test_a_killed_mix_goes_on_as_it_was(tmp_path: Path) -> None:
    source = make(tmp_path / "set", range(10))

    def child(out: Path, *arguments: str) -> int:
        return subprocess.run(
            [sys.executable, "-c", KILLED, str(source), str(out), *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": "."},
            capture_output=True,
        ).returncode

    assert child(tmp_path / "whole", "") == 0
    assert child(tmp_path / "cut", "kill") == -9
    assert (tmp_path / ".cut.partial" / "journal.json").exists()
    assert child(tmp_path / "cut", "", "--resume") == 0
    for name in ("train-00000.parquet", "contact_sheet.png"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    cards = [(tmp_path / name / "README.md").read_text() for name in ("cut", "whole")]
    assert cards[0].replace("cut", "whole") == cards[1]


def test_split_separates_contents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [problem(index % 40, question=f"q{index}") for index in range(200)]
    write_problems(tmp_path / "all", rows)
    fractions = "train=0.5,dev=0.3,test=0.2"
    run(
        split_command,
        *(tmp_path / "all", "--fractions", fractions, "--out", tmp_path / "out"),
    )
    found = list(read_problems(tmp_path / "out"))
    assert len(found) == 200
    sides: dict[bytes, set[str]] = {}
    for item in found:
        sides.setdefault(item.images[0], set()).add(item.split)
    assert len(sides) == 40 and all(len(names) == 1 for names in sides.values())
    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    counts = Counter(item.split for item in found)
    assert {name: part.num_rows for name, part in loaded.items()} == counts
    assert f"dev: {counts['dev']}\n" in capsys.readouterr().out


def test_validate_reports_and_exits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make(tmp_path / "set", range(5))
    assert run(validate_command, folder) == 0
    assert "5 rows: 5 good, 0 bad" in capsys.readouterr().out
    write_problems(folder, [problem(0), problem(1, answer="many")], overwrite=True)
    assert run(validate_command, folder, "--clean", tmp_path / "good") == 1
    said = capsys.readouterr().out
    assert "error: wrong_answer" in said and "2 rows: 1 good, 1 bad" in said
    assert len(list(read_problems(tmp_path / "good"))) == 1
    with pytest.raises(ValueError, match="nowhere is no file or folder, nor one of the data sets"):
        run(validate_command, tmp_path / "nowhere")


LIMITED = """
from tests.unit.data_synth import test_set_commands as test
import sys
print(test.run(test.validate_command, sys.argv[1], "--max-memory", "1"))
"""


@pytest.mark.slow
def test_a_file_that_unpacks_to_too_much_is_a_finding(tmp_path: Path) -> None:
    make(tmp_path / "set", range(5))
    bomb = pa.table({"question": pa.array(["a" * 100_000_000] * 3)})
    bomb = pa.concat_tables([bomb] * 8)  # 2.4 GB
    pq.write_table(bomb, tmp_path / "set" / "bomb.parquet", compression="zstd")
    assert (tmp_path / "set" / "bomb.parquet").stat().st_size < 2**20
    del bomb
    answer = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "set")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    assert "error: damaged" in answer.stdout and "5 good" in answer.stdout
    assert answer.stdout.endswith("\n1\n")
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
