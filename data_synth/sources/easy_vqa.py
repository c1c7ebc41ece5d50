"""easy-vqa: 5,000 pictures of one shape, some 48,000 questions, offline inside a PyPI package.

The first source made elsewhere. About three quarters of its questions are answered yes or no, so
it shows what curation must reject (k1.5 §2.1 leaves out guessable prompts) and makes poor RL data.
"""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data_synth.problem import Modality, Problem

NAME = "easy-vqa"
SPLITS = ("train", "test")


def load_easy_vqa(split: str = "train") -> Iterator[Problem]:
    """Stream a split in the package's order; images are read one at a time, as they are needed.

    Raises:
        ValueError: unknown split, or the package is not installed.
    """
    package = _import_package()
    if split == "train":
        questions, paths = package.get_train_questions(), package.get_train_image_paths()
    elif split == "test":
        questions, paths = package.get_test_questions(), package.get_test_image_paths()
    else:
        raise ValueError(f"split={split!r} of {NAME}: choose {' or '.join(SPLITS)}")
    return _read(questions, paths, split)


def count_easy_vqa(split: str = "train") -> int:
    """Number of questions in a split."""
    package = _import_package()
    load = package.get_train_questions if split == "train" else package.get_test_questions
    return len(load()[0])


def _import_package() -> Any:
    try:
        return importlib.import_module("easy_vqa")
    except ImportError as error:
        raise ValueError(
            f"source {NAME!r} needs the package easy-vqa: run `pip install easy-vqa`"
        ) from error


def _read(
    questions: tuple[list[str], list[str], list[int]], paths: dict[int, str], split: str
) -> Iterator[Problem]:
    image_id, image = -1, b""
    for index, (question, answer, wanted) in enumerate(zip(*questions, strict=True)):
        if wanted != image_id:  # the questions of one image stand together
            image_id, image = wanted, Path(paths[wanted]).read_bytes()
        yield Problem(
            question=question,
            images=(image,),
            answer=answer,
            answer_type="string",
            verifier="exact",
            source=NAME,
            modality=Modality.REAL,
            domain="vqa",
            split=split,
            index=index,
            licence="MIT",
        )
