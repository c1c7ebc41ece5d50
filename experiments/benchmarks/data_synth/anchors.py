"""Other ways to make such images, each measured in a process (and environment) of its own.

Run by `rendering.py`; alone: `python anchors.py naive --count 20`. Prints one line of JSON with
the number of images (lines, for trdg) and the CPU and wall seconds they took, without imports and
without a first image that warms up.
"""

import argparse
import io
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import corpora

REQUIREMENTS: dict[str, tuple[str, ...]] = {
    "glyph_like": ("reportlab", "pypdfium2", "pillow"),
    # Both need releases of Pillow and NumPy that are long out of date.
    "trdg": ("trdg==1.8.0", "pillow==9.5.0", "numpy==1.26.4", "opencv-python-headless<4.11"),
    "synthdog": ("synthtiger==1.2.1", "pillow==9.5.0", "numpy==1.26.4"),
}
"""What to install where an anchor cannot share our environment; the others need nothing more."""

WIDTH, HEIGHT, FONT_SIZE, MARGIN = 896, 1152, 14, 24


def naive(count: int, start: int, folder: Path) -> int:
    """What one writes first: a line at a time with Pillow, and `datasets` encodes and stores."""
    from datasets import Dataset, Features, Image, Value
    from datasets.utils import disable_progress_bars
    from PIL import Image as PillowImage
    from PIL import ImageDraw, ImageFont

    disable_progress_bars()
    font = ImageFont.truetype(_dejavu(), FONT_SIZE)

    def rows():  # type: ignore[no-untyped-def]
        for text in corpora.text_pages(count, start=start):
            page = PillowImage.new("RGB", (WIDTH, HEIGHT), "white")
            pen = ImageDraw.Draw(page)
            for i, line in enumerate(text.split("\n")):
                pen.text((MARGIN, MARGIN + 18 * i), line, font=font, fill="black")
            yield {"image": page, "text": text}

    features = Features({"image": Image(), "text": Value("string")})
    dataset = Dataset.from_generator(rows, features=features, cache_dir=str(folder / "cache"))
    dataset.to_parquet(str(folder / "naive.parquet"))
    return count


def glyph_like(count: int, start: int, folder: Path) -> int:
    """Text to PDF to pixels, as Glyph does it (reportlab's Platypus; pdfium in poppler's place)."""
    import pypdfium2
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    style = ParagraphStyle("body", fontName="Helvetica", fontSize=9, leading=11)
    for text in corpora.text_pages(count, start=start):
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        buffer = io.BytesIO()
        document = SimpleDocTemplate(
            buffer,
            pagesize=(595, 842),
            leftMargin=30,
            rightMargin=30,
            topMargin=30,
            bottomMargin=30,
        )
        document.build([Paragraph(line or "&nbsp;", style) for line in escaped.split("\n")])
        pdf = pypdfium2.PdfDocument(buffer.getvalue())
        for number, page in enumerate(pdf):
            image = page.render(scale=1).to_pil()
            image.save(folder / f"{start}-{number}.png")
    return count


def trdg(count: int, start: int, folder: Path) -> int:
    """TextRecognitionDataGenerator: one image per line, default background of noise."""
    from trdg.generators import GeneratorFromStrings

    lines = [
        line
        for text in corpora.text_pages(1 + count // 60, start=start)
        for line in text.split("\n")
        if line.strip()
    ][:count]
    generator = GeneratorFromStrings(lines, count=len(lines), language="en", size=32)
    random.seed(start)
    for number, (image, _) in enumerate(generator):
        image.save(folder / f"{start}-{number}.jpg")
    return len(lines)


def synthdog(count: int, start: int, folder: Path) -> int:
    """Donut's synthetic documents: photo-like pages of 10 to 30 lines. Run in its own folder."""
    import synthtiger

    sys.path.insert(0, os.getcwd())
    synthtiger.set_global_random_seed(start)
    template = synthtiger.read_template("template.py", "SynthDoG", _synthdog_config())
    for number, (_, data) in enumerate(
        synthtiger.generator("template.py", "SynthDoG", _synthdog_config(), count, 0, start)
    ):
        template.save(str(folder), data, number)
    return count


def _synthdog_config() -> object:
    import synthtiger

    return synthtiger.read_config("config_en.yaml")


def matplotlib_bars(count: int, start: int, folder: Path) -> int:
    """A bar chart of 448 pixels by matplotlib."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    for number in range(start, start + count):
        rng = random.Random(number)
        figure, axes = pyplot.subplots(figsize=(4.48, 4.48), dpi=100)
        axes.bar([f"{name}{number}" for name in "abcdef"], [rng.randint(1, 90) for _ in range(6)])
        axes.set_title(f"Sales in region {number}")
        axes.set_ylabel("units")
        figure.savefig(folder / f"{number}.png")
        pyplot.close(figure)
    return count


ANCHORS: dict[str, Callable[[int, int, Path], int]] = {
    "naive": naive,
    "glyph_like": glyph_like,
    "trdg": trdg,
    "synthdog": synthdog,
    "matplotlib_bars": matplotlib_bars,
}


def _dejavu() -> str:
    from importlib.util import find_spec

    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise ValueError("the naive anchor takes its font from matplotlib: install it")
    return str(Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("anchor", choices=sorted(ANCHORS))
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--start", type=int, default=0)
    arguments = parser.parse_args()
    anchor = ANCHORS[arguments.anchor]
    with tempfile.TemporaryDirectory() as folder:
        anchor(1, 10_000, Path(folder))
        cpu, wall = time.process_time(), time.perf_counter()
        images = anchor(arguments.count, arguments.start, Path(folder))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({"images": images, "cpu": cpu, "wall": wall}))


if __name__ == "__main__":
    main()
