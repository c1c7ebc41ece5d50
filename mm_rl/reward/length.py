"""The length reward (k1.5 §2.3.3).

Among the k responses of a prompt, with len(i) the tokens of thought and answer over all segments:

    lambda_i = 0.5 - (len(i) - min_len) / (max_len - min_len)
    reward_i = lambda_i           if response i is correct
               min(0, lambda_i)   if it is wrong

and 0 for all when every length is equal. min and max run over all k responses, not only the correct
ones. With weight alpha a correct response stays above every wrong one while alpha < 2.
"""

from collections.abc import Sequence


def compute_length_rewards(
    lengths: Sequence[int],
    correct: Sequence[bool],
    *,
    aborted: Sequence[bool] | None = None,
) -> list[float]:
    """Length rewards of one prompt's responses, each in [-0.5, 0.5].

    Args:
        lengths: tokens of each response, thought and answer, over all of its segments.
        correct: whether each response earned the task reward.
        aborted: if given, responses cut by the repetition check or the length cap; they neither
            set min_len and max_len nor fall outside [-0.5, 0.5]. One runaway response would
            otherwise press all others together near +0.5. The paper takes all k.
    """
    if aborted is None:
        aborted = [False] * len(lengths)
    counted = [length for length, cut in zip(lengths, aborted, strict=True) if not cut]
    if not counted or min(counted) == max(counted):
        return [0.0] * len(lengths)
    shortest, longest = min(counted), max(counted)
    rewards = []
    for length, is_correct in zip(lengths, correct, strict=True):
        score = 0.5 - (length - shortest) / (longest - shortest)
        score = max(-0.5, min(0.5, score))
        rewards.append(score if is_correct else min(0.0, score))
    return rewards
