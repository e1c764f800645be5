"""What is caught of each library is what a server on the network receives, and nothing else is touched."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import sys
import threading
import types
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import httpx
import pytest
import requests
import urllib3
from facebook_business.adobjects.adspixel import AdsPixel
from facebook_business.adobjects.serverside.action_source import ActionSource
from facebook_business.adobjects.serverside.custom_data import CustomData
from facebook_business.adobjects.serverside.event import Event
from facebook_business.adobjects.serverside.event_request import EventRequest
from facebook_business.adobjects.serverside.event_request_async import EventRequestAsync
from facebook_business.adobjects.serverside.user_data import UserData
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from funnelcheck.capturing import Capture, RefusedCallError, capture

GRAPH = "https://graph.facebook.com"
TOKEN = "EAAB-the-token"  # noqa: S105 - nobody's
EVENT = {
    "event_name": "Étape 2",
    "event_time": 1_790_000_000,
    "action_source": "system_generated",
    "user_data": {"lead_id": 10623693599458477},
    "custom_data": {"event_source": "crm", "lead_event_source": "Salesforce"},
}
BODY = {"data": [EVENT], "partner_agent": "datapartner"}
FORM = {"data": json.dumps([json.dumps(EVENT)]), "partner_agent": "datapartner"}


def place(base: str) -> str:
    return f"{base}/v25.0/1202835294530000/events"


@dataclass
class Server:
    """A server of this machine: where it is, and what it was sent (path and query, body)."""

    base: str = ""
    received: list[tuple[str, bytes]] = field(default_factory=list)


@pytest.fixture(scope="module")
def serving() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            server.received.append((self.path, self.body()))
            answer = b'{"events_received": 1, "messages": [], "fbtrace_id": "A"}'
            self.send_response(200)
            for name, value in (("Content-Type", "application/json"), ("Content-Length", len(answer))):
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(answer)

        def body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers["Content-Length"]))
            whole = b""
            while size := int(self.rfile.readline(), 16):
                whole += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return whole

        def log_message(self, *_: object) -> None:
            """Tests are silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        server.base = f"http://127.0.0.1:{running.server_port}"
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield server
        running.shutdown()


@pytest.fixture
def server(serving: Server) -> Server:
    serving.received.clear()
    return serving


async def _httpx_async(base: str, **given: Any) -> None:
    async with httpx.AsyncClient() as client:
        await client.post(place(base), **given)


async def _aiohttp(base: str, **given: Any) -> None:
    async with aiohttp.ClientSession() as session, session.post(place(base), **given) as response:
        assert (await response.json())["events_received"] == 1


def _urllib(base: str, body: bytes) -> None:
    with urllib.request.urlopen(urllib.request.Request(place(base), data=body)) as response:  # noqa: S310
        assert json.load(response)["events_received"] == 1


def _crm_event() -> Event:
    return Event(
        event_name="Étape 2",
        event_time=1_790_000_000,
        action_source=ActionSource.SYSTEM_GENERATED,
        user_data=UserData(lead_id="4820103573628105", email="jeanne@exemple.fr"),
        custom_data=CustomData(custom_properties={"event_source": "crm", "lead_event_source": "Salesforce"}),
    )


def _sdk(base: str, send: Callable[[], Any]) -> None:
    FacebookSession.GRAPH, before = base, FacebookSession.GRAPH
    try:
        FacebookAdsApi.init(access_token=TOKEN, app_secret="abc", crash_log=False)  # noqa: S106 - nobody's
        send()
    finally:
        FacebookSession.GRAPH = before


def _sdk_request() -> None:
    EventRequest(pixel_id="1202835294530000", events=[_crm_event()], partner_agent="datapartner").execute()


def _sdk_async() -> None:
    asyncio.run(EventRequestAsync(pixel_id="1202835294530000", events=[_crm_event()]).execute())


def _sdk_pixel() -> None:
    with warnings.catch_warnings(action="ignore"):  # it warns of events that are objects
        AdsPixel("1202835294530000").create_event(fields=[], params=BODY)


def _stream() -> Iterator[bytes]:
    yield from (json.dumps(BODY)[:40].encode(), json.dumps(BODY)[40:].encode())


