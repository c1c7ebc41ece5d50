"""Image files that nobody vouches for: decoding within limits, and what is unusual about them.

Pillow is bounded enough to decode such files in this process once three things are seen to here:
the pixels are counted from the header before any is decoded; a progressive JPEG, which costs a pass
over all pixels per scan however small the scan, has its scans counted; and only the formats of
`FORMATS` reach their plugins, for some others start programs or walk long chains of frames.
"""

import hashlib
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_ORIENTATION = 0x0112
_START_OF_SCAN = b"\xff\xda"
_ALPHA_MODES = ("RGBA", "LA", "PA", "La", "RGBa")
_DEEP_MODES = ("I", "F")  # and I;16 in its byte orders


class Severity(StrEnum):
    """Whether a problem can be used."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageLimits:
    """What is decoded at all.

    Example:
        ImageLimits(max_pixels=1_000_000)
    """

    max_pixels: int = 64_000_000
    """Width times height; 64 million take 256 MB."""
    max_bytes: int = 64 * 2**20
    """Size of the file."""
    max_ratio: float = 200.0
    """Longer side over shorter; vision encoders refuse more."""
    max_scan_pixels: int = 2_000_000_000
    """Pixels times scans of a progressive JPEG; usual files have up to 12 scans."""


DEFAULT_LIMITS = ImageLimits()


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageFault:
    """One thing wrong with an image."""

    severity: Severity
    reason: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """What is known of an image file."""

    size: tuple[int, int] | None
    """Width and height as stored, None if the header cannot be read."""
    faults: tuple[ImageFault, ...] = ()


class ImageError(ValueError):
    """An image file that is not to be used; `reason` is a short stable name."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def decode_image(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS) -> Image.Image:
    """All pixels of the first frame, in the mode and orientation in which they are stored.

    Raises:
        ImageError: bytes that are no image, are damaged, or decode to more than the limits.
    """
    if not data:
        raise ImageError("empty_image", "the image has 0 bytes: store a PNG or JPEG file")
    if len(data) > limits.max_bytes:
        raise ImageError(
            "too_many_bytes",
            f"the image has {len(data)} bytes, over {limits.max_bytes}: compress it or scale it",
        )
    with _pillow_errors():
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        _check_size(image, data, limits)
        if image.format == "PNG":
            # Decoding ignores the checksums of the pixel data, which `verify` compares.
            with Image.open(io.BytesIO(data), formats=FORMATS) as copy:
                copy.verify()
        image.load()
    return image


def inspect_image(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS) -> Inspection:
    """Decode an image and name whatever is wrong with it or unusual about it."""
    try:
        image = decode_image(data, limits=limits)
        with _pillow_errors():
            return Inspection(size=image.size, faults=tuple(_unusual(image)))
    except ImageError as error:
        fault = ImageFault(severity=Severity.ERROR, reason=error.reason, message=str(error))
        return Inspection(size=None, faults=(fault,))


def image_header(data: bytes) -> tuple[str, tuple[int, int]]:
    """Format and size of an image, from its header alone.

    Raises:
        ImageError: the header is not one of a known format.
    """
    with _pillow_errors(), Image.open(io.BytesIO(data), formats=FORMATS) as image:
        return image.format or "", image.size


def pixel_hash(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS) -> str:
    """32 hex digits that identify what is seen: equal for lossless copies in any encoding.

    The image is turned upright, and palette, grey and opaque images are compared as RGB. A copy
    that was scaled or compressed with loss has other pixels and another hash.

    Raises:
        ImageError: see `decode_image`.
    """
    image = decode_image(data, limits=limits)
    with _pillow_errors():
        image = ImageOps.exif_transpose(image)
        image = image.convert("RGBA" if _is_transparent(image) else "RGB")
    digest = hashlib.blake2b(f"{image.mode} {image.size} ".encode(), digest_size=16)
    digest.update(image.tobytes())
    return digest.hexdigest()


@contextmanager
def _pillow_errors() -> Iterator[None]:
    """Turn whatever Pillow raises on hostile bytes into an ImageError."""
    try:
        with warnings.catch_warnings():
            # About large images and damaged metadata; sizes are checked here, metadata is unused.
            warnings.simplefilter("ignore")
            yield
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError("too_many_pixels", f"{error} Scale the image down") from error
    except UnidentifiedImageError as error:
        raise ImageError(
            "image_format", f"the file is not one of {', '.join(FORMATS)}: convert it to PNG"
        ) from error
    except MemoryError as error:
        raise ImageError("too_many_pixels", "decoding needs more memory than there is") from error
    except Exception as error:  # its readers raise many types, depending on where a file breaks
        raise ImageError("damaged_image", f"the image cannot be decoded: {error}") from error


def _check_size(image: Image.Image, data: bytes, limits: ImageLimits) -> None:
    width, height = image.size
    pixels = width * height
    if pixels == 0:
        raise ImageError("empty_image", f"the image is {width} x {height} pixels")
    if pixels > limits.max_pixels:
        raise ImageError(
            "too_many_pixels",
            f"the image is {width} x {height} pixels, over {limits.max_pixels}: scale it down",
        )
    if max(width, height) > limits.max_ratio * min(width, height):
        raise ImageError(
            "ratio",
            f"the image is {width} x {height} pixels, a ratio over {limits.max_ratio:g}: cut it up",
        )
    if image.format in ("JPEG", "MPO"):
        # 0xFF is followed by 0 inside the coded pixels, so this counts too many at most in
        # metadata.
        scans = data.count(_START_OF_SCAN)
        if scans > 1 and pixels * scans > limits.max_scan_pixels:
            raise ImageError(
                "too_many_scans",
                f"the JPEG of {width} x {height} pixels has {scans} scans: save it again",
            )


def _unusual(image: Image.Image) -> Iterator[ImageFault]:
    """What a decoded image has that readers treat in different ways."""

    def fault(severity: Severity, reason: str, message: str) -> ImageFault:
        return ImageFault(severity=severity, reason=reason, message=message)

    if image.mode in _DEEP_MODES or image.mode.startswith("I;"):
        # Conversion to 8 bits cuts values off at 255: most images turn white.
        yield fault(
            Severity.ERROR, "deep", f"mode {image.mode} has over 8 bits: scale the values to 0-255"
        )
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        yield fault(
            Severity.WARNING, "color_space", f"colours are {image.mode}, and shift in conversion"
        )
    if image.mode in ("P", "PA"):
        yield fault(Severity.WARNING, "palette", "colours are in a palette: save as RGB")
    if _is_transparent(image):
        yield fault(
            Severity.WARNING, "transparent", "readers differ in what they show behind it: flatten"
        )
    if image.getexif().get(_ORIENTATION, 1) not in (0, 1):
        yield fault(
            Severity.WARNING, "rotated", "some readers follow the EXIF orientation: turn the pixels"
        )
    if getattr(image, "is_animated", False):
        yield fault(Severity.WARNING, "animated", "only the first frame is seen")


def _is_transparent(image: Image.Image) -> bool:
    if image.mode in _ALPHA_MODES:
        alpha = image.getchannel(image.getbands()[-1])
    elif "transparency" in image.info and image.mode in ("P", "L", "RGB", "1"):
        alpha = image.convert("RGBA").getchannel("A")
    else:
        return False
    return any(alpha.histogram()[:255])
