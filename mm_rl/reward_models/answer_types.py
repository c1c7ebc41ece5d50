r"""Answers that a reward model learns to compare: values, the ways to write them, near misses.

Each `AnswerType` poses a question with a value, writes a value in one of its equivalent forms, and
makes a value that is nearly but not quite the same. A writing carries its parts in normal form, so
the comparison of two writings can be spelled out step by step, right by construction. Every label
that follows from them is checked once more by a verifier of `data_synth.verify`.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from data_synth.tasks import make_scene

# Elements of the longest tuple, sequence or set: longer ones make the texts long, not hard.
_MAX_ELEMENTS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One piece of a written answer that is compared as a whole.

    Example:
        Part(shown="6/16", normal="0.375")
    """

    shown: str
    """As written, without wrappers."""
    normal: str
    """The normal form: equal parts have equal normal forms."""

    def __str__(self) -> str:
        return self.normal if self.shown == self.normal else f"{self.shown}={self.normal}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A value in one of its forms.

    Example:
        Written(text="\\\\frac{6}{16}", parts=(Part(shown="6/16", normal="0.375"),))
    """

    text: str
    parts: tuple[Part, ...]
    """In the order of the text; of a set in any order."""


class AnswerType(ABC):
    """One type of answers."""

    name: str
    verifier: str
    """Verifier of `data_synth.verify` that decides whether two answers of the type are equal."""
    ordered: bool = True
    """Whether the order of the parts matters."""

    @abstractmethod
    def pose(self, rng: random.Random, *, held_out: bool) -> tuple[str, Any]:
        """A question and the value that answers it, of the held-out tasks or of the others."""

    @abstractmethod
    def write(self, value: Any, rng: random.Random) -> Written:
        """The value in a form drawn at random, without wrappers."""

    @abstractmethod
    def miss(self, value: Any, rng: random.Random) -> Any:
        """A value that a careless reader takes for `value`; never equal to it."""

    def reference(self, value: Any, rng: random.Random) -> Written:
        """The value as a data set gives it."""
        return self.write(value, rng)


def number_text(value: Fraction) -> str:
    """The shortest decimal of a terminating fraction."""
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
        if digits > 12:
            raise ValueError(f"value={value}: has no short decimal; choose a terminating fraction")
    sign, scaled = "-" if value < 0 else "", str(abs(int(value * 10**digits))).zfill(digits + 1)
    return f"{sign}{scaled[:-digits]}.{scaled[-digits:]}" if digits else sign + scaled


def _single(shown: str, normal: str, text: str | None = None) -> Written:
    return Written(text=shown if text is None else text, parts=(Part(shown=shown, normal=normal),))


def _task_answer(
    rng: random.Random, tasks: Sequence[str], held_out: Sequence[str], *, use_held_out: bool
) -> tuple[str, Any]:
    """Question and canonical elements of a task's answer, short enough to be compared."""
    while True:
        name = rng.choice(held_out if use_held_out else tasks)
        scene = make_scene(
            name, index=rng.getrandbits(32), split="reward_models", level=rng.randrange(3)
        )
        elements = scene.task.format(scene.answer).removeprefix("(").removesuffix(")").split(",")
        flat = not any("(" in element for element in elements)
        if flat and len(elements) <= _MAX_ELEMENTS:
            return rng.choice(scene.pose.questions["en"]), tuple(elements)


def _bump_digit(text: str, rng: random.Random) -> str:
    """One digit changed, a leading one never to zero."""
    places = [i for i, char in enumerate(text) if char.isdigit()]
    place = rng.choice(places)
    choices = [d for d in "123456789" if d != text[place]]
    return text[:place] + rng.choice(choices) + text[place + 1 :]


def _miss_integer(value: int, rng: random.Random) -> int:
    text = str(abs(value))
    candidates = {value + 1, value - 1, value + 10, -value, int(_bump_digit(text, rng))}
    if len(text) > 1:
        candidates |= {int(text[::-1]), int(text[:-1])}
    return rng.choice(sorted(candidates - {value}))


class _Integer(AnswerType):
    """Whole numbers: 12, 12.0, +12, 24/2."""

    name, verifier = "number", "numeric"
    tasks, held_out_tasks = ("lever_balance", "find_angles"), ("figure_sequence",)

    def pose(self, rng: random.Random, *, held_out: bool) -> tuple[str, int]:
        while True:
            question, elements = _task_answer(
                rng, self.tasks, self.held_out_tasks, use_held_out=held_out
            )
            if len(elements) == 1 and elements[0].isdigit():
                return question, int(elements[0])

    def write(self, value: int, rng: random.Random) -> Written:
        normal = str(value)
        forms = [normal, f"{value}.0", f"{value}.00"]
        if value > 0:
            forms += [f"+{value}", f"0{value}"]
        shown = rng.choice(forms)
        if 0 < value <= 20 and rng.random() < 0.4:
            factor = rng.choice((2, 3))
            shown = f"{factor * value}/{factor}"
            text = rng.choice((shown, f"\\frac{{{factor * value}}}{{{factor}}}"))
            return _single(shown, normal, text)
        return _single(shown, normal)

    def reference(self, value: int, rng: random.Random) -> Written:
        return _single(str(value), str(value))

    def miss(self, value: int, rng: random.Random) -> int:
        return _miss_integer(value, rng)


