"""Terminal sessions: exact colours, movement, and no escape left over."""

import pytest

from data_synth.render import Panel, Paragraph, Span
from data_synth.render.formats.terminal import (
    BACKGROUND,
    FOREGROUND,
    PALETTE,
    color_256,
    terminal_blocks,
)


def spans(source: str) -> list[Span]:
    (panel,) = terminal_blocks(source)
    assert isinstance(panel, Panel)
    (paragraph,) = panel.blocks
    assert isinstance(paragraph, Paragraph) and paragraph.preserve
    return list(paragraph.spans)


def shown(source: str) -> str:
    return "".join(span.text for span in spans(source))


def look(source: str) -> Span:
    (span,) = spans(source)
    return span


@pytest.mark.parametrize(
    ("code", "color"),
    [
        ("31", PALETTE[1]),
        ("97", PALETTE[15]),
        ("38;5;9", PALETTE[9]),
        ("38;5;16", (0, 0, 0)),
        ("38;5;196", (255, 0, 0)),  # 16 + 36 * 5
        ("38;5;67", (95, 135, 175)),  # 16 + 36 * 1 + 6 * 2 + 3
        ("38;5;232", (8, 8, 8)),
        ("38;5;255", (238, 238, 238)),
        ("38;2;1;2;3", (1, 2, 3)),
        ("38:2::1:2:3", (1, 2, 3)),
        ("38;2;300;2;3", (255, 2, 3)),
        ("38;5;999", FOREGROUND),
        ("31;39", FOREGROUND),
        ("31;0", FOREGROUND),
        ("", FOREGROUND),
        ("38", FOREGROUND),
        ("1234567;31", PALETTE[1]),
    ],
)
def test_foreground_colours_are_exact(code: str, color: tuple[int, int, int]) -> None:
    assert look(f"\x1b[{code}mx").color == color


def test_background_and_reverse() -> None:
    assert look("\x1b[44mx").background == PALETTE[4]
    assert look("\x1b[48;2;9;8;7mx").background == (9, 8, 7)
    reverse = look("\x1b[7;31mx")
    assert (reverse.color, reverse.background) == (BACKGROUND, PALETTE[1])
    assert look("\x1b[102mx").background == PALETTE[10]


def test_styles_go_on_and_off() -> None:
    on = look("\x1b[1;3;4;9mx")
    assert (on.bold, on.italic, on.underline, on.strike) == (True,) * 4
    off = look("\x1b[1;3;4;9m\x1b[22;23;24;29mx")
    assert (off.bold, off.italic, off.underline, off.strike) == (False,) * 4
    assert look("\x1b[2mx").color == tuple(
        (2 * f + b) // 3 for f, b in zip(FOREGROUND, BACKGROUND, strict=True)
    )


def test_a_colour_lasts_over_lines_until_it_is_reset() -> None:
    first, _, second, third = spans("\x1b[32ma\nb\x1b[mc")
    assert (first.color, second.color, third.color) == (PALETTE[2], PALETTE[2], FOREGROUND)


def test_prompts_are_told_from_output() -> None:
    prompt, command, *rest = spans("$ ls -l\ntotal $ 5")
    assert (prompt.text, prompt.bold, command.text, command.bold) == ("$ ", True, "ls -l", True)
    assert prompt.color == (138, 226, 52)
    assert [span.text for span in rest] == ["\n", "total $ 5"] and not rest[1].bold
    assert spans("me@host:~/x$ cd ..")[0].text == "me@host:~/x$ "


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("abc\rX", "Xbc"),
        ("10%\r100%\n", "100%\n".strip()),
        ("loading\r\x1b[Kdone", "done"),
        ("abc\x1b[2Kd", "   d"),
        ("ab\b\x1b[Kc", "ac"),
        ("abc\b\b\x1b[1Kx", " xc"),
        ("a\tb", "a       b"),
        ("a\x07b", "ab"),
        ("x\x1b[2J\x1b[10;5H\x1b[?25ly", "xy"),
        ("\x1b]0;title\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\b", "alinkb"),
        ("\x1b(B\x1b=\x1b>\x1bcx", "x"),
        ("x\x1b[", "x"),
        ("x\x1b", "x"),
        ("x\x1b]never ends", "x"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_movement_and_other_escapes(source: str, expected: str) -> None:
    assert shown(source) == expected


@pytest.mark.parametrize(
    "source",
    ["\x1b[" + "1;" * 200_000 + "mx", "\x1b]" * 100_000 + "\x07x", "\x1b" * 300_000 + "yx"],
)
def test_long_escapes_take_linear_time(source: str) -> None:
    assert shown(source) == "x"


@pytest.mark.parametrize("source", ["", "\x1b[31m\n", "a\x01", "\ud800"])
def test_nothing_to_show_and_junk_are_refused(source: str) -> None:
    with pytest.raises(ValueError, match=r"empty|shows nothing|non-character"):
        terminal_blocks(source)


def test_256_colours_have_a_range() -> None:
    with pytest.raises(ValueError, match="colour 256"):
        color_256(256)
    assert len({color_256(i) for i in range(16, 232)}) == 216
