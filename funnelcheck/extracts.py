"""The rows at fault behind a finding: events, requests, leads or stages, with the place in their file."""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import duckdb

from funnelcheck import phrases
from funnelcheck.errors import BrokenRuleError, RuleError
from funnelcheck.eventrules import APP, CRM, Sheet, sheet_of
from funnelcheck.masking import hidden, masked
from funnelcheck.model import Finding, Key, Rule, Status
from funnelcheck.reported import FaultRows, Inputs
from funnelcheck.sandbox import Sandbox
from funnelcheck.store import Store

# Columns that say who somebody is, or may: they are shown masked.
_IDS = {"lead_id", "event_id", "other_lead_id", "listed_lead_id"}
# Columns about files, datasets and ads; in every other one what looks like a person's id or address is masked.
_OPEN = {
    "advertiser_id",
    "channel",
    "dataset_id",
    "app_id",
    "form_id",
    "page_id",
    "ad_id",
    "adset_id",
    "campaign_id",
    "file",
}
Rows = list[dict[str, Any]]
Found = tuple[list[str], list[dict[str, Any]], int]  # columns, rows, how many there are
_FIRST = """
select *, count(*) over of_advertiser as several
from row_at_fault
semi join (select * from wanted_extract where code = $code) as wanted using (advertiser_id, channel)
window of_advertiser as (partition by advertiser_id, channel)
qualify row_number() over (partition by advertiser_id, channel order by row_at_fault.rowid) <= $most
order by row_at_fault.rowid
"""


def _events(sheet: Sheet) -> str:
    """The events at fault of one rule about events ($bit)."""
    return f"""
        select
            {sheet.recent}.advertiser_id,
            {sheet.recent}.channel,
            if((faulty >> $bit) & 1 = 1, phrase('fault'), phrase('warning')) as found,
            causes[$bit + 1] as cause,
            {", ".join(sheet.shown)},
            path as file,
            line,
            position
        from {sheet.recent}
        join (select request_id, file_id, line from request) using (request_id)
        join (select file_id, path from source_file) using (file_id)
        where ((faulty | warned) >> $bit) & 1 = 1
        order by found, advertiser_id, channel, path, line, position
    """


def _events_of_all(sheet: Sheet) -> str:
    """The same for all rules about events at once: the first of each advertiser and rule, and how many there are."""
    return f"""
        with wanted as (
            select advertiser_id, channel, bit from wanted_extract join {sheet.rules} using (code)
        ), mask as (
            select bit_or(1::bigint << bit) as bits from wanted
        ), troubled as (
            select
                {sheet.recent}.*,
                path,
                line,
                unnest(list_filter(range(64), lambda b: ((faulty | warned) & bits) >> b & 1 = 1)) as bit
            from {sheet.recent}
            cross join mask
            join (select request_id, file_id, line from request) using (request_id)
            join (select file_id, path from source_file) using (file_id)
            where (faulty | warned) & bits <> 0
        )
        select
            advertiser_id,
            channel,
            code,
            count(*) as total,
            arg_min(
                {{
                    'found': if((faulty >> bit) & 1 = 1, phrase('fault'), phrase('warning')),
                    'cause': causes[bit + 1],
                    {", ".join(f"'{name}': {name}" for name in sheet.shown)},
                    'file': path,
                    'line': line,
                    'position': position
                }},
                {{'found': (faulty >> bit) & 1 = 0, 'path': path, 'line': line, 'position': position}},
                $most
            ) as rows
        from troubled
        join wanted using (advertiser_id, channel, bit)
        join {sheet.rules} using (bit)
        group by advertiser_id, channel, code
    """


_SHOWN = {Status.FAIL, Status.WARN}
_KEYS = ("advertiser_id", "channel", "several")


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
    salt: str | None = None,
) -> Extract | None:
    """The rows behind a rule's findings, after `judgement.check` on the same store; None for a rule that has none.

    Ids are masked with `salt`, else with the store's key, unless `show_ids`. Times are Unix seconds.
    """
    sql, values = sql_of(rule), dict(parameters) | dict(rule.thresholds)
    if sql is None:
        return None
    if rule.is_app and not store.value("select count(*) > 0 from request where channel = 'app'"):
        return Extract((), (), 0)  # without App Events there are no facts about any
    find = _of_custom_rule if rule.custom else _of_rule
    columns, rows, total = find(store, rule, sql, values, list(advertisers), limit)
    rows = [phrases.told(row) for row in rows]
    if not show_ids:
        salt = salt or str(store.value("select key from store_key"))
        rows = [{name: _shown(name, value, salt) for name, value in row.items()} for row in rows]
    return Extract(tuple(columns), tuple(rows), total)


