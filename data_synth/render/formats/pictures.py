"""Pictures that a document refers to: local, bounded, decoded with care."""

from pathlib import Path

from PIL import Image, ImageOps

from data_synth.images import ImageLimits, decode_image

_LIMITS = ImageLimits(max_pixels=2**25)


def open_picture(reference: str, folder: Path | None) -> Image.Image:
    """The picture at a path relative to `folder`, upright, as `L`, `RGB`, `LA` or `RGBA`.

    Of an animation the first frame. Nothing is fetched, and nothing outside `folder` is read.

    Raises:
        ValueError: names the reference: a web address, outside the folder, missing, corrupt, of
            another kind, or too large.
    """
    path = _path(reference, folder)
    try:
        with path.open("rb") as file:
            # One byte more than is allowed is enough to refuse it.
            image = decode_image(file.read(_LIMITS.max_bytes + 1), limits=_LIMITS)
        return _normal_mode(ImageOps.exif_transpose(image))
    except Exception as error:  # readers raise many types, depending on where a file breaks
        raise ValueError(f"image {reference!r} cannot be read: {error}") from error


def _path(reference: str, folder: Path | None) -> Path:
    if "://" in reference or reference.startswith(("data:", "//")):
        raise ValueError(
            f"image {reference[:80]!r} is no local file: download it, and write its path"
        )
    if folder is None:
        raise ValueError(
            f"image {reference!r}: the text has no folder, render it from a file to use images"
        )
    try:
        root = folder.resolve()
        path = (root / reference).resolve()
    except (OSError, ValueError) as error:  # such as a null byte
        raise ValueError(f"image {reference!r} is no path: {error}") from error
    if not path.is_relative_to(root):
        raise ValueError(f"image {reference!r} lies outside the folder of the document: move it")
    if not path.is_file():
        raise ValueError(f"image {reference!r} is no file in {folder}")
    return path


def _normal_mode(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits
        return image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    if image.has_transparency_data:
        return image if image.mode == "LA" else image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L", "F") else "RGB")
