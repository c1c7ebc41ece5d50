"""Verdicts that depend on a clock or on another machine, written down as they are given.

A killed run that goes on samples the same completions again, and must then hear the same verdicts:
a program that missed its time limit by a hair must not pass the second time. The log is also the
cache by content: what was judged once is not judged again.

One JSON object per line. A line that a kill has torn is the last one and is ignored; of two lines
with one key the first counts.
"""

import hashlib
import json
import threading
from collections.abc import Sequence
from pathlib import Path

from data_synth.verify import Verdict


class VerdictLog:
    """An append-only file of verdicts; thread-safe.

    Args:
        path: created with the first verdict; None keeps verdicts in memory only.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._verdicts: dict[str, Verdict] = {}
        if path is not None and path.exists():
            self._read(path)

    def _read(self, path: Path) -> None:
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            with open(path, "r+b") as file:
                file.truncate(whole)
        for line in data[:whole].splitlines():
            row = json.loads(line)
            verdict = Verdict(correct=row["correct"], reason=row["reason"], score=row["score"])
            self._verdicts.setdefault(row["key"], verdict)

    def find(self, key: str) -> Verdict | None:
        """The verdict under a key, if one was given."""
        with self._lock:
            return self._verdicts.get(key)

    def add(self, key: str, verdict: Verdict) -> Verdict:
        """Write a verdict down; returns the one that counts, an earlier one if there is any."""
        with self._lock:
            if key in self._verdicts:
                return self._verdicts[key]
            self._verdicts[key] = verdict
            if self.path is not None:
                row = {
                    "key": key,
                    "correct": verdict.correct,
                    "reason": str(verdict.reason),
                    "score": verdict.score,
                }
                with open(self.path, "ab") as file:
                    file.write(json.dumps(row).encode() + b"\n")
            return verdict

    def __len__(self) -> int:
        return len(self._verdicts)


def verdict_key(parts: Sequence[str]) -> str:
    """32 hex digits that identify what was judged."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", errors="surrogatepass")
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()
