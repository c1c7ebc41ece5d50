"""The command `render` from end to end: files in, pages and boxes out."""

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from data_synth.cli.render import EXAMPLES, add_options, run
from data_synth.render.formats import FORMATS


def render(*arguments: object) -> None:
    parser = argparse.ArgumentParser(epilog=EXAMPLES)
    add_options(parser)
    run(parser.parse_args([str(argument) for argument in arguments]))


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("L")).astype(int)


def sidecar(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_text_becomes_a_page_as_tall_as_needed(tmp_path: Path) -> None:
    render("--text", "one\ntwo", "--width", 300, "--out", tmp_path / "a.png")
    render("--text", "one\ntwo\nthree\nfour", "--width", 300, "--out", tmp_path / "b.png")
    two, four = pixels(tmp_path / "a.png"), pixels(tmp_path / "b.png")
    assert two.shape[1] == four.shape[1] == 300
    # 1.3 font sizes of 18 pixels, or more where the glyphs need it.
    assert 2 * 23 <= four.shape[0] - two.shape[0] <= 2 * 30
    assert two.min() < 60 and two[0, 0] == 255


def test_boxes_hold_the_ink_of_their_lines(tmp_path: Path) -> None:
    out = tmp_path / "page.png"
    render("--text", "first line\n\n   second", "--out", out, "--boxes")
    content = sidecar(tmp_path / "page.json")
    assert content["text"].split() == ["first", "line", "second"]
    (page,) = content["pages"]
    assert [line["text"].strip() for line in page["lines"]] == ["first line", "second"]
    image = pixels(out)
    assert (page["height"], page["width"]) == image.shape
    for line in page["lines"]:
        left, top, right, bottom = line["box"]
        assert image[top:bottom, left:right].min() < 100
        image[top:bottom, left:right] = 255
    assert image.min() == 255  # no ink outside of the boxes


def test_long_text_flows_over_pages(tmp_path: Path) -> None:
    text = "\n".join(f"line {i}" for i in range(60))
    render("--text", text, "--height", 400, "--out", tmp_path / "p.png", "--boxes")
    files = sorted(tmp_path.glob("p-*.png"), key=lambda path: int(path.stem.split("-")[1]))
    content = sidecar(tmp_path / "p.json")
    assert [page["file"] for page in content["pages"]] == [path.name for path in files]
    assert len(files) > 2 and all(pixels(path).shape[0] == 400 for path in files)
    lines = [line["text"] for page in content["pages"] for line in page["lines"]]
    assert lines == text.split("\n")


def test_a_folder_gets_numbered_pages_and_form_feeds_break(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("one\ftwo")
    render(source, "--height", 300, "--out", tmp_path / "new" / "pages", "--boxes")
    folder = tmp_path / "new" / "pages"
    assert sorted(path.name for path in folder.iterdir()) == [
        "page-1.png",
        "page-2.png",
        "pages.json",
    ]


def test_what_does_not_fit_is_refused_with_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        render(
            "--text", "x\n" * 100, "--height", 300, "--max-pages", 1, "--out", tmp_path / "a.png"
        )
    assert not list(tmp_path.iterdir())


def test_the_suffix_chooses_the_format_and_format_overrides_it(tmp_path: Path) -> None:
    source = tmp_path / "data.csv"
    source.write_text("name,n\nTea,1.50\n")
    render(source, "--out", tmp_path / "table.png", "--boxes")
    render(source, "--format", "text", "--out", tmp_path / "text.png", "--boxes")
    assert "name,n" in sidecar(tmp_path / "text.json")["text"]
    assert "name,n" not in sidecar(tmp_path / "table.json")["text"]
    assert {"name", "n", "Tea", "1.50"} <= set(
        sidecar(tmp_path / "table.json")["text"].replace("|", " ").split()
    )


SOURCES = {
    "a.txt": ("plain words", ["plain words"]),
    "a.md": ("# Title\n\ntext with $\\frac{a}{b}$ and `code`", ["Title", "\\frac{a}{b}", "code"]),
    "a.tex": ("Let $x^2$ be \\emph{it}.", ["x^2", "it"]),
    "a.py": ("def f(x):\n    return x + 1\n", ["def f(x):", "return x + 1"]),
    "a.csv": ("name,price\nTea,2.50\n", ["name", "2.50"]),
    "a.records.json": ('[{"k": 1.0}]', ["k", "1.0"]),
    "a.json": ('{"key": [1, null]}', ['"key"', "null"]),
    "a.tree.json": ('{"key": [1, null]}', ["key", "[1]"]),
    "a.yaml": ("key: [1, 2]\n", ["key: [1, 2]"]),
    "a.log": ("$ ls\n\x1b[31mred\x1b[0m\n", ["$ ls", "red"]),
    "a.form.yaml": ("fields: {Name: Ann}\ncheckboxes: {Paid: true}", ["Name", "Ann", "Paid"]),
    "a.receipt.json": ('{"items": [{"name": "Tea", "price": 2.5}]}', ["Tea", "2.50", "Total"]),
}


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
@pytest.mark.parametrize("name", SOURCES)
def test_every_kind_of_file_is_drawn_with_its_twin(tmp_path: Path, name: str, theme: str) -> None:
    text, words = SOURCES[name]
    (tmp_path / name).write_text(text)
    out = tmp_path / "page.png"
    render(tmp_path / name, "--theme", theme, "--width", 500, "--out", out, "--boxes")
    twin = sidecar(tmp_path / "page.json")["text"]
    assert all(word in twin for word in words), twin
    page = pixels(out)
    assert page.max() - page.min() > 120


def test_pages_scale_with_dpi(tmp_path: Path) -> None:
    for dpi in (96, 192):
        render("--text", "x", "--width", 200, "--dpi", dpi, "--out", tmp_path / f"{dpi}.png")
    assert pixels(tmp_path / "192.png").shape[1] == 2 * pixels(tmp_path / "96.png").shape[1] == 400


def test_degradation_follows_its_seed_and_maps_the_boxes(tmp_path: Path) -> None:
    base = ("--text", "some words\nand more", "--degrade", 0.5, "--boxes")
    render(*base, "--seed", 3, "--out", tmp_path / "a.png")
    render(*base, "--seed", 3, "--out", tmp_path / "b.png")
    render(*base, "--seed", 4, "--out", tmp_path / "c.png")
    a, b, c = (pixels(tmp_path / f"{name}.png") for name in "abc")
    assert (a == b).all() and not (a == c).all()
    rotated = ("--text", "some words\nand more", "--degrade", 1, "--degrade-kind", "rotation")
    render(*rotated, "--boxes", "--out", tmp_path / "d.png")
    page = sidecar(tmp_path / "d.json")["pages"][0]
    assert set(page["degraded"]) == {"rotation"} and abs(page["degraded"]["rotation"]) >= 3
    for line in page["lines"]:
        left, top, right, bottom = line["box"]
        assert pixels(tmp_path / "d.png")[top:bottom, left:right].min() < 120


def test_a_random_font_follows_the_seed(tmp_path: Path) -> None:
    shapes = []
    for seed in (1, 1, 2, 3, 4, 5):
        out = tmp_path / "x.png"
        render("--text", "some words", "--font", "random", "--seed", seed, "--out", out)
        shapes.append(out.read_bytes())
    assert shapes[0] == shapes[1] and len(set(shapes)) > 1


def test_standard_input_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("h\u00e9".encode())))
    render("-", "--out", tmp_path / "a.png", "--boxes")
    assert sidecar(tmp_path / "a.json")["text"].strip() == "h\u00e9"


