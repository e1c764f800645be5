"""What the values of a file's columns look like, from its first rows: the ground that a proposed mapping stands on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from funnelcheck.errors import InputError
from funnelcheck.ingestion import mapping, records, tables
from funnelcheck.ingestion.files import Source
from funnelcheck.ingestion.plain import Plain
from funnelcheck.numbers import cut, visible
from funnelcheck.store import Store

MOST_ROWS = 10_000
_MOST_BYTES = 1 << 26
_MOST_COLUMNS = 500
_FEW = 60  # different values up to which they are looked at one by one
_EARLIEST, _LATEST = 1_000_000_000, 2_200_000_000  # 2001 to 2039: digits outside are no time
_LEAD_LIST_KEYS = {"field_data", "entry", "leadgen_id"}
_ENVELOPE = {"results", "data", "records", "items", "result", "_embedded", "value", "rows", "list", "response"}
# Forms of dates that a table may have and that are read only when a source says so; None of them is guessed at ingest.
STRPTIME = (
    "%d %b %Y", "%d %b %Y %H:%M", "%d %b %Y %H:%M:%S", "%d %B %Y", "%d %B %Y %H:%M", "%b %d, %Y", "%b %d, %Y %H:%M",
    "%b %d, %Y %I:%M %p", "%B %d, %Y", "%B %d, %Y %I:%M %p", "%d-%b-%Y", "%d-%b-%Y %H:%M", "%d-%b-%y", "%Y%m%d",
    "%Y%m%d%H%M%S", "%Y%m%d %H:%M:%S", "%Y%m%dT%H%M%S", "%d.%m.%y", "%d.%m.%y %H:%M", "%d/%m/%y", "%d/%m/%y %H:%M",
    "%m/%d/%y", "%m/%d/%y %H:%M", "%m/%d/%y %I:%M %p", "%a %b %d %H:%M:%S %Y", "%a, %d %b %Y %H:%M:%S",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """One column: how many of its values look like what. Counts are of values that are not empty."""

    place: int  # from 1
    name: str
    label: str  # what the name is judged by: of a path in JSON its end
    shown: str  # the name, fit to print
    can_be_named: bool  # in a [source.NAME], so that this very column is meant
    rows: int
    values: int = 0
    distinct: int = 0
    meta: int = 0  # 15 to 17 digits, with or without l:
    prefixed: int = 0  # with l:
    keys: Mapping[str, int] = field(default_factory=dict)  # other identifiers, by their form
    rounded: int = 0  # a spreadsheet's 1.23E+15
    outcomes: int = 0  # 100 to 599
    whole: int = 0  # digits alone
    people: int = 0  # e-mail addresses and phone numbers
    times: int = 0
    forms: Mapping[str, int] = field(default_factory=dict)  # of times
    day_only: int = 0  # 31/1/2026: only the day can come first
    month_only: int = 0
    either: int = 0  # 1/2/2026
    example: str | None = None  # a time
    unsure: str | None = None  # a time that can be read both ways
    naive: int = 0
    names: tuple[tuple[str, int], ...] = ()  # values and how often, where they are few
    strptime: tuple[str, ...] = ()  # formats that read every value, where nothing else does

    def share(self, n: int) -> float:
        """The share that n is of the values."""
        return n / self.values if self.values else 0.0

    @property
    def is_time(self) -> bool:
        return self.values > 0 and (self.share(self.times) >= 0.8 or bool(self.strptime))

    @property
    def is_meta(self) -> bool:
        return self.values > 0 and self.share(self.meta) >= 0.9

    @property
    def key_form(self) -> str | None:
        """The form of a CRM's own identifier that most values have."""
        form = max(self.keys, key=lambda name: self.keys[name], default=None)
        return form if form is not None and self.share(self.keys[form]) >= 0.9 else None


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a file, in the temporary table table_row, and what a reader must know about their form."""

    form: str  # in words
    header: tuple[str, ...]
    rows: int
    is_cut: bool
    is_json: bool = False
    records: str | None = None
    each: str | None = None
    payloads: str | None = None  # a log or a lead list that is read without a mapping: which
    items: tuple[dict[str, Any], ...] = ()  # of JSON: the records as they came


def take(store: Store, source: Source, content: Plain, workspace: Path) -> Sample:
    """Read the first rows of a table or of JSON into table_row; InputError for what is neither."""
    if content.container == "parquet":
        columns = tables.parquet_header(store, source, content)
        tables.read_parquet(store, source, content, columns)
        return _cut(store, "Parquet", [name for name, _ in columns])
    if content.container == "xlsx":
        header = tables.xlsx_header(source, content)
        others = tables.read_xlsx(store, source, content, workspace)
        more = f", its first sheet; {len(others)} more with rows are not looked at" if others else ""
        return _cut(store, f"Excel{more}", header)
    if content.is_blank:
        raise InputError(f"{source.name}: the file is empty")
    encoding = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16"}.get(content.encoding, content.encoding)
    if records.looks_like_json(content.head) or source.is_named(".jsonl", ".ndjson"):
        return _take_json(store, source, content, workspace)
    first = content.first_row()
    delimiter = tables.delimiter_of(first)
    header = tables.header_of(first, delimiter)
    path, is_cut = _first_lines(content, workspace)
    records.read_lines(store, path, content.longest_line, single=True)
    store.run_file("ingest/delimited.sql", {"delimiter": delimiter})
    words = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}
    form = f"text with {words[delimiter]}, {encoding}" if delimiter in first else f"text of one column, {encoding}"
    return _cut(store, form, header, is_cut=is_cut)


def _cut(store: Store, form: str, header: Sequence[str], *, is_cut: bool = False) -> Sample:
    store.execute(
        "create or replace temp table table_row as from table_row where cells is not null order by record limit $most",
        {"most": MOST_ROWS + 1},
    )
    rows = int(store.value("select count(*) from table_row"))
    if rows > MOST_ROWS:
        store.execute("delete from table_row where record = (select max(record) from table_row)")
    return Sample(form, tuple(header[:_MOST_COLUMNS]), min(rows, MOST_ROWS), is_cut or rows > MOST_ROWS)


def _first_lines(content: Plain, workspace: Path) -> tuple[str, bool]:
    """A file of the first lines of a text as DuckDB wants its name, and whether there are more."""
    target, written = workspace / "beginning", 0
    with content.path.open("rb") as file, target.open("wb") as out:
        for number, line in enumerate(file):
            if number > MOST_ROWS * 2 or written > _MOST_BYTES:
                return str(target), True
            out.write(line)
            written += len(line)
    return str(target), False


# --- JSON ---------------------------------------------------------------------------------------------------


def _take_json(store: Store, source: Source, content: Plain, workspace: Path) -> Sample:
    is_cut = False
    if records.is_lines(source, content):
        path, is_cut = _first_lines(content, workspace)
        records.read_lines(store, path, content.longest_line, single=True)
    else:
        records.read_document(store, source, content)
    records.number(store)
    rows = store.rows("select text from record_text order by record limit $most", {"most": MOST_ROWS})
    documents = [value for row in rows if isinstance(value := _parsed(row["text"]), dict)]
    if not documents:
        raise InputError(f"{source.name}: no record of this JSON is an object")
    payloads = _payloads(documents[0])
    path_of_records = None if payloads else _records_path(documents)
    items = list(islice(unfolded(documents, path_of_records), MOST_ROWS))
    each = None if payloads else _each_path(items)
    header, cells = _flat(items, each)
    _put(store, workspace, cells)
    sample = _cut(store, "JSON", header, is_cut=is_cut)
    return Sample(
        sample.form, sample.header, sample.rows, sample.is_cut, is_json=True, records=path_of_records, each=each,
        payloads=payloads, items=tuple(documents[:200]),
    )  # fmt: skip


def take_again(store: Store, sample: Sample, workspace: Path, records_path: str | None, each: str | None) -> Sample:
    """The same records of JSON, unfolded as a preset says."""
    items = list(unfolded(sample.items, records_path))
    header, cells = _flat(items, each)
    _put(store, workspace, cells)
    fresh = _cut(store, "JSON", header, is_cut=sample.is_cut)
    return Sample(
        fresh.form, fresh.header, fresh.rows, fresh.is_cut, is_json=True, records=records_path, each=each,
        items=sample.items,
    )  # fmt: skip


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _payloads(first: Mapping[str, Any]) -> str | None:
    """What ingest reads without a mapping: payloads of the Conversions API, leads as the Graph API gives them."""
    listed = first.get("data")
    inner = listed[0] if isinstance(listed, list) and listed else listed
    inside = set(inner) if isinstance(inner, dict) else set()
    if "request" in first or isinstance(first.get("event"), dict):
        return "a log of the Conversions API"
    if ("event_name" in first and {"user_data", "custom_data", "action_source"} & set(first)) or "event_name" in inside:
        return "a log of the Conversions API"
    if isinstance(listed, str) or (isinstance(listed, list) and listed and isinstance(listed[0], str)):
        return "a log of the Conversions API"
    if _LEAD_LIST_KEYS & (set(first) | inside):
        return "a lead list of the Graph API"
    return None


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path; None where nothing does."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal():
            value = value[int(part)] if int(part) < len(value) else None
        else:
            return None
    return value


def unfolded(documents: Iterable[dict[str, Any]], path: str | None) -> Iterator[dict[str, Any]]:
    """The items of a list in each document; a document without that list is a record itself."""
    for document in documents:
        found = at(document, path) if path else None
        if isinstance(found, list):
            yield from (item for item in found if isinstance(item, dict))
        else:
            yield document


def _records_path(documents: Sequence[dict[str, Any]]) -> str | None:
    """Where the records stand when a document is the answer of an API: {"results": [...], "paging": ...}."""
    first = documents[0]
    if any(mapping.folded(key) == "id" for key, value in first.items() if isinstance(value, str)):
        return None
    found = [
        (len(items), path) for path, items in _lists(first) if path.split(".")[0] in _ENVELOPE or len(documents) == 1
    ]
    return max(found)[1] if found else None


def _lists(value: Mapping[str, Any], above: str = "", depth: int = 3) -> Iterator[tuple[str, list[Any]]]:
    for key, inner in value.items():
        if not _is_plain_key(key):
            continue
        path = f"{above}{key}"
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            yield path, inner
        elif isinstance(inner, dict) and depth > 1:
            yield from _lists(inner, f"{path}.", depth - 1)


_HISTORY = re.compile(r"stage|status|lifecycle|histor|phase", re.IGNORECASE)


def _each_path(items: Sequence[dict[str, Any]]) -> str | None:
    """A list inside each record that holds the history of a stage: items with a time and something more."""
    counts: dict[str, int] = {}
    for item in items[:200]:
        for path, inner in _lists(item):
            leaves = [leaf for entry in inner for leaf in entry.values() if isinstance(leaf, str)]
            if _HISTORY.search(path) and sum(map(_looks_timed, leaves)) >= len(inner) and len(leaves) > len(inner):
                counts[path] = counts.get(path, 0) + len(inner)
    return max(counts, key=lambda path: (bool(re.search("stage|status", path, re.I)), counts[path])) if counts else None


def _looks_timed(text: str) -> bool:
    if re.fullmatch(r"[0-9]{10}|[0-9]{13}", text):
        return _EARLIEST <= int(text[:10]) <= _LATEST
    return bool(re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4}", text))


def _is_plain_key(key: str) -> bool:
    """Whether a key can be a part of a path."""
    return bool(key) and "." not in key and "*" not in key and not key.isdecimal() and key == key.strip()


def _flat(items: Sequence[dict[str, Any]], each: str | None) -> tuple[list[str], list[list[str | None]]]:
    """Paths of the leaves in the order in which they come up, and a row of cells for each record."""
    rows: list[dict[str, str | None]] = []
    for item in items:
        outer = dict(_leaves(item, "", each))
        entries = at(item, each) if each else None
        if isinstance(entries, list) and entries:
            rows.extend(outer | dict(_leaves(entry, f"{each}.", None)) for entry in entries if isinstance(entry, dict))
        else:
            rows.append(outer)
        if len(rows) > MOST_ROWS:
            break
    names = list(dict.fromkeys(name for row in rows for name in row))[:_MOST_COLUMNS]
    return names, [[row.get(name) for name in names] for row in rows]


def _leaves(value: Mapping[str, Any], above: str, each: str | None) -> Iterator[tuple[str, str | None]]:
    for key, inner in value.items():
        path = f"{above}{key}"
        if path == each or not (_is_plain_key(key) or (not above and key and not isinstance(inner, (dict, list)))):
            continue
        if isinstance(inner, dict):
            yield from _leaves(inner, f"{path}.", each)
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            yield from _leaves(inner[0], f"{path}.0.", each)
        elif isinstance(inner, list):
            yield path, json.dumps(inner) if inner else None
        else:
            yield (
                path,
                {True: "true", False: "false", None: None}.get(inner, inner) if not isinstance(inner, str) else inner,
            )


def _put(store: Store, workspace: Path, cells: Iterable[list[str | None]]) -> None:
    """Rows of cells as table_row."""
    target, longest = workspace / "cells", 1 << 16
    with target.open("w", encoding="utf-8") as out:
        for row in cells:
            line = json.dumps(row).replace("\\u0000", "")
            longest = max(longest, len(line))
            out.write(line + "\n")
    records.read_lines(store, str(target), longest, single=True)
    store.execute(
        """
        create or replace temp table table_row as
        select place as record, part, line, try(from_json(text, '["VARCHAR"]')) as cells, null::varchar as broken_text
        from placed_line
        """
    )


# --- columns ------------------------------------------------------------------------------------------------


def look(store: Store, sample: Sample, kept: tuple[int, str] | None = None) -> list[Facts]:
    """What each column holds; `kept`: only in the rows that have this value at this place."""
    where = "coalesce(trim(cells[$place]), '') = $value" if kept else "true"
    at_place = {"place": kept[0], "value": kept[1]} if kept else {}
    store.execute(
        f"""
        create or replace temp table seen as
        with cell as (
            select generate_subscripts(cells, 1) as place, trim(unnest(cells)) as v from table_row where {where}
        )
        select place, v, count(*) as n from cell where v <> '' and place <= $width group by all
        """,
        at_place | {"width": len(sample.header)},
    )
    rows = int(store.value(f"select count(*) from table_row where {where}", at_place))
    found = {row["place"]: row for row in store.rows(_LOOK, {"earliest": _EARLIEST, "latest": _LATEST})}
    names = _few(store)
    shown = _shown(store, sample.header)
    return [
        _facts(store, place, name, shown[place - 1], sample, rows, found.get(place), names.get(place, ()))
        for place, name in enumerate(sample.header, 1)
    ]


_KEYS = {
    "hexadecimal keys of 32 digits": "[0-9a-fA-F]{32}",
    "hexadecimal keys of 40 digits": "[0-9a-fA-F]{40}",
    "SHA-256 digests": "[0-9a-fA-F]{64}",
    "UUIDs": "[{]?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}[}]?",
    "Salesforce ids": "(00Q|003|006|001|500|a0[0-9A-Za-z])[0-9A-Za-z]{12}([0-9A-Za-z]{3})?",
    "whole numbers": "[1-9][0-9]{0,13}|[1-9][0-9]{17,}",
    "keys of letters and digits": "[A-Za-z_-]*([A-Za-z][A-Za-z_-]*[0-9]|[0-9]+[A-Za-z_-]*[A-Za-z])[A-Za-z0-9_-]*",
}
_COUNTS = ", ".join(
    f"coalesce(sum(n) filter (regexp_full_match(v, '{pattern}')), 0)::bigint as key_{i}"
    for i, pattern in enumerate(_KEYS.values())
)
_LOOK = f"""
    with timed as (
        select
            place, v, n,
            coalesce(table_time(v, 'UTC', true, null), table_time(v, 'UTC', false, null)) as t,
            regexp_full_match(v, '[0-9.]+') as is_digits,
            regexp_full_match(v, '[0-9]{{1,2}}[./-][0-9]{{1,2}}[./-][0-9]{{4}}([T ,].*)?') as is_written,
            try_cast(regexp_extract(v, '^([0-9]{{1,2}})[./-]', 1) as int) as first,
            try_cast(regexp_extract(v, '^[0-9]{{1,2}}[./-]([0-9]{{1,2}})', 1) as int) as second
        from seen
    ), judged as (
        select
            *,
            t is not null and (not is_digits or (t between $earliest and $latest)) as is_time,
            is_written and first <= 12 and second <= 12 and first <> second as is_either,
            case
                when is_written then 'day, month and year'
                when is_digits and regexp_full_match(v, '[2-7][0-9]{{4}}(\\.[0-9]+)?') then 'days of a spreadsheet'
                when is_digits and regexp_full_match(v, '[0-9]{{12,14}}(\\.[0-9]*)?') then 'Unix milliseconds'
                when is_digits then 'Unix seconds'
                when is_naive(v) then 'year, month and day without a zone'
                else 'year, month and day with a zone'
            end as form
        from timed
    )
    select
        place,
        sum(n)::bigint as n,
        count(*) as distinct_values,
        coalesce(sum(n) filter (regexp_full_match(v, '(l:)?[0-9]{{15,17}}')), 0)::bigint as meta,
        coalesce(sum(n) filter (regexp_full_match(v, 'l:[0-9]{{15,17}}')), 0)::bigint as prefixed,
        coalesce(sum(n) filter (regexp_full_match(v, '[0-9]([.,][0-9]*)?[eE]\\+?[0-9]{{1,2}}')), 0)::bigint as rounded,
        coalesce(sum(n) filter (regexp_full_match(v, '[1-5][0-9]{{2}}')), 0)::bigint as outcomes,
        coalesce(sum(n) filter (regexp_full_match(v, '-?[0-9]+')), 0)::bigint as whole,
        coalesce(sum(n) filter (
            regexp_matches(v, '[^ @]+@[^ @]+\\.[^ @]+') or regexp_full_match(v, '(p:)?\\+[0-9][0-9 ()./-]{{6,}}')
        ), 0)::bigint as people,
        coalesce(sum(n) filter (is_time), 0)::bigint as times,
        coalesce(sum(n) filter (is_time and is_naive(v)), 0)::bigint as naive,
        coalesce(sum(n) filter (is_written and first > 12 and second <= 12), 0)::bigint as day_only,
        coalesce(sum(n) filter (is_written and second > 12 and first <= 12), 0)::bigint as month_only,
        coalesce(sum(n) filter (is_either), 0)::bigint as either,
        min(v) filter (is_time) as example,
        min(v) filter (is_either) as unsure,
        max(length(v)) as longest,
        max(v) as last,
        coalesce(sum(n) filter (
            regexp_matches(v, '(^|[^0-9])[0-9]{{1,2}}[^0-9].*[0-9]{{2}}') or regexp_matches(v, '^[0-9]{{8}}[T ][0-9]')
        ), 0)::bigint as dated,
        histogram(form) filter (is_time) as forms,
        {_COUNTS}
    from judged
    group by place
