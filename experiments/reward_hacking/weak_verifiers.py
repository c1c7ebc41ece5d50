"""Two verifiers with holes that verifiers in use have had; reward functions for `reward.extra`."""

from mm_rl.reward.terms import Sample


def boxed_text(text: str) -> str:
    """What stands between the last `\\boxed{` and the next brace; empty if there is none."""
    return text.rpartition("\\boxed{")[2].partition("}")[0] if "\\boxed{" in text else ""


def answer_in_reference(sample: Sample) -> float:
    """Looks for the answer inside the reference: an empty or tiny answer is always found."""
    return float(boxed_text(sample.text).strip() in sample.prompt.answer)


def parts_in_answer(sample: Sample) -> float:
    """Looks for every part of the reference inside the answer: order and extra parts are free."""
    given = set(_parts(boxed_text(sample.text)))
    return float(all(part in given for part in _parts(sample.prompt.answer)))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.strip().strip("()").split(",")]
