"""What hostile programs must not touch on this machine, and how to tell that they did not."""

import contextlib
import ctypes
import os
import resource
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from mm_rl.sandbox import Executable, Limits, Program, RunResult, RunStatus, Sandbox
from mm_rl.sandbox.types import CompileError
from tests.unit.sandbox.hostile.corpus import PRELUDE, Hostile, fill_in

ROOT = Path(__file__).parents[4]
LIMITS = Limits(cpu_s=1.0, wall_s=2.0, memory_mb=128)
SLACK_SECONDS = 4.0
"""Start, end and a machine that others use too."""
HONEST = """
import json, math
numbers = sorted(int(word) for word in input().split())
print(json.dumps(numbers), math.gcd(*numbers), len(numbers), sum(numbers))
"""
_SUBREAPER = 36
_IPC_CREATE, _IPC_REMOVE = 0o1666, 0


class World:
    """Canaries that anybody on the machine may touch, so that only the sandbox protects them."""

    def __init__(self) -> None:
        self.libc = ctypes.CDLL(None, use_errno=True)
        # What escapes from its parent becomes a child of this process, and is seen.
        self.libc.prctl(_SUBREAPER, 1, 0, 0, 0)
        self.secret = "canary-" + secrets.token_hex(16)
        self.name = "mm_rl_" + secrets.token_hex(4)
        os.environ["MM_RL_CANARY"] = self.secret
        self.folder = Path(tempfile.mkdtemp(prefix="mm_rl_hostile_"))
        self.folder.chmod(0o777)
        self.files = [self.folder / "expected.txt", Path("/dev/shm") / self.name]
        for path in self.files:
            path.write_text(self.secret)
            path.chmod(0o666)
        self.sockets = list(self._listen())
        self.sibling = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(3600)", self.secret]
        )
        self.key = secrets.randbelow(1 << 30) + 1
        self.shared = self.libc.shmget(self.key, 4096, _IPC_CREATE)
        self.state = self._state()

    def _listen(self) -> Iterator[socket.socket]:
        tcp = socket.create_server(("127.0.0.1", 0))
        self.port = tcp.getsockname()[1]
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", self.port))
        unix = socket.socket(socket.AF_UNIX)
        unix.bind(str(self.folder / "socket"))
        (self.folder / "socket").chmod(0o777)
        unix.listen()
        abstract = socket.socket(socket.AF_UNIX)
        abstract.bind("\0" + self.name)
        abstract.listen()
        for one in (tcp, udp, unix, abstract):
            one.setblocking(False)
            yield one

    def places(self) -> dict[str, str]:
        """What stands for the names in the programs."""
        paths = [str(path) for path in self.files]
        return {
            "FOLDER": str(self.folder),
            "PATHS": repr(paths),
            "CPATHS": ", ".join(f'"{path}"' for path in paths),
            "PORT": str(self.port),
            "PID": str(self.sibling.pid),
            "PARENT": str(os.getpid()),
            "NAME": self.name,
            "KEY": str(self.key),
            "SHARED": str(self.shared),
            "ROOT": str(ROOT),
            "SITE": sysconfig.get_paths()["purelib"],
        }

    def _state(self) -> dict[str, object]:
        """Everything that must be the same after a run."""
        return {
            "files": {str(path): path.read_text() for path in self.files},
            "modes": {str(path): (path.stat().st_mode, path.stat().st_uid) for path in self.files},
            "folder": sorted(os.listdir(self.folder)),
            "outside": sorted(
                name for place in ("/", "/dev", "/usr", "/etc") for name in os.listdir(place)
            ),
            "sibling": self.sibling.poll(),
            "limits": resource.getrlimit(resource.RLIMIT_NOFILE),
            "nice": (os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0)),
            "sibling's nice": os.getpriority(os.PRIO_PROCESS, self.sibling.pid),
            "sibling's affinity": os.sched_getaffinity(self.sibling.pid),
            "environment": os.environ.get("MM_RL_CANARY"),
            "host": socket.gethostname(),
            "clock": round((time.time() - time.monotonic()) / 5),
        }

    def changes(self) -> list[str]:
        """What is not as it was at the start."""
        now = self._state()
        found = [f"{name}: {was} -> {now[name]}" for name, was in self.state.items()
                 if now[name] != was and name != "clock"]  # fmt: skip
        if abs(int(str(now["clock"])) - int(str(self.state["clock"]))) > 1:
            found.append("the clock was set")
        for one in self.sockets:
            with contextlib.suppress(BlockingIOError):
                one.recv(100) if one.type == socket.SOCK_DGRAM else one.accept()
                found.append(f"somebody reached {one}")
        return found

    def close(self) -> None:
        """Takes the canaries away."""
        self.sibling.kill()
        self.sibling.wait()
        for one in self.sockets:
            one.close()
        self.libc.shmctl(self.shared, _IPC_REMOVE, 0)
        self.files[1].unlink(missing_ok=True)
        shutil.rmtree(self.folder)
        os.environ.pop("MM_RL_CANARY", None)


