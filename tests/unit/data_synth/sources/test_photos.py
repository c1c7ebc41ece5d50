"""Photograph questions, solved again from the pixels of the problem alone."""

import io
import itertools

import pytest
from PIL import Image, ImageChops, ImageStat

from data_synth.problem import Modality, Problem
from data_synth.sources.files import package_file
from data_synth.sources.photos import PHOTOS, RealPhotos
from data_synth.verify import check_reference, verify


def open_image(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def take(split: str, count: int, *, seed: int = 0) -> list[Problem]:
    return list(itertools.islice(RealPhotos(seed=seed, size=20).open(split), count))


def difference(first: Image.Image, second: Image.Image) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(first, second)).mean)


def test_jigsaws_put_together_by_the_answer_are_the_photograph() -> None:
    path = package_file("skimage", "data", "astronaut.png", source="test")
    expected = open_image(path.read_bytes()).resize((480, 480), Image.Resampling.LANCZOS)
    solved = 0
    for problem in take("train", 60):
        if problem.discipline != "jigsaw" or "astronaut" not in problem.citation:
            continue
        page = open_image(problem.images[0])
        numbers = [int(number) for number in problem.answer.strip("()").split(",")]
        assert sorted(numbers) == list(range(1, 10))
        board = Image.new("RGB", (480, 480))
        for place, number in enumerate(numbers):
            row, column = divmod(number - 1, 3)
            left, top = 6 + column * 166, 6 + row * 166
            tile = page.crop((left, top, left + 160, top + 160))
            board.paste(tile, (place % 3 * 160, place // 3 * 160))
        # What differs are the numbers in the corners.
        assert difference(board, expected) < 20
        solved += 1
    assert solved >= 2


def test_a_detail_is_found_at_its_answer_only() -> None:
    solved = 0
    for problem in take("train", 40):
        if problem.discipline == "jigsaw":
            continue
        photo, detail = (open_image(image) for image in problem.images)
        column, row = (int(part) for part in problem.answer.strip("()").split(","))
        assert 1 <= column <= 8 and 1 <= row <= 6
        cells = {
            (c + 1, r + 1): photo.crop(
                (
                    photo.width * c // 8,
                    photo.height * r // 6,
                    photo.width * (c + 1) // 8,
                    photo.height * (r + 1) // 6,
                )
            )
            for c in range(8)
            for r in range(6)
        }
        pixels = detail.tobytes()
        found = [
            place
            for place, cell in cells.items()
            for dx in range(cell.width - detail.width + 1)
            for dy in range(cell.height - detail.height + 1)
            if cell.getpixel((dx, dy)) == detail.getpixel((0, 0))
            and cell.crop((dx, dy, dx + detail.width, dy + detail.height)).tobytes() == pixels
        ]
        assert found == [(column, row)]
        solved += 1
        if solved == 6:
            break
    assert solved == 6


def test_the_photograph_of_a_detail_is_the_published_file() -> None:
    files = {
        photo.name: package_file(photo.package, *photo.path, source="test").read_bytes()
        for photo in PHOTOS
    }
    details = [p for p in take("test", 12) if p.discipline != "jigsaw"]
    assert details
    for problem in details:
        assert problem.images[0] in files.values()


def test_fields_splits_and_seeds() -> None:
    train, test = take("train", 40), take("test", 12)
    for problem in [*train, *test]:
        check_reference(problem.verifier, problem.answer)
        assert problem.modality is Modality.REAL
        assert problem.licence in ("CC0-1.0", "CC-BY-2.0", "LicenseRef-Public-Domain")
        assert not verify("sequence", problem.answer, f"{problem.answer} or (1,1)").correct
    assert not {p.citation for p in train} & {p.citation for p in test}
    other = take("train", 40, seed=1)
    assert not {p.id for p in train} & {p.id for p in other}
    assert [p.id for p in take("train", 5)] == [p.id for p in train[:5]]


def test_no_path_is_taken() -> None:
    with pytest.raises(ValueError, match=r"path='x': real-photos is read from its package"):
        RealPhotos().open("train", path="x")
