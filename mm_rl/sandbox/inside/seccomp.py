"""The system calls a Python program gets: an allowlist, so that a newer kernel offers nothing new.

Absent are, among others: fork, exec, sockets, mounts, namespaces, ptrace and reading another
process's memory, keys, bpf, perf, userfaultfd, io_uring, memfd, message queues, shared memory, open
by handle, changes of owner, attributes, priorities and clocks. Calls judged by their argument:

- `clone` makes threads, with exactly the flags of glibc or musl; `clone3`, whose flags no filter
  can read, answers ENOSYS, and libraries fall back to `clone`.
- `kill` and `tgkill` reach the program itself; `fcntl` can not send signals to others either
  (F_SETOWN, F_SETSIG); `prlimit64` knows the caller only.
- `ioctl` and `prctl` know a few harmless requests.

Two filters in a row, as installing a long one takes half a millisecond: the zygote puts itself, for
good, under the list of what programs get and what it needs to start them; a program takes the
latter away from itself and judges arguments. What either refuses is refused.

Without a mount namespace (`writable=False`) the calls that change files are gone too: Landlock lets
chmod, utime and, before its third version, truncate pass on every file of the user.
"""

import ctypes
import os
import struct

_Table = dict[str, tuple[int, int | None]]
"""Name -> number on x86-64 and, where it exists there, on aarch64."""

_ANY: _Table = {
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67),
    "pwrite64": (18, 68), "preadv": (295, 69), "pwritev": (296, 70), "preadv2": (327, 286),
    "pwritev2": (328, 287), "close": (3, 57), "close_range": (436, 436), "stat": (4, None),
    "fstat": (5, 80), "lstat": (6, None), "newfstatat": (262, 79), "statx": (332, 291),
    "statfs": (137, 43), "fstatfs": (138, 44), "open": (2, None), "openat": (257, 56),
    "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439),
    "readlink": (89, None), "readlinkat": (267, 78), "getdents": (78, None),
    "getdents64": (217, 61), "getcwd": (79, 17), "chdir": (80, 49), "fchdir": (81, 50),
    "lseek": (8, 62), "fadvise64": (221, 223), "dup": (32, 23), "dup2": (33, None),
    "dup3": (292, 24), "pipe": (22, None), "pipe2": (293, 59), "poll": (7, None),
    "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72), "epoll_create1": (291, 20),
    "epoll_ctl": (233, 21),
    "epoll_wait": (232, None), "epoll_pwait": (281, 22), "eventfd2": (290, 19),
    "sendfile": (40, 71), "copy_file_range": (326, 285), "mmap": (9, 222), "munmap": (11, 215),
    "mprotect": (10, 226), "mremap": (25, 216), "madvise": (28, 233), "msync": (26, 227),
    "brk": (12, 214), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "sigaltstack": (131, 132), "rt_sigpending": (127, 136),
    "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133), "pause": (34, None),
    "alarm": (37, None), "getitimer": (36, 102), "setitimer": (38, 103),
    "restart_syscall": (219, 128), "getpid": (39, 172), "gettid": (186, 178),
    "getppid": (110, 173), "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176),
    "getegid": (108, 177), "getresuid": (118, 148), "getresgid": (120, 150),
    "getgroups": (115, 158), "getpgrp": (111, None), "getpgid": (121, 155), "getsid": (124, 156),
    "getpriority": (140, 141), "times": (100, 153), "uname": (63, 160), "sysinfo": (99, 179),
    "getrusage": (98, 165), "getrlimit": (97, 163), "umask": (95, 166), "capget": (125, 90),
    "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "gettimeofday": (96, 169), "time": (201, None),
    "getrandom": (318, 278), "getcpu": (309, 168), "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123), "futex": (202, 98), "set_robust_list": (273, 99),
    "set_tid_address": (218, 96), "rseq": (334, 293), "membarrier": (324, 283),
    "arch_prctl": (158, None), "exit": (60, 93), "exit_group": (231, 94), "wait4": (61, 260),
    "waitid": (247, 95),
}  # fmt: skip
"""What every program gets."""
_FILES: _Table = {
    "creat": (85, None), "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None),
    "unlink": (87, None), "unlinkat": (263, 35), "rename": (82, None), "renameat": (264, 38),
    "renameat2": (316, 276), "link": (86, None), "linkat": (265, 37), "symlink": (88, None),
    "symlinkat": (266, 36), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "truncate": (76, 45), "ftruncate": (77, 46), "fallocate": (285, 47), "fsync": (74, 82),
    "fdatasync": (75, 83), "flock": (73, 32),
}  # fmt: skip
"""Changes of files, for a private root."""

