"""Boxes and points: hand-computed IoU, matchings checked by brute force, hostile answers."""

import itertools
import json
import random
from fractions import Fraction

import pytest

from data_synth.verify import Reason
from data_synth.verify.geometry import CANONICAL_ANSWERS, VERIFIERS
from data_synth.verify.matching import match_pairs

boxes, points = VERIFIERS["boxes"], VERIFIERS["points"]
TWO_BOXES = '{"boxes": [[0,0,10,10],[20,20,30,30]], "iou": 0.5, "size": [100,100]}'


def best_sum(weights: list[list[float]]) -> float:
    """The largest sum over all one-to-one matchings, tried one by one."""
    rows, columns = len(weights), len(weights[0])
    if rows > columns:
        return best_sum([list(column) for column in zip(*weights, strict=True)])
    return max(
        sum(weights[i][j] for i, j in enumerate(order))
        for order in itertools.permutations(range(columns), rows)
    )


def test_matching_is_optimal_by_brute_force() -> None:
    rng = random.Random(1)
    for _ in range(150):
        rows, columns = rng.randint(1, 5), rng.randint(1, 5)
        weights = [
            [rng.choice((0.0, 0.0, rng.random(), 1.0)) for _ in range(columns)] for _ in range(rows)
        ]
        pairs = match_pairs(weights)
        assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
        assert all(weights[i][j] > 0 for i, j in pairs)
        assert sum(weights[i][j] for i, j in pairs) == pytest.approx(best_sum(weights))


def test_matching_of_nothing_is_empty() -> None:
    assert match_pairs([]) == match_pairs([[]]) == match_pairs([[0.0, 0.0]]) == []


@pytest.mark.parametrize(
    ("answer", "score", "reason"),
    [
        ("[[0,0,10,10],[20,20,30,30]]", 1, Reason.EQUAL),
        ("[[20,20,30,30],[0,0,10,10]]", 1, Reason.EQUAL),
        ("((0, 0, 10.0, 10), (20, 20, 30, 30))", 1, Reason.EQUAL),
        ("(0,0,10,10), (20,20,30,30)", 1, Reason.EQUAL),
        ("[[0,0,10,5],[20,20,30,30]]", Fraction(3, 4), Reason.CLOSE),  # IoU 50/100 = the threshold
        ("[[0,0,10,4.999],[20,20,30,30]]", Fraction(1, 2), Reason.DIFFERENT),
        ("[[2,0,12,10],[20,20,30,30]]", Fraction(5, 6), Reason.CLOSE),  # 80/(100+100-80) = 2/3
        ("[[0,0,10,10]]", Fraction(1, 2), Reason.DIFFERENT),
        ("[0,0,10,10]", Fraction(1, 2), Reason.DIFFERENT),
        ("[[0,0,10,10],[20,20,30,30],[1,1,2,2]]", Fraction(2, 3), Reason.DIFFERENT),
        ("[[0,0,10,10],[0,0,10,10]]", Fraction(1, 2), Reason.DIFFERENT),
        ("[[0,0,100,100],[0,0,100,100]]", 0, Reason.DIFFERENT),
        ("[" + ",".join(["[0,0,10,10]"] * 64) + "]", Fraction(1, 64), Reason.DIFFERENT),
    ],
)
def test_boxes_by_hand(answer: str, score: float, reason: Reason) -> None:
    verdict = boxes(TWO_BOXES, answer)
    assert (verdict.correct, verdict.reason) == (reason != Reason.DIFFERENT, reason)
    assert verdict.score == pytest.approx(float(score), abs=1e-12)


