"""Text tasks of the package reasoning-gym, one source `reasoning-gym:<task>` each.

Three things are not taken over from the package:

- its seeds: item i of seed s is item i-1 of seed s+1, so train and test sets of neighbouring seeds
  are nearly equal. Here every item has a seed of its own, a hash of task, split, seed and index,
  and a hash of the question decides on which side of the split it may stand;
- its scorers, which pay for guesses listed one after another ("maybe 292 or 7"). A task with one
  right answer has a typed verifier, one with many is scored strictly, through
  `data_synth.verify.reasoning_gym`;
- tasks that a policy can guess, that cannot be verified strictly, or whose scorer evaluates the
  answer: see `EXCLUDED`.
"""

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from data_synth.problem import Modality, Problem
from data_synth.seeding import derive_seed
from data_synth.sources.base import Source, import_package
from data_synth.sources.files import SPLITS, entity_split, refuse_path
from data_synth.verify.answer import format_completion
from data_synth.verify.reasoning_gym import GATES, judge, make_reference

PREFIX = "reasoning-gym:"
SCORED = "reasoning_gym"
DEFAULT_SIZE = 5_000
NUM_LEVELS = 4
"""Levels of the package's curricula that are used, 0 the easiest."""
_SEED_BITS = 32  # NumPy takes no more
_MAX_MISSES = 200

TYPED: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(
        (
            "basic_arithmetic",
            "chain_sum",
            "count_primes",
            "decimal_chain_sum",
            "dice",
            "gsm_symbolic",
            "lcm",
            "leg_counting",
            "products",
            "simple_equations",
            "simple_geometry",
        ),
        "numeric",
    )
    | dict.fromkeys(
        (
            "ab",
            "arc_1d",
            "arc_agi",
            "base_conversion",
            "bf",
            "binary_matrix",
            "bitwise_arithmetic",
            "caesar_cipher",
            "emoji_mystery",
            "figlet_font",
            "futoshiki",
            "letter_jumble",
            "manipulate_matrix",
            "mini_sudoku",
            "modulo_grid",
            "n_queens",
            "needle_haystack",
            "path_star",
            "rearc",
            "rotate_matrix",
            "sentence_reordering",
            "spell_backward",
            "spiral_matrix",
            "string_insertion",
            "string_manipulation",
            "string_splitting",
            "string_synthesis",
            "sudoku",
            "survo",
            "tsumego",
        ),
        "exact",
    )
    | dict.fromkeys(
        (
            "game_of_life",
            "number_filtering",
            "number_sorting",
            "word_sequence_reversal",
            "word_sorting",
        ),
        "sequence",
    )
)
"""Tasks whose answer is the only right one, and the verifier that compares with it."""

EXCLUDED: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(
        (
            "acre",
            "aiw",
            "binary_alternation",
            "calendar_arithmetic",
            "circuit_logic",
            "coin_flip",
            "color_cube_rotation",
            "count_bits",
            "course_schedule",
            "family_relationships",
            "game_of_life_halting",
            "gcd",
            "isomorphic_strings",
            "largest_island",
            "letter_counting",
            "list_functions",
            "mahjong_puzzle",
            "maze",
            "number_sequence",
            "polynomial_equations",
            "ransom_note",
            "rectangle_count",
            "rotten_oranges",
            "self_reference",
            "shortest_path",
            "syllogism",
            "zebra_puzzles",
        ),
        "guessable: eight answers make up more than a quarter of the items",
    )
    | {
        "knights_knaves": "guessable: 2^n answers for n people, and n is 2",
        "number_format": "guessable: the answer is one of a few numbers in the question",
        "propositional_logic": "a premise copied from the question is a right conclusion",
        "boxnet": "the package gives no right answer to show or to check against",
        "rush_hour": "the package gives no right answer to show or to check against",
        "codeio": "the package runs the programs it ships",
        "intermediate_integration": "the scorer evaluates the answer (sympy.parse_expr)",
        "polynomial_multiplication": "the scorer evaluates the answer (sympy.parse_expr)",
        "simple_integration": "the scorer evaluates the answer (sympy.parse_expr)",
        "composite": "a mixture of the other tasks",
    }
)
"""Tasks that are no source, and why."""

