"""Beyond the listed programs: every system call by its number, and every path of a list."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mm_rl.sandbox import Level, RunStatus, Sandbox, SandboxConfig, SandboxUnavailable
from tests.unit.sandbox.hostile.corpus import Hostile
from tests.unit.sandbox.hostile.world import World, complaints, descendants, settled

NUM_CALLS = 470
BATCH = 47
CALLS = """
import random
skip = {"exit": (60, 93), "exit_group": (231, 94), "rt_sigreturn": (15, 139)}
never = {pair[0 if X86 else 1] for pair in skip.values()}
draw = random.Random(SEED)
buffers = [ctypes.create_string_buffer(8192) for _ in range(4)]
paths = [b"/", b"/tmp", b"@FOLDER@/expected.txt", b"/proc/self/mem", b"/etc/passwd"]
values = [0, 1, 2, -1, @PID@, @PARENT@, 4096, 0x7FFFFFFF, 1 << 40, 17, 0x10000000, 9, -100]
def argument():
    kind = draw.randrange(4)
    if kind == 0:
        return ctypes.c_long(draw.choice(values))
    if kind == 1:
        return draw.choice(paths)
    if kind == 2:
        return draw.choice(buffers)
    return ctypes.c_long(draw.randrange(64))
libc.alarm(1)
for number in [FIRST + i for i in range(COUNT)]:
    if number not in never:
        for _ in range(TRIES):
            libc.syscall(ctypes.c_long(number), *[argument() for _ in range(6)])
"""
PATHS = """
roots = ["", "/proc/self/root", "/proc/1/root", "/proc/self/cwd", "/proc/self/task/1/root"]
names = sorted({line for line in NAMES})
for root in roots:
    for name in names:
        try:
            with open(root + name, "rb", buffering=0) as file:
                block = file.read(4096)
        except (OSError, ValueError):
            continue
        os.write(1, block[:200])
        breach("read %s%s" % (root, name))
for name in names:
    for flags in (os.O_WRONLY, os.O_RDWR | os.O_CREAT, os.O_WRONLY | os.O_APPEND):
        must_fail("write " + name, os.open, name, flags)
"""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Canaries, for all runs."""
    world = World()
    yield world
    world.close()


@pytest.fixture(scope="module", params=list(Level))
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox per level that this machine has."""
    try:
        sandbox = Sandbox(SandboxConfig(level=request.param, workers=1))
    except SandboxUnavailable as reason:
        pytest.skip(str(reason))
    with sandbox:
        yield sandbox


def _any_ending(name: str, source: str) -> Hostile:
    statuses = " ".join(status for status in RunStatus if status is not RunStatus.REFUSED)
    return Hostile(name=name, statuses=statuses, source=source)


def _calls(*, first: int, count: int, tries: int, seed: int) -> Hostile:
    source = CALLS
    for name, value in (("FIRST", first), ("COUNT", count), ("TRIES", tries), ("SEED", seed)):
        source = source.replace(name, str(value))
    return _any_ending(f"calls {first}+{count}", source)


def test_random_system_calls_reach_nothing(world: World, sandbox: Sandbox) -> None:
    for first in range(0, NUM_CALLS, BATCH):
        row = _calls(first=first, count=BATCH, tries=20, seed=first)
        assert complaints(row, world, sandbox)[0] == []


@pytest.mark.slow
def test_every_system_call_alone_reaches_nothing(world: World, sandbox: Sandbox) -> None:
    before = len(descendants())
    for number in range(NUM_CALLS):
        row = _calls(first=number, count=1, tries=50, seed=1000 + number)
        assert complaints(row, world, sandbox)[0] == [], number
    assert settled(before) <= before


def test_no_path_of_the_machine_opens(world: World, sandbox: Sandbox) -> None:
    names = [
        *("/etc/" + name for name in ("passwd", "shadow", "group", "hosts", "resolv.conf")),
        *(f"/proc/1/{name}" for name in ("mem", "environ")),
        *(f"/proc/sys/kernel/{name}" for name in ("core_pattern", "modprobe", "kptr_restrict")),
        *("/proc/kcore", "/proc/kallsyms", "/proc/keys", "/proc/sysrq-trigger", "/proc/kmsg"),
        *(str(path) for path in Path("/dev").iterdir()
          if path.name not in ("null", "zero", "full", "random", "urandom", "fd")
          and not path.name.startswith("std")),
        *(str(path) for path in Path("/etc").iterdir() if path.is_file()
          and not path.name.startswith("ld.so")),
        *(str(path) for path in Path("/var/log").rglob("*") if path.is_file()),
        *(str(path) for path in Path("/run").iterdir()),
        *(str(path) for path in Path("/sys/kernel").iterdir()),
        *(str(path) for path in world.files),
    ]  # fmt: skip
    row = Hostile(name="paths", statuses="ok", source=PATHS.replace("NAMES", repr(names)))
    assert complaints(row, world, sandbox)[0] == []
