"""Curation of a prompt set: which filters, in which order, and what each wants (k1.5 §2.1)."""

from dataclasses import dataclass, field

from mm_rl.config.checks import require
from mm_rl.config.similarity import (
    ClipConfig,
    ContaminationConfig,
    DuplicatesConfig,
    NearImagesConfig,
    NearTextConfig,
    ParaphrasesConfig,
    RelevanceConfig,
)

TAGS = ("domain", "discipline", "modality", "answer_type")
"""What `curation.balance.targets` may name."""
FILTERS = (
    "excluded",
    "mislabelled",
    "exact_duplicates",
    "near_text",
    "paraphrases",
    "near_images",
    "relevance",
    "contamination",
    "guess",
    "blind",
    "difficulty",
    "balance",
)
"""Every filter that `curation.filters` may name; each has the section of its name."""


@dataclass(kw_only=True, slots=True)
class ExcludedConfig:
    """Kinds of question that a verifier cannot judge fairly; `excluded`."""

    rewrite_choices: bool = True
    """Ask a choice question without its choices where its answer stands alone, instead of dropping
    it."""


@dataclass(kw_only=True, slots=True)
class GuessConfig:
    """Answers without any reasoning; `guess`."""

    num_samples: int = 8
    max_hits: int = 0
    """Most right answers that a problem may have and stay; k1.5 removes it at the first."""
    temperature: float = 1.0
    max_tokens: int = 48
    """Cap on an answer: enough for the longest, too few to reason in."""

    def __post_init__(self) -> None:
        _check_sampling("guess", self.num_samples, self.temperature)
        _check_hits("guess", self.max_hits, self.num_samples)
        require(self.max_tokens >= 1, "curation.guess.max_tokens", self.max_tokens, "give 32 to 64")


@dataclass(kw_only=True, slots=True)
class BlindConfig:
    """Answers without the picture; `blind`.

    Chance alone hits too: a question with A equally likely answers is hit within n attempts with
    probability 1 - (1 - 1/A)^n, which for n=4 is 18 % at A=20 and 6 % at A=64. `max_hits` 1 lowers
    these to 1.4 % and 0.14 %, at the price of problems that the text gives away only now and then.
    """

    num_samples: int = 4
    max_hits: int = 0
    """Most right answers that a problem may have and stay."""
    temperature: float = 1.0
    reasoning: bool = True
    """Let it reason about the blank picture; False: the answer at once, as `guess` does."""

    def __post_init__(self) -> None:
        _check_sampling("blind", self.num_samples, self.temperature)
        _check_hits("blind", self.max_hits, self.num_samples)


@dataclass(kw_only=True, slots=True)
class DifficultyConfig:
    """pass@n of the policy as it is; `difficulty`, and the votes of `mislabelled`."""

    num_samples: int = 10
    temperature: float = 1.0
    trivial_from: float = 1.0
    """Pass rate from which on a problem is dropped as trivial."""
    drop_unsolved: bool = False
    """Drop what was never solved; otherwise it is marked and stays, the tail of a curriculum."""

    def __post_init__(self) -> None:
        _check_sampling("difficulty", self.num_samples, self.temperature)
        require(
            0 < self.trivial_from <= 1,
            "curation.difficulty.trivial_from",
            self.trivial_from,
            "choose above 0, at most 1",
        )


@dataclass(kw_only=True, slots=True)
class MislabelledConfig:
    """Reference answers that do not hold; `mislabelled`. They are set aside for review."""

    resolve: bool = True
    """Solve problems of this project's own tasks again."""
    consensus: bool = True
    """Compare with what the attempts of `difficulty` agree on; samples them where they are
    missing."""
    min_answers: int = 8
    """Fewest answers that make a consensus."""
    agreement: float = 0.8
    """Share of the answers that must be the same one, other than the reference."""

    def __post_init__(self) -> None:
        require(
            self.min_answers >= 2, "curation.mislabelled.min_answers", self.min_answers, "give 8"
        )
        require(
            0.5 < self.agreement <= 1,
            "curation.mislabelled.agreement",
            self.agreement,
            "choose above 0.5, at most 1",
        )


