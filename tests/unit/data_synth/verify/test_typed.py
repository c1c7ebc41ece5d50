"""Typed verifiers: equal forms, near misses and hostile answers, all compared exactly."""

import random
import time
from fractions import Fraction

import pytest

from data_synth.verify import Verdict, check_reference, verify
from data_synth.verify.typed import TYPED_VERIFIERS as VERIFIERS

# Characters that look like others or are not seen at all.
ZERO_WIDTH_SPACE = "\u200b"
RIGHT_TO_LEFT_OVERRIDE = "\u202e"
MINUS = "\u2212"
SUPERSCRIPT_TWO = "\u00b2"
HALF = "\u00bd"

# fmt: off
# (reference, answer), equal whichever side is the reference.
EXACT_EQUAL = [
    ("red", "red"), ("red", "Red"), ("red", "  red\n"), ("red circle", "RED \t circle"),
    ("red circle", "red\u00a0circle"), ("red", "red."), ("red", "$red$"), ("red", "$$red$$"),
    ("red", r"\text{red}"), ("red", r"$\text{ Red. }$."), ("B", "b"), ("B", "\uff22"),
    ("R", "\u211d"), ("stra\u00dfe", "STRASSE"), ("caf\u00e9", "cafe\u0301"), ("x-1", f"x{MINUS}1"),
    ("(a)", "\uff08a\uff09"), ("a...", "A..."),
    (r"\text{a} and \text{b}", r"\text{A} and \text{B}"), ("$5 or $6", "$5 OR $6"), ("X", "$X$"),
    ("\u30a2", "\uff71"),
    # As many wrappers as are dropped.
    ("a", r"\text{" * 8 + "a" + "}" * 8),
]
EXACT_DIFFERENT = [
    ("red", "blue"), ("red", "reddish"), ("red", "red, blue"), ("red", "red or blue"),
    ("red", "r ed"), ("red circle", "redcircle"), ("red", "not red"), ("red", r"\text{red} blue"),
    ("red", r"\text{red"), ("red", "$red"), ("red", "$$red$"), ("red", "red.."), ("a", "a b"),
    ("A", "\u0410"), ("x2", f"x{SUPERSCRIPT_TWO}"), ("H2O", "H\u2082O"), ("11/2", f"1{HALF}"),
    ("1/2", HALF), ("1", "\u2460"), ("m2", "\u33a1"), ("1", "1.0"),
    ("3", r"3 \text{ is wrong, it is } 4"), ("a", r"\text{a} \text{a}"), ("5", "$5$6$"),
    ("5$6", "$5$6$"), ("re", r"\text{red"), ("a-b", "a\u2010b"),
    # Beyond the bound on wrappers.
    ("a", r"\text{" * 9 + "a" + "}" * 9),
]
NUMERIC_EQUAL = [
    ("12", "12"), ("12", "+12"), ("12", " 12 "), ("12", "012"), ("12", "12."), ("12", "12.0"),
    ("12", "$12$"), ("12", r"\text{12}"), ("12", "\uff11\uff12"), ("12", "\U0001d7cf\U0001d7d0"),
    ("12", "24/2"), ("-12", f"{MINUS}12"), ("-12", "\uff0d12"), ("-12", "- 12"), ("0", "-0"),
    ("0", "0/7"), ("0.5", ".5"), ("0.5", "1/2"), ("0.5", "1 / 2"), ("0.5", r"\frac{1}{2}"),
    ("0.5", r"\dfrac{1}{2}"), ("0.5", r"\tfrac{1}{2}"), ("0.5", r"\frac { -1 } { -2 }"),
    ("0.5", r"$\frac{0.5}{1}$."), ("-0.5", r"-\frac{1}{2}"), ("-0.5", r"\frac{1}{-2}"),
    ("0.25", "0.5/2"), ("1000", "1,000"), ("1000", r"1\,000"), ("1000", "1{,}000"),
    ("1234567.5", "1,234,567.50"), ("1/3", "1,000/3,000"), ("1500", "1.5e3"), ("1500", "1.5E+3"),
    ("0.0015", "1.5e-3"), ("602" + "0" * 21, r"6.02\times10^{23}"),
    ("602" + "0" * 21, r"6.02 \times 10^{23}"), ("602" + "0" * 21, r"6.02\cdot10^{23}"),
    ("602" + "0" * 21, "6.02\u00d710^23"), ("602" + "0" * 21, "6.02*10^23"),
    ("-0.002", rf"{MINUS}2\times 10^{{{MINUS}3}}"), ("50%", r"50\%"), ("50%", "50 %"),
    ("50%", "50.0%"), (r"12.5\%", r"\frac{25}{2}\%"), ("1e1000", "10e999"),
    ("9" * 1_000, "9" * 1_000),
]
NUMERIC_DIFFERENT = [
    ("12", "13"), ("12", "-12"), ("12", "1.2"), ("12", "120"), ("100000000", "100000001"),
    ("99999999999999999999", "1e20"), ("0.3", "1/3"), ("1/3", "0.333333"),
    ("1/3", "0." + "3" * 900), ("1e-20", "1e-21"), ("1e-1000", "0"), ("9%", "9"), ("0.05", "5"),
    ("5", "500"), ("50%", "50"), ("50%", "5%"), ("0.5", "-1/2"), ("2", "1/2"),
    ("1234567", "1,234,568"), ("9" * 1_000, "9" * 999 + "8"),
]
# (reference, answer): the answer is no number at all, so these hold in this direction only.
NOT_A_NUMBER = [
    ("12", "twelve"), ("12", "12 cm"), ("12", "1 2"), ("-12", "-1 2"), ("12%", "1 2%"),
    ("12", "x=12"), ("5", "6=5"), ("5", "1=2=3=4=5"), ("6", "5 or 6"), ("6", "5, 6"), ("6", "5,6"),
    ("6", "1 2 3 4 5 6"), ("6", "+-6"), ("6", "--6"), ("6", "6-0"), ("6", "(6)"), ("6", "{6}"),
    ("6", "~6"), ("6", "6.."), ("6", "6.0.0"), ("6", "6./1"), ("6", "6_0"), ("60", "6_0"),
    ("6", "0x6"), ("6", "\u0666"), ("6", "\u2465"), ("6", "\u2076"), ("6", "\u2086"), ("6", "VI"),
    ("62", f"6{SUPERSCRIPT_TWO}"), ("0.5", HALF), ("11/2", f"1{HALF}"), ("1.5", "1 1/2"),
    ("1.5", r"1\frac{1}{2}"), ("123", "1,2,3"), ("1020", "10,20"), ("1000", "1,0000"),
    ("1000", "1, 000"), ("1000", "1 ,000"), ("1000", "1 000"), ("1000", ",000"), ("1000", "1,000,"),
    ("1000", "1,,000"), ("1000000", "1,000000"), ("1000000", "1000,000"), ("123", "0,123"),
    ("1.0001", "1.000,1"), ("1", "1/1/1"), ("1", "1/"), ("1", "/1"), ("1", "1//1"), ("0", "0/0"),
    ("0", "1/0"), ("0", r"\frac{1}{0}"), ("0", r"\frac{0}{0.0}"), ("0.5", r"\frac{1}{2"),
    ("0.5", r"\frac{1}{2}}"), ("0.5", r"\frac{1}{2}{1}"), ("0.5", r"\frac{1}{2]"),
    ("0.5", r"\frac{1}"), ("0.5", r"\frac{12}"), ("0.5", r"\frac{1} 2"), ("0.5", r"\sqrt{1}{2}"),
    ("0.5", r"\frac{--1}{2}"), ("0.5", r"{1}{2}"), ("1000", "e3"), ("1000", "1e"), ("1000", "1e+"),
    ("1000", "1e3.0"), ("1000", "1e3e0"), ("1000", "1e\u0663"), ("1000", "1e{3}"),
    ("1000", r"1\times10^{3"), ("1000", r"1\times10^3}"), ("1000", r"1\times10^{30"),
    ("1000", r"1\times10^23}"), ("1000", r"1\times10^{}"), ("1000", r"1\times10^{3}\times10^{0}"),
    ("1000", r"1\times1000"), ("1000", r"\times10^{3}"), ("10", "1e00001"), ("50%", "50%%"),
    ("50%", r"50\\%"), ("50%", "%50"), ("50%", "%"), ("0", "-"), ("0", "\\"), ("0", "+."),
    ("0", "nan"), ("0", "inf"), ("0", "Infinity"), ("0", r"\infty"), ("1e1000", "1e1001"),
    ("0", "1e-1001"), ("0", "1e99999999"), ("0", "1e-99999999"), ("0", "0e99999999"),
    ("0", r"1\times10^{99999999}"), ("0", "9**9**9**9"), ("0", "9^9^9^9"), ("0", "99999999!"),
    ("0", "(((((("), ("0", "x)&(0"), ("0", "__import__('os')"), ("0", "0" * 1_001),
    ("0", "0." + "0" * 1_000),
]
SEQUENCE_EQUAL = [
    ("(a,b,c)", "(a,b,c)"), ("(a,b,c)", "[a, b, c]"), ("(a,b,c)", "a, b, c"),
    ("(a,b,c)", "(A , B,\nC)."), ("(a,b,c)", r"$(\text{a}, \text{b}, \text{c})$"),
    ("(a,b,c)", "$a$, $b$, $c$"), ("(a,b,c)", "\uff08a\uff0cb\uff0cc\uff09"),
    ("(3,1,2)", "(3.0, +1, 4/2)"), ("(3,1)", r"(\frac{6}{2}, 1)"), ("(-1,1)", f"({MINUS}1, 1)"),
    ("(1000,1)", r"(1{,}000, 1)"), ("(1000,1)", r"(1\,000, 1)"), ("5", "(5)"), ("5", "[5.0]"),
    ("((a,1),(b,2))", "((a,1),(b,2))"), ("((a,1),(b,2))", "(a,1),(b,2)"),
    ("((a,1),(b,2))", "[(A, 1), [b, 2.0]]"), ("((a,1))", "[[a,1]]"), ("(f(x,y),2)", "(F(x,y), 2)"),
    (r"(\{1,2\},3)", r"\{1,2\}, 3"), (r"(\{\},1)", r"\{\}, 1"), ("()", "[ ]"),
    ("((),1)", "[[], 1]"), ("(50%,1)", r"50\%, 1"),
    ("(" * 8 + "1" + ")" * 8, "[" * 8 + "1" + "]" * 8),
    (",".join("7" * 1_000), ",".join("7" * 1_000)),
]
SEQUENCE_DIFFERENT = [
    ("(a,b,c)", "(a,c,b)"), ("(a,b,c)", "(a,b)"), ("(a,b,c)", "(a,b,c,c)"), ("(a,b,c)", "(a,b,d)"),
    ("(a,b)", "a b"), ("(a,b)", "a;b"), ("(a,b)", "a and b"), ("(a,b)", "{a,b}"),
    ("(a,b)", r"\{a,b\}"), ("(a,b)", "(a,b) or (b,a)"), ("(3,1,2)", "(3,1,3)"), ("(3,1,2)", "312"),
    ("(3,1,2)", "3,12"), ("(1,0)", "1000"), ("1000", "1,000"), ("(123)", "(1,2,3)"), ("5", "5,6"),
    ("5", "((5))"), ("((a,1),(b,2))", "((b,2),(a,1))"), ("((a,1),(b,2))", "((1,a),(b,2))"),
    ("((a,1),(b,2))", "(a,1,b,2)"), ("((a,1),(b,2))", "((a,1,b),2)"), ("()", "0"), ("()", "(())"),
    ("(f(x,y),2)", "(f(x),y,2)"),
]
SET_EQUAL = [
    ("{a,b}", "{b, a}"), ("{a,b}", r"\{b,a\}"), ("{a,b}", "(b,a)"), ("{a,b}", "b,a"),
    ("{a,b}", r"$\{ \text{B}, a \}$."), ("{1,2}", "{2.0, 1}"), ("{0.5,2}", r"\{\frac{4}{2}, 1/2\}"),
    ("{1,1,2}", "{1,2,1}"), ("{(a,1),(b,2)}", "{(b,2),(a,1)}"), ("{(a,1),(b,2)}", "(b,2), (A,1.0)"),
    ("{(a,1),(b,2)}", "((b,2),(a,1))"), ("{(a,1)}", "{[a,1]}"), ("{5}", "5"), ("{5}", "(5)"),
    (r"\{a\},\{b\}", r"\{b\},\{a\}"), ("{}", r"\{\}"), ("{}", "()"), ("{50%,2}", r"2, 50\%"),
]
SET_DIFFERENT = [
    ("{a,b}", "{a}"), ("{a,b}", "{a,b,c}"), ("{a,b}", "{a,c}"), ("{a,b}", "{a,a,b}"),
    ("{a,b}", "{a,b,b}"), ("{a,a,b}", "{a,b,b}"), ("{a,b}", "[a,b]"), ("{a,b}", "ab"),
    ("{a,b}", "{a b}"), ("{a,b}", "{{a,b}}"), ("{a,b}", "{a},{b}"), ("{1,2}", "{1,3}"),
    ("{1,2}", "12"), ("{1,0}", "1000"), ("{(a,1),(b,2)}", "{(a,2),(b,1)}"),
    ("{(a,1),(b,2)}", "{(1,a),(b,2)}"), ("{(a,1),(b,2)}", "{a,1,b,2}"), ("{(a,1)}", "{a,1}"),
    ("{(a,1)}", "a,1"), ("{(a,1)}", "(1,a)"), ("{}", "{0}"), ("{}", r"\emptyset"),
]
# fmt: on
# (verifier, reference, answer, reason)
REFUSED = [
    ("exact", "red", "", "empty"),
    ("exact", "red", " \n", "empty"),
    ("exact", "red", r"$\text{}$", "empty"),
    ("exact", "red", "$$", "empty"),
    ("exact", "red", ".", "empty"),
    ("exact", "red", f"red{ZERO_WIDTH_SPACE}", "hidden_characters"),
    ("exact", "red", f"{RIGHT_TO_LEFT_OVERRIDE}der", "hidden_characters"),
    ("exact", "red", "\ufeffred", "hidden_characters"),
    ("exact", "red", "r\u00aded", "hidden_characters"),
    ("exact", "red", "red\u2066", "hidden_characters"),
    ("exact", "red", "red\0", "hidden_characters"),
    ("exact", "red", "red\x1c", "hidden_characters"),
    ("exact", "red", "red\ud800", "hidden_characters"),
    ("exact", "red", "red\ue000", "hidden_characters"),
    ("exact", "red", "red " * 25_000, "too_long"),
    ("exact", "red", "red" + " " * 1_998, "too_long"),
    ("numeric", "12", "", "empty"),
    ("numeric", "12", ".", "empty"),
    ("numeric", "12", f"1{ZERO_WIDTH_SPACE}2", "hidden_characters"),
    ("numeric", "12", "1" * 100_000, "too_long"),
    ("sequence", "(1,2)", "", "empty"),
    ("sequence", "(1,2)", "(1,,2)", "empty"),
    ("sequence", "(1,2)", "(1,2,)", "empty"),
    ("sequence", "(1,2)", "1,2,", "empty"),
    ("sequence", "(1,2)", ",", "empty"),
    ("sequence", "(1,2)", f"(1,{ZERO_WIDTH_SPACE}2)", "hidden_characters"),
    ("sequence", "(1,2)", "(1,2", "bad_brackets"),
    ("sequence", "(1,2)", "1,2)", "bad_brackets"),
    ("sequence", "(1,2)", "(1,2]", "bad_brackets"),
    ("sequence", "(1,2)", "([1,2)]", "bad_brackets"),
    ("sequence", "(1,2)", ")1,2(", "bad_brackets"),
    ("sequence", "(1,2)", "(1,2))", "bad_brackets"),
    ("sequence", "(1,2)", "(" * 2_000, "bad_brackets"),
    ("sequence", "(1,2)", "(" * 9 + "1,2" + ")" * 9, "bad_brackets"),
    ("sequence", "(1,2)", "(1,2) " * 20_000, "too_long"),
    ("sequence", ",".join("7" * 1_000), ",".join("7" * 1_001), "too_long"),
    ("set", "{1,2}", r"\{1,2}", "bad_brackets"),
    ("set", "{1,2}", r"{1,2\}", "bad_brackets"),
    ("set", "{1,2}", r"1,2\}", "bad_brackets"),
    ("set", "{1,2}", "{1,2)", "bad_brackets"),
    ("set", "{1,2}", "{1,2", "bad_brackets"),
    ("set", "{1,2}", "{1,,2}", "empty"),
    ("set", "{1,2}", "{1,2}" * 20_000, "too_long"),
]
EQUAL = {
    "exact": EXACT_EQUAL,
    "numeric": NUMERIC_EQUAL,
    "sequence": SEQUENCE_EQUAL,
    "set": SET_EQUAL,
}
DIFFERENT = {
    "exact": EXACT_DIFFERENT,
    "numeric": NUMERIC_DIFFERENT,
    "sequence": SEQUENCE_DIFFERENT,
    "set": SET_DIFFERENT,
}


