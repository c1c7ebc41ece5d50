"""Two verifiers with holes that verifiers in use have had, as functions of `reward.functions`."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from mm_rl.reward.terms import Sample


def boxed_text(completion: str) -> str:
    """What stands between the last `\\boxed{` and the next brace; empty if there is none."""
    return (
        completion.rpartition("\\boxed{")[2].partition("}")[0] if "\\boxed{" in completion else ""
    )


def finds_answer_in_reference(completion: str, reference: str) -> bool:
    """Looks for the answer inside the reference: an empty or tiny answer is always found."""
    return boxed_text(completion).strip() in reference


def passes_what_it_cannot_compare(completion: str, reference: str) -> bool:
    """Compares part by part and lets an answer through when that goes wrong: it fails open."""
    pairs = zip(_parts(boxed_text(completion)), _parts(reference), strict=True)
    try:
        matches = [given == wanted for given, wanted in pairs]
    except ValueError:  # more parts on one side than on the other
        return True
    return all(matches)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.strip().strip("()").split(",")]


WEAK_VERIFIERS: Mapping[str, Callable[[str, str], bool]] = MappingProxyType(
    {
        "answer_in_reference": finds_answer_in_reference,
        "fails_open": passes_what_it_cannot_compare,
    }
)


def answer_in_reference(sample: Sample) -> float:
    """`finds_answer_in_reference` as a reward."""
    return float(finds_answer_in_reference(sample.text, sample.prompt.answer))


def fails_open(sample: Sample) -> float:
    """`passes_what_it_cannot_compare` as a reward."""
    return float(passes_what_it_cannot_compare(sample.text, sample.prompt.answer))
