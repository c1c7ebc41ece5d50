"""Direction by UAX #9 worked out by hand and by another implementation; glyphs by font tables."""

import random
import re
import string
import sys
import unicodedata
from itertools import chain

import numpy as np
import pytest
from PIL import Image

from data_synth.fonts import FontFile, find_font
from data_synth.render.shaping import (
    base_level,
    bidi_levels,
    is_complex,
    shape_word,
    visual_order,
)

pytest.importorskip("bidi")
pytest.importorskip("uharfbuzz")
pytest.importorskip("freetype")
pytest.importorskip("justmytype_intl_rtl")
pytest.importorskip("justmytype_intl_south_asia")
fonttools = pytest.importorskip("fontTools.ttLib")

ALEPH, BET, BEH = "\u05d0", "\u05d1", "\u0628"
ARABIC = "\u0627"  # alef
NON_JOINER, ACUTE = "\u200c", "\u0301"
LRI, RLI, FSI, PDI, RLE, LRO, PDF = (
    "\u2066", "\u2067", "\u2068", "\u2069", "\u202b", "\u202d", "\u202c",
)  # fmt: skip


def hebrew(text: str) -> str:
    """Capitals stand for Hebrew letters, as in the examples of UAX #9."""
    return "".join(chr(0x5D0 + ord(c) - 65) if c in string.ascii_uppercase else c for c in text)


def levels(text: str) -> str:
    return "".join(map(str, bidi_levels(text)))


def ink(mask: Image.Image) -> np.ndarray:
    return np.asarray(mask).astype(float) / 255


# Which text is complex


def test_right_to_left_characters_marks_and_joiners_are_complex_wherever_they_are() -> None:
    right_to_left = {"R", "AL", "AN", "RLE", "RLO", "RLI", "FSI"}
    for code in chain(range(0x32000), range(0xE0000, 0xE0200)):
        char = chr(code)
        if unicodedata.bidirectional(char) in right_to_left or unicodedata.category(char)[0] == "M":
            assert is_complex(f"a{char}"), f"U+{code:04X}"
    assert is_complex("a\u200db") and is_complex("a\u200cb")


@pytest.mark.parametrize("char", ["\u0915", "\u0995", "\u0b95", "\u0c15", "\u0e01", "\u1780"])
def test_letters_of_scripts_that_need_shaping_are_complex(char: str) -> None:
    assert is_complex(char)


def test_composed_latin_greek_cyrillic_chinese_and_symbols_are_simple() -> None:
    blocks = [
        range(0x20, 0x300), range(0x370, 0x483), range(0x48A, 0x590), range(0x1E00, 0x200C),
        range(0x2100, 0x2C00), range(0x3041, 0x3099), range(0x4E00, 0x9FFF), range(0xAC00, 0xD7A4),
        range(0x1D400, 0x1D800), range(0x1F300, 0x1FB00), range(0x20000, 0x20400),
    ]  # fmt: skip
    assert not is_complex("".join(map(chr, chain.from_iterable(blocks))))


# Levels


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("car means CAR.", "00000000001110"),  # UAX #9, 3.4, example 1
        (f"{RLI}car MEANS CAR.{PDI}", "0222111111111110"),  # example 2, isolated
        ("ABC 12 DE", "111122111"),
        ("12 AB", "22111"),  # digits are not strong: the letters set the base
        ("ab 12", "00000"),
        ("ab CD 12", "00011122"),  # the space between R and EN is R
        ("AB c 12", "1112222"),  # W7: a number after Latin is Latin
        ("A 1+2", "11222"),  # W4
        (f"{ARABIC} 1+2", "11212"),  # W2: Arabic numbers do not join across a plus
        ("A 5%", "1122"),  # W5
        (f"A{ACUTE}b", "112"),  # W1
        ("smith (fabrikam ABC) DEF", "000000000000000011100111"),  # N0: the pair is of the base
        ("smith \u2329fabrikam ABC\u3009 DEF", "000000000000000011100111"),  # the same brackets
        ("a B (C) d", "001111100"),  # N0: of the other direction inside and before
        (f"a B (C){ACUTE} d", "0011111100"),  # marks go with their bracket
        ("a (b [C) D) E", "0000001001111"),  # BD16: no pairs across pairs
        ("a B ([C] e)", "00100010000"),  # N0: the outer pair is the inner one's context
        ("AB (cd) E", "111122111"),
        ("a (BC) d", "00011000"),
        ("A\u200dB c", "11112"),  # a joiner takes the level before it
        (f"A{LRO}BC{PDF}D", "112221"),
        ("A b\tc", "11212"),
        ("AB c \t ", "1112111"),  # L1: blanks before a tab and at the end
        ("a AB ", "00110"),
    ],
)
def test_levels_worked_out_by_hand(text: str, expected: str) -> None:
    assert levels(hebrew(text)) == expected


