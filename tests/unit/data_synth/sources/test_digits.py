"""Sheets of digits: labels of the file, pixels of the sheet."""

import io
import itertools

from PIL import Image
from PIL.Image import Resampling

from data_synth.sources.digits import HandwrittenDigits, draw_sheet, read_digits
from data_synth.verify import check_reference, verify


def test_the_scans_of_the_package() -> None:
    digits = read_digits()
    assert len(digits) == 1_797
    assert [label for _, label in digits[:10]] == list(range(10))  # as the data set begins
    assert all(len(pixels) == 64 and max(pixels) <= 16 for pixels, _ in digits)


def test_a_sheet_holds_the_scans_of_its_answer() -> None:
    by_pixels = dict(read_digits())
    problem = next(HandwrittenDigits().open("train"))
    sheet = Image.open(io.BytesIO(problem.images[0]))
    labels = [int(part) for part in problem.answer.strip("()").split(",")]
    assert len(labels) == 16
    for place, label in enumerate(labels):
        row, column = divmod(place, 4)
        left, top = 8 + column * 64, 8 + row * 64
        cell = sheet.crop((left, top, left + 56, top + 56))
        small = cell.resize((8, 8), Resampling.BOX).tobytes()
        nearest = min(
            by_pixels,
            key=lambda pixels: sum(
                abs(255 - 255 * ink / 16 - grey) for ink, grey in zip(pixels, small, strict=True)
            ),
        )
        assert by_pixels[nearest] == label


def test_ink_is_dark_on_a_light_sheet() -> None:
    sheet = draw_sheet([bytes([16] * 64), bytes([0] * 64)])
    assert sheet.getpixel((36, 36)) == 0
    assert sheet.getpixel((100, 36)) == 255


def test_a_pass_deals_every_scan_once_and_splits_share_none() -> None:
    train = list(itertools.islice(HandwrittenDigits(size=200).open("train"), 200))
    test = list(itertools.islice(HandwrittenDigits(size=20).open("test"), 20))
    assert len({p.images for p in train}) == 200
    assert {p.split for p in test} == {"test"}
    counts = dict.fromkeys(range(10), 0)
    for problem in train[:89]:
        for part in problem.answer.strip("()").split(","):
            counts[int(part)] += 1
        check_reference(problem.verifier, problem.answer)
    assert sum(counts.values()) == 89 * 16
    assert max(counts.values()) <= 183  # no digit occurs more often in the file
    assert len({p.answer for p in train}) == 200


def test_one_wrong_digit_is_wrong() -> None:
    problem = next(HandwrittenDigits(seed=3).open("test"))
    last = int(problem.answer[-2])
    wrong = f"{problem.answer[:-2]}{(last + 1) % 10})"
    assert not verify("sequence", problem.answer, wrong).correct
    assert not verify("sequence", problem.answer, f"{problem.answer} or {wrong}").correct
