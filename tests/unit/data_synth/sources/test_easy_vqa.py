"""The real package: its own counts, and colours checked against the pixels."""

import io
import sys
from itertools import islice

import pytest
from PIL import Image

from data_synth.problem import Modality
from data_synth.sources.easy_vqa import count_easy_vqa, load_easy_vqa


def test_both_splits_are_read_whole() -> None:
    # The published counts.
    assert (count_easy_vqa("train"), count_easy_vqa("test")) == (38_575, 9_673)
    num_problems = yes_or_no = 0
    for index, problem in enumerate(load_easy_vqa("test")):
        assert problem.index == index
        num_problems += 1
        yes_or_no += problem.answer in ("yes", "no")
    assert num_problems == 9_673
    assert 0.7 < yes_or_no / num_problems < 0.78


def test_fields_of_a_problem() -> None:
    problem = next(load_easy_vqa("train"))
    assert (problem.source, problem.domain, problem.verifier) == ("easy-vqa", "vqa", "exact")
    assert (problem.modality, problem.licence, problem.split) == (Modality.REAL, "MIT", "train")
    assert (problem.difficulty, problem.reasoning, problem.text_twin) == (0, "", None)
    assert problem.question.endswith("?")
    assert next(load_easy_vqa("test")).images != problem.images


def test_colour_answers_agree_with_the_pixels() -> None:
    channels = {"red": 0, "green": 1, "blue": 2}
    checked = 0
    for problem in islice(load_easy_vqa("train"), 1500):
        if problem.answer not in channels:
            continue
        image = Image.open(io.BytesIO(problem.images[0])).convert("RGB")
        assert image.size == (64, 64)
        background = image.getpixel((0, 0))
        shape = [
            pixel
            for _, pixel in image.getcolors(4096) or []
            if isinstance(pixel, tuple)
            and isinstance(background, tuple)
            and sum(abs(a - b) for a, b in zip(pixel, background, strict=True)) > 150
        ]
        sums = [sum(pixel[channel] for pixel in shape) for channel in range(3)]
        assert max(range(3), key=sums.__getitem__) == channels[problem.answer], problem.index
        checked += 1
    assert checked > 20


def test_unknown_split_and_missing_package_say_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ValueError, match="split='dev' of easy-vqa: choose train or test"):
        load_easy_vqa("dev")
    monkeypatch.setitem(sys.modules, "easy_vqa", None)  # as if it were not installed
    with pytest.raises(ValueError, match="pip install 'easy-vqa'"):
        load_easy_vqa("train")
