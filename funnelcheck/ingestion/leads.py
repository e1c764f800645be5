"""Lead lists: Graph reads, page-admin downloads and plain tables, as rows of `lead`."""

from __future__ import annotations

import re

from funnelcheck.errors import InputError
from funnelcheck.ingestion import records
from funnelcheck.ingestion.files import Plain, Source
from funnelcheck.store import Store

ALIASES = {
    "lead_id": ("lead_id", "leadgen_id", "meta_lead_id", "facebook_lead_id", "facebook lead id", "fb_lead_id", "id"),
    "created": ("created_time", "created_at", "lead_created", "created", "creation_time", "date_created"),
    "advertiser": ("advertiser_id", "advertiser", "account_id", "client_id", "tenant"),
    "form_id": ("form_id",),
    "page_id": ("page_id",),
    "campaign_id": ("campaign_id",),
    "is_organic": ("is_organic",),
}
_DELIMITERS = "\t;,|"
_QUOTED = re.compile('"[^"]*"')


def read_leads(store: Store, source: Source, plain: Plain) -> None:
    """Fill the temporary table `lead_row`, one row a lead of the file, every column still text."""
    if records.looks_like_json(plain.head):
        records.read_json(store, source, plain)
        store.run_file("ingest/lead_json.sql")
    else:
        _read_table(store, source, plain)


def is_lead_table(head: str) -> bool:
    """True when the first line names a lead id and a creation time, and no event."""
    line = head.lstrip("\n").split("\n", 1)[0]
    header = _names(line.split(_delimiter(head)))
    return {"lead_id", "created"} <= _columns(header).keys() and "event_name" not in header


def _read_table(store: Store, source: Source, plain: Plain) -> None:
    records.read_lines(store, plain)
    store.run_file("ingest/table.sql", {"delimiter": _delimiter(plain.head)})
    header = _names(store.value("select cells from table_row order by line limit 1") or [])
    columns = _columns(header)
    for field, what in (("lead_id", "lead's id"), ("created", "creation time")):
        if field not in columns:
            known = ", ".join(ALIASES[field])
            raise InputError(f"{source.name}: this lead list has no column for the {what} (known: {known})")
    places = {field: columns[field] + 1 if field in columns else None for field in ALIASES}
    store.run_file("ingest/lead_table.sql", places | {"width": len(header)})


def _delimiter(head: str) -> str:
    """The mark that stands most often in a table's first line, outside quotes."""
    line = _QUOTED.sub("", head.lstrip("\n")).split("\n", 1)[0]
    return max(_DELIMITERS, key=line.count)


def _names(cells: list[str]) -> list[str]:
    return [cell.strip(' \t\ufeff"').lower() for cell in cells]


def _columns(header: list[str]) -> dict[str, int]:
    """Which column holds which field, by the first alias that the header has."""
    found = {field: next((alias for alias in aliases if alias in header), None) for field, aliases in ALIASES.items()}
    return {field: header.index(alias) for field, alias in found.items() if alias is not None}
