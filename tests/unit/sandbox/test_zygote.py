"""A program in a forked interpreter behaves as in a fresh one, and nothing of it stays behind."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from functools import cache
from pathlib import Path

import pytest

from mm_rl.sandbox import Program, RunStatus, Sandbox, SandboxConfig
from tests.unit.sandbox.conftest import Run

_SCRIPTS = {
    "reads lines": "import sys\nfor line in sys.stdin: print(line.strip()[::-1])",
    "reads descriptor 0": "print(len(open(0).read()))",
    "reads /dev/stdin": "print(open('/dev/stdin').readline())",
    "reads bytes": "import sys\nprint(sys.stdin.buffer.read().split())",
    "reads by os": "import os\nprint(os.read(0, 5))",
    "end of input": "while True: input()",
    "exit code": "import sys\nsys.exit(7)",
    "exit with text": "import sys\nsys.exit('sorry')",
    "exit with a large number": "raise SystemExit(-1)",
    "builtin exit": "print('a')\nexit()",
    "builtin quit": "quit(3)",
    "os._exit loses buffers": "import os\nprint('lost')\nos._exit(4)",
    "uncaught error": "print('before')\n1/0",
    "own error": "class E(Exception): pass\ndef f(): raise E('x')\nf()",
    "syntax error": "print('never')\ndef f(:\n  pass",
    "main guard": "if __name__ == '__main__': print(__name__)",
    "module of a class": "class A: pass\nprint(A, A.__module__)\nimport pickle\n"
    "print(pickle.loads(pickle.dumps(A())).__class__ is A)",
    "arguments": "import sys\nprint(len(sys.argv))",
    "exit function": "import atexit\natexit.register(lambda: print('last'))\nprint('first')",
    "thread outlives main": "import threading, time\n"
    "threading.Thread(target=lambda: (time.sleep(0.05), print('late'))).start()",
    "big stack in a thread": "import sys, threading\nsys.setrecursionlimit(10**6)\n"
    "threading.stack_size(64 << 20)\ndef f(n): return 0 if n == 0 else 1 + f(n - 1)\n"
    "t = threading.Thread(target=lambda: print(f(20000)))\nt.start()\nt.join()",
    "unclosed file object": "out = open(1, 'w')\nout.write('kept')",
    "destructor at exit": "class A:\n  def __del__(self): print('gone')\na = A()",
    "huge integer": "print(len(str(3**5000)))\nprint((1 << 100000) % 1000007)\nstr(10**5000)",
    "recursion limit": "def f(n): return f(n + 1)\nf(0)",
    "unicode": "print('\\u00e9\\u4e2d', ascii('\\udc80'))",
    "lone surrogate out": "print('\\udcff')",
    "ended by a signal": "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)",
    "aborts": "import os\nos.abort()",
    "interrupted": "raise KeyboardInterrupt",
    "alarm": "import signal, time\nsignal.setitimer(signal.ITIMER_REAL, 0.1)\ntime.sleep(5)",
    "hash seed": "print(hash('a'), list({'x', 'y', 'z'}))",
    "local time": "import time, datetime\nprint(time.tzname, datetime.datetime.fromtimestamp(0))",
    "future import": "from __future__ import annotations\ndef f(x: nothing): pass\nprint('ok')",
    "annotations": "x: int = 3\nprint(__annotations__)",
    "closed stdout": "import sys\nprint('a')\nsys.stdout.close()",
    "replaced stdout": "import io, sys\n"
    "sys.stdout = io.TextIOWrapper(sys.stdout.buffer, 'utf-16')\nprint('a')",
    "own hook": "import sys\nsys.excepthook = lambda *a: print('hook', a[0].__name__)\n1/0",
    "temporary file": "import tempfile\nwith tempfile.TemporaryFile('w+') as f:\n"
    "  f.write('abc'); f.seek(0); print(f.read())",
}
_NEEDS_FILES = {"temporary file"}
_STDIN = b"first line\nsecond\n"
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}


@pytest.mark.parametrize("name", _SCRIPTS)
def test_a_program_does_what_plain_python_does(sandbox: Sandbox, run: Run, name: str) -> None:
    """Same stdout, same exit code or signal, same last line on stderr."""
    plain = _plain_python(name)
    result = run(_SCRIPTS[name], _STDIN)
    if name in _NEEDS_FILES and sandbox.level == "landlock":
        # The one difference: nothing is writable at this level.
        assert (plain.returncode, result.status) == (0, RunStatus.RUNTIME_ERROR)
        assert "No usable temporary directory" in result.stderr
        return
    ended = -result.signal if result.signal is not None else result.exit_code
    assert (result.stdout, ended) == (plain.stdout, plain.returncode)
    assert result.stderr.splitlines()[-1:] == plain.stderr.decode().splitlines()[-1:]


@cache
def _plain_python(name: str) -> "subprocess.CompletedProcess[bytes]":
    """What the interpreter itself makes of a script."""
    interpreter = os.path.realpath(sys._base_executable)  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "main.py"
        script.write_text(_SCRIPTS[name], encoding="utf-8")
        command = [interpreter, "-P", "-s", str(script)]
        return subprocess.run(
            command, input=_STDIN, capture_output=True, env=_ENVIRONMENT, check=False
        )


def test_a_traceback_shows_the_program_only(run: Run) -> None:
    trace = run("def f():\n    return 1 / 0\n\nf()").stderr
    assert [line for line in trace.splitlines() if "File" in line] == [
        '  File "main.py", line 4, in <module>',
        '  File "main.py", line 2, in f',
    ]
    assert "return 1 / 0" in trace


def test_a_program_sees_a_clean_process(run: Run) -> None:
    """Environment, arguments, descriptors, frames: nothing of whoever runs it."""
    source = """
