"""Answers written to stall, crash or fool the verifier: all are decided within their bounds."""

import inspect
import random
import sys
import time

import pytest

from data_synth.verify.math import VERIFIERS
from data_synth.verify.math.fields import MERSENNE, SECOND_PRIME
from data_synth.verify.verdict import Reason

verify = VERIFIERS["math"]

BOMBS = [
    "9**9**9**9",
    "2^{99999999999}",
    "99999999!",
    "9!!!!!!",
    "(x+1)**99999",
    "7**(7**(7**7))",
    "1/(10**(10**9))",
    "\\binom{10^9}{5\\cdot10^8}",
    "1e99999999",
    "e^{10^9}",
    "\\sin(10^{300})",
    "(1+\\sqrt2)^{9999999}",
    "(1+i)^{9999999999}",
    "\\sqrt[1000000007]{3}",
    "+".join(["2000!"] * 80),
    "*".join(["2^{19000}"] * 40),
    "+".join(f"\\sqrt{{2^{{19000}}+{n}}}" for n in range(15)),
    "+".join(f"\\sin({n}x)" for n in range(1, 60)),
    "3^{0." + "1" * 900 + "}",
    "0.(" + "3" * 900 + ")",
    "9" * 1_001,
    "x^{" * 60 + "x" + "}" * 60,
    "e^{" * 60 + "1" + "}" * 60,
    "2^" * 190 + "2",
    "1," * 199 + "1",
    "\\{" + ",".join(f"\\sqrt{{{n}}}" for n in range(60)) + "\\}",
    "x<" * 199 + "1",
    "[0,1]\\cup" * 60 + "[0,1]",
    "\\begin{pmatrix}" + "1&" * 190 + "1\\end{pmatrix}",
    "(" * 1_999,
    "-" * 1_999,
    "|" * 399,
    "\\sqrt" * 399 + "2",
    "\\sin" * 399 + " x",
    "\\sin " + "-" * 390 + "x",
    "\\frac" * 399,
    "{" * 64 + "1" + "}" * 64,
    "\\text{" * 60 + "cm" + "}" * 60,
    "\u00b2" * 1_999,
    "^" * 399,
    "1_" * 199,
]


@pytest.mark.parametrize("answer", BOMBS, ids=lambda bomb: bomb[:30])
def test_bombs_are_refused_fast_without_a_second_opinion(answer):
    for reference in ("17", "\\sqrt2", "x+1", "\\{1,2\\}"):
        start = time.process_time()
        verdict = verify(reference, answer)
        assert time.process_time() - start < 1
        assert not verdict.correct
        assert verdict.reason != Reason.UNSURE


NESTINGS = [("(", ")"), ("{", "}"), ("\\sqrt{", "}"), ("1+(2*", ")"), ("e^{", "}"), ("|", "|")]


def test_nesting_stays_within_the_interpreter_s_own_bound():
    depth = len(inspect.stack())
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 500)
    try:
        for opening, closing in NESTINGS:
            for levels in (20, 63, 64, 200):
                verify("17", opening * levels + "1" + closing * levels)
    finally:
        sys.setrecursionlimit(limit)


def test_powers_of_the_field_s_order_do_not_vanish():
    # In a field of p elements a^(p-1) = 1 and x^p = x.
    order = (MERSENNE - 1) * (SECOND_PRIME - 1)
    assert verify("1", f"2^{{{order}}}").correct is False
    assert verify("x", f"x^{{{order + 1}}}").correct is False
    assert verify(f"x^{{{order + 1}}}", f"x\\cdot x^{{{order}}}").correct is True


def test_too_large_to_decide_is_too_long_not_unsure():
    assert verify("2^{100000}", "2^{100000}+\\sqrt2").reason == Reason.TOO_LONG
    assert verify("9^{9^{9^9}}", "9^{9^{9^8}}").reason == Reason.TOO_LONG


def test_large_sets_in_another_order_are_decided_or_refused_by_size():
    items = [str(n * n) for n in range(45)]
    small = "\\{" + ",".join(items) + "\\}", "\\{" + ",".join(reversed(items)) + "\\}"
    assert verify(*small).correct
    items = [f"x+{n}" for n in range(1, 75)]
    large = "\\{" + ",".join(items) + "\\}", "\\{" + ",".join(reversed(items)) + "\\}"
    assert verify(*large).reason == Reason.TOO_LONG


def test_no_text_raises():
    draw = random.Random(5)
    commands = "frac sqrt { } pm sin text{ left( infty cup log_ \\ in ne setminus mathbb{R} over"
    pieces = [*"0123456789xyeif+-*/^_(){}[]|,.<>=!%&:' \u00bd\u00b2", "^\\circ", " or ", "sqrt("]
    pieces += [f"\\{command}" for command in commands.split()]
    pieces += ["\\begin{pmatrix}", "\\end{pmatrix}"]
    for _ in range(2_500):
        text = "".join(draw.choice(pieces) for _ in range(draw.randint(1, 14)))
        verdict = verify("17", text)
        if verdict.correct:
            # Nothing but the number itself, or it with a unit or a name, can be drawn as 17.
            assert "17" in text or "1" in text, text
        try:
            mirrored = verify(text, "17")
        except ValueError:
            assert not verdict.correct
            continue
        if "%" not in text:
            assert mirrored.correct or not verdict.correct or "^\\circ" in text, text
