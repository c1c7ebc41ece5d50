r"""The graders that are compared, and the child process that each foreign one runs in.

    python graders.py NAME

serves one grader: a line of JSON [reference, completion] in, a line [verdict, seconds, CPU seconds]
out.

Foreign graders see what they are made for, a reference and a whole completion with a box, and keep
their own timeouts. They run in a child with 4 GB of memory, since they hang, and two of them would
run code that stands in an answer. Those of verl are read from an unpacked wheel, whose folder the
variable VERL names; verl itself and its dependencies need not be installed.
"""

import json
import logging
import os
import resource
import select
import signal
import subprocess
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path

from data_synth.verify import Reason, verify
from data_synth.verify.answer import extract_answer
from mm_rl.reward.second_opinion import SecondOpinion

Grader = Callable[[str, str], bool]

MEMORY_BYTES = 4 << 30
START_TIMEOUT_S = 120.0


class Ours:
    """Extraction, the typed verifier, and the second opinion where it is unsure."""

    def __init__(self, second_opinion: SecondOpinion) -> None:
        self._second_opinion = second_opinion
        self.unsure = 0

    def __call__(self, verifier: str, reference: str, completion: str) -> bool:
        """The verdict on a completion, as training gives it."""
        return self.judge(verifier, reference, extract_answer(completion).text)

    def judge(self, verifier: str, reference: str, answer: str | None) -> bool:
        """The verdict on an extracted answer."""
        verdict = verify(verifier, reference, answer)
        if verdict.reason == Reason.UNSURE and answer is not None:
            self.unsure += 1
            return self._second_opinion.ask(reference, answer).status == "yes"
        return verdict.correct


def make_math_verify() -> Grader:
    """math-verify with the settings of verl's reward function and its own timeouts of 5 s."""
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse
    from math_verify import verify as equal

    def grade(reference: str, completion: str) -> bool:
        gold = parse(f"\\boxed{{{reference}}}", (LatexExtractionConfig(),))
        given = parse(completion, (ExprExtractionConfig(), LatexExtractionConfig()))
        return equal(gold, given)

    return grade


def make_mathruler() -> Grader:
    """mathruler, the grader of EasyR1."""
    from mathruler.grader import extract_boxed_content, grade_answer

    return lambda reference, completion: grade_answer(extract_boxed_content(completion), reference)


def make_string_match() -> Grader:
    """Equality of strings after the normalisation of the MATH data set."""
    from mathruler.grader import extract_boxed_content
    from mathruler.math_normalize import normalize_answer

    def grade(reference: str, completion: str) -> bool:
        given = extract_boxed_content(completion)
        return normalize_answer(given) == normalize_answer(reference)

    return grade


def _import_from_verl(module: str) -> types.ModuleType:
    """A module of the wheel without running the package's own imports."""
    import importlib

    root = Path(os.environ["VERL"])
    for name in ("verl", "verl.utils", "verl.utils.reward_score"):
        package = types.ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")))]
        sys.modules.setdefault(name, package)
    return importlib.import_module(f"verl.utils.reward_score.{module}")


def make_math_dapo() -> Grader:
    """verl's math_dapo: Minerva's normalisation, then equality of strings."""
    dapo = _import_from_verl("math_dapo")

    def grade(reference: str, completion: str) -> bool:
        boxed = dapo.last_boxed_only_string(completion)
        given = dapo.normalize_final_answer(dapo.remove_boxed(boxed)) if boxed else None
        return given == dapo.normalize_final_answer(reference)

    return grade


def make_prime_math() -> Grader:
    """verl's prime_math: string rules, then sympy in forked processes."""
    prime = _import_from_verl("prime_math")
    return lambda reference, completion: bool(prime.compute_score(completion, reference)[0])


FOREIGN: dict[str, Callable[[], Grader]] = {
    "math-verify": make_math_verify,
    "mathruler": make_mathruler,
    "string match": make_string_match,
    "math_dapo": make_math_dapo,
    "prime_math": make_prime_math,
}


class Child:
    """A foreign grader in a process of its own, killed and replaced when it takes too long."""

    def __init__(self, name: str, timeout_s: float) -> None:
        self._name = name
        self._timeout_s = timeout_s
        self._process = self._start()

    def grade(self, reference: str, completion: str) -> tuple[bool | None, float, float]:
        """(verdict, seconds, CPU seconds); None for the verdict if it hung or died."""
        line = json.dumps([reference, completion]) + "\n"
        start = time.monotonic()
        try:
            self._write(line)
            verdict, seconds, cpu = json.loads(self._read_line(self._timeout_s))
        except (TimeoutError, OSError, ValueError):
            self.close()
            self._process = self._start()
            spent = time.monotonic() - start
            return None, spent, spent
        return verdict, seconds, cpu

    def close(self) -> None:
        """Kill the process and what it has forked."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, __file__, self._name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._process = process
        ready = self._read_line(START_TIMEOUT_S)
        if ready != b"ready\n":
            raise RuntimeError(f"grader {self._name!r} does not start: {ready!r}")
        return process

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode())
        self._process.stdin.flush()

    def _read_line(self, timeout_s: float) -> bytes:
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], timeout_s)[0]:
            raise TimeoutError
        return self._process.stdout.readline()


def serve(name: str) -> None:
    """Answer on standard output until standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    logging.disable(logging.CRITICAL)
    # What a grader prints, or text that it runs, must not reach the channel.
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    grade = FOREIGN[name]()
    print("ready", file=channel, flush=True)
    for line in sys.stdin:
        reference, completion = json.loads(line)
        start, cpu = time.perf_counter(), time.process_time()
        try:
            verdict = bool(grade(reference, completion))
        except Exception:
            verdict = False  # A trainer counts an exception of its grader as reward 0.
        spent = [time.perf_counter() - start, time.process_time() - cpu]
        print(json.dumps([verdict, *spent]), file=channel, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