@dataclass(kw_only=True, slots=True)
class BalanceConfig:
    """Shares of tag values; `balance`."""

    targets: dict[str, dict[str, float]] = field(default_factory=dict)
    """tag -> value -> the largest share it may have, such as `{modality: {real: 0.3}}`. Values that
    are not named are not limited. Where only named values are left and their shares sum to less
    than 1, the shares are scaled up to 1."""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.targets) - set(TAGS))
        require(not unknown, "curation.balance.targets", unknown, f"choose from {', '.join(TAGS)}")
        for tag, shares in self.targets.items():
            for value, share in shares.items():
                key = f"curation.balance.targets.{tag}.{value}"
                require(0 < share <= 1, key, share, "choose above 0, at most 1")


@dataclass(kw_only=True, slots=True)
class CurationConfig:
    """The stage `curate`: candidates in, prompt set out."""

    num_candidates: int | None = None
    """Problems that enter, at most; null: all of `data.path` and `data.sources`. Those of
    `data.sources` come in whatever else does; the rest is of `data.path`, from its beginning, or
    generated, which takes a number here."""
    filters: list[str] = field(default_factory=lambda: list(FILTERS))
    """Filters in their order; each sees what the ones before left."""
    examples: int = 4
    """Problems per reason that the report shows."""
    excluded: ExcludedConfig = field(default_factory=ExcludedConfig)
    guess: GuessConfig = field(default_factory=GuessConfig)
    blind: BlindConfig = field(default_factory=BlindConfig)
    difficulty: DifficultyConfig = field(default_factory=DifficultyConfig)
    mislabelled: MislabelledConfig = field(default_factory=MislabelledConfig)
    exact_duplicates: DuplicatesConfig = field(default_factory=DuplicatesConfig)
    near_text: NearTextConfig = field(default_factory=NearTextConfig)
    paraphrases: ParaphrasesConfig = field(default_factory=ParaphrasesConfig)
    clip: ClipConfig = field(default_factory=ClipConfig)
    near_images: NearImagesConfig = field(default_factory=NearImagesConfig)
    relevance: RelevanceConfig = field(default_factory=RelevanceConfig)
    contamination: ContaminationConfig = field(default_factory=ContaminationConfig)
    balance: BalanceConfig = field(default_factory=BalanceConfig)

    def __post_init__(self) -> None:
        unknown = [name for name in self.filters if name not in FILTERS]
        require(not unknown, "curation.filters", unknown, f"choose from {', '.join(FILTERS)}")
        twice = sorted({name for name in self.filters if self.filters.count(name) > 1})
        require(not twice, "curation.filters", twice, "name each filter once")
        require(
            self.num_candidates is None or self.num_candidates >= 1,
            "curation.num_candidates",
            self.num_candidates,
            "give at least 1, or null for all there are",
        )
        require(
            not self.balance.targets or "balance" in self.filters,
            "curation.balance.targets",
            self.balance.targets,
            "add balance to curation.filters, which would leave them unread",
        )
        votes = self.mislabelled
        require(
            "mislabelled" not in self.filters
            or not votes.consensus
            or self.difficulty.num_samples >= votes.min_answers,
            "curation.difficulty.num_samples",
            self.difficulty.num_samples,
            f"the consensus of `mislabelled` takes curation.mislabelled.min_answers="
            f"{votes.min_answers} of them: raise this, lower that, or set "
            "curation.mislabelled.consensus=false",
        )
        require(self.examples >= 0, "curation.examples", self.examples, "0 shows none")


def _check_sampling(name: str, num_samples: int, temperature: float) -> None:
    require(num_samples >= 1, f"curation.{name}.num_samples", num_samples, "give at least 1")
    require(
        temperature > 0,
        f"curation.{name}.temperature",
        temperature,
        "attempts must be able to differ: choose above 0",
    )


def _check_hits(name: str, max_hits: int, num_samples: int) -> None:
    require(
        0 <= max_hits < num_samples,
        f"curation.{name}.max_hits",
        max_hits,
        f"choose 0 to {num_samples - 1}: with more, nothing could be dropped",
    )
