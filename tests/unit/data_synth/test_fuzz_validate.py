"""Five hundred hostile inputs: each ends in findings, quickly, and costs nothing else."""

import io
import random
import resource
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_synth.images import ImageLimits, inspect_image
from data_synth.storage import write_problems
from data_synth.storage.schema import file_schema, to_row
from data_synth.validate import check_files, validate
from tests.unit.data_synth.test_validate import FRAMES, PLAIN, encoded, problem, raw_png

SECONDS = 60
NUM_FILES = 250
NUM_IMAGES = 250


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Bytes changed, cut out, doubled or put in."""
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4, 16])):
        # Headers and footers are where the damage is interesting.
        near = min(len(changed), rng.choice([64, 600, 4000]))
        place = rng.choice([rng.randrange(near), len(changed) - 1 - rng.randrange(near)])
        kind = rng.random()
        if kind < 0.6:
            changed[place] = rng.randrange(256)
        elif kind < 0.75:
            changed[place : place + 8] = rng.choice([b"\xff", b"\x7f", b"\0"]) * rng.randrange(1, 9)
        elif kind < 0.9:
            del changed[place : place + rng.randrange(1, 60)]
        else:
            changed[place:place] = changed[: rng.randrange(1, 90)]
        if not changed:
            return b""
    return bytes(changed)


def hostile_images(rng: random.Random) -> Iterator[bytes]:
    """Mutations of good files of several formats, and files that are hostile by design."""
    seeds = [
        encoded(PLAIN),
        encoded(PLAIN, "JPEG"),
        encoded(PLAIN, "JPEG", progressive=True),
        encoded(PLAIN, "WEBP"),
        encoded(PLAIN, "WEBP", **FRAMES),
        encoded(PLAIN, "GIF", **FRAMES),
        encoded(PLAIN, "TIFF"),
        encoded(PLAIN, "BMP"),
        encoded(PLAIN, "ICO"),
        encoded(PLAIN, **FRAMES),
        encoded(PLAIN.quantize(4)),
    ]
    yield raw_png(50_000, 50_000, data=zlib.compress(bytes(10**7)))
    yield raw_png(7_900, 7_900, data=zlib.compress(b""))  # within the limits, without pixels
    yield raw_png(4_000, 4_000, data=zlib.compress(bytes(10**8)))  # more pixels than it says
    yield raw_png(2**31 - 1, 1, data=b"")
    yield b"<svg xmlns='http://www.w3.org/2000/svg' width='1e9' height='1e9'/>"
    yield b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99999 99999\n"
    yield b"BM" + b"\xff" * 60
    yield b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(900)
    yield b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 30
    yield b"II*\0\x08\0\0\0" + b"\xff" * 300
    yield b""
    while True:
        yield mutated(rng.choice(seeds), rng)


def parquet(table: pa.Table, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    return buffer.getvalue()


def hostile_files(rng: random.Random) -> Iterator[bytes]:
    """Wrong columns, types, nulls and sizes, and mutations of good files."""
    rows = pa.Table.from_pylist([to_row(problem(index)) for index in range(12)], file_schema())
    values: list[pa.Array] = [
        pa.nulls(12),
        pa.nulls(12, pa.string()),
        pa.array([b"\xff\xfe"] * 12),
        pa.array([b"\xff\xfe"] * 12).view(pa.string()),
        pa.array(range(12)),
        pa.array([1.5] * 12),
        pa.array([[1]] * 12),
        pa.array([[None]] * 12, pa.list_(pa.string())),
        pa.array([{"bytes": b"", "path": ""}] * 12),
        pa.array([["a" * 300_000]] * 12),
        pa.array(["a" * 1_500_000] * 12),
        pa.array(["(" * 30_000] * 12),
        pa.array(["9" * 30_000] * 12),
        pa.array(["1e999999999"] * 12),
        pa.array(["\x00\x1b"] * 12),
        pa.array([10**6] * 12, pa.timestamp("ns")),
        pa.array([[{"image": -1, "text": "", "box": [2**62, 0, -(2**62), 1]}]] * 12),
        pa.array([[{"bytes": b"", "path": None}] * 999] * 12),
    ]
    for name in ("question", "images", "answer", "id", "regions", "seed", "verifier"):
        position = rows.schema.get_field_index(name)
        for value in rng.sample(values, 8):
            yield parquet(rows.set_column(position, name, value))
        yield parquet(rows.remove_column(position))
        yield parquet(pa.table([*rows.columns, rows[name]], [*rows.schema.names, name]))
    yield from (b"", b"PAR1", b"PAR1PAR1", b"PAR1" + b"\xff" * 8 + b"PAR1", b"\0" * 4096)
    # Fifty megabytes of the same byte in a file of some kilobytes, in each of 20 rows.
    yield parquet(pa.table({"question": pa.array(["a" * 50_000_000] * 20)}), compression="zstd")
    seeds = [parquet(rows, compression=kind) for kind in ("none", "snappy", "zstd")]
    while True:
        yield mutated(rng.choice(seeds), rng)


def test_hostile_files_end_in_findings(tmp_path: Path) -> None:
    started = time.monotonic()
    write_problems(tmp_path / "set", [problem(index) for index in range(100, 105)])
    files = hostile_files(random.Random(3))
    for number in range(NUM_FILES):
        (tmp_path / "set" / f"a{number:03d}.parquet").write_bytes(next(files))
    report = validate(
        check_files(tmp_path / "set"), quarantine=tmp_path / "bad", clean=tmp_path / "good"
    )
    assert time.monotonic() - started < SECONDS
    assert report.file_errors > 100 and report.rows > 400
    assert {"unreadable", "schema", "not_a_problem", "too_long", "wrong_answer", "duplicate"} <= {
        reason for _, reason in report.counts
    }
    # Twelve rows that some files still hold, and five of a file that nobody touched.
    again = validate(check_files(tmp_path / "good"))
    assert not again.has_errors and 5 <= again.rows == report.good_rows


def test_hostile_images_end_in_findings() -> None:
    images = hostile_images(random.Random(4))
    started = time.monotonic()
    slowest = 0.0
    found: dict[str, int] = {}
    for _ in range(NUM_IMAGES):
        data = next(images)
        begun = time.monotonic()
        inspection = inspect_image(data, limits=ImageLimits())
        slowest = max(slowest, time.monotonic() - begun)
        for fault in inspection.faults:
            found[fault.reason] = found.get(fault.reason, 0) + 1
    assert time.monotonic() - started < SECONDS and slowest < 10
    assert found["damaged_image"] > 60 and found["image_format"] > 20
    assert found["too_many_pixels"] >= 2 and found["empty_image"] >= 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 6 * 2**20  # KiB


def test_hostile_texts_end_in_findings(tmp_path: Path) -> None:
    rng = random.Random(5)
    pieces = [
        "\\boxed{",
        "}",
        "(",
        ",",
        "\x00",
        "\u202e",
        "9" * 500,
        "1/0",
        "-",
        "e9",
        "\ud7ff",
        " ",
    ]
    started = time.monotonic()
    rows = []
    for index in range(100):
        text = "".join(rng.choice(pieces) for _ in range(rng.randrange(3000)))
        verifier = rng.choice(["numeric", "sequence", "set", "exact", text[:40]])
        rows.append(problem(index, answer=text, verifier=verifier, alternatives=(text[::-1],)))
    write_problems(tmp_path / "set", rows)
    report = validate(check_files(tmp_path / "set"))
    assert report.rows == 100 and report.good_rows < 50
    assert time.monotonic() - started < SECONDS
