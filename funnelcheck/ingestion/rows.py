"""Rows of a table (table_row) by a mapping: events, a history, leads, counts, calls, installs, each still as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from funnelcheck.config import TIME_FORMATS, Config
from funnelcheck.customer_data import HASHED
from funnelcheck.errors import InputError
from funnelcheck.ingestion.mapping import INSTALLS, TIMES, Column, TableMapping, folded
from funnelcheck.store import Store

_TEXTS = (
    "lead_id created_time upload_time advertiser dataset_id http_status test_event_code action_source event_source "
    "lead_event_source form_id page_id campaign_id ad_id adset_id is_organic day leads "
    "call_time error_code error_subcode is_success"
).split()
_INSTALL_TIMES = ["install_time", "touch_time", "click_time", "view_time"]
_INSTALL_TEXTS = [
    *_INSTALL_TIMES,
    *(
        "touch_type is_view_through attributed_to window_days campaign app_id platform advertising_id idfa event_name "
        "advertiser"
    ).split(),
]
_ONLY_TIME = {"counts": ["day"], "calls": ["call_time"]} | dict.fromkeys(INSTALLS, _INSTALL_TIMES)
# What tables call the parts of a record that a log of JSON calls so.
RECORD_NAMES = {
    "request_url": "url",
    "request_body": "body",
    "request_headers": "headers",
    "response_body": "response",
    "response_status": "http_status",
    "status_code": "http_status",
}


@dataclass(frozen=True, slots=True)
class _Order:
    """Whether dates of a table name the day first; None where none does so in a way that matters."""

    day_first: bool | None
    form: str | None  # a format of strptime


def probe(store: Store, place: int) -> Column:
    """What the values of one column of table_row look like."""
    row = store.rows(
        f"""
        select
            count(value) as n, count(*) filter (value like 'l:%') as prefixed,
            count(*) filter (regexp_full_match(value, '[1-5][0-9]{{2}}')) as outcomes
        from (select nullif(trim(cells[{place}]), '') as value from table_row)
        """
    )[0]
    return Column(row["n"], row["prefixed"], row["outcomes"])


def pick(
    store: Store, mapping: TableMapping, header: list[str], name: str, config: Config, *, is_text: bool
) -> dict[str, Any]:
    """Make flat_row and flat_stage of table_row; the parameters that the files of sql/ingest need for them.

    InputError where the order of day and month cannot be told.
    """
    texts = _INSTALL_TEXTS if mapping.kind in INSTALLS else _TEXTS
    fields = ", ".join(f"{_cell(mapping, field)} as {field}" for field in texts)
    conditions = [f"coalesce(trim(cells[{place}]), '') in $kept_{i}" for i, (place, _) in enumerate(mapping.where)]
    conditions = [
        f"nullif(trim(cells[{place}]), '') is not null" if kept == ("*",) else condition
        for condition, (place, kept) in zip(conditions, mapping.where, strict=True)
    ]
    if "lead_id" in mapping.joined:  # a lead of the CRM that did not come from Meta
        conditions.append("not (is_joined and lead_id is null)")
    has_join = mapping.join_on is not None
    order = sorted(range(len(header)), key=lambda place: header[place])  # two tables may hold a row in another order
    digests = ", ".join(
        f"{{'name': '{key}', 'value': {_as_json(mapping.places[key])}}}" for key in HASHED if key in mapping.places
    )
    empty = "[]::struct(name varchar, value json)[]"
    cells = "cells" if is_text else "list_transform(cells, lambda c: coalesce(c, ''))"
    store.execute(
        f"""
        create or replace temp table flat_row as
        with joined_row as (
            select
                table_row.*,
                {"join_row.cells" if has_join else "null::varchar[]"} as joined,
                {"join_row.key is not null" if has_join else "true"} as is_joined,
                {f"nullif(trim(table_row.cells[{mapping.join_on}]), '')" if has_join else "null::varchar"} as join_key
            from table_row
            {_join(mapping)}
        ), taken as (
            select
                record, part, line, cells, is_joined, join_key, {fields},
                {f"list_filter([{digests}], lambda d: d.value is not null)" if digests else empty} as digests,
                case when cells is null then left(broken_text, 4000)
                    else array_to_string({cells}, chr(31)) end as content,
                case when cells is null then broken_text
                    else $names || array_to_string(
                        list_transform(list_select(cells, $order), lambda c: coalesce(c, '')), chr(31)
                    ) end as digest_text,
                case
                    when cells is null then $broken
                    when len(list_filter(cells[$width + 1:], lambda surplus: trim(surplus) <> '')) > 0
                        then 'the row has ' || len(cells) || ' cells, the header ' || $width
                end as broken
            from joined_row
        )
        select * exclude (cells), broken is null and not ({" and ".join(conditions) or "true"}) as is_left_out
        from taken
        """,
        {f"kept_{i}": list(kept) for i, (_, kept) in enumerate(mapping.where)}
        | {"names": "\x1f".join(header[place] for place in order) + "\x1e"}
        | {"order": [place + 1 for place in order]}
        | {"width": len(header), "broken": "a row with broken quotes" if is_text else "this is not a JSON object"},
    )
    if mapping.kind in ("events", "history"):
        _pick_stages(store, mapping, header)
    parameters = _parameters(mapping, header, _order(store, mapping, header, name), config)
    return parameters | (_raw_time(store, mapping) if mapping.kind in ("events", "history") else {})


def as_records(store: Store, header: list[str]) -> None:
    """Rows whose cells hold whole payloads, as the JSON objects that a log of JSON would hold (view record_text)."""
    pairs = ", ".join(f"{{'key': $key_{i}, 'value': cells[{i + 1}]}}" for i in range(len(header)))
    store.execute(
        f"""
        create or replace temp table unfolded as
        with pair as (
            select record, part, line, broken_text, list_filter([{pairs}], lambda p: trim(p.value) <> '') as pairs
            from table_row
        )
        select
            record, part, line,
            coalesce('{{' || array_to_string(list_transform(pairs, lambda p: to_json(p.key) || ':' || case
                when regexp_full_match(p.value, '0|-?[1-9][0-9]*') then p.value
                when regexp_matches(p.value, '^ *[{{[]') and json_valid(p.value) then p.value::json::varchar
                else to_json(p.value)
            end), ',') || '}}', broken_text) as text
        from pair
        """,
        {f"key_{i}": name for i, name in enumerate(_record_names(header))},
    )
    store.execute("create or replace temp view record_text as select record, part, line, text from unfolded")


def _record_names(header: list[str]) -> list[str]:
    """The columns' names as a log of JSON would write them."""
    known = {folded(name) for name in header}
    names = []
    for name in header:
        renamed = RECORD_NAMES.get(folded(name))
        names.append(renamed if renamed and renamed not in known else name)
    return names


