r"""LaTeX mathematics: what is drawn, how large, and what is refused."""

import numpy as np
import pytest
from PIL import Image

from data_synth.render import PageStyle, layout
from data_synth.render.formats import math_image, math_symbols
from data_synth.render.formats.markdown import markdown_blocks
from data_synth.render.formats.math_image import Formula, FormulaRequest, render_formulas
from data_synth.render.formats.math_source import MAX_FORMULA_CHARS, translate

FORMULAS = (
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}^{-1}",
    r"f(x) = \begin{cases} x^2, & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
    r"\begin{aligned} a &= \frac{b}{c} + c \\ &= d \end{aligned}",
    r"\underbrace{a + b + \cdots + z}_{26}",
    r"\sum_{i=1}^{n} \frac{1}{i^2} = \frac{\pi^2}{6}",
    r"\sqrt[3]{x + \sqrt{y}}",
    r"\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}",
    r"\lim_{x \to 0} \frac{\sin x}{x} = 1",
    r"\left. \frac{d}{dx} f \right|_{x=0} \quad |x| + \|y\|",
    r"\mathbb{E}[X] = \int_{\mathbb{R}} x \, \mathrm{d}\mu",
    r"\binom{n}{k} = \frac{n!}{k!(n-k)!}",
    r"\hat{\theta} = \operatorname*{argmax}_{\theta} \prod_i p(x_i \mid \theta)",
    r"\nabla \times \vec{E} = -\frac{\partial \vec{B}}{\partial t}",
    r"A \xrightarrow[k]{f} B \not\in \{1{,}000, 3.14\}",
    r"\begin{array}{l|r} a & b \\ \hline c & d \end{array}",
)


def draw(latex: str, *, display: bool = False, **style: object) -> Formula:
    request = FormulaRequest(latex=latex, display=display)
    return render_formulas([request], PageStyle(**style))[request]  # type: ignore[arg-type]


def ink(formula: Formula) -> np.ndarray:
    return np.asarray(formula.image.getchannel("A"))


@pytest.mark.parametrize("latex", FORMULAS)
def test_a_formula_has_ink_to_all_its_edges_but_the_baseline(latex: str) -> None:
    mask = ink(draw(latex, display=True)) > 0
    assert mask.any(axis=1)[0]  # the first row is cut to the ink
    assert mask.mean() > 0.03


def test_the_size_of_a_fraction_grows_with_font_size_and_dpi() -> None:
    small, large = draw(r"\frac{a}{b}", font_size=20), draw(r"\frac{a}{b}", font_size=40)
    assert large.image.height == pytest.approx(2 * small.image.height, abs=3)
    assert large.image.width == pytest.approx(2 * small.image.width, abs=3)
    assert draw(r"\frac{a}{b}", font_size=20, dpi=192).image.size == large.image.size


def test_a_rule_is_as_wide_as_its_length() -> None:
    # An independent measure: ten ems of space between two bars, at 20 pixels per em.
    columns = np.flatnonzero((ink(draw(r"|\hspace{10em}|", font_size=20)) > 128).any(axis=0))
    assert columns[-1] - columns[0] == pytest.approx(200 + 6, abs=4)


def test_letters_without_descender_stand_on_the_baseline() -> None:
    assert draw("H").depth == 0
    assert draw("x").depth <= 1  # round strokes overshoot
    assert draw("y", font_size=40).depth == pytest.approx(8, abs=2)  # 0.205 em in this font


def test_ink_above_the_baseline_keeps_the_room_down_to_it() -> None:
    formula = draw("-", font_size=40)
    rows = np.flatnonzero((ink(formula) > 128).any(axis=1))
    # The mathematical axis is a quarter of an em above the baseline.
    assert formula.depth == 0
    assert formula.image.height - rows.mean() == pytest.approx(0.25 * 40, abs=2)


