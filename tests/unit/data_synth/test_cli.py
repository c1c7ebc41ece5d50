"""The command line, as subprocesses where processes matter and in this process elsewhere."""

import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from data_synth import TASKS, make_problem
from data_synth.cli import COMMANDS, main
from data_synth.cli.parser import build_parser
from data_synth.generate import ProblemRequest, generate
from data_synth.render import render_text
from data_synth.storage import read_problems

ROOT = Path(__file__).parents[3]


def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "data_synth", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_generated_bytes_depend_on_neither_workers_nor_hash_seed(tmp_path: Path) -> None:
    options = ["generate", "--task", "all", "--count", "5", "--level", "0", "--level", "2"]
    options += ["--seed", "3", "--image-size", "64"]
    one = run(*options, "--out", str(tmp_path / "one"), PYTHONHASHSEED="1")
    two = run(*options, "--out", str(tmp_path / "two"), "--workers", "3", PYTHONHASHSEED="2")
    assert (one.returncode, two.returncode) == (0, 0), one.stderr + two.stderr
    assert one.stderr == two.stderr == ""
    files = [tmp_path / name / "train-00000.parquet" for name in ("one", "two")]
    assert files[0].read_bytes() == files[1].read_bytes()
    # The order is index, level, task; the rows are what `make_problem` gives in this process.
    expected = [
        make_problem(name, index=index, seed=3, level=level, image_size=64)
        for index in range(5)
        for level in (0, 2)
        for name in TASKS
    ]
    assert list(read_problems(tmp_path / "two")) == expected


def test_workers_keep_the_order_of_requests_and_report_errors() -> None:
    requests = [
        ProblemRequest(name="row_sums", index=index, image_size=32 + index % 3)
        for index in range(150, 0, -1)
    ]
    found = [problem.index for problem in generate(iter(requests), num_workers=2)]
    assert found == list(range(150, 0, -1))
    with pytest.raises(ValueError, match="level=9"):
        list(generate([ProblemRequest(name="row_sums", index=0, level=9)], num_workers=2))


def test_splits_and_seeds_share_no_problem(tmp_path: Path) -> None:
    ids: list[str] = []
    for extra in (["--seed", "0"], ["--seed", "1"], ["--split", "test"]):
        out = tmp_path / "-".join(extra).strip("-")
        command = ["generate", "--task", "row_sums", "--count", "30", "--out", str(out), *extra]
        assert main([*command, "--image-size", "32"]) == 0
        ids += [problem.id for problem in read_problems(out)]
    assert len(set(ids)) == 90
    assert (tmp_path / "split-test" / "test-00000.parquet").is_file()


def test_render_writes_the_page_of_a_text(tmp_path: Path) -> None:
    out = tmp_path / "new" / "page.png"
    assert main(["render", "--text", "2 + 2 = ?", "--width", "150", "--out", str(out)]) == 0
    page = render_text("2 + 2 = ?", width=150).image
    assert Image.open(out).tobytes() == page.tobytes()


def test_render_highlights_source_files(tmp_path: Path) -> None:
    source = "def f(x):\n    return x\n"
    (tmp_path / "f.txt").write_text(source)
    (tmp_path / "f.py").write_text(source)
    for name in ("f.txt", "f.py"):
        out = str(tmp_path / f"{name}.png")
        assert main(["render", str(tmp_path / name), "--out", out]) == 0
    prose, code = (Image.open(tmp_path / f"{name}.png") for name in ("f.txt", "f.py"))
    assert prose.tobytes() == render_text(source).image.tobytes()
    # Highlighted: a keyword has a colour of its own.
    assert (prose.mode, code.mode) == ("L", "RGB")
    assert len(set(code.getcolors(10**6))) > 20


def test_render_reads_standard_input(tmp_path: Path) -> None:
    done = run("render", "-", "--out", str(tmp_path / "p.png"), stdin="piped text")
    assert done.returncode == 0, done.stderr
    assert "p.png" in done.stdout
    assert Image.open(tmp_path / "p.png").tobytes() == render_text("piped text").image.tobytes()


def test_mix_of_a_task_a_folder_and_a_data_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    easy, mixed = str(tmp_path / "easy"), str(tmp_path / "mixed")
    size = ["--image-size", "32"]
    assert main(["generate", "--task", "row_sums", "--count", "5", "--out", easy, *size]) == 0
    command = ["mix", "--count", "60", "--out", mixed, *size, "--seed", "4"]
    for source in ("count_colors@3=1", f"{easy}=2", "easy-vqa=1"):
        command += ["--source", source]
    capsys.readouterr()
    assert main(command) == 0
    shown = capsys.readouterr().out
    assert "count_colors@3" in shown and "planned" in shown
    problems = list(read_problems(mixed))
    by_source: dict[str, list[int]] = {}
    for problem in problems:
        by_source.setdefault(problem.source, []).append(problem.index)
    assert len(problems) == 60
    assert by_source["row_sums"] == [0, 1, 2, 3, 4]
    # 55 are left after the folder's 5, and shared one to one.
    assert len(by_source["count_colors"]) in (27, 28)
    assert {p.difficulty for p in problems if p.source == "count_colors"} == {3}
    assert main([*command, "--overwrite"]) == 0
    assert list(read_problems(mixed)) == problems


def test_a_mixture_that_falls_short_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    easy = str(tmp_path / "easy")
    main(["generate", "--task", "row_sums", "--count", "5", "--out", easy])
    assert main(["mix", "--source", f"{easy}=1", "--count", "9", "--out", f"{easy}-mix"]) == 0
    assert "the sources ended after 5 of 9 problems" in capsys.readouterr().err


