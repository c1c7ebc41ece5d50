"""Legibility of rendered pages, measured by an OCR engine that ships in a Python package.

    pip install 'rapidocr>=3.10,<4' 'onnxruntime>=1.20'
    python experiments/benchmarks/data_synth/legibility.py

Where the lines are is known, so only recognition is asked of the engine: the box of each line is
cut at word gaps into pieces of at most 300 pixels, which is what the model was trained on, and the
character error rate (edits per character) is taken over some lines per style. Degraded pages are
straightened by their known homography first. Prints a table and writes it as Markdown and JSON.
"""

import argparse
import importlib.util
import json
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from data_synth.degrade import KINDS, Degraded, degrade
from data_synth.fonts import font_names
from data_synth.render import PageStyle, Panel, Paragraph, Span, TextLine, layout
from data_synth.seeding import derive_rng

MODEL = "PP-OCRv6_rec_small.onnx"
MAX_PIECE = 300
PAGE = (1080, 1100)
HEIGHT = 48  # of the recogniser's input
MAX_CER = {"prose": 0.01, "code": 0.06}
"""Of undegraded pages; every script but code is held to the first."""

_TEXTS = json.loads(Path(__file__).with_name("samples.json").read_text(encoding="utf-8"))
SAMPLES: dict[str, list[str]] = _TEXTS["read"]
LOOKED_UP: dict[str, str] = _TEXTS["looked_up"]
"""Further scripts, to see if the recogniser's alphabet has them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """A way to draw and to photograph the lines of one script."""

    script: str
    font: str = "sans"
    font_size: int = 18
    theme: str = "light"
    strength: float = 0.0
    kinds: tuple[str, ...] = KINDS

    def degradation(self) -> str:
        """Short name of what is done to the page."""
        return "-" if not self.strength else "all" if self.kinds == KINDS else "+".join(self.kinds)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How well the lines of a style were read."""

    num_lines: int
    num_characters: int
    cer: float
    """Edits per character, over all lines."""
    worst_line: str
    """What was read for the line with most errors."""


class Recogniser:
    """The text recognition model inside the `rapidocr` package, run on the CPU by one thread."""

    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(_model_path()), options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name
        metadata = self._session.get_modelmeta().custom_metadata_map
        # Class 0 is the blank of connectionist temporal classification, the last one the space.
        self.alphabet = ["", *metadata["character"].splitlines(), " "]

    def lacks(self, text: str) -> set[str]:
        """Characters of a text that it can never answer."""
        return set(unicodedata.normalize("NFKC", text)) - set(self.alphabet)

    def read(self, pieces: Sequence[Image.Image]) -> list[str]:
        """The text in each of some images of a line's part."""
        scaled = [
            piece.convert("RGB").resize(
                (max(1, round(piece.width * HEIGHT / piece.height)), HEIGHT),
                Image.Resampling.BILINEAR,
            )
            for piece in pieces
        ]
        texts = [""] * len(pieces)
        order = sorted(range(len(pieces)), key=lambda i: scaled[i].width)
        for start in range(0, len(order), 8):
            batch = order[start : start + 8]
            width = max(320, *(scaled[i].width for i in batch))
            tensor = np.zeros((len(batch), 3, HEIGHT, width), np.float32)
            for row, i in enumerate(batch):
                pixels = np.asarray(scaled[i], np.float32)[:, :, ::-1]  # blue first
                tensor[row, :, :, : scaled[i].width] = pixels.transpose(2, 0, 1) / 127.5 - 1
            (scores,) = self._session.run(None, {self._input: tensor})
            for i, classes in zip(batch, scores.argmax(axis=-1), strict=True):
                texts[i] = self._collapse(classes.tolist())
        return texts

    def _collapse(self, classes: Sequence[int]) -> str:
        """Repeats are one character unless a blank is between them."""
        kept = [c for before, c in zip((0, *classes), classes, strict=False) if c != before]
        return "".join(self.alphabet[c] for c in kept)


def _model_path() -> Path:
    spec = importlib.util.find_spec("rapidocr")
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder, "models", MODEL)
        if path.is_file():
            return path
    raise ValueError(f"no {MODEL}: run `pip install 'rapidocr>=3.10,<4' onnxruntime`")


def cut_line(page: Image.Image, box: tuple[int, int, int, int]) -> list[tuple[int, int, bool]]:
    """Left and right of the pieces of a line on a clean page, and if a word gap precedes each."""
    left, top, right, bottom = box
    pixels = np.asarray(page.crop(box).convert("L"), np.int64)
    background = np.bincount(pixels.ravel()).argmax()
    blank = [*(abs(pixels - background) < 12).all(axis=0).tolist(), False]
    gaps, start = [], None
    for x, is_blank in enumerate(blank):
        if is_blank and start is None:
            start = x
        elif not is_blank and start is not None:
            gaps.append((start, x))
            start = None
    pieces, begin, gap_before = [], 0, False
    while right - left - begin > MAX_PIECE:
        reachable = [gap for gap in gaps if begin + 40 < gap[0] <= begin + MAX_PIECE]
        wide = [gap for gap in reachable if gap[1] - gap[0] >= 0.17 * (bottom - top)]
        if not reachable:
            break
        cut = (wide or reachable)[-1]
        middle = (cut[0] + cut[1]) // 2
        pieces.append((left + begin, left + middle, gap_before))
        begin, gap_before = middle, bool(wide)
    return [*pieces, (left + begin, right, gap_before)]


def straighten(degraded: Degraded) -> Image.Image:
    """The degraded image with every point back where it was."""
    last = degraded.homography[8]
    return degraded.image.transform(
        degraded.image.size,
        Image.Transform.PERSPECTIVE,
        [value / last for value in degraded.homography[:8]],
        resample=Image.Resampling.BICUBIC,
    )


