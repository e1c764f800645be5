"""Texts as records: JSON documents, JSON Lines, lists of either, archives, and logs that hold some."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from funnelcheck.validation.archives import requests_of
from funnelcheck.validation.decoding import DECODER, Found, decode
from funnelcheck.validation.excerpts import APP, search
from funnelcheck.validation.places import NotJsonError, skip, token
from funnelcheck.validation.records import Document, Record, Text

_APP_BODY = re.compile(r"""[{,]\s*["']?(?:custom_events|event["']?\s*:\s*["']?(?:CUSTOM_APP_|MOBILE_APP_I))""")
_LINE_ENDINGS = (".jsonl", ".ndjson")


def read(name: str, content: str) -> Text:
    """Everything that a text holds, in its order; a text is never an error."""
    text = Text(name, content.removeprefix("\ufeff"))
    if not text.content.strip():
        text.refuse(None, "the file is empty", "give it one event or one request as JSON")
    elif text.content.lstrip()[0] in "{[" and (by_line := _by_line(text)) is not None:
        for document in by_line:
            _take(text, *document)
    elif text.content.lstrip()[0] in "{[" or (name.lower().endswith(".json") and not APP.search(text.content)):
        for document in _values(text):
            _take(text, *document)
    else:
        search(text, _take)
    if not text.records and not text.unreadable:
        text.holds_nothing = True
        text.refuse(None, "no event and no request in it", "give it one event or one request as JSON, or a form body")
    return text


def _values(text: Text) -> Iterator[Found]:
    """JSON values one behind the other, as far as they are JSON."""
    at, is_first = skip(text.content, 0), True
    while at < len(text.content):
        try:
            value, end = decode(text.content, at)
        except NotJsonError as error:
            if is_first and _is_lenient_body(text, at):
                return
            if is_first or error.offset > at:
                text.refuse(error.offset, error.told, error.hint)
            else:
                text.refuse(at, "this is not JSON: more behind its end", "take away what stands from here on")
            return
        is_first = False
        yield at, value, end
        at = skip(text.content, end)
        if text.content[at : at + 1] == ",":
            text.refuse(at, "a comma between two values", "put them into a list [ ], or each on a line of its own")
            at = skip(text.content, at + 1)


def _is_lenient_body(text: Text, at: int) -> bool:
    """Whether what is hardly JSON could be taken all the same: the body of an App Events request."""
    if _APP_BODY.search(text.content, at) is None:
        return False
    from funnelcheck.validation import apptexts  # few bodies are hardly JSON

    return apptexts.take_broken(text, at, text.content[at:].rstrip())


def _by_line(text: Text) -> list[Found] | None:
    """The values of JSON Lines, those left out that are broken; None for a text that is not written so."""
    starts = [found.start() for found in re.finditer(r"^[ \t]*\S", text.content, re.MULTILINE)]
    if len(starts) < 2 and not text.name.lower().endswith(_LINE_ENDINGS):
        return None
    found: list[Found] = []
    broken: list[tuple[int, NotJsonError]] = []
    for start in starts:
        end = text.content.find("\n", start)
        line = text.content[start : end if end >= 0 else len(text.content)]
        at = start + skip(line, 0)
        try:
            value, stop = decode(line, at - start)
            rest = skip(line, stop)
            if rest < len(line):
                raise NotJsonError(rest, "more behind the value", "one value a line")
        except NotJsonError as error:
            broken.append((start + error.offset, error))
            continue
        found.append((at, value, start + stop))
    whole = [value for _, value, _ in found if isinstance(value, dict | list)]
    if not whole or (broken and len(broken) > len(found) and not text.name.lower().endswith(_LINE_ENDINGS)):
        return None
    for offset, fault in broken:
        text.refuse(offset, fault.told, fault.hint)
    return found


_SENT = re.compile(r'"(?:event_name|_eventName)\\*"\s*:')
_OURS = re.compile(r'\s*\{\s*"schema"\s*:\s*"funnelcheck/')  # a report of funnelcheck
# Reasons of ours and of sql/ingest.
_OTHERS = ("no event and no request", "neither an event nor a request", "looks like a l")


def is_other(text: Text) -> bool:
    """Whether a text without payloads is about something else, rather than one that cannot be judged."""
    if any(not place.reason.startswith(_OTHERS) for place in text.unreadable):
        return False
    return _SENT.search(text.content) is None or _OURS.match(text.content) is not None


def _take(text: Text, start: int, value: Any, end: int) -> None:
    """The records of one JSON value."""
    document = Document(text, start, text.next_number)
    if isinstance(value, list):
        text.records.extend(_items(text, document, start, value))
    elif isinstance(value, dict) and isinstance(value.get("log"), dict) and "entries" in value["log"]:
        text.records.extend(requests_of(document, value["log"]["entries"]))
    else:
        text.records.append(Record(document, "", text.content[start:end], value))


def _items(text: Text, document: Document, start: int, values: list[Any]) -> Iterator[Record]:
    at = start + 1
    for i, value in enumerate(values):
        at = skip(text.content, at)
        end = DECODER.raw_decode(text.content, at)[1]
        yield Record(document, token(i), text.content[at:end], value)
        at = skip(text.content, end) + 1