def test_nested_quotations_take_deeper_levels_and_read_in_their_own_directions() -> None:
    text = hebrew(f"DID YOU SAY '{LRI}he said \"{RLI}car MEANS CAR{PDI}\"{PDI}'?")
    visible = [(char, level) for char, level in zip(text, bidi_levels(text), strict=True)]
    visible = [(char, level) for char, level in visible if char not in LRI + RLI + PDI]
    found = [level for _, level in visible]
    assert found == [1] * 13 + [2] * 9 + [4] * 3 + [3] * 10 + [2] + [1] * 2
    shown = "".join(visible[index][0] for index in visual_order(found))
    assert shown == hebrew("?'he said \"RAC SNAEM car\"' YAS UOY DID")


def test_brackets_pair_up_to_the_depth_of_the_standard() -> None:
    """BD16: a 64th open bracket ends the search, and every bracket is then like any other sign."""
    for depth, expected in ((63, "0"), (64, "1")):
        found = levels(f"a {'(' * depth}b {ALEPH}{')' * depth} {BET}")
        assert found == "00" + "0" * depth + "001" + expected * depth + expected + "1"


def test_base_is_that_of_the_first_strong_character_outside_isolates() -> None:
    assert base_level(f"1. {ALEPH} a") == 1
    assert base_level(f"1. a {ALEPH}") == 0
    assert base_level(f"{RLI}{ALEPH}{PDI} a") == 0
    assert base_level(f"{RLI}{ALEPH}{LRI}{PDI}{PDI} a") == 0
    assert base_level("12 + 3") == 0


def test_first_strong_isolate_takes_its_direction_from_its_inside() -> None:
    assert levels(f"a{FSI}{ALEPH}!{PDI}") == "00110"
    assert levels(f"a{FSI}b{ALEPH}!{PDI}") == "002320"


def test_levels_agree_with_the_compiled_implementation_of_the_algorithm() -> None:
    """The Rust crate unicode-bidi, by its own account of what it resolved (before rule L1)."""
    from bidi import get_display

    rng = random.Random(9)
    alphabet = f'abc{hebrew("ABC")}\u0639\u062c123\u0663\u0664+-,.:$%()[]<> "{ACUTE}\u064b\u200d'
    alphabet += f"{LRI}{RLI}{FSI}{PDI}{RLE}{LRO}{PDF}\u202a\u202e"
    removed = {"BN", "LRE", "RLE", "LRO", "RLO", "PDF"}
    for _ in range(1500):
        text = "".join(rng.choices(alphabet, k=rng.randint(1, 14))) + "."
        account = get_display(text, debug=True).split("levels: [")[-1].split("paragraphs")[0]
        by_byte = [int(level) for level in re.findall(r"Level\(\s*(\d+)", account)]
        starts = [len(text[:index].encode()) for index in range(len(text))]
        for index, level in enumerate(bidi_levels(text)):
            if unicodedata.bidirectional(text[index]) not in removed:
                assert level == by_byte[starts[index]], (ascii(text), index)


def test_every_kind_of_character_gets_a_level() -> None:
    """Characters that decompose, separators and unassigned code points among them."""
    kinds: dict[str, list[str]] = {}
    for code in chain(range(0xD800), range(0xE000, 0x20000), range(0xE0000, 0xE0200)):
        kinds.setdefault(unicodedata.bidirectional(chr(code)), []).append(chr(code))
    rng = random.Random(4)
    for _ in range(1500):
        text = "".join(
            rng.choice(kinds[rng.choice(sorted(kinds))]) for _ in range(rng.randint(1, 30))
        )
        assert len(bidi_levels(text)) == len(text)
    assert levels(f"{ALEPH}\u0958\u2adc") == "121"  # Devanagari qa is a letter, the other a sign


def test_hostile_nesting_ends_and_stays_within_the_levels() -> None:
    assert max(bidi_levels(RLI * 5000 + ALEPH)) <= 62
    assert max(bidi_levels(RLE * 5000 + ALEPH)) <= 62
    assert levels(ALEPH + "(" * 5000) == "1" * 5001