SENDERS: dict[str, Callable[[str], Any]] = {
    "requests, JSON": lambda base: requests.post(place(base), json=BODY, timeout=5),
    "requests, a form": lambda base: requests.post(place(base), data=FORM, timeout=5),
    "requests, a form with a list": lambda base: requests.post(place(base), data=FORM | {"x": ["1", "2"]}, timeout=5),
    "requests, in pieces": lambda base: requests.post(place(base), data=_stream(), timeout=5),
    "a session of requests": lambda base: requests.Session().post(place(base), params={"x": "é &"}, json=BODY),
    "httpx, JSON": lambda base: httpx.post(place(base), json=BODY),
    "httpx, a form": lambda base: httpx.post(place(base), data=FORM),
    "httpx without waiting": lambda base: asyncio.run(_httpx_async(base, json=BODY)),
    "urllib3, JSON": lambda base: urllib3.PoolManager().request("POST", place(base), body=json.dumps(BODY)),
    "urllib3, a form": lambda base: urllib3.PoolManager().request(
        "POST", place(base), fields=FORM, encode_multipart=False
    ),
    "aiohttp, JSON": lambda base: asyncio.run(_aiohttp(base, json=BODY)),
    "aiohttp, a form": lambda base: asyncio.run(_aiohttp(base, data=FORM)),
    "urllib": lambda base: _urllib(base, json.dumps(BODY).encode()),
    "the SDK": lambda base: _sdk(base, _sdk_request),
    "the SDK without waiting": lambda base: _sdk(base, _sdk_async),
    "the SDK's AdsPixel": lambda base: _sdk(base, _sdk_pixel),
}


def without_token(text: str) -> str:
    """As the parts of a query are told apart, in the order in which they came."""
    parts = [part for part in text.split("&") if part.split("=")[0] not in ("access_token", "appsecret_proof")]
    return "&".join(parts)


@pytest.mark.parametrize("name", SENDERS)
def test_what_is_caught_is_what_a_server_receives(name: str, server: Server) -> None:
    SENDERS[name](server.base)
    ((path, body),) = server.received
    with capture() as capi:
        SENDERS[name](GRAPH)
    (caught,) = capi.requests
    assert len(server.received) == 1, "something went out although it was caught"
    parts = urlsplit(path)
    assert caught.url.rstrip("?") == (GRAPH + parts.path + "?" + without_token(parts.query)).rstrip("?")
    assert caught.body == (body.decode() if body[:1] == b"{" else without_token(body.decode()))
    assert caught.dataset_id == "1202835294530000"
    assert [event["event_name"] for event in capi.events] == ["Étape 2"]
    assert TOKEN not in repr(capi.requests)


@pytest.mark.parametrize(
    "send",
    [
        lambda fields: requests.post(place(GRAPH), files={k: (None, v) for k, v in fields.items()}, timeout=5),
        lambda fields: httpx.post(place(GRAPH), files={k: (None, v.encode()) for k, v in fields.items()}),
        lambda fields: urllib3.PoolManager().request("POST", place(GRAPH), fields=fields),
    ],
    ids=["requests", "httpx", "urllib3"],
)
def test_a_form_in_parts_is_read_as_any_form(send: Callable[[dict[str, str]], Any]) -> None:
    with capture() as capi:
        send(FORM | {"access_token": TOKEN})
    assert parse_qs(capi.requests[0].body) == {name: [value] for name, value in FORM.items()}
    assert capi.events == [EVENT]


SECRETS: dict[str, Callable[[], Any]] = {
    "in the query": lambda: requests.post(place(GRAPH), params={"access_token": TOKEN}, json=BODY, timeout=5),
    "in a form": lambda: requests.post(place(GRAPH), data=FORM | {"access_token": TOKEN}, timeout=5),
    "in JSON": lambda: requests.post(place(GRAPH), json={"access_token": TOKEN} | BODY, timeout=5),
    "in JSON between others, twice": lambda: requests.post(
        place(GRAPH),
        data=f'{{"data": {json.dumps([EVENT])} , "access_token":"{TOKEN}","appsecret_proof" : "{TOKEN}"'
        ', "partner_agent": 7}',
        timeout=5,
    ),
    "in JSON with other blanks": lambda: requests.post(
        place(GRAPH), data=json.dumps(BODY | {"access_token": f'"{TOKEN}'}, indent=1), timeout=5
    ),
    "in a header": lambda: requests.post(
        place(GRAPH), json=BODY, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=5
    ),
    "with nothing but the query": lambda: requests.post(place(GRAPH), params=FORM | {"access_token": TOKEN}, timeout=5),
}


