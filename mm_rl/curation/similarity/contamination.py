"""Contamination: problems of the pool that evaluation sets hold too.

Where text decides (text problems, and rendered ones by their text twin, whatever their fonts), a
run of `ngram` words in common gives a problem away, or a shorter question in common as a whole;
runs that several different problems share are templates, and templates are no content, unless a
problem consists of nothing else: then all of it together gives it away. Where images decide,
texts are not compared: "How many red cells are there?" is in every set. There, equal pixels
contaminate whatever is asked of them, and so does a near copy of a photograph. A near copy of
a drawing contaminates with the same answer, for drawings of one task do look alike.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from data_synth.problem import Modality, Problem
from data_synth.storage import read_problems
from mm_rl.config.similarity import ClipConfig, ContaminationConfig
from mm_rl.curation.base import Drop, Filter, Pool
from mm_rl.curation.similarity.content import Content, describe, squeezed
from mm_rl.curation.similarity.near_images import image_file
from mm_rl.curation.similarity.pictures import LoadFile, Pictures
from mm_rl.progress import StageProgress
from mm_rl.prompts.prompt_set import ListPromptSet, PromptSet

Ngram = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Item:
    """A problem reduced to what is compared; of the pool, or of an evaluation set."""

    id: str
    ngrams: frozenset[Ngram]
    text: str
    """`squeezed`."""
    guard: tuple[str, ...]
    """What two wordings of one problem agree in (`content`)."""
    images: tuple[str, ...]
    answer: str
    is_photo: bool
    set_name: str = ""


class Contamination(Filter):
    """Drops what evaluation sets hold; the twin is the problem of the evaluation set.

    Args:
        config: what counts as in common.
        clip: the model that compares pictures.
        sets: evaluation sets by name; `read_evaluation_sets` reads those of `config.paths`.
    """

    name: ClassVar[str] = "contamination"

    def __init__(
        self, config: ContaminationConfig, clip: ClipConfig, sets: Mapping[str, PromptSet]
    ) -> None:
        self.config, self.clip, self.sets = config, clip, dict(sets)

    def apply(self, pool: Pool) -> dict[int, Drop]:
        """See `Filter`; reasons `contaminated_text`, `contaminated_image`, `..._near_image`.

        Raises:
            ValueError: an image that cannot be decoded, or a model or package is missing.
        """
        files: dict[str, LoadFile] = {}
        guarded = self._guarded(files)
        candidates: dict[int, _Item] = {}
        with StageProgress(self.name, total=len(pool.alive)) as progress:
            for index in pool.alive:
                item = candidates[index] = self._item(pool.problem(index))
                for place, key in enumerate(item.images):
                    files.setdefault(key, partial(image_file, pool, index, place))
                progress.advance()
        drops = self._by_text(guarded, candidates) | self._by_pixels(guarded, candidates)
        rest = {index: item for index, item in candidates.items() if index not in drops}
        drops |= self._by_likeness(pool, guarded, rest, files)
        return dict(sorted(drops.items()))

    def _guarded(self, files: dict[str, LoadFile]) -> list[_Item]:
        """Items of the evaluation sets; notes where their images are."""
        items = []
        total = sum(map(len, self.sets.values()))
        with StageProgress(f"{self.name}: evaluation sets", total=total) as progress:
            for name, problems in self.sets.items():
                for index in range(len(problems)):
                    item = self._item(problems.problem(index), set_name=name)
                    items.append(item)
                    for place, key in enumerate(item.images):
                        files[key] = partial(_image_of_set, problems, index, place)
                    progress.advance()
        return items

    def _item(self, problem: Problem, *, set_name: str = "") -> _Item:
        content = describe(problem)
        return _Item(
            id=problem.id,
            ngrams=frozenset() if content.images else ngrams(content, self.config.ngram),
            text=squeezed(content.text),
            guard=content.guard,
            images=content.images,
            answer=content.answer,
            is_photo=problem.modality is Modality.REAL,
            set_name=set_name,
        )

    def _by_text(
        self, guarded: Sequence[_Item], candidates: Mapping[int, _Item]
    ) -> dict[int, Drop]:
        counts = _count_problems(guarded) | _count_problems(candidates.values())
        templates = {run for run, count in counts.items() if count >= self.config.template_count}
        # Runs that give a problem away each by itself.
        alone: dict[Ngram, _Item] = {}
        # Problems that consist of templates, by the rarest of theirs.
        together: dict[Ngram, list[_Item]] = defaultdict(list)
        for item in guarded:
            for run in item.ngrams - templates:
                alone.setdefault(run, item)
            if item.ngrams and item.ngrams <= templates:
                together[min(item.ngrams, key=lambda run: (counts[run], run))].append(item)
        drops = {}
        for index, item in candidates.items():
            found = [(run, alone[run]) for run in sorted(item.ngrams & alone.keys())] or [
                (run, other)
                for run in sorted(item.ngrams & together.keys())
                for other in together[run]
                if other.ngrams <= item.ngrams and other.text in item.text
            ]
            if found:
                run, twin = found[0]
                num_shared = len(item.ngrams & twin.ngrams)
                drops[index] = Drop(
                    reason="contaminated_text",
                    detail=f"{twin.set_name}: {num_shared} runs of words, "
                    f"as {' '.join(run)[:200]!r}",
                    twin=twin.id,
                )
        return drops

    def _by_pixels(
        self, guarded: Sequence[_Item], candidates: Mapping[int, _Item]
    ) -> dict[int, Drop]:
        first: dict[str, _Item] = {}
        for item in guarded:
            for key in item.images:
                first.setdefault(key, item)
        return {
            index: Drop(
                reason="contaminated_image",
                detail=f"{first[key].set_name}: equal pixels",
                twin=first[key].id,
            )
            for index, item in candidates.items()
            for key in item.images
            if key in first
        }

    def _by_likeness(
        self,
        pool: Pool,
        guarded: Sequence[_Item],
        candidates: Mapping[int, _Item],
        files: Mapping[str, LoadFile],
    ) -> dict[int, Drop]:
        """Near copies, compared with items of the same answer, and photographs with all photos."""
        comparisons = list(_comparisons(guarded, candidates))
        if not comparisons:
            return {}
        wanted = {key for queries, others in comparisons for key in (*queries, *others)}
        pictures = Pictures(
            {key: files[key] for key in sorted(wanted)},
            self.config,
            self.clip,
            pool.run.folder / "curation",
        )
        drops: dict[int, Drop] = {}
        with StageProgress(f"{self.name}: comparing", total=len(comparisons)) as progress:
            for queries, others in comparisons:
                keys, targets = list(queries), list(others)
                for key, places in zip(keys, pictures.among(keys, targets), strict=True):
                    scored = ((pictures.agreement(key, targets[i]), targets[i]) for i in places)
                    score, target = max(scored, default=(-1.0, ""))
                    if score >= self.config.agreement:
                        twin = others[target]
                        detail = f"{twin.set_name}: agreement {score:.2f}"
                        drop = Drop(reason="contaminated_near_image", detail=detail, twin=twin.id)
                        drops |= dict.fromkeys(queries[key], drop)
                progress.advance(dropped=len(drops))
        return drops


def _comparisons(
    guarded: Sequence[_Item], candidates: Mapping[int, _Item]
) -> Iterable[tuple[dict[str, list[int]], dict[str, _Item]]]:
    """Indices by image of the pool, and items by image of the sets, that are to be compared."""
    queries: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    others: dict[str, dict[str, _Item]] = defaultdict(dict)
    for index, item in candidates.items():
        for group in _groups(item):
            for key in item.images:
                queries[group][key].append(index)
    for item in guarded:
        for group in _groups(item):
            for key in item.images:
                others[group].setdefault(key, item)
    for group in queries:
        if others[group]:
            yield dict(queries[group]), others[group]


def _groups(item: _Item) -> list[str]:
    return [f"answer {item.answer}", *(["photograph"] if item.is_photo else [])]


def _count_problems(items: Iterable[_Item]) -> Counter[Ngram]:
    """How many different problems contain each run; the wordings of one count once."""
    runs: dict[tuple[str, ...], set[Ngram]] = defaultdict(set)
    for item in items:
        runs[item.guard] |= item.ngrams
    return Counter(ngram for shared in runs.values() for ngram in shared)


def ngrams(content: Content, size: int) -> frozenset[Ngram]:
    """All runs of `size` words of a text; one of fewer is compared as a whole, with its signs."""
    words = content.words
    if not words:
        return frozenset()
    if len(words) < size:
        return frozenset([(squeezed(content.text),)])
    return frozenset(words[i : i + size] for i in range(len(words) - size + 1))


def read_evaluation_sets(paths: Sequence[str]) -> dict[str, PromptSet]:
    """The sets of `contamination.paths` by path; benchmark items are welcome here.

    Raises:
        ValueError: a path that holds no problems.
    """
    sets: dict[str, PromptSet] = {}
    for path in paths:
        problems = ListPromptSet(read_problems(Path(path).expanduser()))
        if len(problems) == 0:
            raise ValueError(f"curation.contamination.paths: {path} holds no problems")
        sets[path] = problems
    return sets


def _image_of_set(problems: PromptSet, index: int, place: int) -> bytes:
    return problems.problem(index).images[place]
