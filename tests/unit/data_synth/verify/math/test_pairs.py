"""What the verifier `math` takes for equal, by kind of answer, and what it must not."""

import pytest

from data_synth.verify.math import VERIFIERS
from data_synth.verify.verdict import Reason

verify = VERIFIERS["math"]

EQUAL = {
    "integers": [("17", "17"), ("-3", "\u22123"), ("10^6", "1,000,000"), ("1000", "1\\,000")],
    "digit groups": [("1000", "1{,}000"), ("1234567.5", "1,234,567.5"), ("100, 200", "100,200")],
    "scientific": [("6.02\\times10^{23}", "6.02e23"), ("0.001", "1e-3"), ("10^{400}", "1e400")],
    "words": [("10000000", "10 million"), ("2500", "2.5 thousand")],
    "repeating": [("1/3", "0.\\overline{3}"), ("4/33", "0.\\dot1\\dot2"), ("1/6", "0.1(6)")],
    "mixed": [("3/2", "1 1/2"), ("-3/2", "-1\\frac12"), ("3/2", "1\u00bd"), ("7x/3", "2\\frac13x")],
    "fractions": [("\\frac12", "0.5"), ("\\dfrac{-1}{2}", "-\\tfrac12"), ("{1\\over 2}", "\u00bd")],
    "percent": [("50\\%", "0.5"), ("50%", "50\\%")],
    "roots": [("\\sqrt8", "2\\sqrt2"), ("\u221a2", "2^{1/2}"), ("\\sqrt[3]{-8}", "-2")],
    "nested roots": [("\\sqrt2+\\sqrt3", "\\sqrt{5+2\\sqrt6}"), ("(-8)^{2/3}", "4")],
    "combinatorics": [("\\binom{5}{2}", "10"), ("5!", "120"), ("7!!", "105")],
    "symbolic factorials": [("\\frac{n!}{(n-1)!}", "n"), ("\\binom n2", "n(n-1)/2")],
    "binomials": [("\\binom{n}{k}", "\\frac{n!}{k!(n-k)!}")],
    "absolute": [("|x-1|", "|1-x|"), ("\\left|-2\\right|", "2"), ("|{-3}|+|2|", "5")],
    "floor": [("\\lfloor 2.7\\rfloor", "2"), ("\\lceil\\sqrt2\\rceil", "2")],
    "logarithms": [("\\ln 8", "3\\ln2"), ("\\log_2 8", "3"), ("\\frac{\\log 8}{\\log 2}", "3")],
    "trigonometry": [
        ("\\sin 30^\\circ", "1/2"),
        ("\\sin^2x", "1-\\cos^2 x"),
        ("4\\arctan1", "\\pi"),
    ],
    "inverse": [("\\sin^{-1}x", "\\arcsin x"), ("4\\arctan1", "\\pi")],
    "hyperbolic": [("\\cosh x", "\\frac{e^x+e^{-x}}2"), ("\\tanh x", "\\frac{\\sinh x}{\\cosh x}")],
    "complex": [("2i", "(1+i)^2"), ("e^{i t}", "\\cos t+i\\sin t"), ("i^i", "e^{-\\pi/2}")],
    "polynomials": [("x^2-1", "(x-1)(x+1)"), ("x\u00b2", "x*x"), ("2^{n+1}", "2\\cdot2^n")],
    "rational": [("x", "\\frac{x^2}{x}"), ("\\frac1x-\\frac1{x+1}", "1/(x^2+x)")],
    "same domain": [("\\frac1{\\sqrt x}", "\\sqrt{\\frac1x}"), ("-\\ln x", "\\ln\\frac1x")],
    "alternating": [("(-1)^{n+1}", "-(-1)^n"), ("(-2)^n", "(-1)^n 2^n")],
    "assignment": [("5", "x=5"), ("x=5", "5"), ("5", "2+3=5"), ("x^2", "f(x)=x^2")],
    "functions": [("2x", "f^{-1}(x)=2x"), ("f(x)=x^2", "f(x)=x\\cdot x")],
    "equations": [("y=2x+1", "2x-y+1=0"), ("x=5", "5=x"), ("x^2+y^2=4", "2x^2=8-2y^2")],
    "intervals": [("(-\\infty,3)", "x<3"), ("2\\le x<5", "[2,5)"), ("x>2", "2x-4>0")],
    "unions": [("x\\ne0", "(-\\infty,0)\\cup(0,\\infty)"), ("[0,1]\\cup[1,2]", "[0,2]")],
    "regions": [("\\mathbb R\\setminus\\{0\\}", "x\\ne0"), ("\\{x\\mid x>1\\}", "(1,\\infty)")],
    "and, or": [("[2,5)", "x\\ge2 \\text{ and } x<5"), ("x<1 \\text{ or } x>2", "x>2 or x<1")],
    "inequalities": [("2x+3y<6", "4x+6y<12"), ("x+y\\ge1", "1\\le y+x")],
    "sets": [("\\{1,2\\}", "\\{2,1\\}"), ("\\{1,2\\}", "2, 1"), ("\\{1,1,2\\}", "\\{1,2\\}")],
    "plus-minus": [("\\pm2", "2,-2"), ("1\\pm\\sqrt2", "1-\\sqrt2, 1+\\sqrt2")],
    "tuples": [("(1,2)", "(\\frac22, 2.0)"), ("(1,2)", "\\langle1,2\\rangle"), ("(1,2)", "1,2")],
    "solutions": [("(1,2)", "y=2, x=1"), ("(1,2)", "(x,y)=(1,2)"), ("1,2", "x=2 or x=1")],
    "matrices": [
        (
            "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}",
            "\\begin{bmatrix}1&2\\\\3&8/2\\end{bmatrix}",
        )
    ],
    "units": [("12\\text{ cm}^2", "12 cm^2"), ("12\\text{ cm}", "12"), ("\\$5", "5 dollars")],
    "degrees": [("45^\\circ", "45\u00b0"), ("45", "45^\\circ")],
    "bases": [("1011_2", "1011_{2}")],
    "ratios": [("3:4", "6:8")],
    "rounded": [("1/3", "0.333333"), ("\\sqrt2", "1.41421356"), ("-\\pi", "-3.14159")],
    "huge": [("2^{100000}", "4^{50000}"), ("(x+1)^{99999}", "(1+x)^{99999}"), ("9^{9^{9^9}}",) * 2],
}

