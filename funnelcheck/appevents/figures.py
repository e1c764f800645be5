"""Small fact tables about App Events -> what a page shows of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from funnelcheck.appevents import discrepancies
from funnelcheck.appfigures import (
    AppDay,
    AppFigures,
    EventIds,
    ExpectedParameter,
    NamedEvents,
    NameFamily,
    NamesOfApp,
    Tally,
)
from funnelcheck.model import Key
from funnelcheck.store import Store

__all__ = ["AppFigures", "read"]
_OWN, _FAMILIES, _APPS, _ANSWERS, _DAYS = 20, 10, 20, 100, 400
Rows = defaultdict[str, list[Mapping[str, Any]]]  # by advertiser


def read(store: Store) -> dict[Key, AppFigures]:
    """The figures of every advertiser with App Events; a handful of queries for all of them together."""
    names = _many(store, f"from app_shown_name where is_standard or place <= {_OWN} order by place")
    expected = _many(store, "from app_event_parameter order by place")
    apps = _many(store, "from app_name_count order by names desc, app_id nulls last")
    families = _many(store, f"from app_name_family where place <= {_FAMILIES} order by place")
    tallies = _many(store, f"from app_tally where place <= {_ANSWERS} order by about, place")
    ids = _many(store, "from app_event_id")
    days = _many(store, "from app_day order by day")
    apart = discrepancies.read(store)
    return {
        (row["advertiser_id"], row["channel"]): AppFigures(
            app_ids=tuple(row["app_ids"]),
            requests=row["requests"],
            installs=row["installs"],
            conversions=row["conversions"],
            first_sent=row["first_sent"],
            last_sent=row["latest_sent"],
            recent_since=row["recent_since"],
            standard=_named(names[owner], expected[owner], is_standard=True),
            own=_named(names[owner], expected[owner], is_standard=False),
            own_count=next((one["several"] for one in names[owner] if not one["is_standard"]), 0),
            names=tuple(NamesOfApp(one["app_id"], one["names"]) for one in apps[owner][:_APPS]),
            families=tuple(NameFamily(one["family"], one["names"]) for one in families[owner]),
            family_count=next((one["several"] for one in families[owner]), 0),
            tallies=tuple(_tally(one) for one in tallies[owner]),
            ids=next((_ids(one) for one in ids[owner]), EventIds()),
            days=tuple(AppDay(one["day"], one["installs"], one["conversions"]) for one in days[owner][-_DAYS:]),
            discrepancy=apart.get(row["advertiser_id"]),
        )
        for row in store.rows(_WHOLE)
        for owner in (row["advertiser_id"],)
    }


_WHOLE = """
    with named as (
        select advertiser_id, app_id, count(*) as requests
        from sent_activity
        where app_id is not null
        group by advertiser_id, app_id
    ), apps as (
        select advertiser_id, list(app_id order by requests desc, app_id) as app_ids
        from named
        group by advertiser_id
    ), events as (
        select
            advertiser_id,
            count(*) filter (kind = 'install') as installs,
            count(*) filter (kind = 'conversion') as conversions
        from app_event_judged
        group by advertiser_id
    )
    select
        advertiser_id, channel, requests, first_sent, latest_sent, recent_since,
        coalesce(app_ids, []) as app_ids, coalesce(installs, 0) as installs, coalesce(conversions, 0) as conversions
    from app_advertiser
    left join apps using (advertiser_id)
    left join events using (advertiser_id)
"""


def _many(store: Store, sql: str) -> Rows:
    found: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in store.rows(sql):
        found[row["advertiser_id"]].append(row)
    return found


def _named(
    names: Sequence[Mapping[str, Any]], expected: Sequence[Mapping[str, Any]], *, is_standard: bool
) -> tuple[NamedEvents, ...]:
    listed: defaultdict[str, list[ExpectedParameter]] = defaultdict(list)
    for row in expected:
        listed[row["event_name"]].append(ExpectedParameter(row["parameter"], row["events"] - row["present"]))
    return tuple(
        NamedEvents(
            name=row["event_name"],
            is_standard=row["is_standard"],
            events=row["events"],
            recent_events=row["recent_events"],
            first_sent=row["first_sent"],
            last_sent=row["last_sent"],
            parameters=row["parameters"],
            value_meaning=row["value_meaning"],
            is_value_optional=row["is_optional"],
            with_value=row["with_value"],
            expected=tuple(listed[row["event_name"]]),
        )
        for row in names
        if row["is_standard"] is is_standard
    )


def _tally(row: Mapping[str, Any]) -> Tally:
    return Tally(row["about"], row["part"], row["answer"], row["requests"], row["several"])


def _ids(row: Mapping[str, Any]) -> EventIds:
    return EventIds(row["events"], row["with_id"], row["repeated"], row["surplus"], row["contradicting"])
