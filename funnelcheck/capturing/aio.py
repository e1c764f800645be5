"""aiohttp, which the SDK's asynchronous requests use, gets a connection whose other end is here."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from funnelcheck.capturing.sockets import replaced
from funnelcheck.capturing.wire import Taker, as_bytes, parse


def aiohttp(taker: Taker) -> Iterator[None]:
    """Only connections over TCP are watched."""

    def replacement(original: Any) -> Any:
        async def connection(self: Any, request: Any, *more: Any) -> Any:
            if not taker.knows(request.url.host):
                return await original(self, request, *more)
            protocol = self._factory()
            protocol.connection_made(_Transport(f"{request.url.scheme}://{request.url.host}", protocol, taker))
            return protocol

        return connection

    with replaced(import_module("aiohttp").TCPConnector, "_create_connection", replacement):
        yield


class _Transport(asyncio.Transport):
    """What a connection writes into; answers as soon as a request is whole."""

    def __init__(self, place: str, protocol: Any, taker: Taker) -> None:
        super().__init__()
        self._place, self._protocol, self._taker = place, protocol, taker
        self._sent, self._closed = bytearray(), False

    def write(self, data: Any) -> None:
        self._sent += data
        sent = parse(bytes(self._sent), self._place)
        if sent is not None:
            self._sent.clear()
            asyncio.get_running_loop().call_soon(self._answer, sent)

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.write(b"".join(list_of_data))

    def _answer(self, sent: Any) -> None:
        try:
            answer = self._taker.take(sent)
        except Exception as refusal:  # it must come up where the request was made, not in the loop
            self._protocol.set_exception(refusal)
            return
        if answer.error is not None:
            self._protocol.set_exception(answer.error)
        else:
            self._protocol.data_received(as_bytes(answer))

    def is_closing(self) -> bool:
        return self._closed

    def close(self) -> None:
        self._closed = True

    abort = close

    def get_write_buffer_size(self) -> int:
        return 0

    def ignore(self, *_: object, **__: object) -> None:
        """There is no flow to control."""

    pause_reading = resume_reading = set_write_buffer_limits = write_eof = ignore