def _pick_stages(store: Store, mapping: TableMapping, header: list[str]) -> None:
    """flat_stage: one row a stage of a record; a wide table has several."""
    if mapping.stages:
        stages = ", ".join(
            f"{{'position': {i}, 'stage': $stage_{i}, 'column': $column_{i}, 'time': nullif(trim(cells[{place}]), '')}}"
            for i, (place, _) in enumerate(mapping.stages)
        )
        store.execute(
            f"""
            create or replace temp table flat_stage as
            select record, s.position, s.stage as event_name, s.time as event_time, s.column as column_name
            from (select record, unnest([{stages}]) as s from table_row where cells is not null)
            where s.time is not null
            """,
            {f"stage_{i}": stage for i, (_, stage) in enumerate(mapping.stages)}
            | {f"column_{i}": header[place - 1] for i, (place, _) in enumerate(mapping.stages)},
        )
    else:
        store.execute(
            f"""
            create or replace temp table flat_stage as
            select
                record, 0 as position, nullif({_cell(mapping, "event_name", "table_row")}, '') as event_name,
                {_cell(mapping, "event_time", "table_row")} as event_time,
                case when {_cell(mapping, "event_name", "table_row")} is null then $name else $time end as column_name
            from table_row
            {_join(mapping)}
            where table_row.cells is not null
            """,
            {"name": _column(mapping, header, "event_name"), "time": _column(mapping, header, "event_time")},
        )
    names = mapping.settings.stage_names.items() if mapping.settings else ()
    store.put_rows("stage_name", "value varchar, stage varchar", list(names))


def _join(mapping: TableMapping) -> str:
    place = mapping.join_on
    return f"left join join_row on join_row.key = trim(table_row.cells[{place}])" if place else ""


def _cell(mapping: TableMapping, field: str, table: str = "") -> str:
    """A field's cell without blanks around it, null where it is empty or there is none."""
    own = f"{table}.cells" if table else "cells"
    if field in mapping.places:
        return f"nullif(trim({own}[{mapping.places[field]}]), '')"
    if field in mapping.joined:
        return f"nullif(trim({'join_row.cells' if table else 'joined'}[{mapping.joined[field]}]), '')"
    return "null::varchar"


def _as_json(place: int) -> str:
    cell = f"nullif(trim(cells[{place}]), '')"
    is_list = f"starts_with({cell}, '[') and json_valid({cell})"
    return f"case when {is_list} then present({cell}::json) else to_json({cell}) end"


def _column(mapping: TableMapping, header: list[str], field: str) -> str | None:
    return header[mapping.places[field] - 1] if field in mapping.places else None


