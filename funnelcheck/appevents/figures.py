"""Small fact tables about App Events -> what a page shows of them."""

from __future__ import annotations

from funnelcheck.appfigures import AppFigures
from funnelcheck.model import Key
from funnelcheck.store import Store

__all__ = ["AppFigures", "read"]


def read(store: Store) -> dict[Key, AppFigures]:
    """The figures of every advertiser with App Events; a handful of queries for all of them together."""
    rows = store.rows(
        """
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
            advertiser_id, channel, requests, first_sent, latest_sent,
            coalesce(app_ids, []) as app_ids, coalesce(installs, 0) as installs, coalesce(conversions, 0) as conversions
        from app_advertiser
        left join apps using (advertiser_id)
        left join events using (advertiser_id)
        """
    )
    return {
        (row["advertiser_id"], row["channel"]): AppFigures(
            app_ids=tuple(row["app_ids"]),
            requests=row["requests"],
            installs=row["installs"],
            conversions=row["conversions"],
            first_sent=row["first_sent"],
            last_sent=row["latest_sent"],
        )
        for row in rows
    }