@pytest.mark.parametrize("name", SECRETS)
def test_the_access_token_is_not_kept(name: str) -> None:
    with capture() as capi:
        SECRETS[name]()
    assert TOKEN not in repr(vars(capi)) + repr([vars(one) for one in capi.requests])
    assert dict(capi.requests[0].fields).keys() == BODY.keys()
    assert capi.events == [EVENT]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("{'data': []}", "request 1:1:2: this is not JSON: single quotes"),
        (json.dumps({"data": EVENT}), "put the event into a list"),
    ],
)
def test_why_a_body_holds_no_event_is_told(body: str, told: str) -> None:
    with capture() as capi:
        requests.post(place(GRAPH), data=body, timeout=5)
    with pytest.raises(AssertionError, match="hold no event") as failed:
        capi.assert_ready()
    assert told in str(failed.value)


def test_a_refused_call_is_named_without_its_token() -> None:
    with (
        capture() as capi,
        pytest.raises(RefusedCallError, match=r"GET https://graph\.facebook\.com/v25\.0/77:") as told,
    ):
        requests.get(f"{GRAPH}/v25.0/77", params={"access_token": TOKEN, "fields": "id"}, timeout=5)
    assert TOKEN not in str(told.value) + repr(capi.refused)
    with pytest.raises(AssertionError, match="not about events were refused:\nGET https://graph"):
        capi.assert_ready()


def test_aiohttp_and_httpx_are_refused_other_calls_too() -> None:
    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            await session.get(f"{GRAPH}/v25.0/77")

    with capture() as capi:
        for call in (lambda: asyncio.run(ask()), lambda: httpx.get(f"{GRAPH}/v25.0/77")):
            with pytest.raises(RefusedCallError, match="only POST to"):
                call()
    assert len(capi.refused) == 2


@pytest.mark.parametrize("name", SENDERS)
def test_calls_to_other_hosts_go_where_they_went(name: str, server: Server) -> None:
    with capture() as capi:
        SENDERS[name](server.base)
    assert len(server.received) == 1
    assert capi.requests == []


def test_a_gateway_of_ones_own_can_be_watched_too(server: Server) -> None:
    with capture() as capi:
        capi.hosts.add("127.0.0.1")
        SENDERS["requests, JSON"](server.base)
    assert (len(capi.requests), server.received) == (1, [])


def test_everything_is_as_before_afterwards() -> None:
    watched = [
        (urllib3.connection.HTTPSConnection, "connect"),
        (httpx.HTTPTransport, "handle_request"),
        (aiohttp.TCPConnector, "_create_connection"),
    ]
    before = [owner.__dict__[name] for owner, name in watched]
    with contextlib.suppress(ZeroDivisionError), capture():
        assert [owner.__dict__[name] for owner, name in watched] != before
        raise ZeroDivisionError
    assert [owner.__dict__[name] for owner, name in watched] == before


def test_one_connection_more_is_made_for_each_request_so_that_none_outlives_the_test(server: Server) -> None:
    session, client = requests.Session(), httpx.Client()
    for _ in range(2):
        with capture() as capi:
            session.post(place(GRAPH), json=BODY)
            session.post(place(GRAPH), json=BODY)
            client.post(place(GRAPH), json=BODY)
        assert len(capi.requests) == 3


def test_an_answer_cannot_keep_a_connection_open_beyond_the_test() -> None:
    with requests.Session() as session:
        with capture() as capi:
            capi.answer(200, {"ok": True}, headers={"Connection": "keep-alive", "Content-Length": "1", "X-Mine": "1"})
            answer = session.post(place(GRAPH), json=BODY)
            assert (answer.json(), answer.headers["X-Mine"]) == ({"ok": True}, "1")
        with capture() as capi:
            assert session.post(place(GRAPH), json=BODY).json()["events_received"] == 1
            assert len(capi.requests) == 1


