"""Lettered options in a question, and the open question that is left without them.

A choice question can be asked openly where its answer would be the same to somebody who never saw
the options: a number, or the name that the question asks for (as `data_synth.sources.hub.scienceqa`
does it). Anything else stands with its options or not at all.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from data_synth.problem import Problem
from data_synth.sources.hub.answers import ASK_NUMBER, ASK_SHORT, is_number, join_question

_LETTERS = "ABCDEFGHIJ"
_BRACKETS = {"(": ")", "\uff08": "\uff09", "[": "]"}
_CLOSINGS = (")", "\uff09", ".", "\uff0e", "\u3001", ":", "\uff1a")
_BEFORE_OPTIONS = "\n\t ,;.?!:\u3002\uff1f\uff01\uff1b\uff1a\uff0c)\uff09\u3001_"
_MAX_NAME_WORDS = 3
# A stem with one of these words speaks of its options, or has many answers without them.
_REFERS_TO_CHOICES = frozenset(
    ("which", "these", "following", "best", "better", "choose", "select", "complete", "estimate",
     "closest", "nearest", "approximately", "about", "except", "not", "option", "options", "choice",
     "choices", "letter", "most", "could", "might", "may", "below", "above", "odd", "equivalent"),
)  # fmt: skip
# So does one with one of these, unless it brings what it compares: the greatest common divisor of
# 48 and 36 stands alone, the smallest of the 3 numbers does not.
_REFERS_WITHOUT_NUMBERS = frozenset(
    ("largest", "smallest", "greatest", "highest", "lowest", "biggest", "least", "longest",
     "shortest", "maximum", "minimum", "heaviest", "lightest", "fastest", "slowest", "oldest",
     "youngest", "tallest", "widest", "can"),
)  # fmt: skip
_MIN_NUMBERS = 2
_REFERS_TO_CHOICES_ZH = (
    "下列",
    "以下",
    "选",
    "哪",
    "不可能",
    "可能",
    "最接近",
    "约",
    "正确",
    "错误",
)
# Asks for any one of its kind.
_ASKS_EXAMPLE = ("what is a", "what is an", "what's a", "what's an", "find a", "find an")
_ASKS_NAME = (
    "what is the name of", "what is the capital of", "what is the chemical symbol",
    "who wrote", "who painted", "who discovered", "who invented", "in which city", "in what city",
)  # fmt: skip
_ASKS_NUMBER = (
    "how many", "how much", "what is", "what's", "find", "compute", "calculate", "evaluate",
    "solve", "determine", "多少", "求", "几", "计算", "等于", "为",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The lettered options of a question.

    Example:
        find_options("What is 2+2? (A) 3 (B) 4").texts == {"A": "3", "B": "4"}
    """

    stem: str
    """The question before the first option."""
    texts: Mapping[str, str]
    """Option by letter."""
    is_bracketed: bool
    """Whether the letters stand in brackets, or with a period, on lines of their own."""


def find_options(text: str) -> Options | None:
    """The last run of options A, B, ... in one style; None if there is none."""
    best: Options | None = None
    for style, marks in _find_marks(text).items():
        starts = [number for number, (letter, _, _) in enumerate(marks) if letter == "A"]
        for start in reversed(starts):
            run = [
                mark
                for mark, wanted in zip(marks[start:], _LETTERS, strict=False)
                if mark[0] == wanted
            ]
            options = _read_run(text, run, style)
            if options is not None and (best is None or len(options.texts) > len(best.texts)):
                best = options
                break
    return best


def _read_run(text: str, run: list[tuple[str, int, int]], style: str) -> Options | None:
    if [letter for letter, _, _ in run] != list(_LETTERS[: len(run)]) or len(run) < 2:
        return None
    ends = [start for _, start, _ in run[1:]] + [len(text)]
    texts = {
        letter: text[end:stop].strip().splitlines()[0].strip(" ,;\uff0c\uff1b\u3002")
        if text[end:stop].strip()
        else ""
        for (letter, _, end), stop in zip(run, ends, strict=True)
    }
    # In "(A), (B) and (C) lie on a line" nothing stands between the letters.
    if any(not content or content in ("and", "or", "和", "与", "或") for content in texts.values()):
        return None
    stem = text[: run[0][1]].strip()
    on_lines = all("\n" in text[:start][-3:] or not text[:start].strip() for _, start, _ in run)
    bracketed = style != ":" and (style in _BRACKETS or on_lines or len(run) >= 3)
    return Options(stem=stem, texts=texts, is_bracketed=bracketed)


