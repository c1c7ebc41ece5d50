"""Blocks on pages: places and colours by hand, page counts by arithmetic."""

import itertools
from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from data_synth.fonts import find_font, open_font
from data_synth.render import (
    Document,
    Figure,
    PageBreak,
    PageStyle,
    Panel,
    Paragraph,
    Rule,
    Spacer,
    Span,
    TableBlock,
    Theme,
    layout,
    render_text,
)

RED, BLUE, GREY = (220, 30, 30), (20, 60, 220), (240, 240, 240)
STYLE = PageStyle(width=400, margin=20, font="aileron", font_size=20)
PITCH = 26  # 1.3 * 20


def paragraph(text: str, **options: object) -> Paragraph:
    return Paragraph(spans=(Span(text=text),), space_after=0, **options)  # type: ignore[arg-type]


def text_width(text: str, size: int = 20) -> float:
    return open_font(find_font("aileron"), size).getlength(text)


def ink_box(image: Image.Image) -> tuple[int, int, int, int]:
    box = ImageChops.invert(image.convert("L")).getbbox()
    assert box is not None
    return box


def test_lines_stand_a_pitch_apart_and_pages_hold_as_many_as_fit() -> None:
    style = PageStyle(
        width=400, height=20 + 20 + 4 * PITCH, margin=20, font="aileron", font_size=20
    )
    document = layout([paragraph("\n".join(map(str, range(10))), preserve=True)], style)
    assert [[line.text for line in page.lines] for page in document.pages] == [
        ["0", "1", "2", "3"],
        ["4", "5", "6", "7"],
        ["8", "9"],
    ]
    tops = [line.box[1] for line in document.pages[0].lines]
    assert {low - high for high, low in itertools.pairwise(tops)} == {PITCH}
    assert {page.image.size for page in document.pages} == {(400, 144)}


def test_columns_fill_one_after_the_other() -> None:
    style = PageStyle(
        width=420,
        height=40 + 3 * PITCH,
        margin=20,
        columns=2,
        column_gap=40,
        font="aileron",
        font_size=20,
    )
    document = layout([paragraph("a\nb\nc\nd\ne", preserve=True)], style)
    (page,) = document.pages
    assert [line.text for line in page.lines] == ["a", "b", "c", "d", "e"]
    left, right = page.lines[0].box[0], page.lines[3].box[0]
    # Columns are (420 - 40 - 40) / 2 = 170 wide, so the second starts 210 further right.
    assert abs(right - left - 210) <= 1
    assert page.lines[0].box[1] == page.lines[3].box[1]


def test_more_pages_than_allowed_is_an_error_that_names_the_need() -> None:
    text = "\n".join("x" * 5)
    look = PageStyle(width=200, font="aileron", font_size=20)
    assert render_text(text, look).image.height == 178 == 5 * PITCH + 48
    low = replace(look, height=100 + 2 * 4)  # room for 2 lines
    with pytest.raises(ValueError, match=r"text needs 3 pages of height=108, or one of height=178"):
        render_text(text, low, max_pages=1)
    assert len(render_text(text, low, max_pages=3).pages) == 3


def test_alignment_by_measured_widths() -> None:
    width = text_width("word")
    for align, start in (("left", 20), ("center", 200 - width / 2), ("right", 380 - width)):
        document = layout([paragraph("word", align=align)], STYLE)
        assert abs(document.lines[0].box[0] - start) <= 2, align


def test_markers_hang_in_the_indent() -> None:
    item = paragraph("first line that is long enough to wrap around", marker="1.", indent=2.0)
    document = layout([item], STYLE)
    marker, first, second = document.lines[:3]
    assert marker.text == "1." and first.text.startswith("first")
    assert marker.box[1] == first.box[1] and marker.box[2] < first.box[0]
    assert abs(first.box[0] - 60) <= 2 and abs(second.box[0] - 60) <= 2
    assert document.text == "1. first line that is long enough to wrap around"


