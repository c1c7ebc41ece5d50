"""Photographs of pages: what paper, light, lens, sensor and compression do to a clean rendering.

One knob, `strength`, scales every effect from nothing at 0 to hard to read at 1. Each kind has
random draws of its own, the same at every strength and whichever other kinds are asked for, so
that a sweep over the knob degrades the same photograph further and further.

The image keeps its size and mode. Perspective and rotation shrink the page onto a plain table so
that nothing is cut off, and `Degraded` maps the boxes of text lines along.
"""

import io
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from PIL import Image, ImageChops, ImageFilter

Point = tuple[float, float]
Box = tuple[int, int, int, int]
Homography = tuple[float, float, float, float, float, float, float, float, float]
"""A projective map of the plane, row by row."""

_LARGEST = {
    "paper": 0.12,
    "perspective": 0.08,
    "rotation": 6.0,
    "shadow": 0.5,
    "contrast": 0.4,
    "moire": 0.2,
    "blur": 1.4,
    "motion": 2.5,
    "noise": 14.0,
    "salt": 0.002,
    "jpeg": 75.0,
}
KINDS = tuple(_LARGEST)
"""In the order in which they happen to a page: on the table, in the lens, on the sensor, in the
file. Their amounts, as `Degraded.applied` states them, are:

- paper: depth of the texture, as a share of the brightness
- perspective: how far a corner of the page moves at most, as a share of the side
- rotation: degrees, counter-clockwise if positive
- shadow: share of the light that the shadow takes away
- contrast: share of the contrast that is lost
- moire: depth of the stripes, as a share of the brightness
- blur: standard deviation of the Gaussian in thousandths of the side
- motion: length of the camera's movement in thousandths of the side, at most 4 pixels
- noise: standard deviation in levels of 256
- salt: share of the pixels that are stuck at black or white
- jpeg: quality below 95

The side is that of a square of the same area as the image.
"""

_IDENTITY: Homography = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
_MODES = ("L", "RGB")
_FIBRE = 3  # pixels
_COARSE = 48  # pixels across in which light that varies slowly is computed
_MOTION_STEPS = 33
_SLACK = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Degraded:
    """A degraded image, what was done to it and where its points went.

    Example:
        degrade(page.image, 0.5, rng, ("blur", "rotation")).map_box(line.box)
    """

    image: Image.Image
    """Of the size and mode of the original."""
    applied: Mapping[str, float]
    """Amount of each kind that was applied, in the units that `KINDS` documents."""
    homography: Homography
    """From the original's coordinates to this image's; pixel (0, 0) has its centre at (.5, .5)."""

    def map_point(self, x: float, y: float) -> Point:
        """Where a point of the original is in this image."""
        return _project(self.homography, (x, y))

    def map_box(self, box: Box) -> Box:
        """The smallest box that holds a box of the original, clipped to the image."""
        left, top, right, bottom = box
        points = [self.map_point(x, y) for x in (left, right) for y in (top, bottom)]
        xs, ys = zip(*points, strict=True)
        # Without the slack, rounding errors would push an edge on a pixel's border to the next.
        return (
            max(0, math.floor(min(xs) + _SLACK)),
            max(0, math.floor(min(ys) + _SLACK)),
            min(self.image.width, math.ceil(max(xs) - _SLACK)),
            min(self.image.height, math.ceil(max(ys) - _SLACK)),
        )


