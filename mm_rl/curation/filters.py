"""From the configured names to filters."""

from collections.abc import Callable

from mm_rl.config.curation import CurationConfig
from mm_rl.curation.balance import BalanceFilter
from mm_rl.curation.base import Filter
from mm_rl.curation.excluded import ExcludedFilter
from mm_rl.curation.mislabelled import MislabelledFilter
from mm_rl.curation.readable import ReadableFilter
from mm_rl.curation.sampled import BlindFilter, DifficultyFilter, GuessFilter
from mm_rl.curation.similarity.contamination import Contamination, read_evaluation_sets
from mm_rl.curation.similarity.exact import ExactDuplicates
from mm_rl.curation.similarity.near_images import NearImages
from mm_rl.curation.similarity.near_text import NearText
from mm_rl.curation.similarity.paraphrases import Paraphrases
from mm_rl.curation.similarity.relevance import Relevance
from mm_rl.run import Run

# Sets that a run measures itself on: what a curated set must not hold.
_EVALUATED = ("eval", "easy_vqa_eval")


def build_filters(config: CurationConfig, run: Run) -> list[Filter]:
    """`readable`, then the filters of `curation.filters` in their order.

    Raises:
        ValueError: an evaluation set of `curation.contamination.paths` that is not there.
    """
    evaluated = {role: run.prompts[role] for role in _EVALUATED if role in run.prompts}
    makers: dict[str, Callable[[], Filter]] = {
        "excluded": lambda: ExcludedFilter(config.excluded),
        "mislabelled": lambda: MislabelledFilter(config.mislabelled, config.difficulty),
        "exact_duplicates": lambda: ExactDuplicates(config.exact_duplicates),
        "near_text": lambda: NearText(config.near_text),
        "paraphrases": lambda: Paraphrases(config.paraphrases),
        "near_images": lambda: NearImages(config.near_images, config.clip),
        "relevance": lambda: Relevance(config.relevance, config.clip),
        "contamination": lambda: Contamination(
            config.contamination,
            config.clip,
            evaluated | read_evaluation_sets(config.contamination.paths),
        ),
        "guess": lambda: GuessFilter(config.guess),
        "blind": lambda: BlindFilter(config.blind),
        "difficulty": lambda: DifficultyFilter(config.difficulty),
        "balance": lambda: BalanceFilter(config.balance),
    }
    return [ReadableFilter(), *(makers[name]() for name in config.filters)]
