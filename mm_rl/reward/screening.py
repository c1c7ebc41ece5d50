r"""Which texts math-verify may see at all: one pass over each, before any worker is asked.

Two kinds are turned away. Texts that are too large, or that hold what makes sympy compute without
end (towers of exponents, factorials of factorials, long digit runs): a worker would be killed over
them, at the price of the whole deadline. And pairs that math-verify is known to call equal although
they are not, since it drops units, words, bases and percent signs, takes a tuple for a set, and
looks at the last side of a chain only, and those where the answer is the question: there its yes is
worth nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

Refusal: TypeAlias = Literal[
    "length",
    "characters",
    "brackets",
    "digits",
    "tower",
    "factorial",
    "list",
    "marks",
    "unevaluated",
    "words",
]

MAX_CHARS = 1_000
MAX_DEPTH = 32
MAX_DIGIT_RUN = 60
MAX_SEPARATORS = 64
MAX_EXPONENT_DIGITS = 4
MAX_GROUP_EXPONENT_DIGITS = 2
"""Exponents of round or square brackets, which sympy may expand."""
MAX_FACTORIAL_DIGITS = 4
MAX_FACTORIALS = 8
MAX_TOWER = 2
"""Exponents inside exponents."""

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_OTHER_CHARACTERS = frozenset(
    "\u03c0\u221e\u221a\u2264\u2265\u2260\u222a\u2229\u2208\u00b1\u00d7\u00f7\u2212\u00b7\u00b0"
)
_RELATIONS = ("<", ">", "\\le", "\\ge", "\\in")
_MARKS = ("=", "%", "\u00b0", "\\pm", "\\mp", "\\circ", "\\neq", "\\{")
_STYLE_WORDS = frozenset(("text", "mathrm", "mbox", "textbf", "mathbf", "operatorname"))
_BINDING_COMMANDS = ("\\int", "\\sum", "\\prod", "\\lim", "\\sin", "\\cos", "\\frac{d")
_UNEVALUATED = ("\\int", "\\sum", "\\prod", "\\lim", "\\frac{d", "\\gcd", "\\max", "\\min", "mod")
"""In an answer alone, these are the question copied: 385 is asked for, not a sum that is 385."""
_CONSTANT_LETTERS = frozenset("ei")


def screen(reference: str, answer: str) -> Refusal | None:
    """Why this pair is not put to math-verify, or None if it is. Linear in the texts' lengths."""
    for text in (reference, answer):
        refusal = _refuse_text(text)
        if refusal is not None:
            return refusal
    left, right = _without_subscripts(reference), _without_subscripts(answer)
    if any((mark in left) != (mark in right) for mark in _MARKS):
        return "marks"
    # x < 3 may be written as an interval, and as nothing else.
    if _relates(left) != _relates(right) and "," not in (right if _relates(left) else left):
        return "marks"
    if any(name in answer and name not in reference for name in _UNEVALUATED):
        return "unevaluated"
    if _closes_infinity(left) != _closes_infinity(right):
        return "marks"
    if left.count("=") != right.count("=") or _has_base(reference) or _has_base(answer):
        return "marks"
    return None if _same_words(reference, answer) else "words"


def _refuse_text(text: str) -> Refusal | None:
    if not 0 < len(text) <= MAX_CHARS:
        return "length"
    if any(not (c in " \n\t" or "!" <= c <= "~" or c in _OTHER_CHARACTERS) for c in text):
        return "characters"
    # Would end the mathematics around the text, or open another box.
    if "$" in text or "\\boxed" in text or "\\begin{document" in text:
        return "characters"
    if text.count(",") + text.count(";") + text.count("&") > MAX_SEPARATORS:
        return "list"
    return _refuse_brackets(text) or _refuse_numbers(text) or _refuse_towers(text)


def _refuse_brackets(text: str) -> Refusal | None:
    """Braces must pair; (0, 1] is an interval, so round and square brackets only count."""
    depth = braces = deepest = 0
    escaped = False
    for char in text:
        if char in "([" or (char == "{" and not escaped):
            depth += 1
            deepest = max(deepest, depth)
        elif char in ")]" or (char == "}" and not escaped):
            depth -= 1
        if not escaped and char in "{}":
            braces += 1 if char == "{" else -1
            if braces < 0:
                return "brackets"
        escaped = char == "\\" and not escaped
    return "brackets" if depth or braces or escaped or deepest > MAX_DEPTH else None