def degrade(
    image: Image.Image, strength: float, rng: random.Random, kinds: Sequence[str] = KINDS
) -> Degraded:
    """Make an image (mode `L` or `RGB`) look like a photograph of itself.

    `strength` 0 returns the image as it is. Each kind gets between half and all of what the
    strength allows. The order of `kinds` does not matter.

    Raises:
        ValueError: a strength outside 0..1, an unknown kind, or another mode.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"strength={strength}: choose a number from 0 to 1")
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise ValueError(f"unknown kind {unknown[0]!r}: choose from {', '.join(KINDS)}")
    if image.mode not in _MODES:
        raise ValueError(f"image has mode {image.mode}: convert it to L or RGB")
    # A seed for every kind, so that leaving one out does not change the draws of the others.
    rngs = {kind: random.Random(rng.getrandbits(64)) for kind in KINDS}
    applied = {
        kind: strength * _LARGEST[kind] * rngs[kind].uniform(0.5, 1)
        for kind in KINDS
        if strength > 0 and kind in kinds
    }
    if "rotation" in applied:
        applied["rotation"] *= rngs["rotation"].choice((-1, 1))
    homography = _IDENTITY
    for kind, amount in applied.items():
        if kind in _EFFECTS:
            image = _EFFECTS[kind](image, amount, rngs[kind])
        elif homography is _IDENTITY:  # perspective and rotation in one resampling
            homography = _page_pose(image.size, applied, rngs["perspective"])
            image = _lay_on_table(image, homography, rngs[kind])
    return Degraded(image=image, applied=applied, homography=homography)


def _page_pose(
    size: tuple[int, int], applied: Mapping[str, float], rng: random.Random
) -> Homography:
    """Corners drawn in by the perspective, turned, and shrunk to fit the image."""
    width, height = size
    inset = applied.get("perspective", 0.0)
    angle = -math.radians(applied.get("rotation", 0.0))  # y points down
    quad = []
    for x, y in ((0, 0), (1, 0), (1, 1), (0, 1)):  # of the unit square, clockwise
        dx = (abs(x - inset * rng.uniform(0.3, 1)) - 0.5) * width
        dy = (abs(y - inset * rng.uniform(0.3, 1)) - 0.5) * height
        quad.append(
            (
                dx * math.cos(angle) - dy * math.sin(angle),
                dx * math.sin(angle) + dy * math.cos(angle),
            )
        )
    xs, ys = zip(*quad, strict=True)
    span_x, span_y = max(xs) - min(xs), max(ys) - min(ys)
    scale = min(1.0, width / span_x, height / span_y)
    shift_x = width / 2 - scale * (max(xs) + min(xs)) / 2
    shift_y = height / 2 - scale * (max(ys) + min(ys)) / 2
    corners = [(x * scale + shift_x, y * scale + shift_y) for x, y in quad]
    a, b, c, d, e, f, g, h, i = _square_to_quad(corners)
    return (a / width, b / height, c, d / width, e / height, f, g / width, h / height, i)


def _square_to_quad(corners: Sequence[Point]) -> Homography:
    """The projective map of the unit square's corners, clockwise from (0, 0), in closed form."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    sum_x, sum_y = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    dx1, dy1, dx2, dy2 = x1 - x2, y1 - y2, x3 - x2, y3 - y2
    area = dx1 * dy2 - dx2 * dy1
    g = (sum_x * dy2 - dx2 * sum_y) / area
    h = (dx1 * sum_y - sum_x * dy1) / area
    return (
        x1 - x0 + g * x1,
        x3 - x0 + h * x3,
        x0,
        y1 - y0 + g * y1,
        y3 - y0 + h * y3,
        y0,
        g,
        h,
        1.0,
    )


def _project(homography: Homography, point: Point) -> Point:
    a, b, c, d, e, f, g, h, i = homography
    x, y = point
    w = g * x + h * y + i
    return (a * x + b * y + c) / w, (d * x + e * y + f) / w


def _lay_on_table(image: Image.Image, homography: Homography, rng: random.Random) -> Image.Image:
    a, b, c, d, e, f, g, h, i = homography
    # The adjugate is the inverse up to a factor, which Pillow wants to be 1 at the end.
    inverse = (
        e * i - f * h,
        c * h - b * i,
        b * f - c * e,
        f * g - d * i,
        a * i - c * g,
        c * d - a * f,
        d * h - e * g,
        b * g - a * h,
        a * e - b * d,
    )
    tone = rng.randint(70, 170)
    table = tuple(tone + rng.randint(-30, 30) for _ in range(3))
    return image.transform(
        image.size,
        Image.Transform.PERSPECTIVE,
        [value / inverse[8] for value in inverse[:8]],
        resample=Image.Resampling.BILINEAR,
        fillcolor=table if image.mode == "RGB" else tone,
    )


