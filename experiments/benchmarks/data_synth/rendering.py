"""Images per second of one core, from text or scene to rows of parquet, against other generators.

    python experiments/benchmarks/data_synth/rendering.py
    python experiments/benchmarks/data_synth/rendering.py --anchors outputs/anchors
    python experiments/benchmarks/data_synth/rendering.py --profile

Workloads and anchors are run in turn, `--repetitions` times; the tables give the median rate per
CPU-second, with its range, and per second of wall clock. Every page and scene is different, and
all are written with `ProblemWriter`. `--anchors` names a folder for the environments that some
anchors need, made on first use; without it only those run that need nothing more. SynthDoG's
template is not on a package index: give the folder `synthdog` of its repository as `--synthdog`.
"""

import argparse
import cProfile
import json
import os
import pstats
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import corpora
from anchors import ANCHORS, FONT_SIZE, REQUIREMENTS, WIDTH
from isal import isal_zlib
from PIL import Image

from data_synth.canvas import SHAPES, Mark, draw_grid
from data_synth.degrade import degrade
from data_synth.generate import ProblemRequest, generate
from data_synth.png import encode_png
from data_synth.problem import Modality, Problem, Region
from data_synth.render import Block, Document, PageStyle, layout
from data_synth.render.formats.code import code_blocks
from data_synth.render.formats.plain import plain_blocks
from data_synth.storage import ProblemWriter
from data_synth.style import COLORS
from data_synth.tasks import TASKS

PAGE_STYLE = PageStyle(width=WIDTH, font_size=FONT_SIZE)
SCENE_SIZE = 448
LEVEL = 2
HERE = Path(__file__).parent
Workload = Callable[[int, int], Iterator[Problem]]
"""Makes the problems from a position on: (start, count)."""


@dataclass(kw_only=True, slots=True)
class Rates:
    """Images per second of one workload or anchor, one entry per repetition."""

    per_cpu_second: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)

    def add(self, images: int, cpu: float, wall: float) -> None:
        """One repetition."""
        self.per_cpu_second.append(images / cpu)
        self.per_second.append(images / wall)

    @property
    def median(self) -> float:
        """Images per CPU-second."""
        return statistics.median(self.per_cpu_second)

    def cells(self) -> str:
        """Columns of a Markdown table: median, range, wall clock."""
        low, high = min(self.per_cpu_second), max(self.per_cpu_second)
        wall = statistics.median(self.per_second)
        return f"{self.median:,.3g} | {low:,.3g}-{high:,.3g} | {wall:,.3g}"


def render_page(blocks: Sequence[Block]) -> Document:
    """One page, as tall as its text."""
    return layout(blocks, PAGE_STYLE)


def to_problem(document: Document, image: Image.Image) -> Problem:
    """A row with image, text twin and the boxes of the lines."""
    return Problem(
        question="Read the page.",
        images=(encode_png(image),),
        answer="read",
        answer_type="string",
        verifier="string",
        source="benchmark",
        text_twin=document.text,
        regions=tuple(Region(image=0, text=line.text, box=line.box) for line in document.lines),
        modality=Modality.RENDERED,
    )


def text_page(start: int, num: int) -> Iterator[Problem]:
    for text in corpora.text_pages(num, start=start):
        document = render_page(plain_blocks(text))
        yield to_problem(document, document.image)


def degraded_text_page(start: int, num: int) -> Iterator[Problem]:
    for i, text in enumerate(corpora.text_pages(num, start=start)):
        document = render_page(plain_blocks(text))
        yield to_problem(document, degrade(document.image, 0.5, random.Random(i)).image)


def code_page(start: int, num: int) -> Iterator[Problem]:
    for text in corpora.code_pages(num, start=start):
        document = render_page(code_blocks(text, PAGE_STYLE, lexer="python"))
        yield to_problem(document, document.image)


def cjk_page(start: int, num: int) -> Iterator[Problem]:
    for text in corpora.cjk_pages(num, start=start):
        document = render_page(plain_blocks(text))
        yield to_problem(document, document.image)


