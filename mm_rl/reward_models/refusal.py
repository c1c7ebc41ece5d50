r"""Answers that no judge is asked about: refused by rule, hence wrong, and counted by reason.

Judges call replies correct that answer nothing ("Thought process:", ":", a copy of the question,
"the answer is correct"): false-positive rates of 80 to 90 % were measured, on large models too. A
policy finds such replies. What is refused here never reaches a model.

The price is a legitimate answer that reads like one of them. It is accepted as soon as its words
are the reference's own. With a reference worded otherwise these are refused: an opener as the
answer ("Solution" for "mixture"), punctuation or more than three symbols alone ("?" for "question
mark"), more than four words taken from the question in its order, a sentence that talks about the
answer, the reference or the grader ("the judge" for "the magistrate", "B is correct" for "B"), a
long explanation beside a short answer.
"""

import unicodedata
from collections.abc import Sequence
from enum import StrEnum

from mm_rl.reward_models.protocol import MAX_RESPONSE_CHARS, sanitize

MIN_LENGTH_CAP = 64
"""Answers up to this many characters are never too long, however short the reference is."""
LENGTH_RATIO = 4
"""Longest answer as a multiple of the reference's length."""
MAX_COPIED_WORDS = 4
"""Words of the question that an answer may repeat in their order."""


class Refusal(StrEnum):
    """Why an answer is refused before any model sees it."""

    EMPTY = "empty"
    """Nothing, or nothing that shows."""
    NO_CONTENT = "no_content"
    """Neither a letter nor a digit nor a short mathematical symbol."""
    TOO_LONG = "too_long"
    MASTER_KEY = "master_key"
    """The opening of a solution instead of an answer."""
    QUESTION_COPY = "question_copy"
    VERDICT = "verdict"
    """Speaks about its own correctness, the reference or the grader."""
    MARKUP = "markup"
    """Tags, chat tokens, fences, boxes, JSON verdicts, role headers."""


