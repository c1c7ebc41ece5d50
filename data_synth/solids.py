"""Shaded spheres, cubes and cylinders on a floor, fast enough to draw thousands of scenes.

The camera looks down at a fixed angle, so that one kind of solid at one size always looks the same:
its shading is cast once, by exact rays, and kept; a scene then only colours the shadings and pastes
them from the farthest solid to the nearest.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from PIL import Image, ImageDraw, ImageFilter

from data_synth.canvas import UNITS
from data_synth.style import RGB, Style

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

RADII = {"small": 34.0, "large": 62.0}
"""Half widths in units in the middle of the floor."""
EDGE = 90.0
"""Units left free on both sides."""
FAR, NEAR = 330.0, 870.0
"""Where the farthest and the nearest solids stand, in units from the top."""
TURNS = (15, 35, 55, 75)
"""Degrees that a cube can be turned by."""
TILT = math.sin(math.radians(25))
"""Apparent depth of a circle on the floor relative to its width."""

_SHRINK = 0.24  # solids are smaller by this share at the far end than at the near one
_LIFT = 0.8  # of the radius: height of a solid's outline's middle above where it stands
_HORIZON = 0.2  # of the picture
_STEPS = 8  # sizes between the far and the near end
_SUPERSAMPLE = 3
_RISE = math.cos(math.radians(25))
_LIGHT = (-0.46, -0.56, 0.69)
_NUM_SAMPLES = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Solid:
    """One solid and where it stands in the picture."""

    shape: str
    """sphere, cube or cylinder."""
    color: str
    size: str
    """small or large."""
    material: str
    """rubber or metal."""
    x: int
    """Units from the left."""
    y: int
    """Units from the top of the middle of its base; larger is nearer to the camera."""
    turn: int = 15
    """Degrees that a cube is turned by, one of `TURNS`."""

    @property
    def radius(self) -> float:
        """Half its width in the picture, in units."""
        return RADII[self.size] * scale_at(self.y)


def scale_at(y: float) -> float:
    """Relative size of what stands at height `y` of the picture; 1 in the middle of the floor."""
    share = (y - FAR) / (NEAR - FAR)
    return 1 + _SHRINK * (round(share * _STEPS) / _STEPS - 0.5)


def hidden_share(spot: tuple[float, float], size: str, nearer: tuple[float, float]) -> float:
    """Share of a solid's outline, as a disc, that a large one in front of it covers."""
    back, front = RADII[size] * scale_at(spot[1]), RADII["large"] * scale_at(nearer[1])
    apart = math.hypot(nearer[0] - spot[0], (nearer[1] - _LIFT * front) - (spot[1] - _LIFT * back))
    if apart >= back + front:
        return 0.0
    if apart <= front - back:
        return 1.0
    # Area of a lens: two circular segments.
    a = (apart**2 + back**2 - front**2) / (2 * apart)
    lens = back**2 * math.acos(a / back) + front**2 * math.acos((apart - a) / front)
    return (lens - apart * math.sqrt(back**2 - a**2)) / (math.pi * back**2)


def visible_share(solids: Sequence[Solid], place: int) -> float:
    """Share of the outline, as a disc, of one of the solids that none after it covers."""
    solid = solids[place]
    x, y, radius = solid.x, solid.y - _LIFT * solid.radius, solid.radius
    covers = [
        (other.x - x, other.y - _LIFT * other.radius - y, other.radius)
        for other in solids[place + 1 :]
    ]
    covers = [cover for cover in covers if math.hypot(*cover[:2]) < radius + cover[2]]
    if not covers:
        return 1.0
    seen = 0
    for across, down in _DISC:
        seen += all(
            math.hypot(across * radius - dx, down * radius - dy) >= reach
            for dx, dy, reach in covers
        )
    return seen / len(_DISC)


