"""math-verify in killable workers: verdicts, deadlines, crashes, memory, the screen before it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mm_rl.reward import second_opinion as module
from mm_rl.reward.screening import screen
from mm_rl.reward.second_opinion import SecondOpinion, SecondOpinionFailure

# Passes the screen, and keeps sympy busy for minutes.
SLOW = "\\sum_{k=1}^{9999} \\sum_{j=1}^{9999} \\frac{1}{k^2+j^3+1}"
MATRIX = "\\begin{{pmatrix}}1&{}\\end{{pmatrix}}"
BOMBS = (
    "9**9**9**9",
    "9^{9^{9^{9}}}",
    "9^9^9",
    "9^-9 ^9",
    "9^{9}^{9}",
    "9^\\pi^9",
    "99999999!",
    "9!!!!!!",
    "((9!)!)!",
    "2^{99999999999}",
    "(x+1)^{99999}",
    "10^{10^{10}}",
    "1/(10**(10**9))",
    "\\binom{1000000000}{500000000}",
    "9" * 500,
    "(" * 200 + ")" * 200,
    "1," * 400,
    "x" * 40_000,
    "(" * 40_000,
)


@pytest.fixture(scope="module")
def shared() -> Iterator[SecondOpinion]:
    """One pool for the tests that leave it as it was."""
    with SecondOpinion() as opinion:
        yield opinion


def pids_of(opinion: SecondOpinion) -> set[int]:
    return {worker.process.pid for worker in (*opinion._idle, *opinion._busy)}


def worker_pids(parent: int | None = None) -> set[int]:
    """Children of this process, or of another one, that run the worker script."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = status.read_bytes()
            fields = (status.parent / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It ended meanwhile.
        if b"_math_verify_worker" in command and int(fields[1]) == (parent or os.getpid()):
            found.add(int(status.parent.name))
    return found


@pytest.mark.parametrize(
    ("reference", "answer", "status"),
    [
        ("1/2", "0.5", "yes"),
        ("1/2", "0.25", "no"),
        ("\\int_0^1 x dx", "\\frac{1}{2}", "yes"),
        ("\\int_0^1 x dx", "\\frac{1}{3}", "no"),
        ("\\sum_{k=1}^{10} k", "55", "yes"),
        ("\\sum_{k=1}^{10} k", "54", "no"),
        (MATRIX.format(2), MATRIX.format("\\frac42"), "yes"),
        (MATRIX.format(2), MATRIX.format(3), "no"),
        ("2y+4x=6", "y=3-2x", "yes"),
        ("2y+4x=6", "y=3+2x", "no"),
        ("x+1", "((", "refused"),
        ("x+1", "\\frac{", "refused"),
        ("x+1", "x+*", "no"),
    ],
)
def test_opinion(shared: SecondOpinion, reference: str, answer: str, status: str) -> None:
    assert shared.ask(reference, answer).status == status


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("\\frac{1}{2004!}", "\\frac{1}{2006!}"),
        ("1/2^{99}", "1/2^{98}"),
        ("10^{-20}", "10^{-21}"),
        ("x+10^{-20}", "x+10^{-21}"),
        ("(1,10^{-20})", "(1,10^{-21})"),
        ("\\begin{pmatrix}10^{-20}\\end{pmatrix}", "\\begin{pmatrix}10^{-21}\\end{pmatrix}"),
        ("\\frac{1}{3}", "0.333333"),
        ("\\sqrt{10^{40}+1}", "10^{20}"),
        ("\\sqrt{2}", "\\sqrt{2}+10^{-200}"),
        ("\\pi", "3.141592653589793"),
    ],
)
def test_yes_is_taken_back_where_high_precision_contradicts(
    shared: SecondOpinion, reference: str, answer: str
) -> None:
    assert shared.ask(reference, answer).status == "no"


def test_cancellation_is_zero_and_not_noise(shared: SecondOpinion) -> None:
    assert shared.ask("0", "\\sqrt{2}^2-2").status == "yes"


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb[:16])
def test_hostile_text_is_refused_on_either_side_before_any_worker_is_asked(
    shared: SecondOpinion, bomb: str
) -> None:
    before = worker_pids()
    for sides in ((bomb, "1"), ("1", bomb)):
        opinion = shared.ask(*sides)
        assert opinion.status == "refused"
        assert opinion.seconds < 0.1
    assert worker_pids() == before


