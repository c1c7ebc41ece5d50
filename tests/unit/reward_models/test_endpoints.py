"""The endpoint backend against a real local HTTP server that misbehaves on purpose."""

import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from mm_rl.reward_models.endpoints import MAX_REPLY_BYTES, EndpointBackend, EndpointConfig
from mm_rl.reward_models.judge import CoTJudge, JudgeFailure, JudgeItem, JudgeStatus
from mm_rl.reward_models.protocol import VERDICTS, build_judge_prompt

Answer = Callable[["Handler", dict[str, Any], int], None]
PROMPT = build_judge_prompt("How many?", "7", "seven")


class Handler(BaseHTTPRequestHandler):
    """Records each request and lets the test's function answer it."""

    server: "Server"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            number = len(self.server.requests)
            self.server.requests.append((self.path, dict(self.headers), body))
            self.server.running += 1
            self.server.most_running = max(self.server.most_running, self.server.running)
        try:
            self.server.answer(self, body, number)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client gave up, as some tests want it to
        finally:
            with self.server.lock:
                self.server.running -= 1

    def say(self, content: Any) -> None:
        self.raw(200, json.dumps({"choices": [{"message": {"content": content}}]}).encode())

    def raw(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answer: Answer = honest
        self.lock = threading.Lock()
        self.running = self.most_running = 0
        self.content: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


def honest(handler: Handler, body: dict[str, Any], number: int) -> None:
    if "response_format" in body:
        handler.say(VERDICTS[True])
    else:
        handler.say("seven is 7")


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def backend_for(server: Server, **changes: Any) -> EndpointBackend:
    options = {"timeout_s": 5.0, "max_retries": 2, "backoff_s": 0.01, "reasoning_tokens": 0}
    return EndpointBackend(EndpointConfig(url=server.url, model="judge", **(options | changes)))


def ask(server: Server, **changes: Any) -> str | JudgeFailure:
    backend = backend_for(server, **changes)
    (reply,) = backend.complete([PROMPT], attempt=0)
    backend.close()
    return reply


def test_two_turns_reason_and_then_obey_the_schema(server: Server) -> None:
    assert ask(server, reasoning_tokens=99) == f"seven is 7</think>{VERDICTS[True]}"
    (path, headers, first), (_, _, second) = server.requests
    assert path == "/v1/chat/completions"
    assert "Authorization" not in headers
    assert first["messages"] == [{"role": "user", "content": PROMPT}]
    assert (first["model"], first["max_tokens"], first["temperature"]) == ("judge", 99, 0.0)
    assert "response_format" not in first
    assert second["messages"][:2] == [
        {"role": "user", "content": PROMPT},
        {"role": "assistant", "content": "seven is 7"},
    ]
    assert second["messages"][2]["role"] == "user"
    assert second["max_tokens"] == 32
    assert second["response_format"] == {
        "type": "json_schema",
        "json_schema": {
            "name": "verdict",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {"correct": {"type": "boolean"}},
                "required": ["correct"],
                "additionalProperties": False,
            },
        },
    }


def test_without_a_reasoning_turn_there_is_one_request(server: Server) -> None:
    assert ask(server) == f"</think>{VERDICTS[True]}"
    assert len(server.requests) == 1
    assert len(server.requests[0][2]["messages"]) == 1


def test_second_attempt_samples_with_another_seed(server: Server) -> None:
    backend = backend_for(server)
    for attempt in (0, 1, 1):
        backend.complete([PROMPT], attempt=attempt)
    bodies = [body for _, _, body in server.requests]
    assert [body["temperature"] for body in bodies] == [0.0, 1.0, 1.0]
    assert bodies[0]["seed"] != bodies[1]["seed"] == bodies[2]["seed"]
    assert all(0 <= body["seed"] < 2**31 for body in bodies)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_passing_faults_are_retried(server: Server, status: int) -> None:
    def answer(handler: Handler, body: dict[str, Any], number: int) -> None:
        if number < 2:
            handler.raw(status, b"busy")
        else:
            handler.say(VERDICTS[False])

    server.answer = answer
    assert ask(server) == f"</think>{VERDICTS[False]}"
    assert len(server.requests) == 3


