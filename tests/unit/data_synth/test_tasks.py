"""Every task: determinism, answers re-derived, guess bound, true demonstrations, sound pictures."""

import hashlib
import math
import random
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from data_synth import TASKS, make_problem
from data_synth.canvas import ARROWS, SHAPES, Mark, draw_grid
from data_synth.guess import TOP1_LIMIT, TOP8_LIMIT, guess_bound, guess_rates
from data_synth.seeding import derive_rng
from data_synth.style import COLORS
from data_synth.tasks import PosedScene, make_scene
from data_synth.tasks.base import NUM_LEVELS, Pose, Product, Task
from data_synth.tasks.mirror_fill import MirrorFill
from data_synth.tasks.row_sums import RowSums
from data_synth.tasks.swap_cups import SwapCups
from data_synth.verify import check_reference, verify
from data_synth.verify.answer import extract_answer, format_completion
from mm_rl.prompts.images import decode_image

ROOT = Path(__file__).parents[3]
EVERY_TASK = pytest.mark.parametrize("name", sorted(TASKS))
# A program is not compared as a text but run: see tests/unit/data_synth/tasks/test_write_program.py
EVERY_BOXED_TASK = pytest.mark.parametrize("name", sorted(set(TASKS) - {"write_program"}))
LEVELS = range(NUM_LEVELS)


def same_answer(task: Task[Any], answer: Any, solved: Any) -> bool:
    if task.verifier == "program":
        return bool(solved == answer)
    return verify(task.verifier, task.format(answer), task.format(solved)).correct


@EVERY_TASK
def test_the_solver_agrees_with_the_answer_that_was_drawn_first(name: str) -> None:
    task = TASKS[name]
    for level in LEVELS:
        for index in range(60):
            rng = derive_rng("solver", name, level, index)
            pose = task.pose(rng, task.ladder[level])
            answer = pose.answers[rng.randrange(len(pose.answers))]
            solved = task.solve(pose, task.build(rng, pose, answer))
            assert same_answer(task, answer, solved)


@EVERY_TASK
def test_guess_bound_holds_at_every_level(name: str) -> None:
    for bound in guess_bound(TASKS[name]):
        assert bound.top1 <= TOP1_LIMIT and bound.top8 <= TOP8_LIMIT, bound


@EVERY_BOXED_TASK
def test_the_demonstration_ends_in_the_answer(name: str) -> None:
    """The check repeats the parts of the answer in order, and the whole is a valid completion."""
    for index in range(20):
        problem = make_problem(name, index=index, level=index % NUM_LEVELS, image_size=64)
        assert problem.reasoning.startswith("plan: ")
        parts = re.findall(r"[A-Za-z0-9-]+", problem.answer)
        closing = re.findall(r"[A-Za-z0-9-]+", problem.reasoning.rpartition("check:")[2])
        assert closing == parts
        completion = format_completion(problem.reasoning, problem.answer)
        assert extract_answer(completion).text == problem.answer
        check_reference(problem.verifier, problem.answer)


@EVERY_TASK
def test_items_of_other_seeds_splits_and_indices_differ(name: str) -> None:
    def key(**where: object) -> str:
        return make_problem(name, image_size=64, **where).id  # type: ignore[arg-type]

    ids = [
        key(index=index, seed=seed, split=split)
        for index in range(25)
        for seed in (0, 1)
        for split in ("train", "eval")
    ]
    # Small scenes may coincide by chance; neighbouring seeds must not be shifted copies.
    assert len(set(ids)) >= 98
    assert key(index=3) == key(index=3)


@EVERY_TASK
def test_size_changes_the_drawing_only(name: str) -> None:
    small = make_problem(name, index=5, image_size=64)
    large = make_problem(name, index=5, image_size=448)
    assert (small.question, small.answer, small.reasoning) == (
        large.question,
        large.answer,
        large.reasoning,
    )
    (small_width, small_height), (width, height) = (
        decode_image(problem.images[0], name="picture").size for problem in (small, large)
    )
    assert (small_width, width) == (64, 448)
    assert height == pytest.approx(7 * small_height, abs=7)


@EVERY_TASK
def test_the_image_decides_the_answer(name: str) -> None:
    """Items with the same question but other pictures have other answers."""
    answers: dict[str, list[tuple[str, bytes]]] = {}
    for index in range(300):
        problem = make_problem(name, index=index, image_size=64)
        answers.setdefault(problem.question, []).append((problem.answer, problem.images[0]))
    pairs = [(a, b) for items in answers.values() for a, b in pairwise(items)]
    assert pairs
    assert sum(a[0] != b[0] for a, b in pairs) >= 0.9 * len(pairs)
    assert all(a[1] != b[1] for a, b in pairs if a[0] != b[0])


