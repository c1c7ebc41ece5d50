"""Random expressions in two spellings, with a computer algebra system as the judge of equality.

Equal pairs are rewritten by expanding, factoring and partial fractions and printed as LaTeX or as
plain text; near misses change one coefficient, a sign, or a far decimal place.
"""

import random

import pytest

from data_synth.verify.math import VERIFIERS
from data_synth.verify.verdict import Reason

sympy = pytest.importorskip("sympy")
verify = VERIFIERS["math"]

X, Y, Z = SYMBOLS = sympy.symbols("x y z")


def rational(draw):
    return sympy.Rational(draw.randint(-30, 30), draw.randint(1, 12))


def polynomial(draw):
    def term():
        chosen = draw.sample(SYMBOLS, draw.randint(1, 2))
        return rational(draw) * sympy.prod([symbol ** draw.randint(0, 3) for symbol in chosen])

    return sum(term() for _ in range(draw.randint(1, 4)))


def product(draw):
    return sympy.Mul(*[polynomial(draw) + draw.randint(1, 5) for _ in range(2)], evaluate=False)


def quotient(draw):
    return product(draw) / (polynomial(draw) + draw.randint(1, 9))


def constant(draw, depth=0):
    kind = draw.randint(0, 6 if depth < 2 else 1)
    if kind > 4:
        parts = constant(draw, depth + 1), constant(draw, depth + 1)
        return parts[0] + parts[1] if kind == 5 else parts[0] * parts[1]
    return (
        sympy.Rational(draw.randint(1, 20), draw.randint(1, 6)),
        sympy.sqrt(draw.randint(2, 30)),
        sympy.pi * rational(draw),
        sympy.log(draw.randint(2, 30)),
        draw.choice([sympy.sin, sympy.cos, sympy.atan])(sympy.pi / draw.choice([5, 7, 8, 12])),
    )[kind]


def function(draw, depth=0):
    kind = draw.randint(0, 6 if depth < 2 else 1)
    if kind == 0:
        return draw.choice(SYMBOLS) * draw.randint(1, 4)
    if kind == 1:
        return sympy.Rational(draw.randint(1, 20), draw.randint(1, 6))
    inner = function(draw, depth + 1)
    if kind == 2:
        return draw.choice([sympy.sin, sympy.cos, sympy.exp])(inner)
    if kind in (3, 4):
        other = function(draw, depth + 1)
        return inner + other if kind == 3 else inner * other
    return sympy.sqrt(inner**2 + draw.randint(1, 5)) if kind == 5 else inner**2


def rewritten(draw, expression):
    return draw.choice([sympy.expand, sympy.factor, sympy.together, lambda same: same])(expression)


def missed(draw, expression):
    numbers = [part for part in sympy.preorder_traversal(expression) if part.is_Rational]
    kind = draw.randint(0, 3)
    if numbers and kind < 2:
        old = draw.choice(numbers)
        return expression.xreplace({old: old + draw.choice([1, -1, sympy.Rational(1, 7)])})
    if kind == 2:
        return expression + sympy.Rational(1, 10 ** draw.randint(1, 25))
    return -expression


def spelled(draw, expression):
    if draw.random() < 0.4:
        # Its name for e, and for the natural logarithm.
        return str(expression).replace("E", "e").replace("log(", "ln(")
    return sympy.latex(
        expression,
        ln_notation=True,
        order=draw.choice(["lex", "grlex", "none"]),
        mul_symbol=draw.choice([None, "dot", "times"]),
        fold_short_frac=draw.choice([True, False]),
    )


def surely_different(one, other):
    off = one - other
    for shift in range(3):
        point = {s: sympy.Rational(37 + 11 * n + 13 * shift, 29) for n, s in enumerate(SYMBOLS)}
        value = sympy.N(off.subs(point), 60)
        if not value.has(sympy.nan, sympy.zoo) and abs(value) > sympy.Float("1e-40"):
            return True
    return False


def check_pairs(seed, count):
    draw = random.Random(seed)
    checked = 0
    for _ in range(count):
        expression = draw.choice([polynomial, product, quotient, constant, function])(draw)
        for equal in (True, False):
            other = rewritten(draw, expression)
            other = other if equal else missed(draw, other)
            broken = expression.has(sympy.zoo, sympy.nan) or other.has(sympy.zoo, sympy.nan)
            if broken or not (equal or surely_different(expression, other)):
                continue
            texts = spelled(draw, expression), spelled(draw, other)
            if max(map(len, texts)) > 400:
                continue
            for sides, reference in ((texts, expression), (texts[::-1], other)):
                reason = verify(*sides).reason
                if equal and reference.is_Rational and reason == Reason.NOT_WORKED_OUT:
                    continue  # the same number, but a number is wanted as one
                assert (reason, sides) == (Reason.EQUAL if equal else Reason.DIFFERENT, sides)
            checked += 1
    return checked


def test_rewritten_expressions_are_equal_and_near_misses_are_not():
    assert check_pairs(seed=11, count=30) > 40


@pytest.mark.slow
def test_thousands_of_rewritten_expressions():
    assert check_pairs(seed=12, count=1_200) > 1_800


def test_scaled_equations_and_changed_coefficients():
    draw = random.Random(13)
    for _ in range(12):
        side, scale = polynomial(draw) + X, sympy.Rational(draw.randint(1, 9), draw.randint(2, 7))
        moved = polynomial(draw)
        equation = f"{sympy.latex(side)}=0"
        scaled = f"{sympy.latex(sympy.expand(-scale * side + moved))}={sympy.latex(moved)}"
        changed = f"{sympy.latex(sympy.expand(scale * side) + Y**2 + 1)}=0"
        assert verify(equation, scaled).correct, (equation, scaled)
        assert verify(scaled, equation).correct, (equation, scaled)
        assert not verify(equation, changed).correct, (equation, changed)


def test_shuffled_sets_match_and_shuffled_tuples_do_not():
    draw = random.Random(14)
    for _ in range(12):
        items = [constant(draw) for _ in range(draw.randint(2, 5))]
        order = draw.sample(range(len(items)), len(items))
        first = ",".join(sympy.latex(item, ln_notation=True) for item in items)
        second = ",".join(spelled(draw, rewritten(draw, items[at])) for at in order)
        assert verify(f"\\{{{first}\\}}", f"\\{{{second}\\}}").correct, (first, second)
        values = [sympy.N(item, 40) for item in items]
        same = all(abs(values[at] - values[n]) < 1e-30 for n, at in enumerate(order))
        assert verify(f"({first})", f"({second})").correct is same, (first, second)
        assert not verify(f"\\{{{first}\\}}", f"\\{{{second},-99\\}}").correct
