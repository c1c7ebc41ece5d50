"""LaTeX commands of mathematics, as tables; `math_source` refuses whatever is not listed here.

Symbols map to Unicode characters, which typst sets like its own names. Nothing in these tables can
read a file or run code.
"""

# ruff: noqa: RUF001 - signs that look alike are what the tables are about

from collections.abc import Mapping
from types import MappingProxyType


def _pairs(text: str) -> dict[str, str]:
    """`"pm ± div ÷"` as a dictionary."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


def _words(text: str) -> list[str]:
    return text.split()


_LETTERS = """
alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι
kappa κ lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ
upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω
Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
aleph ℵ beth ℶ ell ℓ hbar ℏ hslash ℏ imath ı jmath ȷ wp ℘ Re ℜ Im ℑ partial ∂ nabla ∇ eth ð mho ℧
"""
_BINARY = """
pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ star ⋆ circ ∘ bullet ∙ cap ∩ cup ∪ uplus ⊎ sqcap ⊓ sqcup ⊔
vee ∨ lor ∨ wedge ∧ land ∧ setminus ∖ smallsetminus ∖ wr ≀ diamond ⋄ oplus ⊕ ominus ⊖ otimes ⊗
oslash ⊘ odot ⊙ dagger † ddagger ‡ amalg ⨿ ltimes ⋉ rtimes ⋊ triangleleft ◁ triangleright ▷
"""
_RELATIONS = """
leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ leqslant ⩽ geqslant ⩾ ll ≪ gg ≫ equiv ≡ sim ∼ simeq ≃ approx ≈
cong ≅ asymp ≍ doteq ≐ propto ∝ models ⊨ vdash ⊢ dashv ⊣ perp ⟂ mid ∣ nmid ∤ parallel ∥ nparallel ∦
prec ≺ succ ≻ preceq ⪯ succeq ⪰ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋
nsubseteq ⊈ nsupseteq ⊉ sqsubseteq ⊑ sqsupseteq ⊒ in ∈ ni ∋ notin ∉ lesssim ≲ gtrsim ≳ nleq ≰
ngeq ≱ nless ≮ ngtr ≯ triangleq ≜ approxeq ≊ bowtie ⋈ smile ⌣ frown ⌢ coloneqq ≔ lnot ¬ neg ¬
"""
_ARROWS = """
to → rightarrow → leftarrow ← gets ← leftrightarrow ↔ uparrow ↑ downarrow ↓ updownarrow ↕
Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ Uparrow ⇑ Downarrow ⇓ implies ⟹ impliedby ⟸ iff ⟺
longrightarrow ⟶ longleftarrow ⟵ longleftrightarrow ⟷ Longrightarrow ⟹ Longleftarrow ⟸
Longleftrightarrow ⟺ mapsto ↦ longmapsto ⟼ hookrightarrow ↪ hookleftarrow ↩ nearrow ↗ searrow ↘
swarrow ↙ nwarrow ↖ rightharpoonup ⇀ rightharpoondown ⇁ leftharpoonup ↼ leftharpoondown ↽
rightleftharpoons ⇌ leadsto ⇝ nrightarrow ↛ twoheadrightarrow ↠ circlearrowleft ↺
circlearrowright ↻ curvearrowright ↷ curvearrowleft ↶ upharpoonright ↾
"""
_ORDINARY = """
infty ∞ forall ∀ exists ∃ nexists ∄ emptyset ∅ varnothing ∅ top ⊤ bot ⊥ angle ∠ measuredangle ∡
triangle △ square □ Box □ blacksquare ■ lozenge ◊ clubsuit ♣ diamondsuit ♢ heartsuit ♡ spadesuit ♠
sharp ♯ flat ♭ natural ♮ prime ′ backprime ‵ degree ° therefore ∴ because ∵ checkmark ✓ dots …
ldots … dotsc … dotso … cdots ⋯ dotsb ⋯ dotsm ⋯ dotsi ⋯ vdots ⋮ ddots ⋱ complement ∁
bigstar ★ S § P ¶ pounds £ copyright © euro €
"""
_OPERATORS = """
sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ oiint ∯ bigcup ⋃ bigcap ⋂ bigsqcup ⨆ bigvee ⋁
bigwedge ⋀ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ biguplus ⨄
"""

SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        name: char
        for table in (_LETTERS, _BINARY, _RELATIONS, _ARROWS, _ORDINARY, _OPERATORS)
        for name, char in _pairs(table).items()
    }
    | {"surd": r"\√"}
)
"""Commands that are one character."""

ESCAPES: Mapping[str, str] = MappingProxyType({name: rf"\{name}" for name in "#$%&_"})
"""Commands for characters that LaTeX reserves."""

SPACES: Mapping[str, str] = MappingProxyType(
    {
        ",": "thin",
        "thinspace": "thin",
        ":": "med",
        ">": "med",
        "medspace": "med",
        ";": "thick",
        "thickspace": "thick",
        "quad": "quad",
        "qquad": "wide",
        "enspace": "#h(0.5em)",
        "!": "#h(-0.1667em)",
        "negthinspace": "#h(-0.1667em)",
        " ": "#h(0.3333em)",
        "space": "#h(0.3333em)",
    }
)

FUNCTIONS: Mapping[str, bool] = MappingProxyType(
    {
        **dict.fromkeys(
            _words(
                "arccos arccot arcsin arctan arg cos cosh cot coth csc deg dim exp hom ker lg ln "
                "log sec sgn sin sinh tan tanh"
            ),
            False,
        ),
        **dict.fromkeys(_words("argmax argmin det gcd inf lim liminf limsup max min Pr sup"), True),
    }
)
"""Named operators, and whether their scripts stand below and above in display style."""

FUNCTION_NAMES: Mapping[str, str] = MappingProxyType(
    {"limsup": "lim sup", "liminf": "lim inf", "argmax": "arg max", "argmin": "arg min"}
)
"""Names that are written otherwise than called."""

ACCENTS: Mapping[str, str] = MappingProxyType(
    {
        "hat": "hat",
        "widehat": "hat",
        "tilde": "tilde",
        "widetilde": "tilde",
        "bar": "macron",
        "vec": "arrow",
        "overrightarrow": "arrow",
        "overleftarrow": "arrow.l",
        "overleftrightarrow": "arrow.l.r",
        "dot": "dot",
        "ddot": "dot.double",
        "dddot": "dot.triple",
        "acute": "acute",
        "grave": "grave",
        "breve": "breve",
        "check": "caron",
        "mathring": "circle",
        "overline": "overline",
        "underline": "underline",
        "overbrace": "overbrace",
        "underbrace": "underbrace",
        "overbracket": "overbracket",
        "underbracket": "underbracket",
        "cancel": "cancel",
    }
)
"""Commands of one argument, as typst functions."""

STACKED_ACCENTS = ("overbrace", "underbrace", "overbracket", "underbracket")
"""Their scripts are labels above and below."""

ALPHABETS: Mapping[str, str] = MappingProxyType(
    {
        "mathbb": "bb(%s)",
        "mathcal": "cal(%s)",
        "mathscr": "scr(%s)",
        "mathfrak": "frak(%s)",
        "mathrm": "upright(%s)",
        "mathbf": "bold(upright(%s))",
        "boldsymbol": "bold(%s)",
        "bm": "bold(%s)",
        "pmb": "bold(%s)",
        "mathsf": "sans(%s)",
        "mathtt": "mono(%s)",
        "mathit": "italic(%s)",
        "mathnormal": "%s",
    }
)
OLD_ALPHABETS: Mapping[str, str] = MappingProxyType(
    {"rm": "mathrm", "bf": "mathbf", "it": "mathit", "sf": "mathsf", "tt": "mathtt"}
)
"""Switches that hold to the end of their group."""

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "text": "%s",
        "textrm": "%s",
        "textnormal": "%s",
        "mbox": "%s",
        "hbox": "%s",
        "textbf": "bold(%s)",
        "textit": "italic(%s)",
        "emph": "italic(%s)",
        "textsf": "sans(%s)",
        "texttt": "mono(%s)",
    }
)
"""Commands whose argument is text rather than mathematics."""

STYLES: Mapping[str, str] = MappingProxyType(
    {
        "displaystyle": "display",
        "textstyle": "inline",
        "scriptstyle": "script",
        "scriptscriptstyle": "sscript",
    }
)

DELIMITERS: Mapping[str, str] = MappingProxyType(
    {
        "(": r"\(",
        ")": r"\)",
        "[": r"\[",
        "]": r"\]",
        "|": "|",
        "/": r"\/",
        "<": r"\⟨",
        ">": r"\⟩",
        ".": "",
        r"\{": r"\{",
        r"\}": r"\}",
        r"\lbrace": r"\{",
        r"\rbrace": r"\}",
        r"\lbrack": r"\[",
        r"\rbrack": r"\]",
        r"\|": "‖",
        r"\vert": "|",
        r"\lvert": "|",
        r"\rvert": "|",
        r"\Vert": "‖",
        r"\lVert": "‖",
        r"\rVert": "‖",
        r"\langle": r"\⟨",
        r"\rangle": r"\⟩",
        r"\lfloor": r"\⌊",
        r"\rfloor": r"\⌋",
        r"\lceil": r"\⌈",
        r"\rceil": r"\⌉",
        r"\backslash": r"\\",
        r"\uparrow": "↑",
        r"\downarrow": "↓",
        r"\updownarrow": "↕",
    }
)

BIG_SIZES: Mapping[str, str] = MappingProxyType(
    {
        prefix + suffix: size
        for prefix, size in (("big", "1.2"), ("Big", "1.8"), ("bigg", "2.4"), ("Bigg", "3"))
        for suffix in ("", "l", "r", "m")
    }
)
"""Delimiters of a fixed size, in em."""

NEGATIONS: Mapping[str, str] = MappingProxyType(
    _pairs("= ≠ ∈ ∉ ∋ ∌ ⊂ ⊄ ⊃ ⊅ ⊆ ⊈ ⊇ ⊉ < ≮ > ≯ ≤ ≰ ≥ ≱ ≡ ≢ ∼ ≁ ≈ ≉ ≅ ≇ ∣ ∤ ∥ ∦ ∃ ∄ → ↛ ⊢ ⊬ ⊨ ⊭")
)
"""What `\\not` makes of the next symbol."""

MATRICES: Mapping[str, str] = MappingProxyType(
    {
        "matrix": "#none",
        "smallmatrix": "#none",
        "array": "#none",
        "pmatrix": '"("',
        "bmatrix": '"["',
        "Bmatrix": '"{"',
        "vmatrix": '"|"',
        "Vmatrix": '"‖"',
        "cases": '#("{", none)',
        "dcases": '#("{", none)',
        "rcases": '#(none, "}")',
    }
)
"""Environments of cells, with the delimiters around them."""

ALIGNED = ("aligned", "align", "alignat", "split", "eqnarray", "gathered", "gather", "multline")
"""Environments of lines; `&` marks where they are aligned. A star may follow the name."""

SINGLE_LINE = ("equation", "math", "displaymath")
"""Environments that only say that their content is mathematics."""
