r"""math-verify as a second opinion, in processes that can be killed.

The verifiers of `data_synth.verify` decide nearly every answer; where one says `unsure`, because
the text is mathematics beyond its reader, math-verify is asked here. It computes with sympy, which
can be made to run for ever or to fill the memory, and no timeout inside the process stops that. So
it runs in workers of its own: freshly started interpreters with a clean environment, a limit on
memory, no file of ours open, and a deadline kept here, past which the worker is killed. Starting
one costs about a second, so a spare is kept warm.

Whatever a pair of texts causes is an `Opinion`. Only a fault of the workers themselves, one that
shows on a known-good pair too, is raised: SecondOpinionFailure.
"""

import contextlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeAlias

from mm_rl.reward import _math_verify_worker
from mm_rl.reward.screening import screen

Status: TypeAlias = Literal["yes", "no", "timeout", "crash", "refused", "memory"]

START_TIMEOUT_S = 60.0
"""A worker that is not ready by then counts as one that cannot be started."""
MAX_REQUESTS_PER_WORKER = 2_000
"""A worker is replaced after so many requests: sympy's caches only grow."""
_MAX_REPLY_BYTES = 4_096
_WORKER_SCRIPT = Path(_math_verify_worker.__file__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opinion:
    """What math-verify says of one answer.

    Example:
        Opinion(status="yes", seconds=0.004)
    """

    status: Status
    """yes and no are its verdicts; refused: it was not asked (`screening`); the others say what
    the texts did to the worker, past the deadline, by a crash on two workers, or by its memory."""
    seconds: float
    """Wall time from asking to the opinion, waiting for a free worker included."""


@dataclass(kw_only=True, slots=True)
class Counters:
    """How often each thing has happened since the start."""

    asked: int = 0
    yes: int = 0
    no: int = 0
    timeout: int = 0
    crash: int = 0
    memory: int = 0
    refused: int = 0
    restarts: int = 0
    """Workers killed or lost and replaced."""


class SecondOpinionFailure(RuntimeError):
    """Workers cannot be started, or fail on a known-good pair: no verdict on any answer."""


class _WorkerLost(Exception):
    """The process ended, or sent what no worker sends."""


class _Worker:
    """One process and the socket to it; used by one thread at a time."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        # No inherited variable reaches the process, but for what its loader may need.
        kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
        paths = [path for path in sys.path if os.path.isabs(path)]
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-B", str(_WORKER_SCRIPT), *paths],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={
                    **kept,
                    "LANG": "C.UTF-8",
                    "PATH": os.defpath,
                    "MPMATH_NOGMPY": "1",
                    "SYMPY_GROUND_TYPES": "python",
                },
                start_new_session=True,
            )
        self._channel = ours
        self.ready = False
        self.requests = 0

    def wait_until_ready(self) -> None:
        """Wait for the import and for its own known-good pair; raises _WorkerLost."""
        if self.ready:
            return
        try:
            reply = self._receive(time.monotonic() + START_TIMEOUT_S)
        except TimeoutError:
            raise _WorkerLost(f"not ready after {START_TIMEOUT_S:g} s") from None
        if reply != {"status": "ready", "detail": "yes"}:
            raise _WorkerLost(str(reply.get("detail")))
        self.ready = True

    def ask(self, reference: str, answer: str, deadline_s: float) -> Status:
        """Raises TimeoutError past the deadline and _WorkerLost if the process ended."""
        deadline = time.monotonic() + deadline_s
        request = {"reference": reference, "answer": answer, "cpu_s": 2 * deadline_s + 1}
        body = json.dumps(request).encode()
        self.requests += 1
        self._channel.settimeout(deadline_s)
        try:
            self._channel.sendall(len(body).to_bytes(4, "big") + body)
        except TimeoutError:
            raise
        except OSError as error:
            raise _WorkerLost(str(error)) from None
        status = self._receive(deadline).get("status")
        if status not in ("yes", "no", "memory"):
            raise _WorkerLost(f"status {status!r}")
        return status

    def kill(self) -> None:
        """End the process and its whole group at once."""
        # Once it has been waited for, its number may belong to another process.
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._channel.close()

    def _receive(self, deadline: float) -> dict[str, object]:
        length = int.from_bytes(self._read_exactly(4, deadline), "big")
        if length > _MAX_REPLY_BYTES:
            raise _WorkerLost(f"reply of {length} bytes")
        try:
            reply = json.loads(self._read_exactly(length, deadline))
        except ValueError as error:
            raise _WorkerLost(str(error)) from None
        if not isinstance(reply, dict):
            raise _WorkerLost("reply is no object")
        return reply

    def _read_exactly(self, count: int, deadline: float) -> bytes:
        data = b""
        while len(data) < count:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError
            self._channel.settimeout(remaining)
            try:
                piece = self._channel.recv(count - len(data))
            except TimeoutError:
                raise
            except OSError as error:
                raise _WorkerLost(str(error)) from None
            if not piece:
                raise _WorkerLost(f"worker ended with code {self.process.poll()}")
            data += piece
        return data


class SecondOpinion:
    r"""A pool of workers with a blocking `ask`, safe to call from many threads.

    At most `workers` requests run at once and further callers wait, so nothing piles up. The
    deadline runs from the moment a worker has the request.

    Example:
        with SecondOpinion(workers=1, deadline_s=2.0) as second_opinion:
            second_opinion.ask("\\int_0^1 x dx", "1/2").status  # "yes"
    """

    def __init__(self, *, workers: int = 1, deadline_s: float = 2.0) -> None:
        if workers < 1:
            raise ValueError(f"workers={workers}: give at least 1")
        if not deadline_s > 0:
            raise ValueError(f"deadline_s={deadline_s}: give a positive number of seconds")
        if importlib.util.find_spec("math_verify") is None:
            raise ModuleNotFoundError(
                "the second opinion needs the package math-verify: "
                "pip install 'math-verify[antlr4_9_3]'"
            )
        self._deadline_s = deadline_s
        self._free = threading.Semaphore(workers)
        self._lock = threading.Lock()
        self._counters = Counters()
        self._closed = False
        # Left to right: used before, then ready or starting. One more than can be busy at once.
        self._idle = deque(_Worker() for _ in range(workers + 1))
        self._busy: set[_Worker] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def ask(self, reference: str, answer: str) -> Opinion:
        """Does the answer equal the reference? Both are LaTeX without box or dollar signs.

        Raises:
            SecondOpinionFailure: the workers are at fault, not the texts.
        """
        start = time.monotonic()
        if screen(reference, answer) is not None:
            status: Status = "refused"
        else:
            with self._free:
                status = self._ask_workers(reference, answer)
        with self._lock:
            self._counters.asked += 1
            setattr(self._counters, status, getattr(self._counters, status) + 1)
        return Opinion(status=status, seconds=time.monotonic() - start)

    def counters(self) -> dict[str, int]:
        """A copy of the `Counters`, for metrics."""
        with self._lock:
            return asdict(self._counters)

    def close(self) -> None:
        """Kill all workers, the busy ones too; calling twice is harmless."""
        with self._lock:
            self._closed = True
            workers = [*self._idle, *self._busy]
            self._idle.clear()
            self._busy.clear()
        for worker in workers:
            worker.kill()

    def _ask_workers(self, reference: str, answer: str) -> Status:
        """Ask one worker, and a second one if the first is lost."""
        for _ in range(2):
            try:
                return self._ask_one(reference, answer)
            except TimeoutError:
                self._prove_workers()
                return "timeout"
            except _WorkerLost:
                continue
        self._prove_workers()
        return "crash"

    def _prove_workers(self) -> None:
        """After a loss: a known-good pair tells the fault of a text from the workers' own."""
        faults = []
        for _ in range(2):
            try:
                status = self._ask_one(*_math_verify_worker.KNOWN_GOOD)
            except (TimeoutError, _WorkerLost) as error:
                faults.append(repr(error))
                continue
            if status == "yes":
                return
            faults.append(f"{status!r} for a pair that is equal")
        raise SecondOpinionFailure(
            f"math-verify fails on {_math_verify_worker.KNOWN_GOOD} too: {'; '.join(faults)}"
        )

    def _ask_one(self, reference: str, answer: str) -> Status:
        """Ask one worker; it is replaced unless it can be used again."""
        worker = self._take()
        try:
            status = worker.ask(reference, answer, self._deadline_s)
        except BaseException:
            self._replace(worker)
            raise
        if status == "memory":
            # What is left of its heap is nobody's to trust.
            self._replace(worker)
        elif worker.requests >= MAX_REQUESTS_PER_WORKER:
            self._replace(worker, lost=False)
        else:
            self._give_back(worker)
        return status

    def _take(self) -> _Worker:
        """A worker that is ready; raises SecondOpinionFailure if two cannot be started."""
        faults = []
        for _ in range(2):
            with self._lock:
                if self._closed:
                    raise SecondOpinionFailure("the second opinion is closed")
                worker = self._idle.popleft()
                self._busy.add(worker)
            try:
                worker.wait_until_ready()
            except _WorkerLost as error:
                self._replace(worker)
                faults.append(str(error))
                continue
            except BaseException:
                self._replace(worker)
                raise
            return worker
        raise SecondOpinionFailure(f"no math-verify worker starts: {'; '.join(faults)}")

    def _give_back(self, worker: _Worker) -> None:
        with self._lock:
            if not self._closed:
                self._busy.discard(worker)
                self._idle.appendleft(worker)

    def _replace(self, worker: _Worker, *, lost: bool = True) -> None:
        """Kill a worker and start another, which warms up while the spare takes over."""
        worker.kill()
        with self._lock:
            self._busy.discard(worker)
            if self._closed:
                return
            self._counters.restarts += lost
            self._idle.append(_Worker())
