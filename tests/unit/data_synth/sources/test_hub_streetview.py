"""Location guessing on a local file in the published schema."""

from pathlib import Path

import datasets
import pytest
from datasets import Value

from data_synth.sources.hub.streetview import country_names
from data_synth.verify import check_reference
from tests.unit.data_synth.sources.hub_sets import TEXT, cell, jpeg, read, real, write

IMAGE = datasets.Image()
BLUE = jpeg(0)

STREETVIEW = {
    "image": IMAGE,
    "country_iso_alpha2": TEXT,
    "latitude": Value("float64"),
    "longitude": Value("float64"),
    "address": TEXT,
}


def _street(code: str, latitude: float, longitude: float) -> dict[str, object]:
    return {
        "image": cell(BLUE),
        "country_iso_alpha2": code,
        "latitude": latitude,
        "longitude": longitude,
        "address": "Jarse Slovenia",
    }


def test_streetview_asks_for_coordinates_and_for_the_country(tmp_path: Path) -> None:
    rows = [_street("SI", 46.028223, 14.345106), _street("ZZ", -33.9, -70.5)]
    path = write(tmp_path / "train.parquet", rows, STREETVIEW)

    places, _ = read("streetview-location", "train", path)
    countries, skipped = read("streetview-country", "train", path)

    assert places[0] == real(
        "streetview-location",
        question="Where was this panorama taken?\nAnswer with latitude and longitude in decimal "
        "degrees, such as 48.8584, 2.2945.",
        images=(BLUE,),
        answer="46.02822, 14.34511",
        answer_type="tuple",
        verifier="globe_distance",
        domain="location",
        discipline="geolocation",
    )
    assert places[1].answer == "-33.90000, -70.50000"
    assert countries == [
        real(
            "streetview-country",
            question="In which country was this panorama taken?\nAnswer with the English name of "
            "the country.",
            images=(BLUE,),
            answer="Slovenia",
            alternatives=("Republic of Slovenia",),
            answer_type="string",
            verifier="place",
            domain="location",
            discipline="geolocation",
        )
    ]
    assert skipped == {"unknown_country": 1}
    for problem in (*places, *countries):
        check_reference(problem.verifier, problem.answer, alternatives=problem.alternatives)


def test_streetview_refuses_points_off_the_globe(tmp_path: Path) -> None:
    path = write(tmp_path / "train.parquet", [_street("SI", 146.0, 14.3)], STREETVIEW)

    with pytest.raises(ValueError, match=r"row 0 of streetview-location .*'latitude'"):
        read("streetview-location", "train", path)


def test_country_names_begin_with_the_everyday_one() -> None:
    first = {code: country_names(code, source="test")[0] for code in ("RU", "KR", "BO", "US", "si")}

    assert first == {
        "RU": "Russia",
        "KR": "South Korea",
        "BO": "Bolivia",
        "US": "United States",
        "si": "Slovenia",
    }
    assert "Russian Federation" in country_names("RU", source="test")
