"""`Problem`: one question with its images, its exact answer and how to verify it.

The contract between data_synth and mm_rl, and the row format on disk (`data_synth.storage`).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Modality(StrEnum):
    """Where the pixels come from (k1.5 §2.3.5 names the first three kinds of vision data)."""

    REAL = "real"
    SYNTHETIC = "synthetic"
    RENDERED = "rendered"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """Text and where it stands in an image: one line of a rendered page.

    Example:
        Region(image=0, text="def add(a, b):", box=(24, 24, 196, 46))
    """

    image: int
    """Position in `Problem.images`."""
    text: str
    box: tuple[int, int, int, int]
    """Left, top, right, bottom in pixels, the last two exclusive."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One verifiable question.

    Example:
        Problem(question="Which cell holds the star?", images=(png,), answer="(b,3)",
                answer_type="tuple", verifier="sequence", source="find_cells")
    """

    question: str
    """What the policy is asked; names the form of the answer."""
    images: tuple[bytes, ...] = ()
    """Encoded image files (PNG or JPEG) in the order the question refers to them."""
    answer: str
    """Canonical answer: the text that belongs inside the box."""
    alternatives: tuple[str, ...] = ()
    """Further references: other accepted answers, or those of other annotators."""
    answer_type: str
    """`number`, `tuple`, `sequence`, `set` or `string`."""
    verifier: str
    """Name of the verifier or scoring rule (`data_synth.verify`) that judges an answer."""
    source: str
    """Task or data set the problem comes from."""
    reasoning: str = ""
    """A demonstration that leads to `answer`, correct by construction; empty if none is known."""
    text_twin: str | None = None
    """For rendered items: the same problem as plain text, answerable without the image."""
    regions: tuple[Region, ...] = ()
    """For rendered items: every line of text in the images."""
    modality: Modality = Modality.SYNTHETIC
    domain: str = "general"
    """Broad tag used to balance prompt sets, such as `spatial` or `charts`."""
    discipline: str = "perception"
    """Narrower tag: the skill that the question wants."""
    difficulty: int = 0
    """Level on the source's own ladder, 0 is easiest."""
    split: str = "train"
    seed: int = 0
    """Seed the item was generated with; 0 for data that was not generated."""
    index: int = 0
    """Position in its source: (source, split, seed, index) regenerates a synthetic item."""
    language: str = "en"
    """Language of the question, an ISO 639-1 code."""
    licence: str = "Apache-2.0"
    """SPDX identifier where one exists."""
    citation: str = ""
    """What to cite for data made elsewhere."""
    eval_only: bool = False
    """A benchmark item, which the mixer refuses in training."""
    id: str = field(default="")
    """Content hash of question, images and answer; filled in when left empty."""

    def __post_init__(self) -> None:
        if not self.id:
            # The one write to a frozen instance: the id is a function of the other fields.
            object.__setattr__(self, "id", content_id(self.question, self.images, self.answer))


def content_id(question: str, images: Sequence[bytes], answer: str) -> str:
    """24 hex digits that identify a problem by what it shows and asks."""
    digest = hashlib.blake2b(digest_size=12)
    for part in (question.encode(), *images, answer.encode()):
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()
