"""Solids on a floor in perspective: count by attributes, or follow relations to a list of solids.

Compositional questions as in CLEVR (filter, relate, order), asked for tuples so that they cannot be
guessed. The picture is a painter's rendering of shaded sprites, far solids first.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

from PIL import Image

from data_synth.canvas import UNITS
from data_synth.solids import (
    EDGE,
    FAR,
    NEAR,
    RADII,
    TILT,
    TURNS,
    Solid,
    hidden_share,
    render_solids,
    scale_at,
    visible_share,
)
from data_synth.style import COLORS, COLORS_ZH, Style
from data_synth.tasks.base import Arrangements, Pose, Product, Task, check, format_tuple

_VALUES: Mapping[str, tuple[str, ...]] = {
    "color": tuple(COLORS),
    "size": ("small", "large"),
    "material": ("rubber", "metal"),
    "shape": ("sphere", "cube", "cylinder"),
}
_ZH = {
    "sphere": "球体",
    "cube": "正方体",
    "cylinder": "圆柱体",
    "small": "小",
    "large": "大",
    "rubber": "橡胶",
    "metal": "金属",
} | {name: f"{zh}色" for name, zh in COLORS_ZH.items()}
_RELATIONS = {
    "left": ("left of", "左侧"),
    "right": ("right of", "右侧"),
    "front": ("in front of (nearer to the camera than)", "前方（离镜头更近）"),
    "behind": ("behind (farther from the camera than)", "后方（离镜头更远）"),
}
_MIN_GAP = 30.0  # between any two solids, to the right and in depth
_MIN_VISIBLE = 0.6
_MAX_HIDDEN = 0.36  # a little less than allowed, for shares are measured on samples
_ATTEMPTS = 200
_Spot = tuple[int, int]
_Filter = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    num_solids: int
    """Solids in the scene; for counts, at least so many if the answer allows."""
    num_filters: int = 0
    """Attributes in each of the three descriptions counted; 0 asks for an ordered list."""
    max_count: int = 3
    """Largest of the counts."""
    num_relations: int = 0
    """Relations that the listed solids satisfy."""
    num_listed: int = 3
    """Solids in the list."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Params:
    """What the question and the configuration fixed."""

    config: Config
    filters: tuple[_Filter, ...]
    """Descriptions that are counted, or the one that listed solids satisfy: attribute, value."""
    relations: tuple[tuple[str, str, str], ...] = ()
    """Relation, and colour and shape of the only such solid, to which it is."""
    by_depth: bool = False
    """List from the nearest to the farthest instead of from left to right."""


Scene = tuple[Solid, ...]
"""Solids from the farthest to the nearest."""


