"""The task registry. To add a task: one file with a `Task` subclass, one line here."""

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from typing import Any

from PIL import Image

from data_synth.png import encode_png
from data_synth.problem import Modality, Problem, Region
from data_synth.render import Page
from data_synth.seeding import Part, derive_rng
from data_synth.style import style_named
from data_synth.tasks.arrow_walk import ArrowWalk
from data_synth.tasks.ball_collision import BallCollision
from data_synth.tasks.base import DEFAULT_IMAGE_SIZE, LANGUAGES, NUM_LEVELS, Pose, Task
from data_synth.tasks.block_tower import BlockTower
from data_synth.tasks.chart_values import ChartValues
from data_synth.tasks.circle_view import CircleView
from data_synth.tasks.clock_gap import ClockGap
from data_synth.tasks.count_colors import CountColors
from data_synth.tasks.figure_sequence import FigureSequence
from data_synth.tasks.find_angles import FindAngles
from data_synth.tasks.find_cells import FindCells
from data_synth.tasks.fold_punch import FoldPunch
from data_synth.tasks.gear_train import GearTrain
from data_synth.tasks.graph_route import GraphRoute
from data_synth.tasks.latin_square import LatinSquare
from data_synth.tasks.letter_order import LetterOrder
from data_synth.tasks.lever_balance import LeverBalance
from data_synth.tasks.maze_route import MazeRoute
from data_synth.tasks.mirror_fill import MirrorFill
from data_synth.tasks.mirror_ray import MirrorRay
from data_synth.tasks.pointer_chase import PointerChase
from data_synth.tasks.polygon_area import PolygonArea
from data_synth.tasks.program_output import ProgramOutput
from data_synth.tasks.raven_matrix import RavenMatrix
from data_synth.tasks.receipt_change import ReceiptChange
from data_synth.tasks.row_sums import RowSums
from data_synth.tasks.scene_3d import Scene3D
from data_synth.tasks.swap_cups import SwapCups
from data_synth.tasks.table_sums import TableSums
from data_synth.tasks.transform_shape import TransformShape
from data_synth.tasks.write_program import WriteProgram

TASKS: dict[str, Task[Any]] = {
    task.name: task
    for task in (
        ArrowWalk(),
        BallCollision(),
        BlockTower(),
        ChartValues(),
        CircleView(),
        ClockGap(),
        CountColors(),
        FigureSequence(),
        FindAngles(),
        FindCells(),
        FoldPunch(),
        GearTrain(),
        GraphRoute(),
        LatinSquare(),
        LetterOrder(),
        LeverBalance(),
        MazeRoute(),
        MirrorFill(),
        MirrorRay(),
        PointerChase(),
        PolygonArea(),
        ProgramOutput(),
        RavenMatrix(),
        ReceiptChange(),
        RowSums(),
        Scene3D(),
        SwapCups(),
        TableSums(),
        TransformShape(),
        WriteProgram(),
    )
}
"""Every task by name."""

# Part of every item's seed: raise it when a task's items change, so that old and new never mix.
_VERSION = 1


