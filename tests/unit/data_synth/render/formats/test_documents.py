"""Plain text, markdown, LaTeX text, and the choice of a format by name."""

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from data_synth.render import (
    Figure,
    PageBreak,
    PageStyle,
    Panel,
    Paragraph,
    Rule,
    Spacer,
    Span,
    TableBlock,
)
from data_synth.render.formats import FORMATS, Source, guess_format, source_blocks
from data_synth.render.formats.latex import latex_blocks, math_blocks
from data_synth.render.formats.markdown import HEADING_SCALES, markdown_blocks
from data_synth.render.formats.pictures import open_picture
from data_synth.render.formats.plain import plain_blocks

STYLE = PageStyle()


def words(blocks: Any) -> str:
    """The twin of all blocks, one line each."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            lines.append(block.marker + "".join(span.text for span in block.spans))
        elif isinstance(block, Figure):
            lines.append(block.text)
        elif isinstance(block, TableBlock):
            lines += [
                " | ".join("".join(span.text for span in cell) for cell in row)
                for row in block.rows
            ]
        elif isinstance(block, Panel):
            lines.append(words(block.blocks))
        elif isinstance(block, PageBreak):
            lines.append("=====")
        elif isinstance(block, Rule):
            lines.append("-----")
    return "\n".join(lines)


def paragraph(blocks: Any) -> Paragraph:
    (block,) = (block for block in blocks if not isinstance(block, Spacer))
    assert isinstance(block, Paragraph)
    return block


# Plain text


def test_plain_text_keeps_lines_and_breaks_pages_at_form_feeds() -> None:
    blocks = plain_blocks("a  b\r\n\tc\t\n\n\f\nsecond\f\fthird\n")
    assert blocks == [
        Paragraph(spans=(Span(text="a  b\n    c"),), preserve=True, space_after=0),
        PageBreak(),
        Paragraph(spans=(Span(text="second"),), preserve=True, space_after=0),
        PageBreak(),
        PageBreak(),
        Paragraph(spans=(Span(text="third"),), preserve=True, space_after=0),
    ]


@pytest.mark.parametrize(
    "text", ["", " \n\f\t", "a\x00", "\udcff", "x\x1b[31m", "\x85", "\ufffe", "\u200b"]
)
def test_plain_text_refuses_junk(text: str) -> None:
    with pytest.raises(ValueError, match=r"empty|non-character U\+"):
        plain_blocks(text)


# Markdown

MARKDOWN = r"""# Title with $x^2$

