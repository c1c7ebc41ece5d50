"""Where data files are found and how a split is drawn, on files made here."""

import gzip
from collections import Counter
from pathlib import Path

import pytest

from data_synth.sources.files import entity_split, package_file, read_lines, read_table


def test_a_csv_file_is_read_as_texts(tmp_path: Path) -> None:
    path = tmp_path / "crops.csv"
    path.write_text("year,yield\n1931,27.0\n1932,33.10\n")
    assert read_table(path) == [
        {"year": "1931", "yield": "27.0"},
        {"year": "1932", "yield": "33.10"},
    ]


def test_numbers_of_a_json_file_keep_their_spelling(tmp_path: Path) -> None:
    path = tmp_path / "crops.json"
    path.write_text('[{"year": 1931, "yield": 27.0, "site": "Waseca"},\n {"yield": 33.10}]')
    assert read_table(path) == [
        {"year": "1931", "yield": "27.0", "site": "Waseca"},
        {"yield": "33.10"},
    ]


def test_lines_of_a_compressed_file(tmp_path: Path) -> None:
    path = tmp_path / "digits.csv.gz"
    path.write_bytes(gzip.compress(b"1,2\n3,4\n"))
    assert read_lines(path) == ["1,2", "3,4"]


def test_a_file_is_found_inside_a_package_without_importing_it() -> None:
    assert package_file("PIL", "Image.py", source="photos").name == "Image.py"
    with pytest.raises(ValueError, match=r"needs the package no_such_thing: run `pip install"):
        package_file("no_such_thing", "a.csv", source="photos")
    with pytest.raises(ValueError, match=r"PIL has no data/a.csv.*pip install --upgrade"):
        package_file("PIL", "data", "a.csv", source="photos")


def test_one_entity_in_five_is_tested_on_and_a_source_has_its_own_draw() -> None:
    counts = Counter(entity_split("maps", str(i)) for i in range(5_000))
    assert set(counts) == {"train", "test"}
    assert 900 < counts["test"] < 1_100
    assert [entity_split("maps", "FRA") for _ in range(2)] == [entity_split("maps", "FRA")] * 2
    agreeing = sum(entity_split("maps", str(i)) == entity_split("cars", str(i)) for i in range(500))
    assert agreeing < 400  # 0.68 of them by chance
