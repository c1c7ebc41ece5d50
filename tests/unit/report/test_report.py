"""The report's numbers against hand-computed ones, and untrusted text against the page."""

import base64
import hashlib
import json
import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from mm_rl.report import write_report
from mm_rl.report.__main__ import main
from mm_rl.report.curves import build_panels, running_mean, smoothing_window, thin_out
from mm_rl.report.gallery import balanced_sample, split_completion, spread
from mm_rl.report.headline import describe_status
from mm_rl.report.images import embed_images
from mm_rl.report.page import render_page
from mm_rl.report.run import read_run
from mm_rl.report.svg import draw_panel, fit_scale
from mm_rl.report.text import clean, cut_middle, format_number, script_json, shorten
from tests.unit.report.run_folder import (
    CONFIG,
    HOSTILE,
    METRICS,
    RECORD,
    PageReader,
    png,
    write_run,
)


def read_page(folder: Path) -> PageReader:
    return PageReader(render_page(read_run(folder)))


# ---- headline ---------------------------------------------------------------------------------


def test_table_compares_the_last_evaluation_of_each_stage_by_task(tmp_path: Path) -> None:
    table = read_page(write_run(tmp_path)).table
    head = ["task", "after sft", "after rl", "difference", "0 to 100 %"]
    assert table[0] == [*head, "blank images", "constant answer", "problems"]
    dash = "\u2013"
    assert table[1:] == [
        ["all tasks", "25.0 %", "50.0 %", "+25.0", "", "6.2 %", dash, "6"],
        ["count", "50.0 %", "25.0 %", "\u221225.0", "", dash, "10.0 %", "2"],
        ["sums", "0.0 %", "75.0 %", "+75.0", "", "3.1 %", dash, "3"],
        ["vqa", dash, "50.0 %", dash, "", dash, dash, "1"],
    ]


def test_tiles_show_accuracy_tokens_and_controls(tmp_path: Path) -> None:
    text = read_page(write_run(tmp_path)).text
    assert "Accuracy after sft25.0 %step 4" in text
    assert "Accuracy after rl50.0 %+25.0 points, step 3" in text
    assert "Mean tokens10after rl; 12.5 after sft" in text
    assert "Accuracy, blank images6.2 %after rl; 12.5 % after sft" in text


def test_a_run_of_one_stage_is_compared_with_its_start(tmp_path: Path) -> None:
    metrics = [
        {"stage": "rl", "step": step, "eval/accuracy": value, "eval/accuracy/sums": value}
        for step, value in ((0, 0.125), (1, 0.9), (2, 0.5))
    ]
    table = read_page(write_run(tmp_path, metrics=metrics, records={})).table
    assert table[0][1:4] == ["before rl", "after rl", "difference"]
    assert table[2][:4] == ["sums", "12.5 %", "50.0 %", "+37.5"]


def test_difference_is_to_the_stage_before(tmp_path: Path) -> None:
    metrics = [
        {"stage": stage, "step": 5, "eval/accuracy": value, "eval/accuracy/sums": value / 2}
        for stage, value in (("sft", 0.25), ("rl", 0.5), ("dpo", 0.375))
    ]
    page = read_page(write_run(tmp_path, metrics=metrics, records={}))
    assert page.table[0][1:5] == ["after sft", "after rl", "after dpo", "difference"]
    assert page.table[1][1:5] == ["25.0 %", "50.0 %", "37.5 %", "\u221212.5"]
    assert page.table[2][1:5] == ["12.5 %", "25.0 %", "18.8 %", "\u22126.2"]
    assert "Accuracy after dpo37.5 %\u221212.5 points, step 5" in page.text


def test_an_evaluation_that_is_not_finite_is_not_the_last_one(tmp_path: Path) -> None:
    broken = {"stage": "rl", "step": 9, "eval/accuracy": float("nan")}
    table = read_page(write_run(tmp_path, metrics=[*METRICS, broken])).table
    assert table[1][:4] == ["all tasks", "25.0 %", "50.0 %", "+25.0"]


