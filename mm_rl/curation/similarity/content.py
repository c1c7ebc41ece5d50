"""What makes two problems the same problem: the guards that every filter here keeps.

Similar wording is not enough: "Tom has 3 apples" and "Tom has 4 apples" differ in one character,
and the thousand questions of a template are asked of a thousand images. So near twins must agree
in (1) the answer, (2) the numbers they mention and the words that turn a relation round (more or
less, left or right, row or column), (3) their images. Of problems with images, (4) the labels must
agree too, for "How many red cells?" and "How many blue cells?" of one image are two problems; of
text problems they need not: the same sum about Tom and about Tim is one problem.

The text of a rendered problem is its text twin, which can be answered without the image; the fonts
do not matter.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from data_synth.problem import Modality, Problem
from data_synth.splits import content_keys

# Linear: one character class per alternative, no nesting. A CJK character is a word of its own.
_TOKEN = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|\\d+(?:[.,]\\d+)*|[^\\W\\d_\u3040-\u30ff\u3400-\u9fff]+"
)
# Several signs for one operation.
_SIGNS = str.maketrans("\u2212\u2013\u00d7\u22c5\u00b7\u00f7", "--***/")
_LIGHT = ".;:?'\"$\u2018\u2019\u201c\u201d\u3002"
_NUMBER_WORDS = """
    zero one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty
    sixty seventy eighty ninety hundred thousand million half third quarter double twice triple
    first second fourth fifth sixth seventh eighth ninth tenth
"""
# Words for addition are missing on purpose: "add", "sum up", "in total" and "together" replace each
# other freely, and the other operations, which are here, tell a sum from a product.
_OPPOSITES = """
    not no without except more less fewer most least larger smaller greater bigger largest
    smallest maximum minimum highest lowest longest shortest before after earlier later left
    right top bottom above below north south east west clockwise counterclockwise anticlockwise
    inside outside horizontal vertical row column odd even difference product quotient
    increase decrease increasing decreasing ascending descending minus times divided union
    intersection mean median mode prime composite positive negative same different area perimeter
    radius diameter
"""
_RELATIONS = frozenset((_NUMBER_WORDS + _OPPOSITES).split())
_LABEL_WORDS = """
    red green blue yellow orange purple black white gray grey brown pink cyan magenta violet
    circle square triangle rectangle star cube sphere cylinder hexagon pentagon cross ring dot
"""
_LABELS = frozenset(_LABEL_WORDS.split())
_PLURALS = {"halves": "half", "crosses": "cross"} | {f"{w}s": w for w in _RELATIONS | _LABELS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """A problem as the comparisons see it."""

    text: str
    """Question, or text twin: Unicode NFKC, lower case, single spaces."""
    words: tuple[str, ...]
    """Words and numbers of the text, in order."""
    guard: tuple[str, ...]
    """What twins must have in common besides similar wording; hashable."""
    images: tuple[str, ...]
    """Pixel hashes of the images that the answer depends on; text and rendered ones have none."""
    answer: str
    """Normalised."""
    exact: tuple[str, ...]
    """Equal for exact duplicates, whatever their answers."""


def describe(problem: Problem) -> Content:
    """Look at a problem once.

    Raises:
        ValueError: an image that cannot be decoded; names the problem.
    """
    text = problem_text(problem)
    try:
        contents = content_keys(problem)
    except ValueError as error:
        raise ValueError(
            f"problem {problem.id} of source {problem.source!r}: {error} (`data_synth validate "
            "--clean` leaves such rows out)"
        ) from error
    images = contents if depends_on_images(problem) else ()
    answer = normalised(problem.answer)
    words = tokens(text)
    guard = (answer, *_counted(_invariants(text, words, labels=bool(images))), *images)
    return Content(
        text=normalised(text),
        words=words,
        guard=guard,
        images=images,
        answer=answer,
        exact=(*contents, normalised(problem.question)) if images else contents,
    )


def depends_on_images(problem: Problem) -> bool:
    """Whether pixels decide: not for text problems and rendered ones that have a text twin."""
    if problem.modality is Modality.TEXT or not problem.images:
        return False
    return not (problem.modality is Modality.RENDERED and problem.text_twin)


def problem_text(problem: Problem) -> str:
    """What is asked, in words: the text twin of a rendered problem, else the question."""
    if problem.images and not depends_on_images(problem) and problem.text_twin:
        return problem.text_twin
    return problem.question


def normalised(text: str) -> str:
    """NFKC, case folded, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def tokens(text: str) -> tuple[str, ...]:
    """Lower-case words and numbers without punctuation; thousands separators are dropped."""
    found = _TOKEN.findall(unicodedata.normalize("NFKC", text))
    return tuple(token.casefold().replace(",", "") for token in found)


def squeezed(text: str) -> str:
    """A normalised text without blanks and sentences' punctuation: a formula keeps all its signs.

    Tells apart what `tokens` does not, as 12 + 7 and 12 - 7.
    """
    words = text.translate(_SIGNS).replace(",", "").split()
    return "".join(word.strip(_LIGHT) for word in words)


def _invariants(text: str, words: tuple[str, ...], *, labels: bool) -> Counter[str]:
    words = tuple(_PLURALS.get(word, word) for word in words)
    kept = Counter(word for word in words if word[0].isdigit() or word in _RELATIONS)
    # "From left to right" and "from right to left" hold the same words.
    kept.update(
        f"{first} to {last}"
        for first, middle, last in zip(words, words[1:], words[2:], strict=False)
        if middle == "to" and first in _RELATIONS and last in _RELATIONS
    )
    if labels:
        kept.update(word for word in words if word in _LABELS)
        kept.update(_names(text))
    return kept


def _names(text: str) -> list[str]:
    """Single letters and words that are capitalised inside a sentence: `A`, `June`, `GDP`."""
    names = []
    starts_sentence = True
    for word in unicodedata.normalize("NFKC", text).split():
        core = word.strip("\"'()[]{}.,:;!?")
        is_letter = len(core) == 1 and core not in ("a", "A", "I")
        has_capitals = core[1:] != core[1:].lower()
        if is_letter or has_capitals or (core[:1].isupper() and not starts_sentence):
            names.append(core.casefold())
        starts_sentence = word.endswith((".", "?", "!", ":"))
    return names


def _counted(kept: Counter[str]) -> tuple[str, ...]:
    return tuple(f"{word}*{count}" for word, count in sorted(kept.items()))