def test_spans_keep_their_colours_sizes_and_lines() -> None:
    spans = (
        Span(text="plain "),
        Span(text="red", color=RED),
        Span(text=" under", underline=True),
        Span(text=" gone", strike=True),
        Span(text=" marked", background=(255, 240, 0)),
    )
    document = layout([Paragraph(spans=spans)], STYLE)
    image = document.image
    assert image.mode == "RGB" and [line.text for line in document.lines] == [
        "plain red under gone marked"
    ]
    colors = {color for _, color in image.getcolors(10**5)}
    assert RED in colors and (255, 240, 0) in colors
    x = 20 + round(text_width("plain red")) + 12
    column = [image.getpixel((x, y)) for y in range(20, 46)]
    assert column.count((0, 0, 0)) >= 1  # the line below " under"
    twice = layout([Paragraph(spans=(Span(text="H"), Span(text="H", scale=2.0)))], STYLE)
    plain = layout([paragraph("H")], STYLE)
    assert ink_box(twice.image)[3] - ink_box(twice.image)[1] == pytest.approx(
        2 * (ink_box(plain.image)[3] - ink_box(plain.image)[1]), abs=2
    )


def test_pages_without_colour_are_grey() -> None:
    assert layout([paragraph("x")], STYLE).image.mode == "L"
    dark = layout([paragraph("x")], PageStyle(width=100, theme="dark")).image
    assert dark.mode == "L" and dark.getpixel((0, 0)) == 28
    paper = layout([paragraph("x")], PageStyle(width=100, theme="paper")).image
    assert paper.mode == "RGB" and paper.getpixel((0, 0)) == (250, 246, 236)
    own = Theme(background=(1, 2, 3), ink=(200, 201, 202))
    assert layout([paragraph("x")], PageStyle(width=90, theme=own)).image.getpixel((0, 0)) == (
        1,
        2,
        3,
    )


def test_figures_are_reduced_to_the_column_and_never_enlarged() -> None:
    wide, small = Image.new("RGB", (720, 360), RED), Image.new("RGB", (50, 40), BLUE)
    document = layout(
        [Figure(image=wide, caption="Figure 1", text="a red box"), Figure(image=small)], STYLE
    )
    colors = {color: number for number, color in document.image.getcolors(10**6)}
    assert colors[RED] == 360 * 180  # 400 - 2 * 20 wide
    assert colors[BLUE] == 50 * 40
    assert [line.text for line in document.lines] == ["Figure 1"]
    assert document.text == "a red box\nFigure 1\n"


def test_tables_align_columns_and_draw_their_grid() -> None:
    rows = (("name", "n"), ("apple", "7"), ("fig", "123"))
    cells = tuple(tuple((Span(text=text),) for text in row) for row in rows)
    document = layout([TableBlock(rows=cells, align=("left", "right"))], STYLE)
    boxes = {line.text: line.box for line in document.lines}
    assert boxes["apple"][0] == pytest.approx(boxes["fig"][0], abs=2)
    assert boxes["7"][2] == pytest.approx(boxes["123"][2], abs=2)
    assert document.text == "name\tn\napple\t7\nfig\t123"
    image = document.image
    # Horizontal lines: one above each of 3 rows and one below the last.
    rows_of_ink = [
        y for y in range(image.height) if all(image.getpixel((x, y)) < 255 for x in range(22, 60))
    ]
    assert len(rows_of_ink) == 4
    with pytest.raises(ValueError, match="a table of 2 columns needs a width of"):
        layout([TableBlock(rows=cells)], PageStyle(width=100, margin=20, font_size=20))


def test_long_cells_wrap_inside_their_column() -> None:
    long = "several words that do not fit on one line of a narrow table"
    cells = (((Span(text="key"),), (Span(text=long),)),)
    document = layout([TableBlock(rows=cells, header_rows=0)], STYLE)
    texts = [line.text for line in document.lines]
    assert texts[0] == "key" and " ".join(texts[1:]) == long and len(texts) > 2
    assert all(line.box[0] >= 20 and line.box[2] <= 380 for line in document.lines)


def test_panels_go_on_over_a_page_break_with_their_background() -> None:
    lines = paragraph("\n".join("abcdef"), preserve=True)
    style = PageStyle(width=200, height=40 + 5 * PITCH, margin=20, font="aileron", font_size=20)
    document = layout([Panel(blocks=(lines,), background=GREY, padding=0.5, title="T")], style)
    assert len(document.pages) == 2
    for page in document.pages:
        assert page.image.getpixel((25, 25)) == GREY[0]
    assert document.text == "T\n" + "a\nb\nc\nd\ne\nf"


