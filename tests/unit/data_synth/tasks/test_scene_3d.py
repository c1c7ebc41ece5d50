"""scene_3d: questions run by hand, solids in sight, what is drawn is what is said."""

import math
from itertools import pairwise

import pytest

from data_synth.seeding import derive_rng
from data_synth.solids import (
    EDGE,
    FAR,
    NEAR,
    RADII,
    Solid,
    hidden_share,
    render_solids,
    visible_share,
)
from data_synth.style import COLORS, PLAIN
from data_synth.tasks.base import Pose
from data_synth.tasks.scene_3d import Config, Params, Scene3D

TASK = Scene3D()


def make_solid(traits: str, x: int, y: int) -> Solid:
    size, material, color, shape = traits.split()
    return Solid(shape=shape, color=color, size=size, material=material, x=x, y=y)


SCENE = (
    make_solid("small metal red cube", 500, 340),
    make_solid("large rubber blue sphere", 200, 440),
    make_solid("small metal green cylinder", 300, 540),
    make_solid("small rubber red sphere", 800, 640),
    make_solid("small metal yellow cube", 700, 740),
    make_solid("large metal black cube", 400, 840),
)


def test_counts_by_hand() -> None:
    params = Params(
        config=Config(num_solids=6, num_filters=2),
        filters=(
            (("size", "small"), ("material", "metal")),
            (("size", "large"), ("material", "metal")),
            (("size", "large"), ("material", "rubber")),
        ),
    )
    pose = Pose(questions={}, answers=(), params=params)
    assert TASK.solve(pose, SCENE) == (3, 1, 1)
    assert TASK.reason(pose, SCENE).endswith(
        "large metal black cube. small metal objects 3. large metal objects 1. "
        "large rubber objects 1. check: 3 1 1."
    )


@pytest.mark.parametrize(
    ("by_depth", "listed"),
    [
        (False, ("black-cube", "red-cube", "yellow-cube")),
        (True, ("black-cube", "yellow-cube", "red-cube")),
    ],
)
def test_relations_by_hand(by_depth: bool, listed: tuple[str, ...]) -> None:
    params = Params(
        config=Config(num_solids=6, num_relations=2),
        filters=((("material", "metal"),),),
        relations=(("right", "green", "cylinder"), ("left", "red", "sphere")),
        by_depth=by_depth,
    )
    pose = Pose(questions={}, answers=(), params=params)
    assert TASK.solve(pose, SCENE) == listed
    order = "nearest first" if by_depth else "left to right"
    assert TASK.reason(pose, SCENE) == (
        "plan: filter, then order. scan: small metal red cube, large rubber blue sphere, "
        "small metal green cylinder, small rubber red sphere, small metal yellow cube, "
        "large metal black cube. "
        "right green-cylinder : red-cube red-sphere yellow-cube black-cube. "
        "left red-sphere : red-cube yellow-cube black-cube. "
        "metal objects : red-cube yellow-cube black-cube. "
        f"{order} : {' '.join(listed)}. check: {' '.join(listed)}."
    )


def test_front_is_nearer_to_the_camera() -> None:
    params = Params(
        config=Config(num_solids=6, num_relations=1),
        filters=((("size", "small"),),),
        relations=(("front", "green", "cylinder"),),
    )
    pose = Pose(questions={}, answers=(), params=params)
    assert TASK.solve(pose, SCENE) == ("yellow-cube", "red-sphere")


def test_scenes_that_hide_a_solid_are_refused() -> None:
    hidden = (
        make_solid("small metal red cube", 500, 500),
        make_solid("large metal red cube", 530, 540),
    )
    params = Params(
        config=Config(num_solids=2, num_filters=1),
        filters=tuple((("color", color),) for color in ("red", "blue", "green")),
    )
    assert visible_share(hidden, 0) < 0.5 and visible_share(hidden, 1) == 1
    with pytest.raises(AssertionError):
        TASK.solve(Pose(questions={}, answers=(), params=params), hidden)


def test_the_covered_share_is_the_area_of_a_lens() -> None:
    """Equal discs a radius apart cover 2/3 - sqrt(3) / (2 pi) of each other: 39.1 %."""
    middle = (FAR + NEAR) / 2
    share = hidden_share((500, middle), "large", (500 + RADII["large"], middle))
    assert share == pytest.approx(2 / 3 - math.sqrt(3) / (2 * math.pi), abs=1e-9)
    assert hidden_share((500, middle), "small", (500 + 97, middle)) == 0
    # The sampled share of the same pair, from the solids themselves.
    pair = tuple(make_solid("large metal red sphere", 500 + dx, round(middle)) for dx in (0, 62))
    assert 1 - visible_share(pair, 0) == pytest.approx(share, abs=0.04)


@pytest.mark.parametrize("level", range(5))
def test_solids_are_apart_and_in_the_picture(level: int) -> None:
    for index in range(40):
        rng = derive_rng("solids", level, index)
        pose = TASK.pose(rng, TASK.ladder[level])
        scene = TASK.build(rng, pose, pose.answers[rng.randrange(len(pose.answers))])
        for places in (sorted(solid.x for solid in scene), sorted(solid.y for solid in scene)):
            assert min(high - low for low, high in pairwise(places)) >= 29
        assert all(EDGE <= solid.x <= 1000 - EDGE for solid in scene)
        assert [solid.y for solid in scene] == sorted(solid.y for solid in scene)
        for _, color, shape in pose.params.relations:
            assert sum(s.color == color and s.shape == shape for s in scene) == 1


@pytest.mark.parametrize("shape", ["sphere", "cube", "cylinder"])
@pytest.mark.parametrize("material", ["rubber", "metal"])
def test_solids_have_their_colour_and_place(shape: str, material: str) -> None:
    for color in COLORS:
        solid = make_solid(f"large {material} {color} {shape}", 500, 600)
        image = render_solids((solid,), size=200, style=PLAIN)
        # A patch of the body, below the highlights: nearest to the named colour, not to the floor.
        patch = image.crop((95, 108, 106, 119)).resize((1, 1)).getpixel((0, 0))
        assert isinstance(patch, tuple)
        shares = [channel / max(patch) for channel in patch]
        want = [channel / max(COLORS[color]) for channel in COLORS[color]]
        if color != "black":
            assert max(abs(a - b) for a, b in zip(shares, want, strict=True)) < 0.3
        assert sum(patch) < 450
        floor = image.getpixel((30, 118))
        assert isinstance(floor, tuple) and min(floor) > 180


def test_the_nearer_solid_is_drawn_over_the_farther() -> None:
    back = make_solid("large rubber blue sphere", 500, 560)
    front = make_solid("large rubber red sphere", 500, 620)
    image = render_solids((back, front), size=200, style=PLAIN)
    red, _, blue = image.getpixel((100, 118))  # type: ignore[misc]
    assert red > blue
