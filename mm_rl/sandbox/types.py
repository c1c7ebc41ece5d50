"""What crosses the border of the sandbox: programs, limits, results, errors."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Final, Self


class Level(StrEnum):
    """By which means of the kernel a run is contained."""

    NAMESPACES = "namespaces"
    """Own namespaces, a private root in memory, a bounded /tmp, seccomp, resource limits."""
    LANDLOCK = "landlock"
    """Landlock and seccomp: the interpreter's files are readable, nothing is writable."""


class RunStatus(StrEnum):
    """How a run ended."""

    OK = "ok"
    RUNTIME_ERROR = "runtime_error"
    """Non-zero exit, or ended by a signal."""
    TIMEOUT = "timeout"
    """CPU or wall time used up."""
    MEMORY = "memory"
    """Out of memory where that can be told (an uncaught MemoryError, or killed while near the
    limit); a program that dies of it in another way, or catches it, is a RUNTIME_ERROR or OK."""
    OUTPUT_LIMIT = "output_limit"
    """More on stdout than allowed."""
    REFUSED = "refused"
    """Not run: the source or the input is too long, holds a NUL, or is no UTF-8."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one run may use."""

    cpu_s: float = 2.0
    """Processor seconds; enforced in whole seconds, judged exactly."""
    wall_s: float = 6.0
    """Seconds from start to end."""
    memory_mb: int = 256
    """MiB of address space beyond what the bare interpreter has mapped."""
    output_bytes: int = 1 << 20
    """Most bytes on stdout; one more ends the run."""
    stderr_bytes: int = 64 << 10
    """Most bytes kept of stderr, the last ones; more never ends a run."""
    file_mb: int = 16
    """MiB of all files in /tmp together, and of one file."""
    processes: int = 1
    """Processes; more than one only where a language needs it, Python gets one with threads."""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ValueError(f"limits.{name} is {getattr(self, name)}; it must be above 0")


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """Source code that nobody vouches for."""

    source: str
    """The whole program."""
    language: str = "python"
    """A name of `Sandbox.languages()`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunResult:
    """What a run did; nothing of it can be set by the program but stdout, stderr and exit code."""

    status: RunStatus
    """How it ended."""
    stdout: bytes
    """What it wrote on stdout, at most `output_bytes`."""
    stderr: str
    """End of what it wrote on stderr; for humans, never parsed."""
    exit_code: int | None
    """Exit code; None if a signal ended it or it was not run."""
    signal: int | None
    """Signal that ended it."""
    cpu_s: float
    """Processor seconds used."""
    wall_s: float
    """Seconds from request to end."""


@dataclass(kw_only=True, slots=True)
class SandboxConfig:
    """How programs are run."""

    level: str = "auto"
    """auto (namespaces, else landlock), namespaces or landlock."""
    workers: int = 2
    """Warm interpreters, and so runs at the same time; one per core is right."""
    queue: int = 256
    """Most calls that wait for a worker; the next one raises SandboxBusy."""
    python_packages: list[str] = field(default_factory=list)
    """Importable packages that programs may use besides the standard library, read-only; what
    they require comes with them."""


class SandboxUnavailable(RuntimeError):
    """This machine offers nothing that contains a program; says what was tried, and the fix."""


class SandboxFailure(RuntimeError):
    """The sandbox itself is at fault: also a program that is known to work failed, twice."""


class SandboxBusy(RuntimeError):
    """`SandboxConfig.queue` calls wait already."""


class CompileError(Exception):
    """The program does not compile; the message is the compiler's."""


DEFAULT_LIMITS: Final = Limits()


class Executable(ABC):
    """A program ready to run any number of times; a context manager that frees what it holds."""

    @abstractmethod
    def run(self, stdin: bytes, limits: Limits = DEFAULT_LIMITS) -> RunResult:
        """Runs it once, in a sandbox of its own."""

    def close(self) -> None:  # noqa: B027 (most programs hold nothing)
        """Frees what it holds; it can not run any more."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
