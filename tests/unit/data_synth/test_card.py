"""The card counts right, loads by plain `datasets`, and goes to the hub with its set."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import datasets
import pytest
import yaml
from PIL import Image

from data_synth.card import card_text, statistics, write_card
from data_synth.hub import push_to_hub
from data_synth.problem import Modality
from data_synth.storage import read_problems, write_problems
from tests.unit.data_synth.test_validate import PLAIN, encoded, problem

WIDE = encoded(Image.new("RGB", (100, 10)), "JPEG")


def rows() -> list[Any]:
    charts = [
        problem(
            index,
            source="charts",
            answer=str(index % 4 // 2),
            question=f"q{index}",
            difficulty=index % 2,
            split="test" if index == 3 else "train",
            licence="MIT",
            citation="A | B, 2020\n```x```",
        )
        for index in range(8)
    ]
    text = problem(0, source="text", images=(), modality=Modality.TEXT, eval_only=True)
    wide = problem(1, source="charts", images=(WIDE, encoded(PLAIN)), answer="7", licence="MIT")
    return [*charts, text, wide]


def test_the_card_counts_and_loads(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    write_problems(folder, rows(), split=None)
    write_card(folder, title="Charts: a `set`", command="data_synth generate", notes=["## Extra"])
    text = (folder / "README.md").read_text()
    assert "10 problems with exact answers from 2 sources." in text
    assert "**Not for training:** text (marked `eval_only`)." in text
    assert "| charts | 9 | 1 | 8 | synthetic | 0: 5, 1: 4 | en | number | numeric |" in text
    # 4 of 9 are `0`, 4 are `1`, one is 7.
    assert "| charts | 3 | `0` 44.4% | `1` 44.4% | `7` 11.1% |  |  |" in text
    # Ten images in nine problems; sides 40 and 30 nine times, 100 and 10 once.
    assert "| charts | 1.1 | JPEG (1), PNG (9) | 100 x 10 | 40 x 30 | 35 |" in text
    assert "| text | 0 |" in text
    assert "````\nA | B, 2020\n```x```\n````" in text and "## Extra" in text
    assert "```\ndata_synth generate\n```" in text
    head = yaml.safe_load(text.split("---\n")[1])
    assert head["pretty_name"] == "Charts: a `set`" and head["license"] == ["apache-2.0", "mit"]
    assert head["size_categories"] == ["n<1K"] and head["language"] == ["en"]
    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert {name: part.num_rows for name, part in loaded.items()} == {"train": 9, "test": 1}
    with Image.open(folder / "contact_sheet.png") as sheet:
        assert sheet.width > 1000 and len(set(sheet.convert("L").tobytes())) > 20
    assert len(list(read_problems(folder))) == 10
    # The card is ours to replace, another's is not.
    write_problems(folder, rows()[:2], overwrite=True)
    assert not (folder / "README.md").exists()
    (folder / "README.md").write_text("mine")
    with pytest.raises(ValueError, match=r"holds 'README.md'"):
        write_problems(folder, rows()[:2], overwrite=True)
    with pytest.raises(ValueError, match="was not written by this package"):
        write_card(folder, title="x", command="x")


def test_licences_that_the_hub_does_not_know_are_named_in_the_text() -> None:
    found = statistics([replace(problem(0), licence="Own licence 3")])
    text = card_text(found, files=["train-00000.parquet"], title="t", command="c")
    assert yaml.safe_load(text.split("---\n")[1])["license"] == "other"
    assert "| test | Own licence 3 |" in text


class Hub(BaseHTTPRequestHandler):
    """The part of the hub that an upload talks to."""

    calls: list[tuple[str, str]]
    commits: list[bytes]

    def do_GET(self) -> None:
        self.answer({"sha": "0" * 40, "id": "me/set", "siblings": [], "private": False})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.calls.append((self.path, self.headers.get("Authorization", "")))
        if self.path == "/api/repos/create":
            self.answer(
                {"url": "https://huggingface.co/datasets/me/set", "name": "me/set", "id": "1"}
            )
        elif "/preupload/" in self.path:
            files = json.loads(body)["files"]
            modes = [{"path": f["path"], "uploadMode": "regular"} for f in files]
            self.answer({"files": [{**mode, "shouldIgnore": False} for mode in modes]})
        elif "/commit/" in self.path:
            self.commits.append(body)
            self.answer(
                {
                    "commitUrl": "https://huggingface.co/datasets/me/set/commit/1",
                    "commitOid": "1" * 40,
                    "success": True,
                }
            )
        else:
            self.answer({})

    def answer(self, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[tuple[str, type[Hub]]]:
    handler = type("Handler", (Hub,), {"calls": [], "commits": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()


def test_a_push_uploads_the_set_and_its_card(
    tmp_path: Path, hub: tuple[str, type[Hub]], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, handler = hub
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    folder = tmp_path / "set"
    write_problems(folder, rows(), split=None)
    write_card(folder, title="t", command="c")
    (folder / "secret.txt").write_text("not part of the set")
    assert push_to_hub(folder, "me/set", endpoint=endpoint)
    paths = [path for path, _ in handler.calls]
    assert paths[0] == "/api/repos/create" and any("/commit/main" in path for path in paths)
    assert {token for _, token in handler.calls} == {"Bearer hf_test"}
    (commit,) = handler.commits
    sent = {
        json.loads(line)["value"]["path"]
        for line in commit.splitlines()
        if json.loads(line)["key"] == "file"
    }
    assert sent == {
        "README.md",
        "contact_sheet.png",
        "train-00000.parquet",
        "test-00000.parquet",
    }


def test_a_push_that_cannot_work_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "set"
    with pytest.raises(ValueError, match="does not exist"):
        push_to_hub(folder, "me/set")
    write_problems(folder, rows()[:1])
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(ValueError, match="nobody is logged in: run `hf auth login` or set HF_TOK"):
        push_to_hub(folder, "me/set")
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "hf_test")
    with pytest.raises(ValueError, match="me//set"):
        push_to_hub(folder, "me//set")
    with pytest.raises(ValueError, match=r"cannot reach the hub at http://127\.0\.0\.1:9 .* again"):
        push_to_hub(folder, "me/set", endpoint="http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ValueError, match="HF_HUB_OFFLINE"):
        push_to_hub(folder, "me/set")
