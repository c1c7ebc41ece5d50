"""Source code: the tokens joined are the source, colours follow the theme."""

import pytest

from data_synth.render import PageStyle, Panel, Paragraph, Span
from data_synth.render.formats.code import code_blocks, highlight, knows_file
from data_synth.render.themes import luminance

LIGHT, DARK = PageStyle(), PageStyle(theme="dark")
SOURCES = {
    "python": 'def f(x):\n\t"""Doc."""\n\n\n    return x  # end\n\n',
    "c": "\n\n#include <a.h>\nint main(void) {\n\treturn 0; /* x */\n}",
    "json": '{"a": [1, 2.50, null]}\n',
    "html": "<p class='x'>a &amp; b</p>\n   ",
    "brainfuck": "+++[>+<-].",
    "bash": 'for i in *; do echo "$i"; done\n',
    "text": "anything \u4e2d\u6587 at all\n",
}


def joined(spans: list[Span]) -> str:
    return "".join(span.text for span in spans)


@pytest.mark.parametrize("language", SOURCES)
def test_spans_joined_are_the_source(language: str) -> None:
    spans = highlight(SOURCES[language], LIGHT, lexer=language)
    assert joined(spans) == SOURCES[language]
    assert all(span.mono for span in spans)


def test_this_file_joined_is_this_file() -> None:
    with open(__file__, encoding="utf-8") as file:
        source = file.read()
    spans = highlight(source, DARK, file_name="a.py")
    assert joined(spans) == source
    assert len(spans) < len(source) / 4  # neighbours of one look are merged


def test_a_keyword_and_a_comment_have_colours_of_their_own() -> None:
    spans = highlight("def f(): pass  # why\n", LIGHT, lexer="python")
    look = {span.text.strip(): (span.color, span.bold, span.italic) for span in spans}
    # From the documentation of Pygments' default style.
    assert look["def"] == ((0x00, 0x80, 0x00), True, False)
    assert look["# why"] == ((0x3D, 0x7B, 0x7B), False, True)
    assert look["f"] == ((0x00, 0x00, 0xFF), False, False)


@pytest.mark.parametrize(("style", "ground"), [(LIGHT, 255.0), (DARK, 28.0)])
def test_every_colour_reads_on_the_page(style: PageStyle, ground: float) -> None:
    spans = highlight(SOURCES["python"] + SOURCES["c"], style, lexer="python")
    colors = [span.color for span in spans if span.color is not None]
    assert colors and all(abs(luminance(color) - ground) > 80 for color in colors)


def test_tabs_reach_the_next_multiple_of_four_columns() -> None:
    (block,) = code_blocks("a\tb\n\tc\n", LIGHT)
    assert isinstance(block, Paragraph)
    assert joined(list(block.spans)) == "a   b\n    c"


def test_line_numbers_stand_beside_their_lines() -> None:
    blocks = code_blocks("\n".join(f"x{i}" for i in range(12)) + "\n", LIGHT, line_numbers=True)
    assert [block.marker for block in blocks if isinstance(block, Paragraph)] == [
        str(i) for i in range(1, 13)
    ]
    assert [joined(list(block.spans)) for block in blocks if isinstance(block, Paragraph)] == [
        f"x{i}" for i in range(12)
    ]
    assert all(isinstance(block, Paragraph) and block.preserve for block in blocks)


def test_a_string_over_several_lines_keeps_its_colour_on_each() -> None:
    blocks = code_blocks('x = """a\nb"""\n', LIGHT, lexer="python", line_numbers=True)
    first, second = (block for block in blocks if isinstance(block, Paragraph))
    assert first.spans[-1].text == '"""a' and second.spans[0].text == 'b"""'
    assert first.spans[-1].color == second.spans[0].color is not None


def test_a_panel_has_a_ground_of_its_own() -> None:
    (panel,) = code_blocks("x", DARK, panel=True)
    assert isinstance(panel, Panel) and panel.background == (44, 44, 44)


def test_a_language_is_found_by_file_name() -> None:
    by_name = highlight("int x;\n", LIGHT, lexer="c")
    assert highlight("int x;\n", LIGHT, file_name="a.c") == by_name
    assert knows_file("Makefile") and not knows_file("a.nothing")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lexer": "pyhton"}, "unknown language 'pyhton': did you mean .*python"),
        ({"lexer": "\u4e2d"}, "use an alias of Pygments"),
        ({"file_name": "a.nothing"}, "no language is known for 'a.nothing'"),
    ],
)
def test_an_unknown_language_is_an_error(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        code_blocks("x", LIGHT, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "empty"),
        (" \n\t\n", "empty"),
        ("a\nb\x00c", r"U\+0000 in line 2, column 2"),
        ("a\ud800", r"U\+D800 in line 1, column 2"),
        ("x" * 500_001, "500001 characters"),
    ],
)
def test_junk_is_refused_with_its_place(source: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        code_blocks(source, LIGHT, lexer="python")
