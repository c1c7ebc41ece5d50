"""Every kind of fault is found, named by file, row and column, and sorted out."""

import io
import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from data_synth.checks import Fault, check_problem
from data_synth.images import ImageLimits, Severity, decode_image, inspect_image
from data_synth.problem import Modality, Problem, Region
from data_synth.storage import read_problems, write_problems
from data_synth.validate import check_files, check_stream, validate


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()


def raw_png(
    width: int, height: int, *, depth: int = 8, color: int = 0, data: bytes | None = None
) -> bytes:
    """A PNG of zeros, made without decoding it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    channels = {0: 1, 2: 3, 6: 4}[color]
    row = b"\0" * (1 + (width * channels * depth + 7) // 8)
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    pixels = zlib.compress(row * height) if data is None else data
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


PLAIN = Image.radial_gradient("L").resize((40, 30)).convert("RGB")
PNG = encoded(PLAIN)
FRAMES = {"save_all": True, "append_images": [Image.new("RGB", PLAIN.size, (9, 9, 9))]}
CLEAR = PLAIN.copy()
CLEAR.putalpha(Image.new("L", PLAIN.size, 128))
OPAQUE = PLAIN.copy()
OPAQUE.putalpha(255)
ROTATED = Image.Exif()
ROTATED[0x0112] = 6
MASKED = PLAIN.quantize(4)
MASKED.info["transparency"] = 0


def problem(index: int = 0, **changes: Any) -> Problem:
    image = PLAIN.copy()
    image.putpixel((index % 40, index // 40), (1, 2, 3))
    plain = Problem(
        question="How many?",
        images=(encoded(image),),
        answer=str(index),
        answer_type="number",
        verifier="numeric",
        source="test",
        index=index,
    )
    return replace(plain, **{"id": "", **changes})


def reasons(faults: list[Fault]) -> set[tuple[str, str]]:
    return {(fault.reason, fault.column) for fault in faults}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (PNG, set()),
        (encoded(PLAIN, "JPEG"), set()),
        (encoded(PLAIN, "JPEG", progressive=True), set()),
        (encoded(PLAIN, "WEBP"), set()),
        (encoded(PLAIN.convert("L")), set()),
        (encoded(OPAQUE), set()),
        (raw_png(9, 9, depth=16, color=2), set()),
        (encoded(PLAIN.convert("CMYK"), "JPEG"), {"warning color_space"}),
        (encoded(PLAIN.quantize(8)), {"warning palette"}),
        (encoded(MASKED), {"warning palette", "warning transparent"}),
        (encoded(CLEAR), {"warning transparent"}),
        (encoded(PLAIN, "JPEG", exif=ROTATED), {"warning rotated"}),
        (encoded(PLAIN, exif=ROTATED), {"warning rotated"}),
        (encoded(PLAIN, **FRAMES), {"warning animated"}),
        (encoded(PLAIN, "WEBP", **FRAMES), {"warning animated"}),
        (encoded(PLAIN, "GIF", **FRAMES), {"warning animated", "warning palette"}),
        (raw_png(9, 9, depth=16), {"error deep"}),
        (encoded(PLAIN.convert("F"), "TIFF"), {"error image_format"}),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {"error image_format"}),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", {"error image_format"}),
        (b"", {"error empty_image"}),
        (PNG[: len(PNG) // 2], {"error damaged_image"}),
        (encoded(PLAIN, "JPEG")[:-200], {"error damaged_image"}),
        (encoded(PLAIN, "WEBP")[:-40], {"error damaged_image"}),
        (PNG.replace(b"IDAT", b"IDAT\x01", 1), {"error damaged_image"}),
        (PNG[:60] + bytes([PNG[60] ^ 1]) + PNG[61:], {"error damaged_image"}),
        (raw_png(9, 9, data=b"xx"), {"error damaged_image"}),
        (raw_png(9000, 9000, data=b""), {"error too_many_pixels"}),
        (raw_png(60_000, 60_000, data=b""), {"error too_many_pixels"}),
        (raw_png(2010, 10), {"error ratio"}),
        (raw_png(2000, 10), set()),
        (PNG + bytes(5_000_001), {"error too_many_bytes"}),
    ],
)
def test_images_are_judged(data: bytes, expected: set[str]) -> None:
    limits = ImageLimits(max_bytes=5_000_000)
    inspection = inspect_image(data, limits=limits)
    assert {f"{fault.severity} {fault.reason}" for fault in inspection.faults} == expected
    assert (inspection.size is None) == any(
        name.startswith("error") and name != "error deep" for name in expected
    )


def test_a_jpeg_of_many_scans_is_refused() -> None:
    data = encoded(PLAIN, "JPEG", progressive=True)
    scans = data.count(b"\xff\xda")
    assert scans >= 6
    limits = ImageLimits(max_scan_pixels=1200 * scans)
    assert inspect_image(data, limits=limits).faults == ()
    (fault,) = inspect_image(data, limits=ImageLimits(max_scan_pixels=1200 * scans - 1)).faults
    assert fault.reason == "too_many_scans"


def test_decoding_keeps_the_pixels() -> None:
    assert decode_image(PNG).tobytes() == PLAIN.tobytes()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"modality": Modality.TEXT, "images": ()}, set()),
        ({"question": " \n"}, {("empty_question", "question")}),
        ({"question": "a\x00b"}, {("control_character", "question")}),
        ({"question": "tab\tand\nline"}, set()),
        ({"reasoning": "\x1b[1mbold"}, {("control_character", "reasoning")}),
        ({"question": "caf\ufffd"}, {("lost_character", "question")}),
        ({"question": "a" * 1_000_001}, {("too_long", "question")}),
        ({"answer": "many"}, {("wrong_answer", "answer")}),
        ({"answer": ""}, {("wrong_answer", "answer")}),
        ({"alternatives": ("one",)}, {("wrong_answer", "answer")}),
        ({"alternatives": ("1",)}, set()),
        ({"verifier": "magic"}, {("unknown_verifier", "verifier")}),
        ({"id": "0" * 24}, {("wrong_id", "id")}),
        ({"split": "../train"}, {("wrong_split", "split")}),
        ({"language": "English"}, {("language", "language")}),
        ({"language": "zh-Hans"}, set()),
        ({"licence": ""}, {("no_licence", "licence")}),
        ({"modality": Modality.RENDERED}, {("no_twin", "text_twin")}),
        ({"modality": Modality.RENDERED, "text_twin": "How many?"}, set()),
        ({"images": ()}, {("no_image", "images")}),
        ({"modality": Modality.TEXT}, {("text_with_image", "images")}),
        ({"images": (PNG, b"x")}, {("image_format", "images")}),
        ({"regions": (Region(image=0, text="a", box=(0, 0, 40, 30)),)}, set()),
        (
            {"regions": (Region(image=0, text="a", box=(0, 0, 41, 30)),)},
            {("wrong_region", "regions")},
        ),
        (
            {"regions": (Region(image=0, text="a", box=(5, 3, 5, 9)),)},
            {("wrong_region", "regions")},
        ),
        (
            {"regions": (Region(image=0, text="a", box=(5, -1, 6, 9)),)},
            {("wrong_region", "regions")},
        ),
        (
            {"regions": (Region(image=1, text="a", box=(0, 0, 1, 1)),)},
            {("wrong_region", "regions")},
        ),
        (
            {"regions": (Region(image=0, text="\x07", box=(0, 0, 1, 1)),)},
            {("control_character", "regions")},
        ),
    ],
)
def test_problems_are_judged(changes: dict[str, Any], expected: set[tuple[str, str]]) -> None:
    assert reasons(check_problem(problem(**changes))) == expected


def bad_set(folder: Path) -> Path:
    """Two files of 150 rows: row 30 lies, 40 repeats row 7, 110 is no problem; the rest is good."""
    rows = [problem(index) for index in range(150)]
    rows[30] = replace(rows[30], answer="many", id="")
    rows[40] = rows[7]
    write_problems(folder, rows)
    table = pq.read_table(folder / "train-00000.parquet")
    verifiers = table["verifier"].to_pylist()
    verifiers[110] = None
    table = table.set_column(
        table.schema.get_field_index("verifier"), "verifier", pa.array(verifiers)
    ).append_column("note", pa.array([f"n{index}" for index in range(150)]))
    pq.write_table(table, folder / "train-00000.parquet", row_group_size=60)
    write_problems(folder.with_name("more"), [rows[9], problem(500)])
    (folder.with_name("more") / "train-00000.parquet").rename(folder / "train-00001.parquet")
    return folder


def test_rows_are_named_and_sorted(tmp_path: Path) -> None:
    folder = bad_set(tmp_path / "set")
    seen: list[int] = []
    report = validate(
        check_files(folder),
        quarantine=tmp_path / "bad",
        clean=tmp_path / "good",
        on_rows=seen.append,
    )
    assert (report.rows, report.good_rows, report.file_errors) == (152, 148, 0)
    assert sum(seen) == 152 and report.has_errors
    error = Severity.ERROR
    assert report.counts == {
        (error, "wrong_answer"): 1,
        (error, "duplicate"): 2,
        (error, "not_a_problem"): 1,
    }
    file = f"{folder}/train-00000.parquet"
    assert report.examples[error, "not_a_problem"] == [
        f"row 110 of {file}, column 'verifier': column 'verifier' is null: fill it in"
    ]
    assert report.examples[error, "duplicate"] == [
        f"row 40 of {file}, column 'id': row 7 of {file} has the same id: keep one",
        f"row 0 of {folder}/train-00001.parquet, column 'id': row 9 of {file} has the same id: "
        "keep one",
    ]
    good = [item.index for item in read_problems(tmp_path / "good")]
    assert good == [index for index in range(150) if index not in (30, 40, 110)] + [500]
    bad = pq.read_table(tmp_path / "bad" / "rows-00000.parquet").to_pylist()
    assert [(row["_row"], row["note"], row["_reasons"]) for row in bad] == [
        (30, "n30", "wrong_answer"),
        (40, "n40", "duplicate"),
        (110, "n110", "not_a_problem"),
    ]
    assert bad[0]["images"][0]["bytes"] == problem(30).images[0]
    lines = (tmp_path / "bad" / "findings.jsonl").read_text().splitlines()
    assert [json.loads(line)["row"] for line in lines] == [30, 40, 110, 0]
    again = validate(check_files(tmp_path / "good"))
    assert (again.rows, again.good_rows, again.has_errors) == (148, 148, False)


def test_files_that_are_no_problems_are_named_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    write_problems(folder, [problem(0)])
    (folder / "a.parquet").write_bytes(b"PAR1 nonsense PAR1")
    pq.write_table(pa.table({"question": [1, 2], "x": ["a", "b"]}), folder / "b.parquet")
    report = validate(check_files(folder), quarantine=tmp_path / "bad")
    assert (report.rows, report.good_rows) == (3, 1)
    assert report.examples[Severity.ERROR, "unreadable"][0].startswith(f"{folder}/a.parquet, ")
    messages = report.examples[Severity.ERROR, "schema"]
    assert messages[0] == (
        f"{folder}/b.parquet, column 'question': 'question' has type int64: make it string"
    )
    assert "'answer' is missing: add it as string" in messages[1]
    bad = pq.read_table(tmp_path / "bad" / "rows-00000.parquet").to_pylist()
    assert [(row["x"], row["_row"], row["_reasons"]) for row in bad] == [
        ("a", 0, "schema"),
        ("b", 1, "schema"),
    ]


def test_damage_costs_a_row_group(tmp_path: Path) -> None:
    write_problems(tmp_path / "set", [problem(index) for index in range(300)])
    path = tmp_path / "set" / "train-00000.parquet"
    column = pq.ParquetFile(path).metadata.row_group(1).column(0)
    with open(path, "r+b") as file:
        file.seek(column.data_page_offset)
        file.write(b"\xff" * 64)
    report = validate(check_files(tmp_path / "set"), clean=tmp_path / "good")
    assert (report.rows, report.good_rows, report.file_errors) == (200, 200, 1)
    assert report.has_errors
    assert report.examples[Severity.ERROR, "damaged"][0].startswith(f"row 100 of {path}")
    found = [item.index for item in read_problems(tmp_path / "good")]
    assert found == [*range(100), *range(200, 300)]


def test_text_that_is_no_text_is_named_by_row_and_column(tmp_path: Path) -> None:
    columns = {
        "question": pa.array([b"fine", b"\xff\xfe"]).view(pa.string()),
        "answer": pa.array(["1", "2"]),
        "answer_type": pa.array(["number", "number"]),
        "verifier": pa.array(["numeric", "numeric"]),
        "source": pa.array(["s", "s"]),
        "modality": pa.array(["text", "text"]),
    }
    (tmp_path / "set").mkdir()
    pq.write_table(pa.table(columns), tmp_path / "set" / "a.parquet")
    report = validate(check_files(tmp_path / "set"), quarantine=tmp_path / "bad")
    assert (report.rows, report.good_rows) == (2, 1)
    (message,) = report.examples[Severity.ERROR, "not_text"]
    assert message.startswith(f"row 1 of {tmp_path}/set/a.parquet, column 'question': ")


def test_a_stream_is_checked_until_its_source_refuses_a_row() -> None:
    def rows() -> Iterator[Problem]:
        yield from (problem(index) for index in range(130))
        yield problem(130, answer="many")
        raise ValueError("row 131, column 'label': a dict")

    report = validate(check_stream(rows(), "some set"))
    assert (report.rows, report.good_rows, report.file_errors) == (131, 130, 1)
    assert report.examples[Severity.ERROR, "schema"] == [
        "row 131 of some set, column '': row 131, column 'label': a dict"
    ]
    assert report.examples[Severity.ERROR, "wrong_answer"][0].startswith("row 130 of some set")


def test_output_folders_are_never_replaced_unasked(tmp_path: Path) -> None:
    write_problems(tmp_path / "set", [problem(0), problem(1, answer="x")])
    validate(check_files(tmp_path / "set"), quarantine=tmp_path / "bad", clean=tmp_path / "good")
    for name in ("quarantine", "clean"):
        folder = tmp_path / ("bad" if name == "quarantine" else "good")
        with pytest.raises(ValueError, match="is not empty"):
            validate(check_files(tmp_path / "set"), **{name: folder})  # type: ignore[arg-type]
    validate(
        check_files(tmp_path / "set"),
        quarantine=tmp_path / "bad",
        clean=tmp_path / "good",
        overwrite=True,
    )
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["bad", "good", "set"]
