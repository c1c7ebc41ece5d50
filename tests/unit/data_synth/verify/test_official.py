"""Scoring rules of published sets: numbers worked out by hand from the papers' definitions."""

import math
import random
import time
from functools import cache

import pytest

from data_synth.verify import Reason, Verdict, check_reference, verify
from data_synth.verify.official import GLOBE_LEVELS_KM, SCORING_RULES, haversine_km
from data_synth.verify.vqa_text import normalise_vqa_answer

EXAMPLES = {
    "anls": ("University of California", ("UC",)),
    "relaxed": ("14.5", ()),
    "soft_vote": ("dark red", ("red", "dark red", "dark red")),
    "rounded": ("1.20", ()),
    "globe_distance": ("46.02822, 14.34511", ()),
    "place": ("C\u00f4te d'Ivoire", ("Ivory Coast",)),
}


def _score(name: str, reference: str, answer: str, *alternatives: str) -> float:
    return verify(name, reference, answer, alternatives=alternatives).score


def _accepts(name: str, reference: str, answer: str, *alternatives: str) -> bool:
    return verify(name, reference, answer, alternatives=alternatives).correct


def test_every_rule_has_an_example_and_each_accepts_its_own_reference() -> None:
    assert set(EXAMPLES) == set(SCORING_RULES)
    for name, (reference, alternatives) in EXAMPLES.items():
        check_reference(name, reference, alternatives=alternatives)
        assert verify(name, reference, reference).score == 1


def test_the_score_of_a_verdict_is_its_correctness_unless_given() -> None:
    assert Verdict(correct=True, reason=Reason.EQUAL).score == 1
    assert Verdict(correct=False, reason=Reason.EMPTY).score == 0
    assert Verdict(correct=True, reason=Reason.CLOSE, score=0.25).score == 0.25


@pytest.mark.parametrize("name", sorted(EXAMPLES))
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", Reason.EMPTY),
        (" \t\n", Reason.EMPTY),
        ("9" * 1_000_000, Reason.TOO_LONG),
        ("1\u200b4.5", Reason.HIDDEN_CHARACTERS),
        ("\u202e14.5", Reason.HIDDEN_CHARACTERS),
        ("\ud800", Reason.HIDDEN_CHARACTERS),
    ],
)
def test_hostile_answers_are_refused_with_a_reason(name: str, answer: str, reason: str) -> None:
    reference, alternatives = EXAMPLES[name]
    verdict = verify(name, reference, answer, alternatives=alternatives)
    assert verdict == Verdict(correct=False, reason=reason, score=0)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_no_answer_and_many_answers_pay_nothing(name: str) -> None:
    reference, alternatives = EXAMPLES[name]
    assert verify(name, reference, None).reason == Reason.NO_ANSWER
    for other in ("something else entirely", "3", "1e5", "0, 0"):
        hedged = f"{reference} or {other}"
        if name == "anls" and len(other) < len(reference):
            continue  # a short addition to a long text is a small edit, by the official rule
        assert not _accepts(name, reference, hedged, *alternatives), hedged


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_rules_never_raise_and_answer_in_linear_time(name: str) -> None:
    reference, alternatives = EXAMPLES[name]
    rng = random.Random(5)
    alphabet = "019,.-+eE%\\$(){}NS\u00b0\u0664\u05d0\u0301'/ \u00e9\u3042" + "\u00a0"
    answers = ["".join(rng.choices(alphabet, k=rng.randrange(40))) for _ in range(2_000)]
    answers += ["1e999999999", "nan", "inf", "-" * 2_000, "(" * 2_000, "0" * 2_000, "1/0", "%"]
    started = time.perf_counter()
    for answer in answers:
        verdict = verify(name, reference, answer, alternatives=alternatives)
        assert 0 <= verdict.score <= 1
    assert time.perf_counter() - started < 5


def test_an_unreadable_reference_is_a_fault_in_the_data() -> None:
    for name, reference in (("globe_distance", "Paris"), ("rounded", "x"), ("place", "...!")):
        with pytest.raises(ValueError, match=f"scoring rule '{name}' cannot read the reference"):
            verify(name, reference, "1")


# ANLS


def test_anls_is_one_minus_the_normalised_edit_distance() -> None:
    assert _score("anls", "invoice", "invoce") == pytest.approx(1 - 1 / 7)
    assert _score("anls", "Invoice  No", "INVOICE NO") == 1
    assert _score("anls", "kitten", "sitting") == pytest.approx(1 - 3 / 7)


def test_anls_takes_the_nearest_reference() -> None:
    assert _score("anls", "1/8/93", "jan 8 1993", "Jan 8, 1993") == pytest.approx(1 - 1 / 11)


