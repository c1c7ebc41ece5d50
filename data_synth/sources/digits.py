"""Sheets of real handwritten digits (UCI, inside scikit-learn): read them in order.

The 1,797 scans are 8 by 8 pixels of 17 grey levels; a sheet shows sixteen of them enlarged. Every
scan stands on one side of the split, and a pass deals each of them out once.
"""

from collections.abc import Iterator, Sequence

from PIL import Image

from data_synth.png import encode_png
from data_synth.problem import Modality, Problem
from data_synth.seeding import derive_rng
from data_synth.sources.base import Source
from data_synth.sources.files import (
    SPLITS,
    entity_split,
    metadata_fields,
    package_file,
    read_lines,
    refuse_path,
)

DEFAULT_SIZE = 1_000
_SIDE = 8
_MAX_GREY = 16
_PER_ROW = 4
_CELL = 56  # pixels of an enlarged scan
_GAP = 8

_Digit = tuple[bytes, int]


class HandwrittenDigits(Source):
    """Sheets of four by four digits."""

    name = "digits"
    licence = "CC-BY-4.0"
    citation = (
        "Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998, "
        "10.24432/C50P49; test set as shipped by scikit-learn"
    )
    scoring = "sequence"
    splits = SPLITS

    def __init__(self, *, seed: int = 0, size: int = DEFAULT_SIZE) -> None:
        """A stream of `size` sheets."""
        super().__init__()
        self.seed, self.size = seed, size

    def _read(
        self, split: str, *, path: str | None, streaming: bool, revision: str | None
    ) -> Iterator[Problem]:
        refuse_path(self.name, path)
        digits = [
            digit
            for number, digit in enumerate(read_digits())
            if entity_split(self.name, str(number)) == split
        ]
        return self._problems(digits, split)

    def _problems(self, digits: Sequence[_Digit], split: str) -> Iterator[Problem]:
        per_sheet = _PER_ROW**2
        sheets = len(digits) // per_sheet
        for index in range(self.size):
            in_pass, sheet = divmod(index, sheets)
            order = list(range(len(digits)))
            derive_rng(self.name, self.seed, split, in_pass).shuffle(order)
            dealt = [digits[i] for i in order[sheet * per_sheet : (sheet + 1) * per_sheet]]
            yield Problem(
                question=(
                    "Read the handwritten digits row by row, from left to right. Answer as "
                    f"(d,d,...) with all {per_sheet} digits."
                ),
                images=(encode_png(draw_sheet([pixels for pixels, _ in dealt])),),
                answer=f"({','.join(str(label) for _, label in dealt)})",
                answer_type="sequence",
                verifier="sequence",
                modality=Modality.REAL,
                domain="documents",
                discipline="handwriting",
                split=split,
                seed=self.seed,
                index=index,
                **metadata_fields(self),
            )


def read_digits() -> list[_Digit]:
    """Pixels (64 grey levels from 0 to 16, 16 is ink) and label of each scan.

    Raises:
        ValueError: scikit-learn is not installed.
    """
    path = package_file("sklearn", "datasets", "data", "digits.csv.gz", source="digits")
    rows = ([int(float(cell)) for cell in line.split(",")] for line in read_lines(path))
    return [(bytes(row[:-1]), row[-1]) for row in rows]


def draw_sheet(scans: Sequence[bytes]) -> Image.Image:
    """Scans in rows of four, dark on white, enlarged smoothly."""
    total = _PER_ROW * _CELL + (_PER_ROW + 1) * _GAP
    page = Image.new("L", (total, total), 255)
    for i, scan in enumerate(scans):
        grey = bytes(255 - round(255 * level / _MAX_GREY) for level in scan)
        small = Image.frombytes("L", (_SIDE, _SIDE), grey)
        cell = small.resize((_CELL, _CELL), Image.Resampling.BICUBIC)
        row, column = divmod(i, _PER_ROW)
        page.paste(cell, (_GAP + column * (_CELL + _GAP), _GAP + row * (_CELL + _GAP)))
    return page
