"""Pages are compared with what Pillow draws directly and with measures taken from the font."""

import io
import itertools
import unicodedata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from data_synth.problem import Modality, Problem
from data_synth.render import Document, fit_font_size, render_problem
from data_synth.render import render_text as render_any
from data_synth.render.text import RENDERED_QUESTION

PROSE = (
    "The quick brown fox jumps over the lazy dog, then (of course) the dog; who was never lazy - "
    "wakes up and asks: why jump at all? Nobody answers.\n\nA second paragraph."
)


def render_text(text: str, **options: Any) -> Document:
    """In the face that Pillow always has, unless told otherwise."""
    return render_any(text, **{"font": "aileron", "missing": "error", **options})


def dejavu_path(name: str) -> Path:
    spec = find_spec("matplotlib")
    assert spec is not None and spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0], "mpl-data", "fonts", "ttf", name)


def ink_box(image: Image.Image) -> tuple[int, int, int, int]:
    box = ImageChops.invert(image).getbbox()
    assert box is not None
    return box


def assert_all_ink_is_inside_line_boxes(page: Document) -> None:
    rest = page.image.copy()
    for line in page.lines:
        assert ink_box(page.image.crop(line.box))  # no box is blank
        rest.paste(255, line.box)
    assert rest.getextrema() == (255, 255)


def test_a_word_has_the_pixels_pillow_draws() -> None:
    page = render_text("Jumps", width=200, height=80, font_size=30, margin=10)
    font = ImageFont.load_default(30)
    assert isinstance(font, ImageFont.FreeTypeFont)
    expected = Image.new("L", (200, 80), 255)
    ascent, descent = font.getmetrics()
    baseline = 10 + (round(1.3 * 30) - ascent - descent) // 2 + ascent
    ImageDraw.Draw(expected).text((10, baseline), "Jumps", font=font, fill=0, anchor="ls")
    assert page.image.mode == "L"
    assert page.image.tobytes() == expected.tobytes()


def test_wrapping_is_greedy_and_keeps_all_words() -> None:
    width, margin = 300, 12
    page = render_text(PROSE, width=width, font_size=16, margin=margin)
    font = ImageFont.load_default(16)
    assert isinstance(font, ImageFont.FreeTypeFont)
    assert len(page.lines) > 5
    assert " ".join(line.text for line in page.lines).split() == PROSE.split()
    paragraph = page.lines[:-1]
    for line, following in itertools.pairwise(paragraph):
        assert font.getlength(line.text) <= width - 2 * margin
        next_word = following.text.split()[0]
        assert font.getlength(f"{line.text} {next_word}") > width - 2 * margin
    assert_all_ink_is_inside_line_boxes(page)


def test_blank_lines_take_a_line_of_height() -> None:
    tight = render_text("x\nx", width=100)
    spaced = render_text("x\n\n\nx\n\n", width=100)
    pitch = tight.lines[1].box[1] - tight.lines[0].box[1]
    assert spaced.lines[1].box[1] - spaced.lines[0].box[1] == 3 * pitch
    assert tight.lines[0].box[3] <= tight.lines[1].box[1]  # lines do not overlap
    # Blank lines at the end show nothing and take no room.
    assert spaced.image.height - tight.image.height == 2 * pitch


def test_code_keeps_indentation_and_inner_spaces() -> None:
    source = "if x:\n    y =  1\n\tz = 2"
    page = render_text(source, width=400, font="dejavu-sans-mono", font_size=20, margin=10)
    advance = ImageFont.truetype(dejavu_path("DejaVuSansMono.ttf"), 20).getlength("x")
    unindented = render_text("y =  1", width=400, font="dejavu-sans-mono", font_size=20, margin=10)
    shift = page.lines[1].box[0] - unindented.lines[0].box[0]
    assert shift == round(4 * advance)
    assert [line.text for line in page.lines] == ["if x:", "y =  1", "z = 2"]
    # The 1 stands in column 5 of its line, as the last letter of "abcdeI" would.
    right = render_text("abcde1", width=400, font="dejavu-sans-mono", font_size=20, margin=10)
    assert unindented.lines[0].box[2] == right.lines[0].box[2]


