"""The content-addressed image store of a run: every image is stored once, whoever refers to it."""

import hashlib
from pathlib import Path

from PIL import Image, ImageOps

from data_synth.images import ImageError
from data_synth.images import decode_image as decode
from mm_rl.files import write_atomic


class ImageStore:
    """Encoded images under `folder`, named by the hash of their bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._present = {path.stem for path in folder.iterdir() if path.suffix == ".img"}

    def put(self, data: bytes) -> str:
        """Store encoded bytes; returns their key. Storing them again costs nothing."""
        key = hashlib.blake2b(data, digest_size=16).hexdigest()
        if key not in self._present:
            write_atomic(self._path(key), data)
            self._present.add(key)
        return key

    def path(self, key: str) -> Path:
        """Where the encoded bytes lie.

        Raises:
            FileNotFoundError: the image is not in the store.
        """
        path = self._path(key)
        if not path.exists():
            raise FileNotFoundError(
                f"image {key} is missing from {self.folder}: restore the run folder's images, or "
                "start the run anew"
            )
        return path

    def load(self, key: str) -> Image.Image:
        """The decoded image in RGB."""
        return decode_image(self.path(key).read_bytes(), name=key)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.img"


def decode_image(data: bytes, *, name: str) -> Image.Image:
    """Decode to RGB, upright, within the limits of `data_synth.images`.

    Raises:
        ValueError: the bytes are no complete image, or decode to more than is allowed.
    """
    try:
        image = decode(data)
    except ImageError as error:
        raise ValueError(f"image {name}: {error}") from error
    return ImageOps.exif_transpose(image).convert("RGB")