def shape_scene(start: int, num: int) -> Iterator[Problem]:
    """A grid of 6 x 6 with 18 shapes on average."""
    for i in range(start, start + num):
        rng = random.Random(i)
        grid = [
            [
                Mark(rng.choice(SHAPES), rng.choice(tuple(COLORS))) if rng.random() < 0.5 else None
                for _ in range(6)
            ]
            for _ in range(6)
        ]
        yield Problem(
            question="Describe the scene.",
            images=(encode_png(draw_grid(grid, size=SCENE_SIZE)),),
            answer="scene",
            answer_type="string",
            verifier="string",
            source="benchmark",
        )


def task(name: str, start: int, num: int) -> Iterator[Problem]:
    """A registered task, with question, answer and reasoning."""
    for index in range(start, start + num):
        yield ProblemRequest(name=name, index=index, level=LEVEL, image_size=SCENE_SIZE).make()


PAGES: dict[str, Workload] = {
    "text page": text_page,
    "text page, degraded 0.5": degraded_text_page,
    "code page": code_page,
    "Chinese page": cjk_page,
    "shape scene": shape_scene,
}
FIRST = "text page, first ones of a process"
COMPARED = {
    "naive": "text page",
    "glyph_like": "text page",
    "trdg": "text page",
    "synthdog": "text page, degraded 0.5",
    "matplotlib_bars": "chart_values",
}
"""What of ours does the same work as each anchor."""


def measure(workload: Workload, start: int, num: int, rates: Rates, folder: Path) -> None:
    """Make and store some problems."""
    cpu, wall = time.process_time(), time.perf_counter()
    with ProblemWriter(folder / "shard.parquet") as writer:
        for problem in workload(start, num):
            writer.write(problem)
    rates.add(num, time.process_time() - cpu, time.perf_counter() - wall)


def measure_anchor(name: str, start: int, arguments: argparse.Namespace, rates: Rates) -> None:
    """Run an anchor in a process of its own."""
    python = sys.executable
    if name in REQUIREMENTS:
        python = str(anchor_environment(name, arguments.anchors))
    num = {"trdg": 60, "synthdog": 4}.get(name, 15)
    finished = subprocess.run(
        [python, str(HERE / "anchors.py"), name, f"--count={num}", f"--start={start}"],
        cwd=arguments.synthdog if name == "synthdog" else None,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    if finished.returncode:
        raise ValueError(f"anchor {name} failed:\n{finished.stderr[-2000:]}")
    result = json.loads(finished.stdout.splitlines()[-1])
    images = result["images"] / corpora.LINES if name == "trdg" else result["images"]
    rates.add(images, result["cpu"], result["wall"])


def anchor_environment(name: str, folder: Path) -> Path:
    """The Python of the environment for an anchor, made on first use."""
    python = folder / name / "bin" / "python"
    if not python.exists():
        print(f"making the environment of {name} ...", file=sys.stderr)
        venv.create(folder / name, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *REQUIREMENTS[name]], check=True)
    return python


def chosen_anchors(arguments: argparse.Namespace) -> list[str]:
    """Those that can run with what was given."""
    names = []
    for name in ANCHORS:
        if name == "synthdog" and arguments.synthdog is None:
            continue
        if name in REQUIREMENTS and arguments.anchors is None:
            continue
        names.append(name)
    return names


def measure_scaling(num: int, repetitions: int) -> dict[int, list[float]]:
    """Images per second of wall clock over processes, all tasks in turn."""
    names = sorted(TASKS)
    rates: dict[int, list[float]] = {workers: [] for workers in (1, 2)}
    position = count()
    for _ in range(repetitions):
        for workers, values in rates.items():
            requests = (
                ProblemRequest(name=names[i % len(names)], index=next(position), level=LEVEL)
                for i in range(num)
            )
            problems = generate(requests, num_workers=workers)
            next(problems)  # until then the processes start
            started = time.perf_counter()
            made = sum(1 for _ in problems)
            values.append(made / (time.perf_counter() - started))
    return rates


