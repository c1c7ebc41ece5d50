"""Programs that must work, and attempts that must fail, before a level is used."""

from typing import Final

GOOD: Final = "print(int(input()) + 1)"
GOOD_INPUT: Final = b"41\n"
GOOD_OUTPUT: Final = b"42\n"

ESCAPES: Final = """
import ctypes, errno, os, socket
libc = ctypes.CDLL(None, use_errno=True)

def starts():
    if os.fork() == 0:
        os._exit(0)

def executes():
    try:
        os.execv("/no/such/file", ["x"])
    except FileNotFoundError:
        pass

def writes(path, flags):
    os.close(os.open(path, os.O_WRONLY | flags))

def calls(name, *arguments):
    if getattr(libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)

def traces():
    libc.ptrace(3, os.getppid(), 0, 0)
    if ctypes.get_errno() == errno.EPERM:
        raise PermissionError

def many_bytes():
    libc.malloc.restype = ctypes.c_void_p
    if not libc.malloc(ctypes.c_size_t(1 << 32)):
        raise MemoryError

attempts = {
    "start a process": starts,
    "execute a file": executes,
    "open a socket": socket.socket,
    "read another user's files": lambda: open("/etc/passwd").close(),
    "list a folder of the machine": lambda: os.listdir("/etc/security"),
    "read another process": lambda: open(f"/proc/{os.getppid()}/environ").close(),
    "write to the machine": lambda: writes("/var/tmp", os.O_TMPFILE),
    "write to the interpreter": lambda: writes(os.__file__, 0),
    "signal another process": lambda: os.kill(1, 0),
    "signal all processes": lambda: os.kill(-1, 0),
    "trace": traces,
    "make a user namespace": lambda: calls("unshare", 0x10000000),
    "mount": lambda: calls("mount", b"none", b"/", b"tmpfs", 0, 0),
    "become root": lambda: calls("setresuid", 0, 0, 0),
    "take more memory than allowed": many_bytes,
    "keep a descriptor": lambda: [os.fstat(fd) for fd in range(3, 40) if _open(fd)][0],
}

def _open(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True

for name, attempt in attempts.items():
    try:
        attempt()
    except (OSError, MemoryError, IndexError):
        continue
    print(name)
if os.getuid() == 0:
    print("be root")
if set(os.environ) & {"PWD", "USER", "SSH_AUTH_SOCK", "LOGNAME", "VIRTUAL_ENV"}:
    print("read the environment")
print("end")
"""
"""Prints the name of every attempt that succeeded, then the end; harmless where they succeed."""
HELD: Final = b"end\n"
"""Its output where the level holds."""