def _parameters(mapping: TableMapping, header: list[str], order: _Order, config: Config) -> dict[str, Any]:
    settings = mapping.settings
    return {
        "channel": "history" if mapping.kind == "history" else "crm",
        "time_zone": (settings.time_zone if settings else None) or config.time_zone,
        "day_first": order.day_first,
        "time_format": order.form,
        "changes_only": bool(settings and settings.changes_only),
        "any_id": settings is not None or mapping.kind == "history",
        "has_join": mapping.join_on is not None,
        "join_column": header[mapping.join_on - 1] if mapping.join_on else None,
        "lead_column": _column(mapping, header, "lead_id"),
        "upload_column": _column(mapping, header, "upload_time"),
        "created_column": _column(mapping, header, "created_time"),
        "day_column": _column(mapping, header, "day"),
        "leads_column": _column(mapping, header, "leads"),
        "call_column": _column(mapping, header, "call_time"),
        "status_column": _column(mapping, header, "http_status"),
        "success_column": _column(mapping, header, "is_success"),
        "has_payload": bool(mapping.payload_fields),
        "side": "meta" if mapping.kind == "attributions" else "mmp",
        "install_column": _column(mapping, header, "install_time"),
        "touch_column": next(
            (_column(mapping, header, name) for name in _INSTALL_TIMES[1:] if name in mapping.places), None
        ),
        "has_device_column": any(
            name in mapping.places or name in mapping.joined for name in ("advertising_id", "idfa")
        ),
    }


def _raw_time(store: Store, mapping: TableMapping) -> dict[str, Any]:
    """A payload's event_time is judged as it was sent; where the column holds dates only, the table wrote them."""
    fields = mapping.payload_fields
    if not fields or "event_time" not in mapping.places:
        return {"is_raw_time": False, "payload_fields": fields.replace("event_time ", "")}
    digits = store.value("select count(*) from flat_stage where regexp_full_match(event_time, '-?[0-9]+(\\.[0-9]+)?')")
    if digits or not store.value("select count(event_time) from flat_stage"):
        return {"is_raw_time": True, "payload_fields": fields}
    return {"is_raw_time": False, "payload_fields": fields.replace("event_time ", "")}


def _order(store: Store, mapping: TableMapping, header: list[str], name: str) -> _Order:
    """What 1/2/2026 means in this table; InputError where some values could be read both ways."""
    form = mapping.settings.time_format if mapping.settings else None
    if form is not None:
        return _Order(form == "day-first", None) if form in TIME_FORMATS else _Order(None, form)
    given = [field for field in TIMES if field in mapping.places or field in mapping.joined]
    columns = _ONLY_TIME.get(mapping.kind) or [field for field in given if field != "event_time"]
    selects = [f"select line, part, {field} as t from flat_row" for field in columns]
    if mapping.kind in ("events", "history"):
        selects.append("select line, part, flat_stage.event_time as t from flat_stage join flat_row using (record)")
    row = store.rows(
        f"""
        with written as (
            select
                line, t,
                regexp_extract(t, '^([0-9]{{1,2}})[./-]', 1)::int as first,
                regexp_extract(t, '^[0-9]{{1,2}}[./-]([0-9]{{1,2}})', 1)::int as second
            from ({" union all ".join(selects)})
            where regexp_full_match(t, '[0-9]{{1,2}}[./-][0-9]{{1,2}}[./-][0-9]{{4}}([T ,].*)?')
        )
        select
            count(*) as n,
            arg_min(t, line) filter (first > 12) as day_first,
            arg_min(t, line) filter (second > 12) as month_first,
            arg_min(t, line) filter (first <= 12 and second <= 12 and first <> second) as either,
            min(line) filter (first <= 12 and second <= 12 and first <> second) as line
        from written
        """
    )[0]
    if row["either"] is not None:
        raise InputError(f"{name}: {_two_readings(row)}")
    if row["day_first"] and row["month_first"]:
        raise InputError(
            f'{name}: "{row["day_first"]}" names the day first and "{row["month_first"]}" the month; '
            "split the file, or give time_format in a [source.NAME]"
        )
    return _Order(bool(row["day_first"]) if row["day_first"] or row["month_first"] else None, None)


def _two_readings(row: dict[str, Any]) -> str:
    first, second = (int(part) for part in row["either"].replace("/", "-").replace(".", "-").split("-")[:2])
    year = row["either"].replace("/", "-").replace(".", "-").split("-")[2][:4]
    known = row["day_first"] or row["month_first"]
    hint = f' ("{known}" names the {"day" if row["day_first"] else "month"} first)' if known else ""
    return (
        f'"{row["either"]}" on line {row["line"]} can be {year}-{second:02}-{first:02} (day first) or '
        f'{year}-{first:02}-{second:02} (month first){hint}; say which with time_format = "day-first" or '
        '"month-first" in a [source.NAME] of the configuration'
    )
