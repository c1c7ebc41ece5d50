"""Plain text as page images, and text problems whose question must be read from a picture."""

from dataclasses import replace
from typing import Any

from data_synth.fonts import find_font, han_font
from data_synth.png import encode_png
from data_synth.problem import Modality, Problem, Region
from data_synth.render.blocks import Paragraph, Span
from data_synth.render.faces import load_face
from data_synth.render.inline import Typesetter
from data_synth.render.layout import layout
from data_synth.render.normal import normalise
from data_synth.render.page import MIN_FONT_SIZE, Document, PageStyle

_PROBE_SIZE = 64
RENDERED_QUESTION = {"en": "Answer the question in the picture.", "zh": "回答图中的问题。"}


def render_text(text: str, style: PageStyle | None = None, **options: Any) -> Document:
    """Draw text, wrapped to the width; newlines, indentation and inner spaces are kept.

    `options` are fields of `PageStyle`. Without a style that says otherwise the text must fit one
    page. Text is normalised to NFC, tabs move to multiples of four columns, and a wrapped line goes
    on under its own indentation.

    Raises:
        ValueError: the text does not fit (the message names the size it needs), is empty, or holds
            a character that cannot be drawn.
    """
    style = replace(style or PageStyle(max_pages=1), **options)
    text = normalise(text)
    lines = "\n".join(line.rstrip(" ") for line in text.rstrip().split("\n"))
    return layout([Paragraph(spans=(Span(text=lines),), preserve=True, space_after=0)], style)


def render_problem(problem: Problem, style: PageStyle | None = None, **options: Any) -> Problem:
    """Turn a text-only problem into one whose question must be read from pictures, one per page.

    The question becomes the pictures, with the box of every line in `regions`, and `text_twin`, so
    that the two forms can be compared. Arguments and errors are those of `render_text`.
    """
    if problem.images:
        raise ValueError(
            f"problem {problem.id} of {problem.source} already has {len(problem.images)} image(s): "
            "render_problem takes problems that are text only"
        )
    document = render_text(problem.question, style, **options)
    regions = tuple(
        Region(image=number, text=line.text, box=line.box)
        for number, page in enumerate(document.pages)
        for line in page.lines
    )
    return replace(
        problem,
        question=RENDERED_QUESTION.get(problem.language, RENDERED_QUESTION["en"]),
        images=tuple(encode_png(page.image) for page in document.pages),
        text_twin=problem.question,
        regions=regions,
        modality=Modality.RENDERED,
        id="",
    )


def fit_font_size(
    text: str, *, width: int, height: int, font: str = "sans", margin: int = 0
) -> int:
    """The largest font size at which `render_text` fits the text without wrapping a line.

    Raises:
        ValueError: it does not fit even at `MIN_FONT_SIZE`.
    """
    lines = [line.rstrip(" ") for line in normalise(text).rstrip().split("\n")]
    line_height, han = PageStyle().line_height, han_font(text)
    room = width - 2 * margin

    def fits(size: int) -> bool:
        typesetter = Typesetter(PageStyle(width=max(width, 64), margin=0, font=font), size, han)
        face = typesetter.face(Span(text=""))
        pitch = max(round(line_height * size), face.ascent + face.descent)
        if len(lines) * pitch > height - 2 * margin:
            return False
        return all(
            max(line.width for line in typesetter.lines([Span(text=text)], 10**6, preserve=True))
            <= room
            for text in lines
            if text
        )

    # Widths grow with the size but for rounding: start a little above the estimate, and step down.
    probe = load_face(find_font(font), _PROBE_SIZE)
    widest = max(probe.extent(line) for line in lines) / _PROBE_SIZE
    by_width = (width - 2 * margin) / max(widest, 0.01)
    by_height = (height - 2 * margin) / (len(lines) * line_height)
    low = int(min(by_width, by_height, height)) + 2
    while low >= MIN_FONT_SIZE and not fits(low):
        low -= 1
    if low < MIN_FONT_SIZE:
        raise ValueError(
            f"{len(lines)} lines of text do not fit {width} x {height} pixels at font size "
            f"{MIN_FONT_SIZE}: enlarge the image"
        )
    return low