def test_wrapped_code_goes_on_under_its_indentation() -> None:
    source = "    " + "word " * 20
    page = render_text(source, width=300, font="dejavu-sans-mono", font_size=16)
    assert len(page.lines) > 2
    assert len({line.box[0] for line in page.lines}) == 1


def test_a_word_wider_than_the_page_is_broken_without_loss() -> None:
    word = "".join(chr(ord("a") + i % 26) for i in range(100))
    page = render_text(f"see {word} there", width=200, font_size=16)
    assert "".join(line.text for line in page.lines) == f"see{word} there"
    assert all(line.box[0] >= 24 and line.box[2] <= 176 for line in page.lines)
    assert_all_ink_is_inside_line_boxes(page)


@pytest.mark.parametrize("char", ["W", "f", "j", "3", "#"])
def test_ink_beyond_the_advance_is_never_cut(char: str) -> None:
    roomy = render_text(char, width=100, font_size=13, margin=20).image
    whole = roomy.crop(ink_box(roomy))
    # The same at the narrowest width that is accepted, alone and at the end of a broken word.
    for text in (char, char * 5):
        for width in range(1, 20):
            try:
                page = render_text(text, width=width, font_size=13, margin=0)
            except ValueError as refused:
                missing = int(str(refused).partition("width ")[2].split()[0])
                assert render_text(text, width=width + missing, font_size=13, margin=0)
                continue
            first = page.image.crop(page.lines[0].box)
            if page.lines[0].text == char:
                assert first.crop(ink_box(first)).tobytes() == whole.tobytes()
                break
        else:
            pytest.fail("no width below 20 was accepted")


def test_text_too_tall_is_refused_with_the_height_it_needs() -> None:
    free = render_text(PROSE, width=300)
    with pytest.raises(ValueError, match=f"or one of height={free.image.height}, at width=300"):
        render_text(PROSE, width=300, height=free.image.height - 1)
    exact = render_text(PROSE, width=300, height=free.image.height)
    assert exact.image.tobytes() == free.image.tobytes()
    taller = render_text(PROSE, width=300, height=free.image.height + 40)
    assert taller.image.height == free.image.height + 40
    assert taller.lines == free.lines


def test_a_missing_glyph_is_named_with_a_font_that_has_it() -> None:
    with pytest.raises(ValueError, match=r"aileron has no glyph .*U\+03B1.*ALPHA.*choose a font"):
        render_text("angle \u03b1", width=200)
    # A shaping engine would draw the ligature `fi`, where one is installed: pixels must not vary.
    page = render_text("fi\u03b1", width=200, font="dejavu-sans", font_size=40)
    direct = Image.new("L", (200, 100), 255)
    font = ImageFont.truetype(
        dejavu_path("DejaVuSans.ttf"), 40, layout_engine=ImageFont.Layout.BASIC
    )
    ImageDraw.Draw(direct).text((24, 60), "fi\u03b1", font=font, fill=0, anchor="ls")
    found, expected = ink_box(page.image), ink_box(direct)
    assert page.image.crop(found).tobytes() == direct.crop(expected).tobytes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bell\x07", "control character"),
        ("half a pair \ud83d", "surrogate"),
        (" \n\t ", "text is empty"),
        ("\u4e00", "has no glyph"),
        ("\U0010ffff", "has no glyph"),
    ],
)
def test_what_cannot_be_drawn_right_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        render_text(text, width=200, font="dejavu-sans")


def test_decomposed_letters_are_drawn_as_composed_ones() -> None:
    composed = render_text("caf\u00e9", width=200, font="dejavu-sans")
    decomposed = unicodedata.normalize("NFD", "caf\u00e9")
    assert len(decomposed) == 5
    assert (
        render_text(decomposed, width=200, font="dejavu-sans").image.tobytes()
        == composed.image.tobytes()
    )