@pytest.mark.parametrize(
    ("status", "last_line", "expected"),
    [
        (None, 8, ("finished", "finished")),
        (None, 6, ("unfinished", "unfinished, rl at step 2 of 3")),
        (None, 4, ("unfinished", "unfinished, rl not started")),
        (None, 2, ("unfinished", "unfinished, sft at step 2 of 4")),
        ({"status": "running"}, 6, ("unfinished", "running or killed, rl at step 2 of 3")),
        ({"status": "finished"}, 8, ("finished", "finished")),
        (
            {"status": "failed", "error": "disk full"},
            6,
            ("failed", "failed, rl at step 2 of 3: disk full"),
        ),
    ],
)
def test_status_says_how_far_the_run_came(
    tmp_path: Path, status: dict[str, str] | None, last_line: int, expected: tuple[str, str]
) -> None:
    write_run(tmp_path, metrics=METRICS[:last_line])
    if status is not None:
        (tmp_path / "status.json").write_text(json.dumps(status))
    assert describe_status(read_run(tmp_path)) == expected


def test_header_names_the_run_and_when_it_started(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "demo" / "20260102-030405-000006")
    (folder / "environment.json").write_text('{"git_revision": "abc123"}')
    text = read_page(folder).text
    for fact in (
        "demo/20260102-030405-000006",
        "started 2026-01-02 03:04",
        "model tiny",
        "seed 5",
        "revision abc123",
    ):
        assert fact in text


# ---- curves -----------------------------------------------------------------------------------


def test_every_logged_number_is_drawn(tmp_path: Path) -> None:
    curves = read_page(write_run(tmp_path)).curves
    assert curves["sft", "loss/nll"] == [[1, 3.0], [2, 2.0], [4, 1.5]]
    assert curves["rl", "reward/mean"] == [[1, 0.25], [2, None], [3, 0.75]]
    assert curves["sft", "policy/lr"] == [[2, 0.001], [4, 0.0005]]
    assert curves["sft", "eval/accuracy"] == [[4, 0.25]]
    assert curves["rl", "eval/accuracy"] == [[3, 0.5]]
    # `eval/accuracy/<task>`: one panel, a curve per task.
    assert curves["rl", "vqa"] == [[3, 0.5]]
    named = {name for line in METRICS for name in line} - {"stage", "step"}
    panels = build_panels(read_run(tmp_path).metrics)
    assert {curve.name for panel in panels for curve in panel.curves} == named


def test_important_panels_come_first_and_the_rest_is_folded(tmp_path: Path) -> None:
    panels = build_panels(read_run(write_run(tmp_path)).metrics)
    assert [panel.title for panel in panels if panel.leading] == [
        "reward/mean",
        "eval/accuracy",
        "eval/accuracy/*",
        "eval/num_tokens",
        "rollout/num_tokens",
        "loss/nll",
    ]
    assert [panel.title for panel in panels if not panel.leading] == [
        "eval/blind_accuracy",
        "eval/blind_accuracy/*",
        "eval/constant_accuracy/*",
        "policy/lr",
    ]


def test_points_are_drawn_where_their_values_belong(tmp_path: Path) -> None:
    metrics = [
        {"stage": "sft", "step": 10, "eval/accuracy": 0.25},
        *(
            {"stage": "rl", "step": step, "eval/accuracy": value}
            for step, value in ((0, 0.0), (30, 1.0), (40, 0.5))
        ),
    ]
    (panel,) = build_panels(read_run(write_run(tmp_path, metrics=metrics)).metrics)
    drawing = draw_panel(panel)
    circles = re.findall(r'<circle class="c0" cx="([\d.]+)" cy="([\d.]+)"', drawing)
    # Drawing area 46..392 by 8..162; two lanes of (346 - 14) / 2 = 166 each, the second from 226.
    # Accuracy has the axis 0 to 1: 0.25 lies at 162 - 0.25 * 154.
    assert circles == [("129.0", "123.5"), ("226.0", "162.0"), ("350.5", "8.0"), ("392.0", "85.0")]
    assert 'd="M226.0 162.0L350.5 8.0L392.0 85.0"' in drawing


def test_a_value_that_is_not_finite_breaks_the_line(tmp_path: Path) -> None:
    values = (1.0, 2.0, float("inf"), 4.0, float("nan"), 4.0, 1.0)
    metrics = [{"stage": "rl", "step": n, "policy/x": v} for n, v in enumerate(values)]
    metrics += [{"stage": "rl", "step": 0, "policy/never": float("nan")}]
    never, panel = build_panels(read_run(write_run(tmp_path, metrics=metrics)).metrics)
    (path,) = re.findall(r'<path class="line c0" d="([^"]*)"', draw_panel(panel))
    assert [len(run.split("L")) for run in path.split("M")[1:]] == [2, 2, 2]
    lone = path.split("M")[2].split("L")
    assert lone[0] == lone[1]  # a dot
    assert "No finite value" in draw_panel(never)


