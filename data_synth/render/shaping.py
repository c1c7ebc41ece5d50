"""Text whose glyphs are not one per character: direction, joining and marks.

Pillow draws a string character by character, which is right for Latin, Greek, Cyrillic and Chinese.
Arabic letters join, Indic syllables form conjuncts, combining marks sit on their bases, and
right-to-left text is stored in reading order. Here the order comes from the Unicode Bidirectional
Algorithm (UAX #9), the glyphs from HarfBuzz and their pixels from FreeType, all optional packages.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

from PIL import Image, ImageChops

from data_synth.fonts import FontFile

# Blocks of right-to-left, Indic, Thai, Khmer and like scripts, conjoining jamo, direction controls,
# and every combining mark outside them.
_COMPLEX_RANGES = """
300-36F 483-489 590-109F 1100-11FF 135D-135F 1700-18AF 1900-1CFF 1DC0-1DFF 200C-200F 202A-202E
2066-2069 20D0-20F0 2CEF-2CF1 2D7F 2DE0-2DFF 302A-302F 3099-309A A66F-A672 A674-A67D A69E-A69F
A6F0-A6F1 A800-AAFF ABC0-ABFF D7B0-D7FF FB1D-FB28 FB2A-FD3D FD50-FDC7 FDF0-FDFC FE00-FE0F FE20-FE2F
FE70-FEFC 101FD 102E0 10376-1037A 10800-11FFF 16100-1613F 16AF0-16AF4 16B30-16B36 16F4F 16F51-16F92
16FE4-16FF1 1BC9D-1BC9E 1CF00-1CF46 1D165-1D169 1D16D-1D172 1D17B-1D182 1D185-1D18B 1D1AA-1D1AD
1D242-1D244 1DA00-1DA36 1DA3B-1DA6C 1DA75 1DA84 1DA9B-1DAAF 1E000-1E2FF 1E800-1EFFF E0100-E01EF
"""


def character_class(ranges: str) -> str:
    """Write hexadecimal ranges like "300-36F 2D7F" as a character class of a regular expression."""
    parts = (item.split("-") for item in ranges.split())
    return "[" + "".join("-".join(f"\\U{end:0>8}" for end in part) for part in parts) + "]"


_COMPLEX = re.compile(character_class(_COMPLEX_RANGES))
_ISOLATES = frozenset({"LRI", "RLI", "FSI"})
_CONTROLS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "PDI"}) | _ISOLATES
_TURNING = frozenset({"R", "AL", "AN"}) | _CONTROLS
_MAX_ISOLATE_LEVEL = 60  # the reading of UAX #9 in python-bidi ends at level 61
_MAX_OPEN_BRACKETS = 63  # BD16


def require_package(module: str, package: str, what: str) -> Any:
    """Import `module` of the optional `package`; ValueError saying what to install without it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:  # optional by design
        if error.name is None or error.name.split(".")[0] != module.split(".")[0]:
            raise
        raise ValueError(
            f"{what} needs the package {package}: run `pip install 'mm_rl[render]'`"
        ) from error


def is_complex(text: str) -> bool:
    """Say whether `text` has anything that drawing character by character would get wrong."""
    return not text.isascii() and _COMPLEX.search(text) is not None


def base_level(text: str) -> int:
    """The level of a paragraph by its first strong character: 0 left to right, 1 right to left.

    Rules P2 and P3 of UAX #9; text inside an isolate does not count.
    """
    depth = 0
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in _ISOLATES:
            depth += 1
        elif kind == "PDI":
            depth = max(0, depth - 1)
        elif depth == 0 and kind in ("L", "R", "AL"):
            return int(kind != "L")
    return 0


def bidi_levels(text: str) -> list[int]:
    """The embedding level of every character of one paragraph (UAX #9): odd is right to left.

    Invisible controls take the level of the character before them. Spaces at the end of the
    paragraph take its level; the ones at the end of a line are for the caller that breaks lines.

    Raises:
        ValueError: the text turns direction and python-bidi is not installed.
    """
    if text.isascii() or _TURNING.isdisjoint(map(unicodedata.bidirectional, text)):
        return [0] * len(text)
    base = base_level(text)
    levels = _isolated_levels(text, base)
    at_end = True
    for index in range(len(text) - 1, -1, -1):  # rule L1
        kind = unicodedata.bidirectional(text[index])
        if kind in ("B", "S"):
            at_end = True
        elif kind not in _CONTROLS and kind not in ("WS", "BN"):
            at_end = False
        if at_end:
            levels[index] = base
    return levels


