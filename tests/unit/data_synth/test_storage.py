"""What is written is read back exactly, by this package and by plain `datasets`."""

import io
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from data_synth.problem import Modality, Problem, Region
from data_synth.storage import (
    ProblemWriter,
    count_problems,
    problem_files,
    read_problems,
    write_problems,
)


def png(color: tuple[int, int, int], size: tuple[int, int] = (5, 3)) -> bytes:
    buffer = io.BytesIO()
    image = Image.new("RGB", size, color)
    image.putpixel((1, 2), (1, 2, 3))
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def problem(index: int, **changes: object) -> Problem:
    plain = Problem(
        question=f"question {index}",
        images=(png((index % 256, 0, 0)),),
        answer=str(index),
        answer_type="number",
        verifier="numeric",
        source="test",
        index=index,
    )
    return replace(plain, id="", **changes)  # type: ignore[arg-type]


FULL = Problem(
    question="Wie gro\u00df ist \u03b1?\nline two \u2028 \U0001f600",
    images=(png((255, 0, 0)), png((0, 0, 255), (7, 9))),
    answer="(b,3)",
    alternatives=("(3,b)", ""),
    answer_type="tuple",
    verifier="sequence",
    source="somewhere",
    reasoning="look, then say\tit",
    text_twin="",
    regions=(
        Region(image=0, text="\u03b1 = 2", box=(0, 1, 4, 2)),
        Region(image=1, text="", box=(-3, 0, 7, 9)),
    ),
    modality=Modality.RENDERED,
    domain="spatial",
    discipline="ordering",
    difficulty=4,
    split="test",
    seed=2**63 - 1,
    index=-(2**63),
    language="de",
    licence="MIT",
    citation="Somebody, 2024",
    eval_only=True,
    id="chosen by hand",
)
TEXT_ONLY = replace(FULL, images=(), text_twin=None, modality=Modality.TEXT, id="")


def test_every_field_comes_back_exactly(tmp_path: Path) -> None:
    for other in fields(Problem):  # no field may hide behind its default
        assert getattr(FULL, other.name) != getattr(problem(3), other.name), other.name
    written = [FULL, TEXT_ONLY, problem(3)]
    with ProblemWriter(tmp_path / "deep" / "p.parquet") as writer:
        for item in written:
            writer.write(item)
    assert list(read_problems(tmp_path / "deep" / "p.parquet")) == written
    assert [entry.name for entry in (tmp_path / "deep").iterdir()] == ["p.parquet"]


def test_plain_datasets_opens_a_file_with_decoded_images(tmp_path: Path) -> None:
    with ProblemWriter(tmp_path / "p.parquet") as writer:
        writer.write(FULL)
        writer.write(TEXT_ONLY)
    loaded = datasets.load_dataset(
        "parquet",
        data_files=str(tmp_path / "p.parquet"),
        split="train",
        cache_dir=str(tmp_path / "cache"),
    )
    assert loaded.features["images"] == datasets.List(datasets.Image())
    assert loaded.features["seed"] == datasets.Value("int64")
    assert loaded.features["alternatives"] == datasets.List(datasets.Value("string"))
    assert loaded.features["regions"] == datasets.List(
        {
            "image": datasets.Value("int64"),
            "text": datasets.Value("string"),
            "box": datasets.List(datasets.Value("int64")),
        }
    )
    first, second = loaded[0], loaded[1]
    assert first["regions"][0] == {"image": 0, "text": "\u03b1 = 2", "box": [0, 1, 4, 2]}
    assert first["alternatives"] == ["(3,b)", ""] and first["eval_only"] is True
    assert second["images"] == [] and second["text_twin"] is None
    assert first["question"] == FULL.question and first["seed"] == 2**63 - 1
    for shown, encoded in zip(first["images"], FULL.images, strict=True):
        assert shown.tobytes() == Image.open(io.BytesIO(encoded)).tobytes()
    assert first["images"][1].size == (7, 9)


def test_plain_datasets_opens_a_folder_under_its_split(tmp_path: Path) -> None:
    written = [problem(index, split="test") for index in range(7)]
    shard_bytes = 2 * len(written[0].images[0])
    count = write_problems(tmp_path / "set", written, split="test", shard_bytes=shard_bytes)
    assert count == count_problems(tmp_path / "set") == 7
    names = sorted(entry.name for entry in (tmp_path / "set").iterdir())
    assert names == [f"test-0000{shard}.parquet" for shard in range(4)]
    assert list(read_problems(tmp_path / "set")) == written
    loaded = datasets.load_dataset(str(tmp_path / "set"), cache_dir=str(tmp_path / "cache"))
    assert loaded["test"]["answer"][:] == [str(index) for index in range(7)]