def of_advertisers(
    store: Store,
    rules: Sequence[Rule],
    found: Mapping[str, Mapping[Key, Finding]],
    parameters: Mapping[str, Any],
    most: int,
    salt: str | None,
) -> dict[Key, dict[str, FaultRows]]:
    """The first `most` rows at fault of each advertiser and rule that fails or warns, by code, for a report.

    One statement a rule for all advertisers, and one for all rules about events; after `judgement.check` on the same
    store. Ids are masked with `salt`; None shows them. A rule of the user's own that breaks here has no rows.
    """
    wanted = [
        (*key, rule.code)
        for rule in rules
        if sql_of(rule) is not None
        for key, finding in found.get(rule.code, {}).items()
        if finding.status in _SHOWN
    ]
    store.put_rows("wanted_extract", "advertiser_id varchar, channel varchar, code varchar", wanted)
    codes = {code for *_, code in wanted}
    told = _teller(salt)
    extracts: dict[Key, dict[str, FaultRows]] = defaultdict(dict)
    for rule in rules:
        if rule.code not in codes or rule.about_events:
            continue
        first = _first_of_custom_rule if rule.custom else _first_of_rule
        rows = first(store, rule, dict(parameters) | dict(rule.thresholds), most)
        for key, several in _by_advertiser(rows).items():
            extracts[key][rule.code] = told(several, several[0]["several"])
    for sheet in (CRM, APP):
        if not any(rule.about_events and rule.code in codes and sheet_of(rule) is sheet for rule in rules):
            continue
        for row in store.rows(_events_of_all(sheet), {"most": most}):
            extracts[row["advertiser_id"], row["channel"]][row["code"]] = told(row["rows"], row["total"])
    return dict(extracts)


def report_salt(key: str, inputs: Inputs, as_of: int) -> str:
    """What the ids of one report are masked with: the same for the same inputs and instant, useless in another."""
    about = "\0".join([str(as_of), *sorted(f"{source.kind}:{source.sha256}" for source in inputs.sources)])
    return hmac.new(key.encode(), about.encode(), hashlib.sha256).hexdigest()


def _of_rule(
    store: Store, rule: Rule, sql: str, values: dict[str, Any], advertisers: list[str], limit: int | None
) -> Found:
    if rule.about_events:
        values["bit"] = store.value(f"select bit from {sheet_of(rule).rules} where code = $code", {"code": rule.code})
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


def _first_of_rule(store: Store, rule: Rule, values: dict[str, Any], most: int) -> Rows:
    """The first rows of each advertiser that wants them, with how many it has as `several`."""
    try:
        store.execute(f"create or replace temp table row_at_fault as\n{rule.extract_sql}", values)
        return store.rows(_FIRST, {"code": rule.code, "most": most})
    except (KeyError, duckdb.Error) as error:
        raise RuleError(f"{rule.path}: the rows at fault: {error}") from error


def _first_of_custom_rule(store: Store, rule: Rule, values: dict[str, Any], most: int) -> Rows:
    wanted = store.rows("from wanted_extract where code = $code", {"code": rule.code})
    try:
        _, rows, _ = _of_custom_rule(store, rule, rule.extract_sql or "", values, [], None)
    except RuleError:
        return []
    by_key = _by_advertiser(rows)
    several = [(by_key.get((one["advertiser_id"], one["channel"]), [])) for one in wanted]
    return [row | {"several": len(own)} for own in several for row in own[:most]]


def _by_advertiser(rows: Iterable[dict[str, Any]]) -> dict[Key, list[dict[str, Any]]]:
    found: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["advertiser_id"], row["channel"]].append(row)
    return found


def _teller(salt: str | None) -> Callable[[Sequence[Mapping[str, Any]], int], FaultRows]:
    """What makes rows fit for a report: masked, and without what is the same in all of an advertiser's."""
    shown = lru_cache(maxsize=100_000)(lambda name, value: _shown(name, value, salt or ""))

    def cell(name: str, value: Any) -> Any:
        if salt is None or value is None:
            return value
        return shown(name, value) if isinstance(value, str | int) else _shown(name, value, salt)

    def told(rows: Sequence[Mapping[str, Any]], total: int) -> FaultRows:
        rows = [phrases.told(row) for row in rows]
        names = tuple(name for name in rows[0] if name not in _KEYS)
        return FaultRows(names, tuple(tuple(cell(name, row[name]) for name in names) for row in rows), total)

    return told


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
    return _events(sheet_of(rule)) if rule.about_events else rule.extract_sql
