"""The page of an evaluation and the frontier plot: numbers, untrusted names, labels apart."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import pytest

from mm_rl.evaluation.consistency import compare_forms
from mm_rl.evaluation.estimates import Estimate
from mm_rl.evaluation.metrics import Outcome, Sample, measure
from mm_rl.evaluation.results import SUMMARY_FILE, BenchmarkResult, read_results, write_results
from mm_rl.report.__main__ import main
from mm_rl.report.evaluation import render_evaluation, write_evaluation_report
from mm_rl.report.evaluation_svg import Series, draw_series
from mm_rl.report.frontier import (
    FrontierPoint,
    draw_frontier,
    find_frontier,
    place_labels,
    plot_frontier,
    read_points,
)

HOSTILE = "<script>alert(1)</script>\"'&\u202e"


def outcomes(*rates: int, source: str = "sums") -> list[Outcome]:
    """Problems with four samples, so many of them right."""
    return [
        Outcome(
            id=str(number),
            samples=tuple(
                Sample(
                    correct=i < right,
                    num_tokens=10 * (i + 1),
                    answered=True,
                    cut=i == 3,
                    vote=int(i >= right),
                )
                for i in range(4)
            ),
            tags={"source": source},
        )
        for number, right in enumerate(rates)
    ]


def result(name: str = "held_out", source: str = "sums") -> BenchmarkResult:
    found = outcomes(4, 1, 0, 3, source=source)
    return BenchmarkResult(
        name=name,
        rule="equal text",
        samples=4,
        temperature=0.7,
        max_tokens=40,
        confidence=0.9,
        skipped={"no_answer": 2},
        metrics=measure(found, ks=[1, 2, 4], budgets=[20, 40], tags=["source"]),
        consistency=compare_forms(found, outcomes(4, 4, 0, 0)),
    )


class Tables(HTMLParser):
    """The cells of every table, by its class."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[list[str]]] = {}
        self.tags: list[str] = []
        self._name, self._cell = "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "table":
            self._name = dict(attrs)["class"] or ""
            self.rows[self._name] = []
        elif tag == "tr":
            self.rows[self._name].append([])
        elif tag in ("td", "th"):
            self.rows[self._name][-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.rows[self._name][-1][-1] += data


def read_tables(page: str) -> Tables:
    parser = Tables()
    parser.feed(page)
    return parser


def test_results_survive_the_way_through_json(tmp_path: Path) -> None:
    written = [result(), replace(result("other"), consistency=None)]
    write_results(tmp_path, written)
    assert read_results(tmp_path) == written


def test_tables_show_the_figures(tmp_path: Path) -> None:
    write_results(tmp_path, [result()])
    path = write_evaluation_report(tmp_path)
    tables = read_tables(path.read_text())

    assert path == tmp_path / "evaluation" / "report.html"
    # By hand: 8 of 16 samples; pass@4 in three of four problems; wrong answers agree, so that the
    # vote of four is right on 4 and 3 of 4; 25 tokens, 50 per correct answer.
    row = tables.rows["overview"][1]
    assert row[:2] == ["held_out", "4"]
    assert row[2].startswith("50.0 % [")
    # Within 20 of the budgets 20 and 40: the first two samples, right in 2, 1, 0 and 2 of 4.
    assert row[3:6] == ["75.0 % (k = 4)", "50.0 % (k = 4)", "31.2 % (20 tokens)"]
    assert row[6:] == ["100.0 %", "25.0 %", "25", "50", "0"]
    # All problems have one tag: its row says the same.
    assert tables.rows["by-source"][1] == ["sums", *row[1:]]
    assert tables.rows["by-source"][0][1:] == tables.rows["overview"][0][1:]
    form = tables.rows["consistency"]
    assert [form[1][0], *form[1][2:]] == ["as text", "2", "1"]
    assert [form[2][0], *form[2][2:]] == ["as image", "2", "1"]
    assert "Not asked: 2 rows: no_answer." in path.read_text()
    assert "at most 40 tokens each; 90 % confidence intervals." in path.read_text()


def test_many_cut_completions_are_told_loudly(tmp_path: Path) -> None:
    warning = (
        "25 % of the completions on held_out were cut at 40 tokens and count as wrong: raise "
        "evaluation.max_tokens, or evaluation.benchmarks.held_out.max_tokens"
    )
    assert result().warning == warning
    write_results(tmp_path, [result()])
    assert f"**Warning: {warning}.**" in (tmp_path / SUMMARY_FILE).read_text()
    assert f"<strong>Warning: {warning}.</strong>" in render_evaluation(tmp_path, [result()])
    few = replace(result(), metrics=replace(result().metrics, cut=0.2))
    assert few.warning is None
    assert "Warning" not in render_evaluation(tmp_path, [few])


def test_names_of_data_sets_are_text_and_nothing_is_run_or_fetched() -> None:
    page = render_evaluation(Path("x/y"), [result(HOSTILE, source=HOSTILE)])

    tables = read_tables(page)
    assert "script" not in tables.tags
    assert tables.rows["overview"][1][0].startswith("<script>alert(1)</script>\"'&")
    assert "\u202e" not in page
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy is not None and style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    assert "style=" not in page and "http" not in page.replace("http-equiv", "")


def test_curves_stand_at_their_values() -> None:
    def estimate(value: float) -> Estimate:
        return Estimate(value=value, low=value - 0.1, high=value + 0.1, num_problems=9)

    drawn = draw_series(
        "by samples",
        [
            Series(
                label="pass@k", estimates={1: estimate(0.5), 4: estimate(0.75), 16: estimate(0.9)}
            ),
            Series(label="maj@k", estimates={1: estimate(0.5)}),
            Series(label="nothing", estimates={}),
        ],
        x_label="k",
        log=True,
    )
    # The axes: 46 to 386 from 1 to 16, 4 in their middle on a scale of factors; 158 to 8 upwards.
    assert '<path class="line c0" d="M46.0 83.0L216.0 45.5L386.0 23.0"/>' in drawn
    assert "46.0,68.0 216.0,30.5 386.0,8.0 386.0,38.0 216.0,60.5 46.0,98.0" in drawn
    # A single position stands where the axis has it.
    assert '<circle class="c1" cx="46.0" cy="83.0" r="2.6"/>' in drawn
    assert "nothing" not in drawn
    assert "pass@k: 50.0 % at 1, 75.0 % at 4, 90.0 % at 16" in drawn
    assert "Nothing was measured" in draw_series("x", [], x_label="k")


def point(label: str, accuracy: float, tokens: float) -> FrontierPoint:
    return FrontierPoint(label=label, accuracy=accuracy, mean_tokens=tokens, ci=(0.0, 1.0))


# AIME 2024 in figure 7 of the k1.5 report.
FIGURE_7 = [
    point("k1.5-long", 0.633, 4214),
    point("short w/ rl", 0.608, 3272),
    point("short w/ dpo", 0.471, 3124),
    point("short w/ merge + rs", 0.429, 3037),
    point("short w/ merge", 0.390, 3143),
    point("k1.5-shortest", 0.259, 1455),
    point("deepseek-v3", 0.392, 5133),
    point("qwen2.5-72B-inst", 0.233, 1165),
    point("Claude 3.5", 0.160, 644),
    point("gpt-4-0513", 0.093, 827),
]


def test_the_frontier_of_the_paper() -> None:
    assert [p.label for p in find_frontier(FIGURE_7)] == [
        "Claude 3.5",
        "qwen2.5-72B-inst",
        "k1.5-shortest",
        "short w/ merge + rs",
        "short w/ dpo",
        "short w/ rl",
        "k1.5-long",
    ]


def test_equal_points_are_both_on_the_frontier_and_ties_in_one_are_beaten() -> None:
    points = [point("a", 0.5, 10), point("b", 0.5, 10), point("c", 0.5, 11), point("d", 0.4, 10)]
    assert [p.label for p in find_frontier(points)] == ["a", "b"]


@pytest.mark.parametrize("points", [FIGURE_7, [point(f"label {n}", 0.5, 100) for n in range(8)]])
def test_labels_cover_neither_each_other_nor_a_point(points: list[FrontierPoint]) -> None:
    figure, axes = plot_frontier(points, title="AIME")
    labels = place_labels(figure, axes, points)
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    boxes = [label.get_window_extent(renderer) for label in labels]
    assert [label.get_text() for label in labels] == [p.label for p in points]
    for first, second in combinations(boxes, 2):
        assert not first.padded(-0.5).overlaps(second.padded(-0.5))
    spots = [axes.transData.transform((p.mean_tokens, 100 * p.accuracy)) for p in points]
    frame = axes.get_window_extent(renderer)
    for box in boxes:
        assert not any(box.contains(*spot) for spot in spots)
        assert frame.x0 <= box.x0 and box.x1 <= frame.x1
        assert frame.y0 <= box.y0 and box.y1 <= frame.y1


def test_files_are_the_same_for_the_same_points(tmp_path: Path) -> None:
    first = draw_frontier(FIGURE_7, tmp_path / "a" / "plot.svg", title="AIME 2024 $x")
    second = draw_frontier(FIGURE_7, tmp_path / "b" / "plot.svg", title="AIME 2024 $x")
    assert first.read_bytes() == second.read_bytes()
    assert draw_frontier(FIGURE_7, tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match=r"ends in .svg or .png"):
        draw_frontier(FIGURE_7, tmp_path / "plot.pdf")
    with pytest.raises(ValueError, match="at least one point"):
        draw_frontier([], tmp_path / "plot.svg")


def test_points_come_from_the_results_of_runs(tmp_path: Path) -> None:
    write_results(tmp_path, [result()])
    found = read_points({"after rl": tmp_path}, "held_out")
    accuracy = result().metrics.accuracy
    assert found == [
        FrontierPoint(
            label="after rl",
            accuracy=0.5,
            mean_tokens=25.0,
            ci=(accuracy.low, accuracy.high),
            confidence=0.9,
        )
    ]
    with pytest.raises(ValueError, match="was not evaluated on 'mmmu', only on held_out"):
        read_points({"x": tmp_path}, "mmmu")


def test_the_bars_are_named_where_they_are_intervals() -> None:
    points = [point("a", 0.5, 10), replace(point("b", 0.6, 20), confidence=0.9)]
    assert plot_frontier(points)[1].get_ylabel() == (
        "accuracy in %; bars: 90 % confidence intervals"
    )
    assert plot_frontier(points[:1])[1].get_ylabel() == "accuracy in %"


def test_the_command_draws_separately_evaluated_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, label in (("a", "held_out"), ("b", "held_out"), ("c", "mmmu")):
        (tmp_path / name).mkdir()
        write_results(tmp_path / name, [result(label)])
    a, b, c = (str(tmp_path / name) for name in "abc")
    out = tmp_path / "plot.svg"
    assert main(["--benchmark", "held_out", f"short={a}", f"long={b}", "--out", str(out)]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    expected = draw_frontier(
        read_points({"short": Path(a), "long": Path(b)}, "held_out"),
        tmp_path / "expected.svg",
        title="held_out",
    )
    assert out.read_bytes() == expected.read_bytes()
    for arguments, message in (
        (["--benchmark", "held_out", f"x={c}"], "was not evaluated on 'held_out', only on mmmu"),
        (["--benchmark", "held_out", a], f"with --benchmark write LABEL=RUN_DIR, as in rl={a}"),
        (["--benchmark", "held_out", f"x={a}", f"x={b}"], "the label x stands twice"),
        ([a, b], "2 folders, but a page is about one: .* by --benchmark NAME"),
    ):
        assert main(arguments) == 1
        assert re.search(message, capsys.readouterr().err)
