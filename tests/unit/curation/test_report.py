"""The report shows what was dropped, and nothing in it can act."""

import html
import re
from dataclasses import replace
from pathlib import Path

from data_synth.tasks import make_problem
from mm_rl.curation.base import Drop, Pool
from mm_rl.curation.charts import draw_funnel, draw_histogram
from mm_rl.curation.decisions import Decisions
from mm_rl.curation.markdown import quote
from mm_rl.curation.report import write_curation_report
from mm_rl.curation.stage import count_tags, summarize
from tests.unit.curation.conftest import MakePool, number_problem

EVIL = "<script>alert(1)</script>|[x](javascript:1)`\u202e![i](http://h/p.png)"


def write(make_pool: MakePool, folder: Path, *, num_examples: int = 2) -> tuple[Pool, str, str]:
    original = number_problem("How many dots?", "4", color="red")
    problems = [
        original,
        replace(original, question="How many dots are there?", id=""),
        number_problem(EVIL, "5", color="blue"),
        *(make_problem("row_sums", index=index, image_size=64) for index in range(3)),
    ]
    pool = make_pool(problems)
    before = count_tags(pool, pool.alive)
    decided = [
        Decisions(
            name="near_text",
            num_seen=6,
            drops={1: Drop(reason="near_text", detail="Jaccard 0.91", twin=problems[0].id)},
            rewritten=(),
        ),
        Decisions(
            name="mislabelled",
            num_seen=5,
            drops={2: Drop(reason="reference_rejected", detail=EVIL, review=True)},
            rewritten=(),
        ),
        Decisions(
            name="guess",
            num_seen=4,
            drops={index: Drop(reason="guessed") for index in (3, 4, 5)},
            rewritten=(),
            remarks=(f"30.0% were cut {EVIL}",),
        ),
    ]
    for each in decided:
        pool.drop(set(each.drops))
    pool.note(2, pass_rate=0.25, sign=EVIL)
    summary = summarize(pool, decided, before, num_unseen=9_600)
    write_curation_report(folder, pool, decided, summary=summary, num_examples=num_examples)
    return pool, (folder / "report.html").read_text(), (folder / "report.md").read_text()


def test_nothing_untrusted_can_act(make_pool: MakePool, tmp_path: Path) -> None:
    _, page, text = write(make_pool, tmp_path)
    assert "<script" not in page
    assert "\u202e" not in page + text
    assert "default-src 'none'; style-src 'sha256-" in page
    assert html.escape("<script>alert(1)</script>") in page
    sources = re.findall(r'src="([^"]*)"', page)
    assert sources
    assert all(source.startswith("data:image/") for source in sources)
    assert " style=" not in page  # the policy would refuse it
    assert "javascript:1)" not in text
    assert "<script" not in text
    assert quote("a|b<c>[d](e)") == "a&#124;b&#60;c&#62;&#91;d&#93;&#40;e&#41;"


def test_each_reason_has_its_examples_and_a_repeat_its_twin(
    make_pool: MakePool, tmp_path: Path
) -> None:
    pool, page, text = write(make_pool, tmp_path)
    assert page.count('<article class="card') == 1 + 1 + 1 + 2  # two of three guessed, one twin
    pair = page.split("near_text: near_text</h3>")[1].split("<h3 class=")[0]
    assert "How many dots are there?" in pair
    assert "How many dots?" in pair
    assert pair.count("<img") == 2
    assert "evidence: Jaccard 0.91" in pair
    assert "mislabelled: reference_rejected (for review)" in page
    assert f"repeats {pool.problem(0).id}" in text


def test_what_was_not_looked_at_and_what_filters_remark_is_told(
    make_pool: MakePool, tmp_path: Path
) -> None:
    _, page, text = write(make_pool, tmp_path)
    assert "<dt>more, not looked at</dt><dd>9,600</dd>" in page
    assert "9600 more were not looked at" in text
    assert "<li>guess: 30.0% were cut &lt;script" in page
    assert "- guess: 30.0% were cut &#60;script" in text


def test_a_report_without_examples_does_not_say_that_nothing_was_dropped(
    make_pool: MakePool, tmp_path: Path
) -> None:
    for report in write(make_pool, tmp_path, num_examples=0)[1:]:
        assert "5 were dropped; curation.examples=0 shows none of them." in report
        assert "Nothing was dropped" not in report


def test_the_funnel_is_drawn_to_scale(make_pool: MakePool, tmp_path: Path) -> None:
    pool, page, text = write(make_pool, tmp_path)
    bars = [
        (float(width), kind)
        for kind, width in re.findall(r'<rect class="(stay|gone)"[^>]*?width="([\d.]+)"', page)
    ]
    stay = [width for width, kind in bars[:8] if kind == "stay"]
    gone = [width for width, kind in bars[:8] if kind == "gone"]
    assert [round(width / stay[0] * 6) for width in stay] == [6, 5, 4, 1]
    assert [round(width / stay[0] * 6) for width in gone] == [0, 1, 1, 3]
    assert "1 of 6 candidates stay" in text
    rows = [line for line in html.unescape(text).splitlines() if line.startswith("| guess")]
    assert rows == ["| guess | 4 | 1 | guessed 3 | 0 |"]
    assert pool.alive == [0]


def test_drawings_of_nothing() -> None:
    empty = {"num_candidates": 0, "num_kept": 0, "filters": []}
    assert "0 of 0 candidates" in draw_funnel(empty)
    heights = re.findall(r'height="([\d.]+)"', draw_histogram([0, 2, 4]))
    assert [float(height) for height in heights] == [0, 65, 130]