def test_retries_end_in_a_failure_that_says_why(server: Server) -> None:
    server.answer = lambda handler, body, number: handler.raw(503, b"no workers")
    failure = ask(server)
    assert isinstance(failure, JudgeFailure)
    assert str(failure) == (
        f"judge 'judge' at 127.0.0.1:{server.server_port}: HTTP 503: no workers"
    )
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 422])
def test_lasting_faults_are_not_retried(server: Server, status: int) -> None:
    server.answer = lambda handler, body, number: handler.raw(
        status, b"json_schema is not supported", Location=server.url + "/elsewhere"
    )
    failure = ask(server)
    assert isinstance(failure, JudgeFailure)
    assert f"HTTP {status}: json_schema is not supported" in str(failure)
    # A redirect is not followed either: it would carry the key away.
    assert len(server.requests) == 1


def test_pauses_double_and_follow_retry_after(server: Server) -> None:
    times = []

    def answer(handler: Handler, body: dict[str, Any], number: int) -> None:
        times.append(time.monotonic())
        if number == 1:
            handler.raw(429, b"", Retry_After="1")
        else:
            handler.raw(429, b"", Retry_After="Wed, 21 Oct 2026 07:28:00 GMT")

    server.answer = answer
    ask(server, backoff_s=0.1, max_retries=3)
    pauses = [later - sooner for sooner, later in itertools.pairwise(times)]
    assert pauses[0] == pytest.approx(0.1, abs=0.09)
    assert 1.0 <= pauses[1] < 1.3
    assert 0.4 <= pauses[2] < 0.7


def hang(handler: Handler, body: dict[str, Any], number: int) -> None:
    time.sleep(1.5)


