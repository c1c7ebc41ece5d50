r"""The answer format: how a completion shows its final answer, in training and in evaluation.

    <think>reasoning</think>\boxed{answer}

Only what follows the last `</think>` is the answer section, so nothing a policy tries out while it
reasons can count (k1.5 §2.3.5 rewards the final answer). A completion with neither tag is an answer
section as a whole. The section must hold one distinct box: a policy that lists its guesses has not
answered. Completions are untrusted, so the scan is linear and bounded.
"""

from dataclasses import dataclass
from enum import StrEnum

THINK_OPEN = "<think>"
THINK_CLOSE = "</think>"
BOX_OPEN = "\\boxed{"

MAX_COMPLETION_CHARS = 1_000_000
MAX_ANSWER_CHARS = 2_000
MAX_BRACE_DEPTH = 64
"""Deepest nesting of braces in a box, the box's own brace included."""


class AnswerStatus(StrEnum):
    """Whether a completion holds an answer and, if not, the first fault found from the left."""

    FOUND = "found"
    UNFINISHED_REASONING = "unfinished_reasoning"
    """A `<think>` is open at the end: the completion was cut, or reasons after its answer."""
    MISSING = "missing"
    UNCLOSED = "unclosed"
    EMPTY = "empty"
    SEVERAL = "several"
    """Boxes that differ, or a box among other content of a box."""
    TOO_LONG = "too_long"
    """The completion, the content of a box or its nesting exceeds a `MAX_` constant."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtractedAnswer:
    r"""What `extract_answer` found.

    Example:
        ExtractedAnswer(text="(b,3)", status=AnswerStatus.FOUND)
    """

    text: str | None
    """Content of the box without surrounding whitespace; None unless `status` is `FOUND`."""
    status: AnswerStatus


def extract_answer(completion: str) -> ExtractedAnswer:
    r"""Read the final answer out of a completion; never raises, linear in its length.

    The same box written more than once is one answer, and `\boxed{\boxed{3}}` is 3. Escaped braces
    (`\{`, `\}`) do not nest.
    """
    if len(completion) > MAX_COMPLETION_CHARS:
        return _no_answer(AnswerStatus.TOO_LONG)
    # Without a `</think>` this is the whole completion.
    section = completion.rpartition(THINK_CLOSE)[2]
    if THINK_OPEN in section:
        return _no_answer(AnswerStatus.UNFINISHED_REASONING)
    content: str | None = None
    start = section.find(BOX_OPEN)
    while start != -1:
        start += len(BOX_OPEN)
        end, status = find_closing_brace(section, start)
        if status is not AnswerStatus.FOUND:
            return _no_answer(status)
        repeated = section[start:end].strip()
        if content is not None and content != repeated:
            return _no_answer(AnswerStatus.SEVERAL)
        content = repeated
        start = section.find(BOX_OPEN, end)
    return _no_answer(AnswerStatus.MISSING) if content is None else _unwrap_boxes(content)


def format_completion(reasoning: str, answer: str) -> str:
    r"""Write a completion from which `extract_answer` reads `answer`: the form of SFT targets.

    Raises ValueError if it could not be read back, as for an answer with a brace left open.
    """
    if THINK_OPEN in reasoning or THINK_CLOSE in reasoning:
        raise ValueError(
            f"reasoning {reasoning[:80]!r} holds {THINK_OPEN} or {THINK_CLOSE}: remove the tag, "
            "format_completion writes both"
        )
    completion = f"{THINK_OPEN}{reasoning}{THINK_CLOSE}{BOX_OPEN}{answer}}}"
    extracted = extract_answer(completion)
    if extracted.text != answer.strip():
        raise ValueError(
            f"answer {answer[:80]!r} cannot be read back from its box (status {extracted.status}, "
            f"text {extracted.text!r}): write it non-empty, with balanced braces, without a box "
            "and within the length limits"
        )
    return completion


def find_closing_brace(text: str, start: int) -> tuple[int, AnswerStatus]:
    r"""Find the `}` of the group whose `{` stands just before `start`.

    Returns (index, FOUND), or -1 with UNCLOSED or TOO_LONG. Visits at most MAX_ANSWER_CHARS + 1
    characters. An escaped character is skipped, hence the second brace of `\\}` does close.
    """
    depth = 1
    at = start
    stop = min(len(text), start + MAX_ANSWER_CHARS + 1)
    while at < stop:
        char = text[at]
        if char == "\\":
            at += 1
        elif char == "{":
            depth += 1
            if depth > MAX_BRACE_DEPTH:
                return -1, AnswerStatus.TOO_LONG
        elif char == "}":
            depth -= 1
            if depth == 0:
                return at, AnswerStatus.FOUND
        at += 1
    return -1, AnswerStatus.TOO_LONG if stop < len(text) else AnswerStatus.UNCLOSED


def _unwrap_boxes(content: str) -> ExtractedAnswer:
    """The innermost content of boxes that hold nothing but a box."""
    while content.startswith(BOX_OPEN):
        end, _ = find_closing_brace(content, len(BOX_OPEN))
        if end != len(content) - 1:
            break
        content = content[len(BOX_OPEN) : end].strip()
    if BOX_OPEN in content:
        return _no_answer(AnswerStatus.SEVERAL)
    if not content:
        return _no_answer(AnswerStatus.EMPTY)
    return ExtractedAnswer(text=content, status=AnswerStatus.FOUND)


def _no_answer(status: AnswerStatus) -> ExtractedAnswer:
    return ExtractedAnswer(text=None, status=status)
