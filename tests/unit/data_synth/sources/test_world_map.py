"""Maps: known countries and capitals, and positions read back off the pixels."""

import io
import itertools
from functools import cache

import pytest
from PIL import Image

from data_synth.sources.world_map import Country, View, WorldMap, draw_map, read_countries
from data_synth.verify import check_reference, verify

RED = (214, 39, 40)


@cache
def countries() -> dict[str, Country]:
    return {country.code: country for country in read_countries()}


def test_countries_of_the_package() -> None:
    assert len(countries()) > 160
    assert "ATA" not in countries()  # Antarctica is no country
    france = countries()["FRA"]
    assert (france.name, france.capital) == ("France", "Paris")
    assert france.location == pytest.approx((48.86, 2.35), abs=0.01)
    assert france.box == pytest.approx((-4.6, 42.3, 8.1, 51.1), abs=0.1)
    # The package puts Dili next to Delhi, far outside East Timor.
    assert countries()["TLS"].location is None


def test_common_names_are_accepted_and_others_are_not() -> None:
    for code, name in (
        ("CZE", "Czechia"),
        ("CZE", "the Czech Republic"),
        ("CIV", "Cote d'Ivoire"),
        ("USA", "U.S."),
        ("GBR", "UK"),
        ("COD", "DR Congo"),
        ("BHS", "Bahamas"),
        ("KOR", "Republic of Korea"),
    ):
        country = countries()[code]
        assert verify("place", country.name, name, alternatives=country.aliases).correct, name
    niger = countries()["NER"]
    for name in ("Nigeria", "NE", "Niger or Nigeria", "maybe Niger"):
        assert not verify("place", niger.name, name, alternatives=niger.aliases).correct, name


def test_no_two_countries_share_a_name() -> None:
    seen: dict[str, str] = {}
    for country in countries().values():
        for name in {country.name.casefold(), *(alias.casefold() for alias in country.aliases)}:
            assert seen.setdefault(name, country.code) == country.code, name


def test_a_dot_stands_where_its_coordinates_are() -> None:
    view = View(west=-10, north=60, span=40)
    image = draw_map([], view, size=400, dot=(10, 45))
    reds = [(x, y) for x in range(400) for y in range(400) if image.getpixel((x, y)) == RED]
    x = sum(x for x, _ in reds) / len(reds)
    y = sum(y for _, y in reds) / len(reds)
    # 20 of 40 degrees from the west; the height follows the cosine of 60 - 40/3 degrees.
    assert x == pytest.approx(200, abs=1.5)
    assert y == pytest.approx(15 / (40 * 0.68641) * 400, abs=1.5)


def test_the_coloured_country_covers_its_share_of_the_map() -> None:
    square = Country(
        code="SQR",
        name="Square",
        aliases=(),
        rings=(((0, 0), (10, 0), (10, 10), (0, 10), (0, 0)),),
        capital="",
        location=None,
    )
    view = View(west=-5, north=15, span=20)
    image = draw_map([square], view, size=400, filled={"SQR": "red"})
    reds = sum(image.getpixel((x, y)) == RED for x in range(400) for y in range(400))
    degree = 400 / 20, 400 / view.height
    assert reds == pytest.approx(10 * degree[0] * 10 * degree[1], rel=0.03)


def test_land_without_borders_in_the_package_is_no_sea() -> None:
    view = View(west=0, north=55, span=40)
    image = draw_map(list(countries().values()), view, size=400)
    for longitude, latitude in ((19.0, 47.2), (21.0, 44.0), (2.5, 47.0)):
        x, y = view.place(longitude, latitude)
        assert image.getpixel((round(x * 0.4), round(y * 0.4))) == (232, 226, 208)
    x, y = view.place(12.0, 40.0)
    assert image.getpixel((round(x * 0.4), round(y * 0.4))) == (214, 230, 242)


def test_problems_of_both_splits() -> None:
    rows = {
        split: list(itertools.islice(WorldMap(image_size=96).open(split), 24))
        for split in ("train", "test")
    }
    for split, problems in rows.items():
        for problem in problems:
            check_reference(problem.verifier, problem.answer, alternatives=problem.alternatives)
            assert problem.split == split
            assert Image.open(io.BytesIO(problem.images[0])).size == (96, 96)
            hedged = f"{problem.answer} or {problems[-1].answer}"
            assert not verify(
                problem.verifier, problem.answer, hedged, alternatives=problem.alternatives
            ).correct
    named = {split: {p.answer for p in problems} for split, problems in rows.items()}
    assert named["train"] and not named["train"] & named["test"]
    assert {p.verifier for p in rows["train"]} == {"place", "globe_distance"}
    assert len({p.images for p in rows["train"]}) == 24


def test_a_marked_capital_is_inside_its_map() -> None:
    for problem in itertools.islice(WorldMap(image_size=128).open("test"), 40):
        if problem.verifier != "globe_distance":
            continue
        image = Image.open(io.BytesIO(problem.images[0])).convert("RGB")
        reds = [
            (x, y)
            for x in range(128)
            for y in range(128)
            if (pixel := image.getpixel((x, y))) and pixel[0] > 170 and pixel[1] < 90  # type: ignore[index]
        ]
        assert reds, problem.answer
        x = sum(x for x, _ in reds) / len(reds)
        longitude = float(problem.answer.strip("()").split(",")[1])
        # Near the antimeridian a map cannot go on to the other side.
        assert 0.3 * 128 < x < 0.7 * 128 or abs(longitude) > 155