def distance(first: str, second: str) -> int:
    """Levenshtein distance: insertions, deletions and substitutions."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


def comparable(text: str, script: str) -> str:
    """Compatibility forms folded (full-width signs) and white space as it can be judged."""
    words = unicodedata.normalize("NFKC", text).split()
    return ("" if script in ("chinese", "japanese") else " ").join(words)


def render(style: Style) -> tuple[Image.Image, tuple[TextLine, ...]]:
    """One page with the sample lines of a style's script."""
    code = style.script == "code"
    paragraphs = tuple(
        Paragraph(spans=(Span(text=line, mono=code),), preserve=code)
        for line in SAMPLES[style.script]
    )
    page_style = PageStyle(
        width=PAGE[0],
        height=PAGE[1],  # as large as pages are, since degradation goes by the size
        font=style.font,
        font_size=style.font_size,
        theme=style.theme,
        **({"mono_font": style.font} if code else {}),
    )
    background = {"light": (245, 245, 245), "paper": (240, 234, 220)}.get(style.theme)
    blocks = (Panel(blocks=paragraphs, background=background),) if code else paragraphs
    document = layout(blocks, page_style)
    return document.image, document.lines


def read_style(recogniser: Recogniser, style: Style, seed: int = 0) -> Reading:
    """Draw, degrade, cut, recognise and compare the lines of one style."""
    page, lines = render(style)
    rng = derive_rng("legibility", seed)
    photo = page
    if style.strength:
        photo = straighten(degrade(page, style.strength, rng, style.kinds))
    cuts = [(line, cut_line(page, line.box)) for line in lines]
    images = [
        _padded(photo, (left, line.box[1], right, line.box[3]))
        for line, pieces in cuts
        for left, right, _ in pieces
    ]
    texts = iter(recogniser.read(images))
    errors, characters, worst = 0, 0, (-1, "")
    for line, pieces in cuts:
        read = "".join(" " * gap + next(texts) for _, _, gap in pieces)
        truth = comparable(line.text, style.script)
        edits = distance(comparable(read, style.script), truth)
        errors, characters = errors + edits, characters + len(truth)
        worst = max(worst, (edits, read))
    return Reading(
        num_lines=len(lines),
        num_characters=characters,
        cer=errors / characters,
        worst_line=worst[1] if worst[0] > 0 else "",
    )


def _padded(page: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """A crop with two pixels around it, where the page has them."""
    left, top, right, bottom = box
    return page.crop(
        (
            max(0, left - 2),
            max(0, top - 2),
            min(page.width, right + 2),
            min(page.height, bottom + 2),
        )
    )


def styles() -> list[Style]:
    """What the table shows: scripts, fonts, sizes and themes undegraded, then degradations."""
    table = [
        Style(script=script, font_size=size, theme=theme)
        for script in SAMPLES
        if script != "code"
        for size, theme in (
            (14, "light"),
            (18, "light"),
            (24, "light"),
            (18, "dark"),
            (18, "paper"),
        )
    ]
    # Families of other scripts than these are in the rows above as fallbacks.
    families = [name for name in font_names() if not name.startswith("noto-sans-")]
    table += [
        Style(script="prose", font=name, font_size=size) for name in families for size in (11, 16)
    ]
    table += [
        Style(script="code", font="mono", font_size=size, theme=theme)
        for size in (14, 18)
        for theme in ("light", "dark", "paper")
    ]
    for strength in (0.2, 0.4, 0.6, 0.8, 1.0):
        table += [Style(script=script, strength=strength) for script in ("prose", "chinese")]
        table.append(Style(script="code", font="mono", strength=strength))
    table += [
        Style(script="prose", strength=strength, kinds=(kind,))
        for kind in KINDS
        for strength in (0.5, 1.0)
    ]
    return table


def to_markdown(rows: Sequence[tuple[Style, Reading]]) -> str:
    """The table of error rates."""
    lines = [
        "| script | font | px | theme | degradation | strength | lines | characters | CER % |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {style.script} | {style.font} | {style.font_size} | {style.theme} | "
        f"{style.degradation()} | {style.strength:g} | {reading.num_lines} | "
        f"{reading.num_characters} | {100 * reading.cer:.2f} |"
        for style, reading in rows
    ]
    return "\n".join(lines)


def missing_letters(recogniser: Recogniser) -> dict[str, float]:
    """Share of the letters of each script that the recogniser can never answer, if any."""
    texts = {**{name: "".join(lines) for name, lines in SAMPLES.items()}, **LOOKED_UP}
    missing = {}
    for name, text in texts.items():
        letters = {char for char in unicodedata.normalize("NFKC", text) if char.isalpha()}
        missing[name] = len(recogniser.lacks("".join(letters))) / len(letters)
    return {name: share for name, share in missing.items() if share > 0}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("outputs/legibility"))
    parser.add_argument("--seed", type=int, default=0, help="of the degradations")
    arguments = parser.parse_args()
    recogniser = Recogniser()
    started = time.process_time()
    rows = [(style, read_style(recogniser, style, arguments.seed)) for style in styles()]
    missing = missing_letters(recogniser)
    table = to_markdown(rows)
    print(table)
    listed = ", ".join(f"{name} {100 * share:.0f} %" for name, share in missing.items())
    print(f"\nletters that the recogniser lacks: {listed}")
    print(f"{time.process_time() - started:.0f} CPU-seconds")
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "legibility.md").write_text(table + "\n", encoding="utf-8")
    report = {
        "model": MODEL,
        "missing_letters": missing,
        "rows": [{**asdict(style), **asdict(reading)} for style, reading in rows],
    }
    (arguments.out / "legibility.json").write_text(
        json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