def _find_marks(text: str) -> dict[str, list[tuple[str, int, int]]]:
    """(letter, start, end of the mark) by style: an opening bracket, or the sign behind it."""
    found: dict[str, list[tuple[str, int, int]]] = {}
    for at, char in enumerate(text):
        before = text[at - 1 : at]
        if char in _BRACKETS and text[at + 1 : at + 2] in tuple(_LETTERS):
            # f(A) is a function, (A) behind a blank or a full stop an option.
            applied = before.isascii() and (before.isalpha() or (before.isdigit() and char == "("))
            if text[at + 2 : at + 3] == _BRACKETS[char] and not applied:
                style = "(" if char == "\uff08" else char
                found.setdefault(style, []).append((text[at + 1], at, at + 3))
        elif char in _LETTERS and (not before or before in _BEFORE_OPTIONS or _is_han(before)):
            closing = text[at + 1 : at + 2]
            behind = text[at + 2 : at + 3]
            # A.M. is no option.
            separate = closing not in (".", ":") or not (behind.isascii() and behind.isalpha())
            if closing and closing in _CLOSINGS and separate:
                style = {"\uff09": ")", "\uff0e": ".", "\uff1a": ":"}.get(closing, closing)
                found.setdefault(style, []).append((char, at, at + 2))
    return found


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def rewrite_choice(problem: Problem) -> Problem | None:
    """The open question in place of a choice; None where the answer needs its options.

    A rendered problem keeps its options in the picture, so it can not be opened.
    """
    options = find_options(problem.question)
    if options is None or problem.text_twin is not None or not _stands_alone(options):
        return None
    answer = _chosen_text(problem, options)
    if answer is None:
        return None
    stem = options.stem.rstrip(" (_)\uff08\uff09\u3002").rstrip()
    if is_number(answer) and _asks(stem, _ASKS_NUMBER):
        return _open(problem, join_question(stem, ASK_NUMBER), answer, ("number", "numeric"))
    if _asks(stem, _ASKS_NAME) and len(answer.split()) <= _MAX_NAME_WORDS:
        return _open(problem, join_question(stem, ASK_SHORT), answer, ("string", "exact"))
    return None


def _open(problem: Problem, question: str, answer: str, kind: tuple[str, str]) -> Problem:
    return replace(
        problem,
        question=question,
        answer=answer,
        alternatives=(),
        answer_type=kind[0],
        verifier=kind[1],
        # The demonstration, if there is one, ends in a letter.
        reasoning="",
        id="",
    )


def _stands_alone(options: Options) -> bool:
    """Whether the stem asks without its options, which are all different."""
    folded = options.stem.casefold()
    words = "".join(char if char.isalnum() else " " for char in folded).split()
    if not words or _REFERS_TO_CHOICES.intersection(words):
        return False
    if any(word in folded for word in _REFERS_TO_CHOICES_ZH):
        return False
    chooses = not _REFERS_WITHOUT_NUMBERS.isdisjoint(words) or "最" in folded
    if chooses and sum(word.isdecimal() for word in words) < _MIN_NUMBERS:
        return False
    if _asks(options.stem, tuple(f"{beginning} " for beginning in _ASKS_EXAMPLE)):
        return False
    texts = [text.casefold() for text in options.texts.values()]
    return len(set(texts)) == len(texts)


def _asks(stem: str, beginnings: tuple[str, ...]) -> bool:
    """Whether one of the stem's last two sentences begins with, or holds in Chinese, an ask."""
    parts = stem.casefold().replace("?", ".").replace("\n", ".").split(".")
    sentences = [part.strip() for part in parts if part.strip()]
    return any(
        sentence.startswith(word) or (not word.isascii() and word in sentence)
        for sentence in sentences[-2:]
        for word in beginnings
    )


def _chosen_text(problem: Problem, options: Options) -> str | None:
    """The text of the right option; None if the reference names none, or several."""
    reference = problem.answer.strip()
    if reference.startswith("{"):
        try:
            loaded = json.loads(reference)
        except (ValueError, RecursionError):  # the rows are the user's
            return None
        named = loaded.get("answer") if isinstance(loaded, dict) else None
        if not isinstance(named, str):
            return None
        reference = named.strip()
    letter = reference.strip("()[]. ").upper()
    if letter in options.texts:
        return options.texts[letter]
    matching = [text for text in options.texts.values() if text.casefold() == reference.casefold()]
    return matching[0] if len(matching) == 1 else None