def test_a_formula_stands_on_the_line_of_its_text() -> None:
    def bottoms(text: str) -> list[int]:
        page = layout(markdown_blocks(text, style), style).image
        dark = np.asarray(page.convert("L")) < 100
        columns = np.flatnonzero(dark.any(axis=0))
        letters = np.split(columns, np.flatnonzero(np.diff(columns) > 8) + 1)
        return [int(np.flatnonzero(dark[:, letter].any(axis=1))[-1]) for letter in letters]

    style = PageStyle(width=400, font_size=40)
    first, formula, last = bottoms("H $H$ H")
    assert first == last and abs(formula - first) <= 1
    first, fraction, last = bottoms(r"H $\frac{H}{H}$ H")
    assert first == last and fraction > first + 5


def test_a_matrix_is_centred_on_the_axis() -> None:
    formula = draw(FORMULAS[0].removesuffix("^{-1}"), font_size=40)
    middle = formula.image.height - formula.depth - 0.25 * 40
    assert middle == pytest.approx(formula.image.height / 2, abs=2)


def test_limits_stand_above_and_below_only_in_display_style() -> None:
    inline, display = draw(r"\sum_{i=1}^{n}"), draw(r"\sum_{i=1}^{n}", display=True)
    assert display.image.height > 1.5 * inline.image.height
    assert display.image.width < inline.image.width


def test_delimiters_grow_with_left_and_right_only() -> None:
    fraction = draw(r"\frac{a}{b}", display=True).image.height
    plain, grown = (
        draw(r"(\frac{a}{b})", display=True),
        draw(r"\left(\frac{a}{b}\right)", display=True),
    )
    assert plain.image.height == fraction
    column = np.flatnonzero(ink(grown).any(axis=0))[0]
    assert (ink(grown)[:, column : column + 8] > 128).any(axis=1).sum() >= 0.9 * fraction
    column = np.flatnonzero(ink(plain).any(axis=0))[0]
    assert (ink(plain)[:, column : column + 5] > 128).any(axis=1).sum() < 0.8 * fraction


def test_commas_and_semicolons_stay_inside_their_arguments() -> None:
    # An argument separator would make one of two cells, or drop what follows it.
    assert translate(r"\frac{a,b}{c}").typst == r"frac(a \, b, c)"
    assert translate(r"\begin{pmatrix} 1,2 & 3;4 \end{pmatrix}").typst.endswith(r"1 \, 2, 3 \; 4))")
    narrow, wide = draw(r"\frac{a}{c}"), draw(r"\frac{a,b}{c}")
    assert wide.image.width > 1.4 * narrow.image.width


def test_text_is_a_literal_whatever_it_says() -> None:
    assert translate(r'\text{#read("/etc/passwd")}').typst == r'"#read(\"/etc/passwd\")"'
    assert translate(r"\text{if $x$ then}").typst == '"if "x" then"'


def test_ink_takes_the_colour_of_the_theme() -> None:
    dark = draw("x", theme="dark").image
    assert dark.mode == "LA" and dark.getpixel((0, 0))[0] == 228  # type: ignore[index]
    paper = draw("x", theme="paper").image
    assert paper.mode == "RGBA" and paper.getpixel((0, 0))[:3] == (52, 50, 48)  # type: ignore[index]


def test_every_symbol_has_a_glyph() -> None:
    signs = sorted({char.removeprefix("\\") for char in math_symbols.SYMBOLS.values()})
    pages = math_image._compile([f'$"{char}"$' for char in signs])
    missing = math_image._compile(['$"\U0010ffff"$'])[0]
    assert [char for char, page in zip(signs, pages, strict=True) if page == missing] == []


