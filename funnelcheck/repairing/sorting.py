"""Each event that did not count is mended and looked up: it is ready, a copy, of a test lead, or lost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from funnelcheck.config import Config
from funnelcheck.mending import Change, mend
from funnelcheck.mending.values import BLANKS
from funnelcheck.repairing import reading
from funnelcheck.repairing.outcome import Lost, Origin, Ready
from funnelcheck.rulebook import Rulebook
from funnelcheck.store import Store

# What an event may hold besides its log's own columns, which stand beside its keys in a bare one.
_OF_AN_EVENT = (
    "event_name event_time event_id action_source user_data custom_data partner_agent opt_out referrer_url "
    "data_processing_options data_processing_options_country data_processing_options_state advanced_measurement_table "
    "original_event_data attribution_data customer_segmentation"
).split()


@dataclass(slots=True)
class Case:
    """One event on its way: as it was sent, then as it should be sent."""

    row: Mapping[str, Any]
    origin: Origin
    agent: str | None
    event: dict[str, Any] | None = None
    changes: tuple[Change, ...] = ()
    losses: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two sendings copies: advertiser, lead (or person), stage and time."""
        event = self.event or {}
        user = event.get("user_data", {})
        person = str(user["lead_id"]) if user.get("lead_id") else json.dumps(user, sort_keys=True, default=float)
        return (self.origin.advertiser_id, person, event.get("event_name"), event.get("event_time"))


@dataclass(frozen=True, slots=True)
class Settings:
    """What says how events are mended and judged."""

    config: Config
    as_of: int
    crm: str | None
    from_crm: bool
    max_age: int
    max_ahead: int
    lead_id_required: bool

    @classmethod
    def of(cls, config: Config, book: Rulebook, as_of: int, crm: str | None, *, from_crm: bool) -> Settings:
        """As the guide and the configuration have them."""
        age, ahead = book.rule("TIM001").thresholds, book.rule("TIM003").thresholds
        required = book.rule("EVT006").thresholds["lead_id_required"] == 1
        return cls(config, as_of, crm, from_crm, int(age["max_age_seconds"]), int(ahead["max_ahead_seconds"]), required)

    def agent(self, advertiser: str) -> str | None:
        """The partner_agent agreed on."""
        own = self.config.advertisers.get(advertiser)
        agreed = (own and own.partner_agent) or self.config.partner.partner_agent
        return agreed.strip() if agreed else None


@dataclass(slots=True)
class Sorted:
    """What became of the events that did not count."""

    ready: list[Ready] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    test: int = 0
    copies: int = 0


def sorted_events(store: Store, given: Settings) -> Sorted:
    """Every event of event_standing that is wanting, each in one place."""
    cases = [_mended(row, given) for row in _rows(store, "wanting")]
    for case in cases:
        _judge_time(case, given)
    found, out = _looked_up(store, cases), Sorted()
    known = _right_persons(store, given) if not given.lead_id_required else set()
    open_cases = []
    for place, case in enumerate(cases):
        lookup = found.get(place, {})
        if lookup.get("is_test"):
            out.test += 1
        elif lookup.get("is_sent") or (not case.losses and case.key in known):
            out.copies += 1
        else:
            _judge_lead(case, lookup)
            open_cases.append(case)
    _without_copies(open_cases, given, out)
    return out


def _rows(store: Store, standing: str) -> Iterator[dict[str, Any]]:
    result = store.execute(
        """
        select *
        from event_standing
        left join event_text using (request_id, position)
        where standing = $standing
        order by path, line, request_id, position
        """,
        {"standing": standing},
    )
    names = [column[0] for column in result.description or []]
    while rows := result.fetchmany(10_000):
        yield from (dict(zip(names, row, strict=True)) for row in rows)


def _mended(row: dict[str, Any], given: Settings) -> Case:
    text, shape = row.pop("text"), row["shape"]
    agreed = given.agent(row["advertiser_id"])
    origin = Origin(row["path"], row["line"], row["position"], row["advertiser_id"], row["dataset_id"])
    case = Case(row, origin, agreed or row["request_agent"])
    if text is None:
        why = "a table holds no payload" if shape == "row" else "this is no event"
        case.losses.append(("", why))
        return case
    sent = reading.read(text)
    if sent is None:
        case.losses.append(("", "this is no event: no JSON object, or a key stands twice in it"))
        return case
    zone = ZoneInfo(given.config.time_zone) if given.config.time_zone != "UTC" else None
    mended = mend(
        sent,
        partner_agent=agreed,
        request_agent=case.agent,
        crm=given.crm,
        zone=zone,
        lead_id_required=given.lead_id_required,
        for_production=True,
        from_crm=given.from_crm,
    )
    case.event = {name: value for name, value in mended.event.items() if shape != "event" or name in _OF_AN_EVENT}
    case.changes, case.losses = mended.changes, [(one.code, one.why) for one in mended.losses]
    if row["is_test_traffic"] and not any(change.code == "EVT015" for change in case.changes):
        case.changes += (Change("EVT015", "/test_event_code", "the request's test code left out"),)
    case.doubts = _doubts(case)
    return case