def test_a_set_saved_by_datasets_is_read(tmp_path: Path) -> None:
    written = [problem(index) for index in range(3)]
    write_problems(tmp_path / "set", written)
    loaded = datasets.load_dataset(
        str(tmp_path / "set"), split="train", cache_dir=str(tmp_path / "cache")
    )
    loaded.add_column("pass_rate", [0.1, 0.5, 0.9]).to_parquet(str(tmp_path / "again.parquet"))
    assert list(read_problems(tmp_path / "again.parquet")) == written


def test_row_groups_are_bounded(tmp_path: Path) -> None:
    with ProblemWriter(tmp_path / "rows.parquet") as writer:
        for index in range(250):
            writer.write(problem(index))
    metadata = pq.ParquetFile(tmp_path / "rows.parquet").metadata
    assert [metadata.row_group(i).num_rows for i in range(3)] == [100, 100, 50]
    assert metadata.row_group(0).column(1).compression == "UNCOMPRESSED"
    heavy = png((0, 0, 0)) + bytes(25 * 2**20)  # a PNG may be followed by anything
    with ProblemWriter(tmp_path / "bytes.parquet") as writer:
        for index in range(4):
            writer.write(problem(index, images=(heavy,)))
    metadata = pq.ParquetFile(tmp_path / "bytes.parquet").metadata
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [3, 1]


def test_writing_does_not_wait_for_the_last_problem(tmp_path: Path) -> None:
    written: list[int] = []

    def source() -> Iterator[Problem]:
        for index in range(300):
            (file,) = tmp_path.rglob("*.tmp-*/data/.*.tmp-*") if index else [None]
            written.append(file.stat().st_size if file else 0)
            yield problem(index)

    write_problems(tmp_path / "set", source())
    group = 100 * len(problem(0).images[0])
    assert written[99] < group < written[150] and written[299] > 2 * group


def test_damage_is_met_where_it_is_and_named(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    with ProblemWriter(path) as writer:
        for index in range(300):
            writer.write(problem(index))
    column = pq.ParquetFile(path).metadata.row_group(2).column(0)
    with open(path, "r+b") as file:
        file.seek(column.data_page_offset)
        file.write(b"\xff" * 64)
    stream = read_problems(path)
    assert [next(stream).index for _ in range(200)] == list(range(200))
    with pytest.raises(ValueError, match=r"p\.parquet is damaged"):
        next(stream)


def failing_source() -> Iterator[Problem]:
    yield problem(0)
    raise RuntimeError("source broke")


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="source broke"):
        write_problems(tmp_path / "new", failing_source())
    assert list(tmp_path.iterdir()) == []


def test_a_failed_overwrite_keeps_the_old_set(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    write_problems(folder, [problem(1)])
    with pytest.raises(ValueError, match="not empty: choose another --out or pass --overwrite"):
        write_problems(folder, [problem(2)])
    with pytest.raises(RuntimeError, match="source broke"):
        write_problems(folder, failing_source(), overwrite=True)
    assert list(read_problems(folder)) == [problem(1)]
    write_problems(folder, [problem(2)], split="test", overwrite=True)
    assert [entry.name for entry in folder.iterdir()] == ["test-00000.parquet"]
    assert list(read_problems(folder)) == [problem(2)]
    assert [entry.name for entry in tmp_path.iterdir()] == ["set"]


def test_overwrite_never_deletes_files_of_others(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    write_problems(folder, [problem(1)])
    (folder / "notes.md").write_text("mine")
    with pytest.raises(ValueError, match=r"holds 'notes.md'"):
        write_problems(folder, [problem(2)], overwrite=True)
    assert (folder / "notes.md").read_text() == "mine"
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="is a file"):
        write_problems(tmp_path / "file", [problem(2)], overwrite=True)
    with pytest.raises(ValueError, match="no problem to write"):
        write_problems(tmp_path / "empty", [])


def test_an_integer_beyond_64_bits_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match=f"seed={2**63} .* 64 signed bits"),
        ProblemWriter(tmp_path / "p.parquet") as writer,
    ):
        writer.write(problem(0, seed=2**63))
    assert list(tmp_path.iterdir()) == []


