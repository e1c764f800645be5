"""requests, urllib3 and urllib send into a socket that ends here: what they do above it, retries too, stays theirs."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any

from funnelcheck.capturing.wire import Taker, as_bytes, parse


class _Socket:
    """What http.client asks of a connected socket."""

    def __init__(self, place: str, taker: Taker) -> None:
        self._place, self._taker, self._sent = place, taker, bytearray()

    def sendall(self, data: Any) -> None:
        self._sent += data

    def makefile(self, *_: object, **__: object) -> io.BytesIO:
        """The answer: asked for when the request is whole."""
        __tracebackhide__ = True
        sent = parse(bytes(self._sent), self._place)
        if sent is None:
            raise ConnectionResetError("the request ended early")
        answer = self._taker.take(sent)
        if answer.error is not None:
            raise answer.error
        return io.BytesIO(as_bytes(answer))

    def ignore(self, *_: object) -> None:
        """Time-outs, options and the end mean nothing here."""

    settimeout = setsockopt = shutdown = close = ignore


def http_client(taker: Taker) -> Iterator[None]:
    """The standard library's clients."""
    return _connecting(import_module("http.client"), taker)


def urllib3(taker: Taker) -> Iterator[None]:
    """urllib3, and requests, which sends through it."""
    return _connecting(import_module("urllib3.connection"), taker)


def _connecting(module: Any, taker: Taker) -> Iterator[None]:
    with ExitStack() as stack:
        for scheme, connection in (("http", module.HTTPConnection), ("https", module.HTTPSConnection)):
            stack.enter_context(replaced(connection, "connect", _connect_for(scheme, taker)))
        yield


def _connect_for(scheme: str, taker: Taker) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def replacement(original: Callable[..., None]) -> Callable[..., None]:
        def connect(self: Any) -> None:
            host = getattr(self, "_tunnel_host", None) or self.host  # behind a proxy there is a tunnel
            if not taker.knows(host):
                return original(self)
            self.sock = _Socket(f"{scheme}://{host}", taker)
            self.is_verified = True  # urllib3 warns of a connection that is not
            return None

        return connect

    return replacement


@contextmanager
def replaced(owner: Any, name: str, make: Callable[[Any], Any]) -> Iterator[None]:
    """A function of a class that is another one for a while."""
    original = getattr(owner, name)
    setattr(owner, name, make(original))
    try:
        yield
    finally:
        setattr(owner, name, original)
