"""Rendered pages can be read: by a text recogniser, with the error rates that we promise.

The measurement is that of `experiments/benchmarks/data_synth/legibility.py`, for a few styles.
"""

import importlib
import random
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image, ImageDraw

from data_synth.degrade import degrade

_FOLDER = Path(__file__).parents[3] / "experiments" / "benchmarks" / "data_synth"


@pytest.fixture(scope="module")
def legibility() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(_FOLDER))
        yield importlib.import_module("legibility")
    sys.modules.pop("legibility", None)


@pytest.mark.parametrize(
    ("first", "second", "edits"),
    [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("ab", "ba", 2)],
)
def test_distance_of_known_pairs(
    legibility: ModuleType, first: str, second: str, edits: int
) -> None:
    assert legibility.distance(first, second) == edits
    assert legibility.distance(second, first) == edits


def test_a_long_line_is_cut_in_its_word_gaps(legibility: ModuleType) -> None:
    page = Image.new("L", (900, 40), 255)
    words = [(20, 180), (190, 300), (310, 420), (430, 700), (710, 880)]
    for left, right in words:
        for x in range(left, right, 5):  # letters of 3 pixels, 2 apart
            ImageDraw.Draw(page).rectangle([x, 14, x + 2, 28], fill=0)
    pieces = legibility.cut_line(page, (20, 10, 880, 30))
    assert [gap for _, _, gap in pieces] == [False, True, True, True]
    assert pieces[0][0] == 20
    assert pieces[-1][1] == 880
    assert all(right - left <= 300 for left, right, _ in pieces)
    ink = np.asarray(page)[10:30] < 128
    for (_, right, _), (left, _, _) in pairwise(pieces):
        assert left == right
        assert not ink[:, left - 3 : left + 3].any()


def test_straightening_undoes_the_photograph(legibility: ModuleType) -> None:

    page = Image.new("L", (400, 300), 255)
    ImageDraw.Draw(page).rectangle([100, 80, 139, 119], fill=0)
    degraded = degrade(page, 1, random.Random(0), ("perspective", "rotation"))
    straight = np.asarray(legibility.straighten(degraded))
    assert straight[84:116, 104:136].max() < 40
    assert np.asarray(degraded.image)[84:116, 104:136].max() > 200  # it had moved


@pytest.mark.slow
def test_undegraded_styles_are_read_within_the_promised_error_rates(
    legibility: ModuleType,
) -> None:
    recogniser = legibility.Recogniser()
    promised = legibility.MAX_CER
    for style, limit in (
        (legibility.Style(script="prose", font="sans", font_size=18), promised["prose"]),
        (legibility.Style(script="prose", font="serif", theme="paper"), promised["prose"]),
        (legibility.Style(script="chinese", font_size=24), promised["prose"]),
        (legibility.Style(script="code", font="mono"), promised["code"]),
        (legibility.Style(script="code", font="mono", theme="dark"), promised["code"]),
    ):
        reading = legibility.read_style(recogniser, style)
        assert reading.num_lines >= 5
        assert reading.cer <= limit, (style, reading)


@pytest.mark.slow
def test_a_degraded_page_is_harder_to_read_but_not_lost(legibility: ModuleType) -> None:
    recogniser = legibility.Recogniser()
    clean, half, full = (
        legibility.read_style(recogniser, legibility.Style(script="prose", strength=strength)).cer
        for strength in (0, 0.5, 1)
    )
    assert clean < full
    assert half <= 0.05
    assert full <= 0.5


@pytest.mark.slow
def test_a_wrong_box_is_noticed(legibility: ModuleType) -> None:
    recogniser = legibility.Recogniser()
    page, lines = legibility.render(legibility.Style(script="prose"))
    left, top, _, bottom = lines[0].box
    shift = round(0.7 * (bottom - top))
    right = recogniser.read([page.crop((left, top, left + 200, bottom))])
    wrong = recogniser.read([page.crop((left, top + shift, left + 200, bottom + shift))])
    assert lines[0].text.startswith(right[0][:8])
    assert wrong[0][:8] != right[0][:8]


@pytest.mark.slow
def test_scripts_that_the_recogniser_lacks_are_told_from_its_alphabet(
    legibility: ModuleType,
) -> None:
    missing = legibility.missing_letters(legibility.Recogniser())
    assert missing["arabic"] == missing["devanagari"] == missing["cyrillic"] == 1
    assert 0 < missing["greek"] < 1  # accents
    assert not {"prose", "european", "chinese", "japanese", "code"} & set(missing)