REQUIRED = {
    "question": ["q0", "q1"],
    "answer": ["a0", "a1"],
    "answer_type": ["string", "string"],
    "verifier": ["exact", "exact"],
    "source": ["s", "s"],
}


def write_table(path: Path, columns: dict[str, object]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_reading_starts_at_any_row(tmp_path: Path) -> None:
    written = [problem(index) for index in range(450)]
    write_problems(tmp_path / "set", written, shard_bytes=220 * 80)
    sizes = [count_problems(file) for file in problem_files(tmp_path / "set")]
    assert len(sizes) > 1 and max(sizes) > 100  # both files and row groups are skipped
    for start in (0, 1, 99, 100, 101, sizes[0] - 1, sizes[0], sizes[0] + 1, 449, 450, 999):
        assert list(read_problems(tmp_path / "set", start=start)) == written[start:], start


def test_columns_left_out_take_their_defaults(tmp_path: Path) -> None:
    first, second = read_problems(write_table(tmp_path / "p.parquet", dict(REQUIRED)))
    expected = Problem(
        question="q1", answer="a1", answer_type="string", verifier="exact", source="s"
    )
    assert second == expected and first.id != second.id


def test_other_writers_types_are_read(tmp_path: Path) -> None:
    image = png((9, 9, 9))
    columns: dict[str, object] = {
        **REQUIRED,
        "question": pa.array(["q0", "q1"], pa.large_string()),
        "source": pa.array(["s", "s"]).dictionary_encode(),
        "difficulty": pa.array([1, 2], pa.int32()),
        "images": pa.array(
            [[{"bytes": image}], []],
            pa.large_list(pa.struct([("bytes", pa.large_binary())])),
        ),
    }
    first, second = read_problems(write_table(tmp_path / "p.parquet", columns))
    assert (first.question, first.source, first.difficulty) == ("q0", "s", 1)
    assert first.images == (image,) and second.images == ()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"answer": None}, r"column 'answer' of .*p.parquet is missing: add it as string"),
        ({"answer": [1, 2]}, r"column 'answer' of .*p.parquet has type int64: make it string"),
        ({"seed": ["1", "2"]}, r"column 'seed' of .*p.parquet has type string: make it int64"),
        ({"images": ["a.png", "b.png"]}, r"column 'images' of .*p.parquet has type string"),
        ({"verifier": ["exact", None]}, r"row 1 of .*p.parquet: column 'verifier' is null"),
        ({"modality": ["text", "dream"]}, r"row 1 of .*p.parquet: 'dream' is not a valid"),
        (
            {"images": [[], [{"bytes": None, "path": "a.png"}]]},
            r"row 1 of .*p.parquet: an image has no bytes",
        ),
        (
            {"images": [[], [{"bytes": b"no picture", "path": None}]]},
            r"row 1 of .*p.parquet: an image of 10 bytes cannot be decoded",
        ),
        ({"eval_only": [1, 0]}, r"column 'eval_only' of .*p.parquet has type int64: make it bool"),
        ({"alternatives": [["a"], [None]]}, r"row 1 of .*: column 'alternatives' holds a null"),
        (
            {"regions": [[], [{"image": 0, "text": "a", "box": [1, 2, 3]}]]},
            r"row 1 of .*: a region's box is \[1, 2, 3\]: give left, top, right, bottom",
        ),
        (
            {"regions": [[], [{"image": 0, "text": "a", "box": [1, 2, 3, None]}]]},
            r"row 1 of .*: a region holds a null",
        ),
        ({"regions": [[], [{"text": "a"}]]}, r"column 'regions' of .*p.parquet has type list"),
    ],
)
def test_bad_files_name_column_file_and_row(
    tmp_path: Path, columns: dict[str, list[object] | None], message: str
) -> None:
    table = {k: v for k, v in {**REQUIRED, **columns}.items() if v is not None}
    if isinstance(table.get("images", [""])[0], list):
        kind = pa.list_(pa.struct([("bytes", pa.binary()), ("path", pa.string())]))
        table["images"] = pa.array(table["images"], kind)
    path = write_table(tmp_path / "p.parquet", dict(table))
    with pytest.raises(ValueError, match=message):
        list(read_problems(path))


def test_paths_without_problems_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nowhere does not exist"):
        read_problems(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"holds no .parquet file"):
        read_problems(tmp_path)
    (tmp_path / "text.parquet").write_text("hello")
    with pytest.raises(ValueError, match=r"text.parquet is not a readable parquet file"):
        list(read_problems(tmp_path))
