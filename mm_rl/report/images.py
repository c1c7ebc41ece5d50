"""The run's images as data URIs: each embedded once, large ones scaled down."""

import base64
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mm_rl.prompts.images import decode_image

# Encoded images up to this size are embedded as they are, byte for byte.
_MAX_BYTES = 64 * 1024
# Longer side of an image that had to be made smaller.
_SMALL_SIDE = 512
_SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))
# A key is a name in one folder; anything else in a record must not reach other files.
_KEY = re.compile(r"[\w-]{1,128}")


def embed_images(folder: Path, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """`{key: {"uri", "width", "height"}}`, or `{key: {"error"}}` where there is nothing to show.

    Width and height are those of the stored image, also where the embedded one is smaller.
    """
    embedded: dict[str, dict[str, Any]] = {}
    for key in dict.fromkeys(keys):
        try:
            embedded[key] = _embed(folder, key)
        except (OSError, ValueError) as error:
            # One missing or broken image must not cost the reader the rest of the page.
            reason = "missing" if isinstance(error, FileNotFoundError) else "not readable"
            embedded[key] = {"error": f"image {reason}"}
    return embedded


def _embed(folder: Path, key: str) -> dict[str, Any]:
    if not _KEY.fullmatch(key):
        raise ValueError(f"image key {key!r} is no plain name")
    data = (folder / f"{key}.img").read_bytes()
    image = decode_image(data, name=key)
    width, height = image.size
    mime = next((mime for magic, mime in _SIGNATURES if data.startswith(magic)), None)
    if mime is None or len(data) > _MAX_BYTES:
        image.thumbnail((_SMALL_SIDE, _SMALL_SIDE))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=85)
        data, mime = buffer.getvalue(), "image/jpeg"
    uri = f"data:{mime};base64,{base64.b64encode(data).decode()}"
    return {"uri": uri, "width": width, "height": height}
