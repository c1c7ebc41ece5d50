"""The task registry. To add a task: one file with a `Task` subclass, one line here."""

from data_synth.canvas import encode_png
from data_synth.problem import Modality, Problem
from data_synth.seeding import derive_rng
from data_synth.tasks.arrow_walk import ArrowWalk
from data_synth.tasks.base import DEFAULT_IMAGE_SIZE, NUM_LEVELS, Task
from data_synth.tasks.count_colors import CountColors
from data_synth.tasks.find_cells import FindCells
from data_synth.tasks.letter_order import LetterOrder
from data_synth.tasks.mirror_fill import MirrorFill
from data_synth.tasks.program_output import ProgramOutput
from data_synth.tasks.row_sums import RowSums
from data_synth.tasks.swap_cups import SwapCups

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        ArrowWalk(),
        CountColors(),
        FindCells(),
        LetterOrder(),
        MirrorFill(),
        ProgramOutput(),
        RowSums(),
        SwapCups(),
    )
}
"""Every task by name."""

# Part of every item's seed: raise it when a task's items change, so that old and new never mix.
_VERSION = 1


def make_problem(
    name: str,
    *,
    index: int,
    split: str = "train",
    seed: int = 0,
    level: int = 0,
    image_size: int = DEFAULT_IMAGE_SIZE,
) -> Problem:
    """The problem at an index of a task: the same on every machine, in every process.

    Question, answer and scene depend on (name, level, split, seed, index) alone; `image_size` only
    scales the drawing.

    Raises:
        ValueError: unknown task, or a level outside the ladder.
    """
    if name not in TASKS:
        raise ValueError(f"unknown task {name!r}; `data_synth tasks` lists {', '.join(TASKS)}")
    if not 0 <= level < NUM_LEVELS:
        raise ValueError(f"level={level} of task {name}: choose 0 to {NUM_LEVELS - 1}")
    task = TASKS[name]
    rng = derive_rng("data_synth", name, _VERSION, level, split, seed, index)
    pose = task.pose(rng, level)
    answer = pose.answers[rng.randrange(len(pose.answers))]
    scene = task.build(rng, pose, answer)
    twin = task.text_twin(pose, scene)
    return Problem(
        question=pose.question,
        images=(encode_png(task.draw(scene, size=image_size)),),
        answer=task.format(answer),
        answer_type=task.answer_type,
        verifier=task.verifier,
        source=name,
        reasoning=task.reason(pose, scene),
        text_twin=twin,
        modality=Modality.SYNTHETIC if twin is None else Modality.RENDERED,
        domain=task.domain,
        discipline=task.discipline,
        difficulty=level,
        split=split,
        seed=seed,
        index=index,
    )
