"""HTTP archives (HAR): the requests that post events or App Events, each with its body and its answer."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from funnelcheck.validation.places import token
from funnelcheck.validation.records import Document, Record


def requests_of(document: Document, entries: Any) -> Iterator[Record]:
    """A record each; a request whose body the archive lacks is told as unreadable."""
    for i, entry in enumerate(entries if isinstance(entries, list) else []):
        sent = entry.get("request") if isinstance(entry, dict) else None
        meant = (
            re.search(r"/[^/?]+/(events|activities)(?:[/?]|$)", str(sent.get("url", "")))
            if isinstance(sent, dict)
            else None
        )
        if not isinstance(sent, dict) or meant is None:
            continue
        is_app = meant[1] == "activities"
        base = f"/log/entries{token(i)}"
        body, place = _posted(sent.get("postData"), f"{base}/request/postData")
        query = str(sent["url"]).partition("?")[2].partition("#")[0]  # urlsplit refuses addresses that are none
        if not body and "data=" in query and not is_app:
            body, place = query, {"/request": f"{base}/request/url"}
        if not body and not (is_app and "=" in query):
            if str(sent.get("method", "POST")).upper() == "POST":
                where = document.span(f"{base}/request").place
                document.text.refuse(where, "the archive holds no body of this request", "export it with contents")
            continue
        value = {"url": sent["url"], "sent_at": entry.get("startedDateTime"), "request": body}
        if is_app:
            value |= {"headers": sent.get("headers") or {}}
            place = {"/headers": f"{base}/request/headers", **place}
        places = {"/url": f"{base}/request/url", **place}
        value |= _answered(entry.get("response"))
        yield Record(document, base, json.dumps(value), value, places)


def _posted(held: Any, base: str) -> tuple[Any, dict[str, str]]:
    """The body of a request of an archive, and where its parts stand."""
    if not isinstance(held, dict):
        return None, {}
    if isinstance(held.get("params"), list) and held["params"]:
        named = [(i, one) for i, one in enumerate(held["params"]) if isinstance(one, dict)]
        body = {str(one.get("name")): _unquoted(one.get("value")) for _, one in named}
        return body, {f"/request{token(str(one.get('name')))}": f"{base}/params/{i}/value" for i, one in named}
    return held.get("text"), {"/request": f"{base}/text"}


def _unquoted(value: Any) -> Any:
    """Some browsers write the value of a field as it stands in the form."""
    is_encoded = isinstance(value, str) and value[:3].upper() in ("%5B", "%7B")
    return unquote(value.replace("+", " ")) if is_encoded else value


def _answered(held: Any) -> dict[str, Any]:
    if not isinstance(held, dict) or not held.get("status"):
        return {}
    content = held.get("content")
    body = content.get("text") if isinstance(content, dict) else None
    if isinstance(body, str) and isinstance(content, dict) and content.get("encoding") == "base64":
        with suppress(binascii.Error, ValueError):
            body = base64.b64decode(body).decode("utf-8", "replace")
    return {"response": {"status": held["status"], "body": body}}
