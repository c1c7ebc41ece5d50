"""Make a pool of candidates in which it is known what is wrong with each.

OUT/pool/ holds the problems, OUT/evaluation/ a small evaluation set that some of them were copied
from, OUT/pool.jsonl what was planted: one line per row of the pool, in order. OUT/all_tasks/ and
OUT/all_tasks.jsonl are a second pool, for `relevance`.
"""

import argparse
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from PIL import Image, ImageEnhance

from data_synth.problem import Modality, Problem
from data_synth.seeding import derive_rng
from data_synth.sources.easy_vqa import load_easy_vqa
from data_synth.storage import write_problems
from data_synth.tasks import TASKS as REGISTERED
from data_synth.tasks import make_problem, make_scene

TASKS = ("mirror_fill", "row_sums", "swap_cups")
SIZE = 64
# A seed of its own: a policy trained with the default seed has not seen these scenes.
SEED = 41

REWORDED = {
    "mirror_fill": "The left and the right half mirror each other. Answer with the hidden colors "
    "in reading order.",
    "row_sums": "Add up the digits of each row. Answer as (row 1,row 2,...).",
    "swap_cups": "Swap the marked cups, row by row. Answer with the final letters.",
}
PARAPHRASED = {
    "mirror_fill": "This pattern is symmetric about the vertical axis. Which colors are covered, "
    "listed in reading order?",
    "row_sums": "What is the total of the digits in every row? Give (row 1,row 2,...).",
    "swap_cups": "Exchange the cups that are marked, one row after the other. Which letters stand "
    "there at the end?",
}
CHOICES = (
    "Which of the following numbers is prime?\n(A) 21\n(B) 23\n(C) 25\n(D) 27",
    "Which color is hidden first? (A) the first (B) the second (C) the third",
    "Choose the correct statement about the picture: it has rows, it has none.",
    "下列说法正确的是\nA. 图中有三行\nB. 图中有五行\nC. 图中没有行",
)
OPENED = (
    ("What is 7 * 8?\n(A) 54\n(B) 56\n(C) 58", "B"),
    ("How many legs has a spider? A. 6 B. 8 C. 10", "B"),
    ("What is the capital of Kenya? (A) Nairobi (B) Accra (C) Lagos", "A"),
    ("3 的平方等于多少？A、6 B、9 C、12", "B"),
)
PROOFS = (
    "Prove that the square of an odd number is odd.",
    "Let n be even. Show that n^2 is divisible by 4.",
    "证明：三角形的内角和为 180 度。",
    "Find the smallest prime and prove your answer.",
)
PARTS = (
    "(1) What is the sum of the first row? (2) What is the sum of the last row?",
    "1. Find the largest digit.\n2. Find the smallest digit.",
    "（1）第一行的和是多少？（2）最后一行的和是多少？",
    "(a) Compute the mean of 1, 2, 6. (b) Compute their median.",
)
CONTESTS = (
    ("A baker sells boxes of nine rolls and bags of four rolls and today exactly fifty rolls were "
     "sold in eight packages, so how many boxes did the baker sell today?", "18"),
    ("Three lighthouses blink every twelve, fifteen and twenty seconds and have just blinked at "
     "the same moment, so after how many seconds will all of them blink together again?", "60"),
    ("A ladder of thirteen metres leans against a wall and its foot stands five metres away from "
     "the wall on level ground, so how many metres up the wall does it reach?", "12"),
    ("In a tournament every one of eleven teams plays exactly once against each of the other "
     "teams and no match is repeated, so how many matches are played in all?", "55"),
)  # fmt: skip

Row = tuple[Problem, list[str]]


def clean_rows(count: int) -> Iterator[Problem]:
    """Scenes of the three tasks, in turn."""
    for index in range(count):
        yield make_problem(TASKS[index % 3], index=index, seed=SEED, image_size=SIZE)