@pytest.mark.parametrize(
    "answer",
    [
        "", "[]", "[[]]", "[[10,10,0,0]]", "[[0,0,0,10]]", "[[0,0,10,101]]", "[[-1,0,10,10]]",
        "[[0,0,10]]", "[[0,0,10,10,1]]", "[[1e999,nan,1,1]]", "[[0,0,NaN,10]]",
        "[[0,0,Infinity,10]]",
        '[["0","0","10","10"]]', "[[0,0,10,10],]", "[[0,0,10,10]", "[0,0,10,10]]", "[[0,0 10,10]]",
        "[[0,0,10,10))", "[" * 1_999, "[" * 4 + "0,0,1,1" + "]" * 4,
        "[[[0,0,10,10],[20,20,30,30]],3]",
        "[[0,0,10,10],[20,20,30,30]] or [[1,1,2,2]]", "__import__('os')", "[" + "1," * 999 + "1]",
        "[[0,0,10,10]" + ",[0,0,10,10]" * 64 + "]", "[[0,0,9999999999999,10]]", "[" * 500_000,
        '{"boxes": [[0,0,10,10],[20,20,30,30]]}', "[[0,0,1/2,10]]", "[[0,0,1e1,10],[20,20,30,30]]",
        "[[0,0,10,10],[20,20,30,\u0663\u0660]]", "[[0,0,--10,10]]", "(0,0,10,10)(20,20,30,30)",
    ],
)  # fmt: skip
def test_unreadable_boxes_score_nothing(answer: str) -> None:
    verdict = boxes(TWO_BOXES, answer)
    assert not verdict.correct and verdict.score == 0
    assert verdict.reason != Reason.DIFFERENT


def test_scales_bound_the_coordinates() -> None:
    assert boxes('{"boxes": [[0,0,0.5,1]], "scale": "unit"}', "[0, 0, 0.5, 0.9]").correct
    assert not boxes('{"boxes": [[0,0,0.5,1]], "scale": "unit"}', "[0, 0, 50, 90]").correct
    assert boxes('{"boxes": [[0,0,500,1000]], "scale": "thousand"}', "[0,0,500,1000]").correct
    assert not boxes('{"boxes": [[0,0,500,1000]], "scale": "thousand"}', "[0,0,500,1001]").correct
    assert boxes("[[0,0,5,5]]", "[0,0,5,5]").correct
    assert boxes("[0,0,5,5]", "[[0,0,5,5]]").correct


def test_more_matched_pairs_win_over_a_larger_overlap() -> None:
    # a overlaps both references, b only the first; the best single pair would leave one unmatched.
    reference = '{"boxes": [[0,0,10,10],[4,0,14,10]], "iou": 0.3}'
    # a = second reference (IoU 1); with the first 60/140 = 0.43; b: 70/130 with the first only.
    verdict = boxes(reference, "[[4,0,14,10],[-0,0,7,10]]")
    assert verdict.correct
    assert verdict.score == pytest.approx((1 + 0.7) / 2)
    # c reaches only the first reference, a is needed by the second although the first fits better.
    verdict = boxes('{"boxes": [[0,0,10,10],[5,0,15,10]], "iou": 0.3}', "[[1,0,11,10],[0,0,4,10]]")
    # a with the second: 60/140, c with the first: 40/100; a alone with the first would be 90/110.
    assert verdict.correct and verdict.score == pytest.approx((60 / 140 + 0.4) / 2)


def test_correctness_and_score_agree_with_brute_force() -> None:
    rng = random.Random(2)
    seen = set()
    for _ in range(60):
        wanted = [random_box(rng) for _ in range(rng.randint(1, 4))]
        found = [shift(rng, box) for box in wanted]
        if rng.random() < 0.3:
            found = [*found[: rng.randint(1, 4)], random_box(rng)]
        reached = [[v if (v := iou(a, b)) >= Fraction(3, 10) else 0 for b in found] for a in wanted]
        count = best_sum([[float(value > 0) for value in row] for row in reached])
        correct = count == len(wanted) == len(found)
        best = best_sum([[100 * (value > 0) + float(value) for value in row] for row in reached])
        verdict = boxes(json.dumps({"boxes": wanted, "iou": 0.3}), json.dumps(found))
        assert verdict.correct == correct
        score = (best - 100 * count) / max(len(wanted), len(found))
        assert verdict.score == pytest.approx(score, abs=1e-9)
        seen.add(correct)
    assert seen == {True, False}


def random_box(rng: random.Random) -> list[int]:
    left, top = rng.randint(0, 30), rng.randint(0, 30)
    return [left, top, left + rng.randint(5, 30), top + rng.randint(5, 30)]


def shift(rng: random.Random, box: list[int]) -> list[int]:
    across, down = rng.randint(0, 6), rng.randint(0, 6)
    return [box[0] + across, box[1] + down, box[2] + across, box[3] + down]