def test_anls_pays_nothing_from_half_the_text_on() -> None:
    assert _score("anls", "10", "12") == 0  # distance 1 of 2, the bound itself
    assert _score("anls", "100", "120") == pytest.approx(2 / 3)
    assert not _accepts("anls", "red", "blue")
    assert _accepts("anls", "abcdefghi", "abcdexxxx")  # 4 of 9


def _brute_force_distance(first: str, second: str) -> int:
    """The recursive definition of the Levenshtein distance."""

    @cache
    def distance(i: int, j: int) -> int:
        if i == 0 or j == 0:
            return i + j
        substituted = distance(i - 1, j - 1) + (first[i - 1] != second[j - 1])
        return min(distance(i - 1, j) + 1, distance(i, j - 1) + 1, substituted)

    return distance(len(first), len(second))


def test_anls_agrees_with_the_recursive_definition_on_random_texts() -> None:
    rng = random.Random(1)
    paid = 0
    for _ in range(3_000):
        first, second = ("".join(rng.choices("abc", k=rng.randint(1, 9))) for _ in range(2))
        normalised = _brute_force_distance(first, second) / max(len(first), len(second))
        expected = 1 - normalised if normalised < 0.5 else 0
        assert _score("anls", first, second) == pytest.approx(expected), (first, second)
        paid += expected > 0
    assert 300 < paid < 2_700


def test_anls_of_the_longest_texts_is_fast() -> None:
    rng = random.Random(2)
    reference = "".join(rng.choices("abcdefgh", k=2_000))
    answer = reference[:1_000] + "x" + reference[1_000:-1]
    started = time.perf_counter()
    assert _score("anls", reference, answer) == pytest.approx(1 - 2 / 2_000)
    assert time.perf_counter() - started < 1


# Relaxed accuracy


@pytest.mark.parametrize(
    ("reference", "answer", "correct"),
    [
        ("100", "105", True),
        ("100", "95.0", True),
        ("100", "105.01", False),
        ("-100", "-96", True),
        ("-100", "100", False),
        ("14.5", "1.45e1", True),
        ("50%", "0.5", True),
        ("50%", "52\\%", True),
        ("50", "50%", False),
        ("0", "0", True),
        ("0", "0.0", False),  # zero is compared as text
        ("2000", "1910", True),  # a year is a number like others
        ("1000", "1,000", False),
        ("Chile", "chile", True),
        ("Chile", "Chili", False),
        ("3", "3 or 4", False),
        ("3", "\u0663", False),
        ("3", "nan", False),
        ("3", "inf", False),
        ("30", "3_0", False),
    ],
)
def test_relaxed_accuracy(reference: str, answer: str, correct: bool) -> None:
    verdict = verify("relaxed", reference, answer)
    assert verdict.correct is correct
    assert verdict.score == float(correct)


def test_relaxed_tells_equal_from_close() -> None:
    assert verify("relaxed", "100", "100").reason == Reason.EQUAL
    assert verify("relaxed", "100", "101").reason == Reason.CLOSE
    assert verify("relaxed", "100", "200").reason == Reason.DIFFERENT


# VQA accuracy


@pytest.mark.parametrize(
    ("votes", "score"), [(0, 0), (1, 0.3), (2, 0.6), (3, 0.9), (4, 1), (10, 1)]
)
def test_votes_of_ten_leave_one_annotator_out(votes: int, score: float) -> None:
    # v votes of ten: v subsets see v - 1 of them and 10 - v see all; each pays min(seen / 3, 1).
    answers = ["red"] * votes + [f"colour {at}" for at in range(10 - votes)]
    verdict = verify("soft_vote", answers[-1], "red", alternatives=answers[:-1])
    assert verdict.score == pytest.approx(score)
    assert verdict.correct is (votes >= 2)


def test_fewer_annotators_need_fewer_votes() -> None:
    assert _score("soft_vote", "red", "red") == 1
    assert _score("soft_vote", "red", "red", "blue") == pytest.approx(0.5)
    assert _score("soft_vote", "red", "red", "red") == 1
    assert _score("soft_vote", "red", "green", "red") == 0


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("The  Red Ball!", "red ball"),
        ("two", "2"),
        ("None", "0"),
        ("dont", "don't"),
        ("couldntve", "couldntve"),
        ("couldn'tve", "couldn't've"),
        ("black/white", "black white"),
        ("black / white", "black white"),
        ("1,000", "1000"),
        ("1,000-2", "10002"),
        ("red-ish", "red ish"),
        ("3.5", "3.5"),
        ("e.g. this", "eg this"),
        ("what? no", "what no"),
    ],
)
def test_vqa_normalisation(text: str, normalised: str) -> None:
    assert normalise_vqa_answer(text) == normalised


def test_votes_are_compared_after_normalisation() -> None:
    votes = ["2", "two", "Two!", "the two"]
    assert _score("soft_vote", "three", "a two", *votes, *(["five"] * 5)) == 1


