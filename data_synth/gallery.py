"""Problems to look at: one HTML page without any outside resource, and a contact sheet.

Looking at samples of every source is how faults in questions, drawings and answers are found.
"""

import base64
import html
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image

from data_synth.images import decode_image, image_header
from data_synth.png import encode_png
from data_synth.problem import Problem
from data_synth.render import render_text
from data_synth.storage import check_output_folder
from data_synth.style import PLAIN_FONT
from data_synth.verify import readable_reference

PAGE_NAME = "index.html"
SHEET_NAME = "contact_sheet.png"
_CELL = 224
_CAPTION_HEIGHT = 58
_CAPTION_SIZE = 12
_CAPTION_LINES = 3
_CAPTION_CHARS = 120
_GAP = 12
_SHEET_COLUMNS = 6
# Images smaller than this are enlarged by whole pixels instead of being smoothed.
_PIXELATED_BELOW = 200

# `default-src 'none'` makes the browser itself refuse any request.
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --page: #f5f5f2; --card: #fff; --ink: #1c1c1a; --soft: #66665f;
  --line: #dcdcd4; --accent: #2456c8; }}
@media (prefers-color-scheme: dark) {{ :root {{ --page: #161618; --card: #202024; --ink: #e9e9e4;
  --soft: #a0a09a; --line: #37373d; --accent: #8fb0ff; }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; max-width: 1500px; padding: 2rem 1.5rem 4rem; background: var(--page);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }}
h1 {{ margin: 0; font-size: 1.6rem; }}
h2 {{ margin: 2.5rem 0 .8rem; font-size: 1.2rem; }}
h2 small, .note {{ color: var(--soft); font-size: .85rem; font-weight: normal; }}
nav {{ display: flex; flex-wrap: wrap; gap: .4rem 1rem; margin-top: .8rem; }}
a {{ color: var(--accent); }}
.grid {{ display: grid; gap: 1rem; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(min(260px, 100%), 1fr)); }}
article {{ background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  overflow: hidden; }}
article img {{ display: block; width: 100%; height: auto; background: #fff; }}
article img.small {{ image-rendering: pixelated; }}
.body {{ padding: .8rem 1rem 1rem; overflow-wrap: anywhere; }}
.body p {{ margin: 0 0 .5rem; white-space: pre-wrap; }}
.answer {{ font: 600 .95rem ui-monospace, monospace; color: var(--accent); }}
details {{ margin-top: .4rem; font-size: .88rem; }}
summary {{ cursor: pointer; color: var(--soft); }}
pre {{ margin: .4rem 0 0; white-space: pre-wrap; font: .82rem/1.45 ui-monospace, monospace; }}
.tags {{ display: flex; flex-wrap: wrap; gap: .3rem; margin: .7rem 0 0; padding: 0; }}
.tags li {{ list-style: none; border: 1px solid var(--line); border-radius: 99px; padding: 0 .55rem;
  color: var(--soft); font-size: .75rem; }}
</style>
</head>
<body>
"""


def write_gallery(
    problems: Iterable[Problem], folder: Path, *, title: str = "Problems", overwrite: bool = False
) -> tuple[Path, Path]:
    """Write the page and the contact sheet to a folder; returns their paths.

    Raises:
        ValueError: nothing to show, or a folder that holds other files (`check_output_folder`).
    """
    problems = list(problems)
    if not problems:
        raise ValueError("no problem to show: the source is empty")
    check_output_folder(folder, overwrite=overwrite, suffixes=(".html", ".png"))
    folder.mkdir(parents=True, exist_ok=True)
    page, sheet = folder / PAGE_NAME, folder / SHEET_NAME
    page.write_text(gallery_html(problems, title=title), encoding="utf-8")
    sheet.write_bytes(encode_png(contact_sheet(problems)))
    return page, sheet


def gallery_html(problems: Sequence[Problem], *, title: str = "Problems") -> str:
    """A self-contained page, problems grouped by source in the order of their appearance."""
    groups: dict[str, list[Problem]] = {}
    for problem in problems:
        groups.setdefault(problem.source, []).append(problem)
    links = "".join(
        f'<a href="#s{number}">{_escape(source)}</a>' for number, source in enumerate(groups)
    )
    sections = (
        _section(f"s{number}", source, group)
        for number, (source, group) in enumerate(groups.items())
    )
    return (
        _HEAD.format(title=_escape(title))
        + f"<h1>{_escape(title)}</h1>\n"
        + f'<div class="note">{_plural(len(problems), "problem")} from '
        + f"{_plural(len(groups), 'source')}</div>\n<nav>{links}</nav>\n"
        + "\n".join(sections)
        + "\n</body>\n</html>\n"
    )


def contact_sheet(problems: Sequence[Problem], *, columns: int = _SHEET_COLUMNS) -> Image.Image:
    """The first image of every problem with its source, level and answer, in reading order."""
    columns = min(columns, len(problems))
    num_rows = -(-len(problems) // columns)
    step_x, step_y = _CELL + _GAP, _CELL + _CAPTION_HEIGHT + _GAP
    sheet = Image.new("RGB", (columns * step_x + _GAP, num_rows * step_y + _GAP), (222, 222, 216))
    for number, problem in enumerate(problems):
        row, column = divmod(number, columns)
        x, y = _GAP + column * step_x, _GAP + row * step_y
        sheet.paste((255, 255, 255), (x, y, x + _CELL, y + _CELL + _CAPTION_HEIGHT))
        if problem.images:
            image = _thumbnail(problem.images[0])
            sheet.paste(image, (x + (_CELL - image.width) // 2, y + (_CELL - image.height) // 2))
        sheet.paste(_caption(problem), (x, y + _CELL))
    return sheet


def take_spread(problems: Iterable[Problem], count: int) -> list[Problem]:
    """The first `count` problems of each source of a stream."""
    taken: dict[str, list[Problem]] = {}
    for problem in problems:
        group = taken.setdefault(problem.source, [])
        if len(group) < count:
            group.append(problem)
    return [problem for group in taken.values() for problem in group]


def _section(anchor: str, source: str, problems: Sequence[Problem]) -> str:
    first = problems[0]
    facts = f"{first.domain} / {first.discipline}, {first.answer_type} by {first.verifier}"
    cards = "\n".join(_card(problem) for problem in problems)
    return (
        f'<section id="{anchor}">\n<h2>{_escape(source)} <small>{_escape(facts)}</small></h2>\n'
        f'<div class="grid">\n{cards}\n</div>\n</section>'
    )


def _card(problem: Problem) -> str:
    images = "".join(
        _image(image, f"image {number} of problem {problem.id}")
        for number, image in enumerate(problem.images, start=1)
    )
    tags = (
        f"level {problem.difficulty}",
        problem.modality.value,
        f"{problem.split} {problem.index}",
        f"seed {problem.seed}",
        problem.licence,
        problem.id,
    )
    answer = readable_reference(problem.verifier, problem.answer)
    return (
        f'<article>{images}<div class="body"><p>{_escape(problem.question)}</p>'
        f'<div class="answer">{_escape(answer)}</div>'
        + _details("reasoning", problem.reasoning)
        + _details("as text", problem.text_twin or "")
        + '<ul class="tags">'
        + "".join(f"<li>{_escape(tag)}</li>" for tag in tags)
        + "</ul></div></article>"
    )


def _details(summary: str, text: str) -> str:
    if not text:
        return ""
    return f"<details><summary>{summary}</summary><pre>{_escape(text)}</pre></details>"


def _image(data: bytes, description: str) -> str:
    kind, (width, height) = image_header(data)
    small = ' class="small"' if max(width, height) < _PIXELATED_BELOW else ""
    encoded = base64.b64encode(data).decode("ascii")
    return (
        f'<img{small} width="{width}" height="{height}" alt="{_escape(description)}" '
        f'src="data:image/{kind.lower()};base64,{encoded}">'
    )


def _thumbnail(data: bytes) -> Image.Image:
    """The image at the size of a cell; small ones are enlarged by a whole factor."""
    image = decode_image(data).convert("RGB")
    factor = _CELL // max(image.size)
    if factor >= 1:
        return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    image.thumbnail((_CELL, _CELL))
    return image


def _caption(problem: Problem) -> Image.Image:
    lines = (f"{problem.source} {problem.difficulty}: {problem.answer}", problem.question)
    # The embedded face holds little beyond ASCII, and the HTML page shows the exact text.
    plain = [re.sub("[^ -~]", "?", " ".join(line.split())) for line in lines]
    short = [line[:_CAPTION_CHARS] for line in plain]
    page = render_text(
        "\n".join(short),
        width=_CELL,
        font=PLAIN_FONT,
        font_size=_CAPTION_SIZE,
        margin=4,
        line_height=1.15,
    )
    last = page.lines[:_CAPTION_LINES][-1]
    return page.image.crop((0, 0, _CELL, last.box[3]))


def _escape(text: str) -> str:
    return html.escape(text, quote=True)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
