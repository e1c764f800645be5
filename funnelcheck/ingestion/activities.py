"""Logged App Events requests (/activities) read into temporary tables; what is hardly JSON is read leniently."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from funnelcheck.ingestion import forms, lenient
from funnelcheck.store import Store

_PORTION = 1 << 25  # characters that are read at a time
_PLACES = "record bigint, slot varchar, object varchar, transport varchar, repairs varchar"
_EVENTS = "record bigint, slot varchar, text varchar, repairs varchar"
_CONTENTS = "record bigint, position integer, text varchar, repairs varchar"


def read(store: Store, parameters: Mapping[str, Any]) -> None:
    """Make read_activity and read_app_event of the App Events among judged_record; nothing where there is none."""
    if not store.value("select count(*) > 0 from judged_record where activity is not null"):
        return
    portion = {"portion": _PORTION}
    store.run_file("ingest/activity_places.sql", portion)
    _read_odd(store, "place", _PLACES, lambda row: (row["record"], row["slot"], *_parameters(row["text"])))
    store.run_file("ingest/activity_fields.sql", portion)
    _read_odd(store, "events", _EVENTS, _events)
    store.run_file("ingest/activities.sql", parameters)
    store.run_file("ingest/app_events.sql", {**parameters, **portion})
    _read_odd(
        store, "content", _CONTENTS, lambda row: (row["record"], row["position"], *_told(lenient.read(row["text"])))
    )
    store.run_file("ingest/app_contents.sql")


def _read_odd(store: Store, kind: str, columns: str, reading: Callable[[Mapping[str, Any]], Sequence[Any]]) -> None:
    """The table lenient_KIND of odd_KIND, some at a time, so that a large log does not fill the memory."""
    store.put_rows(f"lenient_{kind}", columns, [])
    for portion in store.rows(f"select distinct portion from odd_{kind} order by all"):
        rows = store.rows(f"from odd_{kind} where portion = $portion", portion)
        store.add_rows(f"lenient_{kind}", columns, [reading(row) for row in rows])


def _events(row: Mapping[str, Any]) -> tuple[Any, ...]:
    if row["slot"] == "events":
        return row["record"], "events", *_told(lenient.events(row["text"]))
    people = lenient.read(row["text"]).text
    return row["record"], "ud", people if people and people.startswith("{") else None, None


def _told(found: lenient.Lenient) -> tuple[str | None, str | None]:
    return found.text, " ".join(found.repairs) or None


def _parameters(text: str) -> tuple[str | None, str, str | None]:
    """What a body or query says as a JSON object, how it was carried, and what had to be forgiven."""
    if text.lstrip()[:1] not in ("{", "["):
        found = forms.fields(text)
        transport = "multipart" if forms.is_multipart(text) else "form"
        return _object(found), transport, None
    read = lenient.read(text)
    if read.text is None:
        return None, "json", " ".join(read.repairs)
    whole = read.text.strip()
    if whole.startswith("["):
        return _object(_pairs(whole)), "json", None
    inner = whole[1:-1].strip()
    return f"{{{inner}}}" if inner else None, "json", " ".join(read.repairs) or None


def _object(found: Mapping[str, Any]) -> str | None:
    return json.dumps(found) if found else None


def _pairs(text: str) -> dict[str, Any]:
    """Parameters as a list of objects with name and value, or of pairs."""
    found: dict[str, Any] = {}
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        return found
    for one in listed:
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            found.setdefault(one["name"], one.get("value"))
        elif isinstance(one, list) and len(one) == 2 and isinstance(one[0], str):
            found.setdefault(one[0], one[1])
    return found