def repeated(clean: list[Problem], count: int) -> Iterator[Row]:
    """Copies of clean rows: exact, in other words, and with other pictures."""
    for problem in clean[:count]:
        yield problem, ["exact_duplicate"]
    for problem in clean[count : 2 * count]:
        yield replace(problem, question=REWORDED[problem.source], id=""), ["reworded"]
    for problem in clean[2 * count : 3 * count]:
        yield replace(problem, question=PARAPHRASED[problem.source], id=""), ["paraphrase"]
    # The answer to mirror_fill is colours: it would change with them.
    others = [problem for problem in clean[3 * count :] if problem.source != "mirror_fill"]
    for number, problem in enumerate(others[:count]):
        yield _with_picture(problem, recolour(_open(problem), number)), ["recoloured"]
    for number, problem in enumerate(others[count : 2 * count]):
        yield _with_picture(problem, crop(_open(problem), number)), ["cropped"]


def recolour(image: Image.Image, number: int) -> Image.Image:
    """Other colours, the same content: channels turned, or light and contrast."""
    if number % 2:
        red, green, blue = image.split()
        return Image.merge("RGB", (blue, red, green))
    darker = ImageEnhance.Brightness(image).enhance(0.8)
    return ImageEnhance.Contrast(darker).enhance(0.8)


def crop(image: Image.Image, number: int) -> Image.Image:
    """A few pixels less at the edges, back to the old size."""
    left, top = 1 + number % 3, 1 + number // 3 % 3
    inside = image.crop((left, top, image.width - 2, image.height - 2))
    return inside.resize(image.size, Image.Resampling.BICUBIC)


def excluded_rows(clean: list[Problem]) -> Iterator[Row]:
    """Kinds of question that are left out, and choices that can be opened instead."""
    pictures = iter(clean)
    for kind, questions, answer in (
        ("multiple_choice", CHOICES, "B"),
        ("proof", PROOFS, "2"),
        ("sub_questions", PARTS, "(3,4)"),
    ):
        for question in questions:
            yield _asked(next(pictures), question, answer), [kind]
    for question, answer in OPENED:
        yield _asked(next(pictures), question, answer), ["opened"]


def real_rows(count: int) -> Iterator[Row]:
    """Questions of easy-vqa: two answers, or so few that eight guesses find the right one."""
    problems = list(islice(load_easy_vqa("test"), 3000))
    derive_rng("curation experiment").shuffle(problems)
    binary = [problem for problem in problems if problem.answer in ("yes", "no")]
    few = [problem for problem in problems if problem.answer not in ("yes", "no")]
    for problem in binary[:count]:
        yield problem, ["true_false", "guessable", "blind_answerable"]
    for problem in few[:count]:
        yield problem, ["guessable", "blind_answerable"]


def irrelevant_rows(clean: list[Problem], count: int) -> Iterator[Row]:
    """A real question with a picture that is not of its kind."""
    asked = (p for p in load_easy_vqa("train") if p.answer not in ("yes", "no"))
    for problem, other in zip(asked, clean[:count], strict=False):
        moved = replace(problem, images=other.images, modality=Modality.REAL, id="")
        yield moved, ["irrelevant", "guessable", "blind_answerable"]