def floor_of_text_page() -> dict[str, float]:
    """What a text page costs at least: its samples cleared, copied and compressed once."""
    text = corpora.text_pages(1)[0]
    document = render_page(plain_blocks(text))
    pixels = document.image.tobytes()
    blank = Image.new(document.image.mode, document.image.size, 255)

    def milliseconds(action: Callable[[], object]) -> float:
        times = []
        for _ in range(30):
            started = time.process_time()
            action()
            times.append(time.process_time() - started)
        return 1000 * statistics.median(times)

    compress = milliseconds(lambda: isal_zlib.compress(pixels, 1))
    return {
        "samples": len(pixels),
        "png bytes": len(encode_png(document.image)),
        "draw ms, words known": milliseconds(lambda: render_page(plain_blocks(text))),
        "encode ms": milliseconds(lambda: encode_png(document.image)),
        "floor: clear ms": milliseconds(blank.copy),
        "floor: copy ms": milliseconds(blank.tobytes),
        "floor: compress ms": compress,
        "compressor GB/s": len(pixels) / compress / 1e6,
    }


def profile(workload: Workload, num: int) -> None:
    """Print where the time goes."""
    list(workload(0, num))
    profiler = cProfile.Profile()
    with tempfile.TemporaryDirectory() as folder:
        profiler.enable()
        measure(workload, num, num, Rates(), Path(folder))
        profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(20)


def run(arguments: argparse.Namespace) -> dict[str, Rates]:
    """All workloads and anchors, in turn."""
    workloads = PAGES | {name: partial(task, name) for name in sorted(TASKS)}
    anchors = chosen_anchors(arguments)
    results = {name: Rates() for name in [FIRST, *workloads, *anchors]}
    with tempfile.TemporaryDirectory() as folder:
        for repetition in range(arguments.repetitions + 1):
            warm_up = repetition == 0
            start = repetition * arguments.count
            for name, workload in workloads.items():
                rates = results[name]
                if warm_up:
                    rates = results[FIRST] if name == "text page" else Rates()
                measure(workload, start, arguments.count, rates, Path(folder))
            for name in anchors if not warm_up else ():
                measure_anchor(name, start, arguments, results[name])
    return results


def to_markdown(results: dict[str, Rates], scaling: dict[int, list[float]]) -> str:
    """The tables of the README."""
    head = "| {} | images/CPU-s | range | images/s |{}\n|---|---|---|---|{}"
    ours = [name for name in results if name not in ANCHORS]
    parts = [head.format("ours", "", "")]
    parts += [f"| {name} | {results[name].cells()} |" for name in ours]
    parts += ["", head.format("anchor", " compared with | ours / anchor |", "---|---|")]
    for name in ANCHORS:
        if name in results:
            mine = COMPARED[name]
            ratio = f"{results[mine].median / results[name].median:.1f}" if mine in results else "-"
            parts.append(f"| {name} | {results[name].cells()} | {mine} | {ratio} |")
    one, two = (statistics.median(scaling[workers]) for workers in (1, 2))
    parts += [
        "",
        "| processes | images/s | speed-up |\n|---|---|---|",
        f"| 1 | {one:.0f} | 1 |",
        f"| 2 | {two:.0f} | {two / one:.2f} |",
    ]
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=50, help="images per repetition")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--anchors", type=Path, help="folder for the anchors' environments")
    parser.add_argument("--synthdog", type=Path, help="folder `synthdog` of clovaai/donut")
    parser.add_argument("--profile", choices=list(PAGES), nargs="?", const="text page")
    parser.add_argument("--out", type=Path, default=Path("outputs/rendering"))
    arguments = parser.parse_args()
    if arguments.profile:
        print(json.dumps(floor_of_text_page(), indent=1))
        profile(PAGES[arguments.profile], arguments.count)
        return
    results = run(arguments)
    scaling = measure_scaling(40 * arguments.count, arguments.repetitions)
    floor = floor_of_text_page()
    table = to_markdown(results, scaling)
    print(table)
    print("\n" + "\n".join(f"{name}: {value:.4g}" for name, value in floor.items()))
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "rendering.md").write_text(table + "\n", encoding="utf-8")
    report = {
        "rates": {name: asdict(rates) for name, rates in results.items()},
        "scaling": scaling,
        "floor": floor,
    }
    (arguments.out / "rendering.json").write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
