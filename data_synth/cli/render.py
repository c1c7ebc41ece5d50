"""The command `render`: a file, standard input or a text as page images."""

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_synth.degrade import KINDS, Degraded, degrade
from data_synth.fonts import font_names, random_font
from data_synth.png import encode_png
from data_synth.render import THEMES, Document, PageStyle, layout
from data_synth.render.formats import FORMATS, Source, source_blocks
from data_synth.seeding import derive_rng

EXAMPLES = """examples:
  python -m data_synth render --text "2 + 2 = ?" --width 200 --out sum.png
  python -m data_synth render notes.md --out page.png
      one page, as tall as the text needs
  python -m data_synth render report.md --width 896 --height 1152 --columns 2 --out pages
      as many pages as needed: pages/page-1.png, pages/page-2.png ...
  python -m data_synth render report.md --height 1152 --max-pages 1 --out page.png
      refuses what does not fit on one page, and says what it needs
  python -m data_synth render train.py --line-numbers --theme dark --dpi 144 --out code.png
  cat log.txt | python -m data_synth render - --format terminal --out log.png
  python -m data_synth render --format math --text "\\frac{a}{b} = \\sqrt{2}" --out formula.png
  python -m data_synth render order.json --format receipt --width 400 --out receipt.png
  python -m data_synth render scan.txt --font random --degrade 0.4 --seed 7 --boxes --out scan.png
      a photo-like page; scan.json holds the text, and the box of every line in the photo

The format is that of the file name, or --format:
""" + "\n".join(
    f"  {name:10} {known.summary}" + (f" ({', '.join(known.suffixes)})" if known.suffixes else "")
    for name, known in FORMATS.items()
)

MAX_FILE_BYTES = 2**25
_RANDOM = "random"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    what = parser.add_argument_group("what")
    what.add_argument("file", nargs="?", type=Path, help="UTF-8 text file, - for standard input")
    what.add_argument("--text", help="the text itself")
    what.add_argument(
        "--format",
        choices=[*FORMATS],
        metavar="NAME",
        help="see below (default: by the file name; text for --text and standard input)",
    )
    what.add_argument(
        "--lexer", default="", metavar="NAME", help="language of code, as Pygments calls it"
    )
    what.add_argument("--line-numbers", action="store_true", help="number the lines of code")
    _add_page_options(parser.add_argument_group("page"))
    photo = parser.add_argument_group("photograph")
    photo.add_argument(
        "--degrade",
        type=float,
        metavar="STRENGTH",
        help="make it look like a photo: 0 (clean) to 1 (barely readable)",
    )
    photo.add_argument(
        "--degrade-kind",
        action="append",
        choices=KINDS,
        metavar="KIND",
        help=f"one of {', '.join(KINDS)}; repeat for several (default: all)",
    )
    photo.add_argument("--seed", type=int, default=0, help="of degradation and random fonts")
    output = parser.add_argument_group("output")
    output.add_argument(
        "--out",
        type=Path,
        help="page.png, which becomes page-1.png, page-2.png ... for several pages; or a folder",
    )
    output.add_argument(
        "--boxes",
        action="store_true",
        help="also write a JSON file beside the pages: their text, and the box of every line",
    )
    output.add_argument("--list-fonts", action="store_true", help="print the names of the fonts")


def _add_page_options(page: Any) -> None:
    style = PageStyle()
    page.add_argument("--width", type=int, default=style.width, help="pixels (default %(default)s)")
    page.add_argument("--height", type=int, help="pixels (default: one page as tall as needed)")
    page.add_argument(
        "--dpi",
        type=int,
        default=style.dpi,
        help="all sizes grow by dpi / 96 (default %(default)s)",
    )
    page.add_argument(
        "--margin", type=int, default=style.margin, help="pixels (default %(default)s)"
    )
    page.add_argument("--columns", type=int, default=style.columns, help="default %(default)s")
    page.add_argument(
        "--font",
        default=style.font,
        help=f"a name (--list-fonts), a font file, or {_RANDOM} (default %(default)s)",
    )
    page.add_argument("--mono-font", default=style.mono_font, help="for code, in the same way")
    page.add_argument(
        "--font-size", type=int, default=style.font_size, help="pixels (default %(default)s)"
    )
    page.add_argument("--theme", choices=[*THEMES], default="light", help="default %(default)s")
    page.add_argument(
        "--max-pages", type=int, metavar="N", help="refuse what needs more (default: no limit)"
    )
    page.add_argument(
        "--missing",
        choices=("error", "fallback"),
        default=style.missing,
        help="characters that the font lacks: refuse them, or take them from other fonts and say "
        "how many (default %(default)s)",
    )