def test_long_curves_are_thinned_but_keep_ends_and_spikes(tmp_path: Path) -> None:
    values: list[float | None] = [float(n % 7) for n in range(5000)]
    values[1234], values[4321] = 99.0, -99.0
    kept = thin_out(values, limit=100)
    assert len(kept) <= 100
    assert kept == sorted(set(kept))
    assert {0, 1234, 4321, 4999} <= set(kept)
    assert thin_out([1.0] * 100, limit=100) == list(range(100))


def test_running_mean_is_centred_and_skips_gaps() -> None:
    assert running_mean([1.0, 2.0, 6.0, None, 4.0], 3) == [1.0, 3.0, 4.0, 5.0, 4.0]
    line = [float(n) for n in range(20)]
    assert running_mean(list(line), 7) == pytest.approx(line)  # no bias, not even at the ends
    assert running_mean([None, None, None], 3) == [None] * 3
    assert [smoothing_window(n) for n in (39, 40, 90, 300)] == [1, 3, 7, 21]


def test_smoothed_panel_shows_raw_values_and_names_the_window(tmp_path: Path) -> None:
    metrics = [{"stage": "rl", "step": n, "reward/mean": float(n % 2)} for n in range(1, 61)]
    (panel,) = build_panels(read_run(write_run(tmp_path, metrics=metrics)).metrics)
    drawing = draw_panel(panel)
    assert "running mean over 5 points" in drawing
    assert drawing.count('class="raw c0"') == 1
    assert [value for _, value in panel.curves[0].points] == [n % 2 for n in range(1, 61)]
    assert panel.curves[0].smooth[2] == (3, 0.6)  # mean of 1 0 1 0 1


@pytest.mark.parametrize(
    ("title", "values", "ticks"),
    [
        ("eval/accuracy", [0.1, 0.2], (0.0, 0.25, 0.5, 0.75, 1.0)),
        ("rollout/correct_frac/*", [0.1], (0.0, 0.25, 0.5, 0.75, 1.0)),
        ("loss/nll", [0.2, 2.9], (0.0, 1.0, 2.0, 3.0)),
        ("rollout/num_tokens", [70.0, 79.0], (70.0, 75.0, 80.0)),
        ("policy/x", [-0.3, 0.3], (-0.4, -0.2, 0.0, 0.2, 0.4)),
        ("policy/x", [5.0, 5.0], (4.5, 5.0, 5.5)),
        ("policy/log_ratio_sq", [1e-16, 2.9e-16], (0.0, 1e-16, 2e-16, 3e-16)),
        ("policy/x", [0.0], (-1.0, 0.0, 1.0)),
    ],
)
def test_axes_have_round_ticks_around_the_values(
    title: str, values: list[float], ticks: tuple[float, ...]
) -> None:
    assert fit_scale(title, values).ticks == pytest.approx(ticks, rel=1e-9, abs=0)


# ---- gallery ----------------------------------------------------------------------------------


def test_items_carry_the_record(tmp_path: Path) -> None:
    payload = read_page(write_run(tmp_path)).payload
    groups = Counter(item["group"] for item in payload["items"])
    assert groups == {
        "rl evaluation, step 3": 6,
        "sft evaluation, step 4": 4,
        "rl rollouts": 5,
    }
    (item,) = (
        i
        for i in payload["items"]
        if i["group"] == "rl rollouts" and i["correct"] and i["source"] == "sums"
    )
    assert item == {
        "group": "rl rollouts",
        "stage": "rl",
        "step": 1,
        "source": "sums",
        "prompt_id": "p0",
        "sample": 0,
        "correct": True,
        "question": "Add the digits.",
        "images": ["red"],
        "parts": [
            ["tag", "<think>"],
            ["reasoning", "1+2=3"],
            ["tag", "</think>"],
            ["box", "\\boxed{(3,4)}"],
        ],
        "reference": "(3,4)",
        "answer": "(3,4)",
        "reason": "equal",
        "reward": 0.9,
        "terms": [["answer", 1.0], ["length", -0.1]],
        "finish": "stop",
        "tokens": 17,
        "segments": 1,
    }