class Scene3D(Task[Config]):
    name = "scene_3d"
    summary = "count or order solids in a 3-D scene by attributes and relations"
    domain = "spatial relation"
    discipline = "3-D scenes"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = (
        Config(num_solids=6, num_filters=1),
        Config(num_solids=9, num_filters=2),
        Config(num_solids=9, num_relations=1),
        Config(num_solids=10, num_relations=2),
        Config(num_solids=12, num_relations=3),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        if config.num_filters:
            params = Params(config=config, filters=_choose_filters(rng, config.num_filters))
            return Pose(
                questions=_count_questions(params),
                answers=Product([range(config.max_count + 1)] * 3),
                params=params,
            )
        tokens = [(color, shape) for color in COLORS for shape in _VALUES["shape"]]
        references = rng.sample(tokens, config.num_relations)
        relations = rng.sample(sorted(_RELATIONS), config.num_relations)
        attribute = rng.choice(("size", "material"))
        params = Params(
            config=config,
            filters=(((attribute, rng.choice(_VALUES[attribute])),),),
            relations=tuple(
                (relation, *token) for relation, token in zip(relations, references, strict=True)
            ),
            by_depth=rng.random() < 0.5,
        )
        names = [f"{color}-{shape}" for color, shape in tokens if (color, shape) not in references]
        return Pose(
            questions=_list_questions(params),
            answers=Arrangements(names, config.num_listed),
            params=params,
        )

    def build(self, rng: random.Random, pose: Pose, answer: Sequence[Any]) -> Scene:
        params: Params = pose.params
        make = _make_counted if params.config.num_filters else _make_listed
        return tuple(sorted(make(rng, params, answer), key=lambda solid: solid.y))

    def draw(self, scene: Scene, *, size: int, style: Style) -> Image.Image:
        return render_solids(scene, size=size, style=style)

    def solve(self, pose: Pose, scene: Scene) -> tuple[Any, ...]:
        """Run the question as a program on the solids; they must be apart and well in sight."""
        params: Params = pose.params
        for key in (lambda solid: solid.x), (lambda solid: solid.y):
            places = sorted(map(key, scene))
            assert all(high - low >= _MIN_GAP - 1 for low, high in pairwise(places))
        assert min(visible_share(scene, place) for place in range(len(scene))) >= _MIN_VISIBLE
        if params.config.num_filters:
            return tuple(
                sum(_matches(solid, wanted) for solid in scene) for wanted in params.filters
            )
        *_, found = _filter_steps(params, scene)
        return tuple(f"{solid.color}-{solid.shape}" for solid in found[1])

    def reason(self, pose: Pose, scene: Scene) -> str:
        params: Params = pose.params
        answer = self.solve(pose, scene)
        solids = ", ".join(
            f"{solid.size} {solid.material} {solid.color} {solid.shape}" for solid in scene
        )
        if params.config.num_filters:
            plan = "count"
            steps = [
                f"{_describe(wanted)} {count}."
                for wanted, count in zip(params.filters, answer, strict=True)
            ]
        else:
            plan = "filter, then order"
            steps = [
                f"{name} : {' '.join(f'{solid.color}-{solid.shape}' for solid in found) or '-'}."
                for name, found in _filter_steps(params, scene)
            ]
        return f"plan: {plan}. scan: {solids}. {' '.join(steps)} {check(answer)}"

    def format(self, answer: Sequence[Any]) -> str:
        return format_tuple(answer)


def _choose_filters(rng: random.Random, count: int) -> tuple[_Filter, ...]:
    """Three descriptions with different values of the same attributes: they never overlap."""
    # Some solids must fit no description, so that one attribute alone is the colour.
    names = rng.sample(list(_VALUES), count) if count > 1 else ["color"]
    names.sort(key=list(_VALUES).index)
    choices = list(product(*(_VALUES[name] for name in names)))
    return tuple(tuple(zip(names, values, strict=True)) for values in rng.sample(choices, 3))


def _make_counted(rng: random.Random, params: Params, answer: Sequence[int]) -> list[Solid]:
    """As many solids of each description as asked, and some that fit none."""
    traits = [
        _random_traits(rng) | dict(wanted)
        for wanted, count in zip(params.filters, answer, strict=True)
        for _ in range(count)
    ]
    num_others = max(1, params.config.num_solids - len(traits))
    while num_others:
        other = _random_traits(rng)
        if not any(dict(wanted).items() <= other.items() for wanted in params.filters):
            traits.append(other)
            num_others -= 1
    rng.shuffle(traits)
    spots = _scatter(rng, len(traits))
    return [_solid(rng, spot, trait) for spot, trait in zip(spots, traits, strict=True)]


def _make_listed(rng: random.Random, params: Params, answer: Sequence[str]) -> list[Solid]:
    """Places first, then the references among them, then who is listed."""
    spots = _scatter(rng, params.config.num_solids)
    references, inside = _choose_references(rng, params, spots)
    listed = rng.sample(inside, len(answer))
    # A larger y is nearer.
    listed.sort(key=lambda spot: -spot[1] if params.by_depth else spot[0])
    tokens = dict(zip(listed, answer, strict=True))
    ((attribute, value),) = params.filters[0]
    (failing,) = (other for other in _VALUES[attribute] if other != value)
    taken = [(color, shape) for _, color, shape in params.relations]
    solids = []
    for spot in spots:
        traits = _random_traits(rng)
        while (traits["color"], traits["shape"]) in taken:
            traits = _random_traits(rng)
        if spot in tokens:
            traits["color"], traits["shape"] = tokens[spot].split("-")
            traits[attribute] = value
        elif spot in inside:
            traits[attribute] = failing
        elif spot in references:
            traits["color"], traits["shape"] = taken[references.index(spot)]
        solids.append(_solid(rng, spot, traits))
    return solids


def _choose_references(
    rng: random.Random, params: Params, spots: Sequence[_Spot]
) -> tuple[list[_Spot], list[_Spot]]:
    """Places for the references, and the places that satisfy all relations to them."""
    names = [relation for relation, _, _ in params.relations]
    for attempt in range(_ATTEMPTS):
        references = rng.sample(spots, len(names))
        if attempt == _ATTEMPTS - 1:
            # Only references are excluded if each is the outermost of those left.
            references = []
            for name in names:
                left = [spot for spot in spots if spot not in references]
                references.append(
                    next(s for s in left if all(_holds(name, t, s) for t in left if t != s))
                )
        inside = [
            spot
            for spot in spots
            if all(_holds(name, spot, to) for name, to in zip(names, references, strict=True))
        ]
        if len(inside) >= params.config.num_listed:
            break
    return references, inside


def _holds(relation: str, spot: _Spot, to: _Spot) -> bool:
    """Whether a place is left of another, and so on; the camera is at the bottom."""
    if relation in ("left", "right"):
        return spot[0] < to[0] if relation == "left" else spot[0] > to[0]
    return spot[1] > to[1] if relation == "front" else spot[1] < to[1]


def _random_traits(rng: random.Random) -> dict[str, str]:
    return {name: rng.choice(values) for name, values in _VALUES.items()}


def _solid(rng: random.Random, spot: _Spot, traits: Mapping[str, str]) -> Solid:
    return Solid(
        shape=traits["shape"],
        color=traits["color"],
        size=traits["size"],
        material=traits["material"],
        x=spot[0],
        y=spot[1],
        turn=rng.choice(TURNS),
    )


def _scatter(rng: random.Random, count: int) -> list[_Spot]:
    """Places apart from each other in both directions, none hidden whatever stands there."""
    for attempt in range(_ATTEMPTS):
        columns = list(range(count))
        rng.shuffle(columns)
        if attempt == _ATTEMPTS - 1:
            # Such strides keep neighbours in one direction apart in the other.
            stride = next(k for k in (5, 4, 3, 2, 1) if math.gcd(k, count) == 1)
            columns = [stride * i % count for i in range(count)]
        spots = [
            (
                _in_slot(rng, column, count, EDGE, UNITS - EDGE),
                _in_slot(rng, row, count, FAR, NEAR),
            )
            for row, column in enumerate(columns)
        ]
        if _is_clear(spots):
            break
    return spots


def _in_slot(rng: random.Random, slot: int, count: int, low: float, high: float) -> int:
    """A random place in one of `count` equal slots, at least half a gap from its borders."""
    width = (high - low) / count
    return round(low + width * slot + rng.uniform(_MIN_GAP / 2, width - _MIN_GAP / 2))


def _is_clear(spots: Sequence[_Spot]) -> bool:
    """Whether large solids would not touch, and would not hide too much of any behind them."""
    for i, spot in enumerate(spots):
        hidden = dict.fromkeys(RADII, 0.0)
        for nearer in spots[i + 1 :]:
            across = (nearer[0] - spot[0]) / scale_at((spot[1] + nearer[1]) / 2)
            if math.hypot(across, (nearer[1] - spot[1]) / TILT) < 2 * RADII["large"]:
                return False
            if abs(across) < 2.2 * RADII["large"]:
                for size in hidden:
                    hidden[size] += hidden_share(spot, size, nearer)
        if max(hidden.values()) > _MAX_HIDDEN:
            return False
    return True


def _matches(solid: Solid, wanted: _Filter) -> bool:
    return all(getattr(solid, name) == value for name, value in wanted)


def _filter_steps(params: Params, scene: Scene) -> list[tuple[str, list[Solid]]]:
    """What is left after each step of a list question, with a name for the step."""
    left = list(scene)
    steps = []
    for relation, color, shape in params.relations:
        (to,) = (solid for solid in scene if solid.color == color and solid.shape == shape)
        left = [s for s in left if _holds(relation, (s.x, s.y), (to.x, to.y))]
        steps.append((f"{relation} {color}-{shape}", left))
    left = [solid for solid in left if _matches(solid, params.filters[0])]
    steps.append((_describe(params.filters[0]), left))
    if params.by_depth:
        return [*steps, ("nearest first", sorted(left, key=lambda solid: -solid.y))]
    return [*steps, ("left to right", sorted(left, key=lambda solid: solid.x))]


def _describe(wanted: _Filter) -> str:
    """`small red cubes`, `metal objects`."""
    values = dict(wanted)
    noun = f"{values.pop('shape')}s" if "shape" in values else "objects"
    order = ("size", "material", "color")
    return " ".join([*(values[name] for name in order if name in values), noun])


def _describe_zh(wanted: _Filter) -> str:
    values = dict(wanted)
    words = [_ZH[values[name]] for name in ("color", "size", "material", "shape") if name in values]
    return "".join(words) + ("" if "shape" in values else "物体")


def _count_questions(params: Params) -> dict[str, list[str]]:
    first, second, third = map(_describe, params.filters)
    names_zh = "、".join(map(_describe_zh, params.filters))
    end = "Answer as (n,n,n) in this order."
    end_zh = "按此顺序以 (n,n,n) 的形式回答。"
    return {
        "en": [
            f"How many {first}, {second} and {third} are there? {end}",
            f"Count the {first}, the {second} and the {third} in the scene. {end}",
        ],
        "zh": [
            f"图中{names_zh}各有多少个？{end_zh}",
            f"分别数出场景中{names_zh}的个数。{end_zh}",
        ],
    }


def _list_questions(params: Params) -> dict[str, list[str]]:
    who, who_zh = _describe(params.filters[0]), _describe_zh(params.filters[0])
    where = " and ".join(
        f"{_RELATIONS[relation][0]} the {color} {shape}"
        for relation, color, shape in params.relations
    )
    where_zh = "，并且".join(
        f"在{_ZH[color]}{_ZH[shape]}{_RELATIONS[relation][1]}"
        for relation, color, shape in params.relations
    )
    order = "from the nearest to the farthest" if params.by_depth else "from left to right"
    order_zh = "由近到远" if params.by_depth else "从左到右"
    colors, shapes = ", ".join(COLORS), ", ".join(_VALUES["shape"])
    colors_zh = "、".join(f"{COLORS_ZH[color]} ({color})" for color in COLORS)
    shapes_zh = "、".join(f"{_ZH[shape]} ({shape})" for shape in _VALUES["shape"])
    end = (
        "Left and right are as in the picture. Answer as (colour-shape,colour-shape,...); "
        f"colours: {colors}; shapes: {shapes}."
    )
    end_zh = (
        "左右以图中所见为准。按 (colour-shape,colour-shape,...) 的形式用英文单词回答；"
        f"颜色：{colors_zh}；形状：{shapes_zh}。"
    )
    return {
        "en": [
            f"List the {who} that are {where}, {order}. {end}",
            f"Which {who} are {where}? Name them {order}. {end}",
        ],
        "zh": [
            f"{order_zh}列出满足以下条件的{who_zh}：{where_zh}。{end_zh}",
            f"哪些{who_zh}{where_zh}？请{order_zh}写出。{end_zh}",
        ],
    }
