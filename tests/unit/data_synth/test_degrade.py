"""Degradation: amounts are the stated ones, points stay findable, the knob goes one way."""

import io
import math
import random
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw

from data_synth.degrade import KINDS, Degraded, degrade

_GEOMETRIC = ("perspective", "rotation")


def _psnr(first: Image.Image, second: Image.Image) -> float:
    a, b = (np.asarray(image, dtype=np.float64) for image in (first, second))
    error = float(((a - b) ** 2).mean())
    return 10 * math.log10(255**2 / error) if error else math.inf


def _page(mode: str = "L", size: tuple[int, int] = (400, 300)) -> Image.Image:
    page = Image.new(mode, size, "white")
    pen = ImageDraw.Draw(page)
    for y in range(20, size[1] - 20, 18):
        pen.text((20, y), "the quick brown fox jumps over the lazy dog 0123456789", fill="black")
    return page


def _measured(before: Image.Image, after: Image.Image) -> np.ndarray:
    return np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_strength_zero_changes_nothing(mode: str) -> None:
    page = _page(mode)
    result = degrade(page, 0, random.Random(1))
    assert result.image.tobytes() == page.tobytes()
    assert result.applied == {}
    assert result.map_point(12.25, 99.5) == (12.25, 99.5)
    assert result.map_box((3, 4, 50, 60)) == (3, 4, 50, 60)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_size_mode_and_the_original_are_kept(kind: str, mode: str) -> None:
    page = _page(mode)
    before = page.tobytes()
    result = degrade(page, 0.7, random.Random(2), (kind,))
    assert (result.image.size, result.image.mode) == (page.size, mode)
    assert list(result.applied) == [kind]
    assert result.image.tobytes() != before
    assert page.tobytes() == before


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 2), (37, 5)])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_tiny_images_are_degraded_too(size: tuple[int, int], mode: str) -> None:
    assert degrade(Image.new(mode, size, "white"), 1, random.Random(3)).image.size == size


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in _GEOMETRIC])
@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_more_strength_means_less_of_the_signal(kind: str, mode: str, seed: int) -> None:
    page = _page(mode)
    psnr = [
        _psnr(page, degrade(page, strength, random.Random(seed), (kind,)).image)
        for strength in (0.1, 0.3, 0.6, 1.0)
    ]
    assert all(high > low for high, low in pairwise(psnr)), psnr


@pytest.mark.parametrize("kind", _GEOMETRIC)
@pytest.mark.parametrize("seed", range(5))
def test_more_strength_moves_the_corners_further(kind: str, seed: int) -> None:
    page = _page()
    moves = []
    for strength in (0, 0.1, 0.3, 0.6, 1.0):
        result = degrade(page, strength, random.Random(seed), (kind,))
        moves.append(
            sum(math.dist(result.map_point(x, y), (x, y)) for x in (0, 400) for y in (0, 300))
        )
    assert moves == sorted(moves)
    assert moves[1] > 1


def _dot_centre(image: Image.Image) -> tuple[float, float]:
    """Centre of mass of what is nearly pure red, in coordinates where pixel 0 has centre .5."""
    pixels = np.asarray(image, dtype=np.int64)
    redness = np.clip(pixels[..., 0] - pixels[..., 1:].max(axis=-1) - 120, 0, None)
    ys, xs = np.indices(redness.shape)
    total = redness.sum()
    assert total > 0
    return float((xs * redness).sum() / total + 0.5), float((ys * redness).sum() / total + 0.5)


@pytest.mark.parametrize("kinds", [("perspective",), ("rotation",), _GEOMETRIC, KINDS])
@pytest.mark.parametrize("seed", range(3))
def test_a_drawn_dot_is_where_map_point_says(kinds: tuple[str, ...], seed: int) -> None:
    strength = 0.2 if kinds is KINDS else 1.0  # the dot must be told from what else is red
    for x, y in ((30, 40), (370, 40), (200, 150), (25, 270), (380, 280)):
        page = Image.new("RGB", (400, 300), "white")
        ImageDraw.Draw(page).ellipse([x - 5, y - 5, x + 5, y + 5], fill=(255, 0, 0))
        result = degrade(page, strength, random.Random(seed), kinds)
        seen = _dot_centre(result.image)
        assert math.dist(seen, result.map_point(x + 0.5, y + 0.5)) < 0.5