def drip(handler: Handler, body: dict[str, Any], number: int) -> None:
    """A byte now and then keeps the socket's own timeout from ever firing."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(30):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def drip_headers(handler: Handler, body: dict[str, Any], number: int) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(30):
        handler.wfile.write(b"a")
        handler.wfile.flush()
        time.sleep(0.05)


@pytest.mark.parametrize("answer", [hang, drip, drip_headers])
def test_deadline_covers_the_whole_request(server: Server, answer: Answer) -> None:
    server.answer = answer
    started = time.monotonic()
    failure = ask(server, timeout_s=0.3, max_retries=1)
    assert time.monotonic() - started < 1.2
    assert isinstance(failure, JudgeFailure)
    assert "no reply within 0.3 s" in str(failure)
    assert len(server.requests) == 2


def test_slow_start_then_success(server: Server) -> None:
    def answer(handler: Handler, body: dict[str, Any], number: int) -> None:
        if number == 0:
            time.sleep(1.0)
        handler.say(VERDICTS[True])

    server.answer = answer
    assert ask(server, timeout_s=0.3) == f"</think>{VERDICTS[True]}"


def test_closed_connections_are_faults(server: Server) -> None:
    def answer(handler: Handler, body: dict[str, Any], number: int) -> None:
        if number == 1:  # half a body
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            handler.wfile.write(b'{"choices": [{"message": {"content": "{}')
        handler.connection.shutdown(socket.SHUT_RDWR)

    server.answer = answer
    failure = ask(server)
    assert isinstance(failure, JudgeFailure)
    assert len(server.requests) == 3


def test_nobody_there_is_a_failure() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = EndpointConfig(
        url=f"http://127.0.0.1:{port}/v1", model="judge", max_retries=1, backoff_s=0.01
    )
    (failure,) = EndpointBackend(config).complete([PROMPT], attempt=0)
    assert isinstance(failure, JudgeFailure)
    assert "ConnectionRefusedError" in str(failure)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>gateway</html>",
        b"null",
        b"[]",
        b"{}",
        b'{"choices": []}',
        b'{"choices": null}',
        b'{"choices": "x"}',
        b'{"choices": [{}]}',
        b'{"choices": [{"message": null}]}',
        b'{"choices": [{"message": {"content": {"correct": true}}}]}',
        b'{"choices": [{"message": {"content": true}}]}',
        b'{"choices": [{"message": {"content": "' + b"x" * 100,
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"n": ' + b"9" * 200_000,
    ],
    ids=range(16),
)
def test_malformed_envelopes_are_faults_of_the_server(server: Server, body: bytes) -> None:
    server.answer = lambda handler, asked, number: handler.raw(200, body)
    failure = ask(server)
    assert isinstance(failure, JudgeFailure)
    assert "chat completion" in str(failure)
    assert len(str(failure)) < 400
    assert len(server.requests) == 3


def test_huge_bodies_are_refused_without_reading_them(server: Server) -> None:
    sent = []

    def answer(handler: Handler, body: dict[str, Any], number: int) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(1000):
                handler.wfile.write(b" " * MAX_REPLY_BYTES)
                sent.append(1)
        except OSError:
            return

    server.answer = answer
    failure = ask(server, max_retries=0)
    assert isinstance(failure, JudgeFailure)
    assert f"more than {MAX_REPLY_BYTES} bytes" in str(failure)
    assert len(sent) < 100


def test_what_the_model_wrote_is_no_fault(server: Server) -> None:
    """Wrong schema, null content: unparsable after one more attempt, score 0, counted."""
    for content in ('{"correct": "true"}', '{"verdict": true}', "yes", None, ""):
        server.requests.clear()
        server.content = content
        server.answer = lambda handler, body, number: handler.say(handler.server.content)
        judge = CoTJudge(backend_for(server))
        (judged,) = judge.judge([JudgeItem(question="q", reference="7", response="seven")])
        assert (judged.correct, judged.status) == (False, JudgeStatus.UNPARSABLE)
        assert len(server.requests) == 2
        assert judge.metrics()["judge/unparsable"] == 1


def test_judge_raises_when_the_endpoint_fails(server: Server) -> None:
    def answer(handler: Handler, body: dict[str, Any], number: int) -> None:
        if '"eight"' in body["messages"][0]["content"]:
            handler.raw(500, b"")
        else:
            handler.say(VERDICTS[True])

    server.answer = answer
    judge = CoTJudge(backend_for(server))
    items = [
        JudgeItem(question="q", reference="7", response=text) for text in ("seven", "eight", "VII")
    ]
    with pytest.raises(JudgeFailure):
        judge.judge(items)
    server.answer, asked = honest, len(server.requests)
    assert [judgement.correct for judgement in judge.judge(items)] == [True] * 3
    assert len(server.requests) == asked + 1


def test_replies_keep_their_order_and_run_at_once(server: Server) -> None:
    eight_are_here = threading.Barrier(8, timeout=60)

    def answer(handler: Handler, body: dict[str, Any], number: int) -> None:
        prompt = body["messages"][0]["content"]
        given = int(json.loads(prompt.split("\n")[3].split(": ", 1)[1]))
        eight_are_here.wait()
        time.sleep(0.01 * (8 - given % 8))  # later ones answer first
        handler.say(f"{given}")

    server.answer = answer
    backend = backend_for(server, concurrency=8)
    prompts = [build_judge_prompt("How many?", "7", str(n)) for n in range(24)]
    assert backend.complete(prompts, attempt=0) == [f"</think>{n}" for n in range(24)]
    assert server.most_running == 8
    backend.close()


def test_key_is_sent_and_never_shown(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "sk-very-secret-0123456789"
    monkeypatch.setenv("JUDGE_KEY", key)

    def answer(handler: Handler, body: dict[str, Any], number: int) -> None:
        # Servers quote the key; here also where the quotation is cut.
        padding = "x" * (190 if number else 0)
        handler.raw(401, f"{padding} bad key {handler.headers['Authorization']}".encode())

    server.answer = answer
    backend = backend_for(server, api_key_env="JUDGE_KEY")
    for _ in range(2):
        (failure,) = backend.complete([PROMPT], attempt=0)
        assert "sk-" not in str(failure)
    assert "HTTP 401" in str(failure)
    assert server.requests[0][1]["Authorization"] == f"Bearer {key}"
    for shown in (repr(backend), repr(backend.config), backend.identity, repr(failure)):
        assert key not in shown


@pytest.mark.parametrize("value", [None, "", "  ", "a\nb", "schl\u00fcssel"])
def test_missing_or_unusable_key_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("JUDGE_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("JUDGE_KEY", value)
    config = EndpointConfig(url="http://localhost/v1", model="judge", api_key_env="JUDGE_KEY")
    with pytest.raises(ValueError, match="JUDGE_KEY") as caught:
        EndpointBackend(config)
    assert not value or not value.strip() or value not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8000/v1",
        "ftp://host/v1",
        "file:///etc/passwd",
        "http:///v1",
        "http://host:port/v1",
        "http://user:secret@host/v1",
        "http://host/v1?key=secret",
        "http://host/v1#x",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        EndpointBackend(EndpointConfig(url=url, model="judge"))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"timeout_s": 0},
        {"concurrency": 0},
        {"verdict_tokens": 0},
        {"max_retries": -1},
        {"backoff_s": -1.0},
        {"reasoning_tokens": -1},
    ],
)
def test_impossible_settings_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(changes))}={next(iter(changes.values()))}"):
        EndpointConfig(url="http://localhost/v1", model="judge", **changes)
