"""seccomp filters for programs that run through bubblewrap, as bytes for `bwrap --seccomp`.

Allowlists: a call that is not named fails with EPERM, so that a kernel newer than this file offers
no new surface. What no list holds: sockets, mounts, namespaces, ptrace, io_uring, bpf, keys, shared
memory, message queues, process priorities, clocks that can be set. Calls made through another ABI
(32-bit `int 0x80`, x32) kill the process, as their numbers mean other calls.

Some calls depend on an argument:
- `mmap` gives no anonymous shared memory, which RLIMIT_DATA does not count.
- `clone` makes threads only (`THREADS`), or processes without new namespaces (`COMPILER`), else
  nothing. Its successor `clone3` takes its flags by pointer, where no filter can look: it answers
  ENOSYS, and libraries fall back to `clone`.
- `socketpair`, whose ends know only each other, is there for Java. No other call makes a socket.
- `ioctl` and `prctl` know a few harmless requests.
"""

import platform
import struct
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from typing import Final

Numbers = Mapping[str, tuple[int, int | None]]
"""Name of a system call -> its number on x86-64 and, where it exists there, on aarch64."""


class Policy(StrEnum):
    """Which system calls a program gets."""

    PROGRAM = "program"
    """One process, one thread: C, C++, Rust, Perl, Tcl."""
    THREADS = "threads"
    """One process with threads: Java, JavaScript, Go."""
    COMPILER = "compiler"
    """Processes and a private writable folder."""


_PROGRAM: Final[Numbers] = {
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67),
    "pwrite64": (18, 68), "preadv": (295, 69), "pwritev": (296, 70), "close": (3, 57),
    "fstat": (5, 80), "newfstatat": (262, 79), "stat": (4, None), "lstat": (6, None),
    "statx": (332, 291), "lseek": (8, 62), "open": (2, None), "openat": (257, 56),
    "access": (21, None), "faccessat": (269, 48), "getcwd": (79, 17), "readlink": (89, None),
    "readlinkat": (267, 78), "getdents64": (217, 61), "fcntl": (72, 25), "dup": (32, 23),
    "dup2": (33, None), "dup3": (292, 24), "munmap": (11, 215), "mprotect": (10, 226),
    "mremap": (25, 216), "madvise": (28, 233), "brk": (12, 214), "mincore": (27, 232),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132), "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137),
    "rt_sigsuspend": (130, 133), "exit": (60, 93), "exit_group": (231, 94),
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101), "gettimeofday": (96, 169), "time": (201, None), "times": (100, 153),
    "getitimer": (36, 102), "setitimer": (38, 103), "alarm": (37, None), "pause": (34, None),
    "getpid": (39, 172), "gettid": (186, 178), "getppid": (110, 173), "getpgrp": (111, None),
    "getpgid": (121, 155), "getsid": (124, 156), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "getresuid": (118, 148), "getresgid": (120, 150),
    "getgroups": (115, 158), "getrandom": (318, 278), "futex": (202, 98),
    "set_tid_address": (218, 96), "set_robust_list": (273, 99), "get_robust_list": (274, 100),
    "rseq": (334, 293), "getrlimit": (97, 163), "getrusage": (98, 165), "arch_prctl": (158, None),
    "uname": (63, 160), "sysinfo": (99, 179), "kill": (62, 129), "tgkill": (234, 131),
    "tkill": (200, 130), "poll": (7, None), "ppoll": (271, 73), "select": (23, None),
    "pselect6": (270, 72), "sched_yield": (24, 124), "sched_getaffinity": (204, 123),
    "getcpu": (309, 168), "execve": (59, 221), "restart_syscall": (219, 128),
    "fadvise64": (221, 223), "umask": (95, 166), "getpriority": (140, 141), "pipe": (22, None),
    "pipe2": (293, 59), "capget": (125, 90), "prlimit64": (302, 261), "wait4": (61, 260),
}  # fmt: skip
"""What every program may call: its memory, its open files, clocks, its own processes' signals."""
_THREADS: Final[Numbers] = {
    "eventfd2": (290, 19), "epoll_create1": (291, 20), "epoll_ctl": (233, 21),
    "epoll_wait": (232, None), "epoll_pwait": (281, 22), "timerfd_create": (283, 85),
    "timerfd_settime": (286, 86), "membarrier": (324, 283), "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120), "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126), "statfs": (137, 43), "fstatfs": (138, 44),
}  # fmt: skip
"""Besides, for runtimes that keep threads and an event loop."""
_COMPILER: Final[Numbers] = {
    "fork": (57, None), "vfork": (58, None), "waitid": (247, 95),
    "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None), "unlink": (87, None),
    "unlinkat": (263, 35), "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276),
    "ftruncate": (77, 46), "truncate": (76, 45), "fallocate": (285, 47), "chmod": (90, None),
    "fchmod": (91, 52), "fchmodat": (268, 53), "utimensat": (280, 88), "link": (86, None),
    "linkat": (265, 37), "symlink": (88, None), "symlinkat": (266, 36), "chdir": (80, 49),
    "fchdir": (81, 50), "fsync": (74, 82), "fdatasync": (75, 83), "flock": (73, 32),
    "sendfile": (40, 71), "copy_file_range": (326, 285), "setpgid": (109, 154), "msync": (26, 227),
    "getdents": (78, None), "utime": (132, None), "creat": (85, None), "execveat": (322, 281),
}  # fmt: skip
"""Besides, for compilers: child processes and work in their own private folder."""

