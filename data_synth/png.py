"""PNG files at the speed of drawing.

Encoding is the bottleneck of a fast renderer, and the usual encoder spends it on choosing filters.
Drawn pages compress as well without one, so rows are stored unfiltered and compressed by ISA-L,
which does DEFLATE with vector instructions: ten to twenty times the rate of Pillow at its own
fastest level, at about the same size.

Pixels are passed on in strips, which stay in the cache: a page in one piece takes twice as long.
Palettes are not searched for: counting the colours of an image takes longer than encoding it.
"""

import struct
from collections.abc import Iterator

from isal import isal_zlib
from PIL import Image

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LEVEL = 1
_STRIP_BYTES = 2**17
_FORMATS = {"1": (1, 0), "L": (8, 0), "P": (8, 3), "RGB": (8, 2), "RGBA": (8, 6)}
"""Bits per sample and colour type of each mode."""


def encode_png(image: Image.Image) -> bytes:
    """The PNG file of an image; the same image gives the same bytes in one environment.

    Lossless for the modes 1, L, P (transparency included), RGB and RGBA. Metadata is left out.

    Raises:
        ValueError: another mode, an image without pixels, or a colour key instead of an alpha
            channel.
    """
    if image.mode not in _FORMATS:
        raise ValueError(
            f"image has mode {image.mode}, which is not one of {', '.join(_FORMATS)}: convert it"
        )
    if 0 in image.size:
        raise ValueError(f"image has size {image.size}: a PNG file needs at least one pixel")
    if "transparency" in image.info and image.mode != "P":
        raise ValueError(
            f"image of mode {image.mode} has a transparent colour: convert it to RGBA first"
        )
    depth, color_type = _FORMATS[image.mode]
    header = struct.pack(">IIBBBBB", *image.size, depth, color_type, 0, 0, 0)
    return b"".join(
        [
            _SIGNATURE,
            *_chunk(b"IHDR", header),
            *(_palette(image) if image.mode == "P" else ()),
            *_chunk(b"IDAT", _compress(image)),
            *_chunk(b"IEND", b""),
        ]
    )


def _compress(image: Image.Image) -> bytes:
    """Rows of samples, each after a zero that says that it is not filtered."""
    width, height = image.size
    depth, _ = _FORMATS[image.mode]
    stride = 1 + (width * depth * len(image.getbands()) + 7) // 8
    num_rows = max(1, _STRIP_BYTES // stride)
    compressor = isal_zlib.compressobj(_LEVEL)
    parts = [compressor.compress(b"\0")]
    for top in range(0, height, num_rows):
        bottom = min(top + num_rows, height)
        strip = image.crop((0, top, width, bottom))
        # A stride of one more than the row ends each row with a zero: the next row's filter.
        rows = memoryview(strip.tobytes("raw", image.mode, stride, 1))
        parts.append(compressor.compress(rows if bottom < height else rows[:-1]))
    return b"".join([*parts, compressor.flush()])


def _palette(image: Image.Image) -> Iterator[bytes]:
    """The chunks of the colours and, where any is transparent, of their opacities."""
    if "transparency" in image.info:
        image = image.copy()
        image.apply_transparency()
    num_used = 1 + max(i for i, count in enumerate(image.histogram()) if count)
    colors = bytes(image.getpalette("RGBA") or ())
    colors += b"\0\0\0\xff" * (num_used - len(colors) // 4)  # a new image's palette is empty
    rgb = b"".join(colors[i : i + 3] for i in range(0, len(colors), 4))
    yield from _chunk(b"PLTE", rgb)
    if any(alpha != 255 for alpha in colors[3::4]):
        yield from _chunk(b"tRNS", colors[3::4])


def _chunk(kind: bytes, data: bytes) -> Iterator[bytes]:
    yield struct.pack(">I", len(data)) + kind
    yield data
    yield struct.pack(">I", isal_zlib.crc32(data, isal_zlib.crc32(kind)))
