"""Real photographs that scikit-image and scikit-learn ship: jigsaws, and where a detail is from.

A detail is asked for on the photograph as it was published, its file untouched; the detail and the
jigsaw are cut from it and saved without loss. A photograph stands on one side of the split.
"""

import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from data_synth.png import encode_png
from data_synth.problem import Modality, Problem
from data_synth.seeding import derive_rng
from data_synth.sources.base import Source
from data_synth.sources.files import SPLITS, package_file, refuse_path

DEFAULT_SIZE = 300
"""Questions of each kind per photograph."""
_TILES = 3  # per side of a jigsaw
_COLUMNS, _ROWS = 8, 6  # cells that a detail is one of
_PUZZLE_SIZE = 480
_THUMBNAIL = 8
_MIN_DIFFERENCE = 6.0  # mean grey levels between two cells that a question tells apart
_TEST_PHOTOS = frozenset({"coffee.png", "rocket.jpg", "china.jpg"})
_PUBLIC = "LicenseRef-Public-Domain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Photo:
    """A photograph inside a package.

    Example:
        Photo(package="skimage", path=("data", "coffee.png"), licence="CC0-1.0", credit="...")
    """

    package: str
    path: tuple[str, ...]
    licence: str
    credit: str

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.path[-1]


def _skimage(file: str, licence: str, credit: str) -> Photo:
    return Photo(package="skimage", path=("data", file), licence=licence, credit=credit)


def _sklearn(file: str, credit: str) -> Photo:
    path = ("datasets", "images", file)
    return Photo(package="sklearn", path=path, licence="CC-BY-2.0", credit=credit)


PHOTOS = (
    _skimage("astronaut.png", _PUBLIC, "NASA"),
    _skimage("camera.png", "CC0-1.0", "Lav Varshney"),
    _skimage("chelsea.png", "CC0-1.0", "Stefan van der Walt"),
    _skimage("coffee.png", "CC0-1.0", "Rachel Michetti"),
    _skimage("coins.png", _PUBLIC, "Brooklyn Museum"),
    _skimage("hubble_deep_field.jpg", _PUBLIC, "NASA and ESA"),
    _skimage("ihc.png", _PUBLIC, "Center for Microscopy and Molecular Imaging"),
    _skimage("retina.jpg", "CC0-1.0", "Mikael Haggstrom, 10.15347/wjm/2014.008"),
    _skimage("rocket.jpg", _PUBLIC, "SpaceX"),
    _sklearn("china.jpg", "danielbuechele, flickr 6061409035"),
    _sklearn("flower.jpg", "vultilion, flickr 6056698931"),
)


class RealPhotos(Source):
    """Jigsaws and details of every photograph in turn."""

    name = "real-photos"
    licence = "CC-BY-2.0"
    citation = "Sample photographs of scikit-image and scikit-learn, credited per row"
    scoring = "sequence"
    splits = SPLITS

    def __init__(self, *, seed: int = 0, size: int = DEFAULT_SIZE) -> None:
        """`size` questions of each of the two kinds per photograph."""
        super().__init__()
        self.seed, self.size = seed, size

    def _read(
        self, split: str, *, path: str | None, streaming: bool, revision: str | None
    ) -> Iterator[Problem]:
        refuse_path(self.name, path)
        wanted = [photo for photo in PHOTOS if (photo.name in _TEST_PHOTOS) == (split == "test")]
        files = [
            (photo, package_file(photo.package, *photo.path, source=self.name)) for photo in wanted
        ]
        return self._problems(files, split)

    def _problems(self, files: Sequence[tuple[Photo, Path]], split: str) -> Iterator[Problem]:
        prepared = [(photo, _Prepared(path.read_bytes())) for photo, path in files]
        index = 0
        for number in range(self.size):
            for photo, ready in prepared:
                rng = derive_rng(self.name, self.seed, split, number, photo.name)
                for make in (ready.jigsaw, ready.detail):
                    fields = make(rng)
                    if fields is None:
                        self.skipped["cells that look alike"] += 1
                        continue
                    yield Problem(
                        source=self.name,
                        modality=Modality.REAL,
                        domain="photographs",
                        answer_type="tuple",
                        verifier="sequence",
                        split=split,
                        seed=self.seed,
                        index=index,
                        licence=photo.licence,
                        citation=f"{photo.credit} ({photo.name} of {photo.package})",
                        **fields,
                    )
                    index += 1


