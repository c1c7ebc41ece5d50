r"""Random pairs, equal or nearly so by construction, through the verifiers.

Values and rewrites come from here: exact arithmetic, rules of algebra that are true at sight, and
sympy's rewriting and printing of expressions that were built, not read. Nothing is parsed, so these
pairs say how the verifiers do beyond any list of rows.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import islice

import pytest
import sympy

from data_synth.seeding import derive_seed
from data_synth.verify import verify

COUNT = 150
"""Pairs of each kind in a default run."""
MANY = 3_000

Pair = tuple[str, str, str, bool]
"""Verifier, reference, answer, whether they are equal."""


def latex_fraction(value: Fraction, rng: random.Random) -> str:
    factor = rng.choice((1, 1, 2, 3, 10))
    top, bottom = value.numerator * factor, value.denominator * factor
    sign = "-" if top < 0 else ""
    forms = [
        f"{sign}\\frac{{{abs(top)}}}{{{bottom}}}",
        f"\\frac{{{top}}}{{{bottom}}}",
        f"{sign}\\dfrac{{{abs(top)}}}{{{bottom}}}",
        f"{top}/{bottom}",
        f"{top} / {bottom}",
    ]
    return rng.choice(forms)


def decimal(value: Fraction) -> str:
    """A terminating decimal, exactly."""
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    digits = str(abs(int(value * 10**places))).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def grouped(value: int) -> str:
    return f"{value:,}"


def number_forms(value: Fraction, rng: random.Random) -> str:
    """One of the ways to write a rational number."""
    forms: list[str] = [latex_fraction(value, rng)]
    if value.denominator == 1:
        whole = int(value)
        forms += [str(whole), f"{whole}.0", f" {whole} ", f"${whole}$", grouped(whole)]
        forms += [grouped(whole).replace(",", "{,}")]
        if whole and whole % 100 == 0:
            forms += [f"{whole // 100}e2", f"{whole // 100}\\times10^{{2}}"]
    if 10**9 % value.denominator == 0:
        text = decimal(value)
        forms += [text, f"+{text}" if value > 0 else text]
        if "." in text:
            forms += [text + "0", text.replace("0.", ".", 1) if text.startswith("0.") else text]
    return rng.choice(forms)


def random_fraction(rng: random.Random) -> Fraction:
    kind = rng.randrange(4)
    if kind == 0:
        return Fraction(rng.randint(-9_999, 9_999))
    if kind == 1:
        return Fraction(rng.randint(-(10**30), 10**30))
    if kind == 2:
        return Fraction(rng.randint(-99_999, 99_999), 10 ** rng.randint(1, 4))
    return Fraction(rng.randint(-99, 99), rng.randint(2, 99))


def nearby(value: Fraction, rng: random.Random) -> Fraction:
    """Another number that looks like this one."""
    changes: list[Callable[[], Fraction]] = [
        lambda: -value,
        lambda: value + 1,
        lambda: value * 10,
        lambda: value / 10,
        lambda: value * 100,
        lambda: value + Fraction(1, 10**9),
        lambda: value * Fraction(10**12 + 1, 10**12),
        lambda: 1 / value,
    ]
    while True:
        other = rng.choice(changes)() if value else Fraction(rng.randint(1, 9))
        if other != value:
            return other


def numbers(verifier: str, rng: random.Random) -> Pair:
    value = random_fraction(rng)
    other = value if rng.random() < 0.5 else nearby(value, rng)
    return verifier, number_forms(value, rng), number_forms(other, rng), value == other


def polynomials(rng: random.Random) -> Pair:
    """A product of linear factors against its expansion, with one coefficient changed or not."""
    variable = rng.choice("xyzntk")
    roots = [(rng.randint(1, 4), rng.randint(-9, 9)) for _ in range(rng.randint(2, 4))]
    coefficients = [1]
    for slope, constant in roots:
        shifted = [0, *(slope * c for c in coefficients)]
        coefficients = [a + constant * b for a, b in zip(shifted, [*coefficients, 0], strict=True)]
    equal = rng.random() < 0.5
    if not equal:
        at = rng.randrange(len(coefficients))
        coefficients[at] += rng.choice((-1, 1))
    rng.shuffle(roots)
    product = "".join(
        f"({slope if slope > 1 else ''}{variable}{constant:+d})" for slope, constant in roots
    )
    powers = list(enumerate(coefficients))
    rng.shuffle(powers)
    expanded = "".join(
        f"{c:+d}" + (f"{variable}^{{{power}}}" if power > 1 else variable if power else "")
        for power, c in powers
        if c
    )
    expanded = expanded.removeprefix("+") or "0"
    sides = [product, expanded]
    rng.shuffle(sides)
    return "math", sides[0], sides[1], equal


def radicals(rng: random.Random) -> Pair:
    r"""\sqrt{k^2 m} against k\sqrt{m}, with m squarefree so that other values differ."""
    m = rng.choice((2, 3, 5, 6, 7, 10, 11, 13))
    k, given = rng.randint(2, 30), rng.random() < 0.5
    other = k if given else k + rng.choice((-1, 1))
    lefts = [f"\\sqrt{{{k * k * m}}}", f"{k * m}/\\sqrt{{{m}}}"]
    if m < 10:
        lefts.append(f"{k}\\sqrt{m}")
    left = rng.choice(lefts)
    rights = [f"{other}\\sqrt{{{m}}}", f"\\sqrt{{{m}}}\\cdot {other}"]
    if m < 10:
        rights.append(f"{other}\u221a{m}")
    right = rng.choice(rights)
    return "math", left, right, given


def logarithms(rng: random.Random) -> Pair:
    base, power = rng.randint(2, 9), rng.randint(2, 6)
    other = power if rng.random() < 0.5 else power + 1
    forms = (
        (f"\\ln {base**power}", f"{other}\\ln {base}"),
        (f"\\log_{{{base}}} {base**power}", str(other)),
        (f"e^{{{other}\\ln {base}}}", str(base**power)),
        (f"\\ln({base}^{{{power}}}x)-\\ln x", f"{other}\\ln({base})"),
    )
    left, right = rng.choice(forms[:3])
    return "math", left, right, power == other


def trigonometry(rng: random.Random) -> Pair:
    n, equal = rng.randint(1, 9), rng.random() < 0.5
    wrong = n if equal else n + 1
    angle = rng.choice(("x", "t", "\\theta"))
    left, right = rng.choice(
        (
            (f"{n}\\sin(2{angle})", f"{2 * wrong}\\sin({angle})\\cos({angle})"),
            (f"{n}\\cos(2{angle})", f"{wrong}-{2 * n}\\sin^2({angle})"),
            (f"{n}\\tan({angle})", f"\\frac{{{wrong}\\sin({angle})}}{{\\cos({angle})}}"),
        )
    )
    return "math", left, right, equal


def fractions_of_polynomials(rng: random.Random) -> Pair:
    """Partial fractions: a/(x+p) + b/(x+q) against the joined form."""
    a, b = rng.randint(1, 9), rng.randint(1, 9)
    p, q = rng.sample(range(1, 12), 2)
    equal = rng.random() < 0.5
    slope, constant = a + b, a * q + b * p + (0 if equal else 1)
    left = f"\\frac{{{a}}}{{x+{p}}}+\\frac{{{b}}}{{x+{q}}}"
    right = f"\\frac{{{slope}x+{constant}}}{{(x+{q})(x+{p})}}"
    return "math", left, right, equal


def sets(rng: random.Random) -> Pair:
    values = rng.sample(range(-30, 30), rng.randint(1, 6))
    others = list(values)
    equal = rng.random() < 0.5
    if not equal:
        change = rng.randrange(3)
        if change == 0 and len(others) > 1:
            others.pop()
        elif change == 1:
            others.append(31)
        else:
            others[0] = 32
    rng.shuffle(others)
    left, right = (
        "\\{" + ", ".join(plain_number(Fraction(v), rng) for v in side) + "\\}"
        for side in (values, others)
    )
    return "math", left, right, equal


def tuples(rng: random.Random) -> Pair:
    values = [Fraction(rng.randint(-20, 20), rng.choice((1, 2, 4))) for _ in range(3)]
    others = list(values)
    if rng.random() < 0.5:
        rng.shuffle(others)
    left, right = (
        "(" + rng.choice((",", ", ")).join(plain_number(v, rng) for v in side) + ")"
        for side in (values, others)
    )
    return "math", left, right, values == others


def plain_number(value: Fraction, rng: random.Random) -> str:
    """A form without commas, for lists."""
    return latex_fraction(value, rng) if rng.random() < 0.5 else decimal(value)


def intervals(rng: random.Random) -> Pair:
    low = rng.randint(-9, 8)
    high = rng.randint(low + 1, 9)
    opening, closing = rng.choice("(["), rng.choice(")]")
    other_opening = opening if rng.random() < 0.7 else "([".replace(opening, "")
    other_high = high if rng.random() < 0.8 else high + 1
    signs = {"(": "<", "[": rng.choice(("\\le", "\\leq")), ")": "<", "]": "\\leq"}
    left = f"{opening}{low},{high}{closing}"
    right = rng.choice(
        (
            f"{other_opening}{low}, {other_high}{closing}",
            f"{low}{signs[other_opening]} x{signs[closing]} {other_high}",
            f"\\left{other_opening}{low},{other_high}\\right{closing}",
        )
    )
    return "math", left, right, (opening, high) == (other_opening, other_high)


def matrices(rng: random.Random) -> Pair:
    rows = [[rng.randint(-9, 9) for _ in range(2)] for _ in range(2)]
    others = [list(row) for row in rows]
    if rng.random() < 0.5:
        others = [list(column) for column in zip(*rows, strict=True)]
    kinds = ("pmatrix", "bmatrix")

    def write(matrix: Sequence[Sequence[int]]) -> str:
        kind = rng.choice(kinds)
        body = " \\\\ ".join(" & ".join(map(str, row)) for row in matrix)
        return f"\\begin{{{kind}}}{body}\\end{{{kind}}}"

    return "math", write(rows), write(others), rows == others


def complex_numbers(rng: random.Random) -> Pair:
    a, b, c, d = (rng.randint(1, 9) for _ in range(4))
    real, imaginary = a * c - b * d, a * d + b * c
    equal = rng.random() < 0.5
    if not equal:
        imaginary += rng.choice((-1, 1))
    return "math", f"({a}+{b}i)({c}+{d}i)", f"{real}{imaginary:+d}i", equal


def lines(rng: random.Random) -> Pair:
    """The equation of a line in two forms."""
    a, b, c = rng.randint(1, 9), rng.randint(1, 9), rng.randint(-20, 20)
    factor = rng.choice((1, 2, 3, -1))
    equal = rng.random() < 0.5
    shift = 0 if equal else rng.choice((-1, 1))
    left = f"{a}x+{b}y={c}"
    right = f"{a * factor}x{b * factor:+d}y{-(c * factor + shift):+d}=0"
    return "math", left, right, equal


def short_fractions(rng: random.Random) -> Pair:
    r"""\frac69 and mixed numbers, written without braces and with."""
    top, bottom, whole = rng.randint(1, 9), rng.randint(2, 9), rng.randint(1, 9)
    value = Fraction(top, bottom)
    other = value if rng.random() < 0.5 else Fraction(top, bottom + 1)
    left, right = f"\\frac{top}{bottom}", latex_fraction(other, rng)
    if value < 1:
        mixed = rng.choice((f"{whole}\\frac{{{top}}}{{{bottom}}}", f"{whole} {top}/{bottom}"))
        left, right = mixed, latex_fraction(whole + other, rng)
    return "math", left, right, value == other


X, Y = sympy.symbols("x y", positive=True)


def random_expression(rng: random.Random, depth: int) -> sympy.Expr:
    """A tree over x, y and small numbers, defined wherever x and y are positive."""
    if depth == 0:
        return rng.choice((X, Y, sympy.Integer(rng.randint(1, 9)), sympy.sqrt(rng.randint(2, 7))))
    left, right = random_expression(rng, depth - 1), random_expression(rng, depth - 1)
    return rng.choice(
        (
            lambda: left + right,
            lambda: left - 2 * right,
            lambda: left * right,
            lambda: left / (1 + X * X),
            lambda: left**2,
            lambda: sympy.sin(left),
            lambda: sympy.exp(X) * right,
            lambda: sympy.log(X) + left,
            lambda: sympy.sqrt(X) * right,
        )
    )()


def printed_expressions(rng: random.Random) -> Pair:
    """An expression and its rewritten form, both as sympy prints them."""
    expression = random_expression(rng, 2)
    rewrite = rng.choice((sympy.expand, sympy.together, sympy.factor_terms, sympy.expand_mul))
    equal = rng.random() < 0.5
    change = rng.choice((sympy.Integer(1), X, sympy.Rational(1, 10**6), Y - X))
    other = rewrite(expression if equal else expression + change)
    left, right = (sympy.latex(side, ln_notation=True) for side in (expression, other))
    return "math", left, right, equal


KINDS: dict[str, Callable[[random.Random], Pair]] = {
    "numbers in math": lambda rng: numbers("math", rng),
    "numbers in numeric": lambda rng: numbers("numeric", rng),
    "short fractions": short_fractions,
    "polynomials": polynomials,
    "radicals": radicals,
    "logarithms": logarithms,
    "trigonometry": trigonometry,
    "fractions of polynomials": fractions_of_polynomials,
    "sets": sets,
    "tuples": tuples,
    "intervals": intervals,
    "matrices": matrices,
    "complex numbers": complex_numbers,
    "lines": lines,
    "printed expressions": printed_expressions,
}


def generate(kind: str, seed: str) -> Iterator[Pair]:
    rng = random.Random(derive_seed("generated pairs", kind, seed))
    while True:
        yield KINDS[kind](rng)


def wrong_verdicts(pairs: Iterator[Pair]) -> list[str]:
    return [
        f"{verifier}: {reference!r} <- {answer!r} is {'un' * (not equal)}equal, "
        f"judged {verdict.reason}"
        for verifier, reference, answer, equal in pairs
        if (verdict := verify(verifier, reference, answer)).correct is not equal
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_generated_pairs_are_judged_as_constructed(kind: str) -> None:
    assert wrong_verdicts(islice(generate(kind, "default"), COUNT)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_generated_pairs_are_judged_alike_with_sides_swapped(kind: str) -> None:
    swapped = (
        (verifier, answer, reference, equal)
        for verifier, reference, answer, equal in islice(generate(kind, "swapped"), COUNT // 2)
        # A number is not answered by arithmetic that would give it.
        if kind != "logarithms" or not reference.startswith(("\\log", "e^"))
    )
    assert wrong_verdicts(swapped) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_generated_pairs_are_judged_as_constructed(kind: str) -> None:
    assert wrong_verdicts(islice(generate(kind, "many"), MANY)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_generated_pairs_hold_both_kinds(kind: str) -> None:
    equal = sum(pair[3] for pair in islice(generate(kind, "default"), COUNT))
    assert 0.2 * COUNT < equal < 0.8 * COUNT
