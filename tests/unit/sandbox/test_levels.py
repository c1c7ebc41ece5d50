"""Both levels contain; what they lack is named; they work for root and for others."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import mm_rl
from mm_rl.sandbox import Level, Program, Sandbox, SandboxConfig, SandboxUnavailable
from mm_rl.sandbox.inside import isolation, seccomp
from mm_rl.sandbox.probe import ESCAPES, HELD
from tests.unit.sandbox.conftest import Run

_LIBC = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"


def test_auto_takes_the_strongest_level() -> None:
    with Sandbox(SandboxConfig(workers=1)) as sandbox:
        assert sandbox.level is Level.NAMESPACES


def test_no_escape_of_the_self_test_succeeds(run: Run) -> None:
    assert run(ESCAPES).stdout == HELD


def test_the_self_test_sees_a_plain_process() -> None:
    """In a plain interpreter it finds what it looks for: it can tell a level that does not hold."""
    found = _python(ESCAPES, preexec=_become_nobody if os.geteuid() == 0 else None).stdout
    for name in (
        "start a process",
        "execute a file",
        "open a socket",
        "read another user's files",
        "list a folder of the machine",
        "write to the machine",
        "signal all processes",
        "take more memory",
    ):
        assert name in found
    assert found.endswith(HELD.decode())


def test_a_level_that_leaks_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the self-test prints is an escape that worked."""
    monkeypatch.setattr(
        "mm_rl.sandbox.probe.ESCAPES", "print('open a socket')\nprint('trace')\nprint('end')"
    )
    with pytest.raises(SandboxUnavailable) as caught:
        Sandbox(SandboxConfig(workers=1))
    text = str(caught.value)
    assert "namespaces: a program could open a socket, trace; fix: allow" in text
    assert "landlock: a program could open a socket, trace; fix: run Linux 5.13" in text


def test_where_a_level_is_denied_the_next_one_serves_and_else_none() -> None:
    """In an interpreter that is denied namespaces, then Landlock too, as a container may do."""
    source = (
        "import ctypes, os, struct\n"
        "from mm_rl.sandbox import Sandbox, SandboxConfig, SandboxUnavailable\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "from mm_rl.sandbox.inside import seccomp\n"
        "def deny(*numbers):\n"
        "    code = [(0x20, 0, 0, 0)]\n"
        "    for n in numbers: code += [(0x15, 0, 1, n), (6, 0, 0, 0x00050001)]\n"
        "    code.append((6, 0, 0, 0x7FFF0000))\n"
        "    seccomp.install(libc, b''.join(struct.pack('<HBBI', *c) for c in code), 1)\n"
        "deny(*({'x86_64': (272,), 'aarch64': (97,)}[os.uname().machine]))\n"
        "with Sandbox(SandboxConfig(workers=1)) as sandbox: print(sandbox.level.value)\n"
        "deny(444)\n"
        "try: Sandbox(SandboxConfig(workers=1))\n"
        "except SandboxUnavailable as error: print(error)\n"
    )
    done = _python(source)
    first, second = done.stdout.splitlines()
    assert first == "landlock"
    assert "namespaces: [Errno 1] unshare(" in second
    assert "landlock: Landlock is not there" in second


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="choose from auto, namespaces, landlock"):
        Sandbox(SandboxConfig(level="docker"))


def test_a_machine_without_a_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Machine:
        machine = "riscv64"

    monkeypatch.setattr(os, "uname", Machine)
    with pytest.raises(RuntimeError, match=r"no system call filter for riscv64; .*x86_64, aarch64"):
        seccomp.program_filter()


