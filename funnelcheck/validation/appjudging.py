"""App Events requests among the records, judged by the rules' own SQL: which rule finds what at which event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from funnelcheck import eventrules, resources, rulebook, settings, sqlfile
from funnelcheck.config import Config
from funnelcheck.eventrules import APP
from funnelcheck.ingestion import activities
from funnelcheck.language import _
from funnelcheck.model import Rule
from funnelcheck.rulebook import Rulebook
from funnelcheck.store import Store
from funnelcheck.validation.judging import Fault, is_asked, message_of, of_requests
from funnelcheck.validation.records import Record

_EVER = 1 << 40  # whatever a request says of its time, it is judged
_MAKES = re.compile(r"create or replace temp (?:table|view) (\w+)")
_SETTINGS = (
    "advertiser_id varchar, time_zone varchar, server_to_server boolean, auto_logging boolean, anonymous_ids boolean"
)
_FAULTS = """
    select request_id, position, kind, event_name, faulty, warned, causes
    from app_event_judged
    where faulty | warned <> 0
"""
_EVENTS = "select record, event_count from read_request where channel = 'app'"


def judge(
    store: Store,
    records: Mapping[int, Record],
    config: Config,
    guide: str,
    parameters: Mapping[str, Any],
    *,
    at_rest: bool,
) -> tuple[list[Fault], dict[int, int]]:
    """What is at fault in `records`, the App Events requests of judged_record by number; how many events each holds."""
    book = rulebook.about_app_payloads(config, guide)
    store.run_file("ingest/table_macros.sql")
    activities.read(store, parameters)
    advertisers = config.advertisers.items()
    store.put_rows(
        "app_setting",
        _SETTINGS,
        [(name, a.time_zone, a.server_to_server, a.auto_logging, a.anonymous_ids) for name, a in advertisers],
    )
    store.run_file("ingest/app_payload.sql", dict(parameters) | {"at_rest": at_rest})
    settings.put_knowledge_of_meta(store)
    settings.put_app_events(store)
    values = dict(book.thresholds) | eventrules.own_thresholds(book, APP) | {"as_of": _EVER}
    store.run_folder("facts/app/input", values)
    eventrules.judge(store, book, values, APP)
    faults = _of_events(store, book)
    asked = [
        rule
        for rule in book.rules
        if rule.is_app and rule.at and not rule.about_events and is_asked(rule, records.values())
    ]
    _make_figures(store, asked, values)
    faults += of_requests(store, asked, book, values)
    return faults, {row["record"]: row["event_count"] for row in store.rows(_EVENTS)}


def recipes(events: Mapping[int, int]) -> dict[int, dict[str, int]]:
    """What each request is, and how many events it holds."""
    return {record: {_("an App Events request"): n} for record, n in events.items()}


def _of_events(store: Store, book: Rulebook) -> list[Fault]:
    """What each rule about one event finds; an install, and what cannot be read, stands in no list of events."""
    rules = eventrules.about_events(book, APP)
    return [
        Fault(
            rule=rule,
            record=row["request_id"],
            event=row["position"] if row["kind"] == "conversion" or row["position"] else None,
            level=2 if row["faulty"] >> bit & 1 else 1,
            message=message_of(rule, row["causes"] and row["causes"][bit]),
            event_name=row["event_name"],
            is_app=True,
        )
        for row in store.rows(_FAULTS)
        for bit, rule in enumerate(rules)
        if (row["faulty"] | row["warned"]) >> bit & 1
    ]


def _make_figures(store: Store, rules: Iterable[Rule], values: Mapping[str, Any]) -> None:
    """The facts that the rules about requests read, and those that these read in turn; no others."""
    wanted = "\n".join(rule.sql for rule in rules)
    if not wanted:
        return
    files = list(sqlfile.read_folder(resources.folder("sql") / "facts/app/figures"))
    needed: list[sqlfile.SqlFile] = []
    for file in reversed(files):
        if any(re.search(rf"\b{name}\b", wanted) for name in _MAKES.findall(file.sql)):
            needed.append(file)
            wanted += file.sql
    for file in reversed(needed):
        store.execute(file.sql, values)