# Answers that a tenth or more of the items share; without those the task is hard to guess.
_FREQUENT_ANSWERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"knight_swap": ("No",), "power_function": ("0.0", "1.0")}
)
# Read once when an instance is made, so that a new seed needs a new instance.
_SEEDED_WHEN_MADE = frozenset({"gsm_symbolic", "survo"})
# At the higher levels nearly every board dies out, and larger cubes have no known solution.
_WITHOUT_LEVELS = frozenset({"game_of_life", "rubiks_cube"})
# Of tasks whose answer is None, where the package keeps one right answer.
_ANSWER_KEYS: Mapping[str, str] = MappingProxyType(
    {"graph_color": "possible_answer", "rubiks_cube": "example_correct_answer"}
)
_ANSWER_TYPES = {"numeric": "number", "exact": "string", "sequence": "sequence", SCORED: "string"}
TASKS = tuple(sorted({*TYPED, *GATES}))
"""Names of the tasks that are sources."""


class ReasoningGymSource(Source):
    """Problems of one task as text; `data_synth.render.render_problem` makes pictures of them.

    Example:
        next(ReasoningGymSource("spell_backward", seed=1).open("test")).question
    """

    licence = "Apache-2.0"
    citation = "Stojanovski et al., Reasoning Gym, 2025, https://arxiv.org/abs/2505.24760"
    splits = SPLITS

    def __init__(
        self,
        task: str,
        *,
        seed: int = 0,
        size: int = DEFAULT_SIZE,
        level: int | None = None,
    ) -> None:
        """A stream of up to `size` different problems.

        `level` sets the package's curriculum, from 0 to `NUM_LEVELS` - 1; None keeps its default
        difficulty, for which `EXCLUDED` was computed. A task with few items ends early.

        Raises:
            ValueError: a task that is no source, or a size or level out of range.
        """
        super().__init__()
        if task not in TASKS:
            why = EXCLUDED.get(task, f"unknown, choose one of {', '.join(TASKS)}")
            raise ValueError(f"task {task!r} of reasoning-gym is no source: {why}")
        if size < 1 or (level is not None and not 0 <= level < NUM_LEVELS):
            raise ValueError(
                f"size={size}, level={level} of {task}: choose size >= 1 and level None or from 0 "
                f"to {NUM_LEVELS - 1}"
            )
        self.name = PREFIX + task
        self.scoring = TYPED.get(task, SCORED)
        self.task, self.seed, self.size, self.level = task, seed, size, level

    def _read(
        self, split: str, *, path: str | None, streaming: bool, revision: str | None
    ) -> Iterator[Problem]:
        refuse_path(self.name, path)
        generator = _Generator(self.task, self.level)
        return self._problems(generator, split)

    def _problems(self, generator: "_Generator", split: str) -> Iterator[Problem]:
        seen: set[int] = set()
        misses = index = draw = 0
        while index < self.size and misses < _MAX_MISSES:
            seed = derive_seed(self.name, self.level or 0, split, self.seed, draw)
            draw += 1
            entry = generator.item(seed)
            key = derive_seed(entry["question"])
            if entity_split("reasoning-gym", entry["question"]) != split:
                continue
            problem = None
            if key in seen:
                reason: str | None = "seen before"
            else:
                seen.add(key)
                problem, reason = self._problem(generator, entry, split=split, index=index)
            if problem is None:
                misses += 1
                self.skipped[str(reason)] += 1
                continue
            misses = 0
            index += 1
            yield problem

    def _problem(
        self, generator: "_Generator", entry: Mapping[str, Any], *, split: str, index: int
    ) -> tuple[Problem | None, str | None]:
        """The problem of an item, or why it is left out."""
        answer = _answer(self.task, entry)
        if answer in _FREQUENT_ANSWERS.get(self.task, ()) or _is_blank(answer):
            return None, "frequent answer"
        if not _fits_box(answer):
            return None, "answer that no box can hold"
        alternatives = _alternatives(self.task, entry, answer)
        if self.scoring == SCORED:
            alternatives = (make_reference(self.task, generator.scalars, entry["metadata"]),)
            if not judge((answer, *alternatives), answer).correct:
                return None, "own answer rejected by the scorer"
        return Problem(
            question=entry["question"],
            answer=answer,
            alternatives=alternatives,
            answer_type=_ANSWER_TYPES[self.scoring],
            verifier=self.scoring,
            source=self.name,
            modality=Modality.TEXT,
            domain="puzzles",
            discipline=generator.category,
            difficulty=self.level or 0,
            split=split,
            seed=self.seed,
            index=index,
            licence=self.licence,
            citation=self.citation,
        ), None