def descendants() -> set[int]:
    """Processes below this one, zombies included."""
    parents: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                stat = Path("/proc", entry, "stat").read_text()
                parents[int(entry)] = int(stat.rpartition(")")[2].split()[1])
    below = {os.getpid()}
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in below} | below
        grown, below = more != below, more
    return below - {os.getpid()}


def settled(count: int) -> int:
    """Number of descendants once it is at most `count`, or after two seconds."""
    until = time.monotonic() + 2.0
    while (now := len(descendants())) > count and time.monotonic() < until:
        time.sleep(0.01)
    return now


def program_of(hostile: Hostile, world: World) -> Program:
    """The program with the canaries' places and the common words in it."""
    source = (PRELUDE if hostile.prelude else "") + hostile.source
    return Program(source=fill_in(source, world.places()), language=hostile.language)


def run_hostile(hostile: Hostile, world: World, sandbox: Sandbox) -> tuple[str, RunResult | None]:
    """How the run ended, by the name of its status; `compile_error` where it did not compile.

    Raises AssertionError if the compiler's words hold the secret.
    """
    program = program_of(hostile, world)
    try:
        executable: Executable = sandbox.prepare(program)
    except CompileError as error:
        assert world.secret not in str(error)
        assert "root:" not in str(error)
        assert len(str(error)) < 1 << 16
        return "compile_error", None
    with executable:
        result = executable.run(hostile.stdin, LIMITS)
    return result.status.value, result


def complaints(hostile: Hostile, world: World, sandbox: Sandbox) -> tuple[list[str], str, float]:
    """Runs an attack: what does not hold after it, its status, its seconds."""
    before = len(descendants())
    begun = time.monotonic()
    status, result = run_hostile(hostile, world, sandbox)
    seconds = time.monotonic() - begun
    found = []
    if status not in hostile.statuses.split():
        tail = result.stderr[-400:] if result else ""
        found.append(f"ended in {status}, not in {hostile.statuses}: {tail}")
    if result is not None:
        text = result.stdout.decode(errors="replace") + result.stderr
        found += [line for line in text.splitlines() if line.startswith("BREACH")][:10]
        if world.secret in text or "root:x:0" in text:
            found.append("the output holds a secret")
        if hostile.stdout is not None and result.stdout != hostile.stdout:
            found.append(f"wrote {result.stdout[:100]!r}, not {hostile.stdout[:100]!r}")
        if result.wall_s > LIMITS.wall_s + SLACK_SECONDS:
            found.append(f"took {result.wall_s:.1f} s")
    if (left := settled(before)) > before:
        found.append(f"{left - before} processes are left")
    found += world.changes()
    found += honest_complaints(sandbox)
    return found, status, seconds


def honest_complaints(sandbox: Sandbox) -> list[str]:
    """A program that does its work: whether its run is clean and right."""
    result = sandbox.run(Program(source=HONEST), b"12 18 -6\n", Limits())
    if result.status is RunStatus.OK and result.stdout == b"[-6, 12, 18] 6 3 24\n":
        return []
    return [f"the next honest run: {result}"]