def test_a_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with capture() as capi:
        requests.post(place(GRAPH), json=BODY, timeout=5)
        httpx.post(place(GRAPH), json=BODY)
        urllib3.ProxyManager("http://127.0.0.1:9").request("POST", place(GRAPH), body=json.dumps(BODY))
        _urllib(GRAPH, json.dumps(BODY).encode())
    assert capi.events == [EVENT] * 4


def test_numbers_and_compressed_bodies_are_kept_as_they_were_written() -> None:
    text = '{"data": [{"user_data": {"lead_id": 1.0623693599458477E+16}}]}'
    with capture() as capi:
        requests.post(place(GRAPH), data=gzip.compress(text.encode()), headers={"Content-Encoding": "gzip"}, timeout=5)
    assert capi.requests[0].body == text
    assert '"lead_id": 1.0623693599458477E+16' in capi.requests[0].record(0)


# How an error of Meta's, a time-out and a lost connection come up in each library.
def _raise_for_status(library: Any) -> Any:
    return library.post(place(GRAPH), json=BODY, timeout=5).raise_for_status()


def test_meta_s_errors_come_up_in_each_library() -> None:
    with capture() as capi:
        capi.answer_error(190, 460, message="The session was invalidated")
        answer = requests.post(place(GRAPH), json=BODY, timeout=5)
        assert (answer.status_code, answer.json()["error"]["error_subcode"]) == (400, 460)
        with pytest.raises(httpx.HTTPStatusError):
            _raise_for_status(httpx)
        with pytest.raises(FacebookRequestError) as told:
            _sdk(GRAPH, _sdk_request)
        assert (told.value.api_error_code(), told.value.api_error_subcode()) == (190, 460)
        with pytest.raises(urllib.error.HTTPError):
            _urllib(GRAPH, b"{}")


def test_an_answer_may_hold_for_a_number_of_requests() -> None:
    with capture() as capi:
        capi.answer(503, "busy", headers={"Retry-After": "0"}, times=2)
        capi.answer_error(613, times=1)
        statuses = [requests.post(place(GRAPH), json=BODY, timeout=5).status_code for _ in range(4)]
    assert statuses == [503, 503, 400, 200]


def test_a_client_that_tries_again_does_so() -> None:
    session = requests.Session()
    retry = urllib3.Retry(total=3, status_forcelist=[503], allowed_methods=["POST"], backoff_factor=0)
    session.mount("https://", requests.adapters.HTTPAdapter(max_retries=retry))
    with capture() as capi:
        capi.answer(503, times=2)
        assert session.post(place(GRAPH), json=BODY).status_code == 200
        capi.answer(500)
        assert requests.post(place(GRAPH), json=BODY, timeout=5).text == ""
    assert len(capi.requests) == 4


def test_a_library_that_is_not_there_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    monkeypatch.setitem(sys.modules, "aiohttp", types.ModuleType("aiohttp"))
    with capture() as capi:
        requests.post(place(GRAPH), json=BODY, timeout=5)
    assert capi.events == [EVENT]


def test_time_outs_and_lost_connections_are_each_library_s_own() -> None:
    lost, late = ConnectionResetError("lost"), TimeoutError("late")
    cases: list[tuple[Exception, Callable[[], Any], type[Exception]]] = [
        (lost, lambda: _raise_for_status(requests), requests.ConnectionError),
        (late, lambda: _raise_for_status(requests), requests.ReadTimeout),
        (lost, lambda: _raise_for_status(httpx), httpx.ReadError),
        (late, lambda: _raise_for_status(httpx), httpx.ReadTimeout),
        (lost, lambda: asyncio.run(_aiohttp(GRAPH, json=BODY)), aiohttp.ClientOSError),
        (late, lambda: asyncio.run(_aiohttp(GRAPH, json=BODY)), TimeoutError),
    ]
    with capture() as capi:
        for error, send, expected in cases:
            capi.answer(error=error)
            with pytest.raises(expected):
                send()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (None, "Nothing was posted to https://graph.facebook.com/"),
        ({"data": []}, r"The requests to Meta \(1\) hold no event"),
        ({"data": "[{"}, "hold no event"),
    ],
)
def test_a_test_in_which_nothing_was_sent_fails(sent: object, told: str) -> None:
    with capture() as capi:
        if sent is not None:
            requests.post(place(GRAPH), json=sent, timeout=5)
    with pytest.raises(AssertionError, match=told):
        capi.assert_ready()


