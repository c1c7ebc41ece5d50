"""Every limit is enforced, ends the run with its own status, and leaves honest programs alone."""

import pytest

from mm_rl.sandbox import Limits, Program, RunStatus, Sandbox
from tests.unit.sandbox.conftest import Run


def test_processor_time(run: Run) -> None:
    result = run("while True: pass", cpu_s=1.0, wall_s=20.0)
    assert result.status is RunStatus.TIMEOUT
    assert 0.8 < result.cpu_s < 1.3


def test_processor_time_is_judged_exactly(run: Run) -> None:
    """The kernel counts whole seconds; a program that ends in between is over its limit too."""
    source = "import time\nwhile time.process_time() < 0.15: pass\nprint('done')"
    late = run(source, cpu_s=0.1)
    assert (late.status, late.stdout) == (RunStatus.TIMEOUT, b"done\n")
    assert run(source, cpu_s=2.0).status is RunStatus.OK


@pytest.mark.slow
def test_processor_time_of_a_program_that_catches_the_signal(run: Run) -> None:
    source = "import signal\nsignal.signal(signal.SIGXCPU, lambda *a: None)\nwhile True: pass"
    result = run(source, cpu_s=1.0, wall_s=20.0)
    assert (result.status, result.signal) == (RunStatus.TIMEOUT, 9)


def test_wall_time(run: Run) -> None:
    result = run("print('early', flush=True)\nimport time\ntime.sleep(30)", wall_s=0.5)
    assert (result.status, result.stdout) == (RunStatus.TIMEOUT, b"early\n")
    assert 0.5 <= result.wall_s < 2.0


@pytest.mark.parametrize(
    "source",
    [
        "x = bytearray(200 << 20)",
        "x = []\nwhile True: x.append(bytes(1 << 20))",
        "x = [0] * 10**12",
        "import mmap\nx = [mmap.mmap(-1, 32 << 20) for _ in range(10)]\n"
        "for m in x: m.write(bytes(32 << 20))",
    ],
)
def test_memory(run: Run, source: str) -> None:
    result = run(source, memory_mb=128)
    expected = (RunStatus.MEMORY, RunStatus.RUNTIME_ERROR)  # mmap fails with an OSError
    assert result.status is expected["mmap" in source]
    assert result.exit_code == 1


def test_memory_below_the_limit(run: Run) -> None:
    """The interpreter's own pages do not count."""
    assert run("x = bytearray(120 << 20)\nprint(len(x))", memory_mb=128).status is RunStatus.OK


def test_a_caught_memory_error_is_the_programs_affair(run: Run) -> None:
    source = "try: x = bytearray(1 << 40)\nexcept MemoryError: print('fine')"
    result = run(source)
    assert (result.status, result.stdout) == (RunStatus.OK, b"fine\n")


def test_output(run: Run) -> None:
    """Exactly the limit passes, one byte more does not, and what came before is kept."""
    assert run("print('a' * 999)", output_bytes=1000).status is RunStatus.OK
    over = run("print('a' * 1000)", output_bytes=1000)
    assert (over.status, over.stdout) == (RunStatus.OUTPUT_LIMIT, b"a" * 1000)


def test_endless_output_ends_early(run: Run) -> None:
    result = run("while True: print('a' * 1000)", wall_s=20.0, cpu_s=10.0)
    assert (result.status, len(result.stdout)) == (RunStatus.OUTPUT_LIMIT, 1 << 20)
    assert result.wall_s < 5.0


def test_errors_are_cut_not_judged(run: Run) -> None:
    source = "import sys\nfor i in range(30000): print('%09d' % i, file=sys.stderr)\nprint('ok')"
    result = run(source, stderr_bytes=100)
    assert (result.status, result.stdout) == (RunStatus.OK, b"ok\n")
    assert result.stderr == "".join(f"{i:09d}\n" for i in range(29990, 30000))


def test_input_of_megabytes(run: Run) -> None:
    data = b"7\n" * (1 << 20)
    assert run("import sys\nprint(len(sys.stdin.read()))", data).stdout == b"2097152\n"


def test_input_that_nobody_reads(run: Run) -> None:
    assert run("print(1)", bytes(4 << 20)).stdout == b"1\n"


def test_input_can_not_be_changed(run: Run) -> None:
    """It is a file in memory; a program that writes to it gets an error."""
    source = "import os\ntry: os.write(0, b'x')\nexcept OSError as e: print('refused')"
    assert run(source, b"abc").stdout == b"refused\n"


def test_files(sandbox: Sandbox, run: Run) -> None:
    """Bounded in bytes, each and together, and in number; at the Landlock level there are none."""
    one = "n = 0\nwith open('/tmp/a', 'wb', buffering=0) as f:\n  try:\n"
    one += "    while n < 99: f.write(bytes(1 << 20)); n += 1\n  except OSError: pass\nprint(n)"
    many = "n = 0\ntry:\n  while n < 9999: open(f'/tmp/{n}', 'w').close(); n += 1\n"
    many += "except OSError: pass\nprint(n)"
    together = "n = 0\ntry:\n  while n < 99:\n    with open(f'/tmp/{n}', 'wb', buffering=0) as f:\n"
    together += "      n += f.write(bytes(1 << 20)) == 1 << 20\nexcept OSError: pass\nprint(n)"
    if sandbox.level == "landlock":
        assert run(one).status is RunStatus.RUNTIME_ERROR
        assert run(many).stdout == run(together).stdout == b"0\n"
        return
    assert run(one, file_mb=4).stdout == b"4\n"
    assert run(together, file_mb=4).stdout == b"4\n"
    assert 900 < int(run(many).stdout) < 1024


def test_processes_threads_and_descriptors(run: Run) -> None:
    """No process, some threads, some open files."""
    source = """
import os, threading, time
spawn = lambda: os.posix_spawn('/bin/true', ['true'], {})
for start in (os.fork, spawn, lambda: os.system('true')):
    try: print('started', start())
    except OSError: print('refused')
threads = 0
threading.stack_size(1 << 16)
try:
    while threads < 500:
        threading.Thread(target=time.sleep, args=(0.2,), daemon=True).start()
        threads += 1
except RuntimeError: pass
fds = []
try:
    while True: fds.append(os.dup(0))
except OSError: pass
print(threads, len(fds))
"""
    lines = run(source).stdout.decode().splitlines()
    assert lines[:2] == ["refused", "refused"]
    assert lines[2] == "started 32512"  # what system() answers when there is no shell
    threads, descriptors = (int(part) for part in lines[-1].split())
    assert 30 <= threads <= 66
    assert 50 <= descriptors <= 61


def test_limits_must_be_positive() -> None:
    with pytest.raises(ValueError, match="cpu_s is 0"):
        Limits(cpu_s=0)


@pytest.mark.parametrize(
    ("source", "why"),
    [("#" * (64 << 10) + "\n", "bytes"), ("print(1)\0", "NUL"), ("'\ud800'", "surrogate")],
)
def test_what_is_not_run_at_all(sandbox: Sandbox, source: str, why: str) -> None:
    result = sandbox.run(Program(source=source), b"")
    assert (result.status, result.exit_code) == (RunStatus.REFUSED, None)
    assert why in result.stderr


def test_the_longest_source_runs(sandbox: Sandbox) -> None:
    source = "print(1)\n#" + "x" * ((64 << 10) - 10)
    assert len(source) == 64 << 10
    assert sandbox.run(Program(source=source), b"").stdout == b"1\n"
