"""How often a policy is right without looking: the bound that every task must stay under.

k1.5 §2.1 leaves out prompts that a model guesses within 8 tries. A task says what its answers are
before any model exists: if a question has n equally likely answers, the best single guess is right
once in n, and 8 different guesses contain the answer 8 times in n.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data_synth.seeding import derive_rng
from data_synth.tasks.base import NUM_LEVELS, Pose, Task

TOP1_LIMIT = 0.05
TOP8_LIMIT = 0.25
NUM_GUESSES = 8
NUM_RANGES = 8
_NUM_POSES = 16
# Longer answer lists are trusted to hold no answer twice: one in 5000 is far below the limits.
_MAX_LISTED_ANSWERS = 5_000
_MIN_EXPECTED = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class LevelBound:
    """Chance of guessing at one level of a task, given the question text.

    Example:
        LevelBound(level=0, top1=0.016, top8=0.125, num_answers=64)
    """

    level: int
    top1: float
    """Probability of the most likely answer."""
    top8: float
    """Probability that the answer is among the eight most likely."""
    num_answers: int
    """Different answers of the question that has the fewest."""

    @property
    def within_limits(self) -> bool:
        """Whether the level is hard enough to guess for RL."""
        return self.top1 <= TOP1_LIMIT and self.top8 <= TOP8_LIMIT


def guess_bound(task: Task[Any], *, num_poses: int = _NUM_POSES) -> list[LevelBound]:
    """The bound per level: the worst of `num_poses` sampled questions."""
    return [
        _level_bound(task, level, [task.pose(rng, task.ladder[level]) for _ in range(num_poses)])
        for level in range(NUM_LEVELS)
        for rng in [derive_rng("guess_bound", task.name, level)]
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Uniformity:
    """How evenly the answers of built scenes fall over what a question can be answered with.

    Example:
        Uniformity(question="Add the digits ...", num_scenes=400, statistic=6.1, degrees=7)
    """

    question: str
    num_scenes: int
    """Scenes that shared this question."""
    statistic: float
    """Pearson's chi-square; compare with a quantile for `degrees` degrees of freedom."""
    degrees: int


def answer_uniformity(
    task: Task[Any], *, level: int, num_scenes: int, seed: int = 0
) -> Uniformity | None:
    """Check `guess_bound` on real scenes: are the answers read off them uniform?

    Takes the question that most of `num_scenes` scenes share and sorts its answers, solved from
    the scenes, into up to 8 ranges of the answer list. None if no question repeats often enough
    for 10 expected answers a range, or if its answers are too many to list.
    """
    rng = derive_rng("answer_uniformity", task.name, level, seed)
    solved: defaultdict[tuple[str, int], list[tuple[Pose, str]]] = defaultdict(list)
    for _ in range(num_scenes):
        pose = task.pose(rng, task.ladder[level])
        total = len(pose.answers)
        scene = task.build(rng, pose, pose.answers[rng.randrange(total)])
        solved[pose.questions["en"][0], total].append((pose, task.format(task.solve(pose, scene))))
    (question, total), scenes = max(solved.items(), key=lambda item: len(item[1]))
    num_ranges = min(total, NUM_RANGES)
    if total > _MAX_LISTED_ANSWERS or len(scenes) < _MIN_EXPECTED * num_ranges:
        return None
    answers = [task.format(answer) for answer in scenes[0][0].answers]
    range_of = {answer: rank * num_ranges // total for rank, answer in enumerate(answers)}
    sizes = Counter(range_of[answer] for answer in answers)
    found = Counter(range_of[answer] for _, answer in scenes)
    expected = {i: len(scenes) * size / total for i, size in sizes.items()}
    return Uniformity(
        question=question,
        num_scenes=len(scenes),
        statistic=sum((found[i] - expected[i]) ** 2 / expected[i] for i in expected),
        degrees=len(expected) - 1,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class GuessRates:
    """How often blind strategies are right on drawn scenes, the bound's empirical counterpart.

    Example:
        GuessRates(majority=0.01, shuffled=0.008)
    """

    majority: float
    """The most frequent answer seen with the same question text (over all, if it is new)."""
    shuffled: float
    """The true answer of another picture with the same question text (any, if it is new)."""


def guess_rates(task: Task[Any], *, level: int, num_scenes: int, seed: int = 0) -> GuessRates:
    """Play both strategies: the first half of the scenes is seen, the second is guessed."""
    items = []
    for index in range(num_scenes):
        rng = derive_rng("guess_rates", task.name, level, seed, index)
        pose = task.pose(rng, task.ladder[level])
        answer = pose.answers[rng.randrange(len(pose.answers))]
        solved = task.solve(pose, task.build(rng, pose, answer))
        items.append((pose.questions["en"][0], task.format(solved)))
    seen: defaultdict[str, list[str]] = defaultdict(list)
    everything = []
    for question, answer in items[: num_scenes // 2]:
        seen[question].append(answer)
        everything.append(answer)
    rng = derive_rng("guess_rates", task.name, level, seed)
    asked = items[num_scenes // 2 :]
    majority = shuffled = 0
    for question, answer in asked:
        known = seen.get(question, everything)
        majority += Counter(known).most_common(1)[0][0] == answer
        shuffled += rng.choice(known) == answer
    return GuessRates(majority=majority / len(asked), shuffled=shuffled / len(asked))


def _level_bound(task: Task[Any], level: int, poses: Sequence[Pose]) -> LevelBound:
    top1 = top8 = 0.0
    num_answers: list[int] = []
    for pose in poses:
        total = len(pose.answers)
        if total <= _MAX_LISTED_ANSWERS:
            # Two answers that are written alike are one answer, and twice as likely.
            counts = Counter(task.format(answer) for answer in pose.answers)
            likeliest = [count for _, count in counts.most_common(NUM_GUESSES)]
        else:
            counts, likeliest = Counter(), [1] * NUM_GUESSES
        num_answers.append(len(counts) or total)
        top1 = max(top1, likeliest[0] / total)
        top8 = max(top8, sum(likeliest) / total)
    return LevelBound(level=level, top1=top1, top8=top8, num_answers=min(num_answers))