def _rows(tables: dict[str, list[tuple[str, str]]]) -> list[tuple[str, str, str]]:
    return [(name, *pair) for name, table in tables.items() for pair in table]


@pytest.mark.parametrize(("name", "reference", "answer"), _rows(EQUAL))
def test_equal_answers_are_correct_both_ways(name: str, reference: str, answer: str) -> None:
    assert verify(name, reference, answer) == Verdict(correct=True, reason="equal")
    assert verify(name, answer, reference) == Verdict(correct=True, reason="equal")


@pytest.mark.parametrize(("name", "reference", "answer"), _rows(DIFFERENT))
def test_different_answers_are_wrong(name: str, reference: str, answer: str) -> None:
    assert verify(name, reference, answer) == Verdict(correct=False, reason="different")


@pytest.mark.parametrize(("reference", "answer"), NOT_A_NUMBER)
def test_what_is_no_number_is_wrong_and_no_reference(reference: str, answer: str) -> None:
    assert verify("numeric", reference, answer) == Verdict(correct=False, reason="not_a_number")
    with pytest.raises(ValueError, match=r"^verifier 'numeric' cannot read the reference"):
        verify("numeric", answer, reference)


@pytest.mark.parametrize(("name", "reference", "answer", "reason"), REFUSED)
def test_unreadable_answers_are_wrong_and_no_reference(
    name: str, reference: str, answer: str, reason: str
) -> None:
    assert verify(name, reference, reference).correct
    assert verify(name, reference, answer) == Verdict(correct=False, reason=reason)
    with pytest.raises(
        ValueError, match=f"^verifier {name!r} cannot read the reference .*{reason}"
    ):
        verify(name, answer, reference)