DIFFERENT = {
    "integers": [("100000000", "100000001"), ("99999999999999999999", "1e20"), ("123", "1,2,3")],
    "digit groups": [("1020", "10,20"), ("1000", "1,00"), ("1000", "1 000"), ("12", "1 2")],
    "tiny": [("\\frac1{2004!}", "\\frac1{2006!}"), ("1/2^99", "1/2^98"), ("10^{-20}", "10^{-21}")],
    "nearly zero": [
        ("0", "e^{-10000}"),
        ("0", "\\sin(10^{-50})"),
        ("\\sqrt2", "\\sqrt2+10^{-200}"),
    ],
    "nearly whole": [
        ("262537412640768744", "e^{\\pi\\sqrt{163}}"),
        ("\\cos x", "\\cos(x+10^{-40})"),
    ],
    "decimals": [("0.3", "0.\\overline{3}"), ("1/3", "0.333"), ("0.333333", "1/3"), ("e", "2.718")],
    "rounded wrongly": [("2/3", "0.666666"), ("1/4", "0.250001"), ("\\sqrt2", "1.41422")],
    "percent": [("9", "9\\%"), ("9\\%", "9"), ("0.5", "50\\%"), ("5", "500"), ("0.05", "5")],
    "bases": [("1011_2", "1011_3"), ("1011_2", "11"), ("1011_2", "1011")],
    "braces": [("2^{n+1}", "2^n+1"), ("(x+2)/7", "x+2/7"), ("\\frac{1}{2x}", "1/2x")],
    "signs": [("x", "-x"), ("x", "\\sqrt{x^2}"), ("i", "-i"), ("3+4i", "3-4i")],
    "domains": [("\\sqrt{xy}", "\\sqrt x\\sqrt y"), ("\\ln x^2", "2\\ln x"), ("x", "e^{\\ln x}")],
    "logarithms": [("\\ln 2", "\\log 2"), ("2", "\\log 100"), ("\\log_8 2", "3")],
    "links": [("5", "6=5"), ("5", "1=2=3=4=5"), ("5", "x=6=5"), ("5", "5=6"), ("4", "2+2=5")],
    "relations": [("5", "x>5"), ("2x+1", "y=2x+1"), ("x+1", "x+1=0"), ("x=5", "y=5")],
    "equations": [("y=2x+1", "y=2x-1"), ("x=y", "\\frac xy=1"), ("x^2=4", "x=2"), ("x=y", "0=0")],
    "inequalities": [("x>3", "-x>-3"), ("x\\le3", "x<3"), ("x+y<1", "x+y>1"), ("x<3", "y<3")],
    "intervals": [("[0,1)", "(0,1]"), ("(1,2)", "[1,2]"), ("[0,2]", "[0,1)\\cup(1,2]")],
    "guesses": [("5", "5 or 6"), ("5", "5, 6"), ("5", "5 or 5"), ("2", "\\pm2"), ("5", "x=5,x=6")],
    "sets": [("\\{1,2\\}", "(1,2)"), ("\\{1,2\\}", "\\{1,2,3\\}"), ("1,1", "1"), ("5", "\\{5\\}")],
    "order": [("(1,2)", "(2,1)"), ("(1,2)", "2,1"), ("(1,2)", "x=2, y=1")],
    "matrices": [
        ("\\begin{pmatrix}1&2\\end{pmatrix}", "\\begin{pmatrix}1\\\\2\\end{pmatrix}"),
        ("\\begin{pmatrix}1&2\\end{pmatrix}", "(1,2)"),
        ("\\begin{pmatrix}1\\end{pmatrix}", "\\begin{vmatrix}1\\end{vmatrix}"),
    ],
    "units": [("12 cm^2", "12 cm^3"), ("5 cm", "5 m"), ("5", "5\\text{ cm}"), ("5 m", "5")],
    "huge": [("2^{100000}", "2^{100000}+1"), ("(x+1)^{99999}", "(x+1)^{99998}")],
    "undefined": [
        ("1", "\\frac{x-x}{x-x}"),
        ("1", "0^0"),
        ("5", "5+\\frac1{\\sqrt2^2-2}-\\frac1{\\sqrt2^2-2}"),
    ],
}