@pytest.mark.parametrize("seed", range(10))
def test_all_ink_of_a_box_is_in_its_mapped_box_and_nothing_is_cut_off(seed: int) -> None:
    box = (0, 100, 400, 120)
    page = Image.new("L", (400, 300), 255)
    page.paste(0, box)
    result = degrade(page, 1, random.Random(seed), _GEOMETRIC)
    corners = [result.map_point(x, y) for x in (0, 400) for y in (0, 300)]
    assert all(-0.001 <= x <= 400.001 and -0.001 <= y <= 300.001 for x, y in corners)
    left, top, right, bottom = result.map_box(box)
    dark = np.asarray(result.image) < 60  # the table is lighter
    outside = dark.copy()
    outside[top:bottom, left:right] = False
    assert not outside.any()
    rows, columns = np.nonzero(dark)
    assert abs(columns.min() - left) <= 3
    assert abs(columns.max() + 1 - right) <= 3
    assert abs(rows.min() - top) <= 3
    assert abs(rows.max() + 1 - bottom) <= 3


def test_the_rotation_is_by_the_stated_angle_counter_clockwise() -> None:
    for seed in range(5):
        result = degrade(_page(), 1, random.Random(seed), ("rotation",))
        x0, y0 = result.map_point(0, 150)
        x1, y1 = result.map_point(400, 150)
        assert math.degrees(math.atan2(y0 - y1, x1 - x0)) == pytest.approx(
            result.applied["rotation"]
        )
        assert 3 <= abs(result.applied["rotation"]) <= 6


def test_homography_of_a_hand_computed_box() -> None:
    result = Degraded(
        image=Image.new("L", (100, 100)),
        applied={},
        # Twice as wide, moved by (5, -3), and nearer towards the right: w = 1 + x / 100.
        homography=(2, 0, 5, 0, 1, -3, 0.01, 0, 1),
    )
    assert result.map_point(0, 10) == (5, 7)
    assert result.map_point(100, 13) == (102.5, 5)
    assert result.map_box((0, 10, 100, 13)) == (5, 3, 100, 10)  # 102.5 is clipped


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_noise_has_the_stated_deviation(mode: str, strength: float) -> None:
    grey = Image.new(mode, (500, 400), (128,) * len(mode) if mode == "RGB" else 128)
    result = degrade(grey, strength, random.Random(4), ("noise",))
    noise = _measured(grey, result.image)
    # Rounding to whole levels adds a variance of 1/12.
    expected = math.sqrt(result.applied["noise"] ** 2 + 1 / 12)
    assert noise.std() == pytest.approx(expected, rel=0.01)
    assert abs(noise.mean()) < 0.1
    # Neighbours and channels know nothing of each other.
    assert abs(np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1]) < 0.01
    if mode == "RGB":
        assert abs(np.corrcoef(noise[..., 0].ravel(), noise[..., 1].ravel())[0, 1]) < 0.01


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_salt_hits_the_stated_share_black_and_white_alike(mode: str) -> None:
    grey = Image.new(mode, (1000, 800), "gray")
    result = degrade(grey, 1, random.Random(5), ("salt",))
    pixels = np.asarray(result.image)
    hit = pixels if mode == "L" else pixels[..., 0]
    black, white = int((hit == 0).sum()), int((hit == 255).sum())
    # A few places coincide.
    assert black + white == pytest.approx(result.applied["salt"] * 800_000, rel=0.01)
    assert black == pytest.approx(white, rel=0.2)
    if mode == "RGB":
        assert (pixels == pixels[..., :1]).all()


def test_blur_has_the_stated_width() -> None:
    edge = Image.new("L", (1000, 1000), 0)
    edge.paste(255, (500, 0, 1000, 1000))
    for seed in range(3):
        result = degrade(edge, 1, random.Random(seed), ("blur",))
        spread = np.diff(np.asarray(result.image, dtype=np.float64)[500]) / 255
        places = np.arange(1, 1000)
        mean = (places * spread).sum()
        deviation = math.sqrt(((places - mean) ** 2 * spread).sum())
        assert deviation == pytest.approx(result.applied["blur"], rel=0.12)


def test_motion_smears_a_point_over_the_stated_length() -> None:
    point = Image.new("L", (1000, 1000), 0)
    point.putpixel((500, 500), 255)
    for seed in range(5):
        result = degrade(point, 1, random.Random(seed), ("motion",))
        mass = np.asarray(result.image, dtype=np.float64)
        ys, xs = np.indices(mass.shape)
        mass /= mass.sum()
        assert (xs * mass).sum() == pytest.approx(500, abs=0.05)
        assert (ys * mass).sum() == pytest.approx(500, abs=0.05)
        variance = (((xs - 500) ** 2 + (ys - 500) ** 2) * mass).sum()
        # A uniform segment has length^2 / 12; sharing points between pixels adds up to 1/2.
        assert 0 <= variance - result.applied["motion"] ** 2 / 12 <= 0.5