def make_problem(  # noqa: PLR0913 (the public entry point, keyword-only)
    name: str,
    *,
    index: int,
    split: str = "train",
    seed: int = 0,
    level: int = 0,
    knobs: Mapping[str, Any] | None = None,
    language: str = "en",
    image_size: int = DEFAULT_IMAGE_SIZE,
    style: str = "plain",
    degradation: float = 0.0,
) -> Problem:
    """The problem at an index of a task: the same on every machine, in every process.

    Question, answer and scene depend on (name, level, knobs, split, seed, index) alone. Wording,
    look and degradation are drawn from streams of their own: `language`, `image_size`, `style`
    (`plain` or `varied`) and `degradation` (a strength in [0, 1]) change neither scene nor answer.

    Args:
        knobs: fields of the task's configuration that replace those of the level.

    Raises:
        ValueError: unknown task, language, style or knob, or a level outside the ladder.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language={language!r}: choose {' or '.join(LANGUAGES)}")
    posed = make_scene(name, index=index, split=split, seed=seed, level=level, knobs=knobs)
    task, pose, scene = posed.task, posed.pose, posed.scene
    looks = derive_rng("data_synth style", *_address(name, index, split, seed, level, knobs))
    question = _wording(pose, language, looks)
    drawn = task.draw(scene, size=image_size, style=style_named(style, looks))
    image, regions = _photographed(drawn, degradation, looks)
    twin = task.text_twin(pose, scene)
    return Problem(
        question=question,
        images=(encode_png(image),),
        answer=task.format(posed.answer),
        answer_type=task.answer_type,
        verifier=task.verifier,
        source=name,
        reasoning=task.reason(pose, scene),
        text_twin=None if twin is None else f"{question}\n{twin}",
        regions=regions,
        modality=Modality.SYNTHETIC if twin is None else Modality.RENDERED,
        domain=task.domain,
        discipline=task.discipline,
        difficulty=level,
        language=language,
        split=split,
        seed=seed,
        index=index,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class PosedScene:
    """A problem before it is worded and drawn."""

    task: Task[Any]
    pose: Pose
    answer: Any
    scene: Any


def make_scene(
    name: str,
    *,
    index: int,
    split: str = "train",
    seed: int = 0,
    level: int = 0,
    knobs: Mapping[str, Any] | None = None,
) -> PosedScene:
    """Question, answer and scene at an index; arguments and errors as in `make_problem`."""
    task = _find_task(name)
    config = task_config(name, level=level, knobs=knobs)
    rng = derive_rng("data_synth", *_address(name, index, split, seed, level, knobs))
    pose = task.pose(rng, config)
    answer = pose.answers[rng.randrange(len(pose.answers))]
    return PosedScene(task=task, pose=pose, answer=answer, scene=task.build(rng, pose, answer))


def task_config(name: str, *, level: int, knobs: Mapping[str, Any] | None = None) -> Any:
    """The configuration of a level, some of its fields replaced by `knobs`.

    Raises:
        ValueError: a level outside the ladder, a knob the task does not have or of another type.
    """
    task = _find_task(name)
    if not 0 <= level < NUM_LEVELS:
        raise ValueError(f"level={level} of task {name}: choose 0 to {NUM_LEVELS - 1}")
    config = task.ladder[level]
    assert is_dataclass(config) and not isinstance(config, type)
    known = asdict(config)
    for knob, value in (knobs or {}).items():
        if knob not in known:
            names = ", ".join(field.name for field in fields(config))
            raise ValueError(f"task {name} has no knob {knob!r}: choose from {names}")
        if type(value) is not type(known[knob]):
            raise ValueError(
                f"knob {knob}={value!r} of task {name}: give a {type(known[knob]).__name__} such "
                f"as {known[knob]!r}"
            )
    return replace(config, **(knobs or {}))


def _find_task(name: str) -> Task[Any]:
    if name not in TASKS:
        raise ValueError(f"unknown task {name!r}; `data_synth tasks` lists {', '.join(TASKS)}")
    return TASKS[name]


def _address(
    name: str, index: int, split: str, seed: int, level: int, knobs: Mapping[str, Any] | None
) -> list[Part]:
    """What the seed of an item is hashed from."""
    turned = (f"{knob}={value!r}" for knob, value in sorted((knobs or {}).items()))
    return [name, _VERSION, level, *turned, split, seed, index]


def _wording(pose: Pose, language: str, rng: random.Random) -> str:
    wordings = pose.questions[language]
    return wordings[rng.randrange(len(wordings))]


def picture(drawn: Image.Image | Page) -> Image.Image:
    """What `Task.draw` returned, as an image."""
    return drawn.image if isinstance(drawn, Page) else drawn


def _photographed(
    drawn: Image.Image | Page, strength: float, rng: random.Random
) -> tuple[Image.Image, tuple[Region, ...]]:
    """The picture as a camera might see it, and where its lines of text stand then."""
    image = picture(drawn)
    lines = drawn.lines if isinstance(drawn, Page) else ()
    if not strength:
        return image, tuple(Region(image=0, text=line.text, box=line.box) for line in lines)
    # Imported here: it needs numpy, which few pictures do.
    from data_synth.degrade import degrade

    degraded = degrade(image, strength, rng)
    return degraded.image, tuple(
        Region(image=0, text=line.text, box=degraded.map_box(line.box)) for line in lines
    )