_ZYGOTE: _Table = {
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "setpgid": (109, 154),
    "capset": (126, 91), "landlock_restrict_self": (446, 446), "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424), "recvmsg": (47, 212), "recvfrom": (45, 207),
    "sendmsg": (46, 211), "sendto": (44, 206),
}  # fmt: skip
"""What a zygote needs besides."""

SELF = 0x7FFFFFFE
"""Stands for the program's process id in a filter, see `install`."""
_THREAD = (0x3D0F00, 0x7D0F00)  # flags of pthread_create in glibc and musl
_BY_ARGUMENT: dict[str, tuple[int, int, int, tuple[int, ...]]] = {
    "kill": (62, 129, 0, (SELF, 0)),
    "tgkill": (234, 131, 0, (SELF,)),
    "prlimit64": (302, 261, 0, (0, SELF)),
    "clone": (56, 220, 0, _THREAD),
    # F_DUPFD F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK F_SETLKW F_OFD_* F_DUPFD_CLOEXEC
    # F_GETPIPE_SZ
    "fcntl": (72, 25, 1, (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)),
    "ioctl": (16, 29, 1, (0x5401, 0x5413, 0x541B, 0x5450, 0x5451)),  # TCGETS TIOCGWINSZ FIO*
    "prctl": (157, 167, 0, (15, 16, 0x53564D41)),  # PR_SET_NAME PR_GET_NAME PR_SET_VMA
}
"""Name -> both numbers, index of the argument that decides, values that pass."""
_CLONE3 = 435

_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""Machine -> audit number of its calls, and its column above."""
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _KILL, _EPERM, _ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _MODE_FILTER = 22, 38, 2
_Instruction = tuple[int, int, int, int]
"""code, jump if true, jump if false, operand: `struct sock_filter`."""


def zygote_filter(*, writable: bool) -> bytes:
    """What zygote and programs may call at all, as `struct sock_filter`s.

    Raises RuntimeError on a machine whose system calls are not in the tables.
    """
    column = _column()
    tables = [_ANY, _FILES, _ZYGOTE] if writable else [_ANY, _ZYGOTE]
    numbers = [both[column] for table in tables for both in table.values()]
    numbers += [(x86, arm)[column] for x86, arm, *_ in _BY_ARGUMENT.values()]
    code: list[_Instruction] = []
    for number in numbers:
        if number is not None:
            code += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    code += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _ENOSYS), (_RETURN, 0, 0, _EPERM)]
    return _assembled(code)


def program_filter() -> bytes:
    """What of it a program loses, and the arguments it may use."""
    column = _column()
    code: list[_Instruction] = []
    for x86, arm, argument, values in _BY_ARGUMENT.values():
        block = [(_LOAD, 0, 0, 16 + 8 * argument)]  # lower half: both machines are little-endian
        for value in values:
            block += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
        block.append((_RETURN, 0, 0, _EPERM))
        code += [(_EQUAL, 0, len(block), (x86, arm)[column]), *block]
    for numbers in _ZYGOTE.values():
        number = numbers[column]
        if number is not None:
            code += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _EPERM)]
    return _assembled([*code, (_RETURN, 0, 0, _ALLOW)])


def _column() -> int:
    machine = os.uname().machine
    if machine not in _ARCHITECTURES:
        known = ", ".join(_ARCHITECTURES)
        raise RuntimeError(f"no system call filter for {machine}; there are filters for {known}")
    return _ARCHITECTURES[machine][1]


def _assembled(code: list[_Instruction]) -> bytes:
    """The code behind a check that calls are numbered as in the tables, and loads the number."""
    audit = _ARCHITECTURES[os.uname().machine][0]
    start = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, audit), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in start + code)


def install(libc: ctypes.CDLL, code: bytes, process: int) -> None:
    """Puts the calling thread and what it starts under the filter; `process` is its process id."""
    code = code.replace(struct.pack("<I", SELF), struct.pack("<I", process))
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        _PR_SET_SECCOMP, _MODE_FILTER, header, 0, 0
    ):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_SECCOMP)")
