"""The rules about one event: a single pass over the events judges them all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from funnelcheck import phrases
from funnelcheck.model import Rule
from funnelcheck.rulebook import Rulebook
from funnelcheck.store import Store


@dataclass(frozen=True, slots=True)
class Sheet:
    """The events of one channel's rules as a table of columns, and the tables that hold what comes of them.

    `events` is what the rules see, `kept` what later facts and the extracts need of an event beside its judgement;
    `rules` code and bit of each rule, `judged` what it found in every event, `counts` and `causes` that by advertiser;
    `recent` the events that count, with `shown` of each for people.
    """

    is_app: bool
    events: str
    kept: str
    rules: str
    judged: str
    recent: str
    shown: tuple[str, ...]
    counts: str
    causes: str
    observations: str | None = None  # sentences beside the rules' own


_KEPT = (
    "request_id, position, advertiser_no, dataset_no, upload_time, accepted, test_traffic, stage_no, event_time, "
    "lead_no, person_digest, lead_created, is_test_lead, event_id, agent_no, action_no, source_no, payload_marks, "
    "evt005, "
    # without a time of sending an event stands at its own, where that can be read
    "coalesce(upload_time, if(evt005 = 2, null, event_time), $as_of) <= $as_of as is_sent, "
    "(faulty & $validity) <> 0 as is_faulty"
)
_SHOWN = ("event_name", "event_time", "upload_time", "lead_id")
CRM = Sheet(
    is_app=False,
    events="coded_event_input",
    kept=_KEPT,
    rules="event_rule",
    judged="coded_event",
    recent="recent_event",
    shown=_SHOWN,
    counts="event_rule_count",
    causes="recent_cause",
    observations="observation",
)
APP = Sheet(
    is_app=True,
    events="app_event_input",
    kept="request_id, position, advertiser_id, channel, app_id, upload_time, sent_at, accepted, kind, event_name, "
    "event_time, event_id, content_digest",
    rules="app_rule",
    judged="app_event_judged",
    recent="recent_app_event",
    shown=("event_name", "event_time", "upload_time", "app_id"),
    counts="app_rule_count",
    causes="app_cause",
    observations="app_observation",
)


def sheet_of(rule: Rule) -> Sheet:
    """Where a rule about events finds and leaves what it judges."""
    return APP if rule.is_app else CRM


def judge(store: Store, book: Rulebook, parameters: Mapping[str, Any], sheet: Sheet = CRM) -> None:
    """Make the tables `rules` and `judged` of a sheet.

    `judged`: one row an event with the bits judged, faulty and warned, and the `causes` by bit of an event that is at
    fault or warned of.
    """
    rules = about_events(book, sheet)
    values = own_thresholds(book, sheet)
    levels, judged, faulty, warned, causes = [], [], [], [], []
    width = "integer" if len(rules) < 32 else "bigint"
    for bit, rule in enumerate(rules):
        name = rule.code.lower()
        levels.append(level_of(rule))
        judged.append(f"(({name} is not null)::{width} << {bit})")
        faulty.append(f"(coalesce({name} = 2, false)::{width} << {bit})")
        warned.append(f"(coalesce({name} = 1, false)::{width} << {bit})")
        causes.append(f"case when {name} > 0 then ({cause_of(rule)}) end" if rule.cause else "null")
    store.put_rows(sheet.rules, "code varchar, bit integer", [(rule.code, bit) for bit, rule in enumerate(rules)])
    told = " or ".join(f"{rule.code.lower()} > 0" for rule in rules if rule.cause) or "false"
    store.execute(
        f"""
        create or replace temp table {sheet.judged} as
        select {sheet.kept}, judged, faulty, warned, causes
        from (
            select
                *,
                ({" | ".join(judged)})::{width} as judged,
                ({" | ".join(faulty)})::{width} as faulty,
                ({" | ".join(warned)})::{width} as warned,
                case when {told} then [{", ".join(causes)}]::{phrases.SQL_TYPE}[] end as causes
            from (select *, {", ".join(levels)} from {sheet.events})
        )
        """,
        dict(parameters) | values,
    )
    if not sheet.is_app:
        store.run_file("facts/event_judged.sql")


def about_events(book: Rulebook, sheet: Sheet = CRM) -> list[Rule]:
    """The rules whose SQL is an expression over one event; a rule's place is its bit."""
    return [rule for rule in book.rules if rule.about_events and rule.is_app == sheet.is_app]


def own_thresholds(book: Rulebook, sheet: Sheet = CRM) -> dict[str, float]:
    """The thresholds of single rules about events, by code and name: `TIM001_max_age_seconds`."""
    rules = about_events(book, sheet)
    return {f"{rule.code}_{name}": value for rule in rules for name, value in rule.thresholds.items()}


def bits(book: Rulebook, codes: Iterable[str]) -> int:
    """The bits of these rules together; codes of other rules have none."""
    order = [rule.code for rule in about_events(book)]
    return sum(1 << order.index(code) for code in codes if code in order)


def rows(store: Store, book: Rulebook, sheet: Sheet = CRM) -> dict[str, list[dict[str, Any]]]:
    """What came of each rule about events, by code: a row an advertiser, with the level of its share of faults."""
    found: dict[str, list[dict[str, Any]]] = {}
    observed = f"""
        left join (
            select advertiser_id, channel, code, list(sentence) as observations
            from {sheet.observations}
            group by advertiser_id, channel, code
        ) using (advertiser_id, channel, code)
    """
    for row in store.rows(
        f"""
        select
            * exclude (recent_events),
            affected / nullif(n, 0) as value,
            fault_level(affected, warned, n, $min_units, $max_faulty_share, $max_faulty_share_small) as level,
            if(n = 0 and recent_events > 0, 'unseen', null) as reason
        from {sheet.counts}
        left join {sheet.causes} using (advertiser_id, channel, code)
        {observed if sheet.observations else ""}
        order by code, advertiser_id, channel
        """,
        book.thresholds,
    ):
        found.setdefault(row.pop("code"), []).append(row)
    return found


def level_of(rule: Rule) -> str:
    """The level of one event under a rule, as a column of event_input that has the rule's code for a name."""
    return f"{_where_seen(_own(rule.sql, rule), rule)}::tinyint as {rule.code.lower()}"


def cause_of(rule: Rule) -> str:
    """What went wrong with one event, as an expression over event_input; null where the rule names no causes."""
    return _own(rule.cause, rule) if rule.cause else "null"


def _own(sql: str, rule: Rule) -> str:
    """Event rules share one statement, so that their own thresholds carry the code."""
    return re.sub(r"\$(\w+)", lambda m: f"${rule.code}_{m[1]}" if m[1] in rule.thresholds else m[0], sql)


def _where_seen(sql: str, rule: Rule) -> str:
    """The level of a rule about a field of the payload, null for an event of a table that lacks the field."""
    if rule.field is None:
        return f"({sql})"
    return (
        f"case when payload_fields is null or list_contains(string_split(payload_fields, ' '), '{rule.field}') "
        f"then ({sql}) end"
    )
