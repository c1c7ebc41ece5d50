"""Languages other than Python: how their programs are compiled and run, each through bubblewrap.

A program is compiled once, in a sandbox of the compiler's own with a private /tmp, and leaves it as
bytes on stdout; each run then gets a fresh sandbox that holds the compiled file, nothing writable,
and of the machine only what the language's runtime needs. Natively compiled programs are linked
statically and see nothing of the machine at all.

A language is available if its commands are found on this machine and answer inside a sandbox;
`refusals` says why the others are not.
"""

import functools
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from mm_rl.sandbox.bubblewrap import SYSTEM_FOLDERS, Jail, missing, run_contained, sealed_file
from mm_rl.sandbox.filters import Policy
from mm_rl.sandbox.inside.protocol import MAX_SOURCE
from mm_rl.sandbox.types import (
    DEFAULT_LIMITS,
    CompileError,
    Executable,
    Limits,
    Program,
    RunResult,
    RunStatus,
)

COMPILER_LIMITS: Final = Limits(
    cpu_s=20.0,
    wall_s=30.0,
    memory_mb=1024,
    output_bytes=32 << 20,
    stderr_bytes=8 << 10,
    file_mb=128,
)
"""For one compilation; the memory is each compiler process's, and they run one after another."""
_SCRATCH_MB: Final = 128
_PROGRAM: Final = "/program"


@dataclass(frozen=True, kw_only=True, slots=True)
class Toolchain:
    """How one language is compiled and run; `{name}` stands for where command `name` was found."""

    commands: tuple[str, ...]
    """Commands it needs; the first one is asked for its version, the last one runs programs."""
    version: tuple[str, ...] = ("--version",)
    """Arguments that make the first command tell its version."""
    source: str
    """Name of the source file."""
    compile: str | None = None
    """Shell line that turns the source in the current folder into the file `program`."""
    run: tuple[str, ...] = (_PROGRAM,)
    """The program's command: `/program` is what was compiled, or the source, and `{memory_mb}` the
    run's memory limit."""
    policy: Policy = Policy.PROGRAM
    """System calls of a run."""
    folders: tuple[str, ...] = ()
    """What a run sees of the machine."""
    reserve_mb: int = 0
    """Address space that the runtime takes beyond what it uses."""
    base_mb: int = 0
    """Memory of the runtime itself, most of it never touched, on top of the program's."""


_JVM: Final = ("-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1")
"""Few threads, a quick start, no files."""
_JAVAC: Final = " ".join(f"-J{option}" for option in (*_JVM, "-Xms64m", "-Xmx512m"))
_JAVA_MEMORY: Final = (
    "-Xmx{memory_mb}m", "-Xms16m", "-Xss16m", "-XX:ReservedCodeCacheSize=48m",
    "-XX:CompressedClassSpaceSize=64m",
)  # fmt: skip

TOOLCHAINS: Final[dict[str, Toolchain]] = {
    "c": Toolchain(
        commands=("gcc",),
        source="program.c",
        compile="{gcc} -std=gnu17 -O2 -static -o program program.c -lm",
    ),
    "cpp": Toolchain(
        commands=("g++",),
        source="program.cpp",
        compile="{g++} -std=gnu++17 -O2 -static -o program program.cpp",
    ),
    "rust": Toolchain(
        commands=("rustc", "gcc"),
        source="program.rs",
        compile="{rustc} --edition 2021 -O -C target-feature=+crt-static -C linker={gcc}"
        " -o program program.rs",
    ),
    "java": Toolchain(
        commands=("javac", "jar", "java"),
        version=("-version",),
        source="Main.java",
        compile=f"{{javac}} {_JAVAC} -proc:none -d classes Main.java"
        f" && {{jar}} {_JAVAC} -c -f program -0 -C classes .",
        run=("{java}", *_JVM, *_JAVA_MEMORY, "-cp", _PROGRAM, "Main"),
        policy=Policy.THREADS,
        folders=(*SYSTEM_FOLDERS, "/etc/java-17-openjdk"),
        reserve_mb=1024,
        base_mb=320,
    ),
    "javascript": Toolchain(
        commands=("node",),
        source="program.js",
        run=("{node}", "--stack-size=7000", "--max-old-space-size={memory_mb}", _PROGRAM),
        policy=Policy.THREADS,
        folders=(*SYSTEM_FOLDERS, "/usr/share/nodejs"),
        reserve_mb=4096,
        base_mb=128,
    ),
    "perl": Toolchain(
        commands=("perl",),
        version=("-e", "print $^V"),
        source="program.pl",
        run=("{perl}", _PROGRAM),
        folders=(*SYSTEM_FOLDERS, "/usr/share/perl", "/usr/share/perl5"),
    ),
    "tcl": Toolchain(
        commands=("tclsh",),
        version=("/dev/null",),
        source="program.tcl",
        run=("{tclsh}", _PROGRAM),
        folders=(*SYSTEM_FOLDERS, "/usr/share/tcltk"),
    ),
}


class Compiled(Executable):
    """A program that is ready to run; holds one descriptor, and nothing on disk."""

    def __init__(self, toolchain: Toolchain, found: "_Found", content: bytes) -> None:
        self._toolchain = toolchain
        self._commands = found.commands
        self._folders = _folders(toolchain.folders, found) if toolchain.folders else ()
        self._program = sealed_file(content)

    def run(self, stdin: bytes, limits: Limits = DEFAULT_LIMITS) -> RunResult:
        """Runs it once, in a sandbox of its own; SandboxFailure only if the machine is at fault."""
        toolchain = self._toolchain
        names = {**self._commands, "memory_mb": str(limits.memory_mb)}
        jail = Jail(
            command=tuple(part.format_map(names) for part in toolchain.run),
            policy=toolchain.policy,
            folders=self._folders,
            programs={_PROGRAM: self._program},
            self_link=self._commands[toolchain.commands[-1]] if self._folders else "",
            reserve_mb=toolchain.reserve_mb,
        )
        bounds = replace(limits, memory_mb=limits.memory_mb + toolchain.base_mb)
        return run_contained(jail, stdin, bounds)

    def close(self) -> None:
        """Frees the compiled program; it can not run any more."""
        if self._program >= 0:
            os.close(self._program)
            self._program = -1