def _isolated_levels(text: str, base: int) -> list[int]:
    """Levels with isolates (X5a to X6a): what is inside one does not touch what is outside."""
    outer: list[int] = []
    spans: list[tuple[int, int]] = []  # each isolate's inside, its initiator just before
    depth = 0
    for index, character in enumerate(text):
        kind = unicodedata.bidirectional(character)
        if kind == "PDI" and depth > 0:
            depth -= 1
            if depth == 0:
                spans[-1] = (spans[-1][0], index)
        if depth == 0:
            outer.append(index)
        if kind in _ISOLATES:
            depth += 1
            if depth == 1:
                spans.append((index + 1, len(text)))
    levels = [base] * len(text)
    explicit: dict[int, int] = {}
    for index, level, embedding in _outer_levels(text, outer, base):
        levels[index] = level
        explicit[index] = embedding
    for start, end in spans:
        embedding = explicit[start - 1]
        if embedding < _MAX_ISOLATE_LEVEL:
            kind = unicodedata.bidirectional(text[start - 1])
            inside = text[start:end]
            odd = kind == "RLI" or (kind == "FSI" and base_level(inside) == 1)
            inner = (embedding + 1) | 1 if odd else (embedding + 2) & ~1
            levels[start:end] = _isolated_levels(inside, inner)
        else:
            levels[start:end] = [embedding] * (end - start)
    return levels


def _outer_levels(text: str, indices: list[int], base: int) -> list[tuple[int, int, int]]:
    """The index, the level and the level before I1 and I2 of each character at `indices`."""
    bidi = require_package("bidi.algorithm", "python-bidi", "right-to-left text")
    storage = bidi.get_empty_storage()
    storage["base_level"], storage["base_dir"] = base, "LR"[base % 2]
    bidi.get_embedding_levels("".join(text[index] for index in indices), storage)
    for index, item in zip(indices, storage["chars"], strict=True):
        item["index"] = index
        if not item["type"]:  # not assigned in this version of Unicode
            item["type"] = item["orig"] = "L"
        if item["type"] in _ISOLATES or item["type"] == "PDI":
            item["type"] = item["orig"] = "ON"
    bidi.explicit_embed_and_overrides(storage)
    explicit = {item["index"]: item["level"] for item in storage["chars"]}
    bidi.resolve_weak_types(storage)
    _resolve_brackets(storage)
    bidi.resolve_neutral_types(storage, False)
    bidi.resolve_implicit_levels(storage, False)
    resolved = {item["index"]: item["level"] for item in storage["chars"]}
    levels = []
    level = base
    for index in indices:
        level = resolved.get(index, level)
        levels.append((index, level, explicit.get(index, level)))
    return levels


_STRONG = {"L": "L", "R": "R", "EN": "R", "AN": "R"}


def _resolve_brackets(storage: Any) -> None:
    """Rule N0, which python-bidi leaves out: a pair of brackets turns with the text it holds."""
    for run in storage["runs"]:
        items = storage["chars"][run["start"] : run["start"] + run["length"]]
        embedding = "LR"[items[0]["level"] % 2]
        for start, end in _bracket_pairs(items):
            inside = {_STRONG.get(item["type"]) for item in items[start + 1 : end]} - {None}
            if not inside:
                continue
            kind = embedding
            if embedding not in inside:
                before = (_STRONG.get(items[i]["type"]) for i in range(start - 1, -1, -1))
                context = next((strong for strong in before if strong), run["sor"])
                kind = context if context != embedding else embedding
            for bracket in (start, end):
                items[bracket]["type"] = kind
                mark = bracket + 1
                while mark < len(items) and items[mark]["orig"] == "NSM":
                    items[mark]["type"] = kind
                    mark += 1


