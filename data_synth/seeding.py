"""Seeds by hashing, so that neighbouring seeds and indices share no item.

`Random(seed + index)` makes `seed=42, index=1` equal to `seed=43, index=0`: train and test sets
drawn with neighbouring seeds then overlap almost wholly. A hash of all parts has no such structure.
"""

import hashlib
import random

Part = str | int


def derive_seed(*parts: Part) -> int:
    """Hash `parts` to a 64-bit seed; equal on every machine and Python version.

    Parts are length-prefixed and typed, so ("ab", "c") and ("a", "bc"), or 1 and "1", differ.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        text = f"{type(part).__name__}:{part}".encode()
        digest.update(len(text).to_bytes(4, "little") + text)
    return int.from_bytes(digest.digest(), "little")


def derive_rng(*parts: Part) -> random.Random:
    """A private generator seeded by `derive_seed(*parts)`."""
    return random.Random(derive_seed(*parts))