@functools.cache
def available() -> dict[str, str]:
    """Language -> version, of those that can be compiled and run here."""
    return {name: found.version for name, found in _survey().items() if not found.refusal}


@functools.cache
def refusals() -> dict[str, str]:
    """Language -> why it can not be used here, with the fix."""
    return {name: found.refusal for name, found in _survey().items() if found.refusal}


def prepare(program: Program, *, limits: Limits = COMPILER_LIMITS) -> Compiled:
    """Compiles a program inside a sandbox.

    Raises CompileError with the compiler's words (also when it ran into a limit), and ValueError
    for a language that is not available.
    """
    name = program.language
    if name not in available():
        reason = refusals().get(name, "unknown")
        names = ", ".join(available()) or "none"
        raise ValueError(f"language {name!r}: {reason}; available besides python: {names}")
    toolchain, found = TOOLCHAINS[name], _survey()[name]
    content = _checked(program.source)
    if toolchain.compile is not None:
        content = _compile(toolchain, found, content, limits)
    return Compiled(toolchain, found, content)


def _checked(source: str) -> bytes:
    """The source as bytes, if it may be compiled."""
    try:
        content = source.encode()
    except UnicodeEncodeError as error:
        raise CompileError("the source holds half a surrogate pair") from error
    if len(content) > MAX_SOURCE:
        raise CompileError(f"the source has {len(content)} bytes; at most {MAX_SOURCE} run")
    if b"\0" in content:
        raise CompileError("the source holds a NUL")
    return content


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """What this machine has of a toolchain."""

    commands: Mapping[str, str]
    """Name -> path inside and outside."""
    version: str = ""
    """First line of what the first command says."""
    refusal: str = ""
    """Why it can not be used."""


@functools.cache
def _survey() -> dict[str, _Found]:
    """Looks for every toolchain, and asks each for its version inside a sandbox."""
    return {name: _look_for(toolchain) for name, toolchain in TOOLCHAINS.items()}


def _look_for(toolchain: Toolchain) -> _Found:
    if (reason := missing()) is not None:
        return _Found(commands={}, refusal=reason)
    commands = {}
    for name in toolchain.commands:
        path = _path_of(name)
        if path is None:
            return _Found(commands={}, refusal=f"{name} is not installed")
        commands[name] = path
    first = commands[toolchain.commands[0]]
    found = _Found(commands=commands)
    jail = _compiler_jail((first, *toolchain.version), toolchain, found)
    result = run_contained(jail, b"", COMPILER_LIMITS)
    if result.status is not RunStatus.OK:
        said = result.stderr.strip()[-200:] or result.status.value
        return _Found(
            commands={},
            refusal=f"{first} does not start in a sandbox ({said}); it must be readable for all",
        )
    said = result.stdout.decode(errors="replace").strip() or result.stderr.strip() or first
    return replace(found, version=said.splitlines()[0])


def _path_of(command: str) -> str | None:
    """Where a command really lies: behind links, and behind rustup's stand-in."""
    path = shutil.which(command)
    if path is None:
        return None
    if command == "rustc":
        asked = subprocess.run([path, "--print", "sysroot"], capture_output=True, text=True)
        path = os.path.join(asked.stdout.strip(), "bin", "rustc")
    return os.path.realpath(path)


def _folders(wanted: tuple[str, ...], found: _Found) -> tuple[str, ...]:
    """The wanted folders, and those of commands that lie outside of them (`/opt/x/bin/tool`)."""
    outside = [
        os.path.dirname(os.path.dirname(path))
        for path in found.commands.values()
        if not any(path.startswith(folder + "/") for folder in wanted)
    ]
    return (*wanted, *dict.fromkeys(outside))


def _compiler_jail(command: tuple[str, ...], toolchain: Toolchain, found: _Found) -> Jail:
    wanted = (*SYSTEM_FOLDERS, "/usr/include", "/usr/share", *toolchain.folders)
    return Jail(
        command=command,
        policy=Policy.COMPILER,
        folders=_folders(tuple(dict.fromkeys(wanted)), found),
        environment={"PATH": "/usr/bin", "HOME": "/tmp", "LC_ALL": "C.UTF-8"},
        self_link=found.commands[toolchain.commands[0]],
        scratch_mb=_SCRATCH_MB,
        reserve_mb=4096,
    )


def _compile(toolchain: Toolchain, found: _Found, source: bytes, limits: Limits) -> bytes:
    """The compiled file: source in by stdin, result out by stdout, complaints by stderr."""
    assert toolchain.compile is not None
    line = toolchain.compile.format_map(found.commands)
    script = f"cd /tmp && cat > {toolchain.source} && {{ {line}; }} >&2 && cat program"
    jail = _compiler_jail(("/usr/bin/sh", "-c", script), toolchain, found)
    result = run_contained(jail, source, limits)
    if result.status is RunStatus.OK and result.stdout:
        return result.stdout
    if result.status is RunStatus.RUNTIME_ERROR:
        raise CompileError(result.stderr.strip() or "the compiler failed without a word")
    raise CompileError(f"the compiler ran into a limit: {result.status.value}")
