"""Namespaces, private root, Landlock and limits, by system calls through ctypes.

Once per zygote: user, process, network, ipc, host name, cgroup and mount namespaces, and a root in
memory that holds the interpreter's library and the machine's shared libraries read-only, nothing
else. Once per run, as cheap as it gets: process, ipc and mount namespaces, a fresh /tmp and /proc
on top of that root. All runs of a zygote see the same empty network, one after another, in which
they can not open a socket.

Started as root, the private root is built with root's rights, as the interpreter may lie in a
folder that is closed to others, and the user is changed before anything else; the namespaces then
belong to an unprivileged user like everybody's.
"""

import ctypes
import os
import resource
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)

NEW_NS, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x20000, 0x02000000, 0x04000000, 0x08000000
NEW_USER, NEW_PID, NEW_NET = 0x10000000, 0x20000000, 0x40000000

_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT = 1, 2, 4, 8, 32
_BIND, _REC, _PRIVATE = 4096, 16384, 1 << 18
_DETACH = 2
_SYS_CAPSET, _SYS_PIVOT_ROOT = (91, 41) if os.uname().machine == "aarch64" else (126, 155)
_SYS_MOUNT_SETATTR, _AT_RECURSIVE, _AT_FDCWD = 442, 0x8000, -100
_SYS_LANDLOCK = (444, 445, 446)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _SIGKILL = 1, 4, 9

INSIDE_UID = 1000
"""The user that a program sees itself as."""
FIRST_UID = 60000
"""Started as root, zygote n runs as this user + n; nothing on a usual machine belongs to it."""
_DEVICES = ("null", "zero", "full", "random", "urandom")
_LIBRARIES = ("/usr/lib64", "/lib64", "/usr/lib32", "/lib32")
PACKAGES = "/packages"
"""Where the private root holds the packages beyond the standard library."""


def check(result: int, name: str) -> int:
    """Raises OSError with the name of the call if the result is negative."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Moves the caller into new namespaces; OSError where they are denied."""
    check(libc.unshare(flags), f"unshare({flags:#x})")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """mount(2)."""
    names = [None if text is None else text.encode() for text in (source, target, kind)]
    result = libc.mount(*names, ctypes.c_ulong(flags), options.encode() or None)
    check(result, f"mount({kind or source} on {target})")


def die_with_parent() -> None:
    """Killed when the process that forked this one ends."""
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def undumpable() -> None:
    """No core dump, also not to a handler, and no access for other processes of the same user."""
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def leave_root(slot: int, proc: int) -> bool:
    """Changes the user where the caller is root and more users are mapped; whether it did.

    `proc` is a descriptor of /proc. Root of a container that maps no other user is already an
    unprivileged user outside. Raises PermissionError where root may not change its user.
    """
    if os.geteuid() != 0:
        return False
    with open(os.open("self/uid_map", os.O_RDONLY, dir_fd=proc)) as lines:
        ranges = [[int(part) for part in line.split()] for line in lines]
    wanted = [FIRST_UID + slot, 65534]
    usable = [uid for uid in wanted if any(a <= uid < a + n for a, _, n in ranges)]
    if not usable:
        return False
    os.setgroups([])
    os.setresgid(usable[0], usable[0], usable[0])
    os.setresuid(usable[0], usable[0], usable[0])
    libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)  # else /proc/self belongs to root
    return True


def map_user(proc: int, uid: int, gid: int) -> None:
    """Writes the maps of a fresh user namespace: one user, one group."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{INSIDE_UID} {uid} 1"),
        ("gid_map", f"{INSIDE_UID} {gid} 1"),
    ):
        fd = os.open(f"self/{name}", os.O_WRONLY, dir_fd=proc)
        try:
            os.write(fd, text.encode())
        finally:
            os.close(fd)


def readable_paths() -> list[str]:
    """What a program may read: the standard library, shared libraries and the loader's cache."""
    found = [path for path in sys.path if os.path.exists(path)]
    if sys.base_prefix not in ("/", "/usr", "/usr/local"):
        found.insert(0, os.path.join(sys.base_prefix, "lib"))
    multiarch = getattr(sys.implementation, "_multiarch", "")
    libraries = [path for path in _LIBRARIES if os.path.isdir(path)]
    if multiarch and os.path.isdir(f"/usr/lib/{multiarch}"):
        libraries += [f"/usr/lib/{multiarch}", f"/lib/{multiarch}"]
    elif not os.path.isdir("/usr/lib64"):
        libraries += ["/usr/lib", "/lib"]
    found += [path for path in libraries if os.path.isdir(path)]
    if os.path.exists("/etc/ld.so.cache"):
        found.append("/etc/ld.so.cache")
    chosen: list[str] = []
    for path in dict.fromkeys(os.path.realpath(path) for path in found):
        if not any(path.startswith(above + "/") for above in chosen):
            chosen.append(path)
    return chosen