def _doubts(case: Case) -> list[str]:
    row, found = case.row, []
    if row["is_test_traffic"]:
        found.append("it was sent with a test code: send it only if the lead is a real one")
    if case.changes:
        return found
    if row["is_unanswered"]:
        found.append("no answer was logged: Meta may have it already")
    if row["is_cut_in_part"]:
        found.append("Meta took some events of its request and does not say which")
    if row["is_unexplained"]:
        found.append("Meta refused its request, and nothing in it says why")
    return found


def _judge_time(case: Case, given: Settings) -> None:
    """How old the event is now, and whether it was sent before it had happened."""
    if case.event is None or any(code == "EVT005" for code, _ in case.losses):
        return
    moment, sent = case.event["event_time"], case.row["upload_time"]
    if given.as_of - moment > given.max_age:
        case.losses.append(("TIM001", "more than seven days old: Meta refuses it, and its whole request"))
    elif moment - given.as_of > given.max_ahead:
        case.losses.append(("TIM003", "its time has not come yet, so that a clock or a time zone is wrong"))
    elif moment > given.as_of:
        case.doubts.append("its time has not quite come yet")
    elif sent is not None and moment - sent > given.max_ahead:
        case.doubts.append("it was sent before it had happened, so that its time may be wrong")


def _looked_up(store: Store, cases: list[Case]) -> dict[int, dict[str, Any]]:
    """What lists and log say of the events that have a stage, a time and a lead."""
    rows = []
    for place, case in enumerate(cases):
        event = case.event or {}
        if not {"EVT004", "EVT005", "EVT006", "EVT007", ""} & {code for code, _ in case.losses}:
            lead = event["user_data"].get("lead_id")
            rows.append(
                (place, case.origin.advertiser_id, lead and str(lead), event["event_name"], event["event_time"])
            )
    store.put_rows(
        "mended_event",
        "place bigint, advertiser_id varchar, lead_id varchar, event_name varchar, event_time bigint",
        [tuple(_storable(value) for value in row) for row in rows],
    )
    store.run_file("repair/looked_up.sql")
    return {row["place"]: row for row in store.rows("from looked_up order by place")}


def _storable(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


def _right_persons(store: Store, given: Settings) -> set[tuple[Any, ...]]:
    """The keys of events without a lead id that were accepted as they should be."""
    cases = (_mended(row, given) for row in _rows(store, "right") if row["lead_id"] is None)
    return {case.key for case in cases if case.event is not None}


def _judge_lead(case: Case, lookup: Mapping[str, Any]) -> None:
    if case.event is None or not lookup:
        return
    created = lookup["lead_created"]
    if created is not None and case.event["event_time"] < created:
        case.losses.append(("TIM002", "it lies before the lead was generated, so that its time is wrong"))
    if lookup["is_rounded"]:
        case.losses.append(("EVT009", "the lead list has an id like it with other last digits: it has lost them"))
    elif lookup["is_unlisted"]:
        case.doubts.append("the lead list does not hold its lead")


def _without_copies(cases: list[Case], given: Settings, out: Sorted) -> None:
    """Of copies the one with the fewest doubts is sent, else the latest."""
    best: dict[tuple[Any, ...], Case] = {}
    for case in cases:
        if not case.losses:
            other = best.get(case.key)
            if other is None or _rank(case) < _rank(other):
                best[case.key] = case
    for case in cases:
        if case.losses:
            out.lost.append(_lost(case))
        elif best[case.key] is case:
            _add(case, given, out)
        else:
            out.copies += 1


def _rank(case: Case) -> tuple[int, int]:
    return (len(case.doubts), -(case.row["upload_time"] or 0))


def _add(case: Case, given: Settings, out: Sorted) -> None:
    if not case.changes and not case.doubts and case.row["is_accepted"] and not case.row["is_cut"]:
        out.lost.append(replace(_lost(case), why=("Meta accepted it, and what is wrong with it cannot be mended",)))
        return
    event = case.event or {}
    out.ready.append(
        Ready(
            origin=case.origin,
            agent=case.agent,
            event=event,
            deadline=event["event_time"] + given.max_age,
            codes=tuple(dict.fromkeys(change.code for change in case.changes)),
            why=tuple(f"{change.pointer}: {change.why}" for change in case.changes),
            doubts=tuple(case.doubts),
        )
    )


def _lost(case: Case) -> Lost:
    event, row = case.event or {}, case.row
    name, moment = event.get("event_name"), event.get("event_time")
    return Lost(
        origin=case.origin,
        codes=tuple(dict.fromkeys(code for code, _ in case.losses if code)),
        why=tuple(dict.fromkeys(why for _, why in case.losses)),
        event_name=name.strip(BLANKS) if isinstance(name, str) else row["event_name"],
        event_time=moment if type(moment) is int and abs(moment) < 10**15 else row["event_time"],
        lead_id=row["lead_id"],
    )
