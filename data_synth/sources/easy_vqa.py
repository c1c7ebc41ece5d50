"""easy-vqa: 5,000 pictures of one shape, some 48,000 questions, offline inside a PyPI package.

About three quarters of its questions are answered yes or no, so it shows what curation must reject
(k1.5 §2.1 leaves out guessable prompts) and makes poor RL data.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data_synth.problem import Modality, Problem
from data_synth.sources.base import Source, import_package
from data_synth.sources.files import refuse_path

NAME = "easy-vqa"
SPLITS = ("train", "test")


class EasyVqa(Source):
    """The package's own splits, in the package's order."""

    name = NAME
    licence = "MIT"
    citation = "Victor Zhou, easy-VQA, 2019, https://github.com/vzhou842/easy-VQA"
    scoring = "exact"
    splits = SPLITS

    def _read(
        self, split: str, *, path: str | None, streaming: bool, revision: str | None
    ) -> Iterator[Problem]:
        refuse_path(NAME, path)
        package = import_package("easy_vqa", source=NAME, install="easy-vqa")
        if split == "train":
            return self._rows(package.get_train_questions(), package.get_train_image_paths(), split)
        return self._rows(package.get_test_questions(), package.get_test_image_paths(), split)

    def _rows(self, questions: Any, paths: dict[int, str], split: str) -> Iterator[Problem]:
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
                licence=self.licence,
                citation=self.citation,
            )


def load_easy_vqa(split: str = "train") -> Iterator[Problem]:
    """Stream a split in the package's order; images are read one at a time, as they are needed.

    Raises:
        ValueError: unknown split, or the package is not installed.
    """
    return EasyVqa().open(split)


def count_easy_vqa(split: str = "train") -> int:
    """Number of questions in a split."""
    package = import_package("easy_vqa", source=NAME, install="easy-vqa")
    load = package.get_train_questions if split == "train" else package.get_test_questions
    return len(load()[0])