def iou(first: list[int], second: list[int]) -> Fraction:
    """By counting unit squares."""
    cells = [
        set(itertools.product(range(box[0], box[2]), range(box[1], box[3])))
        for box in (first, second)
    ]
    return Fraction(len(cells[0] & cells[1]), len(cells[0] | cells[1]))


@pytest.mark.parametrize(
    ("answer", "correct", "score"),
    [
        ("[[10,10],[50,50]]", True, 1), ("(50,53), (13,14)", True, 1),  # 3-4-5: on the circle
        ("[[10,10],[13.01,54]]", False, 0.5), ("[10,10]", False, 0.5),
        ("[[10,10],[50,50],[1,1]]", False, 0), ("[[10,10],[10,10]]", False, 0.5),
        ("[[10,10],[50,50,50]]", False, 0), ("[[[10,10],[50,50]]]", True, 1),
        ("[[-1,10],[50,50]]", False, 0),
        ("[" + ",".join(f"[{x},{y}]" for x in range(0, 80, 10) for y in range(0, 80, 10)) + "]",
        False, 0),
    ],
)  # fmt: skip
def test_points_by_hand(answer: str, correct: bool, score: float) -> None:
    verdict = points('{"points": [[10,10],[50,50]], "radius": 5}', answer)
    assert (verdict.correct, verdict.score) == (correct, score)


def test_points_in_polygons() -> None:
    # An L: the square 0..10 without its upper right quarter.
    reference = '{"polygons": [[[0,0],[10,0],[10,5],[5,5],[5,10],[0,10]], [[20,0],[30,0],[25,9]]]}'
    for first in ("[2,8]", "[8,2]", "[0,0]", "[5,7]", "[10,5]", "[5,5]"):
        assert points(reference, f"[{first},[25,3]]").correct, first
    for first in ("[8,8]", "[5.001,5.001]", "[10.5,2]", "[2,10.001]"):
        assert not points(reference, f"[{first},[25,3]]").correct, first
    assert not points(reference, "[[2,2],[2,3]]").correct
    assert not points(reference, "[2,2]").correct


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("boxes", "[[0,0,1e999,1]]"), ("boxes", "[]"), ("boxes", "{}"), ("boxes", "no json"),
        ("boxes", '{"boxes": [[0,0,1,1]], "iou": 0}'),
        ("boxes", '{"boxes": [[0,0,1,1]], "iou": 1.1}'),
        ("boxes", '{"boxes": [[0,0,1,1]], "scale": "percent"}'),
        ("boxes", '{"boxes": [[1,1,0,0]]}'),
        ("boxes", '{"boxes": [[0,0,1,1]], "threshold": 0.5}'),
        ("boxes", '{"boxes": [[0,0,NaN,1]]}'),
        ("boxes", '{"boxes": [[0,0,2000,1]], "scale": "thousand"}'), ("boxes", "[" * 10_000),
        ("points", "[[1,1]]"), ("points", '{"points": [[1,1]], "radius": 0}'),
        ("points", '{"polygons": [[[0,0],[1,1]]]}'), ("points", '{"polygons": [], "radius": 1}'),
    ],
)  # fmt: skip
def test_unreadable_references_raise(name: str, reference: str) -> None:
    with pytest.raises(ValueError, match="cannot read the reference"):
        VERIFIERS[name](reference, "[0,0,1,1]")


def test_canonical_answers_are_right() -> None:
    circle = '{"points": [[10,0.25],[50,50]], "radius": 5}'
    assert CANONICAL_ANSWERS["boxes"](TWO_BOXES) == "[[0, 0, 10, 10], [20, 20, 30, 30]]"
    assert boxes(TWO_BOXES, CANONICAL_ANSWERS["boxes"](TWO_BOXES)).reason == Reason.EQUAL
    assert CANONICAL_ANSWERS["points"](circle) == "[[10, 0.25], [50, 50]]"
    assert points(circle, CANONICAL_ANSWERS["points"](circle)).reason == Reason.EQUAL
    with pytest.raises(ValueError, match="polygons are no answer"):
        CANONICAL_ANSWERS["points"]('{"polygons": [[[0,0],[10,0],[10,5]]]}')
