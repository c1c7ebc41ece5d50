"""Image-text relevance by CLIP, calibrated on mismatched pairs of the very pool.

Raw cosines cannot be compared between models, nor between pools. What can be is how true pairs
score against pairs with the texts exchanged. Embeddings are centred first, so that a text that
scores high with every image gains nothing by it. Two safeguards keep a weak model from throwing
good data away: if true pairs do not clearly outscore mismatched ones (AUC below `min_auc`), the
model cannot judge this pool and nothing is dropped; and never more than `max_dropped` is.
"""

import hashlib
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from data_synth.seeding import derive_rng
from mm_rl.config.similarity import ClipConfig, RelevanceConfig
from mm_rl.curation.base import WARNING, Drop, Filter, Pool
from mm_rl.curation.similarity.content import describe
from mm_rl.curation.similarity.near_images import image_file
from mm_rl.curation.similarity.packages import curate_module
from mm_rl.curation.similarity.pictures import LoadFile, rgb
from mm_rl.curation.similarity.store import EmbeddingStore
from mm_rl.progress import StageProgress

MIN_PAIRS = 50
"""Fewer judged problems say too little about what a mismatched pair scores."""
_SHUFFLES = 8


class Relevance(Filter):
    """Drops problems whose picture has nothing to do with their question."""

    name: ClassVar[str] = "relevance"

    def __init__(self, config: RelevanceConfig, clip: ClipConfig) -> None:
        self.config, self.clip = config, clip

    def apply(self, pool: Pool) -> dict[int, Drop]:
        """See `Filter`; reason `irrelevant`. Leaves the note `relevance` for judged problems.

        Raises:
            ValueError: an image that cannot be decoded, or a model or package is missing.
        """
        texts, images, files = self._judged(pool)
        if len(texts) < MIN_PAIRS:
            pool.remark(f"{len(texts)} problems to judge, {MIN_PAIRS} are needed: not done")
            return {}
        text_vectors, image_vectors = self._embed(pool, texts, images, files)
        matched, mismatched = pair_scores(image_vectors, text_vectors, list(texts.values()))
        auc = area_under_curve(matched, mismatched)
        for index, score in zip(texts, matched.tolist(), strict=True):
            pool.note(index, relevance=round(score, 4))
        if auc < self.config.min_auc:
            pool.remark(
                f"{WARNING}AUC {auc:.2f} of true against mismatched pairs is below "
                f"{self.config.min_auc}: the model cannot judge this pool, and nothing is dropped"
            )
            return {}
        threshold = min(
            float(mismatched.quantile(self.config.quantile)),
            float(matched.quantile(self.config.max_dropped)),
        )
        return {
            index: Drop(
                reason="irrelevant",
                detail=f"score {score:.3f} below {threshold:.3f}, AUC of the pool {auc:.2f}",
            )
            for index, score in zip(texts, matched.tolist(), strict=True)
            if score < threshold
        }

    def _judged(
        self, pool: Pool
    ) -> tuple[dict[int, str], dict[int, tuple[str, ...]], dict[str, LoadFile]]:
        """Questions and image keys by index, and files by image key."""
        texts: dict[int, str] = {}
        images: dict[int, tuple[str, ...]] = {}
        files: dict[str, LoadFile] = {}
        with StageProgress(self.name, total=len(pool.alive)) as progress:
            for index in pool.alive:
                problem = pool.problem(index)
                progress.advance()
                if problem.modality not in self.config.modalities or not problem.images:
                    continue
                keys = describe(problem).images
                if not keys:
                    continue
                texts[index], images[index] = problem.question, keys
                for place, key in enumerate(keys):
                    files[key] = partial(image_file, pool, index, place)
        return texts, images, files

    def _embed(
        self,
        pool: Pool,
        texts: dict[int, str],
        images: dict[int, tuple[str, ...]],
        files: dict[str, LoadFile],
    ) -> tuple[Tensor, Tensor]:
        """Vectors of texts and of problems' images (their mean), [problem, dimension] each."""
        folder = pool.run.folder / "curation"
        clip = curate_module("clip", needs="open_clip").clip_embedder(self.clip, folder)
        store = EmbeddingStore(folder / "embeddings" / clip.key)

        def embed_files(loads: list[LoadFile]) -> Tensor:
            return clip.embed_images([rgb(load()) for load in loads])

        store.fill(files, lambda loads: embed_files(list(loads)), f"{self.name}: images")
        text_store = EmbeddingStore(folder / "embeddings" / f"{clip.key}-text")
        keys = {index: _key(text) for index, text in texts.items()}
        text_store.fill(
            {keys[index]: text for index, text in texts.items()},
            clip.embed_texts,
            f"{self.name}: questions",
        )
        image_vectors = torch.stack([store.rows(images[index]).mean(dim=0) for index in texts])
        return text_store.rows(list(keys.values())), functional.normalize(image_vectors, dim=-1)


def pair_scores(images: Tensor, texts: Tensor, wording: list[str]) -> tuple[Tensor, Tensor]:
    """Scores of the true pairs [problem] and of mismatched ones, whose texts differ.

    Args:
        images: unit vectors [problem, dimension].
        texts: the same of the questions.
        wording: the questions; equal ones make no mismatched pair.
    """
    images = functional.normalize(images - images.mean(dim=0), dim=-1)
    texts = functional.normalize(texts - texts.mean(dim=0), dim=-1)
    matched = (images * texts).sum(dim=-1)
    shifts = derive_rng("relevance shuffles", len(texts)).sample(range(1, len(texts)), _SHUFFLES)
    mismatched = [
        float(images[i] @ texts[(i + shift) % len(texts)])
        for shift in shifts
        for i in range(len(texts))
        if wording[i] != wording[(i + shift) % len(texts)]
    ]
    return matched, torch.tensor(mismatched)


def area_under_curve(high: Tensor, low: Tensor) -> float:
    """How often a score of `high` exceeds one of `low`, ties half; 0.5 if one of them is empty."""
    if not len(high) or not len(low):
        return 0.5
    ordered = low.sort().values
    below = torch.searchsorted(ordered, high)
    not_above = torch.searchsorted(ordered, high, right=True)
    return float((below + not_above).double().mean() / 2 / len(low))


def _key(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