def test_an_answer_of_articles_only_is_empty() -> None:
    assert verify("soft_vote", "red", "the a an").reason == Reason.EMPTY


# Rounded numbers


@pytest.mark.parametrize(
    ("reference", "answer", "correct"),
    [
        ("1.2", "1.249", True),
        ("1.2", "1.26", False),
        ("1.20", "1.2", True),
        ("1.20", "1.21", False),
        ("-0.50", "-.5", True),
        ("3", "3.4", True),
        ("1.2", "1.2 m", False),
        ("1.2", "1,2", False),
    ],
)
def test_rounded_uses_the_decimals_the_reference_shows(
    reference: str, answer: str, correct: bool
) -> None:
    assert _accepts("rounded", reference, answer) is correct


# Location


def test_haversine_of_known_distances() -> None:
    quarter = math.pi / 2 * 6371.0088
    assert haversine_km((0, 0), (0, 90)) == pytest.approx(quarter)
    assert haversine_km((90, 0), (0, 123)) == pytest.approx(quarter)
    assert haversine_km((-33.5, 20), (33.5, -160)) == pytest.approx(2 * quarter)
    assert haversine_km((10, 179.5), (10, -179.5)) == pytest.approx(109.5, abs=0.1)
    # Paris to London; 343.6 km by the spherical law of cosines on the same radius.
    paris, london = (48.8566, 2.3522), (51.5074, -0.1278)
    angle = math.acos(
        math.sin(math.radians(paris[0])) * math.sin(math.radians(london[0]))
        + math.cos(math.radians(paris[0]))
        * math.cos(math.radians(london[0]))
        * math.cos(math.radians(paris[1] - london[1]))
    )
    assert haversine_km(paris, london) == pytest.approx(6371.0088 * angle, rel=1e-9)
    assert haversine_km(paris, london) == pytest.approx(343.56, abs=0.05)


def test_distance_pays_exponentially_less_and_decides_at_two_hundred_km() -> None:
    degrees_per_km = 360 / (2 * math.pi * 6371.0088)
    for km in (0, 150, 250, 2000, 10_000):
        verdict = verify("globe_distance", "0, 0", f"{km * degrees_per_km:.9f}, 0")
        assert verdict.score == pytest.approx(math.exp(-km / 2000), abs=1e-6)
        assert verdict.correct is (km <= GLOBE_LEVELS_KM["region"])


@pytest.mark.parametrize(
    "answer",
    ["48.8584, 2.2945", "(48.8584,2.2945)", "48.8584\u00b0 N, 2.2945\u00b0 E", "$48.8584, 2.2945$"],
)
def test_coordinates_are_read_in_the_usual_forms(answer: str) -> None:
    assert _score("globe_distance", "48.8584, 2.2945", answer) == 1


def test_hemispheres_turn_the_sign() -> None:
    assert _score("globe_distance", "-33.86, -70.5", "33.86 S, 70.5 w") == 1


@pytest.mark.parametrize(
    "answer",
    ["Paris", "48.8584", "48.8584 2.2945", "1,2,3", "91, 0", "0, 181", "2 E, 48 N", "-5 S, 3 E"],
)
def test_what_is_no_pair_of_coordinates_is_refused(answer: str) -> None:
    verdict = verify("globe_distance", "48.8584, 2.2945", answer)
    assert verdict == Verdict(correct=False, reason=Reason.NOT_A_LOCATION)


# Places


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("C\u00f4te d'Ivoire", "cote d\u2019ivoire"),
        ("T\u00fcrkiye", "TURKIYE"),
        ("Netherlands", "The Netherlands."),
        ("Bosnia & Herzegovina", "Bosnia and Herzegovina"),
        ("Timor-Leste", "Timor Leste"),
        ("U.S.A.", "USA"),
        ("Reykjav\u00edk", "Reykjavi\u0301k"),
        ("\u0141\u00f3d\u017a", "Lodz"),
        ("K\u00f8benhavn", "Kobenhavn"),
        ("\u65e5\u672c", "\u65e5\u672c"),
        ("\u0645\u0635\u0631", "\u0645\u0635\u0631"),
    ],
)
def test_places_are_equal_in_all_spellings(reference: str, answer: str) -> None:
    assert _accepts("place", reference, answer)
    assert _accepts("place", answer, reference)


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("France", "France or Spain"),
        ("France", "France, Spain"),
        ("Niger", "Nigeria"),
        ("Guinea", "Papua New Guinea"),
        ("\u30ac\u30fc\u30ca", "\u30ab\u30fc\u30ca"),  # Ghana in Japanese, without its voicing mark
    ],
)
def test_other_places_are_wrong(reference: str, answer: str) -> None:
    assert not _accepts("place", reference, answer)


def test_aliases_are_references() -> None:
    assert _accepts("place", "Russia", "the Russian Federation", "Russian Federation")
