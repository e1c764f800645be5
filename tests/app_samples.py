"""Logged requests to /activities as senders and logs write them: one request in every form."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

APP = "200000000000001"
DEVICE = "38400000-8cf0-11bd-b23e-10b96e40000d"
ADDRESS = f"https://graph.facebook.com/v19.0/{APP}/activities"
SENT = 1_790_000_000
EXTINFO = [
    "a2",
    "com.shop",
    12,
    "1.2",
    "14",
    "Pixel 8",
    "fr_FR",
    "CET",
    "SFR",
    1080,
    2400,
    "2,75",
    8,
    128,
    64,
    "Europe/Paris",
]

Fields = Mapping[str, Any]


def app_event(**changes: Any) -> dict[str, Any]:
    """A faultless purchase; a change to None leaves the key out."""
    whole = {
        "_eventName": "fb_mobile_purchase",
        "_logTime": SENT - 60,
        "event_id": "a-1",
        "fb_content": json.dumps([{"id": "1234", "quantity": 2}]),
        "fb_content_type": "product",
        "fb_num_items": 2,
        "_valueToSum": 21.97,
        "fb_currency": "GBP",
    } | changes
    return {key: value for key, value in whole.items() if value is not None}


def fields(*events: Any, **changes: Any) -> dict[str, Any]:
    """The parameters of a request with these events; a change to None leaves one out."""
    whole = {
        "event": "CUSTOM_APP_EVENTS",
        "advertiser_id": DEVICE,
        "advertiser_tracking_enabled": "1",
        "application_tracking_enabled": "1",
        "extinfo": EXTINFO,
        "ud": {"em": "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"},
        "custom_events": list(events) or [app_event()],
    } | changes
    return {key: value for key, value in whole.items() if value is not None}


def texts(given: Fields) -> dict[str, str]:
    """Parameters as texts, what is JSON as JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in given.items()
    }


def raw_query(given: Fields) -> str:
    """Parameters that nobody has encoded."""
    return "&".join(f"{name}={value}" for name, value in texts(given).items())


def with_brackets(given: Fields) -> dict[str, str]:
    """The same with ud[em]=… for ud={"em": …}."""
    found = texts({name: value for name, value in given.items() if name != "ud"})
    people = given.get("ud")
    return found | {f"ud[{name}]": value for name, value in (people if isinstance(people, dict) else {}).items()}


def in_parts(given: Fields, end: str = "\r\n", file: str = "custom_events_file") -> str:
    """A multipart body; the events are a file."""
    parts = []
    for name, value in texts(given).items():
        is_file = name == "custom_events"
        head = f'form-data; name="{file if is_file else name}"' + ('; filename="events"' if is_file else "")
        kind = f"Content-Type: content/unknown{end}" if is_file else ""
        parts.append(
            f"--3i2ndDfv2rTHiSisAbouNdArYfORhtTPEefj3q2f{end}Content-Disposition: {head}{end}{kind}{end}{value}{end}"
        )
    return "".join(parts) + f"--3i2ndDfv2rTHiSisAbouNdArYfORhtTPEefj3q2f--{end}"


def logged(**said: Any) -> dict[str, Any]:
    """A record of the log with what it says of the request."""
    return {"advertiser": "acme", "url": ADDRESS, "sent_at": SENT, "response": {"success": True}} | said


FORMS: dict[str, Callable[[Fields], dict[str, Any]]] = {
    "query, encoded": lambda f: logged(url=f"{ADDRESS}?{urlencode(texts(f))}"),
    "query, %20 for blanks": lambda f: logged(url=f"{ADDRESS}?{urlencode(texts(f), quote_via=quote)}"),
    "query, ud[em]= encoded": lambda f: logged(url=f"{ADDRESS}?{urlencode(with_brackets(f))}"),
    "query, not encoded": lambda f: logged(url=f"{ADDRESS}?{raw_query(f)}"),
    "query, ud[em]= not encoded": lambda f: logged(url=f"{ADDRESS}?{raw_query(with_brackets(f))}"),
    "query beside the address": lambda f: logged(query=urlencode(texts(f))),
    "query and body": lambda f: logged(
        url=f"{ADDRESS}?{urlencode({'event': f['event'], 'format': 'json'})}",
        body=urlencode(texts({k: v for k, v in f.items() if k != "event"})),
    ),
    "form": lambda f: logged(body=urlencode(texts(f))),
    "form, not encoded": lambda f: logged(body=raw_query({"format": "json"} | dict(f))),
    "form, ud[em]=": lambda f: logged(body=urlencode(with_brackets(f))),
    "form as request": lambda f: logged(request=urlencode(texts(f))),
    "form in form": lambda f: logged(form=texts(f)),
    "multipart, CRLF": lambda f: logged(body=in_parts(f)),
    "multipart, LF": lambda f: logged(body=in_parts(f, "\n")),
    "multipart, not a file": lambda f: logged(body=in_parts(f, file="custom_events")),
    "JSON body": lambda f: logged(body=dict(f)),
    "JSON body as text": lambda f: logged(body=json.dumps(f)),
    "JSON body as pretty text": lambda f: logged(body=json.dumps(f, indent=2)),
    "JSON body, events as text": lambda f: logged(body=texts(f)),
    "JSON body, a list of texts": lambda f: logged(
        body=dict(f) | {"custom_events": [json.dumps(one) for one in f["custom_events"]]}
    ),
    "params": lambda f: logged(params=dict(f)),
    "params as texts": lambda f: logged(params=texts(f)),
    "params with ud[em]": lambda f: logged(params=with_brackets(f)),
    "params as a list": lambda f: logged(params=[{"name": k, "value": v} for k, v in texts(f).items()]),
    "flat": lambda f: logged() | dict(f),
    "flat, events as text": lambda f: logged() | texts(f),
    "request": lambda f: _moved(logged(request={"method": "POST", "url": ADDRESS, "body": urlencode(texts(f))})),
    "request, JSON body": lambda f: _moved(logged(request={"url": ADDRESS, "headers": {"A": "b"}, "body": dict(f)})),
    "request, params": lambda f: _moved(logged(request={"url": ADDRESS, "params": dict(f)})),
    "request, only an address": lambda f: _moved(logged(request={"url": f"{ADDRESS}?{urlencode(texts(f))}"})),
    "request that holds the parameters": lambda f: logged(request=dict(f)),
    "HAR": lambda f: _moved(
        logged(
            request={
                "method": "POST",
                "url": ADDRESS,
                "headers": [{"name": "Host", "value": "graph.facebook.com"}],
                "postData": {"mimeType": "application/x-www-form-urlencoded", "text": urlencode(texts(f))},
            },
            response={"status": 200, "content": {"mimeType": "application/json", "text": '{"success":true}'}},
        )
    ),
}


def _moved(record: dict[str, Any]) -> dict[str, Any]:
    """The address stands in the request alone."""
    return {name: value for name, value in record.items() if name != "url"}
