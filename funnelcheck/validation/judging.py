"""Records judged by the rules' own SQL in a scratch of the engine: which rule finds what at which event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from funnelcheck import eventrules
from funnelcheck.config import Config

from funnelcheck.model import Rule
from funnelcheck.phrases import told
from funnelcheck.rulebook import Rulebook
from funnelcheck.store import Store, scratch

_SMALL = 1 << 20  # characters that are sooner read than a plan for them is made better
_AGE = "upload time"  # what rules about age need


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule at level 1 (warn) or 2 (fail), at one event of a record or at the record; `told`: what is wrong."""

    rule: Rule
    record: int
    event: int | None
    level: int
    told: str | None
    event_name: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """By number of the record: how many events it holds, the recipe of each, why it is none; and every fault."""

    events: Mapping[int, int]
    recipes: Mapping[str, int]
    reasons: Mapping[int, str]
    faults: Sequence[Fault]


def judge(
    texts: Sequence[str], book: Rulebook, config: Config, as_of: int, *, at_rest: bool, owner: str | None = None
) -> Judged:
    """Judge records, each the text of a JSON object; one that names no time of sending is sent at `as_of`.

    `at_rest` leaves out the rules about age. `owner`: the advertiser of records that name none.
    """
    with scratch() as store:
        if sum(map(len, texts)) > _SMALL:
            store.execute("pragma enable_optimizer; reset threads")
        rules = [rule for rule in book.rules if not (at_rest and _AGE in rule.needs)]
        parameters = eventrules.own_thresholds(book) | dict(book.thresholds) | {"as_of": as_of}
        _read(store, texts, config, owner)
        faults = _of_events(store, [rule for rule in rules if rule.about_events], config, parameters)
        faults += _of_requests(store, [rule for rule in rules if not rule.about_events], book, parameters)
        reasons = store.rows("select record, reason from read_record where reason is not null")
        return Judged(
            {row["record"]: row["n"] for row in store.rows("select record, event_count as n from read_request")},
            {},
            {row["record"]: row["reason"] for row in reasons},
            sorted(faults, key=lambda fault: (fault.record, fault.event or 0, fault.rule.code)),
        )


def _read(store: Store, texts: Sequence[str], config: Config, owner: str | None) -> None:
    """What sql/ingest makes of them: read_record, read_request, read_event."""
    store.run_file("ingest/macros.sql")
    store.put_rows("part", "part integer, folder_owner varchar", [(0, None)])
    store.put_rows("dataset_owner", "dataset_id varchar, advertiser_id varchar", list(config.datasets.items()))
    store.put_rows(
        "record_text",
        "record bigint, part integer, line bigint, text varchar",
        [(i, 0, i, text) for i, text in enumerate(texts)],
    )
    parameters = {"owner": owner, "time_zone": config.time_zone, "key": "", "store_user_data": False}
    store.run_file("ingest/events.sql", parameters)


def _of_events(store: Store, rules: Sequence[Rule], config: Config, parameters: Mapping[str, Any]) -> list[Fault]:
    """One pass judges all; what went wrong is worked out for the rules that find something."""
    agents = [(name, one.partner_agent or config.partner.partner_agent) for name, one in config.advertisers.items()]
    store.put_rows("setting", "advertiser_id varchar, partner_agent varchar", agents)
    store.put_rows("partner_setting", "partner_agent varchar", [(config.partner.partner_agent,)])
    store.put_rows(
        "listed_lead", "advertiser_id varchar, lead_id varchar, created_time bigint, is_test boolean", []
    )
    store.execute(
        "create or replace temp view event as "
        "select record as request_id, * replace (coalesce(upload_time, $as_of) as upload_time) from read_event"
        .replace("$as_of", str(int(parameters["as_of"])))
    )
    store.run_file("facts/input/020_event_input.sql")
    levels = ", ".join(map(eventrules.level_of, rules))
    store.execute(f"create or replace temp table judged_event as select *, {levels} from event_input", parameters)
    worst = store.rows(f"select {', '.join(f'max({rule.code.lower()}) as {rule.code}' for rule in rules)} from judged_event")
    found: list[Fault] = []
    for rule in rules:
        if (worst[0][rule.code] or 0) > 0:
            name = rule.code.lower()
            for row in store.rows(
                f"select request_id, position, event_name, {name} as level, {eventrules.cause_of(rule)} as cause "
                f"from judged_event where {name} > 0",
                parameters,
            ):
                cause = told(row["cause"])
                found.append(Fault(rule, row["request_id"], row["position"], row["level"], cause, row["event_name"]))
    return found


def _of_requests(store: Store, rules: Sequence[Rule], book: Rulebook, parameters: Mapping[str, Any]) -> list[Fault]:
    """Rules about requests judge advertisers: here every record is one."""
    return []