def build_root(packages: list[str]) -> None:
    """Replaces the root of the caller's mount namespace; afterwards it is read-only for good."""
    paths = readable_paths()
    links = [name for name in os.listdir("/") if os.path.islink("/" + name) and "lib" in name]
    targets = {name: os.readlink("/" + name) for name in links}
    hidden = [os.path.join(path, "site-packages") for path in sys.path]
    mount("none", "/", None, _REC | _PRIVATE)
    options = "size=1m,nr_inodes=512,mode=755"
    mount("tmpfs", "/tmp", "tmpfs", _NOSUID | _NODEV, options)
    os.chdir("/tmp")
    os.mkdir("old")
    check(libc.syscall(_SYS_PIVOT_ROOT, b".", b"old"), "pivot_root")
    os.chdir("/")
    for name, target in targets.items():
        os.symlink(target, "/" + name)
    for path in paths:
        _bind("/old" + path, path)
    for path in hidden:
        if os.path.isdir(path):
            mount("tmpfs", path, "tmpfs", _RDONLY | _NOSUID | _NODEV, "size=4k,mode=755")
    for path in packages:
        _bind("/old" + path, f"{PACKAGES}/{os.path.basename(path)}")
    for name in _DEVICES:
        _bind(f"/old/dev/{name}", f"/dev/{name}", device=True)
    for name, fd in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        os.symlink(f"/proc/self/fd/{fd}", f"/dev/{name}")
    os.symlink("/proc/self/fd", "/dev/fd")
    for name in ("tmp", "proc"):
        os.mkdir("/" + name)
    # A kernel lets a user mount /proc only where a whole one is in sight already.
    mount("/old/proc", "/proc", None, _BIND | _REC)
    check(libc.umount2(b"/old", _DETACH), "umount2")
    os.rmdir("/old")
    mount("none", "/", None, _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV)


def _bind(source: str, target: str, *, device: bool = False) -> None:
    """A read-only view of a folder or file at the target, which is made."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    mount(source, target, None, _BIND | _REC)
    flags = _NOSUID | (0 if device else _RDONLY | _NODEV)
    attributes = struct.pack("QQQQ", flags, 0, 0, 0)  # the same bits as those of mount
    if (
        libc.syscall(_SYS_MOUNT_SETATTR, _AT_FDCWD, target.encode(), _AT_RECURSIVE, attributes, 32)
        < 0
    ):  # before Linux 5.12: mounts below the target keep what they had
        kept = os.statvfs(target).f_flag & (_RDONLY | _NOSUID | _NODEV | _NOEXEC | 0xC00)
        mount("none", target, None, _REMOUNT | _BIND | flags | kept)


def cover_proc() -> bool:
    """Hides the machine's /proc from all that follows; whether runs can have one of their own."""
    try:
        mount_proc()
    except OSError:  # denied in some containers; programs do without
        mount("tmpfs", "/proc", "tmpfs", _RDONLY | _NOSUID | _NODEV | _NOEXEC, "size=4k")
        return False
    return True


def mount_proc() -> None:
    """The /proc of the caller's process namespace, without other processes, on top of /proc."""
    flags = _NOSUID | _NODEV | _NOEXEC
    mount("proc", "/proc", "proc", flags, "subset=pid,hidepid=invisible")


def mount_tmp(file_mb: int) -> None:
    """An empty /tmp of bounded size and number of files."""
    options = f"size={file_mb}m,nr_inodes=1024,mode=1777"
    mount("tmpfs", "/tmp", "tmpfs", _NOSUID | _NODEV | _NOEXEC, options)


def drop_capabilities() -> None:
    """Empties every capability set of the calling thread."""
    header, nothing = struct.pack("Ii", 0x20080522, 0), bytes(24)
    check(libc.syscall(_SYS_CAPSET, header, nothing), "capset")


def landlock_version() -> int:
    """The kernel's Landlock ABI; 0 where there is none."""
    return max(0, libc.syscall(_SYS_LANDLOCK[0], None, ctypes.c_size_t(0), 1))


def landlock_rules(paths: list[str]) -> int:
    """A ruleset that lets the paths be read, /dev/null be written, and nothing else, as descriptor.

    Where the kernel knows it (ABI 6), signals and abstract sockets end at the sandbox too.
    """
    version = landlock_version()
    if version < 1:
        raise OSError("Landlock is not there (Linux 5.13, enabled in `lsm=`)")
    handled = 0x1FFF
    for since, bit in ((2, 13), (3, 14), (5, 15)):
        handled |= (1 << bit) if version >= since else 0
    attributes = struct.pack("QQQ", handled, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = check(
        libc.syscall(_SYS_LANDLOCK[0], attributes, ctypes.c_size_t(size), 0), "landlock ruleset"
    )
    read_file, read_folder, write_file = 4, 8, 2
    devices = {f"/dev/{name}": read_file for name in _DEVICES}
    devices["/dev/null"] |= write_file
    folders = {path: read_file | (read_folder if os.path.isdir(path) else 0) for path in paths}
    for path, access in (folders | devices).items():
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", access, fd)
        check(libc.syscall(_SYS_LANDLOCK[1], rules, 1, rule, 0), f"landlock rule of {path}")
        os.close(fd)
    return rules


def restrict_by_landlock(rules: int) -> None:
    """Puts the calling thread under the ruleset; needs no_new_privs."""
    libc.prctl(38, 1, 0, 0, 0)
    check(libc.syscall(_SYS_LANDLOCK[2], rules, 0), "landlock_restrict_self")


def set_limits(*, cpu_s: int, memory: int, file_mb: int, threads: int | None) -> None:
    """Resource limits of the calling process; `memory` in bytes of address space."""
    wanted = {
        resource.RLIMIT_FSIZE: file_mb << 20,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_STACK: 64 << 20,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_AS: memory,
    }
    if threads is not None:
        wanted[resource.RLIMIT_NPROC] = threads
    for which, value in wanted.items():
        _, hard = resource.getrlimit(which)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(which, (value, value))
    # SIGXCPU first: it tells a program that used up its time from one that killed itself.
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or hard > cpu_s:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
