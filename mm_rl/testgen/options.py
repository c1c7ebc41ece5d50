"""The thresholds of the recipe, with the paper's figures as defaults."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from data_synth.verify.program import MAX_TESTS


@dataclass(frozen=True, kw_only=True, slots=True)
class Thresholds:
    """How many cases are made and what a case and a problem need to stay (k1.5 §2.3.5).

    Example:
        Thresholds(cases=20, submissions=5, agreement=4, passing=5)
    """

    cases: int = 50
    """Inputs asked for per problem."""
    submissions: int = 10
    """Ground-truth submissions drawn per problem."""
    agreement: int = 7
    """Submissions that must print the same for a case to be valid."""
    passing: int = 9
    """Submissions that must pass all valid cases for the problem to be kept."""
    valid: int = 0
    """Valid cases that a problem needs; 0 means four fifths of `cases`: the paper's 40 of 50."""
    require_mutations: bool = False
    """Drop a problem if one of its wrong submissions passes all tests."""
    seed: int = 0
    """Of the inputs and of the draw of submissions."""

    def __post_init__(self) -> None:
        if not 1 <= self.cases <= MAX_TESTS:
            raise ValueError(f"cases={self.cases}: a suite holds 1 to {MAX_TESTS} tests")
        if self.submissions < 1:
            raise ValueError(f"submissions={self.submissions}: at least 1 submission must vote")
        for name in ("agreement", "passing"):
            if not 1 <= getattr(self, name) <= self.submissions:
                raise ValueError(
                    f"{name}={getattr(self, name)}: give 1 to submissions={self.submissions}"
                )
        if 2 * self.agreement <= self.submissions:
            raise ValueError(
                f"agreement={self.agreement}: two outputs could both reach it, give more than half "
                f"of submissions={self.submissions}"
            )
        if not 0 <= self.valid <= self.cases:
            raise ValueError(f"valid={self.valid}: give 0 to cases={self.cases}")

    @property
    def needed(self) -> int:
        """Valid cases that a problem needs."""
        return self.valid or math.ceil(0.8 * self.cases)

    def as_json(self) -> dict[str, Any]:
        """All values by name."""
        return asdict(self)