def all_tasks_rows(count: int) -> Iterator[Row]:
    """Ten scenes of every task, `count` of them with the question of another task."""
    names = sorted(REGISTERED)
    size = 10 * len(names)
    swapped = set(range(0, size, size // count)[:count])
    for number in range(size):
        name = names[number % len(names)]
        problem = make_problem(name, index=8_000 + number, seed=SEED)
        if number not in swapped:
            yield problem, []
            continue
        other = names[(number + 11) % len(names)]
        question = make_problem(other, index=9_000 + number, seed=SEED).question
        yield replace(problem, question=question, id=""), ["irrelevant"]


def mislabelled_rows(count: int) -> Iterator[Row]:
    """Scenes with another possible answer of the same question; references nobody can read."""
    for number in range(count):
        index, name = 5_000 + number, TASKS[number % 3]
        problem = make_problem(name, index=index, seed=SEED, image_size=SIZE)
        posed = make_scene(name, index=index, seed=SEED)
        others = (posed.task.format(answer) for answer in islice(posed.pose.answers, 2))
        wrong = next(answer for answer in others if answer != problem.answer)
        yield replace(problem, answer=wrong, id=""), ["mislabelled"]
    for number in range(count // 3):
        problem = make_problem("row_sums", index=6_000 + number, seed=SEED, image_size=SIZE)
        yield replace(problem, answer="see the picture", verifier="numeric", id=""), ["mislabelled"]


def evaluation_rows(count: int) -> Iterator[Problem]:
    """A small evaluation set: scenes, and word problems."""
    for index in range(count):
        yield make_problem(TASKS[index % 3], index=index, seed=SEED, split="eval", image_size=SIZE)
    for question, answer in CONTESTS:
        yield Problem(
            question=question,
            answer=answer,
            answer_type="number",
            verifier="numeric",
            source="contests",
            modality=Modality.TEXT,
            split="eval",
        )


def contaminated_rows(evaluation: list[Problem]) -> Iterator[Row]:
    """The evaluation set once more: as it is, compressed again, or with a sentence before it."""
    for number, problem in enumerate(evaluation):
        if not problem.images:
            problem = replace(problem, question=f"Think well. {problem.question}", id="")
        elif number % 2:
            buffer = io.BytesIO()
            _open(problem).save(buffer, "JPEG", quality=90)
            problem = replace(problem, images=(buffer.getvalue(),), id="")
        yield replace(problem, split="train"), ["contaminated"]


def _open(problem: Problem) -> Image.Image:
    return Image.open(io.BytesIO(problem.images[0])).convert("RGB")


def _with_picture(problem: Problem, image: Image.Image) -> Problem:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return replace(problem, images=(buffer.getvalue(),), id="")


def _asked(problem: Problem, question: str, answer: str) -> Problem:
    """Another question about a picture."""
    return replace(
        problem,
        question=question,
        answer=answer,
        answer_type="string",
        verifier="exact",
        source="planted",
        reasoning="",
        id="",
    )


def make_pool(out: Path, *, num_clean: int, num_planted: int) -> int:
    """Write pool, evaluation set and sidecar; returns the number of rows.

    Args:
        out: folder, made if absent.
        num_clean: rows without a defect; at least eight times `num_planted`.
        num_planted: rows of each kind of defect, where it is not a fixed list.
    """
    clean = list(clean_rows(num_clean))
    evaluation = list(evaluation_rows(num_planted))
    rows: list[Row] = [(problem, []) for problem in clean]
    # Behind the clean ones: of two equal rows, filters keep the first.
    rows += repeated(clean, num_planted)
    rows += excluded_rows(clean)
    rows += real_rows(2 * num_planted)
    rows += irrelevant_rows(clean, num_planted)
    rows += mislabelled_rows(num_planted)
    rows += contaminated_rows(evaluation)
    out.mkdir(parents=True, exist_ok=True)
    write_problems(out / "evaluation", evaluation, split="eval", overwrite=True)
    _write_pool(out / "all_tasks", list(all_tasks_rows(num_planted)))
    _write_pool(out / "pool", rows)
    return len(rows)


def _write_pool(folder: Path, rows: list[Row]) -> None:
    """The problems into `folder`, what was planted beside it."""
    write_problems(folder, (problem for problem, _ in rows), overwrite=True)
    lines = (
        json.dumps({"index": index, "id": problem.id, "defects": defects}) + "\n"
        for index, (problem, defects) in enumerate(rows)
    )
    folder.with_suffix(".jsonl").write_text("".join(lines))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("outputs/curation_experiment"))
    parser.add_argument("--clean", type=int, default=150)
    parser.add_argument("--planted", type=int, default=12)
    given = parser.parse_args()
    size = make_pool(given.out, num_clean=given.clean, num_planted=given.planted)
    print(f"{size} rows in {given.out}")
