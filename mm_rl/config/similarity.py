"""Filters of curation that compare problems with each other and with evaluation sets."""

from dataclasses import dataclass, field

from mm_rl.config.checks import require

PICTURED = ("real", "synthetic", "rendered")
"""Modalities of problems with pictures (`data_synth.problem.Modality`)."""


@dataclass(kw_only=True, slots=True)
class DuplicatesConfig:
    """Exact duplicates by content."""

    contradictions: bool = True
    """Set aside for review what repeats a problem but for its answer."""


@dataclass(kw_only=True, slots=True)
class NearTextConfig:
    """Near-duplicate wording by MinHash."""

    threshold: float = 0.5
    """Jaccard similarity of the shingles from which two texts are one."""
    shingle: int = 2
    """Words of a shingle."""
    permutations: int = 128
    """Length of a MinHash signature."""

    def __post_init__(self) -> None:
        _fraction("near_text.threshold", self.threshold)
        require(self.shingle >= 1, "curation.near_text.shingle", self.shingle, "at least 1")
        require(
            self.permutations >= 16,
            "curation.near_text.permutations",
            self.permutations,
            "choose at least 16",
        )


@dataclass(kw_only=True, slots=True)
class ParaphrasesConfig:
    """The same question in other words, by sentence embeddings."""

    model: str = "wordllama"
    """`wordllama`, whose weights its package ships, or a sentence-embedding model of transformers
    by hub name or local folder (mean pooling)."""
    threshold: float = 0.55
    """Cosine from which two texts are one."""

    def __post_init__(self) -> None:
        _fraction("paraphrases.threshold", self.threshold)


@dataclass(kw_only=True, slots=True)
class ClipTrainingConfig:
    """How the small CLIP model is trained, when `model` is `small`."""

    pairs: int = 2000
    """Pictures with captions to train on."""
    steps: int = 300
    """Optimiser steps; the defaults take about two minutes of one slow CPU core."""
    batch: int = 64
    """Pairs per step: each is told apart from the others of its batch."""
    learning_rate: float = 2e-3
    """Peak of the schedule."""
    seed: int = 0
    """Of pairs, weights and batches."""

    def __post_init__(self) -> None:
        require(self.steps >= 1, "curation.clip.training.steps", self.steps, "at least 1")
        require(
            2 <= self.batch <= self.pairs,
            "curation.clip.training.batch",
            self.batch,
            "choose from 2 to training.pairs",
        )


@dataclass(kw_only=True, slots=True)
class ClipConfig:
    """The open_clip model of `near_images`, `relevance` and `contamination`."""

    model: str = "small"
    """`small` (trained here), a model of open_clip, `hf-hub:OWNER/NAME` or `local-dir:FOLDER`."""
    pretrained: str | None = None
    """Tag of open_clip or a local checkpoint file, for models of open_clip."""
    cache: str | None = None
    """Folder where the small model is kept for other runs; none: in the folder of the run."""
    training: ClipTrainingConfig = field(default_factory=ClipTrainingConfig)


@dataclass(kw_only=True, slots=True)
class NearImagesConfig:
    """Near-duplicate pictures of one question and answer.

    Embeddings and hashes find candidates; registration of the two pictures decides.
    """

    min_cosine: float = 0.5
    """Cosine of CLIP embeddings below which two pictures are not compared."""
    hash_distance: int = 12
    """Bits of 64 by which the perceptual hashes of candidates may differ."""
    neighbours: int = 5
    """How many candidates of each kind are compared with a problem."""
    agreement: float = 0.68
    """How well one picture must explain the other in its worst block (`registration`)."""

    def __post_init__(self) -> None:
        _fraction("near_images.min_cosine", self.min_cosine)
        _fraction("near_images.agreement", self.agreement)
        require(
            0 <= self.hash_distance <= 32,
            "curation.near_images.hash_distance",
            self.hash_distance,
            "choose from 0 to 32 bits",
        )
        require(
            self.neighbours >= 1, "curation.near_images.neighbours", self.neighbours, "at least 1"
        )


@dataclass(kw_only=True, slots=True)
class RelevanceConfig:
    """Whether a picture has to do with its question, by CLIP."""

    modalities: list[str] = field(default_factory=lambda: ["real"])
    """Which problems are judged; rendered and synthetic pictures are relevant by construction."""
    quantile: float = 0.5
    """A pair is dropped that scores below this quantile of mismatched pairs of the pool."""
    max_dropped: float = 0.05
    """Never drop more than this share of the judged problems."""
    min_auc: float = 0.8
    """Drop nothing unless true pairs outscore mismatched ones this often: the model is blind to
    the pool otherwise."""

    def __post_init__(self) -> None:
        for name in ("quantile", "max_dropped", "min_auc"):
            _fraction(f"relevance.{name}", getattr(self, name))
        require(
            bool(self.modalities) and set(self.modalities) <= set(PICTURED),
            "curation.relevance.modalities",
            self.modalities,
            f"choose from {', '.join(PICTURED)}",
        )


@dataclass(kw_only=True, slots=True)
class ContaminationConfig(NearImagesConfig):
    """Problems that evaluation sets hold too."""

    paths: list[str] = field(default_factory=list)
    """Folders or files of evaluation sets, as `data_synth` writes them."""
    ngram: int = 13
    """Words in common that give a text away; a shorter question must be common as a whole."""
    template_count: int = 3
    """An n-gram that so many evaluation problems or so many of the pool contain is a template."""

    def __post_init__(self) -> None:
        # slots=True makes a new class, which the form without arguments would not find.
        NearImagesConfig.__post_init__(self)
        require(self.ngram >= 4, "curation.contamination.ngram", self.ngram, "at least 4")
        require(
            self.template_count >= 2,
            "curation.contamination.template_count",
            self.template_count,
            "at least 2",
        )


def _fraction(key: str, value: float) -> None:
    require(0 <= value <= 1, f"curation.{key}", value, "must be in [0, 1]")
