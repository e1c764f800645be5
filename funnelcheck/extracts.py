"""The rows at fault behind a finding: events, requests, leads or stages, with the place in their file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from funnelcheck.errors import RuleError
from funnelcheck.masking import masked
from funnelcheck.model import Rule
from funnelcheck.store import Store

# Columns that say who somebody is, or may: they are shown masked.
_IDS = {"lead_id", "event_id", "other_lead_id", "listed_lead_id"}
_EVENTS = """
select
    recent_event.advertiser_id,
    recent_event.channel,
    if((faulty >> $bit) & 1 = 1, 'fault', 'warning') as found,
    causes[$bit + 1] as cause,
    event_name,
    event_time,
    upload_time,
    lead_id,
    path as file,
    line,
    position
from recent_event
join (select request_id, file_id, line from request) using (request_id)
join (select file_id, path from source_file) using (file_id)
where ((faulty | warned) >> $bit) & 1 = 1
order by found, advertiser_id, channel, path, line, position
"""


@dataclass(frozen=True, slots=True)
class Extract:
    """Some of the rows at fault: their columns, the first of them, and how many there are."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    total: int


def rows_at_fault(
    store: Store,
    rule: Rule,
    parameters: Mapping[str, Any],
    *,
    advertisers: Sequence[str] = (),
    limit: int | None = None,
    show_ids: bool = False,
) -> Extract | None:
    """The rows behind a rule's findings, after `judgement.check` on the same store; None for a rule that has none.

    Ids are masked with the store's key unless `show_ids`. Times are Unix seconds.
    """
    sql, values = _sql(rule), dict(parameters) | dict(rule.thresholds)
    if sql is None:
        return None
    if rule.about_events:
        values["bit"] = store.value("select bit from event_rule where code = $code", {"code": rule.code})
    try:
        store.execute(f"create or replace temp table row_at_fault as\n{sql}", values)
    except (KeyError, duckdb.Error) as error:
        raise RuleError(f"{rule.path}: the rows at fault: {error}") from error
    wanted = {"wanted": list(advertisers)}
    where = "where advertiser_id in (select unnest($wanted))" if advertisers else ""
    total = store.value(f"select count(*) from row_at_fault {where}", wanted)
    rows = store.rows(f"from row_at_fault {where} {'' if limit is None else f'limit {int(limit)}'}", wanted)
    salt = str(store.value("select key from store_key"))
    if not show_ids:
        rows = [
            {name: masked(v, salt) if name in _IDS and v is not None else v for name, v in row.items()} for row in rows
        ]
    columns = [row["column_name"] for row in store.rows("describe row_at_fault")]
    return Extract(tuple(columns), tuple(rows), total)


def _sql(rule: Rule) -> str | None:
    return _EVENTS if rule.about_events else rule.extract_sql
