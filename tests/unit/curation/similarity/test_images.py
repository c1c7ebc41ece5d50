"""Pictures: planted copies are found, and other drawings of the same task are left alone."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from data_synth.images import decode_image
from data_synth.problem import Modality, Problem
from mm_rl.config.similarity import (
    ClipConfig,
    ContaminationConfig,
    DuplicatesConfig,
    NearImagesConfig,
    RelevanceConfig,
)
from mm_rl.curation.similarity.contamination import Contamination
from mm_rl.curation.similarity.exact import ExactDuplicates
from mm_rl.curation.similarity.near_images import NearImages
from mm_rl.curation.similarity.neighbours import nearest_earlier
from mm_rl.curation.similarity.registration import agreement, thumbnail
from mm_rl.curation.similarity.relevance import Relevance, area_under_curve, pair_scores
from mm_rl.prompts.prompt_set import ListPromptSet
from tests.unit.curation.conftest import MakePool
from tests.unit.curation.similarity.planted import (
    CHANGES,
    TASK_NAMES,
    changed,
    drawn,
    precision_recall,
    reencoded,
)

# Each of these has many drawings that differ in a detail.
HARD_TASKS = ("clock_gap", "find_cells", "mirror_fill", "row_sums", "letter_order")


def synthetic(count: int) -> list[Problem]:
    """Problems whose answer depends on the drawing, three of each of `count` / 3 tasks."""
    names = [name for name in TASK_NAMES if drawn(name, 0).modality is Modality.SYNTHETIC]
    return [drawn(names[place // 3], place % 3) for place in range(count)]


def test_planted_copies_are_found_among_120_problems(
    make_pool: MakePool, brief_clip: dict[str, Any]
) -> None:
    rng = random.Random(0)
    originals = synthetic(72)
    # The hardest originals: one question and one answer for drawings of one task.
    originals += [
        replace(drawn(task, index, level=1), question=f"What about {task}?", answer="1", id="")
        for task in HARD_TASKS
        for index in range(5)
    ]
    problems, planted, exact = list(originals), set(), set()
    for place in range(0, len(originals), 4):
        problems.append(changed(originals[place], list(CHANGES)[place // 4 % 4], rng))
        planted.add(len(problems) - 1)
    for place in range(1, len(originals), 20):
        problems.append(reencoded(originals[place]))
        exact.add(len(problems) - 1)
    assert len(problems) >= 120
    pool = make_pool(problems)
    found = ExactDuplicates(DuplicatesConfig()).apply(pool)
    # Grey made of a grey drawing has the same pixels: a copy, and an exact one.
    assert exact <= set(found) <= exact | planted
    planted -= set(found)
    assert len(planted) >= 20
    assert found[min(exact)].twin == originals[1].id
    pool.drop(set(found))
    near = NearImages(NearImagesConfig(), ClipConfig(**brief_clip)).apply(pool)
    precision, recall = precision_recall(set(near), planted)
    print(f"near images: precision {precision:.3f}, recall {recall:.3f} of {len(planted)}")
    assert precision == 1.0
    assert recall >= 0.95
    for index, drop in near.items():
        source = 4 * (index - len(originals))
        assert drop.twin == originals[source].id


def test_registration_tells_copies_from_other_drawings_of_the_task() -> None:
    rng = random.Random(1)
    threshold = NearImagesConfig().agreement
    copies, others = [], []
    for task in TASK_NAMES[::5]:
        images = [decode_image(drawn(task, index).images[0]).convert("RGB") for index in range(3)]
        first = thumbnail(images[0])
        copies += [
            agreement(first, thumbnail(change(images[0], rng)), enough=threshold)
            for change in CHANGES.values()
        ]
        others += [agreement(first, thumbnail(image)) for image in images[1:]]
    assert np.mean([score >= threshold for score in copies]) >= 0.95
    assert max(others) < threshold


def test_one_moved_detail_is_another_picture() -> None:
    board = Image.new("RGB", (96, 96), "white")
    for place in range(4):
        board.paste("black", (24 * place + 4, 24 * place + 4, 24 * place + 16, 24 * place + 16))
    moved = board.copy()
    moved.paste("white", (76, 76, 88, 88))
    moved.paste("black", (4, 76, 16, 88))
    assert agreement(thumbnail(board), thumbnail(board)) > 0.999
    assert agreement(thumbnail(board), thumbnail(moved)) < 0.3


def test_a_contradicting_answer_is_set_aside(make_pool: MakePool) -> None:
    first = drawn("count_colors", 0)
    second = replace(reencoded(first), answer="(9,9,9)", id="")
    drops = ExactDuplicates(DuplicatesConfig()).apply(make_pool([first, second]))
    assert drops[1].reason == "contradiction"
    assert drops[1].review
    off = ExactDuplicates(DuplicatesConfig(contradictions=False))
    assert off.apply(make_pool([first, second])) == {}


def test_the_same_text_in_another_font_is_a_duplicate(make_pool: MakePool) -> None:
    first = drawn("table_sums", 0)
    assert first.modality is Modality.RENDERED
    second = replace(first, images=drawn("table_sums", 1).images, id="")
    drops = ExactDuplicates(DuplicatesConfig()).apply(make_pool([first, second]))
    assert drops[1].twin == first.id


def test_contamination_of_every_kind_is_found(
    make_pool: MakePool, brief_clip: dict[str, Any]
) -> None:
    rng = random.Random(2)
    evaluation = synthetic(24)
    story = (
        "A baker has {} loaves on Monday, sells two thirds of them before noon and the rest to a "
        "school in the evening. How many loaves does the school get?"
    )
    evaluation += [
        replace(evaluation[0], images=(), question=text, modality=Modality.TEXT, id="")
        for text in (story.format(81), "What is 17 times 23?", story.format(96))
    ]
    photo = replace(
        changed(drawn("block_tower", 7), "resized", rng), modality=Modality.REAL, answer="oak"
    )
    evaluation += [drawn("table_sums", 3), photo]
    clean = [drawn(problem.source, 50 + place) for place, problem in enumerate(evaluation[:24])]
    clean += [drawn("table_sums", index) for index in (60, 61, 62, 63)]
    text = evaluation[24]
    leaked = [
        replace(text, question="Consider this. " + story.format(81) + " Think.", id=""),
        replace(text, question="what is 17 TIMES 23", id=""),
        replace(drawn("table_sums", 3), images=drawn("table_sums", 9).images, id=""),
        replace(reencoded(evaluation[2]), question="Something else?", answer="5", id=""),
        replace(changed(photo, "cropped", rng), question="Which wood?", answer="pine", id=""),
        *(changed(evaluation[place], list(CHANGES)[place % 4], rng) for place in range(4, 20)),
    ]
    config, clip = ContaminationConfig(), ClipConfig(**brief_clip)
    drops = Contamination(config, clip, {"bench": ListPromptSet(evaluation)}).apply(
        make_pool(clean + leaked)
    )
    planted = set(range(len(clean), len(clean) + len(leaked)))
    precision, recall = precision_recall(set(drops), planted)
    print(f"contamination: precision {precision:.3f}, recall {recall:.3f} of {len(planted)}")
    assert precision == 1.0
    assert recall >= 0.95
    start = len(clean)
    reasons = [drops[start + place].reason for place in range(5)]
    assert reasons == ["contaminated_text"] * 3 + ["contaminated_image", "contaminated_near_image"]
    assert drops[start].twin == evaluation[24].id
    assert drops[start + 3].twin == evaluation[2].id


def test_relevance_drops_exchanged_questions_and_nothing_when_it_is_blind() -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.nn.functional.normalize(torch.randn(100, 16, generator=generator), dim=-1)
    texts = images + 0.1 * torch.randn(100, 16, generator=generator)
    texts = torch.nn.functional.normalize(texts + 3, dim=-1)
    matched, mismatched = pair_scores(images, texts, [str(place) for place in range(100)])
    # The offset all texts share is centred away.
    assert area_under_curve(matched, mismatched) > 0.99
    blind, shuffled = pair_scores(images, texts.roll(1, 0), [str(place) for place in range(100)])
    assert 0.35 < area_under_curve(blind, shuffled) < 0.65
    _, equal = pair_scores(images, texts, ["the same"] * 100)
    assert len(equal) == 0
    assert area_under_curve(matched, equal) == 0.5


def test_area_under_curve_by_hand() -> None:
    # 1 beats 0; 2 beats 0 and ties with 2: (1 + 1.5) / 4.
    assert area_under_curve(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 2.0])) == 0.625


def test_relevance_of_few_or_synthetic_problems_is_not_judged(make_pool: MakePool) -> None:
    pool = make_pool(synthetic(6))
    assert Relevance(RelevanceConfig(), ClipConfig()).apply(pool) == {}
    assert pool.notes == {}
    assert pool.remarks == ["0 problems to judge, 50 are needed: not done"]


def test_nearest_earlier_agrees_with_a_loop() -> None:
    generator = torch.Generator().manual_seed(0)
    vectors = torch.nn.functional.normalize(torch.randn(40, 4, generator=generator), dim=-1)
    found = nearest_earlier(vectors, count=2, minimum=0.2)
    for row in range(40):
        cosines = [(float(vectors[row] @ vectors[other]), other) for other in range(row)]
        near = sorted((pair for pair in cosines if pair[0] >= 0.2), reverse=True)[:2]
        assert found[row] == [other for _, other in near]


def test_a_missing_package_is_an_error_that_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys

    from mm_rl.curation.similarity.packages import curate_module

    monkeypatch.setitem(sys.modules, "imagehash", None)
    monkeypatch.delitem(sys.modules, "mm_rl.curation.similarity.hashes", raising=False)
    with pytest.raises(ValueError, match=r"imagehash: run `pip install 'mm_rl\[curate\]'`"):
        curate_module("hashes", needs="imagehash")
