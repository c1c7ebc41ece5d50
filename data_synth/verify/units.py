"""The table of units: what a name of a unit means, exactly.

A unit is a rational factor times a power of pi, dimensions, and for the two temperature scales an
offset. The base units are m, kg, s, A, K, mol, cd and, each a dimension of its own, rad, bit,
month, percent, decibel, pixel, "unit" and every currency. Exact definitions only: a year is twelve
months and no number of days, US customary volumes, thermochemical calories; the ton, which may be
three things, is left out, while the tonne is in. KB is kB (1,000 bytes), KiB is 1,024.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from data_synth.verify.units_table import BINARY_PREFIXES, PREFIXES, UNITS_TABLE


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """What one of a unit is in base units: (number + offset) * factor * pi ** pi_power."""

    factor: Fraction
    """Size in base units."""
    dimensions: tuple[tuple[str, int], ...] = ()
    """(base unit, exponent), sorted, no exponent zero."""
    pi_power: int = 0
    """Power of pi in the size: a degree is pi/180 rad."""
    offset: Fraction = Fraction(0)
    """Added to a number on this scale: 273.15 for degrees Celsius."""

    def times(self, other: "Unit", power: int = 1) -> "Unit":
        """This unit times `other` to a power; offsets vanish, since J/K and J/(deg C) are equal."""
        exponents = dict(self.dimensions)
        for base, exponent in other.dimensions:
            exponents[base] = exponents.get(base, 0) + exponent * power
        return Unit(
            factor=self.factor * other.factor**power,
            dimensions=tuple(sorted((base, e) for base, e in exponents.items() if e)),
            pi_power=self.pi_power + other.pi_power * power,
        )


ONE = Unit(factor=Fraction(1))
"""The unit of a number without a unit."""

_CELSIUS_NAMES = "\u00b0C degC celsius centigrade 摄氏度 degree_celsius degrees_celsius"
_FAHRENHEIT_NAMES = "\u00b0F degF fahrenheit 华氏度 degree_fahrenheit degrees_fahrenheit"


def _parse_dimensions(text: str) -> tuple[tuple[tuple[str, int], ...], int]:
    exponents = {}
    for part in text.split():
        base, _, exponent = part.partition("^")
        exponents[base] = int(exponent or 1)
    pi_power = exponents.pop("pi", 0)
    return tuple(sorted(exponents.items())), pi_power


def _iterate_prefixes(letters: str) -> Iterator[tuple[str, str, Fraction]]:
    """(symbol, word, factor) of the prefixes that a row of the table allows."""
    wanted = letters.split()
    for symbol, (word, power) in PREFIXES.items():
        if "*" in wanted or symbol in wanted:
            yield symbol, word, Fraction(10) ** power
    if "#" in wanted:
        for symbol, (word, size) in BINARY_PREFIXES.items():
            yield symbol, word, Fraction(size)


def _plurals(word: str) -> tuple[str, ...]:
    return (word,) if word.endswith(("s", "feet", "ries")) else (word, word + "s")


def _build() -> tuple[dict[str, Unit], dict[str, Unit], dict[str, Unit]]:
    symbols: dict[str, Unit] = {}
    prefixed: dict[str, Unit] = {}
    words: dict[str, Unit] = {}
    chinese: dict[str, Unit] = {}
    for row in UNITS_TABLE.strip().splitlines():
        short, long, other, factor, dimensions, prefixes = (c.strip() for c in row.split("|"))
        base, pi_power = _parse_dimensions(dimensions)
        unit = Unit(factor=Fraction(factor), dimensions=base, pi_power=pi_power)
        names = [word.replace("_", " ") for word in long.split()]
        symbols |= dict.fromkeys(short.split(), unit)
        chinese |= dict.fromkeys(other.split(), unit)
        words |= {form: unit for name in names for form in _plurals(name)}
        for symbol, word, size in _iterate_prefixes(prefixes):
            scaled = Unit(factor=unit.factor * size, dimensions=base, pi_power=pi_power)
            prefixed |= {symbol + name: scaled for name in short.split()}
            words |= {word + form: scaled for name in names for form in _plurals(name)}
    zero = Fraction("273.15"), Fraction("459.67")
    for names_of, size, offset in zip(
        (_CELSIUS_NAMES, _FAHRENHEIT_NAMES), (Fraction(1), Fraction(5, 9)), zero, strict=True
    ):
        scale = Unit(factor=size, dimensions=(("K", 1),), offset=offset)
        words |= {name.replace("_", " ").casefold(): scale for name in names_of.split()}
        chinese |= {name: scale for name in names_of.split() if not name.isascii()}
        symbols |= dict.fromkeys(names_of.split()[:2], scale)
    # A symbol of its own wins over prefix and unit: min, cd, Pa, ft.
    return prefixed | symbols, words, chinese


def _fold_case(symbols: Mapping[str, Unit]) -> dict[str, Unit]:
    """Symbols of two or more letters in any case, where one unit alone can be meant: KM, Kg."""
    folded: dict[str, Unit] = {}
    clashing: set[str] = set()
    for symbol, unit in symbols.items():
        key = symbol.casefold()
        if len(symbol) < 2 or folded.setdefault(key, unit) != unit:
            clashing.add(key)
    return {key: unit for key, unit in folded.items() if key not in clashing}


_SYMBOLS, _WORDS, _CHINESE = _build()
_FOLDED = _fold_case(_SYMBOLS)
CHINESE_UNITS: Mapping[str, Unit] = MappingProxyType(_CHINESE)
"""Chinese name -> unit."""
MAX_CHINESE_NAME = max(map(len, _CHINESE))


def find_unit(name: str) -> Unit | None:
    """The unit with this symbol or English or Chinese name; None if there is none.

    Letter case counts where it decides (mW and MW, kB and kb) and not otherwise (KM is km).
    """
    folded = name.casefold()
    return _SYMBOLS.get(name) or _WORDS.get(folded) or _CHINESE.get(name) or _FOLDED.get(folded)
