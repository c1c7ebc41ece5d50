"""What can be wrong with one problem, each thing by name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from data_synth.images import DEFAULT_LIMITS, ImageLimits, Severity, inspect_image
from data_synth.problem import Modality, Problem, content_id
from data_synth.verify import VERIFIER_NAMES, check_reference

MAX_TEXT = 1_000_000
"""Characters of a text column; more is a mistake or an attack."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LANGUAGE = re.compile("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing wrong with a row.

    Example:
        Fault(severity=Severity.ERROR, reason="no_answer", column="answer", message="...")
    """

    severity: Severity
    reason: str
    """A short stable name, so that faults can be counted."""
    column: str
    message: str


def check_problem(problem: Problem, *, limits: ImageLimits = DEFAULT_LIMITS) -> list[Fault]:
    """Everything wrong with a problem; empty if it can be used."""
    faults = list(_text_faults(problem))
    if any(fault.reason == "too_long" for fault in faults):
        return faults
    return [
        *faults,
        *_label_faults(problem),
        *_answer_faults(problem),
        *_image_faults(problem, limits),
    ]


def _error(reason: str, column: str, message: str) -> Fault:
    return Fault(severity=Severity.ERROR, reason=reason, column=column, message=message)


def _warning(reason: str, column: str, message: str) -> Fault:
    return Fault(severity=Severity.WARNING, reason=reason, column=column, message=message)


def _text_faults(problem: Problem) -> Iterator[Fault]:
    texts = {
        "question": (problem.question,),
        "answer": (problem.answer,),
        "alternatives": problem.alternatives,
        "reasoning": (problem.reasoning,),
        "text_twin": (problem.text_twin or "",),
        "regions": tuple(region.text for region in problem.regions),
    }
    for column, parts in texts.items():
        length = sum(map(len, parts))
        if length > MAX_TEXT:
            yield _error("too_long", column, f"{length} characters, over {MAX_TEXT}: shorten it")
            continue
        for text in parts:
            if found := _CONTROL.search(text):
                yield _error(
                    "control_character",
                    column,
                    f"U+{ord(found.group()):04X} at position {found.start()}: take it out",
                )
                break
        if any("\ufffd" in text for text in parts):
            yield _warning("lost_character", column, "U+FFFD stands for a character that was lost")
    if not problem.question.strip():
        yield _error("empty_question", "question", "the question is empty: fill it in")


def _label_faults(problem: Problem) -> Iterator[Fault]:
    expected = content_id(problem.question, problem.images, problem.answer)
    if problem.id != expected:
        yield _error(
            "wrong_id",
            "id",
            f"{problem.id[:80]!r} is not the hash of the content, {expected}: leave it empty",
        )
    if not problem.split.isidentifier() or not problem.split.isascii():
        yield _error(
            "wrong_split", "split", f"{problem.split[:80]!r}: name it by letters, digits and _"
        )
    if not _LANGUAGE.fullmatch(problem.language):
        yield _warning("language", "language", f"{problem.language[:80]!r} is no ISO 639 code")
    if not problem.licence.strip():
        yield _warning("no_licence", "licence", "the licence is empty: name it")
    if problem.modality is Modality.RENDERED and not (problem.text_twin or "").strip():
        yield _error("no_twin", "text_twin", "a rendered problem needs its text: fill it in")


def _answer_faults(problem: Problem) -> Iterator[Fault]:
    if problem.verifier not in VERIFIER_NAMES:
        yield _error(
            "unknown_verifier",
            "verifier",
            f"{problem.verifier[:80]!r} is none: choose one of {', '.join(VERIFIER_NAMES)}",
        )
        return
    try:
        check_reference(problem.verifier, problem.answer, alternatives=problem.alternatives)
    except (ValueError, ArithmeticError, RecursionError) as error:  # the rows are the user's
        yield _error("wrong_answer", "answer", str(error)[:400])


def _image_faults(problem: Problem, limits: ImageLimits) -> Iterator[Fault]:
    if problem.modality is Modality.TEXT and problem.images:
        yield _error("text_with_image", "images", "a text problem has images: name its modality")
    if problem.modality is not Modality.TEXT and not problem.images:
        yield _error("no_image", "images", f"a {problem.modality} problem needs an image")
    sizes = []
    for number, data in enumerate(problem.images):
        inspection = inspect_image(data, limits=limits)
        sizes.append(inspection.size)
        for fault in inspection.faults:
            yield Fault(
                severity=fault.severity,
                reason=fault.reason,
                column="images",
                message=f"image {number}: {fault.message}",
            )
    for number, region in enumerate(problem.regions):
        if not 0 <= region.image < len(sizes):
            yield _error(
                "wrong_region", "regions", f"region {number} is in image {region.image}: none"
            )
            break
        size = sizes[region.image]
        left, top, right, bottom = region.box
        if size and not (0 <= left < right <= size[0] and 0 <= top < bottom <= size[1]):
            yield _error(
                "wrong_region",
                "regions",
                f"region {number} has box {region.box} in an image of {size[0]} x {size[1]} pixels",
            )
            break
