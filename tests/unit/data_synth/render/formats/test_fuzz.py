"""Hostile input to every format: pages or a ValueError of one clear line, and always soon."""

import random
import time
import unicodedata

import pytest

from data_synth.render import PageStyle, layout
from data_synth.render.formats import FORMATS, Source, source_blocks

CASES_PER_FORMAT = 40
STYLE = PageStyle(width=400, height=600, font_size=12, max_pages=200)
PIECES = (
    "{", "}", "[", "]", "(", ")", "<", ">", "$", "$$", "\\", "\\\\", "&", "#", "%", "_", "^", "~",
    "*", "**", "`", "```", "|", "|--|", "-", "- ", "1. ", "> ", "# ", ":", ": ", ",", ";", "'", '"',
    "\n", "\n\n", "  ", "\t", "\r", "\f", "\x00", "\x1b[31m", "\x1b[", "\x1b]0;", "\x07", "\ud800",
    "\udfff", "\ufeff", "\u200b", "\u202e", "\u0301", "\U0001f469\u200d\U0001f680", "\u4e2d",
    "\u05d0", "\U0010ffff", "a", "word ", "1", "2.50", "true", "null", "&a ", "*a", "!!x ", "<<: ",
    "\\frac", "\\text", "\\begin{", "\\end{", "\\left", "\\right", "\\begin{pmatrix}", "\\input",
    "\\begin{align}", "\\end{align}", "\\section", "\\item", "\\begin{itemize}", "\\write18",
    "#read(\"/etc/passwd\")", "![x](", "](y)", "http://", "<!-- ", " -->", "<br>", "title: ",
    "items: ", "- {name: a, price: 1}", "{\"a\": ", "def f(): ", "\"\"\"", "/*", "//", "\\u0000",
    "x" * 300,
)  # fmt: skip


def hostile(rng: random.Random) -> str:
    """A few pieces, or one of them many times."""
    if rng.random() < 0.15:
        return rng.choice(PIECES) * rng.choice((100, 3000))
    return "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 60)))


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_input_gives_pages_or_one_clear_line(name: str) -> None:
    rng = random.Random(f"fuzz {name}")
    drawn = 0
    for _ in range(CASES_PER_FORMAT):
        text = hostile(rng)
        start = time.perf_counter()
        try:
            lexer = rng.choice(("", "python", "c", "html", "tex"))
            blocks = source_blocks(Source(text=text, lexer=lexer), STYLE, format_name=name)
            # Layout has tests of its own for very long words.
            document = layout(blocks, STYLE) if len(text) < 2000 else None
        except ValueError as error:
            message = str(error)
            assert 10 < len(message) < 400, (text, message)
            assert not any(unicodedata.category(char) == "Cs" for char in message), text
        else:
            drawn += 1
            assert blocks
            assert document is None or (document.pages and document.text)
        assert time.perf_counter() - start < 5, text
    assert drawn > 0 or name in ("math", "json", "records", "json-tree", "form", "receipt")
