"""Records judged by the rules' own SQL in a scratch of the engine: which rule finds what at which event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from funnelcheck import eventrules
from funnelcheck.config import Config
from funnelcheck.findings import findings_of
from funnelcheck.language import _
from funnelcheck.model import Rule
from funnelcheck.phrases import told
from funnelcheck.rulebook import Rulebook
from funnelcheck.store import Store, scratch
from funnelcheck.validation.records import Record
from funnelcheck.validation.trail import holds

_SMALL = 1 << 20  # characters that are sooner read than a plan for them is made better
_AGE = "upload time"  # what rules about age need


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule at level 1 (warn) or 2 (fail), at one event of a record (its position) or at the record as a whole."""

    rule: Rule
    record: int
    event: int | None
    level: int
    message: str
    event_name: str | None = None
    agent: str | None = None  # the partner_agent agreed on for the event's advertiser
    is_app: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """By number of the record: how many events it holds, or why it is none; the recipes (as SQL's words) of each."""

    events: Mapping[int, int]
    reasons: Mapping[int, str]
    recipes: Mapping[int, Mapping[str, int]]
    faults: Sequence[Fault]
    activities: Collection[int] = ()  # the records that are App Events requests


def judge(
    records: Sequence[Record], book: Rulebook, config: Config, as_of: int, *, at_rest: bool, owner: str | None = None
) -> Judged:
    """Judge records; one that names no time of sending is sent at `as_of`.

    `at_rest` leaves out the rules about age. `owner`: the advertiser of records that name none.
    """
    with scratch(is_ascii=all(is_plain(record.json) for record in records)) as store:
        if sum(len(record.json) for record in records) > _SMALL:
            store.execute("pragma enable_optimizer; reset threads")
        rules = [rule for rule in book.rules if not rule.is_app and not (at_rest and _AGE in rule.needs)]
        parameters = eventrules.own_thresholds(book) | dict(book.thresholds) | {"as_of": as_of}
        reading = _read(store, [record.json for record in records], config, owner, as_of)
        faults = _of_events(store, [rule for rule in rules if rule.about_events], parameters)
        asked = [rule for rule in rules if not rule.about_events and is_asked(rule, records)]
        faults += _of_calls(store, asked, book, parameters)
        events = {row["record"]: row["n"] for row in store.rows(_EVENTS)}
        reasons = {row["record"]: row["reason"] for row in store.rows(_REASONS)}
        recipes = _recipes(store)
        activities = {i: records[i] for i in _activities(store)}
        if activities:
            from funnelcheck.validation import appjudging  # reading its rules takes as long as judging CRM payloads

            found, held = appjudging.judge(store, activities, config, book.guide.key, reading, at_rest=at_rest)
            faults, events, recipes = faults + found, events | held, recipes | appjudging.recipes(held)
        return Judged(
            events=events,
            reasons=reasons,
            recipes=recipes,
            faults=sorted(faults, key=lambda one: (one.record, -1 if one.event is None else one.event, one.rule.code)),
            activities=frozenset(activities),
        )


def is_plain(text: str) -> bool:
    """Whether a text is ASCII and stays it, whatever of it is decoded."""
    return text.isascii() and "\\" not in text and "%" not in text


def _activities(store: Store) -> list[int]:
    return [row["record"] for row in store.rows("select record from judged_record where activity is not null")]


def is_asked(rule: Rule, records: Iterable[Record]) -> bool:
    """Whether a rule about requests has something to judge: a place that is not of every record must be there."""
    places = [place for place in rule.at if not place.startswith("..")]
    return not places or any(holds(record.value, place) for record in records for place in places)


_EVENTS = "select request_id as record, count(*) as n from event group by request_id"
_REASONS = "select record, reason from read_record where reason is not null"


