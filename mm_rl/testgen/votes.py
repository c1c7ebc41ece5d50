"""Votes of submissions on outputs: pure functions, so that thresholds can be checked by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

from data_synth.verify.program import same_output

TIME_LIMITS_S = (2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
"""Measured times are rounded up to these, so that a suite does not depend on the machine's mood."""
TIME_FACTOR = 3.0
"""Slack for programs slower than the slowest accepted one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Majority:
    """The output that most submissions printed.

    Example:
        Majority(output="7\\n", agrees=(True, True, False))
    """

    output: str
    """In normal form; empty if no submission printed anything readable."""
    agrees: tuple[bool, ...]
    """By submission: printed the same."""

    @property
    def votes(self) -> int:
        """Submissions that agree."""
        return sum(self.agrees)


def normal_output(output: bytes) -> str | None:
    """Without white space at the ends of lines and of the text; None if it is no UTF-8."""
    try:
        text = output.decode()
    except UnicodeDecodeError:  # untrusted output
        return None
    return "\n".join(line.rstrip() for line in text.rstrip().split("\n")) + "\n"


def find_majority(outputs: Sequence[bytes | None], *, tolerance: str = "") -> Majority:
    """Count which output most submissions agree on; None stands for a run that failed.

    Outputs are compared as the judge of the final suite compares them. Of outputs with equal
    support the one printed most often letter by letter is taken, then the first.
    """
    texts = [None if output is None else normal_output(output) for output in outputs]
    best = Majority(output="", agrees=(False,) * len(outputs))
    best_rank = (0, 0)
    for candidate in dict.fromkeys(text for text in texts if text is not None):
        agrees = tuple(
            text is not None
            and (text == candidate or same_output(candidate, text.encode(), tolerance=tolerance))
            for text in texts
        )
        rank = (sum(agrees), texts.count(candidate))
        if rank > best_rank:
            best, best_rank = Majority(output=candidate, agrees=agrees), rank
    return best


def passing_submissions(valid: Sequence[Majority]) -> tuple[bool, ...]:
    """By submission: agrees with the majority on every valid case."""
    return tuple(all(flags) for flags in zip(*(case.agrees for case in valid), strict=True))


def time_limit(slowest_s: float) -> float | None:
    """CPU seconds to allow when the slowest accepted run took `slowest_s`; None if too many."""
    wanted = TIME_FACTOR * slowest_s
    return next((limit for limit in TIME_LIMITS_S if limit >= wanted), None)