import os, sys
print(sorted(os.environ))
alive = []
for fd in range(3, 40):
    try: os.fstat(fd)
    except OSError: continue
    alive.append(fd)
print(alive)
frame, depth = sys._getframe(), 0
while frame.f_back: frame, depth = frame.f_back, depth + 1
print(depth, __import__('threading').active_count())
"""
    names = ["HOME", "LANG", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]
    expected = f"{[*names, 'PATH', 'PYTHONHASHSEED']}\n[]\n1 1\n"
    assert run(source).stdout.decode() == expected


def test_runs_share_nothing(sandbox: Sandbox, run: Run) -> None:
    """Neither names and modules, nor files, nor random state."""
    run("import builtins, math\nbuiltins.leak = 1\nmath.pi = 3\nimport json\njson.leak = 1")
    if sandbox.level == "namespaces":
        assert run("open('/tmp/leak', 'w').write('x')").status is RunStatus.OK
    source = "import os, json, math, random\nprint(hasattr(json, 'leak'), math.pi > 3.14, "
    source += "'leak' in dir(__builtins__), os.path.exists('/tmp/leak'))\nprint(random.random())"
    first, second = run(source).stdout.split(b"\n")[:2], run(source).stdout.split(b"\n")[:2]
    assert first[0] == second[0] == b"False True False False"
    assert first[1] != second[1]


def test_nothing_stays_behind(sandbox: Sandbox, run: Run, tmp_path: Path) -> None:
    """Processes, mounts, open files and files in /tmp are the same after hard cases as before."""
    run("print(1)")

    def state() -> tuple[int, str, int, set[str]]:
        return (
            _process_count(),
            Path("/proc/self/mountinfo").read_text(),
            len(os.listdir("/proc/self/fd")),
            {name for name in os.listdir("/var/tmp") if "mm_rl" in name},
        )

    before = state()
    for source in (
        "print('x' * (2 << 20))",
        "import time\ntime.sleep(60)",
        "import os\nos.kill(os.getpid(), 9)",
        "import threading, time\nfor _ in range(8): "
        "threading.Thread(target=time.sleep, args=(60,)).start()",
        "import sys\nsys.stdout.close()\nimport os\nos.close(0); os.close(2)\nwhile True: pass",
        "import signal, time\nfor s in range(1, 65):\n  try: signal.signal(s, signal.SIG_IGN)\n"
        "  except (OSError, ValueError): pass\ntime.sleep(60)",
    ):
        assert run(source, wall_s=0.15).status is not RunStatus.OK
    assert state() == before


def test_a_killed_zygote_is_replaced_and_the_run_repeated(run: Run) -> None:
    """Idle or in the middle of a run: the caller sees the right result."""
    for worker_process in _zygotes():
        os.kill(worker_process, signal.SIGKILL)
    assert run("print(input())", b"idle\n").stdout == b"idle\n"

    def kill_soon() -> None:
        time.sleep(0.15)
        for process in _zygotes():
            os.kill(process, signal.SIGKILL)

    killer = threading.Thread(target=kill_soon)
    killer.start()
    result = run("import time\ntime.sleep(0.4)\nprint('done')")
    killer.join()
    assert (result.status, result.stdout) == (RunStatus.OK, b"done\n")


def test_zygotes_end_with_their_supervisor() -> None:
    """Also one that is killed: its zygotes see the socket close."""
    source = (
        "import os, signal\nfrom mm_rl.sandbox import Sandbox, SandboxConfig\n"
        "sandbox = Sandbox(SandboxConfig(workers=1))\n"
        "print(sandbox._free.queue[-1].pid, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL
    pid = int(done.stdout)
    deadline = time.monotonic() + 5
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(pid)


def test_zygotes_are_replaced_after_a_number_of_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mm_rl.sandbox.worker._RUNS_PER_ZYGOTE", 4)
    with Sandbox(SandboxConfig(workers=1)) as sandbox:
        pids = []
        for _ in range(9):
            sandbox.run(Program(source=""), b"")
            pids.append(sandbox._free.queue[-1].pid)
    assert len(set(pids)) == 3


def _zygotes() -> list[int]:
    """This process's children that are zygotes."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in children if b"zygote.py" in _command(int(pid))]


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _process_count() -> int:
    """Processes below this one, however deep."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                text = Path(f"/proc/{name}/stat").read_text()
            except OSError:
                continue
            parents[int(name)] = int(text.rsplit(")", 1)[1].split()[1])
    below, found = {os.getpid()}, -1
    while found != len(below):
        found = len(below)
        below |= {pid for pid, parent in parents.items() if parent in below}
    return found
