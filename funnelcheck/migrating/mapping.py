"""What names of App Events become in the Conversions API: sql/app_migration.toml as values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from funnelcheck import resources


@dataclass(frozen=True, slots=True)
class EventName:
    """What an event is called, what Meta refuses it without, and what a person has to decide about it."""

    to: str
    source: str
    needs: tuple[str, ...] = ()
    decide: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """Where a parameter goes (`section` None: the event itself) and in which form; left out where `to` is None."""

    to: str | None
    section: str | None
    place: str  # both, like custom_data.value
    form: str
    source: str
    why: str | None


@dataclass(frozen=True, slots=True)
class Names:
    """All names that are known, each with its source."""

    install: EventName
    events: Mapping[str, EventName]
    parameters: Mapping[str, Field]  # of an event
    request: Mapping[str, Field]
    silent: frozenset[str]  # names of a request that say nothing to carry
    person: Mapping[str, str]  # of ud
    texts: frozenset[str]  # names of custom_data that are Meta's own: texts
    typed: frozenset[str]  # and others
    sources: Mapping[str, str]


@cache
def names() -> Names:
    """As they are shipped."""
    data = tomllib.loads((resources.folder("sql") / "app_migration.toml").read_text(encoding="utf-8"))
    return Names(
        install=_event(data["install"]),
        events={name: _event(entry) for name, entry in data["event"].items()},
        parameters={name: _field(entry) for name, entry in data["parameter"].items()},
        request={name: _field(entry) for name, entry in data["request"].items()},
        silent=frozenset(data["silent"]["names"]),
        person=data["person"],
        texts=frozenset(data["custom_data"]["text"]),
        typed=frozenset(data["custom_data"]["typed"]),
        sources=data["source"],
    )


def _event(entry: Mapping[str, Any]) -> EventName:
    return EventName(entry["to"], entry["source"], tuple(entry.get("needs", ())), entry.get("decide"))


def _field(entry: Mapping[str, Any]) -> Field:
    place = entry.get("to", "")
    section, _, name = place.rpartition(".")
    return Field(name or None, section or None, place, entry.get("form", ""), entry["source"], entry.get("why"))
