"""PNG writer: every pixel comes back, and files are no larger than a common encoder's."""

import io
import random
import struct
import zlib
from itertools import product

import pytest
from PIL import Image, ImageDraw

from data_synth.png import encode_png

_MODES = ("1", "L", "P", "RGB", "RGBA")


def _noise(mode: str, size: tuple[int, int], seed: int = 0) -> Image.Image:
    rng = random.Random(seed)
    channels = 1 if mode in ("1", "P") else len(mode)
    image = Image.frombytes(
        "L" if mode in ("1", "P") else mode, size, rng.randbytes(size[0] * size[1] * channels)
    )
    if mode == "1":
        return image.convert("1", dither=Image.Dither.NONE)
    if mode == "P":
        colors = rng.randbytes(768)
        image = Image.frombytes("P", size, image.tobytes())
        image.putpalette(colors)
    return image


def _decode(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(
    ("mode", "size"), product(_MODES, [(1, 1), (7, 3), (8, 8), (9, 1), (1, 9), (301, 517)])
)
def test_noise_comes_back_exactly(mode: str, size: tuple[int, int]) -> None:
    image = _noise(mode, size)
    decoded = _decode(encode_png(image))
    assert decoded.size == size
    assert decoded.mode == mode
    assert decoded.convert("RGBA").tobytes() == image.convert("RGBA").tobytes()


@pytest.mark.parametrize("mode", _MODES)
def test_an_image_of_several_strips_comes_back_exactly(mode: str) -> None:
    image = _noise(mode, (1311, 977))
    decoded = _decode(encode_png(image))
    assert decoded.convert("RGBA").tobytes() == image.convert("RGBA").tobytes()


def test_a_row_longer_than_a_strip_comes_back_exactly() -> None:
    image = _noise("RGB", (50_000, 3))
    assert _decode(encode_png(image)).tobytes() == image.tobytes()


def test_two_grey_pixels_make_the_file_that_the_standard_describes() -> None:
    image = Image.new("L", (2, 1))
    image.putpixel((0, 0), 7)
    image.putpixel((1, 0), 200)
    data = encode_png(image)
    # Signature; IHDR: length, width 2, height 1, 8 bits, grey, deflate, filters, not interlaced.
    start = "89504e470d0a1a0a 0000000d49484452 00000002 00000001 08 00 00 00 00"
    assert data[:29].hex() == start.replace(" ", "")
    assert data[29:33] == zlib.crc32(data[12:29]).to_bytes(4, "big")
    length = int.from_bytes(data[33:37], "big")
    assert data[37:41] == b"IDAT"
    assert zlib.decompress(data[41 : 41 + length]) == bytes([0, 7, 200])
    assert data[-12:].hex() == "0000000049454e44ae426082"  # IEND, whose checksum is well known


@pytest.mark.parametrize("mode", _MODES)
def test_every_chunk_has_a_right_checksum_and_nothing_follows_the_last(mode: str) -> None:
    data = encode_png(_noise(mode, (33, 21)))
    position, kinds = 8, []
    while position < len(data):
        (length,) = struct.unpack_from(">I", data, position)
        body = data[position + 4 : position + 8 + length]
        assert zlib.crc32(body) == struct.unpack_from(">I", data, position + 8 + length)[0]
        kinds.append(body[:4].decode())
        position += 12 + length
    assert position == len(data)
    palette = ["PLTE"] if mode == "P" else []
    assert kinds == ["IHDR", *palette, "IDAT", "IEND"]


def test_a_palette_keeps_its_opacities() -> None:
    image = Image.new("P", (3, 1))
    image.putpalette(bytes([10, 20, 30, 255, 40, 50, 60, 128, 70, 80, 90, 0]), "RGBA")
    for x in range(3):
        image.putpixel((x, 0), x)
    decoded = _decode(encode_png(image)).convert("RGBA")
    assert [decoded.getpixel((x, 0)) for x in range(3)] == [
        (10, 20, 30, 255),
        (40, 50, 60, 128),
        (70, 80, 90, 0),
    ]


def test_a_transparent_palette_entry_stays_transparent_and_the_image_as_it_was() -> None:
    image = _noise("P", (16, 16))
    image.info["transparency"] = 5
    decoded = _decode(encode_png(image))
    assert decoded.convert("RGBA").tobytes() == image.convert("RGBA").tobytes()
    assert image.info == {"transparency": 5}


def test_an_empty_palette_is_filled_up_to_the_indices_in_use() -> None:
    image = Image.new("P", (2, 2), 3)
    decoded = _decode(encode_png(image)).convert("RGB")
    assert decoded.getpixel((1, 1)) == (0, 0, 0)


def test_the_same_pixels_give_the_same_bytes() -> None:
    image = _noise("RGB", (301, 517))
    assert encode_png(image) == encode_png(image.copy())


def test_a_drawing_is_no_larger_than_at_the_first_level_of_pillow() -> None:
    page = Image.new("L", (896, 1152), 255)
    pen = ImageDraw.Draw(page)
    rng = random.Random(0)
    for row in range(60):
        line = "".join(rng.choice("etaoin shrdlu") for _ in range(120))
        pen.text((24, 20 + 18 * row), line, fill=0)
    scene = Image.new("RGB", (448, 448), "white")
    pen = ImageDraw.Draw(scene)
    for _ in range(20):
        x, y = rng.randrange(400), rng.randrange(400)
        pen.ellipse([x, y, x + 40, y + 40], fill=(rng.randrange(256), 90, 30))
    for image, ratio in ((page, 1.1), (scene, 1.3), (_noise("RGB", (200, 200)), 1.01)):
        buffer = io.BytesIO()
        image.save(buffer, "PNG", compress_level=1)
        assert len(encode_png(image)) <= ratio * len(buffer.getvalue())


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (Image.new("CMYK", (2, 2)), "mode CMYK"),
        (Image.new("I;16", (2, 2)), "mode I;16"),
        (Image.new("L", (0, 4)), r"size \(0, 4\)"),
    ],
)
def test_what_png_cannot_hold_is_refused(image: Image.Image, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        encode_png(image)


def test_a_colour_key_is_refused() -> None:
    image = Image.new("RGB", (2, 2))
    image.info["transparency"] = (0, 0, 0)
    with pytest.raises(ValueError, match="convert it to RGBA"):
        encode_png(image)
