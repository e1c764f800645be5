"""Where the parameters and the events of an App Events request lie: in its body, its address, or beside each other.

The same places as sql/ingest looks at, what is nearest to the body first, with a pointer for each; texts that hold
JSON, forms and queries are walked through as if what they hold stood in their place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from funnelcheck.ingestion import forms, lenient
from funnelcheck.validation.decoding import whole
from funnelcheck.validation.places import token

_ABSENT: tuple[Any, ...] = (None, "", [], {})
_BODIES = ("body", "json", "data", "form", "params", "query")
_LISTS = ("custom_events", "custom_events_file")


@dataclass(frozen=True)
class AppTrail:
    """The parameters of a request by name, each with its pointer and value; `base`: where one that lacks belongs."""

    record: Any
    parameters: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    base: str = ""

    @cached_property
    def events(self) -> tuple[tuple[str, Any], ...]:
        """The elements of custom_events, each with its pointer."""
        pointer, value = next((self.parameters[name] for name in _LISTS if name in self.parameters), ("", None))
        if isinstance(value, str):
            read = lenient.events(value).text
            value = None if read is None else _strict(read)
        if isinstance(value, Mapping):
            return ((pointer, value),)
        if not isinstance(value, list):
            return ()
        return tuple((pointer + token(i), opened(one)) for i, one in enumerate(value))

    @property
    def values(self) -> dict[str, Any]:
        """The parameters by name, without their places."""
        return {name: value for name, (_, value) in self.parameters.items()}

    def first_of(self, places: tuple[str, ...], event: int | None, *, in_record: bool) -> str:
        """The first of a rule's places that there is: `..` within the parameters, else within the event.

        `in_record`: the rule is about the request, and its places are in what is logged. Where there is none of them,
        what would hold the first.
        """
        there = event is not None and event < len(self.events)
        within, held = self.events[event] if there and event is not None else (self.base, None)
        if in_record:
            within, held = "", self.record
        for place in places:
            if place.startswith(".."):
                found = self.parameter(place.removeprefix(".."))
            else:
                found = within if not place else _reached(held, place, within)
            if found is not None:
                return found
        return within

    def parameter(self, pointer: str) -> str | None:
        """Where in the record a pointer into the parameters leads; None where there is nothing."""
        if not pointer:
            return self.base
        name, _, rest = pointer[1:].partition("/")
        names = [one for one in self.parameters if one == name or one.startswith(f"{name}[") or one == f"{name}_file"]
        if not names:
            return None
        place, value = self.parameters[name if name in names else names[0]]
        return _reached(value, f"/{rest}", place) if rest else place


def trail(record: Any) -> AppTrail:
    """The trail of a record that is an App Events request."""
    if not isinstance(record, Mapping):
        return AppTrail(record)
    found: dict[str, tuple[str, Any]] = {}
    base = None
    for pointer, held in _places(record):
        named = _parameters(held, pointer)
        if named and base is None:
            base = pointer
        for name, (place, value) in named.items():
            if name not in found or found[name][1] in _ABSENT:
                found[name] = place, value
    return AppTrail(record, found, base if base is not None else next((p for p, _ in _places(record)), ""))


def _places(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What may hold parameters, with its pointer."""
    inner = record.get("request")
    request = inner if isinstance(inner, Mapping) else {}
    posted = request.get("postData")
    for name in _BODIES[:4]:
        yield from _held(request, name, "/request")
    if isinstance(posted, Mapping):
        yield from _held(posted, "text", "/request/postData")
        yield from _held(posted, "params", "/request/postData")
    for name in ("body", "form", "data"):
        yield from _held(record, name, "")
    if inner not in _ABSENT and not request:
        yield "/request", inner
    for outer, within in ((request, "/request"), (record, "")):
        yield from _held(outer, "params", within)
    for outer, within in ((request, "/request"), (record, "")):
        yield from _held(outer, "query", within)
    for outer, within in ((request, "/request"), (record, "")):
        url = outer.get("url")
        if isinstance(url, str) and "?" in url:
            yield f"{within}/url", url.partition("?")[2]
    for outer, within in ((request, "/request"), (record, "")):
        if any(name in outer for name in ("event", *_LISTS)):
            yield within, outer


def _held(outer: Mapping[str, Any], name: str, within: str) -> Iterator[tuple[str, Any]]:
    if outer.get(name) not in _ABSENT:
        yield within + token(name), outer[name]


def _parameters(held: Any, pointer: str) -> dict[str, tuple[str, Any]]:
    """The parameters that one place holds: an object, names with values, or a text that is one of them."""
    if isinstance(held, str):
        if held.lstrip()[:1] not in ("{", "["):
            return {name: (pointer + token(name), value) for name, value in forms.fields(held).items()}
        read = lenient.read(held).text
        held = None if read is None else _strict(read)
    if isinstance(held, Mapping):
        return {str(name): (pointer + token(name), value) for name, value in held.items()}
    found: dict[str, tuple[str, Any]] = {}
    for i, one in enumerate(held if isinstance(held, list) else ()):
        if isinstance(one, Mapping) and isinstance(one.get("name"), str):
            found.setdefault(one["name"], (f"{pointer}/{i}/value", one.get("value")))
        elif isinstance(one, list) and len(one) == 2 and isinstance(one[0], str):
            found.setdefault(one[0], (f"{pointer}/{i}/1", one[1]))
    return found


def opened(value: Any) -> Any:
    """A value, or what it means where it is a text that holds JSON."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    read = lenient.read(value).text
    return value if read is None else _strict(read)


def _strict(text: str) -> Any:
    try:
        return json.loads(text, parse_int=whole)
    except (ValueError, RecursionError):
        return None


def _reached(value: Any, pointer: str, within: str) -> str | None:
    """Where a pointer into a value leads, from `within`; names of HTTP headers are written in any case."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = opened(value)
        if isinstance(value, Mapping):
            name = next((one for one in value if str(one).lower() == key.lower()), None)
            if name is None:
                return None
            value, within = value[name], within + token(name)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value, within = value[int(key)], within + token(key)
        else:
            return None
    return within
