"""The guess bound on tasks with known answers, and on every real task against its own scenes."""

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest
from PIL import Image

from data_synth.guess import TOP1_LIMIT, TOP8_LIMIT, LevelBound, answer_uniformity, guess_bound
from data_synth.seeding import derive_rng
from data_synth.style import PLAIN, Style
from data_synth.tasks import TASKS, picture
from data_synth.tasks.base import NUM_LEVELS, Pose, Product, Task

ALL_TASKS = [*TASKS.values()]
# Chi-square is larger than this once in ten thousand, by degrees of freedom.
QUANTILES = {1: 15.14, 2: 18.42, 3: 21.11, 4: 23.51, 5: 25.74, 6: 27.86, 7: 29.88}


class Toy(Task[int]):
    """Answers as listed; the scene is the answer itself, or always the first one if biased."""

    name = "toy"
    summary = "toy"
    domain = "toy"
    discipline = "toy"
    answer_type = "string"
    verifier = "exact"
    ladder = tuple(range(NUM_LEVELS))

    def __init__(self, answers: Sequence[Any], *, biased: bool = False) -> None:
        self.answers = answers
        self.biased = biased

    def pose(self, rng: random.Random, config: int) -> Pose:
        return Pose(questions={"en": ["Which?"]}, answers=self.answers)

    def build(self, rng: random.Random, pose: Pose, answer: Any) -> Any:
        return pose.answers[0] if self.biased and rng.random() < 0.2 else answer

    def draw(self, scene: Any, *, size: int, style: Style) -> Image.Image:
        return Image.new("L", (size, size))

    def solve(self, pose: Pose, scene: Any) -> Any:
        return scene

    def reason(self, pose: Pose, scene: Any) -> str:
        return ""

    def format(self, answer: Any) -> str:
        return str(answer).lower()


def test_bound_of_equally_likely_answers() -> None:
    bounds = guess_bound(Toy(range(40)))
    assert [bound.level for bound in bounds] == list(range(NUM_LEVELS))
    assert {(b.top1, b.top8, b.num_answers) for b in bounds} == {(1 / 40, 8 / 40, 40)}


def test_answers_written_alike_count_as_one() -> None:
    # Of 20 answers three are written "a": best guess 3/20, eight guesses 3/20 + 7/20.
    (bound, *_) = guess_bound(Toy(["a", "A", "a", *range(17)]))
    assert (bound.top1, bound.top8, bound.num_answers) == (3 / 20, 10 / 20, 18)
    assert not bound.within_limits


def test_few_answers_are_guessed_surely_within_eight() -> None:
    (bound, *_) = guess_bound(Toy(["yes", "no"]))
    assert (bound.top1, bound.top8, bound.num_answers) == (0.5, 1.0, 2)


def test_a_long_list_is_not_walked() -> None:
    (bound, *_) = guess_bound(Toy(Product([range(1000)] * 4)))
    assert (bound.top1, bound.top8, bound.num_answers) == (1e-12, 8e-12, 10**12)


def test_bound_is_that_of_the_worst_question() -> None:
    class Varied(Toy):
        def pose(self, rng: random.Random, config: int) -> Pose:
            size = rng.choice([20, 100])
            return Pose(questions={"en": [f"Which of {size}?"]}, answers=range(size))

    assert [(b.top1, b.num_answers) for b in guess_bound(Varied([]))] == [(1 / 20, 20)] * 5


@pytest.mark.parametrize(
    ("top1", "top8", "within"),
    [(0.05, 0.25, True), (0.051, 0.25, False), (0.05, 0.251, False)],
)
def test_limits(top1: float, top8: float, within: bool) -> None:
    assert (TOP1_LIMIT, TOP8_LIMIT) == (0.05, 0.25)
    assert LevelBound(level=0, top1=top1, top8=top8, num_answers=9).within_limits is within


@pytest.mark.parametrize("task", ALL_TASKS, ids=lambda task: task.name)
def test_no_task_can_be_guessed(task: Task[Any]) -> None:
    for bound in guess_bound(task, num_poses=6):
        assert bound.within_limits, bound


def test_uniformity_has_the_hand_computed_statistic() -> None:
    found = answer_uniformity(Toy(["x", "y"]), level=0, num_scenes=100)
    assert found is not None
    # Replays the draws: with n answers x of 100, the statistic is 2 (n - 50)^2 / 50.
    rng = derive_rng("answer_uniformity", "toy", 0, 0)
    num_x = [rng.randrange(2) for _ in range(100)].count(0)
    assert found.statistic == pytest.approx(2 * (num_x - 50) ** 2 / 50)
    assert (found.question, found.num_scenes, found.degrees) == ("Which?", 100, 1)


def test_a_build_that_ignores_the_answer_is_found_out() -> None:
    fair = answer_uniformity(Toy(range(64)), level=0, num_scenes=800)
    biased = answer_uniformity(Toy(range(64), biased=True), level=0, num_scenes=800)
    assert fair is not None and biased is not None
    assert fair.degrees == biased.degrees == 7
    assert fair.statistic < QUANTILES[7] < biased.statistic


def test_uniformity_needs_repeated_questions() -> None:
    assert answer_uniformity(Toy(range(64)), level=0, num_scenes=79) is None
    assert answer_uniformity(Toy(range(64)), level=0, num_scenes=80) is not None
    assert answer_uniformity(Toy(range(10**6)), level=0, num_scenes=100) is None


@pytest.mark.slow
def test_answers_of_real_scenes_are_uniform() -> None:
    checked = set()
    for task in ALL_TASKS:
        for level in (0, NUM_LEVELS - 1):
            found = answer_uniformity(task, level=level, num_scenes=600)
            if found is not None:
                assert found.statistic < QUANTILES[found.degrees], (task.name, found)
                checked.add(task.name)
    assert len(checked) >= 3, checked


def test_the_same_question_gets_other_answers_from_other_images() -> None:
    pairs: defaultdict[str, list[bool]] = defaultdict(list)
    for task in ALL_TASKS:
        rng = derive_rng("image necessity", task.name)
        last: dict[str, tuple[str, bytes]] = {}
        for _ in range(120):
            pose = task.pose(rng, task.ladder[0])
            scene = task.build(rng, pose, pose.answers[rng.randrange(len(pose.answers))])
            answer = task.format(task.solve(pose, scene))
            image = picture(task.draw(scene, size=64, style=PLAIN)).tobytes()
            if pose.questions["en"][0] in last:
                old_answer, old_image = last[pose.questions["en"][0]]
                pairs[task.name].append(answer != old_answer)
                # Another answer must show; the same image never has two.
                assert answer == old_answer or image != old_image
            last[pose.questions["en"][0]] = answer, image
    repeated = {name: found for name, found in pairs.items() if len(found) >= 20}
    assert len(repeated) >= 3
    for name, found in repeated.items():
        assert sum(found) / len(found) >= 0.9, name