def _paper(image: Image.Image, depth: float, rng: random.Random) -> Image.Image:
    """Clouds and fibres; in colour also yellowed."""
    width, height = (max(2, -(-side // _FIBRE)) for side in image.size)
    clouds = _random_grid((max(2, width // 20), max(2, height // 20)), rng).resize((width, height))
    fibres = _random_grid((width, height), rng)
    texture = Image.blend(clouds, fibres, 0.5)
    gain = texture.point([round(255 - depth * level) for level in range(256)])
    image = _darken(image, gain.resize(image.size, Image.Resampling.BILINEAR))
    if image.mode == "L":
        return image
    fades = (1.0, 1 - 0.3 * depth, 1 - depth)
    return image.point([round(level * fade) for fade in fades for level in range(256)])


def _random_grid(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """Uniform noise."""
    return Image.frombytes("L", size, rng.randbytes(size[0] * size[1]))


def _shadow(image: Image.Image, depth: float, rng: random.Random) -> Image.Image:
    """A soft edge across the page, dark on one side."""
    angle = rng.uniform(0, 2 * math.pi)
    softness = rng.uniform(0.2, 0.7)
    axis = np.linspace(-0.5, 0.5, _COARSE)
    distance = math.cos(angle) * axis[None, :] + math.sin(angle) * axis[:, None]
    ramp = np.clip((distance - rng.uniform(-0.25, 0.25)) / softness + 0.5, 0, 1)
    light = 1 - depth * ramp * ramp * (3 - 2 * ramp)
    gain = Image.fromarray(np.rint(255 * light).astype(np.uint8))
    return _darken(image, gain.resize(image.size, Image.Resampling.BICUBIC))


def _contrast(image: Image.Image, loss: float, rng: random.Random) -> Image.Image:
    """Towards a grey that is itself too dark or too bright: a wrong exposure."""
    grey = 127.5 + rng.uniform(-60, 60)
    table = [round(level + loss * (grey - level)) for level in range(256)]
    return image.point(table * len(image.getbands()))


def _moire(image: Image.Image, depth: float, rng: random.Random) -> Image.Image:
    """A screen's fine lines and the wide, bent fringes where they beat with the sensor's.

    In colour, the fringes of the three channels are out of step, as on a screen of three stripes.
    """
    fine = _fringes(image.size, rng.uniform(2.3, 4), 0, rng)
    wide_seed = rng.getrandbits(64)
    gains = []
    for channel in range(len(image.getbands())):
        wide_rng = random.Random(wide_seed)
        period = wide_rng.uniform(15, 60)
        wide = _fringes(image.size, period, channel * 2 * math.pi / 3, wide_rng)
        levels = 255 * (1 - depth / 2) + (255 * depth / 4) * (fine + wide)
        gains.append(Image.fromarray(levels.astype(np.uint8)))
    return _darken(image, *gains)


def _fringes(
    size: tuple[int, int], period: float, phase: float, rng: random.Random
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Waves in -1..1 whose phase is a polynomial in x plus one in y: two outer products."""
    angle = rng.uniform(0, 2 * math.pi)
    phases = []
    for side, share in zip(size, (math.cos(angle), math.sin(angle)), strict=True):
        axis = np.arange(side) / period
        bend = rng.uniform(-0.3, 0.3) * period / side
        phases.append(2 * math.pi * (share * axis + bend * axis * axis))
    x, y = phases[0] + phase, phases[1]
    sin_x, cos_x, sin_y, cos_y = (
        wave.astype(np.float32) for wave in (np.sin(x), np.cos(x), np.sin(y), np.cos(y))
    )
    return np.outer(cos_y, sin_x) + np.outer(sin_y, cos_x)


def _darken(image: Image.Image, *gains: Image.Image) -> Image.Image:
    """Multiply by one gain for all channels or one for each; 255 leaves a pixel as it is."""
    if image.mode == "L":
        return ImageChops.multiply(image, gains[0])
    return ImageChops.multiply(image, Image.merge("RGB", gains if len(gains) == 3 else gains * 3))


def _blur(image: Image.Image, deviation: float, rng: random.Random) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(deviation * _side(image) / 1000))


def _motion(image: Image.Image, length: float, rng: random.Random) -> Image.Image:
    """The average along a line, by a kernel of 3 x 3 or 5 x 5."""
    angle = rng.uniform(0, math.pi)
    reach = min(4.0, length * _side(image) / 1000) / 2
    middle = 1 if reach <= 1 else 2
    width = 2 * middle + 1
    weights = [0.0] * width**2
    for step in range(_MOTION_STEPS):
        offset = reach * (2 * step / (_MOTION_STEPS - 1) - 1)
        x, y = middle + offset * math.cos(angle), middle + offset * math.sin(angle)
        column, row = min(width - 2, int(x)), min(width - 2, int(y))
        for dy, share_y in ((0, row + 1 - y), (1, y - row)):
            for dx, share_x in ((0, column + 1 - x), (1, x - column)):
                weights[(row + dy) * width + column + dx] += share_x * share_y / _MOTION_STEPS
    return image.filter(ImageFilter.Kernel((width, width), weights))


def _noise(image: Image.Image, deviation: float, rng: random.Random) -> Image.Image:
    """Independent in each channel, of 256 equally likely levels of a normal distribution."""
    size = image.width * image.height * len(image.getbands())
    table = bytes(round(128 + deviation * level) for level in _normal_levels())
    noise = Image.frombytes(image.mode, image.size, _random_bytes(size, rng).translate(table))
    return ImageChops.add(image, noise, offset=-128)


@lru_cache(maxsize=1)
def _normal_levels() -> tuple[float, ...]:
    """The middles of 256 equally likely ranges, scaled to a standard deviation of 1."""
    levels = [NormalDist().inv_cdf((i + 0.5) / 256) for i in range(256)]
    deviation = math.sqrt(sum(level * level for level in levels) / 256)
    return tuple(level / deviation for level in levels)


def _salt(image: Image.Image, share: float, rng: random.Random) -> Image.Image:
    """Dead and hot pixels."""
    pixels = np.array(image)
    num_pixels = image.width * image.height
    # As many places as the largest share could need, so that a larger share adds to a smaller one.
    places = np.frombuffer(
        _random_bytes(8 * math.ceil(_LARGEST["salt"] * num_pixels), rng), dtype="<u8"
    )[: round(share * num_pixels)]
    rows, columns = np.divmod(places % num_pixels, image.width)
    value = np.where(places >> 63 == 1, 255, 0)
    pixels[rows, columns] = value if image.mode == "L" else value[:, None]
    return Image.fromarray(pixels)


def _random_bytes(count: int, rng: random.Random) -> bytes:
    """Many random bytes; a bit generator's raw stream is the same in every release of NumPy."""
    words: np.ndarray[tuple[int], np.dtype[np.uint64]] = np.random.PCG64(
        rng.getrandbits(64)
    ).random_raw(-(-count // 8))
    return words.astype("<u8").tobytes()[:count]


def _jpeg(image: Image.Image, loss: float, rng: random.Random) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=95 - round(loss))
    decoded = Image.open(buffer)
    decoded.load()
    return decoded.copy()  # an image without a file behind it


def _side(image: Image.Image) -> float:
    return math.sqrt(image.width * image.height)


_EFFECTS: Mapping[str, Callable[[Image.Image, float, random.Random], Image.Image]] = {
    "paper": _paper,
    "shadow": _shadow,
    "contrast": _contrast,
    "moire": _moire,
    "blur": _blur,
    "motion": _motion,
    "noise": _noise,
    "salt": _salt,
    "jpeg": _jpeg,
}
"""The kinds that leave every point where it is."""
