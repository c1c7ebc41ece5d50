"""The card of a set: a README.md that says what is in the folder, and a sheet of examples.

Its head names the files of every split, so that `datasets.load_dataset` opens the folder whatever
the splits are called, and a picture beside the parquet files does not confuse it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from data_synth.gallery import contact_sheet
from data_synth.images import image_header
from data_synth.png import encode_png
from data_synth.problem import Problem
from data_synth.storage import CARD_MARK, CARD_NAME, SHEET_NAME, problem_files, read_problems

MAX_DISTINCT = 100_000
"""Answers and sizes told apart per source; what comes after is counted together."""
_EXAMPLES = 6
_MAX_EXAMPLES = 96
_TOP_ANSWERS = 5
_CELL_CHARS = 60
# What the hub accepts in the head of a card; others are named in the text.
_KNOWN_LICENCES = (
    *("apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-2.0"),
    *("cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "gpl-3.0", "odbl", "isc", "pddl"),
)


@dataclass(kw_only=True, slots=True)
class SourceStatistics:
    """What a set holds of one source."""

    count: int = 0
    splits: Counter[str] = field(default_factory=Counter)
    modalities: Counter[str] = field(default_factory=Counter)
    levels: Counter[int] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    answer_types: Counter[str] = field(default_factory=Counter)
    verifiers: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    citations: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    images: int = 0
    image_bytes: int = 0
    eval_only: int = 0
    examples: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Count a problem."""
        self.count += 1
        self.splits[problem.split] += 1
        self.modalities[problem.modality] += 1
        self.levels[problem.difficulty] += 1
        self.languages[problem.language] += 1
        self.answer_types[problem.answer_type] += 1
        self.verifiers[problem.verifier] += 1
        self.licences[problem.licence] += 1
        self.citations[problem.citation] += bool(problem.citation)
        self.eval_only += problem.eval_only
        if problem.answer in self.answers or len(self.answers) < MAX_DISTINCT:
            self.answers[problem.answer] += 1
        for data in problem.images:
            kind, size = image_header(data)
            self.images += 1
            self.image_bytes += len(data)
            self.formats[kind] += 1
            if size in self.sizes or len(self.sizes) < MAX_DISTINCT:
                self.sizes[size] += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(problem)


def statistics(problems: Iterable[Problem]) -> dict[str, SourceStatistics]:
    """Count a stream, by source in the order of names."""
    found: dict[str, SourceStatistics] = defaultdict(SourceStatistics)
    for problem in problems:
        found[problem.source].add(problem)
    return dict(sorted(found.items()))


def write_card(folder: Path, *, title: str, command: str, notes: Sequence[str] = ()) -> None:
    """Write `README.md` and `contact_sheet.png` into a folder of problems.

    Args:
        folder: as `write_problems` fills it; its files are read once.
        title: heading of the card.
        command: what made the set, for others to repeat.
        notes: further paragraphs, such as what a mixture took.

    Raises:
        ValueError: the folder holds no problems, or a README that is not one of ours.
    """
    path = folder / CARD_NAME
    if path.exists() and CARD_MARK not in path.read_text("utf-8", errors="replace"):
        raise ValueError(f"{path} was not written by this package: move it away")
    found = statistics(read_problems(folder))
    examples = [problem for source in found.values() for problem in source.examples]
    sheet = contact_sheet(examples[:_MAX_EXAMPLES])
    (folder / SHEET_NAME).write_bytes(encode_png(sheet))
    text = card_text(
        found,
        files=[file.name for file in problem_files(folder)],
        title=title,
        command=command,
        notes=notes,
    )
    path.write_text(text, encoding="utf-8")


def card_text(
    found: Mapping[str, SourceStatistics],
    *,
    files: Sequence[str],
    title: str,
    command: str,
    notes: Sequence[str] = (),
) -> str:
    """The card as markdown with its YAML head."""
    total = sum(source.count for source in found.values())
    benchmarks = [name for name, source in found.items() if source.eval_only]
    parts = [
        _head(found, files, title, total),
        CARD_MARK,
        f"# {title}",
        f"{total} problems with exact answers from {len(found)} "
        f"{'source' if len(found) == 1 else 'sources'}.",
        *(
            [f"**Not for training:** {', '.join(benchmarks)} (marked `eval_only`)."]
            if benchmarks
            else []
        ),
        f"![Examples]({SHEET_NAME})",
        "## Contents",
        _contents(found),
        "## Answers",
        "How often the most frequent answers come: who always gives the first scores its share.",
        _answers(found),
        "## Images",
        _images(found),
        "## Licences",
        _licences(found),
        *notes,
        "## Made by",
        _fence(command),
        "Load it with `datasets.load_dataset` and the path of this folder. `question` and `images` "
        "are the input, `answer` with `alternatives` is what `verifier` compares with.",
    ]
    return "\n\n".join(parts) + "\n"