def test_tasks_lists_every_task_with_its_bound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks"]) == 0
    shown = capsys.readouterr().out
    for name in TASKS:
        assert name in shown
    # Level 0 of count_colors has 4^3 answers: one guess 1/64, eight 8/64.
    (row,) = [line for line in shown.splitlines() if "count_colors" in line]
    assert row.split()[-4:] == ["0-4", "64+", "1.56%", "12.50%"]


def test_gallery_of_tasks_levels_and_sets(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    main(["generate", "--task", "row_sums", "--count", "4", "--seed", "9", "--out", data])
    out = tmp_path / "gallery"
    command = ["gallery", "count_colors@2", data, "easy-vqa", "--count", "2", "--title", "Look"]
    assert main([*command, "--out", str(out)]) == 0
    page = (out / "index.html").read_text()
    shown = [make_problem("count_colors", index=i, level=2) for i in range(2)]
    shown += [make_problem("row_sums", index=i, seed=9) for i in range(2)]
    assert all(problem.id in page for problem in shown)
    assert page.count("<article>") == 6 and "<h1>Look</h1>" in page
    assert Image.open(io.BytesIO((out / "contact_sheet.png").read_bytes())).width == 6 * 236 + 12


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "required: COMMAND"),
        ("generate --task nope --count 1 --out x", "--task: unknown task 'nope': choose all, "),
        ("generate --task all --count 0 --out x", "--count: '0' is not a whole number of at leas"),
        ("generate --task all --count 1e3 --out x", "--count: '1e3' is not a whole number"),
        ("generate --task all --count 1 --level 5 --out x", "--level: '5' is not a .* 0 to 4"),
        ("generate --task all --count 1 --out x --image-size 9", "--image-size: '9' is not"),
        ("generate --task all --count 1 --out x --split a/b", "--split: 'a/b' is not a name"),
        ("generate --task all --count 1 --out x --work 2", "unrecognized arguments: --work 2"),
        ("generate --task all --count 1 --out data_synth", "data_synth is not empty: .*--overwr"),
        ("generate --task all --count 1 --out README", "README is a file: choose another --out"),
        ("mix --source =1 --count 1 --out x", "--source =1: write NAME=WEIGHT"),
        ("generate --task row_sums --set sides=3 --count 1 --out x", "has no knob 'sides'"),
        ("generate --task row_sums --set side --count 1 --out x", "--set side: write KNOB=VALUE"),
        ("generate --task all --count 1 --out x --degrade 2", "'2' is not a number from 0 to 1"),
        ("tasks nope", "unknown task 'nope': choose "),
        ("validate nope", "nope is no file or folder, nor one of the data sets"),
        ("split nope --out x", "nope does not exist"),
        ("mix --source row_sums=-1 --count 1 --out x", "with a positive weight"),
        ("mix --source row_sums=nan --count 1 --out x", "with a positive weight"),
        ("mix --source row_sums@7=1 --count 1 --out x", "level of source 'row_sums@7': '7' is"),
        ("mix --source nope=1 --count 1 --out x", "unknown source 'nope': .* row_sums"),
        ("mix --source easy-vqa=1 --split dev --count 1 --out x", "split='dev' of easy-vqa"),
        ("gallery data_synth --out x", "folder data_synth holds no .parquet file"),
        ("render --text hi --out page.jpg", "--out page.jpg"),
        ("render --text hi --out p.png --font comic", "unknown font 'comic': choose sans"),
        (
            "render --text hi --out p.png --height 50",
            "needs 2 pages|or one of height|but a page holds",
        ),
        ("render --out p.png", "name one source: a file, - for standard input, or --text"),
        ("render nothing.txt --out p.png", "No such file or directory: 'nothing.txt'"),
        ("render binary.txt --out p.png", "binary.txt is not UTF-8 text"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(
    arguments: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data_synth").mkdir()
    (tmp_path / "data_synth" / "file.py").write_text("")
    (tmp_path / "README").write_text("")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    before = sorted(tmp_path.rglob("*"))
    try:
        code = main(arguments.split())
    except SystemExit as stop:  # argparse leaves this way
        code = int(stop.code or 0)
    captured = capsys.readouterr()
    assert code == 2
    assert captured.err.startswith("error: ") and captured.err.count("\n") == 1
    assert re.search(message, captured.err), captured.err
    assert captured.out == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_a_mistake_shows_no_traceback_in_a_shell() -> None:
    done = run("generate", "--task", "all", "--count", "1", "--out", "data_synth", "--overwrite")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("error: output folder ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_examples_in_the_help_are_accepted(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out.replace("\\\n", " ")  # lines that go on after a backslash
    lines = [line.strip() for line in shown.splitlines()]
    starts = [line for line in lines if "python -m data_synth " in line and "usage" not in line]
    assert len(starts) >= 2
    for line in starts:
        arguments = shlex.split(line.partition("python -m data_synth ")[2])
        assert build_parser(COMMANDS).parse_args(arguments).command in COMMANDS


def test_importing_the_package_loads_no_heavy_library() -> None:
    code = (
        "import sys, data_synth; "
        "print([m for m in ('torch', 'datasets', 'hydra', 'pyarrow', 'rich', 'matplotlib', "
        "'easy_vqa', 'pygments', 'uharfbuzz') if m in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
