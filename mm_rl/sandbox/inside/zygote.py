"""A warm interpreter that forks one contained process per program; executed by path, not imported.

    python -s -P -S -B zygote.py SOCKET LEVEL SLOT PRELOAD [PATH ...]

PATHs are packages that programs may import, PRELOAD names those to import beforehand, by commas.

Starts with a handful of variables in its environment and no descriptors but the socket, holds no
test data, has one thread, and never runs a program itself. At the namespaces level the program's
process is the child of an init that has its process namespace to itself; when init goes, everything
goes. At the Landlock level it is a child of the zygote and can not fork. Exit status and processor
time are those that the kernel hands the parent.

In the program's process, `main` returns to the module level, which runs the program as `__main__`:
below the program lies that one frame only.
"""

import _socket
import builtins
import gc
import importlib
import mmap
import os
import select
import signal
import struct
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mm_rl.sandbox.inside import isolation, landlock, program, protocol, seccomp
    from mm_rl.sandbox.inside.job import Containment, Job
else:  # mm_rl itself is out of reach: this file is run by path
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from inside import isolation, landlock, program, protocol, seccomp
    from inside.job import Containment, Job

    sys.path.pop()

_PRELOADED = (
    "abc array bisect cmath collections collections.abc copy dataclasses datetime decimal enum "
    "fractions functools heapq io itertools json linecache math operator random re string struct "
    "threading time traceback types typing"
)
"""Modules of the standard library that programs use most; imported once, before any fork."""
_OUTCOME = struct.Struct("<BiId")
"""Whether the program started, wait status, KiB of peak memory, cpu seconds; else text follows."""


def start(
    level: str, slot: int, preload: str, packages: list[str], control: _socket.socket
) -> Containment:
    """Enters the level and imports what programs use; OSError names what the machine denies."""
    namespaces = level == "namespaces"
    containment = Containment(namespaces=namespaces, seccomp_filter=seccomp.program_filter())
    if namespaces:
        this = _enter_namespaces(containment, slot, packages, control)
    else:
        this = landlock.enter(containment, slot, packages)
    for name in [*_PRELOADED.split(), *filter(None, preload.split(","))]:
        importlib.import_module(name)
    containment.threads = os.stat("task", dir_fd=this).st_nlink - 2
    from _sitebuiltins import Quitter, _Helper

    for name in ("exit", "quit"):
        setattr(builtins, name, Quitter(name, "Ctrl-D"))
    builtins.help = _Helper()
    isolation.undumpable()
    seccomp.install(isolation.libc, seccomp.zygote_filter(writable=namespaces), os.getpid())
    gc.collect()
    gc.freeze()
    with open(os.open("statm", os.O_RDONLY, dir_fd=this)) as statm:
        pages = int(statm.read().split()[0])
    os.close(this)
    containment.base_memory = pages * os.sysconf("SC_PAGE_SIZE")
    return containment


def _enter_namespaces(
    containment: Containment, slot: int, packages: list[str], control: _socket.socket
) -> int:
    """Namespaces and private root; returns in the new process namespace, with its /proc/self."""
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    new = isolation.NEW_USER | isolation.NEW_NS | isolation.NEW_PID | isolation.NEW_NET
    new |= isolation.NEW_IPC | isolation.NEW_UTS | isolation.NEW_CGROUP
    as_root = os.geteuid() == 0
    if as_root:
        isolation.unshare(isolation.NEW_NS)
        isolation.build_root(packages)
        isolation.leave_root(slot, proc)
    uid, gid = os.getuid(), os.getgid()
    isolation.unshare(new)
    isolation.map_user(proc, uid, gid)
    if not as_root:
        isolation.build_root(packages)
    _socket.sethostname("sandbox")
    child = os.fork()
    if child:
        control.close()
        os.waitpid(child, 0)
        os._exit(0)
    isolation.die_with_parent()
    containment.pid_namespace = os.open("self/ns/pid", os.O_RDONLY, dir_fd=proc)
    this = os.open("self", os.O_RDONLY | os.O_DIRECTORY, dir_fd=proc)
    os.close(proc)
    containment.proc = isolation.cover_proc()
    if packages:
        sys.path.append(isolation.PACKAGES)
    return this


def main(arguments: list[str]) -> tuple[Job, mmap.mmap]:
    """Serves requests until the socket closes; returns in the process of a program only."""
    control = _socket.socket(fileno=int(arguments[0]))
    try:
        level, slot, preload, *packages = arguments[1:]
        containment = start(level, int(slot), preload, packages, control)
    except Exception as error:  # whatever a machine denies is told, not printed
        _reply(control, protocol.BROKEN, text=str(error) or repr(error))
        os._exit(1)
    _reply(control, protocol.READY if containment.threads == 1 else protocol.THREADED)
    while True:
        packet, fds = _receive(control)
        if not packet:
            os._exit(0)
        if packet[:1] != protocol.RUN:
            continue  # a kill that came after the end of its run
        job = Job(packet, fds)
        flag = mmap.mmap(-1, 1)
        try:
            if _run(control, containment, job, flag):
                return job, flag
        except OSError as error:
            _reply(control, protocol.BROKEN, job.run, str(error))
            os._exit(1)
        flag.close()