def test_rules_spacers_and_breaks() -> None:
    blocks = [
        paragraph("a"),
        Rule(),
        Spacer(height=2.0),
        paragraph("b"),
        PageBreak(),
        paragraph("c"),
    ]
    document = layout(blocks, STYLE)
    assert [[line.text for line in page.lines] for page in document.pages] == [["a", "b"], ["c"]]
    first, second = document.pages[0].lines
    assert second.box[1] - first.box[1] == PITCH + 20 + 40
    row = [document.pages[0].image.getpixel((x, 20 + PITCH + 10)) for x in range(20, 380)]
    assert set(row) == {150}


def test_right_to_left_paragraphs_start_at_the_right() -> None:
    hebrew = "\u05e9\u05dc\u05d5\u05dd (abc) 12"
    document = render_text(hebrew, width=400, font_size=20, margin=20)
    (line,) = document.lines
    assert line.text == hebrew and line.box[2] >= 376
    assert dict(document.fallbacks) == {"noto-sans-hebrew": 4}
    # Read leftwards, a bracket opens the other way.
    mirrored = render_text("\u05e9(", width=200, font_size=40)
    plain = render_text("\u05e9)", width=200, font_size=40)
    assert mirrored.image.tobytes() != plain.image.tobytes()


def test_chinese_breaks_between_characters_but_not_before_a_full_stop() -> None:
    text = "\u6587" * 10 + "\u3002" + "\u5b57" * 5
    document = render_text(text, width=240, font_size=20, margin=20)
    assert "".join(line.text for line in document.lines) == text
    assert [len(line.text) for line in document.lines] == [9, 7]
    assert document.lines[1].text.startswith("\u6587\u3002")


def test_emoji_are_drawn_in_colour_and_counted_as_one() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    document = render_text(f"a {family} b", width=300, font_size=40)
    assert document.image.mode == "RGB"
    assert document.lines[0].text == f"a {family} b"
    alone = render_text("a \U0001f468 b", width=300, font_size=40)
    assert document.lines[0].box[2] == alone.lines[0].box[2]  # one picture wide


def test_fonts_that_lack_a_character_fall_back_or_refuse() -> None:
    document = render_text("x \u4f60", width=200, font="aileron")
    assert dict(document.fallbacks) == {"noto-sans-sc": 1}
    with pytest.raises(ValueError, match=r"aileron has no glyph for .*U\+4F60"):
        render_text("x \u4f60", width=200, font="aileron", missing="error")
    with pytest.raises(ValueError, match=r"any installed font has no glyph for .*U\+10FFFF"):
        render_text("x \U0010ffff", width=200)


def test_all_ink_is_inside_the_line_boxes() -> None:
    texts = ["Italic fj\u00c5gy", "\u0639\u0631\u0628\u064a\u0629", "\u0928\u093f", "\u00c5\u0323g"]
    for text, size in itertools.product(texts, (9, 20, 47)):
        document: Document = render_text(text, width=500, font_size=size)
        (line,) = document.lines
        image = document.image.copy()
        image.paste(255, line.box)
        assert image.getextrema() == (255, 255), (text, size)


@pytest.mark.parametrize("dpi", [96, 192])
def test_dpi_scales_everything(dpi: int) -> None:
    document = render_text("Word", width=200, font="aileron", font_size=20, margin=20, dpi=dpi)
    factor = dpi // 96
    assert document.image.width == 200 * factor
    assert document.image.height == (PITCH + 40) * factor
    width = text_width("Word", 20 * factor)
    left, _, right, _ = document.lines[0].box
    assert right - left == pytest.approx(width, abs=4)


def test_nothing_to_show_is_refused() -> None:
    for blocks in ([], [paragraph("   ")], [PageBreak()]):
        with pytest.raises(ValueError, match="text is empty"):
            layout(blocks, STYLE)
    with pytest.raises(ValueError, match="columns=2 need a page height"):
        layout([paragraph("x")], PageStyle(columns=2))


