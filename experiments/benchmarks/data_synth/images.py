"""Encoding and degradation of finished images: rate on one core, and size of the files.

    python experiments/benchmarks/data_synth/images.py

Encoders are run in turn on the same images; every degradation kind alone, then all together.
"""

import argparse
import io
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import corpora
from PIL import Image
from rendering import PAGE_STYLE, render_page, shape_scene

from data_synth.degrade import KINDS, degrade
from data_synth.png import encode_png
from data_synth.render.formats.code import code_blocks
from data_synth.render.formats.plain import plain_blocks


def pillow(level: int, image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=level)
    return buffer.getvalue()


ENCODERS: dict[str, Callable[[Image.Image], bytes]] = {
    "encode_png": encode_png,
    "Pillow, level 1": partial(pillow, 1),
    "Pillow, default": partial(pillow, 6),
}


def samples() -> dict[str, Image.Image]:
    """One image of each kind that is encoded."""
    text = render_page(plain_blocks(corpora.text_pages(1)[0])).image
    code = render_page(code_blocks(corpora.code_pages(1)[0], PAGE_STYLE, lexer="python")).image
    scene = Image.open(io.BytesIO(next(shape_scene(0, 1)).images[0])).convert("RGB")
    photo = degrade(scene, 0.7, random.Random(0)).image
    return {"text page": text, "code page": code, "shape scene": scene, "degraded scene": photo}


def cpu_seconds(actions: list[Callable[[], object]], repetitions: int) -> list[float]:
    """Median CPU-seconds of some actions, run in turn."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(repetitions + 1):
        for action, values in zip(actions, times, strict=True):
            started = time.process_time()
            action()
            values.append(time.process_time() - started)
    return [statistics.median(values[1:]) for values in times]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repetitions", type=int, default=9)
    parser.add_argument("--out", type=Path, default=Path("outputs/images"))
    arguments = parser.parse_args()
    lines = ["| image | size | encoder | images/CPU-s | KiB |", "|---|---|---|---|---|"]
    images = samples()
    for name, image in images.items():
        actions = [partial(encode, image) for encode in ENCODERS.values()]
        seconds = cpu_seconds(actions, arguments.repetitions)
        for encoder, second in zip(ENCODERS, seconds, strict=True):
            size = len(ENCODERS[encoder](image)) / 1024
            lines.append(
                f"| {name} | {image.width} x {image.height} {image.mode} | {encoder} | "
                f"{1 / second:,.0f} | {size:.0f} |"
            )
    lines += ["", "| kind | grey page, pages/CPU-s | colour scene, scenes/CPU-s |", "|---|---|---|"]
    for kinds in [*((kind,) for kind in KINDS), KINDS]:
        seconds = cpu_seconds(
            [
                partial(degrade, images[name].convert(mode), 0.5, random.Random(0), kinds)
                for name, mode in (("text page", "L"), ("shape scene", "RGB"))
            ],
            arguments.repetitions,
        )
        label = kinds[0] if len(kinds) == 1 else "all"
        lines.append(f"| {label} | " + " | ".join(f"{1 / s:,.0f}" for s in seconds) + " |")
    table = "\n".join(lines)
    print(table)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "images.md").write_text(table + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
