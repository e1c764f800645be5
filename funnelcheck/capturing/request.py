"""What was sent to Meta, without its secrets: the body as text, its fields and its events."""

from __future__ import annotations

import email
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit, urlunsplit

from funnelcheck.capturing.wire import Sent

_SECRETS = ("access_token", "appsecret_proof")
_SECRET_MEMBER = re.compile(  # with one of the commas around it
    rf'(,\s*)?"(?:{"|".join(_SECRETS)})"\s*:\s*(?:"(?:\\.|[^"\\])*"|[^\s,}}\]]+)(?(1)|\s*,?)'
)
EVENTS_PATH = re.compile(r"/(?:v\d+(?:\.\d+)?/)?(?P<dataset>[^/]+)/(?P<edge>events|activities)/?")
_KEPT_HEADERS = ("Content-Type", "User-Agent", "X-Forwarded-For")


@dataclass(frozen=True)
class CapturedRequest:
    """One request about events. `url` and `body` never hold the access token; numbers stand as they were written."""

    url: str
    dataset_id: str  # of App Events the app's id
    body: str  # JSON, or a form's text; a multipart body as if it were a form's
    sent_at: float  # Unix seconds
    headers: Mapping[str, str] = field(default_factory=dict)  # of an App Events request those that are judged
    is_app: bool = False  # an App Events request

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON; else it is a form."""
        return self.body.lstrip()[:1] in ("{", "[")

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """The body's members, or the form's fields; nothing where it is neither."""
        if not self.is_json:
            return dict(parse_qsl(self.body, keep_blank_values=True))
        read = _read(self.body)
        return read if isinstance(read, dict) else {}

    @cached_property
    def events(self) -> tuple[Any, ...]:
        """What the code under test sent, in its order, each as an object however it was packed.

        An install is an event of its own: the parameters of its request.
        """
        if self.is_app:
            return _app_events(json.loads(self.record(int(self.sent_at))))
        data = self.fields.get("data")
        if isinstance(data, str):
            data = _read(data)
        return tuple(_read(one) if isinstance(one, str) else one for one in data) if isinstance(data, list) else ()

    def record(self, sent_at: int) -> str:
        """A line of a log that funnelcheck reads: the body exactly as it was sent, at this Unix time."""
        whole = self.is_json and _read(self.body) is not None
        request = re.sub(r"[\r\n]+", " ", self.body) if whole else json.dumps({"body": self.body})
        headers = f', "headers": {json.dumps(dict(self.headers))}' if self.headers else ""
        return f'{{"url": {json.dumps(self.url)}, "sent_at": {sent_at}{headers}, "request": {request}}}'


def captured(sent: Sent, sent_at: float) -> CapturedRequest | None:
    """What a request to Meta is about; None if not about events or App Events."""
    parts = urlsplit(sent.url)
    match = EVENTS_PATH.fullmatch(parts.path)
    if sent.method.upper() != "POST" or match is None:
        return None
    query, body = _without_secrets(parts.query), _text(sent)
    is_app = match["edge"] == "activities"
    if not body and "data=" in query and not is_app:
        query, body = "", query
    url = urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
    headers = {name: sent.headers[name] for name in _KEPT_HEADERS if name in sent.headers} if is_app else {}
    return CapturedRequest(url, unquote_plus(match["dataset"]), body, sent_at, headers, is_app)


def _app_events(record: Any) -> tuple[Any, ...]:
    from funnelcheck.validation.apptrail import trail

    way = trail(record)
    if not way.events and way.values.get("event") == "MOBILE_APP_INSTALL":
        return (way.values,)
    return tuple(event for _, event in way.events)


def _text(sent: Sent) -> str:
    if "multipart/form-data" in sent.headers.get("Content-Type", "").lower():
        return _without_secrets(urlencode(_parts(sent)))
    text = sent.body.decode("utf-8", errors="replace")
    if text.lstrip()[:1] in ("{", "["):
        return _SECRET_MEMBER.sub("", text)
    return _without_secrets(text)


def _parts(sent: Sent) -> list[tuple[str, str]]:
    head = f"Content-Type: {sent.headers['Content-Type']}\r\n\r\n".encode("latin-1")
    message: Message = email.message_from_bytes(head + sent.body)
    found = []
    for part in message.get_payload() if message.is_multipart() else []:
        if isinstance(part, Message):
            name, content = part.get_param("name", header="Content-Disposition"), part.get_payload(decode=True)
            found.append((str(name), content.decode("utf-8", "replace") if isinstance(content, bytes) else ""))
    return found


def _without_secrets(form: str) -> str:
    """Other fields stay letter by letter as they were sent."""
    fields = form.split("&")
    return "&".join(field for field in fields if unquote_plus(field.partition("=")[0]) not in _SECRETS)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
