"""Payloads inside a log of other things: JSON objects and form bodies, wherever a line holds one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from funnelcheck.validation.decoding import Found, decode
from funnelcheck.validation.places import NotJsonError
from funnelcheck.validation.records import Document, Record, Text

_FORM = re.compile(r"(?:^|&)data=")
_ENCODED = re.compile(r"\bdata=%(?:5B|7B)", re.IGNORECASE)
_EDGE = re.compile(r"[\s\"'<>]")
_Take = Callable[[Text, int, Any, int], None]


def search(text: Text, take: _Take) -> None:
    """Take every payload that a line holds, and count the lines that hold none; `take` makes records of a value."""
    at, in_block = 0, False  # within what is told of already: the lines of one payload that is no JSON
    is_app = APP.search(text.content) is not None
    while at < len(text.content):
        end = text.content.find("\n", at)
        end = len(text.content) if end < 0 else end
        line = text.content[at:end].strip()
        taken = _take_request(text, at, end, take) if is_app else _take_objects(text, at, end, take)
        if taken is None and _FORM.search(line) and " " not in line:
            document = Document(text, at, text.next_number, is_json=False)
            body = {"body": line}
            text.records.append(Record(document, "", json.dumps(body), body, {"/body": ""}))
        elif taken is None and (form := _encoded_form(text.content, at, end)):
            document = Document(text, form[0], text.next_number, is_json=False)
            body = {"body": form[1]}
            text.records.append(Record(document, "", json.dumps(body), body, {"/body": ""}))
        elif taken is None and (key := _EVENT_KEY.search(text.content, at, end)):
            if not in_block:
                text.refuse(key.start(), "a part of an event that is no JSON here", "log the payload as it is sent")
            in_block = True
            at = end + 1
            continue
        elif taken is None and line:
            text.passed_over += 1
        last = text.unreadable[-1].line if text.unreadable else None
        in_block = last is not None and last > text.line_and_column(at)[0]
        at = max(end, taken or 0) + 1


def _take_request(text: Text, start: int, end: int, take: _Take) -> int | None:
    """The same where App Events requests may be written as text: a command holds the object that it sends."""
    from funnelcheck.validation import apptexts  # few logs hold one

    is_command = "curl" in text.content[start:end].lstrip()[:8]
    taken = None if is_command else _take_objects(text, start, end, take)
    return apptexts.take(text, start, end) if taken is None else taken


def _take_objects(text: Text, start: int, end: int, take: _Take) -> int | None:
    """Take the payloads that begin on a line; where the last of them ends, None where there is none."""
    taken = None
    while (opening := text.content.find("{", start, end)) >= 0:
        try:
            found = _object_at(text.content, opening)
        except NotJsonError as error:
            if _BEGINNING.match(text.content, opening):
                text.refuse(error.offset, error.told, error.hint)
                return end
            found = None
        if found is None:
            start = opening + 1
            continue
        take(text, *found)
        start = taken = found[2]
    return taken


def _encoded_form(content: str, start: int, end: int) -> tuple[int, str] | None:
    """A form body, as the SDK encodes it, among other words of a line: its offset and its text."""
    found = _ENCODED.search(content, start, end)
    if found is None:
        return None
    before = [edge.end() for edge in re.finditer(r"[\s\"'<>?]", content[start : found.start()])]
    after = _EDGE.search(content, found.start(), end)
    begin = start + (before[-1] if before else 0)
    return begin, content[begin : after.start() if after else end]


def _object_at(content: str, start: int) -> Found | None:
    """The object that begins here, if it may be a payload; NotJsonError where it is no JSON."""
    value, end = decode(content, start)
    return (start, value, end) if isinstance(value, dict) and _may_be_payload(value) else None


_PAYLOAD_KEYS = frozenset(
    "data event event_name event_time user_data custom_data action_source request body params form log "
    "custom_events".split()
)
APP = re.compile(r"/activities\b|custom_events|CUSTOM_APP_EVENTS|MOBILE_APP_INSTALL")
_EVENT_KEY = re.compile(r"""(["'])(?:event_name|event_time|user_data|custom_data)\\*\1\s*:""")
_BEGINNING = re.compile(rf"""\{{\s*(["'])(?:{"|".join(sorted(_PAYLOAD_KEYS - {"log"}))})\1\s*:""")


def _may_be_payload(value: Mapping[str, Any]) -> bool:
    return not _PAYLOAD_KEYS.isdisjoint(value) or "/activities" in str(value.get("url", ""))
