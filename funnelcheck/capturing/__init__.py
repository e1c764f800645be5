"""Catches what code posts to Meta's APIs for events, answers it like Meta, and judges it; nothing leaves the machine.

with funnelcheck.capture() as capi:
    sync_leads_to_meta()
capi.assert_ready()
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from funnelcheck.capturing.aio import aiohttp
from funnelcheck.capturing.request import CapturedRequest, captured
from funnelcheck.capturing.sockets import http_client, urllib3
from funnelcheck.capturing.transports import httpx
from funnelcheck.capturing.wire import Answer, Sent, Taker

if TYPE_CHECKING:
    from funnelcheck.config import Config
    from funnelcheck.model import FailOn
    from funnelcheck.payload import PayloadFinding, Validation

__all__ = ["Capture", "CapturedRequest", "RefusedCallError", "capture"]
_TRACE = "AFunnelcheckAnswersInMetasPlace"
_LIBRARIES: dict[str, Callable[[Taker], Iterator[None]]] = {
    "http": http_client,
    "urllib3": urllib3,
    "httpx": httpx,
    "aiohttp": aiohttp,
}


class RefusedCallError(Exception):
    """The code under test called Meta about something else than events."""


class Capture:
    """What was caught, what it is answered, and how it is judged."""

    def __init__(self, config: Config | Path | str | None = None) -> None:
        """`config`: as `funnelcheck validate --config`; its [gate] says what counts, its [partner] who sends."""
        self.hosts = {"graph.facebook.com"}
        self.requests: list[CapturedRequest] = []
        self.refused: list[str] = []
        self._config = config
        self._answers: list[Answer] = []
        self._usual = Answer()

    @property
    def events(self) -> list[Any]:
        """Of all requests, in the order of sending."""
        return [event for request in self.requests for event in request.events]

    @property
    def findings(self) -> tuple[PayloadFinding, ...]:
        """All that is at fault, whatever counts."""
        return self.validation().findings

    def answer(
        self,
        status: int = 200,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
        error: Exception | None = None,
        times: int | None = None,
    ) -> None:
        """What the next `times` requests are answered; without a number all from now on.

        `body`: text, bytes or what becomes JSON; without one what Meta says of events that it takes, and nothing from
        status 400. `error`: what happens on the way, TimeoutError() or ConnectionResetError(), which each library
        raises as one of its own.
        """
        answer = Answer(status, body, headers or {}, error)
        if times is None:
            self._answers, self._usual = [], answer
        else:
            self._answers += [answer] * times

    def answer_error(
        self, code: int, subcode: int | None = None, *, status: int = 400, times: int | None = None, **more: object
    ) -> None:
        """An error in Meta's form, like 190 (the token), 613 (too many calls), 100 with 2804003 (an event too old).

        `more`: other members of the error, like message (default "Error 190"), is_transient, error_user_title.
        """
        error: dict[str, object] = {"message": f"Error {code}", "type": "OAuthException", "code": code}
        error |= {} if subcode is None else {"error_subcode": subcode}
        self.answer(status, {"error": error | more | {"fbtrace_id": _TRACE}}, times=times)

    def validation(
        self,
        *,
        as_of: datetime | str | float | None = None,
        guide: str | None = None,
        partner_agent: str | None = None,
    ) -> Validation:
        """What funnelcheck says of the requests, each at its time of sending or all at `as_of`."""
        from funnelcheck.capturing import judging

        config = judging.settings(self._config, partner_agent)
        return judging.validation(self.requests, config, _seconds(as_of), guide)

    def assert_ready(
        self,
        *,
        as_of: datetime | str | float | None = None,
        fail_on: FailOn | str | None = None,
        select: Iterable[str] | str = (),
        ignore: Iterable[str] | str = (),
        guide: str | None = None,
        partner_agent: str | None = None,
    ) -> None:
        """AssertionError, which tells each finding and what would be right, unless events were sent and are right.

        What is not given comes from [gate] of the configuration. `fail_on`: required (default) or recommended;
        `select`, `ignore`: codes and areas.
        """
        __tracebackhide__ = True
        from funnelcheck.capturing import judging

        told = self._nothing_to_judge()
        if not told:
            config = judging.settings(self._config, partner_agent)
            counting = judging.policy(config, fail_on, select, ignore, guide)
            told = judging.complaint(judging.validation(self.requests, config, _seconds(as_of), guide), counting)
        if told:
            raise AssertionError(told)

    def _nothing_to_judge(self) -> str:
        if self.refused:
            return "Calls to Meta that are not about events were refused:\n" + "\n".join(self.refused)
        if not self.requests:
            return (
                f"Nothing was posted to https://{min(self.hosts)}/VERSION/DATASET_ID/events. "
                "Nor were App Events to /VERSION/APP_ID/activities."
            )
        if self.events:
            return ""
        from funnelcheck.capturing import judging

        told = f"The requests to Meta ({len(self.requests)}) hold no event."
        return "\n".join([told, *judging.troubles(self.validation()), *judging.slips(self.requests)])

    def knows(self, host: str | None) -> bool:
        """Whether requests to this host are taken."""
        return host is not None and host.lower() in self.hosts

    def take(self, sent: Sent) -> Answer:
        """Keep a request and answer it; RefusedCallError for one that is not about events."""
        __tracebackhide__ = True
        request = captured(sent, time.time())
        if request is None:
            parts = urlsplit(sent.url)
            self.refused.append(f"{sent.method} {parts.scheme}://{parts.netloc}{parts.path}")
            raise RefusedCallError(
                f"{self.refused[-1]}: only POST to .../DATASET_ID/events or .../APP_ID/activities is answered in a "
                "test; nothing was sent. "
                "Let the test stand in for other calls itself."
            )
        self.requests.append(request)
        answer = self._answers.pop(0) if self._answers else self._usual
        if answer.body is not None or answer.error is not None or answer.status >= 400:
            return answer
        if request.is_app:
            return Answer(answer.status, {"success": True}, answer.headers)
        taken = {"events_received": len(request.events), "messages": [], "fbtrace_id": _TRACE}
        return Answer(answer.status, taken, answer.headers)


@contextmanager
def capture(config: Config | Path | str | None = None) -> Iterator[Capture]:
    """Watch requests, urllib3, httpx, aiohttp, urllib and so the official SDK, as far as they are installed."""
    taken = Capture(config)
    with ExitStack() as stack:
        for name, watch in _LIBRARIES.items():
            if _is_installed(name):
                stack.enter_context(contextmanager(watch)(taken))
        yield taken


def _is_installed(name: str) -> bool:
    """Whether a library is there, and no test's stand-in for it or for its absence."""
    try:
        return find_spec(name) is not None and hasattr(import_module(name), "__file__")
    except (ImportError, ValueError):
        return False


def _seconds(moment: datetime | str | float | None) -> float | None:
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return moment
