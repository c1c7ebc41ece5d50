"""Published answers as problems: what kind they are, and the words that ask for that kind."""

from collections import Counter
from collections.abc import Sequence

from data_synth.sources.hub.adapter import Draft
from data_synth.verify import verify

ASK_NUMBER = "Answer with a number."
ASK_PLAIN_NUMBER = "Answer with a number, without a unit."
ASK_WORD = "Answer with one word."
ASK_SHORT = "Answer with a word or a short phrase."
ASK_LETTER = "Answer with the letter of the correct choice."

_UNITS = ("\\degree", "^{\\circ}", "^\\circ", "\N{DEGREE SIGN}", "degrees", "cm", "mm", "km", "m")
_PLACEHOLDER = "<image"


def is_number(text: str) -> bool:
    """Whether the `numeric` verifier reads the text as a number; percentages are left out."""
    try:
        return "%" not in text and verify("numeric", text, text).correct
    except ValueError:  # a reference it cannot read
        return False


def is_yes_no(text: str) -> bool:
    """Whether the answer is one of two (k1.5 §2.1 leaves such questions out)."""
    return text.casefold().rstrip(".") in ("yes", "no", "true", "false")


def strip_unit(text: str) -> str:
    """The text without one unit of length or angle at its end, if a number remains."""
    text = text.strip()
    for unit in _UNITS:
        if text.endswith(unit):
            value = text.removesuffix(unit).strip().strip("$").strip()
            return value if is_number(value) else text
    return text


def tag_images(question: str, count: int) -> str:
    """Write the placeholders <image>, <image1> and <image 1> of published questions as text.

    They look like the special tokens of processors. With one image they are dropped, with several
    they become (image 1).
    """
    pieces = question.split(_PLACEHOLDER)
    written = [pieces[0]]
    for piece in pieces[1:]:
        inside, closing, rest = piece.partition(">")
        number = inside.strip()
        if not closing or (number and not number.isdecimal()):
            written.append(_PLACEHOLDER + piece)  # not a placeholder after all
        elif count == 1 or not number:
            written.append(rest)
        else:
            written.append(f"(image {int(number)}){rest}")
    return "\n".join(" ".join(line.split()) for line in "".join(written).strip().splitlines())


def join_question(*parts: str) -> str:
    """The parts that are not empty, one a line."""
    return "\n".join(part for part in parts if part)


def draft_choice(
    question: str, choices: Sequence[str], correct: int, *, discipline: str, language: str = "en"
) -> Draft:
    """A choice question for evaluation: the choices are listed and the letter is the answer.

    Accepted are A, (A), (A) text and the text itself, unless that text is also a letter or the
    text of another choice.
    """
    letters = [chr(ord("A") + position) for position in range(len(choices))]
    letter, text = letters[correct], choices[correct]
    listed = [f"({name}) {choice}" for name, choice in zip(letters, choices, strict=True)]
    folded = [choice.strip().casefold() for choice in choices]
    alternatives = [f"({letter})", listed[correct]]
    is_unique = folded.count(folded[correct]) == 1
    if text.strip() and is_unique and folded[correct] not in [name.casefold() for name in letters]:
        alternatives.append(text)
    return Draft(
        question=join_question(question, *listed, ASK_LETTER),
        answer=letter,
        alternatives=tuple(alternatives),
        verifier="exact",
        discipline=discipline,
        language=language,
    )


def draft_free_form(question: str, answers: Sequence[str], *, discipline: str) -> Draft:
    """An open question for evaluation: numbers equal to two decimals, or equal text.

    An integer is compared exactly, which differs only for answers within 0.005 of it.
    """
    kind = ("string", "exact", ASK_SHORT)
    if all(map(_is_integer, answers)):
        kind = ("number", "numeric", ASK_NUMBER)
    elif all(map(_is_decimal, answers)):
        kind = ("number", "rounded", ASK_NUMBER)
        answers = [f"{float(each):.2f}" for each in answers]
    answer_type, verifier, ask = kind
    return Draft(
        question=join_question(question, ask),
        answer=answers[0],
        alternatives=tuple(answers[1:]),
        answer_type=answer_type,
        verifier=verifier,
        discipline=discipline,
    )


def _is_integer(text: str) -> bool:
    return is_number(text) and text.lstrip("-").isdigit()


def _is_decimal(text: str) -> bool:
    return is_number(text) and set(text) <= set("-0123456789.")


def order_votes(answers: Sequence[str]) -> tuple[str, ...]:
    """The annotators' answers, all kept, the most frequent one first; ties keep their order."""
    counts = Counter(answer.casefold() for answer in answers)
    best = max(answers, key=lambda answer: counts[answer.casefold()])
    position = answers.index(best)
    return (best, *answers[:position], *answers[position + 1 :])
