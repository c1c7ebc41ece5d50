r"""The answer format: how a completion shows its final answer, in training and in evaluation.

    <think>reasoning</think>\boxed{answer}

Only what follows the last `</think>` is the answer section, so nothing a policy tries out while it
reasons can count (k1.5 §2.3.5 rewards the final answer). A completion with neither tag is an answer
section as a whole. The section must hold one distinct box: a policy that lists its guesses has not
answered. A program stands in a fenced block instead of a box, under the same rule:

    <think>reasoning</think>```python
    print(sum(map(int, input().split())))
    ```

Completions are untrusted, so the scans are linear and bounded.
"""

from dataclasses import dataclass
from enum import StrEnum

THINK_OPEN = "<think>"
THINK_CLOSE = "</think>"
BOX_OPEN = "\\boxed{"

FENCE = "```"

MAX_COMPLETION_CHARS = 1_000_000
MAX_PROGRAM_CHARS = 65_536
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


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtractedProgram:
    """What `extract_program` found.

    Example:
        ExtractedProgram(source="print(1)\\n", language="python", status=AnswerStatus.FOUND)
    """

    source: str | None
    """The block's lines; None unless `status` is `FOUND`."""
    language: str
    """First word behind the opening fence in lower case; empty if there is none."""
    status: AnswerStatus


def extract_answer(completion: str) -> ExtractedAnswer:
    r"""Read the final answer out of a completion; never raises, linear in its length.

    The same box written more than once is one answer, and `\boxed{\boxed{3}}` is 3. Escaped braces
    (`\{`, `\}`) do not nest.
    """
    section, fault = _answer_section(completion)
    if fault is not None:
        return _no_answer(fault)
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


def _answer_section(completion: str) -> tuple[str, AnswerStatus | None]:
    """What follows the reasoning, and the fault that keeps it from being read."""
    if len(completion) > MAX_COMPLETION_CHARS:
        return "", AnswerStatus.TOO_LONG
    # Without a `</think>` this is the whole completion.
    section = completion.rpartition(THINK_CLOSE)[2]
    return section, AnswerStatus.UNFINISHED_REASONING if THINK_OPEN in section else None


def extract_program(completion: str) -> ExtractedProgram:
    """Read the final program out of a completion; never raises, linear in its length.

    A block opens with a line that starts with three backticks and closes with a line of nothing
    else. The same block written more than once is one program.
    """

    def none(status: AnswerStatus) -> ExtractedProgram:
        return ExtractedProgram(source=None, language="", status=status)

    section, fault = _answer_section(completion)
    if fault is not None:
        return none(fault)
    blocks = _fenced_blocks(section)
    if blocks is None:
        return none(AnswerStatus.UNCLOSED)
    found = set(blocks)
    if len(found) != 1:
        return none(AnswerStatus.SEVERAL if found else AnswerStatus.MISSING)
    language, source = found.pop()
    if not source.strip():
        return none(AnswerStatus.EMPTY)
    if len(source) > MAX_PROGRAM_CHARS:
        return none(AnswerStatus.TOO_LONG)
    return ExtractedProgram(source=source, language=language, status=AnswerStatus.FOUND)


def _fenced_blocks(section: str) -> list[tuple[str, str]] | None:
    """Language and lines of every fenced block; None if the last one is left open."""
    blocks: list[tuple[str, str]] = []
    language = ""
    block: list[str] | None = None
    for line in section.split("\n"):
        if block is None:
            if line.startswith(FENCE):
                words = line[len(FENCE) :].split()
                language, block = words[0].lower() if words else "", []
        elif line.rstrip() == FENCE:
            blocks.append((language, "\n".join([*block, ""])))
            block = None
        else:
            block.append(line)
    return blocks if block is None else None


def format_completion(reasoning: str, answer: str) -> str:
    r"""Write a completion from which `extract_answer` reads `answer`: the form of SFT targets.

    Raises ValueError if it could not be read back, as for an answer with a brace left open.
    """
    completion = f"{_format_reasoning(reasoning)}{BOX_OPEN}{answer}}}"
    extracted = extract_answer(completion)
    if extracted.text != answer.strip():
        raise ValueError(
            f"answer {answer[:80]!r} cannot be read back from its box (status {extracted.status}, "
            f"text {extracted.text!r}): write it non-empty, with balanced braces, without a box "
            "and within the length limits"
        )
    return completion


def format_program(reasoning: str, source: str, language: str) -> str:
    """Write a completion from which `extract_program` reads `source`.

    Raises ValueError if it could not be read back, as for a program with a fence in it.
    """
    lines = source if source.endswith("\n") else source + "\n"
    completion = f"{_format_reasoning(reasoning)}{FENCE}{language}\n{lines}{FENCE}"
    extracted = extract_program(completion)
    if (extracted.source, extracted.language) != (lines, language):
        raise ValueError(
            f"program {source[:80]!r} cannot be read back from its block (status "
            f"{extracted.status}): write it non-empty, without a line of three backticks, and "
            f"within {MAX_PROGRAM_CHARS} characters"
        )
    return completion


def _format_reasoning(reasoning: str) -> str:
    if THINK_OPEN in reasoning or THINK_CLOSE in reasoning:
        raise ValueError(
            f"reasoning {reasoning[:80]!r} holds {THINK_OPEN} or {THINK_CLOSE}: remove the tag, "
            "it is written around the reasoning"
        )
    return f"{THINK_OPEN}{reasoning}{THINK_CLOSE}"


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