class _FractionType(AnswerType):
    """Shares: 3/8, \\frac{6}{16}, 0.375, .375."""

    name, verifier = "fraction", "numeric"
    _denominators = (2, 4, 5, 8, 10, 20)

    def pose(self, rng: random.Random, *, held_out: bool) -> tuple[str, Fraction]:
        total = rng.choice(self._denominators)
        colour = rng.choice(_COLOURS)
        question = f"What share of the {total} objects is {colour}?"
        return question, Fraction(rng.randint(1, total - 1), total)

    def write(self, value: Fraction, rng: random.Random) -> Written:
        normal = number_text(value)
        form = rng.randrange(5)
        if form == 0:
            return _single(normal, normal)
        if form == 1:
            shown = rng.choice((normal + "0", normal.replace("0.", ".", 1)))
            return _single(shown, normal)
        factor = rng.choice((1, 2, 3, 4))
        top, bottom = value.numerator * factor, value.denominator * factor
        shown = f"{top}/{bottom}"
        latex = f"\\frac{{{top}}}{{{bottom}}}"
        return _single(shown, normal, rng.choice((shown, latex, latex, f"{top} / {bottom}")))

    def miss(self, value: Fraction, rng: random.Random) -> Fraction:
        below = next(d for d in self._denominators if d % value.denominator == 0)
        candidates = {
            value + Fraction(1, below),
            value - Fraction(1, below),
            value + Fraction(rng.choice((1, -1)), 100),
            value / 10,
            -value,
            1 - value,
        }
        return rng.choice(sorted(candidates - {value, Fraction(0)}))


class _Percent(AnswerType):
    """Percentages: 35%, 35\\%, 0.35, 7/20; 35 alone is another value."""

    name, verifier = "percent", "numeric"

    def pose(self, rng: random.Random, *, held_out: bool) -> tuple[str, Fraction]:
        question = f"What percentage of the objects is {rng.choice(_COLOURS)}?"
        return question, Fraction(rng.randint(1, 19) * 5, 100)

    def reference(self, value: Fraction, rng: random.Random) -> Written:
        shown = number_text(value * 100) + "%"
        return _single(shown, number_text(value))

    def write(self, value: Fraction, rng: random.Random) -> Written:
        normal, hundredths = number_text(value), number_text(value * 100)
        shown = rng.choice((f"{hundredths}%", normal, f"{value.numerator}/{value.denominator}"))
        text = shown
        if shown.endswith("%"):
            text = rng.choice((f"{hundredths}\\%", f"{hundredths} %", f"{hundredths}.0%"))
            if "." in hundredths:
                text = f"{hundredths}\\%"
        elif "/" in shown and rng.random() < 0.5:
            text = f"\\frac{{{value.numerator}}}{{{value.denominator}}}"
        return _single(shown, normal, text)

    def miss(self, value: Fraction, rng: random.Random) -> Fraction:
        candidates = {value * 100, value / 10, value * 10, 1 - value}
        candidates |= {value + Fraction(1, 20), value - Fraction(1, 20), value + Fraction(1, 100)}
        return rng.choice(sorted(candidates - {value, Fraction(0)}))


