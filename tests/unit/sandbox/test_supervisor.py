"""The sandbox from outside: verdicts, many callers, faults that are not the program's."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mm_rl.sandbox import (
    Limits,
    Program,
    RunStatus,
    Sandbox,
    SandboxBusy,
    SandboxConfig,
    SandboxFailure,
)
from mm_rl.sandbox.__main__ import main
from mm_rl.sandbox.worker import Worker, WorkerBroken
from tests.unit.sandbox.conftest import Run


def test_a_program_answers(run: Run) -> None:
    result = run("a, b = map(int, input().split())\nprint(a * b)", b"6 7\n")
    assert (result.status, result.stdout, result.stderr) == (RunStatus.OK, b"42\n", "")
    assert (result.exit_code, result.signal) == (0, None)
    assert 0 < result.cpu_s < 1
    assert 0 < result.wall_s < 5


@pytest.mark.parametrize(
    ("source", "code", "signal"),
    [("1/0", 1, None), ("exit(5)", 5, None), ("import os\nos.kill(os.getpid(), 9)", None, 9)],
)
def test_a_failing_program(run: Run, source: str, code: int | None, signal: int | None) -> None:
    result = run(source)
    assert result.status is RunStatus.RUNTIME_ERROR
    assert (result.exit_code, result.signal) == (code, signal)


def test_binary_output_is_kept_and_errors_are_made_readable(run: Run) -> None:
    source = "import sys\nsys.stdout.buffer.write(bytes(range(256)))\n"
    source += "sys.stderr.buffer.write(b'\\xff\\x00ok')"
    result = run(source)
    assert result.stdout == bytes(range(256))
    assert result.stderr == "\ufffd\x00ok"


def test_what_a_program_prints_is_no_verdict(run: Run) -> None:
    """Text that looks like a reply of the sandbox's own is output."""
    reply = bytes([68]) + bytes(24)
    result = run(f"import os\nfor fd in (1, 2): os.write(fd, {reply!r})\nos._exit(3)")
    assert (result.status, result.exit_code, result.stdout) == (RunStatus.RUNTIME_ERROR, 3, reply)


def test_many_threads_get_their_own_answers(sandbox: Sandbox) -> None:
    program = Program(source="n = int(input())\nprint(n * n)")

    def square(n: int) -> int:
        return int(sandbox.run(program, str(n).encode()).stdout)

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(square, range(64))) == [n * n for n in range(64)]


def test_workers_run_side_by_side(sandbox: Sandbox) -> None:
    program = Program(source="import time\ntime.sleep(0.6)")
    started = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        for result in pool.map(lambda _: sandbox.run(program, b""), range(2)):
            assert result.status is RunStatus.OK
    assert time.monotonic() - started < 1.15


def test_the_queue_is_bounded() -> None:
    """One run under way, one waiting, the third is turned away."""
    with Sandbox(SandboxConfig(workers=1, queue=1)) as sandbox:
        sleeper = Program(source="import time\ntime.sleep(0.4)\nprint(1)")
        outputs: list[bytes] = []
        threads = [
            threading.Thread(target=lambda: outputs.append(sandbox.run(sleeper, b"").stdout))
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        with pytest.raises(SandboxBusy, match="1 runs wait already"):
            sandbox.run(sleeper, b"")
        for thread in threads:
            thread.join()
        assert outputs == [b"1\n", b"1\n"]
        assert sandbox.run(Program(source="print(2)"), b"").stdout == b"2\n"


def test_closing_waits_and_later_calls_are_told() -> None:
    sandbox = Sandbox(SandboxConfig(workers=1))
    outputs: list[bytes] = []
    program = Program(source="import time\ntime.sleep(0.3)\nprint(1)")
    caller = threading.Thread(target=lambda: outputs.append(sandbox.run(program, b"").stdout))
    caller.start()
    time.sleep(0.1)
    sandbox.close()
    caller.join()
    assert outputs == [b"1\n"]
    with pytest.raises(RuntimeError, match="closed"):
        sandbox.run(program, b"")
    sandbox.close()


def test_prepared_programs_run_many_times(sandbox: Sandbox) -> None:
    with sandbox.prepare(Program(source="print(input()[::-1])")) as executable:
        assert executable.run(b"abc\n").stdout == b"cba\n"
        assert executable.run(b"xy\n", Limits(cpu_s=1)).stdout == b"yx\n"


def test_an_unknown_language_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="brainfuck"):
        sandbox.prepare(Program(source="+", language="brainfuck"))


def test_a_run_that_breaks_its_sandbox_twice_is_the_programs_fault(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as a program that is known to work still does."""
    real, seen = Worker.run, []

    def fragile(worker: Worker, source: bytes, stdin: bytes, limits: Limits) -> object:
        seen.append(source)
        if source == b"boom":
            raise WorkerBroken("it went away")
        return real(worker, source, stdin, limits)

    monkeypatch.setattr(Worker, "run", fragile)
    result = sandbox.run(Program(source="boom"), b"")
    assert result.status is RunStatus.RUNTIME_ERROR
    assert "it went away" in result.stderr
    assert seen[:2] == [b"boom"] * 2
    assert len(seen) == 3


def test_a_sandbox_that_runs_nothing_is_a_failure(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(worker: Worker, source: bytes, stdin: bytes, limits: Limits) -> object:
        raise WorkerBroken("no memory")

    monkeypatch.setattr(Worker, "run", broken)
    with pytest.raises(SandboxFailure, match="no memory; no memory; then a probe: no memory"):
        sandbox.run(Program(source="print(1)"), b"")


def test_a_single_fault_is_repeated_silently(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, faults = Worker.run, [WorkerBroken("once")]

    def fragile(worker: Worker, source: bytes, stdin: bytes, limits: Limits) -> object:
        if faults:
            raise faults.pop()
        return real(worker, source, stdin, limits)

    monkeypatch.setattr(Worker, "run", fragile)
    assert sandbox.run(Program(source="print(1)"), b"").stdout == b"1\n"


@pytest.mark.parametrize(("workers", "queue"), [(0, 1), (1, 0)])
def test_sizes_must_be_positive(workers: int, queue: int) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        Sandbox(SandboxConfig(workers=workers, queue=queue))


def test_a_fork_of_this_process_does_not_stall_a_run(run: Run) -> None:
    """A child that inherits the pipes keeps them open; the run ends all the same."""
    children: list[int] = []

    def fork_repeatedly() -> None:
        for _ in range(20):
            child = os.fork()
            if child == 0:
                time.sleep(3)
                os._exit(0)
            children.append(child)
            time.sleep(0.005)

    forker = threading.Thread(target=fork_repeatedly)
    started = time.monotonic()
    forker.start()
    for _ in range(5):
        assert run("print(1)").stdout == b"1\n"
    forker.join()
    assert time.monotonic() - started < 2.5
    for child in children:
        os.kill(child, 9)
        os.waitpid(child, 0)


def test_the_command_runs_a_file(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    source, data = tmp_path / "a.py", tmp_path / "in.txt"
    source.write_text("print(int(input()) + 1)")
    data.write_text("41")
    assert main(["run", str(source), "--stdin", str(data)]) == 0
    output = capfdbinary.readouterr()
    assert output.out == b"42\n"
    assert output.err.startswith(b"ok, exit code 0")
    source.write_text("exit(3)")
    assert main(["run", str(source)]) == 1
    assert main(["--level", "docker"]) == 2