def pairs(table):
    return [pytest.param(*pair, id=f"{kind}-{pair}") for kind in table for pair in table[kind]]


@pytest.mark.parametrize(("reference", "answer"), pairs(EQUAL))
def test_equal_answers_are_accepted(reference, answer):
    assert verify(reference, answer).reason == Reason.EQUAL


@pytest.mark.parametrize(("reference", "answer"), pairs(DIFFERENT))
def test_different_answers_are_not_accepted_and_never_unsure(reference, answer):
    verdict = verify(reference, answer)
    assert not verdict.correct
    assert verdict.reason != Reason.UNSURE


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", Reason.EMPTY),
        ("3 \\text{ is wrong, it is } 4", Reason.NOT_A_NUMBER),
        ("12 \\boxed", Reason.NOT_A_NUMBER),
        ("x)&(0", Reason.BAD_BRACKETS),
        ("x+1)", Reason.BAD_BRACKETS),
        ("{x", Reason.BAD_BRACKETS),
        ("(1,2", Reason.NOT_A_NUMBER),
        ("the answer is 3", Reason.NOT_A_NUMBER),
        ("3, I think", Reason.NOT_A_NUMBER),
        ("exec('x')", Reason.NOT_A_NUMBER),
        ("\u0445", Reason.NOT_A_NUMBER),
        ("3\u200b", Reason.HIDDEN_CHARACTERS),
        ("\\infty-\\infty", Reason.WRONG_TYPE),
        ("2+\\{1\\}", Reason.WRONG_TYPE),
        ("\\int_0^1 x\\,dx", Reason.UNSURE),
        ("\\sum_{k=1}^n k", Reason.UNSURE),
        ("\\begin{cases}1&x>0\\\\2&x<0\\end{cases}", Reason.UNSURE),
        ("2\\begin{pmatrix}1\\end{pmatrix}", Reason.UNSURE),
        ("\\int_0^1 {x", Reason.BAD_BRACKETS),
    ],
)
def test_unreadable_answers_are_wrong_for_a_reason(answer, reason):
    # A number as the reference would ask for a number; this one leaves everything open.
    verdict = verify("x+3", answer)
    assert (verdict.correct, verdict.reason) == (False, reason)


def test_reference_beyond_the_reader_leaves_every_other_answer_open():
    assert verify("\\int f", "3").reason == Reason.UNSURE
    assert verify("\\int f", "\\int g").reason == Reason.UNSURE
    assert verify("\\int f", "\\int  f").reason == Reason.EQUAL
    assert verify("\\int f", "3)").reason == Reason.BAD_BRACKETS


def test_unreadable_reference_is_a_fault_in_the_data():
    with pytest.raises(ValueError, match=r"cannot read the reference '3\)' \(bad_brackets\)"):
        verify("3)", "3")