_DENIED_CALLS = (
    "syscall(SYS['kill'], 1, 9)",
    "syscall(SYS['kill'], -1, 9)",
    "syscall(SYS['tgkill'], 1, 1, 9)",
    "syscall(SYS['kill'], (1 << 32) - 1, 9)",
    "fork()",
    "vfork()",
    "unshare(0x10000000)",
    "unshare(0x20000)",
    "setns(0, 0)",
    "mount(b'none', b'/tmp', b'tmpfs', 0, 0)",
    "umount2(b'/tmp', 2)",
    "chroot(b'/')",
    "socket(1, 1, 0)",
    "socketpair(1, 1, 0, (ctypes.c_int * 2)())",
    "ptrace(16, 1, 0, 0)",
    "prctl(1, 9, 0, 0, 0)",
    "prctl(4, 1, 0, 0, 0)",
    "fcntl(1, 8, 1)",
    "fcntl(1, 10, 9)",
    "ioctl(0, 0x5412, b'x')",
    "memfd_create(b'x', 0)",
    "shmget(0, 4096, 0o1600)",
    "setpriority(0, 0, -5)",
    "setpgid(0, 0)",
    "setsid()",
    "syscall(SYS['io_uring_setup'], 8, bytes(120))",
    "syscall(SYS['bpf'], 0, bytes(120), 120)",
    "syscall(SYS['userfaultfd'], 1)",
    "syscall(SYS['perf_event_open'], bytes(120), 0, -1, -1, 0)",
    "syscall(SYS['keyctl'], 0, -3, 0)",
    "syscall(SYS['process_vm_readv'], 1, 0, 0, 0, 0, 0)",
    "syscall(SYS['pidfd_open'], 1, 0)",
    "syscall(SYS['clone'], 17, 0, 0, 0, 0)",
    "syscall(SYS['clone'], 0x10000000 | 17, 0, 0, 0, 0)",
    "syscall(SYS['clone3'], bytes(64), 64)",
    "syscall(SYS['prlimit64'], 1, 0, 0, 0)",
)


def test_system_calls_are_denied(run: Run) -> None:
    """By EPERM, or ENOSYS for clone3, where libraries know what to do."""
    numbers = {
        "kill": (62, 129), "tgkill": (234, 131), "io_uring_setup": (425, 425), "bpf": (321, 280),
        "userfaultfd": (323, 282), "perf_event_open": (298, 241), "keyctl": (250, 219),
        "process_vm_readv": (310, 270), "pidfd_open": (434, 434), "clone": (56, 220),
        "clone3": (435, 435), "prlimit64": (302, 261),
    }  # fmt: skip
    column = int(os.uname().machine == "aarch64")
    table = {name: pair[column] for name, pair in numbers.items()}
    source = f"{_LIBC}SYS = {table}\n"
    for call in _DENIED_CALLS:
        source += f"ctypes.set_errno(0)\nprint(libc.{call}, ctypes.get_errno())\n"
    answers = run(source).stdout.decode().splitlines()
    for call, answer in zip(_DENIED_CALLS, answers, strict=True):
        assert answer == ("-1 38" if "clone3" in call else "-1 1"), call


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="an ABI of x86-64")
def test_calls_of_another_abi_are_denied(run: Run) -> None:
    """x32 numbers name other entry points; they match no entry of the list."""
    source = f"{_LIBC}print(libc.syscall(0x40000000 | 39), ctypes.get_errno())"
    assert run(source).stdout == b"-1 1\n"


def test_capabilities_are_gone(sandbox: Sandbox, run: Run) -> None:
    """All sets are empty, and an exec could bring none back."""
    source = (
        f"{_LIBC}data = ctypes.create_string_buffer(24)\n"
        "header = ctypes.create_string_buffer((0x20080522).to_bytes(4, 'little') + bytes(4))\n"
        "libc.capget(header, data)\nprint(data.raw == bytes(24), os.getuid() > 0)"
    )
    assert run(source).stdout == b"True True\n"


def test_the_private_root(run: Run, sandbox: Sandbox) -> None:
    """At the namespaces level the machine's files do not exist, else they can not be opened."""
    names = ["/etc/passwd", "/etc/shadow", "/home", "/var/log", "/sys/kernel", "/proc/1/environ",
             "/proc/sys/kernel/hostname", "/dev/kmsg", "/bin/sh", __file__]  # fmt: skip
    source = (
        "import os\n"
        f"for name in {names}:\n"
        "    try: os.listdir(name) if os.path.isdir(name) else open(name)\n"
        "    except OSError as error: continue\n"
        "    print(name)\n"
    )
    assert run(source).stdout == b""
    if sandbox.level is Level.NAMESPACES:
        listing = run("import os\nprint(sorted(os.listdir('/dev')), os.listdir('/tmp'))").stdout
        names = ["fd", "full", "null", "random", "stderr", "stdin", "stdout", "urandom", "zero"]
        assert listing.decode() == f"{names} []\n"
        assert run("import os\nprint(os.listdir('/proc/2/fd'))").stdout.count(b"'") == 8


