"""No content stands on two sides, and sides are stable, seeded and of the right size."""

import io
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from data_synth.images import pixel_hash
from data_synth.problem import Modality, Problem
from data_synth.splits import STRADDLING, Splitter, content_keys, parse_fractions

HALVES = {"train": 0.5, "test": 0.5}


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()


def picture(number: int) -> Image.Image:
    image = Image.new("RGB", (5, 4), (number % 256, number // 256, 7))
    image.putpixel((3, 1), (1, 2, 3))
    return image


def problem(number: int, *images: bytes, **changes: Any) -> Problem:
    plain = Problem(
        question="How many?",
        images=images or (encoded(picture(number)),),
        answer=str(number),
        answer_type="number",
        verifier="numeric",
        source="test",
    )
    return replace(plain, id="", **changes)


def test_fractions_are_met() -> None:
    splitter = Splitter({"train": 0.8, "validation": 0.05, "test": 0.15}, seed=1)
    problems = list(splitter.split(problem(number) for number in range(2000)))
    found = Counter(item.split for item in problems)
    assert found == splitter.counts
    # Binomial deviations: sqrt(2000 f (1-f)) = 17.9, 9.7, 16.0; four of them.
    assert abs(found["train"] - 1600) < 72
    assert abs(found["validation"] - 100) < 39
    assert abs(found["test"] - 300) < 64
    assert [item.answer for item in problems] == [str(number) for number in range(2000)]


def test_an_image_is_on_one_side_whatever_is_asked_of_it_and_however_it_is_stored() -> None:
    splitter = Splitter(HALVES)
    sides = Counter[str | None]()
    for number in range(40):
        image = picture(number)
        turned = image.transpose(Image.Transpose.ROTATE_90)  # EXIF 6 turns it back: 90 cw
        exif = Image.Exif()
        exif[0x0112] = 6
        copies = (
            encoded(image, compress_level=1),
            encoded(image, "BMP"),
            encoded(image, "WEBP", lossless=True),
            encoded(image.convert("RGBA")),
            encoded(image.quantize(8)),
            encoded(turned, exif=exif),
        )
        found = {
            splitter.split_of(problem(number, copy, question=copy.hex()[:9])) for copy in copies
        }
        assert len(found) == 1, number
        sides.update(found)
    assert 8 < sides["train"] < 32  # 20 expected, deviation 3.2


def test_pixels_and_shape_decide_the_hash() -> None:
    wide, tall = Image.new("RGB", (6, 2)), Image.new("RGB", (2, 6))
    assert pixel_hash(encoded(wide)) != pixel_hash(encoded(tall))
    clear = Image.new("RGBA", (6, 2), (0, 0, 0, 0))
    assert pixel_hash(encoded(wide)) != pixel_hash(encoded(clear))
    other = wide.copy()
    other.putpixel((5, 1), (0, 0, 1))
    assert pixel_hash(encoded(wide)) != pixel_hash(encoded(other))


def test_text_is_compared_without_case_spacing_and_form() -> None:
    text = {"modality": Modality.TEXT}
    first = problem(0, question="What is\n caf\u00e9 1?", images=(), **text)
    second = problem(1, question=" what IS cafe\u0301 \uff11? ", images=(), **text)
    assert content_keys(first) == content_keys(second) == ("text:what is caf\u00e9 1?",)
    other = problem(0, question="What is caf\u00e9 2?", images=(), **text)
    assert content_keys(other) != content_keys(first)


def test_rendered_text_goes_with_its_twin_in_any_font_and_with_the_plain_question() -> None:
    rendered = {"modality": Modality.RENDERED, "question": "Answer the question in the image."}
    first = problem(1, text_twin="What is 2 + 2?", **rendered)
    second = problem(2, text_twin="What is  2 + 2?", **rendered)
    plain = problem(3, question="what is 2 + 2?", images=(), modality=Modality.TEXT)
    assert content_keys(first) == content_keys(second) == content_keys(plain)
    assert content_keys(problem(2, **rendered))[0].startswith("image:")  # no twin: by pixels


def test_problems_whose_images_fall_on_two_sides_are_dropped_and_counted() -> None:
    splitter = Splitter(HALVES)
    alone = {number: splitter.split_of(problem(number)) for number in range(30)}
    pairs = [(first, second) for first in range(30) for second in range(first)]
    problems = (
        problem(0, encoded(picture(first)), encoded(picture(second)), answer=f"{first},{second}")
        for first, second in pairs
    )
    kept = {item.answer: item.split for item in splitter.split(problems)}
    same = [(first, second) for first, second in pairs if alone[first] == alone[second]]
    assert kept == {f"{first},{second}": alone[first] for first, second in same}
    assert splitter.counts[STRADDLING] == len(pairs) - len(same) > 100


def test_sides_depend_on_the_seed_and_on_nothing_else() -> None:
    problems = [problem(number) for number in range(60)]

    def sides(seed: int, order: list[Problem]) -> dict[str, str]:
        return {item.answer: item.split for item in Splitter(HALVES, seed=seed).split(order)}

    assert sides(0, problems) == sides(0, problems[::-1]) != sides(1, problems)
    few = sides(0, problems[:10])
    assert few == {answer: side for answer, side in sides(0, problems).items() if answer in few}


def test_an_image_that_cannot_be_decoded_is_named() -> None:
    bad = problem(0, b"no image")
    with pytest.raises(ValueError, match=rf"problem {bad.id} of source 'test': .*validate --clean"):
        list(Splitter(HALVES).split([bad]))


def test_fractions_are_read_and_checked() -> None:
    assert parse_fractions("train=0.9, test=0.1") == {"train": 0.9, "test": 0.1}
    assert parse_fractions("a=0.1,b=0.2,c=0.3,d=0.4") == {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4}
    for text, message in (
        ("train", "'train': write NAME=FRACTION"),
        ("train=x,test=0.5", "'train=x'"),
        ("train=0.5", "sum to 0.5"),
        ("train=0.5,test=0.6", "sum to 1.1"),
        ("train=1,test=0", "fraction 0.0 of split 'test'"),
        ("train=nan,test=1", "fraction nan"),
        ("a/b=1", "split 'a/b'"),
        ("train=0.5,train=0.5", "'train' has two"),
    ):
        with pytest.raises(ValueError, match=message):
            parse_fractions(text)
