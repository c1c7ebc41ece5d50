"""Maps drawn from real borders: which country is coloured, and where on the globe is its capital.

Borders, names and capitals come inside the package countryinfo (borders from world.geo.json, a
simplification of public-domain data; disputed borders are as they are there). The drawing is ours,
so the modality is synthetic. A country stands on one side of the split with all its maps.
"""

import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from data_synth.canvas import UNITS, Canvas
from data_synth.png import encode_png
from data_synth.problem import Modality, Problem
from data_synth.seeding import derive_rng
from data_synth.sources.base import Source
from data_synth.sources.files import (
    SPLITS,
    entity_split,
    metadata_fields,
    package_file,
    refuse_path,
)
from data_synth.style import PLAIN, RGB, Style

DEFAULT_IMAGE_SIZE = 560
_VIEWS = 4  # maps of one country with the country coloured, and as many with its capital
_COLORS = ("red", "blue", "green", "purple")
_LAND: RGB = (232, 226, 208)
_SEA: RGB = (214, 230, 242)
_MIN_SPAN, _MAX_SPAN = 14.0, 150.0  # degrees of longitude across a map
_MIN_VISIBLE = 0.04  # of the width, the larger side of a coloured country
_CAPITAL_SPAN = 44.0
_GRATICULE = 10
_EDGE = 45  # units from the edge within which a label would be cut off
_CAPITAL_SLACK = 0.6  # degrees that borders are simplified by at most
_ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ARE": ("United Arab Emirates", "UAE", "Emirates"),
        "CIV": ("Ivory Coast", "Cote d'Ivoire"),
        "COD": ("Democratic Republic of the Congo", "DR Congo", "DRC", "Congo-Kinshasa"),
        "COG": ("Republic of the Congo", "Congo", "Congo-Brazzaville"),
        "CZE": ("Czechia", "Czech Republic"),
        "GBR": ("United Kingdom", "UK", "Great Britain", "Britain"),
        "KOR": ("South Korea",),
        "MKD": ("North Macedonia", "Macedonia"),
        "PRK": ("North Korea",),
        "RUS": ("Russia",),
        "SWZ": ("Eswatini", "Swaziland"),
        "TLS": ("Timor-Leste", "East Timor"),
        "TUR": ("Turkey", "Turkiye"),
        "USA": ("United States", "US", "United States of America", "America"),
    }
)
# Where the package has no borders (Hungary, Serbia, Montenegro, Myanmar, Jamaica) there is land all
# the same. Traced roughly: the neighbours are drawn over it.
_UNNAMED_LAND: tuple[tuple[tuple[float, float], ...], ...] = (
    (
        (16.2, 46.9),
        (17.0, 48.1),
        (20.5, 48.5),
        (22.9, 48.1),
        (22.1, 46.5),
        (21.0, 46.0),
        (22.7, 44.4),
        (22.9, 43.0),
        (22.3, 42.2),
        (20.6, 41.9),
        (19.4, 41.9),
        (18.5, 42.5),
        (19.2, 43.6),
        (18.9, 45.9),
    ),
    (
        (92.3, 20.7),
        (94.3, 18.2),
        (94.2, 16.0),
        (95.4, 15.7),
        (96.8, 17.3),
        (97.7, 15.0),
        (98.6, 10.2),
        (99.5, 13.0),
        (98.4, 15.3),
        (97.4, 18.5),
        (101.2, 21.4),
        (99.2, 22.1),
        (97.7, 25.0),
        (98.7, 27.6),
        (97.3, 28.3),
        (95.2, 26.5),
        (94.1, 24.0),
        (92.6, 22.0),
    ),
    ((-78.3, 18.2), (-77.6, 18.5), (-76.4, 18.2), (-77.2, 17.8)),
)
# Not a country, or without a place on a map of this kind.
_LEFT_OUT = frozenset({"ATA", "ATF"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Country:
    """A country as the package has it.

    Example:
        Country(code="FRA", name="France", aliases=("French Republic",), rings=(...),
                capital="Paris", location=(48.86, 2.35))
    """

    code: str
    """ISO 3166-1 alpha-3."""
    name: str
    aliases: tuple[str, ...]
    rings: tuple[tuple[tuple[float, float], ...], ...]
    """Outer borders, points as (longitude, latitude) in degrees."""
    capital: str
    location: tuple[float, float] | None
    """Latitude and longitude of the capital; None if unknown or outside the borders."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the largest part."""
        return _box(max(self.rings, key=_extent))


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """The part of the globe that a map shows, as wide as high on the ground in its middle.

    Example:
        View(west=-10, north=60, span=40)
    """

    west: float
    north: float
    span: float
    """Degrees of longitude across."""

    @property
    def height(self) -> float:
        """Degrees of latitude from top to bottom."""
        # A degree of longitude shrinks with latitude; the top stands for the whole map.
        return self.span * math.cos(math.radians(min(75.0, abs(self.north - self.span / 3))))

    def place(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Position on the canvas, in units."""
        x = (longitude - self.west) / self.span * UNITS
        return x, (self.north - latitude) / self.height * UNITS


class WorldMap(Source):
    """Per country, maps with the country coloured and maps with its capital marked."""

    name = "world-map"
    licence = "MIT"
    citation = "countryinfo (MIT), borders from johan/world.geo.json"
    scoring = "place"
    splits = SPLITS

    def __init__(self, *, image_size: int = DEFAULT_IMAGE_SIZE) -> None:
        super().__init__()
        self.image_size = image_size

    def _read(
        self, split: str, *, path: str | None, streaming: bool, revision: str | None
    ) -> Iterator[Problem]:
        refuse_path(self.name, path)
        return self._problems(read_countries(), split)

    def _problems(self, countries: Sequence[Country], split: str) -> Iterator[Problem]:
        index = 0
        for country in countries:
            if entity_split(self.name, country.code) != split:
                continue
            for number in range(_VIEWS):
                rng = derive_rng(self.name, country.code, number)
                for make in (self._ask_country, self._ask_capital):
                    fields = make(country, countries, rng)
                    if fields is None:
                        self.skipped["capital unknown"] += 1
                        continue
                    yield Problem(
                        modality=Modality.SYNTHETIC,
                        domain="maps",
                        split=split,
                        index=index,
                        **fields,
                        **metadata_fields(self),
                    )
                    index += 1

    def _ask_country(
        self, country: Country, countries: Sequence[Country], rng: random.Random
    ) -> dict[str, Any]:
        color = rng.choice(_COLORS)
        image = draw_map(
            countries,
            _view_of(country, rng),
            size=self.image_size,
            filled={country.code: color},
        )
        return {
            "question": f"Which country is {color} on the map? Answer with its name in English.",
            "images": (encode_png(image),),
            "answer": country.name,
            "alternatives": country.aliases,
            "answer_type": "string",
            "verifier": "place",
            "discipline": "country recognition",
        }

    def _ask_capital(
        self, country: Country, countries: Sequence[Country], rng: random.Random
    ) -> dict[str, Any] | None:
        if country.location is None:
            return None
        latitude, longitude = country.location
        image = draw_map(
            countries,
            _view_around(longitude, latitude, _CAPITAL_SPAN, rng),
            size=self.image_size,
            dot=(longitude, latitude),
        )
        return {
            "question": (
                "Read the position of the red dot off the map. Answer as (latitude,longitude) in "
                "degrees with one decimal, south and west negative."
            ),
            "images": (encode_png(image),),
            "answer": f"({latitude:.1f},{longitude:.1f})",
            "answer_type": "tuple",
            "verifier": "globe_distance",
            "discipline": "map reading",
        }


def read_countries() -> list[Country]:
    """All countries that have borders, by their code.

    Raises:
        ValueError: countryinfo is not installed.
    """
    folder = package_file("countryinfo", "data", source=WorldMap.name)
    records = (json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json")))
    countries = [_country(record) for record in records if record.get("geoJSON")]
    return sorted(
        (country for country in countries if country.code not in _LEFT_OUT),
        key=lambda country: country.code,
    )


def draw_map(
    countries: Sequence[Country],
    view: View,
    *,
    size: int,
    filled: Mapping[str, str] = MappingProxyType({}),
    dot: tuple[float, float] | None = None,
    style: Style = PLAIN,
) -> Any:
    """A square map of `size` pixels; with a `dot` (longitude, latitude) it has a labelled grid."""
    canvas = Canvas(size, style)
    canvas.rectangle((0, 0, UNITS, UNITS), fill=_SEA)
    for ring in _UNNAMED_LAND:
        canvas.polygon([view.place(*point) for point in ring], fill=_LAND)
    for country in countries:
        color: str | RGB = filled.get(country.code, _LAND)
        for ring in country.rings:
            points = [view.place(*point) for point in ring]
            if _is_visible(points):
                canvas.polygon(points, fill=color, outline=(120, 120, 120), width=2)
    if dot is not None:
        _draw_graticule(canvas, view)
        canvas.circle(*view.place(*dot), 13, fill="red", outline="ink", width=3)
    return canvas.image()


def _draw_graticule(canvas: Canvas, view: View) -> None:
    first = math.ceil(view.west / _GRATICULE) * _GRATICULE
    for longitude in range(first, int(view.west + view.span) + 1, _GRATICULE):
        x, _ = view.place(longitude, 0)
        canvas.line([(x, 0), (x, UNITS)], color=(150, 150, 170), width=2)
        if _EDGE < x < UNITS - _EDGE:
            text = f"{abs(longitude)}{'W' if longitude < 0 else 'E'}" if longitude else "0"
            canvas.text(x, UNITS - 24, text, size=34, halo=True)
    south = view.north - view.height
    for latitude in range(
        math.ceil(south / _GRATICULE) * _GRATICULE, int(view.north) + 1, _GRATICULE
    ):
        _, y = view.place(0, latitude)
        canvas.line([(0, y), (UNITS, y)], color=(150, 150, 170), width=2)
        if _EDGE < y < UNITS - _EDGE:
            text = f"{abs(latitude)}{'S' if latitude < 0 else 'N'}" if latitude else "0"
            canvas.text(38, y, text, size=34, halo=True)


def _view_of(country: Country, rng: random.Random) -> View:
    west, south, east, north = country.box
    extent = max(east - west, north - south)
    widest = min(_MAX_SPAN, extent / _MIN_VISIBLE)
    span = min(max(_MIN_SPAN, extent * rng.uniform(1.7, 5.0)), max(widest, _MIN_SPAN))
    return _view_around((west + east) / 2, (south + north) / 2, span, rng)


def _view_around(longitude: float, latitude: float, span: float, rng: random.Random) -> View:
    """A map with a point somewhere in its middle, within the limits of the globe."""
    height = span * math.cos(math.radians(min(75.0, abs(latitude))))
    west = longitude - span * rng.uniform(0.38, 0.62)
    north = latitude + height * rng.uniform(0.38, 0.62)
    return View(west=max(-180.0, min(180.0 - span, west)), north=min(86.0, north), span=span)


def _country(record: Mapping[str, Any]) -> Country:
    code = record["ISO"]["alpha3"]
    rings: list[tuple[tuple[float, float], ...]] = []
    names = [record["name"], *_ALIASES.get(code, ())]
    for feature in record["geoJSON"]["features"]:
        geometry = feature["geometry"]
        single = geometry["type"] == "Polygon"
        parts = [geometry["coordinates"]] if single else geometry["coordinates"]
        rings += [tuple((x, y) for x, y in part[0]) for part in parts]
        names.append(feature["properties"]["name"])
    # Codes of two letters are also words and codes of regions.
    names += [name for name in record["altSpellings"] if len(name) > 2]
    known = record["capital_latlng"]
    location = (float(known[0]), float(known[1])) if known else None
    return Country(
        code=code,
        name=_ALIASES.get(code, (record["name"],))[0],
        aliases=tuple(dict.fromkeys(names)),
        rings=tuple(rings),
        capital=record["capital"] or "",
        location=location if location and _is_near(rings, location) else None,
    )


def _is_near(rings: Sequence[Sequence[tuple[float, float]]], location: tuple[float, float]) -> bool:
    """Whether a capital lies within the box of a part: the package has wrong ones."""
    latitude, longitude = location
    return any(
        west - _CAPITAL_SLACK <= longitude <= east + _CAPITAL_SLACK
        and south - _CAPITAL_SLACK <= latitude <= north + _CAPITAL_SLACK
        for west, south, east, north in map(_box, rings)
    )


def _box(ring: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def _extent(ring: Sequence[tuple[float, float]]) -> float:
    west, south, east, north = _box(ring)
    return max(east - west, north - south)


def _is_visible(points: Sequence[tuple[float, float]]) -> bool:
    left, top, right, bottom = _box(points)
    return right > 0 and left < UNITS and bottom > 0 and top < UNITS