def test_contrast_shrinks_the_range_by_the_stated_share() -> None:
    ramp = Image.linear_gradient("L")
    result = degrade(ramp, 1, random.Random(6), ("contrast",))
    low, high = result.image.getextrema()
    assert (high - low) / 255 == pytest.approx(1 - result.applied["contrast"], abs=0.005)


@pytest.mark.parametrize("kind", ["shadow", "paper", "moire"])
def test_light_is_only_taken_away_and_at_most_by_the_stated_share(kind: str) -> None:
    page = Image.new("L", (400, 300), 200)
    for seed in range(5):
        result = degrade(page, 1, random.Random(seed), (kind,))
        low, high = result.image.getextrema()
        assert high <= 200
        loss = 1 - low / 200
        assert loss <= result.applied[kind] + 0.01
        assert loss >= 0.6 * result.applied[kind]


def test_a_shadow_has_no_hard_edge() -> None:
    result = degrade(Image.new("L", (400, 300), 255), 1, random.Random(7), ("shadow",))
    pixels = np.asarray(result.image, dtype=np.int64)
    assert abs(np.diff(pixels, axis=0)).max() <= 6
    assert abs(np.diff(pixels, axis=1)).max() <= 6


def test_grey_stays_grey_in_colour_except_where_colour_is_the_effect() -> None:
    page = _page("RGB")
    for kind in ("shadow", "contrast", "blur", "motion", "salt"):
        pixels = np.asarray(degrade(page, 1, random.Random(8), (kind,)).image)
        assert (pixels == pixels[..., :1]).all(), kind
    for kind in ("moire", "noise"):
        pixels = np.asarray(degrade(page, 1, random.Random(8), (kind,)).image, dtype=np.int64)
        assert abs(pixels - pixels[..., :1]).max() > 3, kind


def test_moire_repeats_at_more_than_one_scale() -> None:
    result = degrade(Image.new("L", (512, 512), 255), 1, random.Random(9), ("moire",))
    stripes = np.asarray(result.image, dtype=np.float64)
    power = abs(np.fft.rfft2(stripes - stripes.mean())) ** 2
    rows, columns = np.fft.fftfreq(512)[:, None], np.fft.rfftfreq(512)[None, :]
    frequency = np.hypot(rows, columns)
    fine, wide = power[frequency > 0.15].sum(), power[frequency < 0.1].sum()
    assert 0.3 < fine / wide < 3


def test_jpeg_loss_is_the_quality_that_pillow_takes() -> None:
    page = _page("RGB")
    result = degrade(page, 0.8, random.Random(10), ("jpeg",))
    buffer = io.BytesIO()
    page.save(buffer, "JPEG", quality=95 - round(result.applied["jpeg"]))
    assert result.image.tobytes() == Image.open(buffer).convert("RGB").tobytes()


def test_a_kind_does_the_same_alone_and_among_others() -> None:
    page = _page()
    alone = degrade(page, 0.5, random.Random(11), ("noise",))
    both = degrade(page, 0.5, random.Random(11), ("noise", "contrast"))
    reverse = degrade(page, 0.5, random.Random(11), ("contrast", "noise"))
    assert alone.applied["noise"] == both.applied["noise"]
    assert both.image.tobytes() == reverse.image.tobytes()
    contrast = degrade(page, 0.5, random.Random(11), ("contrast",)).image
    rest = ImageChops.subtract(both.image, contrast, offset=128)
    assert rest.tobytes() != Image.new("L", page.size, 128).tobytes()


_PROGRAM = """
import hashlib, random
from PIL import Image
from data_synth.degrade import degrade
image = Image.linear_gradient("L").convert("RGB")
print(hashlib.sha256(degrade(image, 0.7, random.Random(12)).image.tobytes()).hexdigest())
"""


def test_one_seed_is_one_picture_whatever_the_hash_seed() -> None:
    hashes = {
        subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1
    page = _page()
    first = degrade(page, 0.7, random.Random(12)).image.tobytes()
    assert first == degrade(page, 0.7, random.Random(12)).image.tobytes()
    assert first != degrade(page, 0.7, random.Random(13)).image.tobytes()


@pytest.mark.parametrize("strength", [-0.01, 1.01, math.nan, math.inf])
def test_a_strength_outside_the_scale_is_refused(strength: float) -> None:
    with pytest.raises(ValueError, match="choose a number from 0 to 1"):
        degrade(_page(), strength, random.Random(0))


def test_unknown_kinds_and_modes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown kind 'fog'.*perspective"):
        degrade(_page(), 0.5, random.Random(0), ("blur", "fog"))
    with pytest.raises(ValueError, match="mode RGBA"):
        degrade(Image.new("RGBA", (4, 4)), 0.5, random.Random(0))