@pytest.mark.parametrize(
    ("reference", "answer", "why"),
    [
        ("5", "6=5", "marks"),
        ("5 cm", "5 m", "words"),
        ("5", "5 m", "words"),
        ("12 cm^2", "12 m^2", "words"),
        ("1011_2", "1011_3", "marks"),
        ("1011_{2}", "1011_{3}", "marks"),
        ("9\\%", "9", "marks"),
        ("\\{-1,1\\}", "(-1,1)", "marks"),
        ("x<3", "3", "marks"),
        ("(0,\\infty)", "(0,\\infty]", "marks"),
        ("385", "\\sum_{k=1}^{10} k^2", "unevaluated"),
        ("2", "\\gcd(4,6)", "unevaluated"),
        ("x<3", "(-\\infty,3)", None),
        ("6", "5 or 6", "words"),
        ("3", "3 \\text{ is wrong, it is } 4", "words"),
        ("x+1", "y+1", "words"),
        ("1", "1$ or $2", "characters"),
        ("1", "1}\\text{2", "brackets"),
        ("1", "\\boxed{1}", "characters"),
        ("1", "\u202e1", "characters"),
        ("1", "", "length"),
        ("\\sum_{k=1}^{10} k", "55", None),
        ("e^{x^2}", "\\exp(x^2)", None),
        ("(n+1)", "n+1", None),
        ("5!", "120", None),
        ("\\left(0,1\\right]", "(0,1]", None),
        ("\\int_0^1 x dx", "\\frac12", None),
        ("2^{2004}", "4^{1002}", None),
        ("\\int_0^1 x^{n}dx", "\\frac{1}{n+1}", None),
        ("\\int_0^1 3x^2 dx", "1", None),
        ("\\frac12", "0.5", None),
    ],
)
def test_screen_names_why_a_pair_is_not_asked(reference: str, answer: str, why: str | None) -> None:
    assert screen(reference, answer) == why


def test_screen_is_linear() -> None:
    for text in ("(" * 40_000, "_{" * 500, "^{" * 500, "^" * 1_000, "a" * 10_000_000, "!" * 999):
        start = time.perf_counter()
        screen("1", text)
        assert time.perf_counter() - start < 0.1


def test_worker_is_killed_at_the_deadline_and_the_next_answer_comes_from_the_spare() -> None:
    with SecondOpinion(deadline_s=0.7) as opinion:
        assert opinion.ask("1", "1").status == "yes"
        before = pids_of(opinion)
        assert len(before) == 2 and before <= worker_pids()
        late = opinion.ask(SLOW, "1")
        assert late.status == "timeout"
        assert 0.7 <= late.seconds < 5
        start = time.monotonic()
        assert opinion.ask("1/2", "0.5").status == "yes"
        assert time.monotonic() - start < 5
        after = pids_of(opinion)
        assert len(after) == 2 and len(before & after) == 1
        assert (before | after) & worker_pids() == after
        counters = opinion.counters()
        assert counters["timeout"] == 1 and counters["restarts"] == 1
    assert not after & worker_pids()


def test_counters_add_up(shared: SecondOpinion) -> None:
    before = shared.counters()
    for reference, answer in (("1", "1.0"), ("1", "2"), ("1", "9**9**9"), ("1/2", "0.5")):
        shared.ask(reference, answer)
    change = {name: count - before[name] for name, count in shared.counters().items()}
    assert {name: count for name, count in change.items() if count} == {
        "asked": 4,
        "yes": 2,
        "no": 1,
        "refused": 1,
    }


def test_killed_worker_is_replaced_and_the_question_asked_again() -> None:
    with SecondOpinion() as opinion:
        assert opinion.ask("1", "1").status == "yes"
        # The pool still holds the dead worker and finds out when it asks.
        os.kill(opinion._idle[0].process.pid, signal.SIGKILL)
        assert opinion.ask("1/2", "0.5").status == "yes"
        assert opinion.ask("1/2", "0.25").status == "no"
        counters = opinion.counters()
        assert counters["restarts"] == 1 and counters["crash"] == 0


@pytest.mark.slow
def test_text_that_kills_every_worker_is_a_crash_and_no_failure() -> None:
    """A thread shoots each worker that takes up the slow question, as a lack of memory would."""
    with SecondOpinion(deadline_s=20) as opinion:
        opinion.ask("1", "1")
        shots = 0
        done = threading.Event()

        def busy(pid: int) -> bool:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            return fields[0] == "R"

        def shoot() -> None:
            nonlocal shots
            while shots < 2 and not done.is_set():
                time.sleep(0.2)
                for worker in list(opinion._busy):
                    if worker.ready and busy(worker.process.pid):
                        os.kill(worker.process.pid, signal.SIGKILL)
                        shots += 1
                        break

        shooter = threading.Thread(target=shoot)
        shooter.start()
        opinion_of_text = opinion.ask(SLOW, "1")
        done.set()
        shooter.join()
        assert opinion_of_text.status == "crash"
        assert opinion.counters()["restarts"] == 2
        assert opinion.ask("1/2", "0.5").status == "yes"