def test_percent_answers_need_a_percent_reference() -> None:
    assert verify("numeric", "50%", "0.5").correct
    assert verify("numeric", "50%", "1/2").correct
    assert not verify("numeric", "0.5", "50%").correct
    assert not verify("numeric", "9", "9%").correct
    assert not verify("numeric", "9", "900%").correct
    assert verify("sequence", "(50%,1)", "(0.5,1)").correct
    assert verify("sequence", "(0.5,1)", "(50%,1)") == Verdict(correct=False, reason="different")
    assert not verify("sequence", "((0.5,a),1)", "((50%,a),1)").correct
    assert verify("set", "{1,(50%,a)}", "{(0.5,a),1}").correct
    assert not verify("set", "{0.5,1}", "{1,50%}").correct
    assert not verify("sequence", "((50,a))", "(5000%,a)").correct


def test_only_tuple_may_drop_the_brackets_of_its_collection() -> None:
    assert verify("set", "{(a,1)}", "(a,1)").correct
    assert verify("set", "{(a,1)}", "[a,1]").correct
    assert verify("sequence", "((a,1))", "(a,1)").correct
    assert verify("sequence", "((a,1))", "[a,1]").correct
    assert verify("sequence", "(((a,1),(b,2)))", "((a,1),(b,2))").correct
    assert not verify("sequence", "(((a,1),(b,2)))", "(a,1),(b,2)").correct
    assert not verify("sequence", "((a,1))", "a,1").correct
    assert not verify("sequence", "((a,1))", "(1,a)").correct
    assert not verify("sequence", "(a,1)", "((a,1))").correct
    assert not verify("set", "{a,1}", "{(a,1)}").correct


