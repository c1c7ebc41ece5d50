"""What a hostile program is, and the words that every one of them may use.

A program prints BREACH when it got something that it must not get; what it reads of the machine it
prints, so that the canaries' secret would show in its output.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Hostile:
    """One attack and how its run may end."""

    name: str
    """What it tries."""
    statuses: str
    """Statuses in which it may end, by spaces; `compile_error` where it must not even compile."""
    source: str
    """The program; FOLDER, PORT, PID, NAME and PATHS are the canaries' places."""
    stdout: bytes | None = None
    """Exact output where it is known."""
    stdin: bytes = b""
    """Input."""
    language: str = "python"
    """Language."""
    prelude: bool = True
    """Whether the common words stand before the source."""
    quick: bool = False
    """Part of every test run; the others are slow ones."""


PRELUDE = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
X86 = os.uname().machine == "x86_64"
def breach(what):
    os.write(1, ("BREACH %s\\n" % (what,)).encode())
def must_fail(what, function, *arguments):
    try:
        result = function(*arguments)
    except Exception:
        return
    breach("%s gave %.200r" % (what, result))
def call(number, *arguments):
    ctypes.set_errno(0)
    arguments = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return libc.syscall(ctypes.c_long(number), *arguments)
def refused(what, x86, arm, *arguments):
    number = x86 if X86 else arm
    if number is None:
        return
    result = call(number, *arguments)
    if result >= 0 or ctypes.get_errno() not in (1, 13, 38):
        breach("%s: %d, errno %d" % (what, result, ctypes.get_errno()))
def show(path):
    try:
        with open(path, "rb", buffering=0) as file:
            os.write(1, file.read(2000) + b"\\n")
    except OSError:
        return False
    return True
def unreadable(path):
    if show(path):
        breach("read " + path)
"""


def fill_in(text: str, places: dict[str, str]) -> str:
    """A source with the canaries' places in it."""
    for name, value in places.items():
        text = text.replace("@" + name + "@", value)
    return text


def attack(name: str, statuses: str, source: str, **more: object) -> Hostile:
    """One row of a table."""
    return Hostile(name=name, statuses=statuses, source=source.lstrip("\n"), **more)  # type: ignore[arg-type]