def _read(store: Store, texts: Sequence[str], config: Config, owner: str | None, as_of: int) -> dict[str, Any]:
    """What sql/ingest makes of them (read_record, read_request, read_event), and event_input; what it was given."""
    agents = [(name, one.partner_agent or config.partner.partner_agent) for name, one in config.advertisers.items()]
    store.put_rows("setting", "advertiser_id varchar, partner_agent varchar", agents)
    store.put_rows("partner_setting", "partner_agent varchar", [(config.partner.partner_agent,)])
    store.put_rows("dataset_owner", "dataset_id varchar, advertiser_id varchar", list(config.datasets.items()))
    store.put_rows("part", "part integer, folder_owner varchar", [(0, None)])
    store.put_rows(
        "record_text",
        "record bigint, part integer, line bigint, text varchar",
        [(i, 0, i, text) for i, text in enumerate(texts)],
    )
    store.run_file("ingest/macros.sql")
    parameters = {"owner": owner, "time_zone": config.time_zone, "key": "", "store_user_data": False, "as_of": as_of}
    store.run_file("ingest/events.sql", parameters)
    store.run_file("ingest/payload.sql", parameters)
    store.put_rows(
        "advertiser_number", "advertiser_id varchar, channel varchar, owner_no integer, advertiser_no integer", []
    )
    store.put_rows("odd_lead", "lead_id varchar, lead_no bigint", [])
    store.put_rows("coded_listed_lead", "owner_no integer, lead_no bigint, created_time bigint, is_test boolean", [])
    store.run_file("facts/input/020_event_input.sql")
    return parameters


def _of_events(store: Store, rules: Sequence[Rule], parameters: Mapping[str, Any]) -> list[Fault]:
    """One pass judges all; what went wrong is worked out for the rules that find something."""
    levels = ", ".join(map(eventrules.level_of, rules))
    # its joins first: the engine prepares what stands above a join, like a regular expression, once more for each
    store.execute("create or replace temp table sent_event as from event_input")
    store.execute(f"create or replace temp table judged_event as select *, {levels} from sent_event", parameters)
    highest = ", ".join(f"max({rule.code.lower()}) as {rule.code}" for rule in rules)
    worst = store.rows(f"select {highest} from judged_event")[0]
    return [
        Fault(
            rule=rule,
            record=row["request_id"],
            event=row["position"],
            level=row["level"],
            message=message_of(rule, row["cause"]),
            event_name=row["event_name"],
            agent=row["expected_agent"],
        )
        for rule in rules
        if (worst[rule.code] or 0) > 0
        for row in _at_fault(store, rule, parameters)
    ]


def _at_fault(store: Store, rule: Rule, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    name = rule.code.lower()
    return store.rows(
        f"select request_id, position, event_name, expected_agent, {name} as level, "
        f"{eventrules.cause_of(rule)} as cause "
        f"from judged_event where {name} > 0",
        parameters,
    )


def message_of(rule: Rule, cause: Any) -> str:
    """Lead id has 15 to 17 digits; found: a leading zero."""
    return rule.title if cause is None else _("{title}; found: {cause}").format(title=rule.title, cause=told(cause))


def _of_calls(store: Store, rules: Sequence[Rule], book: Rulebook, parameters: Mapping[str, Any]) -> list[Fault]:
    """What is at fault in requests to the Conversions API."""
    if not store.value("select count(*) from recent_request"):
        return []
    if any("known_version" in rule.sql or "recent_error" in rule.sql for rule in rules):
        from funnelcheck import settings  # few payloads are logged with an answer

        settings.put_knowledge_of_meta(store)
        store.run_file("facts/figures/113_recent_error.sql", parameters)
    return of_requests(store, rules, book, parameters)


def of_requests(store: Store, rules: Iterable[Rule], book: Rulebook, parameters: Mapping[str, Any]) -> list[Fault]:
    """Rules about requests judge advertisers; here every record is one."""
    found: list[Fault] = []
    for rule in rules:
        rows = store.rows(rule.sql, dict(parameters) | dict(rule.thresholds))
        broken = [row for row in rows if (row["level"] or 0) > 0]
        spoken = replace(rule, message="" if rule.payload else rule.title, messages=rule.payload)
        levels = {row["advertiser_id"]: row["level"] for row in broken}
        for (record, _channel), judged in findings_of(spoken, broken, book.thresholds, {}).items():
            found.append(Fault(rule, int(record), None, levels[record], judged[0].message, is_app=rule.is_app))
    return found


def _recipes(store: Store) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for row in store.rows(
        "select request_id, recipe_of(action_source) as recipe, count(*) as n from event group by all order by all"
    ):
        recipe = _("a CRM event") if row["recipe"] is None else told(row["recipe"])
        found.setdefault(row["request_id"], {})[recipe] = row["n"]
    return found
