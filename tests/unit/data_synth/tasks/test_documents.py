"""Tables, receipts and JSON documents: worked by hand, and read back from the drawn page."""

import json
import random
from dataclasses import replace

import pytest

from data_synth.render import Page
from data_synth.style import PLAIN
from data_synth.tasks import TASKS, make_problem
from data_synth.tasks.base import NUM_LEVELS, Pose
from data_synth.tasks.pointer_chase import PointerChase
from data_synth.tasks.receipt_change import Receipt, ReceiptChange
from data_synth.tasks.table_sums import Row, TableSums

DOCUMENTS = ("table_sums", "receipt_change", "pointer_chase")


def test_sums_by_city_and_year_by_hand() -> None:
    task = TableSums()
    scene = (
        Row("Ada", "Oslo", 2020, 7),
        Row("Ben", "Oslo", 2021, 40),
        Row("Cleo", "Lima", 2020, 11),
        Row("Dan", "Oslo", 2020, 5),
    )
    pose = Pose(questions={}, answers=(), params=(("Oslo", "Lima"), 2020, task.ladder[4]))
    assert task.solve(pose, scene) == (12, 11)
    assert task.reason(pose, scene) == (
        "plan: look up. scan: Oslo 7 + 5 = 12. Lima 11. check: 12 11."
    )
    every_year = Pose(questions={}, answers=(), params=(("Oslo",), 2020, task.ladder[2]))
    assert task.solve(every_year, scene) == (52,)
    named = Pose(questions={}, answers=(), params=(("Dan", "Ben"), 2020, task.ladder[0]))
    assert task.solve(named, scene) == (5, 40)


def test_rows_of_another_year_stand_in_the_table() -> None:
    task, rng = TableSums(), random.Random(0)
    decoys = 0
    for _ in range(50):
        pose = task.pose(rng, task.ladder[4])
        answer = pose.answers[rng.randrange(len(pose.answers))]
        scene = task.build(rng, pose, answer)
        asked, year, _ = pose.params
        assert len(scene) == 12 and len({row.name for row in scene}) == 12
        decoys += sum(row.city in asked and row.year != year for row in scene)
    assert decoys >= 100


def test_receipt_by_hand() -> None:
    task = ReceiptChange()
    scene = Receipt("SHOP", 1234, ((2, "eggs", 3), (1, "jam", 5)), 4, 10)
    pose = Pose(questions={}, answers=())
    assert task.solve(pose, scene) == (7, 3)
    assert task.reason(pose, scene) == (
        "plan: multiply and add. scan: eggs 2 * 3 = 6, sum 6. jam 1 * 5 = 5, sum 11. "
        "discount 11 - 4 = 7. paid 10 - 7 = 3. check: 7 3."
    )
    assert task.solve(pose, replace(scene, discount=0)) == (11, -1)


def test_receipts_print_positive_prices() -> None:
    task, rng = ReceiptChange(), random.Random(0)
    for level in range(NUM_LEVELS):
        for _ in range(200):
            pose = task.pose(rng, task.ladder[level])
            scene = task.build(rng, pose, pose.answers[rng.randrange(len(pose.answers))])
            assert len(scene.items) == task.ladder[level].num_items
            assert all(quantity >= 1 and price >= 1 for quantity, _, price in scene.items)


def test_pointers_by_hand() -> None:
    task = PointerChase()
    scene = json.dumps(
        {
            "cat": {"tag": 1, "data": {"v": 20, "next": "dog"}},
            "dog": {"tag": 2, "data": {"next": "ant", "v": 31}},
            "ant": {"tag": 3, "data": {"v": 44, "next": "cat"}},
        }
    )
    config = replace(task.ladder[3], num_records=3, num_steps=3)
    pose = Pose(questions={}, answers=(), params=("dog", config))
    assert task.solve(pose, scene) == (31, 44, 20)
    assert task.reason(pose, scene) == (
        "plan: follow. scan: dog v 31 next ant. ant v 44 next cat. cat v 20 next dog. "
        "check: 31 44 20."
    )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_pages_hold_every_word_of_the_twin_inside_the_picture(name: str) -> None:
    for level in range(NUM_LEVELS):
        problem = make_problem(name, index=level, level=level)
        assert problem.text_twin is not None and problem.text_twin.startswith(problem.question)
        content = problem.text_twin.removeprefix(problem.question)
        shown = " ".join(region.text for region in problem.regions)
        for word in content.replace(",", " ").split():
            assert word in shown or word.rstrip(":") in shown, word
    posed = TASKS[name].pose(random.Random(0), TASKS[name].ladder[0])
    scene = TASKS[name].build(random.Random(0), posed, posed.answers[0])
    for size in (64, 448, 896):
        page = TASKS[name].draw(scene, size=size, style=PLAIN)
        assert isinstance(page, Page) and page.image.width == size
        for line in page.lines:
            left, top, right, bottom = line.box
            assert 0 <= left < right <= size and 0 <= top < bottom <= page.image.height
