"""Pages of real text for the rendering benchmark, from what every Python installation holds.

No import outside the standard library: the anchors run in environments of their own.
"""

import random
import textwrap
from functools import lru_cache
from itertools import islice
from pathlib import Path
from pydoc_data.topics import topics

LINES = 60
COLUMNS = 100
CJK_LINES = 52
CJK_COLUMNS = 44


def text_pages(count: int, *, start: int = 0) -> list[str]:
    """English prose (the language reference that `help()` shows), 60 lines of 100 characters."""
    return [_page(_text_lines(), LINES, start + i) for i in range(count)]


def code_pages(count: int, *, start: int = 0) -> list[str]:
    """Python source of the standard library, 60 lines, cut at 100 characters."""
    return [_page(_code_lines(), LINES, start + i) for i in range(count)]


def cjk_pages(count: int, *, start: int = 0) -> list[str]:
    """Common Chinese characters with the frequencies of Zipf's law, 52 lines of 44."""
    common = [bytes([0xB0 + i // 94, 0xA1 + i % 94]).decode("gb2312") for i in range(3755 - 94)]
    rng = random.Random(0)
    rng.shuffle(common)
    weights = [1 / (rank + 10) for rank in range(len(common))]
    pages = []
    for index in range(start, start + count):
        page_rng = random.Random(index)
        characters = page_rng.choices(common, weights, k=CJK_LINES * CJK_COLUMNS)
        rows = iter(characters)
        pages.append("\n".join("".join(islice(rows, CJK_COLUMNS)) for _ in range(CJK_LINES)))
    return pages


@lru_cache(maxsize=1)
def _text_lines() -> list[str]:
    words = " ".join(" ".join(text.split()) for text in topics.values())
    # Reduced to ASCII, which all engines compared can draw.
    return textwrap.wrap(words.encode("ascii", "ignore").decode(), COLUMNS)


@lru_cache(maxsize=1)
def _code_lines() -> list[str]:
    folder = Path(random.__file__).parent
    names = ("argparse", "ast", "inspect", "pickle", "statistics", "tarfile", "typing", "zipfile")
    lines = []
    for name in names:
        path = folder / f"{name}.py"
        if path.is_file():  # a package in some releases
            lines += [line[:COLUMNS] for line in path.read_text("utf-8").splitlines()]
    return [line.encode("ascii", "replace").decode() for line in lines]


def _page(lines: list[str], length: int, index: int) -> str:
    """The page at an index; from the second round on, pages begin elsewhere."""
    offset = index * length + index // (len(lines) // length) * 7
    return "\n".join(lines[(offset + i) % len(lines)] for i in range(length))