class _Listing(AnswerType):
    """Tuples, sequences and sets of a task's own elements."""

    verifier = "sequence"
    tasks: tuple[str, ...]
    held_out_tasks: tuple[str, ...]
    brackets: tuple[tuple[str, str], ...] = (("(", ")"), ("[", "]"), ("", ""))

    def pose(self, rng: random.Random, *, held_out: bool) -> tuple[str, tuple[str, ...]]:
        while True:
            question, elements = _task_answer(
                rng, self.tasks, self.held_out_tasks, use_held_out=held_out
            )
            if len(elements) > 1:
                return question, elements

    def write(self, value: tuple[str, ...], rng: random.Random) -> Written:
        opening, closing = rng.choice(self.brackets)
        comma = rng.choice((",", ", ", " , "))
        parts = [self._part(element, rng) for element in self._arrange(value, rng)]
        text = opening + comma.join(part.shown for part in parts) + closing
        if self.name == "sequence" and rng.random() < 0.25:
            inside = comma.join(f"\\text{{{part.shown}}}" for part in parts)
            text = opening + inside + closing
        return Written(text=text, parts=tuple(parts))

    def _arrange(self, value: tuple[str, ...], rng: random.Random) -> Sequence[str]:
        return value

    def _part(self, element: str, rng: random.Random) -> Part:
        number = element.lstrip("-").isdigit()
        if number and rng.random() < 0.15:
            return Part(shown=f"{element}.0", normal=element)
        if not number and rng.random() < 0.3:
            return Part(shown=rng.choice((element.upper(), element.lower())), normal=element)
        return Part(shown=element, normal=element)

    def reference(self, value: tuple[str, ...], rng: random.Random) -> Written:
        parts = tuple(Part(shown=element, normal=element) for element in value)
        return Written(text=f"({','.join(value)})", parts=parts)

    def miss(self, value: tuple[str, ...], rng: random.Random) -> tuple[str, ...]:
        while True:
            changed = self._change(list(value), rng)
            if self._key(changed) != self._key(value):
                return tuple(changed)

    def _key(self, value: Sequence[str]) -> Sequence[str]:
        return tuple(value)

    def _change(self, items: list[str], rng: random.Random) -> list[str]:
        way, place = rng.randrange(6), rng.randrange(len(items))
        if way == 0 and self.ordered:
            other = rng.randrange(len(items))
            items[place], items[other] = items[other], items[place]
        elif way == 1 and len(items) > 2:
            del items[place]
        elif way == 2:
            items.insert(place, self._other(items[rng.randrange(len(items))], rng))
        else:
            items[place] = self._other(items[place], rng)
        return items

    def _other(self, element: str, rng: random.Random) -> str:
        """An element of the same look."""
        if element.lstrip("-").isdigit():
            return str(_miss_integer(int(element), rng))
        if any(char.isdigit() for char in element):
            return _bump_digit(element, rng)
        if len(element) == 1:
            return rng.choice([c for c in "ABCDEFGH" if c != element.upper()])
        return rng.choice([colour for colour in _COLOURS if colour != element])


class _Tuple(_Listing):
    name = "tuple"
    tasks = ("row_sums", "table_sums", "count_colors", "receipt_change", "scene_3d")
    held_out_tasks = ("transform_shape", "mirror_ray", "latin_square", "program_output")


class _Sequence(_Listing):
    name = "sequence"
    tasks = ("letter_order", "swap_cups", "mirror_fill")
    held_out_tasks = ("graph_route", "maze_route")


class _Set(_Listing):
    name, verifier, ordered = "set", "set", False
    tasks, held_out_tasks = ("find_cells",), ("fold_punch",)
    brackets = (("{", "}"), ("\\{", "\\}"), ("(", ")"), ("", ""))

    def _arrange(self, value: tuple[str, ...], rng: random.Random) -> Sequence[str]:
        return rng.sample(value, len(value))

    def _key(self, value: Sequence[str]) -> Sequence[str]:
        return sorted(value)


_COLOURS = ("red", "green", "blue", "yellow", "purple", "black", "white", "orange")
_SHAPES = ("circle", "square", "triangle", "diamond", "cross", "star")


class _Text(AnswerType):
    """Short phrases; case, spacing and wrappers do not matter."""

    name, verifier = "text", "exact"

    def pose(self, rng: random.Random, *, held_out: bool) -> tuple[str, tuple[str, ...]]:
        words = (rng.choice(("small", "large")), rng.choice(_COLOURS), rng.choice(_SHAPES))
        question = rng.choice(("Which object is missing?", "Which object stands alone?"))
        return question, words[rng.randrange(2) :]

    def write(self, value: tuple[str, ...], rng: random.Random) -> Written:
        case = rng.choice((str.lower, str.upper, str.title, str.lower))
        text = rng.choice((" ", "  ")).join(map(case, value))
        return Written(text=text, parts=tuple(Part(shown=w, normal=w) for w in value))

    def reference(self, value: tuple[str, ...], rng: random.Random) -> Written:
        parts = tuple(Part(shown=word, normal=word) for word in value)
        return Written(text=" ".join(value), parts=parts)

    def miss(self, value: tuple[str, ...], rng: random.Random) -> tuple[str, ...]:
        words, place = list(value), rng.randrange(len(value))
        way = rng.randrange(4)
        if way == 0:
            return tuple(reversed(words))
        if way == 1:
            del words[place]
            return tuple(words)
        pool = next(p for p in (_COLOURS, _SHAPES, ("small", "large")) if words[place] in p)
        words[place] = rng.choice([word for word in pool if word != words[place]])
        return tuple(words)


def _registry(*types: AnswerType) -> Mapping[str, AnswerType]:
    return {each.name: each for each in types}


BASIC_TYPES: Mapping[str, AnswerType] = _registry(
    _Integer(), _FractionType(), _Percent(), _Tuple(), _Sequence(), _Set(), _Text()
)
"""Numbers, collections and texts; `measured_types` holds the rest."""