"""


def _facts(
    store: Store,
    place: int,
    name: str,
    shown: str,
    sample: Sample,
    rows: int,
    row: dict[str, Any] | None,
    names: tuple[tuple[str, int], ...],
) -> Facts:
    can_be_named = _can_be_named(name, place, sample)
    label = _end_of(name) if sample.is_json else name
    if row is None:
        return Facts(place, name, label, shown, can_be_named, rows)
    may_be_strange = row["times"] * 5 < row["n"] * 4 and row["longest"] <= 40 and row["dated"] == row["n"]
    forms = _strptime(store, place) if may_be_strange or _is_compact(row, label) else ()
    return Facts(
        place, name, label, shown, can_be_named, rows,
        values=row["n"], distinct=row["distinct_values"], meta=row["meta"], prefixed=row["prefixed"],
        keys={form: row[f"key_{i}"] for i, form in enumerate(_KEYS) if row[f"key_{i}"]},
        rounded=row["rounded"], outcomes=row["outcomes"], whole=row["whole"], people=row["people"],
        times=row["times"], forms=dict(row["forms"] or {}), day_only=row["day_only"], month_only=row["month_only"],
        either=row["either"], example=_fit(row["last"] if forms else row["example"]),
        unsure=_fit(row["unsure"]), naive=row["naive"], names=names,
        strptime=forms,
    )  # fmt: skip


def _end_of(path: str) -> str:
    """What a path is called by: its last key, with the one before where that says little: lead.id -> lead_id."""
    parts = [part for part in path.split(".") if part and not part.isdecimal()] or [path]
    return "_".join(parts[-2:]) if parts[-1].casefold() in ("id", "value", "name") else parts[-1]


def _is_compact(row: Mapping[str, Any], name: str) -> bool:
    """Dates written 20260131, in a column that is called a date."""
    is_dated = bool({"date", "time", "day", "at", "on", "datum"} & set(words(name)))
    return is_dated and row["whole"] == row["n"] and row["times"] == 0 and row["longest"] in (8, 14)


def _fit(text: str | None) -> str | None:
    return cut(visible(text), 40) if text is not None else None


def _can_be_named(name: str, place: int, sample: Sample) -> bool:
    """A configuration is UTF-8, strips its texts, and means the first of two columns of one name."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return bool(name.strip()) and mapping.place_of(name.strip(), sample.header) == place


