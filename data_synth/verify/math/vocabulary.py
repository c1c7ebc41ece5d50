"""The words, commands and characters that the reader knows, and what each one stands for."""

FUNCTIONS = frozenset(
    (
        *("sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "asin", "acos"),
        *("atan", "sinh", "cosh", "tanh", "ln", "log", "lg", "exp", "sqrt", "cbrt", "abs"),
        *("floor", "ceil", "binom"),
    )
)
"""Functions written as a word or a command, applied to what follows."""
FUNCTION_ALIASES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "lg": "log10"}
INVERSES = {"sin": "arcsin", "cos": "arccos", "tan": "arctan"}
r"""What the exponent -1 makes of a function: \sin^{-1} x."""
CONSTANTS = frozenset(("e", "i", "pi"))
INFINITY = "infinity"
NUMBER_SETS = frozenset("RQZNC")
"""Letters of the sets of numbers; a set is named by its letter after `numbers `."""
REALS = "numbers R"
MULTIPLIERS = {
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
WORDS = {
    "pi": ("name", "pi"),
    "inf": ("name", INFINITY),
    "infty": ("name", INFINITY),
    "infinity": ("name", INFINITY),
    "oo": ("name", INFINITY),
    "or": ("join", "or"),
    "and": ("join", "and"),
}
"""Words of plain text that are one token."""
GREEK = {
    "alpha": "\u03b1",
    "beta": "\u03b2",
    "gamma": "\u03b3",
    "delta": "\u03b4",
    "epsilon": "\u03b5",
    "zeta": "\u03b6",
    "eta": "\u03b7",
    "theta": "\u03b8",
    "iota": "\u03b9",
    "kappa": "\u03ba",
    "lambda": "\u03bb",
    "mu": "\u03bc",
    "nu": "\u03bd",
    "xi": "\u03be",
    "rho": "\u03c1",
    "sigma": "\u03c3",
    "tau": "\u03c4",
    "upsilon": "\u03c5",
    "phi": "\u03c6",
    "chi": "\u03c7",
    "psi": "\u03c8",
    "omega": "\u03c9",
    "Gamma": "\u0393",
    "Delta": "\u0394",
    "Theta": "\u0398",
    "Lambda": "\u039b",
    "Xi": "\u039e",
    "Pi": "\u03a0",
    "Sigma": "\u03a3",
    "Phi": "\u03a6",
    "Psi": "\u03a8",
    "Omega": "\u03a9",
    "varphi": "\u03c6",
    "vartheta": "\u03b8",
    "varepsilon": "\u03b5",
    "varrho": "\u03c1",
    "ell": "\u2113",
    "hbar": "\u210f",
}
_GREEK_LETTERS = {letter: ("name", name) for name, letter in GREEK.items() if name[:3] != "var"}
_SIGNS = {
    "\u00d7": ("op", "*"),
    "\u00b7": ("op", "*"),
    "\u22c5": ("op", "*"),
    "\u2217": ("op", "*"),
    "\u00f7": ("op", "/"),
    "\u2044": ("op", "/"),
    "\u2215": ("op", "/"),
    "\u2013": ("op", "-"),
    "\u00b1": ("op", "pm"),
    "\u2213": ("op", "mp"),
    "\u03c0": ("name", "pi"),
    "\u221e": ("name", INFINITY),
    "\u2264": ("rel", "<="),
    "\u2a7d": ("rel", "<="),
    "\u2265": ("rel", ">="),
    "\u2a7e": ("rel", ">="),
    "\u2260": ("rel", "!="),
    "\u2208": ("rel", "in"),
    "\u222a": ("op", "cup"),
    "\u2228": ("join", "or"),
    "\u2227": ("join", "and"),
    "\u2205": ("name", "emptyset"),
    "\u211d": ("name", REALS),
    "\u221a": ("radical", "2"),
    "\u221b": ("radical", "3"),
    "\u221c": ("radical", "4"),
    "\u00b0": ("op", "deg"),
    "\u230a": ("open", "floor"),
    "\u230b": ("close", "floor"),
    "\u2308": ("open", "ceil"),
    "\u2309": ("close", "ceil"),
    "\u27e8": ("open", "<"),
    "\u27e9": ("close", "<"),
}
CHARACTERS = {
    **_GREEK_LETTERS,
    **_SIGNS,
    **{char: ("op", char) for char in "+-*/^_!%:'&"},
    **{char: ("rel", char) for char in "<>="},
    **{char: ("sep", char) for char in ",;"},
    **{char: ("open", char) for char in "([{"},
    ")": ("close", "("),
    "]": ("close", "["),
    "}": ("close", "{"),
    "|": ("bar", "|"),
}
"""Single characters that are one token; a closing bracket is named after its opening one."""
COMMANDS = {
    **{name: ("name", name.removeprefix("var")) for name in GREEK},
    **{name: ("func", name) for name in FUNCTIONS},
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac"), ("frac", "")),
    **dict.fromkeys(("binom", "dbinom", "tbinom"), ("binom", "")),
    **dict.fromkeys(("times", "cdot", "ast"), ("op", "*")),
    **dict.fromkeys(("le", "leq", "leqslant"), ("rel", "<=")),
    **dict.fromkeys(("ge", "geq", "geqslant"), ("rel", ">=")),
    **dict.fromkeys(("emptyset", "varnothing"), ("name", "emptyset")),
    "pi": ("name", "pi"),
    "infty": ("name", INFINITY),
    "sqrt": ("sqrt", ""),
    "over": ("op", "over"),
    "div": ("op", "/"),
    "pm": ("op", "pm"),
    "mp": ("op", "mp"),
    "lt": ("rel", "<"),
    "gt": ("rel", ">"),
    "ne": ("rel", "!="),
    "neq": ("rel", "!="),
    "in": ("rel", "in"),
    "cup": ("op", "cup"),
    "setminus": ("op", "setminus"),
    "backslash": ("op", "setminus"),
    "lor": ("join", "or"),
    "vee": ("join", "or"),
    "land": ("join", "and"),
    "wedge": ("join", "and"),
    "{": ("open", "\\{"),
    "}": ("close", "\\{"),
    "lbrace": ("open", "\\{"),
    "rbrace": ("close", "\\{"),
    "lfloor": ("open", "floor"),
    "rfloor": ("close", "floor"),
    "lceil": ("open", "ceil"),
    "rceil": ("close", "ceil"),
    "langle": ("open", "<"),
    "rangle": ("close", "<"),
    "lvert": ("open", "|"),
    "rvert": ("close", "|"),
    "vert": ("bar", "|"),
    "mid": ("mid", ""),
    "%": ("op", "%"),
    "\\": ("row", ""),
    "circ": ("circ", ""),
    "degree": ("op", "deg"),
    "colon": ("op", ":"),
}
SPACES = frozenset((",", ";", ":", "!", " ", "quad", "qquad", "thinspace"))
IGNORED = frozenset(
    (
        *("left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl"),
        *("biggr", "displaystyle", "textstyle", "limits", "mathbf", "boldsymbol", "mathit", "bm"),
    )
)
"""Commands that change the look of what follows and nothing else."""
TEXT_COMMANDS = frozenset(("text", "textbf", "textit", "textrm", "mbox", "mathrm", "operatorname"))
BEYOND = frozenset(
    (
        *("int", "iint", "oint", "sum", "prod", "lim", "partial", "nabla", "forall", "exists"),
        *("bmod", "pmod", "mod", "equiv", "ldots", "cdots", "dots", "cap"),
        *("notin", "subset", "subseteq", "vec", "hat", "overline", "bar", "angle", "triangle"),
        *("parallel", "perp", "cong", "to", "rightarrow", "Rightarrow", "iff"),
        *("implies", "neg", "max", "min", "gcd", "det", "arg", "Re", "Im", "sup", "inf"),
        *("coth", "sech", "csch", "arccot", "arcsec", "arccsc", "mathcal"),
        *("underbrace", "overbrace", "oplus", "otimes", "top", "prime", "dagger", "star", "|"),
    )
)
"""Commands of valid mathematics that the reader does not know: the verdict is `unsure`."""
UNITS = frozenset(
    (
        *("mm", "cm", "dm", "km", "nm", "kg", "mg", "ml", "mL", "ft", "in", "yd", "mi", "lb", "oz"),
        *("min", "sec", "hr", "ms", "Hz", "kHz", "MHz", "kJ", "kW", "mph", "kph", "km/h", "Pa"),
        *("kPa", "mol", "rad", "inch", "inches", "feet", "foot", "yard", "yards", "mile", "miles"),
        *("meter", "meters", "metre", "metres", "gram", "grams", "liter", "liters", "litre"),
        *("litres", "second", "seconds", "minute", "minutes", "hour", "hours", "day", "days"),
        *("week", "weeks", "month", "months", "year", "years", "dollar", "dollars", "cent"),
        *("cents", "unit", "units", "degrees", "radians", "centimeters", "kilometers", "people"),
    )
)
"""Units in plain text, after a number; single letters are symbols there."""
PROSE = frozenset(
    (
        *("is", "it", "the", "of", "to", "no", "not", "so", "we", "be", "are", "was", "if", "for"),
        *("then", "with", "has", "one", "two", "six", "ten", "any", "all", "but", "or", "by", "as"),
        *("from", "that", "this", "yes", "also", "four", "five", "nine", "none", "mean", "my"),
    )
)
"""Words that no product of symbols is meant by."""
MAX_SYMBOL_RUN = 4
"""Most letters in a row that are read as a product of symbols."""
