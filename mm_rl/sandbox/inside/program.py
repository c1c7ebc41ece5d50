"""The process of one program: from the fork to its exit, as plain `python main.py` would go."""

import atexit
import builtins
import gc
import io
import mmap
import os
import signal
import sys
import threading
from types import CodeType, ModuleType, TracebackType
from typing import Any

from . import isolation, seccomp
from .job import Containment, Job

_NAME = "main.py"
_OPEN_LIMIT = 40  # descriptors from here on are folders of modules, see landlock.py
_THREADS = 64
_INITS = 2  # the inits of zygote and run belong to the same user


def contain(job: Job, containment: Containment, setup: int) -> None:
    """Gives up everything; writes to `setup` what failed, if anything, and closes it."""
    try:
        os.setpgid(0, 0)
        for target, fd in enumerate(job.fds):
            os.dup2(fd, target, inheritable=False)
        os.chdir("/tmp" if containment.namespaces else "/")
        isolation.set_limits(
            cpu_s=job.cpu_s,
            memory=containment.base_memory + (job.memory_mb << 20),
            file_mb=job.file_mb,
            threads=_THREADS + _INITS if containment.private_user else None,
        )
        isolation.drop_capabilities()
        if containment.rules >= 0:
            isolation.restrict_by_landlock(containment.rules)
        os.closerange(3, setup)
        os.closerange(setup + 1, _OPEN_LIMIT)
        seccomp.install(isolation.libc, containment.filter, os.getpid())
    except BaseException as error:
        os.write(setup, (str(error) or type(error).__name__).encode()[:1000])
        os._exit(1)
    os.close(setup)


def prepare(job: Job) -> tuple[CodeType, dict[str, Any]]:
    """The compiled program and the names it starts with; raises SyntaxError and its like."""
    sys.argv[:] = [_NAME]
    for name, fd, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        setattr(sys, name, _stream(fd, mode, getattr(sys, name)))
        setattr(sys, f"__{name}__", getattr(sys, name))
    main = ModuleType("__main__")
    names = main.__dict__
    names.update(__builtins__=builtins, __file__=_NAME, __cached__=None)
    sys.modules["__main__"] = main
    return compile(job.source, _NAME, "exec", dont_inherit=True), names


def _stream(fd: int, mode: str, like: Any) -> io.TextIOWrapper:
    """A standard stream on the descriptor as it is now, with the encoding of the first one."""
    raw = io.FileIO(fd, mode, closefd=False)
    buffer = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    newline = None if mode == "r" else "\n"
    stream = io.TextIOWrapper(buffer, like.encoding, like.errors, newline, line_buffering=fd == 2)
    stream.mode = mode  # type: ignore[misc]
    return stream


def end(job: Job, flag: mmap.mmap, error: BaseException | None) -> None:
    """Ends the process as the interpreter would after the program's last line or error."""
    leave = os._exit
    code = 0
    try:
        if error is not None:
            code = _report(job, flag, error)
        del error
        code = _finalize() or code
    except BaseException:
        code = code or 1
    leave(code)


def _report(job: Job, flag: mmap.mmap, error: BaseException) -> int:
    if isinstance(error, SystemExit):
        value = error.code
        if value is None or isinstance(value, int):
            return (int(value or 0)) & 0xFF
        sys.stdout.flush()
        print(value, file=sys.stderr)
        return 1
    if isinstance(error, MemoryError):
        flag[0] = 1
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != _NAME:
        trace = trace.tb_next
    error.__traceback__ = trace
    if sys.excepthook is sys.__excepthook__:
        import linecache

        lines = job.source.decode(errors="replace").splitlines(keepends=True)
        linecache.cache[_NAME] = (len(job.source), None, lines, _NAME)
        import traceback

        traceback.print_exception(error)
    else:
        sys.excepthook(type(error), error, trace)
    if isinstance(error, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    return 1


def _finalize() -> int:
    """Threads, exit functions, flushes, and the ends of what the program's names hold."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    code = _flush()
    names = sys.modules["__main__"].__dict__
    for name in [name for name in names if name != "__builtins__"]:
        names[name] = None
    gc.collect()
    return _flush() or code


def _flush() -> int:
    code = 0
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not getattr(stream, "closed", False):
                stream.flush()
        except BaseException:  # the program's own stream, or nobody reads
            code = 120
    return code