@EVERY_TASK
def test_every_level_takes_at_least_the_work_of_the_one_before(name: str) -> None:
    """Words of the solver's own trace plus bits of the answer, means over 40 scenes."""

    def work(level: int) -> float:
        total = 0.0
        for index in range(40):
            posed = make_scene(name, index=index, level=level)
            words = len(posed.task.reason(posed.pose, posed.scene).split())
            total += words + math.log2(len(posed.pose.answers))
        return total / 40

    ladder = [work(level) for level in LEVELS]
    # A level may also be harder to see and not to solve, such as a dial without numerals.
    assert all(harder > 0.93 * easier for easier, harder in pairwise(ladder)), ladder
    assert ladder[-1] > 1.3 * ladder[0], ladder


@EVERY_TASK
def test_questions_come_in_english_and_chinese(name: str) -> None:
    for level in LEVELS:
        english = make_problem(name, index=level, level=level, image_size=64)
        chinese = make_problem(name, index=level, level=level, image_size=64, language="zh")
        assert english.question.isascii()
        assert any("\u4e00" <= char <= "\u9fff" for char in chinese.question)
        assert (chinese.answer, chinese.images) == (english.answer, english.images)
        assert (english.language, chinese.language) == ("en", "zh")


@EVERY_TASK
def test_a_varied_style_changes_the_looks_alone(name: str) -> None:
    plain = [make_problem(name, index=i, level=1, image_size=128) for i in range(4)]
    varied = [
        make_problem(name, index=i, level=1, image_size=128, style="varied") for i in range(4)
    ]
    for one, other in zip(plain, varied, strict=True):
        assert (one.question, one.answer, one.reasoning) == (
            other.question,
            other.answer,
            other.reasoning,
        )
    assert sum(one.images != other.images for one, other in zip(plain, varied, strict=True)) >= 3


@EVERY_TASK
def test_blind_strategies_stay_near_the_bound(name: str) -> None:
    """Most frequent answer and another picture's answer, by question text: at most 5 %."""
    for level in (0, NUM_LEVELS - 1):
        rates = guess_rates(TASKS[name], level=level, num_scenes=600)
        # 300 guesses at 5 % have a standard deviation of 1.3 %.
        assert rates.majority < TOP1_LIMIT + 0.04, rates
        assert rates.shuffled < TOP1_LIMIT + 0.04, rates


@EVERY_TASK
def test_ladders_hold_one_configuration_per_level(name: str) -> None:
    ladder = TASKS[name].ladder
    assert len(ladder) == NUM_LEVELS == len({repr(config) for config in ladder})
    assert len({type(config) for config in ladder}) == 1


def test_knobs_replace_fields_of_the_level() -> None:
    plain = make_problem("row_sums", index=0, level=2)
    wide = make_problem("row_sums", index=0, level=2, knobs={"side": 7})
    assert (plain.answer.count(","), wide.answer.count(",")) == (3, 6)
    assert make_problem("row_sums", index=0, level=2, knobs={}).id == plain.id
    with pytest.raises(ValueError, match="no knob 'sides': choose from side, max_digit"):
        make_problem("row_sums", index=0, knobs={"sides": 7})
    with pytest.raises(ValueError, match="knob side='7' of task row_sums: give a int such as 4"):
        make_problem("row_sums", index=0, knobs={"side": "7"})


def test_degraded_pictures_keep_problem_and_size() -> None:
    clean = make_problem("find_cells", index=0, level=1, image_size=256)
    dirty = make_problem("find_cells", index=0, level=1, image_size=256, degradation=0.6)
    assert (clean.question, clean.answer) == (dirty.question, dirty.answer)
    first, second = (decode_image(p.images[0], name="p") for p in (clean, dirty))
    assert first.size == second.size == (256, 256)
    assert first.tobytes() != second.tobytes()


@pytest.mark.slow
@EVERY_TASK
def test_ten_thousand_scenes_are_solved_and_shared_by_no_two_seeds(name: str) -> None:
    """Ten neighbouring seeds: 10,000 of the hardest level differ, 10,000 of all are solved."""

    def assert_solved(posed: PosedScene) -> None:
        task = posed.task
        solved = task.solve(posed.pose, posed.scene)
        assert same_answer(task, posed.answer, solved), posed.scene

    found: dict[str, tuple[int, int]] = {}
    twins = []
    for seed in range(10):
        for index in range(1_000):
            posed = make_scene(name, index=index, seed=seed, level=NUM_LEVELS - 1)
            key = repr((posed.pose.questions, posed.scene))
            if key in found:
                twins.append((found[key], (seed, index)))
            found[key] = (seed, index)
            if index % 2:
                assert_solved(posed)
                level = index // 2 % (NUM_LEVELS - 1)
                assert_solved(make_scene(name, index=index, seed=seed, level=level))
    # Shifted seeds would share thousands; chance alone shares 0.03 in the smallest scene space.
    assert len(twins) <= 1, twins


