"""Texts as records: what of a file is a payload, where it stands, and which places hold none."""

from __future__ import annotations

import base64
import binascii
import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from funnelcheck.masking import without_ids
from funnelcheck.payload import Unreadable
from funnelcheck.validation.places import NotJsonError, Span, UnclearJsonError, skip, spans, token

_FORM = re.compile(r"(?:^|&)data=")
_ENCODED = re.compile(r"\bdata=%(?:5B|7B)", re.IGNORECASE)
_EDGE = re.compile(r"[\s\"'<>]")
_LINE_ENDINGS = (".jsonl", ".ndjson")
_DEEP = "the JSON is nested too deep to be read"


@dataclass(frozen=True)
class Document:
    """One JSON value of a text, or one form body; `start` is its offset."""

    text: Text
    start: int
    number: int  # of the values of the text, from 0
    is_json: bool = True

    @cached_property
    def spans(self) -> Mapping[str, Span]:
        """Where each value of it stands, by pointer; worked out when something is to be shown."""
        if not self.is_json:
            return {"": Span(self.start, self.start)}
        try:
            return spans(self.text.content, self.start)
        except NotJsonError:  # what Python reads and JSON does not have
            return {"": Span(self.start, self.start)}

    def place(self, pointer: str) -> tuple[int, int]:
        """Line and column of a value, or of what holds it where a text hides it."""
        return self.text.line_and_column(self.span(pointer).place)

    def span(self, pointer: str) -> Span:
        """Where a value stands, or what holds it."""
        while pointer and pointer not in self.spans:
            pointer = pointer.rpartition("/")[0]
        return self.spans[pointer]


@dataclass
class Text:
    """A text with its name; knows on which line an offset lies."""

    name: str
    content: str
    records: list[Record] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    passed_over: int = 0  # lines of a log without a payload
    holds_nothing: bool = False  # neither a payload nor anything that looks like a broken one
    may_be_other: bool = False  # nobody said that it holds payloads: it only lies in a folder with some

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.content))]

    @cached_property
    def is_one_value(self) -> bool:
        """False for a text of several JSON values, like JSON Lines, whose pointers begin anew in each."""
        return len({record.document.number for record in self.records}) < 2

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Both from 1; the column in characters."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def refuse(self, offset: int | None, reason: str, hint: str | None = None) -> None:
        """Note that nothing is judged here; the reason may name what the file holds."""
        line, column = (None, None) if offset is None else self.line_and_column(offset)
        self.unreadable.append(Unreadable(self.name, line, column, without_ids(reason), hint))


@dataclass(frozen=True)
class Record:
    """What is judged as one: a request with what is logged around it, or an event. `value` is it as Python reads it.

    `json` is its text as it stands in the file, so that numbers are judged as they are written.
    """

    document: Document
    pointer: str  # of the record in its document
    json: str
    value: Any
    # a pointer in `value` -> in the document, where they differ
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def start(self) -> int:
        """The offset of its first character."""
        return self.document.span(self.pointer).start

    def pointer_of(self, inner: str) -> str:
        """The pointer from the document's root of a pointer into the record."""
        for here, there in self.places.items():
            if inner == here or inner.startswith(f"{here}/"):
                return there + inner.removeprefix(here)
        return self.pointer + inner


def read(name: str, content: str) -> Text:
    """Everything that a text holds, in its order; a text is never an error."""
    text = Text(name, content.removeprefix("\ufeff"))
    if not text.content.strip():
        text.refuse(None, "the file is empty", "give it one event or one request as JSON")
    elif text.content.lstrip()[0] in "{[" and (by_line := _by_line(text)) is not None:
        for document in by_line:
            _take(text, *document)
    elif text.content.lstrip()[0] in "{[" or name.lower().endswith(".json"):
        for document in _values(text):
            _take(text, *document)
    else:
        _search(text)
    if not text.records and not text.unreadable:
        text.holds_nothing = True
        text.refuse(None, "no event and no request in it", "give it one event or one request as JSON, or a form body")
    return text


def _decode(content: str, start: int) -> tuple[Any, int]:
    """The value that begins here, and where it ends; NotJsonError where it is none."""
    try:
        return _DECODER.raw_decode(content, start)
    except RecursionError:
        raise UnclearJsonError(start, _DEEP) from None
    except ValueError:
        spans(content, start)  # says why
        raise NotJsonError(start, "this is not JSON") from None


def _strict(word: str) -> Any:
    raise ValueError(word)


def _whole(digits: str) -> Any:
    """Python refuses to read thousands of digits; as a number they mean nothing anyway."""
    return int(digits) if len(digits) < 400 else float("inf")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


_DECODER = json.JSONDecoder(parse_constant=_strict, parse_int=_whole, object_pairs_hook=_object)
_Found = tuple[int, Any, int]  # offset, value, end


def _values(text: Text) -> Iterator[_Found]:
    """JSON values one behind the other, as far as they are JSON."""
    at, is_first = skip(text.content, 0), True
    while at < len(text.content):
        try:
            value, end = _decode(text.content, at)
        except NotJsonError as error:
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