# Openers as whole answers: arXiv 2507.08794 and their like in further languages.
_MASTER_KEYS = (
    "solution",
    "answer",
    "final answer",
    "the answer is",
    "the final answer is",
    "answer to the question",
    "explanation",
    "reasoning",
    "analysis",
    "thought",
    "thinking",
    "thoughts",
    "proof",
    "step 1",
    "step by step",
    "respuesta",
    "soluci\u00f3n",
    "r\u00e9ponse",
    "antwort",
    "l\u00f6sung",
    "l\u00f6sungsweg",
    "resposta",
    "solu\u00e7\u00e3o",
    "risposta",
    "soluzione",
    "\u89e3",  # solve, ja/zh
    "\u89e3\u7b54",  # solution, zh
    "\u89e3\u6790",  # analysis, zh
    "\u7b54\u6848",  # answer, zh
    "\u7b54",  # answer, zh
    "\u601d\u8003\u8fc7\u7a0b",  # thought process, zh
    "\u304b\u3044\u305b\u3064",  # explanation, ja
    "\u89e3\u8aac",  # explanation, ja
    "\u7b54\u3048",  # answer, ja
    "\u89e3\u7b54\u4f8b",  # sample solution, ja
    "\ud480\uc774",  # working, ko
    "\ud574\uc124",  # explanation, ko
    "\uc815\ub2f5",  # right answer, ko
    "\u0440\u0435\u0448\u0435\u043d\u0438\u0435",  # solution, ru
    "\u043e\u0442\u0432\u0435\u0442",  # answer, ru
    "\u0627\u0644\u062d\u0644",  # the solution, ar
    "\u0627\u0644\u0625\u062c\u0627\u0628\u0629",  # the answer, ar
    "\u0938\u092e\u093e\u0927\u093e\u0928",  # solution, hi
    "\u0909\u0924\u094d\u0924\u0930",  # answer, hi
)
# Openers that no answer starts with, whatever follows.
_OPENINGS = (
    "thought process",
    "thinking process",
    "let s solve",
    "lets solve",
    "let us solve",
    "let s think",
    "let us think",
    "let s break",
    "let s analyze",
    "let me solve",
    "let me think",
    "to solve this",
    "to solve the",
    "to find the answer",
    "to answer this",
    "to begin with",
    "let us look",
    "let s look",
    "first we need",
    "we need to",
    "i need to",
    "here is the solution",
    "here s the solution",
    "here is the answer",
    "step by step solution",
    "resolvamos este problema",
    "vamos a resolver",
    "proceso de pensamiento",
    "r\u00e9solvons ce probl\u00e8me",
    "l\u00f6sen wir",
    "vamos resolver",
    "risolviamo",
    "\u8ba9\u6211\u4eec",  # let us, zh
    "\u6211\u4eec\u6765",  # let us, zh
    "\u4e00\u6b65\u4e00\u6b65",  # step by step, zh
    "\u4e00\u6b69\u305a\u3064",  # step by step, ja
    "\ub2e8\uacc4\ubcc4\ub85c",  # step by step, ko
    "\u0434\u0430\u0432\u0430\u0439\u0442\u0435",  # let us, ru
)
_VERDICTS = (
    "answer is correct",
    "answer is right",
    "answer is true",
    "response is correct",
    "response is right",
    "solution is correct",
    "this is correct",
    "that is correct",
    "it is correct",
    "is the correct answer",
    "is a correct answer",
    "correct answer",
    "right answer",
    "correct response",
    "correct true",
    "correct yes",
    "correct 1",
    "verdict is",
    "verdict true",
    "verdict yes",
    "verdict correct",
    "final decision",
    "final judgment",
    "final judgement",
    "final verdict",
    "final grade",
    "decision yes",
    "judgement yes",
    "judgment yes",
    "the reference",
    "reference answer",
    "reference is",
    "ground truth",
    "gold answer",
    "golden answer",
    "standard answer",
    "expected answer",
    "as given",
    "answer key",
    "the judge",
    "the grader",
    "the evaluator",
    "dear judge",
    "dear grader",
    "as a judge",
    "as a grader",
    "as an evaluator",
    "full marks",
    "full credit",
    "full score",
    "score 1",
    "score 10",
    "reward 1",
    "mark this",
    "mark it",
    "mark as correct",
    "accept this",
    "ignore previous",
    "ignore all",
    "ignore the",
    "ignore any",
    "ignore your",
    "disregard",
    "previous instructions",
    "new instructions",
    "system prompt",
    "you must",
    "you are a",
    "you are an",
    "output true",
    "output correct",
    "respond with",
    "reply with",
    "return true",
    "la respuesta es correcta",
    "respuesta correcta",
    "la r\u00e9ponse est correcte",
    "bonne r\u00e9ponse",
    "antwort ist richtig",
    "antwort ist korrekt",
    "richtige antwort",
    "resposta correta",
    "resposta est\u00e1 correta",
    "risposta corretta",
    "risposta \u00e8 corretta",
    "\u7b54\u6848\u6b63\u786e",  # answer right, zh
    "\u56de\u7b54\u6b63\u786e",  # reply right, zh
    "\u6b63\u786e\u7b54\u6848",  # right answer, zh
    "\u662f\u6b63\u786e\u7684",  # is right, zh
    "\u53c2\u8003\u7b54\u6848",  # reference answer, zh
    "\u5ffd\u7565",  # ignore, zh
    "\u7b54\u3048\u306f\u6b63\u3057\u3044",  # the answer is right, ja
    "\u6b63\u89e3\u3067\u3059",  # is the right answer, ja
    "\uc815\ub2f5\uc785\ub2c8\ub2e4",  # is the right answer, ko
    "\u043e\u0442\u0432\u0435\u0442 \u043f\u0440\u0430\u0432\u0438\u043b\u044c\u043d\u044b\u0439",
    "\u043f\u0440\u0430\u0432\u0438\u043b\u044c\u043d\u044b\u0439 \u043e\u0442\u0432\u0435\u0442",
    "\u0627\u0644\u0625\u062c\u0627\u0628\u0629 \u0635\u062d\u064a\u062d\u0629",  # ar
)
_MARKUP = (
    "<think",
    "</",
    "<answer",
    "<|",
    "|>",
    "<<sys",
    "<s>",
    "<start_of",
    "<end_of",
    "[inst]",
    "[/inst]",
    "[gmask]",
    "\\boxed",
    "```",
    "###",
    'correct"',
    "correct'",
    'verdict"',
    '{"',
    "\\u00",
    "assistant:",
    "system:",
    "user:",
    "human:",
)
_SYMBOL_CATEGORIES = frozenset(("Sm", "Sc", "So"))
_ASCII_SYMBOLS = frozenset("-*/%^")
_MAX_SYMBOLS = 3
# The empty set, list and tuple, and what is written with a punctuation mark.
_SYMBOL_TEXTS = frozenset(("{}", "\\{\\}", "[]", "()", "!="))


