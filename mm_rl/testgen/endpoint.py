"""A client of OpenAI-compatible endpoints, as small as asking for a generator needs."""

import http.client
import json
import os
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

MAX_REPLY_BYTES = 4 << 20
MAX_TOKENS = 8192
_RETRY_PAUSES_S = (1.0, 4.0)


class EndpointError(RuntimeError):
    """The endpoint cannot be reached, or refuses the request: no reply to judge."""


class MalformedReplyError(ValueError):
    """The endpoint replied, but with something that holds no completion."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """Where a model is served, and how it is sampled.

    Example:
        Endpoint(url="http://localhost:8000/v1", model="writer").complete("Write ...")
    """

    url: str
    """Base address; `/chat/completions` is appended."""
    model: str
    """Name under which it is served."""
    key_variable: str = "OPENAI_API_KEY"
    """Environment variable with the key; sent if it is set."""
    temperature: float = 0.6
    """Of sampling."""
    timeout_s: float = 300.0
    """Seconds to wait for one reply."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(
                f"endpoint {self.url!r}: give an address like http://localhost:8000/v1"
            )
        if not self.timeout_s > 0 or not self.temperature >= 0:
            raise ValueError(
                f"timeout {self.timeout_s}, temperature {self.temperature}: give a timeout above 0 "
                "and a temperature of 0 or more"
            )

    def complete(self, prompt: str) -> str:
        """The model's reply to a prompt.

        Raises:
            EndpointError: unreachable, or an error status, after a few tries.
            MalformedReplyError: a reply without a text in it.
        """
        body = json.dumps(
            {
                "model": self.model,
                "messages": [{"role": "user", "content": prompt}],
                "temperature": self.temperature,
                "max_tokens": MAX_TOKENS,
            }
        )
        for pause in (*_RETRY_PAUSES_S, None):
            try:
                status, data = self._post(body)
            except (OSError, http.client.HTTPException) as error:  # network
                fault = f"{type(error).__name__} {error}".strip()
            else:
                if status == http.HTTPStatus.OK:
                    return _content(data)
                fault = f"status {status}: {data[:200].decode(errors='replace')}"
                if status < 500 and status != http.HTTPStatus.TOO_MANY_REQUESTS:
                    break
            if pause is not None:
                time.sleep(pause)
        raise EndpointError(f"{self.url} gave no reply ({fault}): check --endpoint and --model")

    def _post(self, body: str) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        assert parts.hostname is not None  # checked when made
        connection = kind(parts.hostname, parts.port, timeout=self.timeout_s)
        headers = {"Content-Type": "application/json"}
        if key := os.environ.get(self.key_variable):
            headers["Authorization"] = f"Bearer {key}"
        try:
            path = parts.path.rstrip("/") + "/chat/completions"
            connection.request("POST", path, body=body.encode(), headers=headers)
            response = connection.getresponse()
            return response.status, response.read(MAX_REPLY_BYTES)
        finally:
            connection.close()


def _content(data: bytes) -> str:
    """The text of a reply; the server is not trusted to keep to the protocol."""
    try:
        value: Any = json.loads(data)
        content = value["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise MalformedReplyError(f"reply is no chat completion ({type(error).__name__})") from None
    if not isinstance(content, str):
        raise MalformedReplyError("reply holds no text")
    return content