def test_nothing_but_tmp_is_writable(run: Run, sandbox: Sandbox) -> None:
    source = """
import os
for folder, _, _ in os.walk("/"):
    try: open(folder + "/x", "w").close()
    except OSError: continue
    print(folder)
for change in (lambda: os.chmod(os.__file__, 0o777), lambda: os.utime(os.__file__),
               lambda: os.truncate(os.__file__, 0), lambda: os.rename("/usr", "/user"),
               lambda: os.symlink("/etc", "/dev/etc"), lambda: os.unlink("/dev/null"),
               lambda: os.mkdir("/var/tmp/x"), lambda: os.chown(os.__file__, 0, 0)):
    try: change()
    except OSError: continue
    print("changed")
"""
    expected = b"/tmp\n" if sandbox.level is Level.NAMESPACES else b""
    assert run(source).stdout == expected


def test_devices_work(run: Run) -> None:
    source = "open('/dev/null', 'w').write('x')\nprint(open('/dev/zero', 'rb').read(2), "
    source += "len(open('/dev/urandom', 'rb').read(9)))"
    assert run(source).stdout == b"b'\\x00\\x00' 9\n"


@pytest.mark.parametrize("level", list(Level))
def test_packages(level: Level) -> None:
    """The named ones and what they require, read-only; no others, and none by default."""
    source = (
        "import os, cyaron, numpy\n"
        "print(cyaron.String.random(3, charset='a'), numpy.ones(2))\n"
        "try: open(os.path.dirname(cyaron.__file__) + '/x', 'w')\nexcept OSError: print('ro')\n"
        "try: import PIL\nexcept ImportError: print('only those')\n"
    )
    config = SandboxConfig(level=level.value, workers=1, python_packages=["cyaron", "numpy"])
    with Sandbox(config) as sandbox:
        result = sandbox.run(Program(source=source), b"")
        assert result.stdout == b"aaa [1. 1.]\nro\nonly those\n", result.stderr


def test_packages_are_named_by_mistake() -> None:
    with pytest.raises(ValueError, match="'no_such_package', which can not be imported"):
        Sandbox(SandboxConfig(python_packages=["no_such_package"]))


def test_without_packages_there_are_none(run: Run) -> None:
    assert run("import numpy").stderr.endswith("ModuleNotFoundError: No module named 'numpy'\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as a normal user already")
@pytest.mark.parametrize("level", list(Level))
def test_for_an_unprivileged_user(level: Level) -> None:
    """The same in a process of another user that reaches the interpreter and nothing else new."""
    source = f"""
import os
from mm_rl.sandbox import Sandbox, SandboxConfig, Program, Limits
from mm_rl.sandbox.probe import ESCAPES, HELD
assert os.getresuid() == (65534, 65534, 65534)
with Sandbox(SandboxConfig(level={level.value!r}, workers=1)) as sandbox:
    print(sandbox.run(Program(source="print(int(input()) * 2)"), b"3").stdout)
    print(sandbox.run(Program(source={ESCAPES!r}), b"").stdout)
    print(sandbox.run(Program(source="while 1: pass"), b"", Limits(wall_s=0.3)).status.value)
"""
    done = _python(source, preexec=_become_nobody)
    assert done.stdout == "b'6\\n'\nb'end\\n'\ntimeout\n", done.stderr


def _python(
    source: str, preexec: Callable[[], None] | None = None
) -> "subprocess.CompletedProcess[str]":
    """The interpreter without its environment: mm_rl.sandbox needs the standard library only."""
    interpreter = os.path.realpath(sys._base_executable)  # type: ignore[attr-defined]
    return subprocess.run(
        [interpreter, "-c", source],
        env={"PYTHONPATH": str(Path(mm_rl.__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        preexec_fn=preexec,
        capture_output=True,
        text=True,
        check=False,
    )


def _become_nobody() -> None:
    """Gives up root; folders closed to others that hold the interpreter or mm_rl are opened first,
    in a mount namespace of the process's own."""
    interpreter = os.path.realpath(sys._base_executable)  # type: ignore[attr-defined]
    needed = [Path(interpreter).parents[1], Path(mm_rl.__file__).parents[1]]
    isolation.unshare(isolation.NEW_NS)
    isolation.mount("none", "/", None, 16384 | 1 << 18)
    for path in needed:
        closed = next((p for p in list(path.parents)[::-1] if not p.stat().st_mode & 1), None)
        if closed is None:
            continue
        fd = os.open(path, os.O_PATH)
        isolation.mount("tmpfs", str(closed), "tmpfs", 0, "mode=755")
        path.mkdir(parents=True)
        isolation.mount(f"/proc/self/fd/{fd}", str(path), None, 4096)
        os.close(fd)
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