Some *em*, **bold**, `code`, ~~gone~~, [a link](http://a.b/c) and $\frac12$\
after a break. <b>raw</b> <!-- hidden -->

- [ ] todo
- [x] done
  1. nested
  2. **two**

> quoted *words*

| name | n |
|:-----|--:|
| a `b` | $y$ |

```python
def f(): return 1
```

    indented

$$
\sum_i i
$$

---

<!-- pagebreak -->
The end &amp; more.
"""


def test_the_twin_of_markdown_holds_everything_in_order() -> None:
    assert words(markdown_blocks(MARKDOWN, STYLE)).split("\n") == [
        "Title with $x^2$",
        "Some em, bold, code, gone, a link and $\\frac12$",
        "after a break. <b>raw</b> ",
        "\u2022\u2610 todo",
        "\u2022\u2611 done",
        "1.nested",
        "2.two",
        "quoted words",
        "name | n",
        "a b | $y$",
        "def f(): return 1",
        "indented",
        "$$\\sum_i i$$",
        "-----",
        "=====",
        "The end & more.",
    ]


def test_markdown_looks() -> None:
    blocks = markdown_blocks(MARKDOWN, STYLE)
    heading = blocks[0]
    assert isinstance(heading, Paragraph)
    assert all(span.bold and span.scale == HEADING_SCALES[0] for span in heading.spans)
    second = blocks[1]
    assert isinstance(second, Paragraph)
    spans = {span.text: span for span in second.spans}
    assert spans["em"].italic and spans["bold"].bold and spans["gone"].strike
    assert spans["code"].mono and spans["code"].background is not None
    assert spans["a link"].underline and spans["a link"].color is not None
    (table,) = (block for block in blocks if isinstance(block, TableBlock))
    assert table.align == ("left", "right") and table.header_rows == 1
    (quote,) = (b for b in blocks if isinstance(b, Paragraph) and b.left_bar is not None)
    assert quote.indent > 0
    items = [b for b in blocks if isinstance(b, Paragraph) and b.marker]
    assert items[2].indent == 2 * items[0].indent


def test_a_formula_in_a_heading_is_as_large_as_the_heading() -> None:
    (large,) = (s for s in paragraph(markdown_blocks("# $x$", STYLE)).spans if s.image)
    (small,) = (s for s in paragraph(markdown_blocks("$x$", STYLE)).spans if s.image)
    assert large.image is not None and small.image is not None
    assert large.image.height == pytest.approx(HEADING_SCALES[0] * small.image.height, abs=2)


def test_dollars_of_prices_are_no_formula() -> None:
    assert words(markdown_blocks("It costs $5 or $10, \\$3.", STYLE)) == "It costs $5 or $10, $3."


def test_an_unknown_fence_is_set_without_colours() -> None:
    (panel, _) = markdown_blocks("```mermaid\ngraph TD\n```", STYLE)
    assert isinstance(panel, Panel) and words([panel]) == "graph TD"


def test_an_empty_list_item_and_an_empty_fence_are_kept() -> None:
    assert words(markdown_blocks("-\n- b\n\n```\n```\n", STYLE)).split("\n")[:2] == [
        "\u2022",
        "\u2022b",
    ]


def test_nothing_is_lost_however_deep_it_is_nested() -> None:
    assert words(markdown_blocks(">" * 30 + " x", STYLE)) == "x"
    assert words(markdown_blocks("*" * 5000 + "x" + "[" * 5000, STYLE)).strip("*[") == "x"
    lists = "".join("  " * i + f"- x{i}\n" for i in range(18))
    assert words(markdown_blocks(lists, STYLE)).count("x") == 18
    for text in (
        ">" * 40 + " x",
        ">" * 5000 + " x",
        "".join("  " * i + "- x\n" for i in range(99)),
    ):
        with pytest.raises(ValueError, match="nested deeper than 40"):
            markdown_blocks(text, STYLE)


def test_an_error_in_a_formula_names_it() -> None:
    with pytest.raises(ValueError, match=r"unsupported LaTeX command \\input, at position 0"):
        markdown_blocks("see $\\input{/etc/passwd}$", STYLE)


def test_comments_alone_show_nothing() -> None:
    with pytest.raises(ValueError, match="shows nothing"):
        markdown_blocks("<!-- only this -->", STYLE)


# Pictures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    inside.mkdir()
    Image.new("RGB", (200, 100), "red").save(inside / "red one.png")
    Image.new("L", (10, 10), 0).save(inside / "icon.png")
    Image.new("L", (10, 10), 0).save(tmp_path / "outside.png")
    return inside


def test_a_picture_on_its_own_is_a_figure_and_an_icon_stays_in_its_line(folder: Path) -> None:
    text = 'Before ![small](icon.png) text ![big](<red one.png> "Figure 1") after'
    first, figure, last = markdown_blocks(text, STYLE, folder=folder)
    assert isinstance(first, Paragraph) and isinstance(last, Paragraph)
    assert [span.image is not None for span in first.spans] == [False, True, False]
    assert isinstance(figure, Figure)
    assert (figure.caption, figure.text, figure.image.size) == ("Figure 1", "[big]", (200, 100))
    assert words([last]).strip() == "after"


def _bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("http://example.com/x.png", "is no local file"),
        ("data:image/png;base64,AAAA", "is no local file"),
        ("//host/x.png", "is no local file"),
        ("../outside.png", "outside the folder"),
        ("/etc/passwd", "outside the folder"),
        ("absent.png", "is no file"),
        ("text.png", "cannot be read"),
        ("truncated.png", "cannot be read"),
        ("bomb.png", "cannot be read: .*900000000|cannot be read: .*30000"),
        ("large.png", "cannot be read: .*8000"),
        ("short.png", "cannot be read"),
        (".", "is no file"),
        ("a\x00b", "is no path|cannot be read|is no file"),
    ],
)
def test_pictures_that_cannot_be_used_are_named(folder: Path, reference: str, message: str) -> None:
    (folder / "text.png").write_text("not an image")
    whole = (folder / "red one.png").read_bytes()
    (folder / "truncated.png").write_bytes(whole[: len(whole) // 2])
    (folder / "bomb.png").write_bytes(_bomb(30_000, 30_000))
    (folder / "large.png").write_bytes(_bomb(8000, 8000))
    (folder / "short.png").write_bytes(_bomb(500, 500))
    with pytest.raises(ValueError, match=message):
        open_picture(reference, folder)


def test_a_link_to_a_file_outside_the_folder_is_refused(folder: Path) -> None:
    (folder / "link.png").symlink_to(folder.parent / "outside.png")
    with pytest.raises(ValueError, match="outside the folder"):
        open_picture("link.png", folder)


def test_text_without_a_folder_has_no_pictures() -> None:
    with pytest.raises(ValueError, match="has no folder"):
        markdown_blocks("![x](a.png)", STYLE)


def test_rotation_palette_and_sixteen_bits_are_resolved(folder: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    Image.new("RGB", (30, 10), "blue").save(folder / "turned.jpg", exif=exif)
    assert open_picture("turned.jpg", folder).size == (10, 30)
    Image.new("P", (3, 3), 1).save(folder / "palette.png")
    assert open_picture("palette.png", folder).mode == "RGB"
    Image.new("I;16", (2, 2), 128 * 256).save(folder / "deep.png")
    assert open_picture("deep.png", folder).getpixel((0, 0)) == 128


# LaTeX text

LATEX = r"""\documentclass{article}
\newcommand{\x}{y}
\begin{document}
\section{On $x$}
Hello \textbf{bold \emph{both}} world, ``quoted'' -- 5\,\% % a comment
of \$5~each\ldots

\begin{itemize}
  \item one
  \item two
  \begin{enumerate} \item deep \end{enumerate}
\end{itemize}
\begin{align*} a &= b \\[2pt] c &= d \end{align*}
Inline \(z\) and {\it slanted} text.\\ New line. \[ x \\[2pt] y \]
\begin{verbatim}
\raw{x} $
\end{verbatim}
\newpage
End.
\end{document}
ignored \nonsense
"""


def test_the_twin_of_latex_holds_everything_in_order() -> None:
    assert words(latex_blocks(LATEX, STYLE)).split("\n") == [
        "On $x$",
        "Hello bold both world, \u201cquoted\u201d \u2013 5\u2009% of $5\u00a0each\u2026",
        "\u2022one ",
        "\u2022two ",
        "1.deep ",
        "$$\\begin{align*} a &= b \\\\[2pt] c &= d \\end{align*}$$",
        "Inline $z$ and slanted text.",
        "New line. ",
        "$$x \\\\[2pt] y$$",
        "\\raw{x} $",
        "=====",
        "End. ",
    ]


def test_latex_styles_nest_and_end_with_their_group() -> None:
    spans = paragraph(latex_blocks(r"a \textbf{b \textit{c}} {\tt d} e", STYLE)).spans
    looks = [(span.text.strip(), span.bold, span.italic, span.mono) for span in spans]
    assert [look for look in looks if look[0]] == [
        ("a", False, False, False),
        ("b", True, False, False),
        ("c", True, True, False),
        ("d", False, False, True),
        ("e", False, False, False),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n\n\\input{/etc/passwd}", r"unsupported LaTeX command \\input, in line 3"),
        ("\\write18{ls}", r"unsupported LaTeX command \\write"),
        ("\\begin{tabular}{l}x\\end{tabular}", "unsupported environment 'tabular'"),
        ("{a", "} is missing"),
        ("a}", "} has no beginning"),
        ("$x", r"\$ is missing"),
        ("\\[ x", r"\\] is missing"),
        ("\\begin{itemize}\\item x", r"\\end{itemize} is missing"),
        ("\\begin{itemize}\\end{enumerate}", r"\\end{enumerate} has no beginning"),
        ("\\item x", "outside of a list"),
        ("\\textbf x", "needs a group"),
        ("x\\", "ends with a backslash"),
        ("{" * 100, "more than 32 groups"),
        ("$\\foo$", r"unsupported LaTeX command \\foo, at position 0"),
        ("\\section{a", "{ is never closed"),
        ("$" + "x" * 5000 + "$", "missing within 2000 characters"),
        ("% nothing", "shows nothing"),
    ],
)
def test_latex_errors_name_the_line(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        latex_blocks(text, STYLE)


def test_formulas_alone_are_separated_by_empty_lines() -> None:
    assert words(math_blocks("$$a$$\n\n\\[ b\nc \\]\n\n  d\n", STYLE)) == "$$a$$\n$$b\nc$$\n$$d$$"


# Choosing a format


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", "text"),
        ("README.MD", "markdown"),
        ("a.tex", "latex"),
        ("a.py", "code"),
        ("Makefile", "code"),
        ("a.csv", "csv"),
        ("a.json", "json"),
        ("a.receipt.json", "receipt"),
        ("a.form.yaml", "form"),
        ("a.tree.yml", "yaml-tree"),
        ("a.yml", "yaml"),
        ("a.log", "terminal"),
    ],
)
def test_the_name_of_a_file_says_its_format(name: str, expected: str) -> None:
    assert guess_format(name) == expected


def test_an_unknown_format_lists_the_choices() -> None:
    with pytest.raises(ValueError, match=r"'a.nothing' is not known .* text, markdown, latex"):
        guess_format("a.nothing")
    with pytest.raises(ValueError, match=r"unknown format 'html': choose one of text, markdown"):
        source_blocks(Source(text="x"), STYLE, format_name="html")


SAMPLES = {
    "text": "word",
    "markdown": "# word",
    "latex": "\\textbf{word}",
    "math": "w",
    "code": "word = 1",
    "csv": "word,b\n1,2",
    "tsv": "word\tb\n1\t2",
    "records": '[{"word": 1}]',
    "json": '{"word": 1}',
    "json-tree": '{"word": 1}',
    "yaml": "word: 1",
    "yaml-tree": "word: 1",
    "terminal": "$ word",
    "form": "title: word",
    "receipt": "title: word",
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_builds_blocks_whose_twin_holds_the_words(name: str) -> None:
    blocks = source_blocks(Source(text=SAMPLES[name]), STYLE, format_name=name)
    assert ("$$w$$" if name == "math" else "word") in words(blocks)
    with pytest.raises(ValueError, match=r"empty|U\+0000|shows nothing"):
        source_blocks(Source(text="\x00"), STYLE, format_name=name)
    with pytest.raises(ValueError, match="empty"):
        source_blocks(Source(text=" \n"), STYLE, format_name=name)