class _Prepared:
    """A decoded photograph with what all its questions share."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.image = Image.open(io.BytesIO(data)).convert("RGB")
        side = min(self.image.size)
        left, top = (self.image.width - side) // 2, (self.image.height - side) // 2
        square = self.image.crop((left, top, left + side, top + side))
        square = square.resize((_PUZZLE_SIZE, _PUZZLE_SIZE), Image.Resampling.LANCZOS)
        self.tiles = [square.crop(box) for box in _boxes(square.size, _TILES, _TILES)]
        self.cells = [self.image.crop(box) for box in _boxes(self.image.size, _COLUMNS, _ROWS)]
        self.has_distinct_tiles = all(
            _has_no_twin(tile, self.tiles[:i]) for i, tile in enumerate(self.tiles)
        )

    def jigsaw(self, rng: random.Random) -> dict[str, Any] | None:
        """Shuffled tiles; the answer lists their numbers in the order of the photograph."""
        if not self.has_distinct_tiles:
            return None
        order = rng.sample(range(_TILES**2), _TILES**2)  # order[i]: the tile that stands at i
        answer = [order.index(tile) + 1 for tile in range(_TILES**2)]
        return {
            "question": (
                f"A photograph was cut into {_TILES} by {_TILES} tiles, which were shuffled; "
                f"each has its number, 1 to {_TILES**2}, in its corner. List the numbers in the "
                "order in which the tiles make up the photograph, row by row from the top left, "
                "as (n,n,...)."
            ),
            "images": (encode_png(_compose([self.tiles[tile] for tile in order])),),
            "answer": f"({','.join(map(str, answer))})",
            "discipline": "jigsaw",
        }

    def detail(self, rng: random.Random) -> dict[str, Any] | None:
        """One cell of the photograph; the answer is its column and row."""
        place = rng.randrange(_COLUMNS * _ROWS)
        others = self.cells[:place] + self.cells[place + 1 :]
        if not _has_no_twin(self.cells[place], others):
            return None
        # Cut a little off each side, so that repeated questions of a cell differ in their pixels.
        cell = self.cells[place]
        cuts = [rng.randint(0, max(1, min(cell.size) // 12)) for _ in range(4)]
        cell = cell.crop((cuts[0], cuts[1], cell.width - cuts[2], cell.height - cuts[3]))
        return {
            "question": (
                f"Divide the first picture into {_COLUMNS} columns and {_ROWS} rows of equal "
                "cells. The second picture is a detail out of one cell. Which cell? Answer as "
                "(column,row), both counted from 1 at the top left."
            ),
            "images": (self.data, encode_png(cell)),
            "answer": f"({place % _COLUMNS + 1},{place // _COLUMNS + 1})",
            "discipline": "detail localisation",
        }


def _boxes(size: tuple[int, int], columns: int, rows: int) -> list[tuple[int, int, int, int]]:
    width, height = size
    xs = [width * i // columns for i in range(columns + 1)]
    ys = [height * i // rows for i in range(rows + 1)]
    return [
        (xs[column], ys[row], xs[column + 1], ys[row + 1])
        for row in range(rows)
        for column in range(columns)
    ]


def _has_no_twin(cell: Image.Image, others: Sequence[Image.Image]) -> bool:
    """Whether a cell differs from all others clearly, seen as a thumbnail."""
    mine = _thumbnail(cell)
    return all(
        sum(abs(a - b) for a, b in zip(mine, _thumbnail(other), strict=True)) / len(mine)
        >= _MIN_DIFFERENCE
        for other in others
    )


def _thumbnail(cell: Image.Image) -> bytes:
    return cell.convert("L").resize((_THUMBNAIL, _THUMBNAIL), Image.Resampling.BOX).tobytes()


def _compose(tiles: Sequence[Image.Image]) -> Image.Image:
    side = _PUZZLE_SIZE // _TILES
    gap = 6
    total = _TILES * side + (_TILES + 1) * gap
    page = Image.new("RGB", (total, total), (255, 255, 255))
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(24)
    for i, tile in enumerate(tiles):
        x, y = gap + (i % _TILES) * (side + gap), gap + (i // _TILES) * (side + gap)
        page.paste(tile, (x, y))
        pen.rectangle((x, y, x + 26, y + 28), fill=(255, 255, 255))
        pen.text((x + 13, y + 14), str(i + 1), font=font, fill=(0, 0, 0), anchor="mm")
    return page
