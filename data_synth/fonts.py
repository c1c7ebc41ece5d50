"""Typefaces out of installed packages, by name: no system font is ever read.

A family is found by looking into its package, which is never imported. Which families there are
depends on what is installed; what a name looks like does not.
"""

import random
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias

from PIL import ImageFont

FontKind: TypeAlias = Literal["sans", "serif", "mono", "hand", "script"]

EMBEDDED = "aileron"
"""Inside Pillow: always there, ASCII and a few typographic signs."""
GENERIC: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sans": ("noto-sans", "dejavu-sans", EMBEDDED),
        "serif": ("noto-serif", "dejavu-serif", "stix"),
        "mono": ("dejavu-sans-mono", "jetbrains-mono", "source-code-pro"),
    }
)
"""What stands behind `sans`, `serif` and `mono`: the first that is installed."""
_REGULAR, _BOLD = 400, 700
_NONCHARACTER = "\U0010ffff"  # never assigned, so every face draws its missing-glyph box


@dataclass(frozen=True, slots=True)
class FontFile:
    """One face: a file, and the weight to set if it holds many.

    Example:
        FontFile("fonts/NotoSans[wght].ttf", 700)
    """

    path: str
    """Empty for the face embedded in Pillow."""
    weight: int | None = None
    """Value of the `wght` axis; None if the file has one weight."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Family:
    """Where the faces of a family are, relative to their package."""

    kind: FontKind
    package: str
    folder: str
    regular: str
    bold: str = ""
    italic: str = ""
    bold_italic: str = ""
    variable: bool = False


def _dejavu(kind: FontKind, name: str, italic: str) -> _Family:
    return _Family(
        kind=kind,
        package="matplotlib",
        folder="mpl-data/fonts/ttf",
        regular=f"{name}.ttf",
        bold=f"{name}-Bold.ttf",
        italic=f"{name}-{italic}.ttf",
        bold_italic=f"{name}-Bold{italic}.ttf",
    )


def _google(kind: FontKind, package: str, name: str, axes: str, *, italic: bool = True) -> _Family:
    return _Family(
        kind=kind,
        package=package,
        folder="files",
        regular=f"{name}[{axes}].ttf",
        italic=f"{name}-Italic[{axes}].ttf" if italic else "",
        variable=True,
    )


def _script(group: str, name: str, axes: str = "wdth,wght") -> _Family:
    return _Family(
        kind="script",
        package=f"justmytype_intl_{group}",
        folder=f"fonts/ofl/{name.lower()}",
        regular=f"{name}[{axes}].ttf",
        variable=True,
    )


_FAMILIES: Mapping[str, _Family] = MappingProxyType(
    {
        "dejavu-sans": _dejavu("sans", "DejaVuSans", "Oblique"),
        "dejavu-serif": _dejavu("serif", "DejaVuSerif", "Italic"),
        "dejavu-sans-mono": _dejavu("mono", "DejaVuSansMono", "Oblique"),
        "stix": _Family(
            kind="serif",
            package="matplotlib",
            folder="mpl-data/fonts/ttf",
            regular="STIXGeneral.ttf",
            bold="STIXGeneralBol.ttf",
            italic="STIXGeneralItalic.ttf",
            bold_italic="STIXGeneralBolIta.ttf",
        ),
        "noto-sans": _google("sans", "fontpkg_noto_sans", "NotoSans", "wdth,wght"),
        "noto-serif": _google("serif", "fontpkg_noto_serif", "NotoSerif", "wdth,wght"),
        "roboto": _google("sans", "fontpkg_roboto", "Roboto", "wdth,wght"),
        "lora": _google("serif", "fontpkg_lora", "Lora", "wght"),
        "jetbrains-mono": _google("mono", "fontpkg_jetbrains_mono", "JetBrainsMono", "wght"),
        "source-code-pro": _google("mono", "fontpkg_source_code_pro", "SourceCodePro", "wght"),
        "caveat": _google("hand", "fontpkg_caveat", "Caveat", "wght", italic=False),
        "noto-sans-sc": _script("cjk", "NotoSansSC", "wght"),
        "noto-sans-tc": _script("cjk", "NotoSansTC", "wght"),
        "noto-sans-jp": _script("cjk", "NotoSansJP", "wght"),
        "noto-sans-kr": _script("cjk", "NotoSansKR", "wght"),
        "noto-sans-arabic": _script("rtl", "NotoSansArabic"),
        "noto-sans-hebrew": _script("rtl", "NotoSansHebrew"),
        "noto-sans-devanagari": _script("south_asia", "NotoSansDevanagari"),
        "noto-sans-bengali": _script("south_asia", "NotoSansBengali"),
        "noto-sans-tamil": _script("south_asia", "NotoSansTamil"),
        "noto-sans-telugu": _script("south_asia", "NotoSansTelugu"),
    }
)
HAN_FONT = "noto-sans-sc"
"""Draws Chinese characters of text that is neither Japanese nor Korean."""
_KANA = re.compile(
    "[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff\uff66-\uff9d]"
)
_HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7af]")
# Where a character that a font lacks is looked for. Script fonts draw symbols, if at all, as wide
# as their own characters.
_SCRIPTS = tuple(name for name, family in _FAMILIES.items() if family.kind == "script")
_LETTER_FALLBACKS = (*_SCRIPTS, "dejavu-sans", "noto-sans", "stix", EMBEDDED)
_SYMBOL_FALLBACKS = ("dejavu-sans", "stix", "noto-sans", *_SCRIPTS, EMBEDDED)


@lru_cache(maxsize=1)
def font_names() -> tuple[str, ...]:
    """The families that are installed, sorted."""
    return tuple(sorted([EMBEDDED, *(name for name in _FAMILIES if _folder(name) is not None)]))


def random_font(rng: random.Random, *, kind: str = "any") -> str:
    """An installed family: `sans`, `serif`, `mono`, `hand`, or any of these.

    Raises:
        ValueError: an unknown kind, or none of it is installed.
    """
    names = [name for name in font_names() if _kind(name) == kind or kind == "any"]
    names = [name for name in names if _kind(name) != "script"]
    if not names:
        raise ValueError(
            f"no font of kind {kind!r} is installed: choose sans, serif, mono, hand or any, or run "
            "`pip install 'mm_rl[render]'`"
        )
    return rng.choice(names)


def han_font(text: str) -> str:
    """The family whose forms of Chinese characters a text expects, by the scripts beside them."""
    if text.isascii():
        return HAN_FONT
    if _KANA.search(text):
        return "noto-sans-jp"
    return "noto-sans-kr" if _HANGUL.search(text) else HAN_FONT


def fallback_fonts(char: str, *, han: str = HAN_FONT) -> tuple[str, ...]:
    """Installed families in the order in which a missing character is looked for.

    Symbols come from text fonts first, everything else from the fonts of scripts, `han` before all.
    """
    return _fallbacks(unicodedata.category(char).startswith("S"), han)


@lru_cache(maxsize=8)
def _fallbacks(is_symbol: bool, han: str) -> tuple[str, ...]:
    names = _SYMBOL_FALLBACKS if is_symbol else (han, *_LETTER_FALLBACKS)
    return tuple(dict.fromkeys(name for name in names if name in font_names()))


@lru_cache(maxsize=256)
def find_font(name: str, *, bold: bool = False, italic: bool = False) -> FontFile:
    """The face of a family, a generic name, or the path of a TrueType or OpenType file.

    A style that the family lacks is given by its upright or regular face.

    Raises:
        ValueError: unknown, or not installed; the message says what to install.
    """
    if name in GENERIC:
        found = next((option for option in GENERIC[name] if option in font_names()), None)
        if found is None:
            raise _not_installed(name, GENERIC[name][0])
        name = found
    if name == EMBEDDED:
        return FontFile("")
    if name not in _FAMILIES:
        if Path(name).is_file():
            return FontFile(name)
        raise ValueError(
            f"unknown font {name!r}: choose {', '.join((*GENERIC, *font_names()))} or the path of "
            "a .ttf or .otf file"
        )
    folder, family = _folder(name), _FAMILIES[name]
    if folder is None:
        raise _not_installed(name, name)
    styled = {(True, True): family.bold_italic, (True, False): family.bold}
    styled[False, True] = family.italic
    file = styled.get((bold, italic)) or (family.italic if italic else "") or family.regular
    weight = (_BOLD if bold else _REGULAR) if family.variable else None
    return FontFile(str(folder / file), weight)


@lru_cache(maxsize=256)
def load_font(
    name: str, size: float, *, bold: bool = False, italic: bool = False
) -> ImageFont.FreeTypeFont:
    """A face at a size in pixels; errors as in `find_font`."""
    return open_font(find_font(name, bold=bold, italic=italic), size)


@lru_cache(maxsize=256)
def open_font(file: FontFile, size: float) -> ImageFont.FreeTypeFont:
    """A font file at a size in pixels.

    Raises:
        ValueError: it is not a font.
    """
    # The basic layout engine gives the same pixels on every machine; Raqm may not be installed.
    if not file.path:
        font = ImageFont.load_default(size)
        if not isinstance(font, ImageFont.FreeTypeFont):
            raise ValueError("this Pillow has no FreeType support: install the wheel from PyPI")
        return font
    try:
        font = ImageFont.truetype(file.path, size, layout_engine=ImageFont.Layout.BASIC)
    except OSError as error:  # the file is the user's
        raise ValueError(
            f"font {file.path!r} cannot be read ({error}): pass a TrueType or OpenType file"
        ) from error
    if file.weight is not None:
        # A variable font opens at its default instance, which may be the thinnest.
        values = [
            file.weight if axis["name"] == b"Weight" else axis["default"]
            for axis in font.get_variation_axes()
        ]
        font.set_variation_by_axes([float(value or 0) for value in values])
    return font


def missing_characters(file: FontFile, characters: Iterable[str]) -> set[str]:
    """Those that the face would draw as a box."""
    covered = _covered(file)
    return {char for char in characters if not _is_covered(file, char, covered)}


@lru_cache(maxsize=64)
def _covered(file: FontFile) -> dict[str, bool]:
    """What is known of the characters of a face; filled as they are asked for."""
    return {" ": True}


def _is_covered(file: FontFile, char: str, covered: dict[str, bool]) -> bool:
    if char not in covered:
        font = open_font(file, 32)
        # Faces answer an unknown character with one and the same box.
        covered[char] = _picture(font, char) != _picture(font, _NONCHARACTER)
    return covered[char]


def _picture(font: ImageFont.FreeTypeFont, char: str) -> tuple[float, tuple[int, int], bytes]:
    mask = font.getmask(char, mode="L")
    return font.getlength(char), mask.size, bytes(mask)


def _kind(name: str) -> FontKind:
    return "sans" if name == EMBEDDED else _FAMILIES[name].kind


@lru_cache(maxsize=64)
def _folder(name: str) -> Path | None:
    """The folder that holds a family, None if it is not installed."""
    family = _FAMILIES[name]
    spec = find_spec(family.package)
    for parent in (spec.submodule_search_locations if spec is not None else None) or ():
        folder = Path(parent, family.folder)
        if (folder / family.regular).is_file():
            return folder
    return None


def _not_installed(name: str, family: str) -> ValueError:
    return ValueError(
        f"font {name!r} is not installed (package {_FAMILIES[family].package}): run `pip install "
        "'mm_rl[render]'` or pass the path of a .ttf or .otf file"
    )
