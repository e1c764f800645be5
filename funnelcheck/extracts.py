"""The rows at fault behind a finding: events, requests, leads or stages, with the place in their file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from funnelcheck.errors import BrokenRuleError, RuleError
from funnelcheck.masking import hidden, masked
from funnelcheck.model import Rule
from funnelcheck.sandbox import Sandbox
from funnelcheck.store import Store

# Columns that say who somebody is, or may: they are shown masked.
_IDS = {"lead_id", "event_id", "other_lead_id", "listed_lead_id"}
# Columns about files, datasets and ads; in every other one what looks like a person's id or address is masked.
_OPEN = {"advertiser_id", "channel", "dataset_id", "form_id", "page_id", "ad_id", "adset_id", "campaign_id", "file"}
Found = tuple[list[str], list[dict[str, Any]], int]  # columns, rows, how many there are
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
    sql, values = sql_of(rule), dict(parameters) | dict(rule.thresholds)
    if sql is None:
        return None
    find = _of_custom_rule if rule.custom else _of_rule
    columns, rows, total = find(store, rule, sql, values, list(advertisers), limit)
    if not show_ids:
        salt = str(store.value("select key from store_key"))
        rows = [{name: _shown(name, value, salt) for name, value in row.items()} for row in rows]
    return Extract(tuple(columns), tuple(rows), total)


def _of_rule(
    store: Store, rule: Rule, sql: str, values: dict[str, Any], advertisers: list[str], limit: int | None
) -> Found:
    if rule.about_events:
        values["bit"] = store.value("select bit from event_rule where code = $code", {"code": rule.code})
    try:
        store.execute(f"create or replace temp table row_at_fault as\n{sql}", values)
    except (KeyError, duckdb.Error) as error:
        raise RuleError(f"{rule.path}: the rows at fault: {error}") from error
    wanted = {"wanted": advertisers}
    where = "where advertiser_id in (select unnest($wanted))" if advertisers else ""
    total = store.value(f"select count(*) from row_at_fault {where}", wanted)
    rows = store.rows(f"from row_at_fault {where} {'' if limit is None else f'limit {int(limit)}'}", wanted)
    return [row["column_name"] for row in store.rows("describe row_at_fault")], rows, total


def _of_custom_rule(
    store: Store, rule: Rule, sql: str, values: dict[str, Any], advertisers: list[str], limit: int | None
) -> Found:
    try:
        if rule.broken:
            raise BrokenRuleError(rule.broken)
        with Sandbox(store) as sandbox:
            columns, rows = sandbox.rows(sql, values, "row_at_fault")
        missing = [name for name in ("advertiser_id", "channel") if name not in columns]
        if missing:
            raise BrokenRuleError(f"the rows at fault have no column {' and none called '.join(missing)}")
    except BrokenRuleError as error:
        raise RuleError(f"{rule.path}: this rule is broken: {error}") from error
    rows = [row for row in rows if not advertisers or row["advertiser_id"] in advertisers]
    return columns, rows[:limit], len(rows)


def _shown(name: str, value: Any, salt: str) -> Any:
    """A cell without what says who somebody is."""
    if isinstance(value, list):
        return [_shown(name, one, salt) for one in value]
    if isinstance(value, dict):
        return {key: _shown(key, one, salt) for key, one in value.items()}
    if value is None or name in _OPEN:
        return value
    if name in _IDS:
        return masked(str(value), salt)
    if isinstance(value, str):
        return hidden(value, salt)
    return hidden(str(value), salt) if _looks_like_an_id(value) else value


def _looks_like_an_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 10**14


def sql_of(rule: Rule) -> str | None:
    """The select that lists a rule's rows at fault; None for a rule that has none."""
    return _EVENTS if rule.about_events else rule.extract_sql
