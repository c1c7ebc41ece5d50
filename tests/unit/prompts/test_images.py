"""The image store: content-addressed, safe against broken and oversized images."""

import io
from pathlib import Path

import pytest
from PIL import Image

from data_synth.images import DEFAULT_LIMITS
from mm_rl.prompts.images import ImageStore, decode_image


def png(color: str, size: tuple[int, int] = (8, 4)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, format="PNG")
    return buffer.getvalue()


def cut_in_half() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 90).save(buffer, format="PNG")
    return buffer.getvalue()[: buffer.tell() // 2]


def test_equal_bytes_are_stored_once(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    keys = [store.put(png("red")), store.put(png("blue")), store.put(png("red"))]
    assert keys[0] == keys[2] != keys[1]
    assert len(list(tmp_path.iterdir())) == 2
    assert store.load(keys[0]).getpixel((0, 0)) == (255, 0, 0)


def test_a_store_opened_again_finds_its_images(tmp_path: Path) -> None:
    key = ImageStore(tmp_path).put(png("green"))
    assert ImageStore(tmp_path).load(key).size == (8, 4)


def test_missing_image_names_the_key_and_the_fix(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"image abc is missing.*start the run anew"):
        ImageStore(tmp_path).load("abc")


@pytest.mark.parametrize(
    "data",
    [b"", b"not an image", png("red")[:30], cut_in_half()],
    ids=["empty", "text", "header only", "cut in half"],
)
def test_broken_bytes_are_a_clear_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^image broken: the (image|file)"):
        decode_image(data, name="broken")


def test_a_bomb_is_refused_before_its_pixels_are_read() -> None:
    side = int(DEFAULT_LIMITS.max_pixels**0.5) + 1
    buffer = io.BytesIO()
    Image.new("1", (side, side)).save(buffer, format="PNG")
    with pytest.raises(ValueError, match=r"^image bomb: .*64000000"):
        decode_image(buffer.getvalue(), name="bomb")


def test_palette_and_grey_images_become_rgb() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), (10, 200, 30)).quantize(4).save(buffer, format="PNG")
    image = decode_image(buffer.getvalue(), name="palette")
    assert image.mode == "RGB"
    assert image.getpixel((1, 1)) == (10, 200, 30)