def test_left_to_right_text_needs_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "bidi.algorithm", raising=False)
    monkeypatch.setitem(sys.modules, "bidi", None)
    assert levels("caf\u00e9 \u4e2d 12") == "000000000"
    with pytest.raises(ValueError, match=r"python-bidi: run `pip install 'mm_rl\[render\]'`"):
        bidi_levels(ALEPH)


# Order


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], []),
        ([0, 0, 0], [0, 1, 2]),
        ([1, 1, 1], [2, 1, 0]),
        ([0, 1, 1, 0], [0, 2, 1, 3]),
        ([1, 2, 2, 1], [3, 1, 2, 0]),
        ([0, 1, 2, 2, 1, 0], [0, 4, 2, 3, 1, 5]),
        ([2, 2, 1], [2, 0, 1]),
        ([1, 4, 3, 1], [3, 2, 1, 0]),
        ([2, 2], [0, 1]),  # no odd level in the line: nothing turns
        ([1, 4, 4, 1], [3, 1, 2, 0]),  # levels that are not there turn too
    ],
)
def test_visual_order_by_hand(given: list[int], expected: list[int]) -> None:
    assert visual_order(given) == expected


# Glyphs


def glyph_names(text: str, font: FontFile) -> list[str]:
    import uharfbuzz as harfbuzz

    shaper = harfbuzz.Font(harfbuzz.Face(harfbuzz.Blob.from_file_path(font.path)))
    buffer = harfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    harfbuzz.shape(shaper, buffer)
    return [shaper.glyph_to_string(info.codepoint) for info in buffer.glyph_infos]


def metrics(font: FontFile, names: list[str], size: int) -> tuple[float, float]:
    """The sum of the glyphs' advances and of their areas, in pixels, by fontTools alone."""
    from fontTools.pens.areaPen import AreaPen

    tables = fonttools.TTFont(font.path)
    location = {} if font.weight is None else {"wght": font.weight}
    glyphs = tables.getGlyphSet(location=location)
    scale = size / tables["head"].unitsPerEm
    pen = AreaPen(glyphs)
    for name in names:
        glyphs[name].draw(pen)
    return sum(glyphs[name].width for name in names) * scale, abs(pen.value) * scale**2


def test_arabic_letters_join_and_keep_the_advances_of_the_joined_forms() -> None:
    font = find_font("noto-sans-arabic")
    joined = glyph_names(BEH * 3, font)
    alone = [name for name in glyph_names(BEH, font) if not name.startswith("dot")]
    assert len([name for name in joined if name.startswith("uni066E.")]) == 3
    assert alone == ["uni066E"] and not set(alone) & set(joined)
    # Marks' own widths do not count, and HarfBuzz rounds each advance to 1/64 pixel.
    bodies = [name for name in joined if not name.startswith("dot")]
    advance, _ = metrics(font, bodies, 40)
    assert shape_word(BEH * 3, font, 40, rtl=True).advance == pytest.approx(advance, abs=3 / 128)


def test_joined_letters_touch_and_a_non_joiner_parts_them() -> None:
    font = find_font("noto-sans-arabic")
    joined = shape_word(BEH * 2, font, 40, rtl=True)
    parted = shape_word(BEH + NON_JOINER + BEH, font, 40, rtl=True)
    assert (ink(joined.mask).max(axis=0) > 0.2).all()
    assert (ink(parted.mask).max(axis=0) == 0).any()
    assert parted.advance == 2 * shape_word(BEH, font, 40, rtl=True).advance


def test_devanagari_conjunct_is_one_glyph() -> None:
    font = find_font("noto-sans-devanagari")
    conjunct, apart = "\u0915\u094d\u0937", "\u0915\u0937"
    assert glyph_names(conjunct, font) == ["uni0915094D0937"]
    assert glyph_names(apart, font) == ["uni0915", "uni0937"]
    for text in (conjunct, apart):
        advance, _ = metrics(font, glyph_names(text, font), 40)
        found = shape_word(text, font, 40, rtl=False).advance
        assert found == pytest.approx(advance, abs=2 / 128)


@pytest.mark.parametrize("bold", [False, True])
def test_weight_sets_the_outline_and_the_advance(bold: bool) -> None:
    font = find_font("noto-sans-hebrew", bold=bold)
    assert font.weight == (700 if bold else 400)
    advance, area = metrics(font, ["uni05DC"], 48)  # lamed, of one contour
    word = shape_word("\u05dc", font, 48, rtl=True)
    assert word.advance == pytest.approx(advance, abs=0.05)
    assert ink(word.mask).sum() == pytest.approx(area, rel=0.01)


