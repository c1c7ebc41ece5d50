"""Sources by the names that commands take: a task, a published set, or a path."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

from data_synth.generate import ProblemRequest, generate
from data_synth.mix import MixSource
from data_synth.problem import Problem
from data_synth.sources import SOURCES
from data_synth.storage import count_problems, read_problems
from data_synth.tasks import TASKS
from data_synth.tasks.base import NUM_LEVELS


def open_source(
    name: str,
    *,
    split: str,
    task_options: Mapping[str, Any],
    path: str | None = None,
    weight: float = 1.0,
) -> MixSource:
    """A source by its name.

    Args:
        name: `TASK`, `TASK@LEVEL`, a key of `SOURCES`, or a parquet file or folder.
        split: which split of a task or published set; a path gives all its rows.
        task_options: further fields of `ProblemRequest`, such as `seed`.
        path: where a published set lies on this machine, in place of the hub.
        weight: for the mixture.

    Raises:
        ValueError: no such source, level or split.
    """
    task, _, level = name.partition("@")
    if path is not None and name not in SOURCES:
        raise ValueError(f"--path {name}={path}: {name!r} is not one of {', '.join(SOURCES)}")
    if task in TASKS:
        request = partial(
            ProblemRequest, name=task, level=_level(name, level), split=split, **task_options
        )

        def make(start: int) -> Iterator[Problem]:
            return generate(request(index=index) for index in count(start))

        return MixSource(weight=weight, open=make)
    if name in SOURCES:
        source = SOURCES[name]
        source.check_split(split)

        def read(start: int) -> Iterator[Problem]:
            return islice(source.open(split, path=path), start, None)

        return MixSource(weight=weight, open=read, eval_only=source.eval_only)
    if not Path(name).exists():
        raise ValueError(
            f"unknown source {name!r}: it is no file or folder, nor one of the tasks "
            f"{', '.join(TASKS)}, nor one of the data sets {', '.join(SOURCES)}"
        )
    return MixSource(
        weight=weight,
        open=lambda start: read_problems(name, start=start),
        size=count_problems(name),
    )


def _level(name: str, text: str) -> int:
    if "@" not in name:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) < NUM_LEVELS):
        raise ValueError(
            f"level of source {name!r}: {text!r} is not a whole number from 0 to {NUM_LEVELS - 1}"
        )
    return int(text)