def test_only_the_last_evaluation_of_a_stage_is_shown(tmp_path: Path) -> None:
    records = {f"evals/rl-{n:06d}": [replace(RECORD, step=n)] for n in (2, 10, 9)}
    payload = read_page(write_run(tmp_path, records=records)).payload
    assert [item["step"] for item in payload["items"]] == [10]


def test_sample_is_balanced_over_task_and_outcome() -> None:
    sizes = {("count", True): 500, ("count", False): 3, ("sums", True): 40, ("sums", False): 100}
    records = [
        replace(RECORD, source=source, correct=correct, sample_index=number)
        for (source, correct), size in sizes.items()
        for number in range(size)
    ]
    chosen = balanced_sample(records, 63, random.Random(0))
    cells = Counter((record.source, record.correct) for record in chosen)
    assert cells == {
        ("count", True): 20,
        ("count", False): 3,
        ("sums", True): 20,
        ("sums", False): 20,
    }
    assert len({(r.source, r.correct, r.sample_index) for r in chosen}) == 63
    # At random within a cell, and the same for the same seed.
    assert [r.sample_index for r in chosen if r.source == "sums"] != list(range(20)) * 2
    assert chosen == balanced_sample(records, 63, random.Random(0))
    assert chosen != balanced_sample(records, 63, random.Random(1))
    assert len(balanced_sample(records[:5], 63, random.Random(0))) == 5


def test_gallery_of_a_long_run_is_bounded_and_spans_it(tmp_path: Path) -> None:
    records = {
        f"rollouts/rl-{step:06d}": [
            replace(RECORD, step=step, sample_index=n, correct=n % 2 == 0) for n in range(40)
        ]
        for step in range(1, 31)
    }
    records["evals/rl-000030"] = [replace(RECORD, prompt_id=f"p{n}") for n in range(300)]
    payload = read_page(write_run(tmp_path, records=records)).payload
    groups = Counter(item["group"] for item in payload["items"])
    assert groups == {"rl evaluation, step 30": 120, "rl rollouts": 200}
    rollouts = [item for item in payload["items"] if item["group"] == "rl rollouts"]
    steps = [item["step"] for item in rollouts]
    assert steps == sorted(steps, reverse=True)
    assert {1, 30} <= set(steps) and len(set(steps)) == 12
    assert Counter(item["correct"] for item in rollouts) == {True: 100, False: 100}


def test_a_reward_that_is_not_finite_does_not_cost_the_page(tmp_path: Path) -> None:
    record = replace(RECORD, total_reward=float("nan"), reward_terms={"answer": float("inf")})
    payload = read_page(write_run(tmp_path, records={"evals/rl-000003": [record]})).payload
    (item,) = payload["items"]
    assert (item["reward"], item["terms"]) == (None, [["answer", None]])


def test_spread_includes_both_ends() -> None:
    assert spread(list(range(100)), 4) == [0, 33, 66, 99]
    assert spread([5, 6], 4) == [5, 6]


@pytest.mark.parametrize(
    ("completion", "parts"),
    [
        ("", []),
        ("\\boxed{1}", [("box", "\\boxed{1}")]),
        (
            "so \\boxed{\\frac{1}{2}}.",
            [("text", "so "), ("box", "\\boxed{\\frac{1}{2}}"), ("text", ".")],
        ),
        ("<think>a \\boxed{2}", [("tag", "<think>"), ("reasoning", "a \\boxed{2}")]),
        ("a</think>\\boxed{", [("reasoning", "a"), ("tag", "</think>"), ("text", "\\boxed{")]),
        (
            "x<think>a</think>b</think>c<think>d",
            [
                ("text", "x"),
                ("tag", "<think>"),
                ("reasoning", "a</think>b"),
                ("tag", "</think>"),
                ("text", "c"),
                ("tag", "<think>"),
                ("reasoning", "d"),
            ],
        ),
        ("\\boxed{1}\\boxed{2}", [("box", "\\boxed{1}"), ("box", "\\boxed{2}")]),
    ],
)
def test_completion_is_split_as_the_reward_reads_it(
    completion: str, parts: list[tuple[str, str]]
) -> None:
    assert split_completion(completion) == parts
    assert "".join(text for _, text in parts) == completion


