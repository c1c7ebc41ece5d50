"""Verdicts of a judge by content, so that equal answers are judged once, also across restarts."""

import io
import json
import os
from pathlib import Path


class VerdictCache:
    """Verdicts by content, in memory and in an append-only JSON-lines file of one process.

    Example:
        cache = VerdictCache(run_folder / "judge.jsonl"); cache.get(key)
    """

    def __init__(self, path: Path | None = None) -> None:
        """Read an existing file; a last line that a kill cut short is dropped from it.

        Raises:
            ValueError: another line is damaged.
        """
        self._verdicts: dict[str, bool] = {}
        self._file: io.FileIO | None = None
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        complete, _, torn = path.read_bytes().rpartition(b"\n")
        if torn:
            os.truncate(path, path.stat().st_size - len(torn))
        for number, line in enumerate(complete.split(b"\n") if complete else [], start=1):
            try:
                entry = json.loads(line)
                self._verdicts[entry["key"]] = {True: True, False: False}[entry["correct"]]
            except (ValueError, KeyError, TypeError):  # the file may come from anywhere
                raise ValueError(
                    f"{path} line {number} is no judge verdict: {line[:80]!r}; remove the line, "
                    "or the file to judge anew"
                ) from None
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115 - lives as long as the cache

    def get(self, key: str) -> bool | None:
        return self._verdicts.get(key)

    def put(self, key: str, correct: bool, reasoning: str) -> None:
        """Remember a verdict; the reasoning goes to the file only."""
        self._verdicts[key] = correct
        if self._file is not None:
            entry = {"key": key, "correct": correct, "reasoning": reasoning}
            self._file.write(json.dumps(entry).encode() + b"\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