def test_a_marker_leaves_the_box_of_its_text_alone() -> None:
    for marker in ("1.", "1234567.", "\u2022"):
        document = layout([paragraph("x", marker=marker, indent=2.0)], STYLE)
        first, second = document.lines
        assert first.text == marker and second.text == "x"
        assert first.box[0] < first.box[2] < second.box[0] < second.box[2]
        assert second.box[2] - second.box[0] == pytest.approx(text_width("x"), abs=3)
        if marker != "1234567.":  # that one pushes its text to the right
            assert abs(second.box[0] - 60) <= 2


def test_markers_stand_on_the_baseline_of_larger_text() -> None:
    item = Paragraph(spans=(Span(text="HH", scale=2.5),), marker="H", indent=2.0)
    image = layout([item], STYLE).image
    small, large = image.crop((20, 0, 58, image.height)), image.crop((58, 0, 200, image.height))
    assert ink_box(small)[3] == ink_box(large)[3]


HEBREW = "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd"


def test_right_to_left_paragraphs_mirror_indent_marker_and_bar() -> None:
    item = paragraph(HEBREW + f"\n{HEBREW}", marker="1.", indent=2.0, left_bar=RED)
    document = layout([item], STYLE)
    marker, first, second = document.lines
    assert marker.text == "1." and marker.box[0] > first.box[2]
    # The column ends at 380, the indent takes 40 of it.
    assert first.box[2] == second.box[2] and 330 <= first.box[2] <= 340
    assert document.image.getpixel((379, 30)) == RED
    assert document.image.getpixel((20, 30)) == (255, 255, 255)
    kept = layout([paragraph("    " + f"{HEBREW} " * 8, preserve=True)], STYLE).lines
    assert len(kept) > 2 and len({line.box[2] // 3 for line in kept}) == 1
    space = open_font(find_font("aileron"), 20).getlength(" ")
    assert kept[0].box[2] == pytest.approx(380 - 4 * space, abs=3)


def test_decorations_are_inside_the_box_of_their_line() -> None:
    for look in ({"underline": True}, {"strike": True}, {"background": (0, 0, 0)}):
        for text in ("....", "x \u4f60", "aa bb"):
            spans = (Span(text=text, **look),)  # type: ignore[arg-type]
            document = layout([Paragraph(spans=spans)], STYLE)
            image = document.image.copy()
            image.paste(255, document.lines[0].box)
            assert image.getextrema() == (255, 255), (look, text)


def test_images_without_pixels_are_refused() -> None:
    for size in ((0, 5), (5, 0)):
        empty = Image.new("L", size)
        for block in (Figure(image=empty), Paragraph(spans=(Span(text="f", image=empty),))):
            with pytest.raises(ValueError, match="an image has size"):
                layout([block], STYLE)


def test_images_keep_their_transparency_and_grey_in_every_mode() -> None:
    palette = Image.new("P", (30, 20), 0)
    palette.putpalette([200, 0, 0, 0, 200, 0])
    palette.paste(1, (0, 0, 10, 20))
    palette.info["transparency"] = 0
    deep = Image.new("I;16", (30, 20), 0x8000)
    for make in (
        lambda image: Figure(image=image, align="left"),
        lambda image: Paragraph(spans=(Span(text="f", image=image),)),
    ):
        picture = layout([make(palette)], STYLE).image
        assert {color for _, color in picture.getcolors()} == {(0, 200, 0), (255, 255, 255)}
        grey = layout([make(deep)], STYLE).image
        assert grey.mode == "L" and {level for _, level in grey.getcolors()} == {128, 255}
        bits = layout([make(Image.new("1", (30, 20)))], STYLE).image
        assert bits.mode == "L" and {level for _, level in bits.getcolors()} == {0, 255}


def page_texts(document: Document) -> list[list[str]]:
    return [[line.text for line in page.lines] for page in document.pages]


def four_lines_high(**options: object) -> PageStyle:
    return PageStyle(
        width=400, height=40 + 4 * PITCH, margin=20, font="aileron", font_size=20, **options
    )  # type: ignore[arg-type]


def test_a_figure_stays_with_its_caption_and_shrinks_until_both_fit() -> None:
    figure = Figure(image=Image.new("RGB", (30, 60), RED), caption="below")
    document = layout([paragraph("a\nb", preserve=True), figure], four_lines_high())
    assert page_texts(document) == [["a", "b"], ["below"]]
    tall = Figure(image=Image.new("RGB", (100, 3000), RED), caption="below")
    (page,) = layout([tall], four_lines_high()).pages
    number = {color: number for number, color in page.image.getcolors(10**5)}[RED]
    room = 4 * PITCH - PITCH - 6  # a caption and the gap of 0.3 em above it
    assert number == room * int(100 * room / 3000)


@pytest.mark.parametrize(
    ("heading", "stays"),
    [
        (Span(text="T", bold=True), True),
        (Span(text="T", scale=1.1), True),
        (Span(text="T"), False),
        (Span(text="T", scale=1.05), False),
    ],
)
def test_a_heading_is_never_the_last_line_of_a_page(heading: Span, stays: bool) -> None:
    before, after = paragraph("a\nb\nc", preserve=True), paragraph("d\ne", preserve=True)
    title = Paragraph(spans=(heading,), space_after=0)
    pages = page_texts(layout([before, title, after], four_lines_high(line_height=1.3)))
    assert pages == (
        [["a", "b", "c"], ["T", "d", "e"]] if stays else [["a", "b", "c", "T"], ["d", "e"]]
    )
    last = page_texts(layout([before, title], four_lines_high()))
    assert last == [["a", "b", "c", "T"]] or heading.scale > 1.05  # nothing follows


def test_bold_lines_in_a_row_are_text_and_fill_their_pages() -> None:
    lines = [Paragraph(spans=(Span(text=c, bold=True),), space_after=0) for c in "abcdefgh"]
    assert page_texts(layout(lines, four_lines_high())) == [list("abcd"), list("efgh")]


def test_the_padding_of_a_panel_stays_with_its_text() -> None:
    inside = paragraph("d\ne", preserve=True)
    panel = Panel(blocks=(inside,), background=GREY, title="T", padding=0.2)
    document = layout([paragraph("a\nb", preserve=True), panel], four_lines_high())
    # Padding and title would fit the first page, but not the first line below them.
    assert page_texts(document) == [["a", "b"], ["T", "d", "e"]]
    assert document.pages[0].image.getpixel((25, 20 + 2 * PITCH + 2)) == 255
    # Room for the upper padding and three lines, but not for the padding below them.
    lines = paragraph("a\nb\nc", preserve=True)
    style = replace(four_lines_high(), height=40 + 4 + 3 * PITCH)
    below = layout([Panel(blocks=(lines,), background=GREY, padding=0.2)], style)
    assert page_texts(below) == [["a", "b"], ["c"]]


def test_a_page_break_inside_a_panel_closes_it_and_opens_it_again() -> None:
    blocks = (paragraph("a"), PageBreak(), paragraph("b"))
    border = (0, 0, 0)
    panel = Panel(blocks=blocks, background=GREY, border=border, padding=0.5)
    outer = Panel(blocks=(panel,), background=None, padding=0.5)
    for block, edge in ((panel, 20), (outer, 30)):
        document = layout([block], STYLE)
        assert page_texts(document) == [["a"], ["b"]]
        for page in document.pages:
            column = [page.image.getpixel((200, y)) for y in range(page.image.height)]
            dark = [y for y, level in enumerate(column) if level == 0]
            assert dark == [edge, edge + PITCH + 20 - 1]  # a whole frame on either page


def test_cells_as_wide_as_their_text_do_not_wrap() -> None:
    texts = (f"({HEBREW}) f", "\u0642\u0627\u0644 \u0633\u0633", "fj Wf", "\u4f60\u597d")
    for size in (9, 14, 23, 31):
        for font in ("aileron", "sans", "lora"):
            cells = (tuple((Span(text=text, italic=True),) for text in texts),)
            style = PageStyle(width=1200, font=font, font_size=size)
            document = layout([TableBlock(rows=cells, header_rows=0)], style)
            assert [line.text for line in document.lines] == list(texts)
