"""One zygote and its supervision: starts it, hands it runs, reads what they write, ends it."""

import contextlib
import fcntl
import math
import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mm_rl.sandbox.inside import protocol
from mm_rl.sandbox.packages import Packages
from mm_rl.sandbox.types import Level, Limits, RunResult, RunStatus

_ZYGOTE: Final = Path(__file__).with_name("inside") / "zygote.py"
_OPTIONS: Final = ("-s", "-P", "-S", "-B")
"""Isolated as by -I, but with the environment, which is ours whole and fixes the hash seed."""
_START_SECONDS: Final = 20.0
_GRACE_SECONDS: Final = 5.0
"""How far beyond a run's wall limit its reply may come before the zygote is given up."""
_END_SECONDS: Final = 2.0
_RUNS_PER_ZYGOTE: Final = 10_000
_ALL_SEALS: Final = 0xF
_CHUNK: Final = 1 << 16


class WorkerBroken(Exception):
    """The zygote failed, not the program as far as can be told; the worker needs a new one."""


class Worker:
    """A zygote that is started when first needed and replaced when it breaks or has run enough."""

    def __init__(self, level: Level, slot: int, packages: Packages) -> None:
        self._level, self._slot, self._paths = level, slot, packages.paths
        self._preload = packages.names
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._runs = 0

    def start(self) -> None:
        """Starts the zygote if there is none; WorkerBroken says what it lacks."""
        if self._process is not None and self._process.poll() is None and self._control:
            return
        self.close()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        interpreter = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
        with theirs:
            self._process = subprocess.Popen(
                [interpreter, *_OPTIONS, str(_ZYGOTE), *self._arguments(theirs.fileno())],
                env=_environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._control, self._runs = ours, 0
        ours.settimeout(_START_SECONDS)
        kind, _, text = self._reply()
        if kind == protocol.THREADED and self._preload:
            self._preload = []  # every program imports them itself
            self.start()
            return
        if kind != protocol.READY:
            self.close()
            raise WorkerBroken(text or "the interpreter of the sandbox does not start")

    def _arguments(self, socket_fd: int) -> list[str]:
        preload = ",".join(self._preload)
        return [str(socket_fd), self._level.value, str(self._slot), preload, *self._paths]

    def run(self, source: bytes, stdin: bytes, limits: Limits) -> RunResult:
        """Runs a program once; WorkerBroken if the outcome is not known."""
        if self._runs >= _RUNS_PER_ZYGOTE:
            self.close()
        try:
            self.start()
            self._runs += 1
            return _Run(self._control, self._runs, limits).go(source, stdin)
        except (OSError, WorkerBroken) as error:
            self.close()
            raise WorkerBroken(str(error)) from error

    @property
    def pid(self) -> int | None:
        """Process id of the zygote; None before it starts."""
        return None if self._process is None else self._process.pid

    def close(self) -> None:
        """Ends the zygote and with it whatever it runs."""
        if self._control is not None:
            self._control.close()  # this is what ends a zygote, whatever it waits for
        if self._process is not None:
            try:
                self._process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = self._control = None

    def _reply(self) -> tuple[bytes, int, str]:
        assert self._control is not None
        try:
            packet = self._control.recv(protocol.REPLY.size + protocol.MAX_TEXT)
        except OSError as error:
            raise WorkerBroken(f"no word from the zygote: {error}") from error
        if len(packet) < protocol.REPLY.size:
            return protocol.BROKEN, 0, ""
        kind, run, *_ = protocol.REPLY.unpack_from(packet)
        return kind, run, packet[protocol.REPLY.size :].decode(errors="replace")


@dataclass(frozen=True, slots=True)
class _Ending:
    """The kernel's word on a run, from the zygote."""

    status: int
    memory_kb: int
    cpu_s: float
    flags: int


class _Run:
    """One run as seen from outside."""

    def __init__(self, control: socket.socket | None, number: int, limits: Limits) -> None:
        assert control is not None
        self._control, self._number, self._limits = control, number, limits
        self._output, self._errors = bytearray(), bytearray()
        self._overflow = False

    def go(self, source: bytes, stdin: bytes) -> RunResult:
        """Sends the request and watches until all of it has ended."""
        started = time.monotonic()
        with contextlib.ExitStack() as owned:
            output = self._request(source, stdin, owned)
            ending = self._watch(output, started + self._limits.wall_s + _GRACE_SECONDS)
        return self._verdict(ending, time.monotonic() - started)

    def _request(self, source: bytes, stdin: bytes, owned: contextlib.ExitStack) -> tuple[int, int]:
        """Sends source and descriptors; returns the reading ends of stdout and stderr."""
        limits = self._limits
        with contextlib.ExitStack() as theirs:
            source_fd = _sealed_file(stdin)
            theirs.callback(os.close, source_fd)
            ends = []
            for _ in range(2):
                reading, writing = os.pipe()
                owned.callback(os.close, reading)
                theirs.callback(os.close, writing)
                os.set_blocking(reading, False)
                ends.append((reading, writing))
            header = protocol.REQUEST.pack(
                protocol.RUN,
                self._number,
                limits.wall_s,
                math.ceil(limits.cpu_s),
                math.ceil(limits.memory_mb),
                math.ceil(limits.file_mb),
                len(source),
            )
            fds = [source_fd, ends[0][1], ends[1][1]]
            socket.send_fds(self._control, [header + source], fds)
        return ends[0][0], ends[1][0]

    def _watch(self, ends: tuple[int, int], deadline: float) -> _Ending:
        """Reads both streams until the reply comes, then what is left in them."""
        output, errors = ends
        poll = select.poll()
        for fd in (output, errors, self._control.fileno()):
            poll.register(fd, select.POLLIN)
        while True:
            left = deadline - time.monotonic()
            ready = [fd for fd, _ in poll.poll(max(0.0, left) * 1000)]
            if not ready:
                raise WorkerBroken("no reply long after the wall limit")
            for fd in ready:
                if fd in ends and not self._read(fd, self._output if fd == output else None):
                    poll.unregister(fd)
            if self._control.fileno() in ready:
                ending = self._ending()
                if ending is not None:
                    break
        # Not until the end of file: a fork of this very process may hold a writing end open.
        while self._read(output, self._output):
            pass
        while self._read(errors, None):
            pass
        return ending

    def _read(self, fd: int, output: bytearray | None) -> bool:
        """One chunk of a stream; whether there may be more to read."""
        try:
            chunk = os.read(fd, _CHUNK)
        except BlockingIOError:
            return False
        if output is None:
            self._errors += chunk
            if len(self._errors) > 2 * self._limits.stderr_bytes + _CHUNK:
                del self._errors[: -self._limits.stderr_bytes]
            return bool(chunk)
        output += chunk
        if len(output) <= self._limits.output_bytes:
            return bool(chunk)
        if not self._overflow:
            self._overflow = True
            kill = protocol.REQUEST.pack(protocol.KILL, self._number, 0.0, 0, 0, 0, 0)
            self._control.send(kill)
        return False

    def _ending(self) -> _Ending | None:
        packet = self._control.recv(protocol.REPLY.size + protocol.MAX_TEXT)
        if len(packet) < protocol.REPLY.size:
            raise WorkerBroken("the zygote has gone")
        kind, run, status, memory_kb, cpu_s, flags = protocol.REPLY.unpack_from(packet)
        if kind != protocol.DONE:
            raise WorkerBroken(packet[protocol.REPLY.size :].decode(errors="replace"))
        return _Ending(status, memory_kb, cpu_s, flags) if run == self._number else None

    def _verdict(self, ending: _Ending, wall_s: float) -> RunResult:
        limits = self._limits
        code = os.waitstatus_to_exitcode(ending.status)
        return RunResult(
            status=self._status(ending, code),
            stdout=bytes(self._output[: limits.output_bytes]),
            stderr=self._errors[-limits.stderr_bytes :].decode(errors="replace"),
            exit_code=code if code >= 0 else None,
            signal=-code if code < 0 else None,
            cpu_s=ending.cpu_s,
            wall_s=wall_s,
        )

    def _status(self, ending: _Ending, code: int) -> RunStatus:
        limits = self._limits
        out_of_cpu = ending.cpu_s > limits.cpu_s or -code == signal.SIGXCPU
        if self._overflow:
            return RunStatus.OUTPUT_LIMIT
        if ending.flags & protocol.EXPIRED or out_of_cpu:
            return RunStatus.TIMEOUT
        if code == 0:
            return RunStatus.OK
        killed_while_large = -code == signal.SIGKILL and ending.memory_kb > limits.memory_mb * 512
        if ending.flags & protocol.OUT_OF_MEMORY or killed_while_large:
            return RunStatus.MEMORY
        return RunStatus.RUNTIME_ERROR


def _environment() -> dict[str, str]:
    """All variables of a zygote, and so of every program; one thread for numerical libraries."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/tmp",
        "PYTHONHASHSEED": "0",
        **dict.fromkeys(names, "1"),
    }


def _sealed_file(content: bytes) -> int:
    """A file in memory that nobody can change any more, open at its start."""
    fd = os.memfd_create("stdin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]
    os.lseek(fd, 0, os.SEEK_SET)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _ALL_SEALS)
    return fd