def test_every_command_of_the_tables_can_be_drawn() -> None:
    latex = [rf"a \{name} b" for name in math_symbols.SYMBOLS]
    latex += [rf"\{name}{{a}} b" for name in (*math_symbols.ACCENTS, *math_symbols.ALPHABETS)]
    latex += [rf"\{name}_a b" for name in math_symbols.FUNCTIONS]
    latex += [rf"\left{sign} x \right{sign}" for sign in math_symbols.DELIMITERS]
    latex += [rf"\{name} ( x" for name in math_symbols.BIG_SIZES]
    latex += [rf"a\{name} b" for name in (*math_symbols.SPACES, *math_symbols.ESCAPES)]
    latex += [rf"\not{sign} b" for sign in math_symbols.NEGATIONS]
    latex += [rf"\{name}{{a b}}" for name in math_symbols.TEXTS]
    latex += [rf"a {{\{name} x}}" for name in (*math_symbols.STYLES, *math_symbols.OLD_ALPHABETS)]
    latex += [rf"\begin{{{name}}} a & b \\ c \end{{{name}}}" for name in math_symbols.ALIGNED[:2]]
    assert len(latex) > 350
    drawn = render_formulas([FormulaRequest(latex=text) for text in latex], PageStyle())
    assert len(drawn) == len(set(latex))


def test_one_run_draws_the_same_pixels_as_many(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = [FormulaRequest(latex=text, display=True) for text in FORMULAS]
    monkeypatch.setattr(math_image, "_masks", {})
    together = render_formulas(requests, PageStyle(font_size=21))
    monkeypatch.setattr(math_image, "_masks", {})
    for request in requests:
        alone = render_formulas([request], PageStyle(font_size=21))[request]
        assert alone.image.tobytes() == together[request].image.tobytes()
        assert alone.depth == together[request].depth


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        (r"a + \input{/etc/passwd}", r"unsupported LaTeX command \\input, at position 4"),
        (r'#read("/etc/passwd")', r"# is not allowed here: .* at position 0"),
        (r"\def\x{\x}\x", r"unsupported LaTeX command \\def"),
        (r"\begin{tikzpicture}x\end{tikzpicture}", "unsupported environment 'tikzpicture'"),
        (r"\begin{pmatrix} a \end{bmatrix}", "'pmatrix' is ended by 'bmatrix'"),
        (r"\frac{1}", "an argument is missing before the end, at position 8"),
        (r"\left( x", r"expected \\right but found the end"),
        ("x^2^3", "double superscript"),
        ("{x", "expected } but found the end"),
        ("x}", "} has no beginning, at position 1"),
        ("", "empty"),
        ("% only a comment", "empty"),
        ("x \\", r"unsupported LaTeX command \\, at position 2"),
        (r"\hspace{1e9em}", "too large"),
        (r"\hspace{wide}", "no length"),
        ("\\hat" * 300 + "x", "more than 16 groups"),
        ("{" * 300 + "x" + "}" * 300, "more than 16 groups"),
        (r"\text{" * 20 + "x" + "}" * 20, "unsupported command"),
        ("$x$", r"\$ is not allowed here"),
        ("\x00", r"U\+0000"),
        ("\ud800", r"U\+D800"),
        ("x\u202ey", "RIGHT-TO-LEFT OVERRIDE"),
        ("\\text{a\u202eb}", r"U\+202E"),
        ("\u4e2d", r"no glyph for '\u4e2d' \(U\+4E2D\)"),
        ("x" * (MAX_FORMULA_CHARS + 1), "2001 characters"),
    ],
)
def test_what_is_not_supported_is_named(latex: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw(latex)


def test_a_formula_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="too large at 900 pixels"):
        draw("x" * 1500, font_size=900)
    with pytest.raises(ValueError, match="too large"):
        draw("x" * 900 + r"\\" * 500, font_size=60)


def test_the_widest_and_the_tallest_formula_allowed_are_drawn() -> None:
    assert draw("x" * MAX_FORMULA_CHARS).image.width > 10_000
    assert draw(r"\\".join("x" * 100)).image.height > 2_000


def test_blank_ink_is_a_blank_picture() -> None:
    formula = draw(r"\quad", font_size=20)
    assert isinstance(formula.image, Image.Image)
    assert not ink(formula).any() and formula.image.width == pytest.approx(20, abs=1)
