"""Names of baselines and objectives, apart from the tensor code so that configs stay light."""

from enum import StrEnum


class Baseline(StrEnum):
    """What is subtracted from the rewards of a group."""

    MEAN = "mean"
    LEAVE_ONE_OUT = "leave_one_out"
    LOG_MEAN_EXP = "log_mean_exp"


class ObjectiveKind(StrEnum):
    """The policy losses of `mm_rl.objective.policy_loss`."""

    MIRROR_DESCENT = "mirror_descent"
    TOKEN_MIRROR_DESCENT = "token_mirror_descent"
    GRPO = "grpo"
    REINFORCE = "reinforce"
    REST = "rest"
