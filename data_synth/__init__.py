"""Rendered text and synthetic visual reasoning problems with exact answers.

The first stage of the pipeline: everything downstream (curation, rollouts, rewards) consumes the
`Problem` rows that this package makes. It depends on neither torch nor Hydra.
"""

from data_synth.problem import Problem
from data_synth.tasks import TASKS, make_problem

__all__ = ["TASKS", "Problem", "make_problem"]