def test_fonts_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    render("--list-fonts")
    names = capsys.readouterr().out.split("\n")
    assert len(names) > 3 and names == list(dict.fromkeys(names))


def test_help_names_every_format() -> None:
    assert all(f"  {name} " in EXAMPLES for name in FORMATS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--text", "x"), "--out is missing"),
        (("--out", "a.png"), "name one source"),
        (("a.txt", "--text", "x", "--out", "a.png"), "name one source"),
        (("--text", "x", "--out", "a.jpg"), "pages are PNG files"),
        (("--text", "", "--out", "a.png"), "empty"),
        (("--text", "x", "--out", "a.png", "--font-size", 3), "font_size=3: choose at least"),
        (("--text", "x", "--out", "a.png", "--width", 30), "width=30 leaves nothing"),
        (("--text", "x", "--out", "a.png", "--font", "no-such-font"), "no-such-font"),
        (("--text", "x", "--out", "a.png", "--degrade", 2), "strength=2"),
        (("--text", "x", "--out", "a.png", "--degrade-kind", "blur"), "needs --degrade"),
        (
            ("--text", "x", "--out", "a.png", "--format", "code", "--lexer", "zzz"),
            "unknown language",
        ),
        (("--text", "$x", "--out", "a.png", "--format", "latex"), "is missing"),
    ],
)
def test_errors_name_the_option(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[object, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=message) as error:
        render(*arguments)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"a.txt is not UTF-8 text .*: convert it first"):
        render(tmp_path / "a.txt", "--out", tmp_path / "a.png")
    with pytest.raises(OSError):
        render(tmp_path / "absent.txt", "--out", tmp_path / "a.png")


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.md", "# Head\n\n- one\n- two $x$\n  1. three"), ("a.py", "a = 1\n\nb = 2\n")],
)
def test_bullets_and_line_numbers_have_boxes_of_their_own(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    render(tmp_path / name, "--line-numbers", "--out", tmp_path / "p.png", "--boxes")
    image = pixels(tmp_path / "p.png")
    lines = sidecar(tmp_path / "p.json")["pages"][0]["lines"]
    markers = [line["text"] for line in lines if len(line["text"]) <= 2]
    assert markers == (["\u2022", "\u2022", "1."] if name == "a.md" else ["1", "2", "3"])
    for line in lines:
        left, top, right, bottom = line["box"]
        assert left < right and top < bottom
        assert image[top:bottom, left:right].min() < 140