def _by_line(text: Text) -> list[_Found] | None:
    """The values of JSON Lines, those left out that are broken; None for a text that is not written so."""
    starts = [found.start() for found in re.finditer(r"^[ \t]*\S", text.content, re.MULTILINE)]
    if len(starts) < 2 and not text.name.lower().endswith(_LINE_ENDINGS):
        return None
    found: list[_Found] = []
    broken: list[tuple[int, NotJsonError]] = []
    for start in starts:
        end = text.content.find("\n", start)
        line = text.content[start : end if end >= 0 else len(text.content)]
        at = start + skip(line, 0)
        try:
            value, stop = _decode(line, at - start)
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


def _search(text: Text) -> None:
    """Payloads inside a log of other things: form bodies and JSON objects, wherever a line holds one."""
    at, in_block = 0, False  # within what is told of already: the lines of one payload that is no JSON
    while at < len(text.content):
        end = text.content.find("\n", at)
        end = len(text.content) if end < 0 else end
        line = text.content[at:end].strip()
        taken = _take_objects(text, at, end)
        if taken is None and _FORM.search(line) and " " not in line:
            document = Document(text, at, _next_number(text), is_json=False)
            body = {"body": line}
            text.records.append(Record(document, "", json.dumps(body), body, {"/body": ""}))
        elif taken is None and (form := _encoded_form(text.content, at, end)):
            document = Document(text, form[0], _next_number(text), is_json=False)
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


def _take_objects(text: Text, start: int, end: int) -> int | None:
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
        _take(text, *found)
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


def _object_at(content: str, start: int) -> _Found | None:
    """The object that begins here, if it may be a payload; NotJsonError where it is no JSON."""
    value, end = _decode(content, start)
    return (start, value, end) if isinstance(value, dict) and _may_be_payload(value) else None


_PAYLOAD_KEYS = frozenset(
    "data event event_name event_time user_data custom_data action_source request body params form log".split()
)
_EVENT_KEY = re.compile(r"""(["'])(?:event_name|event_time|user_data|custom_data)\\*\1\s*:""")
_BEGINNING = re.compile(rf"""\{{\s*(["'])(?:{"|".join(sorted(_PAYLOAD_KEYS - {"log"}))})\1\s*:""")
_SENT = re.compile(r'"event_name\\*"\s*:')
_OURS = re.compile(r'\s*\{\s*"schema"\s*:\s*"funnelcheck/')  # a report of funnelcheck
# Reasons of ours and of sql/ingest.
_OTHERS = ("no event and no request", "neither an event nor a request", "looks like a l", "an App Events request")


def is_other(text: Text) -> bool:
    """Whether a text without payloads is about something else, rather than one that cannot be judged."""
    if any(not place.reason.startswith(_OTHERS) for place in text.unreadable):
        return False
    return _SENT.search(text.content) is None or _OURS.match(text.content) is not None


def _may_be_payload(value: Mapping[str, Any]) -> bool:
    return not _PAYLOAD_KEYS.isdisjoint(value)


def _next_number(text: Text) -> int:
    return text.records[-1].document.number + 1 if text.records else 0


def _take(text: Text, start: int, value: Any, end: int) -> None:
    """The records of one JSON value."""
    document = Document(text, start, _next_number(text))
    if isinstance(value, list):
        text.records.extend(_items(text, document, start, value))
    elif isinstance(value, dict) and isinstance(value.get("log"), dict) and "entries" in value["log"]:
        text.records.extend(_of_archive(document, value["log"]["entries"]))
    else:
        text.records.append(Record(document, "", text.content[start:end], value))


def _items(text: Text, document: Document, start: int, values: list[Any]) -> Iterator[Record]:
    at = start + 1
    for i, value in enumerate(values):
        at = skip(text.content, at)
        end = _DECODER.raw_decode(text.content, at)[1]
        yield Record(document, token(i), text.content[at:end], value)
        at = skip(text.content, end) + 1


def _of_archive(document: Document, entries: Any) -> Iterator[Record]:
    """The requests of an HTTP archive (HAR) that post events."""
    for i, entry in enumerate(entries if isinstance(entries, list) else []):
        sent = entry.get("request") if isinstance(entry, dict) else None
        if not isinstance(sent, dict) or not re.search(r"/[^/?]+/events(?:[/?]|$)", str(sent.get("url", ""))):
            continue
        base = f"/log/entries{token(i)}"
        body, place = _posted(sent.get("postData"), f"{base}/request/postData")
        if not body and "data=" in (query := urlsplit(str(sent["url"])).query):
            body, place = query, {"/request": f"{base}/request/url"}
        if not body:
            if str(sent.get("method", "POST")).upper() == "POST":
                where = document.span(f"{base}/request").place
                document.text.refuse(where, "the archive holds no body of this request", "export it with contents")
            continue
        value = {"url": sent["url"], "sent_at": entry.get("startedDateTime"), "request": body}
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