def _bracket_pairs(items: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Matching brackets of one run (BD16), in the order of their openers."""
    mirror = require_package("bidi.mirror", "python-bidi", "right-to-left text").MIRRORED
    open_brackets: list[tuple[str, int]] = []
    pairs = []
    for index, item in enumerate(items):
        category = unicodedata.category(item["ch"])
        if item["type"] != "ON" or category not in ("Ps", "Pe"):
            continue
        bracket = unicodedata.normalize("NFC", item["ch"])
        if bracket not in mirror:
            continue
        if category == "Ps":
            if len(open_brackets) == _MAX_OPEN_BRACKETS:
                return []
            open_brackets.append((mirror[bracket], index))
            continue
        for depth in range(len(open_brackets) - 1, -1, -1):
            if open_brackets[depth][0] == bracket:
                pairs.append((open_brackets[depth][1], index))
                del open_brackets[depth:]
                break
    return sorted(pairs)


def visual_order(levels: Sequence[int]) -> list[int]:
    """The indices of one line's items from left to right, by their levels (rule L2)."""
    order = list(range(len(levels)))
    odd = [level for level in levels if level % 2]
    if not odd:
        return order
    for level in range(max(levels), min(odd) - 1, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = reversed(order[start:end])
            start = end + 1
    return order


@dataclass(frozen=True, kw_only=True, slots=True)
class ShapedWord:
    """The pixels of one run of text and where they go; shared by callers: do not draw on them."""

    mask: Image.Image
    """Grey coverage (mode L) within the ink's bounds; one empty pixel where there is no ink."""
    left: int
    """Pixels from the pen position to the mask's left edge."""
    top: int
    """Pixels from the baseline down to the mask's top edge: negative above the baseline."""
    advance: float
    """Pixels that the pen moves on."""


@lru_cache(maxsize=64)
def _open_font(path: str, weight: int | None) -> tuple[Any, Any]:
    """The HarfBuzz font and the FreeType face of a file, at the default position but for weight."""
    harfbuzz = require_package("uharfbuzz", "uharfbuzz", "complex text")
    freetype = require_package("freetype", "freetype-py", "complex text")
    font = harfbuzz.Font(harfbuzz.Face(harfbuzz.Blob.from_file_path(path)))
    face = freetype.Face(path)
    if weight is not None:
        font.set_variations({"wght": weight})
        axes = face.get_variation_info().axes
        face.set_var_design_coords([weight if a.tag == "wght" else a.default for a in axes])
    return font, face


@lru_cache(maxsize=8192)
def shape_word(text: str, font: FontFile, size: int, *, rtl: bool) -> ShapedWord:
    """Shape and draw one run: one font, one level, no spaces, `size` pixels per em.

    Brackets of a right-to-left run are mirrored. Glyphs keep their positions to 1/64 pixel.

    Raises:
        ValueError: the font has no glyph for a character or is not a file, or a package is missing.
    """
    if not font.path:
        raise ValueError(f"Pillow's own face cannot shape {text!r}: use the font of a file")
    harfbuzz = require_package("uharfbuzz", "uharfbuzz", "complex text")
    shaper, face = _open_font(font.path, font.weight)
    shaper.scale = (size * 64, size * 64)  # positions in 26.6, as FreeType's
    face.set_pixel_sizes(0, size)
    buffer = harfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if rtl else "ltr"
    harfbuzz.shape(shaper, buffer)
    pieces: list[tuple[Image.Image, int, int]] = []
    pen_x = pen_y = 0
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        if info.codepoint == 0:
            raise _missing_glyph(text, info.cluster, shaper, font.path)
        x, y = pen_x + position.x_offset, pen_y + position.y_offset
        piece = _draw_glyph(face, info.codepoint, x, y)
        if piece is not None:
            pieces.append(piece)
        pen_x += position.x_advance
        pen_y += position.y_advance
    mask, left, top = _join(pieces)
    return ShapedWord(mask=mask, left=left, top=top, advance=pen_x / 64)


def _missing_glyph(text: str, cluster: int, shaper: Any, path: str) -> ValueError:
    """The error that names the character without a glyph, by the font's own character map."""
    missing = [c for c in text if shaper.get_nominal_glyph(ord(c)) is None]
    character = missing[0] if missing else text[cluster]
    name = unicodedata.name(character, "unnamed")
    return ValueError(
        f"the font {path} has no glyph for U+{ord(character):04X} ({name}): use a font that has it"
    )


def _draw_glyph(face: Any, glyph: int, x: int, y: int) -> tuple[Image.Image, int, int] | None:
    """Draw a glyph at (x, y), 26.6 and y up; return its mask, left and top (y down), None if blank.

    Unhinted, so that shapes depend on nothing but the outline and the position.
    """
    freetype = import_module("freetype")
    identity = freetype.Matrix(0x10000, 0, 0, 0x10000)
    face.set_transform(identity, freetype.Vector(x & 63, y & 63))
    flags = freetype.FT_LOAD_NO_HINTING | freetype.FT_LOAD_NO_BITMAP
    face.load_glyph(glyph, flags | freetype.FT_LOAD_RENDER | freetype.FT_LOAD_TARGET_NORMAL)
    bitmap = face.glyph.bitmap
    if bitmap.width == 0 or bitmap.rows == 0:
        return None
    extent = (bitmap.width, bitmap.rows)
    mask = Image.frombytes("L", extent, bytes(bitmap.buffer), "raw", "L", bitmap.pitch)
    return mask, (x >> 6) + face.glyph.bitmap_left, -(y >> 6) - face.glyph.bitmap_top


def _join(pieces: list[tuple[Image.Image, int, int]]) -> tuple[Image.Image, int, int]:
    """One mask of all glyphs, each laid over the ones before; return it with its left and top."""
    if not pieces:
        return Image.new("L", (1, 1)), 0, 0
    left = min(x for _, x, _ in pieces)
    top = min(y for _, _, y in pieces)
    right = max(x + mask.width for mask, x, _ in pieces)
    bottom = max(y + mask.height for mask, _, y in pieces)
    joined = Image.new("L", (right - left, bottom - top))
    for mask, x, y in pieces:
        box = (x - left, y - top, x - left + mask.width, y - top + mask.height)
        joined.paste(ImageChops.screen(joined.crop(box), mask), box)
    return joined, left, top
