"""The gallery: which records are shown, and how they and their images are taken apart."""

import base64
import random
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from mm_rl.report.gallery import balanced_sample, split_completion, spread
from mm_rl.report.images import embed_images
from mm_rl.report.page import render_page
from mm_rl.report.run import read_run
from mm_rl.report.text import cut_middle, shorten
from tests.unit.report.run_folder import (
    RECORD,
    PageReader,
    png,
    read_page,
    write_run,
)


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