@pytest.mark.parametrize("letter", ["x", "X"])
def test_combining_mark_sits_over_the_middle_of_its_base(letter: str) -> None:
    font = find_font("dejavu-sans")
    base, marked = (shape_word(text, font, 48, rtl=False) for text in (letter, letter + ACUTE))
    assert marked.advance == base.advance
    assert marked.top + marked.mask.height == base.top + base.mask.height
    above = base.top - marked.top
    assert 8 < above < 24
    columns = np.flatnonzero(ink(marked.mask)[: above - 1].max(axis=0) > 0.2) + marked.left
    middle = base.left + base.mask.width / 2
    assert columns.size and abs((columns[0] + columns[-1] + 1) / 2 - middle) < 4
    rest = ink(marked.mask)[above:, base.left - marked.left :][:, : base.mask.width]
    assert (rest == ink(base.mask)).all()


def side_by_side(texts: list[str], font: FontFile, size: int) -> np.ndarray:
    """Words from left to right, of letters whose advances are whole pixels."""
    words = [shape_word(text, font, size, rtl=True) for text in texts]
    canvas = np.zeros((2 * size, 4 * size))
    x = size
    for word in words:
        assert word.advance == int(word.advance)
        top, left = size + word.top, x + word.left
        area = canvas[top : top + word.mask.height, left : left + word.mask.width]
        area[:] = np.maximum(area, ink(word.mask))
        x += int(word.advance)
    return canvas


def test_hebrew_word_has_its_first_letter_rightmost_and_brackets_mirrored() -> None:
    font, size = find_font("dejavu-sans"), 256
    tet, bet = "\u05d8", BET
    found = side_by_side([tet + bet], font, size)
    assert (found == side_by_side([bet, tet], font, size)).all()
    assert not (found == side_by_side([tet, bet], font, size)).all()
    open_right = shape_word("(", font, size, rtl=True)
    assert open_right.mask.tobytes() == shape_word(")", font, size, rtl=False).mask.tobytes()


def test_position_is_relative_to_the_baseline() -> None:
    font = find_font("dejavu-sans")
    tables = fonttools.TTFont(font.path)
    glyph = tables["glyf"]["x"]
    word = shape_word("x", font, 64, rtl=False)
    scale = 64 / tables["head"].unitsPerEm
    assert word.left == np.floor(glyph.xMin * scale)
    assert word.left + word.mask.width == np.ceil(glyph.xMax * scale)
    assert word.top == -np.ceil(glyph.yMax * scale)
    assert word.top + word.mask.height == -np.floor(glyph.yMin * scale)


def test_small_glyphs_keep_their_shapes_and_their_places_between_pixels() -> None:
    """Unhinted outlines: the coverage is the outline's area, left edges are one advance apart."""
    font = find_font("dejavu-sans")
    advance, area = metrics(font, ["l"], 13)
    word = shape_word("ll", font, 13, rtl=False)
    columns = ink(word.mask).sum(axis=0)
    assert columns.sum() == pytest.approx(2 * area, rel=0.02)
    gap = int(np.argmin(columns[1:-1])) + 1
    assert columns[gap] == 0
    height = fonttools.TTFont(font.path)["glyf"]["l"].yMax * 13 / 2048
    edges = [i + 1 - columns[i] / height for i in (0, gap + int(np.argmax(columns[gap:] > 0)))]
    assert edges[1] - edges[0] == pytest.approx(advance, abs=0.03)


def test_invisible_text_has_no_ink_and_no_advance() -> None:
    word = shape_word(NON_JOINER, find_font("noto-sans-arabic"), 20, rtl=True)
    assert word.mask.getbbox() is None and word.advance == 0


def test_missing_glyph_names_the_character_and_the_font() -> None:
    font = find_font("noto-sans-arabic")
    with pytest.raises(ValueError, match=r"NotoSansArabic.* no glyph for U\+1F600 \(GRINNING FACE"):
        shape_word(f"{BEH}\U0001f600{BEH}", font, 20, rtl=True)
    with pytest.raises(
        ValueError, match=r"no glyph for U\+20D0"
    ):  # of the same cluster as its base
        shape_word(f"{BEH}\u20d0", font, 20, rtl=True)
    with pytest.raises(ValueError, match="Pillow's own face cannot shape"):
        shape_word(BEH, FontFile(""), 20, rtl=True)


def test_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uharfbuzz", None)
    with pytest.raises(ValueError, match=r"uharfbuzz: run `pip install 'mm_rl\[render\]'`"):
        shape_word(BEH, find_font("noto-sans-arabic"), 17, rtl=True)