def _reply(control: _socket.socket, kind: bytes, run: int = 0, text: str = "") -> None:
    tail = text.encode(errors="replace")[: protocol.MAX_TEXT]
    control.send(protocol.REPLY.pack(kind, run, 0, 0, 0.0, 0) + tail)


def _receive(control: _socket.socket) -> tuple[bytes, list[int]]:
    room = protocol.REQUEST.size + protocol.MAX_SOURCE
    packet, ancillary, _, _ = control.recvmsg(room, _socket.CMSG_SPACE(12))
    fds: list[int] = []
    for _, _, data in ancillary:
        fds += struct.unpack(f"{len(data) // 4}i", data)
    return packet, fds


def _run(control: _socket.socket, containment: Containment, job: Job, flag: mmap.mmap) -> bool:
    """Whether this is the program's process; in the zygote, the run has ended and is answered."""
    deadline = time.monotonic() + job.wall_s
    outcome_read, outcome_write = os.pipe()
    if containment.namespaces:
        isolation.unshare(isolation.NEW_PID)
    child = os.fork()
    if child == 0:
        control.detach()
        if containment.namespaces and _init(containment, job, flag, outcome_write):
            return True
        isolation.die_with_parent()
        program.contain(job, containment, outcome_write)
        return True
    os.close(outcome_write)
    job.close()
    if containment.namespaces:
        isolation.check(isolation.libc.setns(containment.pid_namespace, isolation.NEW_PID), "setns")
    flags, killed = _watch(control, child, job.run, deadline)
    _, status, usage = os.wait4(child, 0)
    text = os.read(outcome_read, 2 * protocol.MAX_TEXT)
    os.close(outcome_read)
    cpu_s = usage.ru_utime + usage.ru_stime
    memory = usage.ru_maxrss
    if containment.namespaces and text:
        started, status, memory, cpu_s = _OUTCOME.unpack_from(text)
        text = b"" if started else text[_OUTCOME.size :]
    elif containment.namespaces and not killed:
        text = b"the init of the run ended without a word"
    if text:
        _reply(control, protocol.BROKEN, job.run, text.decode(errors="replace"))
        return False
    flags |= protocol.OUT_OF_MEMORY if flag[0] else 0
    control.send(protocol.REPLY.pack(protocol.DONE, job.run, status, memory, cpu_s, flags))
    return False


def _watch(control: _socket.socket, child: int, run: int, deadline: float) -> tuple[int, bool]:
    """Waits for the child's end, brings it about at the deadline or when asked.

    Returns the flags of the reply, and whether the child was killed here.
    """
    pidfd = os.pidfd_open(child)
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.register(control, select.POLLIN)
    flags, killed = 0, False
    while not killed:
        left = deadline - time.monotonic()
        ready = [fd for fd, _ in poll.poll(max(0.0, left * 1000))]
        if pidfd in ready:
            break
        if ready:
            packet = control.recv(protocol.REQUEST.size)
            if not packet:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                os._exit(0)
            if packet[:1] != protocol.KILL or protocol.REQUEST.unpack(packet)[1] != run:
                continue
        else:
            flags = protocol.EXPIRED
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        killed = True
    os.close(pidfd)
    return flags, killed


def _init(containment: Containment, job: Job, flag: mmap.mmap, outcome: int) -> bool:
    """Process 1 of a run: prepares its mounts, waits for the program, tells how it ended.

    Returns in the program's process only.
    """
    setup_read, setup_write = os.pipe()
    status, memory, cpu_s, text = 0, 0, 0.0, b""
    try:
        isolation.die_with_parent()
        isolation.unshare(isolation.NEW_NS | isolation.NEW_IPC)
        isolation.mount_tmp(job.file_mb)
        if containment.proc:
            isolation.mount_proc()
        child = os.fork()
        if child == 0:
            isolation.die_with_parent()
            program.contain(job, containment, setup_write)
            return True
        os.close(setup_write)
        job.close()
        _, status, usage = os.wait4(child, 0)
        memory, cpu_s = usage.ru_maxrss, usage.ru_utime + usage.ru_stime
        text = os.read(setup_read, protocol.MAX_TEXT)
    except Exception as error:  # told, and not the program's fault
        text = (str(error) or repr(error)).encode()[: protocol.MAX_TEXT]
    os.write(outcome, _OUTCOME.pack(not text, status, memory, cpu_s) + text)
    os._exit(0)


if __name__ == "__main__":
    _job, _flag = main(sys.argv[1:])
    try:
        exec(*program.prepare(_job))
    except BaseException as _error:
        program.end(_job, _flag, _error)
    program.end(_job, _flag, None)