class _Generator:
    """Items of a task by seed, each as item 0 of a data set of its own."""

    def __init__(self, task: str, level: int | None) -> None:
        self._package = import_package("reasoning_gym", source=PREFIX + task)
        self._task = task
        self.config = {} if level is None else _level_config(task, level)
        # What the scorers read: limits and precisions, no dates or functions.
        self.scalars = {
            key: value
            for key, value in self.config.items()
            if isinstance(value, int | float | str | bool)
        }
        self._dataset = self._make(0)
        self.category = str(self._dataset.category)

    def item(self, seed: int) -> Mapping[str, Any]:
        seed %= 2**_SEED_BITS
        if self._task in _SEEDED_WHEN_MADE:
            return self._make(seed)[0]
        self._dataset.seed = seed
        if self._task != "bf":
            return self._dataset[0]
        with redirect_stdout(io.StringIO()):  # its compiler prints a dot per program
            return self._dataset[0]

    def _make(self, seed: int) -> Any:
        try:
            return self._package.create_dataset(self._task, size=1, seed=seed, **self.config)
        except AssertionError as error:  # curricula of the package go beyond its own limits
            raise ValueError(
                f"task {self._task!r} of reasoning-gym has no such level ({error}): lower it"
            ) from error


def _level_config(task: str, level: int) -> dict[str, Any]:
    """The configuration of the package's curriculum with every attribute at a level."""
    factory = import_package("reasoning_gym.factory", source=PREFIX + task)
    if task in _WITHOUT_LEVELS or not factory.has_curriculum(task):
        raise ValueError(f"task {task!r} of reasoning-gym has no levels: leave level out")
    curriculum = factory.create_curriculum(task)
    for name, attribute in curriculum.attributes.items():
        curriculum.set_attr_level(name, min(level, len(attribute.levels) - 1))
    config = curriculum.generate_configuration()
    names = {field.name for field in fields(config)} - {"seed", "size"}
    return {name: getattr(config, name) for name in sorted(names)}


def _answer(task: str, entry: Mapping[str, Any]) -> str:
    if task not in _ANSWER_KEYS:
        return str(entry["answer"]).strip()
    known = entry["metadata"][_ANSWER_KEYS[task]]
    if isinstance(known, Mapping):  # vertex: colour
        return "{" + ", ".join(f'"{key}": {value}' for key, value in known.items()) + "}"
    return str(known)


def _alternatives(task: str, entry: Mapping[str, Any], answer: str) -> tuple[str, ...]:
    """Other ways to write the one right answer, and the other right boards of n_queens."""
    if task == "n_queens":
        boards = [str(board) for board in entry["metadata"]["valid_answers"]]
        return tuple(board for board in boards if board != answer)
    if task in ("number_filtering", "number_sorting"):  # a list of quoted numbers
        return (answer.replace("'", ""),)
    return ()


def _fits_box(answer: str) -> bool:
    try:
        format_completion("", answer)
    except ValueError:  # empty, too long, or with a brace left open
        return False
    return True


def _is_blank(answer: str) -> bool:
    """A grid of nothing: a tenth of the games of life die out."""
    return len(answer) > 8 and set(answer) <= set("[]0,")


def guess_bound(
    task: str, *, num_items: int = 300, level: int | None = None
) -> tuple[float, float]:
    """Chance that the most frequent answer, and that one of the eight most frequent, is right.

    Estimated from `num_items` sampled problems, whatever their questions; tasks with many right
    answers are counted by the one the package gives.
    """
    source = ReasoningGymSource(task, size=num_items, level=level)
    counts = Counter(problem.answer for problem in source.open("train"))
    total = counts.total()
    likeliest = [count for _, count in counts.most_common(8)]
    return likeliest[0] / total, sum(likeliest) / total


def reasoning_gym_sources() -> dict[str, Source]:
    """All tasks by name, with the package's default difficulty."""
    return {PREFIX + task: ReasoningGymSource(task) for task in TASKS}