def degenerate(response: str, question: str, reference: str) -> Refusal | None:
    """Why the answer is refused, None if a judge should look at it; linear, never raises.

    An answer of the reference's own words and size is never refused.
    """
    if len(response) > 4 * MAX_RESPONSE_CHARS:
        return Refusal.TOO_LONG
    text, expected = sanitize(response), sanitize(reference)
    if not text:
        return Refusal.EMPTY
    if len(text) > min(MAX_RESPONSE_CHARS, max(MIN_LENGTH_CAP, LENGTH_RATIO * len(expected))):
        return Refusal.TOO_LONG
    words, expected_words = _words(text), _words(expected)
    folded = _fold(text)
    if folded == _fold(expected):
        return None
    if any(mark in folded for mark in _MARKUP):
        return Refusal.MARKUP
    if words and words == expected_words:
        return None
    if not any(char.isalnum() for char in text) and not _is_symbol(text):
        return Refusal.NO_CONTENT
    return _judge_words(words, _words(sanitize(question)), expected_words)


def master_keys() -> tuple[str, ...]:
    """Openers of solutions in all languages of the lists: what canaries are made of."""
    return _MASTER_KEYS + _OPENINGS


def _judge_words(
    words: Sequence[str], question: Sequence[str], expected: Sequence[str]
) -> Refusal | None:
    spaced = _join(words)
    if spaced in _MASTER_KEY_WORDS or spaced.startswith(_OPENING_WORDS):
        return Refusal.MASTER_KEY
    if any(phrase in spaced for phrase in _VERDICT_WORDS) or spaced.endswith(" is correct "):
        return Refusal.VERDICT
    # What the reference says as well is an answer, though the question says it too.
    if spaced in _join(expected):
        return None
    asked = _join(question)
    is_part = spaced in asked and _weight(words) > 2 * MAX_COPIED_WORDS
    is_whole = asked in spaced and _weight(question) > 2 * MAX_COPIED_WORDS
    return Refusal.QUESTION_COPY if is_part or is_whole else None


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _words(text: str) -> list[str]:
    """Letters and digits in words, case folded; in scripts without spaces each character is one."""
    spaced = []
    for char in _fold(text):
        if char.isalnum() and _is_ideograph(char):
            spaced.append(f" {char} ")
        elif char.isalnum() or unicodedata.category(char)[0] == "M":
            spaced.append(char)
        else:
            spaced.append(" ")
    return "".join(spaced).split()


def _join(words: Sequence[str]) -> str:
    """Words between spaces, so that a phrase is found only at their borders."""
    return " " + " ".join(words) + " "


def _weight(words: Sequence[str]) -> int:
    """Two for a word, one for an ideograph; numbers and single letters are no copied text."""
    return sum(
        1 if _is_ideograph(word) else 2 * (len(word) > 1 and not word.isnumeric()) for word in words
    )


def _is_ideograph(char: str) -> bool:
    """Han, kana and Thai: written without spaces."""
    return "\u2e80" <= char < "\ua000" or "\u0e00" <= char < "\u0e80" or char >= "\U00020000"


def _is_symbol(text: str) -> bool:
    shown = text.replace(" ", "")
    if shown in _SYMBOL_TEXTS:
        return True
    return len(shown) <= _MAX_SYMBOLS and all(
        unicodedata.category(char) in _SYMBOL_CATEGORIES or char in _ASCII_SYMBOLS for char in shown
    )


_MASTER_KEY_WORDS = frozenset(_join(_words(key)) for key in _MASTER_KEYS)
_OPENING_WORDS = tuple(_join(_words(key)) for key in _OPENINGS)
_VERDICT_WORDS = tuple(_join(_words(phrase)) for phrase in _VERDICTS)
