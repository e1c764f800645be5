"""Where the events of a record lie: the same steps as sql/ingest/events.sql takes, with a pointer for each.

Texts that hold JSON, and form bodies, are walked through as if what they hold stood in their place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from funnelcheck.validation.places import token

_ABSENT: tuple[Any, ...] = (None, "", [], {})
_BODIES = ("request", "body", "params", "form")
_INNER_BODIES = ("body", "params", "form", "json")
_OF_REQUESTS = {"data", "partner_agent", "test_event_code", "access_token", "appsecret_proof"}
_EVENT_KEYS = ("event_name", "event_time", "user_data", "custom_data", "action_source")


@dataclass(frozen=True, slots=True)
class Trail:
    """The events of a record, each with its pointer, and the pointer and value of the body that holds their list."""

    events: tuple[tuple[str, Any], ...]
    body_pointer: str = ""
    body: Any = None

    def first_of(self, places: tuple[str, ...], record: Any, event: int | None) -> str:
        """The first of a rule's places that there is: within the event, `..` within its request, else the record.

        Where there is none, what would hold the first.
        """
        pointer, value = self.events[event] if event is not None else ("", record)
        for place in places:
            within, held = (self.body_pointer, self.body) if place.startswith("..") else (pointer, value)
            inner = place.removeprefix("..")
            if holds(held, inner):
                return within + inner
        return pointer


def trail(record: Any) -> Trail:
    """The trail of a record; without events where it holds none."""
    if not isinstance(record, dict):
        return Trail(())
    enveloped = decoded(record.get("event"))
    if isinstance(enveloped, dict):
        return Trail((("/event", enveloped),), "", record)
    for name in _BODIES:
        if _present(record.get(name)):
            return _of_exchange(_body(record[name]), token(name))
    if record.get("data") is not None:
        return _of_list(record["data"], "/data", "", record)
    if any(name in record for name in _EVENT_KEYS):
        return Trail((("", record),), "", record)
    return Trail(())


def single_event(record: Any) -> str | None:
    """Where a request holds an event in place of the list; other envelopes may call what they hold data as well."""
    if not isinstance(record, dict):
        return None
    body, place = (record["request"], "/request") if isinstance(record.get("request"), dict) else (record, "")
    held = body.get("data")
    is_alone = isinstance(held, dict) and not set(_EVENT_KEYS).isdisjoint(held)
    return f"{place}/data" if is_alone and body.keys() <= _OF_REQUESTS else None


def _of_exchange(sent: Any, pointer: str) -> Trail:
    if isinstance(sent, list):
        return _of_list(sent, pointer, pointer, {})
    if not isinstance(sent, dict):
        return Trail(())
    if not _present(sent.get("data")):
        for name in _INNER_BODIES:
            if _present(sent.get(name)):
                inner = _body(sent[name])
                if isinstance(inner, dict):
                    sent, pointer = inner, pointer + token(name)
                break
    if decoded(sent.get("data")) is not None:
        return _of_list(sent["data"], f"{pointer}/data", pointer, sent)
    return Trail(((pointer, sent),), pointer, sent) if "event_name" in sent else Trail(())


def _of_list(data: Any, pointer: str, body_pointer: str, body: Any) -> Trail:
    data = decoded(data)
    if isinstance(data, dict):
        return Trail(((pointer, data),), body_pointer, body)
    if not isinstance(data, list):
        return Trail(())
    events = tuple((pointer + token(i), decoded(one) if isinstance(one, str) else one) for i, one in enumerate(data))
    return Trail(events, body_pointer, body)


def hidden_texts(held: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Every text on the way to the events that means to be JSON, with its pointer; what is in it as well."""
    if isinstance(held, str):
        if held.lstrip()[:1] in ("{", "["):
            yield pointer, held
        inner = _body(held)
        if isinstance(inner, dict | list):
            yield from hidden_texts(inner, pointer)
    elif isinstance(held, list):
        for i, one in enumerate(held):
            if isinstance(one, str):
                yield from hidden_texts(one, pointer + token(i))
    elif isinstance(held, Mapping):
        for key in ("event", "data", *_BODIES, "json"):
            if isinstance(held.get(key), str | list | Mapping):
                yield from hidden_texts(held[key], pointer + token(key))


def decoded(value: Any) -> Any:
    """A value that may be JSON, or JSON in a text; None for any other text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _body(value: Any) -> Any:
    """The same of a body, which may be form-encoded too."""
    found = decoded(value)
    return _form(value) if found is None and isinstance(value, str) and "data=" in value else found


def _form(body: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in body.split("&"))
    return {unquote_plus(name): unquote_plus(value) for name, _, value in reversed(list(pairs))}


def _present(value: Any) -> bool:
    return value not in _ABSENT and value is not None


def holds(value: Any, pointer: str) -> bool:
    """Whether there is something at a pointer of keys."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = _body(value)
        if not isinstance(value, Mapping) or key not in value:
            return False
        value = value[key]
    return True