def _refuse_numbers(text: str) -> Refusal | None:
    """Digit runs, and factorials whose value could be large."""
    run = factorials = 0
    few_digits = MAX_FACTORIAL_DIGITS if "\\binom" in text else MAX_DIGIT_RUN
    previous = ""
    for char in text:
        if char == "!":
            factorials += 1
            if previous in ("!", ")", "}", "]") or run > MAX_FACTORIAL_DIGITS:
                return "factorial"
        if char.isdigit():
            run += 1
            if run > few_digits:
                return "digits"
        elif char not in "!,":
            run = 0
        if not char.isspace():
            previous = char
    return "factorial" if factorials > MAX_FACTORIALS else None


def _refuse_towers(text: str) -> Refusal | None:
    """Exponents that are long, or that stand on exponents."""
    text = text.replace(" ", "").replace("**", "^")
    start = text.find("^")
    previous_end = -1
    while start != -1:
        exponent, end = _exponent(text, start + 1)
        base_is_group = start > 0 and text[start - 1] in ")]"
        most = MAX_GROUP_EXPONENT_DIGITS if base_is_group else MAX_EXPONENT_DIGITS
        if _longest_digit_run(exponent) > most or start == previous_end:
            return "tower"
        if exponent.count("^") >= MAX_TOWER or ("^" in exponent and not _has_variable(exponent)):
            return "tower"
        # Inside an exponent with a variable, such as e^{x^2}, nothing else is looked for.
        previous_end = end
        start = text.find("^", end)
    return None


def _exponent(text: str, start: int) -> tuple[str, int]:
    """The exponent at `start`, a group, a number, a command or a letter, and where it ends."""
    if start < len(text) and text[start] in _CLOSING:
        depth = 0
        for at in range(start, len(text)):
            depth += (text[at] in "([{") - (text[at] in ")]}")
            if depth == 0:
                return text[start : at + 1], at + 1
    end = start + text.startswith("-", start)
    if text.startswith("\\", end):
        end = _run_end(text, end + 1, str.isalpha)
    elif text[end : end + 1].isdigit():
        end = _run_end(text, end, str.isdigit)
    else:
        end += 1
    return text[start:end], end


def _run_end(text: str, start: int, belongs: Callable[[str], bool]) -> int:
    end = start
    while end < len(text) and belongs(text[end]):
        end += 1
    return end


def _longest_digit_run(text: str) -> int:
    longest = run = 0
    for char in text:
        run = run + 1 if char.isdigit() else 0
        longest = max(longest, run)
    return longest


def _has_variable(text: str) -> bool:
    return any(len(word) == 1 for word in _letter_runs(text))


def _relates(text: str) -> bool:
    text = text.replace("\\left", "").replace("\\infty", "").replace("\\int", "")
    return any(relation in text for relation in _RELATIONS)


def _closes_infinity(text: str) -> bool:
    """Whether a text has infinity inside a closed end, which no interval has and sympy opens."""
    for drop in (" ", "\\left", "\\right", "+"):
        text = text.replace(drop, "")
    return "\\infty]" in text or "[-\\infty" in text


def _without_subscripts(text: str) -> str:
    """The text less its _{...}: the k=1 under a sum relates nothing."""
    kept = []
    at = 0
    while (start := text.find("_{", at)) != -1:
        kept.append(text[at:start])
        _, at = _exponent(text, start + 1)
    return "".join((*kept, text[at:]))


def _has_base(text: str) -> bool:
    """Whether a number has a subscript: 1011_2, where math-verify ignores the base."""
    compact = text.replace(" ", "").replace("{", "").replace("}", "").replace("(", "")
    compact = compact.replace(")", "")
    at = compact.find("_")
    while at != -1:
        if at and compact[at - 1].isdigit():
            return True
        at = compact.find("_", at + 1)
    return False


def _same_words(reference: str, answer: str) -> bool:
    """Whether both hold the same words (units, "or"), as often, and the same variables."""
    words, variables = _words(reference)
    other_words, other_variables = _words(answer)
    if words != other_words:
        return False
    if variables == other_variables:
        return True
    # An integral or a sum has variables of its own, an identity may lose one, an interval has none.
    bound = _relates(reference) or any(command in reference for command in _BINDING_COMMANDS)
    if bound and other_variables <= variables:
        return True
    return _relates(answer) and not variables and len(other_variables) == 1


def _words(text: str) -> tuple[Counter[str], set[str]]:
    runs = [word[1:] if len(word) == 2 and word[0] == "d" else word for word in _letter_runs(text)]
    words = Counter(word for word in runs if len(word) > 1)
    return words, {word for word in runs if len(word) == 1} - _CONSTANT_LETTERS


def _letter_runs(text: str) -> Iterator[str]:
    """Runs of letters that are no command of LaTeX."""
    at = 0
    while at < len(text):
        end = at
        while end < len(text) and text[end].isalpha():
            end += 1
        if end > at and (at == 0 or text[at - 1] != "\\"):
            yield text[at:end]
        at = max(end, at + 1)
