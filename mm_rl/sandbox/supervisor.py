"""The sandbox as the project sees it: a pool of warm interpreters, and what a run came to."""

import contextlib
import platform
import queue
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

from mm_rl.sandbox import probe
from mm_rl.sandbox.inside.protocol import MAX_SOURCE
from mm_rl.sandbox.packages import Packages, find_packages
from mm_rl.sandbox.types import (
    DEFAULT_LIMITS,
    Executable,
    Level,
    Limits,
    Program,
    RunResult,
    RunStatus,
    SandboxBusy,
    SandboxConfig,
    SandboxFailure,
    SandboxUnavailable,
)
from mm_rl.sandbox.worker import Worker, WorkerBroken

MAX_STDIN: Final = 64 << 20
"""Bytes; longer input is refused."""
_FIXES: Final = {
    Level.NAMESPACES: "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone,"
    " user.max_user_namespaces, AppArmor, or the container's seccomp profile)",
    Level.LANDLOCK: "run Linux 5.13 or newer with landlock in its `lsm=` list, as a normal user or"
    " as root that may change its user",
}


class Sandbox:
    """Runs programs, each in a fresh contained process; thread-safe, calls block.

    Started as root it runs them as an unprivileged user. Raises SandboxUnavailable when the machine
    offers no level that holds: it never runs a program in a plain process.
    """

    def __init__(self, config: SandboxConfig) -> None:
        if config.level not in ("auto", *Level):
            levels = ", ".join(("auto", *Level))
            raise ValueError(f"sandbox.level is {config.level!r}; choose from {levels}")
        if config.workers < 1 or config.queue < 1:
            raise ValueError(
                f"sandbox.workers is {config.workers} and sandbox.queue is {config.queue}; "
                "both must be above 0"
            )
        packages = find_packages(config.python_packages)
        self._free: queue.LifoQueue[Worker] = queue.LifoQueue()
        self._room = threading.BoundedSemaphore(config.workers + config.queue)
        self._others = threading.BoundedSemaphore(config.workers)
        self._config = config
        self._closed = False
        self.level, first = _choose_level(config, packages)
        for slot in range(config.workers - 1, 0, -1):
            self._free.put(Worker(self.level, slot, packages))
        self._free.put(first)  # last in, first out: a lone caller keeps to one warm interpreter

    def prepare(self, program: Program) -> Executable:
        """A program ready to run many times; compiles it where its language needs that.

        Raises CompileError, and ValueError for a language that is not here.
        """
        if program.language == "python":
            return _PythonExecutable(self, program)
        from mm_rl.sandbox import toolchains  # other languages are needed by few

        return _BoundedExecutable(toolchains.prepare(program), self._others)

    def run(self, program: Program, stdin: bytes, limits: Limits = DEFAULT_LIMITS) -> RunResult:
        """Runs a program once. Whatever it does is a result; SandboxFailure is the sandbox's own.

        Raises SandboxBusy when too many calls wait already, RuntimeError after `close`.
        """
        if program.language != "python":
            with self.prepare(program) as executable:
                return executable.run(stdin, limits)
        try:
            source = program.source.encode()
        except UnicodeEncodeError:
            return _refused("the source holds half a surrogate pair")
        if len(source) > MAX_SOURCE:
            return _refused(f"the source has {len(source)} bytes; at most {MAX_SOURCE} run")
        if b"\0" in source:
            return _refused("the source holds a NUL")
        if len(stdin) > MAX_STDIN:
            return _refused(f"the input has {len(stdin)} bytes; at most {MAX_STDIN} are given")
        reasons = []
        for _ in range(2):
            with self._worker() as worker:
                try:
                    return worker.run(source, stdin, limits)
                except WorkerBroken as broken:
                    reasons.append(str(broken))
        return self._judge_broken(reasons, limits)

    def languages(self) -> dict[str, str]:
        """Name -> version of what runs here at this level."""
        from mm_rl.sandbox import toolchains

        return {"python": platform.python_version(), **toolchains.available()}

    def close(self) -> None:
        """Ends all interpreters when the runs under way have ended; waiting calls raise."""
        if self._closed:
            return
        self._closed = True
        workers = [self._free.get() for _ in range(self._config.workers)]
        for worker in workers:
            worker.close()
            self._free.put(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def _worker(self) -> Iterator[Worker]:
        """A worker of the caller's own, waited for if need be."""
        if not self._room.acquire(blocking=False):
            raise SandboxBusy(
                f"{self._config.queue} runs wait already; start fewer or raise sandbox.queue"
            )
        try:
            worker = self._free.get()
            try:
                if self._closed:
                    raise RuntimeError("the sandbox is closed")
                yield worker
            finally:
                self._free.put(worker)
        finally:
            self._room.release()

    def _judge_broken(self, reasons: list[str], limits: Limits) -> RunResult:
        """After two broken runs: the program's fault if one that is known to work does."""
        with self._worker() as worker:
            fault = _check_good(worker)
        if fault is not None:
            raise SandboxFailure(f"{'; '.join(reasons)}; then a probe: {fault}")
        return RunResult(
            status=RunStatus.RUNTIME_ERROR,
            stdout=b"",
            stderr=f"the run broke its sandbox twice: {'; '.join(reasons)}",
            exit_code=None,
            signal=None,
            cpu_s=0.0,
            wall_s=0.0,
        )


class _PythonExecutable(Executable):
    """A Python program: nothing to prepare, nothing to free."""

    def __init__(self, sandbox: Sandbox, program: Program) -> None:
        self._sandbox, self._program = sandbox, program

    def run(self, stdin: bytes, limits: Limits = DEFAULT_LIMITS) -> RunResult:
        return self._sandbox.run(self._program, stdin, limits)


class _BoundedExecutable(Executable):
    """A program of another language: no more runs at a time than there are workers."""

    def __init__(self, executable: Executable, room: threading.BoundedSemaphore) -> None:
        self._executable, self._room = executable, room

    def run(self, stdin: bytes, limits: Limits = DEFAULT_LIMITS) -> RunResult:
        with self._room:
            return self._executable.run(stdin, limits)

    def close(self) -> None:
        self._executable.close()


def _choose_level(config: SandboxConfig, packages: Packages) -> tuple[Level, Worker]:
    """The first level that holds, with its first worker."""
    wanted = list(Level) if config.level == "auto" else [Level(config.level)]
    tried = []
    for level in wanted:
        worker = Worker(level, 0, packages)
        fault = _check_good(worker) or _check_escapes(worker)
        if fault is None:
            return level, worker
        worker.close()
        tried.append(f"{level.value}: {fault}; fix: {_FIXES[level]}")
    raise SandboxUnavailable("no program can be contained here. " + " | ".join(tried))


def _check_good(worker: Worker) -> str | None:
    """What is wrong with the answer of a program that is known to work; None if it is right."""
    try:
        result = worker.run(probe.GOOD.encode(), probe.GOOD_INPUT, DEFAULT_LIMITS)
    except WorkerBroken as broken:
        return str(broken)
    if result.status is RunStatus.OK and result.stdout == probe.GOOD_OUTPUT:
        return None
    return f"a good program ended as {result.status.value}: {result.stderr[-300:]}"


def _check_escapes(worker: Worker) -> str | None:
    """What a hostile program could do; None if nothing."""
    try:
        result = worker.run(probe.ESCAPES.encode(), b"", DEFAULT_LIMITS)
    except WorkerBroken as broken:
        return str(broken)
    if result.status is not RunStatus.OK:
        return f"the self-test ended as {result.status.value}: {result.stderr[-300:]}"
    if result.stdout == probe.HELD:
        return None
    done = result.stdout.removesuffix(probe.HELD).decode(errors="replace").split("\n")[:-1]
    return f"a program could {', '.join(done) or 'end the self-test'}"


def _refused(why: str) -> RunResult:
    return RunResult(
        status=RunStatus.REFUSED,
        stdout=b"",
        stderr=why,
        exit_code=None,
        signal=None,
        cpu_s=0.0,
        wall_s=0.0,
    )