def render_solids(solids: Sequence[Solid], *, size: int, style: Style) -> Image.Image:
    """A square RGB picture of `size` pixels; `solids` from the farthest to the nearest."""
    scale = size / UNITS
    image = _floor(size, style.background).copy()
    image.paste((0, 0, 0), (0, 0), _cast_shadows(solids, size))
    for solid in solids:
        kind = f"{solid.shape} {solid.turn}" if solid.shape == "cube" else solid.shape
        shading, mask = _shade(kind, solid.material, round(solid.radius * scale * 4) / 4)
        ramps = [shading.point(_ramp(channel)) for channel in style.palette[solid.color]]
        left = round(solid.x * scale - shading.width / 2)
        top = round(solid.y * scale - shading.height * _BASE)
        image.paste(Image.merge("RGB", ramps), (left, top), mask)
    return image


_TOP, _BOTTOM = 2.1, 0.65  # reach of a sprite above and below its base, in radii
_BASE = _TOP / (_TOP + _BOTTOM)
_WIDTH = 1.15
_DISC = [
    (r * math.cos(i * 2.39996), r * math.sin(i * 2.39996))
    for i in range(_NUM_SAMPLES)
    for r in [math.sqrt((i + 0.5) / _NUM_SAMPLES)]
]


@lru_cache(maxsize=256)
def _ramp(channel: int) -> list[int]:
    """One channel for each shade: black at 0, about the pure colour at 150, white at 255."""
    # Lifted a little, so that the faces of black solids can be told apart.
    full = channel + 0.06 * (255 - channel)
    return [
        round(full * shade / 150 if shade <= 150 else full + (255 - full) * (shade - 150) / 105)
        for shade in range(256)
    ]


@lru_cache(maxsize=16)
def _floor(size: int, background: RGB) -> Image.Image:
    """A wall and a floor that grows lighter towards the camera."""
    column = Image.new("RGB", (1, size))
    horizon = round(_HORIZON * size)
    for y in range(size):
        if y < horizon:
            light = 0.98 - 0.05 * y / max(1, horizon)
        else:
            light = 0.8 + 0.12 * (y - horizon) / (size - horizon)
        red, green, blue = (round(channel * light) for channel in background)
        column.putpixel((0, y), (red, green, blue))
    return column.resize((size, size))