def test_many_threads_share_the_workers() -> None:
    with SecondOpinion(workers=2) as opinion:
        results: dict[int, str] = {}

        def ask(number: int) -> None:
            results[number] = opinion.ask(f"{number}", f"\\frac{{{2 * number}}}{{2}}").status

        def ask_wrong(number: int) -> None:
            results[number] = opinion.ask(f"{number}", f"{number + 1}").status

        threads = [
            threading.Thread(target=ask if number % 2 else ask_wrong, args=(number,))
            for number in range(24)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == {number: "yes" if number % 2 else "no" for number in range(24)}
        assert len(pids_of(opinion)) == 3
        assert opinion.counters()["asked"] == 24


def test_worker_has_a_clean_environment_little_memory_and_no_file_of_ours(tmp_path: Path) -> None:
    secret = (tmp_path / "secret").open("w")
    os.set_inheritable(secret.fileno(), True)
    os.environ["MM_RL_TEST_SECRET"] = "s3cret"
    try:
        with secret, SecondOpinion() as opinion:
            opinion.ask("1", "1")
            pid = opinion._idle[0].process.pid
            process = Path(f"/proc/{pid}")
            environment = (process / "environ").read_bytes()
            assert b"s3cret" not in environment
            assert b"SYMPY_GROUND_TYPES=python" in environment
            targets = {os.readlink(fd) for fd in (process / "fd").iterdir()}
            assert not any(str(tmp_path) in target for target in targets)
            limits = (process / "limits").read_text()
            assert f"{1 << 30}" in next(x for x in limits.splitlines() if "address space" in x)
            assert os.getpgid(pid) == pid
    finally:
        del os.environ["MM_RL_TEST_SECRET"]


@pytest.mark.slow
def test_workers_end_when_the_caller_is_killed() -> None:
    code = (
        "import os, time\n"
        "from mm_rl.reward.second_opinion import SecondOpinion\n"
        "opinion = SecondOpinion()\n"
        "opinion.ask('1', '1')\n"
        "print('asked', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as caller:
        assert caller.stdout is not None and caller.stdout.readline() == b"asked\n"
        pids = worker_pids(caller.pid)
        assert len(pids) == 2
        caller.kill()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(Path(f"/proc/{pid}/maps").exists() for pid in pids):
        if not any(_runs(pid) for pid in pids):
            break
        time.sleep(0.05)
    assert not any(_runs(pid) for pid in pids)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "math_verify", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'math-verify\[antlr4_9_3\]'"):
        SecondOpinion()


def test_worker_that_cannot_start_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "_math_verify_worker.py"
    broken.write_text("raise SystemExit(3)\n")
    monkeypatch.setattr(module, "_WORKER_SCRIPT", broken)
    with SecondOpinion() as opinion:
        with pytest.raises(SecondOpinionFailure, match="no math-verify worker starts"):
            opinion.ask("1", "1")
        assert opinion.counters()["restarts"] == 2


@pytest.mark.slow
def test_worker_that_fails_on_the_known_good_pair_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A worker that starts well and then says no to everything past a first loss."""
    script = tmp_path / "_math_verify_worker.py"
    real = Path(module._math_verify_worker.__file__).read_text()
    script.write_text(real.replace('send(channel, {"status": answer(request)})', "return"))
    monkeypatch.setattr(module, "_WORKER_SCRIPT", script)
    with SecondOpinion() as opinion, pytest.raises(SecondOpinionFailure, match="fails on"):
        opinion.ask("1", "1")


def test_worn_worker_is_replaced_without_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_REQUESTS_PER_WORKER", 2)
    with SecondOpinion() as opinion:
        before = pids_of(opinion)
        assert [opinion.ask("1", "1").status for _ in range(3)] == ["yes"] * 3
        assert len(pids_of(opinion) & before) == 1
        assert opinion.counters()["restarts"] == 0


def test_nonsense_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="workers=0"):
        SecondOpinion(workers=0)
    with pytest.raises(ValueError, match="deadline_s=0"):
        SecondOpinion(deadline_s=0)


def test_closed_pool_says_so() -> None:
    opinion = SecondOpinion()
    opinion.close()
    opinion.close()
    with pytest.raises(SecondOpinionFailure, match="closed"):
        opinion.ask("1", "1")


@pytest.mark.slow
def test_memory_of_a_worker_is_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The limit turns an allocation of 2 GB into a verdict, and the worker is replaced."""
    script = tmp_path / "_math_verify_worker.py"
    real = Path(module._math_verify_worker.__file__).read_text()
    body = "    from math_verify import verify\n\n    gold"
    assert body in real
    hungry = "    if given == '77':\n        bytearray(2 << 30)\n" + body
    script.write_text(real.replace(body, hungry))
    monkeypatch.setattr(module, "_WORKER_SCRIPT", script)
    with SecondOpinion() as opinion:
        assert opinion.ask("77", "77").status == "memory"
        assert opinion.ask("78", "78").status == "yes"
        assert opinion.counters()["restarts"] == 1