def _few(store: Store) -> dict[int, tuple[tuple[str, int], ...]]:
    """The values of columns that have few, without what belongs to a person."""
    rows = store.rows(
        """
        with few as (select place from seen group by place having count(*) <= $few)
        select place, regexp_replace(left(without_secrets(v), 60), '[0-9][0-9 ()/-]{6,}[0-9]', '(number)', 'g') as v, n
        from seen
        join few using (place)
        order by place, n desc, v
        """,
        {"few": _FEW},
    )
    found: dict[int, tuple[tuple[str, int], ...]] = {}
    for row in rows:
        found[row["place"]] = (*found.get(row["place"], ()), (cut(visible(row["v"]), 40), row["n"]))
    return found


def _shown(store: Store, header: Sequence[str]) -> list[str]:
    """Names of columns as they are printed: a file without a header has people in its first row."""
    store.put_rows("heading", "place bigint, name varchar", [(i, _encodable(name)) for i, name in enumerate(header)])
    rows = store.rows("select without_secrets(name) as name from heading order by place")
    return [cut(visible(row["name"]), 60) or "(no name)" for row in rows]


def _encodable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _strptime(store: Store, place: int) -> tuple[str, ...]:
    """The formats that read every value of a column, and differ in what they make of one."""
    tried = ", ".join(f"list(try_strptime(v, '{form}')) as f{i}" for i, form in enumerate(STRPTIME))
    row = store.rows(f"select {tried} from (from seen where place = $place order by v limit 2000)", {"place": place})[0]
    found: dict[str, list[Any]] = {}
    for i, form in enumerate(STRPTIME):
        times = row[f"f{i}"]
        if times and None not in times and all(2000 <= t.year < 2040 for t in times) and times not in found.values():
            found[form] = times
    return tuple(found)


def words(name: str) -> list[str]:
    """The words of a column's name in lower case: "LastModifiedDate" -> last, modified, date."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return [word.casefold() for word in re.split(r"[\W_]+", spaced) if word]