def run(args: argparse.Namespace) -> None:
    """Draw a text, a document or code as page images."""
    if args.list_fonts:
        print("\n".join(font_names()))
        return
    if args.out is None:
        raise ValueError("--out is missing: name a file such as page.png, or a folder")
    if args.out.suffix.lower() not in ("", ".png"):
        raise ValueError(f"--out {args.out}: pages are PNG files, name one such as page.png")
    style = _page_style(args)
    source = _read_source(args)
    document = layout(source_blocks(source, style, format_name=args.format or ""), style)
    pages = _photographs(args, document)
    paths = _page_paths(args.out, len(pages))
    paths[0].parent.mkdir(parents=True, exist_ok=True)
    for path, page in zip(paths, pages, strict=True):
        path.write_bytes(encode_png(page.image))
    if args.boxes:
        sidecar = args.out.with_suffix(".json") if args.out.suffix else args.out / "pages.json"
        sidecar.write_text(_sidecar(document, paths, pages), encoding="utf-8")
    _report(document, paths)


def _page_style(args: argparse.Namespace) -> PageStyle:
    # A stream of their own: --degrade must not change the fonts, nor the other way round.
    rng = derive_rng("render", "fonts", args.seed)
    return PageStyle(
        width=args.width,
        height=args.height,
        margin=args.margin,
        columns=args.columns,
        font=_font(args.font, rng, kind="any"),
        mono_font=_font(args.mono_font, rng, kind="mono"),
        font_size=args.font_size,
        theme=args.theme,
        dpi=args.dpi,
        max_pages=args.max_pages,
        missing=args.missing,
    )


def _font(name: str, rng: random.Random, *, kind: str) -> str:
    return random_font(rng, kind=kind) if name == _RANDOM else name


def _read_source(args: argparse.Namespace) -> Source:
    if (args.file is None) == (args.text is None):
        raise ValueError("name one source: a file, - for standard input, or --text")
    if args.text is not None:
        text, name, folder = args.text, "", None
    elif str(args.file) == "-":
        text, name, folder = _decode(sys.stdin.buffer.read(MAX_FILE_BYTES + 1), "input"), "", None
    else:
        with args.file.open("rb") as file:
            text = _decode(file.read(MAX_FILE_BYTES + 1), str(args.file))
        name, folder = args.file.name, args.file.parent
    return Source(
        text=text,
        file_name=name,
        folder=folder,
        lexer=args.lexer,
        line_numbers=args.line_numbers,
    )


def _decode(content: bytes, name: str) -> str:
    if len(content) > MAX_FILE_BYTES:
        raise ValueError(f"{name} exceeds {MAX_FILE_BYTES} bytes: split it")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:  # the file is the user's
        raise ValueError(f"{name} is not UTF-8 text ({error}): convert it first") from error


def _photographs(args: argparse.Namespace, document: Document) -> "list[_Output]":
    if args.degrade is None:
        if args.degrade_kind:
            raise ValueError("--degrade-kind needs --degrade STRENGTH, a number from 0 to 1")
        return [
            _Output(
                image=page.image, lines=[(line.text, line.box) for line in page.lines], applied={}
            )
            for page in document.pages
        ]
    outputs = []
    for i, page in enumerate(document.pages):
        rng = derive_rng("render", "degrade", args.seed, i)
        shot: Degraded = degrade(page.image, args.degrade, rng, tuple(args.degrade_kind or KINDS))
        lines = [(line.text, shot.map_box(line.box)) for line in page.lines]
        outputs.append(_Output(image=shot.image, lines=lines, applied=dict(shot.applied)))
    return outputs


@dataclass(frozen=True, kw_only=True, slots=True)
class _Output:
    """A page as it is written."""

    image: Any
    lines: list[tuple[str, tuple[int, int, int, int]]]
    applied: dict[str, float]


def _page_paths(out: Path, count: int) -> list[Path]:
    if not out.suffix:
        return [out / f"page-{i}.png" for i in range(1, count + 1)]
    if count == 1:
        return [out]
    return [out.with_name(f"{out.stem}-{i}{out.suffix}") for i in range(1, count + 1)]


def _sidecar(document: Document, paths: Sequence[Path], pages: "Sequence[_Output]") -> str:
    content = {
        "text": document.text,
        "fallbacks": dict(document.fallbacks),
        "pages": [
            {
                "file": path.name,
                "width": page.image.width,
                "height": page.image.height,
                "degraded": page.applied,
                "lines": [{"text": text, "box": box} for text, box in page.lines],
            }
            for path, page in zip(paths, pages, strict=True)
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _report(document: Document, paths: Sequence[Path]) -> None:
    num_lines = sum(len(page.lines) for page in document.pages)
    first = document.pages[0].image
    what = f"{first.width} x {first.height}, {num_lines} lines"
    where = str(paths[0]) if len(paths) == 1 else f"{paths[0]} to {paths[-1].name}"
    count = "" if len(paths) == 1 else f"{len(paths)} pages, "
    print(f"wrote {count}{what}: {where}")
    if document.fallbacks:
        fonts = ", ".join(f"{font} ({n})" for font, n in sorted(document.fallbacks.items()))
        print(f"note: characters taken from other fonts: {fonts}", file=sys.stderr)