def _head(
    found: Mapping[str, SourceStatistics], files: Sequence[str], title: str, total: int
) -> str:
    """JSON strings are YAML strings, whatever they hold."""
    splits = list(dict.fromkeys(name.rpartition("-")[0] for name in files))
    licences = sorted({name for source in found.values() for name in source.licences})
    known = [name.lower() for name in licences if name.lower() in _KNOWN_LICENCES]
    licence = known if len(known) == len(licences) else ["other"]
    languages = sorted({name for source in found.values() for name in source.languages})
    lines = [
        "---",
        f"pretty_name: {json.dumps(title)}",
        f"license: {json.dumps(licence[0] if len(licence) == 1 else licence)}",
        f"language: {json.dumps(languages)}",
        'task_categories: ["visual-question-answering"]',
        f"size_categories: {json.dumps([_size_category(total)])}",
        "configs:",
        "- config_name: default",
        "  data_files:",
    ]
    for split in splits:
        lines += [f"  - split: {split}", f"    path: {json.dumps(f'{split}-*.parquet')}"]
    return "\n".join([*lines, "---"])


def _size_category(total: int) -> str:
    names = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M")
    return names[min(max(len(str(total)) - 3, 0), len(names) - 1)]


def _contents(found: Mapping[str, SourceStatistics]) -> str:
    splits = sorted({split for source in found.values() for split in source.splits})
    rows = [
        [
            name,
            str(source.count),
            *(str(source.splits[split]) for split in splits),
            _keys(source.modalities),
            _levels(source.levels),
            _keys(source.languages),
            _keys(source.answer_types),
            _keys(source.verifiers),
        ]
        for name, source in found.items()
    ]
    head = ["source", "problems", *splits, "modality", "by level", "language", "answer", "verifier"]
    return _table(head, rows)


def _answers(found: Mapping[str, SourceStatistics]) -> str:
    rows = []
    for name, source in found.items():
        by_count = sorted(source.answers.items(), key=lambda item: (-item[1], item[0]))
        top = by_count[:_TOP_ANSWERS]
        many = len(source.answers)
        rows.append(
            [
                name,
                f"over {many}" if many == MAX_DISTINCT else str(many),
                *(f"{_code(answer)} {count / source.count:.1%}" for answer, count in top),
                *[""] * (_TOP_ANSWERS - len(top)),
            ]
        )
    return _table(["source", "distinct", *(f"no. {i + 1}" for i in range(_TOP_ANSWERS))], rows)


def _images(found: Mapping[str, SourceStatistics]) -> str:
    rows = []
    for name, source in found.items():
        if not source.images:
            rows.append([name, "0", "", "", "", ""])
            continue
        smallest, largest = (choose(source.sizes, key=_area) for choose in (min, max))
        middle = median(side for size in source.sizes.elements() for side in size)
        rows.append(
            [
                name,
                f"{source.images / source.count:.2g}",
                _keys(source.formats),
                "{} x {}".format(*smallest),
                "{} x {}".format(*largest),
                f"{middle:g}",
                f"{source.image_bytes / source.images / 1024:.1f}",
            ]
        )
    head = ["source", "per problem", "format", "smallest", "largest", "median side", "KiB each"]
    return _table(head, [[*row, *[""] * (len(head) - len(row))] for row in rows])


def _licences(found: Mapping[str, SourceStatistics]) -> str:
    table = _table(
        ["source", "licence"], [[name, _keys(source.licences)] for name, source in found.items()]
    )
    citations = dict.fromkeys(
        text for source in found.values() for text, count in source.citations.items() if count
    )
    return "\n\n".join([table, *map(_fence, citations)])


def _area(size: tuple[int, int]) -> tuple[int, int]:
    return size[0] * size[1], size[0]


def _levels(levels: Mapping[int, int]) -> str:
    return ", ".join(f"{level}: {levels[level]}" for level in sorted(levels))


def _keys(counts: Mapping[str, int]) -> str:
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{name} ({counts[name]})" for name in sorted(counts))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _code(text: str) -> str:
    short = text if len(text) <= _CELL_CHARS else text[: _CELL_CHARS - 3] + "..."
    return "`" + " ".join(short.replace("`", "'").split()) + "`"


def _fence(text: str) -> str:
    """A block of code that no content can end."""
    ticks = "```"
    while ticks in text:
        ticks += "`"
    return f"{ticks}\n{text.strip()}\n{ticks}"