def test_no_answer_is_wrong() -> None:
    assert verify("exact", "red", None) == Verdict(correct=False, reason="no_answer")


def test_unknown_verifier_is_an_error_that_lists_the_names() -> None:
    with pytest.raises(
        ValueError, match="unknown verifier 'maths': choose one of exact, numeric, sequence, set"
    ):
        verify("maths", "1", None)
    assert set(VERIFIERS) == {"exact", "numeric", "sequence", "set"}


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("exact", "red"),
        ("numeric", r"\frac{1}{2}"),
        ("numeric", "50%"),
        ("sequence", "(3,1,2)"),
        ("sequence", "()"),
        ("set", r"\{(a,1),(b,2)\}"),
        ("set", "{}"),
    ],
)
def test_good_references_pass_the_check(name: str, reference: str) -> None:
    check_reference(name, reference)


@pytest.mark.parametrize(
    ("name", "reference", "message"),
    [
        ("numeric", "5 cm", "not_a_number.: correct the reference or choose"),
        ("sequence", "(a,b]", "bad_brackets"),
        ("set", "{a,}", "empty"),
        ("exact", "", "cannot be read back from its box"),
        ("exact", "}", "cannot be read back from its box"),
        ("exact", r"\boxed{red}", "cannot be read back from its box"),
        ("maths", "1", "choose one of"),
    ],
)
def test_faulty_references_fail_the_check(name: str, reference: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_reference(name, reference)


def test_verifier_that_rejects_its_reference_fails_the_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reject(reference: str, answer: str) -> Verdict:
        return Verdict(correct=False, reason="different")

    monkeypatch.setattr("data_synth.verify.TYPED_VERIFIERS", {"never": reject})
    with pytest.raises(ValueError, match=r"its own reference 'red' \(different\): correct"):
        check_reference("never", "red")


def _random_fraction(rng: random.Random) -> Fraction:
    # Denominators with factors 2 and 5 only, so that every value also has a finite decimal.
    size = 10 ** rng.randint(1, 12)
    return Fraction(rng.randint(-size, size), 2 ** rng.randint(0, 6) * 5 ** rng.randint(0, 6))


def _decimal(value: Fraction, *, grouped: bool = False) -> str:
    """`value` written out by long division."""
    whole, rest = divmod(abs(value).numerator, value.denominator)
    digits = ""
    while rest:
        digit, rest = divmod(10 * rest, value.denominator)
        digits += str(digit)
    text = f"{whole:,}" if grouped else str(whole)
    return ("-" if value < 0 else "") + text + ("." + digits if digits else "")


def _spellings(value: Fraction, rng: random.Random) -> list[str]:
    top, bottom = value.numerator, value.denominator
    factor, shift = rng.randint(2, 99), rng.randint(-9, 9)
    mantissa = _decimal(value / Fraction(10) ** shift)
    return [
        f"{top}/{bottom}",
        f"{factor * top} / {factor * bottom}",
        rf"\frac{{{top}}}{{{bottom}}}",
        rf"$\dfrac{{{-factor * top}}}{{{-factor * bottom}}}$",
        _decimal(value),
        _decimal(value, grouped=True),
        (_decimal(value) + ("" if "." in _decimal(value) else ".") + "00").replace("-", MINUS),
        f"{mantissa}e{shift}",
        rf"{mantissa} \times 10^{{{shift}}}",
    ]


def test_every_spelling_of_a_number_equals_every_other() -> None:
    rng = random.Random(7)
    for _ in range(60):
        spellings = _spellings(_random_fraction(rng), rng)
        for reference in spellings:
            for answer in spellings:
                assert verify("numeric", reference, answer).correct, (reference, answer)


def test_any_change_of_the_numerator_is_wrong_in_every_spelling() -> None:
    rng = random.Random(8)
    for _ in range(60):
        value = _random_fraction(rng)
        step = rng.choice((1, -1, rng.randint(2, 10**6)))
        near = Fraction(value.numerator + step, value.denominator)
        for reference, answer in zip(_spellings(value, rng), _spellings(near, rng), strict=True):
            assert not verify("numeric", reference, answer).correct, (reference, answer)
            assert not verify("numeric", answer, reference).correct, (reference, answer)


def test_sequences_and_sets_agree_with_python_lists_and_sorted_lists() -> None:
    rng = random.Random(9)
    num_correct = 0
    for _ in range(1_000):
        reference = [rng.choice("abc") + str(rng.randint(1, 2)) for _ in range(rng.randint(2, 4))]
        answer = rng.sample(reference, len(reference))
        if rng.random() < 0.5:
            answer[rng.randrange(len(answer))] = "a1"
        cells_reference = [f"({cell[0]},{cell[1]})" for cell in reference]
        cells_answer = [f"({cell[0]}, {cell[1]}.0)" for cell in answer]
        texts = ",".join(cells_reference), ", ".join(cells_answer)
        num_correct += reference == answer
        assert verify("sequence", *texts).correct == (reference == answer)
        assert verify("set", *texts).correct == (sorted(reference) == sorted(answer))
    assert 100 < num_correct < 900


@pytest.mark.parametrize("name", list(VERIFIERS))
def test_token_soup_never_raises_and_is_judged_the_same_twice(name: str) -> None:
    rng = random.Random(10)
    tokens = [*"0123456789.,+-/%$eE{}()[]\\ ax", r"\frac", r"\times", "10^", r"\text{", MINUS, HALF]
    reference = "(7,(a,1))" if name != "numeric" else "7"
    for _ in range(2_000):
        answer = "".join(rng.choices(tokens, k=rng.randint(0, 12)))
        verdict = verify(name, reference, answer)
        assert verdict == verify(name, reference, answer)
        if verdict.reason in ("equal", "different"):
            assert verify(name, answer, answer).correct, answer


@pytest.mark.parametrize("name", list(VERIFIERS))
def test_hostile_answers_of_full_length_are_judged_quickly(name: str) -> None:
    units = ("(", "1,", "(1),", "$", r"\text{", r"\frac{", "((((((((1,", "1 ", "9", "-", ".", "\\")
    answers = [(unit * 2_000)[:2_000] for unit in units]
    answers += ["(" * 8 + "1," * 900 + "1" + ")" * 8, "9" * 999 + "/" + "7" * 999]
    answers += [r"\text{" * 250 + "}" * 250, ",".join("7" * 1_000)]
    reference = "(7,8)" if name != "numeric" else "7"
    start = time.perf_counter()
    for answer in answers:
        assert not verify(name, reference, answer).correct
    assert time.perf_counter() - start < 5.0
