r"""The scoring rules that published data sets define for themselves.

    anls            DocVQA: edit similarity to the nearest reference
    relaxed         ChartQA: numbers within 5 %, other answers exactly
    soft_vote       VQA, TextVQA, A-OKVQA: agreement with ten annotators
    rounded         MathVista, MMMU: a number rounded to the decimals the reference shows
    globe_distance  location guessing: distance between two points on the globe
    place           names of places, spelling variants ignored

A rule sees all references and pays a graded score; `Verdict.correct` is the score at the threshold
stated with each rule. Both sides are first read as everywhere in this package (`reading.clean`), so
that \text{...}, $...$ and one trailing period around an answer never count. Answers are untrusted:
work is bounded by the length of an answer, and a rule never raises on one. A reference that a rule
cannot read is a fault in the data: ValueError.
"""

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from data_synth.verify.reading import clean
from data_synth.verify.verdict import Reason, UnreadableError, Verdict
from data_synth.verify.vqa_text import normalise_vqa_answer

ScoringRule: TypeAlias = Callable[[Sequence[str], str], Verdict]
"""(references, answer) -> Verdict."""

ANLS_THRESHOLD = 0.5
RELAXED_TOLERANCE = 0.05
VOTES_FOR_FULL_SCORE = 3
EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the WGS 84 ellipsoid."""
GLOBE_SCALE_KM = 2000.0
"""Distance at which the score of `globe_distance` has fallen to 1/e."""
GLOBE_LEVELS_KM = {"street": 1, "city": 25, "region": 200, "country": 750, "continent": 2500}
"""The distances at which location guessing is reported (Weyand et al. 2016, PlaNet)."""

_FLOAT_CHARS = frozenset("0123456789+-.eE")
_COMBINING_DIACRITICS = range(0x0300, 0x0370)
_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {
        "\N{LATIN SMALL LETTER O WITH STROKE}": "o",
        "\N{LATIN SMALL LETTER L WITH STROKE}": "l",
        "\N{LATIN SMALL LETTER D WITH STROKE}": "d",
        "\N{LATIN SMALL LETTER H WITH STROKE}": "h",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "\N{LATIN SMALL LETTER ETH}": "d",
        "\N{LATIN SMALL LETTER THORN}": "th",
        "\N{LATIN SMALL LETTER AE}": "ae",
        "\N{LATIN SMALL LIGATURE OE}": "oe",
    }
)
_APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER TURNED COMMA}`"
_HEMISPHERES = {"N": (0, 1), "S": (0, -1), "E": (1, 1), "W": (1, -1)}

_Value = TypeVar("_Value")
_Point: TypeAlias = tuple[float, float]
"""Latitude and longitude in degrees."""


def _make_rule(
    name: str,
    read: Callable[[str], _Value],
    score: Callable[[Sequence[_Value], _Value], float],
    *,
    threshold: float = 1.0,
) -> ScoringRule:
    """The rule that reads every text with `read` and pays `score(references, answer)`."""

    def rule(references: Sequence[str], answer: str) -> Verdict:
        expected = [_read_reference(name, read, reference) for reference in references]
        try:
            given = read(answer)
        except UnreadableError as error:
            # Untrusted text: whatever cannot be read is a wrong answer.
            return Verdict(correct=False, reason=error.reason)
        value = score(expected, given)
        if value < threshold:
            return Verdict(correct=False, reason=Reason.DIFFERENT, score=value)
        reason = Reason.EQUAL if given in expected else Reason.CLOSE
        return Verdict(correct=True, reason=reason, score=value)

    return rule


def _read_reference(name: str, read: Callable[[str], _Value], reference: str) -> _Value:
    try:
        return read(reference)
    except UnreadableError as error:
        raise ValueError(
            f"scoring rule {name!r} cannot read the reference {reference[:80]!r} "
            f"({error.reason}): correct the reference or choose the rule that fits its type"
        ) from None


def _score_anls(references: Sequence[str], answer: str) -> float:
    """max over references of 1 - NL where NL < 0.5, else 0 (Biten et al. 2019, equation 1).

    NL is the edit distance divided by the length of the longer text. The organisers' script also
    pays NL = 0.5; the paper's strict bound is kept, for it pays no two-digit number with one digit
    wrong. Correct at a score of 0.5: whatever the rule pays.
    """
    return max(_similarity(reference, answer) for reference in references)


def _similarity(reference: str, answer: str) -> float:
    longest = max(len(reference), len(answer))
    if abs(len(reference) - len(answer)) >= ANLS_THRESHOLD * longest:
        return 0.0  # the difference in length alone is that many edits
    distance = _edit_distance(reference, answer) / longest
    return 1 - distance if distance < ANLS_THRESHOLD else 0.0


def _edit_distance(first: str, second: str) -> int:
    """Levenshtein distance of non-empty texts, one column of the table per machine integer.

    The bit-vector algorithm of Myers (1999) in the form of Hyyro (2003): bit i of `up` (`down`)
    says that row i+1 of the column is one more (less) than row i.
    """
    positions: dict[str, int] = {}
    for at, char in enumerate(first):
        positions[char] = positions.get(char, 0) | 1 << at
    mask, last = (1 << len(first)) - 1, 1 << (len(first) - 1)
    up, down, distance = mask, 0, len(first)
    for char in second:
        equal = positions.get(char, 0)
        vertical = equal | down
        diagonal = (((equal & up) + up) ^ up) | equal
        right, left = down | ~(diagonal | up) & mask, up & diagonal
        distance += bool(right & last) - bool(left & last)
        right, left = right << 1 | 1, left << 1
        up, down = (left | ~(vertical | right)) & mask, right & vertical & mask
    return distance


def _read_lower(text: str) -> str:
    return clean(text).lower()


def _score_relaxed(references: Sequence[str], answer: str) -> float:
    """1 within 5 % of a numeric reference, or for equal text (Masry et al. 2022, section 5.1).

    After `relaxed_correctness` of the pix2struct repository, the implementation in common use: a
    percentage is divided by 100, a reference of zero is compared as text, separators of thousands
    are not read, and years are numbers like others.
    """
    return float(any(_is_relaxed_match(reference, answer) for reference in references))


def _is_relaxed_match(reference: str, answer: str) -> bool:
    expected, given = _parse_percent(reference), _parse_percent(answer)
    if given is not None and expected:
        return abs(given - expected) / abs(expected) <= RELAXED_TOLERANCE
    return reference == answer


def _parse_percent(text: str) -> float | None:
    if not text.endswith("%"):
        return _parse_float(text)
    value = _parse_float(text.rstrip("%").rstrip("\\ "))
    return None if value is None else value / 100


def _parse_float(text: str) -> float | None:
    """A finite number in plain or scientific notation."""
    # float() alone would take nan, infinity, 1_000 and the digits of other scripts.
    if not text or not _FLOAT_CHARS.issuperset(text):
        return None
    try:
        value = float(text)
    except ValueError:  # untrusted text such as 1-2
        return None
    return value if math.isfinite(value) else None


def _score_votes(references: Sequence[str], answer: str) -> float:
    """Mean over subsets that leave one annotator out of min(votes for the answer / 3, 1).

    The accuracy of Antol et al. (2015) as its evaluation code computes it. With fewer than four
    references the others of a subset suffice, and a single reference counts in full; published
    sets have ten. A-OKVQA's own script leaves nobody out and pays up to 0.1 more for the same
    verdicts. Correct at a score of 0.5: two votes of ten.
    """
    votes = sum(reference == answer for reference in references)
    others = len(references) - 1
    if not others:
        return float(votes)
    needed = min(VOTES_FOR_FULL_SCORE, others)
    without_a_vote, without_another = min((votes - 1) / needed, 1), min(votes / needed, 1)
    total = votes * without_a_vote + (len(references) - votes) * without_another
    return total / len(references)


def _read_vqa_answer(text: str) -> str:
    normalised = normalise_vqa_answer(clean(text))
    if not normalised:
        raise UnreadableError(Reason.EMPTY)
    return normalised


def _score_rounded(references: Sequence[str], answer: str) -> float:
    """1 if the answer, rounded to the decimals a reference shows, is that reference.

    `normalize_extracted_answer` of MathVista rounds to the item's precision, `normalize_str` of
    MMMU to two decimals; adapters write their references with that many decimals.
    """
    given = float(answer)
    return float(
        any(
            round(given, len(reference.partition(".")[2])) == float(reference)
            for reference in references
        )
    )


def _read_plain_float(text: str) -> str:
    text = clean(text)
    if _parse_float(text) is None:
        raise UnreadableError(Reason.NOT_A_NUMBER)
    return text


def _score_distance(references: Sequence[_Point], answer: _Point) -> float:
    """exp(-d / 2000 km) of the great-circle distance d to the nearest reference.

    The curve by which the game GeoGuessr paid points, scaled to 1. Correct within 200 km (region
    level): wide enough to be reached, too narrow for one guess that covers a continent.
    """
    distance = min(haversine_km(reference, answer) for reference in references)
    return math.exp(-distance / GLOBE_SCALE_KM)


def haversine_km(first: _Point, second: _Point) -> float:
    """Great-circle distance in km between two (latitude, longitude) points in degrees."""
    latitude, longitude, other_latitude, other_longitude = map(math.radians, (*first, *second))
    half_chord = (
        math.sin((other_latitude - latitude) / 2) ** 2
        + math.cos(latitude)
        * math.cos(other_latitude)
        * math.sin((other_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half_chord)))


def _read_point(text: str) -> _Point:
    """Read 48.8584, 2.2945 or (48.8584, 2.2945) or 33.86 S, 151.21 E; degree signs optional."""
    text = clean(text)
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    parts = text.split(",")
    if len(parts) != 2:
        raise UnreadableError(Reason.NOT_A_LOCATION)
    latitude, longitude = (_read_degrees(part.strip(), axis) for axis, part in enumerate(parts))
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise UnreadableError(Reason.NOT_A_LOCATION)
    return latitude, longitude


def _read_degrees(text: str, axis: int) -> float:
    axis_of_letter, sign = _HEMISPHERES.get(text[-1:].upper(), (axis, 0))
    if sign:
        text = text[:-1].rstrip()
    value = _parse_float(text.removesuffix("\N{DEGREE SIGN}").rstrip())
    if value is None or axis_of_letter != axis or (sign and text.startswith(("-", "+"))):
        raise UnreadableError(Reason.NOT_A_LOCATION)
    return value * (sign or 1)


def _score_place(references: Sequence[str], answer: str) -> float:
    """1 if the answer is one of the names; aliases are references of their own."""
    return float(answer in references)


def _read_place(text: str) -> str:
    """Letters and digits only: without case, accents, punctuation and a leading article."""
    text = unicodedata.normalize("NFD", clean(text).casefold())
    text = "".join(char for char in text if ord(char) not in _COMBINING_DIACRITICS)
    text = unicodedata.normalize("NFC", text).translate(_LETTERS_WITHOUT_DECOMPOSITION)
    text = "".join(map(_fold_punctuation, text))
    words = text.split()
    if words[:1] == ["the"]:
        words = words[1:]
    if not words:
        raise UnreadableError(Reason.EMPTY)
    return " ".join(words)


def _fold_punctuation(char: str) -> str:
    if char == "&":
        return " and "
    if char == "." or char in _APOSTROPHES:
        return ""  # U.S. is US, and Cote d'Ivoire is written with several signs
    return " " if unicodedata.category(char)[0] in "PSZ" else char


SCORING_RULES: Mapping[str, ScoringRule] = MappingProxyType(
    {
        "anls": _make_rule("anls", _read_lower, _score_anls, threshold=ANLS_THRESHOLD),
        "relaxed": _make_rule("relaxed", _read_lower, _score_relaxed),
        "soft_vote": _make_rule("soft_vote", _read_vqa_answer, _score_votes, threshold=0.5),
        "rounded": _make_rule("rounded", _read_plain_float, _score_rounded),
        "globe_distance": _make_rule(
            "globe_distance",
            _read_point,
            _score_distance,
            threshold=math.exp(-GLOBE_LEVELS_KM["region"] / GLOBE_SCALE_KM),
        ),
        "place": _make_rule("place", _read_place, _score_place),
    }
)
