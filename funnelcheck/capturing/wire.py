"""HTTP/1.1 as bytes: what a client sent, and what it is answered."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Protocol

_NAMES = http.client.responses
_OF_THE_CONNECTION = ("connection", "keep-alive", "transfer-encoding", "content-length")  # not for an answer to say


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it went out."""

    method: str
    url: str
    headers: Message
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered, or the error that it meets on the way."""

    status: int = 200
    body: object = None  # text, bytes or what becomes JSON; None: nothing
    headers: Mapping[str, str] = field(default_factory=dict)
    error: Exception | None = None

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body or b""
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()

    @property
    def all_headers(self) -> dict[str, str]:
        """With what any server says; a connection serves one request, so that none outlives its test."""
        given = {name: value for name, value in self.headers.items() if name.lower() not in _OF_THE_CONNECTION}
        usual = {"Content-Type": "application/json; charset=UTF-8"}
        return usual | given | {"Connection": "close", "Content-Length": str(len(self.content))}


class Taker(Protocol):
    """Who takes requests in the network's place."""

    def knows(self, host: str | None) -> bool:
        """Whether requests to this host are taken."""

    def take(self, sent: Sent) -> Answer:
        """Keep a request and answer it; RefusedCallError for one that is not about events."""


def as_bytes(answer: Answer) -> bytes:
    """An answer as a server writes it."""
    head = f"HTTP/1.1 {answer.status} {_NAMES.get(answer.status, 'Unknown')}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in answer.all_headers.items())
    return head.encode("latin-1") + b"\r\n" + answer.content


def parse(data: bytes, place: str) -> Sent | None:
    """The request that the bytes hold, to `place` (scheme and host); None while some of it is missing."""
    head, found, rest = data.partition(b"\r\n\r\n")
    if not found:
        return None
    line, _, lines = head.partition(b"\r\n")
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers = http.client.parse_headers(io.BytesIO(lines + b"\r\n\r\n"))
    if "chunked" in headers.get("Transfer-Encoding", "").lower():
        body = _unchunked(rest)
    else:
        length = int(headers.get("Content-Length", 0))
        body = rest[:length] if len(rest) >= length else None
    if body is None:
        return None
    return Sent(method, target if "://" in target else place + target, headers, unpacked(body, headers))


def unpacked(body: bytes, headers: Message) -> bytes:
    """A body without its compression; one that is none stays as it is."""
    encoding = headers.get("Content-Encoding", "").strip().lower()
    try:
        if encoding == "gzip":
            return gzip.decompress(body)
        return zlib.decompress(body) if encoding == "deflate" else body
    except (OSError, EOFError, zlib.error):
        return body


def _unchunked(rest: bytes) -> bytes | None:
    body = b""
    while True:
        size, found, rest = rest.partition(b"\r\n")
        if not found:
            return None
        length = int(size.split(b";")[0], 16)
        if len(rest) < length + 2:
            return None
        if length == 0:
            return body
        body, rest = body + rest[:length], rest[length + 2 :]
