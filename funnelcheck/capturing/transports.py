"""httpx sends through transports: the synchronous one and the other end here for the hosts that are watched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from email.message import Message
from importlib import import_module
from typing import Any

from funnelcheck.capturing.sockets import replaced
from funnelcheck.capturing.wire import Sent, Taker, unpacked


def httpx(taker: Taker) -> Iterator[None]:
    """Clients with a transport of their own, as for an application in memory, are left alone."""
    library = import_module("httpx")

    def synchronous(original: Any) -> Any:
        def handle_request(self: Any, request: Any) -> Any:
            __tracebackhide__ = True
            known = taker.knows(request.url.host)
            return _answered(library, request, request.read(), taker) if known else original(self, request)

        return handle_request

    def asynchronous(original: Any) -> Any:
        async def handle_async_request(self: Any, request: Any) -> Any:
            __tracebackhide__ = True
            if not taker.knows(request.url.host):
                return await original(self, request)
            return _answered(library, request, await request.aread(), taker)

        return handle_async_request

    with ExitStack() as stack:
        stack.enter_context(replaced(library.HTTPTransport, "handle_request", synchronous))
        stack.enter_context(replaced(library.AsyncHTTPTransport, "handle_async_request", asynchronous))
        yield


def _answered(library: Any, request: Any, body: bytes, taker: Taker) -> Any:
    __tracebackhide__ = True
    headers = Message()
    for name, value in request.headers.items():
        headers[name] = value
    answer = taker.take(Sent(request.method, str(request.url), headers, unpacked(body, headers)))
    if isinstance(answer.error, TimeoutError):
        raise library.ReadTimeout(str(answer.error), request=request)
    if isinstance(answer.error, OSError):
        raise library.ReadError(str(answer.error), request=request)
    if answer.error is not None:
        raise answer.error
    return library.Response(answer.status, headers=answer.all_headers, content=answer.content)