def test_a_capture_is_part_of_the_public_api() -> None:
    import funnelcheck

    assert (funnelcheck.capture, funnelcheck.Capture) == (capture, Capture)


# --- App Events -----------------------------------------------------------------------------------------------

APP_EVENT = {"_eventName": "Contact", "event_id": "c-1", "_logTime": 1_790_000_000}
APP_FORM = {
    "event": "CUSTOM_APP_EVENTS",
    "advertiser_id": "0c7a2b1e-5d3f-4a6b-8c9d-0e1f2a3b4c5d",
    "advertiser_tracking_enabled": "1",
    "application_tracking_enabled": "1",
    "custom_events": json.dumps([APP_EVENT]),
}
APP_SENDERS: dict[str, Callable[[str, dict[str, str]], Any]] = {
    "a form": lambda base, form: requests.post(app_place(base), data=form, timeout=5),
    "the query": lambda base, form: requests.post(app_place(base), params=form, timeout=5),
    "JSON": lambda base, form: requests.post(app_place(base), json=form, timeout=5),
    "parts": lambda base, form: requests.post(
        app_place(base), files={k: (None, v) for k, v in form.items()}, timeout=5
    ),
    "httpx": lambda base, form: httpx.post(app_place(base), data=form),
    "the query and a form": lambda base, form: requests.post(
        app_place(base),
        params={key: form[key] for key in ("event", "advertiser_id")},
        data={key: form[key] for key in form if key not in ("event", "advertiser_id")},
        timeout=5,
    ),
}


def app_place(base: str) -> str:
    return f"{base}/v25.0/1234567/activities"


@pytest.mark.parametrize("name", APP_SENDERS)
def test_app_events_are_caught_as_a_server_receives_them_and_judged(name: str, server: Server) -> None:
    APP_SENDERS[name](server.base, APP_FORM)
    ((path, body),) = server.received
    with capture() as capi:
        answer = APP_SENDERS[name](GRAPH, APP_FORM | {"access_token": TOKEN})
        APP_SENDERS[name](GRAPH, APP_FORM | {"custom_events": "[]", "event": "INSTALL"})
    assert answer.json() == {"success": True}
    assert len(server.received) == 1, "something went out although it was caught"
    right, wrong = capi.requests
    assert urlsplit(right.url).query == urlsplit(path).query
    if name not in ("parts", "JSON"):
        assert right.body == body.decode()
    assert (right.dataset_id, right.events, wrong.events) == ("1234567", (APP_EVENT,), ())
    assert TOKEN not in repr(capi.requests)
    told = {(one.path, one.code) for one in capi.validation(as_of=1_790_000_000).findings}
    assert {path for path, _ in told} == {"request 2"}
    assert ("request 2", "APP002") in told


def test_an_install_is_something_to_judge_and_faults_are_told() -> None:
    with capture() as capi:
        requests.post(app_place(GRAPH), data={"event": "MOBILE_APP_INSTALL"}, timeout=5)
    assert capi.events == [{"event": "MOBILE_APP_INSTALL"}]
    with pytest.raises(AssertionError, match="APP003 required"):
        capi.assert_ready()
    capi.assert_ready(ignore=["APP003"])
    with pytest.raises(AssertionError, match="An install says"):
        capi.assert_ready(select="APP")


def test_headers_that_are_judged_are_caught_with_app_events() -> None:
    headers = {"X-Forwarded-For": "192.168.0.7", "Authorization": f"Bearer {TOKEN}"}
    with capture() as capi:
        requests.post(app_place(GRAPH), data=APP_FORM, headers=headers, timeout=5)
    assert [one.code for one in capi.validation(as_of=1_790_000_000).findings] == ["APP023"]
    assert TOKEN not in repr(capi.requests)
