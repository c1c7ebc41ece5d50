r"""Answers to multiple-choice questions. (k1.5 section 2.3.5)

    choice   B    ABD    {"answer": "B", "options": {"A": "12 cm", "B": "14 cm"}}
             {"answer": ["A", "D"], "options": ["12 cm", "14 cm", "16 cm", "18 cm"]}

Options are A to J. One letter is answered by one letter, several by the same set of letters. The
answer may bracket a letter, mark it with a period, bracket or colon, or introduce it (`option B`,
`answer: B`, the Chinese forms); several letters stand together in capitals or are parted by commas,
semicolons, blanks or `and`. With `options` the text of an option may follow its letter, if it
agrees, or stand alone, if it is the text of exactly one option; texts are compared as in `text`. A
letter wins over an option whose text is that letter. Anything else is wrong: alternatives (A or B),
a letter with another option's text, a text with no options to hold it against, other scripts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from data_synth.verify.judging import equal_or_different, make_judge
from data_synth.verify.reading import Verifier, clean
from data_synth.verify.text import normalise_text
from data_synth.verify.verdict import Reason, UnreadableError, Verdict

LETTERS = "ABCDEFGHIJ"
MAX_REFERENCE_CHARS = 20_000

_INTRODUCTIONS = (
    "the correct answer is", "the answer is", "correct answer", "final answer", "answers", "answer",
    "the correct option is", "options", "option", "choices", "choice", "正确答案是", "正确答案",
    "答案是", "答案为", "答案", "应选", "故选", "选项", "选择", "选",
)  # fmt: skip
_LETTER_COMMANDS = ("\\text{", "\\textbf{", "\\mathrm{", "\\mathbf{", "**")
_LETTER_MARKS = (")", ".", ":", "\u3001")
_JOINTS = (" and ", "和", "及", "与", "&", ",", ";", "\u3001")


@dataclass(frozen=True, slots=True)
class _Question:
    """The right letters, and the normalised texts of the options if they are known."""

    letters: frozenset[str]
    options: Mapping[str, str]


def _read_reference(text: str) -> _Question:
    if not text.lstrip().startswith("{"):
        return _Question(_read_letters(clean(text)), {})
    if len(text) > MAX_REFERENCE_CHARS:
        raise UnreadableError(Reason.TOO_LONG)
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableError(Reason.WRONG_TYPE) from None
    answer, options = loaded.get("answer"), _read_options(loaded.get("options"))
    if isinstance(answer, list) and all(isinstance(letter, str) for letter in answer):
        answer = ",".join(answer)
    if not isinstance(answer, str) or not loaded.keys() <= {"answer", "options"}:
        raise UnreadableError(Reason.WRONG_TYPE)
    letters = _read_letters(clean(answer))
    if options and not letters <= options.keys():
        raise UnreadableError(Reason.WRONG_TYPE)
    return _Question(letters, options)


def _read_options(options: Any) -> dict[str, str]:
    if isinstance(options, list):
        options = dict(zip(LETTERS, options, strict=False)) if len(options) <= 10 else None
    if not isinstance(options, dict) or not options or not options.keys() <= set(LETTERS):
        raise UnreadableError(Reason.WRONG_TYPE)
    if not all(isinstance(text, str) for text in options.values()):
        raise UnreadableError(Reason.WRONG_TYPE)
    return {letter: normalise_text(text) for letter, text in options.items()}


def _read_letters(text: str) -> frozenset[str]:
    """The letters that a text without options names; UnreadableError if it holds anything else."""
    text = _drop_commands(text)
    if len(text) > 1 and text[0] in "([" and text[-1] in ")]" and text[1:-1].isalpha():
        text = text[1:-1]
    if all(char in LETTERS for char in text):
        return _distinct(list(text))
    for joint in _JOINTS:
        text = text.replace(joint, " ")
    pieces = text.split()
    if len({len(piece) for piece in pieces}) > 1:  # A) B is an option and its text
        raise UnreadableError(Reason.WRONG_TYPE)
    return _distinct([_read_letter(piece) for piece in pieces])


def _distinct(letters: list[str]) -> frozenset[str]:
    if not letters or len(set(letters)) != len(letters):
        raise UnreadableError(Reason.WRONG_TYPE)
    return frozenset(letters)


def _read_letter(text: str) -> str:
    """B, b, (B), [B], B., B) or B:."""
    if len(text) == 3 and (text[0], text[-1]) in (("(", ")"), ("[", "]")):
        text = text[1:-1]
    elif len(text) == 2 and text[1] in _LETTER_MARKS:
        text = text[0]
    # isascii comes first: letters of other scripts may become Latin in capitals.
    if len(text) != 1 or not text.isascii() or text.upper() not in LETTERS:
        raise UnreadableError(Reason.WRONG_TYPE)
    return text.upper()


def _drop_commands(text: str) -> str:
    """Without the font commands around the whole or around its first letter."""
    for _ in range(4):
        for command in _LETTER_COMMANDS:
            closing = "**" if command == "**" else "}"
            end = text.find(closing, len(command))
            if text.startswith(command) and end >= 0:
                text = (text[len(command) : end] + text[end + len(closing) :]).strip()
                break
        else:
            break
    return text


def _drop_introduction(text: str) -> str:
    """Without up to two introductions in a row: answer: option B."""
    for _ in range(2):
        folded = text.casefold()
        for introduction in _INTRODUCTIONS:
            rest = text[len(introduction) :]
            is_word = not introduction.isascii() or rest[:1] in (" ", ":", "(")
            if is_word and folded.startswith(introduction) and rest.strip(" :"):
                text = rest.lstrip(" :")
                break
    return text


def _judge(question: _Question, answer: str) -> Verdict:
    try:
        given = _read_letters(_drop_introduction(answer))
    except UnreadableError:
        given = frozenset()
    if not given:
        given = _read_option_text(question.options, answer)
    return equal_or_different(given == question.letters)


def _read_option_text(options: Mapping[str, str], answer: str) -> frozenset[str]:
    """The option that an answer spells out, after its letter or alone."""
    if not options:
        raise UnreadableError(Reason.WRONG_TYPE)
    matching = _find_options(options, answer)
    if len(matching) == 1:
        return matching
    text = _drop_commands(_drop_introduction(answer))
    head, rest = _split_letter(text)
    if head not in options or options[head] != normalise_text(rest):
        raise UnreadableError(Reason.WRONG_TYPE)
    return frozenset(head)


def _find_options(options: Mapping[str, str], text: str) -> frozenset[str]:
    normalised = normalise_text(text)
    return frozenset(letter for letter, option in options.items() if option == normalised)


def _split_letter(text: str) -> tuple[str, str]:
    """(B, 12 cm) for B) 12 cm, (B) 12 cm, B. 12 cm, B: 12 cm or B 12 cm."""
    if text[:1] in "([" and text[2:3] in (")", "]"):
        head, rest = text[1], text[3:]
    elif text[1:2] in _LETTER_MARKS or text[1:2] == " ":
        head, rest = text[0], text[2:]
    else:
        raise UnreadableError(Reason.WRONG_TYPE)
    rest = rest.strip()
    return _read_letter(head), rest[1:].strip() if rest[:1] in ("=", ":") else rest


def _answer_choice(reference: str) -> str:
    return ", ".join(sorted(_read_reference(reference).letters))


VERIFIERS: Mapping[str, Verifier] = MappingProxyType(
    {
        "choice": make_judge(
            "choice", read_reference=_read_reference, read_answer=clean, judge=_judge
        )
    }
)
CANONICAL_ANSWERS = MappingProxyType({"choice": _answer_choice})
"""Verifier -> the answer that a reference stands for."""