@pytest.mark.parametrize(("name", "level"), [("nothing", 0), ("row_sums", 5), ("row_sums", -1)])
def test_unknown_names_and_levels_are_refused(name: str, level: int) -> None:
    with pytest.raises(ValueError, match=r"unknown task 'nothing'|level=-?\d of task row_sums"):
        make_problem(name, index=0, level=level)


def test_problems_are_equal_in_another_process_with_another_hash_seed() -> None:
    code = (
        "import hashlib; from data_synth import TASKS, make_problem; "
        "print(hashlib.md5(b''.join(repr(make_problem(n, index=4, image_size=64)).encode() "
        "for n in sorted(TASKS))).hexdigest())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("0", "123")
    }
    here = hashlib.md5(
        b"".join(repr(make_problem(n, index=4, image_size=64)).encode() for n in sorted(TASKS))
    ).hexdigest()
    assert outputs == {here}


def test_swap_demonstration_by_hand() -> None:
    """Every statement of a demonstration holds: one worked example per kind of chain."""
    cup = Mark("circle", "red")
    scene = [
        [Mark("E"), Mark("H"), Mark("C"), Mark("A")],
        [None, cup, cup, None],
        [cup, None, None, cup],
    ]
    task, pose = SwapCups(), Pose(questions={}, answers=())
    assert task.solve(pose, scene) == ("A", "C", "H", "E")
    assert task.reason(pose, scene) == (
        "plan: swap. scan: E H C A. - x x - : E C H A. x - - x : A C H E. check: A C H E."
    )


def test_sum_demonstration_by_hand() -> None:
    scene = [[Mark("1"), Mark("4")], [Mark("0"), Mark("9")]]
    task, pose = RowSums(), Pose(questions={}, answers=())
    assert task.reason(pose, scene) == "plan: add. scan: 1 4 = 5. 0 9 = 9. check: 5 9."


def test_mirror_demonstration_by_hand() -> None:
    red, blue, hidden = Mark("square", "red"), Mark("square", "blue"), Mark("?")
    scene = [[red, hidden, blue, red], [blue, red, red, hidden]]
    task, pose = MirrorFill(), Pose(questions={}, answers=())
    assert task.reason(pose, scene) == (
        "plan: mirror. scan: red ? blue red : blue. blue red red ? : blue. check: blue blue."
    )


def test_row_sums_are_uniform_over_their_answers() -> None:
    """Guessability is computed from `answers`; here its uniformity is measured."""
    sums = Counter()  # type: ignore[var-annotated]
    for index in range(4000):
        problem = make_problem("row_sums", index=index, image_size=64)
        sums[problem.answer.strip("()").split(",")[0]] += 1
    expected = 4000 / 17
    chi_square = sum((count - expected) ** 2 / expected for count in sums.values())
    assert len(sums) == 17
    assert chi_square < 39.3  # 99.9 % quantile with 16 degrees of freedom


def test_product_is_the_cartesian_product() -> None:
    product = Product(["ab", range(3), "xy"])
    expected = [(a, b, c) for a in "ab" for b in range(3) for c in "xy"]
    assert list(product) == expected
    assert product[3:5] == expected[3:5]
    assert len(Product([range(10)] * 12)) == 10**12
    with pytest.raises(IndexError):
        product[12]


def test_every_mark_is_distinct_at_the_smallest_size() -> None:
    """16 pixels per cell: no two symbols or colours may look alike."""
    kinds = [*SHAPES, *ARROWS, *"ABCDEFGH", *"0123456789", "?"]
    cells = {kind: draw_grid([[Mark(kind)]], size=16, lines=False) for kind in kinds}
    for first in kinds:
        for second in kinds:
            if first < second:
                difference = ImageChops.difference(cells[first], cells[second]).convert("L")
                assert sum(difference.histogram()[64:]) >= 6, (first, second)
    values = list(COLORS.values())
    for i, first_color in enumerate(values):
        for second_color in values[:i]:
            assert sum(abs(a - b) for a, b in zip(first_color, second_color, strict=True)) > 120


def test_objects_stay_inside_their_patch() -> None:
    """At 64 pixels and 4x4 cells one cell is one 16-pixel patch."""
    rng = random.Random(0)
    for kind in [*SHAPES, *ARROWS, *"ABCDEFGH"]:
        column, row = rng.randrange(4), rng.randrange(4)
        grid: list[list[Mark | None]] = [[None] * 4 for _ in range(4)]
        empty = draw_grid(grid, size=64)
        grid[row][column] = Mark(kind, "red")
        box = ImageChops.difference(empty, draw_grid(grid, size=64)).getbbox()
        assert box is not None
        assert 16 * column <= box[0] and box[2] <= 16 * column + 16
        assert 16 * row <= box[1] and box[3] <= 16 * row + 16


def test_pictures_are_rgb_pngs() -> None:
    data = make_problem("count_colors", index=0, image_size=64).images[0]
    assert data.startswith(b"\x89PNG")
    image = decode_image(data, name="picture")
    assert isinstance(image, Image.Image) and image.mode == "RGB"
