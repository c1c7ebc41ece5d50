"""Generators from a model, over a real local HTTP server with canned replies."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mm_rl.testgen import endpoint
from mm_rl.testgen.__main__ import main
from mm_rl.testgen.endpoint import Endpoint, EndpointError, MalformedReplyError
from mm_rl.testgen.folder import read_problem
from mm_rl.testgen.writer import generator_prompt, read_generator, write_generators
from tests.unit.testgen.helpers import GENERATOR, write_problem

FENCED = f"<think>short</think>Here it is:\n```python\n{GENERATOR}```\nDone."


def chat(content: Any) -> bytes:
    return json.dumps({"choices": [{"message": {"content": content}}]}).encode()


class CannedServer(ThreadingHTTPServer):
    """Gives its replies in turn, the last one for ever, and keeps the requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), CannedHandler)
        self.replies: list[tuple[int, bytes]] = []
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"


class CannedHandler(BaseHTTPRequestHandler):
    server: CannedServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, dict(self.headers), body))
        replies = self.server.replies
        status, data = replies.pop(0) if len(replies) > 1 else replies[0]
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests stay quiet."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[CannedServer]:
    monkeypatch.setattr(endpoint, "_RETRY_PAUSES_S", (0.0, 0.0))
    made = CannedServer()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def test_the_command_writes_what_the_model_replied(
    server: CannedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    write_problem(tmp_path, "larger", generator=None)
    write_problem(tmp_path, "present", generator="# by hand\n")
    write_problem(tmp_path, "judged", generator=None, special_judge=True)
    server.replies = [(200, chat(FENCED))]
    monkeypatch.setenv("MY_KEY", "s3cret")
    options = ["--endpoint", server.url + "/", "--model", "w", "--key-variable", "MY_KEY"]
    assert main(["write", str(tmp_path), *options]) == 0
    assert (tmp_path / "larger" / "generator.py").read_text() == GENERATOR
    assert (tmp_path / "present" / "generator.py").read_text() == "# by hand\n"
    assert not (tmp_path / "judged" / "generator.py").exists()
    assert "wrote 1, failed 0, had one 1" in capsys.readouterr().out
    ((path, headers, body),) = server.requests
    assert (path, headers["Authorization"]) == ("/v1/chat/completions", "Bearer s3cret")
    assert (body["model"], body["temperature"]) == ("w", 0.6)
    (message,) = body["messages"]
    assert message["content"] == generator_prompt(read_problem(tmp_path / "larger"))


def test_the_prompt_holds_guide_statement_constraints_and_examples(tmp_path: Path) -> None:
    example = {"input": "1 2\n", "output": "2\n"}
    prompt = generator_prompt(read_problem(write_problem(tmp_path, examples=[example])))
    for part in ("Vector.random_unique_vector", "Print the larger", "up to 10^9", "1 2", '"edge"'):
        assert part in prompt
    assert "refused" not in prompt


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        ("no code at all", "exactly one fenced code block"),
        (f"```\n{GENERATOR}", "found: unclosed"),
        (f"```\n{GENERATOR}```\n```\nimport random\nrandom.seed(1)\n```", "found: several"),
        (f"<think>```\n{GENERATOR}```", "found: unfinished_reasoning"),
        ("```cpp\nint main() {}\n```", "the program is in 'cpp', not in Python"),
        ("```python\nprint(1)\n```", "never calls random.seed"),
        (
            FENCED.replace("import json", "String.random_regular('a'); import json"),
            "random_regular",
        ),
        (FENCED.replace("import json", "x = '\ud800'; import json"), "is no plain text"),
        (FENCED.replace("import json", "x = '\0'; import json"), "is no plain text"),
        ("```\n" + "random.seed(1)\n" * 10_000 + "```", "exactly one fenced"),
    ],
)
def test_a_reply_without_a_usable_generator_is_refused(reply: str, fault: str) -> None:
    assert fault in read_generator(reply)[1]


def test_hostile_replies_are_read_in_linear_time() -> None:
    for reply in ("```" * 300_000, "`" * 900_000, "```\n" * 200_000, "<think>" * 140_000):
        assert read_generator(reply)[1]


def test_a_refused_reply_is_asked_for_again_with_the_reason(
    server: CannedServer, tmp_path: Path
) -> None:
    path = write_problem(tmp_path, generator=None)
    server.replies = [
        (200, chat("```\nprint(4)\n```")), (200, b"<html>"), (200, chat(FENCED))
    ]  # fmt: skip
    report = write_generators(tmp_path, Endpoint(url=server.url, model="w").complete)
    assert report.written == ["larger"]
    assert (path / "generator.py").read_text() == GENERATOR
    prompts = [body["messages"][0]["content"] for _, _, body in server.requests]
    assert "never calls random.seed" in prompts[1]
    assert "no chat completion" in prompts[2]


@pytest.mark.parametrize(
    "reply",
    [b"", b"not json", b"[" * 100_000, b"{}", b'{"choices": []}', b"\xff", chat(None), chat([1])],
    ids=["empty", "text", "deep", "no_choices", "empty_choices", "bytes", "null", "list"],
)
def test_malformed_replies_leave_no_generator(
    server: CannedServer, tmp_path: Path, reply: bytes
) -> None:
    path = write_problem(tmp_path, generator=None)
    server.replies = [(200, reply)]
    report = write_generators(tmp_path, Endpoint(url=server.url, model="w").complete, attempts=2)
    assert "reply" in report.failed["larger"]
    assert len(server.requests) == 2
    assert not (path / "generator.py").exists()


def test_errors_of_the_server_are_tried_again_and_those_of_the_request_are_not(
    server: CannedServer,
) -> None:
    client = Endpoint(url=server.url, model="w")
    server.replies = [(503, b"busy"), (429, b"slow"), (200, chat("hello"))]
    assert client.complete("hi") == "hello"
    server.requests.clear()
    server.replies = [(500, b"broken")]
    with pytest.raises(EndpointError, match="status 500: broken"):
        client.complete("hi")
    assert len(server.requests) == 3
    server.requests.clear()
    server.replies = [(404, b"no such model")]
    with pytest.raises(EndpointError, match="status 404: no such model"):
        client.complete("hi")
    assert len(server.requests) == 1


def test_an_oversized_reply_is_cut_and_refused(
    server: CannedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "MAX_REPLY_BYTES", 1000)
    server.replies = [(200, chat("x" * 2000))]
    with pytest.raises(MalformedReplyError):
        Endpoint(url=server.url, model="w").complete("hi")


def test_nobody_listening_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(endpoint, "_RETRY_PAUSES_S", ())
    write_problem(tmp_path, generator=None)
    options = ["--endpoint", "http://127.0.0.1:9/v1", "--model", "w"]
    assert main(["write", str(tmp_path), *options]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "check --endpoint and --model" in error
    assert main(["write", str(tmp_path), "--endpoint", "localhost:8000", "--model", "w"]) == 2
    assert "give an address like" in capsys.readouterr().err
