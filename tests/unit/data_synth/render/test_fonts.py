"""Where missing characters are looked for."""

import pytest

from data_synth.fonts import EMBEDDED, fallback_fonts, font_names, han_font


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("plain", "noto-sans-sc"),
        ("\u76f4\u63a5\u3002", "noto-sans-sc"),
        ("\u76f4\u3059", "noto-sans-jp"),
        ("\u76f4\uff7d", "noto-sans-jp"),
        ("\u76f4\ud55c", "noto-sans-kr"),
        ("\u76f4\ud55c\u30ab", "noto-sans-jp"),
        ("\u76f4\u30fb", "noto-sans-sc"),  # a dot that Chinese names have too
    ],
)
def test_han_font_by_the_scripts_of_the_text(text: str, family: str) -> None:
    assert han_font(text) == family


def test_fallbacks_begin_with_what_draws_the_character_best() -> None:
    assert fallback_fonts("\u4e2d", han="noto-sans-jp")[0] == "noto-sans-jp"
    assert fallback_fonts("\u4e2d")[0] == "noto-sans-sc"
    assert fallback_fonts("\u2192", han="noto-sans-jp")[:2] == ("dejavu-sans", "stix")
    for char in "\u4e2d\u2192":
        names = fallback_fonts(char, han="noto-sans-kr")
        assert len(set(names)) == len(names) and set(names) <= set(font_names())
        assert names[-1] == EMBEDDED
    assert sorted(fallback_fonts("\u4e2d")) == sorted(fallback_fonts("\u2192"))
