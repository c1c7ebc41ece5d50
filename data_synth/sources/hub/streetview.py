"""Location guessing: where on Earth was a street panorama taken? (k1.5 §2.3.5)

Two sources read the same rows, one for each question, so that a mixture can weigh them.
"""

from collections.abc import Iterator
from typing import Any

from data_synth.sources.base import import_package
from data_synth.sources.hub.adapter import Draft, HubSource, Skip
from data_synth.sources.hub.answers import join_question
from data_synth.sources.hub.rows import Row

_EVERYDAY_NAMES: dict[str, tuple[str, ...]] = {
    "AE": ("United Arab Emirates", "UAE", "Emirates"),
    "BA": ("Bosnia and Herzegovina", "Bosnia", "Bosnia-Herzegovina"),
    "BN": ("Brunei",),
    "CC": ("Cocos Islands", "Keeling Islands"),
    "CD": ("Democratic Republic of the Congo", "DR Congo", "DRC", "Congo-Kinshasa"),
    "CG": ("Republic of the Congo", "Congo", "Congo-Brazzaville"),
    "CI": ("Ivory Coast",),
    "CV": ("Cape Verde",),
    "CZ": ("Czech Republic",),
    "FK": ("Falkland Islands",),
    "FM": ("Micronesia",),
    "GB": ("United Kingdom", "UK", "Great Britain", "Britain"),
    "KR": ("South Korea", "Korea"),
    "MF": ("Saint Martin",),
    "MK": ("North Macedonia", "Macedonia"),
    "MM": ("Myanmar", "Burma"),
    "NL": ("Netherlands", "Holland"),
    "PS": ("Palestine",),
    "RU": ("Russia",),
    "SX": ("Sint Maarten",),
    "SZ": ("Eswatini", "Swaziland"),
    "TL": ("East Timor",),
    "TR": ("Turkey",),
    "US": ("United States", "United States of America", "USA", "US", "America"),
    "VA": ("Vatican City", "Vatican"),
    "VG": ("British Virgin Islands",),
    "VI": ("US Virgin Islands",),
    "XK": ("Kosovo",),
}
"""What a country is called, by ISO 3166-1 code, where the name in the standard is not it."""


class _StreetView(HubSource):
    repository = "stochastic/random_streetview_images_pano_v0.0.2"
    licence = "MIT"
    citation = "stochastic, random_streetview_images_pano v0.0.2, Hugging Face 2022"
    domain = "location"


class StreetViewLocation(_StreetView):
    """Coordinates, scored by distance."""

    name = "streetview-location"
    scoring = "globe_distance"

    def _drafts(self, row: Row) -> Iterator[Draft | Skip]:
        latitude, longitude = row.number("latitude"), row.number("longitude")
        if not abs(latitude) <= 90:
            raise row.broken("latitude", "degrees from -90 to 90")
        if not abs(longitude) <= 180:
            raise row.broken("longitude", "degrees from -180 to 180")
        yield Draft(
            question=join_question(
                "Where was this panorama taken?",
                "Answer with latitude and longitude in decimal degrees, such as 48.8584, 2.2945.",
            ),
            answer=f"{latitude:.5f}, {longitude:.5f}",
            answer_type="tuple",
            verifier=self.scoring,
            discipline="geolocation",
        )


class StreetViewCountry(_StreetView):
    """The country, by any of its usual names."""

    name = "streetview-country"
    scoring = "place"

    def _drafts(self, row: Row) -> Iterator[Draft | Skip]:
        names = country_names(row.text("country_iso_alpha2"), source=self.name)
        if not names:
            yield Skip("unknown_country")
            return
        yield Draft(
            question=join_question(
                "In which country was this panorama taken?",
                "Answer with the English name of the country.",
            ),
            answer=names[0],
            alternatives=names[1:],
            verifier=self.scoring,
            discipline="geolocation",
        )


def country_names(code: str, *, source: str) -> tuple[str, ...]:
    """Names of a country, the everyday one first; empty for an unknown ISO 3166-1 alpha-2 code.

    Raises:
        ValueError: `pycountry`, which holds the standard, is not installed.
    """
    code = code.upper()
    countries: Any = import_package("pycountry", source=source).countries
    country = countries.get(alpha_2=code)
    fields = ("common_name", "name", "official_name")
    standard = [getattr(country, field, None) for field in fields]
    names = [*_EVERYDAY_NAMES.get(code, ()), *filter(None, standard)]
    return tuple(dict.fromkeys(names))
