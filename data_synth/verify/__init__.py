"""Is an answer right? The half of a problem that a picture does not show.

A problem names its verifier, and training, evaluation and `data_synth validate` all ask here:
typed verifiers compare exactly (`typed`), the published data sets are scored by their own rules
(`official`), printed values and reasoning-gym by modules of their own.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from data_synth.verify import python_literal, reasoning_gym
from data_synth.verify.answer import extract_answer, format_completion
from data_synth.verify.official import SCORING_RULES as OFFICIAL_RULES
from data_synth.verify.official import ScoringRule
from data_synth.verify.typed import TYPED_VERIFIERS
from data_synth.verify.verdict import Reason, Verdict

__all__ = ["VERIFIER_NAMES", "Reason", "Verdict", "check_reference", "verify"]

SCORING_RULES: Mapping[str, ScoringRule] = MappingProxyType(
    {**OFFICIAL_RULES, **python_literal.RULES, **reasoning_gym.RULES}
)
VERIFIER_NAMES = (*TYPED_VERIFIERS, *SCORING_RULES)


def verify(
    name: str, reference: str, answer: str | None, *, alternatives: Sequence[str] = ()
) -> Verdict:
    """Compare an extracted answer (None: the completion had none) with the reference.

    `alternatives` are further references: other accepted answers, or those of other annotators.
    A typed verifier accepts an answer that equals any of them.

    Raises:
        ValueError: an unknown verifier, or a reference the verifier cannot read.
    """
    references = (reference, *alternatives)
    if name in SCORING_RULES:
        if answer is None:
            return Verdict(correct=False, reason=Reason.NO_ANSWER)
        return SCORING_RULES[name](references, answer)
    if name not in TYPED_VERIFIERS:
        raise ValueError(f"unknown verifier {name!r}: choose one of {', '.join(VERIFIER_NAMES)}")
    if answer is None:
        return Verdict(correct=False, reason=Reason.NO_ANSWER)
    verdicts = [TYPED_VERIFIERS[name](each, answer) for each in references]
    return next((verdict for verdict in verdicts if verdict.correct), verdicts[0])


def check_reference(name: str, reference: str, *, alternatives: Sequence[str] = ()) -> None:
    """Raise ValueError unless the reference, given as an answer in its box, is judged correct."""
    answer = extract_answer(format_completion("", reference)).text
    verdict = verify(name, reference, answer, alternatives=alternatives)
    if not verdict.correct:
        raise ValueError(
            f"verifier {name!r} rejects its own reference {reference!r} ({verdict.reason}): "
            "correct the reference or choose the verifier that fits its type"
        )