_CONDITIONAL: Final[Numbers] = {
    "mmap": (9, 222), "clone": (56, 220), "clone3": (435, 435), "ioctl": (16, 29),
    "prctl": (157, 167), "socketpair": (53, 199),
}  # fmt: skip

_AUDIT_ARCH: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""Machine -> the audit number of its ABI, and its column in the tables above."""
_X32_BIT: Final = 0x40000000
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOTTY, _ENOSYS = 1, 25, 38
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 6

_MAP_ANONYMOUS_SHARED: Final = 0x21
"""MAP_ANONYMOUS, and the bit that MAP_SHARED and MAP_SHARED_VALIDATE have in common."""
_CLONE_THREAD: Final = 0x00010000
_CLONE_NAMESPACES: Final = 0x7E020000
_AF_UNIX: Final = 1
_IOCTLS: Final = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX."""
_PRCTLS: Final = (15, 16, 0x53564D41)
"""PR_SET_NAME, PR_GET_NAME, PR_SET_VMA (names of mappings)."""

Instruction = tuple[int, int, int, int]
"""code, jump if true, jump if false, operand: `struct sock_filter`."""


def supported_machine() -> bool:
    """Whether this machine's system calls are in the tables."""
    return platform.machine() in _AUDIT_ARCH


@cache
def seccomp_filter(policy: Policy) -> bytes:
    """The compiled filter of a policy for this machine; KeyError on a machine without a table."""
    arch, column = _AUDIT_ARCH[platform.machine()]
    program: list[Instruction] = [
        (_LOAD, 0, 0, 4),
        (_JUMP_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
    ]
    if column == 0:
        program += [(_JUMP_AT_LEAST, 0, 1, _X32_BIT), (_RETURN, 0, 0, _KILL)]
    for name, verdict in _conditions(policy).items():
        number = _CONDITIONAL[name][column]
        assert number is not None
        program += [(_JUMP_EQUAL, 0, len(verdict), number), *verdict]
    tables = [_PROGRAM]
    if policy is not Policy.PROGRAM:
        tables.append(_THREADS)
    if policy is Policy.COMPILER:
        tables.append(_COMPILER)
    for table in tables:
        for numbers in table.values():
            number = numbers[column]
            if number is not None:
                program += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    program.append(_refuse(_EPERM))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)


def _conditions(policy: Policy) -> dict[str, list[Instruction]]:
    """What to do with the calls that depend on arguments; every list ends in a return."""
    shared = [_low(3), (_AND, 0, 0, _MAP_ANONYMOUS_SHARED)]
    shared += [(_JUMP_EQUAL, 0, 1, _MAP_ANONYMOUS_SHARED), _refuse(_EPERM), _allow()]
    thread = [_low(0), (_AND, 0, 0, _CLONE_THREAD | _CLONE_NAMESPACES)]
    thread += _only([_CLONE_THREAD], _EPERM)
    process = [_low(0), (_JUMP_ANY_BIT, 0, 1, _CLONE_NAMESPACES), _refuse(_EPERM), _allow()]
    clone = {
        Policy.PROGRAM: [_refuse(_EPERM)],
        Policy.THREADS: thread,
        Policy.COMPILER: process,
    }
    return {
        "mmap": shared,
        "clone": clone[policy],
        "clone3": [_refuse(_ENOSYS)],
        "ioctl": [_low(1), *_only(_IOCTLS, _ENOTTY)],
        "socketpair": [_low(0), *_only(() if policy is Policy.PROGRAM else (_AF_UNIX,), _EPERM)],
        "prctl": [_low(0), *_only(_PRCTLS, _EPERM)],
    }


def _low(argument: int) -> Instruction:
    """Loads the lower half of an argument; both machines are little-endian."""
    return (_LOAD, 0, 0, 16 + 8 * argument)


def _allow() -> Instruction:
    return (_RETURN, 0, 0, _ALLOW)


def _refuse(errno: int) -> Instruction:
    return (_RETURN, 0, 0, _ERRNO | errno)


def _only(values: Iterable[int], errno: int) -> list[Instruction]:
    """Allows if the loaded word is one of the values, else fails."""
    found: list[Instruction] = []
    for value in values:
        found += [(_JUMP_EQUAL, 0, 1, value), _allow()]
    return [*found, _refuse(errno)]
