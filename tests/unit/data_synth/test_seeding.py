"""Seeds are hashes of typed, length-prefixed parts, equal in every process."""

import hashlib
import os
import subprocess
import sys

from data_synth.seeding import derive_rng, derive_seed


def test_seed_is_the_blake2b_hash_of_typed_length_prefixed_parts() -> None:
    encoded = (9).to_bytes(4, "little") + b"str:mazes" + (5).to_bytes(4, "little") + b"int:7"
    expected = int.from_bytes(hashlib.blake2b(encoded, digest_size=8).digest(), "little")
    assert derive_seed("mazes", 7) == expected


def test_parts_do_not_run_into_each_other() -> None:
    seeds = {
        derive_seed("ab", "c"),
        derive_seed("a", "bc"),
        derive_seed("abc"),
        derive_seed("abc", ""),
        derive_seed(1, 23),
        derive_seed(12, 3),
        derive_seed("1", 23),
    }
    assert len(seeds) == 7


def test_neighbouring_seeds_and_indices_share_no_stream() -> None:
    first_draws = {derive_rng(seed, index).random() for seed in range(40) for index in range(40)}
    assert len(first_draws) == 1600


def test_seed_does_not_depend_on_the_process() -> None:
    code = "from data_synth.seeding import derive_seed; print(derive_seed('mazes', 7))"
    for hash_seed in ("1", "2"):
        found = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert int(found.stdout) == derive_seed("mazes", 7)