@pytest.mark.parametrize("unit", ["a", "\\boxed{1}", "\\boxed{", "<think>", "</think>", "\x00"])
def test_huge_completion_is_shortened_and_keeps_its_answer(unit: str) -> None:
    huge = unit * (1_000_000 // len(unit)) + "</think>end \\boxed{42}"
    parts = split_completion(huge)
    assert sum(len(text) for _, text in parts) < 60_000
    assert ("box", "\\boxed{42}") in parts
    cut = [text for kind, text in parts if kind == "cut"]
    assert cut and all(re.fullmatch(r"[\d,]+ characters left out", note) for note in cut)


def test_cut_text_says_how_much_is_missing() -> None:
    assert cut_middle("abcdefghij", 6) == ("abcd", 4, "ij")
    assert cut_middle("abcdef", 6) == ("abcdef", 0, "")
    assert shorten("x" * 3000, 2000) == "x" * 1334 + " [1,000 characters left out] " + "x" * 666


# ---- untrusted text ---------------------------------------------------------------------------


def test_invisible_characters_are_written_out() -> None:
    assert clean("a\x00b\x1b[31m\u202ec\ud800\u200bd\x7f\u2028") == (
        "a\u27e8U+0000\u27e9b\u27e8U+001B\u27e9[31m\u27e8U+202E\u27e9c\u27e8U+D800\u27e9"
        "\u27e8U+200B\u27e9d\u27e8U+007F\u27e9\u27e8U+2028\u27e9"
    )
    assert clean("tab\tline\n\u00e9 \U0001f600 \u4e2d") == "tab\tline\n\u00e9 \U0001f600 \u4e2d"


def test_script_json_cannot_end_its_element_and_reads_back() -> None:
    value = {"text": "</script><!--<script>&amp;\u2028\ud800"}
    text = script_json(value)
    assert text.isascii()
    assert not set("<>&") & set(text)
    assert json.loads(text) == value
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_json(float("nan"))


def test_hostile_text_adds_no_markup_anywhere(tmp_path: Path) -> None:
    """The same page with hostile text has the same elements as with harmless text."""

    def page_with(text: str, folder: Path) -> PageReader:
        record = replace(
            RECORD,
            source=text,
            question=text,
            completion=text,
            answer=text,
            reference=text,
            reason=text,
            prompt_id=text,
            finish_reason=text,
            image_keys=(text,),
            reward_terms={text: 1.0},
        )
        metrics = [
            {"stage": text, "step": 1, text: 1.0, f"a/b/{text}": 2.0, f"a/b/{text}2": 2.0},
            {"stage": text, "step": 1, "eval/accuracy": 0.5, f"eval/accuracy/{text}": 0.5},
        ]
        config = {"name": text, "stages": [text], "model": {"kind": text}, text: text}
        write_run(folder, metrics=metrics, config=config, records={"evals/rl-000001": [record]})
        (folder / "environment.json").write_text(json.dumps({"git_revision": text}))
        status = {"status": "failed", "error": text}
        (folder / "status.json").write_text(json.dumps(status))
        return read_page(folder)

    text = HOSTILE + "\"' onload=x"
    hostile = page_with(text, tmp_path / "hostile")
    harmless = page_with(re.sub("[<>&\"'=]", " ", text), tmp_path / "harmless")
    assert hostile.tags == harmless.tags
    assert hostile.handlers == [] == harmless.handlers
    assert hostile.scripts[1:] == harmless.scripts[1:]
    assert "document.title = 'taken'" in hostile.payload["items"][0]["question"]


def test_page_allows_its_own_script_and_style_only(tmp_path: Path) -> None:
    page = render_page(read_run(write_run(tmp_path)))
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    script, style = PageReader(page).scripts[1], page.split("<style>")[1].split("</style>")[0]
    for kind, text in (("script-src", script), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules.pop(kind) == f"'sha256-{digest}'"
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page)


# ---- images -----------------------------------------------------------------------------------


def test_images_are_embedded_once_and_byte_for_byte(tmp_path: Path) -> None:
    page = render_page(read_run(write_run(tmp_path)))
    red = base64.b64encode(png((200, 30, 30))).decode()
    assert page.count(red) == 1
    images = PageReader(page).payload["images"]
    assert images["red"] == {"uri": f"data:image/png;base64,{red}", "width": 64, "height": 64}
    assert images["gone"] == {"error": "image missing"}


def test_images_that_can_not_be_shown_say_why(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "secret.img").write_bytes(png((1, 2, 3)))
    (tmp_path / "images" / "cut.img").write_bytes(png((1, 2, 3))[:60])
    images = embed_images(tmp_path / "images", ["cut", "../secret", "gone", "nul\x00"])
    assert images == {
        "cut": {"error": "image not readable"},
        "../secret": {"error": "image not readable"},
        "gone": {"error": "image missing"},
        "nul\x00": {"error": "image not readable"},
    }


def test_large_images_are_scaled_down_and_keep_their_stated_size(tmp_path: Path) -> None:
    noise = random.Random(0).randbytes(1600 * 800 * 3)
    Image.frombytes("RGB", (1600, 800), noise).save(tmp_path / "big.img", "PNG")
    image = embed_images(tmp_path, ["big"])["big"]
    assert (image["width"], image["height"]) == (1600, 800)
    kind, data = image["uri"].split(",")
    assert kind == "data:image/jpeg;base64"
    (tmp_path / "small.jpg").write_bytes(base64.b64decode(data))
    assert Image.open(tmp_path / "small.jpg").size == (512, 256)


# ---- the run folder and the command -----------------------------------------------------------


@pytest.mark.parametrize(
    ("metrics", "config", "texts"),
    [
        ((), None, ("status unknown", "No evaluation", "No metrics", "No rollouts", "config.json")),
        ((), CONFIG, ("sft not started", "No evaluation", "No metrics", "No rollouts")),
        (METRICS[:4], CONFIG, ("rl not started", "Accuracy after sft25.0 %", "No rollouts")),
    ],
)
def test_missing_parts_are_named_on_the_page(
    tmp_path: Path, metrics: tuple[dict[str, object], ...], config: None, texts: tuple[str, ...]
) -> None:
    text = read_page(write_run(tmp_path, metrics=metrics, config=config, records={})).text
    for expected in texts:
        assert expected in text


def test_report_is_written_whole_and_the_same_each_time(tmp_path: Path) -> None:
    folder = write_run(tmp_path)
    path = write_report(folder)
    first = path.read_bytes()
    assert path == folder / "report" / "index.html"
    path.write_text("old")
    assert write_report(folder).read_bytes() == first
    assert [entry.name for entry in path.parent.iterdir()] == ["index.html"]


def test_values_of_a_step_are_joined_and_the_later_line_wins(tmp_path: Path) -> None:
    metrics = [
        {"stage": "rl", "step": 2, "reward/mean": 0.5, "policy/x": 1},
        {"stage": "rl", "step": 1, "reward/mean": 0.25, "note": "text", "flag": True},
        {"stage": "rl", "step": 2, "reward/mean": 0.75, "policy/y": 2},
    ]
    steps = read_run(write_run(tmp_path, metrics=metrics)).metrics["rl"]
    assert list(steps.items()) == [
        (1, {"reward/mean": 0.25}),
        (2, {"reward/mean": 0.75, "policy/x": 1.0, "policy/y": 2.0}),
    ]


def test_a_last_line_cut_short_is_left_out(tmp_path: Path) -> None:
    write_run(tmp_path)
    with open(tmp_path / "metrics.jsonl", "a") as file:
        file.write('{"stage": "rl", "step": 4, "rew')
    assert max(read_run(tmp_path).metrics["rl"]) == 3


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("config.json", "{", "config.json is no JSON"),
        ("status.json", "[]", "status.json holds no object but list"),
        ("metrics.jsonl", '{"stage": "rl"}\n', "line 1 of .*lacks stage or step"),
        ("metrics.jsonl", "oops\n{}\n", "metrics.jsonl is broken"),
        ("evals/rl-000003.parquet", "oops", "rl-000003.parquet does not hold rollout records"),
    ],
)
def test_broken_files_are_one_line_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: str, message: str
) -> None:
    (write_run(tmp_path) / name).write_text(content)
    assert main([str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1
    assert re.search(message, error)
    assert not (tmp_path / "report").exists()


def test_command_prints_the_page_or_what_to_do(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "mm_rl.report", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = run(str(write_run(tmp_path / "run")))
    assert (done.returncode, done.stdout) == (0, f"{tmp_path}/run/report/index.html\n")
    wrong = run(str(tmp_path / "nowhere"))
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "holds neither config.json nor metrics.jsonl" in wrong.stderr


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    assert "RUN_DIR/report/index.html" in text and "examples:" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.12345678, "0.1235"), (12345.6, "12,346"), (0.00005, "5e-05"), (3.0, "3"), (1e12, "1e+12")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert format_number(value) == text