def _cast_shadows(solids: Sequence[Solid], size: int) -> Image.Image:
    """Coverage of black: soft ellipses, away from the light."""
    small = max(1, size // 2)
    scale = small / UNITS
    mask = Image.new("L", (small, small), 0)
    pen = ImageDraw.Draw(mask)
    for solid in solids:
        radius = solid.radius * scale
        x, y = solid.x * scale + 0.45 * radius, solid.y * scale - 0.12 * radius
        pen.ellipse([x - 1.15 * radius, y - 0.5 * radius, x + 1.15 * radius, y + 0.5 * radius], 95)
    return mask.filter(ImageFilter.BoxBlur(small / 75)).resize((size, size))


@lru_cache(maxsize=2048)
def _shade(kind: str, material: str, radius: float) -> tuple[Image.Image, Image.Image]:
    """Shading (0 black, 150 the pure colour, 255 white) and coverage of a solid, in pixels."""
    import numpy as np

    width = max(1, math.ceil(2 * _WIDTH * radius))
    height = max(1, math.ceil((_TOP + _BOTTOM) * radius))
    across = (np.arange(width * _SUPERSAMPLE) + 0.5) / _SUPERSAMPLE - width / 2
    up = height * _BASE - (np.arange(height * _SUPERSAMPLE) + 0.5) / _SUPERSAMPLE
    u, v = np.meshgrid(across / radius, up / radius)
    hit, normals = _cast(kind, u, v)
    light = _illuminate(normals, metal=material == "metal")
    if material == "metal" and kind != "sphere":
        # Flat metal would look like dull rubber: it mirrors windows as slanting streaks.
        slant = u - 0.5 * (v - 0.75)
        light = light + 100 * np.exp(-(((slant + 0.3) / 0.2) ** 2))
        light = light + 70 * np.exp(-(((slant - 0.14) / 0.07) ** 2))
    # Outside the solid the shading repeats a mid tone, which the mask hides.
    levels = np.where(hit, np.clip(light, 0, 255), 150).astype(np.uint8)
    covered = Image.fromarray((hit * 255).astype(np.uint8))
    return Image.fromarray(levels).reduce(_SUPERSAMPLE), covered.reduce(_SUPERSAMPLE)


def _cast(kind: str, u: "Array", v: "Array") -> tuple["Array", "Array"]:
    """Where rays through (u, v), in radii from the base's middle, hit; and the normals [3, ...].

    x is to the right, y away from the camera, z up; rays run along (0, cos, -sin) of the tilt.
    """
    import numpy as np

    start = np.stack([u, v * TILT - 9 * _RISE, v * _RISE + 9 * TILT])
    ray = np.array([0.0, _RISE, -TILT])
    if kind == "sphere":
        offset = start - np.array([0.0, 0.0, 1.0])[:, None, None]
        b = np.tensordot(ray, offset, 1)
        under = b**2 - (offset**2).sum(0) + 1
        point = offset + ray[:, None, None] * (-b - np.sqrt(np.maximum(under, 0)))
        return under >= 0, point
    if kind == "cylinder":
        return _cast_cylinder(start, ray)
    angle = math.radians(int(kind.split()[1]))
    cos, sin = math.cos(angle), math.sin(angle)
    turned = np.stack([cos * start[0] + sin * start[1], cos * start[1] - sin * start[0], start[2]])
    way = np.array([sin * ray[1], cos * ray[1], ray[2]])
    half = 0.74
    low = (np.array([-half, -half, 0.0])[:, None, None] - turned) / way[:, None, None]
    high = (np.array([half, half, 2 * half])[:, None, None] - turned) / way[:, None, None]
    enter, leave = np.minimum(low, high), np.maximum(low, high)
    axis = enter.argmax(0)
    normals = np.stack([(axis == i) * -np.sign(way[i]) for i in range(3)])
    back = np.stack([cos * normals[0] - sin * normals[1], sin * normals[0] + cos * normals[1]])
    return enter.max(0) <= leave.min(0), np.concatenate([back, normals[2:]])


def _cast_cylinder(start: "Array", ray: "Array") -> tuple["Array", "Array"]:
    """An upright cylinder of radius 0.82 and height 1.55: side first, then the lid."""
    import numpy as np

    radius, height = 0.82, 1.55
    b = start[1] * ray[1]
    under = b**2 - ray[1] ** 2 * (start[0] ** 2 + start[1] ** 2 - radius**2)
    reach = (-b - np.sqrt(np.maximum(under, 0))) / ray[1] ** 2
    z = start[2] + ray[2] * reach
    side = (under >= 0) & (z >= 0) & (z <= height)
    lid_at = (height - start[2]) / ray[2]
    lid = ~side & (start[0] ** 2 + (start[1] + ray[1] * lid_at) ** 2 <= radius**2)
    outward = np.stack([start[0], start[1] + ray[1] * reach, np.zeros_like(z)]) / radius
    upward = np.array([0.0, 0.0, 1.0])[:, None, None]
    return side | lid, np.where(lid, upward, outward)


def _illuminate(normals: "Array", *, metal: bool) -> "Array":
    """Shades of surfaces: matte ones under a lamp, shiny ones with a reflected room as well."""
    import numpy as np

    light = np.array(_LIGHT) / math.hypot(*_LIGHT)
    ray = np.array([0.0, _RISE, -TILT])
    diffuse = np.maximum(np.tensordot(light, normals, 1), 0)
    facing = np.tensordot(ray, normals, 1)
    mirrored = ray[:, None, None] - 2 * facing * normals
    glint = np.maximum(np.tensordot(light, mirrored, 1), 0)
    if not metal:
        return 62 + 100 * diffuse + 25 * glint**8
    sky = np.clip(mirrored[2] * 2.2 + 0.35, 0, 1)
    return 40 + 55 * diffuse + 65 * sky + 190 * glint**28