def test_the_embedded_face_holds_all_of_ascii() -> None:
    printable = "".join(chr(code) for code in range(33, 127))
    page = render_text(" ".join(printable), width=600)
    assert " ".join(line.text for line in page.lines) == " ".join(printable)


def test_a_font_file_can_be_named_by_path() -> None:
    by_path = render_text(PROSE, width=300, font=str(dejavu_path("DejaVuSans.ttf")))
    by_name = render_text(PROSE, width=300, font="dejavu-sans")
    assert by_path.image.tobytes() == by_name.image.tobytes()
    assert by_name.image.tobytes() != render_text(PROSE, width=300).image.tobytes()


def test_bad_fonts_and_sizes_name_the_option(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    for options, message in (
        ({"font": "comic"}, "unknown font 'comic': choose sans, serif, mono, aileron"),
        ({"font": str(broken)}, "cannot be read"),
        ({"font_size": 5}, "font_size=5: choose at least 6"),
        ({"margin": -1}, "margin=-1"),
        ({"width": 40, "margin": 20}, "width=40 leaves nothing"),
        ({"height": 48}, "height=48 leaves nothing"),
        ({"width": 52}, "width [0-9]+ pixels larger"),
    ):
        with pytest.raises(ValueError, match=message):
            render_text("Word", **{"width": 200, **options})  # type: ignore[arg-type]


def test_a_page_beyond_the_pixel_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="set height to flow"):
        render_text("x\n" * 10_000, width=1000)


def test_fitted_font_size_is_the_largest_that_fits() -> None:
    program = "a = 3\nb = a + 14\nc = b - 2"
    narrow = fit_font_size(program, width=120, height=500, margin=5, font="aileron")
    page = render_text(program, width=120, font_size=narrow, margin=5)
    assert [line.text for line in page.lines] == program.split("\n")
    assert len(render_text(program, width=120, font_size=narrow + 1, margin=5).lines) > 3
    flat = fit_font_size(program, width=900, height=100, margin=5, font="aileron")
    render_text(program, width=900, height=100, font_size=flat, margin=5)
    with pytest.raises(ValueError, match="or one of height"):
        render_text(program, width=900, height=100, font_size=flat + 1, margin=5)
    for width in range(60, 200):  # at some of them only the ink of the last letter is too wide
        fitted = fit_font_size("x = y + w", width=width, height=500, font="aileron")
        assert len(render_text("x = y + w", width=width, font_size=fitted, margin=0).lines) == 1
    with pytest.raises(ValueError, match="enlarge the image"):
        fit_font_size(program, width=20, height=20)


def test_rendered_problem_asks_in_the_picture_and_keeps_its_text() -> None:
    text_only = Problem(
        question="What is 2 + 3?",
        answer="5",
        answer_type="number",
        verifier="numeric",
        source="sums",
        modality=Modality.TEXT,
        reasoning="2 + 3 = 5",
        difficulty=2,
    )
    rendered = render_problem(text_only, width=300, font_size=24, font="aileron")
    (image,) = rendered.images
    decoded = Image.open(io.BytesIO(image))
    expected = render_text("What is 2 + 3?", width=300, font_size=24)
    assert decoded.tobytes() == expected.image.tobytes()
    assert [(r.image, r.text, r.box) for r in rendered.regions] == [
        (0, line.text, line.box) for line in expected.lines
    ]
    assert rendered.question == RENDERED_QUESTION["en"]
    assert rendered.text_twin == "What is 2 + 3?"
    assert rendered.modality is Modality.RENDERED
    assert (rendered.answer, rendered.difficulty, rendered.reasoning) == ("5", 2, "2 + 3 = 5")
    assert rendered.id != text_only.id
    with pytest.raises(ValueError, match="already has 1 image"):
        render_problem(rendered)
